//! Ends in the middle: a kill at every moment, Ctrl-C, an engine that restarts, somebody else at the same time.

use std::thread::sleep;
use std::time::Duration;

use crate::bed::Bed;
use crate::project::Project;
use crate::{Row, old, row};

pub const ROWS: &[Row] = &[
    row(
        "killed after each step, then rolled back",
        killed_then_rolled_back,
    ),
    row(
        "killed while containers start, then deployed",
        killed_then_deployed,
    ),
    row(
        "killed during a switch, then rolled back",
        switch_then_rolled_back,
    ),
    row(
        "killed during a switch, then switched",
        switch_then_switched,
    ),
    row(
        "killed while the other mode is cleared away",
        killed_while_clearing,
    ),
    row("killed while it is taken down", killed_while_down),
    old("Ctrl-C", interrupted),
    old("engine restarted in the middle", engine_restarted),
    row("two deployments at once", two_at_once),
];

/// What is on the screen when the run is killed.
const MOMENTS: &[&str] = &[
    "env ",
    "preflight",
    "plan ",
    "setup",
    "snapshot",
    "  up  ",
    "web is starting",
    "everything is there",
    "verify",
];

/// Those at which containers are touched for sure.
const LATE: &[&str] = &["  up  ", "web is starting", "everything is there", "verify"];

fn killed_then_rolled_back(bed: &mut Bed) {
    let project = Project::deployed(bed);
    project.change("web:1", "web:2");
    for moment in MOMENTS {
        let under = project.deploy_until(moment);
        under.signal("-9");
        let said = under.end();
        assert_eq!(said.code, None, "{moment}: {said:?}");
        let told = project.run(&["status", "test"]);
        let rolled = project.run(&["rollback", "test", "--yes", "--settle", "1s"]);
        if LATE.contains(moment) {
            told.expect(
                1,
                &[
                    "the deployment of release ",
                    " was interrupted, while ",
                    "`composegen rollback test` undoes it",
                ],
            );
            rolled.expect(0, &[" was interrupted, while ", "release 1 of `test` runs"]);
        }
        project.expect(bed, "demo-test", "1");
    }
}

fn killed_then_deployed(bed: &mut Bed) {
    let project = Project::deployed(bed);
    project.change("web:1", "web:2");
    let under = project.deploy_until("web is starting");
    under.signal("-9");
    under.end();
    // A deployment that ends before it touches a container forgets nothing of that.
    let (plain, mounts) = (
        "    image: standin/web:2\n",
        "    image: standin/web:2\n    volumes: [\"./blocked/{{ mode.name }}:/data\"]\n",
    );
    project.write("blocked", "");
    project.change(plain, mounts);
    project.deploy(&[]).expect(
        2,
        &["blocked/test` cannot be made", "no container was touched"],
    );
    project
        .run(&["status", "test"])
        .expect(1, &["release 2 was interrupted, while containers started"]);
    project.change(mounts, plain);
    project
        .deploy(&[])
        .expect(0, &["release 2 was interrupted", "release 4 runs"]);
    project.expect(bed, "demo-test", "2");
    project.change("web:2", "web:unhealthy");
    project.deploy(&[]).expect(1, &["`web` is unhealthy"]);
    project.expect(bed, "demo-test", "2");
}

/// What is on the screen when a switch is killed.
const SWITCH_MOMENTS: &[&str] = &[
    "snapshot",
    "the mode test: 3 containers stopped",
    "web is starting",
    "everything is there",
];

const SWITCH: &[&str] = &["switch", "prod", "--yes", "--settle", "1s"];

fn killed_switch(project: &Project, moment: &str) {
    let under = project.until(SWITCH, moment);
    under.signal("-9");
    let said = under.end();
    assert_eq!(said.code, None, "{moment}: {said:?}");
}

fn switch_then_rolled_back(bed: &mut Bed) {
    let project = Project::deployed(bed);
    for moment in SWITCH_MOMENTS {
        killed_switch(&project, moment);
        let told = project.run(&["status", "prod"]);
        let rolled = project.run(&["rollback", "prod", "--yes", "--settle", "1s"]);
        // Right behind `snapshot` nothing is touched yet, or the other mode is being stopped.
        if *moment != "snapshot" || rolled.code == Some(0) {
            told.expect(
                1,
                &[
                    "was interrupted, while ",
                    "`composegen rollback prod` undoes it",
                ],
            );
            rolled.expect(0, &["nothing of `prod` runs, and its volumes are kept"]);
        }
        project.expect_nothing(bed, "demo-prod");
        project.expect(bed, "demo-test", "1");
        project.run(&["status"]).expect(0, &["release 1 of"]);
    }
}

fn switch_then_switched(bed: &mut Bed) {
    let project = Project::deployed(bed);
    killed_switch(&project, "the mode test: 3 containers stopped");
    project
        .run(SWITCH)
        .expect(0, &["was interrupted, while ", "done"]);
    project.expect(bed, "demo-prod", "1");
    project.expect_nothing(bed, "demo-test");
    // On the way back, killed with both modes half there; the switch to where it came from.
    let under = project.until(&["switch", "test", "--yes"], "api is starting");
    under.signal("-9");
    under.end();
    project.run(SWITCH).expect(0, &["done"]);
    project.expect(bed, "demo-prod", "1");
    project.expect_nothing(bed, "demo-test");
    project
        .run(&["status"])
        .expect(0, &["test (project demo-test): nothing runs"]);
}

fn killed_while_clearing(bed: &mut Bed) {
    let project = Project::deployed(bed);
    let under = project.until(SWITCH, "health is watched for");
    while project.state("demo-prod/current.json").is_none() {
        sleep(Duration::from_millis(5));
    }
    under.signal("-9");
    under.end();
    project.run(&["status", "prod"]).expect(
        1,
        &["release 1 runs and is good, which the next command writes down"],
    );
    project.expect(bed, "demo-prod", "1");
    let said = project.run(&["rollback", "prod", "--yes"]);
    said.expect(
        2,
        &[
            "release 1 was up and good; that is written down now",
            "`prod` has no earlier release",
        ],
    );
    project.run(&["status"]).expect(0, &["release 1 of"]);
    project.expect(bed, "demo-prod", "1");
    project.expect_nothing(bed, "demo-test");
}

fn killed_while_down(bed: &mut Bed) {
    let project = Project::deployed(bed);
    let kill = || {
        let under = project.until(&["down", "test"], "down test");
        while bed.containers("demo-test").len() == 4 {
            sleep(Duration::from_millis(20));
        }
        under.signal("-9");
        under.end();
    };
    kill();
    project.run(&["status", "test"]).expect(
        1,
        &[
            "taking the mode down was interrupted, while containers were taken down",
            "`composegen down test` finishes it, `composegen rollback test` undoes it",
        ],
    );
    project
        .run(&["rollback", "test", "--yes", "--settle", "1s"])
        .expect(0, &["release 1 of `test` runs"]);
    project.expect(bed, "demo-test", "1");
    kill();
    project.run(&["down", "test"]).expect(
        0,
        &["taking the mode down was interrupted", "`test` is down"],
    );
    project.expect_nothing(bed, "demo-test");
    project
        .run(&["status", "test"])
        .expect(0, &["nothing runs"]);
    assert!(bed.volumes().contains(&"demo-test_db_data".to_owned()));
    project.deploy(&[]).expect(0, &["release 2 runs"]);
    kill();
    project
        .deploy(&[])
        .expect(0, &["was interrupted", "release 3 runs"]);
    project.expect(bed, "demo-test", "1");
}

fn interrupted(bed: &mut Bed) {
    let project = Project::deployed(bed);
    project.change("web:1", "web:slow");
    let under = project.deploy_until("web is starting");
    under.signal("-INT");
    under
        .end()
        .expect(1, &["it was interrupted", "release 1 runs again"]);
    project.expect(bed, "demo-test", "1");
}

fn engine_restarted(bed: &mut Bed) {
    let project = Project::deployed(bed);
    project.change("web:1", "web:slow");
    let under = project.deploy_until("web is starting");
    bed.restart();
    under.end().expect(1, &["release 1 runs again"]);
    project.expect(bed, "demo-test", "1");
}

fn two_at_once(bed: &mut Bed) {
    let project = Project::deployed(bed);
    project.change("web:1", "web:2");
    // The first one settles for as long as the others need to come by.
    let first = project.deploy_with_until(&["--settle", "8s"], "web is starting");
    let owner = format!("process {}", first.child.id());
    project.deploy(&[]).expect(
        2,
        &[
            "`demo-test` is being worked on: `composegen deploy test`",
            &owner,
            "nothing was changed",
        ],
    );
    project
        .run(&["status", "test"])
        .expect(0, &["is being worked on"]);
    first.end().expect(0, &["release 2 runs"]);
    project.expect(bed, "demo-test", "2");
}

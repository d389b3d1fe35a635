//! What the commands do where nothing goes wrong.

use std::fs;
use std::time::Instant;

use crate::bed::Bed;
use crate::project::Project;
use crate::{Row, old, row};

pub const ROWS: &[Row] = &[
    row("first deployment", first_deployment),
    old("dry run", dry_run),
    row("nothing asked, nothing done", not_asked),
    row("down", down),
    row("switch, and back", switch),
    row("switch that fails", switch_that_fails),
    row("rollback and releases", rollback),
    row("a service that left the file", left_the_file),
    row("what runs against the plan", live),
    row("overhead", overhead),
];

fn first_deployment(bed: &mut Bed) {
    let project = Project::new(bed);
    let said = project.deploy(&["--format", "json"]);
    said.expect(
        0,
        &[
            "deploy test: class test, project demo-test, host box",
            "4 created",
            "limits, mode and images are as planned",
            "\"outcome\": \"deployed\"",
        ],
    );
    let seen = project.expect(bed, "demo-test", "1");
    for (service, memory, cpus) in [
        ("db", 64 << 20, 200_000_000),
        ("seed", 32 << 20, 100_000_000),
    ] {
        let format = "{{.HostConfig.Memory}} {{.HostConfig.NanoCpus}}";
        assert_eq!(
            bed.ask(&["inspect", "--format", format, &seen[service].id]),
            format!("{memory} {cpus}")
        );
    }
    project.run(&["status"]).expect(
        0,
        &[
            "release 1 of",
            "healthy",
            "seed  has run",
            " of 64 MiB",
            "prod (project demo-prod): nothing runs",
        ],
    );
    project
        .run(&["status", "test", "--format", "json"])
        .expect(0, &["\"memory_limit\": 67108864"]);
    project
        .deploy(&[])
        .expect(0, &["1 run again, 3 unchanged", "release 2 runs"]);
    let again = project.expect(bed, "demo-test", "1");
    assert_eq!(
        seen["web"].id, again["web"].id,
        "what did not change is left alone"
    );
}

fn dry_run(bed: &mut Bed) {
    let project = Project::deployed(bed);
    let look = || {
        // Images of the same second come in any order.
        let of = |words: &[&str]| {
            let said = bed.ask(words);
            let mut lines: Vec<String> = said.lines().map(str::to_owned).collect();
            lines.sort();
            lines
        };
        let state = std::process::Command::new("find")
            .arg(project.path("state"))
            .args(["-printf", "%p %T@ %s\\n"])
            .output()
            .unwrap();
        (
            of(&["ps", "--all", "--quiet"]),
            bed.containers("demo-test"),
            of(&[
                "image",
                "ls",
                "--all",
                "--format",
                "{{.Repository}} {{.Tag}} {{.ID}}",
            ]),
            bed.volumes(),
            of(&["network", "ls", "--quiet"]),
            state.stdout,
        )
    };
    project.change("web:1", "web:2");
    let before = look();
    let since = bed.ask(&["info", "--format", "{{.SystemTime}}"]);
    project.deploy(&["--dry-run"]).expect(
        0,
        &[
            "recreate  web: another image",
            "nothing was changed: --dry-run",
        ],
    );
    let until = bed.ask(&["info", "--format", "{{.SystemTime}}"]);
    assert_eq!(before, look());
    let events = bed.ask(&[
        "events",
        "--since",
        &since,
        "--until",
        &until,
        "--format",
        "{{.Type}} {{.Action}}",
    ]);
    let own: Vec<&str> = events
        .lines()
        .filter(|event| !event.contains("exec_") && !event.contains("health_status"))
        .collect();
    assert_eq!(own, [""; 0], "the engine tells of changes");
}

fn not_asked(bed: &mut Bed) {
    let project = Project::new(bed);
    project.run(&["deploy", "test"]).expect(
        2,
        &["nobody can be asked: standard input is no terminal; nothing was changed"],
    );
    project.expect_nothing(bed, "demo-test");
    let text = fs::read_to_string(project.path("catalog/catalog.yaml")).unwrap();
    project.write("catalog/catalog.yaml", &text.replace("web:1", "web:2"));
    project
        .deploy(&[])
        .expect(1, &["is not what the catalog gives; nothing was changed"]);
    project.deploy(&["--build"]).expect(
        0,
        &["built generated/docker-compose.test.yml", "release 1 runs"],
    );
    project.expect(bed, "demo-test", "2");
}

fn down(bed: &mut Bed) {
    let project = Project::deployed(bed);
    bed.ask(&[
        "run",
        "--detach",
        "--name",
        "bystander",
        "--network",
        "none",
        "standin/web:1",
    ]);
    bed.ask(&["volume", "create", "bystander_data"]);
    project
        .run(&["down", "prod"])
        .expect(0, &["nothing of `prod` was there"]);
    project.expect(bed, "demo-test", "1");
    project.run(&["down", "test"]).expect(
        0,
        &["`test` is down: 4 containers removed; its volumes are kept"],
    );
    project.expect_nothing(bed, "demo-test");
    assert_eq!(bed.volumes(), ["bystander_data", "demo-test_db_data"]);
    project
        .run(&["down", "test", "--remove-volumes"])
        .expect(2, &["nobody can be asked"]);
    project
        .run(&["down", "test", "--remove-volumes", "--yes"])
        .expect(0, &["removed with all data: `demo-test_db_data`"]);
    assert_eq!(bed.volumes(), ["bystander_data"]);
    assert_eq!(bed.ask(&["ps", "--format", "{{.Names}}"]), "bystander");
}

fn switch(bed: &mut Bed) {
    let project = Project::deployed(bed);
    let switch = |mode: &str| project.run(&["switch", mode, "--yes", "--settle", "1s"]);
    switch("prod").expect(
        0,
        &["stop      the mode `test`: 3 containers", "release 1 runs"],
    );
    project.expect(bed, "demo-prod", "1");
    project.expect_nothing(bed, "demo-test");
    switch("test").expect(0, &["stop      the mode `prod`", "release 2 runs"]);
    project.expect(bed, "demo-test", "1");
    project.expect_nothing(bed, "demo-prod");
    project.run(&["rollback", "prod", "1", "--yes"]).expect(
        2,
        &["the mode `test` runs, 3 containers, and this host is not for both at once"],
    );
    project.expect_nothing(bed, "demo-prod");
    assert_eq!(bed.volumes(), ["demo-prod_db_data", "demo-test_db_data"]);
}

fn switch_that_fails(bed: &mut Bed) {
    let project = Project::deployed(bed);
    let before = project.expect(bed, "demo-test", "1");
    project.change("web:1", "web:unhealthy");
    let under = project.until(
        &["switch", "prod", "--yes", "--settle", "1s"],
        "web is starting",
    );
    // Both modes are its own meanwhile.
    project.deploy(&[]).expect(
        2,
        &["`demo-test` is being worked on: `composegen switch prod`"],
    );
    under.end().expect(
        1,
        &[
            "`web` is unhealthy; nothing of `prod` runs now, and its volumes are kept; the mode `test` runs again, release 1",
        ],
    );
    project.expect_nothing(bed, "demo-prod");
    let after = project.expect(bed, "demo-test", "1");
    assert_eq!(before["db"].id, after["db"].id);
}

fn rollback(bed: &mut Bed) {
    let project = Project::deployed(bed);
    project
        .run(&["rollback", "test", "--yes"])
        .expect(2, &["`test` has no earlier release"]);
    project.change("web:1", "web:2");
    project.deploy(&[]).expect(0, &["release 2 runs"]);
    project
        .run(&["rollback", "test", "--yes", "--settle", "1s"])
        .expect(0, &["release 1 of `test` runs"]);
    project.expect(bed, "demo-test", "1");
    project
        .run(&["releases", "test"])
        .expect(0, &["   2  ", "4 services on box  runs"]);
    project
        .run(&["rollback", "test", "2", "--yes", "--settle", "1s"])
        .expect(0, &["release 2 of `test` runs"]);
    project.expect(bed, "demo-test", "2");
    project
        .run(&["rollback", "test", "9", "--yes"])
        .expect(2, &["has no release 9 that can be gone back to"]);
    for number in 3..=7 {
        project
            .deploy(&[])
            .expect(0, &[&format!("release {number} runs")]);
    }
    let said = project.run(&["releases", "test"]);
    assert_eq!(said.out.lines().count(), 5, "{said:?}");
}

fn left_the_file(bed: &mut Bed) {
    let project = Project::deployed(bed);
    let text = fs::read_to_string(project.path("catalog/catalog.yaml")).unwrap();
    let (rest, _) = text.split_once("  web:\n").unwrap();
    project.write("catalog/catalog.yaml", rest);
    project.deploy(&["--build"]).expect(
        0,
        &["remove    web: no longer in the file", "release 2 runs"],
    );
    assert!(!bed.containers("demo-test").contains_key("web"));
    project
        .run(&["rollback", "test", "--yes", "--settle", "1s"])
        .expect(0, &["release 1 of `test` runs"]);
    project.expect(bed, "demo-test", "1");
}

fn live(bed: &mut Bed) {
    let project = Project::new(bed);
    let live = || project.run(&["diff", "--live", "test"]);
    live().expect(
        1,
        &[
            "web: has no container",
            "4 differences between what runs and the plan",
        ],
    );
    project.deploy(&[]).expect(0, &[]);
    live().expect(0, &["no difference: 4 services as planned"]);
    let web = &bed.containers("demo-test")["web"].id;
    bed.ask(&["update", "--memory", "128m", "--memory-swap", "128m", web]);
    bed.ask(&["network", "create", "elsewhere"]);
    bed.ask(&["network", "connect", "elsewhere", web]);
    project.write(".env.test", "API_KEY=a-new-value-that-nobody-may-see\n");
    let said = live();
    said.expect(
        1,
        &[
            "web: may use 128 MiB memory, not 64 MiB as planned",
            "web: networks: demo-test_default and elsewhere, planned demo-test_default",
            "api: environment: API_KEY has another value",
            "3 differences",
        ],
    );
    assert!(!said.out.contains("nobody-may-see") && !said.err.contains("nobody-may-see"));
    assert_eq!(
        bed.containers("demo-test")["web"].id,
        *web,
        "nothing was changed"
    );
}

/// The median of five alternated runs against a plain `docker compose up --detach --wait` of the same files. It is
/// printed, and fails nobody: other work on the machine is in the numbers.
fn overhead(bed: &mut Bed) {
    let project = Project::new(bed);
    let plain = || {
        let file = project
            .path("generated/docker-compose.test.yml")
            .display()
            .to_string();
        let env = |name: &str| project.path(name).display().to_string();
        let (generated, own) = (env("generated/env.test"), env(".env.test"));
        bed.ask(&[
            "compose",
            "--env-file",
            &generated,
            "--env-file",
            &own,
            "-f",
            &file,
            "up",
            "--detach",
            "--wait",
        ]);
    };
    let ours = || {
        project
            .run(&["deploy", "test", "--yes", "--settle", "0s"])
            .expect(0, &["release"])
    };
    let timed = |work: &dyn Fn()| {
        let start = Instant::now();
        work();
        let took = start.elapsed().as_millis();
        bed.clear();
        took
    };
    let mut times = [Vec::new(), Vec::new()];
    println!("        plain up   deploy");
    for _ in 0..5 {
        let (plain, ours) = (timed(&plain), timed(&ours));
        println!("        {plain:>5} ms  {ours:>5} ms");
        times[0].push(plain);
        times[1].push(ours);
    }
    let [plain, ours] = times.map(|mut times| {
        times.sort_unstable();
        times[2]
    });
    let aim = plain * 11 / 10 + 1000;
    let reached = if ours <= aim {
        "reached"
    } else {
        "not reached"
    };
    println!(
        "        medians of five: plain up {plain} ms, deploy {ours} ms; the aim of {aim} ms is {reached}"
    );
}

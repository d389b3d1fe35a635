//! The fault table: what goes wrong, what is said, and what runs then. docs/deploy.md tells the same for people.

use std::net::TcpListener;

use crate::bed::Bed;
use crate::project::Project;
use crate::{Row, old, row};

pub const ROWS: &[Row] = &[
    old("unhealthy new version", unhealthy_new_version),
    row("unhealthy first version", unhealthy_first_version),
    old("unhealthy after it had been up", unhealthy_later),
    old("image missing", image_missing),
    old("process that exits at once", exits_at_once),
    old("job that fails", job_that_fails),
    row("port taken by another process", port_taken),
    old("wrong env file", wrong_env_file),
    old("too little memory", too_little_memory),
    old("other mode running", other_mode_running),
    row("image tag moved since the last release", tag_moved),
    row("container changed by hand", changed_by_hand),
    old("container removed by hand", removed_by_hand),
    old("a secret in a log", secret_in_a_log),
];

fn unhealthy_new_version(bed: &mut Bed) {
    let project = Project::deployed(bed);
    let before = project.expect(bed, "demo-test", "1");
    project.change("web:1", "web:unhealthy");
    project.deploy(&[]).expect(
        1,
        &[
            "recreate  web: another image",
            "`web` is unhealthy",
            "release 2 of `test` was not deployed: `web` is unhealthy; release 1 runs again",
        ],
    );
    let after = project.expect(bed, "demo-test", "1");
    assert_eq!(
        before["db"].id, after["db"].id,
        "what was not concerned is left alone"
    );
    project
        .run(&["status", "test"])
        .expect(0, &["release 1 of"]);
}

fn unhealthy_first_version(bed: &mut Bed) {
    let project = Project::new(bed);
    project.change("web:1", "web:unhealthy");
    project.deploy(&[]).expect(1, &["release 1 of `test` was not deployed: `web` is unhealthy; nothing of `test` runs now, and its volumes are kept"]);
    project.expect_nothing(bed, "demo-test");
    assert!(bed.volumes().contains(&"demo-test_db_data".to_owned()));
    project
        .run(&["status", "test"])
        .expect(0, &["nothing runs"]);
}

fn unhealthy_later(bed: &mut Bed) {
    let project = Project::deployed(bed);
    project.change("web:1", "web:sick");
    let said = project.run(&["deploy", "test", "--yes", "--settle", "10s"]);
    said.expect(
        1,
        &[
            "`web` is unhealthy, after it had been up",
            "release 1 runs again",
        ],
    );
    project.expect(bed, "demo-test", "1");
}

fn image_missing(bed: &mut Bed) {
    let project = Project::deployed(bed);
    let before = project.expect(bed, "demo-test", "1");
    project.change("web:1", "nowhere:1");
    project.deploy(&[]).expect(
        1,
        &[
            "the image `standin/nowhere:1` of `web` cannot be had: ",
            "nothing was changed",
        ],
    );
    assert_eq!(before, project.expect(bed, "demo-test", "1"));
}

fn exits_at_once(bed: &mut Bed) {
    let project = Project::deployed(bed);
    project.change("web:1", "web:exits");
    project.deploy(&[]).expect(
        1,
        &[
            "`web` does not stay up",
            "the last lines of web",
            "| stand-in standin/web:exits",
            "release 1 runs again",
        ],
    );
    project.expect(bed, "demo-test", "1");
}

fn job_that_fails(bed: &mut Bed) {
    let project = Project::deployed(bed);
    project.change("seed:1", "seed:failing");
    project
        .deploy(&[])
        .expect(1, &["`seed` exited with 4", "release 1 runs again"]);
    project.expect(bed, "demo-test", "1");
}

fn port_taken(bed: &mut Bed) {
    let project = Project::new(bed);
    let _socket = TcpListener::bind("0.0.0.0:28081").unwrap();
    let own = format!("(process {})", std::process::id());
    project.deploy(&[]).expect(
        1,
        &[
            "port 28081 is taken by",
            &own,
            "`web` publishes it",
            "nothing was changed",
        ],
    );
    project.expect_nothing(bed, "demo-test");
}

fn wrong_env_file(bed: &mut Bed) {
    let project = Project::deployed(bed);
    let before = project.expect(bed, "demo-test", "1");
    project
        .deploy(&["--env-file", "nowhere.env"])
        .expect(2, &["`nowhere.env` is not there; nothing was changed"]);
    project.write("other.env", "OTHER=1\n");
    project
        .deploy(&["--env-file", "other.env"])
        .expect(1, &["error[env-unset]", "nothing was changed"]);
    assert_eq!(before, project.expect(bed, "demo-test", "1"));
}

fn too_little_memory(bed: &mut Bed) {
    let project = Project::deployed(bed);
    let before = project.expect(bed, "demo-test", "1");
    project.change("memory: 4GiB", "memory: 4TiB");
    project.change(
        "    memory: 64M\n    cpus: 0.2\n    healthcheck: { http: /health }\n    volumes",
        "    memory: 3T\n    cpus: 0.2\n    healthcheck: { http: /health }\n    volumes",
    );
    project.deploy(&[]).expect(
        1,
        &[
            "the memory limits sum to",
            "and the engine has",
            "nothing was changed",
        ],
    );
    assert_eq!(before, project.expect(bed, "demo-test", "1"));
}

fn other_mode_running(bed: &mut Bed) {
    let project = Project::deployed(bed);
    let before = project.expect(bed, "demo-test", "1");
    let said = project.run(&["deploy", "prod", "--yes"]);
    said.expect(
        1,
        &[
            "the mode `test` runs, 3 containers, and this host is not for both at once",
            "`composegen switch prod`",
        ],
    );
    assert_eq!(before, project.expect(bed, "demo-test", "1"));
    project.expect_nothing(bed, "demo-prod");
}

fn tag_moved(bed: &mut Bed) {
    bed.image("standin/moves:1", "8000", "", &[]);
    let project = Project::new(bed);
    project.change("web:1", "moves:1");
    project.deploy(&[]).expect(0, &["release 1 runs"]);
    let before = bed.containers("demo-test");
    bed.image("standin/moves:1", "8000", "unhealthy", &[]);
    bed.ask(&["image", "prune", "--force"]);
    project.deploy(&[]).expect(
        1,
        &[
            "recreate  web: another image",
            "`web` is unhealthy",
            "release 1 runs again",
        ],
    );
    let after = bed.containers("demo-test");
    assert_eq!(
        after["web"].image_id, before["web"].image_id,
        "the very image is back"
    );
    assert_eq!(after["web"].state, "healthy");
    assert!(
        after["web"].image.starts_with("composegen-kept:demo-test."),
        "{after:?}"
    );
    bed.image("standin/moves:1", "8000", "", &[]);
    project
        .deploy(&[])
        .expect(0, &["release 3 runs: 4 services"]);
    assert_eq!(bed.containers("demo-test")["web"].image, "standin/moves:1");
}

fn changed_by_hand(bed: &mut Bed) {
    let project = Project::deployed(bed);
    let before = project.expect(bed, "demo-test", "1");
    bed.ask(&[
        "update",
        "--memory",
        "128m",
        "--memory-swap",
        "128m",
        &before["web"].id,
    ]);
    bed.ask(&["pause", &before["api"].id]);
    project
        .run(&["status", "test"])
        .expect(1, &["wrong: api is paused"]);
    project
        .deploy(&[])
        .expect(0, &["recreate  web: changed by hand", "release 2 runs"]);
    let after = project.expect(bed, "demo-test", "1");
    assert_ne!(before["web"].id, after["web"].id);
    assert_eq!(before["db"].id, after["db"].id);
    let limit = bed.ask(&[
        "inspect",
        "--format",
        "{{.HostConfig.Memory}}",
        &after["web"].id,
    ]);
    assert_eq!(limit, (64 << 20).to_string());
}

fn removed_by_hand(bed: &mut Bed) {
    let project = Project::deployed(bed);
    let before = project.expect(bed, "demo-test", "1");
    bed.ask(&["rm", "--force", &before["web"].id]);
    bed.ask(&["stop", &before["api"].id]);
    project.run(&["status", "test"]).expect(
        1,
        &["wrong: web has no container", "wrong: api exited with 0"],
    );
    project.change("web:1", "web:unhealthy");
    project.deploy(&[]).expect(
        1,
        &["create    web", "start     api", "release 1 runs again"],
    );
    project.expect(bed, "demo-test", "1");
}

fn secret_in_a_log(bed: &mut Bed) {
    let project = Project::deployed(bed);
    project.change(
        "    image: standin/web:1\n",
        "    image: standin/web:talks\n    environment: { API_KEY: }\n",
    );
    // That the value itself is nowhere is looked at for every run.
    project
        .deploy(&[])
        .expect(1, &["| API_KEY is ***", "release 1 runs again"]);
    project.expect(bed, "demo-test", "1");
}

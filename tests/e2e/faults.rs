//! The fault table: what goes wrong, what is said, and what runs then. docs/faults.md tells the same for people.

use std::fs;
use std::net::TcpListener;
use std::process::Command;

use crate::Row;
use crate::bed::Bed;
use crate::project::Project;

pub const ROWS: &[Row] = &[
    ("unhealthy new version", unhealthy_new_version),
    ("unhealthy first version", unhealthy_first_version),
    ("unhealthy after it had been up", unhealthy_later),
    ("image missing", image_missing),
    ("process that exits at once", exits_at_once),
    ("job that fails", job_that_fails),
    ("port taken by another process", port_taken),
    ("wrong env file", wrong_env_file),
    ("too little memory", too_little_memory),
    ("other mode running", other_mode_running),
    (
        "killed after each step, then rolled back",
        killed_then_rolled_back,
    ),
    (
        "killed while containers start, then deployed",
        killed_then_deployed,
    ),
    ("Ctrl-C", interrupted),
    ("engine restarted in the middle", engine_restarted),
    ("two deployments at once", two_at_once),
    ("state folder read-only", state_read_only),
    ("state folder full", state_full),
    ("state damaged", state_damaged),
    ("image tag moved since the last release", tag_moved),
    ("container changed by hand", changed_by_hand),
    ("container removed by hand", removed_by_hand),
    ("a secret in a log", secret_in_a_log),
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
    let said = project.run(&["deploy", "test", "--yes", "--settle", "12s"]);
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
            "the image `standin/nowhere:1` of `web` is not there, and cannot be pulled",
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
        let is_late = ["  up  ", "web is starting", "everything is there"].contains(moment);
        if is_late {
            told.expect(
                1,
                &[
                    "release 2 was interrupted",
                    "`composegen rollback test` undoes it",
                ],
            );
            rolled.expect(
                0,
                &["release 2 was interrupted", "release 1 of `test` runs"],
            );
        }
        // When `verify` is on the screen the release may be written down already: then it runs, and is good.
        let is_done =
            *moment == "verify" && project.run(&["releases", "test"]).out.contains("   2  ");
        match is_done {
            true => {
                println!("        the release was good already when it was killed at `{moment}`")
            }
            false => drop(project.expect(bed, "demo-test", "1")),
        }
    }
}

fn killed_then_deployed(bed: &mut Bed) {
    let project = Project::deployed(bed);
    project.change("web:1", "web:2");
    let under = project.deploy_until("web is starting");
    under.signal("-9");
    under.end();
    project
        .deploy(&[])
        .expect(0, &["release 2 was interrupted", "done"]);
    project.expect(bed, "demo-test", "2");
    project.change("web:2", "web:unhealthy");
    project.deploy(&[]).expect(1, &["`web` is unhealthy"]);
    project.expect(bed, "demo-test", "2");
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
    let first = project.deploy_with_until(&["--settle", "20s"], "web is starting");
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

/// A file system of its own below the project.
struct Mounted(std::path::PathBuf);

impl Mounted {
    fn new(path: std::path::PathBuf, options: &str) -> Self {
        fs::create_dir_all(&path).unwrap();
        let status = Command::new("mount")
            .args(["-t", "tmpfs", "-o", options, "tmpfs"])
            .arg(&path)
            .status()
            .unwrap();
        assert!(status.success());
        Mounted(path)
    }

    fn again(&self, options: &str) {
        let status = Command::new("mount")
            .args(["-o", &format!("remount,{options}")])
            .arg(&self.0)
            .status()
            .unwrap();
        assert!(status.success());
    }
}

impl Drop for Mounted {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg(&self.0).status();
    }
}

fn state_read_only(bed: &mut Bed) {
    let project = Project::new(bed);
    let mounted = Mounted::new(project.path("state"), "size=1m,ro");
    project
        .deploy(&[])
        .expect(2, &["its file system is read-only; nothing was changed"]);
    project.expect_nothing(bed, "demo-test");
    mounted.again("rw");
    project.deploy(&[]).expect(0, &["release 1 runs"]);
    let before = project.expect(bed, "demo-test", "1");
    mounted.again("ro");
    project.change("web:1", "web:2");
    project
        .deploy(&[])
        .expect(2, &["its file system is read-only; nothing was changed"]);
    assert_eq!(before, project.expect(bed, "demo-test", "1"));
}

fn state_full(bed: &mut Bed) {
    let project = Project::new(bed);
    let mounted = Mounted::new(project.path("state"), "size=256k");
    project.deploy(&[]).expect(0, &["release 1 runs"]);
    let before = project.expect(bed, "demo-test", "1");
    let filler = mounted.0.join("filler");
    // As much as there is room for.
    let _ = fs::write(&filler, vec![0; 1 << 20]);
    project.change("web:1", "web:2");
    project.deploy(&[]).expect(
        2,
        &[
            "its file system has no space left",
            "no container was touched",
        ],
    );
    assert_eq!(before, project.expect(bed, "demo-test", "1"));
    fs::remove_file(filler).unwrap();
    project.deploy(&[]).expect(0, &["release 2 runs"]);
    project.expect(bed, "demo-test", "2");
}

fn state_damaged(bed: &mut Bed) {
    let project = Project::deployed(bed);
    let find = Command::new("find")
        .arg(project.path("state"))
        .args(["-name", "current.json"])
        .output()
        .unwrap();
    let current = String::from_utf8(find.stdout).unwrap();
    let folder = std::path::Path::new(current.trim())
        .parent()
        .unwrap()
        .to_owned();
    fs::write(folder.join("journal.json"), "{ \"version\": 99 }").unwrap();
    project.change("web:1", "web:2");
    project.deploy(&[]).expect(
        0,
        &[
            "is damaged or of another version; it was set aside as",
            "release 2 runs",
        ],
    );
    project.expect(bed, "demo-test", "2");
    assert!(folder.join("journal.json.aside").exists());
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
    project.deploy(&[]).expect(0, &["release 2 runs"]);
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

//! The folder of the state: read-only, full, damaged.

use std::fs;
use std::process::Command;

use crate::bed::Bed;
use crate::project::Project;
use crate::{Row, old, row};

pub const ROWS: &[Row] = &[
    row("state folder read-only", state_read_only),
    row("state folder full", state_full),
    row("state folder full in the middle", full_in_the_middle),
    old("state damaged", state_damaged),
];

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

/// As much as there is room for.
fn fill_up(mounted: &Mounted) -> std::path::PathBuf {
    let filler = mounted.0.join("filler");
    let _ = fs::write(&filler, vec![0; 1 << 20]);
    filler
}

fn state_full(bed: &mut Bed) {
    let project = Project::new(bed);
    let mounted = Mounted::new(project.path("state"), "size=256k");
    project.deploy(&[]).expect(0, &["release 1 runs"]);
    let before = project.expect(bed, "demo-test", "1");
    let filler = fill_up(&mounted);
    project.change("web:1", "web:2");
    project.deploy(&[]).expect(
        2,
        &["its file system has no space left", "nothing was changed"],
    );
    assert_eq!(before, project.expect(bed, "demo-test", "1"));
    fs::remove_file(filler).unwrap();
    project.deploy(&[]).expect(0, &["release 2 runs"]);
    project.expect(bed, "demo-test", "2");
}

fn full_in_the_middle(bed: &mut Bed) {
    let project = Project::new(bed);
    let mounted = Mounted::new(project.path("state"), "size=256k");
    let first = project.deploy_until("web is starting");
    let filler = fill_up(&mounted);
    first.end().expect(
        1,
        &[
            "its file system has no space left",
            "nothing of `test` runs now, and its volumes are kept",
        ],
    );
    project.expect_nothing(bed, "demo-test");
    assert!(bed.volumes().contains(&"demo-test_db_data".to_owned()));
    fs::remove_file(filler).unwrap();
    project.deploy(&[]).expect(0, &["release 2 runs"]);
    project.change("web:1", "web:2");
    let second = project.deploy_until("web is starting");
    let filler = fill_up(&mounted);
    second.end().expect(
        1,
        &["its file system has no space left", "release 2 runs again"],
    );
    project.expect(bed, "demo-test", "1");
    let told = project.run(&["status", "test"]);
    told.expect(0, &["release 2 of"]);
    fs::remove_file(filler).unwrap();
    project.deploy(&[]).expect(0, &["release 4 runs"]);
    project.expect(bed, "demo-test", "2");
}

fn state_damaged(bed: &mut Bed) {
    let project = Project::deployed(bed);
    let folder = project.state("demo-test").unwrap();
    fs::write(folder.join("journal.json"), "{ \"version\": 99 }").unwrap();
    fs::write(folder.join("current.json"), "{").unwrap();
    project.change("web:1", "web:unhealthy");
    project.deploy(&[]).expect(
        1,
        &[
            "journal.json` is damaged or of another version; it was set aside as",
            "current.json` is damaged or of another version; it was set aside as",
            "release 1, the newest, counts as the one that runs",
            "release 1 runs again",
        ],
    );
    project.expect(bed, "demo-test", "1");
    assert!(folder.join("journal.json.aside").exists());
    project
        .run(&["status", "test"])
        .expect(0, &["release 1 of"]);
}

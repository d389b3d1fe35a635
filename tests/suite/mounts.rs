//! Writing on file systems that refuse: full, without inodes, read-only, with a busy target. They are mounted for
//! real, which needs root; where mounting is not possible, each test says so in one line and passes.

use std::fs;
use std::io::{self, Write};
use std::path::Path;
use std::process::Command;
use std::sync::Once;

use composegen::files::{State, Tree, Trouble, Written, compare, write};
use composegen::outputs::file_set::FileSet;
use tempfile::TempDir;

use crate::project::{CATALOG, Said, finish};

/// A small file system in memory; gone when dropped.
struct Mount {
    folder: TempDir,
}

impl Mount {
    /// `None`, and one line that says so, where mounting is not possible.
    fn new(options: &str) -> Option<Mount> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().to_str().unwrap();
        if mount(&["-t", "tmpfs", "-o", options, "tmpfs", path]) {
            return Some(Mount { folder });
        }
        skipped();
        None
    }

    fn root(&self) -> &Path {
        self.folder.path()
    }

    /// Every path below the root, with a `/` after folders.
    fn listing(&self) -> Vec<String> {
        let mut found = Vec::new();
        list(self.root(), "", &mut found);
        found.sort();
        found
    }

    fn text(&self, path: &str) -> String {
        fs::read_to_string(self.root().join(path)).unwrap()
    }

    /// Runs the program in the root.
    fn run(&self, arguments: &[&str]) -> Said {
        let mut command = Command::new(env!("CARGO_BIN_EXE_composegen"));
        command.args(arguments).current_dir(self.root());
        finish(command)
    }

    /// A catalog that was built, and then changed.
    fn changed_catalog(&self) {
        fs::create_dir(self.root().join("catalog")).unwrap();
        let catalog = self.root().join("catalog/catalog.yaml");
        fs::write(&catalog, CATALOG).unwrap();
        assert_eq!(self.run(&["build"]).code, Some(0));
        fs::write(&catalog, CATALOG.replace("1.27", "1.28")).unwrap();
    }

    /// Every path with its text.
    fn contents(&self) -> Vec<(String, Option<String>)> {
        let text = |path: &String| fs::read_to_string(self.root().join(path)).ok();
        let paths = self.listing();
        paths
            .into_iter()
            .map(|path| (path.clone(), text(&path)))
            .collect()
    }
}

impl Drop for Mount {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(self.root()).status();
    }
}

/// Once for all tests, and past the test harness, which keeps what a passing test prints.
fn skipped() {
    static SAID: Once = Once::new();
    SAID.call_once(|| {
        let _ = writeln!(
            io::stderr(),
            "skipped: writing on full, read-only and busy file systems; mounting one is not possible here (it needs root)"
        );
    });
}

fn mount(arguments: &[&str]) -> bool {
    let run = Command::new("mount").args(arguments).output();
    run.is_ok_and(|output| output.status.success())
}

fn list(folder: &Path, prefix: &str, found: &mut Vec<String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        let path = format!("{prefix}{}", entry.file_name().to_string_lossy());
        if entry.file_type().unwrap().is_dir() {
            list(&entry.path(), &format!("{path}/"), found);
            found.push(format!("{path}/"));
        } else {
            found.push(path);
        }
    }
}

fn set(files: &[(&str, &str)]) -> FileSet {
    let mut set = FileSet::new();
    for (path, text) in files {
        set.insert(*path, *text);
    }
    set
}

/// Three small files that an earlier run has written.
fn old_files(mount: &Mount) -> FileSet {
    let old = set(&[
        ("generated/a.yml", "old a\n"),
        ("generated/b.yml", "old b\n"),
        ("generated/c.yml", "old c\n"),
    ]);
    write(mount.root(), &old).unwrap();
    old
}

fn trouble(message: &str, help: &str) -> Trouble {
    Trouble {
        message: message.to_owned(),
        help: Some(help.to_owned()),
    }
}

const NO_SPACE: &str = "free some space and try again; `df -h` and `df -i` show what is left";
const OLD_LISTING: [&str; 4] = [
    "generated/",
    "generated/a.yml",
    "generated/b.yml",
    "generated/c.yml",
];

#[test]
fn a_full_disk_leaves_every_old_file_whole() {
    let Some(mount) = Mount::new("size=64k") else {
        return;
    };
    let old = old_files(&mount);
    let large = "0123456789abcdef".repeat(6 * 1024);
    let new = set(&[
        ("fresh/x.yml", "new x\n"),
        ("generated/a.yml", "new a\n"),
        ("generated/b.yml", &large),
        ("generated/c.yml", "new c\n"),
    ]);
    let expected = trouble(
        "`generated/b.yml` cannot be written: its file system has no space left; nothing was written",
        NO_SPACE,
    );
    assert_eq!(write(mount.root(), &new), Err(expected));
    assert_eq!(mount.listing(), OLD_LISTING);
    let compared = compare(&Tree::Disk(mount.root().to_path_buf()), &old).unwrap();
    assert!(compared.iter().all(|(_, state, _)| *state == State::Same));
}

#[test]
fn a_disk_without_inodes_leaves_every_old_file_whole() {
    // Root, folder and three files take five. Of the rest, one is given back: the first temporary file fits, the second not.
    let Some(mount) = Mount::new("size=64k,nr_inodes=7") else {
        return;
    };
    let old = old_files(&mount);
    let mut taken = 0;
    while fs::create_dir(mount.root().join(format!("taken{taken}"))).is_ok() {
        taken += 1;
    }
    assert!(taken > 0, "no inode was left to begin with");
    fs::remove_dir(mount.root().join("taken0")).unwrap();
    let before = mount.listing();
    let new = set(&[
        ("generated/a.yml", "new a\n"),
        ("generated/b.yml", "new b\n"),
    ]);
    let expected = trouble(
        "`generated/b.yml` cannot be written: its file system has no space left; nothing was written",
        NO_SPACE,
    );
    assert_eq!(write(mount.root(), &new), Err(expected));
    assert_eq!(mount.listing(), before);
    let compared = compare(&Tree::Disk(mount.root().to_path_buf()), &old).unwrap();
    assert!(compared.iter().all(|(_, state, _)| *state == State::Same));
}

#[test]
fn a_folder_that_finds_no_space_is_named() {
    let Some(mount) = Mount::new("size=64k,nr_inodes=2") else {
        return;
    };
    let mut taken = 0;
    while fs::create_dir(mount.root().join(format!("taken{taken}"))).is_ok() {
        taken += 1;
    }
    let before = mount.listing();
    let expected = trouble(
        "the folder of `generated/a.yml` cannot be made: its file system has no space left; nothing was written",
        NO_SPACE,
    );
    assert_eq!(
        write(mount.root(), &set(&[("generated/a.yml", "a")])),
        Err(expected)
    );
    assert_eq!(mount.listing(), before);
}

#[test]
fn a_read_only_disk_can_be_compared_and_is_not_written() {
    let Some(mount) = Mount::new("size=64k") else {
        return;
    };
    let old = old_files(&mount);
    if !self::mount(&["-o", "remount,ro", mount.root().to_str().unwrap()]) {
        return skipped();
    }
    let same = |(path, _): (&str, &[u8])| Written {
        path: path.to_owned(),
        state: State::Same,
    };
    assert_eq!(
        write(mount.root(), &old),
        Ok(old.iter().map(same).collect())
    );
    let help = "make the file system writable, or work in a copy of the project elsewhere";
    let file =
        "`generated/b.yml` cannot be written: its file system is read-only; nothing was written";
    let new = set(&[
        ("generated/a.yml", "old a\n"),
        ("generated/b.yml", "new b\n"),
    ]);
    assert_eq!(write(mount.root(), &new), Err(trouble(file, help)));
    let folder = "the folder of `fresh/x.yml` cannot be made: its file system is read-only; nothing was written";
    assert_eq!(
        write(mount.root(), &set(&[("fresh/x.yml", "x")])),
        Err(trouble(folder, help))
    );
    assert_eq!(mount.listing(), OLD_LISTING);
    assert_eq!(mount.text("generated/b.yml"), "old b\n");
}

#[test]
fn a_busy_file_stops_half_way_and_the_message_says_where() {
    let Some(mount) = Mount::new("size=64k") else {
        return;
    };
    old_files(&mount);
    let busy = mount.root().join("generated/b.yml");
    let busy = busy.to_str().unwrap();
    if !self::mount(&["--bind", busy, busy]) {
        return skipped();
    }
    let new = set(&[
        ("generated/a.yml", "new a\n"),
        ("generated/b.yml", "new b\n"),
        ("generated/c.yml", "new c\n"),
    ]);
    let expected = trouble(
        "`generated/b.yml` cannot be replaced: it is in use, perhaps as a mount point; \
         written: `generated/a.yml`; as before: `generated/b.yml`, `generated/c.yml`",
        "`findmnt` lists the mount points; release it and build again",
    );
    let outcome = write(mount.root(), &new);
    let _ = Command::new("umount").arg(busy).status();
    assert_eq!(outcome, Err(expected));
    assert_eq!(mount.listing(), OLD_LISTING);
    let texts = ["a", "b", "c"].map(|name| mount.text(&format!("generated/{name}.yml")));
    assert_eq!(texts, ["new a\n", "old b\n", "old c\n"]);
}

#[test]
fn the_program_says_that_the_disk_is_full_and_keeps_every_file() {
    let Some(mount) = Mount::new("size=2m") else {
        return;
    };
    mount.changed_catalog();
    let mut filler = fs::File::create(mount.root().join("filler")).unwrap();
    while filler.write_all(&[0; 512]).is_ok() {}
    drop(filler);
    let before = mount.contents();
    let expected = Said {
        out: String::new(),
        err: format!(
            "error: `generated/docker-compose.prod.yml` cannot be written: \
             its file system has no space left; nothing was written\n  help: {NO_SPACE}\n"
        ),
        code: Some(2),
    };
    assert_eq!(mount.run(&["build"]), expected);
    assert!(mount.contents() == before);
    fs::remove_file(mount.root().join("filler")).unwrap();
    assert_eq!(mount.run(&["build"]).code, Some(0));
    assert!(
        mount
            .text("generated/docker-compose.prod.yml")
            .contains("nginx:1.28")
    );
}

/// The env file with its secret still finds room, or `.gitignore` alone does; the catalog does not.
#[test]
fn an_import_that_finds_no_space_leaves_all_as_it_was() {
    for pages in [2, 3] {
        let Some(mount) = Mount::new(&format!("size={}k", pages * 4)) else {
            return;
        };
        let text = "name: demo\nservices: { web: { image: nginx, environment: { DB_PASSWORD: hunter2 } } }\n";
        fs::write(mount.root().join("compose.yaml"), text).unwrap();
        fs::write(mount.root().join(".gitignore"), "/target\n").unwrap();
        let before = mount.contents();
        let said = mount.run(&["import"]);
        assert_eq!(said.code, Some(2), "{said:?}");
        assert!(said.err.contains("; nothing was written\n"), "{said:?}");
        assert_eq!(mount.contents(), before);
    }
}

/// Nothing finds room, or some files do; then all of them.
#[test]
fn an_init_that_finds_no_space_leaves_all_as_it_was() {
    for pages in [2, 4, 12, 40] {
        let Some(mount) = Mount::new(&format!("size={}k", pages * 4)) else {
            return;
        };
        fs::write(mount.root().join(".gitignore"), "/target\n").unwrap();
        let before = mount.contents();
        let said = mount.run(&["init", "--yes"]);
        assert_eq!(said.code, Some(2), "{pages}: {said:?}");
        let why = "its file system has no space left; nothing was written\n";
        assert!(said.err.contains(why), "{said:?}");
        assert_eq!(mount.contents(), before, "{pages}");
    }
    let Some(mount) = Mount::new("size=2m") else {
        return;
    };
    let before = mount.contents();
    if !self::mount(&["-o", "remount,ro", mount.root().to_str().unwrap()]) {
        return skipped();
    }
    let said = mount.run(&["init", "--yes"]);
    assert_eq!(said.code, Some(2), "{said:?}");
    let why = "its file system is read-only; nothing was written\n";
    assert!(said.err.contains(why), "{said:?}");
    assert_eq!(mount.contents(), before);
    if !self::mount(&["-o", "remount,rw", mount.root().to_str().unwrap()]) {
        return skipped();
    }
    assert_eq!(mount.run(&["init", "--yes"]).code, Some(0));
}

#[test]
fn the_program_says_that_the_disk_is_read_only_and_still_compares() {
    let Some(mount) = Mount::new("size=2m") else {
        return;
    };
    mount.changed_catalog();
    if !self::mount(&["-o", "remount,ro", mount.root().to_str().unwrap()]) {
        return skipped();
    }
    let expected = Said {
        out: String::new(),
        err: "error: `generated/docker-compose.prod.yml` cannot be written: its file system is read-only; \
              nothing was written\n  help: make the file system writable, or work in a copy of the project elsewhere\n"
            .to_owned(),
        code: Some(2),
    };
    let before = mount.contents();
    assert_eq!(mount.run(&["build"]), expected);
    assert!(mount.contents() == before);
    let diff = mount.run(&["diff"]);
    assert_eq!(diff.code, Some(1));
    assert!(
        diff.out.contains("+    image: nginx:1.28\n"),
        "{}",
        diff.out
    );
    assert_eq!(mount.run(&["check"]).code, Some(1));
}

#[test]
fn a_hook_is_not_written_where_nothing_can_be_written() {
    let Some(mount) = Mount::new("size=2m") else {
        return;
    };
    fs::create_dir(mount.root().join("catalog")).unwrap();
    fs::write(mount.root().join("catalog/catalog.yaml"), CATALOG).unwrap();
    let git = Command::new("git")
        .args(["init", "--quiet"])
        .current_dir(mount.root())
        .status();
    if !git.is_ok_and(|status| status.success()) {
        return crate::skipped("git is not installed");
    }
    let expected = |what: &str| Said {
        out: String::new(),
        err: format!(
            "error: `.git/hooks/pre-commit` cannot be {what}: its file system is read-only\n"
        ),
        code: Some(2),
    };
    let remount = |how: &str| self::mount(&["-o", how, mount.root().to_str().unwrap()]);
    if !remount("remount,ro") {
        return skipped();
    }
    let help =
        "  help: make the file system writable, or work in a copy of the project elsewhere\n";
    let mut written = expected("written");
    written.err.push_str(help);
    assert_eq!(mount.run(&["hook", "install"]), written);
    assert!(remount("remount,rw"));
    assert_eq!(mount.run(&["hook", "install"]).code, Some(0));
    assert!(remount("remount,ro"));
    assert_eq!(mount.run(&["hook", "install"]).code, Some(0));
    assert_eq!(mount.run(&["hook", "uninstall"]), expected("removed"));
}

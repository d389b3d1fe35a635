//! The last room: compares generated files with those on the disk or in git, shows the difference and writes them.
//! It knows nothing of what stands in them, and it reads no catalog.

mod create;
mod diff;
mod draft;
mod program;
mod target;
mod tree;
mod write;

use std::io;

use crate::outputs::file_set::{FileSet, Files};
pub use crate::values::trouble::Trouble;
pub use create::{Making, create};
pub use diff::{unified, unified_line_ends, unified_shown};
pub use program::{allow_to_run, is_program, write_program};
pub use tree::Tree;
pub use write::{Written, read_own, write, write_own};

/// How the file that is there stands to the generated one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum State {
    /// It holds the same bytes.
    Same,
    /// It is not there.
    Missing,
    /// It holds other bytes.
    Different,
}

/// A file's path, how it stands to what is there, and the bytes that are there.
pub type Compared = (String, State, Option<Vec<u8>>);

impl Trouble {
    /// What could not be done with the file at `path`, and why the system refused it.
    fn refused(what: &str, path: &str, error: &io::Error) -> Self {
        let (why, help) = reason(path, error);
        Trouble {
            message: format!("{what}: {why}"),
            help,
        }
    }

    fn nothing_written(self) -> Self {
        let message = format!("{}; nothing was written", self.message);
        Trouble { message, ..self }
    }
}

/// Compares every file of a set with what is there, by path, and hands that over.
///
/// # Errors
/// A path that may not be written (see [`write()`]), or a file that cannot be read.
pub fn compare(tree: &Tree, set: &FileSet) -> Result<Vec<Compared>, Trouble> {
    let compared = |((path, wanted), present): ((&str, &[u8]), Option<Vec<u8>>)| {
        let state = state(present.as_deref(), wanted);
        (path.to_owned(), state, present)
    };
    let present = tree.present(set)?;
    Ok(set.iter().zip(present).map(compared).collect())
}

fn state(present: Option<&[u8]>, wanted: &[u8]) -> State {
    match present {
        None => State::Missing,
        Some(present) if present == wanted => State::Same,
        Some(_) => State::Different,
    }
}

/// The folder in which a path lies, as people write it.
fn folder_of(path: &str) -> &str {
    path.rsplit_once('/').map_or(".", |(folder, _)| folder)
}

/// The system's reason in words.
pub fn why(error: &io::Error) -> String {
    reason("", error).0
}

/// The system's reason in words, and the next step.
fn reason(path: &str, error: &io::Error) -> (String, Option<String>) {
    let folder = folder_of(path);
    let (why, help) = match error.kind() {
        io::ErrorKind::ReadOnlyFilesystem => (
            "its file system is read-only".to_owned(),
            "make the file system writable, or work in a copy of the project elsewhere".to_owned(),
        ),
        io::ErrorKind::StorageFull => (
            "its file system has no space left".to_owned(),
            "free some space and try again; `df -h` and `df -i` show what is left".to_owned(),
        ),
        io::ErrorKind::QuotaExceeded => (
            "the disk quota of this user is used up".to_owned(),
            "free some space and try again; `quota` shows what is left".to_owned(),
        ),
        io::ErrorKind::PermissionDenied => (
            "this user has no permission for it".to_owned(),
            format!("`ls -la {folder}` shows whose it is and who may write there"),
        ),
        io::ErrorKind::NotFound => return ("it is not there".to_owned(), None),
        io::ErrorKind::NotADirectory => return (format!("`{folder}` is not a folder"), None),
        io::ErrorKind::ResourceBusy => (
            "it is in use, perhaps as a mount point".to_owned(),
            "`findmnt` lists the mount points; release it and build again".to_owned(),
        ),
        _ => return (system_words(error), None),
    };
    (why, Some(help))
}

/// The system's own words. Errors of the temporary file name its path, which nobody knows: that is cut off.
fn system_words(error: &io::Error) -> String {
    let words = error.to_string();
    let known = words.split(" at path ").next().unwrap_or_default();
    known.to_owned()
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use std::fs;
    use std::os::unix::fs::symlink;
    use std::path::Path;

    fn one(path: &str) -> FileSet {
        let mut set = FileSet::new();
        set.insert(path, "new");
        set
    }

    fn disk(root: &Path) -> Tree {
        Tree::Disk(root.to_path_buf())
    }

    fn refusal(root: &Path, path: &str) -> String {
        compare(&disk(root), &one(path)).unwrap_err().message
    }

    #[test]
    fn each_file_is_same_missing_or_different() {
        let root = tempfile::tempdir().unwrap();
        fs::write(root.path().join("different"), "old").unwrap();
        fs::write(root.path().join("same"), "new").unwrap();
        let mut set = one("same");
        set.insert("different", "new");
        set.insert("g/missing", "new");
        let expected = [
            (
                "different".to_owned(),
                State::Different,
                Some(b"old".to_vec()),
            ),
            ("g/missing".to_owned(), State::Missing, None),
            ("same".to_owned(), State::Same, Some(b"new".to_vec())),
        ];
        assert_eq!(compare(&disk(root.path()), &set).unwrap(), expected);
        assert!(!root.path().join("g").exists());
    }

    #[test]
    fn a_path_stays_in_the_project() {
        let root = tempfile::tempdir().unwrap();
        for path in ["/etc/x", "../x", "g/../../x"] {
            let expected = format!("`{path}` would be written outside of the project");
            assert_eq!(refusal(root.path(), path), expected);
        }
        for path in ["", "a//b", "./a", "a/", "a\0"] {
            let shown = path.escape_debug();
            let expected =
                format!("`{shown}` is not a path of a file; names are separated by one `/`");
            assert_eq!(refusal(root.path(), path), expected);
        }
        let long = format!("g/{}", "x".repeat(256));
        let expected = format!("`{long}` has a name of more than 255 bytes");
        assert_eq!(refusal(root.path(), &long), expected);
    }

    #[test]
    fn a_linked_folder_is_followed_inside_of_the_project_only() {
        let (root, elsewhere) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let real = elsewhere.path().canonicalize().unwrap();
        symlink(&real, root.path().join("generated")).unwrap();
        symlink("nowhere", root.path().join("dangling")).unwrap();
        fs::create_dir(root.path().join("inside")).unwrap();
        symlink("inside", root.path().join("link")).unwrap();
        let expected = format!(
            "`generated/x.yml` would be written outside of the project: `generated` is a link to `{}`",
            real.display()
        );
        assert_eq!(refusal(root.path(), "generated/x.yml"), expected);
        assert_eq!(
            refusal(root.path(), "dangling/x.yml"),
            "`dangling/x.yml` has no place: `dangling` is a link that leads nowhere: No such file or directory (os error 2)"
        );
        write(root.path(), &one("link/x.yml")).unwrap();
        assert_eq!(fs::read(root.path().join("inside/x.yml")).unwrap(), b"new");
        assert_eq!(fs::read_dir(&real).unwrap().count(), 0);
    }

    #[test]
    fn only_a_regular_file_is_replaced() {
        let root = tempfile::tempdir().unwrap();
        fs::create_dir(root.path().join("folder")).unwrap();
        fs::write(root.path().join("file"), "old").unwrap();
        symlink("file", root.path().join("link")).unwrap();
        symlink("/dev/zero", root.path().join("zero")).unwrap();
        let pipe = root.path().join("pipe");
        assert!(
            std::process::Command::new("mkfifo")
                .arg(&pipe)
                .status()
                .unwrap()
                .success()
        );
        let _socket = std::os::unix::net::UnixListener::bind(root.path().join("socket")).unwrap();
        let special = "a pipe, a socket or a device where a file is to be";
        for (path, what) in [
            ("folder", "a folder where a file is to be"),
            ("link", "a symbolic link; it is not followed"),
            ("zero", "a symbolic link; it is not followed"),
            ("pipe", special),
            ("socket", special),
        ] {
            assert_eq!(refusal(root.path(), path), format!("`{path}` is {what}"));
        }
        assert_eq!(
            refusal(root.path(), "file/x"),
            "`file/x` has no place: `file` is not a folder"
        );
        assert_eq!(
            refusal(Path::new("/dev"), "zero"),
            format!("`zero` is {special}")
        );
    }

    #[test]
    fn a_file_is_no_folder_of_another() {
        let root = tempfile::tempdir().unwrap();
        let mut set = one("a");
        set.insert("a/b", "new");
        let trouble = compare(&disk(root.path()), &set).unwrap_err();
        assert_eq!(
            trouble.message,
            "`a` cannot be a file and the folder of `a/b`"
        );
    }

    #[test]
    fn a_missing_project_is_named() {
        let root = tempfile::tempdir().unwrap();
        let gone = root.path().join("gone");
        let expected = format!(
            "the project's folder `{}` cannot be opened: it is not there",
            gone.display()
        );
        assert_eq!(refusal(&gone, "a"), expected);
    }

    #[test]
    fn the_systems_reasons_are_said_in_words() {
        let said = |kind| {
            let error = io::Error::new(kind, "text at path \"/tmp/.composegen-x\"");
            Trouble::refused("`g/x.yml` cannot be written", "g/x.yml", &error)
        };
        let denied = said(io::ErrorKind::PermissionDenied);
        assert_eq!(
            denied.message,
            "`g/x.yml` cannot be written: this user has no permission for it"
        );
        assert_eq!(
            denied.help.as_deref(),
            Some("`ls -la g` shows whose it is and who may write there")
        );
        let other = said(io::ErrorKind::Other);
        assert_eq!(other, Trouble::new("`g/x.yml` cannot be written: text"));
        let no_folder = said(io::ErrorKind::NotADirectory);
        assert_eq!(
            no_folder.message,
            "`g/x.yml` cannot be written: `g` is not a folder"
        );
    }
}

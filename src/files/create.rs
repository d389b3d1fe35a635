//! Makes files that are not there yet, and adds to some that are: all of it, or everything is as it was before.

use std::fs;
use std::io;
use std::path::Path;

use tempfile::NamedTempFile;

use super::target::{self, Target};
use super::write::{NewFolders, PRIVATE, PUBLIC, refused, temporary};
use super::{FileSet, Files, State, Trouble, Written, state};

/// A file to be made or added to.
#[derive(Clone, Debug)]
pub struct Making {
    /// Its path, from the project's folder on.
    pub path: String,
    /// All of its bytes.
    pub bytes: Vec<u8>,
    /// What was read there; `None` for a file that must not be there yet, unless it holds the very same.
    pub before: Option<Vec<u8>>,
    /// Whether a new file is for its owner alone to read.
    pub private: bool,
}

impl Making {
    /// A new file, for all to read.
    pub fn new(path: impl Into<String>, bytes: impl Into<Vec<u8>>) -> Self {
        Making {
            path: path.into(),
            bytes: bytes.into(),
            before: None,
            private: false,
        }
    }
}

/// Makes the files below a folder, in their order; the folder is made where it is missing.
///
/// # Errors
/// A file is there already, or is another one than was read; a path that may not be written, see [`super::write()`];
/// whatever the file system refuses. Then everything is as it was before, folders included.
pub fn create(root: &Path, files: &[Making]) -> Result<Vec<Written>, Trouble> {
    // Declared first, dropped last: a folder can go when the files have left it.
    let mut folders = NewFolders::default();
    folders
        .create_all(root)
        .map_err(|error| {
            let shown = root.display().to_string();
            Trouble::refused(
                &format!("the folder `{shown}` cannot be made"),
                &shown,
                &error,
            )
        })
        .map_err(Trouble::nothing_written)?;
    let compared = compared(root, files).map_err(Trouble::nothing_written)?;
    let staged = stage(&compared, &mut folders).map_err(Trouble::nothing_written)?;
    place(staged)?;
    let outcome = |(target, _, state): &(Target, &Making, State)| Written {
        path: target.path.clone(),
        state: *state,
    };
    Ok(compared.iter().map(outcome).collect())
}

type Compared<'f> = (Target, &'f Making, State);

/// What is there against what is to be.
fn compared<'f>(root: &Path, files: &'f [Making]) -> Result<Vec<Compared<'f>>, Trouble> {
    let mut set = FileSet::new();
    for file in files {
        set.insert(file.path.as_str(), "");
    }
    let mut targets = target::all(root, &set.paths())?;
    let mut compared = Vec::with_capacity(files.len());
    for file in files {
        let at = targets.iter().position(|target| target.path == file.path);
        let Some(target) = at.map(|at| targets.swap_remove(at)) else {
            return Err(Trouble::new(format!("`{}` is named twice", file.path)));
        };
        let state = of(&target, file)?;
        compared.push((target, file, state));
    }
    Ok(compared)
}

fn of(target: &Target, file: &Making) -> Result<State, Trouble> {
    let there = target.read()?;
    match (state(there.as_deref(), &file.bytes), &file.before) {
        (State::Different, None) => Err(there_already(&file.path)),
        (State::Different, before) if there != *before => Err(meanwhile(&file.path)),
        (State::Missing, Some(_)) => Err(meanwhile(&file.path)),
        (state, _) => Ok(state),
    }
}

fn there_already(path: &str) -> Trouble {
    Trouble::new(format!("`{path}` is there already")).help("move it away and try again")
}

fn meanwhile(path: &str) -> Trouble {
    Trouble::new(format!("somebody else changed `{path}` at the same time")).help("try again")
}

/// A file that lies complete beside its target, and the old one to go back to. Dropped, both are gone.
struct Staged<'c> {
    target: &'c Target,
    new: NamedTempFile,
    old: Option<NamedTempFile>,
}

fn stage<'c>(
    compared: &'c [Compared<'_>],
    folders: &mut NewFolders,
) -> Result<Vec<Staged<'c>>, Trouble> {
    let mut staged = Vec::new();
    for (target, file, state) in compared {
        if *state == State::Same {
            continue;
        }
        folders.create(target)?;
        let complete = |bytes: &[u8]| {
            let mode = if file.private { PRIVATE } else { PUBLIC };
            let temporary = temporary(target, bytes, mode)?;
            // What a person typed may be nowhere else: after a power cut the name must not show an empty file.
            temporary.as_file().sync_all()?;
            Ok(temporary)
        };
        let refused = |error: io::Error| refused(target, "cannot be written", &error);
        staged.push(Staged {
            target,
            new: complete(&file.bytes).map_err(refused)?,
            old: file
                .before
                .as_deref()
                .map(complete)
                .transpose()
                .map_err(refused)?,
        });
    }
    Ok(staged)
}

/// A file at its place, and the old one to go back to.
type Placed<'c> = (&'c Target, Option<NamedTempFile>);

fn place(staged: Vec<Staged<'_>>) -> Result<(), Trouble> {
    let mut placed: Vec<Placed> = Vec::new();
    for Staged { target, new, old } in staged {
        let done = match old {
            None => new.persist_noclobber(&target.file),
            Some(_) => new.persist(&target.file),
        };
        match done {
            Ok(_) => placed.push((target, old)),
            Err(failed) => return Err(undo(placed, why(target, &failed.error))),
        }
    }
    Ok(())
}

fn why(target: &Target, error: &io::Error) -> Trouble {
    match error.kind() {
        io::ErrorKind::AlreadyExists => there_already(&target.path),
        _ => refused(target, "cannot be written", error),
    }
}

/// Takes back what was placed; says of what could not be taken back that it stays.
fn undo(placed: Vec<Placed>, trouble: Trouble) -> Trouble {
    let mut left = Vec::new();
    for (target, old) in placed.into_iter().rev() {
        let undone = match old {
            None => fs::remove_file(&target.file),
            Some(old) => old
                .persist(&target.file)
                .map(drop)
                .map_err(|failed| failed.error),
        };
        if undone.is_err() {
            left.push(format!("`{}`", target.path));
        }
    }
    match left.as_slice() {
        [] => trouble.nothing_written(),
        left => {
            let message = format!(
                "{}; written, and to be removed by hand: {}",
                trouble.message,
                left.join(", ")
            );
            Trouble { message, ..trouble }
        }
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use std::os::unix::fs::{PermissionsExt, symlink};

    fn names(folder: &Path) -> Vec<String> {
        let name = |entry: io::Result<fs::DirEntry>| entry.unwrap().file_name();
        let mut names: Vec<String> = fs::read_dir(folder)
            .unwrap()
            .map(|entry| name(entry).into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).unwrap().permissions().mode() & 0o7777
    }

    fn added(path: &str, before: Option<&str>, bytes: &str) -> Making {
        Making {
            before: before.map(|text| text.as_bytes().to_vec()),
            ..Making::new(path, bytes)
        }
    }

    #[test]
    fn files_are_made_with_their_folders_and_others_are_added_to() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().join("new/deep");
        let secret = Making {
            private: true,
            ..Making::new(".env.test", "1")
        };
        create(&root, &[secret, Making::new("catalog/a.yaml", "a")]).unwrap();
        assert_eq!(names(&root), [".env.test", "catalog"]);
        assert_eq!(mode(&root.join(".env.test")), 0o600);
        assert_eq!(mode(&root.join("catalog/a.yaml")), 0o644);
        fs::write(root.join(".gitignore"), "old\n").unwrap();
        fs::set_permissions(root.join(".gitignore"), fs::Permissions::from_mode(0o640)).unwrap();
        let again = [
            added(".gitignore", Some("old\n"), "old\nnew\n"),
            Making::new("catalog/a.yaml", "a"),
        ];
        let states: Vec<State> = create(&root, &again)
            .unwrap()
            .iter()
            .map(|one| one.state)
            .collect();
        assert_eq!(states, [State::Different, State::Same]);
        assert_eq!(fs::read(root.join(".gitignore")).unwrap(), b"old\nnew\n");
        assert_eq!(mode(&root.join(".gitignore")), 0o640);
        assert_eq!(names(&root), [".env.test", ".gitignore", "catalog"]);
    }

    #[test]
    fn what_is_there_is_not_overwritten() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        fs::write(root.join("there"), "old").unwrap();
        symlink("nowhere", root.join("link")).unwrap();
        for (file, message) in [
            (
                Making::new("there", "new"),
                "`there` is there already; nothing was written",
            ),
            (
                Making::new("link", "new"),
                "`link` is a symbolic link; it is not followed; nothing was written",
            ),
            (
                added("there", Some("other"), "new"),
                "somebody else changed `there` at the same time; nothing was written",
            ),
            (
                added("gone", Some("other"), "new"),
                "somebody else changed `gone` at the same time; nothing was written",
            ),
        ] {
            let trouble = create(root, &[Making::new("g/first", "1"), file]).unwrap_err();
            assert_eq!(trouble.message, message);
            assert_eq!(names(root), ["link", "there"]);
            assert_eq!(fs::read(root.join("there")).unwrap(), b"old");
        }
    }

    #[test]
    fn a_refusal_half_way_takes_everything_back() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        fs::write(root.join(".gitignore"), "old\n").unwrap();
        let files = [
            added(".gitignore", Some("old\n"), "old\nnew\n"),
            Making::new("catalog/a.yaml", "a"),
            Making::new("late", "b"),
        ];
        {
            let mut folders = NewFolders::default();
            let compared = compared(root, &files).unwrap();
            let staged = stage(&compared, &mut folders).unwrap();
            // Somebody else is faster.
            fs::write(root.join("late"), "theirs").unwrap();
            let trouble = place(staged).unwrap_err();
            assert_eq!(
                trouble.message,
                "`late` is there already; nothing was written"
            );
        }
        assert_eq!(names(root), [".gitignore", "late"]);
        assert_eq!(fs::read(root.join(".gitignore")).unwrap(), b"old\n");
        assert_eq!(fs::read(root.join("late")).unwrap(), b"theirs");
    }
}

//! Writes files, whole or not at all: first every changed file completely into a temporary one beside its target,
//! then, when all of them are complete, one rename after the other.

use std::fs::{self, Permissions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use tempfile::{Builder, NamedTempFile};

use super::draft::Draft;
use super::target::{self, Target};
use super::{Files, State, Trouble};

/// A file of the set after writing, and how it stood to the disk before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Written {
    /// Its path relative to the project.
    pub path: String,
    /// How it stood before: a file that was [`State::Same`] was not touched.
    pub state: State,
}

/// Writes what is missing or different; an unchanged file keeps even its time of change.
///
/// A new file has mode 0644; a replaced file keeps its mode. Missing folders are created, and removed again if
/// nothing could be put into them.
///
/// # Errors
/// Before anything is written: a path that is absolute, has `..`, leads through a link out of the project, or at
/// which something else than a regular file stands. Later: whatever the file system refuses. Until the first
/// rename every old file is whole and no temporary file is left; the message says what is true.
pub fn write(root: &Path, files: &dyn Files) -> Result<Vec<Written>, Trouble> {
    let targets = target::all(root, &files.paths()).map_err(Trouble::nothing_written)?;
    // Declared first, dropped last: a folder can go when the temporary files have left it.
    let mut folders = NewFolders::default();
    let (written, staged) =
        stage(&targets, files, &mut folders).map_err(Trouble::nothing_written)?;
    replace(staged)?;
    folders.keep();
    Ok(written)
}

/// A file that lies complete beside its target. Dropped, it is gone.
struct Staged<'t> {
    target: &'t Target,
    temporary: NamedTempFile,
}

/// Makes the files one after the other: how each stands to what is there, and those that differ beside their targets.
fn stage<'t>(
    targets: &'t [Target],
    files: &dyn Files,
    folders: &mut NewFolders,
) -> Result<(Vec<Written>, Vec<Staged<'t>>), Trouble> {
    let mut written = Vec::with_capacity(targets.len());
    let mut staged = Vec::new();
    for target in targets {
        let mut draft = Draft::new(target, folders)?;
        files.make(&target.path, &mut draft);
        let (state, new) = draft.finish()?;
        let path = target.path.clone();
        written.push(Written { path, state });
        staged.extend(new.map(|temporary| Staged { target, temporary }));
    }
    Ok((written, staged))
}

pub(super) fn refused(target: &Target, what: &str, error: &io::Error) -> Trouble {
    Trouble::refused(&format!("`{}` {what}", target.path), &target.path, error)
}

/// A complete file beside its target.
pub(super) fn temporary(target: &Target, bytes: &[u8], new: u32) -> io::Result<NamedTempFile> {
    let mut temporary = begun(target)?;
    temporary.as_file_mut().write_all(bytes)?;
    completed(temporary, target, new)
}

/// An empty file beside its target.
pub(super) fn begun(target: &Target) -> io::Result<NamedTempFile> {
    let mut name = Builder::new();
    name.prefix(".composegen-").suffix(".tmp");
    name.tempfile_in(&target.folder)
}

/// The file with its permissions, not yet forced onto the disk. A generated file needs no more: it can be built again
/// from the catalog, its banner's digest tells when a power cut left half of it, and waiting for the disk six times took
/// longer than the whole build.
pub(super) fn completed(
    temporary: NamedTempFile,
    target: &Target,
    new: u32,
) -> io::Result<NamedTempFile> {
    if let Some(permissions) = target.permissions.clone().or_else(|| new_permissions(new)) {
        temporary.as_file().set_permissions(permissions)?;
    }
    Ok(temporary)
}

/// The mode of a new generated file: for everybody to read.
pub(super) const PUBLIC: u32 = 0o644;

/// The mode of a new file that holds secrets.
pub(super) const PRIVATE: u32 = 0o600;

#[cfg(unix)]
fn new_permissions(mode: u32) -> Option<Permissions> {
    use std::os::unix::fs::PermissionsExt;
    Some(Permissions::from_mode(mode))
}

#[cfg(not(unix))]
fn new_permissions(_: u32) -> Option<Permissions> {
    None
}

/// The bytes of a file that a person keeps below `root`; `None` where there is none.
///
/// # Errors
/// What [`write()`] refuses of a path, and a file that cannot be read.
pub fn read_own(root: &Path, path: &str) -> Result<Option<Vec<u8>>, Trouble> {
    own_target(root, path)?.read()
}

/// Writes a file that a person keeps, whole or not at all: a new one with mode 0600; an old one keeps its mode.
/// `before` is what was read there.
///
/// # Errors
/// As [`write()`]; and where something else than `before` is there by now.
pub fn write_own(
    root: &Path,
    path: &str,
    before: Option<&[u8]>,
    bytes: &[u8],
) -> Result<(), Trouble> {
    let target = own_target(root, path).map_err(Trouble::nothing_written)?;
    let there = target.read().map_err(Trouble::nothing_written)?;
    if there.as_deref() != before {
        return Err(changed_meanwhile(path));
    }
    let not_written =
        |error: io::Error| refused(&target, "cannot be written", &error).nothing_written();
    let temporary = temporary(&target, bytes, PRIVATE).map_err(not_written)?;
    // What a person typed is nowhere else: after a power cut the new name must not show an empty file.
    temporary.as_file().sync_all().map_err(not_written)?;
    let persisted = match before {
        None => temporary.persist_noclobber(&target.file),
        Some(_) => temporary.persist(&target.file),
    };
    match persisted {
        Ok(_) => Ok(()),
        Err(failed) if failed.error.kind() == io::ErrorKind::AlreadyExists => {
            Err(changed_meanwhile(path))
        }
        Err(failed) => Err(not_written(failed.error)),
    }
}

fn own_target(root: &Path, path: &str) -> Result<Target, Trouble> {
    let mut targets = target::all(root, &[path])?;
    targets
        .pop()
        .ok_or_else(|| Trouble::new(format!("`{path}` has no place")))
}

fn changed_meanwhile(path: &str) -> Trouble {
    Trouble::new(format!(
        "somebody else changed `{path}` at the same time; nothing was written"
    ))
    .help("try again")
}

fn replace(staged: Vec<Staged<'_>>) -> Result<(), Trouble> {
    let paths: Vec<&str> = staged
        .iter()
        .map(|file| file.target.path.as_str())
        .collect();
    for (at, file) in staged.into_iter().enumerate() {
        if let Err(failed) = file.temporary.persist(&file.target.file) {
            let trouble = refused(file.target, "cannot be replaced", &failed.error);
            return Err(half_way(trouble, &paths[..at], &paths[at..]));
        }
    }
    Ok(())
}

fn half_way(trouble: Trouble, replaced: &[&str], kept: &[&str]) -> Trouble {
    if replaced.is_empty() {
        return trouble.nothing_written();
    }
    let message = format!(
        "{}; written: {}; as before: {}",
        trouble.message,
        list(replaced),
        list(kept)
    );
    Trouble { message, ..trouble }
}

fn list(paths: &[&str]) -> String {
    let quoted: Vec<String> = paths.iter().map(|path| format!("`{path}`")).collect();
    quoted.join(", ")
}

/// The folders made for this run. Those that are empty at its end go again.
#[derive(Default)]
pub(super) struct NewFolders {
    made: Vec<PathBuf>,
}

impl NewFolders {
    /// The folder of a file, with those above it.
    pub(super) fn create(&mut self, target: &Target) -> Result<(), Trouble> {
        self.create_all(&target.folder).map_err(|error| {
            let what = format!("the folder of `{}` cannot be made", target.path);
            Trouble::refused(&what, &target.path, &error)
        })
    }

    /// A folder with those above it.
    pub(super) fn create_all(&mut self, folder: &Path) -> io::Result<()> {
        if self.made.last().is_some_and(|made| made == folder) {
            return Ok(());
        }
        let missing = |folder: &&Path| !folder.as_os_str().is_empty() && !folder.exists();
        let missing: Vec<&Path> = folder.ancestors().take_while(missing).collect();
        missing
            .into_iter()
            .rev()
            .try_for_each(|folder| self.make(folder))
    }

    /// There is something in each of them now.
    fn keep(mut self) {
        self.made.clear();
    }

    /// Somebody else may make the folder in the same moment: then it is theirs to remove.
    fn make(&mut self, folder: &Path) -> io::Result<()> {
        match fs::create_dir(folder) {
            Ok(()) => self.made.push(folder.to_path_buf()),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists && folder.is_dir() => {}
            Err(error) => return Err(error),
        }
        Ok(())
    }
}

impl Drop for NewFolders {
    /// A folder with something in it is not removed by `remove_dir`: the file system keeps the books.
    fn drop(&mut self) {
        for folder in self.made.iter().rev() {
            let _ = fs::remove_dir(folder);
        }
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use crate::outputs::FileSet;
    use std::os::unix::fs::{MetadataExt, PermissionsExt};

    fn set(files: &[(&str, &str)]) -> FileSet {
        let mut set = FileSet::new();
        for (path, text) in files {
            set.insert(*path, *text);
        }
        set
    }

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).unwrap().permissions().mode() & 0o7777
    }

    fn names(folder: &Path) -> Vec<String> {
        let name =
            |entry: io::Result<fs::DirEntry>| entry.unwrap().file_name().into_string().unwrap();
        let mut names: Vec<String> = fs::read_dir(folder).unwrap().map(name).collect();
        names.sort();
        names
    }

    #[test]
    fn new_files_get_their_folders_and_are_readable() {
        let root = tempfile::tempdir().unwrap();
        let written = write(root.path(), &set(&[("a.yml", "a"), ("g/deep/b.yml", "b")])).unwrap();
        let states: Vec<State> = written.iter().map(|file| file.state).collect();
        assert_eq!(states, [State::Missing, State::Missing]);
        assert_eq!(fs::read(root.path().join("g/deep/b.yml")).unwrap(), b"b");
        assert_eq!(mode(&root.path().join("a.yml")), 0o644);
        assert_eq!(names(root.path()), ["a.yml", "g"]);
        assert_eq!(names(&root.path().join("g/deep")), ["b.yml"]);
    }

    #[test]
    fn an_unchanged_file_is_not_touched_and_a_changed_one_keeps_its_mode() {
        let root = tempfile::tempdir().unwrap();
        let (same, other) = (root.path().join("same"), root.path().join("other"));
        fs::write(&same, "1").unwrap();
        fs::write(&other, "1").unwrap();
        fs::set_permissions(&other, Permissions::from_mode(0o600)).unwrap();
        let before = fs::metadata(&same).unwrap();
        let written = write(root.path(), &set(&[("other", "2"), ("same", "1")])).unwrap();
        let after = fs::metadata(&same).unwrap();
        assert_eq!(
            (before.ino(), before.ctime_nsec()),
            (after.ino(), after.ctime_nsec())
        );
        assert_eq!(
            (mode(&other), fs::read(&other).unwrap()),
            (0o600, b"2".to_vec())
        );
        assert_eq!(written[0].state, State::Different);
        assert_eq!(written[1].state, State::Same);
    }

    #[test]
    fn one_unsafe_path_keeps_everything_from_being_written() {
        let root = tempfile::tempdir().unwrap();
        fs::create_dir(root.path().join("z")).unwrap();
        let trouble =
            write(root.path(), &set(&[("a", "1"), ("g/b", "1"), ("z", "1")])).unwrap_err();
        assert_eq!(
            trouble.message,
            "`z` is a folder where a file is to be; nothing was written"
        );
        assert_eq!(trouble.help.as_deref(), Some("move it away and try again"));
        assert_eq!(names(root.path()), ["z"]);
    }

    #[test]
    fn folders_go_again_when_nothing_could_be_put_into_them() {
        let root = tempfile::tempdir().unwrap();
        let set = set(&[("g/deep/a", "1"), ("h/b", "1")]);
        let mut folders = NewFolders::default();
        for target in target::all(root.path(), &set.paths()).unwrap() {
            folders.create(&target).unwrap();
        }
        assert_eq!(names(root.path()), ["g", "h"]);
        fs::write(root.path().join("g/somebody's"), "").unwrap();
        drop(folders);
        assert_eq!(names(root.path()), ["g"]);
        assert_eq!(names(&root.path().join("g")), ["somebody's"]);
    }

    #[test]
    fn half_way_says_what_is_true() {
        let trouble = half_way(
            Trouble::new("`b` cannot be replaced: why"),
            &["a"],
            &["b", "c"],
        );
        assert_eq!(
            trouble.message,
            "`b` cannot be replaced: why; written: `a`; as before: `b`, `c`"
        );
        let trouble = half_way(
            Trouble::new("`a` cannot be replaced: why"),
            &[],
            &["a", "b"],
        );
        assert_eq!(
            trouble.message,
            "`a` cannot be replaced: why; nothing was written"
        );
    }
}

//! Where files are looked at: on the disk, or as git has them. Paths are those from the project's folder on.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use super::target;
use super::{FileSet, Files, Trouble};
use crate::git;
use crate::plan::builds::{Look, There};

/// The files of a project in one of its states.
#[derive(Clone, Debug)]
pub enum Tree {
    /// On the disk, in the project's folder.
    Disk(PathBuf),
    /// In git's index or at a revision.
    Git(git::Tree),
}

impl Tree {
    /// Whether there is a file or a folder at a path. On the disk links are followed; what a link or a submodule in git
    /// leads to is not known, and counts as there.
    pub fn holds(&self, path: &str) -> bool {
        match self {
            Tree::Disk(root) => root.join(path).exists(),
            Tree::Git(tree) => tree.kind(path).is_some() || tree.turn(path).is_some(),
        }
    }

    /// Whether there is a folder at a path.
    pub fn holds_folder(&self, path: &str) -> bool {
        match self {
            Tree::Disk(root) => root.join(path).is_dir(),
            Tree::Git(tree) => tree.kind(path) == Some(git::Kind::Folder),
        }
    }

    /// The bytes that stand where the files of a set would, in its order; `None` where nothing does.
    ///
    /// # Errors
    /// A path that may not be written (see [`super::write()`]), or a file that cannot be read.
    pub(super) fn present(&self, set: &FileSet) -> Result<Vec<Option<Vec<u8>>>, Trouble> {
        match self {
            Tree::Disk(root) => on_disk(root, set),
            Tree::Git(tree) => in_git(tree, set),
        }
    }
}

impl Look for Tree {
    fn look(&self, path: &str) -> Option<There> {
        match self {
            Tree::Disk(root) => there(&root.join(path)),
            Tree::Git(tree) => there_in_git(tree, path),
        }
    }
}

/// What stands at a path of the disk; where nobody may look, that is not known.
fn there(path: &Path) -> Option<There> {
    match fs::metadata(path) {
        Ok(metadata) if metadata.is_dir() => Some(There::Folder),
        Ok(_) => Some(There::File),
        Err(error) => {
            let nothing = matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory);
            nothing.then_some(There::Nothing)
        }
    }
}

/// What git holds ends at the project's folder, and what a link or a submodule leads to is not asked.
fn there_in_git(tree: &git::Tree, path: &str) -> Option<There> {
    if path == "." {
        return Some(There::Folder);
    }
    if path.starts_with(['/', '~']) || path.split('/').next() == Some("..") {
        return None;
    }
    match tree.kind(path) {
        Some(git::Kind::File | git::Kind::Conflict) => Some(There::File),
        Some(git::Kind::Folder) => Some(There::Folder),
        Some(git::Kind::Link | git::Kind::Submodule) => None,
        None => tree.turn(path).is_none().then_some(There::Nothing),
    }
}

fn on_disk(root: &Path, set: &FileSet) -> Result<Vec<Option<Vec<u8>>>, Trouble> {
    let targets = target::all(root, &set.paths())?;
    targets.iter().map(target::Target::read).collect()
}

fn in_git(tree: &git::Tree, set: &FileSet) -> Result<Vec<Option<Vec<u8>>>, Trouble> {
    let paths: Vec<&str> = set.iter().map(|(path, _)| path).collect();
    match paths.iter().find_map(|path| no_file(tree, path)) {
        Some(trouble) => Err(trouble),
        None => Ok(tree.read_files(&paths)?),
    }
}

/// What stands in the place of a file.
fn no_file(tree: &git::Tree, path: &str) -> Option<Trouble> {
    let (part, kind) = match tree.turn(path) {
        Some(turn) => turn,
        None => (path.to_owned(), tree.kind(path)?),
    };
    (kind != git::Kind::File).then(|| Trouble {
        message: format!("`{part}` is {} in {}", kind.words(), tree.name()),
        help: kind.help().map(str::to_owned),
    })
}

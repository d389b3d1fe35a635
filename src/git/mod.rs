//! The one place that talks to git: files as they stand in the index or at a revision. Nothing is ever changed, not
//! even a lock is taken.
//!
//! Inside a hook git says where its repository and its index lie (`GIT_DIR`, `GIT_INDEX_FILE`); these are handed on as
//! they are. `git commit FILE` commits an index of its own, and that is the one to look at.

mod child;
mod hooks;
mod kept;
mod tree;

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

pub use crate::values::trouble::Trouble;
use child::Git;
pub use hooks::Hooks;
pub use kept::{Kept, kept};
pub use tree::{Kind, Tree};

/// Which state of the files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum At<'a> {
    /// What is staged: what the next commit will hold.
    Index,
    /// What a revision holds, by any name that git knows.
    Revision(&'a str),
}

/// A folder and the repository in which it lies.
#[derive(Clone, Debug)]
pub struct Repository {
    git: Git,
    /// The top of the repository, without links.
    top: PathBuf,
    /// The folder without links in it; it may be missing on the disk.
    folder: PathBuf,
    /// The folder from the top of the repository: names each with a `/` behind it.
    prefix: String,
}

impl Repository {
    /// The repository of a folder, which may be missing on the disk: another state may have it.
    ///
    /// # Errors
    /// There is no git, no repository, or none that holds the folder and what lies beside it.
    pub fn of(folder: &Path) -> Result<Self, Trouble> {
        let real = real(folder)?;
        let git = Git::near(&real);
        let top = git.top(folder)?;
        let below = match real.strip_prefix(&top) {
            Ok(below) if below.as_os_str().is_empty() => return Err(is_top(folder)),
            Ok(below) => below,
            Err(_) => return Err(outside(folder, &top)),
        };
        let mut prefix = String::new();
        for name in below {
            prefix.push_str(name.to_str().ok_or_else(|| no_text(folder))?);
            prefix.push('/');
        }
        Ok(Repository {
            git,
            top,
            folder: real,
            prefix,
        })
    }

    /// The folder from the top of the repository.
    pub fn path(&self) -> &str {
        self.prefix.trim_end_matches('/')
    }

    /// What lies beside the folder under this name, from the top of the repository.
    pub fn path_beside(&self, name: &str) -> String {
        match self.path().rsplit_once('/') {
            Some((parent, _)) => format!("{parent}/{name}"),
            None => name.to_owned(),
        }
    }

    /// The folder's name.
    pub fn name(&self) -> &str {
        let path = self.prefix.trim_end_matches('/');
        path.rsplit_once('/').map_or(path, |(_, name)| name)
    }

    /// The folder that holds the folder, as the system knows it.
    pub fn parent(&self) -> &Path {
        self.folder.parent().unwrap_or(&self.folder)
    }

    /// The files of the repository in one of its states; paths are those from the folder's parent on, where messages
    /// and callers count from.
    ///
    /// # Errors
    /// The revision is not there, or git refuses.
    pub fn tree(&self, at: At) -> Result<Tree, Trouble> {
        let parent = self.prefix.trim_end_matches('/').rsplit_once('/');
        let parent = parent.map_or(String::new(), |(parent, _)| format!("{parent}/"));
        Tree::read(self.git.clone(), at, parent)
    }
}

/// The root of the repository in which a folder lies, where it can be seen: the folder that holds `.git`. Git is not
/// asked.
pub fn root_above(folder: &Path) -> Option<&Path> {
    folder
        .ancestors()
        .find(|folder| folder.join(".git").exists())
}

/// A path without links; from the first name that is missing on, as it is written.
fn real(path: &Path) -> Result<PathBuf, Trouble> {
    let unknown = |error| Trouble::new(format!("`{}` cannot be found: {error}", path.display()));
    let absolute = std::path::absolute(path).map_err(unknown)?;
    for ancestor in absolute.ancestors() {
        let (Ok(real), Ok(rest)) = (ancestor.canonicalize(), absolute.strip_prefix(ancestor))
        else {
            continue;
        };
        if rest.iter().any(|name| name == OsStr::new("..")) {
            break;
        }
        return Ok(match rest.as_os_str().is_empty() {
            true => real,
            false => real.join(rest),
        });
    }
    Err(Trouble::new(format!("`{}` is not there", path.display())))
}

fn outside(folder: &Path, top: &Path) -> Trouble {
    let (folder, top) = (folder.display(), top.display());
    Trouble::new(format!(
        "`{folder}` lies outside of the git repository `{top}`"
    ))
}

fn is_top(folder: &Path) -> Trouble {
    let folder = folder.display();
    let trouble = Trouble::new(format!(
        "`{folder}` is the top of its git repository: what is made from it lies outside"
    ));
    trouble.help("keep the catalog in a folder of the repository, as `catalog/`")
}

fn no_text(folder: &Path) -> Trouble {
    Trouble::new(format!("the path of `{}` is not UTF-8", folder.display()))
}

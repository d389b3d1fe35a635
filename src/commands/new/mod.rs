//! What `init` and `import` share: where a new catalog goes, what the rules say of it before it is there, how it is
//! written with all that belongs to it, and what comes next.

mod git_files;
mod next;
mod site;
mod verdict;

use super::Failure;
use super::terminal::Terminal;
use crate::docker::interrupt;
use crate::files::{Making, State, Trouble, Written, create, read_own};
use crate::git::{Kept, kept};
use git_files::{ATTRIBUTES, IGNORE, attributed, ignored};
pub use next::{Next, OwnEnv, Step};
pub use site::Site;
pub use verdict::{Built, Verdict, judge};

/// The files of a catalog, to be made.
pub fn catalog_files(site: &Site, files: &[(String, String)]) -> Vec<Making> {
    let making = |(name, text): &(String, String)| {
        Making::new(format!("{}/{name}", site.name), text.as_bytes())
    };
    files.iter().map(making).collect()
}

/// What is generated, to be made.
pub fn generated_files(built: &Built) -> Vec<Making> {
    let files = built.files.iter();
    files
        .map(|(path, bytes)| Making::new(path, bytes))
        .collect()
}

/// `.gitignore`, where it does not keep these files out of git yet.
///
/// # Errors
/// It cannot be read, or git tracks one of the files: nothing keeps that out, and it gets secrets.
pub fn ignoring(site: &Site, names: &[&str]) -> Result<Option<Making>, Failure> {
    let is_tracked = |name: &&&str| kept(&site.root.join(name)) == Some(Kept::Tracked);
    if let Some(name) = names.iter().find(is_tracked) {
        return Err(Failure {
            message: format!("git tracks `{name}`, and it would get secrets; nothing was written"),
            help: Some(format!("`git rm --cached {name}` takes it out of git")),
        });
    }
    added_to(site, IGNORE, |old| ignored(old, names))
}

/// `.gitattributes`, where it says nothing of the generated files yet.
///
/// # Errors
/// It cannot be read.
pub fn attributing(site: &Site) -> Result<Option<Making>, Failure> {
    added_to(site, ATTRIBUTES, attributed)
}

fn added_to(
    site: &Site,
    path: &str,
    with: impl FnOnce(&[u8]) -> Option<Vec<u8>>,
) -> Result<Option<Making>, Failure> {
    let before = match site.root.exists() {
        true => read_own(&site.root, path).map_err(nothing_written)?,
        false => None,
    };
    let bytes = with(before.as_deref().unwrap_or_default());
    Ok(bytes.map(|bytes| Making {
        before,
        ..Making::new(path, bytes)
    }))
}

fn nothing_written(trouble: Trouble) -> Failure {
    let Trouble { message, help } = trouble;
    Failure {
        message: format!("{message}; nothing was written"),
        help,
    }
}

/// Writes all of it or nothing. Ctrl-C and its like do not stop it half way.
///
/// # Errors
/// See [`create()`].
pub fn write(site: &Site, files: &[Making]) -> Result<Vec<Written>, Failure> {
    interrupt::keep();
    Ok(create(&site.root, files)?)
}

/// Says which files were written, by their paths.
pub fn say_written(site: &Site, written: &[Written], terminal: &Terminal) {
    let mut written: Vec<&Written> = written.iter().collect();
    written.sort_by_key(|file| &file.path);
    for file in written {
        let word = match file.state {
            State::Missing => "created",
            State::Different => "added to",
            State::Same => continue,
        };
        terminal.talk(&format!("{word} {}\n", site.shown(&file.path)));
    }
}

//! `composegen hook`: a git hook that checks what is staged, written and removed; never somebody else's.

use std::fs::{self, Metadata};
use std::io;
use std::path::{Path, PathBuf};

use super::{Exit, Failure, Result, Run, terminal::Terminal};
use crate::files::{allow_to_run, is_program, why, write_program};
use crate::git::Repository;
use crate::hook::{NAME, Whose, Words, whose};

/// Where the hook goes.
struct Place {
    file: PathBuf,
    /// Its path in messages.
    shown: String,
}

impl Place {
    fn in_folder(folder: &Path) -> Self {
        let file = folder.join(NAME);
        let current = std::env::current_dir().and_then(|folder| folder.canonicalize());
        let below = current.ok().and_then(|current| {
            let below = file.strip_prefix(current).ok()?;
            Some(below.to_path_buf())
        });
        let shown = below.as_deref().unwrap_or(&file).display().to_string();
        Place { file, shown }
    }

    /// What is there; `None` for nothing.
    fn metadata(&self) -> std::result::Result<Option<Metadata>, Failure> {
        match fs::symlink_metadata(&self.file) {
            Ok(metadata) => Ok(Some(metadata)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(self.refused("cannot be looked at", &error)),
        }
    }

    /// Whose the hook is; with its bytes.
    fn hook(&self, metadata: &Metadata) -> std::result::Result<(Whose, Vec<u8>), Failure> {
        if let Some(what) = no_file(metadata) {
            return Err(Failure {
                message: format!("`{}` is {what}, and not composegen's", self.shown),
                help: None,
            });
        }
        let bytes = fs::read(&self.file).map_err(|error| self.refused("cannot be read", &error))?;
        Ok((whose(&bytes), bytes))
    }

    fn refused(&self, what: &str, error: &io::Error) -> Failure {
        Failure {
            message: format!("`{}` {what}: {}", self.shown, why(error)),
            help: None,
        }
    }
}

/// What stands in a file's place.
fn no_file(metadata: &Metadata) -> Option<&'static str> {
    match metadata.file_type() {
        kind if kind.is_symlink() => Some("a symbolic link"),
        kind if kind.is_dir() => Some("a folder"),
        kind if !kind.is_file() => Some("no regular file"),
        _ => None,
    }
}

/// Writes the hook.
pub fn install(run: &Run, terminal: &Terminal) -> Result {
    let repository = Repository::of(&run.sources.folder)?;
    let beside = repository.path_beside("");
    let words = Words {
        catalog: repository.path(),
        beside: &beside,
        set: run.set,
    };
    let line = format!("{} || exit 1", words.command());
    let hooks = repository.hooks()?;
    let place = Place::in_folder(&hooks.folder);
    if !hooks.own {
        return Err(elsewhere(&hooks.folder, &line));
    }
    match place.metadata()? {
        None => write_program(&place.file, &place.shown, &words.text())?,
        Some(metadata) => return there(&place, &metadata, &words.text(), &line, terminal),
    }
    terminal.talk(&format!(
        "created {}: `{}` before each commit that changes the catalog or what is made from it\n",
        place.shown,
        words.command()
    ));
    Ok(Exit::Fine)
}

/// A folder that other repositories use too, as far as anybody can know.
fn elsewhere(folder: &Path, line: &str) -> Failure {
    Failure {
        message: format!(
            "git looks for hooks in `{}`, outside of this repository: a hook there runs in other ones too",
            folder.display()
        ),
        help: Some(format!(
            "`git config core.hooksPath FOLDER` gives this repository a folder of its own, or says that this one is \
             meant; or add this line to a hook there: `{line}`"
        )),
    }
}

/// There is a hook already.
fn there(
    place: &Place,
    metadata: &Metadata,
    text: &str,
    line: &str,
    terminal: &Terminal,
) -> Result {
    let shown = &place.shown;
    let add = |failure: Failure| Failure {
        help: Some(format!(
            "to check what is staged, add this line to it: `{line}`"
        )),
        ..failure
    };
    let (whose, bytes) = match place.hook(metadata) {
        Ok(hook) => hook,
        Err(failure) if metadata.is_symlink() => return Err(add(failure)),
        Err(failure) => return Err(failure),
    };
    let refused = |what: &str, help: String| {
        let message = format!("`{shown}` {what}");
        Err(Failure {
            message,
            help: Some(help),
        })
    };
    match whose {
        Whose::Ours if bytes == text.as_bytes() => current(place, metadata, terminal),
        Whose::Ours => refused(
            "is composegen's, made for another catalog, other choices or by another version",
            format!(
                "`composegen hook uninstall` removes it; to have both, add this line to it: `{line}`"
            ),
        ),
        Whose::PreCommit => refused(
            "is the hook of the program pre-commit",
            "name composegen's hooks in `.pre-commit-config.yaml`: docs/hooks.md says how"
                .to_owned(),
        ),
        Whose::Changed => refused(
            "was made by composegen and changed since",
            format!("it stays as it is; the line that checks what is staged: `{line}`"),
        ),
        Whose::Other => refused(
            "is there already, and not composegen's",
            format!("to check what is staged, add this line to it: `{line}`"),
        ),
    }
}

/// The hook is there. Git runs it only where it may be run.
fn current(place: &Place, metadata: &Metadata, terminal: &Terminal) -> Result {
    let shown = &place.shown;
    if is_program(metadata) {
        terminal.talk(&format!("nothing changed: {shown} is current\n"));
        return Ok(Exit::Fine);
    }
    allow_to_run(&place.file, shown)?;
    terminal.talk(&format!("changed {shown}: git may run it now\n"));
    Ok(Exit::Fine)
}

/// Removes the hook.
pub fn uninstall(catalog: &Path, terminal: &Terminal) -> Result {
    let hooks = Repository::of(catalog)?.hooks()?;
    let place = Place::in_folder(&hooks.folder);
    let shown = &place.shown;
    let Some(metadata) = place.metadata()? else {
        terminal.talk(&format!("nothing to remove: there is no {shown}\n"));
        return Ok(Exit::Fine);
    };
    let left = |what: &str, help: &str| {
        Err(Failure {
            message: format!("`{shown}` {what}; it was left as it is"),
            help: Some(help.to_owned()),
        })
    };
    match place.hook(&metadata)?.0 {
        Whose::Ours => remove(&place, terminal),
        Whose::Changed => left(
            "was changed since composegen made it",
            "take out by hand what is composegen's, or remove the file",
        ),
        Whose::PreCommit => left(
            "is the hook of the program pre-commit",
            "`pre-commit uninstall` removes it",
        ),
        Whose::Other => left(
            "is not composegen's",
            "a line that was added by hand is taken out by hand",
        ),
    }
}

fn remove(place: &Place, terminal: &Terminal) -> Result {
    fs::remove_file(&place.file).map_err(|error| place.refused("cannot be removed", &error))?;
    terminal.talk(&format!("removed {}\n", place.shown));
    Ok(Exit::Fine)
}

//! Env files with secrets that git has, or takes with the next `git add`: whoever has the repository has the secrets.

use crate::commands::tracked::open;
use crate::git::Kept;
use crate::import::{Note, Subject, What};
use crate::report::list_quoted;
use crate::source::Sources;
use crate::values::shown::shown;

const TRACKED: &str = "`git rm --cached` takes it out of git; whoever could read it there knows the values, so replace them as well";

const OPEN: &str = "a line for it in `.gitignore` keeps it out";

/// A note for each of the files that were read. Where there is no git, there is nothing to tell.
pub fn notes(sources: &Sources) -> Vec<Note> {
    let of = open(sources).map(|(file, held, kept)| {
        let names: Vec<&str> = held.iter().map(|held| held.name).collect();
        let (how, help) = match kept {
            Kept::Tracked => ("is in git", TRACKED),
            Kept::Open => ("is not ignored by git", OPEN),
        };
        let text = format!(
            "{} {how}, with {} in it",
            shown(&file.path),
            list_quoted(&names)
        );
        Note {
            subject: Subject::Wrong,
            place: held.first().map(|held| held.place).unwrap_or_default(),
            what: What::Told { text, help },
        }
    });
    of.collect()
}

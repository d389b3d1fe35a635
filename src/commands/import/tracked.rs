//! Env files with secrets that git has: whoever has the repository has the secrets.

use std::path::Path;

use crate::dotenv;
use crate::git::{At, Kind, Repository};
use crate::import::{Note, Subject, What};
use crate::place::Place;
use crate::report::list_quoted;
use crate::rules::secret_names::tells;
use crate::source::{FileKind, SourceFile, Sources};
use crate::values::shown::shown;

const HELP: &str = "`git rm --cached` takes it out of git; whoever could read it there knows the values, so replace them as well";

/// A note for each of the files that were read. Where there is no git, there is nothing to tell.
pub fn notes(sources: &Sources) -> Vec<Note> {
    let files = sources.files.iter().enumerate();
    let files = files.filter(|(_, file)| file.kind == FileKind::Env && is_tracked(&file.path));
    files
        .filter_map(|(number, file)| note(number, file))
        .collect()
}

fn note(number: usize, file: &SourceFile) -> Option<Note> {
    let read = dotenv::read(file.bytes);
    let secrets = read
        .entries
        .iter()
        .filter(|entry| tells(entry.name) && !entry.value_at.is_empty());
    let secrets: Vec<_> = secrets.collect();
    let first = secrets.first()?;
    let names: Vec<&str> = secrets.iter().map(|entry| entry.name).collect();
    let text = format!(
        "{} is in git, with {} in it",
        shown(&file.path),
        list_quoted(&names)
    );
    Some(Note {
        subject: Subject::Wrong,
        place: Place {
            file: u16::try_from(number).ok()?,
            start: u32::try_from(first.value_at.start).ok()?,
            len: 1,
        },
        what: What::Told { text, help: HELP },
    })
}

/// Whether git has the file in its index.
fn is_tracked(path: &str) -> bool {
    let path = Path::new(path);
    let Some(name) = path.file_name().and_then(|name| name.to_str()) else {
        return false;
    };
    // A name beside the file stands for the folder that paths are counted from.
    let beside = path.with_file_name("catalog");
    let index = Repository::of(&beside).and_then(|repository| repository.tree(At::Index));
    index.is_ok_and(|tree| tree.kind(name) == Some(Kind::File))
}

//! Files that were made from the catalog and are not what it gives now, as findings, each with its next step.

use std::path::PathBuf;

use super::{Failure, Run};
use crate::difference::{Secrets, Sheet};
use crate::files::{Compared, State, Tree, compare};
use crate::finding::Finding;
use crate::outputs::{FOLDER, FileSet, Setting, drift};
use crate::place::Place;
use crate::rule::Rule;
use crate::source::{FileKind, Sources};

/// A file's head says within so many lines by which command it was made.
const HEAD_LINES: usize = 5;

/// The files that are not current.
#[derive(Default)]
pub struct Drift<'s> {
    list: Vec<Drifted<'s>>,
}

struct Drifted<'s> {
    /// The path as messages show it, from the current folder.
    shown: String,
    /// What is there, where a place in it is told.
    bytes: &'s [u8],
    finding: Finding,
}

impl<'s> Drift<'s> {
    /// How many they are.
    pub fn count(&self) -> usize {
        self.list.len()
    }

    /// Compares the files of a host with what is there, and keeps what is not current. Gives all of them.
    ///
    /// # Errors
    /// What is there cannot be read.
    pub fn add(
        &mut self,
        run: &Run<'_, 's>,
        set: &FileSet,
        setting: &Setting,
        host: &str,
    ) -> std::result::Result<Vec<Compared>, Failure> {
        let compared = compare(run.tree, set)?;
        if compared.iter().all(|(_, state, _)| *state == State::Same) {
            return Ok(compared);
        }
        let steps = Steps::of(run, setting, host);
        let secrets = Secrets::of([run.catalog()]);
        for (path, state, there) in &compared {
            let wanted = set.get(path).unwrap_or_default();
            let sheet = Sheet {
                path,
                there: there.as_deref().unwrap_or_default(),
                wanted,
                by_hand: true,
            };
            if let Some(drifted) = drifted(run, &steps, *state, there.is_some(), &sheet, &secrets) {
                self.list.push(drifted);
            }
        }
        Ok(compared)
    }

    /// The sources with these files behind the others, and these findings behind `others`.
    pub fn told(
        self,
        sources: &Sources<'s>,
        mut others: Vec<Finding>,
    ) -> (Sources<'s>, Vec<Finding>) {
        let (mut files, mut findings) = (Vec::new(), Vec::new());
        for Drifted {
            shown,
            bytes,
            finding,
        } in self.list
        {
            files.push((shown, bytes));
            findings.push(finding);
        }
        let (sources, first) = sources.with_files(FileKind::Generated, files);
        for (number, finding) in findings.iter_mut().enumerate() {
            let number = usize::from(first).saturating_add(number);
            finding.place.file = u16::try_from(number).unwrap_or(u16::MAX);
        }
        others.extend(findings);
        (sources, others)
    }
}

fn drifted<'s>(
    run: &Run<'_, 's>,
    steps: &Steps,
    state: State,
    is_there: bool,
    sheet: &Sheet,
    secrets: &Secrets,
) -> Option<Drifted<'s>> {
    let Sheet { path, wanted, .. } = *sheet;
    let there = is_there.then_some(sheet.there);
    let change = match (state, there) {
        (State::Same, _) => return None,
        (State::Missing, _) | (State::Different, None) => None,
        (State::Different, Some(there)) => Some(Change::of(there, wanted)),
    };
    let (rule, place) = match change {
        Some(Change::Edited(place)) => (Rule::GeneratedEdited, place),
        Some(Change::LineEnds) => (Rule::GeneratedEdited, WHOLE),
        Some(Change::Stale) | None => (Rule::GeneratedStale, WHOLE),
    };
    let (what, help) = match change {
        Some(Change::Edited(_)) => ("was edited by hand", steps.edited(path, wanted)),
        Some(Change::LineEnds) => (
            "has CRLF line ends, and differs in nothing else",
            steps.line_ends(path, wanted),
        ),
        Some(Change::Stale) => (
            "is not what the catalog gives",
            steps.stale(path, there, wanted),
        ),
        None => ("is not there", steps.stale(path, there, wanted)),
    };
    let message = format!("`{path}` {what}");
    Some(Drifted {
        shown: run.sources.shown_beside(path),
        bytes: match place.len {
            0 => &[],
            // The path to the place is told of it, which may hold a secret.
            _ => run.arena.alloc_slice_copy(&secrets.blurred(sheet)),
        },
        finding: Finding::new(rule, place, message).help(help),
    })
}

/// How a file differs from what the catalog gives.
#[derive(Clone, Copy)]
pub(super) enum Change {
    /// In its line ends alone.
    LineEnds,
    /// By hand, first at a place in it.
    Edited(Place),
    /// It was made, and the catalog or the program has changed since.
    Stale,
}

impl Change {
    /// Of a file that is not what the catalog gives.
    pub(super) fn of(there: &[u8], wanted: &[u8]) -> Self {
        if drift::differs_in_line_ends(there, wanted) {
            return Change::LineEnds;
        }
        match drift::judge(there) {
            Rule::GeneratedEdited => Change::Edited(edited(there, wanted)),
            _ => Change::Stale,
        }
    }
}

/// The first line that is not the one which the catalog gives, below the head; the file as a whole where only lines are
/// missing.
fn edited(there: &[u8], wanted: &[u8]) -> Place {
    let mut start = drift::below_head(there);
    let mut wanted = lines(&wanted[drift::below_head(wanted)..]);
    let mut comment = None;
    for line in lines(&there[start..]) {
        let other = wanted.next();
        let is_same = other.map(trimmed_end) == Some(trimmed_end(line));
        // Comments hold sums, which follow what the catalog says: other lines come before them.
        let comments = || is_comment(line) && other.is_some_and(is_comment);
        match is_same {
            true => {}
            false if comments() => comment = comment.or_else(|| Some(key_at(line, start))),
            false => return key_at(line, start),
        }
        start += line.len();
    }
    comment.unwrap_or(WHOLE)
}

/// What stands in a line that begins at `start`, up to its value: with it, the place would be that of the whole map which
/// begins here.
fn key_at(line: &[u8], start: usize) -> Place {
    let body = line.trim_ascii_start();
    let key = body
        .iter()
        .position(|byte| matches!(byte, b':' | b'='))
        .unwrap_or(body.len());
    let len = body[..key].trim_ascii_end().len().max(1);
    Place {
        file: u16::MAX,
        len: u16::try_from(len).unwrap_or(u16::MAX - 1),
        start: u32::try_from(start + line.len() - body.len()).unwrap_or_default(),
    }
}

/// A line without its end, whichever it has.
fn trimmed_end(line: &[u8]) -> &[u8] {
    let line = line.strip_suffix(b"\n").unwrap_or(line);
    line.strip_suffix(b"\r").unwrap_or(line)
}

fn is_comment(line: &[u8]) -> bool {
    line.trim_ascii_start().starts_with(b"#")
}

fn lines(bytes: &[u8]) -> impl Iterator<Item = &[u8]> {
    bytes.split_inclusive(|byte| *byte == b'\n')
}

/// A file as a whole, whichever it is.
const WHOLE: Place = Place {
    file: u16::MAX,
    len: 0,
    start: 0,
};

/// What to do about files of one host.
pub(super) struct Steps {
    /// Behind a command's name, to mean the same host and choices again.
    again: String,
    /// The command that tells it.
    command: &'static str,
    /// What is staged is looked at.
    staged: Option<Staged>,
}

/// What is in the way of a file that is staged.
struct Staged {
    /// The project's folder.
    root: PathBuf,
    /// The folder to stage, as it is typed in the current one.
    folder: String,
}

impl Steps {
    pub(super) fn of(run: &Run, setting: &Setting, host: &str) -> Self {
        let staged = || Staged {
            root: run.sources.root.clone(),
            folder: run.sources.shown_beside(&setting.folder(host)),
        };
        Steps {
            again: setting.again(host),
            command: run.command,
            staged: matches!(run.tree, Tree::Git(_)).then(staged),
        }
    }

    pub(super) fn edited(&self, path: &str, wanted: &[u8]) -> String {
        let again = &self.again;
        let (option, then) = match &self.staged {
            Some(staged) => match staged.current(path, wanted) {
                Some(first) => return first,
                None => (" --staged", format!("; then `git add {}`", staged.folder)),
            },
            None => ("", String::new()),
        };
        let shows = match self.command {
            "diff" => String::new(),
            _ => format!("`composegen diff{option}{again}` shows it, "),
        };
        format!(
            "bring the change into the catalog; {shows}`composegen build{option}{again}` takes it back{then}"
        )
    }

    /// What to do about a file whose line ends alone are others.
    pub(super) fn line_ends(&self, path: &str, wanted: &[u8]) -> String {
        let again = &self.again;
        let (option, then) = match &self.staged {
            Some(staged) => match staged.current(path, wanted) {
                Some(first) => return first,
                None => (" --staged", format!(", then `git add {}`", staged.folder)),
            },
            None => ("", String::new()),
        };
        format!(
            "where git writes them, the line `{FOLDER}/** text eol=lf` in `.gitattributes` ends that; `composegen build{option}{again}` writes the file anew{then}"
        )
    }

    pub(super) fn stale(&self, path: &str, there: Option<&[u8]>, wanted: &[u8]) -> String {
        let (again, command) = (&self.again, self.command);
        if let Some(other) = there.and_then(|there| otherwise(there, again)) {
            let option = self.staged.as_ref().map_or("", |_| " --staged");
            return format!(
                "it was made by `{other}`: give `composegen {command}` the same `--set`, or run `composegen build{option}{again}`"
            );
        }
        match (&self.staged, there) {
            // Of the staged catalog, too: it may be staged in part.
            (Some(staged), _) => staged.current(path, wanted).unwrap_or_else(|| {
                format!(
                    "run `composegen build --staged{again}`, then `git add {}`",
                    staged.folder
                )
            }),
            (None, Some(_)) if command != "diff" => {
                format!(
                    "run `composegen build{again}`; `composegen diff{again}` shows what changes"
                )
            }
            (None, _) => format!("run `composegen build{again}`"),
        }
    }
}

impl Staged {
    /// What to do about a file that is current already, only not staged.
    fn current(&self, path: &str, wanted: &[u8]) -> Option<String> {
        let folder = &self.folder;
        let there = std::fs::read(self.root.join(path));
        there
            .is_ok_and(|there| there == wanted)
            .then(|| format!("it is current in the folder: `git add {folder}`"))
    }
}

/// The command that made a file, of its head, where that chose something that this run does not.
fn otherwise(there: &[u8], again: &str) -> Option<String> {
    let head = there.split(|byte| *byte == b'\n').take(HEAD_LINES);
    let mut lines = head.filter_map(|line| std::str::from_utf8(line).ok());
    let words = lines.find_map(|line| {
        line.trim_start_matches(['#', ' '])
            .strip_prefix("composegen build")
    })?;
    let words = words.trim_end();
    (words.contains(" --set ") && words != again).then(|| format!("composegen build{words}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_line_that_was_edited_is_told() {
        const MADE: &str = "a: 1\n# sum: 2\nb: 3\n";
        for (there, expected) in [
            ("a: 1\n# sum: 2\nb: 4\n", "b"),
            ("a: 1\n# sum: 3\nb: 4\n", "b"),
            ("a: 1\n# mine\nb: 3\n", "# mine"),
            ("a: 1\n# sum: 2\nb: 3\n# mine\n", "# mine"),
            ("a: 1\n# sum: 2\nb: 3\n  c: d\n", "c"),
            ("# mine\na: 1\n# sum: 2\nb: 3\n", "# mine"),
            ("a: 1\n# sum: 2\n", ""),
        ] {
            let place = edited(there.as_bytes(), MADE.as_bytes());
            let (start, len) = (place.start as usize, usize::from(place.len));
            assert_eq!(&there[start..start + len], expected, "{there}");
        }
    }
}

//! What an import has to tell besides what it wrote: guesses, what goes through as it is, and what a catalog cannot say.
//! A program gets each note; a person gets those that say the same of many things as one.

use rustc_hash::FxHashMap;

pub use super::what::What;
use crate::place::Place;
use crate::values::prose::list;

/// What a note is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Subject {
    /// Something that is wrong, or may well be.
    Wrong,
    /// Something that the files do not say, and a catalog has to.
    Guessed,
    /// Something that a catalog says otherwise, and that may have to be looked at.
    Changed,
    /// Something that composegen does not look into.
    Passed,
    /// Something that a catalog cannot say.
    Lost,
}

impl Subject {
    /// All of them, in the order in which they are told.
    pub const ALL: [Subject; 5] = [
        Subject::Wrong,
        Subject::Guessed,
        Subject::Changed,
        Subject::Passed,
        Subject::Lost,
    ];
}

/// Something to tell. It never holds the value of a secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    /// What it is about.
    pub subject: Subject,
    /// Where that was written.
    pub place: Place,
    /// What is told.
    pub what: What,
}

impl Note {
    /// One sentence, the thing named first.
    pub fn text(&self) -> String {
        self.what.one()
    }

    /// What can be done about it.
    pub fn help(&self) -> Option<&'static str> {
        self.what.help()
    }
}

/// The notes of an import.
#[derive(Debug, Default)]
pub struct Notes(Vec<Note>);

impl Notes {
    /// Adds one, unless the same is told already.
    pub fn add(&mut self, subject: Subject, place: Place, what: impl Into<What>) {
        let note = Note {
            subject,
            place,
            what: what.into(),
        };
        if !self.0.contains(&note) {
            self.0.push(note);
        }
    }

    /// The notes by subject, then by what they say, then by place.
    pub fn sorted(mut self) -> Vec<Note> {
        let rank = |subject: Subject| Subject::ALL.iter().position(|one| *one == subject);
        self.0
            .sort_by_key(|note| (rank(note.subject), note.what.rank(), note.place));
        self.0
    }
}

/// A line for people: one note, or several that say the same.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// Where the first of them was written.
    pub place: Place,
    /// The sentence.
    pub text: String,
    /// The next step, where no other line comes that has the same one.
    pub help: Option<&'static str>,
}

/// So many notes of one kind are told as one.
const MANY: usize = 3;

/// So many things are named.
const MOST_NAMED: usize = 8;

/// Sorted notes of one subject as the lines that a person reads.
pub fn lines(notes: &[&Note]) -> Vec<Line> {
    let mut lines: Vec<Line> = groups(notes).iter().flat_map(|group| told(group)).collect();
    for at in 1..lines.len() {
        if lines[at].help == lines[at - 1].help {
            lines[at - 1].help = None;
        }
    }
    lines
}

/// Notes that can be told as one, each kind where its first one stands.
fn groups<'n>(notes: &[&'n Note]) -> Vec<Vec<&'n Note>> {
    let mut groups: Vec<Vec<&Note>> = Vec::new();
    let mut known = FxHashMap::default();
    for note in notes {
        let at = match note.what.common() {
            Some(common) => *known.entry(common).or_insert(groups.len()),
            None => groups.len(),
        };
        match groups.get_mut(at) {
            Some(group) => group.push(note),
            None => groups.push(vec![note]),
        }
    }
    groups
}

fn told(group: &[&Note]) -> Vec<Line> {
    let line = |note: &&Note, text: String| Line {
        place: note.place,
        text,
        help: note.help(),
    };
    match group {
        [first, ..] if group.len() >= MANY => {
            vec![line(first, first.what.many(group.len(), &named(group)))]
        }
        few => few.iter().map(|note| line(note, note.text())).collect(),
    }
}

/// The things that some notes are about, each once.
fn named(group: &[&Note]) -> String {
    let mut names: Vec<String> = Vec::new();
    for note in group {
        let name = note.what.listed();
        if !names.contains(&name) {
            names.push(name);
        }
    }
    // One name takes as much room as saying that there is one more.
    if names.len() > MOST_NAMED + 1 {
        let rest = names.split_off(MOST_NAMED).len();
        names.push(format!("{rest} more"));
    }
    list(&names)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(notes: Notes) -> Vec<(String, Option<&'static str>)> {
        let notes = notes.sorted();
        let all: Vec<&Note> = notes.iter().collect();
        lines(&all)
            .into_iter()
            .map(|line| (line.text, line.help))
            .collect()
    }

    fn unset(name: usize) -> What {
        What::Unset {
            name: format!("V{name}"),
            service: "web".to_owned(),
        }
    }

    #[test]
    fn what_is_said_of_many_things_is_said_once() {
        for (count, expected) in [
            (
                2,
                "`V1` of `web` is not there at all while nobody sets it; in a catalog it is empty then",
            ),
            (
                3,
                "3 variables are not there at all while nobody sets them; in a catalog they are empty then: \
                 `V0` of `web`, `V1` of `web` and `V2` of `web`",
            ),
            (
                12,
                "12 variables are not there at all while nobody sets them; in a catalog they are empty then: \
                  `V0` of `web`, `V1` of `web`, `V2` of `web`, `V3` of `web`, `V4` of `web`, `V5` of `web`, \
                  `V6` of `web`, `V7` of `web` and 4 more",
            ),
        ] {
            let mut notes = Notes::default();
            for number in 0..count {
                notes.add(Subject::Lost, Place::NOWHERE, unset(number));
                notes.add(Subject::Lost, Place::NOWHERE, unset(number));
            }
            let told = texts(notes);
            assert_eq!(told.last().map(|(text, _)| text.as_str()), Some(expected));
        }
    }

    #[test]
    fn what_differs_in_more_than_its_name_stays_apart_and_help_is_said_once() {
        let mut notes = Notes::default();
        let role = |service: &str, why: &str| What::Role {
            service: service.to_owned(),
            role: "ai",
            why: why.to_owned(),
        };
        for (service, why) in [("a", "one"), ("b", "two"), ("c", "one"), ("d", "one")] {
            notes.add(Subject::Guessed, Place::NOWHERE, role(service, why));
        }
        notes.add(
            Subject::Guessed,
            Place::NOWHERE,
            "something else".to_owned(),
        );
        let told = texts(notes);
        let texts: Vec<&str> = told.iter().map(|(text, _)| text.as_str()).collect();
        assert_eq!(
            texts,
            [
                "3 services are ai: `a`, `c` and `d`; one",
                "`b` is ai: two",
                "something else"
            ]
        );
        let helped: Vec<bool> = told.iter().map(|(_, help)| help.is_some()).collect();
        assert_eq!(helped, [false, true, false]);
    }
}

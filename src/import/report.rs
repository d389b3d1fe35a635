//! What an import has to tell besides what it wrote: guesses, what goes through as it is, and what a catalog cannot say.

use crate::place::Place;

/// What a note is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Subject {
    /// Something that a catalog says otherwise, and that may have to be looked at.
    Changed,
    /// Something that the files do not say, and a catalog has to.
    Guessed,
    /// Something that composegen does not look into.
    Passed,
    /// Something that a catalog cannot say.
    Lost,
}

impl Subject {
    /// All of them, in the order in which they are told.
    pub const ALL: [Subject; 4] = [
        Subject::Lost,
        Subject::Changed,
        Subject::Guessed,
        Subject::Passed,
    ];
}

/// Something to tell. It never holds the value of a secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    /// What it is about.
    pub subject: Subject,
    /// Where that was written.
    pub place: Place,
    /// One sentence, the thing named first.
    pub text: String,
}

/// The notes of an import.
#[derive(Debug, Default)]
pub struct Notes(Vec<Note>);

impl Notes {
    /// Adds one, unless the same is told already.
    pub fn add(&mut self, subject: Subject, place: Place, text: impl Into<String>) {
        let note = Note {
            subject,
            place,
            text: text.into(),
        };
        if !self.0.contains(&note) {
            self.0.push(note);
        }
    }

    /// The notes by subject, then by place.
    pub fn sorted(mut self) -> Vec<Note> {
        let rank = |subject: Subject| Subject::ALL.iter().position(|one| *one == subject);
        self.0.sort_by_key(|note| (rank(note.subject), note.place));
        self.0
    }
}

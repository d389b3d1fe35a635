//! Where the text of a file goes, piece by piece: a large file is never in memory as a whole, unless somebody wants it
//! there.

/// Where the text of a file goes, from front to end.
pub trait Page {
    /// Puts a piece behind the others.
    fn put(&mut self, piece: &str);

    /// Leaves room for a text of `len` bytes of ASCII that is known only when all is written. A page has one such room.
    fn leave(&mut self, len: usize);

    /// Fills the room that was left.
    fn fill(&mut self, text: &str);
}

/// What stands in a room until it is filled.
const ROOM: &str = "0";

/// A page in memory.
#[derive(Debug, Default)]
pub struct Memory {
    text: String,
    /// Where its room begins.
    room: usize,
}

impl Memory {
    /// With space for so many bytes.
    pub fn with_capacity(bytes: usize) -> Self {
        Memory {
            text: String::with_capacity(bytes),
            room: 0,
        }
    }

    /// What was put on it.
    pub fn text(self) -> String {
        self.text
    }
}

impl Page for Memory {
    fn put(&mut self, piece: &str) {
        self.text.push_str(piece);
    }

    fn leave(&mut self, len: usize) {
        self.room = self.text.len();
        self.text.push_str(&ROOM.repeat(len));
    }

    fn fill(&mut self, text: &str) {
        let end = self.room + text.len();
        self.text.replace_range(self.room..end, text);
    }
}

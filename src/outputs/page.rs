//! Where the text of a file goes, piece by piece: a large file is never in memory as a whole, unless somebody wants it
//! there.

use std::ops::Range;

/// Where the text of a file goes, from front to end.
pub trait Page {
    /// Puts a piece behind the others.
    fn put(&mut self, piece: &str);

    /// Leaves room for a text of `len` bytes of ASCII that is known only when all is written. A page has one such room.
    fn leave(&mut self, len: usize);

    /// Fills the room that was left.
    fn fill(&mut self, text: &str);
}

/// A page in memory.
#[derive(Default)]
pub struct Whole {
    text: String,
    room: Range<usize>,
}

impl Whole {
    /// The text of the file.
    pub fn text(self) -> String {
        self.text
    }
}

impl Page for Whole {
    fn put(&mut self, piece: &str) {
        self.text.push_str(piece);
    }

    fn leave(&mut self, len: usize) {
        let start = self.text.len();
        self.text.extend(std::iter::repeat_n('0', len));
        self.room = start..start + len;
    }

    fn fill(&mut self, text: &str) {
        self.text.replace_range(self.room.clone(), text);
    }
}

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

//! Where a value was written. Eight bytes, so that every value of a catalog can carry one.
//! Lines, columns and the path to a value are worked out from it when a message is printed, never before.

/// A stretch of one source file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Place {
    /// The number of the file among the run's sources.
    pub file: u16,
    /// Length in bytes; 65,535 stands for "that or more".
    pub len: u16,
    /// Offset of the first byte in the file, a byte-order mark counted.
    pub start: u32,
}

impl Place {
    /// The place of what nobody wrote: built-in roles, defaults of the program.
    pub const NOWHERE: Place = Place {
        file: u16::MAX,
        len: 0,
        start: 0,
    };

    /// Whether somebody wrote it.
    pub fn is_somewhere(self) -> bool {
        self.file != u16::MAX
    }
}

/// By file, then by offset, then by length.
impl Ord for Place {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        let key = |place: &Place| (place.file, place.start, place.len);
        key(self).cmp(&key(other))
    }
}

impl PartialOrd for Place {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Default for Place {
    fn default() -> Self {
        Place::NOWHERE
    }
}

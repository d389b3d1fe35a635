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

    /// The place of a part of a text of so many bytes, from `start` to `end`, where the text stands in the file as it
    /// is, perhaps in quotes; else the whole text's.
    #[must_use]
    pub fn part(self, length: usize, start: usize, end: usize) -> Place {
        // A quoted text is two characters longer than what it holds; anything else was changed on its way here.
        let quotes = match usize::from(self.len).checked_sub(length) {
            Some(0) => 0,
            Some(2) => 1,
            _ => return self,
        };
        Place {
            file: self.file,
            start: self.start + quotes + start as u32,
            len: end.saturating_sub(start) as u16,
        }
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

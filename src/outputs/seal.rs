//! The digest in the head of a file, of what stands below it.

use std::ops::Range;

use sha2::{Digest, Sha256};

use super::page::Page;

/// The words before the digest, on the last line of the head.
pub const DIGEST: &str = "# sha256 of what follows: ";

/// What stands where the digest goes.
pub const ROOM: &str = "0000000000000000000000000000000000000000000000000000000000000000";

/// The digest of a text, in hexadecimal.
pub fn digest(text: &[u8]) -> String {
    hexadecimal(&Sha256::digest(text))
}

fn hexadecimal(bytes: &[u8]) -> String {
    let digits = bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    let letters = digits.map(|digit| char::from(b"0123456789abcdef"[usize::from(digit)]));
    letters.collect()
}

/// Puts the digest of what follows the line into the room on it.
pub fn seal(text: &mut String, room: Range<usize>) {
    let digest = digest(text.as_bytes().get(room.end + 1..).unwrap_or_default());
    text.replace_range(room, &digest);
}

/// What stands below the digest of a file that goes onto a page piece by piece, and what of it is digested.
pub struct Below<'p> {
    page: &'p mut dyn Page,
    digest: Sha256,
}

impl<'p> Below<'p> {
    /// So much is written before it goes to the page: less than the caches hold, and enough that the system takes it
    /// as cheaply as the whole (measured: a piece of 64 KiB costs it twice as much per byte).
    pub const PIECE: usize = 512 << 10;
    /// The room for a piece, with what makes it complete.
    pub const CAPACITY: usize = Below::PIECE + (64 << 10);

    /// Behind a head that ends with `DIGEST`. Room is left for the digest, and filled in the end.
    pub fn of(head: &str, page: &'p mut dyn Page) -> Self {
        page.put(head);
        page.leave(ROOM.len());
        page.put("\n");
        Below {
            page,
            digest: Sha256::new(),
        }
    }

    /// Puts the next piece.
    pub fn put(&mut self, piece: &str) {
        self.digest.update(piece);
        self.page.put(piece);
    }

    /// All is there.
    pub fn end(self) {
        self.page.fill(&hexadecimal(&self.digest.finalize()));
    }
}

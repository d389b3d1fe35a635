//! Long texts are looked at in parts: what belongs together stands near, and what is dear for a long text stays cheap.

use std::ops::Range;

/// So many bytes of a text are looked at at once: what belongs together is nearer than half of that.
pub(super) const LONG: usize = 8192;

/// From so many secrets on a long text is looked at no further: all of it is one.
pub(super) const MANY: usize = 1000;

/// A text, or the parts of a long one, each over half of the one before.
pub(super) fn parts(text: &str) -> Vec<Range<usize>> {
    let mut parts = Vec::new();
    let mut start = 0;
    loop {
        let end = text.floor_char_boundary(start + LONG);
        parts.push(start..end);
        if end == text.len() {
            return parts;
        }
        start = text.floor_char_boundary(start + LONG / 2);
    }
}

//! Whether what is checked in is what the catalog gives: edited by hand, or stale.

use super::compose_file::{DIGEST, digest};
use crate::rule::Rule;

/// What is wrong with a checked-in file that differs from what the catalog gives.
pub fn judge(there: &[u8]) -> Rule {
    match is_untouched(there) {
        false => Rule::GeneratedEdited,
        true => Rule::GeneratedStale,
    }
}

/// Where a file begins below its head: behind the line of the digest; at 0 where it has none.
pub fn below_head(file: &[u8]) -> usize {
    let digest = DIGEST.as_bytes();
    let mut start = 0;
    for line in file.split_inclusive(|byte| *byte == b'\n') {
        start += line.len();
        if line.starts_with(digest) {
            return start;
        }
    }
    0
}

/// Whether composegen made a file, and nobody touched it: by its digest, or it is the schema, which has none.
pub fn is_made(there: &[u8]) -> bool {
    let has_digest = || String::from_utf8_lossy(there).contains(DIGEST);
    is_untouched(there) && (there.starts_with(b"{") || has_digest())
}

/// Whether a file is as it was made: the digest in its banner is that of the text below. A file without a banner,
/// such as the schema, cannot tell, and counts as made by an earlier version.
fn is_untouched(there: &[u8]) -> bool {
    let text = String::from_utf8_lossy(there);
    let Some(at) = text.find(DIGEST) else {
        return !text.starts_with(['#', '<']);
    };
    let rest = &text[at + DIGEST.len()..];
    match rest.split_once('\n') {
        Some((written, below)) => written.trim_end() == digest(below.as_bytes()),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_without_its_digest_was_edited_unless_it_never_has_one() {
        for (text, expected) in [
            (
                "# a banner without its last line\nname: x\n",
                Rule::GeneratedEdited,
            ),
            ("<!--\nMade by hand\n-->\n", Rule::GeneratedEdited),
            ("{ \"type\": \"object\" }\n", Rule::GeneratedStale),
        ] {
            assert_eq!(judge(text.as_bytes()), expected, "{text}");
        }
    }
}

//! From bytes to a text that may be read: UTF-8, without control characters.

use super::error::{Step, YamlError, fail, offset};
use crate::place::Place;

/// Why bytes are no text: they are not UTF-8.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotUtf8 {
    /// Offset of the first byte that is wrong.
    pub offset: usize,
    /// Whether the file starts with the byte order mark of UTF-16.
    pub utf16: bool,
}

impl NotUtf8 {
    /// The finding for the file with this index.
    #[must_use]
    pub fn in_file(self, file: u16) -> YamlError {
        let start = u32::try_from(self.offset).unwrap_or(u32::MAX);
        let encoding = if self.utf16 {
            "the file is in UTF-16"
        } else {
            "this byte is not UTF-8"
        };
        YamlError::syntax(
            Place {
                file,
                len: 1,
                start,
            },
            encoding,
        )
        .with_help("save the file as UTF-8")
    }
}

/// Takes the bytes of a file for UTF-8 text.
///
/// # Errors
/// [`NotUtf8`] with the offset of the first wrong byte.
pub fn decode(bytes: &[u8]) -> Result<&str, NotUtf8> {
    std::str::from_utf8(bytes).map_err(|error| NotUtf8 {
        offset: error.valid_up_to(),
        utf16: bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]),
    })
}

/// Refuses files beyond 32-bit offsets, and control characters, which YAML forbids
/// (YAML 1.2.2, section 5.1) and which a tokeniser may let pass in places.
pub(super) fn check_characters(text: &str, file: u16) -> Step {
    if u32::try_from(text.len()).is_err() {
        return fail(YamlError::syntax(
            Place {
                file,
                len: 0,
                start: 0,
            },
            "the file is larger than 4 GB",
        ));
    }
    let Some(start) = find_control(text.as_bytes()) else {
        return Ok(());
    };
    let code = text.as_bytes()[start];
    let place = Place {
        file,
        len: 1,
        start: offset(start),
    };
    let message = format!("a control character (U+{code:04X}) is not allowed in YAML");
    fail(YamlError::syntax(place, message).with_help(format!(
        "delete it, or write it as `\\x{code:02X}` in double quotes"
    )))
}

/// The first ASCII control character besides tab and line ends. Whole chunks are judged
/// without a branch, which the compiler turns into vector instructions.
fn find_control(bytes: &[u8]) -> Option<usize> {
    let mut chunks = bytes.chunks_exact(64);
    let mut start = 0;
    for chunk in chunks.by_ref() {
        if chunk.iter().fold(false, |bad, &b| bad | is_control(b)) {
            break;
        }
        start += 64;
    }
    bytes[start..]
        .iter()
        .position(|&b| is_control(b))
        .map(|at| start + at)
}

#[inline]
fn is_control(b: u8) -> bool {
    (b < 0x20) & (b != b'\t') & (b != b'\n') & (b != b'\r') | (b == 0x7f)
}

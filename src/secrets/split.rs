//! A text as a shell parts it.

use std::ops::Range;

/// A word without the quotation marks around it, and how many bytes they have at its head.
pub(super) fn unquoted(word: &str) -> (&str, usize) {
    for quote in ['"', '\''] {
        let inner = word
            .strip_prefix(quote)
            .and_then(|rest| rest.strip_suffix(quote));
        if let Some(inner) = inner {
            return (inner, 1);
        }
    }
    (word, 0)
}

/// The words of a text as a shell parts them: blanks in quotation marks part nothing. A mark that nothing closes is a
/// letter.
pub(super) fn shell_words(text: &str) -> Vec<Range<usize>> {
    let bytes = text.as_bytes();
    let is_end = |at: usize| match bytes[at] {
        b';' | b'|' | b'`' => true,
        b'&' => bytes
            .get(at + 1)
            .is_none_or(|next| matches!(next, b'&' | b' ' | b'\n')),
        byte => byte.is_ascii_whitespace(),
    };
    let mut found = Vec::new();
    let mut left = MOST;
    let mut at = 0;
    while at < bytes.len() {
        let start = at;
        while at < bytes.len() && !is_end(at) {
            at = match bytes[at] {
                b'\\' => at + 2,
                quote @ (b'"' | b'\'') => closing(bytes, at, quote).map_or(at, |end| end) + 1,
                b'$' if bytes.get(at + 1) == Some(&b'{') => braced(bytes, at, &mut left) + 1,
                _ => at + 1,
            };
        }
        at = at.min(bytes.len());
        if at > start && text.is_char_boundary(at) {
            found.push(start..at);
        }
        at += 1;
    }
    found
}

/// Where the quotation mark stands that closes the one at `at`.
fn closing(bytes: &[u8], at: usize, quote: u8) -> Option<usize> {
    let mut next = at + 1;
    while next < bytes.len() {
        match bytes[next] {
            b'\\' if quote == b'"' => next += 1,
            byte if byte == quote => return Some(next),
            _ => {}
        }
        next += 1;
    }
    None
}

/// So many bytes behind its `${` a variable ends.
const FARTHEST: usize = 1024;

/// So many bytes of a text are gone through for the ends of its variables: thousands inside each other are none.
const MOST: usize = 1 << 16;

/// Where the brace stands that closes the `${` at `at`, or the `$` where nothing does.
fn braced(bytes: &[u8], at: usize, left: &mut usize) -> usize {
    let mut depth = 0;
    for (next, byte) in bytes.iter().enumerate().skip(at).take(FARTHEST.min(*left)) {
        *left -= 1;
        match byte {
            b'{' => depth += 1,
            b'}' if depth == 1 => return next,
            b'}' => depth -= 1,
            _ => {}
        }
    }
    at
}

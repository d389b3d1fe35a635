//! Values without quotes that Compose reads, and reads otherwise than they look.

use std::ops::Range;

use super::ProblemKind;

/// Quotes that word processors and chat programs put in place of the plain ones.
const CURLY: &[char] = &['“', '”', '„', '‘', '’', '‚', '«', '»'];

/// The first trap of a value, and where it stands in it.
pub(super) fn in_plain(value: &str) -> Option<(ProblemKind, Range<usize>)> {
    let at = |text: &str| value.find(text);
    if value.starts_with('#') {
        return Some((ProblemKind::HashFirst, 0..value.len()));
    }
    if let Some(at) = at("\t#") {
        return Some((ProblemKind::HashBehindTab, at + 1..value.len()));
    }
    if let Some(at) = at("\r") {
        return Some((ProblemKind::CarriageReturn, at..at + 1));
    }
    if let Some(at) = at("\0") {
        return Some((ProblemKind::Nul, at..at + 1));
    }
    if let Some(quote) = value.chars().next().filter(|first| CURLY.contains(first)) {
        return Some((ProblemKind::CurlyQuote, 0..quote.len_utf8()));
    }
    let (at, blank) = value.char_indices().find(|(_, it)| it.is_whitespace())?;
    Some((ProblemKind::Blank, at..at + blank.len_utf8()))
}

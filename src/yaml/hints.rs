//! What the text around a mistake tells of its cause: a comma that ended a text, a tab, a line that is none of YAML's.
//! Looked for only where something is wrong, and only a hint: it may err.

use crate::place::Place;

/// How far [`comma_hint`] looks back for the `{` of a flow map, in bytes.
const HINT_REACH: usize = 2_000;

pub(super) const COMMA_HINT: &str =
    "a comma ends a text inside `{ }`; quote the text if the comma belongs to it";

/// Whether a key that stands in a flow map may be the rest of the text before it.
///
/// It may if it follows a comma that ended a text without quotes, and has no value or a blank
/// in it: `{ description: foo, bar baz }`. Then the answer is a hint for people. `place` is
/// the key's. The look back is short and by brackets, so that it may err; it is a hint.
#[must_use]
pub fn comma_hint(text: &str, place: Place) -> Option<&'static str> {
    let start = place.start as usize;
    let end = start + usize::from(place.len);
    let key = text.get(start..end)?;
    if key.starts_with(['"', '\'']) {
        return None;
    }
    let after = text[end..].trim_start().bytes().next();
    let lacks_value = matches!(after, Some(b',' | b'}'));
    (lacks_value || key.contains(' '))
        .then(|| comma_after_text(text, start))
        .flatten()
}

/// The hint, if a comma that ended a text without quotes stands before `start`, in a flow map.
fn comma_after_text(text: &str, start: usize) -> Option<&'static str> {
    let reach = &text.as_bytes()[start.saturating_sub(HINT_REACH)..start];
    let before = reach.trim_ascii_end().strip_suffix(b",")?.trim_ascii_end();
    let is_text = !matches!(
        before.last()?,
        b'"' | b'\'' | b'}' | b']' | b'{' | b'[' | b',' | b':'
    );
    (is_text && is_in_flow_map(before)).then_some(COMMA_HINT)
}

/// Whether the nearest bracket that is open at the end of `before` is a map's.
fn is_in_flow_map(before: &[u8]) -> bool {
    let mut closed = 0_usize;
    for (at, &b) in before.iter().enumerate().rev() {
        match b {
            b'}' | b']' => closed += 1,
            b'{' | b'[' if closed > 0 => closed -= 1,
            b'{' => return at == 0 || matches!(before[at - 1], b' ' | b'\n' | b'{' | b'[' | b','),
            b'[' => return false,
            _ => {}
        }
    }
    false
}

/// The comma hint for an error at `at`: the last comma before it on its line may be the cause.
pub(super) fn comma_before(text: &str, at: usize) -> Option<&'static str> {
    let bytes = text.as_bytes();
    let line = bytes[..at]
        .iter()
        .rposition(|&b| b == b'\n')
        .map_or(0, |end| end + 1);
    let comma = line + bytes[line..at].iter().rposition(|&b| b == b',')?;
    comma_after_text(text, comma + 1)
}

/// Offset of a tab among the blanks that start the line of `at`.
pub(super) fn tab_in_indent(text: &str, at: usize) -> Option<usize> {
    let bytes = text.as_bytes();
    let start = bytes[..at]
        .iter()
        .rposition(|&b| b == b'\n')
        .map_or(0, |end| end + 1);
    let indent = bytes[start..]
        .iter()
        .take_while(|b| matches!(b, b' ' | b'\t'));
    indent
        .enumerate()
        .find(|(_, b)| **b == b'\t')
        .map(|(index, _)| start + index)
}

/// The tab behind an error at `at`. An error about a tab may point at the end of the line before.
pub(super) fn tab_near(text: &str, at: usize, is_tab_fault: bool) -> Option<usize> {
    let next_line = || text[at..].find('\n').map(|end| at + end + 1);
    let below = || {
        is_tab_fault
            .then(next_line)
            .flatten()
            .and_then(|at| tab_in_indent(text, at))
    };
    tab_in_indent(text, at).or_else(below)
}

/// What to do where a line is none of YAML's: the mark of a merge conflict, a statement of a template language.
pub(super) fn foreign_help(line: &str) -> Option<&'static str> {
    let is_conflict = ["<<<<<<<", "=======", ">>>>>>>"]
        .iter()
        .any(|mark| line.starts_with(mark));
    if is_conflict {
        return Some("a merge conflict is open here: keep one side and delete its marks");
    }
    line.trim_start()
        .starts_with("{%")
        .then_some("a catalog has no `{% %}`: write each entry, or what they share as a fragment")
}

/// What to do where the line of an error is a key with its value right behind the colon: `image:nginx`.
pub(super) fn colon_help(line: &str) -> Option<&'static str> {
    let line = line.lines().next()?.trim().trim_start_matches("- ");
    let (key, value) = line.split_once(':')?;
    let is_key = !key.is_empty()
        && key
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"_-".contains(&byte));
    let is_close =
        !value.is_empty() && !value.starts_with([' ', '\t', '/']) && !line.contains(": ");
    (is_key && is_close).then_some("write a blank behind the `:`")
}

/// The first quote between two offsets that is in no comment.
pub(super) fn first_quote(text: &str, from: usize, to: usize) -> Option<usize> {
    let mut is_comment = false;
    let mut before = b' ';
    for (at, byte) in text.as_bytes().get(from..to)?.iter().enumerate() {
        match byte {
            b'\n' => is_comment = false,
            b'#' if before.is_ascii_whitespace() => is_comment = true,
            b'"' | b'\'' if !is_comment => return Some(from + at),
            _ => {}
        }
        before = *byte;
    }
    None
}

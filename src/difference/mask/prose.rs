//! What somebody wrote by hand where no tree says what belongs together: comments, tables, a file that is no YAML.
//! Where a word hints at a secret, everything behind it is hidden, and what nobody can tell from one around it.

use std::ops::Range;

use rustc_hash::FxHashSet;

use super::edits::Edits;
use crate::secrets::{Hands, Stretches, hints, indent, is_of_name, is_plain, word, words};

/// How far from a hint the secret may be.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Reach {
    /// In the lines next to it: what belongs together stands together.
    Lines,
    /// In the lines around it that are not indented less, and were edited too: YAML that cannot be read.
    Block,
}

/// How many lines above and below a hint may hold the secret, and how many below one that has something behind it.
const ABOVE: usize = 1;
const BELOW: usize = 3;
const BEHIND: usize = 1;

/// How many lines a block has at most, above and below.
const BLOCK: usize = 40;

/// Words of so many letters hold a sentence together.
const SMALL: usize = 3;

/// A line that somebody may have written.
struct Part<'t> {
    number: usize,
    /// Where the part of the line begins that is looked at.
    start: usize,
    text: &'t str,
}

/// Adds what the edited lines of a text may hold; `part` gives the offset in a line from which on it is looked at, if
/// it is. Marks the lines that may hold a secret, too.
pub(super) fn add(
    text: &str,
    edits: &mut Edits,
    reach: Reach,
    part: impl Fn(usize, Range<usize>) -> Option<usize>,
    found: &mut Stretches,
) {
    let parts = parts(text, edits, part);
    let mut hinted = Vec::new();
    for (at, it) in parts.iter().enumerate() {
        if is_row(it.text) && is_row_of_secrets(&parts, at) {
            cells(it, edits, found);
        } else if let Some(hint) = hint(it.text) {
            let is_behind = around_hint(it, hint, edits, found);
            hinted.push((it.number, is_behind));
        }
    }
    // A line may hold the name and the next one the secret: what has been looked at by itself is looked at beside others.
    let mut beside = FxHashSet::default();
    for (number, is_behind) in hinted {
        let around = match (reach, is_behind) {
            (Reach::Lines, true) => number..number + BEHIND + 1,
            (Reach::Lines, false) => number.saturating_sub(ABOVE)..number + BELOW + 1,
            (Reach::Block, _) => block(number, &parts),
        };
        for line in around {
            edits.hint(line);
            if line != number {
                beside.insert(line);
            }
        }
    }
    for it in parts.iter().filter(|it| beside.contains(&it.number)) {
        value(it, edits, found);
    }
}

fn parts<'t>(
    text: &'t str,
    edits: &Edits,
    part: impl Fn(usize, Range<usize>) -> Option<usize>,
) -> Vec<Part<'t>> {
    let mut start = 0;
    let mut parts = Vec::new();
    for (number, line) in text.split_inclusive('\n').enumerate() {
        let body = line.trim_end();
        if edits.is_edited(number)
            && let Some(from) = part(number, start..start + body.len())
        {
            parts.push(Part {
                number,
                start: start + from,
                text: &body[from..],
            });
        }
        start += line.len();
    }
    parts
}

/// The edited lines around one that are not indented less, and the lines next to it.
fn block(number: usize, parts: &[Part]) -> Range<usize> {
    let at = parts.partition_point(|part| part.number < number);
    let column = parts
        .get(at)
        .map_or(0, |part| indent(part.text).saturating_sub(2));
    let is_in = |part: &Part| indent(part.text) >= column && part.number.abs_diff(number) <= BLOCK;
    let joins = |one: usize, other: usize| match (parts.get(one), parts.get(other)) {
        (Some(one), Some(other)) => is_in(other) && one.number.abs_diff(other.number) <= 2,
        _ => false,
    };
    let (mut first, mut last) = (at, at);
    while joins(last, last + 1) {
        last += 1;
    }
    while first > 0 && joins(first, first - 1) {
        first -= 1;
    }
    let of = |at: usize| parts.get(at).map_or(number, |part| part.number);
    of(first).min(number.saturating_sub(ABOVE))..of(last).max(number + BELOW) + 1
}

/// The end of the first word that hints at a secret.
fn hint(text: &str) -> Option<usize> {
    let mut at = 0;
    while let Some((start, end)) = word(text, at) {
        if hints(&text[start..end]) {
            return Some(end);
        }
        at = end;
    }
    None
}

/// Hides all behind a hint, and the words before it that composegen never writes; whether there was something behind it.
fn around_hint(part: &Part, hint: usize, edits: &Edits, found: &mut Stretches) -> bool {
    let head = part.text[..hint].trim_end_matches(is_of_name).len();
    let signs = |letter: char| {
        letter.is_whitespace()
            || matches!(letter, ':' | '=' | '"' | '\'' | '|' | '`' | '*' | '-' | '>')
    };
    let rest = part.text[hint..].trim_start_matches(signs);
    let is_left = !rest.is_empty() && !is_plain(rest) && !edits.is_known(rest);
    if is_left {
        let from = part.start + part.text.len() - rest.len();
        found.add(from..part.start + part.text.len());
    }
    unknown(part, 0..head, edits, found);
    is_left
}

/// Hides the words of a stretch that composegen does not write, and that are not plain.
fn unknown(part: &Part, at: Range<usize>, edits: &Edits, found: &mut Stretches) {
    let text = &part.text[at.clone()];
    for word in words(text) {
        let it = &text[word.clone()];
        let is_sign = !it.chars().any(char::is_alphanumeric);
        // Keys name things: what they are given is looked at by itself. A secret may end with `=`, as Base64 does; then
        // nothing follows.
        let behind = part.text[at.start + word.end..].trim_start_matches(['"', '\'']);
        let is_given = behind.starts_with(|letter: char| letter.is_alphanumeric() || letter == '$');
        let is_key = (it.ends_with(':') || it.ends_with('=') && is_given)
            && it
                .chars()
                .all(|letter| is_of_name(letter) || matches!(letter, ':' | '='));
        let is_small = it == "export"
            || it.len() <= SMALL && it.bytes().all(|byte| byte.is_ascii_alphabetic());
        if !is_sign && !is_small && !is_key && !is_plain(it) && !edits.is_known(it) {
            let start = part.start + at.start;
            found.add(start + word.start..start + word.end);
        }
    }
}

/// Hides the value of a line near a hint: all behind its key, or all of it.
fn value(part: &Part, edits: &Edits, found: &mut Stretches) {
    let body = part
        .text
        .trim_start_matches([' ', '#', '-', '?', ':', '\t']);
    let body = body.strip_prefix("export ").unwrap_or(body);
    let from = part.text.len() - body.len();
    let key =
        word(body, 0).filter(|(start, _)| body[..*start].trim_matches(['"', '\'']).is_empty());
    let behind = key.and_then(|(_, end)| {
        let rest = body[end..].trim_start_matches(['"', '\'', ' ']);
        // A secret may end with `=`, as Base64 does.
        let is_given = |rest: &&str| !rest.trim_matches(['"', '\'', ',', ']', ' ']).is_empty();
        let rest = rest
            .strip_prefix(':')
            .or_else(|| rest.strip_prefix('=').filter(is_given))?;
        Some(part.text.len() - rest.trim_start().len())
    });
    let from = behind.unwrap_or(from);
    let rest = &part.text[from..];
    if !rest.is_empty() && !is_plain(rest) && !edits.is_known(rest) {
        found.add(part.start + from..part.start + part.text.len());
    }
}

fn is_row(text: &str) -> bool {
    text.trim_start().starts_with('|')
}

/// Whether any row of the table that is edited hints at a secret.
fn is_row_of_secrets(parts: &[Part], at: usize) -> bool {
    let hints = |part: &&Part| hint(part.text).is_some();
    let above = parts[..at]
        .iter()
        .rev()
        .take_while(|part| is_row(part.text));
    let below = parts[at..].iter().take_while(|part| is_row(part.text));
    above.chain(below).any(|part| hints(&part))
}

/// Hides the cells of a row, but for those that hint, are plain, or hold what composegen writes.
fn cells(part: &Part, edits: &Edits, found: &mut Stretches) {
    let mut start = part.start + indent(part.text);
    for cell in part.text.trim_start().split('|') {
        let body = cell.trim();
        let names =
            hint(body).is_some_and(|end| body[end..].trim_matches(['`', '*', ' ']).is_empty());
        let is_sign = !body.chars().any(char::is_alphanumeric);
        if !is_sign && !names && !is_plain(body) && !edits.is_known(body) {
            let from = start + cell.len() - cell.trim_start().len();
            found.add(from..from + body.len());
        }
        start += cell.len() + 1;
    }
}

//! Secrets line by line, in a text of any kind: also what of them stands below their name.

use std::ops::Range;

use super::below::Below;
use super::line::{Hand, line};
use super::long::parts;
use super::names::Names;
use super::section;
use super::stretches::Stretches;

/// Adds what the lines of a text hold; `hand` says who wrote the line of a number.
pub fn add(text: &str, names: &Names, hand: impl Fn(usize) -> Hand, found: &mut Stretches) {
    let mut below = Below::Nothing;
    let mut start = 0;
    let mut in_key = false;
    let mut in_secrets = false;
    for (number, whole) in text.split_inclusive('\n').enumerate() {
        let body = whole.trim_end_matches(['\n', '\r']);
        let from = start;
        start += whole.len();
        // The key of a private key is nothing else, wherever it begins.
        in_key |= body.contains("-----BEGIN ") && body.contains("PRIVATE KEY");
        if in_key {
            found.add(from..from + body.len());
            in_key = !body.contains("-----END ");
            continue;
        }
        if body.trim().is_empty() {
            continue;
        }
        in_secrets = section::begins(body).unwrap_or(in_secrets);
        if in_secrets && let Some(at) = section::secret(body) {
            found.add(from + at..from + body.len());
            continue;
        }
        if let Some(next) = below.holds(body, names) {
            found.add(from + below.from(body)..from + body.len());
            below = next;
            continue;
        }
        for part in parts(body) {
            let looked = line(&body[part.clone()], names, hand(number));
            for stretch in looked.stretches {
                found.add(from + part.start + stretch.start..from + part.start + stretch.end);
            }
            below = looked.below;
        }
    }
}

/// The comments of a YAML text, each where it was, and blanks in place of all else. `texts` are where its scalars stand, in
/// order.
pub fn comments(text: &str, texts: &[Range<usize>]) -> String {
    let mut rest = String::with_capacity(text.len());
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        let at = comment(line, start, texts).unwrap_or(line.trim_end_matches(['\n', '\r']).len());
        rest.extend(std::iter::repeat_n(' ', at));
        rest.push_str(&line[at..]);
        start += line.len();
    }
    rest
}

/// Where the comment of a line begins, which starts at `start`: at a `#` that is in no text.
pub fn comment(line: &str, start: usize, texts: &[Range<usize>]) -> Option<usize> {
    let is_in_text = |at: usize| {
        let before = texts.partition_point(|text| text.start <= at);
        before
            .checked_sub(1)
            .is_some_and(|last| texts[last].end > at)
    };
    let signs = line.match_indices('#').map(|(at, _)| at);
    let mut begins = signs.filter(|at| {
        line[..*at]
            .chars()
            .next_back()
            .is_none_or(char::is_whitespace)
    });
    begins.find(|at| !is_in_text(start + at))
}

/// A text of one or more lines without its secrets.
pub fn masked(text: &str, names: &Names, hand: Hand) -> String {
    let mut found = Stretches::default();
    add(text, names, |_| hand, &mut found);
    match found.is_empty() {
        true => text.to_owned(),
        false => found.masked(text),
    }
}

//! Secrets line by line, in a text of any kind: also what of them stands below their name.

use super::below::Below;
use super::line::{Hand, line};
use super::names::Names;
use super::stretches::Stretches;

/// Adds what the lines of a text hold; `hand` says who wrote the line of a number.
pub(super) fn add(text: &str, names: &Names, hand: impl Fn(usize) -> Hand, found: &mut Stretches) {
    let mut below = Below::Nothing;
    let mut start = 0;
    let mut in_key = false;
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
        if let Some(next) = below.holds(body, names) {
            found.add(from + below.from(body)..from + body.len());
            below = next;
            continue;
        }
        let looked = line(body, names, hand(number));
        for stretch in looked.stretches {
            found.add(from + stretch.start..from + stretch.end);
        }
        below = looked.below;
    }
}

/// A text of one or more lines without its secrets.
pub(super) fn masked(text: &str, names: &Names, hand: Hand) -> String {
    let mut found = Stretches::default();
    add(text, names, |_| hand, &mut found);
    match found.is_empty() {
        true => text.to_owned(),
        false => found.masked(text),
    }
}

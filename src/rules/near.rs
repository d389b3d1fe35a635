//! For many words at once, the name that is one slip of the keyboard away. Linear in the words and in the names.

use rustc_hash::FxHashMap;

/// Up to so many words, comparing each with every name is the quickest.
const FEW: usize = 8;

/// For each word the first of the names, in their order, that is one omitted, added, wrong or swapped character away.
pub fn near<'w, 'n>(
    words: &[&'w str],
    names: impl Iterator<Item = &'n str>,
) -> FxHashMap<&'w str, &'n str> {
    match words.len() {
        0..=FEW => compared(words, names),
        _ => looked_up(words, names),
    }
}

fn compared<'w, 'n>(
    words: &[&'w str],
    names: impl Iterator<Item = &'n str>,
) -> FxHashMap<&'w str, &'n str> {
    let mut found = FxHashMap::default();
    for name in names {
        for word in words.iter().filter(|word| is_one_slip(word, name)) {
            found.entry(*word).or_insert(name);
        }
    }
    found
}

/// Two texts that are one slip apart become equal when each loses at most one character.
fn looked_up<'w, 'n>(
    words: &[&'w str],
    names: impl Iterator<Item = &'n str>,
) -> FxHashMap<&'w str, &'n str> {
    let names: Vec<&str> = names.collect();
    let mut index: FxHashMap<Vec<u8>, Vec<usize>> = FxHashMap::default();
    for (number, name) in names.iter().enumerate() {
        shortened(name, &mut |short| {
            index.entry(short.to_vec()).or_default().push(number);
        });
    }
    let first = |word: &str| Some(names[first(word, &names, &index)?]);
    let found = words.iter().filter_map(|word| Some((*word, first(word)?)));
    found.collect()
}

/// The number of the first name that is one slip away from a word.
fn first(word: &str, names: &[&str], index: &FxHashMap<Vec<u8>, Vec<usize>>) -> Option<usize> {
    let mut first = None;
    shortened(word, &mut |short| {
        let candidates = index.get(short).map_or(&[][..], Vec::as_slice);
        let is_before = |number: &&usize| first.is_none_or(|first| **number < first);
        let mut before = candidates.iter().take_while(is_before);
        let found = before.find(|number| is_one_slip(word, names[**number]));
        first = found.copied().or(first);
    });
    first
}

/// The text, and the text without each one of its characters.
fn shortened(text: &str, visit: &mut dyn FnMut(&[u8])) {
    visit(text.as_bytes());
    let mut short = text.as_bytes().get(1..).unwrap_or_default().to_vec();
    for (at, letter) in text.bytes().enumerate() {
        visit(&short);
        if let Some(next) = short.get_mut(at) {
            *next = letter;
        }
    }
}

/// Whether two texts differ by one omitted, added, wrong or swapped character (byte).
pub fn is_one_slip(one: &str, other: &str) -> bool {
    let (one, other) = (one.as_bytes(), other.as_bytes());
    if one.len().abs_diff(other.len()) > 1 {
        return false;
    }
    let start = one.iter().zip(other).take_while(|(a, b)| a == b).count();
    let (one, other) = (&one[start..], &other[start..]);
    let pairs = one.iter().rev().zip(other.iter().rev());
    let end = pairs.take_while(|(a, b)| a == b).count();
    match (&one[..one.len() - end], &other[..other.len() - end]) {
        ([_], []) | ([], [_]) | ([_], [_]) => true,
        ([a, b], [c, d]) => a == d && b == c,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn one_slip() {
        for (one, other, expected) in [
            ("influx-db", "influxdb", true),
            ("data_api", "data-api", true),
            ("dtaa-api", "data-api", true),
            ("aa", "aaa", true),
            ("a", "", true),
            ("a", "a", false),
            ("ab", "cd", false),
            ("abcd", "badc", false),
            ("influx", "influxdb", false),
        ] {
            assert_eq!(is_one_slip(one, other), expected, "{one} {other}");
            assert_eq!(is_one_slip(other, one), expected, "{other} {one}");
        }
    }

    proptest! {
        #[test]
        fn both_ways_find_the_same(
            words in prop::collection::vec("[ab]{0,4}", 0..6),
            names in prop::collection::vec("[ab]{0,4}", 0..6),
        ) {
            let words: Vec<&str> = words.iter().map(String::as_str).collect();
            let names = || names.iter().map(String::as_str);
            prop_assert_eq!(compared(&words, names()), looked_up(&words, names()));
        }
    }
}

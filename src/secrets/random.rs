//! Words that look like nothing that a person makes up.

use std::ops::Range;

use super::line::Hand;

/// From this length on a part of a word is looked at.
const LONG: usize = 16;

/// So often at least a random text changes between letters and digits, or between small and capital letters.
const CHANGES: usize = 4;

/// The words of a line, without quotation marks and brackets around them.
pub fn words(text: &str) -> impl Iterator<Item = Range<usize>> {
    let mut at = 0;
    std::iter::from_fn(move || {
        let start = at + text[at..].find(|letter| !is_around(letter))?;
        let len = text[start..].find(is_around);
        at = len.map_or(text.len(), |len| start + len);
        Some(start..at)
    })
}

fn is_around(letter: char) -> bool {
    letter.is_whitespace()
        || matches!(
            letter,
            '"' | '\'' | '`' | ',' | '(' | ')' | '[' | ']' | '<' | '>' | '|' | ';'
        )
}

/// Whether a word looks like a token, in what people wrote.
pub(super) fn is_token(word: &str, hand: Hand) -> bool {
    hand == Hand::Theirs && is_random(word)
}

/// A key of so many letters is one that nobody made up, where it changes so often.
const KEY: usize = 8;
const KEY_CHANGES: usize = 3;

/// Whether what `--key` is given is a key, and neither a file that holds one nor the name of one.
pub(super) fn is_key(name: &str, value: &str) -> bool {
    let is_in_key =
        |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'=' | b'_' | b'-');
    name.eq_ignore_ascii_case("key")
        && value.len() >= KEY
        && value.bytes().all(is_in_key)
        && changes(value) >= KEY_CHANGES
}

fn is_random(word: &str) -> bool {
    // A digest says which image it is.
    let word = word.split("sha256:").next().unwrap_or_default();
    let parts = word.split(|letter: char| {
        !letter.is_ascii_alphanumeric() && !matches!(letter, '+' | '_' | '-')
    });
    parts.flat_map(|part| part.split("--")).any(|part| {
        let longest = part
            .split(['-', '_'])
            .map(str::len)
            .max()
            .unwrap_or_default();
        longest >= LONG && changes(part) >= CHANGES
    })
}

fn changes(part: &str) -> usize {
    let kind = |byte: &u8| (byte.is_ascii_digit(), byte.is_ascii_uppercase());
    let bytes = part.as_bytes();
    let pairs = bytes.iter().zip(bytes.iter().skip(1));
    // A capital letter at the head of a word is none.
    let is_change = |(one, other): &(&u8, &u8)| {
        let (one, other) = (kind(one), kind(other));
        one.0 != other.0 || other.1 && !one.1
    };
    pairs.filter(is_change).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_told_from_a_file_and_from_a_name() {
        for (name, value, expected) in [
            ("key", "Zq8xw7Lm3K", true),
            ("KEY", "a1b2c3d4e5", true),
            ("key", "/certs/tls.key", false),
            ("key", "tls.key", false),
            ("key", "id_ed25519", false),
            ("key", "primary", false),
            ("keyspace", "Zq8xw7Lm3K", false),
        ] {
            assert_eq!(is_key(name, value), expected, "{name} {value}");
        }
    }

    #[test]
    fn what_nobody_makes_up_looks_random() {
        for word in [
            "9f86d081884c7d659a2feaa0c55ad015",
            "A=Zx9mQ2vL7pR4tK1wB8",
            "x:q7Rt5Yp0Lw3Zk9Vb",
        ] {
            assert!(is_token(word, Hand::Theirs), "{word}");
            assert!(!is_token(word, Hand::Ours), "{word}");
        }
        for word in [
            "homeiq/device-intelligence-service:local",
            "postgres@sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
            "/var/lib/docker/volumes/homeiq_influxdb_data",
            "INFLUXDB_RETENTION_SECONDS=2592000",
            "getServiceConfiguration",
        ] {
            assert!(!is_token(word, Hand::Theirs), "{word}");
        }
    }
}

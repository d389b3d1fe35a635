//! Secrets in the prose of comments: "the master password is x". A guess, which rather hides a word too many.

use super::hide::HIDDEN;
use crate::values::interpolation::has_variable;

/// Words for a secret.
const NOUNS: &[&str] = &[
    "password",
    "passwd",
    "passphrase",
    "passwort",
    "pw",
    "pwd",
    "secret",
    "token",
    "apikey",
    "credentials",
];

/// What makes one of `key` behind it.
const KEYS: &[&str] = &[
    "api",
    "access",
    "encryption",
    "license",
    "master",
    "private",
    "secret",
    "signing",
];

/// What stands between the word for it and the value.
const LINKS: &[&str] = &["is", "was", "=", "->", "to", "be"];
const FILLING: &[&str] = &[
    "now",
    "still",
    "set",
    "currently",
    "just",
    "simply",
    "old",
    "the",
    "same",
    "as",
    ":",
];

/// Words that say something of a secret and are none.
const USUAL: &[&str] = &[
    "above",
    "asked",
    "below",
    "changed",
    "configured",
    "correct",
    "created",
    "defined",
    "derived",
    "different",
    "empty",
    "encrypted",
    "enough",
    "false",
    "found",
    "generated",
    "given",
    "hashed",
    "hidden",
    "ignored",
    "invalid",
    "known",
    "mandatory",
    "masked",
    "missing",
    "needed",
    "optional",
    "passed",
    "printed",
    "random",
    "readable",
    "required",
    "reset",
    "rotated",
    "saved",
    "shared",
    "shown",
    "stored",
    "supplied",
    "there",
    "unset",
    "unused",
    "useless",
    "valid",
    "wrong",
];

/// A word of so many letters may be a secret; one of letters alone where it has so many.
const STRONG: usize = 6;
const PLAIN: usize = 5;

/// Whether a line speaks of a secret.
pub fn speaks(line: &str) -> bool {
    let parts = line.split(|letter: char| !letter.is_alphanumeric());
    parts
        .into_iter()
        .any(|word| is_noun(&word.to_ascii_lowercase()))
}

fn is_noun(word: &str) -> bool {
    NOUNS.contains(&word)
        || word
            .strip_suffix('s')
            .is_some_and(|word| NOUNS.contains(&word))
}

/// Where a line is on the way from the word for a secret to its value.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Way {
    Nowhere,
    Behind,
    Linked,
}

/// Hides what a sentence tells of a secret.
pub fn hide_told(line: &mut String) {
    let mut result = String::new();
    let (mut way, mut before) = (Way::Nowhere, String::new());
    let pieces: Vec<&str> = line.split_inclusive(' ').collect();
    for (at, piece) in pieces.iter().enumerate() {
        let bare = bare(piece);
        let word = bare.to_ascii_lowercase();
        let next = pieces.get(at + 1).map(|piece| piece.trim_start());
        let is_last = next.is_none_or(|next| next.is_empty() || next.starts_with(['#', '(']));
        let hides = way != Way::Nowhere && may_be_secret(bare, way == Way::Linked && is_last);
        result.push_str(&match hides {
            true => piece.replacen(bare, HIDDEN, 1),
            false => (*piece).to_owned(),
        });
        way = match way {
            _ if hides => Way::Nowhere,
            _ if is_noun(&word) || word == "key" && KEYS.contains(&before.as_str()) => Way::Behind,
            Way::Behind | Way::Linked if LINKS.contains(&word.as_str()) => Way::Linked,
            way if FILLING.contains(&word.as_str()) => way,
            _ => Way::Nowhere,
        };
        before = word;
    }
    *line = result;
}

/// A word without what stands around it in a sentence.
fn bare(piece: &str) -> &str {
    let piece = piece.trim();
    let word = piece.trim_matches(['"', '\'', '`', ',', ';', ':', '(', ')', '.', '!']);
    if word.is_empty() { piece } else { word }
}

fn may_be_secret(word: &str, ends: bool) -> bool {
    let has = |is: fn(&u8) -> bool| word.bytes().any(|byte| is(&byte));
    let is_strong = word.len() >= STRONG
        && has(u8::is_ascii_alphabetic)
        && (has(u8::is_ascii_digit)
            || word[1..]
                .bytes()
                .any(|byte| matches!(byte, b'!' | b'$' | b'%' | b'&' | b'@')));
    let is_elsewhere = has_variable(word)
        || word.contains(['/', '=', '*'])
        || word.starts_with(['$', '<', '{', '-']);
    let is_plain = ends
        && word.len() >= PLAIN
        && word.bytes().all(|byte| byte.is_ascii_alphabetic())
        && !USUAL.contains(&word.to_ascii_lowercase().as_str());
    word.is_ascii() && (is_strong || is_plain) && !is_elsewhere
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_sentence_tells_of_a_secret_is_hidden() {
        for (line, expected) in [
            ("master password is Tr0ub4dor", "master password is ***"),
            ("the old pw was hunter2hunter2.", "the old pw was ***."),
            (
                "Password is now set to \"swordfish\"",
                "Password is now set to \"***\"",
            ),
            ("admin pw hunter2", "admin pw ***"),
            ("api key = abc123def (test)", "api key = *** (test)"),
            (
                "the password is swordfish # for now",
                "the password is *** # for now",
            ),
        ] {
            let mut told = line.to_owned();
            hide_told(&mut told);
            assert_eq!(told, expected);
        }
        for line in [
            "the password is told by nobody",
            "the password is required",
            "the token is in /run/secrets/token",
            "password is ${DB_PASSWORD}",
            "see https://example.org/password1",
            "the key is primary",
            "a secret of 32 letters",
        ] {
            let mut told = line.to_owned();
            hide_told(&mut told);
            assert_eq!(told, line);
        }
    }
}

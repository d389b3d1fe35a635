//! How findings are told: for people (`human`) and for programs (`json`), each with the path to the value
//! (`locate`). Nothing here decides what is wrong, and nothing here opens a file or a terminal.
//!
//! | file | what for |
//! |---|---|
//! | `human.rs` | the text on a terminal or in a log |
//! | `excerpt.rs` | one source line, cut to the width, and where the carets go |
//! | `secrets.rs` | which stretches of the sources no excerpt may show |
//! | `locate.rs` | the path from a file's root to a place, `services.ner-service.ports[0]` |
//! | `json.rs` | one JSON document |

mod excerpt;
pub mod human;
pub mod json;
pub mod locate;
#[cfg(test)]
mod samples;
mod secrets;

use crate::finding::Finding;
use crate::rule::Level;
use crate::values::shown::shown;

/// How the text for people may look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Style {
    /// Whether ANSI colours may be used.
    pub color: bool,
    /// How many columns a line has; source lines are cut to it, words are not.
    pub width: usize,
}

/// A number and its noun: "0 errors", "1 error", "2 errors".
///
/// Nouns take `s`; those that end in `s`, `x`, `ch` or `sh` take `es`, and a `y` after a consonant becomes `ies`.
pub fn plural(count: usize, noun: &str) -> String {
    if count == 1 {
        format!("1 {noun}")
    } else {
        format!("{count} {}", plural_of(noun))
    }
}

fn plural_of(noun: &str) -> String {
    match noun.strip_suffix('y') {
        Some(stem) if !stem.ends_with(['a', 'e', 'i', 'o', 'u']) => format!("{stem}ies"),
        _ if ["s", "x", "ch", "sh"].iter().any(|end| noun.ends_with(end)) => format!("{noun}es"),
        _ => format!("{noun}s"),
    }
}

/// Words as a sentence lists them: "a", "a and b", "a, b and c"; nothing for none.
pub fn list<S: AsRef<str>>(words: &[S]) -> String {
    match words {
        [] => String::new(),
        [only] => only.as_ref().to_owned(),
        [first @ .., last] => {
            let first: Vec<&str> = first.iter().map(AsRef::as_ref).collect();
            format!("{} and {}", first.join(", "), last.as_ref())
        }
    }
}

/// Names as a sentence lists them, each in backticks: "`a`, `b` and `c`".
pub fn list_quoted<S: AsRef<str>>(names: &[S]) -> String {
    let quoted: Vec<String> = names.iter().map(|name| shown(name.as_ref())).collect();
    list(&quoted)
}

/// How many of the findings are errors, and how many warnings.
fn counts(findings: &[Finding]) -> (usize, usize) {
    let of = |level| {
        findings
            .iter()
            .filter(|finding| finding.level == level)
            .count()
    };
    (of(Level::Error), of(Level::Warning))
}

/// Adds a character so that it can be seen: as it is, or as `\u{..}` where it is a control, turns the writing
/// direction, has no width or is a blank other than the plain one.
fn push_visibly(text: &mut String, character: char) {
    if matches!(character, ' '..='~') {
        return text.push(character);
    }
    let mut buffer = [0; 4];
    // The table of such characters belongs to `shown`, which puts backticks around.
    text.push_str(shown(character.encode_utf8(&mut buffer)).trim_matches('`'));
}

/// A text with everything in it visible; its line breaks stay.
fn visible(text: &str) -> String {
    let mut result = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '\n' => result.push('\n'),
            _ => push_visibly(&mut result, character),
        }
    }
    result
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_agree_with_their_nouns() {
        for (count, noun, expected) in [
            (0, "error", "0 errors"),
            (1, "error", "1 error"),
            (2, "error", "2 errors"),
            (1, "entry", "1 entry"),
            (3, "entry", "3 entries"),
            (2, "key", "2 keys"),
            (2, "alias", "2 aliases"),
            (2, "switch", "2 switches"),
            (2, "service", "2 services"),
        ] {
            assert_eq!(plural(count, noun), expected);
        }
    }

    #[test]
    fn lists_end_with_and() {
        assert_eq!(list::<&str>(&[]), "");
        assert_eq!(list(&["a"]), "a");
        assert_eq!(list(&["a", "b"]), "a and b");
        assert_eq!(list(&["a", "b", "c"]), "a, b and c");
        assert_eq!(
            list_quoted(&["test".to_owned(), "prod".to_owned()]),
            "`test` and `prod`"
        );
    }

    #[test]
    fn what_cannot_be_seen_is_written_out() {
        assert_eq!(
            visible("a`b\u{1b}[1m\n\u{202e}é\t"),
            "a`b\\u{1b}[1m\n\\u{202e}é\\u{9}"
        );
    }
}

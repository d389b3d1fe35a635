//! How findings are told: for people (`human`, `markdown`) and for programs (`json`, `sarif`, `github`), each with the
//! path to the value (`locate`); and budgets. Nothing here decides what is wrong, and nothing here opens a file or a terminal.
//!
//! | file | what for |
//! |---|---|
//! | `human/` | the text on a terminal or in a log |
//! | `excerpt.rs` | one source line, cut to the width, and where the carets go |
//! | `secrets.rs` | which stretches of the sources no excerpt may show |
//! | `hidden.rs` | what looks like a secret in the sources, and findings whose words do not hold it |
//! | `path.rs` | a path as it is written |
//! | `locate.rs` | the path from a file's root to a place, `services.ner-service.ports[0]` |
//! | `lines.rs` | lines and columns of places |
//! | `walk.rs` | one step of that way |
//! | `groups.rs` | findings that say the same of several things, for people |
//! | `places.rs` | where the others of such a group stand |
//! | `short.rs` | a line for each finding, within a longer text |
//! | `facts.rs` | what every format tells of a finding, places in lines and columns |
//! | `json.rs` | one JSON document |
//! | `sarif.rs` | SARIF 2.1.0, for code scanning |
//! | `github.rs` | annotations of a GitHub workflow |
//! | `markdown.rs` | a page for a pull request's comment |
//! | `difference.rs` | what a change means, in all of them |
//! | `base.rs` | paths from the repository's root on |
//! | `budget/` | what modes ask for against the budget of their host, with bars |

pub mod base;
pub mod budget;
pub mod difference;
mod excerpt;
mod facts;
pub mod github;
mod groups;
mod hidden;
pub mod human;
pub mod json;
mod lines;
pub mod locate;
pub mod markdown;
mod path;
mod places;
#[cfg(test)]
mod samples;
pub mod sarif;
mod secrets;
pub mod short;
mod walk;

use crate::finding::Finding;
use crate::rule::Level;
pub use crate::values::prose::{list, list_quoted, plural};
use crate::values::shown::{is_invisible, shown};
pub use hidden::{Hidden, without_secrets};

/// How the text for people may look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Style {
    /// Whether ANSI colours may be used.
    pub color: bool,
    /// How many columns a line has; source lines are cut to it, words are not.
    pub width: usize,
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
pub fn visible(text: &str) -> String {
    let mut result = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '\n' => result.push('\n'),
            _ => push_visibly(&mut result, character),
        }
    }
    result
}

/// JSON in which every character that cannot be seen is written as an escape: the same texts for programs, and nothing
/// that turns a line around for people.
pub fn visible_json(text: String) -> String {
    if text.is_ascii() {
        return text;
    }
    let mut result = String::with_capacity(text.len());
    let mut units = [0; 2];
    for character in text.chars() {
        if character.is_ascii() || !is_invisible(character) {
            result.push(character);
            continue;
        }
        for unit in character.encode_utf16(&mut units) {
            result.push_str(&format!("\\u{unit:04x}"));
        }
    }
    result
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_seen_is_written_out() {
        assert_eq!(
            visible("a`b\u{1b}[1m\n\u{202e}é\t"),
            "a`b\\u{1b}[1m\n\\u{202e}é\\u{9}"
        );
    }
}

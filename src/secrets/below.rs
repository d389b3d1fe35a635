//! What the lines below a line may hold of a secret: the rest of a text over several lines, or the word behind an option.

use super::line::{Hand, hides, is_of_name};
use super::names::Names;
use super::options;

/// What lines below may hold of a secret.
#[derive(Debug)]
pub(super) enum Below {
    /// Nothing.
    Nothing,
    /// All that is indented further.
    Deeper(usize),
    /// The same, if the first of it is a text and no map or list.
    Text(usize),
    /// All up to a line with this quotation mark.
    UpTo(char),
    /// The next line, which is the value of the option of this name.
    Next(String),
}

/// What follows a line at whose end a secret is named, and nothing of its value stands there yet.
pub(super) fn announced(line: &str, names: &Names, hand: Hand) -> Below {
    let text = line.trim_end().trim_end_matches([',', '"', '\'']);
    let is_key = text.ends_with(':');
    let text = text.trim_end_matches([':', ' ', '"', '\'']);
    let letters = text.char_indices().rev();
    let start = letters.take_while(|(_, letter)| is_of_name(*letter)).last();
    let Some((start, _)) = start else {
        return Below::Nothing;
    };
    let word = &text[start..];
    let name = word.trim_start_matches('-');
    if hand == Hand::Theirs && options::may_take_password(word) {
        return Below::Next("password".to_owned());
    }
    match hides(names, hand, name, "a value that follows") {
        true if is_key => Below::Text(key_column(line, start)),
        true if word.starts_with('-') => Below::Next(name.to_owned()),
        _ => Below::Nothing,
    }
}

impl Below {
    /// Where in a line that belongs to it the secret begins: an item's dash is no part of it.
    pub fn from(&self, line: &str) -> usize {
        let item = line.trim_start_matches(' ').trim_start_matches("- ");
        match self {
            Below::Next(_) => line.len() - item.len(),
            Below::Nothing | Below::Deeper(_) | Below::Text(_) | Below::UpTo(_) => 0,
        }
    }

    /// Whether a line belongs to it, and what lines below that one may hold then.
    pub fn holds(&self, line: &str, names: &Names) -> Option<Below> {
        match self {
            Below::Nothing => None,
            Below::Deeper(column) => (indent(line) > *column).then_some(Below::Deeper(*column)),
            Below::Text(column) => {
                let is_text = indent(line) > *column && !is_structure(line.trim());
                is_text.then_some(Below::Deeper(*column))
            }
            Below::UpTo(quote) => Some(match line.contains(*quote) {
                true => Below::Nothing,
                false => Below::UpTo(*quote),
            }),
            Below::Next(name) => {
                let item = line.trim().trim_start_matches("- ");
                let item = item.trim_matches(['"', '\'', ',', ']', ' ']);
                let is_value = !item.starts_with('-') && names.may_hide(name, item);
                is_value.then(|| Below::Deeper(indent(line)))
            }
        }
    }
}

pub fn indent(line: &str) -> usize {
    line.len() - line.trim_start_matches(' ').len()
}

/// Where a key begins that nothing but an item's dash stands before: what is indented further belongs to it. Its
/// quotation mark is a part of it. Other keys stand in `{ }`, for which the line counts.
pub(super) fn key_column(line: &str, name: usize) -> usize {
    let before = line[..name].trim_end_matches(['"', '\'']);
    match before.trim_matches(['-', ' ']).is_empty() {
        true => before.len(),
        false => indent(line),
    }
}

/// Whether a line begins a map or a list.
fn is_structure(text: &str) -> bool {
    let is_map = match text.starts_with(['"', '\'']) {
        true => text.contains("\":") || text.contains("':"),
        false => text.contains(": ") || text.ends_with(':'),
    };
    is_map || text == "-" || text.starts_with("- ")
}

//! A path to a value as it is written: `services.ner-service.ports[0]`.

use super::push_visibly;

/// The most characters of a key that a path repeats.
const LONGEST_KEY: usize = 80;

/// A step of a path.
#[derive(Clone, Copy)]
pub(super) enum Step<'a> {
    Key(&'a str),
    Item(usize),
}

/// The steps as people read them. A key with anything but letters, digits, `_` and `-` stands in double quotes.
pub(super) fn written(steps: &[Step<'_>]) -> String {
    let mut path = String::new();
    for step in steps {
        match step {
            Step::Item(index) => path.push_str(&format!("[{index}]")),
            Step::Key(key) => {
                if !path.is_empty() {
                    path.push('.');
                }
                push_key(&mut path, key);
            }
        }
    }
    path
}

fn push_key(path: &mut String, key: &str) {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
    if !key.is_empty() && key.len() <= LONGEST_KEY && key.bytes().all(is_plain) {
        return path.push_str(key);
    }
    path.push('"');
    let mut characters = key.chars();
    for character in characters.by_ref().take(LONGEST_KEY) {
        if matches!(character, '"' | '\\') {
            path.push('\\');
        }
        push_visibly(path, character);
    }
    if characters.next().is_some() {
        path.push('…');
    }
    path.push('"');
}

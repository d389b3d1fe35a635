//! What stands where a variable says why it is needed, `${NAME:?why}`, and is no reason: a value that was meant as a
//! default.

use std::ops::Range;

use super::names::Names;
use crate::values::interpolation::uses;

/// The words behind `:?` in a text that look like the value of a secret of this name.
pub(super) fn values(text: &str, name: &str, names: &Names) -> Vec<Range<usize>> {
    let all = uses(text).unwrap_or_default().into_iter();
    let required = all.filter(|one| one.operator.is_some_and(|operator| operator.is_required()));
    let values = required.filter(|one| is_value(one.word, name, names));
    values
        .map(|one| {
            let start = one.word.as_ptr() as usize - text.as_ptr() as usize;
            start..start + one.word.len()
        })
        .collect()
}

/// Whether one word is a value that the name makes a secret of, and neither a word of a language nor the name of a
/// variable.
pub(super) fn is_value(word: &str, name: &str, names: &Names) -> bool {
    let bare = word.trim_end_matches(['.', '!', ':']);
    let is_odd = bare
        .bytes()
        .any(|byte| byte.is_ascii_digit() || b"!@#$%^&*+=~".contains(&byte));
    let in_variable = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_';
    let is_variable = bare.contains('_') && bare.bytes().all(in_variable);
    is_odd && !is_variable && !word.contains(char::is_whitespace) && names.hide(name, word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_told_from_a_reason() {
        let names = Names::default();
        let found = |text: &'static str| -> Vec<&str> {
            let found = values(text, "DB_PASSWORD", &names).into_iter();
            found.map(|at| &text[at]).collect()
        };
        assert_eq!(found("${X:?hunter2}"), ["hunter2"]);
        assert_eq!(found("${X?pa%ss}, ${Y:?hunter3}"), ["pa%ss", "hunter3"]);
        for text in [
            "${X:?set DB_PASSWORD in .env}",
            "${X:?required!}",
            "${X:?DB_PASSWORD_2}",
            "${X:?missing}",
            "${X:?}",
            "${X:-hunter2}",
            "${X",
        ] {
            assert!(found(text).is_empty(), "{text}");
        }
        assert!(values("${X:?hunter2}", "A", &names).is_empty());
    }
}

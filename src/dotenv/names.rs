//! Which stretches of an env file a message may repeat: names, and nothing that could be a part of a value.
//!
//! A key that was pasted over several lines without quotes makes names of its lines. So a name is repeated only where
//! it looks like one.

use std::ops::Range;

use super::{Entry, EnvFile, Form};

/// The longest name that is repeated, in bytes.
const LONGEST: usize = 64;

/// Whether an entry's name looks like a variable's and not like a part of a secret.
pub fn tellable(entry: &Entry) -> bool {
    let name = entry.name;
    let short = !entry.behind_quote && is_name(name) && name.len() <= LONGEST;
    let has = |test: fn(&u8) -> bool| name.as_bytes().iter().any(test);
    let mixed = has(u8::is_ascii_lowercase) && has(u8::is_ascii_uppercase);
    match entry.form {
        Form::Inherited => short && name.contains('_') && !has(u8::is_ascii_lowercase),
        Form::Plain | Form::Single | Form::Double | Form::Broken => {
            short && !(mixed && has(u8::is_ascii_digit))
        }
    }
}

/// Whether a text is the name of a variable that `${NAME}` can use.
pub fn is_name(text: &str) -> bool {
    let is_of_name = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    text.bytes().all(is_of_name)
        && text
            .bytes()
            .next()
            .is_some_and(|byte| !byte.is_ascii_digit())
}

/// The stretches that an excerpt of the file may show, in bytes: names up to where the value begins.
pub fn tellable_stretches(file: &EnvFile) -> Vec<Range<usize>> {
    let entries = file.entries.iter().filter(|entry| tellable(entry));
    entries
        .map(|entry| entry.name_at.start..entry.value_at.start)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dotenv::read;

    #[test]
    fn a_pasted_key_makes_no_name_that_is_told() {
        for text in [
            "MIIEvQIBADANBgkqhkiG9w0BAQEFAASC\n",
            "MIIEvQIBADANBgkqhkiG9w0B==\n",
            "deadbeefdeadbeef\n",
            "JBSWY3DPEHPK3PXP\n",
            "A='b'hidden=1\n",
        ] {
            let file = read(text.as_bytes());
            assert!(!tellable(file.entries.last().unwrap()), "{text}");
        }
        for text in ["HA_TOKEN\n", "HA_TOKEN=x", "http_proxy=x", "Path=x"] {
            assert!(tellable(&read(text.as_bytes()).entries[0]), "{text}");
        }
    }
}

//! A value as an env file holds it, so that Compose, a shell and `docker run --env-file` do not disagree where they
//! need not.

/// The line above a value that was made up, so that nobody takes it for the right one.
pub const MADE_UP: &str = "# change-me: made up, since the files do not say it. Write the right value, and remove this line.";

/// What tells such a line, whatever it says besides.
pub(super) const MADE_UP_HEAD: &str = "# change-me:";

/// The value as it stands behind `NAME=`: bare where nothing in it means anything, else between single quotes, or
/// between double ones with escapes.
pub fn written(value: &str) -> String {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"_.,/:@%+=-".contains(&byte);
    if value.bytes().all(is_plain) {
        return value.to_owned();
    }
    match value.contains(['\'', '\\', '\n', '\r']) {
        false => format!("'{value}'"),
        true => format!("\"{}\"", escaped(value)),
    }
}

fn escaped(value: &str) -> String {
    let mut out = String::with_capacity(value.len() + 8);
    for character in value.chars() {
        match character {
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '"' | '\\' | '$' => out.extend(['\\', character]),
            _ => out.push(character),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::written;
    use crate::dotenv::{read, resolve};

    #[test]
    fn quotes_where_it_must() {
        for (value, expected) in [
            ("", ""),
            ("INFO", "INFO"),
            ("http://a:80/b?c", "'http://a:80/b?c'"),
            ("Las Vegas,NV", "'Las Vegas,NV'"),
            ("#a$b", "'#a$b'"),
            ("it's $5", "\"it's \\$5\""),
            ("a\nb", "\"a\\nb\""),
        ] {
            assert_eq!(written(value), expected);
        }
    }

    proptest! {
        #[test]
        fn is_read_as_it_was(value in "[ -~\n\r\té“]{0,20}") {
            let text = format!("A={}\nB=1\n", written(&value));
            let file = read(text.as_bytes());
            prop_assert!(file.problems.is_empty(), "{}", text);
            let resolved = resolve(&[&file], &|_| None);
            prop_assert_eq!(resolved.reveal("A"), Some(value.as_str()));
            prop_assert_eq!(resolved.reveal("B"), Some("1"));
            prop_assert!(!text[..text.len() - 4].trim_end_matches('\n').contains('\n'));
        }
    }
}

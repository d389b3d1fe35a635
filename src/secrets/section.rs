//! The top level `secrets` of a Compose file: what stands below one of them and does not say where it is kept is the
//! secret itself, whatever its name.

use super::below::indent;
use super::line::word;

/// Keys of a secret whose values say where it is kept, and nothing of it.
const SHOWN: &[&str] = &[
    "driver",
    "environment",
    "external",
    "file",
    "labels",
    "name",
    "template_driver",
];

/// Whether what stands below a key of a secret is as open as elsewhere.
pub(super) fn is_shown(key: &str) -> bool {
    SHOWN.contains(&key) || is_extension(key)
}

/// Whether a key is for what nobody but its author reads.
pub(super) fn is_extension(key: &str) -> bool {
    key.starts_with("x-")
}

/// Whether a line begins a part of the top level, and whether that is `secrets`.
pub(super) fn begins(line: &str) -> Option<bool> {
    let is_top = !line.starts_with([' ', '\t', '#', '}', ']']);
    is_top.then(|| {
        let (_, end) = word(line, 0).unwrap_or_default();
        let key = line[..end].trim_matches(['"', '\'']);
        key == "secrets" && line[end..].trim_start_matches(['"', '\'']).starts_with(':')
    })
}

/// Where in a line below `secrets` its secret begins, in a text that cannot be read as YAML: behind a key that is not
/// open, and what has no key is one as a whole.
pub(super) fn secret(line: &str) -> Option<usize> {
    let from = indent(line);
    if line[from..].starts_with('#') || !line.contains(char::is_alphanumeric) {
        return None;
    }
    let Some(colon) = line[from..].find(':').map(|at| from + at) else {
        return Some(from);
    };
    let key = line[from..colon].trim_matches(['"', '\'', ' ']);
    let value = line[colon + 1..].trim_start();
    let is_empty = value.is_empty() || value.starts_with('#');
    (!is_empty && !is_shown(key)).then(|| line.len() - value.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_section_is_known_by_its_first_line() {
        for (line, expected) in [
            ("secrets:", Some(true)),
            ("\"secrets\": { a: b }", Some(true)),
            ("secrets_of: x", Some(false)),
            ("services:", Some(false)),
            ("  secrets:", None),
            ("# secrets:", None),
        ] {
            assert_eq!(begins(line), expected, "{line}");
        }
    }

    #[test]
    fn what_does_not_say_where_a_secret_is_kept_is_one() {
        for (line, expected) in [
            ("  db:", None),
            ("  db: # the database", None),
            ("  # a comment: hunter2", None),
            ("    file: ./db.txt", None),
            ("    x-note: mine", None),
            ("  db: hunter2", Some("hunter2")),
            ("    content: \"hunter2", Some("\"hunter2")),
            ("      hunter2", Some("hunter2")),
        ] {
            assert_eq!(secret(line).map(|from| &line[from..]), expected, "{line}");
        }
    }
}

//! How a sentence counts and lists.

use super::shown::shown;

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
}

//! Command strings: how Docker Compose splits `command: "..."` and `entrypoint: "..."` into words.
//!
//! Compose runs no shell for it. It splits with quotes and backslashes, keeps `$(...)` and backticks as they are, and
//! silently drops everything from the first unquoted `;`, `&`, `|`, `<` or `>` on (seen in Docker Compose 2.40).

use std::borrow::Cow;

use crate::values::Refusal;

/// The words of a command string, as Compose would run them. What stands behind [`cut`] is not among them.
///
/// # Errors
/// A quote, backtick or `$(` that is not closed, a backslash at the end, a parenthesis outside of quotes.
pub fn words(text: &str) -> Result<Vec<Cow<'_, str>>, Refusal> {
    split(text).map(|split| split.words)
}

/// Byte offset of the unquoted `;`, `&`, `|`, `<` or `>` from which on Compose drops the command's text, if there is one.
/// `None` too for a text that [`words`] refuses.
pub fn cut(text: &str) -> Option<usize> {
    split(text).ok().and_then(|split| split.cut)
}

/// The word as a POSIX shell takes it, in single quotes where it needs them. Line ends become blanks: the word is for
/// a line that a person copies.
pub fn quoted(word: &str) -> Cow<'_, str> {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_./:=@%+,".contains(&byte);
    if !word.is_empty() && word.bytes().all(plain) {
        return Cow::Borrowed(word);
    }
    let line = word.replace(char::is_control, " ");
    Cow::Owned(format!("'{}'", line.replace('\'', r"'\''")))
}

/// What splitting gives.
struct Split<'s> {
    words: Vec<Cow<'s, str>>,
    cut: Option<usize>,
}

/// The state of splitting.
struct Splitter<'s> {
    text: &'s str,
    words: Vec<Cow<'s, str>>,
    word: Word,
    /// The open quote, `'` or `"`, and where it stands.
    quote: Option<(usize, char)>,
    /// Where an open backtick stands.
    backtick: Option<usize>,
    /// Where an open `$(` stands.
    substitution: Option<usize>,
}

/// The word being read.
#[derive(Default)]
struct Word {
    /// Where it starts; `None` between words.
    start: Option<usize>,
    /// Its text, as soon as it differs from what is written.
    changed: Option<String>,
}

fn split(text: &str) -> Result<Split<'_>, Refusal> {
    let mut splitter = Splitter {
        text,
        words: Vec::new(),
        word: Word::default(),
        quote: None,
        backtick: None,
        substitution: None,
    };
    let mut letters = text.char_indices();
    while let Some((at, letter)) = letters.next() {
        if letter == '\\' && !splitter.in_single() {
            let (_, escaped) = letters.next().ok_or_else(trailing_backslash)?;
            splitter.change(at);
            splitter.push(at, escaped);
        } else if splitter.cuts(letter) {
            splitter.drop_descriptor(at, letter);
            splitter.finish(at);
            return Ok(splitter.done(Some(at)));
        } else {
            splitter.read(at, letter)?;
        }
    }
    splitter.check_closed()?;
    splitter.finish(text.len());
    Ok(splitter.done(None))
}

impl<'s> Splitter<'s> {
    fn in_single(&self) -> bool {
        matches!(self.quote, Some((_, '\'')))
    }

    fn is_plain(&self) -> bool {
        self.quote.is_none() && self.backtick.is_none() && self.substitution.is_none()
    }

    fn cuts(&self, letter: char) -> bool {
        matches!(letter, ';' | '&' | '|' | '<' | '>') && self.is_plain()
    }

    /// Takes one character that no backslash stands before.
    fn read(&mut self, at: usize, letter: char) -> Result<(), Refusal> {
        match letter {
            ' ' | '\t' | '\r' | '\n' if self.is_plain() => self.finish(at),
            '\'' | '"' if self.toggles(letter) => self.toggle(at, letter),
            '`' if self.quote.is_none() && self.substitution.is_none() => {
                self.backtick = self.backtick.xor(Some(at));
                self.push(at, letter);
            }
            '(' | ')' if self.quote.is_none() && self.backtick.is_none() => {
                self.parenthesis(at, letter)?;
            }
            _ => self.push(at, letter),
        }
        Ok(())
    }

    /// Whether a quote character opens or closes here, rather than being text.
    fn toggles(&self, letter: char) -> bool {
        self.substitution.is_none() && self.quote.is_none_or(|(_, open)| open == letter)
    }

    fn toggle(&mut self, at: usize, letter: char) {
        self.change(at);
        self.quote = match self.quote {
            None => Some((at, letter)),
            Some(_) => None,
        };
    }

    /// Opens or closes a `$( )`; any other parenthesis is refused, as Compose does.
    fn parenthesis(&mut self, at: usize, letter: char) -> Result<(), Refusal> {
        match (letter, self.substitution) {
            ('(', None) if self.ends_with_dollar(at) => self.substitution = Some(at),
            (')', Some(_)) => self.substitution = None,
            _ => return Err(stray_parenthesis(letter)),
        }
        self.push(at, letter);
        Ok(())
    }

    /// Whether the word so far ends with a `$`.
    fn ends_with_dollar(&self, at: usize) -> bool {
        match (&self.word.changed, self.word.start) {
            (Some(word), _) => word.ends_with('$'),
            (None, Some(start)) => self.text[start..at].ends_with('$'),
            (None, None) => false,
        }
    }

    /// From here on the word's text is not what is written.
    fn change(&mut self, at: usize) {
        let start = *self.word.start.get_or_insert(at);
        if self.word.changed.is_none() {
            self.word.changed = Some(self.text[start..at].to_owned());
        }
    }

    fn push(&mut self, at: usize, letter: char) {
        self.word.start.get_or_insert(at);
        if let Some(word) = &mut self.word.changed {
            word.push(letter);
        }
    }

    /// Ends the word, if there is one, before byte `at`.
    fn finish(&mut self, at: usize) {
        let word = std::mem::take(&mut self.word);
        if let Some(start) = word.start {
            self.words.push(match word.changed {
                Some(text) => Cow::Owned(text),
                None => Cow::Borrowed(&self.text[start..at]),
            });
        }
    }

    /// Drops the `2` of a `2>`.
    fn drop_descriptor(&mut self, at: usize, letter: char) {
        let Some(start) = self.word.start else { return };
        let word = self
            .word
            .changed
            .as_deref()
            .unwrap_or(&self.text[start..at]);
        let is_number = !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_digit());
        if letter == '>' && is_number {
            self.word = Word::default();
        }
    }

    fn check_closed(&self) -> Result<(), Refusal> {
        let (name, at) = match (self.quote, self.backtick, self.substitution) {
            (Some((at, '"')), _, _) => ("`\"`", at),
            (Some((at, _)), _, _) => ("`'`", at),
            (None, Some(at), _) => ("the backtick", at),
            (None, None, Some(at)) => ("`$(`", at),
            (None, None, None) => return Ok(()),
        };
        let column = self.text[..at].chars().count() + 1;
        Err(Refusal {
            message: format!("{name} at character {column} of the command is never closed"),
            help: Some(
                "close it, or write the command as a list, one item for each word".to_owned(),
            ),
        })
    }

    fn done(self, cut: Option<usize>) -> Split<'s> {
        Split {
            words: self.words,
            cut,
        }
    }
}

fn trailing_backslash() -> Refusal {
    Refusal {
        message: "the command ends with a backslash, which has nothing to escape".to_owned(),
        help: None,
    }
}

fn stray_parenthesis(letter: char) -> Refusal {
    Refusal {
        message: format!("`{letter}` stands outside of quotes, and Compose runs no shell"),
        help: Some("quote it, or write `sh -c '...'` to have a shell read it".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn split_words(text: &str) -> Vec<String> {
        let words = words(text).unwrap();
        words.into_iter().map(Cow::into_owned).collect()
    }

    #[test]
    fn a_word_is_quoted_where_a_shell_needs_it() {
        let cases = [
            ("store", "store"),
            ("--days=7", "--days=7"),
            ("", "''"),
            ("a b", "'a b'"),
            ("it's", r"'it'\''s'"),
            ("$X;rm\nx", "'$X;rm x'"),
        ];
        for (word, expected) in cases {
            assert_eq!(quoted(word), expected);
        }
    }

    /// The right column is what `docker compose config` (2.40.3) makes of it.
    #[test]
    fn splits_as_compose_does() {
        let cases: &[(&str, &[&str])] = &[
            ("", &[]),
            (" \n ", &[]),
            ("a b", &["a", "b"]),
            ("a 'b c' \"d e\"", &["a", "b c", "d e"]),
            ("a && b", &["a"]),
            ("a | b", &["a"]),
            ("a;b", &["a"]),
            ("; a", &[]),
            ("a > f", &["a"]),
            ("a 2>f b", &["a"]),
            ("a 2 >f", &["a", "2"]),
            ("a x2>f", &["a", "x2"]),
            ("a\"2\">f", &["a2"]),
            ("''>f b", &[""]),
            ("a `x y` b", &["a", "`x y`", "b"]),
            ("a `x\\ty` b", &["a", "`xty`", "b"]),
            ("a`b c`d", &["a`b c`d"]),
            ("x `a;b (c)` d", &["x", "`a;b (c)`", "d"]),
            ("a $(x 'y) z", &["a", "$(x 'y)", "z"]),
            ("a \\$(b) c", &["a", "$(b)", "c"]),
            ("x $(a;b `c) d", &["x", "$(a;b `c)", "d"]),
            ("a \"$(x)\"", &["a", "$(x)"]),
            ("a \\t\\n", &["a", "tn"]),
            ("a ''", &["a", ""]),
            ("a \"\"b", &["a", "b"]),
            ("a \"x\\ty\"", &["a", "xty"]),
            ("a 'x\\ty'", &["a", "x\\ty"]),
            ("a 'it'\\''s'", &["a", "it's"]),
            ("\"a\\\"b\"", &["a\"b"]),
            ("a\\ b", &["a b"]),
            ("a \\\n b", &["a", "\n", "b"]),
            ("a 中 b", &["a", "中", "b"]),
            ("a\u{a0}b", &["a\u{a0}b"]),
            ("a #b", &["a", "#b"]),
            ("echo \"a `b\"", &["echo", "a `b"]),
        ];
        for (text, expected) in cases {
            assert_eq!(split_words(text), *expected, "{text:?}");
        }
    }

    #[test]
    fn refuses_what_compose_refuses() {
        let never = "of the command is never closed";
        let paren = "stands outside of quotes, and Compose runs no shell";
        for (text, expected) in [
            ("a 'b", format!("`'` at character 3 {never}")),
            ("é \"b", format!("`\"` at character 3 {never}")),
            ("a `b", format!("the backtick at character 3 {never}")),
            ("`'` b", format!("`'` at character 2 {never}")),
            ("a $(b", format!("`$(` at character 4 {never}")),
            ("a (b)", format!("`(` {paren}")),
            ("a b)", format!("`)` {paren}")),
            ("a $x(y)", format!("`(` {paren}")),
            ("a $(x (y)) b", format!("`(` {paren}")),
            (
                "a \\",
                "the command ends with a backslash, which has nothing to escape".to_owned(),
            ),
        ] {
            assert_eq!(words(text).unwrap_err().message, expected, "{text:?}");
        }
    }

    #[test]
    fn borrows_plain_words() {
        let words = words("a 'b'").unwrap();
        assert!(matches!(words[..], [Cow::Borrowed("a"), Cow::Owned(_)]));
    }

    #[test]
    fn knows_where_compose_stops() {
        for (text, expected) in [
            ("a && b", Some(2)),
            ("a 'b;c' 2>d", Some(9)),
            ("a", None),
            ("a 'b", None),
        ] {
            assert_eq!(cut(text), expected, "{text}");
        }
    }

    proptest! {
        #[test]
        fn quoted_words_come_back(parts in prop::collection::vec("[^']{0,8}", 0..6)) {
            let text: Vec<_> = parts.iter().map(|part| format!("'{part}'")).collect();
            prop_assert_eq!(split_words(&text.join(" ")), parts);
        }

        #[test]
        fn never_panics(text in "[ab1 '\"`$()\\\\;>é\n]{0,30}") {
            let _ = (words(&text), cut(&text));
        }
    }
}

//! From a text to its entries, as compose-go reads it. Where Compose stops at what it refuses, this goes on with the
//! next line, so that one reading finds everything.

use std::ops::Range;

use super::escapes::expanded;
use super::write::MADE_UP_HEAD;
use super::{Entry, EnvFile, Form, Problem, ProblemKind, Value, traps};

/// Reads the bytes of an env file.
///
/// A file that is no text has no entries: what stands in it cannot be told apart.
pub fn read(bytes: &[u8]) -> EnvFile<'_> {
    let mut reader = Reader {
        text: "",
        at: 0,
        file: EnvFile::default(),
    };
    match std::str::from_utf8(bytes) {
        Ok(text) => {
            reader.text = text;
            reader.all();
        }
        Err(error) => {
            let at = error.valid_up_to();
            reader.problem(ProblemKind::NoText, at..at + 1, None);
        }
    }
    reader.file
}

struct Reader<'s> {
    text: &'s str,
    at: usize,
    file: EnvFile<'s>,
}

/// Blanks that end no line. Unicode's other blanks are none here.
pub(super) fn is_blank(character: char) -> bool {
    matches!(
        character,
        '\t' | '\u{b}' | '\u{c}' | '\r' | ' ' | '\u{85}' | '\u{a0}'
    )
}

impl<'s> Reader<'s> {
    fn all(&mut self) {
        if self.text.starts_with('\u{feff}') {
            self.at = '\u{feff}'.len_utf8();
            self.problem(ProblemKind::ByteOrderMark, 0..self.at, None);
        }
        let mut behind_quote = false;
        while self.next_statement() {
            behind_quote = self.statement(behind_quote);
        }
    }

    fn rest(&self) -> &'s str {
        &self.text[self.at..]
    }

    /// Steps over blanks, line ends and comments.
    fn next_statement(&mut self) -> bool {
        loop {
            let rest = self.rest();
            let blanks = rest.len() - rest.trim_start().len();
            self.at += blanks;
            match self.rest().as_bytes().first() {
                None => return false,
                Some(b'#') => self.at = self.line_end(self.at),
                Some(_) => return true,
            }
        }
    }

    /// Where the line of a byte ends, its `\n` not counted.
    fn line_end(&self, at: usize) -> usize {
        let len = self.text[at..].find('\n');
        len.map_or(self.text.len(), |len| at + len)
    }

    /// The line above that of the next statement.
    fn line_above(&self) -> &'s str {
        let before = self.text[..self.at].rsplit_once('\n');
        let above = before.map_or("", |(above, _)| above);
        above.rsplit('\n').next().unwrap_or_default()
    }

    /// Reads a statement, and says whether its line goes on behind a closing quote.
    fn statement(&mut self, behind_quote: bool) -> bool {
        let made_up = self.line_above().starts_with(MADE_UP_HEAD);
        self.export();
        let Some((name_at, separator)) = self.name() else {
            return false;
        };
        let name = &self.text[name_at.clone()];
        let mut entry = Entry {
            name,
            value_at: name_at.end..name_at.end,
            name_at,
            form: Form::Inherited,
            value: Value::new(""),
            made_up,
            behind_quote,
        };
        if name.is_empty() {
            let at = entry.name_at.start;
            self.problem(ProblemKind::NoName, at..at + 1, None);
        }
        if separator == '\n' {
            self.push(entry);
            return false;
        }
        self.skip_blanks();
        self.value(&mut entry)
    }

    /// Steps over `export` where blanks follow it.
    fn export(&mut self) {
        let is_blank_of_go = |rest: &str| rest.starts_with(['\t', '\n', '\u{c}', '\r', ' ']);
        if let Some(rest) = self.rest().strip_prefix("export")
            && is_blank_of_go(rest)
        {
            self.at += "export".len();
            self.skip_blanks();
        }
    }

    fn skip_blanks(&mut self) {
        let rest = self.rest();
        self.at += rest.len() - rest.trim_start_matches(is_blank).len();
    }

    /// The name up to `=`, `:` or the line's end, which is stepped over; `None` where there is none, and that is told.
    fn name(&mut self) -> Option<(Range<usize>, char)> {
        let start = self.at;
        let ends = |character: &(usize, char)| !is_of_name(character.1);
        let Some((len, end)) = self.rest().char_indices().find(ends) else {
            let name = start..start + self.rest().trim_end().len();
            self.at = self.text.len();
            self.problem(ProblemKind::NameAtEnd, name, None);
            return None;
        };
        let at = start + len;
        if !matches!(end, '=' | ':' | '\n') {
            self.at = self.line_end(at);
            let kind = ProblemKind::BadCharacter(end);
            self.problem(kind, at..at + end.len_utf8(), None);
            return None;
        }
        let name = self.text[start..at].trim_end();
        self.at = at + 1;
        if let Some(blank) = name.find(' ') {
            self.at = self.line_end(at);
            self.problem(
                ProblemKind::BlankInName,
                start + blank..start + blank + 1,
                None,
            );
            return None;
        }
        Some((start..start + name.len(), end))
    }

    fn value(&mut self, entry: &mut Entry<'s>) -> bool {
        match self.rest().as_bytes().first() {
            Some(b'\'') => self.quoted(entry, '\'', Form::Single),
            Some(b'"') => self.quoted(entry, '"', Form::Double),
            _ => {
                self.plain(entry);
                false
            }
        }
    }

    /// A value without quotes: up to the line's end or to a comment.
    fn plain(&mut self, entry: &mut Entry<'s>) {
        let (start, end) = (self.at, self.line_end(self.at));
        let line = &self.text[start..end];
        let value = line.split(" #").next().unwrap_or_default().trim_end();
        entry.form = Form::Plain;
        // An empty value stands right behind its `=`, also where a `\r` or blanks come after it.
        let value_start = match value {
            "" => self.text[..start].trim_end_matches(is_blank).len(),
            _ => start,
        };
        entry.value_at = value_start..value_start + value.len();
        entry.value = Value::new(value);
        self.at = end;
        let number = self.push(entry.clone());
        if let Some((kind, at)) = traps::in_plain(value) {
            self.problem(kind, start + at.start..start + at.end, Some(number));
        }
    }

    /// A value in quotes, and whether something other than a comment follows on its line.
    fn quoted(&mut self, entry: &mut Entry<'s>, quote: char, form: Form) -> bool {
        let start = self.at;
        let Some((content, len)) = unquoted(self.rest(), quote) else {
            self.at = self.line_end(start);
            entry.form = Form::Broken;
            entry.value_at = start..self.at;
            let number = self.push(entry.clone());
            self.problem(ProblemKind::OpenQuote, start..start + 1, Some(number));
            return false;
        };
        self.at = start + len;
        entry.form = form;
        entry.value_at = start..self.at;
        entry.value = Value::new(match form {
            Form::Double => expanded(&content),
            Form::Plain | Form::Single | Form::Inherited | Form::Broken => content,
        });
        let number = self.push(entry.clone());
        if entry.value.reveal().contains('\0') {
            self.problem(ProblemKind::Nul, entry.value_at.clone(), Some(number));
        }
        self.behind(number)
    }

    fn behind(&mut self, number: usize) -> bool {
        let line = &self.text[self.at..self.line_end(self.at)];
        let behind = line.trim();
        if behind.is_empty() || behind.starts_with('#') {
            return false;
        }
        let start = self.at + line.len() - line.trim_start().len();
        self.problem(
            ProblemKind::BehindQuote,
            start..start + behind.len(),
            Some(number),
        );
        true
    }

    fn push(&mut self, entry: Entry<'s>) -> usize {
        self.file.entries.push(entry);
        self.file.entries.len() - 1
    }

    /// Adds a problem; one that follows from the one before on its line adds only whether Compose refuses the file.
    fn problem(&mut self, kind: ProblemKind, at: Range<usize>, entry: Option<usize>) {
        let text = self.text;
        let follows = |last: &&mut Problem| {
            last.kind != ProblemKind::ByteOrderMark
                && !text[last.at.start.min(at.start)..at.start].contains('\n')
        };
        let problem = Problem::new(kind, at.clone(), entry);
        match self.file.problems.last_mut().filter(follows) {
            Some(last) => last.refused |= problem.refused,
            None => self.file.problems.push(problem),
        }
    }
}

/// Whether a name goes on with this character. Blanks do not end one: those at its end are cut off later.
fn is_of_name(character: char) -> bool {
    is_blank(character)
        || matches!(character, '_' | '.' | '-' | '[' | ']')
        || character.is_alphanumeric()
}

/// What stands between the quote at the head of `rest` and the one that closes it, a `\` before a quote taken away;
/// and the length in bytes with both quotes.
fn unquoted(rest: &str, quote: char) -> Option<(String, usize)> {
    let mut content = String::new();
    let mut escaped = false;
    for (at, character) in rest.char_indices().skip(1) {
        match (character == quote, escaped) {
            (true, false) => return Some((content, at + 1)),
            (true, true) => content.push(quote),
            (false, false) if character == '\\' => {
                escaped = true;
                continue;
            }
            (false, false) => content.push(character),
            (false, true) => content.extend(['\\', character]),
        }
        escaped = false;
    }
    None
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn an_empty_value_stands_behind_its_name() {
        for text in ["A=", "A=\r", "A=\r\nB=1", "A= \t\nB=1"] {
            assert_eq!(read(text.as_bytes()).entries[0].value_at, 2..2, "{text:?}");
        }
    }

    #[test]
    fn a_comment_right_above_tells_what_was_made_up() {
        for (text, expected) in [
            ("# change-me: 8080\nA=8080", true),
            ("# change-me:\r\n export A=8080\n", true),
            ("B=1\n# change-me: x\nA=1", true),
            ("# change-me: x\n\nA=1", false),
            ("# change-me: x\n# y\nA=1", false),
            ("# change-me: x\nB=1\nA=1", false),
            ("A=1 # change-me: x", false),
            ("# change-me\nA=1", false),
            ("A=1", false),
        ] {
            let entries = read(text.as_bytes()).entries;
            let made_up = entries.last().map(|entry| (entry.name, entry.made_up));
            assert_eq!(made_up, Some(("A", expected)), "{text:?}");
        }
    }

    /// Names with values as written, quotes and escapes resolved.
    fn entries(text: &str) -> Vec<(&str, String)> {
        let entries = read(text.as_bytes()).entries;
        let pair = |entry: &Entry<'_>| entry.value.reveal().to_owned();
        entries
            .iter()
            .map(|entry| (entry.name, pair(entry)))
            .collect()
    }

    fn problems(text: &str) -> Vec<(ProblemKind, &str)> {
        let part = |problem: &Problem| (problem.kind, &text[problem.at.clone()]);
        read(text.as_bytes()).problems.iter().map(part).collect()
    }

    #[test]
    fn every_problem_has_its_place() {
        use ProblemKind::*;
        for (text, kind, part) in [
            ("A B=1\nC=2", BlankInName, " "),
            ("A;B=1\nC=2", BadCharacter(';'), ";"),
            ("A='b\nC=2", OpenQuote, "'"),
            ("A=1\n=2", NoName, "="),
            ("A=1\nB", NameAtEnd, "B"),
            ("A=1\nB C ", NameAtEnd, "B C"),
            ("\u{feff}A=1", ByteOrderMark, "\u{feff}"),
            ("A='b' c\n", BehindQuote, "c"),
            ("A=#b", HashFirst, "#b"),
            ("A= # b", HashFirst, "# b"),
            ("A=b\t# c", HashBehindTab, "# c"),
            ("A=b\rC=d", CarriageReturn, "\r"),
            ("A=b\0", Nul, "\0"),
            ("A=“b c”", CurlyQuote, "“"),
            ("A=b c d # e", Blank, " "),
        ] {
            assert_eq!(problems(text), [(kind, part)], "{text:?}");
        }
    }

    #[test]
    fn what_follows_from_a_problem_is_not_told_again() {
        use ProblemKind::*;
        assert_eq!(
            problems("A='b'c';d\nE;=1"),
            [(BehindQuote, "c';d"), (BadCharacter(';'), ";")]
        );
        assert_eq!(problems("\u{feff}A;=1").len(), 2);
        assert!(read("A='b'C=2".as_bytes()).entries[1].behind_quote);
    }

    #[test]
    fn goes_on_behind_what_compose_refuses() {
        assert_eq!(
            entries("A B=1\nB='x\nC=3\n"),
            [("B", String::new()), ("C", "3".to_owned())]
        );
    }

    #[test]
    fn a_file_that_is_no_text_has_no_entries() {
        let file = read(b"A=1\nB=\xff");
        assert!(file.entries.is_empty());
        assert_eq!(file.problems[0].at, 6..7);
    }

    #[test]
    fn no_value_shows_when_a_file_is_printed() {
        let text = format!("{:?}", read(b"A=hidden\nB='hidden'\nC=\"hidden\"\n"));
        assert!(!text.contains("hidden"), "{text}");
    }

    proptest! {
        #[test]
        fn reads_whatever_it_is_given(text in "[A-C=:'\"\\\\ #\n\r\t\0$\u{feff}é{}-]{0,40}") {
            let file = read(text.as_bytes());
            for entry in &file.entries {
                prop_assert_eq!(&text[entry.name_at.clone()], entry.name);
                prop_assert!(entry.name_at.end <= entry.value_at.start);
                prop_assert!(text.get(entry.value_at.clone()).is_some());
            }
            for problem in &file.problems {
                prop_assert!(text.get(problem.at.clone()).is_some());
                prop_assert!(problem.entry.is_none_or(|entry| entry < file.entries.len()));
            }
        }

        #[test]
        fn reads_any_bytes(bytes in any::<Vec<u8>>()) {
            read(&bytes);
        }
    }
}

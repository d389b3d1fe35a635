//! Quotes in a text for a POSIX shell, such as a healthcheck's `CMD-SHELL` text.

/// Byte offset of the `'` or `"` that a shell would find without its partner. Comments and here-documents are passed
/// over: a quote there is a letter like any other.
pub fn unclosed_quote(text: &str) -> Option<usize> {
    let mut quotes = Quotes {
        text,
        open: None,
        documents: Vec::new(),
    };
    let mut at = 0;
    while let Some(letter) = text[at..].chars().next() {
        at = quotes.read(at, letter);
    }
    quotes.open.map(|(at, _)| at)
}

struct Quotes<'t> {
    text: &'t str,
    /// The open quote, and where it stands.
    open: Option<(usize, char)>,
    /// The here-documents that begin in the next line.
    documents: Vec<Document>,
}

/// What follows a `<<`.
struct Document {
    /// The line that ends it.
    end: String,
    /// Whether tabs may stand before that: `<<-`.
    is_indented: bool,
}

impl Quotes<'_> {
    /// Takes the letter at an offset; gives that of the next one.
    fn read(&mut self, at: usize, letter: char) -> usize {
        let next = at + letter.len_utf8();
        match (letter, self.open) {
            ('#', None) if begins_word(&self.text[..at]) => return self.line_end(at),
            ('\\', None | Some((_, '"'))) => return self.behind_letter(next),
            ('<', None) => return self.redirection(at),
            ('\n', None) => return self.behind_documents(next),
            ('\'' | '"', None) => self.open = Some((at, letter)),
            (_, Some((_, quote))) if letter == quote => self.open = None,
            _ => {}
        }
        next
    }

    fn line_end(&self, at: usize) -> usize {
        let line = self.text[at..].find('\n');
        line.map_or(self.text.len(), |length| at + length)
    }

    fn behind_letter(&self, at: usize) -> usize {
        let letter = self.text[at..].chars().next();
        at + letter.map_or(0, char::len_utf8)
    }

    /// Behind a `<`, or behind `<<` and the word with which its here-document ends.
    fn redirection(&mut self, at: usize) -> usize {
        let rest = &self.text[at..];
        let signs = rest.len() - rest.trim_start_matches('<').len();
        if signs != 2 {
            return at + signs;
        }
        let behind = rest[2..].strip_prefix('-');
        let is_indented = behind.is_some();
        let word = behind.unwrap_or(&rest[2..]).trim_start_matches([' ', '\t']);
        let written = &word[..word.find(ends_word).unwrap_or(word.len())];
        if written.is_empty() {
            return at + signs;
        }
        let end = written.replace(['\'', '"', '\\'], "");
        self.documents.push(Document { end, is_indented });
        at + (rest.len() - word.len()) + written.len()
    }

    /// Behind the documents that begin here. A shell takes one that never ends up to the end of the text.
    fn behind_documents(&mut self, mut at: usize) -> usize {
        for document in std::mem::take(&mut self.documents) {
            while at < self.text.len() {
                let line = &self.text[at..self.line_end(at)];
                at = self.text.len().min(at + line.len() + 1);
                if document.ends_with(line) {
                    break;
                }
            }
        }
        at
    }
}

impl Document {
    fn ends_with(&self, line: &str) -> bool {
        let line = match self.is_indented {
            true => line.trim_start_matches('\t'),
            false => line,
        };
        line == self.end
    }
}

fn ends_word(letter: char) -> bool {
    letter.is_whitespace() || matches!(letter, ';' | '&' | '|' | '<' | '>' | '(' | ')')
}

/// Whether what follows a text begins a word of a shell.
fn begins_word(before: &str) -> bool {
    let parts =
        |letter: char| letter.is_whitespace() || matches!(letter, ';' | '&' | '|' | '(' | ')');
    before.chars().next_back().is_none_or(parts)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn finds_unclosed_quotes() {
        for (text, expected) in [
            ("", None),
            ("a 'b' \"c\"", None),
            ("curl -f \"http://x || exit 1", Some(8)),
            ("a | b 'c", Some(6)),
            ("it\\'s", None),
            ("'\\'", None),
            ("\"\\\"", Some(0)),
            ("\"it's\"", None),
        ] {
            assert_eq!(unclosed_quote(text), expected, "{text}");
        }
    }

    #[test]
    fn a_quote_in_a_here_document_is_a_letter() {
        for (text, expected) in [
            ("cat <<EOF > /tmp/x\nit's\nEOF\n", None),
            ("cat <<'EOF'\nit's\nEOF\ntrue", None),
            ("cat <<-\"EOF\"\n\tit's\n\tEOF\ntrue", None),
            ("cat << EOF # it's\nit's\nEOF", None),
            ("cat <<A <<B\nit's\nA\nit's\nB\ntrue", None),
            ("cat <<EOF\nit's", None),
            ("cat <<EOF\nx\nEOF\necho 'a", Some(21)),
            ("cat <<EOF 'a\nit", Some(10)),
            ("cat < 'a", Some(6)),
            ("cat <<< 'a", Some(8)),
            ("echo '<<EOF'\necho 'a", Some(18)),
            ("cat <<", None),
        ] {
            assert_eq!(unclosed_quote(text), expected, "{text}");
        }
    }

    proptest! {
        #[test]
        fn never_panics(text in "[ab '\"#<\\-\\\\;>é\n\t]{0,30}") {
            let _ = unclosed_quote(&text);
        }
    }
}

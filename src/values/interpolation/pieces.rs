//! A text in pieces: plain text, `$$` and variables.

use super::words::{no_name, no_operator, unclosed};
use super::{Operator, Use};
use crate::values::Refusal;

/// Tells, byte by byte, what stands inside `${...}` or `{{ ... }}`, where separators do not separate. What is never
/// closed reaches to the end of the text.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Nesting {
    depth: usize,
}

impl Nesting {
    /// Takes the byte at `at`, and says whether it belongs to a braced part (its braces included, the `$` before
    /// them not). Every byte of the text must be given once, in order.
    pub(crate) fn step(&mut self, bytes: &[u8], at: usize) -> bool {
        match bytes[at] {
            b'{' if self.depth > 0 || opens(bytes, at) => {
                self.depth += 1;
                true
            }
            b'}' if self.depth > 0 => {
                self.depth -= 1;
                true
            }
            _ => self.depth > 0,
        }
    }
}

/// Whether the `{` at `at`, outside of all braces, belongs to a `${` or a `{{`.
fn opens(bytes: &[u8], at: usize) -> bool {
    bytes.get(at + 1) == Some(&b'{') || at > 0 && bytes[at - 1] == b'$'
}

/// A stretch of a text.
pub(super) enum Piece<'s> {
    /// Text to be kept.
    Plain(&'s str),
    /// `$$`.
    Dollar,
    /// A variable.
    Variable(Use<'s>),
}

/// The pieces of a text, from its beginning to its end. The uses inside a word are not looked at.
pub(super) struct Pieces<'s> {
    pub(super) text: &'s str,
    pub(super) at: usize,
}

impl<'s> Iterator for Pieces<'s> {
    type Item = Result<Piece<'s>, Refusal>;

    fn next(&mut self) -> Option<Self::Item> {
        let rest = &self.text[self.at..];
        if rest.is_empty() {
            return None;
        }
        Some(match rest.bytes().position(|byte| byte == b'$') {
            Some(0) => self.dollar(),
            Some(plain) => Ok(self.plain(plain)),
            None => Ok(self.plain(rest.len())),
        })
    }
}

impl<'s> Pieces<'s> {
    /// The next `len` bytes as plain text.
    fn plain(&mut self, len: usize) -> Piece<'s> {
        let start = self.at;
        self.at += len;
        Piece::Plain(&self.text[start..self.at])
    }

    /// What begins with the `$` at the current offset.
    fn dollar(&mut self) -> Result<Piece<'s>, Refusal> {
        match self.text.as_bytes().get(self.at + 1) {
            Some(b'$') => {
                self.at += 2;
                Ok(Piece::Dollar)
            }
            Some(b'{') => self.variable(braced(self.text, self.at)?),
            Some(&byte) if is_name_start(byte) => self.variable(bare(self.text, self.at)),
            _ => Ok(self.plain(1)),
        }
    }

    /// Steps over a use.
    fn variable(&mut self, usage: Use<'s>) -> Result<Piece<'s>, Refusal> {
        self.at = usage.end;
        Ok(Piece::Variable(usage))
    }
}

/// The use `$NAME` at `start`.
fn bare(text: &str, start: usize) -> Use<'_> {
    let end = name_end(text.as_bytes(), start + 1);
    Use {
        name: &text[start + 1..end],
        operator: None,
        word: "",
        start,
        end,
        braced: false,
        depth: 0,
    }
}

/// The use `${...}` at `start`.
fn braced(text: &str, start: usize) -> Result<Use<'_>, Refusal> {
    let after_name = name_end(text.as_bytes(), start + 2);
    let name = &text[start + 2..after_name];
    if !name.bytes().next().is_some_and(is_name_start) {
        return Err(no_name(&text[start + 2..]));
    }
    let rest = &text[after_name..];
    let operator = Operator::at_start(rest);
    let word_start = after_name + operator.map_or(0, |operator| operator.as_str().len());
    let close = match operator {
        Some(_) => closing_brace(text, start).ok_or_else(|| unclosed(name))?,
        None if rest.starts_with('}') => after_name,
        None => return Err(no_operator(name, rest)),
    };
    Ok(Use {
        name,
        operator,
        word: &text[word_start..close],
        start,
        end: close + 1,
        braced: true,
        depth: 0,
    })
}

/// Where the `${` at `start` closes. Compose counts every brace after it, but does not look at the character after an
/// opening one (so `{{` counts once and `}}` twice), and takes the line's last `}` where the count never ends.
fn closing_brace(text: &str, start: usize) -> Option<usize> {
    let bytes = text.as_bytes();
    let (mut at, mut depth, mut last) = (start + 1, 0_usize, None);
    while at < bytes.len() && bytes[at] != b'\n' {
        match bytes[at] {
            b'{' => {
                depth += 1;
                at += 1;
                // The skipped character still ends a line, and may still be the last brace.
                last = last_brace(bytes, at, last);
                at -= usize::from(bytes.get(at) == Some(&b'\n'));
            }
            b'}' if depth == 1 => return Some(at),
            b'}' => {
                depth -= 1;
                last = Some(at);
            }
            _ => {}
        }
        at += 1;
    }
    last
}

/// `at` where a closing brace stands there, else `last`.
fn last_brace(bytes: &[u8], at: usize, last: Option<usize>) -> Option<usize> {
    match bytes.get(at) {
        Some(b'}') => Some(at),
        _ => last,
    }
}

/// Whether a byte may begin a name: `[_a-zA-Z]`.
pub(super) fn is_name_start(byte: u8) -> bool {
    byte == b'_' || byte.is_ascii_alphabetic()
}

/// Where the run of name characters that begins at `at` ends.
pub(super) fn name_end(bytes: &[u8], at: usize) -> usize {
    let is_name = |byte: &u8| *byte == b'_' || byte.is_ascii_alphanumeric();
    at + bytes[at..].iter().take_while(|byte| is_name(byte)).count()
}

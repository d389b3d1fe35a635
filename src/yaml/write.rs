//! Text out: YAML that readers of YAML 1.1 and 1.2 understand alike.
//!
//! The emitter writes straight to one string. Texts stay plain unless some reader would take
//! them for something else: null, a boolean, a number, a timestamp, or YAML's own marks. The
//! resolution rules are those of YAML 1.1 (<https://yaml.org/type/>), of YAML 1.2.2 chapter 10,
//! and of the readers in use, which go beyond both (upper-case prefixes, `0o17`, `1e3`).

use std::fmt::Write as _;

/// Blanks per level.
const INDENT: usize = 2;

/// From this length on a key gets the `? ` form: readers look for the `:` of a key within
/// 1,024 characters only (YAML 1.2.2, section 7.4.2). Quoting may lengthen a key sixfold.
const LONG_KEY: usize = 160;

/// Not fit as the first byte of a plain text.
const FIRST: u8 = 1;
/// Not fit anywhere in a plain text inside `[ ]`.
const FLOW: u8 = 2;
/// `:` and `#`: what stands beside them decides.
const MARK: u8 = 4;
/// A blank: fit inside only.
const BLANK: u8 = 8;
/// Control characters: never fit.
const BAD: u8 = 16;
/// Part of a character beyond ASCII.
const WIDE: u8 = 32;
/// A text that starts with it may resolve to something else.
const HEAD: u8 = 64;

/// What each byte means for quoting.
static CLASS: [u8; 256] = classes();

const fn classes() -> [u8; 256] {
    let mut table = [0; 256];
    let mut at = 0;
    while at < 256 {
        table[at] = class(at as u8);
        at += 1;
    }
    table
}

const fn class(byte: u8) -> u8 {
    match byte {
        b' ' => BLANK | FIRST,
        0..=0x1f | 0x7f => BAD,
        0x80.. => WIDE,
        b',' | b'[' | b']' | b'{' | b'}' | b'?' => FIRST | FLOW,
        b':' | b'#' => FIRST | MARK,
        b'&' | b'*' | b'!' | b'|' | b'>' | b'\'' | b'"' | b'%' | b'@' | b'`' => FIRST,
        b'0'..=b'9' | b'+' | b'-' | b'.' | b'~' | b'<' | b'=' => HEAD,
        b'y' | b'Y' | b'n' | b'N' | b't' | b'T' | b'f' | b'F' | b'o' | b'O' => HEAD,
        _ => 0,
    }
}

/// Writes one YAML document in block style, indented by two blanks.
///
/// Calls follow the document: in a map [`key`](Self::key) and then a value, in a list
/// [`item`](Self::item) and then a value. A value is one of [`text`](Self::text),
/// [`raw`](Self::raw), [`null`](Self::null), [`flow_seq`](Self::flow_seq), or a map or list
/// between its `begin_` and `end_`. An empty map or list comes out as `{}` or `[]`.
#[derive(Debug, Default)]
pub struct Writer {
    out: String,
    /// Open maps and lists.
    depth: usize,
    /// Complete lines in `out`.
    lines: usize,
    /// What the last thing on the line is.
    at: Cursor,
    /// Whether the innermost map or list has no content yet.
    is_fresh: bool,
}

/// Where the next token goes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Cursor {
    /// On a new line.
    #[default]
    Line,
    /// On this line, behind the `:` of a key.
    Key,
    /// On this line, behind the `-` of an item.
    Dash,
}

impl Writer {
    /// A writer of an empty document.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// A writer with room for `bytes` bytes of output.
    #[must_use]
    pub fn with_capacity(bytes: usize) -> Self {
        Self {
            out: String::with_capacity(bytes),
            ..Self::default()
        }
    }

    /// A writer that goes on behind what is written already, lines of comments.
    #[must_use]
    pub fn behind(mut text: String) -> Self {
        if text.ends_with('\n') {
            text.pop();
        }
        Self {
            lines: text.matches('\n').count(),
            out: text,
            ..Self::default()
        }
    }

    /// Starts `key:` for a key of the program's own, which is known to need no quotes.
    pub fn known_key(&mut self, key: &'static str) {
        self.start_entry();
        self.out.push_str(key);
        self.out.push(':');
        self.at = Cursor::Key;
    }

    /// Starts `key:`; its value comes next.
    pub fn key(&mut self, key: &str) {
        self.start_entry();
        if key.len() >= LONG_KEY {
            return self.long_key(key);
        }
        self.scalar(key, false);
        self.out.push(':');
        self.at = Cursor::Key;
    }

    /// A key too long for readers to find its `:`, in the explicit form.
    #[cold]
    fn long_key(&mut self, key: &str) {
        self.out.push_str("? ");
        self.scalar(key, false);
        self.new_line();
        self.out.push(':');
        self.at = Cursor::Key;
    }

    /// Starts an item of a list; its value comes next.
    pub fn item(&mut self) {
        self.start_entry();
        self.out.push('-');
        self.at = Cursor::Dash;
    }

    /// A text: plain where every reader takes it for that text, else in double quotes;
    /// several lines as a block (`|`) where that keeps them exactly.
    pub fn text(&mut self, text: &str) {
        self.start_value();
        if is_plain(text, false) {
            self.out.push_str(text);
        } else if self.depth > 0 && fits_block(text) {
            self.block(text);
        } else {
            self.quoted(text);
        }
    }

    /// A number or boolean, written as it is. The caller answers for its form.
    pub fn raw(&mut self, value: &str) {
        self.start_value();
        self.out.push_str(value);
    }

    /// What `write` puts behind the text so far, as it is. The caller answers for its form.
    pub fn raw_with(&mut self, write: impl FnOnce(&mut String)) {
        self.start_value();
        write(&mut self.out);
    }

    /// A text of one line that `write` puts behind the text so far, quoted where it must be.
    pub fn text_with(&mut self, write: impl FnOnce(&mut String)) {
        self.start_value();
        let start = self.out.len();
        write(&mut self.out);
        if !is_plain(&self.out[start..], false) {
            let text = self.out.split_off(start);
            self.quoted(&text);
        }
    }

    /// Nothing, as `null`.
    pub fn null(&mut self) {
        self.raw("null");
    }

    /// Short texts as one line: `[CMD, curl, -f]`.
    pub fn flow_seq(&mut self, texts: &[&str]) {
        self.start_value();
        self.out.push('[');
        for (index, text) in texts.iter().enumerate() {
            if index > 0 {
                self.out.push_str(", ");
            }
            self.scalar(text, true);
        }
        self.out.push(']');
    }

    /// Starts a map.
    pub fn begin_map(&mut self) {
        self.begin();
    }

    /// Ends the innermost map.
    pub fn end_map(&mut self) {
        self.end("{}");
    }

    /// Starts a list.
    pub fn begin_seq(&mut self) {
        self.begin();
    }

    /// Ends the innermost list.
    pub fn end_seq(&mut self) {
        self.end("[]");
    }

    fn begin(&mut self) {
        self.depth += 1;
        self.is_fresh = true;
    }

    fn end(&mut self, empty: &str) {
        if self.is_fresh {
            self.start_value();
            self.out.push_str(empty);
        }
        self.depth = self.depth.saturating_sub(1);
    }

    /// A comment on lines of its own, at the current indent.
    pub fn comment(&mut self, text: &str) {
        for line in text.split(['\n', '\r', '\u{85}', '\u{2028}', '\u{2029}']) {
            self.new_line();
            self.out.push('#');
            if !line.is_empty() {
                self.out.push(' ');
                self.out
                    .extend(line.chars().map(|c| if is_printable(c) { c } else { ' ' }));
            }
        }
        self.at = Cursor::Line;
    }

    /// An empty line before what comes next; none at the start.
    pub fn blank_line(&mut self) {
        if !self.out.is_empty() {
            self.out.push('\n');
            self.lines += 1;
            self.at = Cursor::Line;
        }
    }

    /// The number of the line that the next key, item or comment starts, counted from 1.
    #[must_use]
    pub fn line_number(&self) -> usize {
        self.lines + if self.out.is_empty() { 1 } else { 2 }
    }

    /// The document, with a line end behind its last line.
    #[must_use]
    pub fn finish(mut self) -> String {
        if !self.out.is_empty() && !self.out.ends_with('\n') {
            self.out.push('\n');
        }
        self.out
    }

    /// A new line at the indent of the innermost map or list.
    #[inline]
    fn new_line(&mut self) {
        const LINE: &str = "\n                ";
        let blanks = self.depth.saturating_sub(1) * INDENT;
        if self.out.is_empty() {
            return self.indent(self.depth.saturating_sub(1));
        }
        self.lines += 1;
        match blanks < LINE.len() {
            true => {
                // A length that the compiler knows is copied in place.
                let end = self.out.len() + 1 + blanks;
                self.out.push_str(LINE);
                self.out.truncate(end);
            }
            false => {
                self.out.push('\n');
                self.indent(self.depth.saturating_sub(1));
            }
        }
    }

    #[inline]
    fn indent(&mut self, levels: usize) {
        const BLANKS: &str = "                                ";
        let mut count = levels * INDENT;
        while count > BLANKS.len() {
            self.out.push_str(BLANKS);
            count -= BLANKS.len();
        }
        self.out.push_str(&BLANKS[..count]);
    }

    /// A key or a dash: behind the dash of the item around it, or on a line of its own.
    #[inline]
    fn start_entry(&mut self) {
        if self.at == Cursor::Dash && self.is_fresh {
            self.out.push(' ');
        } else {
            self.new_line();
        }
        self.is_fresh = false;
    }

    /// A value: behind its key or dash, or on a line of its own after a comment.
    #[inline]
    fn start_value(&mut self) {
        match self.at {
            Cursor::Key | Cursor::Dash => self.out.push(' '),
            Cursor::Line if self.out.is_empty() => {}
            Cursor::Line => {
                self.new_line();
                self.indent(1);
            }
        }
        self.at = Cursor::Line;
        self.is_fresh = false;
    }

    #[inline]
    fn scalar(&mut self, text: &str, in_flow: bool) {
        push_scalar(&mut self.out, text, in_flow);
    }

    fn quoted(&mut self, text: &str) {
        push_quoted(&mut self.out, text);
    }

    /// Lines as they are, indented; `|-` says that the last line has no end.
    fn block(&mut self, text: &str) {
        let body = text.strip_suffix('\n');
        self.out.push_str(if body.is_some() { "|" } else { "|-" });
        for line in body.unwrap_or(text).split('\n') {
            self.out.push('\n');
            self.lines += 1;
            if !line.is_empty() {
                self.indent(self.depth);
                self.out.push_str(line);
            }
        }
    }
}

/// Writes a text on one line behind another: plain where every reader takes it for that text, else in double quotes.
#[inline]
pub fn push_scalar(out: &mut String, text: &str, in_flow: bool) {
    if is_plain(text, in_flow) {
        out.push_str(text);
    } else {
        push_quoted(out, text);
    }
}

fn push_quoted(out: &mut String, text: &str) {
    out.push('"');
    let mut copied = 0;
    for (at, c) in text.char_indices() {
        if needs_escape(c) {
            out.push_str(&text[copied..at]);
            push_escape(out, c);
            copied = at + c.len_utf8();
        }
    }
    out.push_str(&text[copied..]);
    out.push('"');
}

/// An escape that YAML 1.1 and 1.2 share (YAML 1.2.2, section 5.7).
fn push_escape(out: &mut String, c: char) {
    let code = u32::from(c);
    let _ = match c {
        '"' => out.write_str("\\\""),
        '\\' => out.write_str("\\\\"),
        '\n' => out.write_str("\\n"),
        '\r' => out.write_str("\\r"),
        '\t' => out.write_str("\\t"),
        _ if code < 0x100 => write!(out, "\\x{code:02X}"),
        _ if code < 0x1_0000 => write!(out, "\\u{code:04X}"),
        _ => write!(out, "\\U{code:08X}"),
    };
}

/// Whether a text of several lines survives as a block (`|`) without hints about its
/// indent or end: printable, no blanks at its start or at line ends, one line end at most.
pub fn fits_block(text: &str) -> bool {
    text.contains('\n')
        && !text.starts_with(['\n', ' '])
        && !text.ends_with("\n\n")
        && !text.ends_with(' ')
        && !text.contains(" \n")
        && text
            .chars()
            .all(|c| c == '\n' || (c != '\t' && is_printable(c)))
}

/// Whether a text can stand without quotes; in a flow list the rules are stricter.
#[inline]
fn is_plain(text: &str, in_flow: bool) -> bool {
    let bytes = text.as_bytes();
    let Some(&first) = bytes.first() else {
        return false;
    };
    let head = CLASS[usize::from(first)];
    let seen = bytes
        .iter()
        .fold(0, |seen, &b| seen | CLASS[usize::from(b)]);
    if head & FIRST != 0 || seen & BAD != 0 || (in_flow && seen & FLOW != 0) {
        return false;
    }
    if head & HEAD != 0 && resolves(bytes) {
        return false;
    }
    seen & (MARK | BLANK | WIDE) == 0 || is_plain_inside(text)
}

/// The rest of [`is_plain`]: what stands beside blanks, `:` and `#`, and what is printable.
fn is_plain_inside(text: &str) -> bool {
    let bytes = text.as_bytes();
    let breaks = |pair: &[u8]| matches!(pair, [b':', b' '] | [b' ', b'#']);
    !matches!(bytes.last(), Some(b' ' | b':'))
        && !bytes.windows(2).any(breaks)
        && (text.is_ascii() || text.chars().all(is_printable))
}

/// Whether the character may stand in the file as it is: YAML's printable ones
/// (YAML 1.2.2, section 5.1) less the tab, line ends of any kind and the byte order mark.
fn is_printable(c: char) -> bool {
    match c {
        ' '..='~' => true,
        '\u{2028}' | '\u{2029}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}' => false,
        _ => c >= '\u{a0}',
    }
}

fn needs_escape(c: char) -> bool {
    matches!(c, '"' | '\\') || !is_printable(c)
}

/// Whether some reader takes the plain text for something else than a text.
fn resolves(text: &[u8]) -> bool {
    is_mark(text) || is_word(text) || is_number(text) || is_timestamp(text)
}

/// YAML's own marks: a dash as of a list item, document marks, `~`, `<<` and `=`.
fn is_mark(text: &[u8]) -> bool {
    matches!(text, b"-" | b"~" | b"<<" | b"=" | [b'-', b' ', ..])
        || text.starts_with(b"---")
        || text.starts_with(b"...")
}

/// Null and booleans of YAML 1.1, in any case.
fn is_word(text: &[u8]) -> bool {
    const WORDS: [&[u8]; 9] = [
        b"y", b"n", b"yes", b"no", b"on", b"off", b"true", b"false", b"null",
    ];
    text.len() <= 5 && WORDS.iter().any(|word| text.eq_ignore_ascii_case(word))
}

/// Integers and floats of YAML 1.1, YAML 1.2 and their readers.
fn is_number(text: &[u8]) -> bool {
    let unsigned = text
        .strip_prefix(b"+")
        .or_else(|| text.strip_prefix(b"-"))
        .unwrap_or(text);
    match unsigned {
        [b'.', rest @ ..] if is_infinite(rest) => true,
        [b'0', b'x' | b'X', rest @ ..] => all_digits(rest, u8::is_ascii_hexdigit),
        [b'0', b'o' | b'O' | b'b' | b'B', rest @ ..] => all_digits(rest, u8::is_ascii_digit),
        [b'0'..=b'9', ..] => is_sexagesimal(unsigned) || is_decimal(unsigned),
        [b'.', ..] => is_decimal(unsigned),
        _ => false,
    }
}

fn is_infinite(rest: &[u8]) -> bool {
    rest.eq_ignore_ascii_case(b"inf") || rest.eq_ignore_ascii_case(b"nan")
}

fn all_digits(text: &[u8], is_digit: fn(&u8) -> bool) -> bool {
    text.iter().any(is_digit) && text.iter().all(|b| *b == b'_' || is_digit(b))
}

/// Digits with `_` between them, at most one `.`, and perhaps an exponent.
pub(super) fn is_decimal(text: &[u8]) -> bool {
    let end = text
        .iter()
        .position(|b| matches!(b, b'e' | b'E'))
        .unwrap_or(text.len());
    let (mantissa, exponent) = text.split_at(end);
    let points = mantissa.iter().filter(|b| **b == b'.').count();
    let is_mantissa = mantissa
        .iter()
        .all(|b| matches!(b, b'0'..=b'9' | b'_' | b'.'));
    let has_digit = mantissa.iter().any(u8::is_ascii_digit) || (points > 0 && mantissa.len() > 1);
    is_mantissa && has_digit && points <= 1 && (exponent.is_empty() || is_exponent(&exponent[1..]))
}

fn is_exponent(text: &[u8]) -> bool {
    let digits = text
        .strip_prefix(b"+")
        .or_else(|| text.strip_prefix(b"-"))
        .unwrap_or(text);
    all_digits(digits, u8::is_ascii_digit)
}

/// Base 60 of YAML 1.1, such as `22:22` and `1:30:00.5`; each part after the first is
/// below 60, so that `8080:80` is none.
pub(super) fn is_sexagesimal(text: &[u8]) -> bool {
    let end = text.iter().position(|b| *b == b'.').unwrap_or(text.len());
    let (whole, fraction) = text.split_at(end);
    let mut parts = whole.split(|b| *b == b':');
    let is_start = parts
        .next()
        .is_some_and(|part| all_digits(part, u8::is_ascii_digit));
    let is_sixty = |part: &[u8]| matches!(part, [b'0'..=b'9'] | [b'0'..=b'5', b'0'..=b'9']);
    let is_fraction = fraction
        .iter()
        .skip(1)
        .all(|b| matches!(b, b'0'..=b'9' | b'_'));
    is_start && whole.contains(&b':') && parts.all(is_sixty) && is_fraction
}

/// A date, alone or before a time (<https://yaml.org/type/timestamp.html>).
pub(super) fn is_timestamp(text: &[u8]) -> bool {
    let [
        b'0'..=b'9',
        b'0'..=b'9',
        b'0'..=b'9',
        b'0'..=b'9',
        b'-',
        rest @ ..,
    ] = text
    else {
        return false;
    };
    let Some((month, rest)) = one_or_two_digits(rest) else {
        return false;
    };
    let [b'-', rest @ ..] = rest else {
        return false;
    };
    let Some((_day, rest)) = one_or_two_digits(rest) else {
        return false;
    };
    !month.is_empty() && matches!(rest, [] | [b't' | b'T' | b' ', b' ' | b'0'..=b'9', ..])
}

fn one_or_two_digits(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let count = text
        .iter()
        .take(2)
        .take_while(|b| b.is_ascii_digit())
        .count();
    (count > 0).then(|| text.split_at(count))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::yaml::{Kind, Node, read};
    use bumpalo::Bump;

    /// Texts that some reader takes for something else, or that break a line.
    const QUOTED: &[&str] = &[
        "",
        "~",
        "null",
        "Null",
        "NULL",
        "nUll",
        "y",
        "Y",
        "n",
        "N",
        "yes",
        "Yes",
        "YES",
        "no",
        "No",
        "NO",
        "on",
        "On",
        "ON",
        "off",
        "Off",
        "OFF",
        "true",
        "True",
        "TRUE",
        "tRue",
        "false",
        "False",
        "FALSE",
        "0",
        "1",
        "-1",
        "+1",
        "12",
        "012",
        "089",
        "0o17",
        "0O17",
        "0x1F",
        "0X1f",
        "-0x1F",
        "0b101",
        "0B1",
        "1_000",
        "1__0",
        "0x_F",
        "0b1_0",
        "22:22",
        "1:30:00",
        "-1:30",
        "01:30",
        "1:30.5",
        "53:53",
        "1:2:3:4",
        "1.0",
        ".5",
        "-.5",
        "+.5",
        "5.",
        "1e3",
        "1E3",
        "1e+3",
        "1.5e-3",
        "12e03",
        "1_0.5",
        "._5",
        "685_230.15",
        ".inf",
        ".Inf",
        ".INF",
        "-.inf",
        "+.inf",
        ".nan",
        ".NaN",
        ".NAN",
        "0.",
        "00",
        "123456789012345678901234567890",
        "2025-01-01",
        "2025-1-1",
        "2001-12-14t21:59:43.10-05:00",
        "2001-12-14T21:59:43Z",
        "2001-12-14 21:59:43",
        "2001-12-14  21:59:43",
        "<<",
        "=",
        "-",
        "- a",
        "---",
        "--- a",
        "...",
        "... a",
        "-\ta",
        "?",
        "? a",
        ":",
        ": a",
        ":a",
        "?a",
        ",",
        ",a",
        "[",
        "[a]",
        "]",
        "{",
        "{a}",
        "}",
        "#",
        "#a",
        "&",
        "&a",
        "*",
        "*a",
        "!",
        "!a",
        "!!str a",
        "|",
        "|a",
        ">",
        ">a",
        "'",
        "'a'",
        "\"",
        "\"a\"",
        "%",
        "%a",
        "@",
        "@a",
        "`",
        "`a`",
        "a: b",
        "a:",
        "a :",
        "a: ",
        "a #b",
        "a # b",
        " a",
        "a ",
        " ",
        "  ",
        "\t",
        "\ta",
        "a\t",
        "a\tb",
        "a\r",
        "a\r\nb",
        "\0",
        "a\u{1}b",
        "\u{7}",
        "\u{8}",
        "\u{b}",
        "\u{c}",
        "\u{1b}[0m",
        "\u{7f}",
        "\u{80}",
        "\u{85}",
        "a\u{85}b",
        "\u{9f}",
        "\u{2028}",
        "a\u{2029}b",
        "\u{feff}",
        "a\u{feff}",
        "\u{fffe}",
        "\u{ffff}",
        "\n",
        "\n\n",
        "a\n\n",
        "\na",
        " a\nb",
        "a \nb",
        "a\nb ",
        "a\tb\nc",
        "\\: ",
        "\" : \"",
        "{{ x }}",
        "a\u{1f}",
        "key: [1, 2]",
        "http://x: ",
        "::",
        "a::",
    ];

    /// Texts that every reader takes for themselves.
    const PLAIN: &[&str] = &[
        "a",
        "abc",
        "nulls",
        "yesterday",
        "none",
        "None",
        "nan",
        "inf",
        "tru",
        "truer",
        "offset",
        "only",
        "ye",
        "t",
        "f",
        "${VAR:-x}",
        "$VAR",
        "a:b",
        "8080:80",
        "./x:/y:ro",
        "127.0.0.1:80:80",
        "53:53/udp",
        "1.2.3",
        "1.2.3.4",
        "v1.0",
        "3.12-slim",
        "1e",
        "e3",
        "0xg",
        "0x",
        "0o8a",
        "0b",
        "1a",
        "1-2",
        "2025-01",
        "2025-01-01-rc1",
        "2025-01-011",
        "+",
        "+a",
        "-a",
        "-f",
        "--flag",
        "-:a",
        ".",
        "..",
        "./a",
        ".a",
        "_1",
        "1:60:a",
        "1:99",
        "a#b",
        "a'b",
        "a\"b",
        "a\\b",
        "a,b",
        "a, b",
        "a[0]",
        "a{b}",
        "a?",
        "a & b",
        "a * b",
        "a!",
        "a | b",
        "a > b",
        "100%",
        "a@b.c",
        "a`b`",
        "<",
        "<<<",
        "<a",
        "==",
        "=a",
        "~/x",
        "~a",
        "a b c",
        "http://x:80/y?z=1&b=2#c",
        "CMD-SHELL",
        "wget -q -O- http://x || exit 1",
        "äöü",
        "日本語",
        "\u{a0}",
        "🎉",
        "é: x".split_at(2).0,
        "a=b",
        "ghcr.io/x/y:1.0@sha256:ab",
        "256M",
        "0.5G",
        "10s",
        "1h30m",
        "12:ab",
        "2001-12-14 later",
        "service_healthy",
    ];

    fn written(build: impl FnOnce(&mut Writer)) -> String {
        let mut writer = Writer::new();
        build(&mut writer);
        writer.finish()
    }

    /// The text as value, as key and in a flow list.
    fn document(text: &str) -> String {
        written(|w| {
            w.begin_map();
            w.key("value");
            w.text(text);
            w.key("flow");
            w.flow_seq(&[text, "end", text]);
            w.key("list");
            w.begin_seq();
            w.item();
            w.text(text);
            w.item();
            w.begin_map();
            w.key(text);
            w.text(text);
            w.key("end-key");
            w.text("end");
            w.end_map();
            w.end_seq();
            w.end_map();
        })
    }

    fn is_text(node: &Node, text: &str) -> bool {
        match node.kind {
            Kind::Quoted(t) => t == text,
            Kind::Plain(t) => t == text && node.kind_word() == "a text",
            _ => false,
        }
    }

    fn reads_back(text: &str) {
        let yaml = document(text);
        let value: serde_yaml::Value = serde_yaml::from_str(&yaml).expect(&yaml);
        assert_eq!(value["value"].as_str(), Some(text), "{yaml}");
        assert_eq!(value["flow"][0].as_str(), Some(text), "{yaml}");
        assert_eq!(value["flow"][2].as_str(), Some(text), "{yaml}");
        assert_eq!(value["list"][0].as_str(), Some(text), "{yaml}");
        assert_eq!(value["list"][1][text].as_str(), Some(text), "{yaml}");
        assert_eq!(value["list"][1]["end-key"].as_str(), Some("end"), "{yaml}");
        let arena = Bump::new();
        let root = read(&yaml, 0, &arena, &arena).expect(&yaml).expect(&yaml);
        assert!(is_text(root.get("value").expect("value"), text), "{yaml}");
        let list = root.get("list").expect("list").as_seq().expect("a list");
        assert!(is_text(&list[0], text), "{yaml}");
        assert!(is_text(list[1].get(text).expect("key"), text), "{yaml}");
        let flow = root.get("flow").expect("flow").as_seq().expect("a list");
        assert!(
            flow.len() == 3 && is_text(&flow[0], text) && is_text(&flow[2], text),
            "{yaml}"
        );
    }

    #[test]
    fn tricky_texts_are_quoted_and_read_back() {
        assert!(QUOTED.len() + PLAIN.len() >= 200);
        for text in QUOTED {
            assert!(!is_plain(text, false), "{text:?} needs quotes");
            reads_back(text);
        }
    }

    #[test]
    fn harmless_texts_stay_plain_and_read_back() {
        for text in PLAIN {
            assert!(is_plain(text, false), "{text:?} needs no quotes");
            reads_back(text);
        }
    }

    #[test]
    fn flow_lists_quote_their_own_marks() {
        let yaml = written(|w| {
            w.flow_seq(&[
                "CMD",
                "curl",
                "-f",
                "http://localhost:80/health",
                "${A}",
                "a,b",
                "x?",
            ])
        });
        assert_eq!(
            yaml,
            "[CMD, curl, -f, http://localhost:80/health, \"${A}\", \"a,b\", \"x?\"]\n"
        );
    }

    #[test]
    fn layout_is_as_people_write_it() {
        let yaml = written(|w| {
            w.comment("Generated.\n\nDo not edit.");
            w.begin_map();
            w.blank_line();
            w.key("services");
            w.begin_map();
            w.key("web");
            w.begin_map();
            w.key("ports");
            w.begin_seq();
            w.item();
            w.text("80:80");
            w.item();
            w.begin_map();
            w.key("target");
            w.raw("80");
            w.key("labels");
            w.begin_map();
            w.end_map();
            w.end_map();
            w.item();
            w.begin_seq();
            w.item();
            w.null();
            w.end_seq();
            w.end_seq();
            w.key("run");
            w.text("a\n\n  b: #c\n");
            w.comment("next");
            w.key("empty");
            w.begin_seq();
            w.end_seq();
            w.end_map();
            w.end_map();
            w.blank_line();
            assert_eq!(w.line_number(), 19);
            w.key("strip");
            w.text("a\nb");
            w.end_map();
        });
        let expected = "# Generated.\n#\n# Do not edit.\n\nservices:\n  web:\n    ports:\n      - 80:80\n      - target: 80\n        labels: {}\n      - - null\n    run: |\n      a\n\n        b: #c\n    # next\n    empty: []\n\nstrip: |-\n  a\n  b\n";
        assert_eq!(yaml, expected.to_owned());
    }

    #[test]
    fn comments_stand_anywhere() {
        let yaml = written(|w| {
            w.begin_map();
            w.key("a");
            w.comment("one");
            w.text("x");
            w.key("b");
            w.begin_map();
            w.comment("two");
            w.end_map();
            w.key("c");
            w.begin_seq();
            w.item();
            w.begin_map();
            w.comment("three\u{0}");
            w.key("d");
            w.text("y");
            w.end_map();
            w.end_seq();
            w.end_map();
        });
        let value: serde_yaml::Value = serde_yaml::from_str(&yaml).expect(&yaml);
        let expected: serde_yaml::Value =
            serde_yaml::from_str("{a: x, b: {}, c: [{d: y}]}").expect("valid");
        assert_eq!(value, expected, "{yaml}");
    }

    #[test]
    fn long_keys_read_back() {
        reads_back(&"k".repeat(2000));
        reads_back(&"k: ".repeat(700));
        reads_back(&"\u{1}".repeat(400));
    }

    #[test]
    fn an_empty_document_is_empty() {
        assert_eq!(Writer::with_capacity(10).finish(), "");
    }
}

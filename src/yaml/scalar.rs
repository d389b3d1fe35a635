//! Texts as scalars that every reader takes for the same text.
//!
//! They stay plain unless some reader would take them for something else: null, a boolean, a number, a timestamp, or
//! YAML's own marks. The resolution rules are those of YAML 1.1 (<https://yaml.org/type/>), of YAML 1.2.2 chapter 10,
//! and of the readers in use, which go beyond both (upper-case prefixes, `0o17`, `1e3`).

use std::fmt::Write as _;

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
/// Letters and signs that no number holds.
const WORD: u8 = 128;

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
        b'0'..=b'9' | b'+' | b'-' | b'.' => HEAD,
        b'n' | b'N' | b'f' | b'F' | b'o' | b'O' => HEAD,
        b'~' | b'<' | b'=' | b'y' | b'Y' | b't' | b'T' => HEAD | WORD,
        b'a'..=b'e' | b'A'..=b'E' | b'i' | b'I' | b'x' | b'X' | b'_' => 0,
        _ => WORD,
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

pub(super) fn push_quoted(out: &mut String, text: &str) {
    out.push('"');
    let is_simple = |byte: u8| matches!(byte, b' '..=b'~') && byte != b'"' && byte != b'\\';
    if text.bytes().all(is_simple) {
        out.push_str(text);
        out.push('"');
        return;
    }
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
pub(super) fn is_plain(text: &str, in_flow: bool) -> bool {
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
    if head & HEAD != 0 && resolves(bytes, seen) {
        return false;
    }
    seen & (MARK | BLANK | WIDE) == 0 || is_plain_inside(text, seen)
}

/// The rest of [`is_plain`]: what stands beside blanks, `:` and `#`, and what is printable.
fn is_plain_inside(text: &str, seen: u8) -> bool {
    let bytes = text.as_bytes();
    let breaks = |pair: &[u8]| matches!(pair, [b':', b' '] | [b' ', b'#']);
    !matches!(bytes.last(), Some(b' ' | b':'))
        && (seen & MARK == 0 || seen & BLANK == 0 || !bytes.windows(2).any(breaks))
        && (seen & WIDE == 0 || text.chars().all(is_printable))
}

/// Whether the character may stand in the file as it is: YAML's printable ones
/// (YAML 1.2.2, section 5.1) less the tab, line ends of any kind and the byte order mark.
pub(super) fn is_printable(c: char) -> bool {
    match c {
        ' '..='~' => true,
        '\u{2028}' | '\u{2029}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}' => false,
        _ => c >= '\u{a0}',
    }
}

fn needs_escape(c: char) -> bool {
    matches!(c, '"' | '\\') || !is_printable(c)
}

/// Whether some reader takes the plain text for something else than a text; `seen` is what its bytes mean.
fn resolves(text: &[u8], seen: u8) -> bool {
    is_mark(text) || is_word(text) || (seen & WORD == 0 && is_number(text)) || is_timestamp(text)
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
        // Each of the two refuses what only the other one takes.
        [b'0'..=b'9', ..] => match unsigned.contains(&b':') {
            true => is_sexagesimal(unsigned),
            false => is_decimal(unsigned),
        },
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
    let is_mantissa = mantissa
        .iter()
        .all(|b| matches!(b, b'0'..=b'9' | b'_' | b'.'));
    if !is_mantissa {
        return false;
    }
    let points = mantissa.iter().filter(|b| **b == b'.').count();
    let has_digit = mantissa.iter().any(u8::is_ascii_digit) || (points > 0 && mantissa.len() > 1);
    has_digit && points <= 1 && (exponent.is_empty() || is_exponent(&exponent[1..]))
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

//! Plain scalars that some readers of YAML take for something else than the text that stands there.
//!
//! Three readings are compared: YAML 1.1 (<https://yaml.org/type/>), as PyYAML and the first docker-compose read; YAML 1.2;
//! and that of Docker Compose, seen in version 2.40: numbers as in both, written anew, and booleans as in 1.2. A number
//! that comes out as it was written, such as `8080` or `0.5`, is the same for all.

use super::scalar::{is_decimal, is_sexagesimal, is_timestamp};

/// What else a text is taken for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Otherwise {
    /// `yes`, `off`: true or false in YAML 1.1.
    OldBoolean,
    /// `True`: a boolean, which is written in small letters.
    Boolean,
    /// `22:22`: a number in base 60 in YAML 1.1.
    Sixty,
    /// `012`: a number in base 8, though not for every reader.
    Octal,
    /// `1_000`: a number with underscores, though not in YAML 1.2.
    Underscores,
    /// `1.10`: a number without the zeros at its end.
    ZerosBehind,
    /// `089`, `05`: a number without the zeros before it, in base 8 the same or none.
    ZerosBefore,
    /// `1e3`, `.5`, `0x1F`, `0o14`, `+1`: a number that is written in another way.
    Number,
    /// `2025-11-25`: a date.
    Date,
}

impl Otherwise {
    /// Whether it is a number to Docker Compose.
    pub fn is_number(self) -> bool {
        match self {
            Otherwise::Octal
            | Otherwise::Underscores
            | Otherwise::ZerosBehind
            | Otherwise::ZerosBefore
            | Otherwise::Number => true,
            Otherwise::OldBoolean | Otherwise::Boolean | Otherwise::Sixty | Otherwise::Date => {
                false
            }
        }
    }
}

/// What a plain text is taken for by some reader; `None` where all take it alike. Most texts are told by their first
/// character.
pub fn otherwise(text: &str) -> Option<Otherwise> {
    match text.as_bytes().first()? {
        b'0'..=b'9' | b'+' | b'-' | b'.' => number(text),
        b'y' | b'Y' | b'n' | b'N' | b'o' | b'O' | b't' | b'T' | b'f' | b'F' => word(text),
        _ => None,
    }
}

fn word(text: &str) -> Option<Otherwise> {
    match text {
        "y" | "Y" | "yes" | "Yes" | "YES" | "n" | "N" | "no" | "No" | "NO" | "on" | "On" | "ON"
        | "off" | "Off" | "OFF" => Some(Otherwise::OldBoolean),
        "True" | "TRUE" | "False" | "FALSE" => Some(Otherwise::Boolean),
        _ => None,
    }
}

fn number(text: &str) -> Option<Otherwise> {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    let bytes = unsigned.as_bytes();
    if is_timestamp(text.as_bytes()) {
        return Some(Otherwise::Date);
    }
    match bytes {
        [b'0', b'o' | b'O', rest @ ..] => is_octal(rest).then_some(Otherwise::Number),
        [b'0', b'b' | b'B', rest @ ..] => all(rest, |b| matches!(b, b'0' | b'1' | b'_')),
        [b'0', b'x' | b'X', rest @ ..] => all(rest, |b| b.is_ascii_hexdigit() || b == b'_'),
        [b'.', b'i' | b'I' | b'n' | b'N', ..] => special(unsigned),
        [b'.', b'0'..=b'9', ..] | [b'0'..=b'9', ..] if is_decimal(bytes) => decimal(text, unsigned),
        [b'0'..=b'9', ..] => is_sexagesimal(bytes).then_some(Otherwise::Sixty),
        _ => None,
    }
}

fn is_octal(digits: &[u8]) -> bool {
    all(digits, |b| matches!(b, b'0'..=b'7' | b'_')).is_some()
}

/// Whether a number has one digit behind its zeros: below 8 it is the same in base 8 and in base 10.
fn is_one_digit(text: &str) -> bool {
    text.trim_start_matches('0').len() <= 1
}

fn all(digits: &[u8], is_digit: fn(u8) -> bool) -> Option<Otherwise> {
    let fits = !digits.is_empty() && digits.iter().all(|byte| is_digit(*byte));
    fits.then_some(Otherwise::Number)
}

fn special(text: &str) -> Option<Otherwise> {
    let name = &text[1..];
    let is_one = name.eq_ignore_ascii_case("inf") || name.eq_ignore_ascii_case("nan");
    is_one.then_some(Otherwise::Number)
}

fn decimal(text: &str, unsigned: &str) -> Option<Otherwise> {
    if text.contains('_') {
        return Some(Otherwise::Underscores);
    }
    let zeros = unsigned.len() > 1 && unsigned.starts_with('0');
    if unsigned.bytes().all(|byte| byte.is_ascii_digit()) {
        return match zeros {
            true if is_octal(&unsigned.as_bytes()[1..]) && !is_one_digit(unsigned) => {
                Some(Otherwise::Octal)
            }
            true => Some(Otherwise::ZerosBefore),
            false => (!is_written_alike(text)).then_some(Otherwise::Number),
        };
    }
    let has_exponent = unsigned.contains(['e', 'E']);
    match text.strip_suffix(['0', '.']) {
        Some(_) if !has_exponent => Some(Otherwise::ZerosBehind),
        _ => (!is_written_alike(text)).then_some(Otherwise::Number),
    }
}

/// Whether a number is written as it stands here: whole ones of 64 bits, and fractions that need no exponent.
fn is_written_alike(text: &str) -> bool {
    if is_short(text.as_bytes()) {
        return true;
    }
    if let Ok(whole) = text.parse::<i64>() {
        return whole.to_string() == text;
    }
    if text
        .parse::<u64>()
        .is_ok_and(|whole| whole.to_string() == text)
    {
        return true;
    }
    text.parse::<f64>().is_ok_and(|number| {
        let needs_none = (1e-4..1e6).contains(&number.abs());
        needs_none && number.to_string() == text
    })
}

/// Whether a number is one of those that most are, such as `8080` and `0.25`, of which it is known without writing
/// them: no sign, no zeros before or behind, and too few digits for any to be lost.
fn is_short(text: &[u8]) -> bool {
    let point = text.iter().position(|byte| *byte == b'.');
    let (whole, fraction) = text.split_at(point.unwrap_or(text.len()));
    let is_whole = matches!(whole, [b'0'] | [b'1'..=b'9', ..])
        && whole.len() <= 6
        && whole.iter().all(u8::is_ascii_digit);
    is_whole
        && match fraction {
            [] => true,
            [_, digits @ ..] => {
                let is_small = whole == b"0" && digits.iter().take(4).all(|digit| *digit == b'0');
                let ends = matches!(digits.last(), Some(b'1'..=b'9')) && digits.len() <= 9;
                ends && !is_small && digits.iter().all(u8::is_ascii_digit)
            }
        }
}

#[cfg(test)]
mod tests {
    use super::Otherwise::*;
    use super::*;

    #[test]
    fn what_all_readers_take_alike_is_nothing() {
        for text in [
            "",
            "8080",
            "0",
            "-1",
            "-64000",
            "0.5",
            "-1.5",
            "100.25",
            "0.0001",
            "999999.5",
            "true",
            "false",
            "null",
            "~",
            "9223372036854775807",
            "18446744073709551615",
            "1.2.3",
            "2.7-alpine",
            "127.0.0.1",
            "8080:80",
            "30s",
            "512M",
            "1m30s",
            "50%",
            "nobody",
            "yesterday",
            "once",
            "y1",
            "tRue",
            "yEs",
            "0x",
            "0o",
            "0o8",
            "0b",
            "0b2",
            "-",
            "--x",
            "-x",
            "...",
            ".",
            ".a",
            ".env",
            "+",
            "2025.11",
            "2025-11",
            "12ab",
            "1e",
            "e3",
            "::1",
            "1:2:x",
            "INFO",
            "${A}",
        ] {
            assert_eq!(otherwise(text), None, "{text}");
        }
    }

    #[test]
    fn short_numbers_are_those_that_come_out_as_they_were_written() {
        for text in [
            "0",
            "7",
            "8080",
            "999999",
            "0.5",
            "0.0001",
            "999999.123456789",
            "10.01",
        ] {
            assert!(is_short(text.as_bytes()), "{text}");
            assert_eq!(
                text.parse::<f64>().map(|number| number.to_string()),
                Ok(text.into())
            );
        }
        for text in [
            "", "-1", "+1", "00", "1.", "1.0", ".5", "0.00001", "1e3", "1000000", "1.2.3",
        ] {
            assert!(!is_short(text.as_bytes()), "{text}");
        }
    }

    #[test]
    fn the_others_are_told_by_kind() {
        for (kind, texts) in [
            (OldBoolean, &["y", "N", "yes", "No", "ON", "off"][..]),
            (Boolean, &["True", "FALSE"]),
            (Sixty, &["22:22", "1:30", "190:20:30.15"]),
            (Octal, &["012", "-012", "+010", "0777"]),
            (Underscores, &["1_000", "1_000.5", "0_1"]),
            (ZerosBehind, &["1.0", "1.10", "1.", "0.0", "-2.50", "100.0"]),
            (ZerosBefore, &["089", "08", "00", "+07", "005"]),
            (
                Number,
                &[
                    "1e3",
                    ".5",
                    "-.5",
                    "0x1F",
                    "0b11",
                    "0o14",
                    "0O7",
                    "+5",
                    "-0",
                    ".inf",
                    "-.Inf",
                    ".NaN",
                    "1E-2",
                    "00.5",
                    "12345678901234567890123",
                    "1234567.5",
                    "0.00001",
                ],
            ),
            (
                Date,
                &[
                    "2025-11-25",
                    "2025-1-2",
                    "2025-11-25 10:00:00",
                    "2025-11-25T10:00:00Z",
                ],
            ),
        ] {
            for text in texts {
                assert_eq!(otherwise(text), Some(kind), "{text}");
            }
        }
    }
}

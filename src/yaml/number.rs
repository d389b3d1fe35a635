//! Numbers in the spellings that YAML has for them beside the usual one, as Docker Compose reads them.

use std::borrow::Cow;

use super::ambiguous::{Otherwise, otherwise};

/// The number that a text without quotes is to Docker Compose, in digits: 16 of `0x10`, 8 of `010`, 1000 of `1_000` and
/// of `1e3`. `None` where it is no number, or one that has no digits (`.inf`).
pub fn in_decimal(text: &str) -> Option<Cow<'_, str>> {
    match otherwise(text) {
        None => is_usual(text).then_some(Cow::Borrowed(text)),
        Some(kind) => {
            let text = kind.is_number().then(|| text.replace('_', ""))?;
            let whole = whole(&text).map(|number| number.to_string());
            whole.or_else(|| fraction(&text)).map(Cow::Owned)
        }
    }
}

/// Whether a text without quotes is a number to Docker Compose, however it is spelled.
pub fn is_number(text: &str) -> bool {
    otherwise(text).map_or_else(|| is_usual(text), Otherwise::is_number)
}

/// Whether a text that all readers take alike is a number.
fn is_usual(text: &str) -> bool {
    let begins = text.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '-' | '+' | '.'));
    begins && text.parse::<f64>().is_ok()
}

/// Whether a number without quotes is spelled as a whole one: `1e3` and `1.0` are not.
pub fn is_integer(text: &str) -> bool {
    is_number(text) && whole(&text.replace('_', "")).is_some()
}

/// Whether a text without quotes is a date to Docker Compose, alone or with a time to the second.
pub fn is_date(text: &str) -> bool {
    if otherwise(text) != Some(Otherwise::Date) {
        return false;
    }
    let (day, time) = match text.find(['T', 't', ' ']) {
        Some(at) => (&text[..at], &text[at + 1..]),
        None => (text, ""),
    };
    let mut parts = day.split('-').skip(1).map(|part| part.parse::<u8>());
    let is_day = matches!(
        (parts.next(), parts.next()),
        (Some(Ok(1..=12)), Some(Ok(1..=31)))
    );
    is_day && (time.is_empty() && day == text || is_time(time, text.contains(' ')))
}

/// Hours, minutes and seconds; behind a `T` with a zone, behind a blank without one.
fn is_time(text: &str, is_alone: bool) -> bool {
    let end = text.find(['Z', '+', '-']).unwrap_or(text.len());
    let (time, zone) = text.split_at(end);
    let parts: Vec<&str> = time.split(':').collect();
    let is_number =
        |part: &&str| part.starts_with(|c: char| c.is_ascii_digit()) && part.parse::<f64>().is_ok();
    parts.len() == 3 && parts.iter().all(is_number) && zone.is_empty() == is_alone
}

/// A whole number by the letter before its digits, a zero alone being one.
fn whole(text: &str) -> Option<i128> {
    let (sign, digits) = match text.strip_prefix('-') {
        Some(digits) => (-1, digits),
        None => (1, text.strip_prefix('+').unwrap_or(text)),
    };
    let bases = [
        ("0x", 16),
        ("0X", 16),
        ("0o", 8),
        ("0O", 8),
        ("0b", 2),
        ("0B", 2),
        ("0", 8),
    ];
    let (digits, base) = bases
        .iter()
        .find_map(|(letter, base)| Some((digits.strip_prefix(letter)?, *base)))
        .filter(|(digits, _)| !digits.is_empty())
        .unwrap_or((digits, 10));
    let is_digits = digits.chars().all(|c| c.is_ascii_hexdigit());
    let number = is_digits.then(|| i128::from_str_radix(digits, base).ok())??;
    Some(sign * number)
}

fn fraction(text: &str) -> Option<String> {
    let number = text
        .parse::<f64>()
        .ok()
        .filter(|number| number.is_finite())?;
    Some(number.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_in_digits() {
        for (text, expected) in [
            ("8080", Some("8080")),
            ("-1", Some("-1")),
            ("0.5", Some("0.5")),
            ("0x10", Some("16")),
            ("-0x10", Some("-16")),
            ("0o10", Some("8")),
            ("010", Some("8")),
            ("089", Some("89")),
            ("0b11", Some("3")),
            ("1_000", Some("1000")),
            ("1e3", Some("1000")),
            ("1.50", Some("1.5")),
            (".5", Some("0.5")),
            ("00.5", Some("0.5")),
            ("+7", Some("7")),
            (".inf", None),
            ("2020-01-01", None),
            ("22:22", None),
            ("512M", None),
            ("yes", None),
            ("", None),
            ("inf", None),
        ] {
            assert_eq!(in_decimal(text).as_deref(), expected, "{text}");
        }
        for text in [
            "2020-01-01",
            "2020-1-1",
            "2020-01-01T10:00:00Z",
            "2020-01-01 10:00:00.5",
        ] {
            assert!(is_date(text), "{text}");
        }
        for text in [
            "2020-13-45",
            "2020-01-01 10:00",
            "2020-01-01 foo",
            "2020-01-01-rc",
            "2020",
        ] {
            assert!(!is_date(text), "{text}");
        }
        assert!(is_number(".inf") && !is_number("infinity") && !is_number("-"));
    }
}

//! Numbers and booleans where Compose makes texts of them: a catalog takes what stands there, so it gets what Compose
//! would have made of it.

use super::value::{Item, Map, Value};
use crate::place::Place;
use crate::yaml::ambiguous::{Otherwise, otherwise};

/// The keys of a service behind which every value ends as a text, each as a path.
const TEXTS: &[&[&str]] = &[
    &["environment"],
    &["labels"],
    &["annotations"],
    &["sysctls"],
    &["user"],
    &["group_add"],
    &["expose"],
    &["storage_opt"],
    &["logging", "options"],
    &["build", "args"],
    &["build", "labels"],
    &["deploy", "labels"],
    &["command"],
    &["entrypoint"],
    &["healthcheck", "test"],
];

/// Writes what a service says in texts as Compose reads it.
pub fn settle(service: &mut Map) {
    for path in TEXTS {
        if let Some(value) = below(service, path) {
            settle_value(value);
        }
    }
}

/// Writes all of a value's scalars as Compose reads them.
pub fn settle_value(value: &mut Value) {
    match value {
        Value::Nothing | Value::Text(_) => {}
        Value::Plain(text) => {
            if let Some(read) = as_compose_reads(text) {
                *value = Value::Text(read);
            }
        }
        Value::List(items) => items
            .iter_mut()
            .for_each(|item| settle_value(&mut item.value)),
        Value::Map(map) => map
            .0
            .iter_mut()
            .for_each(|entry| settle_value(&mut entry.value)),
    }
}

/// The value at a path of keys.
pub fn below<'m>(map: &'m mut Map, path: &[&str]) -> Option<&'m mut Value> {
    let (key, rest) = path.split_first()?;
    let value = map.get_mut(key)?;
    match rest {
        [] => Some(value),
        _ => below(value.map_mut()?, rest),
    }
}

/// What Compose makes of a plain scalar; `None` where that is what stands there.
fn as_compose_reads(text: &str) -> Option<String> {
    match otherwise(text)? {
        Otherwise::OldBoolean | Otherwise::Sixty | Otherwise::Date => Some(text.to_owned()),
        Otherwise::Boolean => Some(text.to_ascii_lowercase()),
        Otherwise::Octal
        | Otherwise::Underscores
        | Otherwise::ZerosBehind
        | Otherwise::ZerosBefore
        | Otherwise::Number => Some(number(text).unwrap_or_else(|| text.to_owned())),
    }
}

/// A number as Go reads and prints it.
fn number(text: &str) -> Option<String> {
    let bare = text.replace('_', "");
    let (sign, digits) = match bare.strip_prefix('-') {
        Some(digits) => ("-", digits),
        None => ("", bare.strip_prefix('+').unwrap_or(&bare)),
    };
    if let Some(whole) = whole(digits) {
        return Some(format!("{sign}{whole}"));
    }
    let number: f64 = digits.parse().ok()?;
    Some(format!("{sign}{}", float(number)))
}

fn whole(digits: &str) -> Option<u64> {
    let radix = |at: usize, radix: u32| u64::from_str_radix(&digits[at..], radix).ok();
    match digits.as_bytes() {
        [b'0', b'x' | b'X', ..] => radix(2, 16),
        [b'0', b'o' | b'O', ..] => radix(2, 8),
        [b'0', b'b' | b'B', ..] => radix(2, 2),
        [b'0', _, ..] => radix(1, 8),
        _ => digits.parse().ok(),
    }
}

/// Without an exponent from 0.0001 to a million.
fn float(number: f64) -> String {
    if number == 0.0 || (1e-4..1e6).contains(&number) {
        return number.to_string();
    }
    let text = format!("{number:e}");
    match text.split_once('e') {
        Some((mantissa, exponent)) => {
            let (sign, digits) = match exponent.strip_prefix('-') {
                Some(digits) => ('-', digits),
                None => ('+', exponent),
            };
            format!("{mantissa}e{sign}{digits:0>2}")
        }
        None => text,
    }
}

/// A whole number as people write it in a map, which Compose reads as the same text.
pub fn number_or_text(text: &str) -> Value {
    let is_number =
        text.bytes().all(|byte| byte.is_ascii_digit()) && (1..=15).contains(&text.len());
    match is_number && (text == "0" || !text.starts_with('0')) {
        true => Value::Plain(text.to_owned()),
        false => Value::of(text),
    }
}

/// A list of `NAME=value` as the map that says the same; of a name that stands there twice the last one, as Compose
/// takes it. `name` gives what a name with a variable in it comes to: a map's keys hold none.
pub fn pairs(value: &mut Value, name: &mut dyn FnMut(&str, Place) -> String) {
    let Value::List(items) = value else {
        return;
    };
    let mut map = Map::default();
    for item in std::mem::take(items) {
        let Item {
            value,
            remarks,
            place,
        } = item;
        let Some(text) = value.text() else {
            continue;
        };
        let (key, value) = match text.split_once('=') {
            Some((key, text)) => (name(key, place), number_or_text(text)),
            None => (name(text, place), Value::Nothing),
        };
        map.put(super::value::Entry {
            key,
            value,
            remarks,
            place,
        });
    }
    *value = Value::Map(map);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_what_compose_makes_of_them() {
        for (text, expected) in [
            ("8080", None),
            ("0.5", None),
            ("true", None),
            ("yes", Some("yes")),
            ("True", Some("true")),
            ("1.10", Some("1.1")),
            ("1.0", Some("1")),
            ("012", Some("10")),
            ("0x1F", Some("31")),
            ("1_000", Some("1000")),
            ("089", Some("89")),
            ("1e3", Some("1000")),
            ("1e7", Some("1e+07")),
            ("22:22", Some("22:22")),
            (".5", Some("0.5")),
        ] {
            assert_eq!(as_compose_reads(text).as_deref(), expected, "{text}");
        }
    }
}

//! Whether a scalar is what Compose asks for at its key, and the words for it where it is not. What the types of the
//! model refuse anyway is not told here.

use std::borrow::Cow;
use std::net::IpAddr;

use super::asked::Ask;
use crate::rule::Rule;
use crate::values::Refusal;
use crate::values::cpus::Cpus;
use crate::values::duration::Duration;
use crate::values::memory::Memory;
use crate::values::name::ContainerName;
use crate::values::port::PortRange;
use crate::values::shown::shown;
use crate::values::suggest::nearest;
use crate::yaml::number;

/// What is wrong with a scalar.
pub(super) enum Wrong {
    /// It is of another kind than this.
    Kind(&'static str),
    /// Its value is refused.
    Value(Rule, Refusal),
}

/// What is wrong with a text, which is a text, a number, or true or false as `word` says.
pub(super) fn wrong(ask: Ask, word: &str, text: &str) -> Option<Wrong> {
    let is_number = word == "a number";
    let is_text = word == "a text";
    match ask {
        Ask::Text => kind("a text", is_text),
        Ask::TextOrBool => kind("a text, or true or false", !is_number),
        Ask::TextOrNumber => kind("a text or a number", is_text || is_number),
        // The type of the model refuses what is no port.
        Ask::ShortPort => None,
        Ask::TextOrWhole | Ask::Exposed if !is_number => kind("a text or a whole number", is_text),
        Ask::Bool => kind("true or false", word == "true or false"),
        Ask::TextOrWhole | Ask::Exposed => value(number::is_integer(text), || not_whole(text)),
        Ask::Whole => value(is_number || text.parse::<i64>().is_ok(), || not_whole(text)),
        Ask::PlainNumber => value(is_number || !number::is_number(text), || {
            quoted("a number", text)
        }),
        Ask::PlainWhole(_) if !is_number => {
            value(!number::is_number(text), || quoted("a whole number", text))
        }
        Ask::PlainWhole(least) => {
            let is_one = number::is_integer(text) || whole(text).is_none();
            value(is_one && is_within(text, least, i64::MAX), || {
                not_within(least, i64::MAX, text)
            })
        }
        Ask::Within(least, most) => value(is_within(text, least, most), || {
            not_within(least, most, text)
        }),
        Ask::WholeWithin(least, most) => {
            let is_one = is_parsed::<f64>(is_number, text) && whole(text).is_some();
            value(
                is_none_or(text, is_one && is_within(text, least, most)),
                || not_within(least, most, text),
            )
        }
        Ask::CpuCount => {
            let is_one = is_parsed::<i64>(is_number, text) && whole(text).is_some();
            value(
                is_none_or(text, is_one && is_within(text, 0, i64::MAX)),
                || not_within(0, i64::MAX, text),
            )
        }
        Ask::Cpus => cpus(is_number, text),
        Ask::Count => value(is_count(is_number, text), || {
            Refusal::new(format!(
                "expected a whole number or `all`, not {}",
                shown(text)
            ))
        }),
        Ask::Ulimit => value(!is_number || number::is_integer(text), || not_whole(text)),
        Ask::Published => match text {
            "" | "0" => None,
            _ if !is_number && !is_text => refused(Rule::BadPort, PortRange::parse(text)),
            _ if is_number && !number::is_integer(text) => value(false, || not_whole(text)),
            _ if is_number => refused(Rule::BadPort, PortRange::parse(&in_digits(text))),
            _ => refused(Rule::BadPort, PortRange::parse(text)),
        },
        Ask::Number => {
            let is_one = is_number || text.parse::<f64>().is_ok_and(f64::is_finite);
            value(is_one, || {
                Refusal::new(format!("expected a number, not {}", shown(text)))
            })
        }
        Ask::Duration | Ask::SizeInWords | Ask::WholeSize | Ask::Swap | Ask::Size => {
            amount(ask, is_number, text)
        }
        Ask::Mode => {
            let is_one = !number::is_number(text) || is_mode(is_number, text);
            value(is_one, || {
                Refusal::new(format!("{} is not the mode of a file", shown(text)))
                    .with_help("write it in base 8, such as `0440`")
            })
        }
        Ask::Ip => value(text.parse::<IpAddr>().is_ok(), || {
            Refusal::new(format!(
                "expected an address such as `127.0.0.1`, not {}",
                shown(text)
            ))
        }),
        Ask::SshKey => value(text == "default" || text.contains('='), || {
            let expected = "expected `default`, or `NAME=PATH` of a key";
            Refusal::new(format!("{expected}, not {}", shown(text)))
        }),
        Ask::Port if is_number => refused(Rule::BadPort, one_port(&in_digits(text))),
        Ask::Port => refused(Rule::BadPort, one_port(text)),
        Ask::ContainerName => refused(Rule::BadName, ContainerName::parse(text)),
        Ask::Words(words) => value(words.contains(&text), || none_of(words, text)),
        Ask::PullPolicy => value(is_pull_policy(text), || {
            Refusal::new(format!("{} does not say when to fetch the image", shown(text)))
                .with_help("write `always`, `never`, `missing`, `build`, `daily`, `weekly` or, for example, `every_12h`")
        }),
        Ask::Pair => value(text.contains('='), || {
            Refusal::new(format!("expected `NAME=value`, not {}", shown(text)))
        }),
        Ask::Filled => value(!text.is_empty(), || {
            Refusal::new("expected a path, not an empty text")
        }),
    }
}

/// The number that Compose makes of a text without quotes.
fn in_digits(text: &str) -> Cow<'_, str> {
    number::in_decimal(text).unwrap_or(Cow::Borrowed(text))
}

/// Whether a text in quotes is a number of a type; one without quotes is read by YAML.
fn is_parsed<T: std::str::FromStr>(is_number: bool, text: &str) -> bool {
    is_number || text.parse::<T>().is_ok()
}

/// What is no number at all is refused by its type.
fn is_none_or(text: &str, is_one: bool) -> bool {
    is_one || !number::is_number(text)
}

fn is_count(is_number: bool, text: &str) -> bool {
    match is_number {
        true => number::is_integer(text),
        false => text == "all" || text.parse::<i64>().is_ok(),
    }
}

/// Compose takes more CPUs than there are anywhere, and the engine none of them.
fn cpus(is_number: bool, text: &str) -> Option<Wrong> {
    let number = match is_number {
        true => in_digits(text).parse::<f64>().ok(),
        false if !number::is_number(text) => return None,
        false => text.parse::<f64>().ok(),
    };
    let most = f64::from(Cpus::MAX.thousandths()) / 1000.0;
    match number {
        Some(number) if number < 0.0 => refused::<()>(
            Rule::BadCpus,
            Err(Refusal::new(format!(
                "{} is not a number of CPUs, which is never negative",
                shown(text)
            ))),
        ),
        Some(number) if number > most => refused::<()>(
            Rule::BadCpus,
            Err(Refusal::new(format!(
                "{} is more CPUs than any machine has",
                shown(text)
            ))),
        ),
        Some(_) => None,
        None => value(false, || {
            Refusal::new(format!("expected a number, not {}", shown(text)))
        }),
    }
}

/// Sizes and durations.
fn amount(ask: Ask, is_number: bool, text: &str) -> Option<Wrong> {
    let refusal = match ask {
        Ask::Duration if is_number && text.parse::<Duration>().is_ok() => {
            let refusal = Refusal::new("expected a duration with a unit, not a number alone");
            let refusal = refusal.with_help(format!("write `{text}s`"));
            return Some(Wrong::Value(Rule::BadDuration, refusal));
        }
        Ask::SizeInWords if text.starts_with('-') => {
            return refused(Rule::BadSize, Memory::loosely(text));
        }
        Ask::SizeInWords if is_number => bare_size(text),
        Ask::WholeSize | Ask::Size if is_number && is_broken(text) => not_whole(text),
        Ask::Size if !is_number => return refused(Rule::BadSize, Memory::loosely(text)),
        Ask::Swap if !is_number && text == "-1" => quoted("-1", text),
        _ => return None,
    };
    Some(Wrong::Value(Rule::BadSize, refusal))
}

fn kind(expected: &'static str, is_one: bool) -> Option<Wrong> {
    (!is_one).then_some(Wrong::Kind(expected))
}

fn value(is_one: bool, refusal: impl Fn() -> Refusal) -> Option<Wrong> {
    (!is_one).then(|| Wrong::Value(Rule::WrongType, refusal()))
}

fn refused<T>(rule: Rule, read: Result<T, Refusal>) -> Option<Wrong> {
    read.err().map(|refusal| Wrong::Value(rule, refusal))
}

/// The whole number of a text, however it is spelled.
fn whole(text: &str) -> Option<i64> {
    number::in_decimal(text)?.parse().ok()
}

/// Whether a whole number is one from one to another; of others nothing is said.
fn is_within(text: &str, least: i64, most: i64) -> bool {
    whole(text).is_none_or(|number| (least..=most).contains(&number))
}

/// Whether a number has a part behind the point.
fn is_broken(text: &str) -> bool {
    let number = number::in_decimal(text).and_then(|number| number.parse::<f64>().ok());
    number.is_some_and(|number| number > 0.0 && number.fract() != 0.0)
}

fn is_mode(is_number: bool, text: &str) -> bool {
    match is_number {
        true => number::is_integer(text),
        false => i64::from_str_radix(text, 8).is_ok(),
    }
}

fn one_port(text: &str) -> Result<PortRange, Refusal> {
    let range = PortRange::parse(text)?;
    if range.count() == 1 {
        return Ok(range);
    }
    let refusal = Refusal::new(format!("expected one port, not {}", shown(text)));
    Err(refusal.with_help(format!(
        "a range is written in the short form: `\"{text}:{text}\"`"
    )))
}

/// A number that Compose would take in quotes, as bytes, which nobody means who writes a small one.
fn bare_size(text: &str) -> Refusal {
    let refusal = Refusal::new("expected a size such as `512M`, not a number alone");
    match (whole(text), meant_size(text)) {
        (Some(0), _) => refusal.with_help("leave it out for none"),
        (Some(_), Some(meant)) if meant != text => {
            refusal.with_help(format!("was `{meant}` meant?"))
        }
        _ => refusal.with_help(format!(
            "for so many bytes write it in quotes: `\"{text}\"`"
        )),
    }
}

/// The size that was probably meant by a number alone: nobody means so few bytes. `None` for what is none.
pub(super) fn meant_size(text: &str) -> Option<String> {
    match whole(text)? {
        ..=-1 => None,
        bytes @ 1..0x10_0000 => Some(format!("{bytes}M")),
        bytes => Some(bytes.to_string()),
    }
}

fn quoted(expected: &str, text: &str) -> Refusal {
    let message = format!("expected {expected} without quotes, not {}", shown(text));
    Refusal::new(message).with_help(format!("write `{text}`"))
}

fn not_within(least: i64, most: i64, text: &str) -> Refusal {
    let range = match (least, most) {
        (i64::MIN, _) => String::new(),
        (least, i64::MAX) => format!(", {least} or more"),
        (least, most) => format!(" from {least} to {most}"),
    };
    Refusal::new(format!(
        "expected a whole number{range}, not {}",
        shown(text)
    ))
}

fn not_whole(text: &str) -> Refusal {
    Refusal::new(format!("expected a whole number, not {}", shown(text)))
}

fn none_of(words: &[&str], text: &str) -> Refusal {
    let known: Vec<&str> = words
        .iter()
        .copied()
        .filter(|word| !word.is_empty())
        .collect();
    let list = crate::values::prose::list_quoted(&known);
    let refusal = match known.len() {
        1 => Refusal::new(format!("expected {list}, not {}", shown(text))),
        _ => Refusal::new(format!("expected one of {list}, not {}", shown(text))),
    };
    match nearest(text, known.into_iter()) {
        Some(word) => refusal.with_help(format!("did you mean `{word}`?")),
        None => refusal,
    }
}

/// Compose asks only that one of these stands somewhere in the text.
fn is_pull_policy(text: &str) -> bool {
    const WORDS: [&str; 8] = [
        "always",
        "never",
        "build",
        "if_not_present",
        "missing",
        "refresh",
        "daily",
        "weekly",
    ];
    let is_every = |rest: &str| {
        let digits = rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        digits > 0 && rest[digits..].starts_with(['w', 'd', 'h', 'm', 's'])
    };
    WORDS.iter().any(|word| text.contains(word)) || text.split("every_").skip(1).any(is_every)
}

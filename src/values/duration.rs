//! Spans of time, as in healthchecks and grace periods.

use std::fmt;
use std::str::FromStr;

use super::Refusal;
use super::decimal::{self, Decimal};
use super::shown::shown;

/// Nanoseconds in a microsecond.
const MICRO: u64 = 1_000;
const SECOND: u64 = 1_000_000 * MICRO;
const HOUR: u64 = 3600 * SECOND;
/// Microseconds in a second.
const SECOND_MICROS: u64 = 1_000_000;

const NOT_A_DURATION: &str = "a duration";
const INSTEAD: &str = "write numbers with units, such as `30s` or `1m30s`";

/// A span of time in microseconds, at most [`Duration::MAX`].
///
/// Written as Go's `time.ParseDuration` reads it, because Compose's schema checks its durations with that:
/// units `ns us µs ms s m h`, several after one another, decimals, and a bare `0`. Days are none of them, though newer
/// versions of Compose take them; see [`Duration::loosely`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Duration(u64);

impl Duration {
    /// No time at all.
    pub const ZERO: Duration = Duration(0);
    /// The longest span: Go counts nanoseconds in signed 64-bit numbers.
    pub const MAX: Duration = Duration(i64::MAX as u64 / MICRO);

    /// That many microseconds, at most [`Duration::MAX`].
    pub const fn from_micros(micros: u64) -> Self {
        if micros > Self::MAX.0 {
            return Self::MAX;
        }
        Duration(micros)
    }

    /// That many seconds, at most [`Duration::MAX`].
    pub const fn from_secs(seconds: u64) -> Self {
        Self::from_micros(seconds.saturating_mul(SECOND_MICROS))
    }

    /// The span in microseconds.
    pub const fn micros(self) -> u64 {
        self.0
    }

    /// Whether this is no time at all.
    pub const fn is_zero(self) -> bool {
        self.0 == 0
    }

    /// The sum, at most [`Duration::MAX`].
    pub const fn saturating_add(self, other: Self) -> Self {
        Self::from_micros(self.0.saturating_add(other.0))
    }

    /// So many times this span (retries), at most [`Duration::MAX`].
    pub const fn saturating_times(self, count: u32) -> Self {
        Self::from_micros(self.0.saturating_mul(count as u64))
    }
}

/// As people write it: `30s`, `1m30s`, `5m`, `1h`, `500ms`, `1.5s`.
impl fmt::Display for Duration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = String::new();
        self.push_to(&mut text);
        f.pad(&text)
    }
}

impl Duration {
    /// Writes it behind a text, as `Display` does.
    pub fn push_to(self, out: &mut String) {
        match self.0 {
            0 => out.push_str("0s"),
            micros if micros < 1000 => {
                decimal::push_number(out, micros);
                out.push_str("us");
            }
            micros if micros < SECOND_MICROS => {
                decimal::push_shortest(out, micros, 3);
                out.push_str("ms");
            }
            micros => push_hours_minutes_seconds(out, micros),
        }
    }
}

fn push_hours_minutes_seconds(out: &mut String, micros: u64) {
    let minutes = micros / SECOND_MICROS / 60;
    for (count, unit) in [(minutes / 60, 'h'), (minutes % 60, 'm')] {
        if count > 0 {
            decimal::push_number(out, count);
            out.push(unit);
        }
    }
    let seconds = micros % (60 * SECOND_MICROS);
    if seconds > 0 {
        decimal::push_shortest(out, seconds, 6);
        out.push('s');
    }
}

impl FromStr for Duration {
    type Err = Refusal;

    fn from_str(text: &str) -> Result<Self, Refusal> {
        read(text).map_err(|fault| fault.about(text))
    }
}

impl Duration {
    /// The span that Docker Compose takes a text for: days and weeks, too, and what is finer than a microsecond, which
    /// is left out here.
    ///
    /// # Errors
    /// It is no duration.
    pub fn loosely(text: &str) -> Result<Self, Refusal> {
        let of = |unit: &str| match unit {
            "d" => Some(24 * HOUR),
            "w" => Some(7 * 24 * HOUR),
            other => unit_nanoseconds(other),
        };
        text.parse().or_else(|refusal: Refusal| {
            let nanoseconds = sum(text, of).map_err(|_| refusal.clone())?;
            let micros = nanoseconds - nanoseconds % u128::from(MICRO);
            whole_micros(micros).map_err(|_| refusal)
        })
    }
}

fn read(text: &str) -> Result<Duration, Fault> {
    match text {
        "0" => Ok(Duration::ZERO),
        text => whole_micros(sum(text, unit_nanoseconds)?),
    }
}

/// The nanoseconds of all numbers and units.
fn sum(text: &str, unit_of: impl Fn(&str) -> Option<u64>) -> Result<u128, Fault> {
    let (mut total, mut rest) = first_part(text, &unit_of)?;
    while !rest.is_empty() {
        let (nanoseconds, after) = first_part(rest, &unit_of)?;
        total += nanoseconds;
        rest = after;
    }
    Ok(total)
}

/// What can be wrong with a duration or a part of it.
enum Fault {
    NoDuration,
    TooFine,
    TooLong,
}

impl Fault {
    fn about(self, text: &str) -> Refusal {
        let text_shown = shown(text);
        match self {
            Fault::NoDuration => Refusal::of(text, NOT_A_DURATION, INSTEAD, help_for(text)),
            Fault::TooFine => Refusal::new(format!(
                "{text_shown} is finer than a microsecond, the smallest unit of Compose"
            )),
            Fault::TooLong => Refusal::new(format!(
                "{text_shown} is longer than Docker can count; a duration is at most `{}`",
                Duration::from_secs(Duration::MAX.0 / SECOND_MICROS)
            )),
        }
    }
}

/// The nanoseconds of the first number and unit, and the rest of the text.
fn first_part(text: &str, unit_of: impl Fn(&str) -> Option<u64>) -> Result<(u128, &str), Fault> {
    let (number, rest) = split_at_first(text, |c| !c.is_ascii_digit() && c != '.');
    let (unit, rest) = split_at_first(rest, |c| c.is_ascii_digit() || c == '.');
    let unit = unit_of(unit).ok_or(Fault::NoDuration)?;
    let number = Decimal::read(number).ok_or(Fault::NoDuration)?;
    let product = number.times(unit).ok_or(Fault::TooLong)?;
    if product.floor > i64::MAX as u128 {
        return Err(Fault::TooLong);
    }
    if !product.is_whole {
        return Err(Fault::TooFine);
    }
    Ok((product.floor, rest))
}

fn split_at_first(text: &str, ends: impl Fn(char) -> bool) -> (&str, &str) {
    text.split_at(text.find(ends).unwrap_or(text.len()))
}

fn unit_nanoseconds(unit: &str) -> Option<u64> {
    match unit {
        "ns" => Some(1),
        // The sign for micro has two code points: U+00B5 and the Greek letter U+03BC.
        "us" | "\u{b5}s" | "\u{3bc}s" => Some(MICRO),
        "ms" => Some(1000 * MICRO),
        "s" => Some(SECOND),
        "m" => Some(60 * SECOND),
        "h" => Some(HOUR),
        _ => None,
    }
}

fn whole_micros(nanoseconds: u128) -> Result<Duration, Fault> {
    if !nanoseconds.is_multiple_of(u128::from(MICRO)) {
        return Err(Fault::TooFine);
    }
    u64::try_from(nanoseconds / u128::from(MICRO))
        .ok()
        .filter(|&micros| micros <= Duration::MAX.0)
        .map(Duration)
        .ok_or(Fault::TooLong)
}

fn help_for(text: &str) -> Option<String> {
    if text.starts_with('-') {
        return Some("a duration is never negative".to_owned());
    }
    if Decimal::read(text).is_some() {
        return meant(&format!("{text}s"));
    }
    days(text)
        .or_else(|| meant(&decimal::with_point(text)?))
        .or_else(|| meant(&without_long_units(text)))
}

/// Days in hours, where a text is days alone.
fn days(text: &str) -> Option<String> {
    let days: u64 = text.strip_suffix('d')?.parse().ok()?;
    let hours = days.checked_mul(24)?;
    Some(format!(
        "not every Compose has a unit for days; write `{hours}h`"
    ))
}

fn meant(duration: &str) -> Option<String> {
    read(duration).ok()?;
    Some(format!("was `{duration}` meant?"))
}

/// The text in small letters without blanks, and with the one right unit for the usual long ones.
fn without_long_units(text: &str) -> String {
    let text = text.to_ascii_lowercase().replace(' ', "");
    let (number, unit) = split_at_first(&text, |c| !c.is_ascii_digit() && c != '.');
    let unit = match unit {
        "sec" | "secs" | "second" | "seconds" => "s",
        "min" | "mins" | "minute" | "minutes" => "m",
        "hr" | "hrs" | "hour" | "hours" => "h",
        other => other,
    };
    format!("{number}{unit}")
}

#[cfg(test)]
mod tests {
    use super::Duration;
    use crate::values::refusal::told;
    use proptest::prelude::*;

    #[test]
    fn go_durations_are_accepted_and_written_as_people_do() {
        for (text, micros, written) in [
            ("0", 0, "0s"),
            ("0s", 0, "0s"),
            ("30s", 30_000_000, "30s"),
            ("90s", 90_000_000, "1m30s"),
            ("1m30s", 90_000_000, "1m30s"),
            ("30s1m", 90_000_000, "1m30s"),
            ("300s", 300_000_000, "5m"),
            ("1h", 3_600_000_000, "1h"),
            ("1h0m5s", 3_605_000_000, "1h5s"),
            ("36h", 129_600_000_000, "36h"),
            ("500ms", 500_000, "500ms"),
            ("1.5s", 1_500_000, "1.5s"),
            ("1m0.5s", 60_500_000, "1m0.5s"),
            (".5h", 1_800_000_000, "30m"),
            ("10us", 10, "10us"),
            ("10µs", 10, "10us"),
            ("10μs", 10, "10us"),
            ("1500us", 1500, "1.5ms"),
            ("2000ns", 2, "2us"),
            ("500ns500ns", 1, "1us"),
        ] {
            let duration = text.parse::<Duration>().expect(text);
            assert_eq!(duration.micros(), micros, "{text}");
            assert_eq!(duration.to_string(), written, "{text}");
        }
    }

    #[test]
    fn other_texts_are_refused_with_the_way_out() {
        let instead = "write numbers with units, such as `30s` or `1m30s`";
        for (text, help) in [
            ("30", " | was `30s` meant?"),
            ("1.5", " | was `1.5s` meant?"),
            ("30 s", " | was `30s` meant?"),
            ("30S", " | was `30s` meant?"),
            ("5 minutes", " | was `5m` meant?"),
            ("10sec", " | was `10s` meant?"),
            ("1,5s", " | was `1.5s` meant?"),
            (
                "7d",
                " | not every Compose has a unit for days; write `168h`",
            ),
            ("-5s", " | a duration is never negative"),
            ("s", ""),
            ("1m30", ""),
            ("soon", ""),
            ("PT30S", ""),
        ] {
            let expected = format!("`{text}` is not a duration; {instead}{help}");
            assert_eq!(told(text.parse::<Duration>()), expected);
        }
        assert_eq!(
            told("".parse::<Duration>()),
            format!("an empty text is not a duration; {instead}")
        );
    }

    #[test]
    fn what_compose_cannot_count_is_refused() {
        for (text, expected) in [
            (
                "1ns",
                "`1ns` is finer than a microsecond, the smallest unit of Compose",
            ),
            (
                "0.0000001s",
                "`0.0000001s` is finer than a microsecond, the smallest unit of Compose",
            ),
            (
                "0.0000000001s",
                "`0.0000000001s` is finer than a microsecond, the smallest unit of Compose",
            ),
            (
                "2562048h",
                "`2562048h` is longer than Docker can count; a duration is at most `2562047h47m16s`",
            ),
            (
                "99999999999999999999s",
                "`99999999999999999999s` is longer than Docker can count; a duration is at most `2562047h47m16s`",
            ),
        ] {
            assert_eq!(told(text.parse::<Duration>()), expected);
        }
    }

    #[test]
    fn arithmetic_stops_at_the_end() {
        assert_eq!(Duration::MAX.saturating_add(Duration::MAX), Duration::MAX);
        assert_eq!(
            Duration::from_secs(30).saturating_times(3).to_string(),
            "1m30s"
        );
        assert_eq!(Duration::from_secs(u64::MAX), Duration::MAX);
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_back(micros in 0..=Duration::MAX.micros(), fewer in 0..60_u32) {
            let duration = Duration::from_micros(micros >> fewer);
            prop_assert_eq!(duration.to_string().parse::<Duration>(), Ok(duration));
        }

        #[test]
        fn no_text_breaks_it(text in "[0-9a-zµ. ,-]{0,20}") {
            let _ = text.parse::<Duration>();
        }
    }
}

//! Points in time as text: seconds since 1970, as the state keeps them, and what the engine writes.

/// Seconds of a day.
const DAY: u64 = 86_400;

/// A point in time as people read it: `2026-01-31 23:59 UTC`.
pub fn written(seconds: u64) -> String {
    let (year, month, day) = date(seconds / DAY);
    let (hour, minute) = (seconds % DAY / 3600, seconds % 3600 / 60);
    format!("{year}-{month:02}-{day:02} {hour:02}:{minute:02} UTC")
}

/// Seconds of a text such as `2026-01-31T23:59:59.123Z`; `None` for none, and for the year 1, which means never.
pub fn read(text: &str) -> Option<u64> {
    let number = |range: std::ops::Range<usize>| text.get(range)?.parse::<u64>().ok();
    let (year, month, day) = (number(0..4)?, number(5..7)?, number(8..10)?);
    let (hour, minute, second) = (number(11..13)?, number(14..16)?, number(17..19)?);
    if year < 1970 || !(1..=12).contains(&month) || day == 0 {
        return None;
    }
    Some(days(year, month, day) * DAY + hour * 3600 + minute * 60 + second)
}

/// How long something takes or took: `45 s`, `12 min`, `3 h 5 min`, `4 d 2 h`.
pub fn span(seconds: u64) -> String {
    let (days, hours, minutes) = (seconds / DAY, seconds % DAY / 3600, seconds % 3600 / 60);
    match (days, hours, minutes) {
        (0, 0, 0) => format!("{seconds} s"),
        (0, 0, _) => format!("{minutes} min"),
        (0, _, 0) => format!("{hours} h"),
        (0, _, _) => format!("{hours} h {minutes} min"),
        (_, 0, _) => format!("{days} d"),
        (_, _, _) => format!("{days} d {hours} h"),
    }
}

fn is_leap(year: u64) -> bool {
    year.is_multiple_of(4) && !year.is_multiple_of(100) || year.is_multiple_of(400)
}

fn length(year: u64, month: u64) -> u64 {
    match month {
        2 if is_leap(year) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

fn days(year: u64, month: u64, day: u64) -> u64 {
    let years: u64 = (1970..year)
        .map(|year| 365 + u64::from(is_leap(year)))
        .sum();
    let months: u64 = (1..month).map(|month| length(year, month)).sum();
    years + months + day - 1
}

fn date(mut days: u64) -> (u64, u64, u64) {
    let mut year = 1970;
    while days >= 365 + u64::from(is_leap(year)) {
        days -= 365 + u64::from(is_leap(year));
        year += 1;
    }
    let mut month = 1;
    while days >= length(year, month) {
        days -= length(year, month);
        month += 1;
    }
    (year, month, days + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_it_writes() {
        for (text, seconds) in [
            ("1970-01-01T00:00:00Z", 0),
            ("2000-02-29T12:30:59.5Z", 951_827_459),
            ("2024-12-31T23:59:59Z", 1_735_689_599),
            ("2100-03-01T00:00:00Z", 4_107_542_400),
        ] {
            assert_eq!(read(text), Some(seconds));
            assert_eq!(
                written(seconds),
                format!("{} {} UTC", &text[..10], &text[11..16])
            );
        }
        assert_eq!(read("0001-01-01T00:00:00Z"), None);
        assert_eq!(read(""), None);
    }

    #[test]
    fn spans_have_two_units_at_most() {
        for (seconds, text) in [
            (0, "0 s"),
            (59, "59 s"),
            (720, "12 min"),
            (3600, "1 h"),
            (11_100, "3 h 5 min"),
            (4 * DAY + 7200, "4 d 2 h"),
            (4 * DAY, "4 d"),
        ] {
            assert_eq!(span(seconds), text);
        }
    }
}

//! Amounts of memory, written and read as Docker does.

use std::fmt;
use std::str::FromStr;

use super::Refusal;
use super::decimal::{self, Decimal};
use super::percent::Percent;
use super::shown::shown;

const KIB: u64 = 1 << 10;
const MIB: u64 = 1 << 20;
const GIB: u64 = 1 << 30;
const TIB: u64 = 1 << 40;
const PIB: u64 = 1 << 50;

const NOT_A_SIZE: &str = "a size";
const INSTEAD: &str = "write a number and a unit, such as `512M` or `2G`";

/// An amount of memory in bytes, at most [`Memory::MAX`].
///
/// Written as Docker's sizes are (`RAMInBytes` of github.com/docker/go-units), which are binary:
/// `1k` is 1024 bytes. A fraction of a byte is dropped. 0 is a size; where Compose reads it as
/// "no limit" it is for the reader of that key to say so.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Memory(u64);

impl Memory {
    /// No memory at all.
    pub const ZERO: Memory = Memory(0);
    /// The largest size that Docker can count: it keeps sizes as signed 64-bit numbers.
    pub const MAX: Memory = Memory(i64::MAX as u64);

    /// The amount of that many bytes, at most [`Memory::MAX`].
    pub const fn from_bytes(bytes: u64) -> Self {
        if bytes > Self::MAX.0 {
            return Self::MAX;
        }
        Memory(bytes)
    }

    /// The amount of that many mebibytes, at most [`Memory::MAX`].
    pub const fn from_mib(mebibytes: u64) -> Self {
        Self::from_bytes(mebibytes.saturating_mul(MIB))
    }

    /// The amount in bytes.
    pub const fn bytes(self) -> u64 {
        self.0
    }

    /// Whether this is no memory at all, which Compose reads as "no limit" where a limit stands.
    pub const fn is_zero(self) -> bool {
        self.0 == 0
    }

    /// The sum; `None` where it is more than [`Memory::MAX`].
    pub fn checked_add(self, other: Self) -> Option<Self> {
        let sum = self.0.checked_add(other.0)?;
        (sum <= Self::MAX.0).then_some(Memory(sum))
    }

    /// The sum, at most [`Memory::MAX`].
    pub const fn saturating_add(self, other: Self) -> Self {
        Self::from_bytes(self.0.saturating_add(other.0))
    }

    /// The difference; `None` where `other` is more.
    pub fn checked_sub(self, other: Self) -> Option<Self> {
        self.0.checked_sub(other.0).map(Memory)
    }

    /// The difference, at least [`Memory::ZERO`].
    pub const fn saturating_sub(self, other: Self) -> Self {
        Memory(self.0.saturating_sub(other.0))
    }

    /// So many times this amount (replicas), at most [`Memory::MAX`].
    pub const fn saturating_times(self, count: u64) -> Self {
        Self::from_bytes(self.0.saturating_mul(count))
    }

    /// A share of this amount, rounded down: to whole mebibytes where it is at least one, since that is
    /// what people write, and else to whole bytes.
    pub fn percent(self, share: Percent) -> Self {
        let bytes = u128::from(self.0) * u128::from(share.value()) / 100;
        let bytes = u64::try_from(bytes).unwrap_or(u64::MAX);
        Memory(if bytes >= MIB {
            bytes - bytes % MIB
        } else {
            bytes
        })
    }

    /// The amount for messages: `2 GiB`, `1.5 GiB`, `80 MiB`; rounded to the nearest hundredth where two
    /// decimals are too few (`5.36 GiB`). Two amounts that differ may look the same here.
    pub fn human(self) -> String {
        let mut text = String::new();
        self.push_human(&mut text);
        text
    }

    /// The amount as people write it in a catalog, in the largest unit that needs no fraction: `8GiB`, `512MiB`.
    pub fn spelled(self) -> String {
        let units = [(GIB, "GiB"), (MIB, "MiB"), (KIB, "KiB")];
        let fits = |(unit, _): &(u64, &str)| self.0 > 0 && self.0.is_multiple_of(*unit);
        match units.into_iter().find(fits) {
            Some((unit, name)) => format!("{}{name}", self.0 / unit),
            None => self.to_string(),
        }
    }

    /// Writes the amount for messages behind a text.
    pub fn push_human(self, out: &mut String) {
        match self.0 {
            1 => out.push_str("1 byte"),
            bytes if bytes < KIB => {
                decimal::push_number(out, bytes);
                out.push_str(" bytes");
            }
            bytes => push_human_in_units(bytes, out),
        }
    }
}

const HUMAN_UNITS: [(u64, &str); 5] = [
    (KIB, "KiB"),
    (MIB, "MiB"),
    (GIB, "GiB"),
    (TIB, "TiB"),
    (PIB, "PiB"),
];

/// The smallest unit in which the rounded number stays under 1024: `1 GiB`, never `1024 MiB`.
fn push_human_in_units(bytes: u64, out: &mut String) {
    let fitting = HUMAN_UNITS
        .iter()
        .map(|&(unit, name)| (hundredths(bytes, unit), name))
        .find(|&(hundredths, _)| hundredths < 1024 * 100);
    let (hundredths, name) = fitting.unwrap_or((hundredths(bytes, PIB), "PiB"));
    decimal::push_shortest(out, hundredths, 2);
    out.push(' ');
    out.push_str(name);
}

fn hundredths(bytes: u64, unit: u64) -> u64 {
    // All but amounts that no machine has.
    let rounded = bytes
        .checked_mul(100)
        .and_then(|all| all.checked_add(unit / 2));
    if let Some(rounded) = rounded {
        return rounded / unit;
    }
    let nearest = (u128::from(bytes) * 100 + u128::from(unit / 2)) / u128::from(unit);
    u64::try_from(nearest).unwrap_or(u64::MAX)
}

/// The largest of G, M and K that divides the amount, and else bytes: `2G`, `1536M`, `512K`, `100b`.
impl fmt::Display for Memory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = String::new();
        self.push_to(&mut text);
        f.pad(&text)
    }
}

impl Memory {
    /// Writes it behind a text, as `Display` does.
    pub fn push_to(self, out: &mut String) {
        let units = [(GIB, 'G'), (MIB, 'M'), (KIB, 'K')];
        let divides = |&(unit, _): &(u64, char)| self.0 != 0 && self.0.is_multiple_of(unit);
        let (unit, letter) = units.into_iter().find(divides).unwrap_or((1, 'b'));
        decimal::push_number(out, self.0 / unit);
        out.push(letter);
    }
}

impl FromStr for Memory {
    type Err = Refusal;

    fn from_str(text: &str) -> Result<Self, Refusal> {
        let refused = || Refusal::of(text, NOT_A_SIZE, INSTEAD, help_for(text));
        let (number, unit) = split_unit(text);
        let unit = unit_bytes(unit).ok_or_else(refused)?;
        let number = Decimal::read(number).ok_or_else(refused)?;
        number
            .times(unit)
            .and_then(|product| u64::try_from(product.floor).ok())
            .filter(|&bytes| bytes <= Self::MAX.0)
            .map(Memory)
            .ok_or_else(|| too_large(text))
    }
}

impl Memory {
    /// The amount that Docker Compose takes a text for: an exponent, underscores and a blank behind the number, too.
    ///
    /// # Errors
    /// It is no size.
    pub fn loosely(text: &str) -> Result<Self, Refusal> {
        text.parse().or_else(|refusal| {
            let unit = text
                .trim_start_matches(|c: char| c.is_ascii_digit() || matches!(c, '.' | '_' | 'e'));
            let number = text[..text.len() - unit.len()].replace('_', "");
            let plain = match number.contains('e') {
                true => number
                    .parse::<f64>()
                    .map_or(number, |number| number.to_string()),
                false => number,
            };
            format!("{plain}{}", unit.trim_end())
                .parse()
                .map_err(|_| refusal)
        })
    }
}

/// The number and the unit, with at most one blank between them.
fn split_unit(text: &str) -> (&str, &str) {
    let end = text
        .find(|c: char| !c.is_ascii_digit() && c != '.')
        .unwrap_or(text.len());
    let (number, rest) = text.split_at(end);
    match rest.strip_prefix(' ') {
        Some(unit) if !unit.is_empty() => (number, unit),
        _ => (number, rest),
    }
}

/// The bytes of a unit in any case: nothing or `b`, and `k` to `p` alone or with `b` or `ib`.
fn unit_bytes(unit: &str) -> Option<u64> {
    let unit = unit.to_ascii_lowercase();
    match unit.as_str() {
        "" | "b" => Some(1),
        "k" | "kb" | "kib" => Some(KIB),
        "m" | "mb" | "mib" => Some(MIB),
        "g" | "gb" | "gib" => Some(GIB),
        "t" | "tb" | "tib" => Some(TIB),
        "p" | "pb" | "pib" => Some(PIB),
        _ => None,
    }
}

fn too_large(text: &str) -> Refusal {
    Refusal::new(format!(
        "{} is more than Docker can count; a size is less than `8192P`",
        shown(text)
    ))
}

fn help_for(text: &str) -> Option<String> {
    if text.starts_with('-') {
        return Some("a size is never negative".to_owned());
    }
    if text.contains(',') {
        return Some(comma_help(text));
    }
    if text.ends_with('%') {
        return Some("only a reservation may be a percentage, of the limit beside it".to_owned());
    }
    if text.trim() != text && text.trim().parse::<Memory>().is_ok() {
        return Some(format!(
            "write {} without the blanks around it",
            shown(text.trim())
        ));
    }
    unit_help(text)
}

fn comma_help(text: &str) -> String {
    match decimal::with_point(text).filter(|pointed| pointed.parse::<Memory>().is_ok()) {
        Some(pointed) => format!("the decimal sign is a point: {}", shown(&pointed)),
        None => "write the number without commas".to_owned(),
    }
}

fn unit_help(text: &str) -> Option<String> {
    let (number, unit) = split_unit(text);
    Decimal::read(number)?;
    let letter = unit.trim_start().chars().next()?;
    let meant = format!("{number}{}", letter.to_ascii_uppercase());
    if "kmgtpKMGTP".contains(letter) && unit.chars().all(char::is_alphanumeric) {
        return Some(format!("was {} meant?", shown(&meant)));
    }
    Some("the units are `b`, `K`, `M`, `G`, `T` and `P`".to_owned())
}

#[cfg(test)]
mod tests {
    use super::{GIB, KIB, MIB, Memory, PIB, Percent, TIB};
    use crate::values::refusal::told;
    use proptest::prelude::*;

    fn bytes(text: &str) -> u64 {
        text.parse::<Memory>().expect(text).bytes()
    }

    #[test]
    fn docker_sizes_are_accepted() {
        for (text, expected) in [
            ("0", 0),
            ("100", 100),
            ("100b", 100),
            ("1k", KIB),
            ("512KB", 512 * KIB),
            ("80M", 80 * MIB),
            ("512 MiB", 512 * MIB),
            ("8GiB", 8 * GIB),
            ("2gb", 2 * GIB),
            ("1.5G", 1536 * MIB),
            (".5g", 512 * MIB),
            ("0.1G", 107_374_182),
            ("1T", TIB),
            ("1pib", PIB),
            ("9223372036854775807", i64::MAX as u64),
        ] {
            assert_eq!(bytes(text), expected, "{text}");
        }
    }

    #[test]
    fn other_texts_are_refused_with_the_way_out() {
        let refused = |text: &str, help: &str| {
            let message = format!(
                "`{text}` is not a size; write a number and a unit, such as `512M` or `2G`"
            );
            let expected = if help.is_empty() {
                message
            } else {
                format!("{message} | {help}")
            };
            assert_eq!(told(text.parse::<Memory>()), expected);
        };
        let units = "the units are `b`, `K`, `M`, `G`, `T` and `P`";
        refused("80Q", units);
        refused("1e9", units);
        refused("2 Gigs", "was `2G` meant?");
        refused("512Mo", "was `512M` meant?");
        refused("80  M", units);
        refused("1,5G", "the decimal sign is a point: `1.5G`");
        refused("1,024M", "write the number without commas");
        refused("-1G", "a size is never negative");
        refused(
            "50%",
            "only a reservation may be a percentage, of the limit beside it",
        );
        refused(" 1G ", "write `1G` without the blanks around it");
        refused("G", "");
        refused("lots", "");
        refused("1.2.3G", "");
    }

    #[test]
    fn nothing_and_too_much_are_refused() {
        assert_eq!(
            told("".parse::<Memory>()),
            "an empty text is not a size; write a number and a unit, such as `512M` or `2G`"
        );
        for text in ["8192P", "99999999999999999999", "9223372036854775808"] {
            assert_eq!(
                told(text.parse::<Memory>()),
                format!("`{text}` is more than Docker can count; a size is less than `8192P`")
            );
        }
    }

    #[test]
    fn it_is_written_in_the_largest_unit_that_divides_it() {
        for (text, expected) in [
            ("2048M", "2G"),
            ("1.5G", "1536M"),
            ("80M", "80M"),
            ("524288", "512K"),
            ("100", "100b"),
            ("0", "0b"),
            ("1T", "1024G"),
        ] {
            assert_eq!(
                text.parse::<Memory>().expect(text).to_string(),
                expected,
                "{text}"
            );
        }
        assert_eq!(
            format!("{:>6}|{:<6}", Memory::from_mib(80), Memory::from_mib(80)),
            "   80M|80M   "
        );
    }

    #[test]
    fn people_read_it_in_words() {
        for (text, expected) in [
            ("2G", "2 GiB"),
            ("1.5G", "1.5 GiB"),
            ("1.25G", "1.25 GiB"),
            ("80M", "80 MiB"),
            ("5488M", "5.36 GiB"),
            ("1023.999M", "1 GiB"),
            ("100", "100 bytes"),
            ("1", "1 byte"),
            ("0", "0 bytes"),
            ("2T", "2 TiB"),
            ("9223372036854775807", "8192 PiB"),
        ] {
            assert_eq!(
                text.parse::<Memory>().expect(text).human(),
                expected,
                "{text}"
            );
        }
    }

    #[test]
    fn arithmetic_stops_at_the_ends() {
        let one = Memory::from_bytes(1);
        assert_eq!(Memory::from_bytes(u64::MAX), Memory::MAX);
        assert_eq!(Memory::MAX.checked_add(one), None);
        assert_eq!(Memory::MAX.saturating_add(one), Memory::MAX);
        assert_eq!(Memory::MAX.saturating_times(3), Memory::MAX);
        assert_eq!(
            Memory::from_mib(80).saturating_times(3),
            Memory::from_mib(240)
        );
        assert_eq!(Memory::ZERO.checked_sub(one), None);
        assert_eq!(Memory::ZERO.saturating_sub(one), Memory::ZERO);
    }

    #[test]
    fn a_share_is_rounded_down_to_mebibytes() {
        let half: Percent = "50%".parse().expect("a percentage");
        assert_eq!(Memory::from_mib(81).percent(half), Memory::from_mib(40));
        assert_eq!(
            Memory::from_bytes(1001).percent(half),
            Memory::from_bytes(500)
        );
        let whole: Percent = "100%".parse().expect("a percentage");
        assert_eq!(Memory::from_mib(80).percent(whole), Memory::from_mib(80));
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_back(bytes in 0..=i64::MAX as u64, zeros in 0..40_u32) {
            let memory = Memory::from_bytes(bytes >> zeros << zeros);
            prop_assert_eq!(memory.to_string().parse::<Memory>(), Ok(memory));
        }

        #[test]
        fn no_text_breaks_it(text in any::<String>()) {
            let _ = text.parse::<Memory>();
        }
    }
}

//! Amounts of processing power.

use std::fmt;
use std::str::FromStr;

use super::Refusal;
use super::decimal::{self, Decimal};
use super::shown::shown;

const NOT_CPUS: &str = "a number of CPUs";
const INSTEAD: &str = "write a decimal number, such as `0.5` or `2`";

/// The fewest thousandths that the engine takes: it names 0.01 CPUs as the lower end of its range.
const FEWEST: u128 = 10;

/// A number of CPUs in thousandths, as Compose's `cpus`: `0.5` is half the time of one CPU.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Cpus(u32);

impl Cpus {
    /// No CPUs: where a sum begins. It cannot be written, because Compose reads 0 as "no limit".
    pub const ZERO: Cpus = Cpus(0);
    /// The most CPUs that can be counted.
    pub const MAX: Cpus = Cpus(u32::MAX);

    /// That many thousandths of a CPU.
    pub const fn from_thousandths(thousandths: u32) -> Self {
        Cpus(thousandths)
    }

    /// The number in thousandths of a CPU.
    pub const fn thousandths(self) -> u32 {
        self.0
    }

    /// The sum, at most [`Cpus::MAX`].
    pub const fn saturating_add(self, other: Self) -> Self {
        Cpus(self.0.saturating_add(other.0))
    }

    /// The difference, at least [`Cpus::ZERO`].
    pub const fn saturating_sub(self, other: Self) -> Self {
        Cpus(self.0.saturating_sub(other.0))
    }

    /// A share of this number, rounded down to a thousandth; at least the fewest that the engine takes.
    pub fn percent(self, share: super::percent::Percent) -> Self {
        let thousandths = u64::from(self.0) * u64::from(share.value()) / 100;
        Cpus((thousandths as u32).max(FEWEST as u32))
    }

    /// Writes it behind a text, as `Display` does.
    pub fn push_to(self, out: &mut String) {
        decimal::push_shortest(out, u64::from(self.0), 3);
    }

    /// So many times this number (replicas), at most [`Cpus::MAX`].
    pub fn saturating_times(self, count: u64) -> Self {
        let count = u32::try_from(count).unwrap_or(u32::MAX);
        Cpus(self.0.saturating_mul(count))
    }
}

/// The shortest decimal: `0.5`, `0.05`, `2`.
impl fmt::Display for Cpus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&decimal::shortest(u64::from(self.0), 3))
    }
}

impl FromStr for Cpus {
    type Err = Refusal;

    fn from_str(text: &str) -> Result<Self, Refusal> {
        let number = Decimal::read(text)
            .ok_or_else(|| Refusal::of(text, NOT_CPUS, INSTEAD, help_for(text)))?;
        if number.is_zero() {
            return Err(zero(text));
        }
        let product = number.times(1000).ok_or_else(|| too_many(text))?;
        if product.floor < FEWEST {
            return Err(too_few(text));
        }
        if !product.is_whole {
            return Err(too_fine(text));
        }
        u32::try_from(product.floor)
            .map(Cpus)
            .map_err(|_| too_many(text))
    }
}

impl Cpus {
    /// The CPUs that Docker Compose takes a text for: what is finer than a thousandth of one is left out.
    ///
    /// # Errors
    /// It is no number of CPUs.
    pub fn loosely(text: &str) -> Result<Self, Refusal> {
        text.parse().or_else(|refusal| {
            let cut = text.find('.').and_then(|point| text.get(..point + 4));
            cut.and_then(|cut| cut.parse().ok())
                .filter(|_| Decimal::read(text).is_some())
                .ok_or(refusal)
        })
    }
}

fn zero(text: &str) -> Refusal {
    Refusal::new(format!(
        "{} is read by Compose as no limit; write the CPUs that may be used, such as `0.5`",
        shown(text)
    ))
}

fn too_few(text: &str) -> Refusal {
    Refusal::new(format!(
        "{} is too few CPUs; the engine takes `0.01` or more",
        shown(text)
    ))
}

fn too_fine(text: &str) -> Refusal {
    Refusal::new(format!(
        "{} is finer than a thousandth of a CPU; write at most three decimals",
        shown(text)
    ))
}

fn too_many(text: &str) -> Refusal {
    Refusal::new(format!(
        "{} is more CPUs than any machine has; write `{}` or less",
        shown(text),
        Cpus::MAX
    ))
}

fn help_for(text: &str) -> Option<String> {
    if text.starts_with('-') {
        return Some("a number of CPUs is never negative".to_owned());
    }
    if let Some(millis) = text.strip_suffix('m') {
        return shares(millis, 1000).map(|cpus| format!("Kubernetes writes it so; write `{cpus}`"));
    }
    if let Some(percent) = text.strip_suffix('%') {
        return shares(percent, 100).map(|cpus| format!("100% is one CPU; write `{cpus}`"));
    }
    if let Some(pointed) = decimal::with_point(text).filter(|pointed| is_cpus(pointed)) {
        return Some(format!("the decimal sign is a point: `{pointed}`"));
    }
    if text.trim() != text && is_cpus(text.trim()) {
        return Some(format!(
            "write `{}` without the blanks around it",
            text.trim()
        ));
    }
    let has_exponent = text.starts_with(|c: char| c.is_ascii_digit()) && text.contains(['e', 'E']);
    has_exponent.then(|| "write the number without an exponent".to_owned())
}

/// CPUs that somebody wrote in parts of one, if they are a number of CPUs.
fn shares(number: &str, parts_of_one: u64) -> Option<Cpus> {
    let parts = Decimal::read(number)?.times(1000 / parts_of_one)?;
    let cpus = Cpus(u32::try_from(parts.floor).ok()?);
    is_cpus(&cpus.to_string()).then_some(cpus)
}

fn is_cpus(text: &str) -> bool {
    text.parse::<Cpus>().is_ok()
}

#[cfg(test)]
mod tests {
    use super::Cpus;
    use crate::values::refusal::told;
    use proptest::prelude::*;

    #[test]
    fn decimal_numbers_are_accepted() {
        for (text, thousandths, written) in [
            ("0.5", 500, "0.5"),
            (".5", 500, "0.5"),
            ("2", 2000, "2"),
            ("2.", 2000, "2"),
            ("1.50", 1500, "1.5"),
            ("0.05", 50, "0.05"),
            ("0.01", 10, "0.01"),
            ("0.125", 125, "0.125"),
            ("1.0000", 1000, "1"),
        ] {
            let cpus = text.parse::<Cpus>().expect(text);
            assert_eq!(cpus.thousandths(), thousandths, "{text}");
            assert_eq!(cpus.to_string(), written, "{text}");
        }
    }

    #[test]
    fn what_is_no_number_is_refused_with_the_way_out() {
        let instead = "write a decimal number, such as `0.5` or `2`";
        for (text, help) in [
            ("abc", ""),
            ("nan", ""),
            ("inf", ""),
            ("1.2.3", ""),
            ("-1", " | a number of CPUs is never negative"),
            ("500m", " | Kubernetes writes it so; write `0.5`"),
            ("50%", " | 100% is one CPU; write `0.5`"),
            ("150%", " | 100% is one CPU; write `1.5`"),
            ("0,5", " | the decimal sign is a point: `0.5`"),
            ("1e1", " | write the number without an exponent"),
            (" 2", " | write `2` without the blanks around it"),
            ("0m", ""),
        ] {
            let expected = format!("`{text}` is not a number of CPUs; {instead}{help}");
            assert_eq!(told(text.parse::<Cpus>()), expected);
        }
        assert_eq!(
            told("".parse::<Cpus>()),
            format!("an empty text is not a number of CPUs; {instead}")
        );
    }

    #[test]
    fn what_the_engine_does_not_take_is_refused() {
        for (text, expected) in [
            (
                "0",
                "`0` is read by Compose as no limit; write the CPUs that may be used, such as `0.5`",
            ),
            (
                "0.00",
                "`0.00` is read by Compose as no limit; write the CPUs that may be used, such as `0.5`",
            ),
            (
                "0.005",
                "`0.005` is too few CPUs; the engine takes `0.01` or more",
            ),
            (
                "0.0005",
                "`0.0005` is too few CPUs; the engine takes `0.01` or more",
            ),
            (
                "0.1234",
                "`0.1234` is finer than a thousandth of a CPU; write at most three decimals",
            ),
            (
                "5000000",
                "`5000000` is more CPUs than any machine has; write `4294967.295` or less",
            ),
        ] {
            assert_eq!(told(text.parse::<Cpus>()), expected);
        }
    }

    #[test]
    fn arithmetic_stops_at_the_ends() {
        let half = Cpus::from_thousandths(500);
        assert_eq!(half.saturating_add(half).to_string(), "1");
        assert_eq!(half.saturating_times(3).to_string(), "1.5");
        assert_eq!(Cpus::MAX.saturating_add(half), Cpus::MAX);
        assert_eq!(Cpus::MAX.saturating_times(2), Cpus::MAX);
        assert_eq!(half.saturating_sub(Cpus::MAX), Cpus::ZERO);
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_back(thousandths in 10..=u32::MAX) {
            let cpus = Cpus::from_thousandths(thousandths);
            prop_assert_eq!(cpus.to_string().parse::<Cpus>(), Ok(cpus));
        }

        #[test]
        fn no_text_breaks_it(text in any::<String>()) {
            let _ = text.parse::<Cpus>();
        }
    }
}

//! Factors, for the overcommit of a host.

use std::fmt;
use std::str::FromStr;

use super::Refusal;
use super::cpus::Cpus;
use super::decimal::{self, Decimal};
use super::memory::Memory;
use super::shown::shown;

const NOT_A_FACTOR: &str = "a factor";
const INSTEAD: &str = "write a decimal number over 0 and up to 100, such as `1.5`";

/// A positive factor in thousandths, at most 100: by how much a host's budget may be promised over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Factor(u32);

impl Factor {
    /// The factor that changes nothing.
    pub const ONE: Factor = Factor(1000);
    /// The largest factor, 100.
    pub const MAX: Factor = Factor(100_000);

    /// The factor in thousandths.
    pub const fn thousandths(self) -> u32 {
        self.0
    }

    /// An amount of memory times the factor, rounded down to whole bytes, at most [`Memory::MAX`].
    pub fn of_memory(self, memory: Memory) -> Memory {
        let bytes = u128::from(memory.bytes()) * u128::from(self.0) / 1000;
        u64::try_from(bytes).map_or(Memory::MAX, Memory::from_bytes)
    }

    /// A number of CPUs times the factor, rounded down to thousandths, at most [`Cpus::MAX`].
    pub fn of_cpus(self, cpus: Cpus) -> Cpus {
        let thousandths = u128::from(cpus.thousandths()) * u128::from(self.0) / 1000;
        u32::try_from(thousandths).map_or(Cpus::MAX, Cpus::from_thousandths)
    }
}

impl Default for Factor {
    fn default() -> Self {
        Self::ONE
    }
}

/// The shortest decimal: `1`, `1.5`, `2`.
impl fmt::Display for Factor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&decimal::shortest(u64::from(self.0), 3))
    }
}

impl FromStr for Factor {
    type Err = Refusal;

    fn from_str(text: &str) -> Result<Self, Refusal> {
        let refused = || Refusal::of(text, NOT_A_FACTOR, INSTEAD, help_for(text));
        let number = Decimal::read(text).filter(|number| !number.is_zero());
        let product = number
            .ok_or_else(refused)?
            .times(1000)
            .ok_or_else(refused)?;
        if !product.is_whole {
            return Err(too_fine(text));
        }
        u32::try_from(product.floor)
            .ok()
            .map(Factor)
            .filter(|&factor| factor <= Self::MAX)
            .ok_or_else(refused)
    }
}

fn too_fine(text: &str) -> Refusal {
    let message = "is finer than a thousandth; write at most three decimals";
    Refusal::new(format!("{} {message}", shown(text)))
}

fn help_for(text: &str) -> Option<String> {
    if let Some(percent) = text.strip_suffix('%') {
        let thousandths = Decimal::read(percent)?.times(10)?.floor;
        let factor = decimal::shortest(u64::try_from(thousandths).ok()?, 3);
        return is_factor(&factor).then(|| format!("100% is the factor 1; write `{factor}`"));
    }
    let pointed = decimal::with_point(text).filter(|pointed| is_factor(pointed))?;
    Some(format!("the decimal sign is a point: `{pointed}`"))
}

fn is_factor(text: &str) -> bool {
    text.parse::<Factor>().is_ok()
}

#[cfg(test)]
mod tests {
    use super::{Cpus, Factor, Memory};
    use crate::values::refusal::told;
    use proptest::prelude::*;

    #[test]
    fn decimal_numbers_are_accepted() {
        for (text, thousandths) in [
            ("1.0", 1000),
            ("2.0", 2000),
            ("0.5", 500),
            ("100", 100_000),
            (".001", 1),
        ] {
            assert_eq!(
                text.parse::<Factor>().map(Factor::thousandths),
                Ok(thousandths)
            );
        }
    }

    #[test]
    fn other_texts_are_refused() {
        let instead = "write a decimal number over 0 and up to 100, such as `1.5`";
        for (text, help) in [
            ("0", ""),
            ("0.0", ""),
            ("-1", ""),
            ("100.001", ""),
            ("99999999999999999999999", ""),
            ("2x", ""),
            ("1,5", " | the decimal sign is a point: `1.5`"),
            ("150%", " | 100% is the factor 1; write `1.5`"),
        ] {
            let expected = format!("`{text}` is not a factor; {instead}{help}");
            assert_eq!(told(text.parse::<Factor>()), expected);
        }
        assert_eq!(
            told("1.0005".parse::<Factor>()),
            "`1.0005` is finer than a thousandth; write at most three decimals"
        );
    }

    #[test]
    fn it_is_applied_without_overflow() {
        let double: Factor = "2.0".parse().expect("a factor");
        assert_eq!(
            double.of_memory(Memory::from_mib(6144)),
            Memory::from_mib(12288)
        );
        assert_eq!(double.of_memory(Memory::MAX), Memory::MAX);
        assert_eq!(
            double.of_cpus(Cpus::from_thousandths(4000)).to_string(),
            "8"
        );
        assert_eq!(Factor::MAX.of_cpus(Cpus::MAX), Cpus::MAX);
        assert_eq!(Factor::default().of_memory(Memory::MAX), Memory::MAX);
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_back(thousandths in 1..=100_000_u32) {
            let factor = Factor(thousandths);
            prop_assert_eq!(factor.to_string().parse::<Factor>(), Ok(factor));
        }
    }
}

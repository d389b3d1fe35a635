//! What memory and CPUs have in common for everything about limits and budgets.

use crate::catalog::entries::Host;
use crate::compose::scalar::Val;
use crate::finding::Finding;
use crate::plan::{Limit, Limits};
use crate::rule::Rule;
use crate::values::cpus::Cpus;
use crate::values::memory::Memory;

/// An amount that a service may be limited to.
pub trait Amount: Copy + Ord + std::fmt::Display + 'static {
    /// The rule that a service without a limit breaks.
    const MISSING: Rule;
    /// Its name in sentences: "has no CPU limit".
    const NOUN: &'static str;
    /// A limit as people write it.
    const EXAMPLE: &'static str;

    /// The limit and the reservation of it.
    fn of(limits: &Limits) -> &Limit<Self>;
    /// How much of it a machine has.
    fn of_host<'s>(host: &Host<'s>) -> Option<&'s Val<'s, Self>>;
    /// The number in the smallest unit.
    fn units(self) -> u64;
    /// That many of the smallest unit.
    fn from_units(units: u64) -> Self;
    /// The number for messages, without the noun: `2 GiB`, `1.5`.
    fn number(self) -> String;
    /// Two different numbers for messages, such that they never read alike.
    fn numbers(self, other: Self) -> (String, String);
    /// A number with its noun: `2 GiB of memory`, `1.5 CPUs`.
    fn with_noun(number: &str) -> String;
    /// This amount, or a little less where it is no number that people write.
    fn rounded_down(self) -> Self;

    /// What is wrong with a reservation, as far as Compose asks for one.
    fn softened(finding: Finding) -> Finding {
        finding
    }
}

impl Amount for Memory {
    const MISSING: Rule = Rule::MemoryLimitMissing;
    const NOUN: &'static str = "memory";
    const EXAMPLE: &'static str = "memory: 128M";

    fn of(limits: &Limits) -> &Limit<Self> {
        &limits.memory
    }

    fn of_host<'s>(host: &Host<'s>) -> Option<&'s Val<'s, Self>> {
        host.memory
    }

    fn units(self) -> u64 {
        self.bytes()
    }

    fn from_units(units: u64) -> Self {
        Memory::from_bytes(units)
    }

    fn number(self) -> String {
        self.human()
    }

    /// `6.2 GiB` and `6 GiB`; where those are too coarse `6145 MiB` and `6144 MiB`, and else bytes.
    fn numbers(self, other: Self) -> (String, String) {
        let (a, b) = (self.human(), other.human());
        if a != b {
            return (a, b);
        }
        let mib = Memory::from_mib(1).bytes();
        let [a, b] = [self.bytes(), other.bytes()];
        if a.is_multiple_of(mib) && b.is_multiple_of(mib) {
            return (format!("{} MiB", a / mib), format!("{} MiB", b / mib));
        }
        (format!("{a} bytes"), format!("{b} bytes"))
    }

    fn with_noun(number: &str) -> String {
        format!("{number} of memory")
    }

    /// Whole mebibytes; less than one as it is.
    fn rounded_down(self) -> Self {
        let mib = Memory::from_mib(1).bytes();
        let rest = if self.bytes() < mib {
            0
        } else {
            self.bytes() % mib
        };
        Memory::from_bytes(self.bytes() - rest)
    }
}

impl Amount for Cpus {
    const MISSING: Rule = Rule::CpuLimitMissing;
    const NOUN: &'static str = "CPU";
    const EXAMPLE: &'static str = "cpus: 0.25";

    fn of(limits: &Limits) -> &Limit<Self> {
        &limits.cpus
    }

    fn of_host<'s>(host: &Host<'s>) -> Option<&'s Val<'s, Self>> {
        host.cpus
    }

    fn units(self) -> u64 {
        u64::from(self.thousandths())
    }

    fn from_units(units: u64) -> Self {
        Cpus::from_thousandths(u32::try_from(units).unwrap_or(u32::MAX))
    }

    fn number(self) -> String {
        self.to_string()
    }

    fn numbers(self, other: Self) -> (String, String) {
        (self.number(), other.number())
    }

    fn with_noun(number: &str) -> String {
        match number {
            "1" => "1 CPU".to_owned(),
            number => format!("{number} CPUs"),
        }
    }

    fn rounded_down(self) -> Self {
        self
    }

    /// Compose asks the engine to keep memory, and leaves CPUs to a swarm.
    fn softened(finding: Finding) -> Finding {
        finding.warning()
    }
}

#[cfg(test)]
mod tests {
    use super::Amount;
    use crate::values::memory::Memory;
    use proptest::prelude::*;

    #[test]
    fn different_sizes_never_read_alike() {
        for (a, b, expected) in [
            ("6349M", "6G", ("6.2 GiB", "6 GiB")),
            ("6145M", "6144M", ("6145 MiB", "6144 MiB")),
            (
                "6442450945",
                "6442450944",
                ("6442450945 bytes", "6442450944 bytes"),
            ),
        ] {
            let [a, b] = [a, b].map(|text| text.parse::<Memory>().expect(text));
            let (a, b) = a.numbers(b);
            assert_eq!((a.as_str(), b.as_str()), expected);
        }
    }

    proptest! {
        #[test]
        fn no_two_sizes_read_alike(bytes in 0..=u64::MAX / 4, more in 1..=u64::MAX / 4, few in 0..64_u32) {
            let a = Memory::from_bytes(bytes);
            let b = Memory::from_bytes(bytes + (more >> few).max(1));
            let (a, b) = a.numbers(b);
            prop_assert_ne!(a, b);
        }
    }
}

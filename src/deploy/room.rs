//! Whether the machine has room: memory, CPUs, disk.

use super::preflight::{Facts, Problem, problem};
use crate::values::cpus::Cpus;
use crate::values::factor::Factor;
use crate::values::memory::Memory;
use crate::values::prose::list_quoted;
use crate::values::shown::shown;

/// Less than this much free disk is too little for anything.
const LEAST_DISK: u64 = 1 << 30;

/// Limits in sum.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sum {
    /// Memory.
    pub memory: Memory,
    /// CPUs.
    pub cpus: Cpus,
}

pub(super) fn memory(facts: &Facts) -> Option<Problem> {
    let (asked, who) = together(facts, |sum| sum.memory, Memory::saturating_add);
    let has = Memory::from_bytes(facts.engine.memory);
    let may = facts.overcommit.0.of_memory(has);
    (asked > may).then(|| {
        problem(
            format!(
                "the memory limits{who} sum to {}, and {}",
                asked.human(),
                gives(&has.human(), &may.human(), facts.overcommit.0)
            ),
            Some("`composegen budget` shows who asks for how much; `overcommit` of a host lets the limits sum to more".to_owned()),
        )
    })
}

pub(super) fn cpus(facts: &Facts) -> Option<Problem> {
    let (asked, who) = together(facts, |sum| sum.cpus, Cpus::saturating_add);
    let has = Cpus::from_thousandths(facts.engine.cpus.saturating_mul(1000));
    let may = facts.overcommit.1.of_cpus(has);
    (asked > may).then(|| {
        problem(
            format!(
                "the CPU limits{who} sum to {asked}, and {}",
                gives(&has.to_string(), &may.to_string(), facts.overcommit.1)
            ),
            Some("`composegen budget` shows who asks for how much; `overcommit` of a host lets the limits sum to more".to_owned()),
        )
    })
}

fn gives(has: &str, may: &str, factor: Factor) -> String {
    match factor == Factor::ONE {
        true => format!("the engine has {has}"),
        false => format!("the engine has {has}, {may} with the host's overcommit of {factor}"),
    }
}

/// The sum of this mode and those that run beside it, and the words for them.
fn together<T: Copy>(facts: &Facts, of: fn(&Sum) -> T, add: fn(T, T) -> T) -> (T, String) {
    let others = facts.beside.iter().map(|(_, sum)| of(sum));
    let names: Vec<&str> = facts.beside.iter().map(|(mode, _)| mode.as_str()).collect();
    let who = match names.is_empty() {
        true => String::new(),
        false => format!(" together with {}, which runs too,", list_quoted(&names)),
    };
    (others.fold(of(&facts.asked), add), who)
}

pub(super) fn single_cpus(facts: &Facts) -> Vec<Problem> {
    let has = Cpus::from_thousandths(facts.engine.cpus.saturating_mul(1000));
    let over = facts.cpus.iter().filter(|(_, limit)| *limit > has);
    over.map(|(service, limit)| {
        problem(
            format!("{} has a limit of {limit} CPUs, and the engine has {has}: it would refuse the container", shown(service)),
            None,
        )
    })
    .collect()
}

pub(super) fn disk(facts: &Facts) -> Option<Problem> {
    let (root, free) = facts.disk.as_ref()?;
    (*free < LEAST_DISK).then(|| {
        problem(
            format!(
                "{} of disk are free at {}, and {} is the least",
                Memory::from_bytes(*free).human(),
                shown(root),
                Memory::from_bytes(LEAST_DISK).human()
            ),
            Some("`docker system df` shows what takes the space".to_owned()),
        )
    })
}

#[cfg(test)]
mod tests {
    use super::super::preflight::samples::said;
    use super::*;

    #[test]
    fn sums_are_held_against_what_the_engine_has() {
        let memory = said(|it| it.asked.memory = Memory::from_mib(5 * 1024));
        assert_eq!(
            memory,
            [
                "the memory limits sum to 5 GiB, and the engine has 4 GiB | `composegen budget` shows who asks for how much; `overcommit` of a host lets the limits sum to more"
            ]
        );
        let cpus = said(|it| {
            it.asked.cpus = Cpus::from_thousandths(5000);
            it.overcommit.1 = "2".parse().unwrap();
        });
        assert_eq!(
            cpus,
            [
                "the CPU limits sum to 5, and the engine has 2, 4 with the host's overcommit of 2 | `composegen budget` shows who asks for how much; `overcommit` of a host lets the limits sum to more"
            ]
        );
        let both = said(|it| {
            it.beside.push((
                "prod".to_owned(),
                Sum {
                    memory: Memory::from_mib(4096),
                    cpus: Cpus::ZERO,
                },
            ))
        });
        assert_eq!(
            both,
            [
                "the memory limits together with `prod`, which runs too, sum to 4.5 GiB, and the engine has 4 GiB | `composegen budget` shows who asks for how much; `overcommit` of a host lets the limits sum to more"
            ]
        );
        let one = said(|it| it.cpus[0].1 = Cpus::from_thousandths(3000));
        assert_eq!(
            one,
            ["`web` has a limit of 3 CPUs, and the engine has 2: it would refuse the container"]
        );
    }
}

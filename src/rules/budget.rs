//! `memory-budget`, `cpu-budget`, `reservation-budget`: what a mode asks for in sum, and what the host can give.

use rustc_hash::FxHashSet;

use super::Context;
use super::amount::Amount;
use super::cuts::{fewest, how_many};
use crate::catalog::Catalog;
use crate::catalog::entries::Host;
use crate::compose::scalar::{Is, Val};
use crate::finding::Finding;
use crate::place::Place;
use crate::plan::totals::{
    Totals, containers, counts_cpus, counts_memory, counts_reservation, totals,
};
use crate::plan::{At, Limits, Plan, PlannedService};
use crate::rule::Rule;
use crate::values::cpus::Cpus;
use crate::values::memory::Memory;
use crate::values::shown::shown;

/// How many services a message names at most.
const MOST_NAMES: usize = 5;

/// Holds the sums of every mode against the host's budget.
pub fn check(context: &Context) {
    for plan in context.plans {
        let Some(host) = context.catalog.hosts.get(plan.host) else {
            continue;
        };
        let sums = totals(plan);
        for finding in over_budget(context.catalog, plan, &host.value, &sums) {
            context.add(finding.mode(plan.mode));
        }
    }
}

fn over_budget(catalog: &Catalog, plan: &Plan, host: &Host, sums: &Totals) -> Vec<Finding> {
    let mut found = Vec::new();
    let budget = &plan.budget;
    // A budget of which a part could not be read has a finding already, and would be the wrong one to compare with.
    let (memory, cpus, reservations) = readable(host);
    if memory && sums.memory > budget.memory {
        found.push(memory_account(plan, host, sums).finding(catalog, plan));
    }
    if cpus && sums.cpus > budget.cpus {
        found.push(cpu_account(plan, host, sums).finding(catalog, plan));
    }
    if reservations && sums.reservation > budget.reservations {
        found.push(reservation_account(plan, host, sums).finding(catalog, plan));
    }
    found
}

/// Of which budgets every part could be read: memory, CPUs, reservations.
fn readable(host: &Host) -> (bool, bool, bool) {
    let reserve = host.reserve.copied().unwrap_or_default();
    let over = host.overcommit.copied().unwrap_or_default();
    let reservations = stands(host.memory) && !is_bad(reserve.memory);
    let cpus = stands(host.cpus) && !is_bad(reserve.cpus) && !is_bad(over.cpus);
    (reservations && !is_bad(over.memory), cpus, reservations)
}

fn stands<T: Copy>(written: Option<&Val<T>>) -> bool {
    written.is_some() && !is_bad(written)
}

fn is_bad<T: Copy>(written: Option<&Val<T>>) -> bool {
    written.is_some_and(|written| matches!(written.is, Is::Bad))
}

/// One sum against one budget, in the words of its rule.
struct Account<T: Amount> {
    rule: Rule,
    /// What the mode does: "asks for", "reserves".
    verb: &'static str,
    /// What of a service is meant: "limit", "reservation".
    what: &'static str,
    asked: T,
    budget: T,
    /// Where the host's amount was written.
    place: Place,
    /// How many services are missing from the sum.
    uncounted: usize,
    /// What one container adds.
    of: fn(&Limits) -> Option<At<T>>,
    /// Whether a service is wholly in the sum.
    counts: fn(&PlannedService) -> bool,
}

fn memory_account(plan: &Plan, host: &Host, sums: &Totals) -> Account<Memory> {
    Account {
        rule: Rule::MemoryBudget,
        verb: "asks for",
        what: "limit",
        asked: sums.memory,
        budget: plan.budget.memory,
        place: host.memory.map_or(plan.host_place, |written| written.place),
        uncounted: sums.uncounted.memory,
        of: |limits| limits.memory.limit,
        counts: counts_memory,
    }
}

fn cpu_account(plan: &Plan, host: &Host, sums: &Totals) -> Account<Cpus> {
    Account {
        rule: Rule::CpuBudget,
        verb: "asks for",
        what: "limit",
        asked: sums.cpus,
        budget: plan.budget.cpus,
        place: host.cpus.map_or(plan.host_place, |written| written.place),
        uncounted: sums.uncounted.cpus,
        of: |limits| limits.cpus.limit,
        counts: counts_cpus,
    }
}

fn reservation_account(plan: &Plan, host: &Host, sums: &Totals) -> Account<Memory> {
    Account {
        rule: Rule::ReservationBudget,
        verb: "reserves",
        what: "reservation",
        asked: sums.reservation,
        budget: plan.budget.reservations,
        place: host.memory.map_or(plan.host_place, |written| written.place),
        uncounted: sums.uncounted.reservation,
        of: |limits| limits.memory.reservation,
        counts: counts_reservation,
    }
}

/// What one service adds to a sum.
struct Share<'p, T> {
    name: &'p str,
    /// All its containers together, in the smallest unit.
    all: u64,
    /// One container.
    each: At<T>,
    /// How many.
    count: u32,
}

impl<T: Amount> Account<T> {
    fn finding(&self, catalog: &Catalog, plan: &Plan) -> Finding {
        let shares = self.shares(plan);
        let mut help = vec![largest(&shares)];
        help.extend(self.uncounted(plan));
        help.extend(self.proposals(&shares, catalog, plan));
        let finding = Finding::new(self.rule, self.place, self.message(plan)).help(help.join("\n"));
        match shares.first() {
            Some(first) => finding.second(first.each.place, format!("the largest {}", self.what)),
            None => finding,
        }
    }

    fn message(&self, plan: &Plan) -> String {
        let (asked, budget) = self.asked.numbers(self.budget);
        let least = if self.uncounted > 0 { "at least " } else { "" };
        format!(
            "the mode {} {} {least}{} on {}, {} over its budget of {budget}",
            shown(plan.mode),
            self.verb,
            T::with_noun(&asked),
            shown(plan.host),
            T::from_units(self.excess()).number(),
        )
    }

    fn excess(&self) -> u64 {
        self.asked.units().saturating_sub(self.budget.units())
    }

    /// Who adds how much, the largest first.
    fn shares<'p>(&self, plan: &'p Plan) -> Vec<Share<'p, T>> {
        let share = |service: &'p PlannedService| {
            let each = (self.of)(&service.limits)?;
            let count = containers(service).count;
            let all = each.value.units().saturating_mul(u64::from(count));
            let name = service.name;
            (all > 0).then_some(Share {
                name,
                all,
                each,
                count,
            })
        };
        let mut shares: Vec<_> = plan.services.iter().filter_map(share).collect();
        // The plan's services stand by name, and so do equal shares: the sort is stable.
        shares.sort_by_key(|share| std::cmp::Reverse(share.all));
        shares
    }

    fn uncounted(&self, plan: &Plan) -> Option<String> {
        let names = plan
            .services
            .iter()
            .filter(|service| !(self.counts)(service));
        let names: Vec<&str> = names.map(|service| service.name).collect();
        (!names.is_empty()).then(|| {
            format!(
                "not fully counted, since no number is known: {}",
                quoted(&names)
            )
        })
    }

    /// What would fit: a lower amount for few services, and without which few it would fit as well.
    fn proposals(&self, shares: &[Share<T>], catalog: &Catalog, plan: &Plan) -> Vec<String> {
        if self.budget.units() == 0 {
            let host = shown(plan.host);
            return vec![format!(
                "nothing of {host} is left for services: see its amount and its `reserve`"
            )];
        }
        let lowered = self.lowered(shares);
        let without = self.without(shares, catalog, plan);
        let proposals: Vec<String> = lowered.into_iter().chain(without).collect();
        match proposals.is_empty() {
            true => vec![format!(
                "no cut in {MOST_NAMES} services or fewer would fit: {} is too small for this mode",
                shown(plan.host)
            )],
            false => proposals,
        }
    }

    /// The largest lowered by what is too much, while at least half of it stays; else the fewest that must be halved.
    fn lowered(&self, shares: &[Share<T>]) -> Option<String> {
        let count = how_many(shares.iter().map(|share| share.all / 2), self.excess())?;
        let first = shares.first()?;
        if count == 1 {
            let each = (first.all - self.excess()) / u64::from(first.count.max(1));
            return Some(format!(
                "it would fit with the {} of {} lowered from `{}` to `{}`",
                self.what,
                shown(first.name),
                first.each.value,
                T::from_units(each).rounded_down(),
            ));
        }
        let names: Vec<&str> = shares[..count].iter().map(|share| share.name).collect();
        (count <= MOST_NAMES).then(|| {
            format!(
                "it would fit with the {}s of {} halved",
                self.what,
                quoted(&names)
            )
        })
    }

    /// The fewest services without which it fits, of those that no other service waits for and the mode can miss.
    fn without(&self, shares: &[Share<T>], catalog: &Catalog, plan: &Plan) -> Option<String> {
        let needed = needed(catalog, plan);
        let spare: Vec<&Share<T>> = shares
            .iter()
            .filter(|share| !needed.contains(share.name))
            .collect();
        let amounts: Vec<u64> = spare.iter().map(|share| share.all).collect();
        let cut = fewest(&amounts, self.excess()).filter(|cut| cut.len() <= MOST_NAMES)?;
        let names: Vec<&str> = cut.iter().map(|at| spare[*at].name).collect();
        Some(format!(
            "it would fit without {} (`modes` and `hosts` keep a service out)",
            quoted(&names)
        ))
    }
}

/// The services that others depend on, or that the mode requires.
fn needed<'p>(catalog: &Catalog, plan: &'p Plan) -> FxHashSet<&'p str> {
    let mut needed: FxHashSet<&str> = FxHashSet::default();
    for service in &plan.services {
        let depends_on = service.service.depends_on.map_or(&[][..], |it| it.entries);
        needed.extend(depends_on.iter().map(|target| target.key));
    }
    let mode = catalog.modes.get(plan.mode);
    let requires = mode.and_then(|mode| mode.value.requires);
    for name in requires.map_or(&[][..], |requires| requires.items) {
        match name.text.strip_prefix("role:") {
            Some(role) => {
                let of_role = plan.services.iter().filter(|it| it.role == role.trim());
                needed.extend(of_role.map(|service| service.name));
            }
            None => needed.extend(plan.service(name.text).map(|service| service.name)),
        }
    }
    needed
}

/// `largest: \`a\` 2 GiB, \`b\` 1 GiB (2 times 512 MiB), and 21 others 1.5 GiB`
fn largest<T: Amount>(shares: &[Share<T>]) -> String {
    let (first, rest) = shares.split_at(shares.len().min(MOST_NAMES));
    let mut words: Vec<String> = first.iter().map(described).collect();
    let sum = rest
        .iter()
        .fold(0_u64, |sum, share| sum.saturating_add(share.all));
    let sum = T::from_units(sum).number();
    match rest {
        [] => {}
        [one] => words.push(format!("{} {sum}", shown(one.name))),
        rest => words.push(format!("{} others {sum}", rest.len())),
    }
    format!("largest: {}", words.join(", "))
}

fn described<T: Amount>(share: &Share<T>) -> String {
    let all = T::from_units(share.all).number();
    let name = shown(share.name);
    match share.count {
        1 => format!("{name} {all}"),
        count => format!("{name} {all} ({count} times {})", share.each.value.number()),
    }
}

/// Names as a list in a sentence, of which the first few are named.
fn quoted(names: &[&str]) -> String {
    let mut words: Vec<String> = names
        .iter()
        .take(MOST_NAMES)
        .map(|name| shown(name))
        .collect();
    if names.len() > MOST_NAMES {
        words.push(format!("{} more", names.len() - MOST_NAMES));
    }
    match words.split_last() {
        Some((last, before)) if !before.is_empty() => format!("{} and {last}", before.join(", ")),
        _ => words.concat(),
    }
}

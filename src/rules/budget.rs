//! `memory-budget`, `cpu-budget`, `reservation-budget`: what a mode asks for in sum, and what the host can give.

use rustc_hash::FxHashSet;

use super::Context;
use super::amount::Amount;
use super::cuts::{fewest, how_many};
use super::together::Together;
use crate::catalog::Catalog;
use crate::catalog::entries::Host;
use crate::compose::scalar::{Is, Val};
use crate::finding::Finding;
use crate::place::Place;
use crate::plan::totals::{
    Totals, containers, counts_cpus, counts_memory, counts_reservation, totals_of,
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
    let mut told = Vec::new();
    let each = context.plans.iter().map(Together::one);
    for asking in each.chain(Together::all(context.plans)) {
        let Some(plan) = asking.first() else {
            continue;
        };
        let Some(host) = context.catalog.hosts.get(plan.host) else {
            continue;
        };
        for mut finding in over_budget(context.catalog, &asking, plan, &host.value) {
            // What one mode alone is over, all together are over as well.
            if asking.plans().len() == 1 || !told.contains(&finding.rule) {
                told.push(finding.rule);
                finding.modes = asking.modes();
                context.add(finding);
            }
        }
    }
}

/// What is asked for over the budget of a host, which is the same for all its plans.
fn over_budget(catalog: &Catalog, asking: &Together, plan: &Plan, host: &Host) -> Vec<Finding> {
    let mut found = Vec::new();
    let budget = &plan.budget;
    let sums = &totals_of(asking.services().map(|(_, service)| service));
    // A budget of which a part could not be read has a finding already, and would be the wrong one to compare with.
    let (memory, cpus, reservations) = readable(host);
    if memory && sums.memory > budget.memory {
        found.push(memory_account(plan, host, sums).finding(catalog, asking));
    }
    if cpus && sums.cpus > budget.cpus {
        found.push(cpu_account(plan, host, sums).finding(catalog, asking));
    }
    if reservations && sums.reservation > budget.reservations {
        found.push(reservation_account(plan, host, sums).finding(catalog, asking));
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
    /// What several modes do: "ask for", "reserve".
    verb_of_several: &'static str,
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
        verb_of_several: "ask for",
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
        verb_of_several: "ask for",
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
        verb_of_several: "reserve",
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
struct Share<T> {
    /// The mode and the service.
    name: (String, String),
    /// The service, as the message names it.
    label: String,
    /// All its containers together, in the smallest unit.
    all: u64,
    /// One container.
    each: At<T>,
    /// How many.
    count: u32,
}

impl<T: Amount> Account<T> {
    fn finding(&self, catalog: &Catalog, asking: &Together) -> Finding {
        let shares = self.shares(asking);
        let mut help = vec![largest(&shares)];
        help.extend(self.uncounted(asking));
        help.extend(self.proposals(&shares, catalog, asking));
        let message = self.message(asking);
        let finding = Finding::new(self.rule, self.place, message).help(help.join("\n"));
        match shares.first() {
            Some(first) => finding.second(first.each.place, format!("the largest {}", self.what)),
            None => finding,
        }
    }

    fn message(&self, asking: &Together) -> String {
        let (subject, host) = (
            asking.subject(),
            asking.first().map_or("", |plan| plan.host),
        );
        let (asked, budget) = self.asked.numbers(self.budget);
        let least = if self.uncounted > 0 { "at least " } else { "" };
        format!(
            "{subject} {} {least}{} on {}, {} over its budget of {budget}",
            asking.verb(self.verb, self.verb_of_several),
            T::with_noun(&asked),
            shown(host),
            T::from_units(self.excess()).number(),
        )
    }

    fn excess(&self) -> u64 {
        self.asked.units().saturating_sub(self.budget.units())
    }

    /// Who adds how much, the largest first.
    fn shares(&self, asking: &Together) -> Vec<Share<T>> {
        let share = |(plan, service): (&Plan, &PlannedService)| {
            let each = (self.of)(&service.limits)?;
            let count = containers(service).count;
            let all = each.value.units().saturating_mul(u64::from(count));
            (all > 0).then(|| Share {
                name: (plan.mode.to_owned(), service.name.to_owned()),
                label: asking.label(plan, service.name),
                all,
                each,
                count,
            })
        };
        let mut shares: Vec<_> = asking.services().filter_map(share).collect();
        // The plan's services stand by name, and so do equal shares: the sort is stable.
        shares.sort_by_key(|share| std::cmp::Reverse(share.all));
        shares
    }

    fn uncounted(&self, asking: &Together) -> Option<String> {
        let names = asking
            .services()
            .filter(|(_, service)| !(self.counts)(service));
        let names: Vec<String> = names
            .map(|(plan, service)| asking.label(plan, service.name))
            .collect();
        (!names.is_empty()).then(|| {
            format!(
                "not fully counted, since no number is known: {}",
                quoted(&names)
            )
        })
    }

    /// What would fit: a lower amount for few services, and without which few it would fit as well.
    fn proposals(&self, shares: &[Share<T>], catalog: &Catalog, asking: &Together) -> Vec<String> {
        let host = shown(asking.first().map_or("", |plan| plan.host));
        if self.budget.units() == 0 {
            return vec![format!(
                "nothing of {host} is left for services: see its amount and its `reserve`"
            )];
        }
        let lowered = self.lowered(shares);
        let without = self.without(shares, catalog, asking);
        let proposals: Vec<String> = lowered.into_iter().chain(without).collect();
        match proposals.is_empty() {
            true => vec![format!(
                "no cut in {MOST_NAMES} services or fewer would fit: {host} is too small for {}",
                asking.verb("this mode", "these modes")
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
                first.label,
                first.each.value,
                T::from_units(each).rounded_down(),
            ));
        }
        let names: Vec<String> = labels(&shares[..count]);
        (count <= MOST_NAMES).then(|| {
            format!(
                "it would fit with the {}s of {} halved",
                self.what,
                quoted(&names)
            )
        })
    }

    /// The fewest services without which it fits, of those that no other service waits for and the mode can miss.
    fn without(&self, shares: &[Share<T>], catalog: &Catalog, asking: &Together) -> Option<String> {
        let plans = asking.plans().iter();
        let needed: Vec<_> = plans
            .map(|plan| (plan.mode, needed(catalog, plan)))
            .collect();
        let is_needed = |share: &&Share<T>| {
            let (mode, service) = &share.name;
            let of_mode = needed.iter().find(|(name, _)| name == mode);
            of_mode.is_some_and(|(_, needed)| needed.contains(service.as_str()))
        };
        let spare: Vec<&Share<T>> = shares.iter().filter(|share| !is_needed(share)).collect();
        let amounts: Vec<u64> = spare.iter().map(|share| share.all).collect();
        let cut = fewest(&amounts, self.excess()).filter(|cut| cut.len() <= MOST_NAMES)?;
        let names: Vec<String> = cut.iter().map(|at| spare[*at].label.clone()).collect();
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
    let required = |service: &&PlannedService| Together::requires(catalog, plan, service);
    needed.extend(
        plan.services
            .iter()
            .filter(required)
            .map(|service| service.name),
    );
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
        [one] => words.push(format!("{} {sum}", one.label)),
        rest => words.push(format!("{} others {sum}", rest.len())),
    }
    format!("largest: {}", words.join(", "))
}

fn described<T: Amount>(share: &Share<T>) -> String {
    let all = T::from_units(share.all).number();
    let name = &share.label;
    match share.count {
        1 => format!("{name} {all}"),
        count => format!("{name} {all} ({count} times {})", share.each.value.number()),
    }
}

fn labels<T>(shares: &[Share<T>]) -> Vec<String> {
    shares.iter().map(|share| share.label.clone()).collect()
}

/// Names as a list in a sentence, of which the first few are named.
fn quoted(names: &[String]) -> String {
    let mut words: Vec<String> = names.iter().take(MOST_NAMES).cloned().collect();
    if names.len() > MOST_NAMES {
        words.push(format!("{} more", names.len() - MOST_NAMES));
    }
    match words.split_last() {
        Some((last, before)) if !before.is_empty() => format!("{} and {last}", before.join(", ")),
        _ => words.concat(),
    }
}

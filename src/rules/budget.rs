//! `memory-budget`, `cpu-budget`, `reservation-budget`: what a mode asks for in sum, and what the host can give.

use super::Context;
use crate::catalog::Catalog;
use crate::catalog::entries::Host;
use crate::compose::scalar::{Is, Val};
use crate::finding::Finding;
use crate::place::Place;
use crate::plan::account::{Account, Share};
use crate::plan::amount::Amount;
use crate::plan::together::Together;
use crate::plan::totals::{Totals, totals_of};
use crate::plan::{Basis, Budget, Plan, PlannedService};
use crate::rule::Rule;
use crate::values::prose::{list, list_quoted};

/// How many services a message names at most.
const MOST_NAMES: usize = 5;

/// Holds the sums of every mode against the host's budget. All modes that are over it are one finding: one line has to
/// change, or services that they share.
pub fn check(context: &Context) {
    let mut told: Vec<Told> = Vec::new();
    let each = context.plans.iter().map(Together::one);
    for asking in each.chain(Together::all(context.plans)) {
        let Some(plan) = asking.first() else {
            continue;
        };
        let Some(host) = context.catalog.hosts.get(plan.host) else {
            continue;
        };
        for over in over_budget(context.catalog, &asking, plan, &host.value) {
            // What one mode alone is over, all together are over as well.
            let is_told = told.iter().any(|other| other.rule == over.rule);
            if asking.plans().len() > 1 && is_told {
                continue;
            }
            match told.iter_mut().find(|other| other.is_like(&over)) {
                Some(other) => {
                    other.modes.extend(over.modes);
                    other.each = true;
                }
                None => told.push(over),
            }
        }
    }
    told.sort_by_key(|over| over.rule);
    for over in told.chunk_by(|one, other| one.rule == other.rule) {
        if let Some(finding) = finding(over) {
            context.add(finding);
        }
    }
}

/// What is asked for over one budget, by one mode, by several that each ask for the same, or by several at once.
struct Told {
    rule: Rule,
    place: Place,
    subject: String,
    /// What follows the subject: `asks for 7 GiB of memory on \`nuc\`, 1 GiB over its budget of 6 GiB`.
    asks: String,
    /// The same of several modes.
    each_ask: String,
    /// The same behind another mode's sentence, which says what of, where, and the budget.
    further: String,
    /// What is largest, and what would fit.
    help: Vec<String>,
    second: Option<(Place, String)>,
    modes: Vec<String>,
    /// Whether each of several modes asks for it by itself.
    each: bool,
}

impl Told {
    /// Whether another mode is over the same budget by the same services.
    fn is_like(&self, other: &Told) -> bool {
        (self.rule, &self.further, &self.help) == (other.rule, &other.further, &other.help)
    }

    fn sentence(&self, is_first: bool) -> String {
        let names = list_quoted(&self.modes);
        match (is_first, self.each) {
            (true, false) => format!("{} {}", self.subject, self.asks),
            (true, true) => format!("the modes {names} each {}", self.each_ask),
            (false, false) => format!("{} {}", self.subject, self.further),
            (false, true) => format!("the modes {names} each {}", self.further),
        }
    }

    /// The lines of help; where something else is told beside it, behind the mode that they are about.
    fn help(&self, is_alone: bool) -> Vec<String> {
        let names = list_quoted(&self.modes);
        let line = |(number, line): (usize, &String)| match (is_alone, number) {
            (true, _) => line.clone(),
            (false, 0) => format!("{names}: {line}"),
            (false, _) => format!("  {line}"),
        };
        self.help.iter().enumerate().map(line).collect()
    }
}

/// The finding about one budget.
fn finding(told: &[Told]) -> Option<Finding> {
    let first = told.first()?;
    let sentences = told
        .iter()
        .enumerate()
        .map(|(number, over)| over.sentence(number == 0));
    let message = sentences.collect::<Vec<_>>().join(", and ");
    let help: Vec<String> = told
        .iter()
        .flat_map(|over| over.help(told.len() == 1))
        .collect();
    let finding = Finding::new(first.rule, first.place, message).help(help.join("\n"));
    // A host that stands in no file is told of at the largest service.
    let (place, second) = match (first.place.is_somewhere(), &first.second) {
        (false, Some((place, _))) => (*place, None),
        (_, second) => (first.place, second.clone()),
    };
    Some(Finding {
        place,
        second,
        modes: told.iter().flat_map(|over| over.modes.clone()).collect(),
        ..finding
    })
}

/// What is asked for over the budget of a host, which is the same for all its plans.
fn over_budget(catalog: &Catalog, asking: &Together, plan: &Plan, host: &Host) -> Vec<Told> {
    let mut found = Vec::new();
    let budget = &plan.budget;
    let sums = &totals_of(asking.services().map(|(_, service)| service));
    // A budget of which a part could not be read has a finding already, and would be the wrong one to compare with.
    let (memory, cpus, reservations) = readable(host);
    let place = host.memory.map_or(plan.host_place, |written| written.place);
    let memory_fits = |sums: &Totals| sums.memory <= budget.memory;
    if memory && !memory_fits(sums) && !is_told(asking, over_memory, memory_fits) {
        let account = Account::memory(budget, sums);
        found.push(asks_for(Rule::MemoryBudget, account, place).told(catalog, asking));
    }
    let cpus_fit = |sums: &Totals| sums.cpus <= budget.cpus;
    if cpus && !cpus_fit(sums) && !is_told(asking, over_cpus, cpus_fit) {
        let place = host.cpus.map_or(plan.host_place, |written| written.place);
        let account = Account::cpus(budget, sums);
        found.push(asks_for(Rule::CpuBudget, account, place).told(catalog, asking));
    }
    let reserved_fits = |sums: &Totals| sums.reservation <= budget.reservations;
    if reservations && !reserved_fits(sums) && !is_told(asking, reserves_by_share, reserved_fits) {
        let account = Account::reservations(budget, sums);
        found.push(reserves(account, place).told(catalog, asking));
    }
    found
}

/// Whether the rest fits without the services that ask for more than the whole host has: each of them is told as
/// `service-over-host` already.
fn is_told(
    asking: &Together,
    is_over: fn(&PlannedService, &Budget) -> bool,
    fits: impl Fn(&Totals) -> bool,
) -> bool {
    let all = || asking.services();
    let over = |(plan, service): &(&Plan, &PlannedService)| is_over(service, &plan.budget);
    let rest = all().filter(|one| !over(one)).map(|(_, service)| service);
    all().any(|one| over(&one)) && fits(&totals_of(rest))
}

fn over_memory(service: &PlannedService, budget: &Budget) -> bool {
    let limit = service.limits.memory.limit;
    limit.is_some_and(|limit| limit.value > budget.host_memory)
}

/// Whether a service reserves too much because its limit is too large, of which it reserves a share.
fn reserves_by_share(service: &PlannedService, budget: &Budget) -> bool {
    service.limits.memory.share.is_some() && over_memory(service, budget)
}

fn over_cpus(service: &PlannedService, budget: &Budget) -> bool {
    let limit = service.limits.cpus.limit;
    limit.is_some_and(|limit| limit.value > budget.host_cpus)
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

/// An account that is over its budget, in the words of its rule.
struct Over<T: Amount> {
    account: Account<T>,
    rule: Rule,
    /// What the mode does: "asks for", "reserves".
    verb: &'static str,
    /// What several modes do: "ask for", "reserve".
    verb_of_several: &'static str,
    /// Where the host's amount was written.
    place: Place,
}

fn asks_for<T: Amount>(rule: Rule, account: Account<T>, place: Place) -> Over<T> {
    Over {
        account,
        rule,
        verb: "asks for",
        verb_of_several: "ask for",
        place,
    }
}

fn reserves<T: Amount>(account: Account<T>, place: Place) -> Over<T> {
    Over {
        account,
        rule: Rule::ReservationBudget,
        verb: "reserves",
        verb_of_several: "reserve",
        place,
    }
}

impl<T: Amount> Over<T> {
    fn told(&self, catalog: &Catalog, asking: &Together) -> Told {
        let shares = self.account.shares(asking);
        let mut help = vec![largest(&shares)];
        help.extend(self.uncounted(asking));
        help.extend(self.proposals(&shares, catalog, asking));
        Told {
            rule: self.rule,
            place: self.place,
            subject: asking.subject(),
            asks: self.asks(asking, asking.verb(self.verb, self.verb_of_several)),
            each_ask: self.asks(asking, self.verb_of_several),
            further: self.further(),
            help,
            second: shares
                .first()
                .filter(|first| first.each.place.is_somewhere())
                .map(|first| {
                    let label = format!("the largest {}", self.account.what);
                    (first.each.place, label)
                }),
            modes: asking.modes(),
            each: false,
        }
    }

    fn asks(&self, asking: &Together, verb: &str) -> String {
        let host = asking.first().map_or(String::new(), Plan::host_name);
        let (asked, budget) = self.account.asked.numbers(self.account.budget);
        format!(
            "{verb} {}{} on {}, {} over its budget of {budget}",
            self.least(),
            T::with_noun(&asked),
            host,
            self.excess(),
        )
    }

    /// `7.29 GiB, 1.29 GiB over it`
    fn further(&self) -> String {
        let (asked, _) = self.account.asked.numbers(self.account.budget);
        format!("{}{asked}, {} over it", self.least(), self.excess())
    }

    fn least(&self) -> &'static str {
        match self.account.uncounted {
            0 => "",
            _ => "at least ",
        }
    }

    fn excess(&self) -> String {
        T::from_units(self.account.excess()).number()
    }

    fn uncounted(&self, asking: &Together) -> Option<String> {
        let names = self.account.not_counted(asking);
        (!names.is_empty()).then(|| {
            format!(
                "not fully counted, since no number is known: {}",
                few(&names)
            )
        })
    }

    /// What would fit: a lower amount for few services, and without which few it would fit as well.
    fn proposals(&self, shares: &[Share<T>], catalog: &Catalog, asking: &Together) -> Vec<String> {
        let host = asking.first().map_or(String::new(), Plan::host_name);
        let basis = asking.first().map_or(Basis::Catalog, |plan| plan.basis);
        if self.account.budget.units() == 0 {
            return vec![format!(
                "nothing of {host} is left for services: see its amount and its `reserve`"
            )];
        }
        let cuts = self.account.cuts(shares, catalog, asking, MOST_NAMES);
        if cuts.is_empty() {
            let who = match basis {
                Basis::Catalog => asking.verb("this mode", "these modes"),
                Basis::Compose => "this project",
            };
            return vec![format!(
                "no cut in {MOST_NAMES} services or fewer would fit: {host} is too small for {who}"
            )];
        }
        cuts.iter()
            .map(|cut| cut.sentence(&self.account, basis))
            .collect()
    }
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

/// Names as a list in a sentence, of which the first few are named.
fn few(names: &[String]) -> String {
    let mut words: Vec<String> = names.iter().take(MOST_NAMES).cloned().collect();
    if names.len() > MOST_NAMES {
        words.push(format!("{} more", names.len() - MOST_NAMES));
    }
    list(&words)
}

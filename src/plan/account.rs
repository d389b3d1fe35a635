//! One sum of what plans ask for against the budget of their host: who adds how much, what is missing from it, and
//! which cuts would make it fit.

use rustc_hash::FxHashSet;

use super::amount::Amount;
use super::cuts::{fewest, how_many};
use super::together::Together;
use super::totals::{Totals, containers, counts_cpus, counts_memory, counts_reservation};
use super::{At, Basis, Budget, Limits, Plan, PlannedService};
use crate::catalog::Catalog;
use crate::values::cpus::Cpus;
use crate::values::memory::Memory;
use crate::values::prose::list;

/// One sum against one budget.
#[derive(Clone, Copy)]
pub struct Account<T: Amount> {
    /// What of a service is meant: "limit", "reservation".
    pub what: &'static str,
    /// The sum.
    pub asked: T,
    /// What the host gives.
    pub budget: T,
    /// How many services are missing from the sum.
    pub uncounted: usize,
    /// What one container adds.
    of: fn(&Limits) -> Option<At<T>>,
    /// Whether a service is wholly in the sum.
    counts: fn(&PlannedService) -> bool,
}

impl Account<Memory> {
    /// Memory limits against the memory that may be promised.
    pub fn memory(budget: &Budget, sums: &Totals) -> Self {
        Account {
            what: "limit",
            asked: sums.memory,
            budget: budget.memory,
            uncounted: sums.uncounted.memory,
            of: |limits| limits.memory.limit,
            counts: counts_memory,
        }
    }

    /// Memory reservations against the memory that is there.
    pub fn reservations(budget: &Budget, sums: &Totals) -> Self {
        Account {
            what: "reservation",
            asked: sums.reservation,
            budget: budget.reservations,
            uncounted: sums.uncounted.reservation,
            of: |limits| limits.memory.reservation,
            counts: counts_reservation,
        }
    }
}

impl Account<Cpus> {
    /// CPU limits against the CPUs that may be promised.
    pub fn cpus(budget: &Budget, sums: &Totals) -> Self {
        Account {
            what: "limit",
            asked: sums.cpus,
            budget: budget.cpus,
            uncounted: sums.uncounted.cpus,
            of: |limits| limits.cpus.limit,
            counts: counts_cpus,
        }
    }
}

/// What one service adds to a sum.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Share<T> {
    /// The mode.
    pub mode: String,
    /// The service.
    pub service: String,
    /// The service, as messages name it.
    pub label: String,
    /// All its containers together, in the smallest unit.
    pub all: u64,
    /// One container.
    pub each: At<T>,
    /// How many.
    pub count: u64,
}

/// A change with which a sum would fit its budget.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cut<T> {
    /// The amount of the largest lowered to this, for each of its containers; at least half of it stays.
    Lower(Share<T>, T),
    /// The amounts of these halved: the fewest for which that is enough.
    Halve(Vec<Share<T>>),
    /// These left out: the fewest of those that nothing else needs.
    Without(Vec<Share<T>>),
}

impl<T: Amount> Account<T> {
    /// By how much the sum is over the budget, in the smallest unit.
    pub fn excess(&self) -> u64 {
        self.asked.units().saturating_sub(self.budget.units())
    }

    /// What of the budget is left, in the smallest unit.
    pub fn free(&self) -> u64 {
        self.budget.units().saturating_sub(self.asked.units())
    }

    /// Who adds how much, the largest first.
    pub fn shares(&self, asking: &Together) -> Vec<Share<T>> {
        let share = |(plan, service): (&Plan, &PlannedService)| {
            let each = (self.of)(&service.limits)?;
            let count = containers(service).count;
            let all = each.value.units().saturating_mul(count);
            (all > 0).then(|| Share {
                mode: plan.mode.to_owned(),
                service: service.name.to_owned(),
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

    /// The services that are not wholly in the sum, as messages name them.
    pub fn not_counted(&self, asking: &Together) -> Vec<String> {
        asking
            .services()
            .filter(|(_, service)| !(self.counts)(service))
            .map(|(plan, service)| asking.label(plan, service.name))
            .collect()
    }

    /// What would fit, with changes to `most` services or fewer: lower amounts for some, and leaving some out.
    /// Nothing where it fits already, or where nothing is left for services at all.
    pub fn cuts(
        &self,
        shares: &[Share<T>],
        catalog: &Catalog,
        asking: &Together,
        most: usize,
    ) -> Vec<Cut<T>> {
        if self.excess() == 0 || self.budget.units() == 0 {
            return Vec::new();
        }
        let lowered = self.lowered(shares, most);
        let without = self.without(shares, catalog, asking, most);
        lowered.into_iter().chain(without).collect()
    }

    /// The largest lowered by what is too much, while at least half of it stays; else the fewest that must be halved.
    fn lowered(&self, shares: &[Share<T>], most: usize) -> Option<Cut<T>> {
        let count = how_many(shares.iter().map(|share| share.all / 2), self.excess())?;
        let first = shares.first()?;
        if count == 1 {
            let each = (first.all - self.excess()) / first.count.max(1);
            let to = T::from_units(each).rounded_down();
            return Some(Cut::Lower(first.clone(), to));
        }
        (count <= most).then(|| Cut::Halve(shares[..count].to_vec()))
    }

    /// The fewest services without which it fits, of those that no other service waits for and the mode can miss.
    fn without(
        &self,
        shares: &[Share<T>],
        catalog: &Catalog,
        asking: &Together,
        most: usize,
    ) -> Option<Cut<T>> {
        let plans = asking.plans().iter();
        let needed: Vec<_> = plans
            .map(|plan| (plan.mode, needed(catalog, plan)))
            .collect();
        let is_needed = |share: &&Share<T>| {
            let of_mode = needed.iter().find(|(mode, _)| *mode == share.mode);
            of_mode.is_some_and(|(_, needed)| needed.contains(share.service.as_str()))
        };
        let spare: Vec<&Share<T>> = shares.iter().filter(|share| !is_needed(share)).collect();
        let amounts: Vec<u64> = spare.iter().map(|share| share.all).collect();
        let cut = fewest(&amounts, self.excess()).filter(|cut| cut.len() <= most)?;
        Some(Cut::Without(
            cut.into_iter().map(|at| spare[at].clone()).collect(),
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

impl<T: Amount> Cut<T> {
    /// The cut as a sentence about an account.
    pub fn sentence(&self, account: &Account<T>, basis: Basis) -> String {
        let what = account.what;
        let fits = match account.uncounted {
            0 => "it would fit",
            // Nobody knows about the others.
            _ => "what is known would fit",
        };
        match self {
            Cut::Lower(share, to) => format!(
                "{fits} with the {what} of {} lowered from `{}` to `{to}`",
                share.label, share.each.value,
            ),
            Cut::Halve(shares) => {
                format!("{fits} with the {what}s of {} halved", labels(shares))
            }
            Cut::Without(shares) if basis == Basis::Compose => {
                format!("{fits} without {}", labels(shares))
            }
            Cut::Without(shares) => format!(
                "{fits} without {} (`modes` and `hosts` keep a service out)",
                labels(shares)
            ),
        }
    }
}

fn labels<T>(shares: &[Share<T>]) -> String {
    let labels: Vec<&str> = shares.iter().map(|share| share.label.as_str()).collect();
    list(&labels)
}

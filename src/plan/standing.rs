//! All sums of one plan, or of several that run at once, against the budget of their host, by role and by service.

use super::account::Account;
use super::amount::Amount;
use super::together::Together;
use super::totals::{Containers, Totals, containers, totals_of};
use super::{Budget, Plan, PlannedService};
use crate::catalog::Catalog;
use crate::values::cpus::Cpus;
use crate::values::memory::Memory;
use crate::values::shown::shown;

/// Sums against a budget.
pub struct Standing<'p, 's> {
    /// The plans.
    pub asking: Together<'p, 's>,
    /// What their host gives.
    pub budget: Budget,
    /// What they ask for.
    pub sums: Totals,
}

/// What some services ask for together: those of a role, or those of a mode.
pub struct Group<'p, 's> {
    /// The name of the role or the mode.
    pub name: &'s str,
    /// Their sums.
    pub sums: Totals,
    /// Each of them, the largest first.
    pub services: Vec<ServiceSums<'p, 's>>,
}

/// What one service asks for.
pub struct ServiceSums<'p, 's> {
    /// The service.
    pub service: &'p PlannedService<'s>,
    /// All its containers together.
    pub sums: Totals,
    /// How many these are.
    pub containers: Containers,
}

impl<'p, 's> Standing<'p, 's> {
    /// How plans stand; `None` where there is no plan.
    pub fn of(asking: Together<'p, 's>) -> Option<Self> {
        let budget = asking.first()?.budget;
        let sums = totals_of(asking.services().map(|(_, service)| service));
        Some(Standing {
            asking,
            budget,
            sums,
        })
    }

    /// Memory limits.
    pub fn memory(&self) -> Account<Memory> {
        Account::memory(&self.budget, &self.sums)
    }

    /// CPU limits.
    pub fn cpus(&self) -> Account<Cpus> {
        Account::cpus(&self.budget, &self.sums)
    }

    /// Memory reservations.
    pub fn reservations(&self) -> Account<Memory> {
        Account::reservations(&self.budget, &self.sums)
    }

    /// Whether every sum is within its budget, and each service's limits can be.
    pub fn fits(&self) -> bool {
        let excesses = [
            self.memory().excess(),
            self.cpus().excess(),
            self.reservations().excess(),
        ];
        excesses == [0; 3] && self.troubles().is_empty()
    }

    /// How many services there are.
    pub fn services(&self) -> usize {
        self.asking.services().count()
    }

    /// What is wrong with the limits of single services: more than the machine has, less than what is reserved.
    pub fn troubles(&self) -> Vec<String> {
        let mut troubles = Vec::new();
        for (plan, service) in self.asking.services() {
            let label = self.asking.label(plan, service.name);
            let (memory, cpus) = (&service.limits.memory, &service.limits.cpus);
            let limit = memory.limit.map(|limit| limit.value);
            let host = (plan.budget.host_memory, plan.budget.host_cpus);
            troubles.extend(over_host(&label, limit, host.0, plan));
            troubles.extend(over_host(
                &label,
                cpus.limit.map(|it| it.value),
                host.1,
                plan,
            ));
            let kept = memory.reservation.map(|kept| kept.value);
            troubles.extend(over_limit(&label, limit, kept));
            let kept = cpus.reservation.map(|kept| kept.value);
            troubles.extend(over_limit(&label, cpus.limit.map(|it| it.value), kept));
        }
        troubles
    }

    /// The services by role, in the catalog's order of roles.
    pub fn by_role(&self, catalog: &Catalog<'s>) -> Vec<Group<'p, 's>> {
        let mut groups: Vec<Group<'p, 's>> = Vec::new();
        for (_, service) in self.asking.services() {
            let known = groups.iter().position(|group| group.name == service.role);
            let at = known.unwrap_or_else(|| {
                groups.push(Group::new(service.role));
                groups.len() - 1
            });
            groups[at].add(service);
        }
        groups.sort_by_key(|group| catalog.roles.get_index_of(group.name));
        groups.into_iter().map(Group::settled).collect()
    }

    /// The services by mode.
    pub fn by_mode(&self) -> Vec<Group<'p, 's>> {
        let group = |plan: &&'p Plan<'s>| {
            let mut group = Group::new(plan.mode);
            plan.services.iter().for_each(|service| group.add(service));
            group.settled()
        };
        self.asking.plans().iter().map(group).collect()
    }
}

impl<'p, 's> Group<'p, 's> {
    fn new(name: &'s str) -> Self {
        Group {
            name,
            sums: Totals::default(),
            services: Vec::new(),
        }
    }

    fn add(&mut self, service: &'p PlannedService<'s>) {
        self.services.push(ServiceSums {
            service,
            sums: totals_of(std::iter::once(service)),
            containers: containers(service),
        });
    }

    fn settled(mut self) -> Self {
        self.sums = totals_of(self.services.iter().map(|row| row.service));
        self.services.sort_by_key(|row| {
            let (memory, cpus) = (row.sums.memory, row.sums.cpus);
            (std::cmp::Reverse((memory, cpus)), row.service.name)
        });
        self
    }
}

fn over_host<T: Amount>(label: &str, limit: Option<T>, host: T, plan: &Plan) -> Option<String> {
    let limit = limit.filter(|limit| *limit > host)?;
    let (has, asked) = host.numbers(limit);
    let asked = T::with_noun(&asked);
    let host = shown(plan.host);
    Some(format!("{label} may use {asked}, and {host} has {has}"))
}

fn over_limit<T: Amount>(label: &str, limit: Option<T>, kept: Option<T>) -> Option<String> {
    let limit = limit.filter(|limit| limit.units() > 0)?;
    let kept = kept.filter(|kept| *kept > limit)?;
    let (most, reserved) = limit.numbers(kept);
    let most = T::with_noun(&most);
    Some(format!(
        "{label} may use {most} and reserves {reserved}, which is more"
    ))
}

/// How the plans of a host stand: those of some modes each alone (of all where `modes` is empty), and then all that
/// run at the same time, where one of these is among them.
pub fn standings<'p, 's>(plans: &'p [Plan<'s>], modes: &[&str]) -> Vec<Standing<'p, 's>> {
    let is_chosen = |plan: &&Plan| modes.is_empty() || modes.contains(&plan.mode);
    let each = plans.iter().filter(is_chosen).map(Together::one);
    let together = Together::all(plans).filter(|all| all.plans().iter().any(is_chosen));
    each.chain(together).filter_map(Standing::of).collect()
}

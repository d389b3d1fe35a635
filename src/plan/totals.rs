//! What a mode asks for in sum: limits and reservations of every container, jobs included.

use super::{Plan, PlannedService};
use crate::values::cpus::Cpus;
use crate::values::memory::Memory;

/// Sums over services, each times its replicas.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    /// Memory limits.
    pub memory: Memory,
    /// CPU limits.
    pub cpus: Cpus,
    /// Memory reservations. A service without one adds nothing: Docker keeps nothing for it.
    pub reservation: Memory,
    /// Whether nothing is missing from the sums; else each of them is "at least" what it says.
    pub complete: bool,
    /// What is missing from them.
    pub uncounted: Uncounted,
}

/// How many services are missing from each sum: their amount is not stated, or only a variable knows it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Uncounted {
    /// From the memory limits.
    pub memory: usize,
    /// From the CPU limits.
    pub cpus: usize,
    /// From the memory reservations.
    pub reservation: usize,
}

/// What one service adds to the sums.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Containers {
    /// How many run at once; what the defaults of variables give, and else one.
    pub count: u64,
    /// Whether that is sure.
    pub is_known: bool,
}

/// The sums of a plan.
pub fn totals(plan: &Plan) -> Totals {
    totals_of(plan.services.iter())
}

/// The sums of some services.
pub fn totals_of<'p, 's: 'p>(services: impl Iterator<Item = &'p PlannedService<'s>>) -> Totals {
    let mut totals = Totals::default();
    for service in services {
        totals.add(service);
    }
    totals.complete = totals.uncounted == Uncounted::default();
    totals
}

impl Totals {
    /// Whether there are services, and no memory limit of any is known.
    pub fn knows_no_memory(&self) -> bool {
        self.memory.is_zero() && self.uncounted.memory > 0
    }

    /// The same of CPU limits.
    pub fn knows_no_cpus(&self) -> bool {
        self.cpus == Cpus::default() && self.uncounted.cpus > 0
    }

    fn add(&mut self, service: &PlannedService) {
        let containers = containers(service);
        let (memory, cpus) = (&service.limits.memory, &service.limits.cpus);
        if let Some(limit) = memory.limit {
            let all = limit.value.saturating_times(containers.count);
            self.memory = self.memory.saturating_add(all);
        }
        if let Some(limit) = cpus.limit {
            let all = limit.value.saturating_times(containers.count);
            self.cpus = self.cpus.saturating_add(all);
        }
        if let Some(kept) = memory.reservation {
            let all = kept.value.saturating_times(containers.count);
            self.reservation = self.reservation.saturating_add(all);
        }
        let is_missing = |is_stated: bool| usize::from(!containers.counts(is_stated));
        self.uncounted.memory += is_missing(states_memory(service));
        self.uncounted.cpus += is_missing(states_cpus(service));
        self.uncounted.reservation += is_missing(states_reservation(service));
    }
}

impl Containers {
    /// Whether all of them are in a sum, given whether the amount of one is.
    fn counts(self, is_stated: bool) -> bool {
        self.is_known && (is_stated || self.count == 0)
    }
}

/// Whether a service's memory limit is wholly in the sum.
pub fn counts_memory(service: &PlannedService) -> bool {
    containers(service).counts(states_memory(service))
}

/// Whether a service's CPU limit is wholly in the sum.
pub fn counts_cpus(service: &PlannedService) -> bool {
    containers(service).counts(states_cpus(service))
}

/// Whether a service's memory reservation is wholly in the sum; one that has none is.
pub fn counts_reservation(service: &PlannedService) -> bool {
    containers(service).counts(states_reservation(service))
}

/// Compose reads the limit 0 as none.
fn states_memory(service: &PlannedService) -> bool {
    let limit = service.limits.memory.limit;
    limit.is_some_and(|limit| !limit.value.is_zero())
}

fn states_cpus(service: &PlannedService) -> bool {
    service.limits.cpus.limit.is_some()
}

fn states_reservation(service: &PlannedService) -> bool {
    let memory = &service.limits.memory;
    !memory.reservation_unknown || memory.reservation.is_some()
}

/// How many containers of a service run at once.
pub fn containers(service: &PlannedService) -> Containers {
    Containers {
        count: service.replicas,
        is_known: service.replicas_known,
    }
}

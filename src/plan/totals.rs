//! What a mode asks for in sum.
use super::{Plan, PlannedService};
use crate::values::cpus::Cpus;
use crate::values::memory::Memory;

/// Sums over services, replicas counted.
#[derive(Clone, Copy, Debug, Default)]
pub struct Totals {
    /// Memory limits.
    pub memory: Memory,
    /// CPU limits.
    pub cpus: Cpus,
    /// Memory reservations.
    pub reservation: Memory,
    /// Whether every service states both limits.
    pub complete: bool,
}

/// The sums of a plan.
pub fn totals(plan: &Plan) -> Totals {
    totals_of(plan.services.iter())
}

/// The sums of some services.
pub fn totals_of<'p, 's: 'p>(services: impl Iterator<Item = &'p PlannedService<'s>>) -> Totals {
    let mut totals = Totals {
        complete: true,
        ..Totals::default()
    };
    for service in services {
        let limits = &service.limits;
        if let Some(limit) = limits.memory.limit {
            totals.memory = totals
                .memory
                .saturating_add(limit.value.saturating_times(service.replicas));
        }
        if let Some(limit) = limits.cpus.limit {
            totals.cpus = totals
                .cpus
                .saturating_add(limit.value.saturating_times(service.replicas));
        }
        if let Some(limit) = limits.memory.reservation {
            totals.reservation = totals
                .reservation
                .saturating_add(limit.value.saturating_times(service.replicas));
        }
    }
    totals
}

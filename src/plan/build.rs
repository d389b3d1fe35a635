//! A catalog and a host become plans, one for each mode.

use bumpalo::Bump;

use super::images::name_images;
use super::modes::{Setting, mode_plans};
use super::scope::Scope;
use super::usage::Usage;
use super::{Budget, Plan};
use crate::catalog::Catalog;
use crate::catalog::entries::Host;
use crate::compose::scalar::Val;
use crate::finding::Findings;
use crate::values::cpus::Cpus;
use crate::values::factor::Factor;
use crate::values::memory::Memory;

/// Plans every mode of a catalog for one host, with what is chosen there.
pub fn plans<'s>(
    catalog: &Catalog<'s>,
    host: &str,
    arena: &'s Bump,
    findings: &Findings,
) -> Vec<Plan<'s>> {
    plans_with(catalog, host, catalog.choices(host), arena, findings)
}

/// Plans every mode of a catalog for one host, with other choices than those in force.
pub fn plans_with<'s>(
    catalog: &Catalog<'s>,
    host: &str,
    choices: &[(&'s str, &'s str)],
    arena: &'s Bump,
    findings: &Findings,
) -> Vec<Plan<'s>> {
    let scopes = scopes_with(catalog, host, choices);
    let mut plans = mode_plans(Setting::all(scopes), &|_| true, arena, findings);
    name_images(&mut plans, catalog.project_name(), arena);
    plans
}

/// Gives what one mode of a catalog after the other uses on one host, as far as some of its services say, while `take`
/// says to go on: the others are not planned.
pub fn usages_of<'s>(
    catalog: &Catalog<'s>,
    asked: &Asked<'_, 's>,
    arena: &'s Bump,
    take: &mut dyn FnMut(Usage) -> bool,
) {
    let aside = Findings::new();
    let scopes = scopes_with(catalog, asked.host, asked.choices);
    for setting in Setting::all(scopes) {
        let plans = mode_plans(vec![setting], asked.is_asked, arena, &aside);
        if !plans.into_iter().all(|plan| take(plan.usage)) {
            return;
        }
    }
}

/// Which services are planned, and where.
pub struct Asked<'a, 's> {
    /// The host.
    pub host: &'a str,
    /// What is chosen there.
    pub choices: &'a [(&'s str, &'s str)],
    /// Whether a service is planned.
    pub is_asked: &'a dyn Fn(&str) -> bool,
}

/// Every mode of a catalog on one host, with what is chosen there.
pub fn scopes<'a, 's>(catalog: &'a Catalog<'s>, host: &str) -> Vec<Scope<'a, 's>> {
    scopes_with(catalog, host, catalog.choices(host))
}

/// Every mode of a catalog on one host, with other choices than those in force.
pub fn scopes_with<'a, 's>(
    catalog: &'a Catalog<'s>,
    host: &str,
    choices: &'a [(&'s str, &'s str)],
) -> Vec<Scope<'a, 's>> {
    let Some((host_name, host)) = catalog.hosts.get_key_value(host) else {
        return Vec::new();
    };
    let scope = |(mode_name, mode): (&&'s str, &'a crate::catalog::Declared<_>)| Scope {
        catalog,
        mode_name,
        class: Catalog::class_of(&mode.value),
        mode,
        host_name,
        host,
        choices,
    };
    catalog.modes.iter().map(scope).collect()
}

/// What of a host may be used. What is missing or could not be read counts as nothing; a finding said so.
pub fn budget(host: &Host) -> Budget {
    let memory = host
        .memory
        .and_then(|value| value.get())
        .unwrap_or(Memory::ZERO);
    let cpus = host
        .cpus
        .and_then(|value| value.get())
        .unwrap_or(Cpus::ZERO);
    let reserve = host.reserve.copied().unwrap_or_default();
    let over = host.overcommit.copied().unwrap_or_default();
    let factor =
        |value: Option<&Val<Factor>>| value.and_then(|value| value.get()).unwrap_or(Factor::ONE);
    let kept_memory = reserve
        .memory
        .and_then(|value| value.get())
        .unwrap_or(Memory::ZERO);
    let kept_cpus = reserve
        .cpus
        .and_then(|value| value.get())
        .unwrap_or(Cpus::ZERO);
    let usable = memory.saturating_sub(kept_memory);
    Budget {
        host_memory: memory,
        host_cpus: cpus,
        memory: factor(over.memory).of_memory(usable),
        cpus: factor(over.cpus).of_cpus(cpus.saturating_sub(kept_cpus)),
        reservations: usable,
    }
}

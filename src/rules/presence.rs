//! Where a service is: in which modes on which hosts, of the whole catalog and not of one host's plans alone.

use rustc_hash::FxHashMap;

use crate::catalog::entries::Mode;
use crate::catalog::{Catalog, ServiceEntry};
use crate::plan::Plan;
use crate::plan::build::scopes_with;
use crate::plan::scope::{Absence, Scope};
use crate::values::mode_class::ModeClass;

/// Every mode on every host with every choice, and who takes whose place.
pub struct Presence<'a, 's> {
    /// Every mode on every host with every choice, in the order of the catalog.
    pub scopes: Vec<Scope<'a, 's>>,
    replacers: FxHashMap<&'s str, Vec<&'s ServiceEntry<'s>>>,
}

impl<'a, 's> Presence<'a, 's> {
    /// Of a catalog.
    pub fn of(catalog: &'a Catalog<'s>) -> Self {
        let mut replacers: FxHashMap<&'s str, Vec<&'s ServiceEntry<'s>>> = FxHashMap::default();
        // The order of files and services decides nothing: the first by name, as in a plan.
        let services = catalog.services_by_name().iter();
        for service in services.filter(|service| service.replaces) {
            if let Some(target) = service.entry.words.own.replaces() {
                let replacers = replacers.entry(target.text).or_default();
                replacers.push(service.entry);
            }
        }
        let hosts = catalog.hosts.keys();
        let scopes = |host: &&'s str| {
            let all = catalog.combinations(host).iter();
            all.flat_map(|choices| scopes_with(catalog, host, choices))
                .collect::<Vec<_>>()
        };
        Presence {
            scopes: hosts.flat_map(scopes).collect(),
            replacers,
        }
    }

    /// Of each service of the catalog, by name, whether any says that it takes its place.
    pub fn replaced(&self, catalog: &Catalog<'s>) -> Vec<bool> {
        let mut replaced = vec![false; catalog.services.len()];
        for name in self.replacers.keys() {
            if let Some(rank) = catalog.rank(name) {
                replaced[rank] = true;
            }
        }
        replaced
    }

    /// Why a service is not in a mode on a host; `None` where it is.
    pub fn absence(
        &self,
        scope: &Scope<'a, 's>,
        service: &ServiceEntry<'s>,
    ) -> Option<Absence<'s>> {
        let replacer = || {
            let replacers = self.replacers.get(service.name)?;
            let there = replacers
                .iter()
                .find(|other| scope.kept_out(other).is_none())?;
            Some(Absence::Replaced(there.name))
        };
        scope.kept_out(service).or_else(replacer)
    }

    /// The first mode of class production in which a service is, on any host.
    pub fn in_production(&self, service: &ServiceEntry<'s>) -> Option<&'s str> {
        let there = |scope: &&Scope<'a, 's>| {
            is_production(&scope.mode.value) && self.absence(scope, service).is_none()
        };
        self.scopes.iter().find(there).map(|scope| scope.mode_name)
    }
}

/// Whether a mode says that it is of class production. One whose class could not be read says nothing.
pub fn is_production(mode: &Mode) -> bool {
    mode.class.and_then(|class| class.get()) == Some(ModeClass::Production)
}

/// Why a service of the catalog is not in a plan; `None` where it is, or its replacer.
pub fn absence<'s>(catalog: &Catalog<'s>, plan: &Plan<'s>, name: &str) -> Option<Absence<'s>> {
    let Some(service) = catalog.services.get(name) else {
        return Some(Absence::Unknown);
    };
    if plan.index.contains_key(name) {
        return None;
    }
    let scope = scopes_with(catalog, plan.host, &plan.choices)
        .into_iter()
        .find(|scope| scope.mode_name == plan.mode)?;
    let replaced = plan.replaced.get(name);
    scope
        .kept_out(service)
        .or(replaced.map(|by| Absence::Replaced(by)))
}

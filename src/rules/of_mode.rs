//! Whether Compose files that somebody else wrote are those of a mode: services that do not belong into it, and what it
//! requires. Services are known by their names, as the files of the mode have them.

use std::cell::OnceCell;

use rustc_hash::FxHashMap;

use super::Context;
use super::fence;
use super::leak_in_files;
use super::presence::absence;
use super::secret_names::Seen;
use crate::catalog::Catalog;
use crate::compose::scalar::Text;
use crate::dotenv::EnvFile;
use crate::finding::{Finding, Findings};
use crate::place::Place;
use crate::plan::builds::Builds;
use crate::plan::scope::Absence;
use crate::plan::{Basis, Plan, PlannedService};
use crate::rule::{Rule, Weight};
use crate::values::interpolation::{Operator, Use, has_variable, uses};
use crate::values::mode_class::ModeClass;
use crate::values::shown::shown;
use crate::values::suggest::nearest;
use crate::yaml::node::Node;

/// An env file from which a service takes its environment.
pub struct ServiceEnvFile<'s> {
    /// The service.
    pub service: &'s str,
    /// The file's number in places.
    pub number: u16,
    /// What stands in it.
    pub file: EnvFile<'s>,
}

/// Files, and the mode that they shall be of.
pub struct OfMode<'a, 's> {
    /// The catalog.
    pub catalog: &'a Catalog<'s>,
    /// The plans of every mode on the host.
    pub plans: &'a [Plan<'s>],
    /// The mode's.
    pub plan: &'a Plan<'s>,
    /// What the files say, every service.
    pub services: &'a [PlannedService<'s>],
    /// The same as one tree, with all else that they say.
    pub tree: &'a Node<'s, 's>,
    /// The texts in which variables stood, as they were written.
    pub written: &'a FxHashMap<Place, &'s str>,
    /// The env files of services, as far as they are there.
    pub env_files: &'a [ServiceEnvFile<'s>],
    /// Whether a value of an env file came into the text at a place.
    pub came_in: &'a dyn Fn(Place) -> bool,
    /// What the env file of a mode makes of one of its values, where it is there: by mode, then by the value's text.
    pub filled: &'a dyn Fn(&str, &str) -> Option<String>,
    /// The first file.
    pub start: Place,
}

/// Checks files against the mode.
pub fn check<'s>(asked: &OfMode<'_, 's>, findings: &Findings) {
    let services: Vec<_> = asked.services.iter().map(|one| asked.known(one)).collect();
    for service in &services {
        let found = [asked.out_of_place(service), asked.of_another_class(service)];
        for finding in found.into_iter().flatten() {
            findings.add(finding.service(service.name));
        }
    }
    for finding in asked.missing(&services) {
        findings.add(finding);
    }
    // What the mode is, with the services of the files in place of its own.
    let plan = Plan {
        basis: Basis::Compose,
        index: services
            .iter()
            .enumerate()
            .map(|(at, one)| (one.name, at))
            .collect(),
        services,
        ..Plan::empty(asked.plan)
    };
    let context = Context {
        basis: Basis::Compose,
        catalog: asked.catalog,
        plans: asked.plans,
        builds: &Builds::default(),
        project: None,
        findings,
        seen: Seen::default(),
        extending: OnceCell::new(),
    };
    fence::built_by(&context, &plan);
    leak_in_files::check(asked, findings);
}

impl<'s> OfMode<'_, 's> {
    /// A service of the files, with the role that the catalog gives to its name.
    fn known(&self, service: &PlannedService<'s>) -> PlannedService<'s> {
        let entry = self.catalog.services.get(service.name);
        let role = entry.and_then(|entry| entry.words.own.role);
        PlannedService {
            role: role.map_or("", |role| role.text),
            ..*service
        }
    }

    /// What is wrong with a service that is none of the mode's.
    fn out_of_place(&self, service: &PlannedService<'s>) -> Option<Finding> {
        if self.plan.index.contains_key(service.name) {
            return None;
        }
        let why = absence(self.catalog, self.plan, service.name).unwrap_or(Absence::Unknown);
        let (name, mode) = (shown(service.name), shown(self.plan.mode));
        let place = service.entry.place;
        if why == Absence::Unknown {
            let message = format!("the catalog does not know the service {name}");
            let names = self.plan.services.iter().map(|service| service.name);
            let help = match nearest(service.name, names) {
                Some(near) => format!("did you mean `{near}`?"),
                None => "declare it in the catalog, with its role; or take it out".to_owned(),
            };
            let finding = Finding::new(Rule::UnknownService, place, message);
            return Some(finding.weight(Weight::Broken).help(help));
        }
        let reason = why.reason(self.plan.mode, self.plan.host);
        let message = format!("{name} is not in the mode {mode}: {reason}");
        let declared = self.catalog.services.get(service.name);
        let declared = declared.map_or(Place::NOWHERE, |entry| entry.place);
        let (finding, help) = match why {
            Absence::Role { .. } => (
                Finding::new(Rule::RoleForbidden, place, message),
                "take it out; nothing lifts this".to_owned(),
            ),
            Absence::Replaced(by) => (
                Finding::new(Rule::UnknownService, place, message).weight(Weight::Broken),
                format!("write {} in its place", shown(by)),
            ),
            Absence::Unknown | Absence::Modes | Absence::Hosts | Absence::When(_) => (
                Finding::new(Rule::UnknownService, place, message).weight(Weight::Broken),
                "take it out, or let it into the mode in the catalog".to_owned(),
            ),
        };
        Some(
            finding
                .second(declared, format!("{name} in the catalog"))
                .help(help),
        )
    }

    /// A variable that tells the service it runs in a mode of another class.
    fn of_another_class(&self, service: &PlannedService<'s>) -> Option<Finding> {
        let name = self.catalog.mode_variable?;
        let text = service.service.environment?.get(name)?.0?;
        let class = self.plan.class.as_str();
        let mode = shown(self.plan.mode);
        let said = match has_variable(text.text) || text.text == class {
            false => format!("says {}", shown(text.text)),
            // What nobody sets today says so tomorrow.
            true => format!("says {} by default", shown(self.default_class(text.place)?)),
        };
        let message = format!(
            "{} {said}, and the mode {mode} is of class {class}",
            shown(name)
        );
        let finding = Finding::new(Rule::ModeLeak, text.place, message);
        let is_default = self.default_class(text.place).is_some();
        let is_brought = !is_default && (self.came_in)(text.place);
        let finding = finding.help(format!("write `{name}: {class}`"));
        Some(leak_in_files::brought(finding, is_brought))
    }

    /// The class of another mode that is the default of a variable in a text.
    fn default_class(&self, place: Place) -> Option<&'s str> {
        let uses = uses(self.written.get(&place)?).ok()?;
        let is_default = |usage: &&Use| usage.operator.is_some_and(Operator::is_default);
        let is_other = |word: &&str| {
            let mut classes = ModeClass::ALL.into_iter();
            *word != self.plan.class.as_str() && classes.any(|class| class.as_str() == *word)
        };
        let mut words = uses.iter().filter(is_default).map(|usage| usage.word);
        words.find(is_other)
    }

    /// What the mode requires, and the files do not have.
    fn missing(&self, services: &[PlannedService<'s>]) -> Vec<Finding> {
        let mode = self.catalog.modes.get(self.plan.mode);
        let requires = mode.and_then(|mode| mode.value.requires);
        let names = requires.map_or(&[][..], |requires| requires.items).iter();
        let missing = names.filter(|name| !self.has(services, name));
        missing.map(|name| self.missing_finding(name)).collect()
    }

    fn has(&self, services: &[PlannedService<'s>], name: &Text<'s>) -> bool {
        // What stands in for a service of the role counts, as in the mode itself.
        let replaced = |role: &str| {
            let of_role = |name: &&str| {
                let entry = self.catalog.services.get(name);
                let own = entry.and_then(|entry| entry.words.own.role);
                own.is_some_and(|own| own.text == role)
            };
            let pairs = self.plan.replaced.iter();
            let mut by = pairs.filter(|(name, _)| of_role(name)).map(|(_, by)| *by);
            by.any(|by| services.iter().any(|service| service.name == by))
        };
        match name.text.strip_prefix("role:") {
            Some(role) => services.iter().any(|service| service.role == role) || replaced(role),
            None => {
                let by = self.plan.replaced.get(name.text).copied();
                let wanted = by.unwrap_or(name.text);
                services.iter().any(|service| service.name == wanted)
            }
        }
    }

    fn missing_finding(&self, name: &Text) -> Finding {
        let what = match name.text.strip_prefix("role:") {
            Some(role) => format!("a service of the role {}", shown(role)),
            None => shown(name.text),
        };
        let mode = shown(self.plan.mode);
        let message = format!("the mode {mode} requires {what}, and no file has it");
        Finding::new(Rule::RoleRequired, self.start, message)
            .second(name.place, "required here")
            .help("add it, or name the file that has it, too")
    }
}

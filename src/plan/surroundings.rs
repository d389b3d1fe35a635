//! What lies around the plans of one host: the other hosts, the options, the chapters that a catalog adds to its guide.

use super::Budget;
use super::build::{budget, scopes};
use super::scope::Absence;
use crate::catalog::Catalog;
use crate::values::cpus::Cpus;
use crate::values::memory::Memory;

/// What lies around the plans of one host.
#[derive(Debug, Default)]
pub struct Surroundings<'s> {
    /// Every host, the one at hand first, the others by name.
    pub hosts: Vec<HostFacts<'s>>,
    /// Every option, by name.
    pub options: Vec<OptionFacts<'s>>,
    /// The services of the catalog, by name.
    pub names: Vec<&'s str>,
    /// Of each mode of the host at hand, why each of these is not in it.
    pub absent: Vec<(&'s str, Reasons<'s>)>,
    /// Chapters of the catalog's own, title and Markdown, in its order.
    pub chapters: Vec<(&'s str, &'s str)>,
}

/// A host as the guide shows it.
#[derive(Debug)]
pub struct HostFacts<'s> {
    /// Its name.
    pub name: &'s str,
    /// What it is for.
    pub description: &'s str,
    /// Its memory and CPUs.
    pub machine: (Memory, Cpus),
    /// What of it may be used.
    pub budget: Budget,
    /// The modes that run at once, with the offsets of their host ports.
    pub concurrent: Vec<(&'s str, u16)>,
    /// What is chosen there.
    pub choices: Vec<(&'s str, &'s str)>,
    /// Of each service of the catalog, by name, whether one of its modes has it.
    pub has: Vec<bool>,
}

/// An option as the guide shows it.
#[derive(Debug)]
pub struct OptionFacts<'s> {
    /// Its name.
    pub name: &'s str,
    /// What it is about.
    pub description: &'s str,
    /// What is chosen where nobody says otherwise.
    pub default: &'s str,
    /// What there is to choose from.
    pub choices: Vec<ChoiceFacts<'s>>,
}

/// A choice as the guide shows it.
#[derive(Debug)]
pub struct ChoiceFacts<'s> {
    /// Its name.
    pub name: &'s str,
    /// What it means and when to choose it.
    pub description: &'s str,
    /// The hosts on which it may be chosen; empty for all.
    pub hosts: Vec<&'s str>,
    /// Why not on the others.
    pub reason: &'s str,
}

impl<'s> Surroundings<'s> {
    /// Of a catalog, around the plans of a host.
    pub fn of(catalog: &Catalog<'s>, host: &str) -> Self {
        let chapters = catalog.guide.into_iter().flat_map(|guide| guide.iter());
        let mut hosts: Vec<&'s str> = catalog.hosts.keys().copied().collect();
        hosts.sort_by_key(|name| (*name != host, *name));
        let mut options: Vec<&'s str> = catalog.options.keys().copied().collect();
        options.sort_unstable();
        let mut absent = Vec::new();
        let mut facts = |name: &&'s str| {
            let (facts, reasons) = host_facts(catalog, name);
            if *name == host {
                absent = reasons;
            }
            facts
        };
        Surroundings {
            hosts: hosts.iter().map(&mut facts).collect(),
            names: catalog
                .services_by_name()
                .iter()
                .map(|it| it.name)
                .collect(),
            options: options
                .iter()
                .map(|name| option_facts(catalog, name))
                .collect(),
            absent,
            chapters: chapters
                .map(|(title, _, text)| (title, text.0.text))
                .collect(),
        }
    }
}

/// Why each service of the catalog, by name, is not in a mode; `None` where it is.
pub type Reasons<'s> = Vec<Option<Absence<'s>>>;

/// What is known of a host, and who is absent from which of its modes.
fn host_facts<'s>(
    catalog: &Catalog<'s>,
    name: &'s str,
) -> (HostFacts<'s>, Vec<(&'s str, Reasons<'s>)>) {
    let host = catalog
        .hosts
        .get(name)
        .map(|host| host.value)
        .unwrap_or_default();
    let scopes = scopes(catalog, name);
    let concurrent = scopes
        .iter()
        .filter_map(|scope| Some((scope.mode_name, scope.concurrent()?)));
    let absent: Vec<(&str, Reasons)> = scopes
        .iter()
        .map(|scope| (scope.mode_name, scope.absent()))
        .collect();
    let has = |at: usize| absent.iter().any(|(_, reasons)| reasons[at].is_none());
    let budget = budget(&host);
    let facts = HostFacts {
        name,
        description: host.description.map_or("", |text| text.text),
        machine: (budget.host_memory, budget.host_cpus),
        budget,
        concurrent: concurrent.collect(),
        choices: catalog.choices(name).to_vec(),
        has: (0..catalog.services.len()).map(has).collect(),
    };
    (facts, absent)
}

fn option_facts<'s>(catalog: &Catalog<'s>, name: &'s str) -> OptionFacts<'s> {
    let option = catalog
        .options
        .get(name)
        .map(|option| option.value)
        .unwrap_or_default();
    let choices = option.choices.copied().unwrap_or_default();
    let facts = choices.iter().map(|(name, _, choice)| ChoiceFacts {
        name,
        description: choice.description.map_or("", |text| text.text),
        hosts: choice
            .hosts
            .map_or(&[][..], |hosts| hosts.items)
            .iter()
            .map(|host| host.text)
            .collect(),
        reason: choice.reason.map_or("", |text| text.text),
    });
    OptionFacts {
        name,
        description: option.description.map_or("", |text| text.text),
        default: option.default.map_or("", |text| text.text),
        choices: facts.collect(),
    }
}

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
    /// Why services are not in modes of the host at hand: mode, service, reason.
    pub absent: Absent<'s>,
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
    /// The services of each mode, by name.
    pub services: Vec<(&'s str, Vec<&'s str>)>,
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

impl<'s> HostFacts<'s> {
    /// The services of all its modes, by name.
    pub fn names(&self) -> Vec<&'s str> {
        let lists = self.services.iter();
        let mut names: Vec<&str> = lists.flat_map(|(_, names)| names).copied().collect();
        names.sort();
        names.dedup();
        names
    }
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
            let asked = (*name == host).then_some(&mut absent);
            host_facts(catalog, name, asked)
        };
        Surroundings {
            hosts: hosts.iter().map(&mut facts).collect(),
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

/// Why services are not in modes: mode, service, reason.
type Absent<'s> = Vec<(&'s str, &'s str, Absence<'s>)>;

/// What is known of a host; on request, who is absent from its modes.
fn host_facts<'s>(
    catalog: &Catalog<'s>,
    name: &'s str,
    mut absent: Option<&mut Absent<'s>>,
) -> HostFacts<'s> {
    let host = catalog
        .hosts
        .get(name)
        .map(|host| host.value)
        .unwrap_or_default();
    let scopes = scopes(catalog, name);
    let concurrent = scopes
        .iter()
        .filter_map(|scope| Some((scope.mode_name, scope.concurrent()?)));
    let services = scopes.iter().map(|scope| {
        let (membership, reasons) = scope.presence();
        if let Some(absent) = &mut absent {
            let all = catalog.services.values().zip(reasons);
            absent.extend(all.filter_map(|(it, why)| Some((scope.mode_name, it.name, why?))));
        }
        let members = membership.members.into_iter();
        (scope.mode_name, members.map(|member| member.name).collect())
    });
    let budget = budget(&host);
    HostFacts {
        name,
        description: host.description.map_or("", |text| text.text),
        machine: (budget.host_memory, budget.host_cpus),
        budget,
        concurrent: concurrent.collect(),
        choices: catalog.choices(name).to_vec(),
        services: services.collect(),
    }
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

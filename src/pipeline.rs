//! The pipeline up to the rules: sources -> catalog -> plans -> rules. Every command starts here.

use std::cell::OnceCell;
use std::collections::BTreeSet;

use bumpalo::Bump;
use rustc_hash::FxHashSet;

use crate::catalog::choices::Choices;
use crate::catalog::read::{File, Reading};
use crate::catalog::{Catalog, references};
use crate::compose::value::{Language, Reader};
use crate::finding::{Finding, Findings, merged};
use crate::place::Place;
use crate::plan::Plan;
use crate::plan::build::{Asked, plans, plans_with, scopes_with, usages_of};
use crate::plan::builds::{Builds, Look};
use crate::plan::scope::Scope;
use crate::plan::usage::Usage;
use crate::rule::Rule;
use crate::rules::{self, Checked, followers, unused, waivers};
use crate::source::Sources;
use crate::yaml;
use crate::yaml::ErrorKind;

/// A catalog as far as it could be read.
pub struct Loaded<'s> {
    /// The catalog.
    pub catalog: Catalog<'s>,
    /// What was found so far.
    pub findings: Findings,
    /// Whether every file could be parsed: only then do plans make sense.
    pub parsed: bool,
    /// The files' texts, by number.
    texts: Vec<&'s str>,
}

/// How much larger than its text the tree of a file is, at most; of most files.
const TREE: usize = 4;

/// Parses and types the files of a catalog, one after the other: a file's tree is gone when the next one is read.
pub fn load<'s>(sources: &Sources<'s>, arena: &'s Bump) -> Loaded<'s> {
    let findings = Findings::new();
    let reader = Reader {
        arena,
        findings: &findings,
        language: Language::Catalog,
    };
    let lengths = sources.files.iter().map(|file| file.bytes.len());
    let mut reading = Reading::new(&reader, lengths.clone().sum());
    let largest = lengths.max();
    let mut tree = Bump::with_capacity(largest.unwrap_or(0) * TREE);
    let mut parsed = true;
    for (number, source) in sources.files.iter().enumerate() {
        let start = Place {
            file: number as u16,
            len: 1,
            start: 0,
        };
        let name = source.name;
        match parse(source.bytes, start, &tree, arena, &findings) {
            Some(root) => reading.file(&File { name, root, start }),
            None => parsed = false,
        }
        tree.reset();
    }
    // What the others lack may stand in a file that cannot be parsed: each is judged for itself alone then.
    if !parsed {
        return Loaded {
            catalog: Catalog::default(),
            findings,
            parsed,
            texts: Vec::new(),
        };
    }
    let catalog = reading.finish();
    references::check(&catalog, &findings);
    Loaded {
        catalog,
        findings,
        parsed: true,
        texts: sources.files.iter().map(|file| file.text()).collect(),
    }
}

/// The document of a file, which may hold none; `None` where its text could not be read. Keys that stand twice are
/// findings like any other: the rest of the file is read.
fn parse<'t, 's>(
    bytes: &'s [u8],
    start: Place,
    tree: &'t Bump,
    arena: &'s Bump,
    findings: &Findings,
) -> Option<Option<yaml::Node<'t, 's>>> {
    let text = match yaml::decode(bytes) {
        Ok(text) => text,
        Err(error) => {
            add(error.in_file(start.file), findings);
            return None;
        }
    };
    let reading = yaml::read_on(text, start.file, tree, arena);
    let duplicate = |error: &yaml::YamlError| error.kind == ErrorKind::DuplicateKey;
    let is_read = reading.errors.iter().all(duplicate);
    for error in reading.errors {
        add(error, findings);
    }
    is_read.then_some(reading.root)
}

/// Says at what may be the rest of a text that a comma ended, `{ reason: one, two }`, to quote the text.
pub fn hint_commas(findings: &mut [Finding], sources: &Sources) {
    for finding in findings {
        let rest = matches!(finding.rule, Rule::UnknownKey | Rule::VariableUndeclared);
        let is_guess = |help: &String| help.starts_with("did you mean");
        if !rest || finding.help.as_ref().is_some_and(is_guess) {
            continue;
        }
        let hint = sources
            .file(finding.place)
            .and_then(|file| yaml::comma_hint(file.text(), finding.place));
        if let Some(hint) = hint {
            finding.help = Some(hint.to_owned());
        }
    }
}

fn add(error: yaml::YamlError, findings: &Findings) {
    let rule = match error.kind {
        ErrorKind::Syntax => Rule::YamlSyntax,
        ErrorKind::DuplicateKey => Rule::DuplicateKey,
    };
    findings.add(Finding {
        second: error.second,
        help: error.help,
        ..Finding::new(rule, error.place, error.message)
    });
}

/// The plans of every mode on one host.
pub type HostPlans<'s> = Vec<Plan<'s>>;

/// What was found about the plans of some hosts.
pub struct Judged<'a, 's> {
    /// The plans of each host, where nothing is wrong with them.
    pub outcomes: Vec<Option<Checked<'a, 's>>>,
    /// What was found, in a fixed order.
    pub findings: Vec<Finding>,
}

impl<'s> Loaded<'s> {
    /// The plans of every mode on a host.
    pub fn plans(&self, host: &str, arena: &'s Bump) -> HostPlans<'s> {
        plans(&self.catalog, host, arena, &self.findings)
    }

    /// Applies the rules to the plans of some hosts. What seems to be used by none of them is looked for on the
    /// catalog's other hosts before it is said: these are planned then, and only then.
    pub fn judge<'a>(
        &'a self,
        hosts: &'a [HostPlans<'s>],
        look: &dyn Look,
        arena: &'s Bump,
    ) -> Judged<'a, 's> {
        let others = OnceCell::new();
        let others = || {
            others
                .get_or_init(|| self.other_plans(hosts, arena))
                .as_slice()
        };
        let readable = self.findings.errors() == 0;
        self.unused(hosts, arena);
        let mut judged = Judged {
            outcomes: Vec::new(),
            findings: Vec::new(),
        };
        let mut used = BTreeSet::new();
        let builds = self.builds(hosts, look);
        for plans in hosts {
            let outcome = rules::check(&self.catalog, plans, &builds, &self.findings);
            // What is wrong with the catalog is told with the first host, and concerns them all.
            judged.outcomes.push(outcome.checked.filter(|_| readable));
            judged.findings.extend(outcome.findings);
            used.extend(outcome.used_waivers);
        }
        if readable {
            self.unused_waivers(&mut used, &others, look);
        }
        judged.findings.extend(self.findings.take());
        if !readable {
            followers::drop(&self.catalog, &self.texts, &mut judged.findings);
        }
        judged.findings = merged(judged.findings);
        judged
    }

    /// What seems to be used by none of the plans is looked for elsewhere, one mode after the other, until all of it was
    /// seen: most catalogs have an option or a larger host that uses what the default host does not. What is new there
    /// is asked first, and what it has in common with these plans only where that was not enough.
    fn unused(&self, hosts: &[HostPlans<'s>], arena: &'s Bump) {
        let mut usages = usages(hosts);
        if !unused::any_unused(&self.catalog, &usages) {
            return;
        }
        let planned = names(hosts);
        let is_new = |name: &str| !planned.contains(name);
        let is_planned = |name: &str| planned.contains(name);
        for is_asked in [&is_new as &dyn Fn(&str) -> bool, &is_planned] {
            for (host, choices) in self.elsewhere(hosts, &planned) {
                let asked = Asked {
                    host,
                    choices,
                    is_asked,
                };
                let mut is_left = true;
                usages_of(&self.catalog, &asked, arena, &mut |usage| {
                    usages.push(arena.alloc(usage));
                    is_left = unused::any_unused(&self.catalog, &usages);
                    is_left
                });
                if !is_left {
                    return;
                }
            }
        }
        unused::unused(&self.catalog, &usages, &self.findings);
    }

    /// The hosts and choices that are not among the plans, those first that have the most services which these lack.
    fn elsewhere(
        &self,
        hosts: &[HostPlans<'s>],
        planned: &FxHashSet<&str>,
    ) -> Vec<(&'s str, &Choices<'s>)> {
        let services = self.catalog.services.values();
        let new: Vec<_> = services
            .filter(|service| !planned.contains(service.name))
            .collect();
        let lacking = |host: &str, choices: &Choices<'s>| {
            let scopes = scopes_with(&self.catalog, host, choices).into_iter();
            let entering = |scope: Scope| {
                let services = new.iter();
                services.filter(|it| scope.kept_out(it).is_none()).count()
            };
            scopes.map(entering).sum::<usize>()
        };
        let mut all: Vec<_> = self.others(hosts);
        all.sort_by_cached_key(|(host, choices)| std::cmp::Reverse(lacking(host, choices)));
        all
    }

    /// What is known of the files from which images are built; nothing where these are in another repository.
    fn builds(&self, hosts: &[HostPlans<'s>], look: &dyn Look) -> Builds {
        match self.catalog.sources_elsewhere() {
            true => Builds::default(),
            false => Builds::of(hosts.iter().flatten(), look),
        }
    }

    fn unused_waivers<'o>(
        &self,
        used: &mut BTreeSet<Place>,
        others: &dyn Fn() -> &'o [HostPlans<'s>],
        look: &dyn Look,
    ) where
        's: 'o,
    {
        if !waivers::any_unused(&self.catalog, used) {
            return;
        }
        let builds = self.builds(others(), look);
        for plans in others() {
            let elsewhere = Findings::new();
            let outcome = rules::check(&self.catalog, plans, &builds, &elsewhere);
            used.extend(outcome.used_waivers);
        }
        waivers::unused_waivers(&self.catalog, used, &self.findings);
    }

    /// The plans of the hosts and choices that are not among these; what is wrong with them is not asked now.
    fn other_plans(&self, hosts: &[HostPlans<'s>], arena: &'s Bump) -> Vec<HostPlans<'s>> {
        let elsewhere = Findings::new();
        let others = self.others(hosts).into_iter();
        others
            .map(|(host, choices)| plans_with(&self.catalog, host, choices, arena, &elsewhere))
            .collect()
    }

    /// The hosts and choices that are not among the plans, in the order of the catalog.
    fn others(&self, hosts: &[HostPlans<'s>]) -> Vec<(&'s str, &Choices<'s>)> {
        let planned = |name: &str, choices: &[_]| {
            let mut all = hosts.iter().flatten();
            all.any(|plan| plan.host == name && plan.choices == choices)
        };
        let mut others = Vec::new();
        for host in self.catalog.hosts.keys() {
            for choices in self.catalog.combinations(host) {
                if !planned(host, choices) {
                    others.push((*host, choices));
                }
            }
        }
        others
    }
}

/// The names of the services that are in some of the plans.
fn names<'s>(hosts: &[HostPlans<'s>]) -> FxHashSet<&'s str> {
    let services = hosts.iter().flatten().flat_map(|plan| &plan.services);
    services.map(|service| service.name).collect()
}

fn usages<'p, 's>(hosts: &'p [HostPlans<'s>]) -> Vec<&'p Usage> {
    hosts.iter().flatten().map(|plan| &plan.usage).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::builds::There;

    /// A project whose files are not known.
    struct Nowhere;

    impl Look for Nowhere {
        fn look(&self, _: &str) -> Option<There> {
            None
        }
    }

    #[test]
    fn what_is_wrong_with_the_catalog_refuses_every_host() {
        let text = "project: demo\nhosts: { a: { memory: 4GiB, cpus: 4 }, b: { memory: 4GiB, cpus: 4 } }\n\
                    modes: { test: { class: test } }\nservices:\n  \
                    web: { role: core, image: nginx, memory: 64M, cpus: 0.1, healthcheck: image, ports: [\"80:<\"] }\n";
        let arena = Bump::new();
        let sources = Sources::of_texts(&[("catalog.yaml", text)], &arena);
        let loaded = load(&sources, &arena);
        let hosts = [loaded.plans("a", &arena), loaded.plans("b", &arena)];
        let judged = loaded.judge(&hosts, &Nowhere, &arena);
        assert_eq!(judged.findings.len(), 1);
        assert!(judged.outcomes.iter().all(Option::is_none));
    }
}

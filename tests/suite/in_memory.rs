//! The pipeline in memory: sources -> catalog -> plans -> rules -> outputs, for every host of a catalog.

use bumpalo::Bump;
use composegen::finding::Finding;
use composegen::outputs::{FileSet, Setting, files};
use composegen::pipeline::load;
use composegen::plan::Plan;
use composegen::plan::build::plans;
use composegen::plan::builds::Builds;
use composegen::plan::surroundings::Surroundings;
use composegen::rules;
use composegen::source::Sources;

/// What the pipeline makes of a catalog.
pub struct Made<'s> {
    /// What was found before there was a host to plan for.
    pub findings: Vec<Finding>,
    /// The hosts, the default one first; none where the catalog could not be read.
    pub hosts: Vec<MadeHost<'s>>,
}

/// What it makes for one host.
pub struct MadeHost<'s> {
    pub plans: Vec<Plan<'s>>,
    pub default: bool,
    pub findings: Vec<Finding>,
    /// The files, unless a finding refuses them.
    pub files: Option<FileSet>,
}

impl MadeHost<'_> {
    /// Where its files go.
    pub fn setting(&self) -> Setting<'static> {
        static AROUND: Surroundings = Surroundings {
            hosts: Vec::new(),
            options: Vec::new(),
            names: Vec::new(),
            absent: Vec::new(),
            chapters: Vec::new(),
        };
        Setting {
            project: "",
            around: &AROUND,
            catalog: "catalog",
            default_host: self.default,
            set: &[],
        }
    }
}

impl Made<'_> {
    /// All findings.
    pub fn findings(&self) -> impl Iterator<Item = &Finding> {
        let of_hosts = self.hosts.iter().flat_map(|host| &host.findings);
        self.findings.iter().chain(of_hosts)
    }
}

/// Runs the pipeline over a catalog's texts, by file name.
pub fn make<'s>(texts: &[(&str, &str)], arena: &'s Bump) -> Made<'s> {
    make_from(&Sources::of_texts(texts, arena), arena)
}

/// Runs the pipeline over sources.
pub fn make_from<'s>(sources: &Sources<'s>, arena: &'s Bump) -> Made<'s> {
    make_with(sources, &[], arena)
}

/// Runs the pipeline over sources, with choices as the command line makes them.
pub fn make_with<'s>(sources: &Sources<'s>, set: &[(String, String)], arena: &'s Bump) -> Made<'s> {
    let mut loaded = load(sources, arena);
    for (option, choice) in set {
        loaded.catalog.set(option, choice).expect("a choice");
    }
    let catalog = &loaded.catalog;
    let default = catalog.default_host.map(|host| host.text);
    let known = default.filter(|host| catalog.hosts.contains_key(host));
    let default = known.or_else(|| catalog.hosts.keys().next().copied());
    let mut names: Vec<&str> = catalog.hosts.keys().copied().collect();
    names.sort_by_key(|name| (Some(*name) != default, *name));
    let mut hosts = Vec::new();
    for name in names.into_iter().filter(|_| loaded.parsed) {
        let plans = plans(catalog, name, arena, &loaded.findings);
        let around = Surroundings::of(catalog, name);
        let setting = Setting {
            project: catalog.project_name(),
            around: &around,
            catalog: "catalog",
            default_host: Some(name) == default,
            set: &[],
        };
        let outcome = rules::check(catalog, &plans, &Builds::default(), &loaded.findings);
        let made = outcome
            .checked
            .map(|checked| files(&checked, &[], &setting));
        hosts.push(MadeHost {
            default: setting.default_host,
            findings: outcome.findings,
            files: made,
            plans,
        });
    }
    Made {
        findings: loaded.findings.take(),
        hosts,
    }
}

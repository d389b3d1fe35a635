//! What `check` and `build` say of a catalog that is in memory still.

use bumpalo::Bump;

use super::super::build::budget_line;
use super::Site;
use crate::files::Tree;
use crate::finding::Finding;
use crate::outputs::{FileSet, Setting, files};
use crate::pipeline::{self, HostPlans, Loaded};
use crate::plan::Plan;
use crate::plan::surroundings::Surroundings;
use crate::report::Style;
use crate::report::short::short;
use crate::rule::Level;
use crate::rules::Checked;
use crate::source::Sources;
use crate::values::shown::shown;

/// A catalog, judged.
pub struct Verdict {
    /// Its errors, without those that are known already.
    pub new: String,
    /// How many these are.
    pub new_count: usize,
    /// How many errors it has in all.
    pub errors: usize,
    /// How many warnings it has.
    pub warnings: usize,
    /// The names of its modes, those of class test first.
    pub modes: Vec<String>,
    /// What is built from it, where it has no error.
    pub built: Option<Built>,
}

/// What is built.
pub struct Built {
    /// The files.
    pub files: FileSet,
    /// What each mode asks for against the budget, a line each.
    pub budgets: String,
}

/// Judges the files of a catalog, by name, for its first host. `known` is what was found in the files of which it was made.
pub fn judge(texts: &[(String, String)], site: &Site, known: &[Finding], style: Style) -> Verdict {
    let arena = Bump::new();
    let texts: Vec<(&str, &str)> = texts
        .iter()
        .map(|(name, text)| (name.as_str(), text.as_str()))
        .collect();
    let mut sources = Sources::of_texts(&texts, &arena);
    for file in &mut sources.files {
        file.path = site.shown_in_catalog(file.name);
    }
    let loaded = pipeline::load(&sources, &arena);
    let host = loaded.catalog.hosts.keys().next().copied();
    let hosts: Vec<_> = host
        .map(|host| loaded.plans(host, &arena))
        .into_iter()
        .collect();
    let judged = loaded.judge(&hosts, &Tree::Disk(site.root.clone()), &arena);
    let (errors, warnings): (Vec<Finding>, Vec<Finding>) = judged
        .findings
        .iter()
        .cloned()
        .partition(|finding| finding.level == Level::Error);
    let is_new = |finding: &&Finding| !known.iter().any(|other| is_same(finding, other));
    let new: Vec<Finding> = errors.iter().filter(is_new).cloned().collect();
    let checked = judged.outcomes.first().and_then(Option::as_ref);
    Verdict {
        new: short(&new, &sources, style),
        new_count: new.len(),
        errors: errors.len(),
        warnings: warnings.len(),
        modes: modes(&hosts),
        built: checked
            .zip(host)
            .map(|(checked, host)| built(checked, &loaded, host, site)),
    }
}

/// Whether the catalog's mistake is that of the files: which of two services tells it depends on their order.
fn is_same(finding: &Finding, other: &Finding) -> bool {
    let names_it =
        |service: &String| other.also.contains(service) || other.message.contains(&shown(service));
    finding.rule == other.rule
        && (finding.service == other.service || finding.service.as_ref().is_some_and(names_it))
}

fn built(checked: &Checked, loaded: &Loaded, host: &str, site: &Site) -> Built {
    let around = Surroundings::of(&loaded.catalog, host);
    let setting = Setting {
        project: loaded.catalog.project_name(),
        around: &around,
        catalog: &site.name,
        default_host: true,
        set: &[],
    };
    let plans = checked.plans();
    let width = plans.iter().map(|plan| plan.mode.len()).max().unwrap_or(0);
    Built {
        files: files(checked, &[], &setting),
        budgets: plans.iter().map(|plan| budget_line(plan, width)).collect(),
    }
}

/// The modes of the plans, those of class test first.
fn modes(hosts: &[HostPlans]) -> Vec<String> {
    let mut plans: Vec<&Plan> = hosts.first().into_iter().flatten().collect();
    plans.sort_by_key(|plan| plan.class);
    plans.iter().map(|plan| plan.mode.to_owned()).collect()
}

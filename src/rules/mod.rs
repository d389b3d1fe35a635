//! The rules over plans. A rule sees values and returns findings: it touches no file, no environment, no process and
//! no terminal. Each is a function of a `Context`, one line in `CHECKS`, one page in `pages/`, and its cases.
//!
//! What a rule of the reader finds (`unknown-key`, `bad-size`, ...) is found where it is read; the table of all names
//! is `src/rule.rs`.

mod addresses;
mod anchors;
mod awaited_jobs;
mod binds;
mod budget;
mod build_missing;
mod container_name;
mod cycles;
mod dependencies;
pub mod env;
mod extenders;
mod fence;
pub mod followers;
mod health;
mod host_mounts;
mod images;
mod isolation;
mod jobs;
pub mod leak_in_files;
mod limits;
mod membership;
mod mode_leak;
mod mounts;
mod near;
pub mod needs;
pub mod of_mode;
mod peer_names;
mod peer_texts;
mod peers;
mod port_conflict;
mod ports;
mod presence;
mod privileges;
mod process_memory;
mod production;
mod public_bind;
mod refused;
mod requires;
mod roles;
mod secrets;
mod sensitive_mount;
mod stated;
mod unpinned;
pub mod unused;
pub mod waivers;
pub mod way;

use std::collections::BTreeSet;

use crate::catalog::Catalog;
use crate::finding::{Finding, Findings, merged};
use crate::plan::builds::Builds;
use crate::plan::project::ProjectPlan;
use crate::plan::{Basis, Plan};
use crate::rule::Level;

/// What a rule sees: the catalog, and its plans of every mode on one host.
pub struct Context<'a, 's> {
    /// What the plans were made from.
    pub basis: Basis,
    /// The catalog.
    pub catalog: &'a Catalog<'s>,
    /// The plans, one for each mode, all of one host.
    pub plans: &'a [Plan<'s>],
    /// What is known of the files from which images are built.
    pub builds: &'a Builds,
    /// The project, where Compose files are judged: what stands in them as it is written.
    pub project: Option<&'a ProjectPlan<'s>>,
    /// Where findings are collected.
    pub findings: &'a Findings,
}

impl Context<'_, '_> {
    /// Adds a finding.
    pub fn add(&self, finding: Finding) {
        self.findings.add(finding);
    }
}

/// A rule, or a small family that looks at the same thing.
type Check = fn(&Context);

/// The checks of what holds of a service whatever runs beside it.
const ALONE: &[Check] = &[
    roles::check,
    requires::check,
    fence::check,
    membership::check,
    limits::check,
    process_memory::check,
    dependencies::check,
    jobs::check,
    health::check,
    peers::check,
    mode_leak::check,
    isolation::check,
    binds::check,
    secrets::check,
    images::check,
    build_missing::check,
    production::check,
    mounts::check,
    refused::check,
    waivers::check,
];

/// The checks of what holds only of services that run at the same time.
const TOGETHER: &[Check] = &[ports::check, container_name::check, addresses::check];

/// Plans that every rule has passed: the outputs take nothing else, and nothing but `check` makes one.
pub struct Checked<'a, 's> {
    plans: &'a [Plan<'s>],
}

impl<'a, 's> Checked<'a, 's> {
    /// The plans.
    pub fn plans(&self) -> &'a [Plan<'s>] {
        self.plans
    }
}

/// What a check of the plans of one host gives.
pub struct Outcome<'a, 's> {
    /// The plans, where no finding is an error.
    pub checked: Option<Checked<'a, 's>>,
    /// What was found, waivers applied, in a fixed order.
    pub findings: Vec<Finding>,
    /// The waivers that silenced something, by their places.
    pub used_waivers: BTreeSet<crate::place::Place>,
}

/// Applies every rule to the plans of one host, with what is known of the files that their images are built from. Findings of earlier stages are in `findings` already.
pub fn check<'a, 's>(
    catalog: &'a Catalog<'s>,
    plans: &'a [Plan<'s>],
    builds: &Builds,
    findings: &Findings,
) -> Outcome<'a, 's> {
    let context = Context {
        basis: Basis::Catalog,
        catalog,
        plans,
        builds,
        project: None,
        findings,
    };
    for check in ALONE.iter().chain(TOGETHER) {
        check(&context);
    }
    budget::check(&context);
    let mut found = findings.take_all();
    let used_waivers = match found.is_empty() {
        true => BTreeSet::new(),
        false => waivers::apply(catalog, plans, &mut found),
    };
    let mut found = merged(found);
    if !found.is_empty() {
        followers::drop_told(&mut found);
        way::explain(catalog, &mut found);
    }
    let errors = found.iter().any(|finding| finding.level == Level::Error);
    Outcome {
        checked: (!errors).then_some(Checked { plans }),
        findings: found,
        used_waivers,
    }
}

/// Applies the rules to a project of Compose files, whose findings are weighed as they come, and gives them with those
/// that were told when it was read. What holds only of services that run at the same time is asked of those that start
/// together.
pub fn check_project(
    project: &ProjectPlan,
    mut told: Vec<Finding>,
    findings: &Findings,
) -> Vec<Finding> {
    let builds = Builds::default();
    let run = |checks: &[Check], plan: &Plan| {
        let context = Context {
            basis: Basis::Compose,
            catalog: &project.catalog,
            plans: std::slice::from_ref(plan),
            builds: &builds,
            project: Some(project),
            findings,
        };
        checks.iter().for_each(|check| check(&context));
    };
    run(ALONE, &project.whole);
    let mut is_over = false;
    project.each_group(&mut |group| {
        run(TOGETHER, group);
        // What is too much without a profile is so with every one.
        if !is_over {
            let before = findings.errors();
            run(&[budget::check], group);
            is_over = findings.errors() > before;
        }
    });
    unused::unused(&project.catalog, &[&project.whole.usage], findings);
    told.extend(findings.take_all());
    followers::drop_told(&mut told);
    followers::drop(&project.catalog, &[], &mut told);
    told
}

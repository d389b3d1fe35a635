//! The rules over plans. A rule sees values and returns findings: it touches no file, no environment, no process and
//! no terminal. Each is a function of a `Context`, one line in `ALONE` or `TOGETHER`, one page in `pages/`, and its cases.
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
mod probed_ports;
mod process_memory;
mod production;
mod public_bind;
mod refused;
mod requires;
mod roles;
mod secret_names;
mod secrets;
mod sensitive_mount;
mod stated;
mod unpinned;
pub mod unused;
pub mod waivers;
pub mod way;

use std::cell::OnceCell;
use std::collections::BTreeSet;

use crate::catalog::Catalog;
use crate::compose::value::{Value, fetch, is_large};
use crate::finding::{Finding, Findings, merged};
use crate::plan::builds::Builds;
use crate::plan::project::ProjectPlan;
use crate::plan::{Basis, Plan, PlannedService};
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
    /// In what the rules of secrets have found none.
    pub seen: secret_names::Seen<'s>,
    /// Who extends a service of the fenced roles, once that was asked for.
    extending: OnceCell<Vec<fence::Link<'s>>>,
}

impl Context<'_, '_> {
    /// Adds a finding.
    pub fn add(&self, finding: Finding) {
        self.findings.add(finding);
    }
}

/// A rule, or a small family that looks at the same thing.
enum Check {
    /// It looks at all plans.
    All(fn(&Context)),
    /// It looks at one service after the other, whatever stands beside it: made ready for a plan, it gives what does so.
    Each(Each),
}

type Each = for<'c, 's> fn(&'c Context<'_, 's>, &'c Plan<'s>) -> Ready<'c, 's>;

/// A rule that is ready for the services of a plan.
pub type Ready<'c, 's> = Box<dyn Look<'c, 's> + 'c>;

/// What looks at the services of a plan, one after the other.
pub trait Look<'c, 's> {
    /// Looks at a service.
    fn service(&mut self, service: &'c PlannedService<'s>);

    /// Tells what is known only when all services were looked at.
    fn end(&mut self) {}
}

impl<'c, 's: 'c, F: FnMut(&'c PlannedService<'s>)> Look<'c, 's> for F {
    fn service(&mut self, service: &'c PlannedService<'s>) {
        self(service);
    }
}

/// The checks of what holds of a service whatever runs beside it.
const ALONE: &[Check] = &[
    Check::All(roles::check),
    Check::All(requires::check),
    Check::All(fence::check),
    Check::Each(fence::of_service),
    Check::All(membership::check),
    Check::Each(limits::check),
    Check::Each(process_memory::check),
    Check::Each(dependencies::of_service),
    Check::All(jobs::check),
    Check::Each(jobs::of_service),
    Check::Each(health::check),
    Check::Each(peers::check),
    Check::Each(mode_leak::check),
    Check::All(isolation::check),
    Check::All(binds::check),
    Check::All(secrets::check),
    Check::Each(secrets::of_service),
    Check::Each(images::missing),
    Check::All(images::shared),
    Check::All(build_missing::check),
    Check::Each(production::check),
    Check::Each(mounts::check),
    Check::Each(refused::check),
    Check::All(refused::networks),
    Check::All(waivers::check),
];

/// So many services are looked at by one rule before they are by the next: few enough that they stay in the caches,
/// and enough that the rule does, too.
const AT_ONCE: usize = 32;

/// Applies rules to services in turns of so many by name, in one plan after the other: plans have most of a service in
/// common, and what was found in one of them is asked by the next, see [`secret_names::Seen`].
fn each(context: &Context, checks: &[Each], at_once: usize) {
    let ready = |plan| checks.iter().map(|check| check(context, plan)).collect();
    let plans = context.plans.iter();
    let mut plans: Vec<(&[PlannedService], Vec<Ready>)> =
        plans.map(|plan| (&*plan.services, ready(plan))).collect();
    let is_large = context
        .plans
        .iter()
        .any(|plan| is_large(plan.services.len()));
    while let Some(last) = last_of_turn(plans.iter().map(|(services, _)| *services), at_once) {
        for (rest, ready) in &mut plans {
            let services = rest.iter().take_while(|service| service.rank <= last);
            let (services, behind) = rest.split_at(services.count());
            *rest = behind;
            if is_large && services.len() <= AT_ONCE {
                fetch(services.iter().map(|service| service.service.touch()));
            }
            for rule in ready {
                services.iter().for_each(|service| rule.service(service));
            }
        }
    }
    for (_, ready) in &mut plans {
        ready.iter_mut().for_each(|rule| rule.end());
    }
}

/// Up to which rank a turn goes that takes no more than so many of the services of any plan; `None` where none is left.
fn last_of_turn<'c, 's: 'c>(
    plans: impl Iterator<Item = &'c [PlannedService<'s>]>,
    at_once: usize,
) -> Option<usize> {
    let last = |services: &'c [PlannedService<'s>]| {
        let turn = services.iter().take(at_once);
        turn.map(|service| service.rank).max()
    };
    plans.filter_map(last).min()
}

/// The checks of what holds only of services that run at the same time.
const TOGETHER: &[Check] = &[
    Check::Each(ports::of_service),
    Check::All(ports::at_once),
    Check::All(container_name::check),
    Check::Each(addresses::of_service),
];

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
        seen: secret_names::Seen::default(),
        extending: OnceCell::new(),
    };
    let mut of_each = Vec::new();
    for check in ALONE.iter().chain(TOGETHER) {
        match check {
            Check::All(check) => check(&context),
            Check::Each(check) => of_each.push(*check),
        }
    }
    each(&context, &of_each, AT_ONCE);
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
        let context = of_project(project, plan, &builds, findings);
        // One rule after the other: which findings are kept, where there are too many, follows the rules.
        for check in checks {
            match check {
                Check::All(check) => check(&context),
                Check::Each(check) => each(&context, &[*check], usize::MAX),
            }
        }
    };
    run(ALONE, &project.whole);
    let mut is_over = false;
    project.each_group(&mut |group| {
        run(TOGETHER, group);
        // What is too much without a profile is so with every one.
        if !is_over {
            let before = findings.errors();
            run(&[Check::All(budget::check)], group);
            is_over = findings.errors() > before;
        }
    });
    unused::unused(&project.catalog, &[&project.whole.usage], findings);
    told.extend(findings.take_all());
    followers::drop_told(&mut told);
    followers::drop(&project.catalog, &[], &mut told);
    told
}

fn of_project<'a, 's>(
    project: &'a ProjectPlan<'s>,
    plan: &'a Plan<'s>,
    builds: &'a Builds,
    findings: &'a Findings,
) -> Context<'a, 's> {
    Context {
        basis: Basis::Compose,
        catalog: &project.catalog,
        plans: std::slice::from_ref(plan),
        builds,
        project: Some(project),
        findings,
        seen: secret_names::Seen::default(),
        extending: OnceCell::new(),
    }
}

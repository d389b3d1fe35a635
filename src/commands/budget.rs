//! `composegen budget`: what every mode asks for against what the host gives. It works where that is too much, since
//! it is there to mend that; everything else that is wrong with the catalog is told first, as elsewhere.

use super::{Exit, Failure, Result, Run, is_in_the_way, terminal::Terminal, unknown};
use crate::cli::{Budget, Format};
use crate::finding::Findings;
use crate::plan::amount::Amount;
use crate::plan::build::plans;
use crate::plan::builds::Builds;
use crate::plan::standing::standings;
use crate::plan::totals::Totals;
use crate::plan::what_if::{Change, KEYS, NoChange};
use crate::plan::{At, Plan, PlannedService};
use crate::report::budget::{Elsewhere, Report, Section, Tried, text};
use crate::report::visible;
use crate::rules;

/// How wide the text is where nobody says.
const WIDTH: usize = 80;

/// Shows sums and bars.
pub fn run(run: &Run, words: &Budget, terminal: &mut Terminal) -> Result {
    let Some((host, modes)) = super::selection(run, &words.selection)? else {
        return Ok(super::refuse(run, terminal));
    };
    let hosts = run.plans(host);
    let findings = run.judge(&hosts).findings;
    if findings.iter().any(is_in_the_way) {
        run.tell(&findings, Exit::Findings, false, terminal);
        if run.format == Format::Human {
            terminal.talk("no sums were made: mend these first\n");
        }
        return Ok(Exit::Findings);
    }
    let changes = changes(run, &words.what_if)?;
    let plans = hosts.into_iter().flatten().collect();
    let report = report(run, host, &modes, plans, &changes);
    match run.format {
        Format::Json => terminal.json(&report),
        Format::Human => {
            let width = terminal.width_or(WIDTH);
            terminal.data(&visible(&text(&report, width)));
        }
    }
    Ok(if report.fits {
        Exit::Fine
    } else {
        Exit::Findings
    })
}

/// What `--what-if` says.
fn changes<'t>(run: &Run, texts: &'t [String]) -> std::result::Result<Vec<Change<'t>>, Failure> {
    let services = &run.catalog().services;
    let mut changes: Vec<Change> = Vec::new();
    for text in texts {
        let change = Change::parse(text, |name| services.contains_key(name));
        let change = change.map_err(|why| match why {
            NoChange::Service(name) => unknown("service", name, services.keys().copied()),
            NoChange::Key(key) => unknown("limit to try called", key, KEYS.iter().copied()),
            NoChange::Text(refusal) => Failure {
                message: refusal.message,
                help: refusal.help,
            },
        })?;
        let key = (change.service, change.to.key());
        if changes.iter().any(|it| (it.service, it.to.key()) == key) {
            let message = format!("`--what-if` gives `{}.{}` twice", key.0, key.1);
            let help = Some("leave one of them out".to_owned());
            return Err(Failure { message, help });
        }
        changes.push(change);
    }
    Ok(changes)
}

fn report<'s>(
    run: &Run<'_, 's>,
    host: &str,
    modes: &[&str],
    mut plans: Vec<Plan<'s>>,
    changes: &[Change],
) -> Report {
    let (before, asking) = before(&plans, modes);
    let before = (!changes.is_empty()).then_some(before);
    let what_if = tried(&mut plans, changes, &asking);
    let standings = standings(&plans, modes);
    let sections = standings.iter().enumerate().map(|(at, standing)| {
        let before = before.as_ref().and_then(|all| all.get(at));
        Section::of(standing, run.catalog(), before)
    });
    let sections: Vec<Section> = sections.collect();
    let others = run.hosts().filter(|other| *other != host);
    Report {
        host: host.to_owned(),
        fits: sections.iter().all(|section| section.fits),
        what_if,
        standings: sections,
        other_hosts: others
            .map(|other| elsewhere(run, other, modes, changes))
            .collect(),
    }
}

/// The sums of every standing, and the modes that are in any of them: with one that was asked for also those that run
/// at the same time.
fn before<'s>(plans: &[Plan<'s>], modes: &[&str]) -> (Vec<Totals>, Vec<&'s str>) {
    let standings = standings(plans, modes);
    let sums = standings.iter().map(|standing| standing.sums).collect();
    let is_asking = |plan: &&Plan<'s>| {
        let mut all = standings.iter().flat_map(|it| it.asking.plans());
        all.any(|other| other.mode == plan.mode)
    };
    let modes = plans.iter().filter(is_asking).map(|plan| plan.mode);
    (sums, modes.collect())
}

/// How the modes stand on another host.
fn elsewhere(run: &Run, host: &str, modes: &[&str], changes: &[Change]) -> Elsewhere {
    // What is wrong there is for `check` to tell.
    let findings = Findings::new();
    let catalog = run.catalog();
    let mut plans = plans(catalog, host, run.arena, &findings);
    let errors = rules::check(catalog, &plans, &Builds::default(), &findings)
        .findings
        .iter()
        .any(is_in_the_way);
    changes
        .iter()
        .for_each(|change| drop(change.apply(&mut plans)));
    let standings = match errors {
        true => Vec::new(),
        false => standings(&plans, modes),
    };
    Elsewhere {
        host: host.to_owned(),
        errors,
        standings: standings
            .iter()
            .map(|standing| Section::without_rows(standing, catalog, None))
            .collect(),
    }
}

/// A service before and after all changes, in one mode.
struct Both<'s> {
    mode: &'s str,
    before: PlannedService<'s>,
    after: PlannedService<'s>,
}

/// Changes the plans, and says what that changes: also a reservation that follows its limit.
fn tried(plans: &mut [Plan], changes: &[Change], modes: &[&str]) -> Vec<Tried> {
    let mut all: Vec<Both> = Vec::new();
    for change in changes {
        for changed in change.apply(plans) {
            let name = changed.before.name;
            let same = |both: &&mut Both| (both.mode, both.before.name) == (changed.mode, name);
            match all.iter_mut().find(same) {
                Some(both) => both.after = changed.after,
                None => all.push(Both {
                    mode: changed.mode,
                    before: changed.before,
                    after: changed.after,
                }),
            }
        }
    }
    all.retain(|both| modes.contains(&both.mode));
    let mut tried = Vec::new();
    for both in &all {
        KEYS.iter()
            .for_each(|key| note(both, key, changes, &mut tried));
    }
    for change in changes {
        let key = change.to.key();
        if !all.iter().any(|both| both.before.name == change.service) {
            tried.push(Tried {
                service: change.service.to_owned(),
                key,
                before: None,
                after: change.to.units(),
                modes: Vec::new(),
            });
        }
    }
    tried
}

/// Notes one amount of a service, where it was asked for or differs.
fn note(both: &Both, key: &'static str, changes: &[Change], tried: &mut Vec<Tried>) {
    let name = both.before.name;
    let (before, after) = (units(&both.before, key), units(&both.after, key));
    let asked = changes
        .iter()
        .any(|change| (change.service, change.to.key()) == (name, key));
    if !asked && before == after {
        return;
    }
    let same = |tried: &&mut Tried| {
        (tried.service.as_str(), tried.key, tried.before, tried.after) == (name, key, before, after)
    };
    match tried.iter_mut().find(same) {
        Some(known) => known.modes.push(both.mode.to_owned()),
        None => tried.push(Tried {
            service: name.to_owned(),
            key,
            before,
            after,
            modes: vec![both.mode.to_owned()],
        }),
    }
}

/// An amount of one container, in the smallest unit.
fn units(service: &PlannedService, key: &str) -> Option<u64> {
    fn of<T: Amount>(at: Option<At<T>>) -> Option<u64> {
        at.map(|at| at.value.units())
    }
    let limits = &service.limits;
    match key {
        "memory" => of(limits.memory.limit),
        "cpus" => of(limits.cpus.limit),
        _ => of(limits.memory.reservation),
    }
}

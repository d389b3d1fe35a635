//! What two modes do differently: services, limits, values. Secrets are variables, so no value of one can show.

use std::collections::BTreeMap;

use rustc_hash::FxHashSet;

use super::markdown::{Table, code, codes, push_code, push_codes};
use super::push;
use crate::outputs::banner;
use crate::plan::scope::Absence;
use crate::plan::surroundings::Surroundings;
use crate::plan::{Plan, PlannedService};
use crate::values::cpus::Cpus;
use crate::values::memory::Memory;

/// The most values that a table of differences holds.
const MOST_ROWS: usize = 60;

/// Each mode against the first.
pub fn text(out: &mut String, plans: &[&Plan], around: &Surroundings) {
    let Some((first, others)) = plans.split_first() else {
        return;
    };
    if others.is_empty() {
        return push(out, &["There is one mode, `", first.mode, "`."]);
    }
    for (at, other) in others.iter().enumerate() {
        out.push_str(if at > 0 { "\n\n" } else { "" });
        between(out, first, other, around);
    }
}

fn between(out: &mut String, one: &Plan, other: &Plan, around: &Surroundings) {
    only(out, one, other, around);
    only(out, other, one, around);
    push(
        out,
        &[
            "- Each is a Compose project of its own, `",
            one.project,
            "` and `",
            other.project,
            "`: networks, container names and volumes are apart, unless the next lines say otherwise.",
        ],
    );
    let names = shared(one, other);
    if !names.is_empty() {
        push(out, &["\n- They share on purpose: ", &codes(names), "."]);
    }
    limits(out, one, other);
    values(out, one, other);
}

/// The services that one mode has and another has not, with the reason.
fn only(out: &mut String, here: &Plan, there: &Plan, around: &Surroundings) {
    let services = here.beside(there);
    let absent = services.filter_map(|(service, there)| there.is_none().then_some(service));
    let absent: Vec<&PlannedService> = absent.collect();
    if absent.is_empty() {
        return push(
            out,
            &[
                "- Every service of `",
                here.mode,
                "` is in `",
                there.mode,
                "` too.\n",
            ],
        );
    }
    push(out, &["- Only in `", here.mode, "`:\n"]);
    for (why, names) in by_reason(absent, there, around) {
        out.push_str("  - ");
        push_codes(out, names);
        if let Some(why) = why {
            push(out, &[": ", &why.reason(there.mode, there.host)]);
        }
        out.push('\n');
    }
}

/// Services with the reason why they are not there, each reason where its first service stands.
fn by_reason<'s>(
    absent: Vec<&PlannedService<'s>>,
    there: &Plan,
    around: &Surroundings<'s>,
) -> Vec<(Option<Absence<'s>>, Vec<&'s str>)> {
    let mut of_modes = around.absent.iter();
    let of_mode = of_modes.find(|(mode, _)| *mode == there.mode);
    let reasons = of_mode.map_or(&[][..], |(_, reasons)| reasons);
    let mut by_reason: Vec<(Option<Absence>, Vec<&str>)> = Vec::new();
    for PlannedService { name, rank, .. } in absent {
        let why = reasons.get(*rank).copied().flatten();
        // There are few: a mode, a role, a condition.
        match by_reason.iter_mut().find(|(known, _)| *known == why) {
            Some((_, names)) => names.push(name),
            None => by_reason.push((why, vec![name])),
        }
    }
    by_reason
}

/// The volumes and networks that both use on purpose.
fn shared<'s>(one: &Plan<'s>, other: &Plan) -> Vec<&'s str> {
    let both = |mine: Vec<&'s str>, theirs: Vec<&str>| {
        let theirs: FxHashSet<&str> = theirs.into_iter().collect();
        let both = mine.into_iter().filter(|name| theirs.contains(name));
        both.collect::<Vec<&str>>()
    };
    let volumes = banner::shared_volumes;
    let mut names = both(volumes(one), volumes(other));
    let networks = banner::shared_networks;
    names.extend(both(networks(one), networks(other)));
    names
}

/// The services that both have, each with both.
fn pairs<'p, 's>(
    one: &'p Plan<'s>,
    other: &'p Plan<'s>,
) -> impl Iterator<Item = (&'p PlannedService<'s>, &'p PlannedService<'s>)> {
    one.beside(other)
        .filter_map(|(service, there)| Some((service, there?)))
}

fn limits(out: &mut String, one: &Plan, other: &Plan) {
    let start = out.len();
    out.push_str("\n\nLimits:\n\n");
    let mut table = Table::new(out, &["service", one.mode, other.mode]);
    let mut any = false;
    for (a, b) in pairs(one, other) {
        if amounts(a) == amounts(b) {
            continue;
        }
        let (mine, theirs) = (limit(a), limit(b));
        if mine != theirs {
            any = true;
            table.cell(|out| push_code(out, a.name));
            table.row(&[&mine, &theirs]);
        }
    }
    table.finish();
    if !any {
        out.truncate(start);
    }
}

fn amounts(service: &PlannedService) -> (Option<Memory>, Option<Cpus>) {
    let (memory, cpus) = (&service.limits.memory.limit, &service.limits.cpus.limit);
    (memory.map(|at| at.value), cpus.map(|at| at.value))
}

fn limit(service: &PlannedService) -> String {
    let (memory, cpus) = amounts(service);
    let mut text = memory.map(Memory::human).unwrap_or_default();
    if let Some(cpus) = cpus {
        text.push_str(if text.is_empty() { "" } else { ", " });
        cpus.push_to(&mut text);
        text.push_str(" CPUs");
    }
    text
}

/// Environment values that differ, each once, with who gets them.
fn values(out: &mut String, one: &Plan, other: &Plan) {
    let mut found: BTreeMap<(&str, String, String), Vec<&str>> = BTreeMap::new();
    for (a, b) in pairs(one, other) {
        let theirs = b.service.environment.copied().unwrap_or_default();
        let mine = a.service.environment.copied().unwrap_or_default();
        for (at, (key, _, value)) in mine.iter().enumerate() {
            let other_value = theirs.get_near(at, key).and_then(|value| value.0);
            let texts = (
                value.0.map(|text| text.text),
                other_value.map(|text| text.text),
            );
            if texts.0 == texts.1 {
                continue;
            }
            let (mine, theirs) = (shown(texts.0), shown(texts.1));
            if mine != theirs {
                found.entry((key, mine, theirs)).or_default().push(a.name);
            }
        }
    }
    if found.is_empty() {
        return;
    }
    out.push_str("\n\nValues that services get:\n\n");
    let heads = [
        "variable of the container",
        one.mode,
        other.mode,
        "services",
    ];
    let mut table = Table::new(out, &heads);
    for ((key, mine, theirs), services) in found.iter().take(MOST_ROWS) {
        table.cell(|out| push_code(out, key));
        table.row(&[mine, theirs, &who(services)]);
    }
    table.finish();
    let more = found.len().saturating_sub(MOST_ROWS);
    if more > 0 {
        out.push_str(&format!(
            "\n\n{more} more differ: `composegen show SERVICE`."
        ));
    }
}

fn who(services: &[&str]) -> String {
    match services {
        [_, _, _, _, ..] => format!("{} services", services.len()),
        few => codes(few),
    }
}

/// A value as people know it: `${NAME}` without what Compose does where it is missing.
fn shown(value: Option<&str>) -> String {
    let Some(value) = value else {
        return "-".to_owned();
    };
    let bare = crate::values::interpolation::without_operators(value);
    code(&bare)
}

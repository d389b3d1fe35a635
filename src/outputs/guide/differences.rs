//! What two modes do differently: services, limits, values. Secrets are variables, so no value of one can show.

use std::collections::BTreeMap;

use indexmap::IndexMap;
use rustc_hash::{FxBuildHasher, FxHashMap, FxHashSet};

use super::markdown::{Table, code, codes};
use crate::outputs::banner;
use crate::plan::scope::Absence;
use crate::plan::surroundings::Surroundings;
use crate::plan::{Plan, PlannedService};
use crate::values::cpus::Cpus;
use crate::values::memory::Memory;

/// The most values that a table of differences holds.
const MOST_ROWS: usize = 60;

/// Each mode against the first.
pub fn text(plans: &[&Plan], around: &Surroundings) -> String {
    let Some((first, others)) = plans.split_first() else {
        return String::new();
    };
    if others.is_empty() {
        return format!("There is one mode, `{}`.", first.mode);
    }
    let each = others.iter().map(|other| between(first, other, around));
    each.collect::<Vec<_>>().join("\n\n")
}

fn between(one: &Plan, other: &Plan, around: &Surroundings) -> String {
    let mut parts = vec![
        only(one, other, around),
        only(other, one, around),
        format!(
            "- Each is a Compose project of its own, `{}` and `{}`: networks, container names and volumes are apart, \
             unless the next lines say otherwise.",
            one.project, other.project
        ),
    ];
    parts.extend(shared(one, other));
    let values = values(one, other);
    let limits = limits(one, other);
    let mut text = parts.join("\n");
    for (title, table) in [("Limits", limits), ("Values that services get", values)] {
        if let Some(table) = table {
            text.push_str(&format!("\n\n{title}:\n\n{table}"));
        }
    }
    text
}

/// The services that one mode has and another has not, with the reason.
fn only(here: &Plan, there: &Plan, around: &Surroundings) -> String {
    let mut by_reason: IndexMap<Option<Absence>, Vec<&str>, FxBuildHasher> = IndexMap::default();
    let reasons: FxHashMap<&str, Absence> = around
        .absent
        .iter()
        .filter(|(mode, ..)| *mode == there.mode)
        .map(|(_, name, why)| (*name, *why))
        .collect();
    let absent = here
        .services
        .iter()
        .filter(|service| !there.index.contains_key(service.name));
    for service in absent {
        let why = reasons.get(service.name).copied();
        by_reason.entry(why).or_default().push(service.name);
    }
    if by_reason.is_empty() {
        return format!(
            "- Every service of `{}` is in `{}` too.",
            here.mode, there.mode
        );
    }
    let lines = by_reason.into_iter().map(|(why, names)| match why {
        None => format!("  - {}", codes(names)),
        Some(why) => {
            let why = why.reason(there.mode, there.host);
            format!("  - {}: {why}", codes(names))
        }
    });
    let lines: Vec<String> = lines.collect();
    format!("- Only in `{}`:\n{}", here.mode, lines.join("\n"))
}

fn shared<'s>(one: &Plan<'s>, other: &Plan) -> Option<String> {
    let both = |mine: Vec<&'s str>, theirs: Vec<&str>| {
        let theirs: FxHashSet<&str> = theirs.into_iter().collect();
        let both = mine.into_iter().filter(|name| theirs.contains(name));
        both.collect::<Vec<&str>>()
    };
    let volumes = banner::shared_volumes;
    let mut names = both(volumes(one), volumes(other));
    let networks = banner::shared_networks;
    names.extend(both(networks(one), networks(other)));
    (!names.is_empty()).then(|| format!("- They share on purpose: {}.", codes(names)))
}

/// The services that both have, each with both.
fn pairs<'p, 's>(
    one: &'p Plan<'s>,
    other: &'p Plan<'s>,
) -> impl Iterator<Item = (&'p PlannedService<'s>, &'p PlannedService<'s>)> {
    let services = one.services.iter();
    services.filter_map(|service| {
        let at = other.index.get(service.name)?;
        Some((service, other.services.get(*at)?))
    })
}

fn limits(one: &Plan, other: &Plan) -> Option<String> {
    let mut table = Table::new(&["service", one.mode, other.mode]);
    let mut any = false;
    for (a, b) in pairs(one, other) {
        if amounts(a) == amounts(b) {
            continue;
        }
        let (mine, theirs) = (limit(a), limit(b));
        if mine != theirs {
            any = true;
            table.row(&[code(a.name), mine, theirs]);
        }
    }
    any.then(|| table.finish())
}

fn amounts(service: &PlannedService) -> (Option<Memory>, Option<Cpus>) {
    let (memory, cpus) = (&service.limits.memory.limit, &service.limits.cpus.limit);
    (memory.map(|at| at.value), cpus.map(|at| at.value))
}

fn limit(service: &PlannedService) -> String {
    let (memory, cpus) = amounts(service);
    let memory = memory.map(Memory::human);
    let cpus = cpus.map(|cpus| format!("{cpus} CPUs"));
    let parts: Vec<String> = memory.into_iter().chain(cpus).collect();
    parts.join(", ")
}

/// Environment values that differ, each once, with who gets them.
fn values(one: &Plan, other: &Plan) -> Option<String> {
    let mut found: BTreeMap<(&str, String, String), Vec<&str>> = BTreeMap::new();
    for (a, b) in pairs(one, other) {
        let theirs = b.service.environment.copied().unwrap_or_default();
        for (key, _, value) in a.service.environment.copied().unwrap_or_default().iter() {
            let other_value = theirs.get(key).and_then(|value| value.0);
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
        return None;
    }
    let mut table = Table::new(&[
        "variable of the container",
        one.mode,
        other.mode,
        "services",
    ]);
    for ((key, mine, theirs), services) in found.iter().take(MOST_ROWS) {
        table.row(&[code(key), mine.clone(), theirs.clone(), who(services)]);
    }
    let more = found.len().saturating_sub(MOST_ROWS);
    let mut text = table.finish();
    if more > 0 {
        text.push_str(&format!(
            "\n\n{more} more differ: `composegen show SERVICE`."
        ));
    }
    Some(text)
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

//! What two modes do differently: services, limits, values. Secrets are variables, so no value of one can show.

use std::borrow::Cow;

use indexmap::IndexMap;
use rustc_hash::{FxBuildHasher, FxHashMap, FxHashSet};

use super::markdown::{Table, code, codes, push_code, push_codes};
use super::push;
use super::rows::ServiceRows;
use crate::compose::keyed::are_same;
use crate::compose::value::{Ahead, Value};
use crate::outputs::banner;
use crate::plan::scope::Absence;
use crate::plan::surroundings::Surroundings;
use crate::plan::{Plan, PlannedService};
use crate::values::cpus::Cpus;
use crate::values::interpolation::without_operators;
use crate::values::memory::Memory;

/// The most values that a table of differences holds.
const MOST_ROWS: usize = 60;

type FxIndexMap<K, V> = IndexMap<K, V, FxBuildHasher>;

/// The most services that are named beside a value.
const MOST_NAMED: usize = 3;

/// Each mode against the first; `services` are those of all modes.
pub fn text(out: &mut String, plans: &[&Plan], services: &ServiceRows, around: &Surroundings) {
    let Some((first, others)) = plans.split_first() else {
        return;
    };
    if others.is_empty() {
        return push(out, &["There is one mode, `", first.mode, "`."]);
    }
    for (at, other) in others.iter().enumerate() {
        out.push_str(if at > 0 { "\n\n" } else { "" });
        let found = Found::between(services, at + 1);
        between(out, (first, other), &found, around);
    }
}

fn between(out: &mut String, (one, other): (&Plan, &Plan), found: &Found, around: &Surroundings) {
    only(out, one, other, &found.only[0], around);
    only(out, other, one, &found.only[1], around);
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
    limits(out, one, other, &found.limits);
    values(out, one, other, &found.values);
}

/// What two plans do differently, service by service: one walk along both, since they may be larger than the caches.
#[derive(Default)]
struct Found<'p, 's> {
    /// The services that only the one, only the other has: their names and ranks.
    only: [Vec<(&'s str, usize)>; 2],
    /// The services with other limits, in both.
    limits: Vec<(&'p PlannedService<'s>, &'p PlannedService<'s>)>,
    /// Variables of containers with their values in both, and who gets them.
    values: FxHashMap<(&'s str, Shown<'s>, Shown<'s>), Who<'s>>,
}

impl<'p, 's> Found<'p, 's> {
    /// Between the first mode and another one.
    fn between(services: &ServiceRows<'p, 's>, other: usize) -> Self {
        let mut found = Found::default();
        let mut ahead = Ahead::of(services.iter(), services.count());
        for (rank, there) in services.iter() {
            ahead.next(|(_, there)| match (there[0], there[other]) {
                (Some(a), Some(b)) => [a, b].into_iter().fold(0, |all, service| {
                    all ^ service.service.environment.map_or(0, Value::touch)
                }),
                _ => 0,
            });
            match (there[0], there[other]) {
                (Some(a), Some(b)) => found.pair(a, b),
                (Some(one), None) => found.only[0].push((one.name, rank)),
                (None, Some(other)) => found.only[1].push((other.name, rank)),
                (None, None) => {}
            }
        }
        found
    }

    /// A service that both have.
    fn pair(&mut self, a: &'p PlannedService<'s>, b: &'p PlannedService<'s>) {
        if amounts(a) != amounts(b) {
            self.limits.push((a, b));
        }
        let mine = a.service.environment.copied().unwrap_or_default();
        let theirs = b.service.environment.copied().unwrap_or_default();
        for (at, entry) in mine.entries.iter().enumerate() {
            let near = theirs.entries.get(at);
            if near.is_some_and(|near| std::ptr::eq(*near, *entry)) {
                continue;
            }
            let key = entry.key;
            let mine = entry.slot.get().and_then(|value| value.0);
            let mine = mine.map(|text| text.text);
            let theirs = theirs.get_near(at, key).and_then(|value| value.0);
            let theirs = theirs.map(|text| text.text);
            let is_same = match (mine, theirs) {
                (Some(mine), Some(theirs)) => are_same(mine, theirs),
                (mine, theirs) => mine == theirs,
            };
            if is_same {
                continue;
            }
            let (mine, theirs) = (mine.map(without_operators), theirs.map(without_operators));
            if mine != theirs {
                self.values
                    .entry((key, mine, theirs))
                    .or_default()
                    .add(a.name);
            }
        }
    }
}

/// A value as people know it: `${NAME}` without what Compose does where it is missing.
type Shown<'s> = Option<Cow<'s, str>>;

/// Who gets a value: so many, and the first of them.
#[derive(Default)]
struct Who<'s> {
    count: usize,
    first: [&'s str; MOST_NAMED],
}

impl<'s> Who<'s> {
    fn add(&mut self, name: &'s str) {
        if let Some(free) = self.first.get_mut(self.count) {
            *free = name;
        }
        self.count += 1;
    }

    fn text(&self) -> String {
        match self.first.get(..self.count) {
            Some(few) => codes(few),
            None => format!("{} services", self.count),
        }
    }
}

/// The services that one mode has and another has not, with the reason.
fn only(
    out: &mut String,
    here: &Plan,
    there: &Plan,
    absent: &[(&str, usize)],
    around: &Surroundings,
) {
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
fn by_reason<'a, 's>(
    absent: &[(&'a str, usize)],
    there: &Plan,
    around: &Surroundings<'s>,
) -> FxIndexMap<Option<Absence<'s>>, Vec<&'a str>> {
    let mut of_modes = around.absent.iter();
    let of_mode = of_modes.find(|(mode, _)| *mode == there.mode);
    let reasons = of_mode.map_or(&[][..], |(_, reasons)| reasons);
    let mut by_reason: FxIndexMap<Option<Absence>, Vec<&str>> = FxIndexMap::default();
    for (name, rank) in absent {
        let why = reasons.get(*rank).copied().flatten();
        by_reason.entry(why).or_default().push(name);
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

fn limits(
    out: &mut String,
    one: &Plan,
    other: &Plan,
    found: &[(&PlannedService, &PlannedService)],
) {
    let shown = found.iter().map(|(a, b)| (a.name, limit(a), limit(b)));
    let shown: Vec<_> = shown.filter(|(_, mine, theirs)| mine != theirs).collect();
    if shown.is_empty() {
        return;
    }
    out.push_str("\n\nLimits:\n\n");
    let mut table = Table::new(out, &["service", one.mode, other.mode]);
    for (name, mine, theirs) in &shown {
        table.cell(|out| push_code(out, name));
        table.row(&[mine, theirs]);
    }
    table.finish();
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
fn values(
    out: &mut String,
    one: &Plan,
    other: &Plan,
    found: &FxHashMap<(&str, Shown, Shown), Who>,
) {
    if found.is_empty() {
        return;
    }
    let mut rows: Vec<_> = found.iter().collect();
    if rows.len() > MOST_ROWS {
        // Not all of them have to be sorted for the first ones.
        rows.select_nth_unstable_by_key(MOST_ROWS, |(key, _)| *key);
        rows.truncate(MOST_ROWS);
    }
    rows.sort_unstable_by_key(|(key, _)| *key);
    out.push_str("\n\nValues that services get:\n\n");
    let heads = [
        "variable of the container",
        one.mode,
        other.mode,
        "services",
    ];
    let mut table = Table::new(out, &heads);
    for ((key, mine, theirs), who) in rows {
        table.cell(|out| push_code(out, key));
        table.row(&[&shown(mine), &shown(theirs), &who.text()]);
    }
    table.finish();
    let more = found.len().saturating_sub(MOST_ROWS);
    if more > 0 {
        out.push_str(&format!(
            "\n\n{more} more differ: `composegen show SERVICE`."
        ));
    }
}

fn shown(value: &Shown) -> String {
    value.as_deref().map_or_else(|| "-".to_owned(), code)
}

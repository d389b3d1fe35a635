//! What two modes may not have in common without saying why: `shared-volume`, `shared-network`,
//! `shared-container-name`. Modes are told apart by the names that things have on the engine.

use std::borrow::Cow;

use rustc_hash::FxHashMap;

use crate::catalog::Catalog;
use crate::compose::list::List;
use crate::compose::network::{External, is_external};
use crate::compose::scalar::Text;
use crate::finding::Finding;
use crate::place::Place;
use crate::plan::{Plan, Planned, PlannedService};
use crate::rule::Rule;
use crate::rules::{Context, waivers};
use crate::values::interpolation::with_defaults;
use crate::values::shown::shown;

/// Adds what the modes share.
pub fn check(context: &Context) {
    let (catalog, plans) = (context.catalog, context.plans);
    if plans.len() < 2 {
        return;
    }
    projects(context);
    let count = plans.iter().map(|plan| plan.volumes.len()).sum();
    let all = plans.iter().flat_map(|plan| volumes(catalog, plan));
    shared(context, &VOLUMES, count, all);
    let count = plans.iter().map(|plan| plan.networks.len()).sum();
    let all = plans.iter().flat_map(|plan| networks(catalog, plan));
    shared(context, &NETWORKS, count, all);
    container_names(context);
}

/// The text as two modes would both have it; `None` where a variable decides, which each mode sets for itself.
fn known(text: &str) -> Option<Cow<'_, str>> {
    match text.contains('$') {
        true => with_defaults(text),
        false => Some(Cow::Borrowed(text)),
    }
}

/// Two modes that are one Compose project share everything, also what has no name in the catalog.
fn projects(context: &Context) {
    let mut first: FxHashMap<&str, usize> = FxHashMap::default();
    for (at, plan) in context.plans.iter().enumerate() {
        match first.get(plan.project) {
            Some(other) => {
                context.add(one_project(context.catalog, &context.plans[*other], plan));
            }
            None => {
                first.insert(plan.project, at);
            }
        }
    }
}

fn one_project(catalog: &Catalog, one: &Plan, other: &Plan) -> Finding {
    let message = format!(
        "the modes `{}` and `{}` are one Compose project, {}, and share every network and volume",
        one.mode,
        other.mode,
        shown(other.project)
    );
    let written = |plan: &Plan| {
        let mode = catalog.modes.get(plan.mode)?;
        Some(mode.value.project?.place)
    };
    let place = written(other).or(written(one)).unwrap_or(other.mode_place);
    Finding::new(Rule::SharedNetwork, place, message)
        .help("leave `project` out, or give each mode another one")
}

/// Volumes or networks.
struct Kind {
    rule: Rule,
    what: &'static str,
    /// Whether a service uses the one of a key.
    uses: fn(&PlannedService, &str) -> bool,
}

const VOLUMES: Kind = Kind {
    rule: Rule::SharedVolume,
    what: "volume",
    uses: mounts,
};

const NETWORKS: Kind = Kind {
    rule: Rule::SharedNetwork,
    what: "network",
    uses: joins,
};

fn mounts(service: &PlannedService, key: &str) -> bool {
    let mounts = service.service.volumes.map_or(&[][..], |list| list.items);
    mounts
        .iter()
        .filter_map(|mount| mount.facts())
        .any(|facts| !facts.bind && facts.source == Some(key))
}

fn joins(service: &PlannedService, key: &str) -> bool {
    match service.networks() {
        Some(networks) => networks.get(key).is_some(),
        None => key == "default" && service.service.network_mode().is_none(),
    }
}

/// A volume or network of a mode.
#[derive(Clone, Copy)]
struct Thing<'a, 's> {
    plan: &'a Plan<'s>,
    key: &'s str,
    /// Where its key was written.
    place: Place,
    /// Its name on the engine.
    name: &'s str,
    /// The line that takes the name out of the mode's project: `name` or `external`.
    fixed: Option<Place>,
    /// Whether this mode declares that it shares it.
    shared: bool,
    modes: Option<&'s List<'s, Text<'s>>>,
    reason: Option<&'s Text<'s>>,
}

impl Thing<'_, '_> {
    fn is_declared(&self) -> bool {
        let reason = self.reason.map_or("", |reason| reason.text);
        self.shared && !reason.trim().is_empty()
    }

    /// Whether the name comes from the project alone.
    fn is_plain(&self) -> bool {
        self.fixed.is_none() && !self.shared
    }
}

fn volumes<'a, 's>(
    catalog: &'a Catalog<'s>,
    plan: &'a Plan<'s>,
) -> impl Iterator<Item = Thing<'a, 's>> {
    plan.volumes.iter().map(move |planned| {
        let written = catalog.volumes.get(planned.key).map(|item| item.value);
        let written = written.unwrap_or_default();
        Thing {
            modes: written.shared,
            reason: written.reason,
            ..thing(plan, planned, written.name, written.external)
        }
    })
}

fn networks<'a, 's>(
    catalog: &'a Catalog<'s>,
    plan: &'a Plan<'s>,
) -> impl Iterator<Item = Thing<'a, 's>> {
    plan.networks.iter().map(move |planned| {
        let written = catalog.networks.get(planned.key).map(|item| item.value);
        let written = written.unwrap_or_default();
        Thing {
            modes: written.shared,
            reason: written.reason,
            ..thing(plan, planned, written.name, written.external)
        }
    })
}

fn thing<'a, 's, T>(
    plan: &'a Plan<'s>,
    planned: &Planned<'s, T>,
    name: Option<&'s Text<'s>>,
    external: Option<&'s External<'s>>,
) -> Thing<'a, 's> {
    let external = external.filter(|external| is_external(external));
    let by_hand = external.filter(|_| name.is_none() && !planned.shared);
    Thing {
        plan,
        key: planned.key,
        place: planned.place,
        name: by_hand.map_or(planned.engine_name, |external| {
            found_as(planned.key, external)
        }),
        fixed: name.map(|name| name.place).or(external.map(external_place)),
        shared: planned.shared,
        modes: None,
        reason: None,
    }
}

/// Under which name Compose looks for what is external and has no `name`.
fn found_as<'s>(key: &'s str, external: &External<'s>) -> &'s str {
    match external {
        External::Short(_) => key,
        External::Long(long) => long.name.map_or(key, |name| name.text),
    }
}

fn external_place(external: &External) -> Place {
    match external {
        External::Short(yes) => yes.place,
        External::Long(long) => long.place,
    }
}

/// Adds a finding for each name that two modes have, unless both declare it with a reason. `count`: how many things there
/// are at most.
fn shared<'a, 's: 'a>(
    context: &Context,
    kind: &Kind,
    count: usize,
    things: impl Iterator<Item = Thing<'a, 's>>,
) {
    let named = |thing: Thing<'a, 's>| Some((known(thing.name)?, thing));
    let mut all: Vec<(Cow<str>, Thing)> = Vec::with_capacity(count);
    all.extend(things.filter_map(named));
    let mut first: FxHashMap<&str, usize> =
        FxHashMap::with_capacity_and_hasher(all.len(), Default::default());
    for (at, (name, thing)) in all.iter().enumerate() {
        let Some((_, other)) = first.get(&**name).map(|other| &all[*other]) else {
            first.insert(name, at);
            continue;
        };
        let same_mode = other.plan.mode == thing.plan.mode;
        let at_once = other.plan.concurrent.is_some() && thing.plan.concurrent.is_some();
        if at_once && !same_mode && kind.rule == Rule::SharedVolume {
            context.add(volume_at_once(kind, other, thing));
            continue;
        }
        let declared = other.is_declared() && thing.is_declared();
        // Modes of one project share everything: that is told once, for the project.
        let told = other.is_plain() && thing.is_plain() && other.plan.project == thing.plan.project;
        if !same_mode && !declared && !told {
            context.add(shared_thing(kind, other, thing));
        }
    }
}

/// Two modes that run at once on one volume: two programs would write into the same files.
fn volume_at_once(kind: &Kind, one: &Thing, other: &Thing) -> Finding {
    let message = format!(
        "the volume `{}` belongs to the modes `{}` and `{}`, which run at the same time on {}",
        other.key,
        one.plan.mode,
        other.plan.mode,
        shown(other.plan.host)
    );
    let place = other.modes.map(|modes| modes.place).or(other.fixed);
    let finding = Finding::new(kind.rule, place.unwrap_or(other.place), message).help(
        "give one mode a service and a volume of its own there, or do not run both at once; no reason lifts this",
    );
    in_both(finding.firm(), kind, one, other)
}

fn shared_thing(kind: &Kind, one: &Thing, other: &Thing) -> Finding {
    let (what, key) = (kind.what, other.key);
    let by_word = one.shared && other.shared;
    let message = match by_word {
        true => format!("the {what} `{key}` is shared by two modes without a reason"),
        false => format!(
            "the {what} `{key}` is the same in two modes: on the engine it is {}",
            shown(other.name)
        ),
    };
    let help = match by_word {
        true => "write the reason beside `shared`: `reason: \"...\"`".to_owned(),
        false => format!(
            "leave the fixed name out; if both are meant to use it, write `shared: [{}, {}]` with a `reason`",
            one.plan.mode, other.plan.mode
        ),
    };
    let place = match by_word {
        true => other.modes.map(|modes| modes.place),
        false => other.fixed,
    };
    let finding = Finding::new(kind.rule, place.unwrap_or(other.place), message).help(help);
    let finding = match one.key == other.key {
        true => finding,
        false => finding.second(one.fixed.unwrap_or(one.place), "the same name here"),
    };
    in_both(finding, kind, one, other)
}

/// Names both modes, and a service of them whose waiver counts: the first that waives the rule, else the first.
fn in_both(mut finding: Finding, kind: &Kind, one: &Thing, other: &Thing) -> Finding {
    let mut all = users(kind, one).chain(users(kind, other));
    let waiving = all.find(|service| waivers::is_waived_by(service, kind.rule));
    let service = waiving.or_else(|| users(kind, one).next());
    finding.service = service.map(|service| service.name.to_owned());
    in_modes(finding, one.plan, other.plan)
}

/// The finding as one of two modes, in the order of their names.
pub fn in_modes(mut finding: Finding, one: &Plan, other: &Plan) -> Finding {
    finding.modes = vec![one.mode.to_owned(), other.mode.to_owned()];
    finding.modes.sort_unstable();
    finding
}

fn users<'a, 's>(
    kind: &Kind,
    thing: &Thing<'a, 's>,
) -> impl Iterator<Item = &'a PlannedService<'s>> {
    let (uses, key) = (kind.uses, thing.key);
    let services = thing.plan.services.iter();
    services.filter(move |service| uses(service, key))
}

type Named<'a, 's> = (&'a Plan<'s>, &'a PlannedService<'s>, &'s Text<'s>);

fn container_names(context: &Context) {
    let all: Vec<(Cow<str>, Named)> = named(context.plans).collect();
    let mut first: FxHashMap<&str, usize> = FxHashMap::default();
    for (at, (name, one)) in all.iter().enumerate() {
        match first.get(&**name).map(|other| &all[*other].1) {
            Some(other) if other.0.mode != one.0.mode => context.add(shared_name(other, one)),
            Some(_) => {}
            None => {
                first.insert(name, at);
            }
        }
    }
}

/// The names of containers, as far as no variable decides.
fn named<'a, 's>(plans: &'a [Plan<'s>]) -> impl Iterator<Item = (Cow<'s, str>, Named<'a, 's>)> {
    plans.iter().flat_map(|plan| {
        plan.services.iter().filter_map(move |service| {
            let text = service.service.container_name?;
            Some((known(text.text)?, (plan, service, text)))
        })
    })
}

fn shared_name(one: &Named, other: &Named) -> Finding {
    let message = format!(
        "the container name {} is used in two modes",
        shown(other.2.text)
    );
    let waiving = waivers::is_waived_by(one.1, Rule::SharedContainerName);
    let service = if waiving { one.1 } else { other.1 };
    let mut finding = Finding::new(Rule::SharedContainerName, other.2.place, message)
        .help("leave `container_name` out, or put the mode into it: `{{ mode.name }}`")
        .service(service.name);
    if one.2.place != other.2.place {
        finding = finding.second(one.2.place, "also given here");
    }
    in_modes(finding, one.0, other.0)
}

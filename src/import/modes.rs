//! Two projects that are two modes of one catalog: what both say stands at the service, what one says in an override.

use indexmap::IndexMap;
use rustc_hash::FxHashSet;

use super::report::{Notes, Subject, What};
use super::service::Facts;
use super::value::{Entry, Item, Map, Value};
use super::variables::{Declarations, Declared};
use super::{Mode, Parts, roles, urls, words};
use crate::place::Place;
use crate::project::Written;
use crate::values::mode_class::ModeClass;
use crate::values::mount::ShortMount;

/// A project in one mode, all in the words of a catalog.
pub(super) struct InMode {
    /// The mode.
    pub mode: Mode,
    /// The project.
    pub parts: Parts,
    /// Its variables.
    pub declared: Declarations,
}

/// Keys whose values layers merge by name or target, and not whole.
const BY_NAME: &[&str] = &[
    "depends_on",
    "networks",
    "volumes",
    "secrets",
    "configs",
    "extra_hosts",
];

/// Maps that layers merge by key.
const BY_KEY: &[&str] = &[
    "environment",
    "labels",
    "annotations",
    "sysctls",
    "healthcheck",
    "deploy",
    "resources",
    "limits",
    "reservations",
    "logging",
    "options",
    "build",
    "args",
    "memory",
    "cpus",
    "ulimits",
    "depends_on",
    "networks",
];

/// Words of membership, which no override holds.
const MEMBERSHIP: &[&str] = &["role", "job", "extends", "modes"];

/// The profiles that are modes, with the mode of each.
const PROFILES: [(&str, &[&str]); 2] = [("test", &["test"]), ("prod", &["prod", "production"])];

/// Makes two modes of a project that has services for tests and for production, by their profiles. Where the modes are
/// named, each gets its own services of these.
pub(super) fn by_profiles<'w, 's>(
    read: &mut Vec<(Mode, Parts, &'w Written<'s>)>,
    notes: &mut Notes,
) {
    if read.len() > 1 {
        for (mode, parts, _) in read {
            let [(_, test), (_, production)] = PROFILES;
            match mode.class {
                ModeClass::Test => keep(&mut parts.services, test, production),
                ModeClass::Production => keep(&mut parts.services, production, test),
            }
        }
        return;
    }
    let [(_, parts, written)] = read.as_slice() else {
        return;
    };
    let has = |names: &[&str]| {
        let mut services = parts.services.0.iter();
        services.any(|entry| {
            profiles(entry)
                .iter()
                .any(|name| names.contains(&name.as_str()))
        })
    };
    let [(_, test), (_, production)] = PROFILES;
    if !has(test) && !has(production) {
        return;
    }
    let written = *written;
    let of_mode = |name: &str, own: &[&str], others: &[&str]| {
        let mut parts = parts.clone();
        keep(&mut parts.services, own, others);
        (Mode::named(name), parts, written)
    };
    let both = vec![
        of_mode("test", test, production),
        of_mode("prod", production, test),
    ];
    let text = "the profiles `test` and `production` became modes, each a project of its own";
    notes.add(Subject::Changed, Place::NOWHERE, text);
    *read = both;
}

/// Each mode is a project of its own: where two have one name, those before the last get their mode's behind it.
pub(super) fn name_projects(all: &mut [InMode], notes: &mut Notes) {
    let names: Vec<String> = all.iter().map(|one| one.parts.project.clone()).collect();
    for at in 0..all.len() {
        if names[at + 1..].contains(&names[at]) {
            let one = &mut all[at];
            one.parts.project = format!("{}-{}", names[at], one.mode.name);
            let text = format!(
                "the mode `{}` is a project of its own, `{}`: its volumes and networks are others than before",
                one.mode.name, one.parts.project
            );
            notes.add(Subject::Changed, Place::NOWHERE, text);
        }
    }
}

/// What depends on what the services are in every mode: what others wait for, addresses, roles and jobs.
pub(super) fn settle(all: &mut [InMode], notes: &mut Notes) -> IndexMap<String, Facts> {
    let mut facts: Vec<IndexMap<String, Facts>> = all
        .iter()
        .map(|one| super::facts(&one.parts.services))
        .collect();
    let names: Vec<String> = facts
        .iter()
        .flat_map(|facts| facts.keys().cloned())
        .collect();
    for name in &names {
        // A service is a job everywhere or nowhere.
        let is_job = facts
            .iter()
            .filter_map(|facts| facts.get(name))
            .all(|one| one.job);
        for one in facts.iter_mut().filter_map(|facts| facts.get_mut(name)) {
            one.job = is_job;
        }
    }
    let there: Vec<FxHashSet<String>> = all
        .iter()
        .map(|one| {
            one.parts
                .services
                .0
                .iter()
                .map(|entry| entry.key.clone())
                .collect()
        })
        .collect();
    // An address of a service that is missing somewhere could not be made there.
    let is_there = |asking: &str, asked: &str| {
        there
            .iter()
            .all(|names| !names.contains(asking) || names.contains(asked))
    };
    for (one, facts) in all.iter_mut().zip(&facts) {
        urls::write(&mut one.parts.services, &one.declared, &is_there);
        words(&mut one.parts, facts, notes);
    }
    facts
        .into_iter()
        .rev()
        .reduce(|mut all, other| {
            for (name, facts) in other {
                all.entry(name).or_insert(facts);
            }
            all
        })
        .unwrap_or_default()
}

/// Lays all modes together. The last one is what the catalog says where nothing else is said.
pub(super) fn together(mut all: Vec<InMode>, notes: &mut Notes) -> Parts {
    let names: Vec<String> = all.iter().map(|one| one.mode.name.clone()).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let Some(mut main) = all.pop() else {
        return Parts::default();
    };
    if all.is_empty() {
        return main.parts;
    }
    main.parts.services = services(&main, &all, notes);
    for (section, map) in &mut main.parts.declared {
        let others = all.iter().map(|one| one.parts.declared.get(section));
        let others: Vec<&Map> = others.flatten().collect();
        merge_declared(section, map, &others, &names, notes);
    }
    for other in &all {
        for entry in &other.parts.compose.0 {
            if main.parts.compose.get(&entry.key).is_none() {
                main.parts.compose.put(entry.clone());
            }
        }
    }
    main.parts
}

/// The variables of all modes: one default each, and the modes where not all use it.
pub(super) fn variables(all: &[InMode]) -> Declarations {
    let mut together: Declarations = IndexMap::new();
    for one in all.iter().rev() {
        for (name, declared) in &one.declared {
            match together.get_mut(name) {
                None => {
                    together.insert(name.clone(), declared.clone());
                }
                Some(known) => agree(known, declared),
            }
        }
    }
    for (name, declared) in &mut together {
        let users = all.iter().filter(|one| one.declared.contains_key(name));
        let users: Vec<String> = users.map(|one| one.mode.name.clone()).collect();
        if users.len() < all.len() {
            declared.modes = users;
        }
    }
    together
}

fn agree(known: &mut Declared, other: &Declared) {
    let is_required = |one: &Declared| one.default.is_none() && !one.optional;
    known.secret |= other.secret;
    if is_required(known) || is_required(other) {
        known.default = None;
        known.optional = false;
    } else if known.default.is_none() {
        known.default = other.default.clone();
        known.optional = known.default.is_none();
    }
    for owner in &other.owners {
        if !known.owners.contains(owner) {
            known.owners.push(owner.clone());
        }
    }
    known.description = known.description.take().or(other.description.clone());
}

/// What the env file of a mode sets: what its files set, and what they would get by default and the catalog does not give.
pub(super) fn values(own: &Declarations, together: &Declarations) -> Declarations {
    let value = |(name, declared): (&String, &Declared)| {
        let kept = together.get(name)?;
        let fallback = match (&declared.default, declared.optional) {
            (Some(default), _) if kept.default.as_ref() != Some(default) => {
                Some(default.replace("$$", "$"))
            }
            _ => None,
        };
        let declared = Declared {
            value: declared.value.clone().or(fallback),
            default: kept.default.clone(),
            optional: kept.optional,
            ..declared.clone()
        };
        Some((name.clone(), declared))
    };
    own.iter().filter_map(value).collect()
}

/// Every service once.
fn services(main: &InMode, others: &[InMode], notes: &mut Notes) -> Map {
    let mut all = Map::default();
    let lists = std::iter::once(main).chain(others);
    for entry in lists.flat_map(|one| &one.parts.services.0) {
        if all.get(&entry.key).is_some() {
            continue;
        }
        let in_mode = |one: &'_ InMode| {
            one.parts
                .services
                .get(&entry.key)
                .and_then(Value::map)
                .cloned()
        };
        let there = others.iter().chain([main]);
        let there: Vec<(&Mode, Map)> = there
            .filter_map(|one| Some((&one.mode, in_mode(one)?)))
            .collect();
        let is_everywhere = there.len() == others.len() + 1;
        let mut merged = merged(&there);
        if !is_everywhere {
            belongs(&mut merged, entry, &there, notes);
        }
        if there.len() > 1 {
            waive(&mut merged);
        }
        all.put(Entry {
            value: Value::Map(merged),
            ..entry.clone()
        });
    }
    all
}

/// A service that only some modes have: of the role test where these are modes of class test.
fn belongs(service: &mut Map, entry: &Entry, there: &[(&Mode, Map)], notes: &mut Notes) {
    let names: Vec<&str> = there.iter().map(|(mode, _)| mode.name.as_str()).collect();
    let is_test = there.iter().all(|(mode, _)| mode.class == ModeClass::Test);
    if is_test {
        let role = roles::of_test(&entry.key);
        let why = format!("only the files of {} have it", names.join(" and "));
        service.put(Entry::made("role", Value::of(role)).beside(format!("a guess: {why}")));
        let what = What::Role {
            service: entry.key.clone(),
            role,
            why: format!("{why}, and no production gets it"),
        };
        notes.add(Subject::Guessed, entry.place, what);
        return;
    }
    let items = names
        .iter()
        .map(|name| Item::made(Value::of(*name)))
        .collect();
    let place = service.0.iter().take_while(|one| one.key == "role").count();
    service
        .0
        .insert(place, Entry::made("modes", Value::List(items)));
}

/// What both modes have of one thing on the machine, which is said to be wanted.
fn waive(service: &mut Map) {
    let mut waivers = Vec::new();
    let mut waiver = |rule: &str| {
        let words = [
            Entry::made("rule", Value::of(rule)),
            Entry::made(
                "reason",
                Value::of("as the Compose files had it: the modes do not run at once"),
            ),
        ];
        waivers.push(Item::made(Value::Map(Map(words.into_iter().collect()))));
    };
    if service.get("container_name").is_some() {
        waiver("shared-container-name");
    }
    if service
        .get("volumes")
        .map_or(&[][..], Value::items)
        .iter()
        .any(|item| is_writable_bind(&item.value))
    {
        waiver("shared-bind");
    }
    if !waivers.is_empty() {
        service.put(Entry::made("waive", Value::List(waivers)));
    }
}

fn is_writable_bind(mount: &Value) -> bool {
    match mount {
        Value::Map(map) => {
            map.get("type").and_then(Value::text) == Some("bind")
                && map.get("read_only").and_then(Value::text) != Some("true")
        }
        value => ShortMount::parse(value.text().unwrap_or_default())
            .is_ok_and(|short| short.is_bind() && !short.read_only()),
    }
}

/// A service as several modes have it, the last of them the one that says what nothing else does.
fn merged(there: &[(&Mode, Map)]) -> Map {
    let Some(((_, main), others)) = there.split_last() else {
        return Map::default();
    };
    let mut own = main.clone();
    let mut overrides = Map::default();
    let mut of_main = Map::default();
    for (mode, other) in others {
        let split = split(&own, other);
        own = split.both;
        // What an earlier mode had taken out of the last one's words stands there already.
        for entry in split.first.0 {
            of_main.put(entry);
        }
        if !split.second.0.is_empty() {
            overrides.put(Entry::made(&mode.name, Value::Map(split.second)));
        }
    }
    if let (false, Some((mode, _))) = (of_main.0.is_empty(), there.last()) {
        overrides.put(Entry::made(&mode.name, Value::Map(of_main)));
    }
    if !overrides.0.is_empty() {
        own.put(Entry::made("overrides", Value::Map(overrides)));
    }
    own
}

/// Two maps, taken apart.
struct Split {
    /// What stands for both; where they differ in something that replaces, the first one's.
    both: Map,
    /// What only the first one has.
    first: Map,
    /// What only the second one has, or has otherwise.
    second: Map,
}

fn split(first: &Map, second: &Map) -> Split {
    let mut result = Split {
        both: Map::default(),
        first: Map::default(),
        second: Map::default(),
    };
    for entry in &first.0 {
        let Some(other) = second.get(&entry.key) else {
            match MEMBERSHIP.contains(&entry.key.as_str()) {
                true => result.both.put(entry.clone()),
                false => result.first.put(entry.clone()),
            }
            continue;
        };
        if *other == entry.value || MEMBERSHIP.contains(&entry.key.as_str()) {
            result.both.put(entry.clone());
            continue;
        }
        let parts = parts(&entry.key, &entry.value, other);
        for (map, value) in [&mut result.both, &mut result.first, &mut result.second]
            .into_iter()
            .zip(parts)
        {
            if let Some(value) = value {
                map.put(Entry {
                    value,
                    ..entry.clone()
                });
            }
        }
    }
    let new = |entry: &&Entry| {
        first.get(&entry.key).is_none() && !MEMBERSHIP.contains(&entry.key.as_str())
    };
    second
        .0
        .iter()
        .filter(new)
        .for_each(|entry| result.second.put(entry.clone()));
    result
}

/// What two different values of a key have in common, and what each has alone.
fn parts(key: &str, first: &Value, second: &Value) -> [Option<Value>; 3] {
    let full = |map: Map| (!map.0.is_empty()).then_some(Value::Map(map));
    if BY_KEY.contains(&key)
        && let (Value::Map(a), Value::Map(b)) = (&named(key, first), &named(key, second))
    {
        let split = split(a, b);
        return [full(split.both), full(split.first), full(split.second)];
    }
    if BY_NAME.contains(&key)
        && let (Value::List(a), Value::List(b)) = (first, second)
    {
        let list = |items: Vec<Item>| (!items.is_empty()).then_some(Value::List(items));
        let without = |items: &[Item], others: &[Item]| {
            items
                .iter()
                .filter(|item| !others.contains(item))
                .cloned()
                .collect::<Vec<_>>()
        };
        let both = a.iter().filter(|item| b.contains(item)).cloned().collect();
        return [list(both), list(without(a, b)), list(without(b, a))];
    }
    [Some(first.clone()), None, Some(second.clone())]
}

/// A list of names as the map of them, where the other side may be a map.
fn named(key: &str, value: &Value) -> Value {
    match value {
        Value::List(items) if matches!(key, "depends_on" | "networks") => {
            let entry =
                |item: &Item| Some(Entry::made(item.value.text()?, Value::Map(Map::default())));
            Value::Map(Map(items.iter().filter_map(entry).collect()))
        }
        other => other.clone(),
    }
}

/// What is declared in several modes. A name on the engine that all of them have is shared, and says so.
fn merge_declared(
    section: &str,
    map: &mut Map,
    others: &[&Map],
    modes: &[&str],
    notes: &mut Notes,
) {
    for other in others {
        for entry in &other.0 {
            match map.get(&entry.key) {
                None => map.put(entry.clone()),
                Some(value) if *value == entry.value => {}
                Some(_) => {
                    let text = format!(
                        "`{}` is declared otherwise in another mode, and a catalog declares it once: the last mode's stands",
                        entry.key
                    );
                    notes.add(Subject::Lost, entry.place, text);
                }
            }
        }
    }
    if !matches!(section, "volumes" | "networks") {
        return;
    }
    for entry in &mut map.0 {
        let is_everywhere = others.iter().all(|other| other.get(&entry.key).is_some());
        if let (true, Value::Map(words)) = (is_everywhere, &mut entry.value)
            && (words.get("name").is_some() || words.get("external").is_some())
        {
            share(&entry.key, words, modes);
        }
    }
}

fn share(key: &str, words: &mut Map, modes: &[&str]) {
    words.take("external");
    if words.get("name").is_none() {
        words.put(Entry::made("name", Value::of(key)));
    }
    let items = modes
        .iter()
        .map(|mode| Item::made(Value::of(*mode)))
        .collect();
    words.put(Entry::made("shared", Value::List(items)));
    let reason = "the Compose files of all modes name the same one";
    words.put(Entry::made("reason", Value::of(reason)));
}

/// The profiles of a service.
fn profiles(service: &Entry) -> Vec<String> {
    let list = service.value.map().and_then(|map| map.get("profiles"));
    let items = list.map_or(&[][..], Value::items).iter();
    items
        .filter_map(|item| item.value.text())
        .map(str::to_owned)
        .collect()
}

/// Keeps the services of a mode, by the profiles that are named like modes.
fn keep(services: &mut Map, own: &[&str], others: &[&str]) {
    services.0.retain_mut(|entry| {
        let profiles = profiles(entry);
        let is = |names: &[&str], profile: &String| names.contains(&profile.as_str());
        let is_own = profiles.iter().any(|profile| is(own, profile));
        if !is_own && !profiles.is_empty() && profiles.iter().all(|profile| is(others, profile)) {
            return false;
        }
        let rest = profiles
            .iter()
            .filter(|profile| !is_own && !is(others, profile));
        let rest: Vec<Item> = rest.map(|profile| Item::made(Value::of(profile))).collect();
        if let Value::Map(service) = &mut entry.value {
            match rest.is_empty() {
                true => drop(service.take("profiles")),
                false => service.put(Entry::made("profiles", Value::List(rest))),
            }
        }
        true
    });
}

//! A service of a Compose file in the words of a catalog.

use super::report::{Notes, Subject, What};
use super::scalars::{below, pairs, settle as settle_scalars, settle_value};
use super::value::{Entry, Item, Map, Value};
use super::variables::Declarations;
use crate::place::Place;
use crate::project::Variables;
use crate::values::cpus::Cpus;
use crate::values::interpolation::{expand, has_variable};
use crate::values::memory::Memory;
use crate::values::port::PortMapping;
use rustc_hash::FxHashSet;

/// Keys whose list of `NAME=value` is a map in a catalog.
const PAIRS: &[&[&str]] = &[
    &["environment"],
    &["labels"],
    &["annotations"],
    &["sysctls"],
    &["build", "args"],
    &["build", "labels"],
    &["deploy", "labels"],
];

/// Keys that say true or false.
const SWITCHES: &[&str] = &[
    "attach",
    "attachable",
    "create_host_path",
    "disable",
    "enable_ipv4",
    "enable_ipv6",
    "external",
    "init",
    "internal",
    "no_cache",
    "nocopy",
    "oom_kill_disable",
    "privileged",
    "pull",
    "read_only",
    "required",
    "restart",
    "stdin_open",
    "tty",
    "use_api_socket",
];

/// Brings a service to the forms that a catalog takes.
pub fn settle(name: &str, service: &mut Map, known: &Variables, notes: &mut Notes) {
    service.take("extends");
    let means_something = |entry: &Entry| matches!(entry.key.as_str(), "command" | "entrypoint");
    service
        .0
        .retain(|entry| entry.value != Value::Nothing || means_something(entry));
    for path in PAIRS {
        if let Some(value) = below(service, path) {
            pairs(value, &mut |key, place| key_name(key, place, known, notes));
        }
    }
    settle_scalars(service);
    one_address_a_name(service);
    truths(service, 0);
    limits(name, service, notes);
}

/// A name of a list, what its variables are now put in: as the key of a map it can hold none.
fn key_name(key: &str, place: Place, known: &Variables, notes: &mut Notes) -> String {
    if !has_variable(key) {
        return key.to_owned();
    }
    notes.add(Subject::Lost, place, What::VariableName(key.to_owned()));
    let lookup = |name: &str| known.reveal(name).map(str::to_owned);
    expand(key, &lookup).map_or_else(|_| key.to_owned(), |text| text.into_owned())
}

/// `yes` and `off`, which Compose reads as true and false.
pub fn truths(map: &mut Map, depth: usize) {
    for entry in &mut map.0 {
        let is_switch =
            SWITCHES.contains(&entry.key.as_str()) && (entry.key != "restart" || depth > 0);
        match &mut entry.value {
            Value::Text(text) | Value::Plain(text) if is_switch => {
                let truth = match text.to_ascii_lowercase().as_str() {
                    "y" | "yes" | "on" | "true" => "true",
                    "n" | "no" | "off" | "false" => "false",
                    _ => continue,
                };
                entry.value = Value::Plain(truth.to_owned());
            }
            Value::Map(map) if !is_of_people(&entry.key) => truths(map, depth + 1),
            Value::List(items) => {
                for item in items {
                    if let Value::Map(map) = &mut item.value {
                        truths(map, depth + 1);
                    }
                }
            }
            Value::Map(_) | Value::Nothing | Value::Plain(_) | Value::Text(_) => {}
        }
    }
}

/// Whether the keys below are names that people gave.
fn is_of_people(key: &str) -> bool {
    matches!(
        key,
        "environment"
            | "labels"
            | "annotations"
            | "sysctls"
            | "args"
            | "options"
            | "driver_opts"
            | "storage_opt"
    ) || key.starts_with("x-")
}

/// A list of `name=address` in which a name stands twice, as the map of its addresses.
fn one_address_a_name(service: &mut Map) {
    let Some(value) = service.get_mut("extra_hosts") else {
        return;
    };
    let mut map = Map::default();
    for item in value.items() {
        let Some((name, address)) = item
            .value
            .text()
            .and_then(|text| text.split_once('=').or_else(|| text.split_once(':')))
        else {
            return;
        };
        let item = Item::made(Value::of(address));
        match map.get_mut(name) {
            Some(Value::List(addresses)) if addresses.contains(&item) => {}
            Some(Value::List(addresses)) => addresses.push(item),
            _ => map.put(Entry::made(name, Value::List(vec![item]))),
        }
    }
    let is_many = |entry: &Entry| entry.value.items().len() > 1;
    if value.items().len() > map.0.len() || map.0.iter().any(is_many) {
        *value = Value::Map(map);
    }
}

/// An amount with where it stood.
type Amount = Option<Entry>;

/// Memory and CPUs, wherever Compose takes them, as `memory` and `cpus`.
fn limits(name: &str, service: &mut Map, notes: &mut Notes) {
    let at = |service: &Map| {
        let keys = ["deploy", "mem_limit", "mem_reservation", "cpus"];
        let mut places = service.0.iter();
        places.position(|entry| keys.contains(&entry.key.as_str()))
    };
    let at = at(service).unwrap_or(service.0.len());
    let [limit, reservation] =
        ["limits", "reservations"].map(|key| deployed(service, key, "memory"));
    let [most, least] = ["limits", "reservations"].map(|key| deployed(service, key, "cpus"));
    let short = service.take("mem_limit");
    let limit = limit.or(short);
    let short = service.take("mem_reservation");
    let reservation = reservation.or(short);
    let short = service.take("cpus");
    let most = most.or(short);
    let memory = word("memory", [limit, reservation], size, (name, notes));
    let cpus = word("cpus", [most, least], processors, (name, notes));
    without_empty(service);
    let at = at.min(service.0.len());
    for entry in [cpus, memory].into_iter().flatten() {
        service.0.insert(at, entry);
    }
}

/// Takes an amount out of `deploy.resources`.
fn deployed(service: &mut Map, part: &str, key: &str) -> Amount {
    below(service, &["deploy", "resources", part])?
        .map_mut()?
        .take(key)
}

/// Takes out what says nothing any more.
fn without_empty(service: &mut Map) {
    for path in [
        &["deploy", "resources", "limits"][..],
        &["deploy", "resources", "reservations"],
        &["deploy", "resources"],
        &["deploy"],
    ] {
        let Some((key, above)) = path.split_last() else {
            continue;
        };
        let map = match above {
            [] => Some(&mut *service),
            _ => below(service, above).and_then(Value::map_mut),
        };
        if let Some(map) = map
            && map.get(key).is_some_and(Value::says_nothing)
        {
            map.take(key);
        }
    }
}

/// `memory` or `cpus`: the limit alone, or with its reservation.
fn word(
    key: &str,
    amounts: [Amount; 2],
    written: fn(&str) -> Option<Value>,
    (service, notes): (&str, &mut Notes),
) -> Option<Entry> {
    let place = amounts.iter().flatten().map(|amount| amount.place).next()?;
    let mut remarks = None;
    let mut settled = |amount: Amount| {
        let Entry {
            value,
            remarks: own,
            place,
            ..
        } = amount?;
        let text = value.text()?;
        if matches!(text, "0" | "-1") {
            let text = format!(
                "`{service}` sets a limit of {key} to {text}, which is none: it is left out"
            );
            notes.add(Subject::Changed, place, text);
            return None;
        }
        remarks.get_or_insert(own);
        Some(match text.contains('$') {
            true => Value::of(text),
            false => written(text).unwrap_or(value),
        })
    };
    let [limit, reservation] = amounts.map(&mut settled);
    let value = match (limit, reservation) {
        (None, None) => return None,
        (Some(limit), None) => limit,
        (limit, Some(reservation)) => {
            let limit = limit.map(|limit| Entry::made("limit", limit));
            let both = limit
                .into_iter()
                .chain([Entry::made("reservation", reservation)]);
            Value::Map(Map(both.collect()))
        }
    };
    Some(Entry {
        key: key.to_owned(),
        value,
        remarks: remarks.unwrap_or_default(),
        place,
    })
}

fn size(text: &str) -> Option<Value> {
    let size: Memory = text.parse().ok()?;
    Some(Value::of(size.to_string()))
}

fn processors(text: &str) -> Option<Value> {
    let cpus: Cpus = text.parse().ok()?;
    Some(Value::Plain(cpus.to_string()))
}

/// What others ask of a service.
#[derive(Clone, Copy, Debug, Default)]
pub struct Facts {
    /// Whether it has a probe of its own.
    pub probe: bool,
    /// Whether it says anything of its health.
    pub says_health: bool,
    /// Whether it is never started again, in words.
    pub restarts_never: bool,
    /// Whether it runs once, and others wait for that.
    pub job: bool,
    /// Whether its image has to bring a probe, since others wait for its health.
    pub by_image: bool,
}

impl Facts {
    /// What a service says of itself.
    pub fn of(service: &Map) -> Self {
        let health = service.get("healthcheck").and_then(Value::map);
        let test = health.and_then(|map| map.get("test"));
        let first = test
            .and_then(|test| test.items().first())
            .and_then(|item| item.value.text());
        let is_none = first == Some("NONE") || test.and_then(Value::text) == Some("NONE");
        let is_off = health
            .and_then(|map| map.get("disable"))
            .and_then(Value::text)
            == Some("true");
        let policy = below_of(service, &["deploy", "restart_policy"]).is_some();
        Facts {
            probe: test.is_some() && !is_none && !is_off,
            says_health: service.get("healthcheck").is_some(),
            restarts_never: service.get("restart").and_then(Value::text) == Some("no") && !policy,
            job: false,
            by_image: false,
        }
    }

    /// The condition that a catalog takes where a list names the service.
    fn condition(self) -> &'static str {
        match (self.job, self.probe || self.by_image) {
            (true, _) => "service_completed_successfully",
            (false, true) => "service_healthy",
            (false, false) => "service_started",
        }
    }
}

fn below_of<'m>(map: &'m Map, path: &[&str]) -> Option<&'m Value> {
    let (key, rest) = path.split_first()?;
    let value = map.get(key)?;
    match rest {
        [] => Some(value),
        _ => below_of(value.map()?, rest),
    }
}

/// The services that a service waits for, each with the condition, as Compose takes it.
pub fn waits(service: &Map) -> Vec<(&str, &str)> {
    match service.get("depends_on") {
        Some(Value::List(items)) => {
            let names = items.iter().filter_map(|item| item.value.text());
            names.map(|name| (name, "service_started")).collect()
        }
        Some(Value::Map(map)) => {
            let condition = |entry: &Entry| {
                let map = entry.value.map()?;
                map.get("condition")?.text().map(str::to_owned)
            };
            let of = |entry| match condition(entry).as_deref() {
                Some("service_healthy") => "service_healthy",
                Some("service_completed_successfully") => "service_completed_successfully",
                _ => "service_started",
            };
            map.0
                .iter()
                .map(|entry| (entry.key.as_str(), of(entry)))
                .collect()
        }
        _ => Vec::new(),
    }
}

/// Writes `depends_on` as short as what is known of the others allows.
pub fn shorten_depends_on(service: &mut Map, facts: &dyn Fn(&str) -> Facts) {
    let Some(value) = service.get_mut("depends_on") else {
        return;
    };
    let entries = match std::mem::replace(value, Value::Nothing) {
        Value::List(items) => items.into_iter().filter_map(started).collect(),
        Value::Map(map) => map.0,
        other => {
            *value = other;
            return;
        }
    };
    let mut map = Map::default();
    for entry in entries {
        map.put(entry);
    }
    let is_short = |entry: &Entry| match entry.value.map() {
        Some(words) => {
            words
                .0
                .iter()
                .all(|word| match (word.key.as_str(), word.value.text()) {
                    ("condition", Some(condition)) => condition == facts(&entry.key).condition(),
                    ("required", Some("true")) | ("restart", Some("false")) => true,
                    _ => false,
                })
                && words.get("condition").is_some()
        }
        None => false,
    };
    *value = match map.0.iter().all(is_short) {
        true => Value::List(map.0.into_iter().map(name_of).collect()),
        false => Value::Map(map),
    };
}

fn started(item: Item) -> Option<Entry> {
    let condition = Entry::made("condition", Value::of("service_started"));
    Some(Entry {
        key: item.value.text()?.to_owned(),
        value: Value::Map(Map(vec![condition])),
        remarks: item.remarks,
        place: item.place,
    })
}

fn name_of(entry: Entry) -> Item {
    Item {
        value: Value::Text(entry.key),
        remarks: entry.remarks,
        place: entry.place,
    }
}

/// `NAME: "${NAME}"` is `NAME:` in a catalog.
pub fn shorten_names(service: &mut Map) {
    for path in [&["environment"][..], &["build", "args"]] {
        let Some(Value::Map(map)) = below(service, path) else {
            continue;
        };
        for entry in &mut map.0 {
            if entry.value.text() == Some(&format!("${{{}}}", entry.key)) {
                entry.value = Value::Nothing;
            }
        }
    }
}

/// Bare names, which take the variable of their name, as uses of it.
pub fn name_bare(
    name: &str,
    service: &mut Map,
    is_set: &dyn Fn(&str) -> bool,
    absent: &mut FxHashSet<String>,
    notes: &mut Notes,
) {
    for path in [&["environment"][..], &["build", "args"]] {
        let Some(Value::Map(map)) = below(service, path) else {
            continue;
        };
        for entry in map
            .0
            .iter_mut()
            .filter(|entry| entry.value == Value::Nothing)
        {
            // One word about each is enough, whoever else names it.
            if !is_set(&entry.key) && absent.insert(entry.key.clone()) {
                let what = What::Unset {
                    name: entry.key.clone(),
                    service: name.to_owned(),
                };
                notes.add(Subject::Lost, entry.place, what);
            }
            entry.value = Value::Text(format!("${{{}}}", entry.key));
        }
    }
}

/// What a declared thing at the top says, in the forms that a catalog takes.
pub fn settle_declared(declared: &mut Map, known: &Variables, notes: &mut Notes) {
    for key in ["labels", "driver_opts"] {
        if let Some(value) = declared.get_mut(key) {
            pairs(value, &mut |key, place| key_name(key, place, known, notes));
            settle_value(value);
        }
    }
    truths(declared, 1);
    declared.0.retain(|entry| entry.value != Value::Nothing);
}

/// The port of the container that a catalog takes for a service's own: the first that is published, else the first that is
/// exposed.
pub fn first_port(service: &Map, declared: &Declarations) -> Option<u16> {
    let lookup = |name: &str| declared.get(name)?.default.clone();
    let full = |text: &str| expand(text, &lookup).ok().map(|text| text.into_owned());
    match service.get("ports").map_or(&[][..], Value::items).first() {
        None => {
            let exposed = service
                .get("expose")
                .map_or(&[][..], Value::items)
                .first()?;
            let text = full(exposed.value.text()?)?;
            text.split(['/', '-']).next()?.parse().ok()
        }
        Some(item) => match &item.value {
            Value::Map(map) => full(map.get("target")?.text()?)?.parse().ok(),
            value => {
                let text = full(value.text()?)?;
                PortMapping::parse(&text)
                    .ok()
                    .map(|mapping| mapping.target.first)
            }
        },
    }
}

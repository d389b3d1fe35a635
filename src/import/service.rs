//! A service of a Compose file in the words of a catalog.

use indexmap::IndexMap;

use super::limits;
use super::report::{Notes, Subject, What};
use super::scalars::{below, number_or_text, pairs, settle as settle_scalars, settle_value};
use super::value::{Entry, Item, Map, Value};
use super::variables::Declarations;
use crate::place::Place;
use crate::project::Variables;
use crate::values::interpolation::{expand, has_variable};
use crate::values::port::PortMapping;

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
            part_names(value, notes);
        }
    }
    settle_scalars(service);
    one_address_a_name(service);
    truths(service, 0);
    limits::settle(name, service, notes);
}

/// `NAME=value` as the key of a map, with nothing behind it: a value that slipped into the name.
fn part_names(value: &mut Value, notes: &mut Notes) {
    let Value::Map(map) = value else {
        return;
    };
    for entry in &mut map.0 {
        let parts = entry
            .key
            .split_once('=')
            .filter(|_| entry.value == Value::Nothing);
        // A variable in the name of a map stays as it is.
        let Some((name, text)) = parts.filter(|_| !entry.key.contains('$')) else {
            continue;
        };
        let (name, value) = (name.to_owned(), number_or_text(text));
        notes.add(Subject::Changed, entry.place, What::Parted(name.clone()));
        (entry.key, entry.value) = (name, value);
    }
}

/// Variables in the names of a map that lists of `NAME=value` became when they were laid over each other: in the name of
/// a map itself Compose leaves them as they are.
pub fn settle_items(service: &mut Map, texts: &[&str], known: &Variables, notes: &mut Notes) {
    for path in PAIRS {
        let Some(Value::Map(map)) = below(service, path) else {
            continue;
        };
        for entry in &mut map.0 {
            if has_variable(&entry.key) && is_item(entry, texts) {
                entry.key = key_name(&entry.key, entry.place, known, notes);
            }
        }
    }
}

/// Whether an entry was an item of a list: its value begins with its name.
fn is_item(entry: &Entry, texts: &[&str]) -> bool {
    let text = texts.get(usize::from(entry.place.file));
    let written = text.and_then(|text| text.get(entry.place.start as usize..));
    written.is_some_and(|written| {
        let written = written.trim_start_matches(['"', '\'']);
        written
            .strip_prefix(entry.key.as_str())
            .is_some_and(|rest| !rest.starts_with(':'))
    })
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

/// Bare names that nothing sets, each with the service that names it first.
pub type Absent = IndexMap<String, (String, Place)>;

/// Bare names, which take the variable of their name, as uses of it.
pub fn name_bare(
    name: &str,
    service: &mut Map,
    is_set: &dyn Fn(&str) -> bool,
    absent: &mut Absent,
) {
    for path in [&["environment"][..], &["build", "args"]] {
        let Some(Value::Map(map)) = below(service, path) else {
            continue;
        };
        for entry in map
            .0
            .iter_mut()
            .filter(|entry| entry.value == Value::Nothing && !entry.key.contains(['=', '$']))
        {
            if !is_set(&entry.key) {
                let first = || (name.to_owned(), entry.place);
                absent.entry(entry.key.clone()).or_insert_with(first);
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

//! Ports that services ask each other for, and that the one who listens states nowhere: a catalog wants them stated, and
//! `expose` does that without changing what runs.

use super::report::{Notes, Subject, What};
use super::scalars::below;
use super::value::{Item, Map, Value};
use super::variables::Declarations;
use crate::place::Place;
use crate::values::interpolation::expand;
use crate::values::port::{PortMapping, names_own};
use crate::values::url::addresses;

/// Where addresses of others stand.
const TEXTS: &[&[&str]] = &[
    &["environment"],
    &["build", "args"],
    &["command"],
    &["entrypoint"],
];

const HELP: &str = "where nothing listens there, it is the address that is wrong: mend it, and take the port out again";

/// States what is asked for.
pub fn state(services: &mut Map, declared: &Declarations, notes: &mut Notes) {
    for (name, port) in asked(services, declared) {
        let place = services.place_of(&[&name]);
        let Some(Value::Map(service)) = services.get_mut(&name) else {
            continue;
        };
        let (own, published) = ports(service, declared);
        // A port of the host is asked for by mistake, and that is told by a rule.
        if own.is_empty() || own.contains(&port) || published.contains(&port) {
            continue;
        }
        if says(service, port, declared) {
            continue;
        }
        add(service, port);
        let text = format!(
            "`{name}` is asked for its port {port} and states others alone: the catalog states it under `expose`"
        );
        notes.add(Subject::Changed, place, What::Told { text, help: HELP });
    }
}

/// Each service with a port that is asked of it.
fn asked(services: &mut Map, declared: &Declarations) -> Vec<(String, u16)> {
    let names: Vec<String> = services.0.iter().map(|entry| entry.key.clone()).collect();
    let mut found = Vec::new();
    for entry in &mut services.0 {
        let own = entry.key.clone();
        let Value::Map(service) = &mut entry.value else {
            continue;
        };
        for path in TEXTS.iter().copied().chain([&["healthcheck", "test"][..]]) {
            let is_own = path.last() == Some(&"test");
            let Some(value) = below(service, path) else {
                continue;
            };
            value.each_text(Place::NOWHERE, &mut |text, _| {
                for address in addresses(&with_defaults(text, declared)) {
                    let is_self = matches!(address.host, "localhost" | "127.0.0.1" | "0.0.0.0");
                    let host = if is_own && is_self {
                        own.as_str()
                    } else {
                        address.host
                    };
                    let port = address.port.and_then(|port| port.parse().ok());
                    if let (true, Some(port)) = (names.iter().any(|name| name == host), port) {
                        found.push((host.to_owned(), port));
                    }
                }
            });
        }
    }
    found
}

/// Whether the service names the port as its own in what its process is given.
fn says(service: &mut Map, port: u16, declared: &Declarations) -> bool {
    let mut is_said = false;
    for path in [&["command"], &["entrypoint"], &["environment"]] {
        if let Some(value) = below(service, path) {
            is_said |=
                value.any_scalar(&mut |text| names_own(&with_defaults(text, declared), port));
        }
    }
    is_said
}

/// The ports of the container that a service states, and those of the host.
fn ports(service: &Map, declared: &Declarations) -> (Vec<u16>, Vec<u16>) {
    let (mut own, mut published) = (Vec::new(), Vec::new());
    for item in service.get("ports").map_or(&[][..], Value::items) {
        match &item.value {
            Value::Map(map) => {
                let part = |key: &str| {
                    map.get(key)?
                        .text()
                        .and_then(|text| with_defaults(text, declared).parse::<u16>().ok())
                };
                own.extend(part("target"));
                published.extend(part("published"));
            }
            value => {
                let text = with_defaults(value.text().unwrap_or_default(), declared);
                if let Ok(mapping) = PortMapping::parse(&text) {
                    own.extend(mapping.target.first..=mapping.target.last);
                    published.extend(
                        mapping
                            .published
                            .into_iter()
                            .flat_map(|range| range.first..=range.last),
                    );
                }
            }
        }
    }
    for item in service.get("expose").map_or(&[][..], Value::items) {
        let text = with_defaults(item.value.text().unwrap_or_default(), declared);
        let text = text.split('/').next().unwrap_or_default();
        let (first, last) = text.split_once('-').unwrap_or((text, text));
        if let (Ok(first), Ok(last)) = (first.parse::<u16>(), last.parse::<u16>()) {
            own.extend(first..=last);
        }
    }
    (own, published)
}

fn add(service: &mut Map, port: u16) {
    let item = Item::made(Value::Plain(port.to_string()));
    match service.get_mut("expose") {
        Some(Value::List(items)) => items.push(item),
        _ => service.put(super::value::Entry::made("expose", Value::List(vec![item]))),
    }
}

fn with_defaults(text: &str, declared: &Declarations) -> String {
    let lookup = |name: &str| declared.get(name)?.default.clone();
    expand(text, &lookup)
        .map(|text| text.into_owned())
        .unwrap_or_default()
}

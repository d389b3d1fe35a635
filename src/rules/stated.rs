//! The ports that a service states under `ports` and `expose`, as several rules compare and show them.

use std::borrow::Cow;

use crate::compose::command::Command;
use crate::compose::ports::Port;
use crate::compose::scalar::{Loose, Text};
use crate::place::Place;
use crate::plan::PlannedService;
use crate::plan::service::exposed;
use crate::values::interpolation::with_defaults;
use crate::values::port::{PortMapping, PortRange, listens_at, names_own};

/// The most ports that a message lists.
const LISTED: usize = 6;

/// Parts of the names of variables that hold a port as others see it.
const OUTSIDE: &[&str] = &[
    "ADVERTISED",
    "ANNOUNCE",
    "EXTERNAL",
    "HOST",
    "PUBLIC",
    "PUBLISHED",
];

/// The items of `ports`.
pub fn ports<'s>(service: &PlannedService<'s>) -> &'s [Port<'s>] {
    service.ports()
}

/// The items of `expose`.
pub fn expose<'s>(service: &PlannedService<'s>) -> &'s [Loose<'s>] {
    service.service.expose.map_or(&[], |expose| expose.items)
}

/// Whether a service states ports of its container, all of them known, and this is none of them, nor one at which its
/// command or its environment says that it listens.
pub fn lacks(service: &PlannedService, port: u16) -> bool {
    !service.states_port(port)
        && service.states_ports()
        && ports(service).iter().all(|item| item.mapping().is_some())
        && expose(service)
            .iter()
            .all(|item| exposed(item.0.text).is_some())
        && match behind(service, port) {
            // An environment often names the port of the host, too, for the addresses that people open.
            Some(_) => !listens(service, port),
            None => !says(service, port),
        }
}

/// Whether a service says that it listens at a port, whatever it publishes.
fn listens(service: &PlannedService, port: u16) -> bool {
    let is_at = |(name, value): (&str, Text)| {
        let full = when_unset(value.text);
        let is_named = is_port_of_its_own(name) || full.starts_with('-');
        listens_at(&full, port) || is_named && names_own(&full, port)
    };
    words(service).any(|word| names_own(&when_unset(word), port)) || environment(service).any(is_at)
}

/// Whether a variable is called after a port of the process that has it: `PORT`, `HTTP_PORT`, not `EXTERNAL_PORT`.
fn is_port_of_its_own(name: &str) -> bool {
    let is = |part: &str, word: &&str| part.eq_ignore_ascii_case(word);
    let mut parts = name.split(['_', '.', '-']);
    parts
        .clone()
        .next_back()
        .is_some_and(|part| is(part, &"PORT"))
        && !parts.any(|part| OUTSIDE.iter().any(|word| is(part, word)))
}

/// The text as it is when no variable is set; as written where that cannot be told.
fn when_unset(text: &str) -> Cow<'_, str> {
    with_defaults(text).unwrap_or(Cow::Borrowed(text))
}

/// The variables of a service that have a value.
fn environment<'s>(service: &PlannedService<'s>) -> impl Iterator<Item = (&'s str, Text<'s>)> {
    let variables = service.service.environment;
    let entries = variables.map_or(&[][..], |all| all.entries).iter();
    entries.filter_map(|entry| Some((entry.key, entry.slot.get()?.0?)))
}

/// The words of a service's command and entrypoint.
fn words<'s>(service: &PlannedService<'s>) -> impl Iterator<Item = &'s str> {
    let commands = [service.service.command, service.service.entrypoint];
    let words = commands.into_iter().flatten().flat_map(Command::words);
    words.map(|word| word.text)
}

/// Whether a service names a port as its own in what its process is given.
fn says(service: &PlannedService, port: u16) -> bool {
    let names = |text: &str| names_own(&when_unset(text), port);
    words(service).any(names) || environment(service).any(|(_, value)| names(value.text))
}

/// Where a service states its ports.
pub fn place(service: &PlannedService) -> Place {
    match (service.service.ports, service.service.expose) {
        (Some(ports), _) if !ports.items.is_empty() => ports.place,
        (_, Some(expose)) => expose.place,
        _ => service.entry.place,
    }
}

/// The container's port behind a port of the host, and where it is published.
pub fn behind(service: &PlannedService, host_port: u16) -> Option<(u16, Place)> {
    ports(service).iter().find_map(|item| {
        let mapping = item.mapping()?;
        let published = mapping.published?;
        let container_port = target_of(&mapping, published, host_port)?;
        Some((container_port, item.place()))
    })
}

fn target_of(mapping: &PortMapping, published: PortRange, host_port: u16) -> Option<u16> {
    if !published.contains(host_port) {
        return None;
    }
    // Of several published ports for one target, each may lead to it.
    let step = match published.count() == mapping.target.count() {
        true => host_port - published.first,
        false => 0,
    };
    mapping.target.first.checked_add(step)
}

/// The ports that a service states, for a message: "the port `80`", "the ports `80`, `443`".
pub fn listed(service: &PlannedService) -> String {
    let published = ports(service).iter().filter_map(Port::mapping);
    let own = expose(service)
        .iter()
        .filter_map(|item| exposed(item.0.text));
    let mut ranges: Vec<PortRange> = published.map(|mapping| mapping.target).chain(own).collect();
    ranges.sort_unstable();
    ranges.dedup();
    let texts: Vec<String> = ranges
        .iter()
        .take(LISTED)
        .map(|range| format!("`{range}`"))
        .collect();
    let more = match ranges.len() > LISTED {
        true => format!(" and {} more", ranges.len() - LISTED),
        false => String::new(),
    };
    let word = match ranges.as_slice() {
        [one] if one.count() == 1 => "port",
        _ => "ports",
    };
    format!("the {word} {}{more}", texts.join(", "))
}

/// Whether a container has a network of its own in which Docker answers for the services' names.
pub fn has_own_network(service: &PlannedService) -> bool {
    service
        .service
        .network_mode()
        .is_none_or(|mode| mode.text == "bridge" || mode.text == "default")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_variable_is_called_after_the_port_of_its_process() {
        for name in ["PORT", "port", "HTTP_PORT", "server.port"] {
            assert!(is_port_of_its_own(name), "{name}");
        }
        for name in [
            "",
            "PORTS",
            "EXTERNAL_PORT",
            "public-port",
            "PORT_HOST",
            "HOST_PORT",
        ] {
            assert!(!is_port_of_its_own(name), "{name}");
        }
    }

    #[test]
    fn a_port_of_the_host_leads_to_one_of_the_container() {
        for (text, host_port, expected) in [
            ("8026:8019", 8026, Some(8019)),
            ("8026:8019", 8019, None),
            ("8000-8010:9000-9010", 8003, Some(9003)),
            ("8000-8010:80", 8003, Some(80)),
        ] {
            let mapping: PortMapping = text.parse().unwrap();
            let published = mapping.published.unwrap();
            let found = target_of(&mapping, published, host_port);
            assert_eq!(found, expected, "{text}");
        }
    }
}

//! What follows from the changes of services for everything around them.

use super::changes::Comparing;
use super::document::Document;
use super::facts::Facts;
use super::{Containers, HostPort, LeftVolume};
use crate::values::port::PortMapping;

/// The ports of the host that are published now and were not before, and those that are free now.
pub(super) fn ports(old: &Document, new: &Document) -> (Vec<HostPort>, Vec<HostPort>) {
    let (before, after) = (published(old), published(new));
    let not_in = |list: &[HostPort], port: &HostPort| list.iter().all(|it| it.port != port.port);
    let opened = after.iter().filter(|port| not_in(&before, port)).cloned();
    let closed = before.iter().filter(|port| not_in(&after, port)).cloned();
    (opened.collect(), closed.collect())
}

fn published(document: &Document) -> Vec<HostPort> {
    let mut all: Vec<(u16, HostPort)> = Vec::new();
    for (service, facts) in &document.services {
        for fact in &facts.list {
            let mapping = fact
                .what
                .strip_prefix("port ")
                .and_then(|text| text.parse().ok());
            if let Some((first, port)) = mapping.and_then(|mapping| host_side(&mapping)) {
                let service = service.clone();
                all.push((first, HostPort { port, service }));
            }
        }
    }
    all.sort();
    all.into_iter().map(|(_, port)| port).collect()
}

/// The first port, and the host's side of a mapping as a text.
fn host_side(mapping: &PortMapping) -> Option<(u16, String)> {
    let PortMapping {
        host_ip,
        published,
        target: _,
        protocol,
    } = mapping;
    let published = (*published)?;
    let address = host_ip.map_or(String::new(), |ip| match ip.is_ipv6() {
        true => format!("[{ip}]:"),
        false => format!("{ip}:"),
    });
    let protocol = match protocol.as_str() {
        "tcp" => String::new(),
        other => format!("/{other}"),
    };
    Some((published.first, format!("{address}{published}{protocol}")))
}

/// The volumes of the earlier side that the later side does not have.
pub(super) fn left_volumes(old: &Document, new: &Document) -> Vec<LeftVolume> {
    let kept = |name: &String| new.volumes.iter().any(|(_, other)| other == name);
    let left = old
        .volumes
        .iter()
        .filter(|(_, engine_name)| !kept(engine_name));
    left.map(|(name, engine_name)| LeftVolume {
        name: name.clone(),
        engine_name: engine_name.clone(),
    })
    .collect()
}

/// What becomes of the containers of every service.
pub(super) fn containers(old: &Document, new: &Document, comparing: &Comparing) -> Containers {
    let mut containers = Containers::default();
    let has = |list: &[(String, Facts)], name: &str| list.iter().any(|(other, _)| other == name);
    for (name, facts) in &new.services {
        let Some((_, before)) = old.services.iter().find(|(other, _)| other == name) else {
            containers.created.push(name.clone());
            continue;
        };
        let around = || around_changed(old, new, before, facts);
        match comparing.recreates(before, facts) || around() {
            true => containers.recreated.push(name.clone()),
            false => containers.untouched += 1,
        }
    }
    let gone = old
        .services
        .iter()
        .filter(|(name, _)| !has(&new.services, name));
    containers.left_behind = gone.map(|(name, _)| name.clone()).collect();
    containers
}

/// Whether a variable that the service takes has another value, or a network that it joins is another.
fn around_changed(old: &Document, new: &Document, before: &Facts, after: &Facts) -> bool {
    let differs = |what: &str, old: &Facts, new: &Facts| {
        let value = |facts: &Facts| {
            facts
                .list
                .iter()
                .find(|fact| fact.what == what)
                .map(|fact| fact.value.clone())
        };
        value(old) != value(new)
    };
    let variables = old.variables.list.iter().chain(&new.variables.list);
    let mut changed = variables.filter(|fact| differs(&fact.what, &old.variables, &new.variables));
    let takes = |name: &str| before.takes(name) || after.takes(name);
    if changed.any(|fact| fact.name.as_deref().is_some_and(takes)) {
        return true;
    }
    let joins = |what: &str| after.list.iter().any(|fact| fact.what == what);
    let texts = |document: &Document, name: &str| {
        let found = document.shared.iter().find(|(other, _)| other == name);
        let facts = found.map(|(_, facts)| facts.list.iter());
        facts.map(|list| {
            list.map(|fact| format!("{} {}", fact.what, fact.value))
                .collect::<Vec<_>>()
        })
    };
    let networks = new
        .shared
        .iter()
        .filter(|(name, _)| name.starts_with("network ") && joins(name));
    networks
        .into_iter()
        .any(|(name, _)| texts(old, name) != texts(new, name))
}

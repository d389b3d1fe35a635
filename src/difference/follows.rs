//! What follows from the changes of services for everything around them.

use rustc_hash::{FxHashMap, FxHashSet};

use super::changes::Comparing;
use super::document::Document;
use super::facts::Facts;
use super::{Containers, HostPort, LeftVolume};
use crate::values::port::PortMapping;

/// The ports of the host that are published now and were not before, and those that are free now.
pub(super) fn ports(old: &Document, new: &Document) -> (Vec<HostPort>, Vec<HostPort>) {
    let (before, after) = (published(old), published(new));
    let not_in = |ports: &[HostPort], others: &[HostPort]| {
        let others: FxHashSet<&String> = others.iter().map(|it| &it.port).collect();
        let alone = ports.iter().filter(|it| !others.contains(&it.port));
        alone.cloned().collect()
    };
    (not_in(&after, &before), not_in(&before, &after))
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
    let kept: FxHashSet<&String> = new.volumes.iter().map(|(_, name)| name).collect();
    let left = old.volumes.iter().filter(|(_, name)| !kept.contains(name));
    left.map(|(name, engine_name)| LeftVolume {
        name: name.clone(),
        engine_name: engine_name.clone(),
    })
    .collect()
}

/// What becomes of the containers of every service.
pub(super) fn containers(old: &Document, new: &Document, comparing: &Comparing) -> Containers {
    let mut containers = Containers::default();
    let around = Around::of(old, new);
    let mut before = by_name(&old.services);
    for (name, facts) in &new.services {
        match before.remove(name.as_str()) {
            None => containers.created.push(name.clone()),
            Some(earlier)
                if comparing.recreates(earlier, facts) || around.reaches(earlier, facts) =>
            {
                containers.recreated.push(name.clone());
            }
            Some(_) => containers.untouched += 1,
        }
    }
    let gone = old.services.iter().map(|(name, _)| name);
    containers.left_behind = gone
        .filter(|name| before.contains_key(name.as_str()))
        .cloned()
        .collect();
    containers
}

/// A project of another name has containers of its own, and those of the old one run on.
pub(super) fn of_another_project(old: &Document, new: &Document) -> Containers {
    let names = |document: &Document| {
        document
            .services
            .iter()
            .map(|(name, _)| name.clone())
            .collect()
    };
    Containers {
        created: names(new),
        left_behind: names(old),
        ..Containers::default()
    }
}

fn by_name(list: &[(String, Facts)]) -> FxHashMap<&str, &Facts> {
    list.iter()
        .map(|(name, facts)| (name.as_str(), facts))
        .collect()
}

/// What changes around services and reaches their containers.
struct Around {
    /// Variables with another value.
    variables: Vec<String>,
    /// Networks with another definition.
    networks: FxHashSet<String>,
}

impl Around {
    fn of(old: &Document, new: &Document) -> Self {
        let value = |facts: &Facts, name: &str| {
            let mut all = facts.list.iter();
            let fact = all.find(|fact| fact.name.as_deref() == Some(name));
            fact.map(|fact| fact.value.clone())
        };
        let names = old.variables.list.iter().chain(&new.variables.list);
        let differs = |name: &String| value(&old.variables, name) != value(&new.variables, name);
        let (before, after) = (by_name(&old.shared), by_name(&new.shared));
        let networks = after.keys().filter(|name| name.starts_with("network "));
        let other = |name: &&&str| {
            let texts = [&before, &after].map(|all| all.get(**name).map(|facts| facts.texts()));
            texts[0] != texts[1]
        };
        Around {
            variables: names
                .filter_map(|fact| fact.name.clone())
                .filter(differs)
                .collect(),
            networks: networks
                .filter(other)
                .map(|name| (*name).to_owned())
                .collect(),
        }
    }

    /// Whether the service takes one of the variables, or joins one of the networks.
    fn reaches(&self, before: &Facts, after: &Facts) -> bool {
        let takes = |name: &String| before.takes(name) || after.takes(name);
        let joins = |facts: &Facts| {
            facts
                .list
                .iter()
                .any(|fact| self.networks.contains(&fact.what))
        };
        self.variables.iter().any(takes) || !self.networks.is_empty() && joins(after)
    }
}

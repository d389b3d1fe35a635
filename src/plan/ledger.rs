//! The ledger of host ports: which service publishes which port of the host, in which modes on which hosts; and the
//! next port that is free.

use std::collections::BTreeMap;
use std::net::IpAddr;

use super::{Plan, PlannedService};
use crate::compose::list::Either;
use crate::compose::ports::{LongPort, Port};
use crate::compose::scalar::{Is, Val};
use crate::values::interpolation::uses;
use crate::values::port::{PortMapping, PortRange, Protocol};

/// What of the host is published.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum HostPort {
    /// These ports; what the defaults of variables give counts.
    Known(PortRange),
    /// One that a variable sets which has no default.
    Variable,
    /// One that the engine picks at every start.
    Any,
}

/// A published port.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Published<'s> {
    /// The host's port.
    pub port: HostPort,
    /// The protocol.
    pub protocol: Protocol,
    /// The host's address; all of them without one.
    pub address: Option<IpAddr>,
    /// The service.
    pub service: &'s str,
    /// The container's port; `None` where only a variable knows it.
    pub container: Option<PortRange>,
    /// The variables that stand in it, in the order of the text.
    pub variables: Vec<&'s str>,
}

/// A line of the ledger: a published port, and modes in which it is published on the same hosts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line<'s> {
    /// What is published.
    pub published: Published<'s>,
    /// In which modes.
    pub modes: Vec<&'s str>,
    /// On which hosts.
    pub hosts: Vec<&'s str>,
}

/// The ledger of some plans, sorted by port. Hosts on which a port is published in the same modes share a line.
pub fn ledger<'p, 's: 'p>(plans: impl Iterator<Item = &'p Plan<'s>>) -> Vec<Line<'s>> {
    // Hosts and modes stay in the order of the plans, which is the catalog's.
    let mut all: BTreeMap<Published<'s>, Vec<(&'s str, Vec<&'s str>)>> = BTreeMap::new();
    for plan in plans {
        for service in plan.services.iter().filter(|service| service.publishes()) {
            for port in service.ports() {
                let hosts = all.entry(published(service, port)).or_default();
                add(hosts, plan);
            }
        }
    }
    all.into_iter().flat_map(folded).collect()
}

fn add<'s>(hosts: &mut Vec<(&'s str, Vec<&'s str>)>, plan: &Plan<'s>) {
    match hosts.iter_mut().find(|(host, _)| *host == plan.host) {
        // A service may publish the same port twice; that is told elsewhere.
        Some((_, modes)) if modes.contains(&plan.mode) => {}
        Some((_, modes)) => modes.push(plan.mode),
        None => hosts.push((plan.host, vec![plan.mode])),
    }
}

fn folded<'s>((published, hosts): (Published<'s>, Vec<(&'s str, Vec<&'s str>)>)) -> Vec<Line<'s>> {
    let mut lines: Vec<Line<'s>> = Vec::new();
    for (host, modes) in hosts {
        match lines.iter_mut().find(|line| line.modes == modes) {
            Some(line) => line.hosts.push(host),
            None => lines.push(Line {
                published: published.clone(),
                modes,
                hosts: vec![host],
            }),
        }
    }
    lines
}

fn published<'s>(service: &PlannedService<'s>, port: &Port<'s>) -> Published<'s> {
    let mapping = port.mapping();
    let known = mapping.map(|mapping| mapping.published.map_or(HostPort::Any, HostPort::Known));
    let rest = mapping.or_else(|| without_variable(port));
    Published {
        port: known.unwrap_or(HostPort::Variable),
        protocol: rest.map_or(Protocol::Tcp, |mapping| mapping.protocol),
        address: rest.and_then(|mapping| mapping.host_ip),
        service: service.name,
        container: rest.map(|mapping| mapping.target),
        variables: variables(port),
    }
}

/// The container's side of a port whose host's side only a variable knows.
fn without_variable(port: &Port) -> Option<PortMapping> {
    match port {
        Either::Short(Val {
            is: Is::Open(text), ..
        }) => {
            let (_, target) = text.rsplit_once(':')?;
            target.parse().ok()
        }
        Either::Short(_) => None,
        Either::Long(long) => {
            let host_side_unknown = LongPort {
                published: None,
                host_ip: None,
                ..*long
            };
            Either::<Val<PortMapping>, _>::Long(host_side_unknown).mapping()
        }
    }
}

fn variables<'s>(port: &Port<'s>) -> Vec<&'s str> {
    let texts: Vec<&'s str> = match port {
        Either::Short(Val {
            is: Is::Open(text), ..
        }) => vec![*text],
        Either::Short(_) => Vec::new(),
        Either::Long(long) => [
            long.published.map(|published| published.0),
            long.target.map(|target| target.0),
            long.host_ip.copied(),
            long.protocol.copied(),
        ]
        .into_iter()
        .flatten()
        .map(|text| text.text)
        .collect(),
    };
    let mut names: Vec<&'s str> = Vec::new();
    for found in texts
        .into_iter()
        .flat_map(|text| uses(text).unwrap_or_default())
    {
        if !names.contains(&found.name) {
            names.push(found.name);
        }
    }
    names
}

/// The lowest port of the host that is published and known.
pub fn lowest(lines: &[Line]) -> Option<u16> {
    known(lines).map(|range| range.first).min()
}

/// The first port from `from` on that no line of the ledger takes, whatever its protocol and address, and that is
/// still free where one of the `offsets` of modes that run at once moves it. `None` where there is none up to 65535.
pub fn next_free(lines: &[Line], offsets: &[u16], from: u16) -> Option<u16> {
    let mut taken = vec![false; 1 << 16];
    for port in known(lines).flat_map(|range| range.first..=range.last) {
        taken[usize::from(port)] = true;
    }
    let is_free = |port: u16| !taken[usize::from(port)];
    let is_free_moved = |port: u16| {
        let mut moved = offsets.iter().map(|offset| port.checked_add(*offset));
        moved.all(|port| port.is_some_and(is_free))
    };
    (from.max(1)..=u16::MAX).find(|port| is_free(*port) && is_free_moved(*port))
}

/// What modes that run at once add to host ports, each number once.
pub fn offsets<'p, 's: 'p>(plans: impl Iterator<Item = &'p Plan<'s>>) -> Vec<u16> {
    let mut offsets: Vec<u16> = plans.filter_map(|plan| plan.concurrent).collect();
    offsets.retain(|offset| *offset > 0);
    offsets.sort_unstable();
    offsets.dedup();
    offsets
}

fn known(lines: &[Line]) -> impl Iterator<Item = PortRange> {
    lines.iter().filter_map(|line| match line.published.port {
        HostPort::Known(range) => Some(range),
        HostPort::Variable | HostPort::Any => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(mapping: &str) -> Line<'static> {
        let mapping: PortMapping = mapping.parse().unwrap();
        Line {
            published: Published {
                port: mapping.published.map_or(HostPort::Any, HostPort::Known),
                protocol: mapping.protocol,
                address: mapping.host_ip,
                service: "web",
                container: Some(mapping.target),
                variables: Vec::new(),
            },
            modes: vec!["test"],
            hosts: vec!["nuc"],
        }
    }

    fn lines() -> Vec<Line<'static>> {
        [
            "8080:80",
            "8081-8083:81-83/udp",
            "127.0.0.1:8085:80",
            "80",
            "18084:80",
        ]
        .map(line)
        .to_vec()
    }

    #[test]
    fn a_port_is_free_where_no_protocol_and_no_address_has_it() {
        for (from, expected) in [
            (8080, Some(8084)),
            (8085, Some(8086)),
            (8082, Some(8084)),
            (0, Some(1)),
            (65535, Some(65535)),
        ] {
            assert_eq!(next_free(&lines(), &[], from), expected, "{from}");
        }
        assert_eq!(next_free(&[line("65535:1")], &[], 65535), None);
    }

    #[test]
    fn a_port_is_free_where_it_is_moved_to_as_well() {
        assert_eq!(next_free(&lines(), &[10000], 8080), Some(8086));
        assert_eq!(next_free(&lines(), &[10000], 55535), Some(55535));
        assert_eq!(next_free(&lines(), &[10000], 55536), None);
    }

    #[test]
    fn the_lowest_is_one_that_is_known() {
        assert_eq!(lowest(&lines()), Some(8080));
        assert_eq!(lowest(&[line("80")]), None);
    }
}

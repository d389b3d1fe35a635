//! Addresses and subnets that are none, and what a container cannot have that uses another one's network.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::{Look, known};
use crate::compose::list::Either;
use crate::compose::network::{Attachment, IpamConfig, Network};
use crate::compose::ports::Port;
use crate::compose::scalar::Text;
use crate::finding::Finding;
use crate::place::Place;
use crate::rule::Rule;
use crate::values::port::Protocol;
use crate::values::shown::shown;
use crate::values::subnet::Subnet;

/// How a finding is added.
type Add<'a> = &'a dyn Fn(Finding);

pub(super) fn check(look: &Look) {
    let service = look.service;
    look.hosts();
    service.mac_address().iter().for_each(|text| look.mac(text));
    for (_, _, attachment) in service.networks.into_iter().flat_map(|all| all.iter()) {
        look.attachment(attachment);
    }
    for port in service.ports.map_or(&[][..], |ports| ports.items) {
        look.protocol(port);
    }
    look.shared();
}

const OF_HOST: &str = "write one such as `192.168.1.5`, or `host-gateway` for the host";

fn is_any(text: &str) -> bool {
    let address = text.split_once('%').map_or(text, |(address, _)| address);
    address.parse::<IpAddr>().is_ok()
}

/// Compose takes the brackets of an address away.
fn is_of_host(text: &str) -> bool {
    let inside = text
        .strip_prefix('[')
        .and_then(|text| text.strip_suffix(']'));
    inside.unwrap_or(text) == "host-gateway" || is_any(inside.unwrap_or(text))
}

impl<'s> Look<'_, 's> {
    /// Name servers, and names with their addresses.
    fn hosts(&self) {
        let (servers, hosts) = (self.service.dns(), self.service.extra_hosts());
        for text in servers.map_or(&[][..], |servers| servers.items) {
            let help = "write one such as `192.168.1.1`";
            self.address(text, &is_any, "the address of a name server", help);
        }
        for (_, _, host) in hosts.into_iter().flat_map(|all| all.iter()) {
            let written = host.addresses.iter();
            written.for_each(|text| self.address(text, &is_of_host, "an address", OF_HOST));
        }
    }

    fn address(&self, text: &Text, is_one: &dyn Fn(&str) -> bool, what: &str, help: &str) {
        if let Some(address) = known(text).filter(|address| !is_one(address)) {
            let message = format!("{} is not {what}", shown(&address));
            self.refuse(text.place, message, Some(help.to_owned()));
        }
    }

    fn mac(&self, text: &Text) {
        let help = "write six pairs of hexadecimal digits: `02:42:ac:11:00:02`";
        self.address(text, &is_mac, "a MAC address", help);
    }

    fn attachment(&self, attachment: &Attachment<'s>) {
        let four = |text: &str| text.parse::<Ipv4Addr>().is_ok();
        let six = |text: &str| text.parse::<Ipv6Addr>().is_ok();
        if let Some(text) = attachment.ipv4_address() {
            let help = "write one such as `172.20.0.10`";
            self.address(text, &four, "an IPv4 address", help);
        }
        if let Some(text) = attachment.ipv6_address() {
            let help = "write one such as `fd00::10`";
            self.address(text, &six, "an IPv6 address", help);
        }
        let mac = attachment.mac_address().into_iter();
        mac.for_each(|text| self.mac(text));
    }

    /// Of the long form; the short one is read when the file is, and both in a catalog.
    fn protocol(&self, port: &Port<'s>) {
        let Either::Long(long) = port else { return };
        if !self.is_of_compose_file() {
            return;
        }
        let Some((text, name)) = long.protocol.and_then(|text| Some((text, known(text)?))) else {
            return;
        };
        if let Err(refusal) = Protocol::parse(&name) {
            self.refuse(text.place, refusal.message, refusal.help);
        }
    }

    /// What belongs to a network stack, at a service that uses another one's.
    fn shared(&self) {
        let Some(mode) = self.service.network_mode() else {
            return;
        };
        let of_service = mode.text.strip_prefix("service:");
        let Some(other) = of_service.or(mode.text.strip_prefix("container:")) else {
            return;
        };
        let help = |key: &str| match of_service {
            Some(_) => format!("write `{key}` at {}, or leave it out", shown(other)),
            None => "leave it out".to_owned(),
        };
        for (key, place) in self.own_network() {
            self.not_its_own((key, place), (other, mode.place), help(key));
        }
    }

    fn not_its_own(&self, (key, place): (&str, Place), other: (&str, Place), help: String) {
        let (name, other, set) = (shown(self.name()), shown(other.0), other.1);
        let message =
            format!("{name} uses the network of {other}, and cannot have `{key}` of its own");
        self.excludes((message, help), place, (set, "the network is set here"));
    }

    fn own_network(&self) -> impl Iterator<Item = (&'static str, Place)> {
        let service = self.service;
        let ports = service.ports.filter(|list| !list.items.is_empty());
        let expose = service.expose.filter(|list| !list.items.is_empty());
        let hosts = service.extra_hosts().filter(|all| !all.entries.is_empty());
        let dns = service.dns().and_then(|servers| servers.items.first());
        let of_text = |text: Option<&Text<'s>>| {
            text.filter(|text| !text.text.is_empty())
                .map(|text| text.place)
        };
        [
            ("ports", ports.map(|list| list.place)),
            ("expose", expose.map(|list| list.place)),
            ("hostname", of_text(service.hostname())),
            ("dns", dns.map(|text| text.place)),
            ("extra_hosts", hosts.map(|all| all.place)),
        ]
        .into_iter()
        .filter_map(|(key, place)| Some((key, place?)))
    }
}

/// Six, eight or twenty bytes in hexadecimal digits, with the same sign between all pairs, or between all fours.
fn is_mac(text: &str) -> bool {
    let is_hex = |part: &str, digits: usize| {
        part.len() == digits && part.bytes().all(|byte| byte.is_ascii_hexdigit())
    };
    let is_of = |sign: char, digits: usize, counts: [usize; 3]| {
        let parts: Vec<&str> = text.split(sign).collect();
        counts.contains(&parts.len()) && parts.iter().all(|part| is_hex(part, digits))
    };
    is_of(':', 2, [6, 8, 20]) || is_of('-', 2, [6, 8, 20]) || is_of('.', 4, [3, 4, 10])
}

/// Checks the addresses of a declared network.
pub(super) fn subnets(network: &Network, add: Add) {
    let configs = network.ipam.and_then(|ipam| ipam.config);
    for config in configs.map_or(&[][..], |configs| configs.items) {
        subnet(config.subnet, "a subnet", add);
        subnet(config.ip_range, "a range of addresses", add);
        gateway(config, add);
    }
}

fn subnet(text: Option<&Text>, what: &str, add: Add) {
    let Some((text, written)) = text.and_then(|text| Some((text, known(text)?))) else {
        return;
    };
    if Subnet::parse(&written).is_some() {
        return;
    }
    let message = format!("{} is not {what}", shown(&written));
    let help = match written.parse::<IpAddr>() {
        Ok(IpAddr::V4(address)) => format!("write how many bits are the network's: `{address}/24`"),
        Ok(IpAddr::V6(address)) => format!("write how many bits are the network's: `{address}/64`"),
        Err(_) => "write one such as `172.20.0.0/16`".to_owned(),
    };
    add(Finding::new(Rule::ValueRefused, text.place, message).help(help));
}

fn gateway(config: &IpamConfig, add: Add) {
    let Some((text, written)) = config.gateway.and_then(|text| Some((text, known(text)?))) else {
        return;
    };
    let finding = |message| Finding::new(Rule::ValueRefused, text.place, message);
    let shown = shown(&written);
    match (written.parse::<IpAddr>(), subnet_of(config)) {
        (Err(_), _) => {
            let finding = finding(format!("{shown} is not the address of a gateway"));
            add(finding.help("write one of the subnet, such as its first one"));
        }
        (Ok(address), Some((place, subnet))) if !subnet.contains(address) => {
            let finding = finding(format!("the gateway {shown} is not in the subnet"));
            let finding = finding.second(place, "the subnet");
            add(finding.help("take one of the subnet, or leave it out"));
        }
        (Ok(_), _) => {}
    }
}

fn subnet_of(config: &IpamConfig) -> Option<(Place, Subnet)> {
    let text = config.subnet?;
    Some((text.place, Subnet::parse(&known(text)?)?))
}

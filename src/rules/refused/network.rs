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
    for text in service.dns.map_or(&[][..], |servers| servers.items) {
        let help = "write one such as `192.168.1.1`";
        look.address(text, &is_any, "the address of a name server", help);
    }
    for (_, _, host) in service.extra_hosts.into_iter().flat_map(|all| all.iter()) {
        let written = host.addresses.iter();
        written.for_each(|text| look.address(text, &is_of_host, "an address", OF_HOST));
    }
    service.mac_address.iter().for_each(|text| look.mac(text));
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
        if let Some(text) = attachment.ipv4_address {
            self.address(
                text,
                &four,
                "an IPv4 address",
                "write one such as `172.20.0.10`",
            );
        }
        if let Some(text) = attachment.ipv6_address {
            self.address(
                text,
                &six,
                "an IPv6 address",
                "write one such as `fd00::10`",
            );
        }
        attachment
            .mac_address
            .iter()
            .for_each(|text| self.mac(text));
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
        let Some(mode) = self.service.network_mode else {
            return;
        };
        let of_service = mode.text.strip_prefix("service:");
        let Some(other) = of_service.or(mode.text.strip_prefix("container:")) else {
            return;
        };
        for (key, place) in self.own_network() {
            let message = format!(
                "{} uses the network of {}, and cannot have `{key}` of its own",
                shown(self.name()),
                shown(other)
            );
            let help = match of_service {
                Some(_) => format!("write `{key}` at {}, or leave it out", shown(other)),
                None => "leave it out".to_owned(),
            };
            self.excludes(
                (message, help),
                place,
                (mode.place, "the network is set here"),
            );
        }
    }

    fn own_network(&self) -> impl Iterator<Item = (&'static str, Place)> {
        let service = self.service;
        let ports = service.ports.filter(|list| !list.items.is_empty());
        let expose = service.expose.filter(|list| !list.items.is_empty());
        let hosts = service.extra_hosts.filter(|all| !all.entries.is_empty());
        let dns = service.dns.and_then(|servers| servers.items.first());
        let of_text = |text: Option<&Text<'s>>| {
            text.filter(|text| !text.text.is_empty())
                .map(|text| text.place)
        };
        [
            ("ports", ports.map(|list| list.place)),
            ("expose", expose.map(|list| list.place)),
            ("hostname", of_text(service.hostname)),
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
    let subnet = config
        .subnet
        .and_then(|text| Some((text.place, Subnet::parse(&known(text)?)?)));
    let finding = |message| Finding::new(Rule::ValueRefused, text.place, message);
    match (written.parse::<IpAddr>(), subnet) {
        (Err(_), _) => add(finding(format!(
            "{} is not the address of a gateway",
            shown(&written)
        ))
        .help("write one of the subnet, such as its first one")),
        (Ok(address), Some((place, subnet))) if !subnet.contains(address) => add(finding(format!(
            "the gateway {} is not in the subnet",
            shown(&written)
        ))
        .second(place, "the subnet")
        .help("take one of the subnet, or leave it out")),
        (Ok(_), _) => {}
    }
}

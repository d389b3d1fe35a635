//! Networks: as declared at the top of a file, and as a service joins them.

use schemars::{Schema, SchemaGenerator};

use super::keyed::{EnvValue, Item, Keyed};
use super::list::{Either, List};
use super::scalar::{Loose, Text, Val};
use super::value::{Evaluator, Reader, Sink, Value, collect};
use crate::place::Place;
use crate::yaml::node::{Kind, Node};
use crate::{model, schema};

model! {
    /// A network.
    pub struct Network<'s> {
        /// Its name on the engine; without it, the project's name stands before the key.
        name "name": Text<'s>,
        /// The driver of the network, such as bridge, the default, or macvlan.
        driver "driver": Text<'s>,
        /// Options of the network's driver, by name.
        driver_opts "driver_opts": Keyed<'s, Loose<'s>>,
        /// true: it exists already, and is not Compose's to make or remove.
        external "external": External<'s>,
        /// true: containers outside of the project may join.
        attachable "attachable": Val<'s, bool>,
        /// false: no IPv4 addresses are given in it.
        enable_ipv4 "enable_ipv4": Val<'s, bool>,
        /// true: IPv6 addresses are given in it.
        enable_ipv6 "enable_ipv6": Val<'s, bool>,
        /// Which addresses are given in it: subnets, ranges, gateways.
        ipam "ipam": Ipam<'s>,
        /// true: there is no way out of it to other networks.
        internal "internal": Val<'s, bool>,
        /// Labels that the network gets on the engine, as a map or a list.
        labels "labels": Keyed<'s, EnvValue<'s>>,
    }
}

/// `external`: true or false, or the older map with a name.
pub type External<'s> = Either<Val<'s, bool>, ExternalName<'s>>;

model! {
    /// The older way to name what is external.
    pub struct ExternalName<'s> {
        /// The name that it has on the engine, where it exists already.
        name "name": Text<'s>,
    }
}

model! {
    /// Addresses and subnets of a network.
    pub struct Ipam<'s> {
        /// What gives out the addresses; default without it.
        driver "driver": Text<'s>,
        /// The subnets, each with a range, a gateway and addresses that are kept.
        config "config": List<'s, IpamConfig<'s>>,
        /// Options of what gives out the addresses, by name.
        options "options": Keyed<'s, Loose<'s>>,
    }
}

model! {
    /// A subnet.
    pub struct IpamConfig<'s> {
        /// The subnet, such as 172.20.0.0/16.
        subnet "subnet": Text<'s>,
        /// The part of the subnet from which containers get addresses, such as 172.20.5.0/24.
        ip_range "ip_range": Text<'s>,
        /// The address of the gateway, such as 172.20.0.1; without it, the first of the subnet.
        gateway "gateway": Text<'s>,
        /// Addresses that no container gets, by the name of what has them: router: 172.20.0.2.
        aux_addresses "aux_addresses": Keyed<'s, Loose<'s>>,
    }
}

model! {
    /// How a service joins a network.
    pub struct Attachment<'s> {
        /// More names by which others reach the service in this network, such as [db].
        aliases "aliases": List<'s, Text<'s>>,
    }

    /// The keys of an attachment that few files use: most attachments are a name and nothing else.
    rare enum RareAttachment {
        /// A fixed IPv4 address in this network, such as 172.20.0.10; the network needs a subnet that holds it.
        ipv4_address "ipv4_address": Text<'s>,
        /// A fixed IPv6 address in this network, such as fd00::10; the network needs a subnet that holds it.
        ipv6_address "ipv6_address": Text<'s>,
        /// Link-local addresses of the container in this network, such as 169.254.8.1.
        link_local_ips "link_local_ips": List<'s, Text<'s>>,
        /// A fixed MAC address in this network, such as 02:42:ac:11:00:02.
        mac_address "mac_address": Text<'s>,
        /// The name of the network interface in the container, such as eth0.
        interface_name "interface_name": Text<'s>,
        /// Options of the network's driver for this container, by name.
        driver_opts "driver_opts": Keyed<'s, Loose<'s>>,
        /// In which order the networks are joined: the highest number first; 0 without it.
        priority "priority": Val<'s, i64>,
        /// Which network gives the default gateway: the highest number does; 0 without it.
        gw_priority "gw_priority": Val<'s, i64>,
    }
}

impl<'s> Item<'s> for Attachment<'s> {
    const EXPECTED: &'static str = "a list of networks, or a map";
    const HAS_LIST: bool = true;

    fn item(text: &'s str, place: Place, _: &Reader<'_, 's>) -> Option<(&'s str, Self)> {
        let attachment = Attachment {
            place,
            ..Default::default()
        };
        Some((text, attachment))
    }

    fn write_all(map: &Keyed<'s, Self>, out: &mut Sink) {
        if map.iter().all(|(_, _, attachment)| attachment.is_empty()) {
            out.yaml.begin_seq();
            for (key, place, _) in map.iter() {
                out.yaml.item();
                out.at(place);
                out.yaml.text(key);
            }
            out.yaml.end_seq();
        } else {
            out.yaml.begin_map();
            for (key, _, attachment) in map.iter() {
                out.yaml.key(key);
                match attachment.is_empty() {
                    true => out.yaml.null(),
                    false => attachment.write(out),
                }
            }
            out.yaml.end_map();
        }
    }
}

/// The addresses of a name in `extra_hosts`: one, or several.
#[derive(Clone, Copy, Debug)]
pub struct HostAddress<'s> {
    /// The addresses.
    pub addresses: &'s [Text<'s>],
}

impl<'s> Value<'s> for HostAddress<'s> {
    fn read(node: &Node<'_, 's>, cx: &Reader<'_, 's>) -> Option<Self> {
        let addresses = match node.kind {
            Kind::Seq(nodes) => cx.items(nodes),
            _ => cx.slice(Text::read(node, cx).into_iter()),
        };
        Some(HostAddress { addresses })
    }

    fn is_open(&self) -> bool {
        self.addresses.iter().any(Value::is_open)
    }

    fn resolve(&self, cx: &dyn Evaluator<'s>) -> Self {
        let addresses = self.addresses.iter().map(|address| address.resolve(cx));
        HostAddress {
            addresses: collect(cx.arena(), addresses),
        }
    }

    fn write(&self, out: &mut Sink) {
        match self.addresses {
            [one] => one.write(out),
            many => super::list::write_items(many, out),
        }
    }

    fn schema(_: &mut SchemaGenerator) -> Schema {
        schema!({ "type": ["string", "array"], "items": { "type": "string" } })
    }
}

impl<'s> Item<'s> for HostAddress<'s> {
    const EXPECTED: &'static str = "a list of `name=address`, or a map";
    const HAS_LIST: bool = true;

    fn item(text: &'s str, place: Place, cx: &Reader<'_, 's>) -> Option<(&'s str, Self)> {
        // Compose reads `=` first and `:` else: an IPv6 address holds colons itself.
        let split = text.split_once('=').or_else(|| text.split_once(':'));
        let Some((name, address)) = split.filter(|(name, _)| !name.is_empty()) else {
            let message = format!(
                "expected `name=address`, not {}",
                crate::values::shown::shown(text)
            );
            let rule = crate::rule::Rule::WrongType;
            cx.findings
                .add(crate::finding::Finding::new(rule, place, message));
            return None;
        };
        let address = Text {
            text: address,
            place,
        };
        let addresses = cx.slice([address].into_iter());
        Some((name, HostAddress { addresses }))
    }
}

impl<'s> Item<'s> for Network<'s> {
    const EXPECTED: &'static str = "a map of networks";
}

impl Network<'_> {
    /// Whether it exists already.
    pub fn is_external(&self) -> bool {
        self.external.is_some_and(is_external)
    }
}

/// Whether `external` says yes.
pub fn is_external(external: &External) -> bool {
    match external {
        Either::Short(yes) => yes.get() == Some(true),
        Either::Long(_) => true,
    }
}

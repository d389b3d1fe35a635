//! `address-conflict`: static addresses in networks, where two containers have one, or the network has no room for it.

use std::net::{IpAddr, Ipv6Addr};

use rustc_hash::FxHashMap;

use super::{Context, Ready};
use crate::compose::network::Network;
use crate::compose::scalar::Text;
use crate::finding::Finding;
use crate::place::Place;
use crate::plan::{Plan, PlannedService};
use crate::rule::Rule;
use crate::values::interpolation::with_defaults;
use crate::values::shown::shown;
use crate::values::subnet::Subnet;

/// Of a network with more subnets nothing is told. A limit of our own.
const MOST_SUBNETS: usize = 64;

/// A static address of a service in a network.
struct Fixed<'p, 's> {
    service: &'p PlannedService<'s>,
    network: &'s str,
    /// As it was written.
    text: Text<'s>,
    address: IpAddr,
}

/// Checks the addresses of a service beside those before it.
pub fn of_service<'c, 's>(context: &'c Context<'_, 's>, plan: &'c Plan<'s>) -> Ready<'c, 's> {
    let mut first: FxHashMap<(&str, IpAddr), Fixed> = FxHashMap::default();
    let mut rooms = Rooms {
        plan,
        known: FxHashMap::default(),
    };
    Box::new(move |service: &'c PlannedService<'s>| {
        each(service, &mut |fixed| {
            let add = |finding: Finding| {
                context.add(finding.service(service.name).mode(plan.mode));
            };
            replicas(&fixed).into_iter().for_each(add);
            rooms.outside(&fixed).into_iter().for_each(add);
            let key = (fixed.network, fixed.address);
            match first.get(&key) {
                Some(other) => add(twice(other, &fixed)),
                None => drop(first.insert(key, fixed)),
            }
        });
    })
}

/// Shows the static addresses of a service that are known.
fn each<'p, 's>(service: &'p PlannedService<'s>, show: &mut impl FnMut(Fixed<'p, 's>)) {
    let networks = service
        .networks()
        .map_or(&[][..], |networks| networks.entries);
    for network in networks {
        let Some(attachment) = network.slot.get() else {
            continue;
        };
        for text in [attachment.ipv4_address(), attachment.ipv6_address()] {
            let address = text.and_then(|text| with_defaults(text.text)?.parse().ok());
            if let (Some(text), Some(address)) = (text, address) {
                show(Fixed {
                    service,
                    network: network.key,
                    text: *text,
                    address,
                });
            }
        }
    }
}

fn twice(one: &Fixed, other: &Fixed) -> Finding {
    let (later, earlier) = match one.text.place > other.text.place {
        true => (one, other),
        false => (other, one),
    };
    let message = format!(
        "`{}` has the address `{}` in the network {}, and so has `{}`",
        later.service.name,
        later.address,
        shown(later.network),
        earlier.service.name
    );
    let finding = Finding::new(Rule::AddressConflict, later.text.place, message);
    let finding = match later.text.place == earlier.text.place {
        true => finding.second(
            earlier.service.entry.place,
            format!("`{}` has it too", earlier.service.name),
        ),
        false => finding.second(earlier.text.place, "first given here"),
    };
    finding.help("give one of them another, or leave it out: services reach each other by name")
}

fn replicas(fixed: &Fixed) -> Option<Finding> {
    let replicas = fixed.service.replicas;
    let message = format!(
        "`{}` runs {replicas} replicas, and only one of them can have the address `{}`",
        fixed.service.name, fixed.address
    );
    (replicas > 1).then(|| {
        Finding::new(Rule::AddressConflict, fixed.text.place, message)
            .help("leave the address out: services reach each other by name")
    })
}

/// Which addresses the networks of a plan have, looked up when one is first asked for.
struct Rooms<'p, 's> {
    plan: &'p Plan<'s>,
    known: FxHashMap<&'s str, Option<Room<'s>>>,
}

/// The subnets of a network, and where it is declared.
struct Room<'s> {
    place: Place,
    subnets: Vec<(Subnet, Text<'s>)>,
}

impl<'s> Rooms<'_, 's> {
    /// An address that the network cannot give: the engine takes one only from a subnet that was written down.
    fn outside(&mut self, fixed: &Fixed<'_, 's>) -> Option<Finding> {
        let plan = self.plan;
        let known = self.known.entry(fixed.network);
        let known = known.or_insert_with(|| room(plan, fixed.network));
        let room = known.as_ref()?;
        let like = |(subnet, _): &&(Subnet, Text)| subnet.is_like(fixed.address);
        let mut like = room.subnets.iter().filter(like);
        let first = like.clone().next();
        match like.any(|(subnet, _)| subnet.contains(fixed.address)) {
            true => None,
            false => Some(out_of_room(fixed, room, first.map(|(_, text)| text))),
        }
    }
}

/// What is known of a network; `None` where nobody can say which addresses it has.
fn room<'s>(plan: &Plan<'s>, name: &str) -> Option<Room<'s>> {
    let network = plan.networks.iter().find(|it| it.key == name)?;
    if network.value.is_external() || has_its_own_ways(&network.value) {
        return None;
    }
    let subnets = subnets(&network.value)?;
    (subnets.len() <= MOST_SUBNETS).then_some(Room {
        place: network.place,
        subnets,
    })
}

fn out_of_room(fixed: &Fixed, room: &Room, subnet: Option<&Text>) -> Finding {
    let (name, address) = (fixed.service.name, fixed.address);
    let network = shown(fixed.network);
    let finding = |message| Finding::new(Rule::AddressConflict, fixed.text.place, message);
    match subnet {
        Some(text) => finding(format!(
            "`{name}` has the address `{address}`, which is not in the subnet {} of the network {network}",
            shown(text.text)
        ))
        .second(text.place, "the subnet")
        .help("take one of the subnet, or change the subnet"),
        None => finding(format!(
            "`{name}` has the address `{address}`, and the network {network} has no subnet for it"
        ))
        .second(room.place, "declared here")
        .help(format!(
            "write one at the network, such as `ipam: {{ config: [{{ subnet: {} }}] }}`",
            around(address)
        )),
    }
}

/// Whether another program than the engine gives the addresses, or may.
fn has_its_own_ways(network: &Network) -> bool {
    let known = ["bridge", "overlay", "macvlan", "ipvlan", "default"];
    let ipam = network.ipam.and_then(|ipam| ipam.driver);
    let mut drivers = [network.driver, ipam].into_iter().flatten();
    drivers.any(|driver| !known.contains(&driver.text))
}

/// A subnet that holds an address.
fn around(address: IpAddr) -> String {
    match address {
        IpAddr::V4(address) => {
            let [a, b, c, _] = address.octets();
            format!("{a}.{b}.{c}.0/24")
        }
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            format!("\"{}/64\"", Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0))
        }
    }
}

/// The subnets of a network; `None` where one of them is not known.
fn subnets<'s>(network: &Network<'s>) -> Option<Vec<(Subnet, Text<'s>)>> {
    let configs = network.ipam.and_then(|ipam| ipam.config);
    let configs = configs.map_or(&[][..], |configs| configs.items);
    let texts = configs.iter().filter_map(|config| config.subnet);
    texts
        .map(|text| Some((Subnet::parse(&with_defaults(text.text)?)?, *text)))
        .collect()
}

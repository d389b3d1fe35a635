//! `ports`: which of the container's ports the host publishes.

use std::net::IpAddr;

use super::list::Either;
use super::scalar::{Loose, Text, Val};
use crate::model;
use crate::place::Place;
use crate::values::interpolation::with_defaults;
use crate::values::port::{PortMapping, PortRange, Protocol};

/// A published port, in the short or the long form.
pub type Port<'s> = Either<Val<'s, PortMapping>, LongPort<'s>>;

model! {
    /// A published port in the long form.
    pub struct LongPort<'s> {
        /// A name of the port for people, such as web.
        name "name": Text<'s>,
        /// The port in the container, such as 80.
        target "target": Loose<'s>,
        /// The port of the host, such as 8080, or a range such as 8080-8090 from which one is taken.
        published "published": Loose<'s>,
        /// The address of the host on which it is published, such as 127.0.0.1; without it, all of them.
        host_ip "host_ip": Text<'s>,
        /// tcp, the default, or udp.
        protocol "protocol": Text<'s>,
        /// What is spoken on the port, such as http; a hint for other tools.
        app_protocol "app_protocol": Text<'s>,
        /// host: on the machine of the container. ingress: on every machine of a swarm.
        mode "mode": Text<'s>,
    }
}

impl<'s> Port<'s> {
    /// What it publishes, where that is known; defaults of variables count.
    pub fn mapping(&self) -> Option<PortMapping> {
        match self {
            Either::Short(short) => short.get().or_else(|| open_mapping(short)),
            Either::Long(long) => long.mapping(),
        }
    }

    /// Where it was written.
    pub fn place(&self) -> Place {
        match self {
            Either::Short(short) => short.place,
            Either::Long(long) => long.place,
        }
    }
}

fn open_mapping(short: &Val<'_, PortMapping>) -> Option<PortMapping> {
    let super::scalar::Is::Open(text) = short.is else {
        return None;
    };
    with_defaults(text)?.parse().ok()
}

impl LongPort<'_> {
    /// What it publishes; `None` too where any part of it is no such thing, or only a variable knows it.
    fn mapping(&self) -> Option<PortMapping> {
        let target = self.target?;
        Some(PortMapping {
            host_ip: optional(self.host_ip.copied(), |text| text.parse::<IpAddr>().ok())?,
            published: optional(self.published.map(|published| published.0), range)?,
            target: range(&with_defaults(target.0.text)?).filter(|range| range.count() == 1)?,
            protocol: optional(self.protocol.copied(), |text| Protocol::parse(text).ok())?
                .unwrap_or_default(),
        })
    }
}

/// A part that may be absent, with the defaults of its variables; an optional variable that is empty is as good as
/// nothing.
fn optional<T>(part: Option<Text>, parse: impl Fn(&str) -> Option<T>) -> Option<Option<T>> {
    let Some(part) = part else {
        return Some(None);
    };
    match with_defaults(part.text)? {
        text if text.is_empty() => Some(None),
        text => parse(&text).map(Some),
    }
}

fn range(text: &str) -> Option<PortRange> {
    PortRange::parse(text).ok()
}

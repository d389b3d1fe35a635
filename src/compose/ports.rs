//! `ports`: which of the container's ports the host publishes.

use std::net::IpAddr;

use super::list::Either;
use super::scalar::{Loose, Text, Val};
use crate::model;
use crate::place::Place;
use crate::values::port::{PortMapping, PortRange, Protocol};

/// A published port, in the short or the long form.
pub type Port<'s> = Either<Val<'s, PortMapping>, LongPort<'s>>;

model! {
    /// A published port in the long form.
    pub struct LongPort<'s> {
        /// A name for people.
        name "name": Text<'s>,
        /// The container's port.
        target "target": Loose<'s>,
        /// The host's port or range of ports.
        published "published": Loose<'s>,
        /// The host's address; without it, all of them.
        host_ip "host_ip": Text<'s>,
        /// tcp or udp.
        protocol "protocol": Text<'s>,
        /// What is spoken there, such as http.
        app_protocol "app_protocol": Text<'s>,
        /// `ingress` or `host`.
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
    crate::values::interpolation::with_defaults(text)?
        .parse()
        .ok()
}

impl LongPort<'_> {
    fn mapping(&self) -> Option<PortMapping> {
        Some(PortMapping {
            host_ip: self.host_ip.and_then(|ip| ip.text.parse::<IpAddr>().ok()),
            published: match self.published {
                Some(published) => Some(range(published.0.text)?),
                None => None,
            },
            target: range(self.target?.0.text)?,
            protocol: match self.protocol.map(|protocol| protocol.text) {
                None | Some("tcp") => Protocol::Tcp,
                Some("udp") => Protocol::Udp,
                Some("sctp") => Protocol::Sctp,
                Some(_) => return None,
            },
        })
    }
}

/// A port or a range of ports, with the defaults of its variables.
fn range(text: &str) -> Option<PortRange> {
    let text = crate::values::interpolation::with_defaults(text)?;
    let (first, last) = text.split_once('-').unwrap_or((&text, &text));
    Some(PortRange {
        first: first.trim().parse().ok()?,
        last: last.trim().parse().ok()?,
    })
    .filter(|range| range.first > 0 && range.first <= range.last)
}

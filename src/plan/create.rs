//! What `docker network create` and `docker volume create` are given for what modes share: Compose does not make what is
//! external, so that what the catalog says of it has to be said there.

use bumpalo::Bump;

use crate::compose::keyed::{EnvValue, Keyed};
use crate::compose::network::{Ipam, IpamConfig, Network};
use crate::compose::scalar::{Loose, Text, Val};
use crate::compose::storage::Volume;
use crate::compose::value::collect;
use crate::values::interpolation::with_defaults;

/// Words before the name.
pub(super) type Words<'s> = &'s [&'s str];

/// The words for a network.
pub(super) fn network<'s>(network: &Network<'s>, arena: &'s Bump) -> Words<'s> {
    let Network {
        name: _,
        driver,
        driver_opts,
        external: _,
        attachable,
        enable_ipv4,
        enable_ipv6,
        ipam,
        internal,
        labels,
        beside: _,
        place: _,
    } = network;
    let mut words = List::new(arena);
    words.text("--driver", *driver);
    words.truth("--attachable", *attachable);
    if enable_ipv4.and_then(|is| is.with_defaults(arena)) == Some(false) {
        words.all.push("--ipv4=false");
    }
    words.truth("--ipv6", *enable_ipv6);
    words.truth("--internal", *internal);
    if let Some(ipam) = ipam {
        words.ipam(ipam);
    }
    words.options("--opt", *driver_opts);
    words.labels(*labels);
    words.collected()
}

/// The words for a volume.
pub(super) fn volume<'s>(volume: &Volume<'s>, arena: &'s Bump) -> Words<'s> {
    let Volume {
        name: _,
        driver,
        driver_opts,
        external: _,
        labels,
        beside: _,
        place: _,
    } = volume;
    let mut words = List::new(arena);
    words.text("--driver", *driver);
    words.options("--opt", *driver_opts);
    words.labels(*labels);
    words.collected()
}

struct List<'s> {
    arena: &'s Bump,
    all: Vec<&'s str>,
}

impl<'s> List<'s> {
    fn new(arena: &'s Bump) -> Self {
        List {
            arena,
            all: Vec::new(),
        }
    }

    /// An option with its value; what the defaults of variables give stands there.
    fn add(&mut self, option: &'s str, value: &str) {
        let value = with_defaults(value).unwrap_or_else(|| value.into());
        self.all.extend([option, self.arena.alloc_str(&value)]);
    }

    fn text(&mut self, option: &'s str, value: Option<&'s Text<'s>>) {
        if let Some(value) = value {
            self.add(option, value.text);
        }
    }

    fn truth(&mut self, option: &'s str, value: Option<&'s Val<'s, bool>>) {
        if value.and_then(|value| value.with_defaults(self.arena)) == Some(true) {
            self.all.push(option);
        }
    }

    fn options(&mut self, option: &'s str, all: Option<&'s Keyed<'s, Loose<'s>>>) {
        for (name, _, Loose(value)) in all.into_iter().flat_map(|all| all.iter()) {
            self.add(option, &format!("{name}={}", value.text));
        }
    }

    fn labels(&mut self, all: Option<&'s Keyed<'s, EnvValue<'s>>>) {
        for (name, _, EnvValue(value)) in all.into_iter().flat_map(|all| all.iter()) {
            let value = value.map_or("", |value| value.text);
            self.add("--label", &format!("{name}={value}"));
        }
    }

    fn ipam(&mut self, ipam: &Ipam<'s>) {
        let Ipam {
            driver,
            config,
            options,
            beside: _,
            place: _,
        } = ipam;
        self.text("--ipam-driver", *driver);
        self.options("--ipam-opt", *options);
        for config in config.map_or(&[][..], |config| config.items) {
            let IpamConfig {
                subnet,
                ip_range,
                gateway,
                aux_addresses,
                beside: _,
                place: _,
            } = config;
            self.text("--subnet", *subnet);
            self.text("--ip-range", *ip_range);
            self.text("--gateway", *gateway);
            self.options("--aux-address", *aux_addresses);
        }
    }

    fn collected(self) -> Words<'s> {
        collect(self.arena, self.all.into_iter())
    }
}

//! The forms in which one thing can be written, brought to one, so that two files can be merged whichever each uses.

use std::net::{IpAddr, Ipv4Addr};

use bumpalo::Bump;

use super::tree::{Branch, Tree, branch};
use crate::compose::value::collect;
use crate::values::mount::ShortMount;
use crate::values::path;
use crate::values::port::{PortMapping, PortRange, Protocol};
use crate::yaml::node::{Entry, Kind, Node};

/// Nothing, at the place of something else.
pub(super) fn nothing<'s>(node: &Tree<'s>) -> Tree<'s> {
    Node {
        kind: Kind::Plain(""),
        ..*node
    }
}

/// A list of `NAME=value` as the map that says the same; `None` where it is neither.
pub(super) fn pairs<'s>(node: &Tree<'s>, arena: &'s Bump) -> Option<&'s [Branch<'s>]> {
    by_name(node, arena, &|item, text| match text.split_once('=') {
        Some((name, value)) => {
            let kind = Kind::Quoted(value);
            (name, Node { kind, ..*item })
        }
        None => (text, nothing(item)),
    })
}

/// A list of names as the map in which nothing is said of them; `None` where it is neither.
pub(super) fn names<'s>(node: &Tree<'s>, arena: &'s Bump) -> Option<&'s [Branch<'s>]> {
    by_name(node, arena, &|item, text| (text, nothing(item)))
}

/// The same of `depends_on`, where the short form has a meaning of its own.
pub(super) fn dependencies<'s>(node: &Tree<'s>, arena: &'s Bump) -> Option<&'s [Branch<'s>]> {
    by_name(node, arena, &|item, text| {
        let said = |key, kind| Entry {
            key,
            key_place: item.place,
            value: Node { kind, ..*item },
        };
        let started = said("condition", Kind::Quoted("service_started"));
        let needed = said("required", Kind::Plain("true"));
        let kind = Kind::Map(arena.alloc_slice_copy(&[started, needed]));
        (text, Node { kind, ..*item })
    })
}

type Named<'f, 's> = dyn Fn(&Tree<'s>, &'s str) -> (&'s str, Tree<'s>) + 'f;

fn by_name<'s>(
    node: &Tree<'s>,
    arena: &'s Bump,
    named: &Named<'_, 's>,
) -> Option<&'s [Branch<'s>]> {
    let items = match node.kind {
        Kind::Map(entries) => return Some(entries),
        Kind::Seq(items) => items,
        _ => return None,
    };
    let entry = |item: &Tree<'s>| {
        let (key, value) = named(item, item.as_text()?);
        let key_place = item.place;
        Some(Entry {
            key,
            key_place,
            value,
        })
    };
    items
        .iter()
        .all(|item| item.as_text().is_some())
        .then(|| collect(arena, items.iter().filter_map(entry)))
}

/// One value as the list of it.
pub(super) fn list<'s>(node: &Tree<'s>, arena: &'s Bump) -> Option<&'s [Tree<'s>]> {
    match node.kind {
        Kind::Seq(items) => Some(items),
        Kind::Plain(_) | Kind::Quoted(_) if !node.is_null() => {
            Some(arena.alloc_slice_copy(&[*node]))
        }
        _ => None,
    }
}

/// `name: address` as the list of `name=address`.
pub(super) fn hosts<'s>(node: &Tree<'s>, arena: &'s Bump) -> Option<&'s [Tree<'s>]> {
    let Kind::Map(entries) = node.kind else {
        return list(node, arena);
    };
    let mut items = Vec::with_capacity(entries.len());
    for entry in entries {
        for address in list(&entry.value, arena)? {
            let text = arena.alloc_str(&format!("{}={}", entry.key, address.as_text()?));
            items.push(Node {
                kind: Kind::Quoted(text),
                ..*address
            });
        }
    }
    Some(collect(arena, items.into_iter()))
}

/// A build's context alone as the map of it.
pub(super) fn build<'s>(node: &Tree<'s>, arena: &'s Bump) -> Tree<'s> {
    if node.as_text().is_none() {
        return *node;
    }
    let context = Entry {
        key: "context",
        key_place: node.place,
        value: *node,
    };
    Node {
        kind: Kind::Map(arena.alloc_slice_copy(&[context])),
        ..*node
    }
}

/// What tells the items of a list apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Identity {
    /// Nothing: all of them stay.
    None,
    /// The text.
    Text,
    /// The path in the container.
    Mount,
    /// The path of a secret in the container.
    Secret,
    /// The path of a config in the container.
    Config,
    /// The path of a device in the container.
    Device,
    /// What of the container is published where.
    Port,
    /// The path of an env file.
    EnvFile,
    /// The subnet.
    Subnet,
}

impl Identity {
    /// What an item has in common with the one whose place it takes; `None` where it takes no other's place.
    pub fn of(self, item: &Tree) -> Option<String> {
        let long = |key: &str| Some(branch(item, key)?.value.as_text()?.to_owned());
        match self {
            Identity::None => None,
            Identity::Text => item.as_text().map(str::to_owned),
            Identity::Mount => match item.as_text() {
                // Compose cleans the path of the short form, and leaves that of the long one as it is.
                Some(text) => Some(path::normal(ShortMount::parse(text).ok()?.target)),
                None => long("target"),
            },
            Identity::Secret => file(item, "/run/secrets/"),
            Identity::Config => file(item, "/"),
            Identity::Device => match item.as_text() {
                Some(text) => Some(text.split(':').nth(1).unwrap_or(text).to_owned()),
                None => long("target"),
            },
            Identity::Port => port(item),
            Identity::EnvFile => match item.as_text() {
                Some(text) => Some(text.to_owned()),
                None => long("path"),
            },
            Identity::Subnet => long("subnet"),
        }
    }
}

/// Where a secret or config stands: its target as written, else its name in a folder.
fn file(item: &Tree, folder: &str) -> Option<String> {
    let long = |key: &str| branch(item, key).and_then(|entry| entry.value.as_text());
    match item
        .as_text()
        .or_else(|| long("target").is_none().then(|| long("source"))?)
    {
        Some(source) => Some(format!("{folder}{source}")),
        None => long("target").map(str::to_owned),
    }
}

fn port(item: &Tree) -> Option<String> {
    let mapping = match item.as_text() {
        Some(text) => match PortMapping::parse(text) {
            Ok(mapping) => mapping,
            Err(_) => return Some(text.to_owned()),
        },
        None => long_port(item)?,
    };
    // Compose takes no address for every IPv4 one.
    let any = IpAddr::V4(Ipv4Addr::UNSPECIFIED);
    let host_ip = mapping.host_ip.filter(|address| *address != any);
    Some(PortMapping { host_ip, ..mapping }.to_string())
}

fn long_port(item: &Tree) -> Option<PortMapping> {
    let part = |key: &str| branch(item, key).and_then(|entry| entry.value.as_text());
    Some(PortMapping {
        host_ip: match part("host_ip") {
            Some(text) => Some(text.parse().ok()?),
            None => None,
        },
        published: match part("published") {
            Some(text) => Some(PortRange::parse(text).ok()?),
            None => None,
        },
        target: PortRange::parse(part("target")?).ok()?,
        protocol: match part("protocol") {
            Some(text) => Protocol::parse(text).ok()?,
            None => Protocol::Tcp,
        },
    })
}

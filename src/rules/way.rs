//! How a value came to the service that it hurts: "from the fragment `app`, through `device`". Worked out for
//! findings alone, from nothing but places.

use std::collections::VecDeque;

use crate::catalog::Catalog;
use crate::catalog::blocks::{Block, Blocks};
use crate::finding::Finding;

/// Says the way of every finding about a service whose place lies elsewhere.
pub fn explain(catalog: &Catalog, findings: &mut [Finding]) {
    let blocks = Blocks::of(catalog);
    for finding in findings {
        let Some(service) = finding.service.clone() else {
            continue;
        };
        if finding.way.is_none() {
            finding.way = way(catalog, &blocks, &service, finding);
        }
    }
}

fn way(catalog: &Catalog, blocks: &Blocks, service: &str, finding: &Finding) -> Option<String> {
    let entry = catalog.services.get(service)?;
    let start = match blocks.at(finding.place)? {
        Block::Service(name) if name == service => return None,
        Block::Other => return None,
        Block::Defaults => return Some(format!("`{service}` has it from `defaults`")),
        Block::Role(role) => return Some(format!("`{service}` has it from its role `{role}`")),
        Block::Fragment(name) => name,
        Block::Service(name) => name,
    };
    let what = match catalog.fragments.contains_key(start) {
        true => "fragment",
        false => "service",
    };
    let own = entry
        .words
        .own
        .extends
        .map_or(&[][..], |extends| extends.items);
    let role = entry
        .words
        .own
        .role
        .and_then(|role| catalog.roles.get(role.text));
    let of_role = role
        .and_then(|role| role.value.defaults?.own.extends)
        .map_or(&[][..], |extends| extends.items);
    let of_defaults = catalog
        .defaults
        .own
        .extends
        .map_or(&[][..], |extends| extends.items);
    let first = own
        .iter()
        .chain(of_role)
        .chain(of_defaults)
        .map(|name| name.text);
    let through = path(catalog, first, start);
    Some(match through.as_slice() {
        [] | [_] => format!("`{service}` has it from the {what} `{start}`"),
        [between @ .., _] => {
            let names: Vec<String> = between.iter().map(|name| format!("`{name}`")).collect();
            format!(
                "`{service}` has it from the {what} `{start}`, through {}",
                names.join(", ")
            )
        }
    })
}

/// Whether a service has words of a layer, by what it extends itself.
pub fn reaches(catalog: &Catalog, service: &str, layer: &str) -> bool {
    let entry = catalog.services.get(service);
    let extends = entry.and_then(|entry| entry.words.own.extends);
    let first = extends.map_or(&[][..], |extends| extends.items);
    !path(catalog, first.iter().map(|name| name.text), layer).is_empty()
}

/// The shortest way through `extends` from what a service extends to a layer; empty where there is none.
fn path<'s>(
    catalog: &Catalog<'s>,
    first: impl Iterator<Item = &'s str>,
    goal: &str,
) -> Vec<&'s str> {
    let mut queue: VecDeque<Vec<&'s str>> = first.map(|name| vec![name]).collect();
    let mut seen = std::collections::BTreeSet::new();
    while let Some(path) = queue.pop_front() {
        let Some(last) = path.last().copied() else {
            continue;
        };
        if last == goal {
            return path;
        }
        if !seen.insert(last) {
            continue;
        }
        let extends = catalog.layer(last).and_then(|layer| layer.own.extends);
        for next in extends.map_or(&[][..], |extends| extends.items) {
            queue.push_back(path.iter().copied().chain([next.text]).collect());
        }
    }
    Vec::new()
}

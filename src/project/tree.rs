//! Small steps on trees: what is below a key, a map with another entry.

use bumpalo::Bump;
use rustc_hash::FxHashMap;

use crate::compose::value::collect;
use crate::yaml::node::{Entry, Kind, Node, Tagged};

/// A tree of the run: it lives as long as its texts.
pub(super) type Tree<'s> = Node<'s, 's>;

/// An entry of such a tree's maps.
pub(super) type Branch<'s> = Entry<'s, 's>;

/// The entries of a map; none of anything else.
pub(super) fn branches<'s>(node: &Tree<'s>) -> &'s [Branch<'s>] {
    node.as_map().unwrap_or_default()
}

/// The entry of a key. Searches from the front.
pub(super) fn branch<'s>(node: &Tree<'s>, key: &str) -> Option<&'s Branch<'s>> {
    branches(node).iter().find(|entry| entry.key == key)
}

/// A map of the same place with other entries.
pub(super) fn map<'s>(node: &Tree<'s>, entries: &'s [Branch<'s>]) -> Tree<'s> {
    Node {
        kind: Kind::Map(entries),
        ..*node
    }
}

/// The map without a key.
pub(super) fn without<'s>(node: &Tree<'s>, key: &str, arena: &'s Bump) -> Tree<'s> {
    let kept = branches(node).iter().filter(|entry| entry.key != key);
    map(node, collect(arena, kept.copied()))
}

/// The map with another value behind a key that it has.
pub(super) fn with_value<'s>(
    node: &Tree<'s>,
    key: &str,
    value: Tree<'s>,
    arena: &'s Bump,
) -> Tree<'s> {
    let entries = branches(node).iter().map(|entry| match entry.key == key {
        true => Entry { value, ..*entry },
        false => *entry,
    });
    map(node, collect(arena, entries))
}

/// The tree behind a tag of ours, as Compose sees it when nothing lies below it: what is `!reset` is not there, and
/// all other tags say nothing.
pub(super) fn settled<'s>(node: Tree<'s>, arena: &'s Bump) -> Tree<'s> {
    match has_tag(&node) {
        true => without_tags(node, arena),
        false => node,
    }
}

fn has_tag(node: &Tree) -> bool {
    match node.kind {
        Kind::Plain(_) | Kind::Quoted(_) => false,
        Kind::Tagged(_) => true,
        Kind::Seq(items) => items.iter().any(has_tag),
        Kind::Map(entries) => entries.iter().any(|entry| has_tag(&entry.value)),
    }
}

fn without_tags<'s>(node: Tree<'s>, arena: &'s Bump) -> Tree<'s> {
    let kind = match node.kind {
        Kind::Plain(_) | Kind::Quoted(_) => return node,
        Kind::Tagged(tagged) => return without_tags(tagged.node, arena),
        Kind::Seq(items) => Kind::Seq(collect(
            arena,
            items.iter().map(|item| without_tags(*item, arena)),
        )),
        Kind::Map(entries) => {
            let kept = entries.iter().filter(|entry| !is_reset(&entry.value));
            let settle = |entry: &Branch<'s>| Entry {
                value: without_tags(entry.value, arena),
                ..*entry
            };
            Kind::Map(collect(arena, kept.map(settle)))
        }
    };
    Node { kind, ..node }
}

/// Whether a value is to be removed.
pub(super) fn is_reset(node: &Tree) -> bool {
    tag(node) == Some("!reset")
}

/// The tag of a value, where it has one.
pub(super) fn tag<'s>(node: &Tree<'s>) -> Option<&'s str> {
    match node.kind {
        Kind::Tagged(Tagged { tag, .. }) => Some(tag),
        _ => None,
    }
}

/// Takes the weight of a tree, aliases expanded, from what is left; `false` where that is not enough.
pub(super) fn fits(node: &Tree, left: &mut usize) -> bool {
    let Some(rest) = left.checked_sub(1) else {
        return false;
    };
    *left = rest;
    match node.kind {
        Kind::Plain(_) | Kind::Quoted(_) => true,
        Kind::Tagged(tagged) => fits(&tagged.node, left),
        Kind::Seq(items) => items.iter().all(|item| fits(item, left)),
        Kind::Map(entries) => entries.iter().all(|entry| fits(&entry.value, left)),
    }
}

/// Whether two trees say the same, wherever they were written.
pub(super) fn same<'s>(one: &Tree<'s>, other: &Tree<'s>) -> bool {
    match (one.kind, other.kind) {
        (Kind::Map(a), Kind::Map(b)) => same_maps(a, b),
        (Kind::Seq(a), Kind::Seq(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b))
        }
        (Kind::Tagged(a), Kind::Tagged(b)) => a.tag == b.tag && same(&a.node, &b.node),
        _ => one.is_null() == other.is_null() && one.as_text() == other.as_text(),
    }
}

/// In whatever order they were written; mostly it is the same.
fn same_maps<'s>(one: &'s [Branch<'s>], other: &'s [Branch<'s>]) -> bool {
    if std::ptr::eq(one, other) {
        return true;
    }
    let mut both = one.iter().zip(other);
    if one.len() != other.len() {
        return false;
    }
    if both.clone().all(|(one, other)| one.key == other.key) {
        return both.all(|(one, other)| same(&one.value, &other.value));
    }
    let others = other.iter().map(|entry| (entry.key, &entry.value));
    let others: FxHashMap<&str, &Tree<'s>> = others.collect();
    one.iter().all(|entry| {
        let other = others.get(entry.key);
        other.is_some_and(|other| same(&entry.value, other))
    })
}

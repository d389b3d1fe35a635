//! What passes through as it is: `x-` keys, and what stands under `compose:` because composegen does not know it yet.

use bumpalo::Bump;
use schemars::{Schema, SchemaGenerator};

use super::value::{Evaluator, Merge, Reader, Sink, Value, collect};
use crate::schema;
use crate::yaml::node::{Entry, Kind, Node, Tagged};

/// Any YAML value. Maps merge by key at any depth; everything else replaces.
#[derive(Clone, Copy, Debug)]
pub struct Raw<'s>(
    /// The node as it was read, kept for the run.
    pub Node<'s, 's>,
);

impl<'s> Raw<'s> {
    /// The entries, where it is a map.
    pub fn entries(&self) -> &'s [Entry<'s, 's>] {
        match self.0.kind {
            Kind::Map(entries) => entries,
            _ => &[],
        }
    }
}

impl<'s> Value<'s> for Raw<'s> {
    fn read(node: &Node<'_, 's>, cx: &Reader<'_, 's>) -> Option<Self> {
        Some(Raw(kept(node, cx.arena)))
    }

    const MERGE: Option<Merge<'s, Self>> =
        Some(|later, earlier, arena| Raw(merged(later.0, earlier.0, arena)));

    fn is_open(&self) -> bool {
        is_open(&self.0)
    }

    fn resolve(&self, cx: &dyn Evaluator<'s>) -> Self {
        Raw(resolved(&self.0, cx))
    }

    fn write(&self, out: &mut Sink) {
        write_node(&self.0, out);
    }

    /// Wherever a catalog holds such a value it is a map; `x-` keys have no schema.
    fn schema(_: &mut SchemaGenerator) -> Schema {
        schema!({ "type": ["object", "null"] })
    }
}

/// The same node in the arena of the run: the tree that it was read into is gone after its file.
fn kept<'s>(node: &Node<'_, 's>, arena: &'s Bump) -> Node<'s, 's> {
    let kind = match node.kind {
        Kind::Plain(text) => Kind::Plain(text),
        Kind::Quoted(text) => Kind::Quoted(text),
        Kind::Seq(items) => Kind::Seq(collect(arena, items.iter().map(|item| kept(item, arena)))),
        Kind::Map(entries) => Kind::Map(collect(
            arena,
            entries.iter().map(|entry| Entry {
                key: entry.key,
                key_place: entry.key_place,
                value: kept(&entry.value, arena),
            }),
        )),
        Kind::Tagged(tagged) => Kind::Tagged(arena.alloc(Tagged {
            tag: tagged.tag,
            node: kept(&tagged.node, arena),
        })),
    };
    let place = node.place;
    Node { kind, place }
}

fn merged<'s>(later: Node<'s, 's>, earlier: Node<'s, 's>, arena: &'s Bump) -> Node<'s, 's> {
    let (Kind::Map(new), Kind::Map(old)) = (later.kind, earlier.kind) else {
        return later;
    };
    let kept = old.iter().map(|entry| Entry {
        value: match new.iter().find(|other| other.key == entry.key) {
            Some(other) => merged(other.value, entry.value, arena),
            None => entry.value,
        },
        ..*entry
    });
    let added = new
        .iter()
        .filter(|entry| old.iter().all(|other| other.key != entry.key));
    Node {
        kind: Kind::Map(collect(arena, kept.chain(added.copied()))),
        place: later.place,
    }
}

fn is_open(node: &Node) -> bool {
    match node.kind {
        Kind::Plain(text) | Kind::Quoted(text) => text.contains(['$', '{']),
        Kind::Seq(items) => items.iter().any(is_open),
        Kind::Map(entries) => entries.iter().any(|entry| is_open(&entry.value)),
        Kind::Tagged(_) => true,
    }
}

fn resolved<'s>(node: &Node<'s, 's>, cx: &dyn Evaluator<'s>) -> Node<'s, 's> {
    let kind = match node.kind {
        Kind::Plain(text) if text.contains(['$', '{']) => {
            Kind::Quoted(cx.text(text, node.place).unwrap_or(text))
        }
        Kind::Quoted(text) => Kind::Quoted(cx.text(text, node.place).unwrap_or(text)),
        Kind::Seq(items) => Kind::Seq(collect(
            cx.arena(),
            items.iter().map(|item| resolved(item, cx)),
        )),
        Kind::Map(entries) => {
            let entries = entries.iter().map(|entry| Entry {
                value: resolved(&entry.value, cx),
                ..*entry
            });
            Kind::Map(collect(cx.arena(), entries))
        }
        Kind::Tagged(tagged) => return resolved(&tagged.node, cx),
        plain @ Kind::Plain(_) => plain,
    };
    Node { kind, ..*node }
}

fn write_node(node: &Node, out: &mut Sink) {
    out.at(node.place);
    match node.kind {
        Kind::Plain(_) if node.is_null() => out.yaml.null(),
        Kind::Plain(text) if !node.is_string() => out.yaml.raw(text),
        Kind::Plain(text) | Kind::Quoted(text) => out.yaml.text(text),
        Kind::Seq(items) => {
            out.yaml.begin_seq();
            for item in items {
                out.yaml.item();
                write_node(item, out);
            }
            out.yaml.end_seq();
        }
        Kind::Map(entries) => {
            out.yaml.begin_map();
            for entry in entries {
                out.yaml.key(entry.key);
                write_node(&entry.value, out);
            }
            out.yaml.end_map();
        }
        Kind::Tagged(tagged) => write_node(&tagged.node, out),
    }
}

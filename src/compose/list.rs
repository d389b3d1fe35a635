//! Lists that replace one another, and the keys where one text stands for a list of one.

use schemars::{Schema, SchemaGenerator};
use serde_json::Value as Json;

use super::model::not_null;
use super::value::{Evaluator, Merge, Reader, Sink, Value, collect};
use crate::finding::Findings;
use crate::place::Place;
use crate::schema;
use crate::yaml::node::{Kind, Node};

/// A list. A later layer's replaces an earlier one's.
#[derive(Clone, Copy, Debug)]
pub struct List<'s, T> {
    /// The items, in order.
    pub items: &'s [T],
    /// Where the list was written.
    pub place: Place,
}

impl<T> Default for List<'_, T> {
    fn default() -> Self {
        List {
            items: &[],
            place: Place::NOWHERE,
        }
    }
}

impl<'s, T: Value<'s>> Value<'s> for List<'s, T> {
    fn read(node: &Node<'_, 's>, cx: &Reader<'_, 's>) -> Option<Self> {
        let Kind::Seq(nodes) = node.kind else {
            cx.wrong_type(node, "a list");
            return as_its_only_item(node, cx);
        };
        Some(List {
            items: cx.items(nodes),
            place: node.place,
        })
    }

    fn touch(&self) -> u8 {
        self.items.iter().fold(0, |all, item| all ^ item.touch())
    }

    fn is_open(&self) -> bool {
        self.items.iter().any(Value::is_open)
    }

    fn resolve(&self, cx: &dyn Evaluator<'s>) -> Self {
        List {
            items: collect(cx.arena(), self.items.iter().map(|item| item.resolve(cx))),
            ..*self
        }
    }

    fn write(&self, out: &mut Sink) {
        write_items(self.items, out);
    }

    fn schema(generator: &mut SchemaGenerator) -> Schema {
        let item = T::schema(generator);
        schema!({ "type": "array", "items": item })
    }
}

/// What was meant where the brackets are missing: with it, nothing else looks wrong because of them.
fn as_its_only_item<'s, T: Value<'s>>(
    node: &Node<'_, 's>,
    cx: &Reader<'_, 's>,
) -> Option<List<'s, T>> {
    node.as_text()?;
    let aside = Findings::new();
    let reader = Reader {
        findings: &aside,
        ..*cx
    };
    let item = T::read(node, &reader).filter(|_| aside.errors() == 0)?;
    Some(List {
        items: cx.slice(std::iter::once(item)),
        place: node.place,
    })
}

/// Writes values as a list.
pub fn write_items<'s, T: Value<'s>>(items: &[T], out: &mut Sink) {
    out.yaml.begin_seq();
    for item in items {
        out.yaml.item();
        item.write(out);
    }
    out.yaml.end_seq();
}

/// One value or a list of them (`dns`, `tmpfs`, `env_file`), written as it was read.
#[derive(Clone, Copy, Debug)]
pub struct OneOrMany<'s, T> {
    /// The values.
    pub items: &'s [T],
    /// Whether it was one value without a list around it.
    pub alone: bool,
    /// Where it was written.
    pub place: Place,
}

impl<'s, T: Value<'s>> Value<'s> for OneOrMany<'s, T> {
    fn read(node: &Node<'_, 's>, cx: &Reader<'_, 's>) -> Option<Self> {
        let (items, alone) = match node.kind {
            Kind::Seq(nodes) => (cx.items(nodes), false),
            // A map alone is written as a list: Compose takes the long form of `env_file` in a list only.
            Kind::Map(_) => (cx.slice(T::read(node, cx).into_iter()), false),
            _ => (cx.slice(T::read(node, cx).into_iter()), true),
        };
        let place = node.place;
        Some(OneOrMany {
            items,
            alone,
            place,
        })
    }

    fn touch(&self) -> u8 {
        self.items.iter().fold(0, |all, item| all ^ item.touch())
    }

    fn is_open(&self) -> bool {
        self.items.iter().any(Value::is_open)
    }

    fn resolve(&self, cx: &dyn Evaluator<'s>) -> Self {
        OneOrMany {
            items: collect(cx.arena(), self.items.iter().map(|item| item.resolve(cx))),
            ..*self
        }
    }

    fn write(&self, out: &mut Sink) {
        match self.items {
            [one] if self.alone => one.write(out),
            items => write_items(items, out),
        }
    }

    fn schema(generator: &mut SchemaGenerator) -> Schema {
        one_or_many(T::schema(generator))
    }
}

/// The schema of one value or a list of them: in one piece where the value is a plain scalar.
fn one_or_many(item: Schema) -> Schema {
    let types = match item.get("type") {
        Some(Json::String(name)) => vec![Json::from(name.as_str())],
        Some(Json::Array(names)) => names.clone(),
        _ => return schema!({ "anyOf": [item, { "type": "array", "items": item }] }),
    };
    let mut all = item.clone();
    let types = types.into_iter().chain([Json::from("array")]);
    all.insert("type".to_owned(), types.collect());
    all.insert("items".to_owned(), item.to_value());
    all
}

/// The schema of a short form, or of a map that must be there.
pub fn short_or_long(short: Schema, long: Schema) -> Schema {
    let long = not_null(long);
    schema!({ "anyOf": [short, long] })
}

/// A short form (one scalar) or a long form (a map) of the same thing.
#[derive(Clone, Copy, Debug)]
pub enum Either<S, L> {
    /// One scalar.
    Short(S),
    /// A map.
    Long(L),
}

impl<'s, S: Value<'s>, L: Value<'s>> Value<'s> for Either<S, L> {
    fn read(node: &Node<'_, 's>, cx: &Reader<'_, 's>) -> Option<Self> {
        match node.kind {
            Kind::Map(_) => L::read(node, cx).map(Either::Long),
            _ => S::read(node, cx).map(Either::Short),
        }
    }

    const MERGE: Option<Merge<'s, Self>> = match L::MERGE {
        Some(_) => Some(|later, earlier, arena| match (later, earlier) {
            (Either::Long(new), Either::Long(old)) => Either::Long(new.over(old, arena)),
            (new, _) => new,
        }),
        None => None,
    };

    fn touch(&self) -> u8 {
        match self {
            Either::Short(short) => short.touch(),
            Either::Long(long) => long.touch(),
        }
    }

    fn is_open(&self) -> bool {
        match self {
            Either::Short(short) => short.is_open(),
            Either::Long(long) => long.is_open(),
        }
    }

    fn resolve(&self, cx: &dyn Evaluator<'s>) -> Self {
        match self {
            Either::Short(short) => Either::Short(short.resolve(cx)),
            Either::Long(long) => Either::Long(long.resolve(cx)),
        }
    }

    fn write(&self, out: &mut Sink) {
        match self {
            Either::Short(short) => short.write(out),
            Either::Long(long) => long.write(out),
        }
    }

    fn schema(generator: &mut SchemaGenerator) -> Schema {
        short_or_long(S::schema(generator), L::schema(generator))
    }
}

/// An item that is told apart by its target inside the container.
pub trait Targeted {
    /// The target, as written.
    fn target(&self) -> Option<&str>;
    /// Where it was written.
    fn place(&self) -> Place;
}

/// A list whose items have a target (`volumes`, `secrets`, `configs`): a later layer's item takes the place of
/// the earlier one with the same target, and the others stay.
#[derive(Clone, Copy, Debug)]
pub struct ByTarget<'s, T> {
    /// The items.
    pub items: &'s [T],
    /// Where the list was written.
    pub place: Place,
}

impl<'s, T: Value<'s> + Targeted> Value<'s> for ByTarget<'s, T> {
    fn read(node: &Node<'_, 's>, cx: &Reader<'_, 's>) -> Option<Self> {
        let List { items, place } = List::read(node, cx)?;
        Some(ByTarget { items, place })
    }

    const MERGE: Option<Merge<'s, Self>> = Some(|later, earlier, arena| {
        let same = |a: &T, b: &T| a.target().is_some() && a.target() == b.target();
        let kept = earlier.items.iter().map(|old| {
            let new = later.items.iter().rfind(|new| same(new, old));
            new.map_or(*old, |new| new.over(*old, arena))
        });
        let added = later
            .items
            .iter()
            .filter(|new| earlier.items.iter().all(|old| !same(new, old)));
        ByTarget {
            items: collect(arena, kept.chain(added.copied())),
            place: later.place,
        }
    });

    fn touch(&self) -> u8 {
        self.items.iter().fold(0, |all, item| all ^ item.touch())
    }

    fn is_open(&self) -> bool {
        self.items.iter().any(Value::is_open)
    }

    fn resolve(&self, cx: &dyn Evaluator<'s>) -> Self {
        ByTarget {
            items: collect(cx.arena(), self.items.iter().map(|item| item.resolve(cx))),
            ..*self
        }
    }

    fn write(&self, out: &mut Sink) {
        write_items(self.items, out);
    }

    fn schema(generator: &mut SchemaGenerator) -> Schema {
        List::<T>::schema(generator)
    }
}

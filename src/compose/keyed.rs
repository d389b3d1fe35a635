//! Maps by name, also where people may write them as a list (`environment`, `labels`, `depends_on`, `networks`).
//! They merge by name through the layers, however each layer wrote them.

use std::cell::Cell;

use bumpalo::Bump;
use rustc_hash::FxHashMap;
use schemars::{Schema, SchemaGenerator};

use super::model::{Tagging, untag};
use super::scalar::{Loose, Text};
use super::value::{Evaluator, Language, Merge, Reader, Sink, Value, collect};
use crate::finding::Finding;
use crate::place::Place;
use crate::rule::Rule;
use crate::schema;
use crate::values::shown::shown;
use crate::yaml::node::{Kind, Node};

/// What a name stands for, in one layer.
#[derive(Clone, Copy, Debug)]
pub enum Slot<V> {
    /// The value, merged with an earlier layer's.
    Is(V),
    /// The value alone, in place of an earlier layer's (`!override`).
    Replaced(V),
    /// Removed (`!reset`).
    Removed,
}

impl<V: Copy> Slot<V> {
    /// The value, unless it was removed.
    pub fn get(&self) -> Option<&V> {
        match self {
            Slot::Is(value) | Slot::Replaced(value) => Some(value),
            Slot::Removed => None,
        }
    }
}

/// A name with its value.
#[derive(Clone, Copy, Debug)]
pub struct Entry<'s, V> {
    /// The name.
    pub key: &'s str,
    /// Where the name was written.
    pub place: Place,
    /// The value.
    pub slot: Slot<V>,
}

impl<'s, V> Entry<'s, V> {
    /// The same name with another value.
    pub fn with(&self, value: V, arena: &'s Bump) -> &'s Self
    where
        V: Copy,
    {
        arena.alloc(Entry {
            key: self.key,
            place: self.place,
            slot: Slot::Is(value),
        })
    }

    /// The same evaluated, which is this one where nothing in it is open; nothing where it is removed.
    pub fn resolved(&'s self, cx: &dyn Evaluator<'s>) -> Option<&'s Self>
    where
        V: Value<'s>,
    {
        Some(match &self.slot {
            Slot::Is(value) if !value.is_open() => self,
            slot => self.with(slot.get()?.resolve(cx), cx.arena()),
        })
    }
}

/// Whether two texts are the same. Those that are one text in memory are not read: modes have most of theirs in common,
/// and in a large catalog each is far away.
#[inline]
pub fn are_same(one: &str, other: &str) -> bool {
    std::ptr::eq(one, other) || one == other
}

/// Names with values, in the order in which they were first written.
#[derive(Clone, Copy, Debug)]
pub struct Keyed<'s, V> {
    /// The entries. Layers, modes and plans have most of theirs in common, and those stand in memory once.
    pub entries: &'s [&'s Entry<'s, V>],
    /// Where the map or list was written.
    pub place: Place,
}

impl<V> Default for Keyed<'_, V> {
    fn default() -> Self {
        Keyed {
            entries: &[],
            place: Place::NOWHERE,
        }
    }
}

impl<'s, V: Copy> Keyed<'s, V> {
    /// The value of a name.
    pub fn get(&self, key: &str) -> Option<&'s V> {
        let entry = self.entries.iter().find(|entry| entry.key == key)?;
        entry.slot.get()
    }

    /// The same of a name that most likely stands at `at`.
    pub fn get_near(&self, at: usize, key: &str) -> Option<&'s V> {
        let entry = self.entries.get(at);
        match entry.filter(|entry| are_same(entry.key, key)) {
            Some(entry) => entry.slot.get(),
            None => self.get(key),
        }
    }

    /// The entries with a later layer's laid over them, for whoever makes something else of them at once: they are put
    /// together in `all`, and the arena keeps no list of them.
    pub fn under<'l>(
        &self,
        later: &Self,
        all: &'l mut Vec<&'s Entry<'s, V>>,
        arena: &'s Bump,
    ) -> &'l [&'s Entry<'s, V>]
    where
        V: Value<'s>,
        's: 'l,
    {
        match (self.entries, later.entries) {
            (entries, []) | ([], entries) => entries,
            (earlier, later) => {
                all.clear();
                lay(later, earlier, all, arena);
                all
            }
        }
    }

    /// Names and values.
    pub fn iter(&self) -> impl Iterator<Item = (&'s str, Place, &'s V)> + use<'s, V> {
        self.entries
            .iter()
            .filter_map(|entry| Some((entry.key, entry.place, entry.slot.get()?)))
    }
}

/// The value type of a keyed map: how an item of the list form names itself.
pub trait Item<'s>: Value<'s> {
    /// What the whole may be, for messages.
    const EXPECTED: &'static str;

    /// Whether there is a list form: names, or names with their values.
    const HAS_LIST: bool = false;

    /// The name and value of a list item; `None` where the key has no list form.
    fn item(_text: &'s str, _place: Place, _cx: &Reader<'_, 's>) -> Option<(&'s str, Self)> {
        None
    }

    /// What to write in place of an item of the list form that is no text.
    fn in_place_of(_node: &Node) -> Option<String> {
        None
    }

    /// What to write in place of a scalar behind a name, where that has to be a map and often is none.
    fn in_place_of_scalar(_node: &Node) -> Option<String> {
        None
    }

    /// Writes the whole. As a map, unless the type knows better.
    fn write_all(map: &Keyed<'s, Self>, out: &mut Sink) {
        out.yaml.begin_map();
        for (key, place, value) in map.iter() {
            out.yaml.key(key);
            out.at(place);
            value.write(out);
        }
        out.yaml.end_map();
    }
}

impl<'s, V: Item<'s>> Keyed<'s, V> {
    fn read_map(
        entries: &[crate::yaml::node::Entry<'_, 's>],
        cx: &Reader<'_, 's>,
    ) -> &'s [&'s Entry<'s, V>] {
        let read = cx.slice(entries.iter().filter_map(|entry| {
            let (key, place) = (entry.key, entry.key_place);
            let (tagging, node) = match entry.value.kind {
                Kind::Tagged(_) => untag(&entry.value, cx),
                _ => (Tagging::Merge, entry.value),
            };
            if let Some(help) = V::in_place_of_scalar(&node) {
                cx.wrong_type_with(&node, "a map", help);
                return None;
            }
            let slot = match tagging {
                Tagging::Reset => Slot::Removed,
                Tagging::Override => Slot::Replaced(V::read(&node, cx)?),
                Tagging::Merge => Slot::Is(V::read(&node, cx)?),
            };
            Some(Entry { key, place, slot })
        }));
        cx.slice(read.iter())
    }

    fn read_list(nodes: &[Node<'_, 's>], cx: &Reader<'_, 's>) -> &'s [&'s Entry<'s, V>] {
        let read = cx.slice(nodes.iter().filter_map(|node| Self::read_item(node, cx)));
        // Compose takes the last of them.
        if cx.language != Language::Compose {
            each_twice(read, &mut |entry, first| {
                cx.findings.add(twice(entry.key, entry.place, first));
            });
        }
        cx.slice(read.iter())
    }

    fn read_item(node: &Node<'_, 's>, cx: &Reader<'_, 's>) -> Option<Entry<'s, V>> {
        let Some(text) = node.as_text().filter(|_| node.is_string()) else {
            match V::in_place_of(node) {
                Some(help) => cx.wrong_type_with(node, "a text", help),
                None => cx.wrong_type(node, "a text"),
            }
            return None;
        };
        let (key, value) = V::item(text, node.place, cx)?;
        Some(Entry {
            key,
            place: node.place,
            slot: Slot::Is(value),
        })
    }
}

/// Tells every name that stands before its entry already, and where it did last. Most lists are short, and a look along
/// them finds a name sooner than a hash.
fn each_twice<'s, V>(entries: &[Entry<'s, V>], tell: &mut dyn FnMut(&Entry<'s, V>, Place)) {
    if entries.len() > HASHED {
        let mut seen = FxHashMap::default();
        for entry in entries {
            if let Some(before) = seen.insert(entry.key, entry.place) {
                tell(entry, before);
            }
        }
        return;
    }
    for (at, entry) in entries.iter().enumerate() {
        let mut before = entries[..at].iter().rev();
        if let Some(before) = before.find(|other| other.key == entry.key) {
            tell(entry, before.place);
        }
    }
}

fn twice(key: &str, place: Place, first: Place) -> Finding {
    let message = format!("{} stands in this list twice", shown(key));
    Finding::new(Rule::DuplicateKey, place, message).second(first, "first given here")
}

impl<'s, V: Item<'s>> Value<'s> for Keyed<'s, V> {
    fn read(node: &Node<'_, 's>, cx: &Reader<'_, 's>) -> Option<Self> {
        let place = node.place;
        let entries = match node.kind {
            Kind::Map(entries) => Self::read_map(entries, cx),
            Kind::Seq(nodes) if V::HAS_LIST || nodes.is_empty() && !cx.is_strict() => {
                Self::read_list(nodes, cx)
            }
            _ if node.is_null() && !cx.is_strict() => &[],
            _ => {
                cx.wrong_type(node, V::EXPECTED);
                return None;
            }
        };
        Some(Keyed { entries, place })
    }

    const MERGE: Option<Merge<'s, Self>> = Some(|later, earlier, arena| {
        if earlier.entries.is_empty() {
            return later;
        }
        let most = later.entries.len() + earlier.entries.len();
        let mut all = bumpalo::collections::Vec::with_capacity_in(most, arena);
        lay(later.entries, earlier.entries, &mut all, arena);
        Keyed {
            entries: all.into_bump_slice(),
            place: later.place,
        }
    });

    fn touch(&self) -> u8 {
        let entries = self.entries.iter();
        entries.fold(0, |all, entry| {
            let key = entry.key.bytes().next().unwrap_or(0);
            all ^ key ^ entry.slot.get().map_or(0, Value::touch)
        })
    }

    fn is_open(&self) -> bool {
        self.entries
            .iter()
            .any(|entry| entry.slot.get().is_none_or(Value::is_open))
    }

    fn resolve(&self, cx: &dyn Evaluator<'s>) -> Self {
        let resolved = self.entries.iter().filter_map(|entry| entry.resolved(cx));
        Keyed {
            entries: collect(cx.arena(), resolved),
            place: self.place,
        }
    }

    fn write(&self, out: &mut Sink) {
        V::write_all(self, out);
    }

    fn schema(generator: &mut SchemaGenerator) -> Schema {
        let value = V::schema(generator);
        match V::HAS_LIST {
            true => schema!({
                "type": ["object", "array", "null"], "additionalProperties": value, "items": { "type": "string" },
            }),
            false => schema!({ "type": ["object", "null"], "additionalProperties": value }),
        }
    }
}

/// For so many entries a bit is kept, whether they lie over another.
const BITS: usize = 64;

/// Above so many names a hash finds them sooner than a look along the list.
const HASHED: usize = 24;

/// Lays later entries over earlier ones: the earlier names first, then those that are new.
fn lay<'s, V: Value<'s>>(
    later: &'s [&'s Entry<'s, V>],
    earlier: &'s [&'s Entry<'s, V>],
    all: &mut impl Extend<&'s Entry<'s, V>>,
    arena: &'s Bump,
) {
    let index = (later.len() > HASHED).then(|| Index::of(later));
    // A bit for each of the first ones; of more than those they are kept by the arena.
    let bits = Cell::new(0u64);
    let more = later.len().saturating_sub(BITS);
    let more: &[Cell<bool>] = arena.alloc_slice_fill_with(more, |_| Cell::new(false));
    let mark = |at: usize| match at.checked_sub(BITS) {
        None => bits.set(bits.get() | 1 << at),
        Some(at) => more[at].set(true),
    };
    let is_used = |at: usize| match at.checked_sub(BITS) {
        None => bits.get() & 1 << at != 0,
        Some(at) => more[at].get(),
    };
    let kept = earlier.iter().map(|old| {
        let found = match &index {
            Some(index) => index.0.get(old.key).copied(),
            None => later.iter().position(|new| new.key == old.key),
        };
        match found {
            None => *old,
            Some(at) => {
                mark(at);
                over_entry(later[at], old, arena)
            }
        }
    });
    all.extend(kept);
    let new = later.iter().enumerate().filter(|(at, _)| !is_used(*at));
    all.extend(new.map(|(_, entry)| *entry));
}

struct Index<'s>(FxHashMap<&'s str, usize>);

impl<'s> Index<'s> {
    fn of<V>(entries: &'s [&'s Entry<'s, V>]) -> Self {
        Index(
            entries
                .iter()
                .enumerate()
                .map(|(at, entry)| (entry.key, at))
                .collect(),
        )
    }
}

fn over_entry<'s, V: Value<'s>>(
    later: &'s Entry<'s, V>,
    earlier: &Entry<'s, V>,
    arena: &'s Bump,
) -> &'s Entry<'s, V> {
    let slot = match (later.slot, earlier.slot) {
        (Slot::Is(_), Slot::Is(_)) if V::MERGE.is_none() => return later,
        (Slot::Replaced(_) | Slot::Removed, _) => return later,
        (Slot::Is(new), Slot::Is(old)) => Slot::Is(new.over(old, arena)),
        (Slot::Is(new), Slot::Replaced(old)) => Slot::Replaced(new.over(old, arena)),
        // What a layer removed and a later one sets again owes nothing to what was below.
        (Slot::Is(new), Slot::Removed) => Slot::Replaced(new),
    };
    arena.alloc(Entry { slot, ..*later })
}

/// A value of `environment` or of a build argument: a text, or nothing (`NAME:`), which takes the variable's own.
#[derive(Clone, Copy, Debug)]
pub struct EnvValue<'s>(
    /// The text; `None` for a bare name.
    pub Option<Text<'s>>,
);

impl<'s> Value<'s> for EnvValue<'s> {
    fn read(node: &Node<'_, 's>, cx: &Reader<'_, 's>) -> Option<Self> {
        if node.is_null() {
            return Some(EnvValue(None));
        }
        Loose::read(node, cx).map(|loose| EnvValue(Some(loose.0)))
    }

    /// The text is not read for itself: it mostly stands right behind its name, which was.
    fn touch(&self) -> u8 {
        self.0.map_or(0, |text| text.place.len as u8)
    }

    fn is_open(&self) -> bool {
        self.0.is_some_and(|text| text.is_open())
    }

    fn resolve(&self, cx: &dyn Evaluator<'s>) -> Self {
        EnvValue(self.0.map(|text| text.resolve(cx)))
    }

    fn write(&self, out: &mut Sink) {
        match self.0 {
            Some(text) => text.write(out),
            None => out.yaml.null(),
        }
    }

    fn schema(_: &mut SchemaGenerator) -> Schema {
        schema!({ "type": ["string", "number", "boolean", "null"] })
    }
}

impl<'s> Item<'s> for EnvValue<'s> {
    const EXPECTED: &'static str = "a map, or a list of `NAME=value`";
    const HAS_LIST: bool = true;

    /// `- NAME: value`, with a dash too many or a `:` for a `=`.
    fn in_place_of(node: &Node) -> Option<String> {
        let [entry] = node.as_map()? else {
            return None;
        };
        // The value may be a secret.
        let name = entry.key;
        Some(format!(
            "write `- {name}=...`, or leave out the dashes of the list"
        ))
    }

    fn item(text: &'s str, place: Place, _: &Reader<'_, 's>) -> Option<(&'s str, Self)> {
        Some(match text.split_once('=') {
            Some((key, text)) => (key, EnvValue(Some(Text { text, place }))),
            None => (text, EnvValue(None)),
        })
    }
}

/// Options: Compose takes them as a map alone.
impl<'s> Item<'s> for Loose<'s> {
    const EXPECTED: &'static str = "a map";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_entries_lie_over_many_others_in_their_order() {
        let arena = Bump::new();
        let entries = |numbers: std::ops::Range<usize>, text: &'static str| {
            let entry = |number: usize| {
                let key = &*arena.alloc_str(&format!("KEY_{number}"));
                let place = Place::NOWHERE;
                let slot = Slot::Is(EnvValue(Some(Text { text, place })));
                &*arena.alloc(Entry { key, place, slot })
            };
            collect(&arena, numbers.map(entry))
        };
        // Fewer than are looked for by a hash, more than that, and more than there are bits for.
        for (earlier, later) in [(0..9, 5..12), (0..40, 10..50), (0..200, 30..300)] {
            let [below, own] =
                [(earlier.clone(), "below"), (later.clone(), "own")].map(|(numbers, text)| Keyed {
                    entries: entries(numbers, text),
                    place: Place::NOWHERE,
                });
            let mut all = Vec::new();
            let laid = below.under(&own, &mut all, &arena);
            let laid: Vec<(String, &str)> = laid
                .iter()
                .map(|entry| {
                    (
                        entry.key.to_owned(),
                        entry.slot.get().unwrap().0.unwrap().text,
                    )
                })
                .collect();
            let expected: Vec<(String, &str)> = (0..later.end)
                .map(|number| {
                    let text = if later.contains(&number) {
                        "own"
                    } else {
                        "below"
                    };
                    (format!("KEY_{number}"), text)
                })
                .collect();
            assert_eq!(laid, expected);
        }
    }
}

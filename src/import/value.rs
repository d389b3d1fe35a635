//! A document under way from a Compose file to a catalog: owned, changeable, with the comments that people wrote.

use super::comments::Comments;
use crate::place::Place;
use crate::yaml::node::{Kind, Node};

/// A value.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// Nothing behind a key.
    Nothing,
    /// A number, true or false: written as it is.
    Plain(String),
    /// A text.
    Text(String),
    /// A list.
    List(Vec<Item>),
    /// A map.
    Map(Map),
}

/// A line of a comment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Line {
    /// An empty line between comments, or between one and what it stands above.
    Blank,
    /// What was said, without the `#`.
    Said(String),
}

/// What people said beside a value, and how they laid it out: nothing of it means anything to the program.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Remarks {
    /// The comments above it.
    pub above: Vec<Line>,
    /// The comment behind it.
    pub beside: Option<String>,
    /// The comments in it behind the last of its entries or items.
    pub below: Vec<Line>,
    /// The lines of a text of which line breaks are blanks.
    pub folded: Vec<Row>,
}

/// A line of a text of which line breaks are blanks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Row {
    /// How far it is indented below the first.
    pub indent: usize,
    /// How many words it has.
    pub words: usize,
}

/// An item of a list.
#[derive(Clone, Debug)]
pub struct Item {
    /// The value.
    pub value: Value,
    /// Its comments.
    pub remarks: Remarks,
    /// Where it was written.
    pub place: Place,
}

/// An entry of a map.
#[derive(Clone, Debug)]
pub struct Entry {
    /// The key.
    pub key: String,
    /// The value.
    pub value: Value,
    /// Its comments.
    pub remarks: Remarks,
    /// Where the value was written; the key's place where the value is a list or map.
    pub place: Place,
}

/// By what they say, wherever that was written and whatever stands beside it.
impl PartialEq for Item {
    fn eq(&self, other: &Self) -> bool {
        self.value == other.value
    }
}

/// By what they say, wherever that was written and whatever stands beside it.
impl PartialEq for Entry {
    fn eq(&self, other: &Self) -> bool {
        self.key == other.key && self.value == other.value
    }
}

/// Keys with values, in their order.
#[derive(Clone, Debug, Default)]
pub struct Map(pub Vec<Entry>);

/// The order of keys says nothing.
impl PartialEq for Map {
    fn eq(&self, other: &Self) -> bool {
        self.0.len() == other.0.len()
            && self
                .0
                .iter()
                .all(|entry| other.get(&entry.key) == Some(&entry.value))
    }
}

impl Line {
    /// What was said, to be changed.
    pub fn said_mut(&mut self) -> Option<&mut String> {
        match self {
            Line::Blank => None,
            Line::Said(text) => Some(text),
        }
    }
}

impl Remarks {
    /// Whether nothing is said; how a text is laid out says nothing.
    pub fn is_silent(&self) -> bool {
        self.above.is_empty() && self.beside.is_none() && self.below.is_empty()
    }

    /// The comments above it, and the one behind it as the last of them.
    pub fn lines_above(&self) -> Vec<Line> {
        let beside = self.beside.iter().cloned().map(Line::Said);
        self.above.iter().cloned().chain(beside).collect()
    }

    /// Every line of comment, to be changed.
    pub fn each(&mut self, change: &mut impl FnMut(&mut String)) {
        let lines = self.above.iter_mut().chain(&mut self.below);
        lines
            .filter_map(Line::said_mut)
            .chain(&mut self.beside)
            .for_each(change);
    }
}

impl Item {
    /// An item of the program's own.
    pub fn made(value: Value) -> Self {
        Item {
            value,
            remarks: Remarks::default(),
            place: Place::NOWHERE,
        }
    }
}

impl Entry {
    /// An entry of the program's own.
    pub fn made(key: impl Into<String>, value: Value) -> Self {
        Entry {
            key: key.into(),
            value,
            remarks: Remarks::default(),
            place: Place::NOWHERE,
        }
    }

    /// Its key as an item of a list.
    pub fn name(&self) -> Item {
        Item {
            value: Value::of(&self.key),
            remarks: self.remarks.clone(),
            place: self.place,
        }
    }

    /// With a comment behind it.
    pub fn beside(mut self, text: impl Into<String>) -> Self {
        self.remarks.beside = Some(text.into());
        self
    }
}

/// Keys whose lists are names, each the key of a map in the long form.
pub const NAMES: [&str; 2] = ["depends_on", "networks"];

impl Map {
    /// A list of names as the map of them, in which nothing more is said of any.
    pub fn of_names(items: &[Item]) -> Value {
        let entry = |item: &Item| {
            Some(Entry {
                key: item.value.text()?.to_owned(),
                value: Value::Nothing,
                remarks: item.remarks.clone(),
                place: item.place,
            })
        };
        Value::Map(Map(items.iter().filter_map(entry).collect()))
    }

    /// Writes maps of names of which nothing is said as lists.
    pub fn shorten_names(&mut self) {
        for entry in self
            .0
            .iter_mut()
            .filter(|entry| NAMES.contains(&entry.key.as_str()))
        {
            if let Value::Map(map) = &entry.value
                && !map.0.is_empty()
                && map.0.iter().all(|entry| entry.value == Value::Nothing)
            {
                entry.value = Value::List(map.0.iter().map(Entry::name).collect());
            }
        }
    }

    /// The value of a key.
    pub fn get(&self, key: &str) -> Option<&Value> {
        self.entry(key).map(|entry| &entry.value)
    }

    /// The entry of a key.
    pub fn entry(&self, key: &str) -> Option<&Entry> {
        self.0.iter().find(|entry| entry.key == key)
    }

    /// Where the value at a path of keys was written.
    pub fn place_of(&self, path: &[&str]) -> Place {
        let Some((key, rest)) = path.split_first() else {
            return Place::NOWHERE;
        };
        match (self.entry(key), rest) {
            (None, _) => Place::NOWHERE,
            (Some(entry), []) => entry.place,
            (Some(entry), rest) => entry
                .value
                .map()
                .map_or(Place::NOWHERE, |map| map.place_of(rest)),
        }
    }

    /// The value of a key, to be changed.
    pub fn get_mut(&mut self, key: &str) -> Option<&mut Value> {
        let mut entries = self.0.iter_mut();
        entries
            .find(|entry| entry.key == key)
            .map(|entry| &mut entry.value)
    }

    /// Every line of comment in it, to be changed.
    pub fn each_comment(&mut self, change: &mut impl FnMut(&mut String)) {
        for entry in &mut self.0 {
            entry.remarks.each(change);
            entry.value.each_comment(change);
        }
    }

    /// Takes an entry out.
    pub fn take(&mut self, key: &str) -> Option<Entry> {
        let at = self.0.iter().position(|entry| entry.key == key)?;
        Some(self.0.remove(at))
    }

    /// Puts an entry at the end, or in the place of the one with the same key.
    pub fn put(&mut self, entry: Entry) {
        match self.0.iter_mut().find(|other| other.key == entry.key) {
            Some(old) => *old = entry,
            None => self.0.push(entry),
        }
    }
}

impl Value {
    /// A text.
    pub fn of(text: impl Into<String>) -> Self {
        Value::Text(text.into())
    }

    /// The characters of a scalar.
    pub fn text(&self) -> Option<&str> {
        match self {
            Value::Plain(text) | Value::Text(text) => Some(text),
            Value::Nothing | Value::List(_) | Value::Map(_) => None,
        }
    }

    /// The entries of a map.
    pub fn map(&self) -> Option<&Map> {
        match self {
            Value::Map(map) => Some(map),
            Value::Nothing | Value::Plain(_) | Value::Text(_) | Value::List(_) => None,
        }
    }

    /// The entries of a map, to be changed.
    pub fn map_mut(&mut self) -> Option<&mut Map> {
        match self {
            Value::Map(map) => Some(map),
            Value::Nothing | Value::Plain(_) | Value::Text(_) | Value::List(_) => None,
        }
    }

    /// The items of a list.
    pub fn items(&self) -> &[Item] {
        match self {
            Value::List(items) => items,
            Value::Nothing | Value::Plain(_) | Value::Text(_) | Value::Map(_) => &[],
        }
    }

    /// Whether nothing is said: no value, an empty map or an empty list.
    pub fn says_nothing(&self) -> bool {
        match self {
            Value::Nothing => true,
            Value::Plain(_) | Value::Text(_) => false,
            Value::List(items) => items.is_empty(),
            Value::Map(map) => map.0.is_empty(),
        }
    }

    /// Every text in it with its place, keys left out, to be changed.
    pub fn each_text(&mut self, place: Place, change: &mut impl FnMut(&mut String, Place)) {
        match self {
            Value::Nothing | Value::Plain(_) => {}
            Value::Text(text) => change(text, place),
            Value::List(items) => {
                for item in items {
                    item.value.each_text(item.place, change);
                }
            }
            Value::Map(map) => {
                for entry in &mut map.0 {
                    entry.value.each_text(entry.place, change);
                }
            }
        }
    }

    /// Whether something holds of one of its scalars.
    pub fn any_scalar(&self, is: &mut impl FnMut(&str) -> bool) -> bool {
        match self {
            Value::Nothing => false,
            Value::Plain(text) | Value::Text(text) => is(text),
            Value::List(items) => items.iter().any(|item| item.value.any_scalar(is)),
            Value::Map(map) => map.0.iter().any(|entry| entry.value.any_scalar(is)),
        }
    }

    /// Every line of comment in it, to be changed.
    pub fn each_comment(&mut self, change: &mut impl FnMut(&mut String)) {
        match self {
            Value::Nothing | Value::Plain(_) | Value::Text(_) => {}
            Value::List(items) => {
                for item in items {
                    item.remarks.each(change);
                    item.value.each_comment(change);
                }
            }
            Value::Map(map) => map.each_comment(change),
        }
    }

    /// What was read, with the comments around it.
    pub fn read(node: &Node, comments: &Comments) -> Self {
        match node.kind {
            _ if node.is_null() => Value::Nothing,
            Kind::Plain(text) if !node.is_string() => Value::Plain(text.to_owned()),
            Kind::Plain(text) | Kind::Quoted(text) => Value::Text(text.to_owned()),
            Kind::Seq(items) => {
                Value::List(items.iter().map(|item| read_item(item, comments)).collect())
            }
            Kind::Map(_) => Value::Map(Map::read(node, comments)),
            Kind::Tagged(tagged) => Value::read(&tagged.node, comments),
        }
    }
}

fn read_item(item: &Node, comments: &Comments) -> Item {
    Item {
        remarks: comments.of_item(item),
        value: Value::read(item, comments),
        place: item.place,
    }
}

impl Map {
    /// The entries of a whole project. Comments in a block that others share belong to those who use it: what the
    /// project keeps for sharing alone is read last.
    pub fn read_root(node: &Node, comments: &Comments) -> Self {
        let entries = node.as_map().unwrap_or_default();
        let is_block = |entry: &crate::yaml::Entry| entry.key.starts_with("x-");
        let (last, first): (Vec<_>, Vec<_>) = entries.iter().copied().partition(is_block);
        Map::read_entries(first.iter().chain(&last), comments)
    }

    /// The entries of a map; none of anything else.
    pub fn read(node: &Node, comments: &Comments) -> Self {
        Map::read_entries(node.as_map().unwrap_or_default().iter(), comments)
    }

    fn read_entries<'n, 's: 'n>(
        entries: impl Iterator<Item = &'n crate::yaml::Entry<'n, 's>>,
        comments: &Comments,
    ) -> Self {
        let read = |entry: &crate::yaml::Entry| {
            let is_scalar = matches!(entry.value.kind, Kind::Plain(_) | Kind::Quoted(_));
            let is_there = is_scalar && !entry.value.is_null();
            Entry {
                remarks: comments.of_entry(entry),
                key: entry.key.to_owned(),
                value: Value::read(&entry.value, comments),
                place: if is_there {
                    entry.value.place
                } else {
                    entry.key_place
                },
            }
        };
        Map(entries.map(read).collect())
    }
}

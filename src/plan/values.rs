//! The values of a mode, over the catalog's own: scalars by their path, such as `influx.bucket`.

use rustc_hash::FxHashMap;

use crate::compose::raw::Raw;
use crate::compose::scalar::Text;
use crate::yaml::node::{Kind, Node};

/// A value as written.
#[derive(Clone, Copy, Debug)]
pub enum Written<'s> {
    /// A scalar.
    Scalar(Text<'s>),
    /// A map of further values.
    Group,
    /// A list, which no text can hold.
    List,
}

/// The values by path.
#[derive(Debug, Default)]
pub struct Values<'s> {
    paths: FxHashMap<&'s str, Written<'s>>,
    order: Vec<&'s str>,
}

impl<'s> Values<'s> {
    /// The values of a merged map.
    pub fn of(raw: Option<Raw<'s>>, arena: &'s bumpalo::Bump) -> Self {
        let mut values = Values::default();
        if let Some(raw) = raw {
            values.add("", &raw.0, arena);
        }
        values
    }

    fn add(&mut self, prefix: &'s str, node: &Node<'s, 's>, arena: &'s bumpalo::Bump) {
        let place = node.place;
        let written = match node.kind {
            Kind::Plain(text) | Kind::Quoted(text) => {
                let text = if node.is_null() { "" } else { text };
                Written::Scalar(Text { text, place })
            }
            Kind::Seq(_) => Written::List,
            Kind::Map(entries) => {
                for entry in entries {
                    let path = match prefix {
                        "" => entry.key,
                        prefix => arena.alloc_str(&format!("{prefix}.{}", entry.key)),
                    };
                    self.add(path, &entry.value, arena);
                }
                Written::Group
            }
            Kind::Tagged(tagged) => return self.add(prefix, &tagged.node, arena),
        };
        if !prefix.is_empty() {
            self.order.push(prefix);
            self.paths.insert(prefix, written);
        }
    }

    /// What stands at a path.
    pub fn get(&self, path: &str) -> Option<Written<'s>> {
        self.paths.get(path).copied()
    }

    /// The path as the values hold it.
    pub fn path(&self, path: &str) -> Option<&'s str> {
        self.paths.get_key_value(path).map(|(path, _)| *path)
    }

    /// All paths, in the order in which they were written.
    pub fn paths(&self) -> &[&'s str] {
        &self.order
    }
}

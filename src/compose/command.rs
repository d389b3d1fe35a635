//! What a container runs: `command`, `entrypoint`, and the test of a healthcheck.

use schemars::{Schema, SchemaGenerator};

use super::list::List;
use super::scalar::{Loose, Text};
use super::value::{Evaluator, Reader, Sink, Value, collect};
use crate::place::Place;
use crate::schema;
use crate::yaml::node::{Kind, Node};

/// One text, which a shell's rules split, or the words themselves.
#[derive(Clone, Copy, Debug)]
pub enum Command<'s> {
    /// One text.
    Shell(Text<'s>),
    /// The words, one an item.
    Exec(List<'s, Loose<'s>>),
    /// `null`: the image's own.
    Image(Place),
}

impl<'s> Command<'s> {
    /// The words as a list of texts: what `CMD` and its like stand before; one text is one word.
    pub fn words(&self) -> impl Iterator<Item = Text<'s>> + use<'s> {
        let (one, many): (Option<Text<'s>>, &'s [Loose<'s>]) = match *self {
            Command::Shell(text) => (Some(text), &[]),
            Command::Exec(list) => (None, list.items),
            Command::Image(_) => (None, &[]),
        };
        one.into_iter().chain(many.iter().map(|word| word.0))
    }

    /// Where it was written.
    pub fn place(&self) -> Place {
        match self {
            Command::Shell(text) => text.place,
            Command::Exec(list) => list.place,
            Command::Image(place) => *place,
        }
    }
}

impl<'s> Value<'s> for Command<'s> {
    fn read(node: &Node<'_, 's>, cx: &Reader<'_, 's>) -> Option<Self> {
        match node.kind {
            Kind::Seq(_) => List::read(node, cx).map(Command::Exec),
            Kind::Map(_) | Kind::Tagged(_) => {
                cx.wrong_type(node, "a text or a list of words");
                None
            }
            _ if node.is_null() => Some(Command::Image(node.place)),
            _ => Loose::read(node, cx).map(|text| Command::Shell(text.0)),
        }
    }

    fn touch(&self) -> u8 {
        self.words().fold(0, |all, word| all ^ word.touch())
    }

    fn is_open(&self) -> bool {
        self.words().any(|word| word.is_open())
    }

    fn resolve(&self, cx: &dyn Evaluator<'s>) -> Self {
        match self {
            Command::Shell(text) => Command::Shell(text.resolve(cx)),
            Command::Exec(list) => Command::Exec(List {
                items: collect(cx.arena(), list.items.iter().map(|word| word.resolve(cx))),
                ..*list
            }),
            Command::Image(place) => Command::Image(*place),
        }
    }

    fn write(&self, out: &mut Sink) {
        out.at(self.place());
        match self {
            Command::Shell(text) => text.write(out),
            Command::Exec(list) => {
                let mut words = list.items.iter().map(|word| word.0.text);
                match words.clone().any(|word| word.contains('\n')) {
                    true => list.write(out),
                    false => out.yaml.flow_seq(&mut words),
                }
            }
            Command::Image(_) => out.yaml.null(),
        }
    }

    fn schema(_: &mut SchemaGenerator) -> Schema {
        let word = ["string", "number", "boolean"];
        schema!({ "type": ["string", "array", "null"], "items": { "type": word } })
    }
}

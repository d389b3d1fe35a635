//! What every value of the model can do. Five verbs, so that a new key is one line in a table:
//! read it, lay it over an earlier layer's, evaluate what is open in it, write it, describe it in the schema.

use bumpalo::Bump;
use schemars::{Schema, SchemaGenerator};

use crate::finding::{Finding, Findings};
use crate::place::Place;
use crate::rule::Rule;
use crate::values::bytes::{holds, holds_either};
use crate::values::interpolation::has_variable;
use crate::values::shown::shown;
use crate::yaml::node::{Kind, Node};
use crate::yaml::number;
use crate::yaml::write::Writer;

/// What reading needs: where values live, where mistakes go, and which language it is.
#[derive(Clone, Copy)]
pub struct Reader<'a, 's> {
    /// The arena of the run.
    pub arena: &'s Bump,
    /// Where mistakes are collected.
    pub findings: &'a Findings,
    /// Which language it is.
    pub language: Language,
}

/// What is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Language {
    /// A catalog: `{{ }}` is an expression of ours, and a `${ }` is not known before the plan.
    Catalog,
    /// A Compose file that this program wrote from a catalog: `{{ }}` is plain text.
    Generated,
    /// A Compose file that somebody else wrote, interpolated as far as its variables are known: what Compose takes is
    /// taken, and what it refuses is refused.
    Compose,
}

impl<'s> Reader<'_, 's> {
    /// Whether a text must wait: for an expression, or for Compose's own interpolation.
    pub fn is_open(&self, text: &str) -> bool {
        match self.language {
            Language::Catalog => may_be_open(text) && (holds(text, b'$') || has_expression(text)),
            Language::Generated => holds(text, b'$'),
            Language::Compose => has_variable(text),
        }
    }

    /// Whether nothing is no map and no list: Compose refuses a key with nothing behind it, which a catalog may have.
    pub fn is_strict(&self) -> bool {
        match self.language {
            Language::Catalog | Language::Generated => false,
            Language::Compose => true,
        }
    }

    /// What a node is, for messages: to Compose more are numbers than to YAML 1.2.
    pub fn kind_word(&self, node: &Node) -> &'static str {
        match (self.language, node.kind) {
            (Language::Compose, Kind::Plain(text)) if number::is_number(text) => "a number",
            (Language::Compose | Language::Catalog | Language::Generated, _) => node.kind_word(),
        }
    }

    /// A value of another kind than the one expected.
    pub fn wrong_type(&self, node: &Node, expected: &str) {
        let message = match node.kind {
            Kind::Tagged(tagged) => {
                format!("expected {expected} without the tag {}", shown(tagged.tag))
            }
            _ => format!("expected {expected}, not {}", self.kind_word(node)),
        };
        let finding = Finding::new(Rule::WrongType, node.place, message);
        self.findings
            .add(finding.maybe_help(type_help(node, expected)));
    }

    /// The same, with what to write.
    pub fn wrong_type_with(&self, node: &Node, expected: &str, help: String) {
        let message = format!("expected {expected}, not {}", self.kind_word(node));
        self.findings
            .add(Finding::new(Rule::WrongType, node.place, message).help(help));
    }

    /// Reads each item of a list.
    pub fn items<T: Value<'s>>(&self, nodes: &[Node<'_, 's>]) -> &'s [T] {
        let read = nodes.iter().filter_map(|node| T::read(node, self));
        self.slice(read)
    }

    /// Keeps values for the run.
    pub fn slice<T: Copy>(&self, values: impl Iterator<Item = T>) -> &'s [T] {
        collect(self.arena, values)
    }
}

/// What most values of another kind lack: the quotes of a text, the brackets of a list.
fn type_help(node: &Node, expected: &str) -> Option<String> {
    let text = node.as_text()?;
    let is_item =
        |rest: &str| rest.starts_with(|first: char| first.is_alphabetic() || "./".contains(first));
    if expected.starts_with("a list") && text.strip_prefix('-').is_some_and(is_item) {
        return Some("write a blank behind each `-`".to_owned());
    }
    if expected == "a text" {
        return Some(format!("write it in quotes: `\"{text}\"`"));
    }
    let is_word = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '/');
    let is_plain = !text.is_empty() && text.chars().all(is_word);
    let item = match is_plain && node.is_string() {
        true => text.to_owned(),
        false => format!("\"{text}\""),
    };
    let can_be_quoted = !text
        .chars()
        .any(|c| c.is_control() || matches!(c, '"' | '\\'));
    (expected.starts_with("a list") && can_be_quoted)
        .then(|| format!("write it as a list: `[{item}]`"))
}

/// Keeps values for the run, as a slice. Room for the most that may come is taken at once: an arena gets nothing
/// back from a list that grows, and what reading refuses is rare.
pub fn collect<T: Copy>(arena: &Bump, values: impl Iterator<Item = T>) -> &[T] {
    let (least, most) = values.size_hint();
    let mut list = bumpalo::collections::Vec::with_capacity_in(most.unwrap_or(least), arena);
    list.extend(values);
    list.into_bump_slice()
}

/// Whether a text holds a byte with which a variable or an expression may begin. Most hold none.
pub fn may_be_open(text: &str) -> bool {
    holds_either(text, b'$', b'{')
}

/// Whether `{{` begins an expression of ours in a text: `{{.` is Docker's own Go template.
pub fn has_expression(text: &str) -> bool {
    braces(text).any(|(at, next)| {
        next == b'%' || (next == b'{' && text.as_bytes().get(at + 2) != Some(&b'.'))
    })
}

/// Whether a text holds `{{` or `{%`, Docker's own `{{.` included.
pub fn has_braces(text: &str) -> bool {
    braces(text).any(|(_, next)| matches!(next, b'{' | b'%'))
}

/// Every `{` of a text, its offset with the byte that follows. Most texts are short and have none.
fn braces(text: &str) -> impl Iterator<Item = (usize, u8)> + '_ {
    let bytes = text.as_bytes();
    let mut start = 0;
    std::iter::from_fn(move || {
        let at = start + bytes[start..].iter().position(|byte| *byte == b'{')?;
        start = at + 1;
        bytes.get(start).map(|next| (at, *next))
    })
}

/// What evaluating needs; the plan implements it.
pub trait Evaluator<'s> {
    /// The arena of the run.
    fn arena(&self) -> &'s Bump;
    /// Where mistakes are collected.
    fn findings(&self) -> &Findings;
    /// The text with its `{{ }}` evaluated and its `${ }` as the declaration of the variable says.
    /// `None` where that failed and a finding says why.
    fn text(&self, text: &'s str, place: Place) -> Option<&'s str>;
}

/// Where values are written: YAML, and on request the place behind every line.
pub struct Sink {
    /// The YAML.
    pub yaml: Writer,
    places: Option<Vec<(usize, Place)>>,
}

impl Sink {
    /// Writes YAML alone.
    pub fn new(yaml: Writer) -> Self {
        Sink { yaml, places: None }
    }

    /// Remembers, too, the place of the value that each line shows.
    pub fn with_places(yaml: Writer) -> Self {
        Sink {
            yaml,
            places: Some(Vec::new()),
        }
    }

    /// Says where the value of the current line was written.
    pub fn at(&mut self, place: Place) {
        if let Some(places) = &mut self.places {
            places.push((self.yaml.line_number() - 1, place));
        }
    }

    /// The YAML, and the places by line.
    pub fn finish(self) -> (String, Vec<(usize, Place)>) {
        (self.yaml.finish(), self.places.unwrap_or_default())
    }
}

/// Makes one of a later value and an earlier one.
pub type Merge<'s, T> = fn(T, T, &'s Bump) -> T;

/// A value of the Compose model.
pub trait Value<'s>: Copy + 's {
    /// Reads it from a node, which need not outlive the call. `None` where it is no such value; a finding says why.
    fn read(node: &Node<'_, 's>, cx: &Reader<'_, 's>) -> Option<Self>;

    /// What is made of a later value and an earlier layer's; without it the later one stays as it is, as scalars and lists
    /// do.
    const MERGE: Option<Merge<'s, Self>> = None;

    /// Lays this later value over an earlier layer's.
    fn over(self, earlier: Self, arena: &'s Bump) -> Self {
        match Self::MERGE {
            Some(merge) => merge(self, earlier, arena),
            None => self,
        }
    }

    /// Whether there is anything for `resolve` to do.
    fn is_open(&self) -> bool;

    /// The value with every expression evaluated and every removal (`!reset`) carried out.
    fn resolve(&self, cx: &dyn Evaluator<'s>) -> Self;

    /// Writes the value, behind its key or its dash.
    fn write(&self, out: &mut Sink);

    /// Its JSON schema.
    fn schema(generator: &mut SchemaGenerator) -> Schema;

    /// Reads a byte of each of its parts, see [`fetch`]; nothing of a kind that few services have.
    fn touch(&self) -> u8 {
        0
    }
}

/// A value as it is written, to compare it with another one of its kind.
pub fn written<'s>(value: &impl Value<'s>) -> String {
    let mut sink = Sink::new(Writer::new());
    sink.yaml.begin_map();
    sink.yaml.key("value");
    value.write(&mut sink);
    sink.yaml.end_map();
    sink.finish().0
}

/// Whether a plan of so many services is larger than the caches, so that fetching its parts is worth it.
pub fn is_large(services: usize) -> bool {
    services > 500
}

/// So many values are fetched at once: few enough that they stay in the caches until they are used.
pub const AT_ONCE: usize = 24;

/// Reads a byte of every part of some values that are about to be used. A large catalog is larger than the caches, and
/// a value has its parts in many places: asked for all at once, they come from memory side by side, where each would be
/// waited for alone (measured: a twelfth of the time for 10,000 services).
pub fn fetch(touched: impl Iterator<Item = u8>) {
    std::hint::black_box(touched.fold(0, |all, byte| all ^ byte));
}

/// Fetches values that are asked for one after the other: so many at once, each time the last of them is reached. Of
/// few values nothing is fetched.
pub struct Ahead<I> {
    values: I,
    left: usize,
    is_worth_it: bool,
}

impl<I: Iterator> Ahead<I> {
    /// Of these values; how many services there are decides whether it is worth it.
    pub fn of(values: I, services: usize) -> Self {
        Ahead {
            values,
            left: 0,
            is_worth_it: is_large(services),
        }
    }

    /// The next value is about to be used.
    pub fn next(&mut self, touch: impl Fn(I::Item) -> u8) {
        if self.left == 0 && self.is_worth_it {
            self.left = AT_ONCE;
            fetch(self.values.by_ref().take(AT_ONCE).map(touch));
        }
        self.left = self.left.saturating_sub(1);
    }
}

/// A schema from JSON.
#[macro_export]
macro_rules! schema {
    ($($json:tt)*) => { schemars::Schema::try_from(serde_json::json!($($json)*)).unwrap_or_default() };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_fetched_shortly_before_they_are_used() {
        let values: Vec<usize> = (0..AT_ONCE * 2 + 5).collect();
        let fetched = std::cell::Cell::new(0);
        let touch = |value: &usize| {
            assert_eq!(*value, fetched.replace(fetched.get() + 1));
            0
        };
        let mut ahead = Ahead::of(values.iter(), 501);
        for value in &values {
            ahead.next(touch);
            let turn = (value / AT_ONCE + 1) * AT_ONCE;
            assert_eq!(fetched.get(), turn.min(values.len()));
        }
        fetched.set(0);
        let mut ahead = Ahead::of(values.iter(), 500);
        values.iter().for_each(|_| ahead.next(touch));
        assert_eq!(fetched.get(), 0);
    }
}

//! Secrets along the tree of a YAML text: below a key that tells, beside a name that does, behind an option in a list;
//! through aliases and `<<`, in texts over several lines.

use std::ops::Range;

use bumpalo::Bump;

use super::find::in_words;
use super::line::{Hand, OF_NAMES, OF_VALUES, is_of_name};
use super::lines;
use super::long::{LONG, MANY};
use super::names::{Names, hints};
use super::options;
use super::required;
use super::section::{is_extension, is_shown};
use super::stretches::Stretches;
use super::values::{is_elsewhere, is_harmless, is_plain, is_taken};
use crate::values::interpolation::uses;
use crate::yaml::{self, Entry, Kind, Node};

/// The most values that are looked at, aliases expanded.
const MOST: usize = 5_000_000;

/// Who wrote what of a text.
pub trait Hands {
    /// Whether somebody may have written any line of a stretch by hand, where nobody writes.
    fn is_in(&self, text: &str, at: &Range<usize>) -> bool;

    /// Whether composegen writes every word of a text.
    fn is_known(&self, text: &str) -> bool;
}

/// Nobody wrote by hand where nobody writes.
pub struct Nobody;

impl Hands for Nobody {
    fn is_in(&self, _: &str, _: &Range<usize>) -> bool {
        false
    }

    fn is_known(&self, _: &str) -> bool {
        false
    }
}

/// What the tree of a text showed.
#[derive(Default)]
pub struct Seen {
    /// Whether all of the text is in the tree.
    pub whole: bool,
    /// Where texts, lists and maps begin and end; what is outside of all texts is a comment, or a sign.
    pub texts: Vec<Range<usize>>,
    /// The values that somebody may have written: where they stand, and what they say.
    pub edited: Vec<(Range<usize>, String)>,
    /// The values that are hidden, without quotation marks and escapes.
    pub values: Vec<String>,
}

/// Adds the secrets of a YAML text, as far as it can be read.
pub fn add(text: &str, names: &Names, edits: &dyn Hands, found: &mut Stretches) -> Seen {
    add_at_most(MOST, text, names, edits, found)
}

/// The same of a text with no more than so many values, aliases expanded; nothing of one with more.
pub fn add_at_most(
    most: usize,
    text: &str,
    names: &Names,
    edits: &dyn Hands,
    found: &mut Stretches,
) -> Seen {
    let arena = Bump::new();
    let read = yaml::read_documents(text, 0, &arena, &arena, most);
    let mut walk = Walk {
        text,
        names,
        edits,
        found,
        seen: Seen {
            whole: read.errors.is_empty() && !read.roots.is_empty(),
            ..Seen::default()
        },
    };
    read.roots
        .iter()
        .for_each(|root| walk.node(root, Around::Document));
    walk.seen
}

/// What stands around a value.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Around {
    /// Nothing: it is the document.
    Document,
    /// A map whose keys are names of things: `services`, `depends_on`, `networks`.
    Things,
    /// A list or a map of anything.
    Any,
}

/// A value of so many bytes may be repeated elsewhere.
const LONGEST: usize = 1 << 16;

/// Keys of Compose's below which names of things stand.
const OF_THINGS: &[&str] = &[
    "configs",
    "credential_spec",
    "depends_on",
    "networks",
    "secrets",
    "volumes",
];

/// Keys that stand beside a `name` and hold no value of it.
const BESIDE: &[&str] = &[
    "app_protocol",
    "attachable",
    "condition",
    "driver",
    "enable_ipv4",
    "enable_ipv6",
    "environment",
    "external",
    "file",
    "gid",
    "host_ip",
    "image",
    "internal",
    "mode",
    "protocol",
    "published",
    "required",
    "restart",
    "source",
    "target",
    "template_driver",
    "type",
    "uid",
    "version",
];

struct Walk<'w> {
    text: &'w str,
    names: &'w Names,
    edits: &'w dyn Hands,
    found: &'w mut Stretches,
    seen: Seen,
}

impl Walk<'_> {
    fn node(&mut self, node: &Node, around: Around) {
        match node.kind {
            Kind::Map(entries) => self.map(entries, around),
            Kind::Seq(items) => self.seq(items, around),
            Kind::Tagged(tagged) => self.node(&tagged.node, around),
            Kind::Plain(text) | Kind::Quoted(text) => self.text(node, text),
        }
    }

    fn map(&mut self, entries: &[Entry], around: Around) {
        let named = entries.iter().find(|entry| self.names_a_secret(entry));
        self.rests(entries);
        for entry in entries {
            self.key(entry);
            if around == Around::Document && entry.key == "secrets" {
                self.hide_secrets(&entry.value);
            }
            let is_thing = around == Around::Things
                && !matches!(entry.value.kind, Kind::Plain(_) | Kind::Quoted(_));
            let is_value =
                named.is_some_and(|named| !same(named, entry) && self.is_value_beside(entry));
            if is_value {
                self.hide_all(&entry.value);
            } else if is_thing && self.names.tell(entry.key) {
                self.hide_content(&entry.value);
            } else if !is_thing && !OF_THINGS.contains(&entry.key) && self.tells(entry) {
                self.hide_literals(entry.key, &entry.value);
            }
            let is_section = around == Around::Document && entry.key == "services";
            let below =
                match is_section || around != Around::Things && OF_THINGS.contains(&entry.key) {
                    true => Around::Things,
                    false => Around::Any,
                };
            self.node(&entry.value, below);
        }
    }

    /// `{ API_TOKEN: one,two }`: what follows a comma is no key of its own where no `:` follows.
    fn rests(&mut self, entries: &[Entry]) {
        let mut end = None;
        for entry in entries {
            let own = stretch(self.text, entry.key_place);
            if let Some(end) = end.filter(|_| self.is_bare(&own)) {
                self.seen.values.push(entry.key.to_owned());
                self.found.add(end..own.end);
                continue;
            }
            let text = entry.value.as_text().unwrap_or_default();
            let is_hidden = !text.is_empty() && self.names.hide(entry.key, text);
            end = is_hidden.then(|| stretch(self.text, entry.value.place).end);
        }
    }

    /// Whether a key in `{ }` has no `:`.
    fn is_bare(&self, key: &Range<usize>) -> bool {
        let behind = self.text.get(key.end..).unwrap_or_default();
        behind.trim_start().starts_with([',', '}'])
    }

    /// A key is a name, but for one with a value in it: `{API_TOKEN=x}`.
    fn key(&mut self, entry: &Entry) {
        let at = stretch(self.text, entry.key_place);
        let mut inside = Stretches::default();
        lines::add(entry.key, self.names, |_| Hand::Ours, &mut inside);
        if !inside.is_empty() {
            let hidden = inside.hidden(entry.key).into_iter().map(str::to_owned);
            self.seen.values.extend(hidden);
            self.found.add(at.clone());
        }
        self.seen.texts.push(at);
    }

    /// Whether a key makes secrets of what stands below it.
    fn tells(&self, entry: &Entry) -> bool {
        self.names.tell(entry.key) || hints(entry.key) && self.is_edited(&entry.value)
    }

    /// Whether an entry is `name: DB_PASSWORD` or its like.
    fn names_a_secret(&self, entry: &Entry) -> bool {
        let Some(name) = entry.value.as_text() else {
            return false;
        };
        OF_NAMES
            .iter()
            .any(|key| entry.key.eq_ignore_ascii_case(key))
            && (self.names.tell(name) || hints(name) && self.is_edited(&entry.value))
    }

    fn is_value_beside(&self, entry: &Entry) -> bool {
        let is_value = OF_VALUES
            .iter()
            .any(|key| entry.key.eq_ignore_ascii_case(key));
        is_value || self.is_edited(&entry.value) && !BESIDE.contains(&entry.key)
    }

    /// Whether somebody may have written a value by hand.
    fn is_edited(&self, node: &Node) -> bool {
        self.edits.is_in(self.text, &stretch(self.text, node.place))
    }

    fn seq(&mut self, items: &[Node], around: Around) {
        for (item, next) in items.iter().zip(items.iter().skip(1)) {
            let (Some(name), Some(value)) = (item.as_text(), next.as_text()) else {
                continue;
            };
            let is_option = name.starts_with('-') && !name.contains(['=', ' ']);
            let option = name.trim_start_matches('-');
            let is_pair = items.len() == 2
                && around == Around::Any
                && self.is_edited(next)
                && self.names.tell(name);
            let hides = match self.is_edited(next) {
                true => self.names.may_hide(option, value),
                false => self.names.hide(option, value),
            };
            if is_option && !value.starts_with('-') && hides || is_pair && !is_taken(value) {
                self.hide(next);
            }
        }
        self.rest_items(items);
        self.command(items);
        items.iter().for_each(|item| self.node(item, around));
    }

    /// `[API_TOKEN=one,two]`: what follows a comma without a blank is no item of its own where it has no `=`.
    fn rest_items(&mut self, items: &[Node]) {
        let mut end = None;
        for item in items {
            let own = stretch(self.text, item.place);
            let text = item.as_text().unwrap_or_default();
            let is_next = |end: &usize| self.text.get(*end..own.start) == Some(",");
            if let Some(from) = end.filter(is_next).filter(|_| !text.contains('=')) {
                self.seen.values.push(text.to_owned());
                self.found.add(from..own.end);
                end = Some(own.end);
                continue;
            }
            let hides = |(name, value): &(&str, &str)| {
                !name.starts_with('-') && self.names.hide(name, value)
            };
            end = text.split_once('=').filter(hides).map(|_| own.end);
        }
    }

    /// Options of one letter in a list of words.
    fn command(&mut self, items: &[Node]) {
        let words: Vec<&str> = items
            .iter()
            .map(|item| item.as_text().unwrap_or_default())
            .collect();
        for own in
            in_words(&mut words.iter().copied()).chunk_by(|(one, _), (other, _)| one == other)
        {
            let number = own[0].0;
            let parts = own.iter().map(|(_, secret)| secret.at.clone());
            match words[number].len() > LONG && own.len() >= MANY / 2 {
                true => self.hide(&items[number]),
                false => self.hide_parts(&items[number], words[number], parts),
            }
        }
        if items.iter().any(|item| self.is_edited(item)) {
            for at in options::guessed_words(&words) {
                self.hide(&items[at]);
            }
        }
    }

    /// A text: hides it where its lines hold a secret, if not more can be said.
    fn text(&mut self, node: &Node, text: &str) {
        let at = stretch(self.text, node.place);
        let is_edited = self.edits.is_in(self.text, &at);
        self.seen.texts.push(at.clone());
        if is_edited {
            self.seen.edited.push((at.clone(), text.to_owned()));
        }
        let hand = if is_edited { Hand::Theirs } else { Hand::Ours };
        let mut inside = Stretches::default();
        lines::add(text, self.names, |_| hand, &mut inside);
        if inside.is_empty() {
            let one_line = text.replace('\n', " ");
            let is_split =
                text.contains('\n') && lines::masked(&one_line, self.names, hand) != one_line;
            if is_split || is_edited && self.is_hinting(text) {
                self.hide(node);
            }
            return;
        }
        match self.verbatim(&at, text) {
            Some(start) => inside
                .moved(start)
                .for_each(|stretch| self.found.add(stretch)),
            None => self.hide(node),
        }
    }

    /// Hides parts of a text, or all of it where it stands otherwise in the file.
    fn hide_parts(&mut self, node: &Node, text: &str, parts: impl Iterator<Item = Range<usize>>) {
        let mut parts = parts.peekable();
        if parts.peek().is_none() {
            return;
        }
        match self.verbatim(&stretch(self.text, node.place), text) {
            Some(start) => {
                parts.for_each(|part| self.found.add(start + part.start..start + part.end));
            }
            None => self.hide(node),
        }
    }

    /// Where a text begins that stands in the file as it is.
    fn verbatim(&self, at: &Range<usize>, text: &str) -> Option<usize> {
        let written = self.text.get(at.clone())?;
        let quote = written
            .chars()
            .next()
            .filter(|sign| matches!(sign, '"' | '\''));
        let quotes = usize::from(quote.is_some());
        let behind = written.get(quotes..)?.strip_prefix(text)?;
        // Of a long text only its start is known for sure.
        let is_all = quote.is_none_or(|quote| behind.starts_with(quote));
        is_all.then_some(at.start + quotes)
    }

    /// Whether something in a text of several words hints at a secret in it, and nobody can tell where.
    fn is_hinting(&self, text: &str) -> bool {
        let mut words = text.split(|letter| !is_of_name(letter));
        text.trim().contains(char::is_whitespace) && words.any(hints) && !self.edits.is_known(text)
    }

    /// Hides the texts below a key that may be a secret.
    fn hide_literals(&mut self, key: &str, node: &Node) {
        match node.kind {
            Kind::Map(entries) => {
                let is_declaration = is_declaration(entries) && !self.is_edited(node);
                let holds = |entry: &&Entry| !is_declaration || OF_VALUES.contains(&entry.key);
                let values = entries.iter().filter(holds);
                values.for_each(|entry| self.hide_literals(key, &entry.value));
            }
            Kind::Seq(items) => items.iter().for_each(|item| self.hide_literals(key, item)),
            Kind::Tagged(tagged) => self.hide_literals(key, &tagged.node),
            Kind::Plain(text) | Kind::Quoted(text) => {
                let hides = match self.is_edited(node) {
                    true => self.names.may_hide(key, text),
                    false => self.names.hide(key, text),
                };
                match lone_default(text).filter(|_| !self.is_edited(node)) {
                    Some(default) if hides => {
                        self.hide_parts(node, text, std::iter::once(default));
                    }
                    Some(_) | None if hides => self.hide(node),
                    Some(_) | None => {
                        let values = required::values(text, key, self.names);
                        self.hide_parts(node, text, values.into_iter());
                    }
                }
            }
        }
    }

    /// Hides what stands below the top level `secrets`, but where it is kept.
    fn hide_secrets(&mut self, node: &Node) {
        let is_open = |node: &Node, rule: fn(&str) -> bool| node.as_text().is_some_and(rule);
        let Some(secrets) = node.as_map() else {
            if !is_open(node, is_plain) {
                self.hide_all(node);
            }
            return;
        };
        for secret in secrets.iter().filter(|secret| !is_extension(secret.key)) {
            match secret.value.as_map() {
                Some(entries) => {
                    let hidden = entries.iter().filter(|entry| !is_shown(entry.key));
                    // A path under another key, as `path`, was meant as `file`.
                    let hidden = hidden.filter(|entry| !is_open(&entry.value, is_elsewhere));
                    hidden.for_each(|entry| self.hide_all(&entry.value));
                }
                None => self.hide_all(&secret.value),
            }
        }
    }

    /// Hides what a config or a secret of such a name holds.
    fn hide_content(&mut self, node: &Node) {
        let entries = node.as_map().unwrap_or_default().iter();
        let values = entries.filter(|entry| OF_VALUES.contains(&entry.key));
        values.for_each(|entry| self.hide_all(&entry.value));
    }

    fn hide_all(&mut self, node: &Node) {
        match node.kind {
            Kind::Map(entries) => entries.iter().for_each(|entry| self.hide_all(&entry.value)),
            Kind::Seq(items) => items.iter().for_each(|item| self.hide_all(item)),
            Kind::Tagged(tagged) => self.hide_all(&tagged.node),
            Kind::Plain(text) | Kind::Quoted(text) => {
                if !is_taken(text) && !is_harmless(text) {
                    self.hide(node);
                }
            }
        }
    }

    fn hide(&mut self, node: &Node) {
        let at = stretch(self.text, node.place);
        // A text over several lines ends where the next key begins.
        let len = self
            .text
            .get(at.clone())
            .map_or(at.len(), |own| own.trim_end().len());
        self.found.add(at.start..at.start + len);
        // Nobody repeats a longer one.
        if let Kind::Plain(text) | Kind::Quoted(text) = node.kind
            && text.len() <= LONGEST
        {
            self.seen.values.push(text.to_owned());
        }
    }
}

/// Whether a map says what a variable is for, as a catalog does: `API_TOKEN: { secret: true, description: ... }`.
fn is_declaration(entries: &[Entry]) -> bool {
    entries
        .iter()
        .any(|entry| matches!(entry.key, "secret" | "description"))
}

/// Where the default stands in `${NAME:-default}`, where that is all of a text.
fn lone_default(text: &str) -> Option<Range<usize>> {
    let all = uses(text).ok()?;
    let [one] = all.as_slice() else {
        return None;
    };
    let is_all = one.start == 0 && one.end == text.len() && !one.word.is_empty();
    is_all.then(|| {
        let start = one.word.as_ptr() as usize - text.as_ptr() as usize;
        start..start + one.word.len()
    })
}

fn same(one: &Entry, other: &Entry) -> bool {
    one.key_place == other.key_place
}

/// The bytes of a place; up to the end of the text where its length is not known.
fn stretch(text: &str, place: crate::place::Place) -> Range<usize> {
    let start = (place.start as usize).min(text.len());
    match place.len {
        u16::MAX => start..text.len(),
        len => start..(start + usize::from(len)).min(text.len()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_default_is_found_where_it_is_all_of_a_text() {
        let found = |text: &'static str| lone_default(text).map(|at| &text[at]);
        assert_eq!(found("${A:-b}"), Some("b"));
        for text in [
            "$ue",
            "tr$ue",
            "${A}",
            "${A:-}",
            "x${A:-b}",
            "${A:-b}${C:-d}",
            "",
            "${",
        ] {
            assert_eq!(found(text), None, "{text}");
        }
    }
}

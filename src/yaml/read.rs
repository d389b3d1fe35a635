//! Text to tree: YAML's events become [`Node`]s in an arena.
//!
//! One pass over the tokeniser's events builds the tree, with two reusable stacks for the
//! entries and items of the collections that are still open. Anchors, aliases and `<<` are
//! expanded on the way, within a budget on the expanded size. Texts are borrowed from the
//! source wherever it holds them verbatim, and stand in an arena of their own elsewhere: they
//! outlive the tree.

mod maps;
#[cfg(test)]
mod tests;

use std::borrow::Cow;

use bumpalo::Bump;
use granit_parser::{
    ErrorKind as Fault, Event, Parser, ScalarStyle, ScanError, Span, StrInput, StructureStyle, Tag,
};
use rustc_hash::FxHashMap;

use super::anchors;
use super::error::{Step, YamlError, fail, offset};
use super::faults::{DEPTH_HELP, explain_fault, is_flow_fault, is_tab_fault};
use super::hints::{colon_help, comma_before, first_quote, foreign_help, tab_in_indent, tab_near};
use super::node::{Entry, Kind, Node, Tagged};
use super::text::check_characters;
use crate::place::Place;

/// How many lists and maps may stand inside each other, aliases expanded.
pub const MAX_DEPTH: usize = 64;

/// What aliases may add to any file, in values plus bytes of text.
const FREE_EXPANSION: u64 = 1_000_000;

/// What aliases may add per byte of the file, beyond [`FREE_EXPANSION`].
const EXPANSION_PER_BYTE: u64 = 10;

/// What aliases may add to a text that somebody else wrote, however long it is.
const MOST_EXPANSION: u64 = 16_000_000;

/// Of more keys that stand twice nobody reads a hint.
const HINTED: usize = 100;

/// Up to this many keys, comparing each with each beats hashing.
const SMALL_MAP: usize = 16;

/// Reads the one YAML document of a text; `None` if there is none.
///
/// Lists and maps go into the arena `tree`, texts that the source does not hold verbatim into `arena`.
/// Places carry `file` and count bytes from the text's first byte, a byte order mark included.
/// Aliases and `<<` are expanded, tags of YAML's core schema resolved.
///
/// # Errors
/// Every key that stands twice, and the first error of syntax, in the order of the file.
pub fn read<'t, 's>(
    text: &'s str,
    file: u16,
    tree: &'t Bump,
    arena: &'s Bump,
) -> Result<Option<Node<'t, 's>>, Vec<YamlError>> {
    let reading = read_on(text, file, tree, arena);
    match reading.errors.is_empty() {
        true => Ok(reading.root),
        false => Err(reading.errors),
    }
}

/// What is said of a key that stands twice in its map.
pub const TWICE: &str = "is given twice in this map";

/// What could be read of a text.
pub struct Reading<'t, 's> {
    /// The document, where there is one and its syntax is right. Of a key that stands twice it has the first.
    pub root: Option<Node<'t, 's>>,
    /// Every key that stands twice, and the first error of syntax, in the order of the file.
    pub errors: Vec<YamlError>,
}

/// Reads as `read` does, and gives the document in spite of keys that stand twice, so that all else can be judged.
pub fn read_on<'t, 's>(
    text: &'s str,
    file: u16,
    tree: &'t Bump,
    arena: &'s Bump,
) -> Reading<'t, 's> {
    let (roots, errors) = reading(text, file, tree, arena, None);
    let root = roots.into_iter().next();
    Reading { root, errors }
}

/// What could be read of a text that may hold several documents.
pub struct Documents<'t, 's> {
    /// The documents that hold anything, in the order of the file; none where its syntax is wrong.
    pub roots: Vec<Node<'t, 's>>,
    /// Every key that stands twice, and the first error of syntax, in the order of the file.
    pub errors: Vec<YamlError>,
}

/// Reads as `read_on` does a text that somebody else wrote: it may hold several documents, one after the other, and
/// no more than `most` values, aliases expanded.
pub fn read_documents<'t, 's>(
    text: &'s str,
    file: u16,
    tree: &'t Bump,
    arena: &'s Bump,
    most: usize,
) -> Documents<'t, 's> {
    let (roots, errors) = reading(text, file, tree, arena, Some(most));
    Documents { roots, errors }
}

/// The documents of a text: one, or any number with no more than so many values.
fn reading<'t, 's>(
    text: &'s str,
    file: u16,
    tree: &'t Bump,
    arena: &'s Bump,
    most: Option<usize>,
) -> (Vec<Node<'t, 's>>, Vec<YamlError>) {
    if let Err(error) = check_characters(text, file) {
        return (Vec::new(), vec![*error]);
    }
    let mut reader = Reader::new(text, file, tree, arena);
    if let Some(most) = most {
        reader.many = true;
        reader.values = most;
        reader.budget = reader.budget.min(MOST_EXPANSION);
    }
    let end = reader.run();
    let mut roots = reader.roots;
    // Of several documents an empty one is told by whoever asked for all.
    let keeps_empty = most.is_some() && !roots.iter().all(is_empty);
    roots.retain(|root| end.is_ok() && (keeps_empty || !is_empty(root)));
    let mut errors = reader.errors;
    errors.extend(end.err().map(|error| *error));
    errors.sort_by_key(|error| error.place.start);
    (roots, errors)
}

/// Whether nothing at all was written for the value.
fn is_empty(node: &Node) -> bool {
    matches!(node.kind, Kind::Plain(""))
}

/// A collection that has begun and not ended.
struct Frame<'s> {
    is_map: bool,
    is_flow: bool,
    /// Whether the next value is a key.
    wants_key: bool,
    /// Whether two keys may be alike: their marks in `seen` are.
    may_clash: bool,
    /// Where the collection's entries or items begin on their stack.
    first: usize,
    /// Byte offset of the collection's start.
    start: u32,
    /// How many levels its values reach down.
    height: usize,
    /// A bit for each key so far, by length and outer letters.
    seen: u64,
    /// The key whose value comes next.
    key: &'s str,
    key_place: Place,
    /// Index of the `<<` entry on the stack.
    merge: Option<usize>,
    /// [`Reader::size`] before the collection.
    size_before: u64,
    anchor: usize,
    tag: Option<CoreOr<'s>>,
}

/// A tag, as far as the tree is concerned.
#[derive(Clone, Copy)]
enum CoreOr<'s> {
    /// `!!str`, or `!` before a scalar.
    Text,
    /// `!!int`, `!!float`, `!!bool`, `!!null`: read as if without quotes.
    Plain,
    /// `!!map`, `!!seq`, or `!` before a collection.
    Ignored,
    /// Any other tag, as written.
    Other(&'s str),
}

/// A value that aliases may repeat.
#[derive(Clone, Copy)]
struct Anchored<'t, 's> {
    node: Node<'t, 's>,
    /// Values plus bytes of text, aliases expanded.
    size: u64,
    /// Levels of lists and maps.
    height: usize,
}

struct Reader<'t, 's> {
    text: &'s str,
    /// Offset of the tokeniser's text in `text`: behind the byte order mark.
    base: usize,
    file: u16,
    tree: &'t Bump,
    arena: &'s Bump,
    entries: Vec<Entry<'t, 's>>,
    items: Vec<Node<'t, 's>>,
    frames: Vec<Frame<'s>>,
    anchors: Vec<Option<Anchored<'t, 's>>>,
    /// The documents so far.
    roots: Vec<Node<'t, 's>>,
    /// Whether there may be more than one.
    many: bool,
    /// How many values may still follow, those that aliases repeat not counted.
    values: usize,
    /// Whether the text has a tab anywhere; few have, and only those need a look at indents.
    has_tabs: bool,
    /// Where the latest document starts.
    document: Place,
    /// Where the latest value ended, in bytes.
    last_end: u32,
    /// Values plus bytes of text so far, aliases expanded.
    size: u64,
    /// What aliases may still add to `size`.
    budget: u64,
    /// Keys of the map at hand, to find those that stand twice.
    keys: FxHashMap<&'s str, Place>,
    errors: Vec<YamlError>,
    /// Where in `entries` the map being read repeats a key.
    repeated: Vec<usize>,
}

impl<'t, 's> Reader<'t, 's> {
    fn new(text: &'s str, file: u16, tree: &'t Bump, arena: &'s Bump) -> Self {
        Self {
            text,
            base: if text.starts_with('\u{feff}') { 3 } else { 0 },
            file,
            tree,
            arena,
            entries: Vec::with_capacity(64),
            items: Vec::with_capacity(16),
            frames: Vec::with_capacity(16),
            anchors: Vec::new(),
            roots: Vec::new(),
            many: false,
            values: usize::MAX,
            has_tabs: text.as_bytes().contains(&b'\t'),
            document: Place {
                file,
                len: 0,
                start: 0,
            },
            last_end: 0,
            size: 0,
            budget: FREE_EXPANSION + EXPANSION_PER_BYTE * text.len() as u64,
            keys: FxHashMap::default(),
            errors: Vec::new(),
            repeated: Vec::new(),
        }
    }

    /// Takes all events, up to the end or the first error of syntax.
    fn run(&mut self) -> Step {
        let body: &'s str = &self.text[self.base..];
        let mut parser: Parser<'s, StrInput<'s>> =
            Parser::new_from_str_with_options(body, limits());
        while let Some(next) = parser.next_event() {
            match next {
                Ok((event, span)) => self.take(event, &span)?,
                Err(error) => return Err(self.explain(&error)),
            }
        }
        Ok(())
    }

    #[inline]
    fn take(&mut self, event: Event<'s>, span: &Span) -> Step {
        self.values = match self.values.checked_sub(1) {
            Some(values) => values,
            None => return too_many(self.place(span)),
        };
        match event {
            Event::Scalar(text, style, anchor, tag) => self.scalar(text, style, anchor, tag, span),
            Event::MappingStart(style, anchor, tag) => self.open(true, style, anchor, tag, span),
            Event::SequenceStart(style, anchor, tag) => self.open(false, style, anchor, tag, span),
            Event::MappingEnd | Event::SequenceEnd => self.close(span),
            Event::Alias(id) => self.alias(id, span),
            Event::DocumentStart(..) => {
                self.document = self.place(span);
                Ok(())
            }
            _ => Ok(()),
        }
    }

    #[inline]
    fn start_of(&self, span: &Span) -> u32 {
        offset(self.base + span.start.byte_offset().unwrap_or(0))
    }

    #[inline]
    fn end_of(&self, span: &Span) -> u32 {
        offset(self.base + span.end.byte_offset().unwrap_or(0))
    }

    #[inline]
    fn place(&self, span: &Span) -> Place {
        self.between(self.start_of(span), self.end_of(span))
    }

    #[inline]
    fn between(&self, start: u32, end: u32) -> Place {
        let len = end.saturating_sub(start).min(u32::from(u16::MAX)) as u16;
        Place {
            file: self.file,
            len,
            start,
        }
    }

    #[inline]
    fn scalar(
        &mut self,
        text: Cow<'s, str>,
        style: ScalarStyle,
        anchor: usize,
        tag: Option<Cow<'s, Tag>>,
        span: &Span,
    ) -> Step {
        let place = self.place(span);
        self.last_end = self.last_end.max(self.end_of(span));
        let is_plain = style == ScalarStyle::Plain;
        let text = match text {
            Cow::Borrowed("~") if is_plain => self.tilde_or_nothing(place),
            Cow::Borrowed(text) => text,
            Cow::Owned(text) => &*self.arena.alloc_str(&text),
        };
        self.size += 1 + text.len() as u64;
        let kind = if is_plain {
            Kind::Plain(text)
        } else {
            Kind::Quoted(text)
        };
        let node = Node { kind, place };
        if anchor == 0 && tag.is_none() {
            return self.attach(node);
        }
        self.dressed_scalar(node, text, anchor, tag)
    }

    /// The tokeniser gives `~` for a value that is not written; the source tells.
    fn tilde_or_nothing(&self, place: Place) -> &'s str {
        if self.text.as_bytes().get(place.start as usize) == Some(&b'~') {
            "~"
        } else {
            ""
        }
    }

    /// A scalar with an anchor or a tag.
    #[cold]
    fn dressed_scalar(
        &mut self,
        mut node: Node<'t, 's>,
        text: &'s str,
        anchor: usize,
        tag: Option<Cow<'s, Tag>>,
    ) -> Step {
        match tag.map(|tag| self.tag(&tag, true)) {
            Some(CoreOr::Text) => node.kind = Kind::Quoted(text),
            Some(CoreOr::Plain) => node.kind = Kind::Plain(text),
            Some(CoreOr::Other(tag)) => node = self.tagged(tag, node),
            Some(CoreOr::Ignored) | None => {}
        }
        self.remember(
            anchor,
            Anchored {
                node,
                size: 1 + text.len() as u64,
                height: 0,
            },
        );
        self.attach(node)
    }

    fn tag(&self, tag: &Tag, is_scalar: bool) -> CoreOr<'s> {
        match tag.core_suffix() {
            Some("str") => CoreOr::Text,
            Some("map" | "seq") => CoreOr::Ignored,
            Some(_) => CoreOr::Plain,
            None if tag.original() == "!" && is_scalar => CoreOr::Text,
            None if tag.original() == "!" => CoreOr::Ignored,
            None => CoreOr::Other(self.arena.alloc_str(&tag.original())),
        }
    }

    fn tagged(&self, tag: &'s str, node: Node<'t, 's>) -> Node<'t, 's> {
        let tagged = self.tree.alloc(Tagged { tag, node });
        Node {
            kind: Kind::Tagged(tagged),
            place: node.place,
        }
    }

    fn remember(&mut self, anchor: usize, value: Anchored<'t, 's>) {
        if anchor == 0 {
            return;
        }
        if self.anchors.len() <= anchor {
            self.anchors.resize(anchor + 1, None);
        }
        self.anchors[anchor] = Some(value);
    }

    /// Gives a finished value to the collection around it.
    #[inline]
    fn attach(&mut self, node: Node<'t, 's>) -> Step {
        let Some(frame) = self.frames.last_mut() else {
            return self.finish_document(node);
        };
        if self.has_tabs && !frame.is_flow {
            check_indent(self.text, node.place)?;
        }
        if !frame.is_map {
            self.items.push(node);
        } else if frame.wants_key {
            return self.key(node);
        } else {
            frame.wants_key = true;
            self.entries.push(Entry {
                key: frame.key,
                key_place: frame.key_place,
                value: node,
            });
        }
        Ok(())
    }

    #[inline]
    fn key(&mut self, node: Node<'t, 's>) -> Step {
        let (Kind::Plain(key) | Kind::Quoted(key)) = node.kind else {
            return no_text_key(node.place);
        };
        if is_empty(&node) {
            return missing_key(node.place);
        }
        let Some(frame) = self.frames.last_mut() else {
            return Ok(());
        };
        if key == "<<" && matches!(node.kind, Kind::Plain(_)) {
            frame.merge.get_or_insert(self.entries.len());
        }
        let mark = key_mark(key);
        frame.may_clash |= frame.seen & mark != 0;
        frame.seen |= mark;
        frame.key = key;
        frame.key_place = node.place;
        frame.wants_key = false;
        Ok(())
    }

    /// Takes the value of a document; a second one with content is refused.
    #[cold]
    fn finish_document(&mut self, node: Node<'t, 's>) -> Step {
        if is_empty(&node) && !self.many {
            return Ok(());
        }
        self.check_only_document()?;
        self.roots.push(node);
        Ok(())
    }

    fn check_only_document(&self) -> Step {
        if self.many || self.roots.is_empty() {
            return Ok(());
        }
        let before = &self.text.as_bytes()[..self.document.start as usize];
        let line = 1 + before.iter().filter(|&&b| b == b'\n').count();
        let message = format!("a second document starts on line {line}; a file holds one");
        fail(
            YamlError::syntax(self.document, message)
                .with_help("delete the `---`, or split the file"),
        )
    }

    fn open(
        &mut self,
        is_map: bool,
        style: StructureStyle,
        anchor: usize,
        tag: Option<Cow<'s, Tag>>,
        span: &Span,
    ) -> Step {
        let place = self.place(span);
        if self.frames.is_empty() {
            self.check_only_document()?;
        }
        if self.frames.len() >= MAX_DEPTH {
            return too_deep(place);
        }
        if self.frames.last().is_some_and(|frame| frame.wants_key) {
            return no_text_key(place);
        }
        let tag = tag.map(|tag| self.tag(&tag, false));
        let first = if is_map {
            self.entries.len()
        } else {
            self.items.len()
        };
        self.frames.push(Frame {
            is_map,
            is_flow: style == StructureStyle::Flow,
            wants_key: is_map,
            may_clash: false,
            first,
            start: place.start,
            height: 0,
            seen: 0,
            key: "",
            key_place: place,
            merge: None,
            size_before: self.size,
            anchor,
            tag,
        });
        self.size += 1;
        Ok(())
    }

    fn close(&mut self, span: &Span) -> Step {
        let Some(frame) = self.frames.pop() else {
            return Ok(());
        };
        if frame.is_flow {
            self.last_end = self.last_end.max(self.end_of(span));
        }
        let kind = if frame.is_map {
            self.end_map(&frame)?
        } else {
            self.end_seq(&frame)
        };
        let mut node = Node {
            kind,
            place: self.between(frame.start, self.last_end),
        };
        if let Some(CoreOr::Other(tag)) = frame.tag {
            node = self.tagged(tag, node);
        }
        let height = frame.height + 1;
        if let Some(parent) = self.frames.last_mut() {
            parent.height = parent.height.max(height);
        }
        let size = self.size - frame.size_before;
        self.remember(frame.anchor, Anchored { node, size, height });
        self.attach(node)
    }

    fn end_seq(&mut self, frame: &Frame<'s>) -> Kind<'t, 's> {
        let items = self.tree.alloc_slice_copy(&self.items[frame.first..]);
        self.items.truncate(frame.first);
        Kind::Seq(items)
    }

    /// Repeats an anchored value, if the budget and the depth allow it.
    #[cold]
    fn alias(&mut self, id: usize, span: &Span) -> Step {
        let place = self.place(span);
        self.last_end = self.last_end.max(self.end_of(span));
        let name = self
            .text
            .get(self.start_of(span) as usize..self.end_of(span) as usize)
            .unwrap_or("*");
        let Some(Some(value)) = self.anchors.get(id).copied() else {
            return fail(YamlError::syntax(
                place,
                format!("`{name}` stands inside the value that it repeats"),
            ));
        };
        if value.size > self.budget {
            return too_large(place, name);
        }
        if self.frames.len() + value.height > MAX_DEPTH {
            return too_deep(place);
        }
        self.budget -= value.size;
        self.size += value.size;
        self.attach_alias(value, place)
    }

    fn attach_alias(&mut self, value: Anchored<'t, 's>, place: Place) -> Step {
        let mut node = value.node;
        if let Some(frame) = self.frames.last_mut() {
            frame.height = frame.height.max(value.height);
            if frame.wants_key {
                node.place = place;
            }
        }
        self.attach(node)
    }

    /// The tokeniser's error, in words for people.
    #[cold]
    fn explain(&self, error: &ScanError) -> Box<YamlError> {
        let at = self.base + error.marker().byte_offset().unwrap_or(0);
        let at = self.text.floor_char_boundary(at);
        if let Some(tab) = tab_near(self.text, at, is_tab_fault(error.kind())) {
            return Box::new(tab_error(self.file, tab));
        }
        if let (Fault::UnknownAnchor, Some(b'*')) = (error.kind(), self.text.as_bytes().get(at)) {
            return Box::new(unknown_anchor(self.text, self.file, at));
        }
        let len = self.text[at..].chars().next().map_or(0, char::len_utf8);
        let place = Place {
            file: self.file,
            len: len as u16,
            start: offset(at),
        };
        let (message, help) = explain_fault(error.kind());
        let mut result = YamlError::syntax(place, message);
        let comma = || {
            is_flow_fault(error.kind())
                .then(|| comma_before(self.text, at))
                .flatten()
        };
        let marks = self.text[..at].rfind('\n').map_or(0, |end| end + 1);
        let colon = || {
            let is_key = matches!(
                error.kind(),
                Fault::SimpleKeyExpected | Fault::InvalidSimpleKey
            );
            is_key.then(|| colon_help(&self.text[marks..])).flatten()
        };
        let help = foreign_help(&self.text[marks..])
            .or_else(comma)
            .or_else(colon)
            .or(help);
        result.help = help.map(str::to_owned);
        let opened = self.opening(error.kind(), at);
        match (opened, error.kind()) {
            // The line to change is the one where it begins.
            (Some(place), Fault::UnclosedQuotedScalar | Fault::InvalidQuotedScalarIndent) => {
                let end = std::mem::replace(&mut result.place, place);
                result.second = Some((end, "it would go on here".to_owned()));
            }
            (opened, _) => result.second = opened.map(|place| (place, "opened here".to_owned())),
        }
        Box::new(result)
    }

    /// Where the bracket or quote was opened that an error at `at` misses the end of, unless the error is there.
    fn opening(&self, fault: &Fault, at: usize) -> Option<Place> {
        let start = match fault {
            Fault::ExpectedFlowMappingSeparator | Fault::ExpectedFlowSequenceSeparator => self
                .frames
                .last()
                .filter(|frame| frame.is_flow)
                .map(|frame| frame.start as usize),
            Fault::UnclosedQuotedScalar | Fault::InvalidQuotedScalarIndent => {
                first_quote(self.text, self.last_end as usize, at)
            }
            _ => None,
        };
        let start = start.filter(|start| *start < at)?;
        Some(Place {
            file: self.file,
            len: 1,
            start: offset(start),
        })
    }
}

/// A bit that stands for a key: alike keys have the same, different ones mostly not.
#[inline]
fn key_mark(key: &str) -> u64 {
    let bytes = key.as_bytes();
    let (Some(&first), Some(&last)) = (bytes.first(), bytes.last()) else {
        return 1;
    };
    let middle = bytes[bytes.len() / 2];
    let mixed =
        usize::from(first) * 31 + usize::from(last) * 7 + usize::from(middle) * 13 + bytes.len();
    1 << (mixed & 63)
}

#[cold]
fn no_text_key(place: Place) -> Step {
    fail(
        YamlError::syntax(place, "a key must be a text")
            .with_help("if this is a value such as `{{ name }}`, put it in quotes"),
    )
}

#[cold]
fn missing_key(place: Place) -> Step {
    fail(YamlError::syntax(place, "a key is missing before the `:`"))
}

#[cold]
fn too_deep(place: Place) -> Step {
    fail(YamlError::syntax(place, "nested deeper than 64 levels").with_help(DEPTH_HELP))
}

#[cold]
fn too_many(place: Place) -> Step {
    fail(
        YamlError::syntax(
            place,
            "the file holds more values than any Compose file has",
        )
        .with_help("split it, and name its parts under `include`"),
    )
}

#[cold]
fn too_large(place: Place, name: &str) -> Step {
    let message = format!("`{name}` makes the file too large: its aliases repeat too much");
    fail(
        YamlError::syntax(place, message)
            .with_help("write the repeated part once, or repeat smaller parts"),
    )
}

/// The tokeniser's limits: its depth lies beyond ours, so that ours is the one that speaks.
fn limits() -> granit_parser::Options {
    granit_parser::options! {
        emit_comments: false,
        flow_nesting_limit: MAX_DEPTH + 8,
        block_nesting_limit: MAX_DEPTH + 8,
    }
}

fn unknown_anchor(text: &str, file: u16, at: usize) -> YamlError {
    let (message, len, help) = anchors::unknown(text, at);
    let place = Place {
        file,
        len: u16::try_from(len).unwrap_or(u16::MAX),
        start: offset(at),
    };
    YamlError::syntax(place, message).with_help(help)
}

fn tab_error(file: u16, tab: usize) -> YamlError {
    let place = Place {
        file,
        len: 1,
        start: offset(tab),
    };
    YamlError::syntax(
        place,
        "a tab indents this line; YAML is indented with blanks",
    )
    .with_help("replace the tab with blanks, two for each level")
}

/// Refuses tabs before a key or item: the tokeniser takes a tab behind a blank for one column.
#[cold]
fn check_indent(text: &str, place: Place) -> Step {
    match tab_in_indent(text, place.start as usize) {
        Some(tab) if tab < place.start as usize => fail(tab_error(place.file, tab)),
        _ => Ok(()),
    }
}

//! Text to tree: YAML's events become [`Node`]s in an arena.
//!
//! One pass over the tokeniser's events builds the tree, with two reusable stacks for the
//! entries and items of the collections that are still open. Anchors, aliases and `<<` are
//! expanded on the way, within a budget on the expanded size. Texts are borrowed from the
//! source wherever it holds them verbatim, and stand in an arena of their own elsewhere: they
//! outlive the tree.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

use bumpalo::Bump;
use granit_parser::{
    ErrorKind as Fault, Event, Parser, ScalarStyle, ScanError, Span, StrInput, StructureStyle, Tag,
};

use super::anchors;
use super::node::{Entry, Kind, Node, Tagged};
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

/// How far [`comma_hint`] looks back for the `{` of a flow map, in bytes.
const HINT_REACH: usize = 2_000;

const COMMA_HINT: &str =
    "a comma ends a text inside `{ }`; quote the text if the comma belongs to it";
const DEPTH_HELP: &str = "lists and maps may stand inside each other 64 times at most";

/// What is wrong with a YAML file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErrorKind {
    /// The file is no YAML document that can be read. Reading ends there.
    Syntax,
    /// A key stands twice in a map. Reading goes on.
    DuplicateKey,
}

/// One thing that is wrong with a YAML file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct YamlError {
    /// The sort of the error.
    pub kind: ErrorKind,
    /// Where it is; a syntax error points at one byte or at the wrong value.
    pub place: Place,
    /// A clause for people, without file and line.
    pub message: String,
    /// A second place that explains the first, and what is there.
    pub second: Option<(Place, String)>,
    /// What to do about it, where that is known.
    pub help: Option<String>,
}

impl YamlError {
    fn syntax(place: Place, message: impl Into<String>) -> Self {
        Self {
            kind: ErrorKind::Syntax,
            place,
            message: message.into(),
            second: None,
            help: None,
        }
    }

    fn with_help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}

/// Why bytes are no text: they are not UTF-8.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotUtf8 {
    /// Offset of the first byte that is wrong.
    pub offset: usize,
    /// Whether the file starts with the byte order mark of UTF-16.
    pub utf16: bool,
}

impl NotUtf8 {
    /// The finding for the file with this index.
    #[must_use]
    pub fn in_file(self, file: u16) -> YamlError {
        let start = u32::try_from(self.offset).unwrap_or(u32::MAX);
        let encoding = if self.utf16 {
            "the file is in UTF-16"
        } else {
            "this byte is not UTF-8"
        };
        YamlError::syntax(
            Place {
                file,
                len: 1,
                start,
            },
            encoding,
        )
        .with_help("save the file as UTF-8")
    }
}

/// Takes the bytes of a file for UTF-8 text.
///
/// # Errors
/// [`NotUtf8`] with the offset of the first wrong byte.
pub fn decode(bytes: &[u8]) -> Result<&str, NotUtf8> {
    std::str::from_utf8(bytes).map_err(|error| NotUtf8 {
        offset: error.valid_up_to(),
        utf16: bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]),
    })
}

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

/// Refuses files beyond 32-bit offsets, and control characters, which YAML forbids
/// (YAML 1.2.2, section 5.1) and which a tokeniser may let pass in places.
fn check_characters(text: &str, file: u16) -> Step {
    if u32::try_from(text.len()).is_err() {
        return fail(YamlError::syntax(
            Place {
                file,
                len: 0,
                start: 0,
            },
            "the file is larger than 4 GB",
        ));
    }
    let Some(start) = find_control(text.as_bytes()) else {
        return Ok(());
    };
    let code = text.as_bytes()[start];
    let place = Place {
        file,
        len: 1,
        start: offset(start),
    };
    let message = format!("a control character (U+{code:04X}) is not allowed in YAML");
    fail(YamlError::syntax(place, message).with_help(format!(
        "delete it, or write it as `\\x{code:02X}` in double quotes"
    )))
}

/// The first ASCII control character besides tab and line ends. Whole chunks are judged
/// without a branch, which the compiler turns into vector instructions.
fn find_control(bytes: &[u8]) -> Option<usize> {
    let mut chunks = bytes.chunks_exact(64);
    let mut start = 0;
    for chunk in chunks.by_ref() {
        if chunk.iter().fold(false, |bad, &b| bad | is_control(b)) {
            break;
        }
        start += 64;
    }
    bytes[start..]
        .iter()
        .position(|&b| is_control(b))
        .map(|at| start + at)
}

#[inline]
fn is_control(b: u8) -> bool {
    (b < 0x20) & (b != b'\t') & (b != b'\n') & (b != b'\r') | (b == 0x7f)
}

/// A byte offset as places hold it; [`check_characters`] has refused larger files.
#[inline]
fn offset(at: usize) -> u32 {
    at as u32
}

/// A step of reading; the error is boxed to keep the common case small.
type Step = Result<(), Box<YamlError>>;

#[cold]
fn fail<T>(error: YamlError) -> Result<T, Box<YamlError>> {
    Err(Box::new(error))
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
    keys: HashMap<&'s str, Place>,
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
            entries: Vec::with_capacity(256),
            items: Vec::with_capacity(64),
            frames: Vec::with_capacity(MAX_DEPTH),
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
            keys: HashMap::new(),
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

    fn end_map(&mut self, frame: &Frame<'s>) -> Result<Kind<'t, 's>, Box<YamlError>> {
        let count = self.entries.len() - frame.first;
        if frame.may_clash {
            if count <= SMALL_MAP {
                self.compare_keys(frame.first)
            } else {
                self.hash_keys(frame.first)
            }
        }
        let merge = match self.repeated.is_empty() {
            true => frame.merge,
            false => self.drop_repeated(frame.first, frame.merge),
        };
        if let Some(at) = merge {
            self.merge(frame.first, at)?;
        }
        let entries = self.tree.alloc_slice_copy(&self.entries[frame.first..]);
        self.entries.truncate(frame.first);
        Ok(Kind::Map(entries))
    }

    /// Finds keys that stand twice in a small map by comparing each with those before it.
    fn compare_keys(&mut self, first: usize) {
        for at in first + 1..self.entries.len() {
            let key = self.entries[at].key;
            let before = self.entries[first..at]
                .iter()
                .find(|entry| entry.key == key);
            if let Some(place) = before.map(|entry| entry.key_place) {
                self.twice(at, place);
            }
        }
    }

    /// Finds keys that stand twice in a large map by hashing.
    fn hash_keys(&mut self, first: usize) {
        self.keys.clear();
        for at in first..self.entries.len() {
            let Entry { key, key_place, .. } = self.entries[at];
            match self.keys.get(key).copied() {
                Some(place) => self.twice(at, place),
                None => drop(self.keys.insert(key, key_place)),
            }
        }
    }

    /// Keeps the first of the keys that stand twice in the map being read; gives the place that `<<` has then.
    #[cold]
    fn drop_repeated(&mut self, first: usize, merge: Option<usize>) -> Option<usize> {
        let repeated = std::mem::take(&mut self.repeated);
        let entries = self.entries.split_off(first);
        let is_kept = |at: &usize| repeated.binary_search(at).is_err();
        let kept = (first..).zip(entries).filter(|(at, _)| is_kept(at));
        self.entries.extend(kept.map(|(_, entry)| entry));
        let merge = merge.filter(is_kept);
        merge.map(|at| at - repeated.partition_point(|twice| *twice < at))
    }

    #[cold]
    fn twice(&mut self, at: usize, first: Place) {
        let Entry { key, key_place, .. } = self.entries[at];
        self.repeated.push(at);
        let hint = || comma_hint(self.text, key_place).or_else(|| comma_hint(self.text, first));
        let hint = (self.errors.len() < HINTED).then(hint).flatten();
        self.errors.push(YamlError {
            kind: ErrorKind::DuplicateKey,
            place: key_place,
            message: format!("`{key}` {TWICE}"),
            second: Some((first, "first given here".to_owned())),
            help: hint.map(str::to_owned),
        });
    }

    /// Puts the entries that `<<` brings in its place. Own keys win, and so do those of
    /// earlier maps of a list over later ones (<https://yaml.org/type/merge.html>).
    #[cold]
    fn merge(&mut self, first: usize, at: usize) -> Step {
        let value = self.entries[at].value;
        let sources = merge_sources(&value)?;
        let own = self.entries.split_off(first);
        let mut known: HashSet<&str> = own.iter().map(|entry| entry.key).collect();
        for (index, entry) in own.iter().enumerate() {
            if first + index != at {
                self.entries.push(*entry);
                continue;
            }
            let brought = sources
                .iter()
                .flat_map(|source| source.as_map().unwrap_or_default());
            self.entries
                .extend(brought.filter(|entry| known.insert(entry.key)));
        }
        Ok(())
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
        let help = foreign_help(&self.text[marks..]).or_else(comma).or(help);
        result.help = help.map(str::to_owned);
        let opened = self.opening(error.kind(), at);
        result.second = opened.map(|place| (place, "opened here".to_owned()));
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

/// What to do where a line is none of YAML's: the mark of a merge conflict, a statement of a template language.
fn foreign_help(line: &str) -> Option<&'static str> {
    let is_conflict = ["<<<<<<<", "=======", ">>>>>>>"]
        .iter()
        .any(|mark| line.starts_with(mark));
    if is_conflict {
        return Some("a merge conflict is open here: keep one side and delete its marks");
    }
    line.trim_start()
        .starts_with("{%")
        .then_some("a catalog has no `{% %}`: write each entry, or what they share as a fragment")
}

/// The first quote between two offsets that is in no comment.
fn first_quote(text: &str, from: usize, to: usize) -> Option<usize> {
    let mut is_comment = false;
    let mut before = b' ';
    for (at, byte) in text.as_bytes().get(from..to)?.iter().enumerate() {
        match byte {
            b'\n' => is_comment = false,
            b'#' if before.is_ascii_whitespace() => is_comment = true,
            b'"' | b'\'' if !is_comment => return Some(from + at),
            _ => {}
        }
        before = *byte;
    }
    None
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

/// The maps that the value of `<<` brings: itself, or those of a list; none for nothing.
fn merge_sources<'t, 's>(value: &Node<'t, 's>) -> Result<Vec<Node<'t, 's>>, Box<YamlError>> {
    let sources = match value.kind {
        _ if value.is_null() => Vec::new(),
        Kind::Seq(items) => items.to_vec(),
        _ => vec![*value],
    };
    match sources.iter().find(|source| source.as_map().is_none()) {
        None => Ok(sources),
        Some(other) => {
            let message = format!(
                "`<<` takes a map or a list of maps, not {}",
                other.kind_word()
            );
            fail(YamlError::syntax(other.place, message))
        }
    }
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

/// Offset of a tab among the blanks that start the line of `at`.
fn tab_in_indent(text: &str, at: usize) -> Option<usize> {
    let bytes = text.as_bytes();
    let start = bytes[..at]
        .iter()
        .rposition(|&b| b == b'\n')
        .map_or(0, |end| end + 1);
    let indent = bytes[start..]
        .iter()
        .take_while(|b| matches!(b, b' ' | b'\t'));
    indent
        .enumerate()
        .find(|(_, b)| **b == b'\t')
        .map(|(index, _)| start + index)
}

/// The tab behind an error at `at`. An error about a tab may point at the end of the line before.
fn tab_near(text: &str, at: usize, is_tab_fault: bool) -> Option<usize> {
    let next_line = || text[at..].find('\n').map(|end| at + end + 1);
    let below = || {
        is_tab_fault
            .then(next_line)
            .flatten()
            .and_then(|at| tab_in_indent(text, at))
    };
    tab_in_indent(text, at).or_else(below)
}

/// Whether a key that stands in a flow map may be the rest of the text before it.
///
/// It may if it follows a comma that ended a text without quotes, and has no value or a blank
/// in it: `{ description: foo, bar baz }`. Then the answer is a hint for people. `place` is
/// the key's. The look back is short and by brackets, so that it may err; it is a hint.
#[must_use]
pub fn comma_hint(text: &str, place: Place) -> Option<&'static str> {
    let start = place.start as usize;
    let end = start + usize::from(place.len);
    let key = text.get(start..end)?;
    if key.starts_with(['"', '\'']) {
        return None;
    }
    let after = text[end..].trim_start().bytes().next();
    let lacks_value = matches!(after, Some(b',' | b'}'));
    (lacks_value || key.contains(' '))
        .then(|| comma_after_text(text, start))
        .flatten()
}

/// The hint, if a comma that ended a text without quotes stands before `start`, in a flow map.
fn comma_after_text(text: &str, start: usize) -> Option<&'static str> {
    let reach = &text.as_bytes()[start.saturating_sub(HINT_REACH)..start];
    let before = reach.trim_ascii_end().strip_suffix(b",")?.trim_ascii_end();
    let is_text = !matches!(
        before.last()?,
        b'"' | b'\'' | b'}' | b']' | b'{' | b'[' | b',' | b':'
    );
    (is_text && is_in_flow_map(before)).then_some(COMMA_HINT)
}

/// Whether the nearest bracket that is open at the end of `before` is a map's.
fn is_in_flow_map(before: &[u8]) -> bool {
    let mut closed = 0_usize;
    for (at, &b) in before.iter().enumerate().rev() {
        match b {
            b'}' | b']' => closed += 1,
            b'{' | b'[' if closed > 0 => closed -= 1,
            b'{' => return at == 0 || matches!(before[at - 1], b' ' | b'\n' | b'{' | b'[' | b','),
            b'[' => return false,
            _ => {}
        }
    }
    false
}

/// The comma hint for an error at `at`: the last comma before it on its line may be the cause.
fn comma_before(text: &str, at: usize) -> Option<&'static str> {
    let bytes = text.as_bytes();
    let line = bytes[..at]
        .iter()
        .rposition(|&b| b == b'\n')
        .map_or(0, |end| end + 1);
    let comma = line + bytes[line..at].iter().rposition(|&b| b == b',')?;
    comma_after_text(text, comma + 1)
}

fn is_tab_fault(fault: &Fault) -> bool {
    matches!(
        fault,
        Fault::TabNotAllowed
            | Fault::TabInBlockIndentation
            | Fault::TabInIndentation
            | Fault::TabInPlainScalar
            | Fault::TabAtBlockScalarStart
    )
}

fn is_flow_fault(fault: &Fault) -> bool {
    matches!(
        fault,
        Fault::ExpectedFlowMappingSeparator
            | Fault::UnexpectedEofFlowMapping
            | Fault::ExpectedNodeContent
            | Fault::InvalidColonPlacement
            | Fault::MappingValueNotAllowed
            | Fault::SimpleKeyExpected
            | Fault::InvalidSimpleKey
    )
}

/// A message and a help for the tokeniser's error; its own words where it is rare.
fn explain_fault(fault: &Fault) -> (String, Option<&'static str>) {
    let (message, help) = match fault {
        Fault::RecursionLimitExceeded => ("nested deeper than 64 levels", Some(DEPTH_HELP)),
        Fault::UnknownAnchor => (
            "an alias names no anchor that stands before it",
            Some("a text that starts with `*` needs quotes"),
        ),
        Fault::MissingAnchorOrAliasName => (
            "a name is missing after `&` or `*`",
            Some("a text that starts with `&` or `*` needs quotes"),
        ),
        Fault::UnclosedQuotedScalar => ("this quote is not closed", None),
        Fault::DocumentIndicatorInQuotedScalar => (
            "a `---` or `...` stands inside a text in quotes",
            Some("close the quote before it"),
        ),
        Fault::InvalidTrailingSingleQuotedScalar | Fault::InvalidTrailingDoubleQuotedScalar => (
            "something follows the closing quote",
            Some("put the whole value in quotes"),
        ),
        Fault::UnknownQuotedScalarEscape => (
            "this escape is not known in double quotes",
            Some("double the backslash, or use single quotes"),
        ),
        Fault::InvalidQuotedScalarHexEscape | Fault::InvalidUnicodeEscape => (
            "this escape does not give a character",
            Some("double the backslash, or use single quotes"),
        ),
        Fault::InvalidQuotedScalarIndent => (
            "a text in quotes is not closed, or its next line is not indented enough",
            None,
        ),
        Fault::UnclosedFlowCollection { open } => {
            return (format!("this `{open}` is not closed"), None);
        }
        Fault::MismatchedFlowCollectionEnd { open, close } => {
            return (format!("this `{open}` is closed by a `{close}`"), None);
        }
        Fault::MisplacedFlowCollectionEnd => (
            "this bracket closes nothing",
            Some("a text that starts with a bracket needs quotes"),
        ),
        Fault::UnexpectedEofFlowMapping | Fault::UnexpectedEofImplicitFlowMapping => {
            ("the file ends before this `{` is closed", None)
        }
        Fault::UnexpectedEofFlowSequence => ("the file ends before this `[` is closed", None),
        Fault::UnexpectedEof
        | Fault::UnexpectedEofBlockMapping
        | Fault::UnexpectedEofBlockSequence => ("the file ends in the middle of a value", None),
        Fault::ExpectedFlowMappingSeparator => (
            "expected `,` or `}` here",
            Some("quote the text if it has a `:`, a `,` or a bracket in it"),
        ),
        Fault::ExpectedFlowSequenceSeparator => (
            "expected `,` or `]` here",
            Some("quote the text if it has a `:`, a `,` or a bracket in it"),
        ),
        Fault::ExpectedBlockMappingKey => (
            "expected a key here",
            Some("keys of one map start in the same column"),
        ),
        Fault::ExpectedBlockSequenceEntry => (
            "expected `-` here",
            Some("items of one list start in the same column"),
        ),
        Fault::ExpectedNodeContent => ("expected a value here", None),
        Fault::SimpleKeyExpected | Fault::InvalidSimpleKey => (
            "expected `:` after this key",
            Some("a key and its `:` stand on one line"),
        ),
        Fault::MappingValueNotAllowed | Fault::InvalidColonPlacement => (
            "a `:` is not allowed here",
            Some(
                "quote the text if it has `: ` in it; else check the indentation, and the `:` of the key before",
            ),
        ),
        Fault::MappingKeyNotAllowed => ("a key is not allowed here", Some("check the indentation")),
        Fault::BlockSequenceEntryNotAllowed => (
            "a list item is not allowed here",
            Some("start the list on a line of its own below the key"),
        ),
        Fault::BlockEntryInFlowCollection => ("a `-` item is not allowed inside brackets", None),
        Fault::InvalidIndentation
        | Fault::InvalidBlockScalarIndent
        | Fault::InvalidFlowScalarIndent => {
            ("the indentation of this line fits no line before it", None)
        }
        fault if is_tab_fault(fault) => (
            "a tab is not allowed here; YAML is indented with blanks",
            Some("replace the tab with blanks"),
        ),
        Fault::UnexpectedCharacter { character } => {
            if character.is_control() || matches!(character, '\u{fffe}' | '\u{ffff}') {
                let code = u32::from(*character);
                return (
                    format!("a control character (U+{code:04X}) is not allowed in YAML"),
                    Some("delete it"),
                );
            }
            let shown = character;
            let help = "a text that starts with it needs quotes";
            return (format!("a value cannot start with '{shown}'"), Some(help));
        }
        Fault::CommentNotSeparated => ("a blank is missing before the `#`", None),
        Fault::CommentInterceptedScalar => ("a comment stands in the middle of a text", None),
        Fault::BomInsideDocument => (
            "a byte order mark (U+FEFF) stands inside the file",
            Some("delete it"),
        ),
        Fault::InvalidBlockScalarHeader => (
            "something follows the `|` or `>` on its line",
            Some(
                "the text starts on the next line; a text that starts with `|` or `>` needs quotes",
            ),
        ),
        Fault::InvalidMappingValueWhitespace => ("a blank is missing after the `:`", None),
        Fault::InvalidBlockEntryWhitespace => ("a blank is missing after the `-`", None),
        Fault::UndeclaredTagHandle => (
            "this tag's prefix is not declared",
            Some("a text that starts with `!` needs quotes"),
        ),
        Fault::UnsupportedYamlMajorVersion => ("only YAML 1.1 and 1.2 can be read", None),
        other => return (other.to_string(), None),
    };
    (message.to_owned(), help)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::{Duration, Instant};

    fn tree(text: &str) -> String {
        let arena = Bump::new();
        match read(text, 0, &arena, &arena) {
            Ok(None) => "none".to_owned(),
            Ok(Some(node)) => show(&node),
            Err(errors) => panic!("{text:?}: {errors:?}"),
        }
    }

    fn show(node: &Node) -> String {
        match node.kind {
            Kind::Plain(text) => text.to_owned(),
            Kind::Quoted(text) => format!("{text:?}"),
            Kind::Seq(items) => {
                format!("[{}]", items.iter().map(show).collect::<Vec<_>>().join(","))
            }
            Kind::Map(entries) => {
                let entry = |e: &Entry| format!("{}:{}", e.key, show(&e.value));
                format!(
                    "{{{}}}",
                    entries.iter().map(entry).collect::<Vec<_>>().join(",")
                )
            }
            Kind::Tagged(tagged) => format!("<{} {}>", tagged.tag, show(&tagged.node)),
        }
    }

    fn errors(text: &str) -> Vec<YamlError> {
        let started = Instant::now();
        let result = read(text, 0, &Bump::new(), &Bump::new()).map(|_| ());
        assert!(
            started.elapsed() < Duration::from_secs(60),
            "slow: {:.40}",
            text
        );
        result.expect_err(&format!("{text:.60} has an error"))
    }

    fn message(text: &str) -> String {
        errors(text)[0].message.clone()
    }

    fn at(text: &str, place: Place) -> &str {
        &text[place.start as usize..place.start as usize + usize::from(place.len)]
    }

    #[test]
    fn trees_hold_what_the_text_says() {
        assert_eq!(tree(""), "none");
        assert_eq!(tree("# only this\n"), "none");
        assert_eq!(tree("---\n"), "none");
        assert_eq!(tree("~"), "~");
        assert_eq!(
            tree("a: 1\nb: [x, 'y', {z: }]\nc:\n  - d\n  -\n"),
            "{a:1,b:[x,\"y\",{z:}],c:[d,]}"
        );
        assert_eq!(tree("a: ~\nb:\n"), "{a:~,b:}");
        assert_eq!(
            tree("a: |\n  x\n  y\nb: >-\n  x\n  y\nc: p\n  q\n"),
            "{a:\"x\\ny\\n\",b:\"x y\",c:p q}"
        );
        assert_eq!(tree("%YAML 1.2\n---\na: 1\n...\n"), "{a:1}");
        assert_eq!(tree("{ LOG_LEVEL: , TZ: }"), "{LOG_LEVEL:,TZ:}");
        assert_eq!(
            tree("{ description: foo, bar baz }"),
            "{description:foo,bar baz:}"
        );
        assert_eq!(tree("\"a\\tb\": 1"), "{a\tb:1}");
        assert_eq!(tree("? a\n: b\n"), "{a:b}");
        assert_eq!(tree("a: 1\n---\n# nothing\n"), "{a:1}");
    }

    #[test]
    fn line_ends_and_byte_order_marks_are_read() {
        assert_eq!(tree("a: 1\r\nb:\r\n  - c\r\n"), "{a:1,b:[c]}");
        let text = "\u{feff}a: 1\nb: x\n";
        let arena = Bump::new();
        let root = read(text, 3, &arena, &arena)
            .expect("valid")
            .expect("content");
        let entry = root.as_map().expect("a map")[1];
        assert_eq!(at(text, entry.key_place), "b");
        assert_eq!(at(text, entry.value.place), "x");
        assert_eq!(entry.key_place.file, 3);
        assert_eq!(tree("\u{feff}"), "none");
    }

    #[test]
    fn places_cover_the_text() {
        let text = "ä: 'é x'\nb: \"ü\"\nc:\n  - d\n  - e # f\n\n# g\nh: { i: j } # k\nl: [m, n]\no: |\n  p\nq:\n";
        let arena = Bump::new();
        let root = read(text, 0, &arena, &arena)
            .expect("valid")
            .expect("content");
        let entries = root.as_map().expect("a map");
        let values: Vec<&str> = entries.iter().map(|e| at(text, e.value.place)).collect();
        assert_eq!(
            values[..5],
            ["'é x'", "\"ü\"", "- d\n  - e", "{ i: j }", "[m, n]"]
        );
        assert_eq!(values[5], "p\n");
        assert_eq!(values[6], "");
        assert!(entries.iter().all(|e| at(text, e.key_place) == e.key));
        assert_eq!(root.place.start, 0);
    }

    #[test]
    fn tags_of_the_core_schema_disappear() {
        assert_eq!(
            tree(
                "[!!str 1, !!int '1', !!map {a: 1}, !!seq [], !!null '', !!bool true, ! 5, !!float 1]"
            ),
            "[\"1\",1,{a:1},[],,true,\"5\",1]"
        );
        assert_eq!(
            tree("a: !reset null\nb: !override [x]\nc: !reset\nd: !!str\n"),
            "{a:<!reset null>,b:<!override [x]>,c:<!reset >,d:\"\"}"
        );
    }

    #[test]
    fn keys_given_twice_are_all_reported() {
        let text = "a: 1\nb: {c: 1, c: 2}\na: 3\na: 4\n";
        let found = errors(text);
        assert_eq!(found.len(), 3);
        assert!(found.iter().all(|e| e.kind == ErrorKind::DuplicateKey));
        assert_eq!(found[0].message, "`c` is given twice in this map");
        assert_eq!(found[1].place.start, 21);
        assert_eq!(
            found[1].second,
            Some((
                Place {
                    file: 0,
                    len: 1,
                    start: 0
                },
                "first given here".to_owned()
            ))
        );
        let large: String = (0..1000).map(|i| format!("key{}: 1\n", i % 998)).collect();
        assert_eq!(errors(&large).len(), 2);
        for (text, kept) in [
            ("a: 1\nb: 2\na: 3\n", vec!["a", "b"]),
            ("a: 1\na: 2\n<<: {c: 3}\n", vec!["a", "c"]),
            ("<<: {c: 3}\n<<: {d: 4}\n", vec!["c"]),
            ("'<<': 1\n<<: {d: 4}\n", vec!["<<"]),
        ] {
            let arena = Bump::new();
            let reading = read_on(text, 0, &arena, &arena);
            assert_eq!(reading.errors.len(), 1, "{text}");
            let root = reading.root.unwrap();
            let Kind::Map(entries) = root.kind else {
                panic!("{text}")
            };
            let keys: Vec<&str> = entries.iter().map(|entry| entry.key).collect();
            assert_eq!(keys, kept, "{text}");
        }
        let unique: String = (0..1000).map(|i| format!("key{i}: 1\n")).collect();
        assert!(tree(&unique).len() > 1000);
    }

    #[test]
    fn aliases_and_merges_are_expanded() {
        assert_eq!(tree("a: &x [1, 2]\nb: *x\n"), "{a:[1,2],b:[1,2]}");
        assert_eq!(tree("a: &x k\n*x : v\n"), "{a:k,k:v}");
        assert_eq!(
            tree("a: &x {p: 1, q: 2}\nb:\n  <<: *x\n  q: 3\n"),
            "{a:{p:1,q:2},b:{p:1,q:3}}"
        );
        assert_eq!(
            tree("[&x {p: 1}, &y {p: 2, r: 3}, {<<: [*x, *y], s: 4}]"),
            "[{p:1},{p:2,r:3},{p:1,r:3,s:4}]"
        );
        assert_eq!(tree("a: {<<: , b: 1}\n"), "{a:{b:1}}");
        assert_eq!(tree("a: {'<<': 1}\n"), "{a:{<<:1}}");
        assert_eq!(tree("a: &x\nb: *x\n"), "{a:,b:}");
        assert_eq!(
            message("a: {<<: 1}"),
            "`<<` takes a map or a list of maps, not a number"
        );
        assert_eq!(
            message("a: {<<: [{}, x]}"),
            "`<<` takes a map or a list of maps, not a text"
        );
        assert_eq!(
            message("a: &x [*x]"),
            "`*x` stands inside the value that it repeats"
        );
        assert_eq!(
            message("a: *x"),
            "the alias `*x` names no anchor that stands before it"
        );
    }

    #[test]
    fn bombs_end_at_once() {
        let mut text = "a0: &a0 [x, x]\n".to_owned();
        for i in 1..40 {
            text += &format!("a{i}: &a{i} [*a{0}, *a{0}]\n", i - 1);
        }
        assert!(message(&text).contains("makes the file too large"));
        let scalar = format!(
            "a: &a {}\nb:\n{}",
            "x".repeat(100_000),
            "  - *a\n".repeat(20_000)
        );
        assert!(message(&scalar).contains("makes the file too large"));
        let mut merge = "a0: &a0 {k: v, l: w}\n".to_owned();
        for i in 1..60 {
            merge += &format!(
                "a{i}: &a{i} {{<<: [{}]}}\n",
                vec![format!("*a{}", i - 1); 9].join(",")
            );
        }
        assert!(
            errors(&merge)[0]
                .message
                .contains("makes the file too large")
        );
    }

    #[test]
    fn depth_is_limited() {
        for text in [
            "[".repeat(10_000),
            "{a: ".repeat(10_000),
            "- ".repeat(10_000),
        ] {
            assert_eq!(message(&text), "nested deeper than 64 levels");
        }
        assert_eq!(message(&"? ".repeat(10_000)), "a key must be a text");
        let block: String = (0..10_000)
            .map(|i| format!("{}a:\n", " ".repeat(i)))
            .collect();
        assert_eq!(message(&block), "nested deeper than 64 levels");
        assert!(tree(&format!("{}{}", "[".repeat(64), "]".repeat(64))).starts_with('['));
        assert_eq!(
            message(&format!("{}{}", "[".repeat(65), "]".repeat(65))),
            "nested deeper than 64 levels"
        );
        let mut chain = "a0: &a0 []\n".to_owned();
        for i in 1..100 {
            chain += &format!("a{i}: &a{i} [*a{}]\n", i - 1);
        }
        assert_eq!(message(&chain), "nested deeper than 64 levels");
    }

    #[test]
    fn other_documents_and_characters_are_refused() {
        assert_eq!(
            message("a: 1\n---\nb: 2\n"),
            "a second document starts on line 2; a file holds one"
        );
        assert_eq!(
            message("a: 1\n...\n---\nb\n"),
            "a second document starts on line 3; a file holds one"
        );
        for text in [
            "\0",
            "a: \0",
            "a: 'x\0'",
            "# \0",
            "a: |\n  x\0\n",
            "a\u{1}: b",
            "a: \"\u{7f}\"",
            "\u{b}",
        ] {
            assert!(message(text).contains("control character"), "{text:?}");
        }
        let far = "a: b\n\u{2}";
        assert_eq!(
            errors(far)[0].place,
            Place {
                file: 0,
                len: 1,
                start: 5
            }
        );
        assert_eq!(message("? [a]\n: b\n"), "a key must be a text");
        assert_eq!(message("a: {{ b }}\n"), "a key must be a text");
        assert_eq!(message(": b\n"), "a key is missing before the `:`");
    }

    #[test]
    fn tabs_as_indentation_are_named() {
        for text in [
            "a:\n\tb: 1\n",
            "a:\n  b: 1\n\tc: 2\n",
            "a:\n\t- b\n",
            "a:\n \tb: 1\n  c: 2\n",
        ] {
            let found = &errors(text)[0];
            assert!(
                found.message.starts_with("a tab indents this line"),
                "{text:?}: {found:?}"
            );
            assert_eq!(at(text, found.place), "\t");
        }
    }

    #[test]
    fn bytes_that_are_no_text_are_refused() {
        assert_eq!(
            decode(b"ab\xffc"),
            Err(NotUtf8 {
                offset: 2,
                utf16: false
            })
        );
        assert_eq!(
            decode(b"\xff\xfea\0").map_err(|e| e.in_file(1).message),
            Err("the file is in UTF-16".to_owned())
        );
        assert_eq!(decode("ä".as_bytes()), Ok("ä"));
    }

    #[test]
    fn commas_that_end_a_text_are_hinted_at() {
        let hint = |text: &str, key: &str| {
            let start = text.find(key).expect("the key is in the text") as u32;
            comma_hint(
                text,
                Place {
                    file: 0,
                    len: key.len() as u16,
                    start,
                },
            )
            .is_some()
        };
        assert!(hint("a: { description: foo, bar baz }", "bar baz"));
        assert!(hint("a: { description: foo, bar, image: x }", "bar"));
        assert!(hint("a: { description: foo, and bar: x }", "and bar"));
        assert!(hint("a: { description: foo,\n  bar }", "bar"));
        assert!(!hint("a: { LOG_LEVEL: , TZ: }", "TZ"));
        assert!(!hint("a: { port: 80, imgae: x }", "imgae"));
        assert!(!hint("a: { port: 'x', bar }", "bar"));
        assert!(!hint("a: [x, bar: 1]", "bar"));
        assert!(!hint("a: x,\nbar baz: 1\n", "bar baz"));
        let twice = errors("a: { x: foo, x }");
        assert_eq!(twice[0].help.as_deref(), Some(COMMA_HINT));
    }

    #[test]
    fn syntax_errors_have_words_and_places() {
        for (text, part, start) in [
            ("a: 'b\n", "is not closed", 6),
            ("a: [b\n", "`[` is not closed", 3),
            ("a: {b: c\n", "`{` is not closed", 3),
            ("a: [b}\n", "this `[` is closed by a `}`", 3),
            ("a: b: c\n", "a `:` is not allowed here", 4),
            ("a: 1\n b: 2\n", "a `:` is not allowed here", 7),
            ("a: \"\\q\"\n", "escape is not known", 3),
            ("a: @b\n", "cannot start with '@'", 3),
            ("a: 'b' c\n", "follows the closing quote", 7),
            ("a:\n  - b\n c: d\n", "", 0),
            ("a: b\n]", "", 0),
        ] {
            let found = &errors(text)[0];
            assert!(found.message.contains(part), "{text:?}: {found:?}");
            println!(
                "{text:?}: {} at {} {:?}",
                found.message, found.place.start, found.help
            );
            assert!(
                start == 0 || found.place.start == start,
                "{text:?}: {found:?}"
            );
        }
    }
}

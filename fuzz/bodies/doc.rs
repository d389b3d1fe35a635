//! A document of any shape: made of bytes, written by our emitter, compared with what readers read.

use composegen::place::Place;
use composegen::yaml::{Kind, Node, Writer, comma_hint};
use serde_yaml::Value;

/// A document of texts, numbers, nothing, lists and maps.
#[derive(Clone, Debug)]
pub enum Doc {
    Text(String),
    Number(i64),
    Bool(bool),
    Null,
    Flow(Vec<String>),
    Seq(Vec<Doc>),
    Map(Vec<(String, Doc)>),
}

/// What ends a text: a byte that no UTF-8 holds, so that a text may hold everything.
const END: u8 = 0xff;

/// How many lists and maps may stand inside each other: one for the map around all, two for a list in one line.
const DEPTH: usize = composegen::yaml::read::MAX_DEPTH - 3;

impl Doc {
    /// The map that bytes mean, whatever they are: a value is `{`, `[` or `(` with what it holds up to its closing
    /// mark, `#` with a number, `+`, `-` or `~`, or else a text that reaches to the byte 0xff.
    pub fn of_bytes(bytes: &[u8]) -> Doc {
        let mut rest = bytes;
        Doc::Map(entries(&mut rest, 0))
    }

    fn next(rest: &mut &[u8], depth: usize) -> Doc {
        let Some((first, behind)) = rest.split_first() else {
            return Doc::Null;
        };
        let mark = if depth < DEPTH { *first } else { b'~' };
        *rest = behind;
        match mark {
            b'{' => Doc::Map(entries(rest, depth + 1)),
            b'[' => Doc::Seq(items(rest, b']', |rest| Doc::next(rest, depth + 1))),
            b'(' => Doc::Flow(items(rest, b')', text)),
            b'#' => Doc::Number(number(rest)),
            b'+' | b'-' => Doc::Bool(mark == b'+'),
            b'~' => Doc::Null,
            _ => Doc::Text(text(rest)),
        }
    }
}

/// The entries of a map; a key that is there already is left out.
fn entries(rest: &mut &[u8], depth: usize) -> Vec<(String, Doc)> {
    let all = items(rest, b'}', |rest| (text(rest), Doc::next(rest, depth)));
    let mut entries: Vec<(String, Doc)> = Vec::new();
    for (key, value) in all {
        if entries.iter().all(|(other, _)| *other != key) {
            entries.push((key, value));
        }
    }
    entries
}

fn items<T>(rest: &mut &[u8], end: u8, mut next: impl FnMut(&mut &[u8]) -> T) -> Vec<T> {
    let mut items = Vec::new();
    while let Some((first, behind)) = rest.split_first() {
        if *first == end {
            *rest = behind;
            break;
        }
        items.push(next(rest));
    }
    items
}

fn text(rest: &mut &[u8]) -> String {
    let end = rest.iter().position(|byte| *byte == END);
    let (text, behind) = rest.split_at(end.unwrap_or(rest.len()));
    *rest = behind.get(1..).unwrap_or_default();
    String::from_utf8_lossy(text).into_owned()
}

fn number(rest: &mut &[u8]) -> i64 {
    let (bytes, behind) = rest.split_at(rest.len().min(8));
    *rest = behind;
    bytes
        .iter()
        .fold(0, |number, byte| number << 8 | i64::from(*byte))
}

/// Writes a document: with comments and blank lines between, which mean nothing.
pub fn write(doc: &Doc, out: &mut Writer) {
    match doc {
        Doc::Text(text) => out.text(text),
        Doc::Number(number) => out.raw(&number.to_string()),
        Doc::Bool(value) => out.raw(if *value { "true" } else { "false" }),
        Doc::Null => out.null(),
        Doc::Flow(texts) => out.flow_seq(texts.iter().map(String::as_str)),
        Doc::Seq(items) => {
            out.begin_seq();
            for item in items {
                out.item();
                write(item, out);
            }
            out.end_seq();
        }
        Doc::Map(entries) => {
            out.begin_map();
            for (index, (key, value)) in entries.iter().enumerate() {
                match index {
                    1 => out.blank_line(),
                    2 => out.comment(key),
                    _ => {}
                }
                out.key(key);
                write(value, out);
            }
            out.end_map();
        }
    }
}

/// Whether another reader read the document.
pub fn is_equal(doc: &Doc, value: &Value) -> bool {
    match doc {
        Doc::Text(text) => value.as_str() == Some(text),
        Doc::Number(number) => value.as_i64() == Some(*number),
        Doc::Bool(expected) => value.as_bool() == Some(*expected),
        Doc::Null => value.is_null(),
        Doc::Flow(texts) => value.as_sequence().is_some_and(|items| {
            items.len() == texts.len()
                && items
                    .iter()
                    .zip(texts)
                    .all(|(item, text)| item.as_str() == Some(text))
        }),
        Doc::Seq(docs) => value.as_sequence().is_some_and(|items| {
            items.len() == docs.len()
                && items
                    .iter()
                    .zip(docs)
                    .all(|(item, doc)| is_equal(doc, item))
        }),
        Doc::Map(entries) => value.as_mapping().is_some_and(|map| {
            map.len() == entries.len()
                && entries.iter().all(|(key, doc)| {
                    map.get(key.as_str())
                        .is_some_and(|value| is_equal(doc, value))
                })
        }),
    }
}

fn is_text(node: &Node, text: &str) -> bool {
    node.as_text() == Some(text) && node.kind_word() == "a text"
}

/// Whether our reader read the document.
pub fn is_same(doc: &Doc, node: &Node) -> bool {
    match doc {
        Doc::Text(text) => is_text(node, text),
        Doc::Number(number) => matches!(node.kind, Kind::Plain(text) if text == number.to_string()),
        Doc::Bool(value) => matches!(node.kind, Kind::Plain(text) if text == value.to_string()),
        Doc::Null => node.is_null(),
        Doc::Flow(texts) => node.as_seq().is_some_and(|items| {
            items.len() == texts.len()
                && items
                    .iter()
                    .zip(texts)
                    .all(|(item, text)| is_text(item, text))
        }),
        Doc::Seq(docs) => node.as_seq().is_some_and(|items| {
            items.len() == docs.len()
                && items.iter().zip(docs).all(|(item, doc)| is_same(doc, item))
        }),
        Doc::Map(docs) => node.as_map().is_some_and(|entries| {
            entries.len() == docs.len()
                && entries
                    .iter()
                    .zip(docs)
                    .all(|(entry, (key, doc))| entry.key == key && is_same(doc, &entry.value))
        }),
    }
}

/// Every place of the tree lies within the text, at character boundaries.
pub fn check_places(node: &Node, source: &str) {
    check_place(node.place, source);
    match node.kind {
        Kind::Seq(items) => items.iter().for_each(|item| check_places(item, source)),
        Kind::Map(entries) => entries.iter().for_each(|entry| {
            check_place(entry.key_place, source);
            let _ = comma_hint(source, entry.key_place);
            check_places(&entry.value, source);
        }),
        Kind::Tagged(tagged) => check_places(&tagged.node, source),
        Kind::Plain(_) | Kind::Quoted(_) => {}
    }
}

fn check_place(place: Place, source: &str) {
    let start = place.start as usize;
    assert!(source.is_char_boundary(start), "{place:?} in {source:?}");
    assert!(
        start + usize::from(place.len) <= source.len(),
        "{place:?} in {source:?}"
    );
}

//! One step down a tree: which key, value or item of a map or a list a byte lies in.

use super::locate::{Entry, Node, Target};
use super::path::Step;
use crate::place::Place;
use crate::yaml::Kind;

/// Whether each stretch begins behind the one before, the first one at an offset or behind it.
pub(super) fn are_apart(from: u32, stretches: impl Iterator<Item = (u32, u32)>) -> bool {
    let mut last = from;
    let mut all = stretches;
    all.all(|(start, end)| {
        let is_behind = start >= last;
        last = end;
        is_behind && end >= start
    })
}

/// Whether the place begins where this map or list does and is not its first key, which begins at the same byte
/// in a block and is shorter.
pub(super) fn is_meant(node: Node<'_>, place: Place) -> bool {
    let is_in_key = |entry: &Entry<'_>| {
        entry.key_place.start == place.start && (1..=entry.key_place.len).contains(&place.len)
    };
    match node.kind {
        Kind::Map(entries) => place.start == node.place.start && !entries.iter().any(is_in_key),
        Kind::Seq(_) => place.start == node.place.start,
        Kind::Plain(_) | Kind::Quoted(_) | Kind::Tagged(_) => false,
    }
}

pub(super) fn into_map<'a>(
    entries: &'a [Entry<'a>],
    map: Place,
    at: u32,
    is_apart: bool,
) -> Option<(Step<'a>, Target<'a>)> {
    let entry = match is_apart {
        true => &entries[last_before(entries, |entry| entry.key_place.start <= at)?],
        false => entry_at(entries, map, at)?,
    };
    let target = if at < end_of(entry.key_place) {
        Target::Key(*entry)
    } else {
        Target::Value(entry.value)
    };
    Some((Step::Key(entry.key), target))
}

/// The last of values that stand in order which begins before a byte: it holds it, or the byte is in the gap behind it.
fn last_before<T>(all: &[T], begins: impl Fn(&T) -> bool) -> Option<usize> {
    all.partition_point(begins).checked_sub(1)
}

/// The entry that holds the byte, or else the last that begins before it: the byte may be in a gap.
/// Entries that `<<` brought from before the map are passed over.
fn entry_at<'a>(entries: &'a [Entry<'a>], map: Place, at: u32) -> Option<&'a Entry<'a>> {
    let own = || {
        entries
            .iter()
            .filter(|entry| (map.start..=at).contains(&entry.key_place.start))
    };
    own()
        .find(|entry| at < entry_end(entry))
        .or_else(|| own().max_by_key(|entry| entry.key_place.start))
}

pub(super) fn entry_end(entry: &Entry<'_>) -> u32 {
    let is_own = entry.value.place.start >= entry.key_place.start;
    let value_end = if is_own { end(entry.value) } else { 0 };
    value_end.max(end_of(entry.key_place))
}

pub(super) fn into_seq<'a>(
    items: &'a [Node<'a>],
    seq: Place,
    at: u32,
    is_apart: bool,
) -> Option<(Step<'a>, Target<'a>)> {
    let own =
        || (0..items.len()).filter(|index| (seq.start..=at).contains(&items[*index].place.start));
    let index = match is_apart {
        true => last_before(items, |item| item.place.start <= at)?,
        false => own()
            .find(|index| at < end(items[*index]))
            .or_else(|| own().max_by_key(|index| items[*index].place.start))?,
    };
    Some((Step::Item(index), Target::Value(items[index])))
}

fn end_of(place: Place) -> u32 {
    place.start.saturating_add(u32::from(place.len))
}

/// The offset behind a value. A place cannot hold a length over 65,534 bytes; a larger map or list ends at
/// least where the last of its own values ends.
pub(super) fn end(node: Node<'_>) -> u32 {
    let known = end_of(node.place);
    if node.place.len < u16::MAX {
        return known;
    }
    let is_own = |value: &Node<'_>| value.place.start >= node.place.start;
    let inner = match node.kind {
        Kind::Map(entries) => entries
            .iter()
            .map(|entry| entry.value)
            .filter(is_own)
            .map(end)
            .max(),
        Kind::Seq(items) => items.iter().copied().filter(is_own).map(end).max(),
        Kind::Tagged(tagged) => Some(end(tagged.node)),
        Kind::Plain(_) | Kind::Quoted(_) => None,
    };
    inner.unwrap_or(known).max(known)
}

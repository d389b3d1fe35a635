//! A map that ends: keys that stand twice in it, and what `<<` brings.

use std::collections::HashSet;

use super::super::error::{ErrorKind, Step, YamlError, fail};
use super::super::hints::comma_hint;
use super::super::node::{Entry, Kind, Node};
use super::{Frame, HINTED, Reader, SMALL_MAP, TWICE};
use crate::place::Place;

impl<'t, 's> Reader<'t, 's> {
    pub(super) fn end_map(&mut self, frame: &Frame<'s>) -> Result<Kind<'t, 's>, Box<YamlError>> {
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
        let merge = self.entries[at];
        let sources = merge_sources(&merge)?;
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
}

/// The maps that the value of `<<` brings: itself, or those of a list.
fn merge_sources<'t, 's>(merge: &Entry<'t, 's>) -> Result<Vec<Node<'t, 's>>, Box<YamlError>> {
    let value = &merge.value;
    let sources = match value.kind {
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
            // What an alias brings stands elsewhere, and is right there.
            let is_elsewhere = other.place.start < merge.key_place.start;
            fail(YamlError::syntax(
                if is_elsewhere {
                    merge.key_place
                } else {
                    other.place
                },
                message,
            ))
        }
    }
}

//! What included files bring: their services, networks and the like become parts of the project. Each is looked up by
//! name and copied once at the end, however many files bring some.

use rustc_hash::FxHashMap;

use super::load::Loader;
use super::tree::{Branch, Tree, branch, branches, map, same};
use crate::compose::value::collect;
use crate::finding::Finding;
use crate::place::Place;
use crate::rule::Rule;
use crate::values::shown::shown;
use crate::yaml::node::{Entry, Kind, Node};

/// What is taken over from an included file, with what one of it is called.
const PARTS: &[(&str, &str)] = &[
    ("services", "service"),
    ("networks", "network"),
    ("volumes", "volume"),
    ("secrets", "secret"),
    ("configs", "config"),
    ("models", "model"),
];

/// Whether what stands behind a key at the top becomes part of the project that includes the file.
pub(super) fn is_part(key: &str) -> bool {
    PARTS.iter().any(|(part, _)| *part == key)
}

/// A file and what was taken over from those that it includes.
pub(super) struct Parts<'l, 'a, 's> {
    loader: &'l Loader<'a, 's>,
    root: Tree<'s>,
    grown: Vec<Part<'s>>,
}

/// A part to which an included file added something.
struct Part<'s> {
    key: &'static str,
    /// What one of it is called.
    one: &'static str,
    key_place: Place,
    place: Place,
    all: Vec<Branch<'s>>,
    index: FxHashMap<&'s str, usize>,
}

impl<'l, 'a, 's> Parts<'l, 'a, 's> {
    pub fn of(root: Tree<'s>, loader: &'l Loader<'a, 's>) -> Self {
        Parts {
            loader,
            root,
            grown: Vec::new(),
        }
    }

    /// Takes the parts of an included file over; `place` says where it is included.
    pub fn import(&mut self, other: &Tree<'s>, place: Place) {
        for (key, one) in PARTS {
            let new = branch(other, key).map_or(&[][..], |entry| branches(&entry.value));
            if !new.is_empty() {
                let loader = self.loader;
                let part = self.part(key, one, place);
                new.iter().for_each(|entry| part.add(entry, loader));
            }
        }
    }

    fn part(&mut self, key: &'static str, one: &'static str, place: Place) -> &mut Part<'s> {
        let known = self.grown.iter().position(|part| part.key == key);
        let at = known.unwrap_or_else(|| {
            self.grown.push(Part::of(&self.root, key, one, place));
            self.grown.len() - 1
        });
        &mut self.grown[at]
    }

    /// The file with all of it.
    pub fn into_root(self) -> Tree<'s> {
        let Parts {
            loader,
            root,
            grown,
        } = self;
        if grown.is_empty() {
            return root;
        }
        let is_kept = |entry: &&Branch<'s>| !grown.iter().any(|part| part.key == entry.key);
        let kept = branches(&root).iter().filter(is_kept).copied();
        let grown = grown.iter().map(|part| part.entry(loader));
        map(&root, collect(loader.arena, kept.chain(grown)))
    }
}

impl<'s> Part<'s> {
    fn of(root: &Tree<'s>, key: &'static str, one: &'static str, place: Place) -> Self {
        let old = branch(root, key);
        let all = old.map_or(&[][..], |entry| branches(&entry.value)).to_vec();
        let index = all.iter().enumerate();
        Part {
            key,
            one,
            key_place: old.map_or(place, |entry| entry.key_place),
            place: old.map_or(place, |entry| entry.value.place),
            index: index.map(|(at, entry)| (entry.key, at)).collect(),
            all,
        }
    }

    fn add(&mut self, entry: &Branch<'s>, loader: &Loader<'_, 's>) {
        match self.index.get(entry.key) {
            None => {
                self.index.insert(entry.key, self.all.len());
                self.all.push(*entry);
            }
            Some(at) if same(&self.all[*at].value, &entry.value) => {}
            Some(at) => {
                let there = &mut self.all[*at];
                loader.findings.add(conflict(self.one, there, entry));
                // Whoever wrote both meant one over the other: what one of them lacks is not missing.
                if self.key == "services" {
                    there.value = loader.merge().services(entry.value, there.value);
                }
            }
        }
    }

    fn entry(&self, loader: &Loader<'_, 's>) -> Branch<'s> {
        let all = collect(loader.arena, self.all.iter().copied());
        Entry {
            key: self.key,
            key_place: self.key_place,
            value: Node {
                kind: Kind::Map(all),
                place: self.place,
            },
        }
    }
}

fn conflict(one: &str, there: &Branch, included: &Branch) -> Finding {
    let message = format!(
        "the {one} {} is declared here and in a file that is included",
        shown(there.key)
    );
    Finding::new(Rule::IncludeConflict, there.key_place, message)
        .second(included.key_place, "declared here, too")
        .help("take one away, or give both files in one entry: `include: [{ path: [FILE, OVERRIDE] }]` merges them")
}

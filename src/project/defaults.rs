//! The defaults of variables, where they are used: interpolating leaves nothing of them. A variable with two is
//! `variable-default-conflict`.

use std::cell::RefCell;

use rustc_hash::{FxHashMap, FxHashSet};

use super::tree::Tree;
use crate::compose::scalar::Text;
use crate::finding::{Finding, Findings};
use crate::place::Place;
use crate::rule::Rule;
use crate::secrets::{in_text, makes_secret};
use crate::values::interpolation::{has_variable, uses};
use crate::values::shown::shown;
use crate::yaml::Kind;

/// A default of a variable.
#[derive(Clone, Copy, Debug)]
pub struct VariableDefault<'s> {
    /// The variable.
    pub name: &'s str,
    /// What it is where nobody sets it.
    pub text: Text<'s>,
    /// The text in which it stands.
    whole: Place,
}

/// The defaults of a project, in the order in which its texts were read.
#[derive(Default)]
pub(super) struct Defaults<'s> {
    list: RefCell<Vec<VariableDefault<'s>>>,
    /// The texts that were read: an extended or included file is read more than once.
    seen: RefCell<FxHashMap<Place, &'s str>>,
}

impl<'s> Defaults<'s> {
    /// Keeps what a text with variables says of them. A default with a variable in it is as unknown as that one.
    pub fn add(&self, text: &'s str, place: Place) {
        if self.seen.borrow_mut().insert(place, text).is_some() {
            return;
        }
        for usage in uses(text).unwrap_or_default() {
            let is_default = usage.operator.is_some_and(|operator| operator.is_default());
            if is_default && !usage.word.is_empty() && !has_variable(usage.word) {
                self.list.borrow_mut().push(VariableDefault {
                    name: usage.name,
                    text: Text {
                        text: usage.word,
                        place: place.part(text.len(), usage.start, usage.end),
                    },
                    whole: place,
                });
            }
        }
    }

    /// Keeps those that are in the whole: what a later file replaced, and what nobody extends, is none of it.
    pub fn keep(&self, root: &Tree<'s>) {
        let mut list = self.list.borrow_mut();
        if !list.is_empty() {
            let mut there = FxHashSet::default();
            places(root, &mut there);
            list.retain(|one| there.contains(&one.whole));
        }
    }

    /// All of them, and the texts with variables, as they are written.
    pub fn into_parts(self) -> (Vec<VariableDefault<'s>>, FxHashMap<Place, &'s str>) {
        (self.list.into_inner(), self.seen.into_inner())
    }
}

/// Where the texts of a tree were written.
fn places(node: &Tree, there: &mut FxHashSet<Place>) {
    match node.kind {
        Kind::Plain(_) | Kind::Quoted(_) => drop(there.insert(node.place)),
        Kind::Seq(items) => items.iter().for_each(|item| places(item, there)),
        Kind::Map(entries) => entries.iter().for_each(|entry| places(&entry.value, there)),
        Kind::Tagged(tagged) => places(&tagged.node, there),
    }
}

/// Adds a finding for each variable that has two defaults. What an env file sets is told in no message, and may be one
/// of them.
pub(super) fn check(list: &[VariableDefault], is_set: &dyn Fn(&str) -> bool, findings: &Findings) {
    let mut first: FxHashMap<&str, &VariableDefault> = FxHashMap::default();
    let mut told = FxHashSet::default();
    for one in list {
        let other = *first.entry(one.name).or_insert(one);
        if other.text.text != one.text.text && told.insert(one.name) {
            findings.add(conflict(one, other, is_set(one.name)));
        }
    }
}

fn conflict(one: &VariableDefault, other: &VariableDefault, is_set: bool) -> Finding {
    let values = [other, one].map(|one| one.text.text);
    let is_secret = |value: &str| makes_secret(one.name, value) || !in_text(value).is_empty();
    let values = match is_set || values.into_iter().any(is_secret) {
        true => String::new(),
        false => format!(", {} and {}", shown(values[0]), shown(values[1])),
    };
    let message = format!("the variable {} has two defaults{values}", shown(one.name));
    Finding::new(Rule::VariableDefaultConflict, one.text.place, message)
        .second(other.text.place, "another default here")
        .help("write one and the same default wherever it is used, or give it its value in `.env` alone")
}

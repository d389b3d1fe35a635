//! `${NAME}` in a tree, as far as the values are known. Keys are left alone, as Compose leaves them.

use std::borrow::Cow;
use std::cell::Cell;

use bumpalo::Bump;

use super::defaults::Defaults;
use super::tree::{Tree, branch, branches, map, with_value};
use super::{Revealed, Variables};
use crate::compose::value::collect;
use crate::finding::{Finding, Findings};
use crate::rule::Rule;
use crate::values::interpolation::expand_known;
use crate::yaml::Tagged;
use crate::yaml::node::{Entry, Kind, Node};

/// What interpolating needs.
pub(super) struct Interpolation<'a, 's> {
    pub arena: &'s Bump,
    pub variables: &'a Variables,
    pub findings: &'a Findings,
    /// How many bytes of values may still be written.
    pub left: &'a Cell<usize>,
    /// Where values came in.
    pub revealed: &'a Revealed,
    /// The defaults that stood in the texts.
    pub defaults: &'a Defaults<'s>,
}

impl<'s> Interpolation<'_, 's> {
    /// The tree with its variables replaced. What has none is not copied.
    pub fn tree(&self, node: Tree<'s>) -> Tree<'s> {
        self.changed(&node).unwrap_or(node)
    }

    /// The tree with those variables replaced that name other files: in `include`, and in what services extend.
    pub fn names_of_files(&self, root: Tree<'s>) -> Tree<'s> {
        let root = self.below(root, "include", |value| self.tree(value));
        self.below(root, "services", |services| {
            let service = |entry: &Entry<'s, 's>| Entry {
                value: self.below(entry.value, "extends", |value| self.tree(value)),
                ..*entry
            };
            map(
                &services,
                collect(self.arena, branches(&services).iter().map(service)),
            )
        })
    }

    fn below(&self, node: Tree<'s>, key: &str, change: impl Fn(Tree<'s>) -> Tree<'s>) -> Tree<'s> {
        match branch(&node, key) {
            Some(entry) if !entry.value.is_null() => {
                with_value(&node, key, change(entry.value), self.arena)
            }
            _ => node,
        }
    }

    fn changed(&self, node: &Tree<'s>) -> Option<Tree<'s>> {
        let kind = match node.kind {
            Kind::Plain(text) | Kind::Quoted(text) => Kind::Quoted(self.text(text, node)?),
            Kind::Seq(items) => Kind::Seq(self.each(items, |item| self.changed(item))?),
            Kind::Map(entries) => Kind::Map(self.each(entries, |entry| {
                let value = self.changed(&entry.value)?;
                Some(Entry { value, ..*entry })
            })?),
            Kind::Tagged(tagged) => {
                let node = self.changed(&tagged.node)?;
                Kind::Tagged(self.arena.alloc(Tagged { node, ..*tagged }))
            }
        };
        Some(Node { kind, ..*node })
    }

    /// The list with what changes in it; `None` where nothing does.
    fn each<T: Copy>(&self, list: &[T], change: impl Fn(&T) -> Option<T>) -> Option<&'s [T]> {
        let mut changed: Option<&'s mut [T]> = None;
        for (at, one) in list.iter().enumerate() {
            if let Some(new) = change(one) {
                let copy = changed.get_or_insert_with(|| self.arena.alloc_slice_copy(list));
                copy[at] = new;
            }
        }
        changed.map(|list| &*list)
    }

    fn text(&self, text: &'s str, node: &Tree<'s>) -> Option<&'s str> {
        if !text.contains('$') || self.left.get() == 0 {
            return None;
        }
        self.defaults.add(text, node.place);
        let lookup = |name: &str| {
            let value = self.variables.value(name)?;
            self.revealed.add(node.place, name, value);
            Some(value.to_string())
        };
        match expand_known(text, &lookup) {
            Ok(Cow::Borrowed(_)) => None,
            Ok(Cow::Owned(text)) => self.kept(&text),
            Err(refusal) => {
                let finding = Finding::refused(Rule::BadExpression, node.place, refusal);
                self.findings.add(finding);
                None
            }
        }
    }

    /// Keeps a text while there is room; what is beyond it is left out, and said at the end.
    fn kept(&self, text: &str) -> Option<&'s str> {
        let left = self.left.get().checked_sub(text.len());
        self.left.set(left.unwrap_or(0));
        Some(match left {
            Some(_) => self.arena.alloc_str(text),
            None => "",
        })
    }
}

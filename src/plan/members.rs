//! The members of one mode. What is said of one, and what the others ask of it, is worked out when it is first asked
//! for: a plan of some of its services needs no more than those and whom they name.

use std::cell::OnceCell;

use bumpalo::Bump;
use rustc_hash::FxHashMap;

use super::layers::{Environment, Layers};
use super::offset::Offset;
use super::scope::Scope;
use super::service::{Facts, Member};
use crate::catalog::words::Words;
use crate::catalog::{Named, ServiceEntry};
use crate::compose::value::{AT_ONCE, fetch, is_large};

/// Of each service of the catalog, by name, what its layers come to and its own environment, where every mode says the
/// same and one has asked for it.
pub type Alike<'s> = [OnceCell<(&'s Words<'s>, Environment<'s>)>];

/// The members of one mode, in the order of their names.
pub struct Members<'a, 's> {
    scope: Scope<'a, 's>,
    layers: Layers<'a, 's>,
    offset: &'a Offset<'s>,
    alike: &'a Alike<'s>,
    arena: &'s Bump,
    all: &'a [Named<'s>],
    /// What is known of each.
    known: Vec<OnceCell<Known<'a, 's>>>,
    /// Where each stands among them.
    index: &'a FxHashMap<&'s str, usize>,
}

/// A member with all that is said of it, and what the others ask of it.
pub type Known<'a, 's> = (Member<'a, 's>, Facts<'s>);

impl<'a, 's> Members<'a, 's> {
    /// The members of a mode on a host, and where each stands among them.
    pub fn new(
        scope: Scope<'a, 's>,
        (all, index): (&'a [Named<'s>], &'a FxHashMap<&'s str, usize>),
        offset: &'a Offset<'s>,
        alike: &'a Alike<'s>,
        arena: &'s Bump,
    ) -> Self {
        // As large in every mode, so that one uses the pages of the one before.
        let mut known = Vec::with_capacity(scope.catalog.services.len());
        known.resize_with(all.len(), OnceCell::new);
        Members {
            scope,
            layers: Layers::new(scope, arena),
            offset,
            alike,
            arena,
            all,
            known,
            index,
        }
    }

    /// Those whose names are asked for, in order.
    pub fn asked(&self, is_asked: &dyn Fn(&str) -> bool) -> impl Iterator<Item = &Known<'a, 's>> {
        let is_large = is_large(self.all.len());
        let chunks = self.all.chunks(AT_ONCE).enumerate();
        chunks.flat_map(move |(number, members)| {
            let first = number * AT_ONCE;
            let members = (first..).zip(members);
            let asked = members.filter(|(_, member)| is_asked(member.name));
            if is_large {
                fetch(asked.clone().map(|(_, member)| member.entry.words.touch()));
            }
            asked.map(|(at, _)| self.known(at))
        })
    }

    /// The member of a name.
    pub fn get(&self, name: &str) -> Option<&Known<'a, 's>> {
        self.index.get(name).map(|at| self.known(*at))
    }

    fn known(&self, at: usize) -> &Known<'a, 's> {
        self.known[at].get_or_init(|| self.read(self.all[at]))
    }

    fn read(&self, named: Named<'s>) -> Known<'a, 's> {
        let Named {
            name, rank, entry, ..
        } = named;
        let (words, environment) = self.said(rank, entry);
        let member = Member {
            name,
            entry,
            rank,
            words,
            environment,
        };
        let offset = self.offset.for_service(name);
        (member, member.facts(&self.scope, offset, self.arena))
    }

    /// Everything that is said of a service, less its own environment, and that.
    fn said(&self, rank: usize, entry: &'s ServiceEntry<'s>) -> (&'s Words<'s>, Environment<'s>) {
        let alike = &self.alike[rank];
        if let Some(known) = alike.get() {
            return *known;
        }
        let said = self.layers.merged(entry);
        let words = &*self.arena.alloc(said.words);
        match said.is_alike {
            true => *alike.get_or_init(|| (words, said.environment)),
            false => (words, said.environment),
        }
    }
}

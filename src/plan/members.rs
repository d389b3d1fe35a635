//! The members of one mode, and what the others ask of each: worked out when it is first asked for.

use std::cell::{OnceCell, RefCell};

use bumpalo::Bump;
use rustc_hash::FxHashMap;

use super::layers::{Layers, Said};
use super::offset::Offset;
use super::scope::Scope;
use super::service::Facts;
use crate::catalog::{Named, ServiceEntry};

/// What is asked of each service of the catalog, by name, where every mode says the same and one has asked for it.
pub type AlikeFacts<'s> = [OnceCell<Facts<'s>>];

/// The members of one mode, in the order of their names.
pub struct Members<'a, 's> {
    scope: Scope<'a, 's>,
    layers: Layers<'a, 's>,
    offset: &'a Offset<'s>,
    alike: &'a AlikeFacts<'s>,
    /// The same of those of which this mode says something of its own.
    own: RefCell<FxHashMap<usize, Facts<'s>>>,
    arena: &'s Bump,
    all: &'a [Named<'s>],
    /// Where each stands among them.
    index: &'a FxHashMap<&'s str, usize>,
}

impl<'a, 's> Members<'a, 's> {
    /// The members of a mode on a host, and where each stands among them.
    pub fn new(
        scope: Scope<'a, 's>,
        (all, index): (&'a [Named<'s>], &'a FxHashMap<&'s str, usize>),
        offset: &'a Offset<'s>,
        alike: &'a AlikeFacts<'s>,
        arena: &'s Bump,
    ) -> Self {
        Members {
            scope,
            layers: Layers::new(scope, arena),
            offset,
            alike,
            own: RefCell::default(),
            arena,
            all,
            index,
        }
    }

    /// Their names and what was written, in order.
    pub fn all(&self) -> &'a [Named<'s>] {
        self.all
    }

    /// The member of a name: its name, where the names of all stand side by side, and what is asked of it.
    pub fn get(&self, name: &str) -> Option<(&'s str, Facts<'s>)> {
        let member = &self.all[*self.index.get(name)?];
        Some((member.name, self.facts(member)))
    }

    /// What others ask of a member.
    pub fn facts(&self, member: &Named<'s>) -> Facts<'s> {
        let mut facts = self.unmoved(member);
        facts.offset = self.offset.for_service(member.name);
        facts
    }

    /// The same with the host ports where they were written.
    fn unmoved(&self, member: &Named<'s>) -> Facts<'s> {
        let alike = &self.alike[member.rank];
        if let Some(facts) = alike.get() {
            return *facts;
        }
        let own = self.own.borrow().get(&member.rank).copied();
        if let Some(facts) = own {
            return facts;
        }
        let stated = self.layers.stated(member.entry);
        let facts = Facts::of(member.entry, &stated, &self.scope, self.arena);
        match stated.is_alike {
            true => *alike.get_or_init(|| facts),
            false => {
                self.own.borrow_mut().insert(member.rank, facts);
                facts
            }
        }
    }

    /// Everything that is said of a member.
    pub fn said(&self, entry: &'s ServiceEntry<'s>) -> Said<'s> {
        self.layers.merged(entry)
    }
}

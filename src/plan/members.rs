//! The members of one mode, and what the others ask of each: worked out when it is first asked for.

use std::cell::{OnceCell, RefCell};

use bumpalo::Bump;
use rustc_hash::FxHashMap;

use super::layers::{Layers, Said};
use super::offset::Offset;
use super::scope::Scope;
use super::service::Facts;
use crate::catalog::recent::Recents;
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
    all: &'a [&'a Named<'s>],
    /// Of each service of the catalog, by name, whether it is one.
    is_member: Vec<bool>,
    /// Names that are looked up again and again, in whichever mode.
    pub recents: &'a Recents<'s>,
}

impl<'a, 's> Members<'a, 's> {
    /// The members of a mode on a host.
    pub fn new(
        scope: Scope<'a, 's>,
        all: &'a [&'a Named<'s>],
        offset: &'a Offset<'s>,
        alike: &'a AlikeFacts<'s>,
        recents: &'a Recents<'s>,
        arena: &'s Bump,
    ) -> Self {
        let mut is_member = vec![false; scope.catalog.services.len()];
        all.iter().for_each(|member| is_member[member.rank] = true);
        Members {
            scope,
            layers: Layers::new(scope, arena),
            offset,
            alike,
            own: RefCell::default(),
            arena,
            all,
            is_member,
            recents,
        }
    }

    /// Their names and what was written, in order.
    pub fn all(&self) -> &'a [&'a Named<'s>] {
        self.all
    }

    /// The member of a name.
    pub fn get(&self, name: &str) -> Option<&'a Named<'s>> {
        let catalog = self.scope.catalog;
        let rank = self.recents.services.service(name, catalog)?;
        self.is_member[rank].then(|| &catalog.services_by_name()[rank])
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

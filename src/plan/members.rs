//! The members of one mode. What is said of one, and what the others ask of it, is worked out when it is first asked
//! for: a plan of some of its services needs no more than those and whom they name.

use std::cell::OnceCell;

use bumpalo::Bump;
use rustc_hash::FxHashMap;

use super::layers::Layers;
use super::offset::Offset;
use super::scope::Scope;
use super::service::{Facts, Member};
use crate::catalog::ServiceEntry;

/// The members of one mode, by name.
pub struct Members<'a, 's> {
    scope: Scope<'a, 's>,
    layers: Layers<'a, 's>,
    offset: &'a Offset<'s>,
    /// What the layers of a member come to; no other mode asks for it.
    scratch: &'a Bump,
    arena: &'s Bump,
    all: FxHashMap<&'s str, Cell<'a, 's>>,
}

struct Cell<'a, 's> {
    entry: &'s ServiceEntry<'s>,
    known: OnceCell<(Member<'a, 's>, Facts<'s>)>,
}

impl<'a, 's> Members<'a, 's> {
    /// The members of a mode on a host. `scratch` is emptied before the next mode.
    pub fn new(
        scope: Scope<'a, 's>,
        entries: &[&'s ServiceEntry<'s>],
        offset: &'a Offset<'s>,
        scratch: &'a Bump,
        arena: &'s Bump,
    ) -> Self {
        let all = entries.iter().map(|entry| {
            let known = OnceCell::new();
            (entry.name, Cell { entry, known })
        });
        Members {
            scope,
            layers: Layers::new(scope, arena),
            offset,
            scratch,
            arena,
            all: all.collect(),
        }
    }

    /// A member with all that is said of it, and what the others ask of it.
    pub fn get(&self, name: &str) -> Option<&(Member<'a, 's>, Facts<'s>)> {
        let cell = self.all.get(name)?;
        Some(cell.known.get_or_init(|| self.read(cell.entry)))
    }

    /// What the others ask of a member.
    pub fn facts(&self, name: &str) -> Option<&Facts<'s>> {
        self.get(name).map(|(_, facts)| facts)
    }

    fn read(&self, entry: &'s ServiceEntry<'s>) -> (Member<'a, 's>, Facts<'s>) {
        let words = self.scratch.alloc(self.layers.merged(entry));
        let member = Member { entry, words };
        let offset = self.offset.for_service(entry.name);
        (member, member.facts(&self.scope, offset, self.arena))
    }
}

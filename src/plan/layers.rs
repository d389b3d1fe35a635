//! defaults < roles.ROLE.defaults < each name of `extends` in order < the service's own words.
//! Each layer is settled for mode and host first, then the layers are laid over each other.

use std::cell::RefCell;
use std::hash::{Hash, Hasher};

use bumpalo::Bump;
use rustc_hash::{FxHashMap, FxHashSet};

use super::scope::Scope;
use crate::catalog::ServiceEntry;
use crate::catalog::words::{OwnWords, Words};
use crate::compose::scalar::Text;

/// Merges layers for one mode on one host, and remembers what many services have in common.
pub struct Layers<'a, 's> {
    scope: Scope<'a, 's>,
    arena: &'s Bump,
    bases: RefCell<FxHashMap<Base<'s>, &'s Words<'s>>>,
    chains: RefCell<FxHashMap<&'s str, &'s Words<'s>>>,
    open: RefCell<FxHashSet<&'s str>>,
}

/// What lies below a service's own words: its role's defaults and what it extends.
#[derive(Clone, Copy)]
struct Base<'s> {
    role: &'s str,
    extends: &'s [Text<'s>],
}

impl<'s> Base<'s> {
    fn names(&self) -> impl Iterator<Item = &'s str> + use<'s> {
        self.extends.iter().map(|name| name.text)
    }
}

impl PartialEq for Base<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.role == other.role && self.names().eq(other.names())
    }
}

impl Eq for Base<'_> {}

impl Hash for Base<'_> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.role.hash(state);
        for name in self.names() {
            name.hash(state);
        }
    }
}

impl<'a, 's> Layers<'a, 's> {
    /// Layers for a mode on a host.
    pub fn new(scope: Scope<'a, 's>, arena: &'s Bump) -> Self {
        Layers {
            scope,
            arena,
            bases: RefCell::default(),
            chains: RefCell::default(),
            open: RefCell::default(),
        }
    }

    /// Everything that is said of a service.
    pub fn merged(&self, service: &'s ServiceEntry<'s>) -> Words<'s> {
        let own = &service.words.own;
        let base = self.base(Base {
            role: own.role.map_or("", |role| role.text),
            extends: own.extends.map_or(&[], |extends| extends.items),
        });
        self.settled(&service.words).over(*base, self.arena)
    }

    fn base(&self, base: Base<'s>) -> &'s Words<'s> {
        if let Some(known) = self.bases.borrow().get(&base) {
            return known;
        }
        let mut words = self.chain_of(&self.scope.catalog.defaults);
        let role = self.scope.catalog.roles.get(base.role);
        if let Some(defaults) = role.and_then(|role| role.value.defaults) {
            words = self.chain_of(defaults).over(words, self.arena);
        }
        for name in base.names() {
            words = self.chain(name).over(words, self.arena);
        }
        let words = &*self.arena.alloc(words);
        self.bases.borrow_mut().insert(base, words);
        words
    }

    /// A fragment or service with what it extends itself.
    fn chain(&self, name: &'s str) -> Words<'s> {
        if let Some(known) = self.chains.borrow().get(name) {
            return **known;
        }
        let Some(layer) = self.scope.catalog.layer(name) else {
            return Words::default();
        };
        // A cycle is a finding already: it ends here.
        if !self.open.borrow_mut().insert(name) {
            return Words::default();
        }
        let words = self.chain_of(layer);
        self.open.borrow_mut().remove(name);
        let kept = &*self.arena.alloc(words);
        self.chains.borrow_mut().insert(name, kept);
        words
    }

    fn chain_of(&self, layer: &Words<'s>) -> Words<'s> {
        let extends = layer.own.extends.map_or(&[][..], |extends| extends.items);
        let mut words: Option<Words<'s>> = None;
        for name in extends {
            let next = self.chain(name.text);
            words = Some(match words {
                Some(earlier) => next.over(earlier, self.arena),
                None => next,
            });
        }
        let own = self.settled(layer);
        words.map_or(own, |earlier| own.over(earlier, self.arena))
    }

    /// A layer with its overrides for the mode, then for the host; without the words that stay with it.
    fn settled(&self, layer: &Words<'s>) -> Words<'s> {
        let mut words = Words {
            own: OwnWords {
                role: None,
                job: None,
                modes: None,
                hosts: None,
                extends: None,
                replaces: None,
                overrides: None,
                ..layer.own
            },
            service: layer.service,
        };
        let Some(overrides) = layer.own.overrides else {
            return words;
        };
        let Scope {
            mode_name,
            mode,
            host_name,
            ..
        } = self.scope;
        let mode_key = |key: &str| key == mode_name || mode.value.is_called(key);
        for (_, _, change) in overrides.iter().filter(|(key, _, _)| mode_key(key)) {
            words = change.0.over(words, self.arena);
        }
        if let Some(change) = overrides.get(host_name) {
            words = change.0.over(words, self.arena);
        }
        words
    }
}

//! defaults < roles.ROLE.defaults < each name of `extends` in order < the service's own words.
//! Each layer is settled for mode and host first, then the layers are laid over each other.

use std::borrow::Cow;
use std::cell::RefCell;
use std::hash::{Hash, Hasher};

use bumpalo::Bump;
use rustc_hash::{FxHashMap, FxHashSet};

use super::scope::Scope;
use crate::catalog::ServiceEntry;
use crate::catalog::words::{HealthcheckWord, OwnWords, Words};
use crate::compose::beside::Beside;
use crate::compose::keyed::{EnvValue, Keyed};
use crate::compose::list::List;
use crate::compose::ports::Port;
use crate::compose::scalar::{Loose, Text};
use crate::compose::value::Value;

/// Merges layers for one mode on one host, and remembers what many services have in common.
pub struct Layers<'a, 's> {
    scope: Scope<'a, 's>,
    arena: &'s Bump,
    bases: RefCell<FxHashMap<Base<'s>, Merged<'s>>>,
    chains: RefCell<FxHashMap<&'s str, Merged<'s>>>,
    open: RefCell<FxHashSet<&'s str>>,
}

/// The environment that one layer says.
pub type Environment<'s> = Option<&'s Keyed<'s, EnvValue<'s>>>;

/// What a service states of itself that others ask for, its layers merged.
pub struct Stated<'s> {
    /// Its healthcheck.
    pub healthcheck: Option<HealthcheckWord<'s>>,
    /// Its profiles.
    pub profiles: Option<&'s List<'s, Text<'s>>>,
    /// What the host publishes of it.
    pub ports: Option<&'s List<'s, Port<'s>>>,
    /// The other ports of the container.
    pub expose: Option<&'s List<'s, Loose<'s>>>,
    /// Whether every mode on every host says the same.
    pub is_alike: bool,
}

/// Layers laid over each other.
#[derive(Clone, Copy)]
struct Merged<'s> {
    words: &'s Words<'s>,
    /// Whether they come to the same in every mode and on every host: none of them has overrides, and none is a name
    /// that nothing declares or at which a circle ends.
    is_alike: bool,
}

/// Everything that is said of a service.
pub struct Said<'s> {
    /// What its layers say, less its own environment and its own healthcheck.
    pub words: Words<'s>,
    /// The healthcheck of all layers. Not in the arena, which would keep what is needed only until it is evaluated.
    pub healthcheck: Option<HealthcheckWord<'s>>,
    /// Its own environment: whoever evaluates it lays it over that of the words.
    pub environment: Environment<'s>,
    /// Whether every mode on every host says the same.
    pub is_alike: bool,
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

/// What of a key's value below stays where a layer is laid over it: nothing where that layer removes the key.
fn remaining<'s, T>((key, later): (&str, &Beside<'s>), below: Option<&'s T>) -> Option<&'s T> {
    below.filter(|_| !later.removes(key))
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
    pub fn merged(&self, service: &'s ServiceEntry<'s>) -> Said<'s> {
        let base = self.base_of(service);
        let is_alike = base.is_alike && service.words.own.overrides.is_none();
        let mut own = self.settled(&service.words).into_owned();
        let environment = own.service.environment.take();
        let healthcheck = self.healthcheck(&own, base.words);
        own.own.healthcheck = None;
        Said {
            words: own.over(base.words, self.arena),
            healthcheck,
            environment,
            is_alike,
        }
    }

    /// What of it others ask for, and nothing else is merged.
    pub fn stated(&self, service: &'s ServiceEntry<'s>) -> Stated<'s> {
        let base = self.base_of(service);
        let is_alike = base.is_alike && service.words.own.overrides.is_none();
        let words = self.settled(&service.words);
        let service = &words.service;
        let below = &base.words.service;
        let key = |key| (key, &service.beside);
        Stated {
            healthcheck: self.healthcheck(&words, base.words),
            profiles: service
                .profiles
                .or(remaining(key("profiles"), below.profiles)),
            ports: service.ports.or(remaining(key("ports"), below.ports)),
            expose: service.expose.or(remaining(key("expose"), below.expose)),
            is_alike,
        }
    }

    /// The healthcheck of a layer over that of what lies below.
    fn healthcheck(&self, layer: &Words<'s>, below: &Words<'s>) -> Option<HealthcheckWord<'s>> {
        let later = layer.own.healthcheck;
        let earlier = remaining(("healthcheck", &layer.own.beside), below.own.healthcheck);
        match (later, earlier) {
            (Some(later), Some(earlier)) => Some(later.over(*earlier, self.arena)),
            (later, earlier) => later.or(earlier).copied(),
        }
    }

    fn base_of(&self, service: &'s ServiceEntry<'s>) -> Merged<'s> {
        let extends = service.words.own.extends;
        self.base(Base {
            role: service.role(),
            extends: extends.map_or(&[], |extends| extends.items),
        })
    }

    fn base(&self, base: Base<'s>) -> Merged<'s> {
        if let Some(known) = self.bases.borrow().get(&base) {
            return *known;
        }
        let defaults = &*self.arena.alloc(self.scope.catalog.defaults);
        let mut words = self.chain_of(defaults);
        let role = self.scope.catalog.roles.get(base.role);
        if let Some(defaults) = role.and_then(|role| role.value.defaults) {
            words = self.over(self.chain_of(defaults), words);
        }
        for name in base.names() {
            words = self.over(self.chain(name), words);
        }
        self.bases.borrow_mut().insert(base, words);
        words
    }

    fn over(&self, later: Merged<'s>, earlier: Merged<'s>) -> Merged<'s> {
        let words = later.words.over(earlier.words, self.arena);
        Merged {
            words: self.arena.alloc(words),
            is_alike: later.is_alike && earlier.is_alike,
        }
    }

    /// A fragment or service with what it extends itself.
    fn chain(&self, name: &'s str) -> Merged<'s> {
        if let Some(known) = self.chains.borrow().get(name) {
            return *known;
        }
        // A name that nothing declares and a cycle are findings already: both end here.
        let layer = self.scope.catalog.layer(name);
        let Some(layer) = layer.filter(|_| self.open.borrow_mut().insert(name)) else {
            return Merged {
                words: self.arena.alloc(Words::default()),
                is_alike: false,
            };
        };
        let words = self.chain_of(layer);
        self.open.borrow_mut().remove(name);
        self.chains.borrow_mut().insert(name, words);
        words
    }

    fn chain_of(&self, layer: &'s Words<'s>) -> Merged<'s> {
        let extends = layer.own.extends.map_or(&[][..], |extends| extends.items);
        let own = match self.settled(layer) {
            Cow::Borrowed(own) => own,
            Cow::Owned(own) => self.arena.alloc(own),
        };
        let own = Merged {
            words: own,
            is_alike: layer.own.overrides.is_none(),
        };
        let below = extends.iter().map(|name| self.chain(name.text));
        match below.reduce(|earlier, next| self.over(next, earlier)) {
            Some(earlier) => self.over(own, earlier),
            None => own,
        }
    }

    /// A layer with its overrides for the mode, then for the host, then for what is chosen. One without any is its own; the words that stay
    /// with a layer (role, modes, extends ...) are read where they were written, never from what is merged.
    fn settled(&self, layer: &'s Words<'s>) -> Cow<'s, Words<'s>> {
        let Some(overrides) = layer.own.overrides else {
            return Cow::Borrowed(layer);
        };
        let own = OwnWords {
            overrides: None,
            ..layer.own
        };
        let service = layer.service;
        let mut words = Words { own, service };
        let Scope {
            mode_name,
            mode,
            host_name,
            choices,
            ..
        } = self.scope;
        let mode_key = |key: &str| key == mode_name || mode.value.is_called(key);
        for (_, _, change) in overrides.iter().filter(|(key, _, _)| mode_key(key)) {
            words = change.0.over(&words, self.arena);
        }
        let choices = choices.iter().map(|(_, choice)| *choice);
        for key in std::iter::once(host_name).chain(choices) {
            if let Some(change) = overrides.get(key) {
                words = change.0.over(&words, self.arena);
            }
        }
        Cow::Owned(words)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pipeline::load;
    use crate::plan::build::scopes;
    use crate::source::Sources;

    const CATALOG: &str = r#"
project: demo
hosts: { nuc: { memory: 4GiB, cpus: 4 } }
modes: { test: { class: test }, live: { class: production } }
roles:
  ui: { defaults: { profiles: [shown], expose: ["70"] } }
defaults:
  memory: 64M
  cpus: 0.1
  ports: ["80:80"]
  healthcheck: { with: curl, interval: 30s }
fragments:
  probed: { healthcheck: { http: /health }, expose: ["90"] }
services:
  plain: { role: core, image: demo }
  own: { role: core, image: demo, ports: ["81:81"], expose: ["82"], profiles: [own], healthcheck: { test: [CMD, x] } }
  below: { role: ui, image: demo, extends: probed }
  further: { role: ui, image: demo, extends: below, profiles: [further] }
  without:
    role: ui
    image: demo
    extends: probed
    ports: !reset null
    expose: !reset null
    profiles: !reset null
    healthcheck: !reset null
  instead:
    role: ui
    image: demo
    extends: probed
    ports: !override ["83:83"]
    expose: !override ["84"]
    healthcheck: !override { disable: true }
  by-mode:
    role: core
    image: demo
    extends: probed
    overrides:
      test: { ports: !reset null, expose: ["85"], healthcheck: { with: wget } }
      nuc: { profiles: [nuc], healthcheck: { interval: 5s } }
  from-by-mode: { role: ui, image: demo, extends: by-mode, ports: ["86:86"] }
  image: { role: core, image: demo, extends: probed, healthcheck: image }
"#;

    #[test]
    fn what_others_ask_for_is_what_all_layers_say() {
        let arena = Bump::new();
        let sources = Sources::of_texts(&[("catalog.yaml", CATALOG)], &arena);
        let loaded = load(&sources, &arena);
        assert_eq!(loaded.findings.errors(), 0);
        let mut seen = 0;
        for scope in scopes(&loaded.catalog, "nuc") {
            let layers = Layers::new(scope, &arena);
            for service in loaded.catalog.services.values() {
                let (stated, said) = (layers.stated(service), layers.merged(service));
                let words = &said.words.service;
                let below = layers.base_of(service).words;
                let whole = layers.settled(&service.words).over(below, &arena);
                let stated_so = format!(
                    "{:?} {:?} {:?} {:?} {}",
                    stated.healthcheck,
                    stated.profiles,
                    stated.ports,
                    stated.expose,
                    stated.is_alike
                );
                let said_so = format!(
                    "{:?} {:?} {:?} {:?} {}",
                    whole.own.healthcheck.copied(),
                    words.profiles,
                    words.ports,
                    words.expose,
                    said.is_alike
                );
                assert_eq!(
                    format!("{:?}", said.healthcheck),
                    format!("{:?}", whole.own.healthcheck.copied())
                );
                assert_eq!(
                    stated_so, said_so,
                    "{} in {}",
                    service.name, scope.mode_name
                );
                seen += 1;
            }
        }
        assert_eq!(seen, 18);
    }
}

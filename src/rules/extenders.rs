//! Who extends whom, seen from what is extended.

use rustc_hash::{FxHashMap, FxHashSet};

use crate::catalog::words::Words;
use crate::catalog::{Catalog, Few, ServiceEntry};
use crate::compose::scalar::Text;

/// A layer that may extend others.
#[derive(Clone, Copy, Debug)]
pub enum Owner<'s> {
    /// The catalog's defaults.
    Defaults,
    /// A role's defaults.
    Role(&'s str),
    /// A fragment.
    Fragment(&'s str),
    /// A service.
    Service(&'s ServiceEntry<'s>),
}

impl Owner<'_> {
    /// Its name at the start of a sentence.
    pub fn title(&self) -> String {
        match self {
            Owner::Defaults => "`defaults`".to_owned(),
            Owner::Role(name) => format!("the role `{name}`"),
            Owner::Fragment(name) => format!("the fragment `{name}`"),
            Owner::Service(entry) => format!("`{}`", entry.name),
        }
    }
}

/// Shows every name under every `extends`, with its owner, in the order of the catalog.
pub fn each<'s>(catalog: &Catalog<'s>, mut visit: impl FnMut(Owner<'s>, &'s Text<'s>)) {
    let mut show = |owner: Owner<'s>, words: &Words<'s>| {
        let extends = words.own.extends.map_or(&[][..], |extends| extends.items);
        extends.iter().for_each(|name| visit(owner, name));
    };
    show(Owner::Defaults, &catalog.defaults);
    for (name, role) in &catalog.roles {
        if let Some(defaults) = role.value.defaults {
            show(Owner::Role(name), defaults);
        }
    }
    for (name, fragment) in &catalog.fragments {
        show(Owner::Fragment(name), fragment.value);
    }
    for service in catalog.services_that_say(Few::EXTENDS) {
        show(Owner::Service(service), &service.words);
    }
}

/// The owners of the `extends` that name a layer, by its name. Built only where something is suspicious.
pub struct Extenders<'s> {
    by: FxHashMap<&'s str, Vec<Owner<'s>>>,
}

impl<'s> Extenders<'s> {
    /// Those of a catalog.
    pub fn of(catalog: &Catalog<'s>) -> Self {
        let mut by: FxHashMap<&'s str, Vec<Owner<'s>>> = FxHashMap::default();
        each(catalog, |owner, name| {
            by.entry(name.text).or_default().push(owner);
        });
        Extenders { by }
    }

    /// The services that hold the words of a layer, the nearest first; the way does not lead through services that `closed` names.
    pub fn services(
        &self,
        catalog: &Catalog<'s>,
        start: Owner<'s>,
        closed: impl Fn(&ServiceEntry<'s>) -> bool,
    ) -> Vec<&'s ServiceEntry<'s>> {
        let mut found = Found::default();
        let mut queue = std::collections::VecDeque::from([start]);
        let mut seen: FxHashSet<&'s str> = FxHashSet::default();
        while let Some(owner) = queue.pop_front() {
            let name = match owner {
                Owner::Service(entry) if closed(entry) => continue,
                Owner::Service(entry) => {
                    found.add(entry);
                    entry.name
                }
                Owner::Fragment(name) => name,
                // What extends a service does not take over the defaults below it, so the way ends here.
                Owner::Role(role) => {
                    found.all(catalog, |entry| has_role(entry, role) && !closed(entry));
                    continue;
                }
                Owner::Defaults => {
                    found.all(catalog, |entry| !closed(entry));
                    continue;
                }
            };
            if seen.insert(name) {
                queue.extend(self.by.get(name).into_iter().flatten());
            }
        }
        found.list
    }
}

fn has_role(entry: &ServiceEntry, role: &str) -> bool {
    entry.words.own.role.is_some_and(|own| own.text == role)
}

#[derive(Default)]
struct Found<'s> {
    list: Vec<&'s ServiceEntry<'s>>,
    names: FxHashSet<&'s str>,
}

impl<'s> Found<'s> {
    fn add(&mut self, entry: &'s ServiceEntry<'s>) {
        if self.names.insert(entry.name) {
            self.list.push(entry);
        }
    }

    fn all(&mut self, catalog: &Catalog<'s>, wanted: impl Fn(&ServiceEntry<'s>) -> bool) {
        for entry in catalog.services.values().filter(|entry| wanted(entry)) {
            self.add(entry);
        }
    }
}

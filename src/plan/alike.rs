//! What of a service is the same in every mode: made in the first that has it, and kept for the others. What each mode
//! makes for itself and comes to the same stands in memory once: the rules and the outputs see that it is the same.

use std::cell::Cell;

use super::probe::Probe;
use crate::compose::deploy::{Dependency, Deploy};
use crate::compose::keyed::{Entry, EnvValue, Keyed, are_same};
use crate::compose::scalar::Text;
use crate::place::Place;

/// What the mode before made of a service, whatever it said of it.
#[derive(Default)]
pub struct Before<'s> {
    /// Its environment.
    pub environment: Cell<&'s [&'s Entry<'s, EnvValue<'s>>]>,
    /// What it waits for.
    pub depends_on: Cell<Option<&'s Keyed<'s, Dependency<'s>>>>,
}

/// Entries that the mode before made. They are asked for in the order in which they stand; one that is asked for out of
/// order may not be found.
pub(super) struct Earlier<'s, V>(&'s [&'s Entry<'s, V>]);

impl<'s, V> Earlier<'s, V> {
    /// Asked from the first one on.
    pub fn new(entries: &'s [&'s Entry<'s, V>]) -> Self {
        Earlier(entries)
    }

    /// The entry of this name, written at this place, where it holds the same.
    pub fn same(
        &mut self,
        key: &str,
        place: Place,
        is_same: impl FnOnce(&V) -> bool,
    ) -> Option<&'s Entry<'s, V>>
    where
        V: Copy,
    {
        let is_of = |made: &&Entry<'s, V>| std::ptr::eq(made.key, key) && made.place == place;
        let at = self.0.iter().position(is_of)?;
        let (found, rest) = self.0[at..].split_first()?;
        self.0 = rest;
        found.slot.get().is_some_and(is_same).then_some(*found)
    }
}

/// Whether two values of an environment are the same, written at the same place.
pub(super) fn are_same_texts(one: &EnvValue, other: &EnvValue) -> bool {
    let is_same =
        |one: Text, other: Text| one.place == other.place && are_same(one.text, other.text);
    one.0
        .zip(other.0)
        .is_some_and(|(one, other)| is_same(one, other))
}

/// What is made of a service from words that every mode says alike. Where a word is open, or not every mode says the same,
/// each mode makes its own.
#[derive(Default)]
pub struct Alike<'s> {
    is_alike: bool,
    deploy: Cell<Option<&'s Deploy<'s>>>,
    probe: Cell<Option<Probe<'s>>>,
}

impl<'s> Alike<'s> {
    /// Nothing yet, of a service of which every mode says the same, or not.
    pub fn new(is_alike: bool) -> Self {
        Alike {
            is_alike,
            ..Alike::default()
        }
    }

    /// Its `deploy`.
    pub(super) fn deploy(
        &self,
        is_open: bool,
        make: impl FnOnce() -> Option<&'s Deploy<'s>>,
    ) -> Option<&'s Deploy<'s>> {
        self.kept(&self.deploy, is_open, make)
    }

    /// Its probe.
    pub(super) fn probe(
        &self,
        is_open: bool,
        make: impl FnOnce() -> Option<Probe<'s>>,
    ) -> Option<Probe<'s>> {
        self.kept(&self.probe, is_open, make)
    }

    fn kept<T: Copy>(
        &self,
        kept: &Cell<Option<T>>,
        is_open: bool,
        make: impl FnOnce() -> Option<T>,
    ) -> Option<T> {
        if is_open || !self.is_alike {
            return make();
        }
        let made = kept.get().or_else(make);
        kept.set(made);
        made
    }
}

#[cfg(test)]
mod tests {
    use std::ptr;

    use bumpalo::Bump;

    use super::*;
    use crate::pipeline::load;
    use crate::plan::Plan;
    use crate::source::Sources;

    const CATALOG: &str = r#"
project: demo
hosts: { nuc: { memory: 4GiB, cpus: 4 } }
modes:
  test: { class: test, values: { level: debug } }
  live: { class: production, values: { level: info } }
variables: { TZ: { default: Europe/Berlin, description: time zone } }
defaults: { memory: 64M, cpus: 0.1 }
fragments:
  all: { environment: { TZ: "${TZ}", LEVEL: "{{ level }}", ME: "{{ service.name }}" } }
  again: { overrides: { test: { depends_on: { db: { restart: true } } } } }
  noted: { overrides: { test: { depends_on: { db: { x-why: slow } } } } }
services:
  db: { role: core, image: "db:1", healthcheck: image, ports: ["5432:5432"] }
  web:
    role: core
    image: "web:1"
    extends: all
    depends_on: [db]
    environment: { PLAIN: yes-or-no, DB: "{{ host('db') }}", OWN: "{{ level }}" }
  worker:
    role: core
    image: "web:1"
    extends: all
    depends_on: [db]
    environment: { LEVEL: "{{ mode.name }}" }
    overrides: { test: { depends_on: { db: { condition: service_started } } } }
  restarted: { role: core, image: "web:1", extends: again, depends_on: { db: { condition: service_started } } }
  noted-one: { role: core, image: "web:1", extends: noted, depends_on: { db: { condition: service_started } } }
"#;

    fn variable<'s>(plan: &Plan<'s>, service: &str, name: &str) -> &'s Entry<'s, EnvValue<'s>> {
        let environment = plan.service(service).unwrap().service.environment.unwrap();
        let mut entries = environment.entries.iter();
        entries.find(|entry| entry.key == name).unwrap()
    }

    fn text<'s>(entry: &Entry<'s, EnvValue<'s>>) -> &'s str {
        entry.slot.get().unwrap().0.unwrap().text
    }

    #[test]
    fn what_comes_to_the_same_stands_in_memory_once() {
        let arena = Bump::new();
        let sources = Sources::of_texts(&[("catalog.yaml", CATALOG)], &arena);
        let loaded = load(&sources, &arena);
        let plans = loaded.plans("nuc", &arena);
        assert_eq!(loaded.findings.count(), 0);
        let [test, live] = plans.as_slice() else {
            panic!("two modes");
        };
        let same = |service: &str, name: &str| {
            let entries = [test, live].map(|plan| variable(plan, service, name));
            assert_eq!(
                text(entries[0]) == text(entries[1]),
                ptr::eq(entries[0], entries[1])
            );
            ptr::eq(entries[0], entries[1])
        };
        for name in ["TZ", "ME", "PLAIN", "DB"] {
            assert!(same("web", name), "{name}");
        }
        assert!(!same("web", "OWN") && !same("web", "LEVEL") && !same("worker", "LEVEL"));
        // Of one mode it is what a fragment says alike at every service.
        for plan in [test, live] {
            let [web, worker] = ["web", "worker"].map(|service| variable(plan, service, "TZ"));
            assert!(ptr::eq(web, worker));
            let names = ["web", "worker"].map(|service| text(variable(plan, service, "ME")));
            assert_eq!(names, ["web", "worker"]);
        }
        let waits = |plan: &Plan, service: &str| {
            let depends_on = plan.service(service).unwrap().service.depends_on.unwrap();
            ptr::from_ref(depends_on).addr()
        };
        assert_eq!(waits(test, "web"), waits(live, "web"));
        assert_ne!(waits(test, "worker"), waits(live, "worker"));
        // What differs in a layer below differs, though the layer above is what was written last.
        let dependency = |plan: &Plan, service: &str| {
            let depends_on = plan.service(service).unwrap().service.depends_on.unwrap();
            let dependency = depends_on.get("db").unwrap();
            let restart = dependency.restart.and_then(|restart| restart.get());
            (restart, dependency.beside.extensions().len())
        };
        assert_eq!(dependency(test, "restarted"), (Some(true), 0));
        assert_eq!(dependency(live, "restarted"), (None, 0));
        assert_eq!(dependency(test, "noted-one"), (None, 1));
        assert_eq!(dependency(live, "noted-one"), (None, 0));
    }
}

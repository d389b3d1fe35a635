//! What is shared, and what is left to say, as entries of a catalog.

use rustc_hash::FxHashSet;

use super::{Layer, Shared, Sharing};
use crate::import::value::{Entry, Item, Map, Value};
use crate::import::variables::free_with_dashes;

impl Sharing {
    /// Settles the names: no fragment is called like a service or another one.
    pub(super) fn shared(&mut self) -> Shared {
        let services: FxHashSet<String> =
            self.services.iter().map(|one| one.name.clone()).collect();
        let mut taken = services.clone();
        let counts = self.counts();
        for at in 0..self.layers.len() {
            let service = self.layers[at].service.and_then(|at| self.services.get(at));
            self.layers[at].name = match service {
                Some(service) => service.name.clone(),
                None => {
                    let mut name = self.layers[at].name.clone();
                    if services.contains(&name) {
                        name.push_str("-common");
                    }
                    let name = free_with_dashes(&name, &taken);
                    taken.insert(name.clone());
                    name
                }
            };
        }
        let mut shared = Shared {
            defaults: self.defaults.clone(),
            ..Shared::default()
        };
        for (layer, count) in self.layers.iter().zip(counts) {
            if layer.service.is_none() && count > 0 {
                shared.fragments.0.push(self.fragment(layer));
                shared.tell_top(layer);
            }
        }
        shared
    }

    fn fragment(&self, layer: &Layer) -> Entry {
        let mut words = layer.own.clone();
        words.shorten_names();
        words.0.splice(0..0, self.extends(&layer.extends));
        let mut entry = Entry::made(&layer.name, Value::Map(words));
        entry.remarks.above = layer.above.clone();
        entry
    }

    fn extends(&self, layers: &[usize]) -> Option<Entry> {
        let mut names: Vec<Item> = layers
            .iter()
            .map(|at| Item::made(Value::of(&self.layers[*at].name)))
            .collect();
        let value = match names.len() {
            0 | 1 => names.pop()?.value,
            _ => Value::List(names),
        };
        Some(Entry::made("extends", value))
    }

    /// The services, each with what it is, what it extends, and what it says itself.
    pub(super) fn entries(self) -> Vec<Entry> {
        let entry = |service: &super::Saying| {
            let is_first = |entry: &&Entry| matches!(entry.key.as_str(), "role" | "job");
            let is_last = |entry: &&Entry| matches!(entry.key.as_str(), "overrides" | "waive");
            let middle = |entry: &&Entry| !is_first(entry) && !is_last(entry);
            let kept = || service.kept.iter();
            let mut words: Vec<Entry> = kept().filter(is_first).cloned().collect();
            words.extend(self.extends(&service.extends));
            words.extend(kept().filter(middle).cloned());
            let mut own = service.own.clone();
            own.shorten_names();
            words.extend(own.0);
            words.extend(kept().filter(is_last).cloned());
            Entry {
                key: service.name.clone(),
                value: Value::Map(Map(words)),
                remarks: service.remarks.clone(),
                place: service.place,
            }
        };
        self.services.iter().map(entry).collect()
    }
}

impl Shared {
    fn tell_top(&mut self, layer: &Layer) {
        let Some(top) = &layer.top else {
            return;
        };
        match self.tops.iter_mut().find(|(name, _)| name == top) {
            Some((_, names)) => names.push(layer.name.clone()),
            None => self.tops.push((top.clone(), vec![layer.name.clone()])),
        }
    }
}

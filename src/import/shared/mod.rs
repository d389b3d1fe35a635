//! What several services say alike: blocks that people shared already become fragments under their names, what all
//! services say becomes the catalog's `defaults`, and what several say without having shared it becomes a fragment too.
//! Only what leaves every service what it was is taken out of it.
//!
//! | file | what stands there |
//! |---|---|
//! | `lay.rs` | words over a layer, and what is left to say over one |
//! | `authored.rs` | the blocks that people named |
//! | `alike.rs` | what is said alike without a name |
//! | `names.rs` | names for that |
//! | `aside.rs` | what is commented out at a line that is shared |
//! | `written.rs` | the layers and services as entries of a catalog |
//! | `own_name.rs` | what differs by the services' names alone |
//! | `waivers.rs` | what several services waive for one reason |

mod alike;
mod aside;
pub mod authored;
mod lay;
mod names;
mod own_name;
mod waivers;
mod written;

use indexmap::IndexMap;

use super::layout::text;
use super::value::{Entry, Line, Map, Remarks};
use super::waits::Facts;
use crate::place::Place;
use authored::{Authored, unite};
use lay::{difference, is_same_map, is_within, over};

/// What is shared.
#[derive(Clone, Debug, Default)]
pub struct Shared {
    /// What every service says, or most of them.
    pub defaults: Map,
    /// What some say, by the fragment's name.
    pub fragments: Map,
    /// The keys of the files' tops that became fragments, each with the fragments' names.
    pub tops: Vec<(String, Vec<String>)>,
}

/// Words that a layer neither takes nor gives.
const MEMBERSHIP: &[&str] = &["role", "job", "modes", "overrides", "waive"];

/// A service under way.
struct Saying {
    name: String,
    remarks: Remarks,
    /// What it comes to.
    words: Map,
    /// What no layer takes.
    kept: Vec<Entry>,
    /// What it extends, by number.
    extends: Vec<usize>,
    /// What it still says itself.
    own: Map,
    is_job: bool,
    place: Place,
}

/// A fragment, or a service that others extend.
#[derive(Clone)]
struct Layer {
    name: String,
    above: Vec<Line>,
    /// What it comes to.
    words: Map,
    extends: Vec<usize>,
    /// What it says itself.
    own: Map,
    /// The service that it is.
    service: Option<usize>,
    top: Option<String>,
}

/// Takes what is shared out of the services. `authored` are the blocks that the files had.
pub fn share(services: &mut Map, facts: &IndexMap<String, Facts>, authored: &[Authored]) -> Shared {
    let entries = std::mem::take(&mut services.0).into_iter();
    let mut all = Sharing {
        services: entries.map(|entry| saying(entry, facts)).collect(),
        layers: Vec::new(),
        defaults: Map::default(),
    };
    own_name::write(&mut all.services);
    all.take_over(authored);
    alike::defaults(&mut all);
    alike::fragments(&mut all);
    all.move_aside();
    let mut shared = all.shared();
    waivers::share(&mut all.services, &mut shared.defaults);
    own_name::take_back(&mut all);
    services.0 = all.entries();
    shared
}

fn saying(entry: Entry, facts: &IndexMap<String, Facts>) -> Saying {
    let Entry {
        key,
        value,
        remarks,
        place,
    } = entry;
    let words = value.map().cloned().unwrap_or_default();
    let is_kept = |entry: &Entry| MEMBERSHIP.contains(&entry.key.as_str());
    let (kept, words): (Vec<Entry>, Vec<Entry>) = words.0.into_iter().partition(is_kept);
    let words = Map(words);
    Saying {
        is_job: facts.get(&key).is_some_and(|facts| facts.job),
        name: key,
        remarks,
        own: words.clone(),
        words,
        kept,
        extends: Vec::new(),
        place,
    }
}

/// All services with the layers below them.
struct Sharing {
    services: Vec<Saying>,
    layers: Vec<Layer>,
    defaults: Map,
}

/// About how many lines words take.
fn lines(words: &Map) -> usize {
    text(words).lines().count()
}

impl Sharing {
    /// The blocks that people named, as far as two services or more use them.
    fn take_over(&mut self, authored: &[Authored]) {
        let united = self.different(authored);
        let mut active: Vec<&Authored> = united.iter().collect();
        loop {
            self.settle_all(&active);
            let counts = self.counts();
            let is_used = |at: &usize| {
                let least = if self.layers[*at].service.is_some() {
                    1
                } else {
                    2
                };
                counts[*at] >= least
            };
            let used: Vec<&Authored> = (0..active.len())
                .filter(is_used)
                .map(|at| active[at])
                .collect();
            if used.len() == active.len() {
                return;
            }
            active = used;
        }
    }

    /// The blocks of which something is used; of those that say the same, as each file has its own `x-logging`, one.
    fn different(&self, authored: &[Authored]) -> Vec<Authored> {
        let mut all: Vec<(Map, Authored)> = Vec::new();
        for block in authored {
            let words = self.united(block);
            let is_same = |(known, other): &&mut (Map, Authored)| {
                block.is_fragment() && other.is_fragment() && is_same_map(known, &words)
            };
            match all.iter_mut().find(is_same) {
                _ if words.0.is_empty() => {}
                Some((_, known)) => known.take_in(block),
                None => all.push((words, block.clone())),
            }
        }
        all.into_iter().map(|(_, block)| block).collect()
    }

    /// What all services have from a block.
    fn united(&self, block: &Authored) -> Map {
        let mut all = Map::default();
        for service in &self.services {
            unite(&mut all, &block.part_of(&service.words));
        }
        all
    }

    /// Lets every block and every service extend what it has of these.
    fn settle_all(&mut self, active: &[&Authored]) {
        self.services
            .iter_mut()
            .for_each(|service| service.extends.clear());
        self.layers = active.iter().map(|block| self.layer(block)).collect();
        let all: Vec<Map> = self
            .layers
            .iter()
            .map(|layer| layer.words.clone())
            .collect();
        // Who says all of a block, word by word, may as well extend it.
        let fits = |at: usize, words: &Map| {
            !active[at].part_of(words).0.is_empty()
                || active[at].is_fragment() && is_within(&all[at], words)
        };
        for at in 0..active.len() {
            let inner = (0..active.len()).filter(|other| active[*other].is_within(active[at]));
            let inner: Vec<usize> = inner
                .filter(|at| self.layers[*at].service.is_none())
                .collect();
            if self.layers[at].service.is_none() {
                let (extends, own) = self.chosen(&self.layers[at].words, &inner, false, &fits);
                self.layers[at].extends = extends;
                self.layers[at].own = own;
            }
        }
        for at in 0..self.services.len() {
            let service = &self.services[at];
            let may = |layer: &usize| match self.layers[*layer].service {
                Some(base) => base != at && !self.reaches(base, at),
                None => true,
            };
            let all: Vec<usize> = (0..active.len()).filter(may).collect();
            let (extends, own) = self.chosen(&service.words, &all, service.is_job, &fits);
            let service = &mut self.services[at];
            service.extends = extends;
            service.own = own;
        }
    }

    fn layer(&self, block: &Authored) -> Layer {
        let base = block.service.as_ref();
        let service = base.and_then(|name| self.services.iter().position(|one| one.name == *name));
        let words = match service.and_then(|at| self.services.get(at)) {
            Some(base) => base.words.clone(),
            None => self.united(block),
        };
        Layer {
            name: block.name.clone(),
            above: block.above.clone(),
            own: words.clone(),
            words,
            extends: Vec::new(),
            service: service.filter(|at| !self.differs_by_mode(*at)),
            top: block.top.clone(),
        }
    }

    /// What a service says in one mode alone would go to those that extend it, and so would what it waives.
    fn differs_by_mode(&self, at: usize) -> bool {
        let kept = self.services.get(at).map(|service| &service.kept);
        let differs = |entry: &Entry| matches!(entry.key.as_str(), "overrides" | "waive");
        kept.is_some_and(|kept| kept.iter().any(differs))
    }

    /// Whether a service extends another one, also by way of others.
    fn reaches(&self, from: usize, to: usize) -> bool {
        let bases = self.services[from].extends.iter();
        let mut bases = bases.filter_map(|layer| self.layers[*layer].service);
        bases.any(|base| base == to || self.reaches(base, to))
    }

    /// Which of some layers shorten words, and what is left to say over them.
    fn chosen(
        &self,
        words: &Map,
        layers: &[usize],
        is_job: bool,
        fits: &dyn Fn(usize, &Map) -> bool,
    ) -> (Vec<usize>, Map) {
        let (mut chosen, mut own, mut cost) = (Vec::new(), words.clone(), lines(words));
        loop {
            let rest = layers.iter().filter(|at| !chosen.contains(*at));
            let tried = rest.filter(|at| fits(**at, &own)).filter_map(|at| {
                let with: Vec<usize> = chosen.iter().chain([at]).copied().collect();
                let left = self.left(words, &with, is_job)?;
                Some((lines(&left) + with.len(), with, left))
            });
            match tried.min_by_key(|(cost, _, _)| *cost) {
                Some((less, with, left)) if less <= cost => {
                    (cost, chosen, own) = (less, with, left)
                }
                _ => return self.in_order(words, chosen, own, is_job),
            }
        }
    }

    /// Layers in the order of the files, where that says the same.
    fn in_order(
        &self,
        words: &Map,
        chosen: Vec<usize>,
        own: Map,
        is_job: bool,
    ) -> (Vec<usize>, Map) {
        let mut sorted = chosen.clone();
        sorted.sort_unstable();
        match self.left(words, &sorted, is_job) {
            Some(left) if lines(&left) <= lines(&own) => (sorted, left),
            _ => (chosen, own),
        }
    }

    /// What is left to say over the defaults and some layers.
    fn left(&self, words: &Map, extends: &[usize], is_job: bool) -> Option<Map> {
        difference(&self.below(extends, is_job)?, words, true)
    }

    /// The defaults with some layers over them.
    fn below(&self, extends: &[usize], is_job: bool) -> Option<Map> {
        let mut layers = extends.iter().map(|at| &self.layers[*at].words);
        let mut below =
            layers.try_fold(self.defaults.clone(), |below, layer| over(layer, &below))?;
        if is_job {
            // A job is written `restart: "no"`, whatever the layers say.
            below.take("restart");
        }
        Some(below)
    }

    /// How many services and layers extend each layer.
    fn counts(&self) -> Vec<usize> {
        let of_services = self.services.iter().flat_map(|service| &service.extends);
        let of_layers = self.layers.iter().flat_map(|layer| &layer.extends);
        let mut counts = vec![0; self.layers.len()];
        of_services.chain(of_layers).for_each(|at| counts[*at] += 1);
        counts
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::import::value::{Item, Value};

    fn words() -> impl Strategy<Value = Map> {
        let text = || "[ab]|s[0-9]-x".prop_map(Value::of);
        let names = |most| prop::collection::vec("[xyz]", 0..most);
        let list = |names: Vec<String>| {
            let items = names.into_iter().map(|name| Item::made(Value::of(name)));
            Value::List(items.collect())
        };
        let map = prop::collection::btree_map("[A-D]", text(), 1..4).prop_map(|map| {
            let entries = map.into_iter().map(|(key, value)| Entry::made(key, value));
            Value::Map(Map(entries.collect()))
        });
        let entry = prop_oneof![
            ("restart|user|image|pull_policy|container_name", text()),
            ("environment|labels|healthcheck|logging", map),
            ("command|dns|depends_on|networks", names(3).prop_map(list)),
        ];
        prop::collection::vec(entry, 1..7).prop_map(|entries| {
            let mut map = Map::default();
            for (key, value) in entries {
                map.put(Entry::made(key, value));
            }
            map
        })
    }

    /// What a service or fragment comes to, as a build lays it.
    fn laid(entry: &Map, below: &Map, shared: &Shared) -> Map {
        let mut own = entry.clone();
        let extends = own.take("extends").map(|entry| entry.value);
        let one = extends.iter().filter_map(Value::text);
        let many = extends.iter().flat_map(Value::items);
        let names = one.chain(many.filter_map(|item| item.value.text()));
        let below = names.fold(below.clone(), |below, name| {
            let fragment = shared.fragments.get(name).and_then(Value::map);
            let fragment = laid(fragment.unwrap_or(&Map::default()), &Map::default(), shared);
            over(&fragment, &below).unwrap_or_default()
        });
        over(&own, &below).unwrap_or_default()
    }

    /// What a service comes to, once its name stands in it.
    fn with_name(map: &Map, name: &str) -> Map {
        let mut value = Value::Map(map.clone());
        value.each_text(Place::NOWHERE, &mut |text, _| {
            *text = text.replace(own_name::NAME, name);
        });
        value.map().cloned().unwrap_or_default()
    }

    proptest! {
        #[test]
        fn every_service_stays_what_it_was(all in prop::collection::vec(words(), 1..9)) {
            let named = all.iter().enumerate();
            let named = named.map(|(at, words)| Entry::made(format!("s{at}"), Value::Map(words.clone())));
            let mut services = Map(named.collect());
            let shared = share(&mut services, &IndexMap::new(), &[]);
            for (entry, words) in services.0.iter().zip(&all) {
                let own = entry.value.map().cloned().unwrap_or_default();
                let said = with_name(&laid(&own, &shared.defaults, &shared), &entry.key);
                prop_assert!(lay::is_same_map(&said, words), "{}\n{}", text(&said), text(words));
            }
        }
    }
}

//! The catalog language: what people write, typed, every value with its place. Nothing is merged or evaluated here.
//!
//! | file | what stands there |
//! |---|---|
//! | `words.rs` | what a layer may say of a service: Compose's keys and our few words |
//! | `entries.rs` | hosts, modes, roles, variables, what is declared at the top |
//! | `read.rs` | from the files' trees to a `Catalog` |
//! | `references.rs`, `profiles.rs` | names that nothing declares |
//! | `recent.rs` | names that are looked up again and again |
//! | `blocks.rs` | in which block a place lies, for saying how a value came |
//! | `when.rs` | the condition under which a service is there |
//! | `choices.rs` | what is chosen on a host |
//! | `schema.rs` | the JSON schema of a catalog file |

pub mod blocks;
pub mod choices;
pub mod entries;
mod profiles;
pub mod read;
pub mod recent;
pub mod references;
pub mod schema;
pub mod when;
pub mod words;

use indexmap::IndexMap;
use rustc_hash::{FxBuildHasher, FxHashMap};

use crate::compose::keyed::Keyed;
use crate::compose::raw::Raw;
use crate::compose::scalar::{Text, Val};
use crate::compose::storage::{Config, Secret};
use crate::compose::value::Value;
use crate::place::Place;
use crate::values::mode_class::ModeClass;
use choices::HostChoices;
use entries::{
    Chapter, Choosable, Host, LimitsPolicy, Mode, Role, SharedNetwork, SharedVolume, SourcesPolicy,
    Variable,
};
use when::Subject;
use words::Words;

/// The file that holds what there is once.
pub const MAIN_FILE: &str = "catalog.yaml";

/// The JSON schema of a catalog file as it was last made from the types (`schema::text`): making it anew takes longer
/// than a whole build. A test holds the two together.
pub const SCHEMA: &str = include_str!("catalog.schema.json");

/// Names with what they stand for, in the order in which they were read.
pub type Names<'s, T> = IndexMap<&'s str, Declared<T>, FxBuildHasher>;

/// Something with a name, and where the name was written.
#[derive(Clone, Copy, Debug)]
pub struct Declared<T> {
    /// Where the name was written.
    pub place: Place,
    /// What it stands for.
    pub value: T,
}

/// A service as written.
#[derive(Clone, Copy, Debug)]
pub struct ServiceEntry<'s> {
    /// Its name.
    pub name: &'s str,
    /// Where the name was written.
    pub place: Place,
    /// Its own words.
    pub words: Words<'s>,
}

impl<'s> ServiceEntry<'s> {
    /// Its role, as written; nothing where it says none.
    pub fn role(&self) -> &'s str {
        self.words.own.role.map_or("", |role| role.text)
    }
}

/// What people wrote, all files together.
#[derive(Debug, Default)]
pub struct Catalog<'s> {
    /// The project's name.
    pub project: Option<Text<'s>>,
    /// The host for which is built where none is asked for.
    pub default_host: Option<Text<'s>>,
    /// Whether every service must have limits.
    pub limits: Option<Val<'s, LimitsPolicy>>,
    /// Where the build contexts are.
    pub sources: Option<Val<'s, SourcesPolicy>>,
    /// The variable that tells a service its mode's class; `None` where the catalog wants none.
    pub mode_variable: Option<&'s str>,
    /// The machines.
    pub hosts: Names<'s, Host<'s>>,
    /// The modes.
    pub modes: Names<'s, Mode<'s>>,
    /// What can be chosen.
    pub options: Names<'s, Choosable<'s>>,
    /// What is chosen on each host.
    host_choices: FxHashMap<&'s str, HostChoices<'s>>,
    /// The roles, the built-in ones first.
    pub roles: Names<'s, Role<'s>>,
    /// The lowest layer of every service.
    pub defaults: Words<'s>,
    /// Values for `{{ }}` that all modes share.
    pub values: Option<Raw<'s>>,
    /// Chapters of the catalog's own in the deployment guide.
    pub guide: Option<Keyed<'s, Chapter<'s>>>,
    /// Top-level Compose keys that composegen does not know yet.
    pub compose: Option<Raw<'s>>,
    /// What several services share.
    pub fragments: Names<'s, &'s Words<'s>>,
    /// The services.
    pub services: IndexMap<&'s str, &'s ServiceEntry<'s>, FxBuildHasher>,
    /// The services once more, by name: every plan asks for them so.
    by_name: Vec<Named<'s>>,
    /// Where each service, in the order in which they were read, stands among all by name.
    ranks: Vec<usize>,
    /// Which words few services say are among those of each, in the same order.
    few: Vec<Few>,
    /// The variables that a person or a pipeline sets.
    pub variables: Names<'s, Variable<'s>>,
    /// The volumes.
    pub volumes: Names<'s, SharedVolume<'s>>,
    /// The networks.
    pub networks: Names<'s, SharedNetwork<'s>>,
    /// The secrets.
    pub secrets: Names<'s, Secret<'s>>,
    /// The configs.
    pub configs: Names<'s, Config<'s>>,
}

impl<'s> Catalog<'s> {
    /// The project's name, or the one that a catalog without one gets.
    pub fn project_name(&self) -> &'s str {
        self.project.map_or("project", |project| project.text)
    }

    /// The mode of a name or of one of its aliases.
    pub fn mode(&self, name: &str) -> Option<(&'s str, &Declared<Mode<'s>>)> {
        let named = self.modes.get_key_value(name);
        let aliased = || {
            self.modes
                .iter()
                .find(|(_, mode)| mode.value.is_called(name))
        };
        named.or_else(aliased).map(|(name, mode)| (*name, mode))
    }

    /// The names of the modes, then their aliases.
    pub fn mode_names(&self) -> impl Iterator<Item = &'s str> + Clone {
        let lists = self.modes.values().filter_map(|mode| mode.value.aliases);
        let aliases = lists.flat_map(|list| list.items).map(|alias| alias.text);
        self.modes.keys().copied().chain(aliases)
    }

    /// The services, by name.
    pub fn services_by_name(&self) -> &[Named<'s>] {
        &self.by_name
    }

    /// Where a service stands among all by name.
    pub fn rank(&self, name: &str) -> Option<usize> {
        self.ranks.get(self.services.get_index_of(name)?).copied()
    }

    /// The same with what follows from its parts, for one that was not read but put together.
    #[must_use]
    pub fn settled(mut self) -> Self {
        self.settle_choices();
        self.sort_services();
        self
    }

    /// The services that say a word which few say, in the order in which they were read.
    pub fn services_that_say(&self, word: Few) -> impl Iterator<Item = &'s ServiceEntry<'s>> {
        let services = self.services.values().zip(&self.few);
        let that_say = services.filter(move |(_, said)| said.0 & word.0 != 0);
        that_say.map(|(service, _)| *service)
    }

    fn sort_services(&mut self) {
        // What was read is known, and what was put together is seen now.
        let others = self.services.values().skip(self.few.len());
        self.few
            .extend(others.map(|entry| Few::of(&entry.words.own)));
        let services = self.services.iter().enumerate();
        let named = services.map(|(number, (name, entry))| {
            let own = &entry.words.own;
            Named {
                name,
                rank: number,
                role: entry.role(),
                is_free: own.modes.is_none() && own.hosts().is_none() && own.when().is_none(),
                replaces: own.replaces().is_some(),
                entry,
            }
        });
        self.by_name = named.collect();
        self.by_name.sort_unstable_by_key(|service| service.name);
        self.ranks = vec![0; self.by_name.len()];
        for (rank, service) in self.by_name.iter_mut().enumerate() {
            self.ranks[service.rank] = rank;
            service.rank = rank;
        }
    }

    /// The words that an `extends` names: a fragment's or a service's.
    pub fn layer(&self, name: &str) -> Option<&'s Words<'s>> {
        let service = || self.services.get(name).map(|entry| &entry.words);
        self.fragments
            .get(name)
            .map(|fragment| fragment.value)
            .or_else(service)
    }

    /// The class of a mode; one that could not be read counts as production, the safer guess.
    pub fn class_of(mode: &Mode) -> ModeClass {
        mode.class
            .and_then(|class| class.get())
            .unwrap_or(ModeClass::Production)
    }

    /// Whether the build contexts are in another repository.
    pub fn sources_elsewhere(&self) -> bool {
        self.sources.and_then(|sources| sources.get()) == Some(SourcesPolicy::Elsewhere)
    }

    /// Whether every service must have limits.
    pub fn limits_required(&self) -> bool {
        self.limits.and_then(|limits| limits.get()) != Some(LimitsPolicy::Optional)
    }
}

/// A mode on a host, with what is chosen there.
#[derive(Clone, Copy)]
pub struct Situation<'a, 's> {
    /// The catalog.
    pub catalog: &'a Catalog<'s>,
    /// The mode's name.
    pub mode_name: &'s str,
    /// The mode.
    pub mode: &'a Mode<'s>,
    /// Its class.
    pub class: ModeClass,
    /// The host's name.
    pub host: &'a str,
    /// What is chosen.
    pub choices: &'a [(&'s str, &'s str)],
}

/// Words of a service's own that few services say, a bit each: whoever looks for one need not fetch the words of all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Few(u8);

impl Few {
    /// `extends`.
    pub const EXTENDS: Few = Few(1);
    /// `overrides`.
    pub const OVERRIDES: Few = Few(2);
    /// `waive`, or `overrides`, which may hold one.
    pub const WAIVERS: Few = Few(4 | 2);
    /// `job`, or `first_start`.
    pub const JOB: Few = Few(8);
    /// `switch`.
    pub const SWITCH: Few = Few(16);
    /// A role that is kept out of production.
    pub const FENCED: Few = Few(32);

    fn of(own: &words::OwnWords) -> Self {
        let bits = [
            (own.extends.is_some(), Few::EXTENDS),
            (own.overrides.is_some(), Few::OVERRIDES),
            (own.waive().is_some(), Few(4)),
            (own.job.is_some() || own.first_start().is_some(), Few::JOB),
            (own.switch().is_some(), Few::SWITCH),
            (
                own.role.is_some_and(|role| entries::is_fenced(role.text)),
                Few::FENCED,
            ),
        ];
        let said = bits.iter().filter(|(is_said, _)| *is_said);
        Few(said.fold(0, |all, (_, word)| all | word.0))
    }
}

/// A service among all by name, with what is asked of all of them again and again: here it stands side by side, and in
/// their words in many places.
#[derive(Clone, Copy, Debug)]
pub struct Named<'s> {
    /// Its name.
    pub name: &'s str,
    /// Where it stands among all by name: who compares ranks need not fetch the names.
    pub rank: usize,
    /// Its role.
    pub role: &'s str,
    /// Whether its role alone says where it is: no `modes`, no `hosts`, no `when`.
    pub is_free: bool,
    /// Whether it takes the place of another.
    pub replaces: bool,
    /// What was written.
    pub entry: &'s ServiceEntry<'s>,
}

impl Named<'_> {
    /// Reads a byte of its `modes` and its `hosts`.
    pub fn touch_membership(&self) -> u8 {
        if self.is_free {
            return 0;
        }
        let own = &self.entry.words.own;
        own.modes.map_or(0, Value::touch) ^ own.hosts().map_or(0, Value::touch)
    }
}

/// Whether role, modes, hosts and conditions let two services into one mode on a host, whatever is chosen there.
pub fn meets(catalog: &Catalog, host: &str, a: &ServiceEntry, b: &ServiceEntry) -> bool {
    let combinations = catalog.combinations(host);
    catalog.modes.iter().any(|(mode_name, mode)| {
        combinations.iter().any(|choices| {
            let there = Situation {
                catalog,
                mode_name,
                mode: &mode.value,
                class: Catalog::class_of(&mode.value),
                host,
                choices,
            };
            there.kept_out(a).is_none() && there.kept_out(b).is_none()
        })
    })
}

/// Which of its words keeps a service out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeptOut {
    /// Its role's classes.
    Role,
    /// Its `modes`.
    Modes,
    /// Its `hosts`.
    Hosts,
    /// Its `when`.
    When,
}

impl<'s> Situation<'_, 's> {
    /// Which word keeps a service out; `None` where all let it in.
    pub fn kept_out(&self, service: &ServiceEntry<'s>) -> Option<KeptOut> {
        match self.lets_in(service.role()) {
            true => self.left_out(service),
            false => Some(KeptOut::Role),
        }
    }

    /// Whether a role lets its services in.
    pub fn lets_in(&self, role: &str) -> bool {
        match self.catalog.roles.get(role) {
            Some(declared) => read::allows(role, &declared.value, self.class),
            // A role that nothing declares lets its services in: that it is unknown is said once, elsewhere.
            None => !entries::is_fenced_in(role, self.class),
        }
    }

    /// Which word besides its role keeps a service out; `None` where all let it in.
    pub fn left_out(&self, service: &ServiceEntry<'s>) -> Option<KeptOut> {
        let own = &service.words.own;
        let names_mode =
            |name: &Text| name.text == self.mode_name || self.mode.is_called(name.text);
        if own
            .modes
            .is_some_and(|modes| !modes.items.iter().any(names_mode))
        {
            return Some(KeptOut::Modes);
        }
        let names_host = |name: &Text| name.text == self.host;
        if own
            .hosts()
            .is_some_and(|hosts| !hosts.items.iter().any(names_host))
        {
            return Some(KeptOut::Hosts);
        }
        let condition = own.when().and_then(|when| when.condition);
        let unmet = condition.is_some_and(|condition| !condition.holds(&|asked| self.is(asked)));
        unmet.then_some(KeptOut::When)
    }

    /// What a condition asks for.
    fn is(&self, subject: &Subject<'s>) -> Option<&'s str> {
        match subject {
            Subject::Choice(option) => self.choice(option.text),
            Subject::ModeName => Some(self.mode_name),
            Subject::ModeClass => Some(self.class.as_str()),
        }
    }

    /// What is chosen of an option.
    pub fn choice(&self, option: &str) -> Option<&'s str> {
        let chosen = self.choices.iter().find(|(name, _)| *name == option);
        chosen.map(|(_, choice)| *choice)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pipeline::load;
    use crate::source::Sources;

    #[test]
    fn whoever_says_what_few_say_is_known() {
        let text = "project: demo\nhosts: { nuc: { memory: 4GiB, cpus: 4 } }\nmodes: { test: { class: test } }\n\
                    fragments: { f: { environment: { A: b } } }\nservices:\n  \
                    plain: { role: core, image: a }\n  \
                    heir: { role: core, image: a, extends: f }\n  \
                    other: { role: core, image: a, overrides: { test: { memory: 1M } } }\n  \
                    waived: { role: core, image: a, waive: [{ rule: port-random, reason: wanted }] }\n  \
                    once: { role: core, image: a, job: true }\n  \
                    first: { role: core, image: a, first_start: [b] }\n  \
                    shown: { role: core, image: a, switch: ENABLE_IT }\n  \
                    made: { role: datagen, image: a }\n  \
                    tried: { role: test, image: a }\n";
        let arena = bumpalo::Bump::new();
        let sources = Sources::of_texts(&[("catalog.yaml", text)], &arena);
        let mut catalog = load(&sources, &arena).catalog;
        for _ in 0..2 {
            let names = |word| {
                let services = catalog.services_that_say(word);
                services.map(|service| service.name).collect::<Vec<_>>()
            };
            assert_eq!(names(Few::EXTENDS), ["heir"]);
            assert_eq!(names(Few::OVERRIDES), ["other"]);
            assert_eq!(names(Few::WAIVERS), ["other", "waived"]);
            assert_eq!(names(Few::JOB), ["once", "first"]);
            assert_eq!(names(Few::SWITCH), ["shown"]);
            assert_eq!(names(Few::FENCED), ["made", "tried"]);
            // The same of a catalog that is put together.
            catalog = Catalog {
                services: catalog.services,
                ..Catalog::default()
            }
            .settled();
        }
    }
}

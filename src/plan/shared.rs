//! Networks, volumes, secrets and configs as a mode uses them. What nobody uses is not written.

use rustc_hash::FxHashSet;

use super::create::{self, Words};
use super::evaluate::ModeEvaluator;
use super::{Planned, PlannedService};
use crate::catalog::entries::{SharedNetwork, SharedVolume};
use crate::catalog::{Declared, Names};
use crate::compose::list::Either;
use crate::compose::mounts::FileMount;
use crate::compose::network::{External, Network};
use crate::compose::scalar::{Text, Val};
use crate::compose::storage::{Config, Secret, Volume};
use crate::compose::value::{Evaluator, Value};
use crate::finding::Finding;
use crate::place::Place;
use crate::rule::Rule;
use crate::values::shown::shown;
use crate::values::suggest::nearest;

/// The names that services use, and those that nothing declares.
pub struct Uses<'a, 'e, 's> {
    /// Evaluates what the top level says.
    pub cx: &'a ModeEvaluator<'e, 's>,
    /// The Compose project of the mode.
    pub project: &'s str,
    /// The services.
    pub services: &'a [PlannedService<'s>],
}

/// Which of the declared things are used.
struct Used<'d, 's, T> {
    declared: &'d Names<'s, T>,
    /// Of each, by its number.
    marks: Vec<bool>,
}

impl<'d, 's, T> Used<'d, 's, T> {
    fn of(declared: &'d Names<'s, T>) -> Self {
        let marks = vec![false; declared.len()];
        Used { declared, marks }
    }

    /// Notes that a name is used; `false` where nothing declares it.
    fn mark(&mut self, name: &str) -> bool {
        let number = self.declared.get_index_of(name);
        if let Some(number) = number {
            self.marks[number] = true;
        }
        number.is_some()
    }

    fn iter(&self) -> impl Iterator<Item = (&'s str, &'d Declared<T>)> {
        let all = self.declared.iter().zip(&self.marks);
        let used = all.filter(|(_, is_used)| **is_used);
        used.map(|((name, declared), _)| (*name, declared))
    }

    fn names(&self) -> impl Iterator<Item = &'s str> {
        self.iter().map(|(name, _)| name)
    }
}

impl<'s> Uses<'_, '_, 's> {
    fn unknown(
        &self,
        rule: Rule,
        what: &str,
        name: &str,
        place: Place,
        known: &mut dyn Iterator<Item = &'s str>,
    ) {
        let message = format!("the {what} {} is not declared", shown(name));
        let finding = Finding::new(rule, place, message);
        self.cx.findings().add(match nearest(name, known) {
            Some(near) => finding.help(format!("did you mean `{near}`?")),
            // Volumes and networks need no more than a name; a secret or a config comes from somewhere.
            None if matches!(what, "secret" | "config") => finding.help(format!(
                "declare it: `{what}s: {{ {name}: {{ file: ./PATH }} }}`"
            )),
            None => finding.help(format!("declare it: `{what}s: {{ {name}: }}`")),
        });
    }

    /// The volumes that services mount.
    pub fn volumes(&self) -> (Vec<Planned<'s, Volume<'s>>>, FxHashSet<&'s str>) {
        let declared = &self.cx.scope.catalog.volumes;
        let mut used = Used::of(declared);
        for service in self.services {
            let mounts = service
                .service
                .volumes
                .map_or(&[][..], |volumes| volumes.items);
            for facts in mounts
                .iter()
                .filter_map(|mount| mount.facts())
                .filter(|facts| !facts.bind)
            {
                let Some(name) = facts.source.filter(|name| !name.contains('$')) else {
                    continue;
                };
                if !used.mark(name) {
                    let mut known = declared.keys().copied();
                    let place = facts.source_place;
                    self.unknown(Rule::UnknownVolume, "volume", name, place, &mut known);
                }
            }
        }
        let planned = self.planned(&used, |volume| self.volume(volume));
        (planned, used.names().collect())
    }

    /// The networks that services join.
    pub fn networks(&self) -> (Vec<Planned<'s, Network<'s>>>, FxHashSet<&'s str>) {
        let declared = &self.cx.scope.catalog.networks;
        let mut used = Used::of(declared);
        let mut default = false;
        for service in self.services {
            match service.networks() {
                None => default |= service.service.network_mode.is_none(),
                Some(networks) => {
                    for (name, place, _) in networks.iter() {
                        if !used.mark(name) && name != "default" {
                            let mut known = declared.keys().copied();
                            self.unknown(Rule::UnknownNetwork, "network", name, place, &mut known);
                        }
                    }
                }
            }
        }
        if default {
            used.mark("default");
        }
        let planned = self.planned(&used, |network| self.network(network));
        (planned, used.names().collect())
    }

    /// The secrets that services read.
    pub fn secrets(&self) -> Vec<Planned<'s, Secret<'s>>> {
        let declared = &self.cx.scope.catalog.secrets;
        let of = |service: &PlannedService<'s>| {
            let build = match service.service.build {
                Some(Either::Long(build)) => build.secrets,
                _ => None,
            };
            let own = service
                .service
                .secrets
                .map_or(&[][..], |secrets| secrets.items);
            own.iter()
                .chain(build.map_or(&[][..], |secrets| secrets.items))
        };
        let used = self.files(
            self.services.iter().flat_map(of),
            declared,
            Rule::UnknownSecret,
            "secret",
        );
        self.planned(&used, |secret| {
            self.read_by_compose(secret.environment.copied());
            (secret.name.copied(), secret.resolve(self.cx), None)
        })
    }

    /// The configs that services read.
    pub fn configs(&self) -> Vec<Planned<'s, Config<'s>>> {
        let declared = &self.cx.scope.catalog.configs;
        let of = |service: &PlannedService<'s>| {
            service
                .service
                .configs
                .map_or(&[][..], |configs| configs.items)
        };
        let used = self.files(
            self.services.iter().flat_map(of),
            declared,
            Rule::UnknownConfig,
            "config",
        );
        self.planned(&used, |config| {
            self.read_by_compose(config.environment.copied());
            (config.name.copied(), config.resolve(self.cx), None)
        })
    }

    /// `environment: NAME`: Compose reads the variable, and does not start without it.
    fn read_by_compose(&self, name: Option<Text<'s>>) {
        if let Some(name) = name {
            self.cx.mark(name.text);
        }
    }

    fn files<'d, T>(
        &self,
        mounts: impl Iterator<Item = &'s FileMount<'s>>,
        declared: &'d Names<'s, T>,
        rule: Rule,
        what: &str,
    ) -> Used<'d, 's, T> {
        let mut used = Used::of(declared);
        for source in mounts.filter_map(FileMount::source) {
            if !used.mark(source.text) {
                let mut known = declared.keys().copied();
                self.unknown(rule, what, source.text, source.place, &mut known);
            }
        }
        used
    }

    fn planned<T, V>(
        &self,
        used: &Used<'_, 's, T>,
        value: impl Fn(&T) -> (Option<Text<'s>>, V, Option<Words<'s>>),
    ) -> Vec<Planned<'s, V>> {
        self.cx.enter("");
        let mut list: Vec<_> = used
            .iter()
            .map(|(key, declared)| {
                let (name, value, create) = value(&declared.value);
                let project = if create.is_some() {
                    self.cx.scope.catalog.project_name()
                } else {
                    self.project
                };
                let engine_name = match name {
                    Some(name) => name.resolve(self.cx).text,
                    None => self.cx.arena().alloc_str(&[project, "_", key].concat()),
                };
                Planned {
                    key,
                    place: declared.place,
                    engine_name,
                    shared: create.is_some(),
                    create: create.unwrap_or_default(),
                    value,
                }
            })
            .collect();
        list.sort_unstable_by_key(|planned| planned.key);
        list
    }

    fn volume(
        &self,
        volume: &SharedVolume<'s>,
    ) -> (Option<Text<'s>>, Volume<'s>, Option<Words<'s>>) {
        let shared = volume.is_shared_by(self.cx.scope.mode_name);
        let mut plain = volume.compose().resolve(self.cx);
        let create = shared.then(|| create::volume(&plain, self.cx.arena()));
        if shared {
            plain = Volume {
                external: Some(self.external()),
                name: plain.name,
                ..Volume::default()
            };
        }
        (volume.name.copied(), plain, create)
    }

    fn network(
        &self,
        network: &SharedNetwork<'s>,
    ) -> (Option<Text<'s>>, Network<'s>, Option<Words<'s>>) {
        let shared = network.is_shared_by(self.cx.scope.mode_name);
        let mut plain = network.compose().resolve(self.cx);
        let create = shared.then(|| create::network(&plain, self.cx.arena()));
        if shared {
            plain = Network {
                external: Some(self.external()),
                name: plain.name,
                ..Network::default()
            };
        }
        (network.name.copied(), plain, create)
    }

    fn external(&self) -> &'s External<'s> {
        let yes = Val::known(true, Place::NOWHERE);
        self.cx.arena().alloc(Either::Short(yes))
    }
}

//! Networks, volumes, secrets and configs as a mode uses them. What nobody uses is not written.

use super::create::{self, Words};
use super::evaluate::ModeEvaluator;
use super::usage::Marks;
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

/// What of the top level the services of a mode use, noted from one service after the other. What they use and nothing
/// declares is told.
pub struct Uses<'a, 'e, 's> {
    cx: &'a ModeEvaluator<'e, 's>,
    /// The Compose project of the mode.
    project: &'s str,
    networks: Marks,
    volumes: Marks,
    secrets: Marks,
    configs: Marks,
}

impl<'a, 'e, 's> Uses<'a, 'e, 's> {
    /// Nothing yet, of a mode and its Compose project.
    pub fn new(cx: &'a ModeEvaluator<'e, 's>, project: &'s str) -> Self {
        let catalog = cx.scope.catalog;
        Uses {
            cx,
            project,
            networks: Marks::none_of(&catalog.networks),
            volumes: Marks::none_of(&catalog.volumes),
            secrets: Marks::none_of(&catalog.secrets),
            configs: Marks::none_of(&catalog.configs),
        }
    }

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

    /// Notes what a service uses.
    pub fn note(&mut self, service: &PlannedService<'s>) {
        self.note_networks(service);
        self.note_volumes(service);
        let service = &service.service;
        let recents = self.cx.members.recents;
        let build = match service.build {
            Some(Either::Long(build)) => build.secrets(),
            _ => None,
        };
        let lists = [service.secrets, build].into_iter().flatten();
        let secrets = lists.flat_map(|list| list.items);
        for source in secrets.filter_map(FileMount::source) {
            let declared = &self.cx.scope.catalog.secrets;
            if !self
                .secrets
                .mark_found(recents.secrets.declared(source.text, declared))
            {
                self.unknown_file(Rule::UnknownSecret, "secret", source, declared);
            }
        }
        let configs = service.configs().map_or(&[][..], |configs| configs.items);
        for source in configs.iter().filter_map(FileMount::source) {
            let declared = &self.cx.scope.catalog.configs;
            if !self
                .configs
                .mark_found(recents.configs.declared(source.text, declared))
            {
                self.unknown_file(Rule::UnknownConfig, "config", source, declared);
            }
        }
    }

    fn note_networks(&mut self, service: &PlannedService<'s>) {
        let declared = &self.cx.scope.catalog.networks;
        let recent = &self.cx.members.recents.networks;
        let Some(networks) = service.networks() else {
            if service.service.network_mode().is_none() {
                self.networks
                    .mark_found(recent.declared("default", declared));
            }
            return;
        };
        for (name, place, _) in networks.iter() {
            if !self.networks.mark_found(recent.declared(name, declared)) && name != "default" {
                let mut known = declared.keys().copied();
                self.unknown(Rule::UnknownNetwork, "network", name, place, &mut known);
            }
        }
    }

    fn note_volumes(&mut self, service: &PlannedService<'s>) {
        let declared = &self.cx.scope.catalog.volumes;
        let recent = &self.cx.members.recents.volumes;
        let mounts = service.service.volumes;
        let mounts = mounts.map_or(&[][..], |volumes| volumes.items);
        let facts = mounts.iter().filter_map(|mount| mount.facts());
        for facts in facts.filter(|facts| !facts.bind) {
            let Some(name) = facts.source.filter(|name| !name.contains('$')) else {
                continue;
            };
            if !self.volumes.mark_found(recent.declared(name, declared)) {
                let mut known = declared.keys().copied();
                let place = facts.source_place;
                self.unknown(Rule::UnknownVolume, "volume", name, place, &mut known);
            }
        }
    }

    fn unknown_file<T>(&self, rule: Rule, what: &str, source: Text<'s>, declared: &Names<'s, T>) {
        let mut known = declared.keys().copied();
        self.unknown(rule, what, source.text, source.place, &mut known);
    }

    /// The volumes that services mount.
    pub fn volumes(&self) -> Vec<Planned<'s, Volume<'s>>> {
        let declared = &self.cx.scope.catalog.volumes;
        self.planned(declared, &self.volumes, |volume| self.volume(volume))
    }

    /// The networks that services join.
    pub fn networks(&self) -> Vec<Planned<'s, Network<'s>>> {
        let declared = &self.cx.scope.catalog.networks;
        self.planned(declared, &self.networks, |network| self.network(network))
    }

    /// The secrets that services read.
    pub fn secrets(&self) -> Vec<Planned<'s, Secret<'s>>> {
        let declared = &self.cx.scope.catalog.secrets;
        self.planned(declared, &self.secrets, |secret| {
            self.read_by_compose(secret.environment.copied());
            (secret.name.copied(), secret.resolve(self.cx), None)
        })
    }

    /// The configs that services read.
    pub fn configs(&self) -> Vec<Planned<'s, Config<'s>>> {
        let declared = &self.cx.scope.catalog.configs;
        self.planned(declared, &self.configs, |config| {
            self.read_by_compose(config.environment.copied());
            (config.name.copied(), config.resolve(self.cx), None)
        })
    }

    /// The networks and volumes that are used.
    pub fn marks(self) -> (Marks, Marks) {
        (self.networks, self.volumes)
    }

    /// `environment: NAME`: Compose reads the variable, and does not start without it.
    fn read_by_compose(&self, name: Option<Text<'s>>) {
        if let Some(name) = name {
            self.cx.mark(name.text);
        }
    }

    fn planned<T, V>(
        &self,
        declared: &Names<'s, T>,
        used: &Marks,
        value: impl Fn(&T) -> (Option<Text<'s>>, V, Option<Words<'s>>),
    ) -> Vec<Planned<'s, V>> {
        let planned = |(key, declared): (&&'s str, &Declared<T>)| {
            let (name, value, create) = value(&declared.value);
            let project = match create {
                Some(_) => self.cx.scope.catalog.project_name(),
                None => self.project,
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
        };
        let mut list = Vec::with_capacity(used.count());
        list.extend(used.of(declared.iter()).map(planned));
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

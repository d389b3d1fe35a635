//! Gathers the facts that the preflight judges. It looks and changes nothing.

use std::collections::BTreeSet;
use std::path::Path;

use super::exchange::rivals;
use super::session::Session;
use crate::commands::{Failure, Run};
use crate::deploy::facts::{Binding, Container};
use crate::deploy::model::{Build, Model};
use crate::deploy::preflight::Facts;
use crate::deploy::release::Wanted;
use crate::deploy::room::Sum;
use crate::deploy::supply::{Image, Need, need};
use crate::docker::host::{self, Listener};
use crate::plan::Plan;
use crate::plan::totals::totals_of;
use crate::values::cpus::Cpus;
use crate::values::factor::Factor;
use crate::values::memory::Memory;
use crate::values::prose::plural;
use crate::values::shown::shown;

/// What is looked at.
pub struct Survey<'a, 's> {
    /// The session.
    pub session: &'a Session<'a>,
    /// The mode's plan.
    pub plan: &'a Plan<'s>,
    /// The plans of every mode on the host.
    pub plans: &'a [Plan<'s>],
    /// The resolved file.
    pub model: &'a Model,
    /// Every container of the engine.
    pub containers: &'a [Container],
    /// Whether other modes are stopped first.
    pub switch: bool,
    /// Whether images are built again that can be built.
    pub rebuild: bool,
}

impl<'a> Survey<'a, '_> {
    /// The facts; `wanted` gets the ids of the images that are there.
    ///
    /// # Errors
    /// The engine cannot be asked.
    pub fn facts(&self, run: &Run, wanted: &mut [Wanted]) -> Result<Facts<'a>, Failure> {
        let started = || {
            self.plan
                .services
                .iter()
                .filter(|it| self.model.services.contains_key(it.name))
        };
        let sums = totals_of(started());
        let limit = |it: &crate::plan::PlannedService| {
            Some((it.name.to_owned(), it.limits.cpus.limit?.value))
        };
        let is_local = self.session.engine.elsewhere.is_none();
        Ok(Facts {
            engine: &self.session.engine,
            mode: self.plan.mode,
            asked: Sum {
                memory: sums.memory,
                cpus: sums.cpus,
            },
            cpus: started().filter_map(limit).collect(),
            beside: self.beside(),
            overcommit: overcommit(run, self.plan.host),
            others: self.others(),
            taken: if is_local {
                self.taken(&host::listeners())
            } else {
                self.taken(&[])
            },
            images: self.images(wanted)?,
            missing: if is_local { self.missing() } else { Vec::new() },
            absent: self.absent()?,
            disk: self.disk(is_local),
        })
    }

    fn running_of(&self, project: &str) -> impl Iterator<Item = &'a Container> {
        let project = project.to_owned();
        self.containers
            .iter()
            .filter(move |it| it.project == project && it.is_up())
    }

    fn rivals(&self) -> impl Iterator<Item = &Plan<'_>> {
        rivals(self.plans, self.plan.mode)
    }

    fn others(&self) -> Vec<(String, usize)> {
        let count = |plan: &Plan| (plan.mode.to_owned(), self.running_of(plan.project).count());
        let all = self.rivals().map(count);
        all.filter(|(_, count)| *count > 0 && !self.switch)
            .collect()
    }

    fn beside(&self) -> Vec<(String, Sum)> {
        let rivals: BTreeSet<&str> = self.rivals().map(|plan| plan.mode).collect();
        let beside = self
            .plans
            .iter()
            .filter(|plan| plan.mode != self.plan.mode && !rivals.contains(plan.mode));
        let sum = |plan: &Plan| {
            let containers: Vec<&Container> = self.running_of(plan.project).collect();
            let memory: u64 = containers.iter().map(|it| it.memory).sum();
            let cpus: u64 = containers.iter().map(|it| it.nano_cpus / 1_000_000).sum();
            let cpus = Cpus::from_thousandths(u32::try_from(cpus).unwrap_or(u32::MAX));
            (!containers.is_empty()).then(|| {
                (
                    plan.mode.to_owned(),
                    Sum {
                        memory: Memory::from_bytes(memory),
                        cpus,
                    },
                )
            })
        };
        beside.filter_map(sum).collect()
    }

    /// Ports that something else holds.
    fn taken(&self, listeners: &[Listener]) -> Vec<(String, Binding, Option<String>)> {
        let mut taken = Vec::new();
        for (name, service) in &self.model.services {
            for binding in service.bindings() {
                if let Some(holder) = self.holder(&binding, listeners) {
                    taken.push((name.clone(), binding, holder));
                }
            }
        }
        taken
    }

    /// Who holds a port: `None` for nobody, or for what goes away by itself.
    fn holder(&self, binding: &Binding, listeners: &[Listener]) -> Option<Option<String>> {
        let publishes =
            |it: &&Container| it.is_up() && it.ports.iter().any(|port| meets(port, binding));
        if let Some(container) = self.containers.iter().find(publishes) {
            let goes = container.project == self.plan.project
                || self.rivals().any(|plan| plan.project == container.project);
            return (!goes).then(|| Some(format!("the container {}", shown(&container.name))));
        }
        host::holder(listeners, binding).map(host::owner)
    }

    fn images(&self, wanted: &mut [Wanted]) -> Result<Vec<(String, String, Image)>, Failure> {
        let names: BTreeSet<String> = wanted.iter().map(|it| it.image.clone()).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let ids = self.session.docker.image_ids(&names)?;
        let mut found: Vec<(String, String, Image)> = Vec::new();
        for wanted in wanted {
            wanted.image_id = ids.get(&wanted.image).cloned();
            if found.iter().any(|(_, image, _)| *image == wanted.image) {
                continue;
            }
            if let Some(standing) = self.standing(wanted) {
                found.push((wanted.service.clone(), wanted.image.clone(), standing));
            }
        }
        self.ask_registries(&mut found)?;
        Ok(found)
    }

    /// Where the image of a service comes from; `None` where nothing has to be done about it.
    fn standing(&self, wanted: &Wanted) -> Option<Image> {
        let service = self.model.services.get(&wanted.service);
        let build = service.and_then(|service| service.build.as_ref());
        let policy = service.and_then(|service| service.pull_policy.as_deref());
        let is_there = wanted.image_id.is_some();
        match need(is_there, build.is_some(), policy, self.rebuild) {
            Need::Nothing => None,
            Need::Build => build.map(source),
            Need::Pull => Some(Image::Pulls),
            Need::Absent => Some(Image::Nowhere("its `pull_policy` is `never`".to_owned())),
        }
    }

    /// Whether those that are to be pulled can be.
    fn ask_registries(&self, found: &mut [(String, String, Image)]) -> Result<(), Failure> {
        let pulls = found.iter().filter(|(_, _, it)| *it == Image::Pulls);
        let names: Vec<&str> = pulls.map(|(_, image, _)| image.as_str()).collect();
        if names.is_empty() {
            return Ok(());
        }
        let text = format!("registries are asked for {}", plural(names.len(), "image"));
        self.session.step("preflight", &text);
        let not = self
            .session
            .docker
            .not_pullable(&self.session.engine, &names)?;
        for (_, image, standing) in found {
            if let Some(why) = not.get(image.as_str()) {
                *standing = Image::Nowhere(why.clone());
            }
        }
        Ok(())
    }

    /// Paths of the engine's machine that are mounted, and by whom, where that is not this one.
    pub fn mounted_elsewhere(&self) -> Vec<(String, String)> {
        let mut mounted = Vec::new();
        for (name, service) in &self.model.services {
            let binds = service.volumes.iter().filter(|mount| mount.kind == "bind");
            let sources = binds.filter_map(|mount| mount.source.clone());
            mounted.extend(sources.map(|source| (name.clone(), source)));
        }
        mounted.retain(|_| self.session.engine.elsewhere.is_some());
        mounted
    }

    /// Files that are mounted and are not there; a folder is made.
    fn missing(&self) -> Vec<(String, String)> {
        let mut missing = Vec::new();
        for (name, service) in &self.model.services {
            let binds = service.volumes.iter().filter(|mount| mount.kind == "bind");
            for source in binds.filter_map(|mount| mount.source.as_ref()) {
                let path = Path::new(source);
                if path.extension().is_some() && !path.exists() {
                    missing.push((name.clone(), source.clone()));
                }
            }
        }
        missing
    }

    fn absent(&self) -> Result<Vec<(&'static str, String)>, Failure> {
        let made = shared(self.plan);
        let is_made =
            |kind: &str, name: &str| made.iter().any(|it| (it.kind, it.name) == (kind, name));
        let mut absent = Vec::new();
        for (kind, all) in [
            ("network", &self.model.networks),
            ("volume", &self.model.volumes),
        ] {
            for named in all
                .values()
                .filter(|named| named.external && !is_made(kind, &named.name))
            {
                if !self.session.docker.has(kind, &named.name)? {
                    absent.push((kind, named.name.clone()));
                }
            }
        }
        Ok(absent)
    }

    fn disk(&self, is_local: bool) -> Option<(String, u64)> {
        let root = self.session.engine.root.clone();
        let free = host::free(&root).filter(|_| is_local)?;
        Some((root, free))
    }
}

/// A volume or network that modes share on purpose: made where it is not there.
pub struct Made<'p> {
    /// `volume` or `network`.
    pub kind: &'static str,
    /// Its name on the engine.
    pub name: &'p str,
    /// What is said before its name when it is made.
    pub words: &'p [&'p str],
}

/// What modes share on purpose, networks first.
pub fn shared<'p>(plan: &'p Plan) -> Vec<Made<'p>> {
    let networks = plan.networks.iter().filter(|it| it.shared);
    let networks = networks.map(|it| Made {
        kind: "network",
        name: it.engine_name,
        words: it.create,
    });
    let volumes = plan.volumes.iter().filter(|it| it.shared);
    let volumes = volumes.map(|it| Made {
        kind: "volume",
        name: it.engine_name,
        words: it.create,
    });
    networks.chain(volumes).collect()
}

fn overcommit(run: &Run, host: &str) -> (Factor, Factor) {
    let host = run.catalog().hosts.get(host);
    let over = host
        .and_then(|host| host.value.overcommit.copied())
        .unwrap_or_default();
    let factor = |value: Option<Factor>| value.unwrap_or(Factor::ONE);
    (
        factor(over.memory.and_then(|value| value.get())),
        factor(over.cpus.and_then(|value| value.get())),
    )
}

fn meets(one: &Binding, other: &Binding) -> bool {
    let same_address =
        one.address == other.address || one.address.is_empty() || other.address.is_empty();
    one.host == other.host && one.protocol == other.protocol && same_address
}

/// Whether what an image is built from is there.
fn source(build: &Build) -> Image {
    let Build {
        context,
        dockerfile,
        dockerfile_inline,
    } = build;
    let Some(context) = context.as_ref().filter(|context| context.starts_with('/')) else {
        return Image::Builds;
    };
    let folder = Path::new(context);
    let file = folder.join(dockerfile.as_deref().unwrap_or("Dockerfile"));
    let needed = if dockerfile_inline.is_some() {
        folder
    } else {
        &file
    };
    match needed.exists() {
        true => Image::Builds,
        false => Image::NoSource(needed.display().to_string()),
    }
}

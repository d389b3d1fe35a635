//! Plans of Compose files that somebody else wrote, so that the rules judge them as they judge a catalog's: the document
//! becomes a plan, and beside it stands a catalog with one mode, one host, and an entry for each service.
//!
//! What only a variable knows is not known. A service runs once where another waits for its end; nothing else says so.

use std::collections::BTreeSet;

use bumpalo::Bump;
use rustc_hash::{FxHashMap, FxHashSet};

use super::usage::Usage;
use super::{At, Basis, Health, Limit, Limits, Plan, Planned, PlannedService, Rare};
use crate::catalog::entries::{Host, LimitsPolicy, Mode, SharedNetwork, SharedVolume, Variable};
use crate::catalog::words::{Job, OwnWords, Words};
use crate::catalog::{Catalog, Declared, ServiceEntry};
use crate::compose::deploy::Condition;
use crate::compose::document::Document;
use crate::compose::keyed::Keyed;
use crate::compose::scalar::{Is, Loose, Number, Scalar, Text, Val};
use crate::compose::service::Service;
use crate::finding::Findings;
use crate::place::Place;
use crate::project::VariableDefault;
use crate::values::cpus::Cpus;
use crate::values::mode_class::ModeClass;

/// So many profiles are judged one by one: no file that a person writes has more.
const MOST_PROFILES: usize = 64;

/// A project's plan, and what stands in for its catalog.
pub struct ProjectPlan<'s> {
    /// One mode, one host, and an entry for each service.
    pub catalog: Catalog<'s>,
    /// Every service, whatever its profiles.
    pub whole: Plan<'s>,
    /// The texts in which variables stood, as they are written: what they hold by now does not stand in the files.
    pub interpolated: FxHashMap<Place, &'s str>,
    /// The defaults that its variables have where they are used.
    pub defaults: Vec<VariableDefault<'s>>,
}

/// What is planned, and for which host.
pub struct Asked<'a, 's> {
    /// The project.
    pub document: &'a Document<'s>,
    /// The defaults that its variables have where they are used.
    pub defaults: &'a [VariableDefault<'s>],
    /// The texts in which variables stood, as they are written.
    pub interpolated: &'a FxHashMap<Place, &'s str>,
    /// The profiles that are on.
    pub profiles: &'a [String],
    /// The host on which it shall run; one of which nothing is known where nobody says.
    pub host: (&'s str, Host<'s>),
}

impl<'s> ProjectPlan<'s> {
    /// Plans a project. What is wrong with a text that has a grammar of its own goes to the findings.
    pub fn new(asked: &Asked<'_, 's>, arena: &'s Bump, findings: &Findings) -> Self {
        let services = asked.document.services.copied().unwrap_or_default();
        let jobs = jobs(&services);
        let mut planned: Vec<PlannedService<'s>> = services
            .iter()
            .map(|(name, place, service)| {
                super::forms::commands(name, service, findings);
                let service = &always_on(service, asked.profiles);
                let job = jobs.contains(name);
                let entry = arena.alloc(entry(name, place, service));
                planned(entry, job, arena)
            })
            .collect();
        planned.sort_unstable_by_key(|service| service.name);
        for (rank, service) in planned.iter_mut().enumerate() {
            service.rank = rank;
        }
        let catalog = stand_in(asked, &planned, arena);
        let whole = plan(asked, &catalog, planned);
        ProjectPlan {
            catalog,
            whole,
            interpolated: asked.interpolated.clone(),
            defaults: asked.defaults.to_vec(),
        }
    }

    /// Shows the services that start together: those without a profile, and beside them those of each profile. Profiles that
    /// different services have are often meant as alternatives, so that nothing is said of services without one in
    /// common.
    pub fn each_group(&self, show: &mut dyn FnMut(&Plan<'s>)) {
        let services = self.whole.services.iter();
        let named = services.flat_map(|service| service.profiles());
        let names: BTreeSet<&'s str> = named.map(|profile| profile.text).collect();
        if names.is_empty() {
            return show(&self.whole);
        }
        let profiles = names.into_iter().take(MOST_PROFILES);
        for profile in std::iter::once("").chain(profiles) {
            show(&self.group(profile));
        }
    }

    fn group(&self, profile: &'s str) -> Plan<'s> {
        let is_on = |service: &&PlannedService<'s>| {
            let own = service.profiles();
            own.is_empty() || own.iter().any(|own| own.text == profile)
        };
        let services: Vec<_> = self.whole.services.iter().filter(is_on).copied().collect();
        Plan {
            mode: profile,
            index: index(&services),
            services,
            networks: self.whole.networks.clone(),
            ..Plan::empty(&self.whole)
        }
    }
}

/// A service whose profile is on starts like those without one.
fn always_on<'s>(service: &Service<'s>, on: &[String]) -> Service<'s> {
    let own = service.profiles.map_or(&[][..], |profiles| profiles.items);
    let is_on = |own: &Text| on.iter().any(|on| on == own.text || on == "*");
    match own.iter().any(is_on) {
        true => Service {
            profiles: None,
            ..*service
        },
        false => *service,
    }
}

/// The services of which another waits for the end.
fn jobs<'s>(services: &Keyed<'s, Service<'s>>) -> FxHashSet<&'s str> {
    let waits = services
        .iter()
        .filter_map(|(_, _, service)| service.depends_on);
    let all = waits.flat_map(|depends_on| depends_on.iter());
    let ends = all.filter(|(_, _, dependency)| {
        let condition = dependency.condition.and_then(|condition| condition.get());
        condition == Some(Condition::Completed)
    });
    ends.map(|(name, ..)| name).collect()
}

fn entry<'s>(name: &'s str, place: Place, service: &Service<'s>) -> ServiceEntry<'s> {
    let own = OwnWords {
        place: service.place,
        ..OwnWords::default()
    };
    ServiceEntry {
        name,
        place,
        words: Words {
            own,
            service: *service,
        },
    }
}

fn planned<'s>(entry: &'s ServiceEntry<'s>, job: bool, arena: &'s Bump) -> PlannedService<'s> {
    let service = entry.words.service;
    PlannedService {
        name: entry.name,
        // Known when all are sorted.
        rank: 0,
        entry,
        role: "",
        job: if job { Job::Awaited } else { Job::No },
        limits: limits(&service, arena),
        replicas: service.replicas(arena).unsigned_abs(),
        replicas_known: service.knows_replicas(),
        health: health(&service),
        // The words of the probe say it.
        probed: None,
        image_is_explicit: service.image.is_some(),
        rare: &Rare::NONE,
        service,
    }
}

/// A probe without a test is the image's own with other times, of which nothing is known here.
fn health(service: &Service) -> Health {
    match service.healthcheck {
        Some(check) if check.is_off() => Health::Off,
        Some(check) if check.test.is_some_and(|test| test.words().next().is_some()) => {
            Health::Probe
        }
        Some(_) | None => Health::Missing,
    }
}

/// `deploy.resources`, and where nothing stands there the short keys.
fn limits<'s>(service: &Service<'s>, arena: &'s Bump) -> Limits {
    let resources = service.deploy.and_then(|deploy| deploy.resources);
    let most = resources.and_then(|resources| resources.limits);
    let kept = resources.and_then(|resources| resources.reservations);
    let memory = most.and_then(|most| most.memory).or(service.mem_limit());
    let reserved = kept
        .and_then(|kept| kept.memory)
        .or(service.mem_reservation());
    let cpus = most.and_then(|most| most.cpus);
    Limits {
        memory: limit(known(memory, arena), known(reserved, arena)),
        cpus: limit(
            match cpus {
                Some(cpus) => known(Some(cpus), arena),
                None => short_cpus(service),
            },
            known(kept.and_then(|kept| kept.cpus), arena),
        ),
    }
}

/// An amount, and whether one stands there that is not known.
type Amount<T> = (Option<At<T>>, bool);

fn limit<T>((limit, unknown): Amount<T>, (kept, kept_unknown): Amount<T>) -> Limit<T> {
    Limit {
        limit,
        reservation: kept,
        share: None,
        unknown,
        reservation_unknown: kept_unknown,
    }
}

fn known<'s, T: Scalar<'s>>(written: Option<&Val<'s, T>>, arena: &'s Bump) -> Amount<T> {
    let Some(written) = written else {
        return (None, false);
    };
    let place = written.place;
    match written.with_defaults(arena) {
        Some(value) => (Some(At { value, place }), false),
        None => (None, true),
    }
}

/// `cpus`, or `cpu_quota` in its `cpu_period`. Compose takes 0 for no limit.
fn short_cpus(service: &Service) -> Amount<Cpus> {
    if let Some(cpus) = service.cpus() {
        return match cpus.is {
            Is::Known(Number(text)) if text.parse() == Ok(0.0) => (None, false),
            Is::Known(Number(text)) => at(text.parse().ok(), cpus.place),
            Is::Open(_) | Is::Bad => (None, true),
        };
    }
    match service.cpu_quota() {
        None => (None, false),
        Some(quota) if is_zero(quota.0.text) => (None, false),
        Some(quota) => at(
            quota_cpus(quota, service.cpu_period()).map(Cpus::from_thousandths),
            quota.0.place,
        ),
    }
}

fn is_zero(text: &str) -> bool {
    text.parse::<f64>() == Ok(0.0)
}

fn at<T>(value: Option<T>, place: Place) -> Amount<T> {
    match value {
        Some(value) => (Some(At { value, place }), false),
        None => (None, true),
    }
}

/// The length of a period where nobody says another, in microseconds.
const PERIOD: u64 = 100_000;

fn quota_cpus(quota: &Loose, period: Option<&Loose>) -> Option<u32> {
    let quota: u64 = quota.0.text.parse().ok()?;
    let period = period.map_or(Some(PERIOD), |period| period.0.text.parse().ok())?;
    u32::try_from(quota.checked_mul(1000)?.checked_div(period)?).ok()
}

/// The catalog that stands in: limits are optional, since nobody was asked for any.
fn stand_in<'s>(
    asked: &Asked<'_, 's>,
    planned: &[PlannedService<'s>],
    arena: &'s Bump,
) -> Catalog<'s> {
    let document = asked.document;
    let mut catalog = Catalog::default();
    catalog.limits = Some(known_value(LimitsPolicy::Optional));
    let (name, host) = asked.host;
    catalog.hosts.insert(name, declared(Place::NOWHERE, host));
    let mode = Mode {
        class: Some(arena.alloc(known_value(ModeClass::Production))),
        ..Mode::default()
    };
    catalog.modes.insert("", declared(Place::NOWHERE, mode));
    for service in planned {
        catalog.services.insert(service.name, service.entry);
    }
    let networks = document.networks.into_iter().flat_map(|all| all.iter());
    catalog
        .networks
        .extend(networks.map(|(key, place, _)| (key, declared(place, SharedNetwork::default()))));
    let volumes = document.volumes.into_iter().flat_map(|all| all.iter());
    catalog
        .volumes
        .extend(volumes.map(|(key, place, _)| (key, declared(place, SharedVolume::default()))));
    for one in asked.defaults {
        let variable = Variable {
            default: Some(arena.alloc(Loose(one.text))),
            ..Variable::default()
        };
        let entry = catalog.variables.entry(one.name);
        entry.or_insert(declared(one.text.place, variable));
    }
    catalog.settled()
}

fn known_value<'s, T: Scalar<'s>>(value: T) -> Val<'s, T> {
    Val::known(value, Place::NOWHERE)
}

fn declared<T>(place: Place, value: T) -> Declared<T> {
    Declared { place, value }
}

/// The plan of every service, with the networks and volumes that they use.
fn plan<'s>(
    asked: &Asked<'_, 's>,
    catalog: &Catalog,
    services: Vec<PlannedService<'s>>,
) -> Plan<'s> {
    let document = asked.document;
    let (name, host) = asked.host;
    let networks = document.networks.into_iter().flat_map(|all| all.iter());
    let volumes = document.volumes.into_iter().flat_map(|all| all.iter());
    let secrets = document.secrets.into_iter().flat_map(|all| all.iter());
    let configs = document.configs.into_iter().flat_map(|all| all.iter());
    Plan {
        index: index(&services),
        networks: networks
            .map(|(key, place, value)| thing(key, place, value.name, *value))
            .collect(),
        volumes: volumes
            .map(|(key, place, value)| thing(key, place, value.name, *value))
            .collect(),
        secrets: secrets
            .map(|(key, place, value)| thing(key, place, value.name, *value))
            .collect(),
        configs: configs
            .map(|(key, place, value)| thing(key, place, value.name, *value))
            .collect(),
        usage: usage(asked, catalog, &services),
        project: document.name.map_or("", |name| name.text),
        services,
        ..Plan::blank(Basis::Compose, name, super::build::budget(&host))
    }
}

fn thing<'s, T>(key: &'s str, place: Place, name: Option<&Text<'s>>, value: T) -> Planned<'s, T> {
    Planned {
        key,
        place,
        engine_name: name.map_or(key, |name| name.text),
        shared: false,
        create: &[],
        value,
    }
}

/// What services use of what is declared; of what is not, nothing is asked here.
fn usage<'s>(asked: &Asked<'_, 's>, catalog: &Catalog, services: &[PlannedService<'s>]) -> Usage {
    let mut usage = Usage::none_of(catalog);
    for one in asked.defaults {
        usage.variables.mark_name(&catalog.variables, one.name);
    }
    for service in services {
        match service.networks() {
            Some(networks) => networks.iter().for_each(|(key, ..)| {
                usage.networks.mark_name(&catalog.networks, key);
            }),
            None if service.service.network_mode().is_none() => {
                usage.networks.mark_name(&catalog.networks, "default");
            }
            None => {}
        }
        let mounts = service.service.volumes;
        let mounts = mounts.map_or(&[][..], |volumes| volumes.items);
        let facts = mounts.iter().filter_map(|mount| mount.facts());
        let sources = facts
            .filter(|facts| !facts.bind)
            .filter_map(|facts| facts.source);
        for source in sources {
            usage.volumes.mark_name(&catalog.volumes, source);
        }
    }
    usage
}

fn index<'s>(services: &[PlannedService<'s>]) -> FxHashMap<&'s str, usize> {
    let numbered = services.iter().enumerate();
    numbered.map(|(at, service)| (service.name, at)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::project::{self, Files, NoFile, ReadFile, Variables, load};

    /// One Compose file and nothing else.
    struct One<'s>(&'s str);

    impl<'s> Files<'s> for One<'s> {
        fn compose(&self, _: &str) -> Result<ReadFile<'s>, NoFile> {
            Ok(ReadFile {
                number: 0,
                bytes: self.0.as_bytes(),
            })
        }

        fn env(&self, _: &str) -> Result<ReadFile<'s>, NoFile> {
            Err(NoFile::Missing)
        }
    }

    /// The plan of a file with these services.
    fn plan_of<'s>(services: &'s str, profiles: &[&str], arena: &'s Bump) -> ProjectPlan<'s> {
        let findings = Findings::new();
        let text = arena.alloc_str(&format!("services:\n{services}"));
        let asked = project::Asked {
            files: &["compose.yaml".to_owned()],
            folder: ".",
            variables: Variables::default(),
        };
        let project = load(asked, &One(text), arena, &findings);
        assert_eq!(findings.take(), Vec::new(), "{text}");
        let asked = Asked {
            document: project.document.as_ref().unwrap(),
            defaults: &project.defaults,
            interpolated: &project.interpolated,
            profiles: &profiles
                .iter()
                .map(|name| (*name).to_owned())
                .collect::<Vec<_>>(),
            host: ("", Host::default()),
        };
        ProjectPlan::new(&asked, arena, &findings)
    }

    #[test]
    fn limits_are_found_in_every_spelling() {
        let arena = Bump::new();
        for (words, expected) in [
            (
                "mem_limit: 64m, mem_reservation: 32m, cpus: 0.5",
                "64M 32M 0.5",
            ),
            (
                "deploy: { resources: { limits: { memory: 64m, cpus: '0.5' }, reservations: { memory: 32m } } }",
                "64M 32M 0.5",
            ),
            ("cpu_quota: 50000", "- - 0.5"),
            ("cpu_quota: 50000, cpu_period: 25000", "- - 2"),
            ("cpus: 0", "- - -"),
            ("mem_limit: '${M}', cpus: '${C}'", "? - ?"),
            ("mem_limit: '${M:-64m}', mem_reservation: '${R}'", "64M ? -"),
            ("image: y", "- - -"),
        ] {
            let services = arena.alloc_str(&format!("  a: {{ image: x, {words} }}\n"));
            let services = services.replace("image: x, image: y", "image: y");
            let plan = plan_of(arena.alloc_str(&services), &[], &arena);
            let limits = plan.whole.services[0].limits;
            let (memory, cpus) = (limits.memory, limits.cpus);
            let shown = [
                said(memory.limit, memory.unknown),
                said(memory.reservation, memory.reservation_unknown),
                said(cpus.limit, cpus.unknown),
            ];
            assert_eq!(shown.join(" "), expected, "{words}");
        }
    }

    fn said<T: std::fmt::Display>(amount: Option<At<T>>, unknown: bool) -> String {
        match amount {
            Some(at) => at.value.to_string(),
            None if unknown => "?".to_owned(),
            None => "-".to_owned(),
        }
    }

    #[test]
    fn health_and_jobs_are_known_by_what_is_written() {
        let arena = Bump::new();
        let plan = plan_of(
            "  a: { image: x, healthcheck: { test: [CMD, x] } }\n  \
             b: { image: x, healthcheck: { disable: true } }\n  \
             c: { image: x, healthcheck: { test: [NONE] } }\n  \
             d: { image: x, healthcheck: { interval: 5s } }\n  \
             e: { image: x, depends_on: { f: { condition: service_completed_successfully } } }\n  \
             f: { image: x, deploy: { replicas: 3 } }\n",
            &[],
            &arena,
        );
        let facts: Vec<_> = plan
            .whole
            .services
            .iter()
            .map(|service| (service.health, service.job, service.replicas))
            .collect();
        let expected = [
            (Health::Probe, Job::No, 1),
            (Health::Off, Job::No, 1),
            (Health::Off, Job::No, 1),
            (Health::Missing, Job::No, 1),
            (Health::Missing, Job::No, 1),
            (Health::Missing, Job::Awaited, 3),
        ];
        assert_eq!(facts, expected);
    }

    #[test]
    fn services_start_together_without_a_profile_and_with_each() {
        const SERVICES: &str = "  a: { image: x }\n  b: { image: x, profiles: [p] }\n  \
                                c: { image: x, profiles: [p, q] }\n  d: { image: x, profiles: [q] }\n";
        let arena = Bump::new();
        let groups = |profiles: &[&str]| -> Vec<String> {
            let plan = plan_of(SERVICES, profiles, &arena);
            let mut groups = Vec::new();
            plan.each_group(&mut |group| {
                let names = group.services.iter().map(|service| service.name);
                groups.push(names.collect());
            });
            groups
        };
        assert_eq!(groups(&[]), ["a", "abc", "acd"]);
        assert_eq!(groups(&["q"]), ["acd", "abcd"]);
        assert_eq!(groups(&["*"]), ["abcd"]);
    }
}

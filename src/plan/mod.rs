//! The plan of one mode on one host: every layer merged, every expression evaluated, every value with its place.
//! What a Compose file may lack (a limit, a healthcheck, ports) stays an `Option`, so that the rules judge it.
//!
//! | file | what stands there |
//! |---|---|
//! | `scope.rs` | which mode, which host, who is in it and who is not, and why |
//! | `layers.rs` | defaults < role < extends < service, each settled for the mode first |
//! | `values.rs` | the mode's values |
//! | `expression.rs` | one `{{ }}` |
//! | `evaluate.rs` | texts with `{{ }}` and `${ }` |
//! | `evaluate/answers.rs` | what an expression may ask for |
//! | `members.rs` | who is in a mode, and what the others ask of each |
//! | `alike.rs` | what of a service is the same in every mode |
//! | `service.rs` | from merged words to a planned service |
//! | `limits.rs` | its limits and reservations |
//! | `probe.rs` | its healthcheck |
//! | `environment.rs` | its environment, and the arguments of its build |
//! | `depends_on.rs` | what it waits for |
//! | `guard.rs` | the process guard before a command |
//! | `offset.rs` | host ports of modes that run at once |
//! | `switches.rs` | variables that say whether a service is there |
//! | `surroundings.rs` | other hosts, options, chapters: what the guide says beside the plans |
//! | `forms.rs` | names, mounts and commands of a planned service |
//! | `shared.rs` | networks, volumes, secrets, configs as a mode uses them |
//! | `usage.rs` | which of the variables, volumes and networks a plan uses |
//! | `create.rs` | with what words the engine is told to make what modes share |
//! | `contract.rs` | the variables of a mode, for its env files |
//! | `totals.rs` | what a mode asks for in sum |
//! | `together.rs` | the plans that run at the same time on one host |
//! | `amount.rs` | what memory and CPUs have in common |
//! | `account.rs` | one sum against one budget: who adds how much, and which cuts make it fit |
//! | `cuts.rs` | the fewest amounts that make up an excess |
//! | `standing.rs` | all sums of plans against the budget of their host, by role and service |
//! | `what_if.rs` | other limits than the catalog's, to see what they would change |
//! | `ledger.rs` | the host ports of plans, and the next free one |
//! | `builds.rs` | what images are built from, and what of it is there |
//! | `modes.rs` | modes become plans side by side, service by service |
//! | `images.rs` | what an image is called that is built |
//! | `build.rs` | all of it: a catalog and a host become plans |
//! | `project.rs` | plans of Compose files that somebody else wrote |

pub mod account;
mod alike;
pub mod amount;
pub mod build;
pub mod builds;
pub mod contract;
mod create;
pub mod cuts;
mod depends_on;
mod environment;
pub mod evaluate;
pub mod expression;
pub mod forms;
pub mod guard;
mod images;
pub mod layers;
pub mod ledger;
pub mod limits;
mod members;
mod modes;
pub mod offset;
mod probe;
pub mod project;
pub mod scope;
pub mod service;
pub mod shared;
pub mod standing;
pub mod surroundings;
pub mod switches;
pub mod together;
pub mod totals;
pub mod usage;
pub mod values;
pub mod what_if;

use std::ops::Deref;

use bumpalo::Bump;
use rustc_hash::FxHashMap;

use crate::catalog::ServiceEntry;
use crate::catalog::entries::Waiver;
use crate::catalog::recent::Recent;
use crate::catalog::words::Job;
use crate::compose::keyed::Keyed;
use crate::compose::network::Network;
use crate::compose::ports::Port;
use crate::compose::raw::Raw;
use crate::compose::scalar::{Text, Val};
use crate::compose::service::Service;
use crate::compose::storage::{Config, Secret, Volume};
use crate::place::Place;
use crate::values::cpus::Cpus;
use crate::values::memory::Memory;
use crate::values::mode_class::ModeClass;
use crate::values::percent::Percent;
use scope::Absence;
use switches::Switch;
use usage::Usage;

/// A value of a plan with the place that a person changes to change it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct At<T> {
    /// The value.
    pub value: T,
    /// Where it was written.
    pub place: Place,
}

/// What a service may use at most and what is kept for it, for one container.
#[derive(Clone, Copy, Debug, Default)]
pub struct Limits {
    /// At most so many bytes.
    pub memory: Limit<Memory>,
    /// At most so many thousandths of a CPU.
    pub cpus: Limit<Cpus>,
}

/// A limit and its reservation.
#[derive(Clone, Copy, Debug, Default)]
pub struct Limit<T> {
    /// The most.
    pub limit: Option<At<T>>,
    /// What is kept.
    pub reservation: Option<At<T>>,
    /// The share of the limit that is kept, where it was written so.
    pub share: Option<Percent>,
    /// Whether a limit stands there that is no amount, or one that only a variable knows.
    pub unknown: bool,
    /// The same of the reservation; also a share of a limit that is not known.
    pub reservation_unknown: bool,
}

/// What is known of a service's healthcheck.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Health {
    /// Nothing says how to probe it.
    Missing,
    /// The image brings its own.
    Image,
    /// It is switched off.
    Off,
    /// The plan says how.
    Probe,
}

/// A dependency whose target is not in the plan.
#[derive(Clone, Copy, Debug)]
pub struct AbsentDependency<'s> {
    /// The target, as written.
    pub target: &'s str,
    /// Where it was written.
    pub place: Place,
    /// Why it is not there.
    pub why: Absence<'s>,
}

/// A service as it will run.
#[derive(Clone, Copy, Debug)]
pub struct PlannedService<'s> {
    /// Its name.
    pub name: &'s str,
    /// Where it stands among all services by name, those of other plans too.
    pub rank: usize,
    /// What was written.
    pub entry: &'s ServiceEntry<'s>,
    /// Its role.
    pub role: &'s str,
    /// Whether it runs once.
    pub job: Job,
    /// The Compose service.
    pub service: Service<'s>,
    /// Its limits, of one container.
    pub limits: Limits,
    /// How many containers.
    pub replicas: u64,
    /// Whether that is sure: it is not where a variable says it, which has no number as its default.
    pub replicas_known: bool,
    /// What is known of its healthcheck.
    pub health: Health,
    /// The port that its healthcheck asks, and where that was written.
    pub probed: Option<At<u16>>,
    /// Whether it names the image itself.
    pub image_is_explicit: bool,
    /// What few services have; it is asked for as if it stood here.
    pub rare: &'s Rare<'s>,
}

/// What few planned services have.
#[derive(Clone, Copy, Debug)]
pub struct Rare<'s> {
    /// The words with which a person runs this job once, before the mode starts for the first time.
    pub first_start: Option<&'s [Text<'s>]>,
    /// Keys that pass through.
    pub compose: Option<&'s Raw<'s>>,
    /// Findings that are wanted.
    pub waivers: &'s [Waiver<'s>],
    /// Required dependencies that are not in the plan.
    pub absent: &'s [AbsentDependency<'s>],
}

impl<'s> Rare<'s> {
    /// Nothing of it.
    pub const NONE: Self = Rare {
        first_start: None,
        compose: None,
        waivers: &[],
        absent: &[],
    };

    /// The same in the arena, where there is anything.
    pub fn kept(self, arena: &'s Bump) -> &'s Self {
        match self {
            Rare {
                first_start: None,
                compose: None,
                waivers: [],
                absent: [],
            } => &Rare::NONE,
            rare => arena.alloc(rare),
        }
    }
}

impl<'s> Deref for PlannedService<'s> {
    type Target = Rare<'s>;

    fn deref(&self) -> &Rare<'s> {
        self.rare
    }
}

/// A named thing of the top level, as a mode uses it.
#[derive(Clone, Copy, Debug)]
pub struct Planned<'s, T> {
    /// Its key.
    pub key: &'s str,
    /// Where its key was written.
    pub place: Place,
    /// Its name on the engine.
    pub engine_name: &'s str,
    /// Whether modes share it on purpose.
    pub shared: bool,
    /// What whoever makes it has to say before its name, where modes share it.
    pub create: &'s [&'s str],
    /// What is written.
    pub value: T,
}

/// What of a host the stack may use.
#[derive(Clone, Copy, Debug)]
pub struct Budget {
    /// The machine's memory.
    pub host_memory: Memory,
    /// The machine's CPUs.
    pub host_cpus: Cpus,
    /// Memory less what is kept, times the overcommit.
    pub memory: Memory,
    /// CPUs less what is kept, times the overcommit.
    pub cpus: Cpus,
    /// Memory less what is kept, whatever the overcommit.
    pub reservations: Memory,
}

/// What plans were made from: rules speak of it, and some are less sure of what they do not know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Basis {
    /// A catalog, which states ports, jobs and what an image brings.
    Catalog,
    /// Compose files that somebody else wrote.
    Compose,
}

/// One mode on one host.
#[derive(Debug)]
pub struct Plan<'s> {
    /// What it was made from.
    pub basis: Basis,
    /// The mode's name; of Compose files the profile with which these services start together, or nothing.
    pub mode: &'s str,
    /// Where the mode's name was written.
    pub mode_place: Place,
    /// Its safety class.
    pub class: ModeClass,
    /// The Compose project.
    pub project: &'s str,
    /// The host's name.
    pub host: &'s str,
    /// Where the host's name was written.
    pub host_place: Place,
    /// What of the host may be used.
    pub budget: Budget,
    /// What is chosen: options with their choices.
    pub choices: Vec<(&'s str, &'s str)>,
    /// Whether it runs at the same time as other modes of the host; then, what is added to the host ports of what
    /// another of them has too.
    pub concurrent: Option<u16>,
    /// The variables that say whether a service is in the mode, by name.
    pub switches: Vec<Switch<'s>>,
    /// The services, by name.
    pub services: Vec<PlannedService<'s>>,
    /// Where each stands in `services`.
    pub index: FxHashMap<&'s str, usize>,
    /// Who stands in for whom: replaced service to replacer.
    pub replaced: FxHashMap<&'s str, &'s str>,
    /// The networks that are used.
    pub networks: Vec<Planned<'s, Network<'s>>>,
    /// The volumes that are used.
    pub volumes: Vec<Planned<'s, Volume<'s>>>,
    /// The secrets that are used.
    pub secrets: Vec<Planned<'s, Secret<'s>>>,
    /// The configs that are used.
    pub configs: Vec<Planned<'s, Config<'s>>>,
    /// Top-level keys that pass through.
    pub compose: Option<Raw<'s>>,
    /// The mode's scalar values, evaluated, by path.
    pub values: Vec<(&'s str, Text<'s>)>,
    /// The variables that must be set before it starts.
    pub required: Vec<&'s str>,
    /// The names that the catalog declares and this plan uses.
    pub usage: Usage,
    /// What its env files hold.
    pub contract: contract::Contract<'s>,
}

impl<'s> Plan<'s> {
    /// A plan of the same mode on the same host without anything in it.
    #[must_use]
    pub fn empty(other: &Plan<'s>) -> Self {
        Plan {
            mode: other.mode,
            mode_place: other.mode_place,
            class: other.class,
            project: other.project,
            host_place: other.host_place,
            ..Plan::blank(other.basis, other.host, other.budget)
        }
    }

    /// A plan of nothing on a host, of no mode: the class is production's, where most is asked of it.
    #[must_use]
    pub fn blank(basis: Basis, host: &'s str, budget: Budget) -> Self {
        Plan {
            basis,
            mode: "",
            mode_place: Place::NOWHERE,
            class: ModeClass::Production,
            project: "",
            host,
            host_place: Place::NOWHERE,
            budget,
            choices: Vec::new(),
            concurrent: None,
            switches: Vec::new(),
            services: Vec::new(),
            index: FxHashMap::default(),
            replaced: FxHashMap::default(),
            networks: Vec::new(),
            volumes: Vec::new(),
            secrets: Vec::new(),
            configs: Vec::new(),
            compose: None,
            values: Vec::new(),
            required: Vec::new(),
            usage: Usage::default(),
            contract: contract::Contract::default(),
        }
    }

    /// The service of a name, or the one that stands in for it.
    pub fn service(&self, name: &str) -> Option<&PlannedService<'s>> {
        // Who is replaced is not there itself, and few are.
        let stands_in = || self.index.get(self.replaced.get(name)?);
        let at = self.index.get(name).or_else(stands_in)?;
        self.services.get(*at)
    }

    /// Where the service of a name stands among the services, for who asks so of one service after the other.
    pub fn at(&self, name: &str, recent: &Recent<'s>) -> Option<usize> {
        let kept = |at: usize| self.services.get(at).map(|service| service.name);
        recent.number(name, kept, || self.index.get(name).copied())
    }

    /// The host, as sentences name it.
    pub fn host_name(&self) -> String {
        let name = crate::values::shown::shown(self.host);
        match self.basis {
            Basis::Catalog => name,
            Basis::Compose => format!("the host {name}"),
        }
    }

    /// The Compose file's name for the mode.
    pub fn file_name(&self) -> String {
        format!("docker-compose.{}.yml", self.mode)
    }
}

impl<'s> PlannedService<'s> {
    /// The networks that it joins, as written; none for `default` alone.
    pub fn networks(&self) -> Option<&'s Keyed<'s, crate::compose::network::Attachment<'s>>> {
        self.service.networks
    }

    /// The profiles with which it starts.
    pub fn profiles(&self) -> &'s [Text<'s>] {
        self.service.profiles.map_or(&[], |profiles| profiles.items)
    }

    /// The known amount of a value.
    pub fn known<T: crate::compose::scalar::Scalar<'s>>(value: &Val<'s, T>) -> Option<At<T>> {
        let place = value.place;
        value.get().map(|value| At { value, place })
    }

    /// The items of `ports`.
    pub fn ports(&self) -> &'s [Port<'s>] {
        self.service.ports.map_or(&[], |ports| ports.items)
    }

    /// Whether the ports under `ports` are published: on the host's own network Docker leaves them out.
    pub fn publishes(&self) -> bool {
        let network = self.service.network_mode();
        self.replicas > 0 && network.is_none_or(|mode| mode.text != "host")
    }

    /// The container ports that it states: of `ports` and of `expose`.
    pub fn states_port(&self, port: u16) -> bool {
        let ports = self.service.ports.map_or(&[][..], |ports| ports.items);
        let expose = self.service.expose.map_or(&[][..], |expose| expose.items);
        ports
            .iter()
            .filter_map(|port| port.mapping())
            .any(|mapping| mapping.target.contains(port))
            || expose
                .iter()
                .any(|text| service::exposed(text.0.text).is_some_and(|range| range.contains(port)))
    }

    /// Whether it states any container port.
    pub fn states_ports(&self) -> bool {
        self.service
            .ports
            .is_some_and(|ports| !ports.items.is_empty())
            || self
                .service
                .expose
                .is_some_and(|expose| !expose.items.is_empty())
    }
}

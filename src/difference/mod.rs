//! What a change means: two Compose files, with the env files that belong to them, become a list of changes by service,
//! and what follows from them for ports, volumes, containers and the budget. Pure; told elsewhere.
//!
//! | file | what stands there |
//! |---|---|
//! | `document.rs` | a Compose file as far as it is compared |
//! | `facts.rs` | a service as named values, in words for people |
//! | `changes.rs` | two lists of named values become changes |
//! | `names.rs` | names that differ between modes on purpose |
//! | `follows.rs` | what follows for ports, volumes, containers |
//! | `mask/` | values that nobody may see |

mod changes;
mod document;
mod facts;
mod follows;
mod mask;
mod names;

use bumpalo::Bump;
use schemars::JsonSchema;
use serde::Serialize;

use crate::plan::Budget;
use crate::values::cpus::Cpus;
use crate::values::memory::Memory;
use document::Document;
pub use document::Unreadable;
pub use mask::{Secrets, Sheet, Shown};
use names::Names;

/// One of the two sides: the files of a mode, and where they come from.
#[derive(Clone, Copy, Debug)]
pub struct Side<'a> {
    /// The mode.
    pub mode: &'a str,
    /// The mode's safety class, as files hold it.
    pub class: &'a str,
    /// The Compose file; empty where there is none.
    pub compose: &'a str,
    /// The generated env file; empty where there is none.
    pub env: &'a str,
    /// What of the host may be used, where that is known.
    pub budget: Option<Budget>,
    /// Whether somebody may have written in its files by hand.
    pub by_hand: bool,
}

impl Side<'_> {
    /// Its files, which become those of another side.
    fn sheets<'a>(&'a self, other: &'a Side) -> [Sheet<'a>; 2] {
        let sheet = |path, there: &'a str, wanted: &'a str| Sheet {
            path,
            there: there.as_bytes(),
            wanted: wanted.as_bytes(),
            by_hand: self.by_hand,
        };
        [
            sheet("docker-compose.yml", self.compose, other.compose),
            sheet("env", self.env, other.env),
        ]
    }
}

/// What the two sides are to each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Between {
    /// The same mode, earlier and later.
    Times,
    /// Two modes of one catalog.
    Modes,
}

/// How a thing differs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// It is on the later side alone.
    Added,
    /// It is on the earlier side alone.
    Removed,
    /// It is on both, and another.
    Changed,
}

/// One change, in words: what, and from which value to which. No value of a secret is in it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Change {
    /// What changes, such as `memory`, `environment LOG_LEVEL` or `port 8080:80`.
    pub what: String,
    /// How.
    pub kind: Kind,
    /// The value before; `null` where there is none, or where it is that of a secret.
    pub before: Option<String>,
    /// The value after; `null` where there is none, or where it is that of a secret.
    pub after: Option<String>,
}

/// The changes of one named thing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Named {
    /// Its name.
    pub name: String,
    /// How it differs.
    pub kind: Kind,
    /// What of it, where it changes; what it is, where it is added or removed.
    pub changes: Vec<Change>,
}

/// A port of the host.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
pub struct HostPort {
    /// The port, with address and protocol where they are stated, such as `8080` or `127.0.0.1:53/udp`.
    pub port: String,
    /// The service behind it.
    pub service: String,
}

/// A volume that nothing mounts any more. Its data stays on the engine until somebody removes it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct LeftVolume {
    /// Its key in the file.
    pub name: String,
    /// Its name on the engine.
    pub engine_name: String,
}

/// What becomes of containers when the later side is started over the earlier one.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Containers {
    /// Services whose containers are new.
    pub created: Vec<String>,
    /// Services whose containers are replaced, since their configuration is another.
    pub recreated: Vec<String>,
    /// Services that are gone; their containers run on until `--remove-orphans` takes them.
    pub left_behind: Vec<String>,
    /// How many services keep their containers.
    pub untouched: usize,
}

/// One sum, before and after, and what the host gives.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Sum<T> {
    /// The sum before.
    pub before: T,
    /// The sum after.
    pub after: T,
    /// What may be used, before; `null` where that is not known.
    pub budget_before: Option<T>,
    /// What may be used, after.
    pub budget: Option<T>,
}

/// What is asked for in sum: limits and reservations of all services, times their replicas.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sums {
    /// Limits of memory.
    pub memory: Sum<Memory>,
    /// Limits of CPUs.
    pub cpus: Sum<Cpus>,
    /// Memory that is kept.
    pub reservation: Sum<Memory>,
}

/// Everything that differs.
#[derive(Clone, Debug)]
pub struct Difference {
    /// What the sides are to each other.
    pub between: Between,
    /// The mode; of two modes the first.
    pub mode: String,
    /// The second of two modes, else the same.
    pub other: String,
    /// Whether the earlier side has no file at all.
    pub is_new: bool,
    /// Whether the later side has none.
    pub is_gone: bool,
    /// The project's name before; empty where there is no file.
    pub old_project: String,
    /// The project's name before and after, where it changes.
    pub project: Option<(String, String)>,
    /// The services that differ, by name.
    pub services: Vec<Named>,
    /// How many services do not.
    pub same_services: usize,
    /// Networks, volumes, secrets, configs that differ; each name begins with its kind.
    pub shared: Vec<Named>,
    /// Variables of the generated env file.
    pub variables: Vec<Change>,
    /// Ports of the host that are published now.
    pub opened: Vec<HostPort>,
    /// Ports of the host that are free now.
    pub closed: Vec<HostPort>,
    /// Volumes that nothing mounts any more.
    pub left_volumes: Vec<LeftVolume>,
    /// What becomes of containers.
    pub containers: Containers,
    /// What is asked for.
    pub sums: Sums,
}

impl Difference {
    /// Whether nothing differs.
    pub fn is_empty(&self) -> bool {
        self.project.is_none()
            && self.services.is_empty()
            && self.shared.is_empty()
            && self.variables.is_empty()
            && !self.sums.differ()
    }
}

impl<T: Copy> Sum<T> {
    /// The same in another unit.
    pub fn map<U>(&self, to: impl Fn(T) -> U) -> Sum<U> {
        Sum {
            before: to(self.before),
            after: to(self.after),
            budget_before: self.budget_before.map(&to),
            budget: self.budget.map(&to),
        }
    }
}

impl Sums {
    /// Whether a sum or a budget is another.
    pub fn differ(&self) -> bool {
        fn differs<T: PartialEq + Copy>(sum: &Sum<T>) -> bool {
            let other_budget = sum.budget_before.is_some() && sum.budget_before != sum.budget;
            sum.before != sum.after || other_budget
        }
        differs(&self.memory) || differs(&self.cpus) || differs(&self.reservation)
    }
}

/// Compares two sides.
///
/// # Errors
/// One of the files is no Compose file.
pub fn between(
    kind: Between,
    before: &Side,
    after: &Side,
    secrets: &Secrets,
) -> Result<Difference, Unreadable> {
    let arena = Bump::new();
    let told = [before, after]
        .map(|side| side.sheets(after))
        .map(|sheets| secrets.told(&sheets));
    let [before_told, after_told] = &told;
    let read = |side, told: &mask::Told| {
        Document::read(side, &arena).map_err(|error| error.without_secrets(told, side))
    };
    let old = read(before, before_told)?;
    let new = read(after, after_told)?;
    let names = match kind {
        Between::Times => Names::of_times(),
        Between::Modes => Names::of_modes(
            [old.project, before.class, before.mode],
            [new.project, after.class, after.mode],
        ),
    };
    let comparing = changes::Comparing {
        names: &names,
        before: before_told,
        after: after_told,
    };
    Ok(difference(kind, (before, &old), (after, &new), &comparing))
}

fn difference(
    kind: Between,
    (before, old): (&Side, &Document),
    (after, new): (&Side, &Document),
    comparing: &changes::Comparing,
) -> Difference {
    let services = comparing.named(&old.services, &new.services);
    // Those of the earlier side that are neither gone nor another.
    let others = services.iter().filter(|it| it.kind != Kind::Added).count();
    let is_new = before.compose.is_empty();
    let is_gone = after.compose.is_empty();
    let renamed = !is_new && !is_gone && !comparing.names.same(old.project, new.project);
    let (opened, closed) = follows::ports(old, new);
    Difference {
        between: kind,
        mode: before.mode.to_owned(),
        other: after.mode.to_owned(),
        is_new,
        is_gone,
        old_project: old.project.to_owned(),
        project: renamed.then(|| (old.project.to_owned(), new.project.to_owned())),
        same_services: old.services.len().saturating_sub(others),
        services,
        shared: comparing.named(&old.shared, &new.shared),
        variables: comparing.changes(&old.variables, &new.variables),
        opened,
        closed,
        left_volumes: follows::left_volumes(old, new),
        containers: match renamed {
            true => follows::of_another_project(old, new),
            false => follows::containers(old, new, comparing),
        },
        sums: sums(old, new, before.budget, after.budget),
    }
}

fn sums(old: &Document, new: &Document, before: Option<Budget>, after: Option<Budget>) -> Sums {
    Sums {
        memory: Sum {
            before: old.asked.memory,
            after: new.asked.memory,
            budget_before: before.map(|budget| budget.memory),
            budget: after.map(|budget| budget.memory),
        },
        cpus: Sum {
            before: old.asked.cpus,
            after: new.asked.cpus,
            budget_before: before.map(|budget| budget.cpus),
            budget: after.map(|budget| budget.cpus),
        },
        reservation: Sum {
            before: old.asked.reservation,
            after: new.asked.reservation,
            budget_before: before.map(|budget| budget.reservations),
            budget: after.map(|budget| budget.reservations),
        },
    }
}

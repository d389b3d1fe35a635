//! The machine in the catalog: the one that is known, where the project fits it; else one that the project fits, a guess
//! for somebody to put the real one there.

use super::value::{Map, Value};
use super::variables::Declarations;
use crate::values::cpus::Cpus;
use crate::values::interpolation::expand;
use crate::values::memory::Memory;
use crate::values::prose::plural;

/// Amounts of memory that machines have, in GiB.
const MEMORY: [u64; 10] = [8, 16, 32, 64, 128, 256, 512, 1024, 2048, 4096];

/// Numbers of CPUs that machines have.
const CPUS: [u64; 8] = [4, 8, 16, 32, 64, 128, 256, 512];

/// A machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Machine {
    /// Its memory.
    pub memory: Memory,
    /// How many CPUs it has.
    pub cpus: u64,
}

/// A machine that somebody knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Known {
    /// The machine.
    pub machine: Machine,
    /// What it is: "this machine".
    pub what: &'static str,
}

/// The machine of the catalog, with what speaks for it.
#[derive(Clone, Debug)]
pub struct Choice {
    /// The machine.
    pub machine: Machine,
    /// What it is, where it is the one that is known.
    pub known: Option<&'static str>,
    /// A sentence for people.
    pub told: String,
}

/// The machine that is known where that holds all limits and reservations, else the smallest usual one that does.
pub fn choose(services: &Map, declared: &Declarations, known: Option<Known>) -> Choice {
    let (bytes, cpus) = asked(services, declared);
    let holds =
        |machine: &Machine| machine.memory.bytes() as f64 >= bytes && machine.cpus as f64 >= cpus;
    let own = known.filter(|known| holds(&known.machine));
    let machine = own.map_or(smallest(bytes, cpus), |own| own.machine);
    let (memory, count) = (machine.memory.human(), plural(machine.cpus as usize, "CPU"));
    let limits = match (bytes > 0.0, cpus > 0.0) {
        (false, false) => String::new(),
        (true, false) => format!(
            " for the limits, {}",
            Memory::from_bytes(bytes as u64).human()
        ),
        (false, true) => format!(" for the limits, {}", processors(cpus)),
        (true, true) => format!(
            " for the limits, {} and {}",
            Memory::from_bytes(bytes as u64).human(),
            processors(cpus)
        ),
    };
    let why = match (own, known) {
        (Some(own), _) => format!("as {} has", own.what),
        (None, Some(known)) => format!(
            "the smallest usual machine{limits}, which {} is too small for",
            known.what
        ),
        (None, None) => format!("the smallest usual machine{limits}"),
    };
    Choice {
        machine,
        known: own.map(|own| own.what),
        told: format!("the host `machine` has {memory} of memory and {count}: {why}"),
    }
}

/// A number of CPUs in words.
fn processors(cpus: f64) -> String {
    match Cpus::from_thousandths((cpus * 1000.0).round() as u32) {
        one if one.thousandths() == 1000 => "1 CPU".to_owned(),
        other => format!("{other} CPUs"),
    }
}

fn smallest(bytes: f64, cpus: f64) -> Machine {
    let least = |sizes: &[u64], asked: f64| {
        let fits = sizes.iter().copied().find(|size| *size as f64 >= asked);
        fits.unwrap_or(asked.ceil() as u64)
    };
    let gib = least(&MEMORY, bytes / f64::from(1 << 30));
    Machine {
        memory: Memory::from_mib(gib.saturating_mul(1024)),
        cpus: least(&CPUS, cpus),
    }
}

/// The sums of memory in bytes and of CPUs that services ask for: of each, limit or reservation, whichever is more.
fn asked(services: &Map, declared: &Declarations) -> (f64, f64) {
    let (mut bytes, mut all) = (0_f64, 0_f64);
    for service in services.0.iter().filter_map(|entry| entry.value.map()) {
        let replicas = replicas(service, declared);
        let memory = |text: &str| text.parse::<Memory>().ok().map(|size| size.bytes() as f64);
        bytes += replicas * most(service.get("memory"), declared, &memory);
        let cpus = |text: &str| {
            text.parse::<Cpus>()
                .ok()
                .and_then(|cpus| cpus.to_string().parse().ok())
        };
        all += replicas * most(service.get("cpus"), declared, &cpus);
    }
    (bytes, all)
}

fn replicas(service: &Map, declared: &Declarations) -> f64 {
    let deployed = service
        .get("deploy")
        .and_then(Value::map)
        .and_then(|deploy| deploy.get("replicas"));
    let text = deployed.or(service.get("scale")).and_then(Value::text);
    let text = text.map(|text| with_defaults(text, declared));
    text.and_then(|text| text.parse().ok()).unwrap_or(1.0)
}

/// The most of limit and reservation.
fn most(
    word: Option<&Value>,
    declared: &Declarations,
    amount: &dyn Fn(&str) -> Option<f64>,
) -> f64 {
    let texts: Vec<&str> = match word {
        Some(Value::Map(map)) => map
            .0
            .iter()
            .filter_map(|entry| entry.value.text())
            .collect(),
        Some(value) => value.text().into_iter().collect(),
        None => Vec::new(),
    };
    let amounts = texts
        .iter()
        .filter_map(|text| amount(&with_defaults(text, declared)));
    amounts.fold(0.0, f64::max)
}

fn with_defaults(text: &str, declared: &Declarations) -> String {
    let lookup = |name: &str| {
        let variable = declared.get(name)?;
        variable.value.clone().or(variable.default.clone())
    };
    expand(text, &lookup)
        .map(|text| text.into_owned())
        .unwrap_or_default()
}

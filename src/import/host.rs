//! The machine in the catalog: the one that was named; this one, where the project fits it; else one that the project
//! fits, a guess for somebody to put the real one there.

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
    /// What of it was named, and stays whatever the services ask for; the rest is as this machine has it.
    pub named: Named,
}

/// What of a machine somebody named.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Named {
    /// Its memory.
    pub memory: bool,
    /// How many CPUs it has.
    pub cpus: bool,
}

/// The machine of the catalog, with what speaks for it.
#[derive(Clone, Debug)]
pub struct Choice {
    /// The machine.
    pub machine: Machine,
    /// What it is, where it is one that is known.
    pub known: Option<&'static str>,
    /// A sentence for people.
    pub told: String,
}

/// What a mode asks for in sum.
#[derive(Clone, Debug)]
pub struct Need {
    mode: String,
    /// Of memory, in bytes: the limits or the reservations, whichever is more.
    bytes: f64,
    cpus: f64,
}

/// The machine that is known, as far as it was named or holds what each mode asks for; else the smallest usual one that
/// does.
pub fn choose(needs: &[Need], known: Option<Known>) -> Choice {
    let bytes = needs.iter().map(|need| need.bytes).fold(0.0, f64::max);
    let cpus = needs.iter().map(|need| need.cpus).fold(0.0, f64::max);
    let usual = smallest(bytes, cpus);
    let (machine, known, why) = match known {
        None => (usual, None, "the smallest usual machine"),
        Some(Known { machine, named }) => settled(machine, named, usual, (bytes, cpus)),
    };
    let (memory, count) = (machine.memory.human(), plural(machine.cpus as usize, "CPU"));
    let told = format!("the host `machine` has {memory} of memory and {count}: {why}");
    let is_named = known == Some(NAMED);
    let sums = sums(needs, bytes, cpus).filter(|_| !is_named);
    Choice {
        machine,
        known,
        told: match sums {
            Some(sums) => format!("{told}; {sums}, and a machine with less would be refused"),
            None => told,
        },
    }
}

const NAMED: &str = "the machine that was named";

/// A machine of which something is known; what it is; and why it is taken.
fn settled(
    machine: Machine,
    named: Named,
    usual: Machine,
    (bytes, cpus): (f64, f64),
) -> (Machine, Option<&'static str>, &'static str) {
    let holds = (
        machine.memory.bytes() as f64 >= bytes,
        machine.cpus as f64 >= cpus,
    );
    let Machine { memory, cpus } = machine;
    match (named.memory, named.cpus, holds) {
        (true, true, _) => (machine, Some(NAMED), "as the machine that was named has"),
        (true, false, (_, true)) => (
            machine,
            None,
            "the memory that was named, and the CPUs of this machine",
        ),
        (true, false, (_, false)) => (
            Machine { memory, ..usual },
            None,
            "the memory that was named, and more CPUs than this machine has",
        ),
        (false, true, (true, _)) => (
            machine,
            None,
            "the CPUs that were named, and the memory of this machine",
        ),
        (false, true, (false, _)) => (
            Machine { cpus, ..usual },
            None,
            "the CPUs that were named, and more memory than this machine has",
        ),
        (false, false, (true, true)) => (machine, Some("this machine"), "as this machine has"),
        (false, false, _) => (
            usual,
            None,
            "the smallest usual machine, since this one is too small",
        ),
    }
}

/// The largest sums, in words; `None` where nothing is limited.
fn sums(needs: &[Need], bytes: f64, cpus: f64) -> Option<String> {
    let of = |is: &dyn Fn(&Need) -> bool| {
        // The last mode is the one that the catalog speaks of first.
        let need = needs.iter().rev().find(|need| is(need));
        need.map_or("", |need| need.mode.as_str())
    };
    let memory = Memory::from_bytes(bytes as u64).human();
    let by_memory = of(&|need| need.bytes == bytes);
    let (by_cpus, processors) = (of(&|need| need.cpus == cpus), processors(cpus));
    match (bytes > 0.0, cpus > 0.0) {
        (false, false) => None,
        (true, false) => Some(format!(
            "the limits of the mode `{by_memory}` sum to {memory}"
        )),
        (false, true) => Some(format!(
            "the limits of the mode `{by_cpus}` sum to {processors}"
        )),
        (true, true) if by_memory == by_cpus => Some(format!(
            "the limits of the mode `{by_memory}` sum to {memory} and {processors}"
        )),
        (true, true) => Some(format!(
            "the limits of the mode `{by_memory}` sum to {memory}, those of `{by_cpus}` to {processors}"
        )),
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

impl Need {
    /// Of the services of a mode.
    pub fn of(mode: &str, services: &Map, declared: &Declarations) -> Self {
        let memory = |text: &str| text.parse::<Memory>().ok().map(|size| size.bytes() as f64);
        let cpus = |text: &str| text.parse::<Cpus>().ok()?.to_string().parse().ok();
        let (mut limits, mut reserved, mut all) = (0.0, 0.0, 0.0);
        for service in services.0.iter().filter_map(|entry| entry.value.map()) {
            let replicas = replicas(service, declared);
            let of = |part| replicas * amount(service.get("memory"), part, declared, &memory);
            limits += of("limit");
            reserved += of("reservation");
            all += replicas * amount(service.get("cpus"), "limit", declared, &cpus);
        }
        Need {
            mode: mode.to_owned(),
            bytes: f64::max(limits, reserved),
            cpus: all,
        }
    }
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

/// A limit or a reservation; what stands there alone is the limit.
fn amount(
    word: Option<&Value>,
    part: &str,
    declared: &Declarations,
    read: &dyn Fn(&str) -> Option<f64>,
) -> f64 {
    let text = match word {
        Some(Value::Map(map)) => map.get(part).and_then(Value::text),
        Some(value) => value.text().filter(|_| part == "limit"),
        None => None,
    };
    let amount = text.and_then(|text| read(&with_defaults(text, declared)));
    amount.unwrap_or(0.0)
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

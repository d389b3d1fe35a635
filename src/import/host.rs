//! A machine that the project fits: a guess, for somebody to put the real one there.

use super::value::{Map, Value};
use super::variables::Declarations;
use crate::values::cpus::Cpus;
use crate::values::interpolation::expand;
use crate::values::memory::Memory;

/// Amounts of memory that machines have, in GiB.
const MEMORY: [u64; 10] = [8, 16, 32, 64, 128, 256, 512, 1024, 2048, 4096];

/// Numbers of CPUs that machines have.
const CPUS: [u64; 8] = [4, 8, 16, 32, 64, 128, 256, 512];

/// Memory in GiB and CPUs that hold all limits and reservations.
pub fn guess(services: &Map, declared: &Declarations) -> (u64, u64) {
    let (mut bytes, mut millis) = (0_f64, 0_f64);
    for service in services.0.iter().filter_map(|entry| entry.value.map()) {
        let replicas = replicas(service, declared);
        let memory = |text: &str| text.parse::<Memory>().ok().map(|size| size.bytes() as f64);
        bytes += replicas * most(service.get("memory"), declared, &memory);
        let cpus = |text: &str| {
            text.parse::<Cpus>()
                .ok()
                .and_then(|cpus| cpus.to_string().parse().ok())
        };
        millis += replicas * most(service.get("cpus"), declared, &cpus);
    }
    let gib = bytes / f64::from(1 << 30);
    let least = |sizes: &[u64], asked: f64| {
        let fits = sizes.iter().copied().find(|size| *size as f64 >= asked);
        fits.unwrap_or(asked.ceil() as u64)
    };
    (least(&MEMORY, gib), least(&CPUS, millis))
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

//! Secrets that the files give to a build as arguments. A catalog refuses that, since the image's history keeps them; so
//! the service waives it with a reason, and it is told: what is there by now builds, and can be mended later.

use super::report::{Notes, Subject, What};
use super::value::{Entry, Item, Map, Value};
use super::variables::Declarations;
use crate::place::Place;
use crate::rule::Rule;
use crate::values::interpolation::uses;

const REASON: &str =
    "as the Compose files had it: the image's history keeps it, so it belongs under build.secrets";

/// An argument of a service's build that holds a secret.
pub struct BuildSecret {
    service: String,
    argument: String,
    place: Place,
}

/// Those of all services, in all modes.
pub fn secrets(services: &Map, declared: &Declarations) -> Vec<BuildSecret> {
    let maps = services.0.iter();
    let maps = maps.filter_map(|entry| Some((&entry.key, entry.value.map()?)));
    let of = |(name, service): (&String, &Map)| {
        let secret = |(argument, place)| BuildSecret {
            service: name.clone(),
            argument,
            place,
        };
        let all = of_service(service, declared).into_iter().map(secret);
        all.collect::<Vec<_>>()
    };
    maps.flat_map(of).collect()
}

/// Tells them.
pub fn tell(secrets: &[BuildSecret], notes: &mut Notes) {
    for secret in secrets {
        let what = What::BuildSecret {
            argument: secret.argument.clone(),
            service: secret.service.clone(),
        };
        notes.add(Subject::Wrong, secret.place, what);
    }
}

/// Waives them, each at its own service: what services share would lift it from others to come, too.
pub fn waive(services: &mut Map, secrets: &[BuildSecret]) {
    for entry in &mut services.0 {
        let is_there = secrets.iter().any(|secret| secret.service == entry.key);
        if let (true, Value::Map(service)) = (is_there, &mut entry.value) {
            add_waiver(service);
        }
    }
}

/// The arguments that hold a secret, in all modes, each once.
fn of_service(service: &Map, declared: &Declarations) -> Vec<(String, Place)> {
    let overrides = service.get("overrides").and_then(Value::map);
    let overrides = overrides.into_iter().flat_map(|all| &all.0);
    let bodies = overrides.filter_map(|mode| mode.value.map());
    let mut found: Vec<(String, Place)> = Vec::new();
    for body in std::iter::once(service).chain(bodies) {
        for argument in arguments(body) {
            let is_known = found.iter().any(|(name, _)| *name == argument.key);
            if !is_known && holds_secret(argument, declared) {
                found.push((argument.key.clone(), argument.place));
            }
        }
    }
    found
}

fn arguments(body: &Map) -> &[Entry] {
    let build = body.get("build").and_then(Value::map);
    let args = build.and_then(|build| build.get("args")?.map());
    args.map_or(&[], |args| &args.0)
}

fn holds_secret(argument: &Entry, declared: &Declarations) -> bool {
    let is_secret = |name: &str| declared.get(name).is_some_and(|one| one.secret);
    match &argument.value {
        Value::Nothing => is_secret(&argument.key),
        Value::Text(text) | Value::Plain(text) => {
            let uses = uses(text).unwrap_or_default();
            uses.iter().any(|one| is_secret(one.name))
        }
        Value::List(_) | Value::Map(_) => false,
    }
}

/// Before what modes say otherwise, and with the waivers that are there.
fn add_waiver(service: &mut Map) {
    let words = [
        Entry::made("rule", Value::of(Rule::SecretBuildArg.name())),
        Entry::made("reason", Value::of(REASON)),
    ];
    let waiver = Item::made(Value::Map(Map(words.into_iter().collect())));
    match service.get_mut("waive") {
        Some(Value::List(items)) => items.push(waiver),
        Some(_) | None => service.put(Entry::made("waive", Value::List(vec![waiver]))),
    }
}

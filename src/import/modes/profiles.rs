//! Two modes of a project that has services for tests and for production, by their profiles.

use crate::import::Mode;
use crate::import::parts::Parts;
use crate::import::report::{Notes, Subject};
use crate::import::value::{Entry, Item, Value};
use crate::place::Place;
use crate::project::Written;
use crate::values::mode_class::ModeClass;
use crate::values::prose::list_quoted;

/// The profiles that are modes, with the mode of each.
const PROFILES: [(&str, &[&str]); 2] = [("test", &["test"]), ("prod", &["prod", "production"])];

/// Makes two modes of a project that has services for tests and for production, by their profiles. Where the modes are
/// named, each gets its own services of these.
pub fn by_profiles<'w, 's>(read: &mut Vec<(Mode, Parts, &'w Written<'s>)>, notes: &mut Notes) {
    if read.len() > 1 {
        for (mode, parts, _) in read {
            let [(_, test), (_, production)] = PROFILES;
            match mode.class {
                ModeClass::Test => keep(parts, test, production),
                ModeClass::Production => keep(parts, production, test),
            }
        }
        return;
    }
    let [(_, parts, written)] = read.as_slice() else {
        return;
    };
    let [(_, test), (_, production)] = PROFILES;
    let services = || parts.services.0.iter().flat_map(of_service);
    let known = |names: &[&str]| {
        let mut known: Vec<String> = services()
            .filter(|name| names.contains(&name.as_str()))
            .collect();
        known.sort();
        known.dedup();
        known
    };
    let Some(text) = became(known(test), known(production)) else {
        return;
    };
    let written = *written;
    let of_mode = |name: &str, own: &[&str], others: &[&str]| {
        let mut parts = parts.clone();
        keep(&mut parts, own, others);
        (Mode::named(name), parts, written)
    };
    let both = vec![
        of_mode("test", test, production),
        of_mode("prod", production, test),
    ];
    notes.add(Subject::Changed, Place::NOWHERE, text);
    *read = both;
}

/// What is told of the profiles that became modes; `None` where none did.
fn became(test: Vec<String>, production: Vec<String>) -> Option<String> {
    let alone = |names: &[String], other: &str| {
        let profiles = if names.len() == 1 {
            "profile"
        } else {
            "profiles"
        };
        let names = list_quoted(names);
        format!("the {profiles} {names} became a mode beside `{other}`, each a project of its own")
    };
    match (test.is_empty(), production.is_empty()) {
        (true, true) => None,
        (false, true) => Some(alone(&test, "prod")),
        (true, false) => Some(alone(&production, "test")),
        (false, false) => {
            let names = list_quoted(&[test, production].concat());
            Some(format!(
                "the profiles {names} became modes, each a project of its own"
            ))
        }
    }
}

/// The profiles of a service.
pub fn of_service(service: &Entry) -> Vec<String> {
    let list = service.value.map().and_then(|map| map.get("profiles"));
    let items = list.map_or(&[][..], Value::items).iter();
    items
        .filter_map(|item| item.value.text())
        .map(str::to_owned)
        .collect()
}

/// Keeps the services of a mode, by the profiles that are named like modes.
fn keep(parts: &mut Parts, own: &[&str], others: &[&str]) {
    let started_by = &mut parts.started_by;
    parts.services.0.retain_mut(|entry| {
        let profiles = of_service(entry);
        let is = |names: &[&str], profile: &String| names.contains(&profile.as_str());
        let own_profile = profiles.iter().find(|profile| is(own, profile));
        let is_own = own_profile.is_some();
        if let Some(profile) = own_profile {
            started_by.insert(entry.key.clone(), profile.clone());
        }
        if !is_own && !profiles.is_empty() && profiles.iter().all(|profile| is(others, profile)) {
            return false;
        }
        let rest = profiles
            .iter()
            .filter(|profile| !is_own && !is(others, profile));
        let rest: Vec<Item> = rest.map(|profile| Item::made(Value::of(profile))).collect();
        if let Value::Map(service) = &mut entry.value {
            match rest.is_empty() {
                true => drop(service.take("profiles")),
                false => service.put(Entry::made("profiles", Value::List(rest))),
            }
        }
        true
    });
}

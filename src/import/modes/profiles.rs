//! Two modes of a project that has services for tests and for production, by their profiles.

use crate::import::Mode;
use crate::import::parts::Parts;
use crate::import::report::{Notes, Subject};
use crate::import::value::{Entry, Item, Map, Value};
use crate::place::Place;
use crate::project::Written;
use crate::values::mode_class::ModeClass;

/// The profiles that are modes, with the mode of each.
const PROFILES: [(&str, &[&str]); 2] = [("test", &["test"]), ("prod", &["prod", "production"])];

/// Makes two modes of a project that has services for tests and for production, by their profiles. Where the modes are
/// named, each gets its own services of these.
pub fn by_profiles<'w, 's>(read: &mut Vec<(Mode, Parts, &'w Written<'s>)>, notes: &mut Notes) {
    if read.len() > 1 {
        for (mode, parts, _) in read {
            let [(_, test), (_, production)] = PROFILES;
            match mode.class {
                ModeClass::Test => keep(&mut parts.services, test, production),
                ModeClass::Production => keep(&mut parts.services, production, test),
            }
        }
        return;
    }
    let [(_, parts, written)] = read.as_slice() else {
        return;
    };
    let has = |names: &[&str]| {
        let mut services = parts.services.0.iter();
        services.any(|entry| {
            of_service(entry)
                .iter()
                .any(|name| names.contains(&name.as_str()))
        })
    };
    let [(_, test), (_, production)] = PROFILES;
    if !has(test) && !has(production) {
        return;
    }
    let written = *written;
    let of_mode = |name: &str, own: &[&str], others: &[&str]| {
        let mut parts = parts.clone();
        keep(&mut parts.services, own, others);
        (Mode::named(name), parts, written)
    };
    let both = vec![
        of_mode("test", test, production),
        of_mode("prod", production, test),
    ];
    let text = "the profiles `test` and `production` became modes, each a project of its own";
    notes.add(Subject::Changed, Place::NOWHERE, text);
    *read = both;
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
fn keep(services: &mut Map, own: &[&str], others: &[&str]) {
    services.0.retain_mut(|entry| {
        let profiles = of_service(entry);
        let is = |names: &[&str], profile: &String| names.contains(&profile.as_str());
        let is_own = profiles.iter().any(|profile| is(own, profile));
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

//! The words of a catalog's own at a service: what others wait for, roles, jobs, the shortest forms.

use indexmap::IndexMap;

use super::parts::Parts;
use super::report::{Notes, Subject};
use super::roles;
use super::service;
use super::value::{Entry, Map, Value};
use super::waits::{Facts, shorten_depends_on, waits};

/// The words of our own: what others wait for, roles, jobs, the shortest forms.
pub fn words(parts: &mut Parts, facts: &IndexMap<String, Facts>, notes: &mut Notes) {
    for entry in &mut parts.services.0 {
        let Value::Map(service) = &mut entry.value else {
            continue;
        };
        shorten_depends_on(service, &|name| {
            facts.get(name).copied().unwrap_or_default()
        });
        service::shorten_names(service);
        let own = facts.get(&entry.key).copied().unwrap_or_default();
        if own.by_image {
            service.put(Entry::made("healthcheck", Value::of("image")));
            let text = format!(
                "`{}` has no healthcheck, and others wait until it is healthy: its image brings one",
                entry.key
            );
            notes.add(Subject::Guessed, entry.place, text);
        } else if own.lacks_probe {
            let text = format!(
                "`{}` has no healthcheck, and others wait until it is healthy; if its image brings one, write `healthcheck: image`",
                entry.key
            );
            notes.add(Subject::Guessed, entry.place, text);
        }
        let guess = roles::guess(&entry.key, service);
        let mut first = vec![Entry::made("role", Value::of(guess.role))];
        if let Some(why) = &guess.why {
            first[0].remarks.beside = Some(format!("a guess: {why}"));
        }
        if own.job {
            service.take("restart");
            first.push(Entry::made("job", Value::Plain("true".to_owned())));
        }
        service.0.splice(0..0, first);
    }
}

/// What is known of each service, and of what others ask of it.
pub fn facts(services: &Map) -> IndexMap<String, Facts> {
    let maps = || {
        services
            .0
            .iter()
            .filter_map(|entry| Some((entry, entry.value.map()?)))
    };
    let mut facts: IndexMap<String, Facts> = maps()
        .map(|(entry, service)| (entry.key.clone(), Facts::of(service)))
        .collect();
    let waits: Vec<(&str, &str)> = maps().flat_map(|(_, service)| waits(service)).collect();
    for (name, fact) in &mut facts {
        let asked = |condition: &str| waits.contains(&(name.as_str(), condition));
        fact.lacks_probe = asked("service_healthy") && !fact.says_health;
        fact.by_image = fact.lacks_probe && fact.has_probing_image;
        fact.job = asked("service_completed_successfully")
            && fact.restarts_never
            && !fact.says_health
            && !fact.lacks_probe;
    }
    facts
}

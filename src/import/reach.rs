//! Addresses outside that a mode of class test has from the same text as production: tests may reach then what is real.

use super::modes::InMode;
use super::report::{Notes, Subject, What};
use super::value::{Entry, Map, Value};
use super::variables::Declarations;
use crate::values::interpolation::expand;
use crate::values::mode_class::ModeClass;
use crate::values::shown::shown;
use crate::values::url::addresses;
use std::net::Ipv4Addr;

const HELP: &str = "if production is there, give each mode its own: under `values`, or as a variable of its env file";

/// Tells of them.
pub(super) fn tell(all: &[InMode], notes: &mut Notes) {
    let of = |class: ModeClass| all.iter().filter(move |one| one.mode.class == class);
    for test in of(ModeClass::Test) {
        for production in of(ModeClass::Production) {
            between(test, production, notes);
        }
    }
}

fn between(test: &InMode, production: &InMode, notes: &mut Notes) {
    for service in &test.parts.services.0 {
        let Some(other) = production.parts.services.get(&service.key) else {
            continue;
        };
        for entry in environment(Some(&service.value)) {
            let is_same = |same: &&Entry| same.key == entry.key && same.value == entry.value;
            let same = environment(Some(other)).iter().find(is_same);
            let host = outside(entry, &test.declared);
            let theirs = same.and_then(|same| outside(same, &production.declared));
            let Some(host) = host.filter(|host| theirs.as_ref() == Some(host)) else {
                continue;
            };
            let text = format!(
                "{} of {} leads to `{host}` in {} and in {} alike",
                shown(&entry.key),
                shown(&service.key),
                test.mode.name,
                production.mode.name
            );
            notes.add(Subject::Wrong, entry.place, What::Told { text, help: HELP });
        }
    }
}

fn environment(service: Option<&Value>) -> &[Entry] {
    let map = service.and_then(Value::map);
    let map = map
        .and_then(|map| map.get("environment"))
        .and_then(Value::map);
    map.map_or(&[], |Map(entries)| entries)
}

/// The host outside of a text that is no name of the internet: somebody's own machine. What an env file sets is not
/// looked at: a mode has one of its own.
fn outside(entry: &Entry, declared: &Declarations) -> Option<String> {
    let lookup = |name: &str| declared.get(name)?.default.clone();
    // A bare name stands for the variable that is called like it.
    let text = match &entry.value {
        Value::Nothing => lookup(&entry.key)?.into(),
        value => expand(value.text()?, &lookup).ok()?,
    };
    let in_address = addresses(&text).into_iter().map(|address| address.host);
    let mut hosts = in_address.chain([text.trim()]);
    hosts.find(|host| is_own_machine(host)).map(str::to_owned)
}

fn is_own_machine(host: &str) -> bool {
    let ends = [".local", ".lan", ".home", ".home.arpa", ".internal"];
    let is_name = |host: &str| {
        host.bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"-.".contains(&byte))
    };
    match host.parse::<Ipv4Addr>() {
        Ok(address) => address.is_private(),
        Err(_) => {
            is_name(host)
                && host != "host.docker.internal"
                && ends
                    .iter()
                    .any(|end| host.len() > end.len() && host.ends_with(end))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn somebodys_own_machine_is_told_from_the_internet_and_from_services() {
        for (host, expected) in [
            ("192.168.1.86", true),
            ("10.0.0.1", true),
            ("nas.local", true),
            ("db.prod.internal", true),
            ("host.docker.internal", false),
            ("1.1.1.1", false),
            ("127.0.0.1", false),
            ("api.example.org", false),
            ("influxdb", false),
            (".local", false),
            ("see nas.local", false),
        ] {
            assert_eq!(is_own_machine(host), expected, "{host}");
        }
    }
}

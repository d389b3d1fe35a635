//! Addresses outside that a mode of class test has as production has them, or that say that they are production's: tests
//! may reach then what is real.

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
    let theirs = all_outside(production);
    for (service, entry, there) in all_outside(test) {
        let is_same = |other: &&Reached| other.2 == there;
        let alike = |other: &&Reached| other.0 == service && other.1.key == entry.key;
        let mut same = theirs.iter().filter(is_same);
        let same = same.clone().find(alike).or_else(|| same.next());
        let (mode, other_mode) = (test.mode.name.as_str(), production.mode.name.as_str());
        let rest = match same {
            Some(other) if alike(&other) => format!("in {mode} and in {other_mode} alike"),
            Some((other, key, _)) => format!(
                "in {mode}, as {} of {} does in {other_mode}",
                shown(&key.key),
                shown(other)
            ),
            None if there.is_called_production() => {
                format!("in {mode}, and is called production")
            }
            None => continue,
        };
        let (key, service) = (shown(&entry.key), shown(service));
        let text = format!("{key} of {service} leads to `{}` {rest}", there.host);
        notes.add(Subject::Wrong, entry.place, What::Told { text, help: HELP });
    }
}

/// Where a variable of a service leads.
type Reached<'a> = (&'a str, &'a Entry, Outside);

fn all_outside<'a>(mode: &'a InMode) -> Vec<Reached<'a>> {
    let services = mode.parts.services.0.iter();
    let all = services.flat_map(|service| {
        let entries = environment(Some(&service.value)).iter();
        entries.map(|entry| (service.key.as_str(), entry))
    });
    let reached =
        all.filter_map(|(service, entry)| Some((service, entry, outside(entry, &mode.declared)?)));
    reached.collect()
}

/// A host outside, and its port.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Outside {
    host: String,
    port: Option<String>,
}

impl Outside {
    fn is_called_production(&self) -> bool {
        is_called_production(&self.host)
    }
}

/// Whether a part of a host's name says that it is production's.
fn is_called_production(host: &str) -> bool {
    let mut parts = host.split(['.', '-']);
    host.contains('.') && parts.any(|part| matches!(part, "prod" | "production"))
}

fn environment(service: Option<&Value>) -> &[Entry] {
    let map = service.and_then(Value::map);
    let map = map
        .and_then(|map| map.get("environment"))
        .and_then(Value::map);
    map.map_or(&[], |Map(entries)| entries)
}

/// The host outside of a text that is somebody's own machine, or is called production. What an env file sets is not
/// looked at: a mode has one of its own.
fn outside(entry: &Entry, declared: &Declarations) -> Option<Outside> {
    let lookup = |name: &str| declared.get(name)?.default.clone();
    // A bare name stands for the variable that is called like it.
    let text = match &entry.value {
        Value::Nothing => lookup(&entry.key)?.into(),
        value => expand(value.text()?, &lookup).ok()?,
    };
    let in_address = addresses(&text).into_iter();
    let in_address = in_address.map(|address| (address.host, address.port));
    let whole = (text.trim(), None);
    let mut hosts = in_address.chain([whole]);
    let (host, port) = hosts
        .find(|(host, _)| is_own_machine(host) || is_host(host) && is_called_production(host))?;
    Some(Outside {
        host: host.to_owned(),
        port: port.map(str::to_owned),
    })
}

/// Whether a text may be the name of a host.
fn is_host(text: &str) -> bool {
    let is_letter = |byte: u8| byte.is_ascii_alphanumeric() || b"-.".contains(&byte);
    text.bytes().all(is_letter)
}

fn is_own_machine(host: &str) -> bool {
    let ends = [".local", ".lan", ".home", ".home.arpa", ".internal"];
    match host.parse::<Ipv4Addr>() {
        Ok(address) => address.is_private(),
        Err(_) => {
            is_host(host)
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
    #[test]
    fn a_name_says_that_it_is_productions_in_a_part_of_its_own() {
        for (host, expected) in [
            ("db.prod.acme.com", true),
            ("db-production.acme.com", true),
            ("products.acme.com", false),
            ("prod", false),
        ] {
            assert_eq!(is_called_production(host), expected, "{host}");
        }
    }
}

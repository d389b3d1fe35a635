//! Names for what services share without having named it: after the services, else after what it holds.

use super::authored::kebab;
use crate::import::layout::text;
use crate::import::value::{Entry, Map, Value};

/// The name of a fragment that these services share, and no other whose name begins like theirs.
pub fn name(words: &Map, users: &[&str], others: &[&str]) -> String {
    let of_image = || image(words.get("image")?.text()?);
    let name = of_users(users, others).or_else(of_image);
    name.unwrap_or_else(|| of_words(words))
}

/// What the names of all users begin or end with, and no other name: `redis-node`.
pub fn of_users(users: &[&str], others: &[&str]) -> Option<String> {
    let parts = |name: &str| {
        kebab(name)
            .split('-')
            .map(str::to_owned)
            .collect::<Vec<_>>()
    };
    let first = parts(users.first()?);
    let begins = |name: &&str, start: &[String]| parts(name).starts_with(start);
    let ends = |name: &&str, end: &[String]| parts(name).ends_with(end);
    let alone = |is: &dyn Fn(&&str) -> bool| users.iter().all(is) && !others.iter().any(is);
    for length in (1..=first.len()).rev() {
        let (start, end) = (&first[..length], &first[first.len() - length..]);
        if alone(&|name| begins(name, start)) {
            return Some(start.join("-"));
        }
        if alone(&|name| ends(name, end)) {
            return Some(end.join("-"));
        }
    }
    None
}

fn of_words(words: &Map) -> String {
    match words.0.as_slice() {
        [one] => of_entry(one),
        [one, other] => format!("{}-{}", one.key, other.key).replace('_', "-"),
        [] => "common".to_owned(),
        many => of_many(many),
    }
}

/// What makes a container harder to break out of.
const HARDENING: [&str; 4] = ["cap_drop", "security_opt", "read_only", "privileged"];

/// After what people would say of many words: what they are for, else the longest of them.
fn of_many(words: &[Entry]) -> String {
    let hardens = words
        .iter()
        .filter(|entry| HARDENING.contains(&entry.key.as_str()));
    if hardens.count() >= 2 {
        return "hardened".to_owned();
    }
    let size = |entry: &&Entry| text(&Map(vec![(*entry).clone()])).len();
    // Of two as long the first.
    let longest = words.iter().rev().max_by_key(size);
    longest.map_or("common".to_owned(), of_entry)
}

fn of_entry(entry: &Entry) -> String {
    let key = entry.key.replace('_', "-");
    match (&entry.value, entry.key.as_str()) {
        (Value::Map(map), "environment") => named(map, "env"),
        (Value::Map(map), "labels") => named(map, "labels"),
        (Value::Map(map), "healthcheck") => healthcheck(map),
        (Value::Text(text) | Value::Plain(text), "restart") if !text.contains('$') => {
            format!("restart-{}", kebab(text))
        }
        (Value::List(items), "networks" | "volumes" | "env_file") => {
            let only = items.first().filter(|_| items.len() == 1);
            let name = only.and_then(|item| item.value.text()).map(in_name);
            match name.filter(|name| !name.is_empty()) {
                Some(name) => format!("{}-{name}", key.trim_end_matches('s')),
                None => key,
            }
        }
        _ => key,
    }
}

/// The name of an image alone; that of its maker where it says no more than what every image could be.
fn image(image: &str) -> Option<String> {
    let image = image.split(['@', '$']).next()?;
    let mut parts = image
        .rsplit('/')
        .map(|part| part.split(':').next().unwrap_or(part));
    let name = parts.next()?;
    let name = match (name, parts.next()) {
        ("server" | "app" | "api" | "web" | "backend", Some(maker)) => maker,
        (name, _) => name,
    };
    Some(kebab(name)).filter(|name| name.len() > 1)
}

/// What most names of entries begin with: `DB_HOST`, `DB_NAME` are `db-env`.
fn named(map: &Map, what: &str) -> String {
    let start = |entry: &Entry| {
        let mut parts = entry.key.split(['_', '.']);
        parts.next().unwrap_or_default().to_ascii_lowercase()
    };
    let starts: Vec<String> = map.0.iter().map(start).collect();
    let is_name =
        |start: &str| start.len() > 1 && start.bytes().all(|byte| byte.is_ascii_alphanumeric());
    let is_most = |start: &&String| {
        let same = starts.iter().filter(|other| other == start).count();
        same > 1 && same * 3 >= starts.len() * 2 && is_name(start)
    };
    match starts.iter().find(is_most) {
        Some(start) => format!("{start}-{what}"),
        None => few(map, what).unwrap_or_else(|| format!("shared-{what}")),
    }
}

/// The most letters of a name that lists what is in it.
const LISTED: usize = 20;

/// The names of a few short entries: `puid-pgid-tz-env`.
fn few(map: &Map, what: &str) -> Option<String> {
    let names: Vec<String> = map.0.iter().map(|entry| kebab(&entry.key)).collect();
    let name = names.join("-");
    (names.len() == 1 || name.len() <= LISTED).then(|| format!("{name}-{what}"))
}

fn healthcheck(map: &Map) -> String {
    let mut command = String::new();
    if let Some(test) = map.get("test") {
        test.clone()
            .each_text(crate::place::Place::NOWHERE, &mut |text, _| {
                command.push_str(text);
            });
    }
    match map.get("test").is_some() {
        false => match map.get("interval").and_then(Value::text) {
            Some(interval) if !interval.contains('$') => {
                format!("healthcheck-every-{}", kebab(interval))
            }
            _ => "healthcheck-timing".to_owned(),
        },
        true if command.contains("http") => "healthcheck-http".to_owned(),
        true => "healthcheck".to_owned(),
    }
}

/// The first name of a mount, a network or a file.
fn in_name(text: &str) -> String {
    let source = text.split(':').next().unwrap_or(text);
    let name = source.rsplit('/').find(|part| !part.is_empty());
    kebab(name.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(entries: &[(&str, Value)]) -> Map {
        let entries = entries.iter();
        Map(entries
            .map(|(key, value)| Entry::made(*key, value.clone()))
            .collect())
    }

    fn texts(names: &[&str]) -> Value {
        Value::Map(words(
            &names
                .iter()
                .map(|name| (*name, Value::of("x")))
                .collect::<Vec<_>>(),
        ))
    }

    #[test]
    fn a_fragment_is_named_after_its_services_or_its_words() {
        let restart = words(&[("restart", Value::of("always"))]);
        for (words, users, others, expected) in [
            (
                &restart,
                &["redis-node-0", "redis-node-1"][..],
                &["db"][..],
                "redis-node",
            ),
            (&restart, &["users-api", "orders-api"], &["db"], "api"),
            (
                &restart,
                &["users-api", "orders-api"],
                &["other-api"],
                "restart-always",
            ),
            (&restart, &["a", "b"], &[], "restart-always"),
            (
                &words(&[("image", Value::of("ghcr.io/goauthentik/server:1"))]),
                &["a", "b"],
                &[],
                "goauthentik",
            ),
            (
                &words(&[("image", Value::of("frappe/erpnext:v16"))]),
                &["a", "b"],
                &[],
                "erpnext",
            ),
            (
                &words(&[("environment", texts(&["DB_HOST", "DB_NAME"]))]),
                &["a", "b"],
                &[],
                "db-env",
            ),
            (
                &words(&[(
                    "environment",
                    texts(&["FLAGD_HOST", "FLAGD_PORT", "OTEL_NAME"]),
                )]),
                &["a", "b"],
                &[],
                "flagd-env",
            ),
            (
                &words(&[("environment", texts(&["PUID", "TZ"]))]),
                &["a", "b"],
                &[],
                "puid-tz-env",
            ),
            (
                &words(&[("environment", texts(&["DATABASE", "CACHE_URL", "QUEUE"]))]),
                &["a", "b"],
                &[],
                "shared-env",
            ),
            (
                &words(&[
                    ("restart", Value::of("no")),
                    ("logging", texts(&["driver", "options"])),
                    ("user", Value::of("1000")),
                ]),
                &["a", "b"],
                &[],
                "logging",
            ),
            (
                &words(&[
                    ("cap_drop", texts(&["ALL"])),
                    ("read_only", Value::of("true")),
                    ("environment", texts(&["A", "B", "C", "D"])),
                ]),
                &["a", "b"],
                &[],
                "hardened",
            ),
            (
                &words(&[("healthcheck", texts(&["interval"]))]),
                &["a", "b"],
                &[],
                "healthcheck-every-x",
            ),
            (
                &words(&[("healthcheck", texts(&["retries"]))]),
                &["a", "b"],
                &[],
                "healthcheck-timing",
            ),
            (
                &words(&[
                    ("logging", texts(&["driver"])),
                    ("restart", Value::of("no")),
                ]),
                &["a", "b"],
                &[],
                "logging-restart",
            ),
        ] {
            assert_eq!(name(words, users, others), expected);
        }
    }
}

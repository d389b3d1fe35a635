//! Names for what services share without having named it: after the services, else after what it holds.

use super::authored::kebab;
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
        _ => "common".to_owned(),
    }
}

fn of_entry(entry: &Entry) -> String {
    let key = entry.key.replace('_', "-");
    match (&entry.value, entry.key.as_str()) {
        (Value::Map(map), "environment") => named(map, "env"),
        (Value::Map(map), "labels") => named(map, "labels"),
        (Value::Map(map), "healthcheck") => healthcheck(map).to_owned(),
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

/// What names of entries begin with: `DB_HOST`, `DB_NAME` are `db-env`.
fn named(map: &Map, what: &str) -> String {
    let mut starts = map.0.iter().map(|entry| {
        let mut parts = entry.key.split(['_', '.']);
        parts.next().unwrap_or_default().to_ascii_lowercase()
    });
    let first = starts.next().unwrap_or_default();
    let is_name = first.len() > 1 && first.bytes().all(|byte| byte.is_ascii_alphanumeric());
    match is_name && starts.all(|start| start == first) {
        true => format!("{first}-{what}"),
        false if map.0.len() == 1 => format!("{}-{what}", kebab(&map.0[0].key)),
        false => format!("shared-{what}"),
    }
}

fn healthcheck(map: &Map) -> &'static str {
    let mut command = String::new();
    if let Some(test) = map.get("test") {
        test.clone()
            .each_text(crate::place::Place::NOWHERE, &mut |text, _| {
                command.push_str(text);
            });
    }
    match map.get("test").is_some() {
        false => "healthcheck-timing",
        true if command.contains("http") => "healthcheck-http",
        true => "healthcheck",
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
                &words(&[("environment", texts(&["PUID", "TZ"]))]),
                &["a", "b"],
                &[],
                "shared-env",
            ),
            (
                &words(&[("healthcheck", texts(&["interval"]))]),
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

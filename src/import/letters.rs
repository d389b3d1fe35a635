//! Volumes with a name of one letter: Compose reads `a:/data` as a drive of Windows, and a catalog takes no such name. They
//! get one that says what is in them.

use rustc_hash::FxHashSet;

use super::parts::Parts;
use super::report::{Notes, Subject};
use super::shared::authored::kebab;
use super::value::{Entry, Item, Map, Value};
use super::variables::free_with_dashes;

/// Gives them their names, everywhere.
pub fn rename(parts: &mut Parts, notes: &mut Notes) {
    let Some(volumes) = parts.declared.get_mut("volumes") else {
        return;
    };
    let mut taken: FxHashSet<String> = volumes.0.iter().map(|entry| entry.key.clone()).collect();
    for entry in volumes
        .0
        .iter_mut()
        .filter(|entry| entry.key.chars().count() == 1)
    {
        let letter = entry.key.clone();
        let name = free_with_dashes(&wanted(&letter, &parts.services), &taken);
        taken.insert(name.clone());
        let text = format!(
            "the volume `{letter}` is called `{name}`: a name has two letters or more, one alone is read as a drive"
        );
        notes.add(Subject::Changed, entry.place, text);
        for mount in mounts(&mut parts.services) {
            set_source(mount, &letter, &name);
        }
        entry.value = named(
            std::mem::replace(&mut entry.value, Value::Nothing),
            &parts.project,
            &letter,
        );
        entry.key = name;
    }
}

/// The name on the engine stays: the data is there.
fn named(words: Value, project: &str, letter: &str) -> Value {
    let mut words = match words {
        Value::Map(map) => map,
        Value::Nothing | Value::Plain(_) | Value::Text(_) | Value::List(_) => Map::default(),
    };
    if words.get("name").is_none() {
        words.put(Entry::made(
            "name",
            Value::of(format!("{project}_{letter}")),
        ));
    }
    Value::Map(words)
}

/// A name after the service that mounts it, and the folder.
fn wanted(letter: &str, services: &Map) -> String {
    let user = services.0.iter().find_map(|service| {
        let list = service.value.map()?.get("volumes")?;
        let target = list.items().iter().find_map(|item| target(item, letter))?;
        Some((service.key.as_str(), target))
    });
    let Some((service, target)) = user else {
        return format!("volume-{letter}");
    };
    let folder = target.rsplit('/').find(|part| !part.is_empty());
    kebab(&format!("{service}-{}", folder.unwrap_or("data")))
}

/// Where an item mounts the volume.
fn target(item: &Item, letter: &str) -> Option<String> {
    match &item.value {
        Value::Map(map) => {
            let part = |key: &str| map.get(key).and_then(Value::text);
            (part("source") == Some(letter)).then(|| part("target").unwrap_or_default().to_owned())
        }
        value => {
            let (source, rest) = value.text()?.split_once(':')?;
            let target = rest.split(':').next().unwrap_or(rest);
            (source == letter).then(|| target.to_owned())
        }
    }
}

fn mounts(services: &mut Map) -> impl Iterator<Item = &mut Value> {
    let maps = services
        .0
        .iter_mut()
        .filter_map(|entry| entry.value.map_mut());
    let lists = maps.filter_map(|map| match map.get_mut("volumes") {
        Some(Value::List(items)) => Some(items),
        _ => None,
    });
    lists.flatten().map(|item| &mut item.value)
}

fn set_source(mount: &mut Value, letter: &str, name: &str) {
    match mount {
        Value::Map(map) => {
            if let Some(Value::Text(source)) = map
                .get_mut("source")
                .filter(|source| source.text() == Some(letter))
            {
                *source = name.to_owned();
            }
        }
        Value::Text(text) => {
            if let Some(rest) = text
                .strip_prefix(letter)
                .filter(|rest| rest.starts_with(':'))
            {
                *text = format!("{name}{rest}");
            }
        }
        Value::Nothing | Value::Plain(_) | Value::List(_) => {}
    }
}

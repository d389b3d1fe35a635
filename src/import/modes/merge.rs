//! A service as several modes have it: what all say, and what each says alone.

use crate::import::Mode;
use crate::import::value::{Entry, Item, Map, NAMES, Value};

/// Keys whose values layers merge by name or target, and not whole.
const BY_NAME: &[&str] = &[
    "depends_on",
    "networks",
    "volumes",
    "secrets",
    "configs",
    "extra_hosts",
];

/// Maps that layers merge by key.
const BY_KEY: &[&str] = &[
    "environment",
    "labels",
    "annotations",
    "sysctls",
    "healthcheck",
    "deploy",
    "resources",
    "limits",
    "reservations",
    "logging",
    "options",
    "build",
    "args",
    "memory",
    "cpus",
    "ulimits",
    "depends_on",
    "networks",
];

/// Words of membership, which no override holds.
const MEMBERSHIP: &[&str] = &["role", "job", "extends", "modes"];

/// A service as several modes have it, the last of them the one that says what nothing else does.
pub fn merged(there: &[(&Mode, Map)]) -> Map {
    let Some(((_, main), others)) = there.split_last() else {
        return Map::default();
    };
    let mut own = main.clone();
    let mut overrides = Map::default();
    let mut of_main = Map::default();
    for (mode, other) in others {
        let split = split(&own, other);
        own = split.both;
        // What an earlier mode had taken out of the last one's words stands there already.
        for entry in split.first.0 {
            of_main.put(entry);
        }
        let mut second = split.second;
        second.shorten_names();
        if !second.0.is_empty() {
            overrides.put(Entry::made(&mode.name, Value::Map(second)));
        }
    }
    own.shorten_names();
    of_main.shorten_names();
    if let (false, Some((mode, _))) = (of_main.0.is_empty(), there.last()) {
        overrides.put(Entry::made(&mode.name, Value::Map(of_main)));
    }
    if !overrides.0.is_empty() {
        own.put(Entry::made("overrides", Value::Map(overrides)));
    }
    own
}

/// Two maps, taken apart.
struct Split {
    /// What stands for both; where they differ in something that replaces, the first one's.
    both: Map,
    /// What only the first one has.
    first: Map,
    /// What only the second one has, or has otherwise.
    second: Map,
}

fn split(first: &Map, second: &Map) -> Split {
    let mut result = Split {
        both: Map::default(),
        first: Map::default(),
        second: Map::default(),
    };
    for entry in &first.0 {
        let Some(other) = second.get(&entry.key) else {
            match MEMBERSHIP.contains(&entry.key.as_str()) {
                true => result.both.put(entry.clone()),
                false => result.first.put(entry.clone()),
            }
            continue;
        };
        if *other == entry.value || MEMBERSHIP.contains(&entry.key.as_str()) {
            result.both.put(entry.clone());
            continue;
        }
        let parts = parts(&entry.key, &entry.value, other);
        for (map, value) in [&mut result.both, &mut result.first, &mut result.second]
            .into_iter()
            .zip(parts)
        {
            if let Some(value) = value {
                map.put(Entry {
                    value,
                    ..entry.clone()
                });
            }
        }
    }
    let new = |entry: &&Entry| {
        first.get(&entry.key).is_none() && !MEMBERSHIP.contains(&entry.key.as_str())
    };
    second
        .0
        .iter()
        .filter(new)
        .for_each(|entry| result.second.put(entry.clone()));
    result
}

/// What two different values of a key have in common, and what each has alone.
fn parts(key: &str, first: &Value, second: &Value) -> [Option<Value>; 3] {
    let full = |map: Map| (!map.0.is_empty()).then_some(Value::Map(map));
    // A name alone adds nothing to what is said of it elsewhere.
    if matches!((first, second), (Value::Map(_), Value::Nothing)) {
        return [Some(Value::Nothing), Some(first.clone()), None];
    }
    if BY_KEY.contains(&key)
        && let (Value::Map(a), Value::Map(b)) = (&named(key, first), &named(key, second))
    {
        let split = split(a, b);
        return [full(split.both), full(split.first), full(split.second)];
    }
    if BY_NAME.contains(&key)
        && let (Value::List(a), Value::List(b)) = (first, second)
    {
        let list = |items: Vec<Item>| (!items.is_empty()).then_some(Value::List(items));
        let without = |items: &[Item], others: &[Item]| {
            items
                .iter()
                .filter(|item| !others.contains(item))
                .cloned()
                .collect::<Vec<_>>()
        };
        let both = a.iter().filter(|item| b.contains(item)).cloned().collect();
        return [list(both), list(without(a, b)), list(without(b, a))];
    }
    [Some(first.clone()), None, Some(second.clone())]
}

/// A list of names as the map of them, where the other side may be a map; a name of which nothing is said has no value.
fn named(key: &str, value: &Value) -> Value {
    match value {
        Value::List(items) if NAMES.contains(&key) => Map::of_names(items),
        Value::Map(map) if NAMES.contains(&key) => {
            let mut map = map.clone();
            let empty = map.0.iter_mut().filter(|entry| entry.value.says_nothing());
            empty.for_each(|entry| entry.value = Value::Nothing);
            Value::Map(map)
        }
        other => other.clone(),
    }
}

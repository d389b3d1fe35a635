//! Words of a service over those of a layer below it, as a catalog lays them, and the other way round: what a service
//! still has to say over a layer. Where the two forms of a key would meet nobody is sure, and nothing is said.

use std::borrow::Cow;

use super::aside::is_commented_out;
use crate::import::value::{Entry, Item, Map, NAMES, Remarks, Value};
use crate::values::mount::ShortMount;

/// What takes a key of the layer below away.
const RESET: &str = "!reset null";

/// Keys whose lists merge by the name of an item.
const NAMED: &[&str] = &[
    "depends_on",
    "networks",
    "extra_hosts",
    "volumes",
    "secrets",
    "configs",
];

/// Words of a healthcheck of which the later layer's removes the others.
const PROBES: [&str; 3] = ["http", "test", "disable"];

/// Whether a list of this key merges by the names of its items.
pub fn is_named(key: &str) -> bool {
    NAMED.contains(&key)
}

/// A layer over another one; `None` where they do not go together for sure.
pub fn over(own: &Map, below: &Map) -> Option<Map> {
    let mut result = Map::default();
    for entry in &below.0 {
        match own.entry(&entry.key) {
            None => result.0.push(entry.clone()),
            Some(later) if is_reset(&later.value) => {}
            Some(later) => {
                let value = laid(&entry.key, &later.value, &entry.value)?;
                result.0.push(Entry {
                    value,
                    ..later.clone()
                });
            }
        }
    }
    let is_new = |entry: &&Entry| below.get(&entry.key).is_none() && !is_reset(&entry.value);
    result.0.extend(own.0.iter().filter(is_new).cloned());
    Some(result)
}

fn is_reset(value: &Value) -> bool {
    matches!(value, Value::Plain(text) if text == RESET)
}

fn laid(key: &str, own: &Value, below: &Value) -> Option<Value> {
    let (own, below) = in_one_form(key, own, below);
    match (own.as_ref(), below.as_ref()) {
        (Value::Map(own), Value::Map(below)) if key == "healthcheck" => {
            let mut below = below.clone();
            if PROBES.iter().any(|word| own.get(word).is_some()) {
                below
                    .0
                    .retain(|entry| !PROBES.contains(&entry.key.as_str()));
            }
            over(own, &below).map(Value::Map)
        }
        (Value::Map(own), Value::Map(below)) => over(own, below).map(Value::Map),
        (Value::List(own), Value::List(below)) if is_named(key) => {
            Some(Value::List(by_name(key, own, below)?))
        }
        (Value::List(_), Value::List(_)) => Some(own.into_owned()),
        (Value::Map(_) | Value::List(_), _) | (_, Value::Map(_) | Value::List(_)) => None,
        _ => Some(own.into_owned()),
    }
}

/// Two values of a key whose lists are names: where one is a map, so is the other.
fn in_one_form<'v>(
    key: &str,
    one: &'v Value,
    other: &'v Value,
) -> (Cow<'v, Value>, Cow<'v, Value>) {
    match (one, other) {
        (Value::List(items), Value::Map(_)) if NAMES.contains(&key) => {
            (Cow::Owned(Map::of_names(items)), Cow::Borrowed(other))
        }
        (Value::Map(_), Value::List(items)) if NAMES.contains(&key) => {
            (Cow::Borrowed(one), Cow::Owned(Map::of_names(items)))
        }
        _ => (Cow::Borrowed(one), Cow::Borrowed(other)),
    }
}

fn by_name(key: &str, own: &[Item], below: &[Item]) -> Option<Vec<Item>> {
    let name = |item: &Item| name_of(key, &item.value);
    let same = |a: &Item, b: &Item| name(a).is_some() && name(a) == name(b);
    let mut result = Vec::new();
    for old in below {
        result.push(match own.iter().rfind(|new| same(new, old)) {
            None => old.clone(),
            Some(new) => Item {
                value: match (&new.value, &old.value) {
                    (Value::Map(new), Value::Map(old)) => Value::Map(over(new, old)?),
                    (new, _) => new.clone(),
                },
                ..new.clone()
            },
        });
    }
    let is_new = |new: &&Item| below.iter().all(|old| !same(new, old));
    result.extend(own.iter().filter(is_new).cloned());
    Some(result)
}

/// By what an item of a list is told apart.
pub fn name_of(key: &str, value: &Value) -> Option<String> {
    let part = |map: &Map, key: &str| Some(map.get(key)?.text()?.to_owned());
    match (key, value) {
        ("volumes", Value::Map(map)) => part(map, "target"),
        ("secrets" | "configs", Value::Map(map)) => part(map, "target").or(part(map, "source")),
        (_, Value::Map(_)) => None,
        ("volumes", value) => {
            let short = ShortMount::parse(value.text()?).ok()?;
            Some(short.target.to_owned())
        }
        ("extra_hosts", value) => Some(value.text()?.split(['=', ':']).next()?.to_owned()),
        (_, value) => value.text().map(str::to_owned),
    }
}

/// What a service that comes to `wanted` has to say itself over a layer; `None` where it cannot say that. One key of the
/// layer may be taken away where `may_reset`.
pub fn difference(below: &Map, wanted: &Map, may_reset: bool) -> Option<Map> {
    let mut own = Map::default();
    // A line that is said already, with what is commented out above it.
    let mut held: Option<Entry> = None;
    for entry in &wanted.0 {
        let said = match below.entry(&entry.key) {
            None => Some(entry.clone()),
            Some(old) if is_spare(old, entry) => {
                held = Some(below_lines(held.take(), entry.clone()));
                None
            }
            Some(old) => said_over(old, entry, may_reset)?,
        };
        if let Some(said) = said {
            own.0.push(below_lines(held.take(), said));
        }
    }
    own.0.extend(held);
    let is_gone = |entry: &&Entry| wanted.get(&entry.key).is_none();
    own.0.extend(below.0.iter().filter(is_gone).map(reset));
    let resets = own.0.iter().filter(|entry| is_reset(&entry.value)).count();
    let laid = over(&own, below)?;
    (resets <= usize::from(may_reset) && is_same_map(&laid, wanted)).then_some(own)
}

/// Whether an entry says no more than the layer but for what is commented out above it, which can stand above another.
fn is_spare(old: &Entry, new: &Entry) -> bool {
    let mut rest = new.clone();
    rest.remarks.above.clone_from(&old.remarks.above);
    is_same(&new.key, &old.value, &new.value)
        && new.remarks.above != old.remarks.above
        && is_commented_out(&new.remarks.above)
        && remarked(old, &rest).is_none()
}

/// An entry below the comments above another one.
fn below_lines(other: Option<Entry>, mut entry: Entry) -> Entry {
    let above = other.map(|other| other.remarks.above).unwrap_or_default();
    entry.remarks.above.splice(0..0, above);
    entry
}

fn reset(entry: &Entry) -> Entry {
    Entry::made(&entry.key, Value::Plain(RESET.to_owned()))
}

/// What of an entry has to be said over the layer's.
fn said_over(old: &Entry, new: &Entry, may_reset: bool) -> Option<Option<Entry>> {
    let with = |value: Value| Entry {
        value,
        ..new.clone()
    };
    let (old_value, value) = in_one_form(&new.key, &old.value, &new.value);
    Some(match (old_value.as_ref(), value.as_ref()) {
        (old_value, value) if is_same(&new.key, old_value, value) => remarked(old, new),
        (Value::List(_) | Value::Map(_), value) if value.says_nothing() => {
            // To wait for nobody is to say nothing of it.
            let is_known = may_reset && new.key == "depends_on";
            is_known.then(|| Some(reset(new)))?
        }
        (Value::Map(below), Value::Map(wanted)) => {
            let own = difference(below, wanted, false)?;
            (!own.0.is_empty()).then(|| with(Value::Map(own)))
        }
        (Value::List(below), Value::List(wanted)) if is_named(&new.key) => {
            let items = wanted.iter().filter(|item| !below.contains(item));
            Some(with(Value::List(items.cloned().collect())))
        }
        _ => Some(new.clone()),
    })
}

/// An entry that says the same, as far as a comment stands at it that the layer has not.
fn remarked(old: &Entry, new: &Entry) -> Option<Entry> {
    let inner = match (&old.value, &new.value) {
        (Value::Map(below), Value::Map(own)) => {
            let pairs = own
                .0
                .iter()
                .filter_map(|entry| Some((below.entry(&entry.key)?, entry)));
            let said = pairs.filter_map(|(old, new)| remarked(old, new));
            Some(Map(said.collect()))
        }
        (Value::List(below), Value::List(own)) => {
            let mut pairs = below.iter().zip(own);
            let is_more = pairs.any(|(old, new)| adds(&old.remarks, &new.remarks));
            return (is_more || adds(&old.remarks, &new.remarks)).then(|| new.clone());
        }
        _ => None,
    };
    let is_more = adds(&old.remarks, &new.remarks);
    match inner {
        Some(map) if !is_more && map.0.is_empty() => None,
        Some(map) if !is_more => Some(Entry {
            value: Value::Map(map),
            ..new.clone()
        }),
        _ => is_more.then(|| new.clone()),
    }
}

/// Whether comments say something that others do not.
fn adds(old: &Remarks, new: &Remarks) -> bool {
    let said = |remarks: &Remarks| {
        let Remarks {
            above,
            beside,
            below,
            folded: _,
        } = remarks.clone();
        (above, beside, below)
    };
    !new.is_silent() && said(old) != said(new)
}

/// Whether two services say the same.
pub fn is_same_map(one: &Map, other: &Map) -> bool {
    let is_in = |entry: &Entry| {
        let value = other.get(&entry.key);
        value.is_some_and(|value| is_same(&entry.key, &entry.value, value))
            || entry.value.says_nothing() && value.is_none() && entry.key == "depends_on"
    };
    let is_here = |entry: &Entry| {
        one.get(&entry.key).is_some() || entry.value.says_nothing() && entry.key == "depends_on"
    };
    one.0.iter().all(is_in) && other.0.iter().all(is_here)
}

/// Whether a service says all that some words do.
pub fn is_within(words: &Map, service: &Map) -> bool {
    words
        .0
        .iter()
        .all(|entry| match (service.get(&entry.key), &entry.value) {
            (Some(Value::Map(own)), Value::Map(words)) => is_within(words, own),
            (Some(own), value) => is_same(&entry.key, value, own),
            (None, _) => false,
        })
}

/// Whether two values of a key say the same; of names alone the order says nothing.
fn is_same(key: &str, one: &Value, other: &Value) -> bool {
    let (one, other) = in_one_form(key, one, other);
    match (one.as_ref(), other.as_ref()) {
        (Value::List(a), Value::List(b)) if matches!(key, "depends_on" | "networks") => {
            a.len() == b.len() && a.iter().all(|item| b.contains(item))
        }
        (Value::Map(a), Value::Map(b)) => is_same_map(a, b),
        _ => one == other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::import::layout::tests::read as map;
    use crate::import::layout::text;

    #[test]
    fn a_service_says_what_its_layer_does_not() {
        for (below, wanted, expected) in [
            (
                "{ a: 1, b: 2 }",
                "{ a: 1, b: 3, c: 4 }",
                Some("b: 3\nc: 4\n"),
            ),
            (
                "{ environment: { A: x, B: y } }",
                "{ environment: { A: x, B: z, C: w } }",
                Some("environment: { B: z, C: w }\n"),
            ),
            (
                "{ environment: { A: x, B: y } }",
                "{ environment: { A: x } }",
                None,
            ),
            (
                "{ volumes: ['aa:/a', 'bb:/b'] }",
                "{ volumes: ['aa:/a', 'cc:/b'] }",
                Some("volumes: [cc:/b]\n"),
            ),
            (
                "{ volumes: ['aa:/a'] }",
                "{ volumes: ['cc:/c', 'aa:/a'] }",
                None,
            ),
            (
                "{ command: [a, b] }",
                "{ command: [a] }",
                Some("command: [a]\n"),
            ),
            ("{ depends_on: [a, b] }", "{ depends_on: [b, a] }", Some("")),
            (
                "{ depends_on: [a] }",
                "{ depends_on: { a: { restart: true } } }",
                None,
            ),
            (
                "{ memory: 80M }",
                "{ memory: { limit: 80M, reservation: 1M } }",
                None,
            ),
            (
                "{ healthcheck: { interval: 5s, test: x } }",
                "{ healthcheck: { interval: 5s, test: z } }",
                Some("healthcheck: { test: z }\n"),
            ),
        ] {
            let own = difference(&map(below), &map(wanted), false).map(|own| text(&own));
            assert_eq!(own.as_deref(), expected, "{below} {wanted}");
        }
    }

    #[test]
    fn one_key_may_be_taken_away() {
        let own = |below: &str, wanted: &str| {
            difference(&map(below), &map(wanted), true).map(|own| text(&own))
        };
        let said = own("{ restart: always, a: 1 }", "{ a: 1 }");
        assert_eq!(said.as_deref(), Some("restart: !reset null\n"));
        let said = own("{ depends_on: [a] }", "{ depends_on: {}, b: 1 }");
        assert_eq!(said.as_deref(), Some("depends_on: !reset null\nb: 1\n"));
        assert_eq!(own("{ a: 1, b: 2, c: 3 }", "{ c: 3 }"), None);
    }

    #[test]
    fn what_is_commented_out_stands_above_the_next_line() {
        let own = difference(
            &map("a: 1\nb: 2\n"),
            &map("a: 1\n# x: 0\nb: 2\nc: 3\n"),
            false,
        );
        assert_eq!(own.map(|own| text(&own)).as_deref(), Some("# x: 0\nc: 3\n"));
        let own = difference(&map("a: 1\n"), &map("# Why one.\na: 1\nc: 3\n"), false);
        let expected = "# Why one.\na: 1\nc: 3\n";
        assert_eq!(own.map(|own| text(&own)).as_deref(), Some(expected));
    }

    #[test]
    fn no_comment_is_lost() {
        let own = difference(
            &map("a: 1\nb: { c: 2, d: 3 }\n"),
            &map("a: 1\nb:\n  c: 2  # why\n  d: 3\n"),
            false,
        );
        assert_eq!(
            own.map(|own| text(&own)).as_deref(),
            Some("b:\n  c: 2  # why\n")
        );
    }
}

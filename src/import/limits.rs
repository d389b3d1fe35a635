//! Memory and CPUs, wherever Compose takes them, as `memory` and `cpus`.

use super::report::{Notes, Subject};
use super::scalars::below;
use super::value::{Entry, Map, Value};
use crate::values::cpus::Cpus;
use crate::values::memory::Memory;

/// An amount with where it stood.
type Amount = Option<Entry>;

/// Memory and CPUs, wherever Compose takes them, as `memory` and `cpus`.
pub fn settle(name: &str, service: &mut Map, notes: &mut Notes) {
    let at = |service: &Map| {
        let keys = ["deploy", "mem_limit", "mem_reservation", "cpus"];
        let mut places = service.0.iter();
        places.position(|entry| keys.contains(&entry.key.as_str()))
    };
    let at = at(service).unwrap_or(service.0.len());
    let [limit, reservation] =
        ["limits", "reservations"].map(|key| deployed(service, key, "memory"));
    let [most, least] = ["limits", "reservations"].map(|key| deployed(service, key, "cpus"));
    let short = service.take("mem_limit");
    let limit = limit.or(short);
    let short = service.take("mem_reservation");
    let reservation = reservation.or(short);
    let short = service.take("cpus");
    let most = most.or(short);
    let memory = word("memory", [limit, reservation], size, (name, notes));
    let cpus = word("cpus", [most, least], processors, (name, notes));
    let mut above = service
        .entry("deploy")
        .map_or(Vec::new(), |deploy| deploy.remarks.above.clone());
    without_empty(service);
    if service.get("deploy").is_some() {
        above.clear();
    }
    let at = at.min(service.0.len());
    let mut words: Vec<Entry> = [cpus, memory].into_iter().flatten().collect();
    if let Some(first) = words.last_mut() {
        // What stood above `deploy`, which is gone.
        first.remarks.above.splice(0..0, above);
    }
    for entry in words {
        service.0.insert(at, entry);
    }
}

/// Takes an amount out of `deploy.resources`.
fn deployed(service: &mut Map, part: &str, key: &str) -> Amount {
    below(service, &["deploy", "resources", part])?
        .map_mut()?
        .take(key)
}

/// Takes out what says nothing any more.
fn without_empty(service: &mut Map) {
    for path in [
        &["deploy", "resources", "limits"][..],
        &["deploy", "resources", "reservations"],
        &["deploy", "resources"],
        &["deploy"],
    ] {
        let Some((key, above)) = path.split_last() else {
            continue;
        };
        let map = match above {
            [] => Some(&mut *service),
            _ => below(service, above).and_then(Value::map_mut),
        };
        if let Some(map) = map
            && map.get(key).is_some_and(Value::says_nothing)
        {
            map.take(key);
        }
    }
}

/// `memory` or `cpus`: the limit alone, or with its reservation.
fn word(
    key: &str,
    amounts: [Amount; 2],
    written: fn(&str) -> Option<Value>,
    (service, notes): (&str, &mut Notes),
) -> Option<Entry> {
    let place = amounts.iter().flatten().map(|amount| amount.place).next()?;
    let mut remarks = None;
    let mut settled = |amount: Amount| {
        let Entry {
            value,
            remarks: own,
            place,
            ..
        } = amount?;
        let text = value.text()?;
        if matches!(text, "0" | "-1") {
            let text = format!(
                "`{service}` sets a limit of {key} to {text}, which is none: it is left out"
            );
            notes.add(Subject::Changed, place, text);
            return None;
        }
        remarks.get_or_insert(own);
        Some(match text.contains('$') {
            true => Value::of(text),
            false => written(text).unwrap_or(value),
        })
    };
    let [limit, reservation] = amounts.map(&mut settled);
    let value = match (limit, reservation) {
        (None, None) => return None,
        (Some(limit), None) => limit,
        (limit, Some(reservation)) => {
            let limit = limit.map(|limit| Entry::made("limit", limit));
            let both = limit
                .into_iter()
                .chain([Entry::made("reservation", reservation)]);
            Value::Map(Map(both.collect()))
        }
    };
    Some(Entry {
        key: key.to_owned(),
        value,
        remarks: remarks.unwrap_or_default(),
        place,
    })
}

fn size(text: &str) -> Option<Value> {
    let size: Memory = text.parse().ok()?;
    Some(Value::of(size.to_string()))
}

fn processors(text: &str) -> Option<Value> {
    let cpus: Cpus = text.parse().ok()?;
    Some(Value::Plain(cpus.to_string()))
}

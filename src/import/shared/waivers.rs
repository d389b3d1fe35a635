//! What several services waive for one reason is waived once, in the catalog's defaults.

use super::Saying;
use crate::import::value::{Entry, Item, Map, Value};

/// So many services have to waive it.
const LEAST: usize = 3;

/// Moves waivers that several services have into the defaults.
pub(super) fn share(services: &mut [Saying], defaults: &mut Map) {
    let mut found: Vec<(Item, usize)> = Vec::new();
    for item in services.iter().flat_map(waived) {
        match found.iter_mut().find(|(known, _)| known == item) {
            Some((_, count)) => *count += 1,
            None => found.push((item.clone(), 1)),
        }
    }
    found.retain(|(_, count)| *count >= LEAST);
    let shared: Vec<Item> = found.into_iter().map(|(item, _)| item).collect();
    if shared.is_empty() {
        return;
    }
    for service in services {
        for entry in service.kept.iter_mut().filter(|entry| entry.key == "waive") {
            if let Value::List(items) = &mut entry.value {
                items.retain(|item| !shared.contains(item));
            }
        }
        let is_said = |entry: &Entry| entry.key != "waive" || !entry.value.says_nothing();
        service.kept.retain(is_said);
    }
    defaults.put(Entry::made("waive", Value::List(shared)));
}

fn waived(service: &Saying) -> impl Iterator<Item = &Item> {
    let waivers = service.kept.iter().filter(|entry| entry.key == "waive");
    waivers.flat_map(|entry| entry.value.items())
}

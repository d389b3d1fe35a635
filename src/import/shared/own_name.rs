//! What services say alike but for their own names: with `{{ service.name }}` in the names' place they say the same, and
//! it can be shared. What is not shared has the name again.

use indexmap::IndexMap;

use super::{Saying, Sharing};
use crate::import::value::{Map, Value};
use crate::place::Place;
use crate::values::interpolation::{Use, uses};

/// What stands for the name of the service itself.
pub const NAME: &str = "{{ service.name }}";

/// So many services have to say it.
const LEAST: usize = 3;

/// Keys of a service whose value may hold its name, and maps of such values.
const TEXTS: [&str; 2] = ["container_name", "hostname"];
const MAPS: [&str; 2] = ["environment", "labels"];

/// Where a text stands in a service: a key, and a name below it.
type Path = (&'static str, Option<String>);

/// Writes `{{ service.name }}` where enough services say the same with it.
pub(super) fn write(services: &mut [Saying]) {
    let mut users: IndexMap<(Path, String), usize> = IndexMap::new();
    for service in services.iter_mut() {
        let name = service.name.clone();
        each(&mut service.words, &mut |path, text| {
            if let Some(pattern) = pattern(text, &name) {
                *users.entry((path, pattern)).or_default() += 1;
            }
        });
    }
    for service in services {
        let name = service.name.clone();
        each(&mut service.words, &mut |path, text| {
            let pattern = pattern(text, &name).map(|pattern| (path, pattern));
            if let Some(pattern) = pattern
                && users.get(&pattern).is_some_and(|count| *count >= LEAST)
            {
                *text = pattern.1;
            }
        });
        service.own = service.words.clone();
    }
}

/// Writes the names again where they stand in what a service says for itself alone.
pub(super) fn take_back(all: &mut Sharing) {
    let bases: Vec<usize> = all
        .layers
        .iter()
        .filter_map(|layer| layer.service)
        .collect();
    for (at, service) in all.services.iter_mut().enumerate() {
        // What extends it has a name of its own.
        if bases.contains(&at) {
            continue;
        }
        let name = service.name.clone();
        let all = service.own.0.iter_mut();
        all.for_each(|entry| {
            entry.value.each_text(Place::NOWHERE, &mut |text, _| {
                *text = text.replace(NAME, &name);
            });
        });
    }
}

/// Every text that may hold the name of its service.
fn each(words: &mut Map, change: &mut impl FnMut(Path, &mut String)) {
    for key in TEXTS {
        if let Some(Value::Text(text)) = words.get_mut(key) {
            change((key, None), text);
        }
    }
    for key in MAPS {
        let map = words.get_mut(key).and_then(Value::map_mut);
        for entry in map.into_iter().flat_map(|map| &mut map.0) {
            if let Value::Text(text) = &mut entry.value {
                change((key, Some(entry.key.clone())), text);
            }
        }
    }
}

/// A text with `{{ service.name }}` for a name, where that stands in it as a whole word and outside of variables.
fn pattern(text: &str, name: &str) -> Option<String> {
    let variables = uses(text).ok().filter(|_| !text.contains("{{"))?;
    let is_letter = |letter: Option<char>| letter.is_some_and(char::is_alphanumeric);
    let is_it = |at: usize| {
        let (before, behind) = (&text[..at], &text[at + name.len()..]);
        let is_within = |one: &Use| (one.start..one.end).contains(&at);
        !is_letter(before.chars().next_back())
            && !is_letter(behind.chars().next())
            && !variables.iter().any(is_within)
    };
    let found: Vec<usize> = text.match_indices(name).map(|(at, _)| at).collect();
    let mut pattern = text.to_owned();
    for at in found.into_iter().rev().filter(|at| is_it(*at)) {
        pattern.replace_range(at..at + name.len(), NAME);
    }
    (pattern != text).then_some(pattern)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_found_as_a_whole_word() {
        for (text, name, expected) in [
            ("web", "web", Some("{{ service.name }}")),
            ("shop-web-1", "web", Some("shop-{{ service.name }}-1")),
            ("webserver", "web", None),
            ("${web}", "web", None),
            ("${A}/web", "web", Some("${A}/{{ service.name }}")),
            ("cobweb", "web", None),
            ("{{ url('web') }}", "web", None),
        ] {
            assert_eq!(pattern(text, name).as_deref(), expected, "{text}");
        }
    }
}

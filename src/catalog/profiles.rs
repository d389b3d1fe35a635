//! `unknown-profile`: a profile that a mode turns on, and no service has.

use super::Catalog;
use super::words::Words;
use crate::compose::scalar::Text;
use crate::finding::{Finding, Findings};
use crate::rule::Rule;
use crate::values::prose::list_quoted;
use crate::values::shown::shown;
use crate::values::suggest::nearest;

/// Checks the profiles of all modes.
pub fn check(catalog: &Catalog, findings: &Findings) {
    let modes = catalog.modes.values();
    let named = modes.filter_map(|mode| mode.value.profiles);
    let named: Vec<&Text> = named.flat_map(|list| list.items).collect();
    if named.is_empty() {
        return;
    }
    let known = known(catalog);
    if known.iter().any(|profile| is_open(profile)) {
        // What it comes to depends on the mode, or on who starts it.
        return;
    }
    for name in named {
        if !known.contains(&name.text) && !is_open(name.text) {
            findings.add(unknown(name, &known));
        }
    }
}

fn is_open(text: &str) -> bool {
    text.contains("{{") || text.contains('$')
}

fn unknown(name: &Text, known: &[&str]) -> Finding {
    let message = format!("no service has the profile {}", shown(name.text));
    let finding = Finding::new(Rule::UnknownProfile, name.place, message);
    match (nearest(name.text, known.iter().copied()), known.is_empty()) {
        (Some(near), _) => finding.help(format!("did you mean `{near}`?")),
        (None, false) => finding.help(format!("there is {}", list_quoted(known))),
        (None, true) => {
            finding.help("write `profiles` at the services that it is about, or take it out here")
        }
    }
}

/// The profiles that services get, by whatever layer.
fn known<'s>(catalog: &Catalog<'s>) -> Vec<&'s str> {
    let mut all = Vec::new();
    of_words(&catalog.defaults, &mut all);
    for role in catalog.roles.values() {
        all.extend(role.value.profile.map(|profile| profile.text));
        role.value
            .defaults
            .into_iter()
            .for_each(|words| of_words(words, &mut all));
    }
    catalog
        .fragments
        .values()
        .for_each(|fragment| of_words(fragment.value, &mut all));
    catalog
        .services
        .values()
        .for_each(|service| of_words(&service.words, &mut all));
    all.sort_unstable();
    all.dedup();
    all
}

fn of_words<'s>(words: &Words<'s>, all: &mut Vec<&'s str>) {
    let own = words.service.profiles.map_or(&[][..], |list| list.items);
    all.extend(own.iter().map(|profile| profile.text));
    let overrides = words
        .own
        .overrides
        .into_iter()
        .flat_map(|overrides| overrides.iter());
    overrides.for_each(|(_, _, change)| of_words(change.0, all));
}

//! What is told of a project as a whole.

use super::parts::{Apart, Parts};
use super::report::{Notes, Subject, What};
use super::roles;
use super::value::Map;
use crate::catalog::entries::is_fenced;

/// Tells which role each service got and why, what may be wrong with that, and what it says that goes through.
pub fn tell_services(services: &Map, notes: &mut Notes) {
    for entry in &services.0 {
        let Some(service) = entry.value.map() else {
            continue;
        };
        let role = service.entry("role");
        let is_fenced = role
            .and_then(|role| role.value.text())
            .is_some_and(is_fenced);
        // A service that the files confine to tests is told where that is seen.
        if !is_fenced {
            let guess = roles::guess(&entry.key, service);
            notes.add(Subject::Guessed, entry.place, guess.told(&entry.key));
        }
        if let Some((role, why)) = roles::suspicion(&entry.key, service).filter(|_| !is_fenced) {
            let service = entry.key.clone();
            notes.add(
                Subject::Guessed,
                entry.place,
                What::Suspect { service, role, why },
            );
        }
        for word in service.0.iter().filter(|word| word.key.starts_with("x-")) {
            let (key, service) = (word.key.clone(), entry.key.clone());
            notes.add(Subject::Passed, word.place, What::PassedIn { key, service });
        }
    }
}

/// Tells what became of the keys of the top that shared blocks stand in.
pub fn tell_apart(parts: &Parts, notes: &mut Notes) {
    for Apart {
        key,
        remarks: _,
        place,
    } in &parts.apart
    {
        let made = parts.shared.tops.iter().find(|(top, _)| top == key);
        let what = match made.map(|(_, names)| names.as_slice()) {
            Some(names) => What::Fragments {
                key: key.clone(),
                names: names.to_vec(),
            },
            None => What::TakenApart(key.clone()),
        };
        notes.add(Subject::Changed, *place, what);
    }
}

//! The switches of a mode: variables that say whether a service is in it. They follow from the plan, so that no
//! environment file and no service can say otherwise.

use super::scope::{Membership, Scope};
use crate::catalog::{Few, ServiceEntry};
use crate::place::Place;

/// A variable that says whether a service is in a mode.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Switch<'s> {
    /// The variable's name.
    pub name: &'s str,
    /// Whether the service, or what takes its place, is in the mode; of several services, any.
    pub on: bool,
    /// The first service, in the order of names, that names it.
    pub service: &'s str,
    /// Where it was written there.
    pub place: Place,
}

impl Switch<'_> {
    /// Its value.
    pub fn text(&self) -> &'static str {
        match self.on {
            true => "true",
            false => "false",
        }
    }
}

/// The switches of a mode, by name.
pub fn switches<'s>(scope: &Scope<'_, 's>, membership: &Membership<'_, 's>) -> Vec<Switch<'s>> {
    let services = scope.catalog.services_that_say(Few::SWITCH);
    let switch = |service: &'s ServiceEntry<'s>| {
        let written = service.words.own.switch()?;
        let absence = scope.absence(service.name, membership);
        let on = matches!(absence, None | Some(super::scope::Absence::Replaced(_)));
        Some(Switch {
            name: written.text,
            on,
            service: service.name,
            place: written.place,
        })
    };
    let mut switches: Vec<Switch> = services.filter_map(switch).collect();
    switches.sort_unstable_by_key(|switch| (switch.name, !switch.on, switch.service));
    switches.dedup_by_key(|switch| switch.name);
    switches
}

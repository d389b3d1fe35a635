//! The host by which limits are judged: an amount that was typed, or one of the catalog's.

use bumpalo::Bump;

use super::super::{Failure, unknown};
use super::mode::Beside;
use crate::catalog::Catalog;
use crate::catalog::entries::{Host, Overcommit, Reserve};
use crate::cli::Validate;
use crate::compose::scalar::{Scalar, Val};
use crate::place::Place;
use crate::values::cpus::Cpus;
use crate::values::memory::Memory;

/// A host and how it is called.
pub type Machine<'s> = (&'s str, Host<'s>);

/// What `--host` says.
pub enum Asked<'w, 's> {
    /// Nothing.
    Nothing,
    /// An amount.
    Amount(Machine<'s>),
    /// The name of a host of the catalog.
    Named(&'w str),
}

impl<'w, 's> Asked<'w, 's> {
    /// Of what was typed.
    pub fn of(words: &'w Validate, arena: &'s Bump) -> Self {
        match words.host.as_deref() {
            None => Asked::Nothing,
            Some(text) => amounts(text, arena).map_or(Asked::Named(text), Asked::Amount),
        }
    }

    /// The host of the catalog, where one is named.
    pub fn name(&self) -> Option<&'w str> {
        match self {
            Asked::Named(name) => Some(name),
            Asked::Nothing | Asked::Amount(_) => None,
        }
    }

    /// The machine; one of which nothing is known where nobody says, or where the catalog could not be read.
    ///
    /// # Errors
    /// The catalog has no host of this name.
    pub fn machine(
        &self,
        catalog: Option<&Beside<'s>>,
        arena: &'s Bump,
    ) -> std::result::Result<Machine<'s>, Failure> {
        match (self, catalog.filter(|catalog| catalog.loaded.parsed)) {
            (Asked::Amount(machine), _) => Ok(*machine),
            (Asked::Named(name), Some(catalog)) => of_catalog(name, catalog.catalog(), arena),
            (Asked::Nothing, _) | (Asked::Named(_), None) => Ok(("", Host::default())),
        }
    }
}

/// A machine of so much memory and so many CPUs, `8GiB,4`, or of the memory alone; `None` for what is no amount.
fn amounts<'s>(text: &str, arena: &'s Bump) -> Option<Machine<'s>> {
    let (memory, cpus) = match text.split_once(',') {
        Some((memory, cpus)) => (memory, Some(cpus.trim().parse::<Cpus>().ok()?)),
        None => (text, None),
    };
    let memory = memory.trim().parse::<Memory>().ok()?;
    let host = Host {
        memory: Some(known(memory, arena)),
        cpus: cpus.map(|cpus| known(cpus, arena)),
        ..Host::default()
    };
    Some((arena.alloc_str(text), host))
}

/// A host of the catalog, told of without its places: what is to be changed stands in the Compose files.
fn of_catalog<'s>(
    name: &str,
    catalog: &Catalog<'s>,
    arena: &'s Bump,
) -> std::result::Result<Machine<'s>, Failure> {
    let Some((name, host)) = catalog.hosts.get_key_value(name) else {
        return Err(unknown("host", name, catalog.hosts.keys().copied()));
    };
    let host = &host.value;
    let reserve = host.reserve.map(|kept| {
        &*arena.alloc(Reserve {
            memory: placeless(kept.memory, arena),
            cpus: placeless(kept.cpus, arena),
            ..Reserve::default()
        })
    });
    let overcommit = host.overcommit.map(|over| {
        &*arena.alloc(Overcommit {
            memory: placeless(over.memory, arena),
            cpus: placeless(over.cpus, arena),
            ..Overcommit::default()
        })
    });
    let machine = Host {
        memory: placeless(host.memory, arena),
        cpus: placeless(host.cpus, arena),
        reserve,
        overcommit,
        ..Host::default()
    };
    Ok((*name, machine))
}

fn known<'s, T: Scalar<'s>>(value: T, arena: &'s Bump) -> &'s Val<'s, T> {
    arena.alloc(Val::known(value, Place::NOWHERE))
}

fn placeless<'s, T: Scalar<'s>>(
    written: Option<&'s Val<'s, T>>,
    arena: &'s Bump,
) -> Option<&'s Val<'s, T>> {
    let place = Place::NOWHERE;
    written.map(|written| &*arena.alloc(Val { place, ..*written }))
}

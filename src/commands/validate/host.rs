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
use crate::values::shown::shown;

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
    ///
    /// # Errors
    /// It is meant as an amount, and is none.
    pub fn of(words: &'w Validate, arena: &'s Bump) -> std::result::Result<Self, Failure> {
        let Some(text) = words.host.as_deref() else {
            return Ok(Asked::Nothing);
        };
        match amounts(text, arena) {
            Some(machine) => Ok(Asked::Amount(machine)),
            None if is_meant_as_amount(text) => Err(Failure {
                message: format!("{} is no memory and CPUs of a machine", shown(text)),
                help: Some(
                    "write the memory with its unit, then the CPUs: `--host 8GiB,4`, or the memory alone: `--host 8GiB`".to_owned(),
                ),
            }),
            None => Ok(Asked::Named(text)),
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

/// Whether a text can be no host's name: with a comma, or a number alone.
fn is_meant_as_amount(text: &str) -> bool {
    text.contains(',') || text.parse::<f64>().is_ok()
}

/// A machine of so much memory and so many CPUs, `8GiB,4`, or of the memory alone; `None` for what is no amount, for none
/// at all, and without a unit: nobody means so many bytes.
fn amounts<'s>(text: &str, arena: &'s Bump) -> Option<Machine<'s>> {
    let (memory, cpus) = match text.split_once(',') {
        Some((memory, cpus)) => (memory, Some(cpus.trim().parse::<Cpus>().ok()?)),
        None => (text, None),
    };
    let has_unit = memory
        .trim()
        .ends_with(|letter: char| letter.is_ascii_alphabetic());
    let memory = memory.trim().parse::<Memory>().ok()?;
    if !has_unit || memory == Memory::ZERO || cpus == Some(Cpus::ZERO) {
        return None;
    }
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

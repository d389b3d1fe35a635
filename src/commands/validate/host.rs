//! The host by which limits are judged: an amount that was typed, or one of the catalog's.

use bumpalo::Bump;

use super::super::Failure;
use crate::catalog::entries::Host;
use crate::cli::Validate;
use crate::compose::scalar::{Scalar, Val};
use crate::place::Place;
use crate::values::cpus::Cpus;
use crate::values::memory::Memory;
use crate::values::shown::shown;

/// A host and how it is called.
pub type Machine<'s> = (&'s str, Host<'s>);

/// The host that was asked for; one of which nothing is known where none was.
pub fn asked<'s>(words: &Validate, arena: &'s Bump) -> std::result::Result<Machine<'s>, Failure> {
    let Some(text) = &words.host else {
        return Ok(("", Host::default()));
    };
    match amounts(text, arena) {
        Some(host) => Ok((arena.alloc_str(text), host)),
        None => Err(Failure {
            message: format!("{} is no amount of memory and CPUs", shown(text)),
            help: Some("write, for example, `--host 8GiB,4`".to_owned()),
        }),
    }
}

/// `8GiB,4`, or the memory alone.
fn amounts<'s>(text: &str, arena: &'s Bump) -> Option<Host<'s>> {
    let (memory, cpus) = match text.split_once(',') {
        Some((memory, cpus)) => (memory, Some(cpus.trim().parse::<Cpus>().ok()?)),
        None => (text, None),
    };
    Some(Host {
        memory: Some(known(memory.trim().parse::<Memory>().ok()?, arena)),
        cpus: cpus.map(|cpus| known(cpus, arena)),
        ..Host::default()
    })
}

fn known<'s, T: Scalar<'s>>(value: T, arena: &'s Bump) -> &'s Val<'s, T> {
    arena.alloc(Val::known(value, Place::NOWHERE))
}

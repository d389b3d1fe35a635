//! What of a service is the same in every mode: made in the first that has it, and kept for the others.

use std::cell::Cell;

use super::probe::Probe;
use crate::compose::deploy::Deploy;

/// What is made of a service from words that every mode says alike. Where a word is open, or not every mode says the same,
/// each mode makes its own.
#[derive(Default)]
pub struct Alike<'s> {
    is_alike: bool,
    deploy: Cell<Option<&'s Deploy<'s>>>,
    probe: Cell<Option<Probe<'s>>>,
}

impl<'s> Alike<'s> {
    /// Nothing yet, of a service of which every mode says the same, or not.
    pub fn new(is_alike: bool) -> Self {
        Alike {
            is_alike,
            ..Alike::default()
        }
    }

    /// Its `deploy`.
    pub(super) fn deploy(
        &self,
        is_open: bool,
        make: impl FnOnce() -> Option<&'s Deploy<'s>>,
    ) -> Option<&'s Deploy<'s>> {
        self.kept(&self.deploy, is_open, make)
    }

    /// Its probe.
    pub(super) fn probe(
        &self,
        is_open: bool,
        make: impl FnOnce() -> Option<Probe<'s>>,
    ) -> Option<Probe<'s>> {
        self.kept(&self.probe, is_open, make)
    }

    fn kept<T: Copy>(
        &self,
        kept: &Cell<Option<T>>,
        is_open: bool,
        make: impl FnOnce() -> Option<T>,
    ) -> Option<T> {
        if is_open || !self.is_alike {
            return make();
        }
        let made = kept.get().or_else(make);
        kept.set(made);
        made
    }
}

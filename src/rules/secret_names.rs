//! Which names are those of secrets, and in which texts there is nothing to find: services have many texts from one
//! fragment, and a mode most of its texts from where another mode has them.

use std::cell::{Cell, RefCell};
use std::hash::BuildHasher;

use rustc_hash::{FxBuildHasher, FxHashMap};

use crate::catalog::Catalog;
use crate::compose::keyed::{Entry, EnvValue};
use crate::compose::scalar::Loose;
use crate::plan::{Basis, Plan, PlannedService};
use crate::rules::Context;
use crate::secrets::{BY_NAME, Secret, Sign, in_text, tells, under};
use crate::values::bytes::holds;

/// What was looked at already, in whichever plan.
#[derive(Default)]
pub struct Seen<'s> {
    /// Names repeat from service to service.
    names: RefCell<FxHashMap<&'s str, Named>>,
    /// Where texts of a catalog stand in which there is nothing: the last ones that were looked at, each in the row that
    /// follows from its place. A set of all of them would be larger than the caches, and asking it slower than looking.
    texts: RefCell<Vec<Where>>,
    /// The values of each plan's mode that have been told.
    told: RefCell<Vec<Vec<&'s str>>>,
    /// Whether there is nothing in each service of each plan, as far as they were looked at.
    services: RefCell<Vec<Vec<bool>>>,
}

impl<'s> Seen<'s> {
    /// Remembers the values of the next plan's mode that have been told.
    pub fn tell(&self, told: Vec<&'s str>) {
        self.told.borrow_mut().push(told);
    }

    /// The values that have been told of the plan of a number.
    pub fn told(&self, number: usize) -> Vec<&'s str> {
        let told = self.told.borrow();
        told.get(number).cloned().unwrap_or_default()
    }
}

/// So many texts are remembered.
const ROWS: usize = 512;

/// Where a text stands in memory, with the name before it, and its length.
pub type Where = (*const u8, *const u8, usize);

/// Where the text under a name stands.
pub fn place(name: &str, text: &str) -> Where {
    (name.as_ptr(), text.as_ptr(), text.len())
}

/// The same of an entry; nothing for one without a text.
pub fn place_of(entry: &Entry<EnvValue>) -> Option<Where> {
    let text = entry.slot.get()?.0?;
    Some(place(entry.key, text.text))
}

/// Where the words of a command stand.
pub fn place_of_words(words: &[Loose]) -> Where {
    (std::ptr::null(), words.as_ptr().cast(), words.len())
}

/// What makes a name that of a secret.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Named {
    /// Its declaration says so.
    Declared,
    /// The name itself says so.
    Told,
    /// Nothing.
    No,
}

/// Which names are those of secrets, in one plan.
pub struct Names<'a, 's> {
    catalog: &'a Catalog<'s>,
    basis: Basis,
    seen: &'a Seen<'s>,
    /// The number of the plan.
    plan: usize,
    /// The services of the plan before.
    before: &'a [PlannedService<'s>],
    /// The first of them that does not stand before the service at hand.
    at: usize,
    /// The service of the same name in the plan before, where there is nothing in that.
    twin: Option<&'a PlannedService<'s>>,
    /// Whether nothing was found yet in the service at hand.
    is_clean: Cell<bool>,
}

impl<'a, 's> Names<'a, 's> {
    /// Of a plan; what is asked of a service of it has been asked of that of the plan before.
    pub fn of(context: &'a Context<'_, 's>, plan: &Plan<'s>) -> Self {
        let plans = context.plans.iter();
        let before = plans.take_while(|one| !std::ptr::eq(*one, plan));
        let before: Vec<&Plan> = before.collect();
        let mut services = context.seen.services.borrow_mut();
        let count = context.plans.len().max(before.len() + 1);
        services.resize_with(count, Vec::new);
        services[before.len()] = Vec::with_capacity(plan.services.len());
        Names {
            catalog: context.catalog,
            basis: context.basis,
            seen: &context.seen,
            plan: before.len(),
            before: before.last().map_or(&[], |plan| &plan.services),
            at: 0,
            twin: None,
            is_clean: Cell::new(true),
        }
    }

    /// What follows is asked of this service, which stands behind the one before.
    pub fn enter(&mut self, service: &PlannedService<'s>) {
        let before = self.before;
        let skipped = before[self.at..].iter();
        let skipped = skipped.take_while(|twin| twin.rank < service.rank);
        self.at += skipped.count();
        let twin = before.get(self.at).filter(|twin| twin.rank == service.rank);
        let services = self.seen.services.borrow();
        let is_clean = |_: &&PlannedService| services[self.plan - 1].get(self.at) == Some(&true);
        self.twin = twin.filter(is_clean);
        self.is_clean.set(true);
    }

    /// All was asked of the service.
    pub fn leave(&self) {
        let mut services = self.seen.services.borrow_mut();
        services[self.plan].push(self.is_clean.get());
    }

    /// The service of the same name in the plan before, where there is nothing in that: texts which both have need no
    /// look.
    pub fn twin(&self) -> Option<&'a PlannedService<'s>> {
        self.twin
    }

    fn named(&self, name: &'s str) -> Named {
        let catalog = self.catalog;
        let judge = || {
            if is_declared(catalog, name) {
                Named::Declared
            } else if tells(name) {
                Named::Told
            } else {
                Named::No
            }
        };
        let mut names = self.seen.names.borrow_mut();
        *names.entry(name).or_insert_with(judge)
    }

    /// Whether there is no secret in the text that stands there, as far as that is remembered.
    pub fn is_clean(&self, place: &Where) -> bool {
        self.seen.texts.borrow().get(row(place)) == Some(place)
    }

    /// Remembers of a catalog whether there are secrets in the text that stands there.
    pub fn remember(&self, place: Where, secrets: bool) {
        if secrets {
            self.is_clean.set(false);
        } else if self.basis == Basis::Catalog {
            let mut texts = self.seen.texts.borrow_mut();
            if texts.is_empty() {
                texts.resize(ROWS, place);
            }
            texts[row(&place)] = place;
        }
    }

    /// The secrets of the text under a name: most names tell nothing, and most texts neither.
    pub fn of_text<'t>(&self, name: &'s str, text: &'t str) -> Vec<Secret<'t>> {
        if text.is_empty() || self.is_declared_variable(text) {
            return Vec::new();
        }
        match self.named(name) {
            Named::Declared => under(name, text, &|_| true),
            Named::Told => under(name, text, BY_NAME),
            Named::No => in_text(text),
        }
    }

    /// Whether a text is nothing but a variable of a catalog, as many are: its default stands in its declaration, and
    /// is looked at there.
    pub fn is_declared_variable(&self, text: &str) -> bool {
        self.basis == Basis::Catalog
            && text
                .strip_prefix("${")
                .and_then(|rest| rest.strip_suffix('}'))
                .is_some_and(|name| !holds(name, b'}'))
    }

    /// Whether all of the text under a name is a secret.
    pub fn is_value(&self, name: &'s str, text: &str) -> bool {
        let secrets = self.of_text(name, text);
        secrets.iter().any(|secret| secret.sign == Sign::Own)
    }
}

/// In which row a text is remembered.
fn row(place: &Where) -> usize {
    FxBuildHasher.hash_one(place) as usize % ROWS
}

/// Whether a name is that of a variable which is declared a secret.
pub fn is_declared(catalog: &Catalog, name: &str) -> bool {
    let variable = catalog.variables.get(name);
    variable.is_some_and(|declared| declared.value.is_secret())
}

//! `value-refused`: values that Compose hands on unread, and the engine refuses when it makes or starts the container.
//!
//! | file | what stands there |
//! |---|---|
//! | `words.rs` | words that the engine knows: capabilities, signals, limits of processes, options |
//! | `namespaces.rs` | whose namespaces a container uses |
//! | `logging.rs` | logging drivers and their options |
//! | `network.rs` | addresses, subnets, and what a container without a network of its own cannot have |
//! | `amounts.rs` | memory, CPUs and times that are too small, or do not go together |
//! | `mounts.rs` | where things appear in the container, and the options of that |
//! | `tmpfs.rs` | the options of a folder in memory |
//!
//! The default of a variable counts; what only a variable knows is not judged.

mod amounts;
mod logging;
mod mounts;
mod namespaces;
mod network;
mod tmpfs;
mod words;

use std::borrow::Cow;

use super::Context;
use crate::compose::scalar::Text;
use crate::compose::service::Service;
use crate::finding::{Finding, Findings};
use crate::place::Place;
use crate::plan::{Basis, Plan, PlannedService};
use crate::rule::{Rule, Weight};
use crate::values::interpolation::with_defaults;

/// Checks the services of a plan.
pub fn check<'c, 's>(context: &'c Context<'_, 's>, plan: &'c Plan<'s>) -> super::Ready<'c, 's> {
    let mut log = None;
    Box::new(move |planned: &'c PlannedService<'s>| {
        let look = Look {
            planned,
            service: &planned.service,
            plan,
            add: &|finding: Finding| context.add(finding.mode(plan.mode)),
            findings: context.findings,
        };
        words::check(&look);
        namespaces::check(&look);
        logging::check(&look, &mut log);
        network::check(&look);
        amounts::check(&look);
        mounts::check(&look);
    })
}

/// Checks the networks of every plan.
pub fn networks(context: &Context) {
    for plan in context.plans {
        let add = |finding: Finding| context.add(finding.mode(plan.mode));
        for network in &plan.networks {
            network::subnets(&network.value, &add);
        }
    }
}

/// A service that is looked at.
struct Look<'l, 's> {
    planned: &'l PlannedService<'s>,
    service: &'l Service<'s>,
    plan: &'l Plan<'s>,
    add: &'l dyn Fn(Finding),
    findings: &'l Findings,
}

impl<'s> Look<'_, 's> {
    fn name(&self) -> &'s str {
        self.planned.name
    }

    fn is_of_compose_file(&self) -> bool {
        match self.plan.basis {
            Basis::Compose => true,
            Basis::Catalog => false,
        }
    }

    /// Which of some words was meant.
    fn meant(&self, word: &str, words: &[&'static str]) -> Option<String> {
        let near = self.findings.near(word, words.iter().copied())?;
        Some(format!("did you mean `{near}`?"))
    }

    fn tell(&self, finding: Finding) {
        (self.add)(finding.service(self.name()));
    }

    fn refuse(&self, place: Place, message: String, help: Option<String>) {
        self.tell(Finding::new(Rule::ValueRefused, place, message).maybe_help(help));
    }

    /// Two keys that the engine does not take together.
    fn excludes(&self, (message, help): (String, String), place: Place, second: (Place, &str)) {
        let finding = Finding::new(Rule::KeyConflict, place, message).help(help);
        let finding = finding.second(second.0, second.1);
        self.tell(match self.is_of_compose_file() {
            true => finding.weight(Weight::Broken),
            false => finding,
        });
    }
}

/// A text when no variable is set; nothing where that is not known, or is an empty text.
fn known<'t>(text: &Text<'t>) -> Option<Cow<'t, str>> {
    with_defaults(text.text).filter(|known| !known.is_empty())
}

//! `dependency-cycle`: services that wait for each other in a circle, each circle once.

use super::Context;
use super::needs::Need;
use crate::catalog::recent::Recent;
use crate::finding::Finding;
use crate::place::Place;
use crate::plan::{Basis, Plan, PlannedService};
use crate::rule::Rule;
use crate::values::circles::{Search, arrows};

/// A service that waits, by its number, and where it says so.
type Arrow = (usize, Place);

/// What the services of a plan wait for, noted from one service after the other.
pub struct Waits<'p, 's> {
    plan: &'p Plan<'s>,
    /// The targets, where they are in the plan, of one service behind those of the other.
    arrows: Vec<(Option<usize>, Place)>,
    /// Behind the last arrow of each service.
    ends: Vec<usize>,
    recent: Recent<'s>,
}

impl<'p, 's> Waits<'p, 's> {
    /// None yet, of the services of a plan.
    pub fn of(plan: &'p Plan<'s>) -> Self {
        Waits {
            plan,
            arrows: Vec::new(),
            ends: Vec::with_capacity(plan.services.len()),
            recent: Recent::default(),
        }
    }

    /// Adds what the service at hand waits for; gives its number, where it is in the plan.
    pub fn add(&mut self, name: &str, place: Place) -> Option<usize> {
        let target = self.plan.at(name, &self.recent);
        self.arrows.push((target, place));
        target
    }

    /// Adds what the service needs in passing, where `depends_on` does not say so.
    pub fn add_need(&mut self, service: &PlannedService<'s>, need: &Need<'s>) {
        let depends_on = service.service.depends_on;
        let is_said = depends_on.is_some_and(|list| list.get(need.target.text).is_some());
        if need.at_start && !is_said {
            self.add(need.target.text, need.target.place);
        }
    }

    /// What comes is the next service's.
    pub fn end_service(&mut self) {
        self.ends.push(self.arrows.len());
        self.recent.begin();
    }

    /// Looks for circles.
    pub fn check(&self, context: &Context) {
        match context.basis {
            Basis::Catalog => {}
            // They were told when the files were read.
            Basis::Compose => return,
        }
        let start_of =
            |service: usize| service.checked_sub(1).map_or(0, |before| self.ends[before]);
        let arrow = |from: usize, number: usize| {
            let at = start_of(from) + number;
            (at < self.ends[from]).then(|| self.arrows[at])
        };
        let mut search = Search::new(self.ends.len());
        for start in 0..self.ends.len() {
            search.from(start, arrow, |circle| {
                context.add(finding(self.plan, circle.things()));
            });
        }
    }
}

/// A circle, told from the first of its names, so that every mode tells it in the same words.
fn finding(plan: &Plan, mut circle: Vec<Arrow>) -> Finding {
    // The services of a plan are in the order of their names.
    let first = (0..circle.len()).min_by_key(|at| circle[*at].0);
    circle.rotate_left(first.unwrap_or(0));
    let service = |arrow: &Arrow| -> &PlannedService { &plan.services[arrow.0] };
    let names: Vec<&str> = circle.iter().map(|arrow| service(arrow).name).collect();
    let (first, place) = (names[0], circle[0].1);
    let last = circle.last().filter(|_| circle.len() > 1);
    let message = match last {
        None => format!("`{first}` waits for itself"),
        Some(_) => format!(
            "services wait for each other in a circle: {}",
            arrows(&names)
        ),
    };
    let finding = Finding::new(Rule::DependencyCycle, place, message)
        .help("take one of the arrows out: where the service can start first and try again until the other answers");
    let finding = match last {
        Some(last) => finding.second(
            last.1,
            format!("`{}` waits for `{first}`", service(last).name),
        ),
        None => finding,
    };
    finding.service(first).mode(plan.mode)
}

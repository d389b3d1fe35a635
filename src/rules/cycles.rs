//! `dependency-cycle`: services that wait for each other in a circle, each circle once.

use rustc_hash::FxHashMap;

use super::{Context, needs};
use crate::finding::Finding;
use crate::place::Place;
use crate::plan::{Basis, Plan, PlannedService};
use crate::rule::Rule;
use crate::values::circles::{Search, arrows};

/// A service that waits, by its number, and where it says so.
type Arrow = (usize, Place);

/// What `links` and their like add to `depends_on`, where there is any.
type More<'s> = FxHashMap<usize, Vec<(&'s str, Place)>>;

/// Looks for circles among what the services of a plan wait for.
pub fn check(context: &Context, plan: &Plan) {
    match context.basis {
        Basis::Catalog => {}
        // They were told when the files were read.
        Basis::Compose => return,
    }
    let more = more(plan);
    let mut search = Search::new(plan.services.len());
    for start in 0..plan.services.len() {
        let arrow = |from, number| arrow_of(plan, &more, from, number);
        search.from(start, arrow, |circle| {
            context.add(finding(plan, circle.things()));
        });
    }
}

fn more<'s>(plan: &Plan<'s>) -> More<'s> {
    let mut more = More::default();
    for (number, service) in plan.services.iter().enumerate() {
        needs::each(service, |need| {
            let waits =
                |list: &crate::compose::keyed::Keyed<_>| list.get(need.target.text).is_some();
            if need.at_start && !service.service.depends_on.is_some_and(waits) {
                let arrow = (need.target.text, need.target.place);
                more.entry(number).or_default().push(arrow);
            }
        });
    }
    more
}

/// The target of one of a service's arrows, where it is in the plan, and where the arrow was written; `None` behind the last.
fn arrow_of(
    plan: &Plan,
    more: &More,
    from: usize,
    number: usize,
) -> Option<(Option<usize>, Place)> {
    let written = plan.services[from].service.depends_on;
    let written = written.map_or(&[][..], |list| list.entries);
    let (name, place) = match written.get(number) {
        Some(entry) => (entry.key, entry.place),
        None if more.is_empty() => return None,
        None => *more.get(&from)?.get(number - written.len())?,
    };
    Some((plan.index.get(name).copied(), place))
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

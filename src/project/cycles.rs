//! `dependency-cycle`: services that wait for each other in a circle, each circle once, whatever profile they have.

use rustc_hash::FxHashMap;

use super::check::{Needed, Whole, needs};
use crate::finding::{Finding, Findings};
use crate::place::Place;
use crate::rule::Rule;
use crate::values::circles::{Search, arrows};
use crate::values::shown::shown;

/// Looks for circles among what services wait for.
pub(super) fn check(whole: &Whole, findings: &Findings) {
    let arrows: Vec<Vec<(usize, Place)>> = whole
        .services
        .iter()
        .map(|(_, _, service)| {
            let found = |need: Needed| Some((*whole.index.get(need.name.text)?, need.name.place));
            needs(service).into_iter().filter_map(found).collect()
        })
        .collect();
    let mut search = Search::new(arrows.len());
    let arrow = |from: usize, next: usize| {
        let (target, place): (usize, Place) = *arrows[from].get(next)?;
        Some((Some(target), place))
    };
    for start in 0..arrows.len() {
        if findings.is_full() {
            return;
        }
        search.from(start, arrow, |circle| match findings.is_full() {
            true => findings.add_untold(),
            false => findings.add(finding(whole, circle.things())),
        });
    }
}

/// A circle, told from the service that is written first.
fn finding(whole: &Whole, mut circle: Vec<(usize, Place)>) -> Finding {
    let first = (0..circle.len()).min_by_key(|at| circle[*at].1);
    circle.rotate_left(first.unwrap_or(0));
    let names: Vec<&str> = circle.iter().map(|(at, _)| whole.services[*at].0).collect();
    let place = circle.first().map_or(Place::NOWHERE, |(_, place)| *place);
    let (message, help) = match names.as_slice() {
        [one] => (
            format!("{} waits for itself", shown(one)),
            "leave it out: no service has to wait for itself",
        ),
        _ => (
            format!(
                "services wait for each other in a circle: {}",
                arrows(&names)
            ),
            "take one of the arrows out: where the service can start first and try again until the other answers",
        ),
    };
    let finding = Finding::new(Rule::DependencyCycle, place, message).help(help);
    match (circle.last(), names.as_slice()) {
        (Some((_, last)), [first, .., from]) => {
            finding.second(*last, format!("{} waits for {}", shown(from), shown(first)))
        }
        _ => finding,
    }
    .service(names.first().copied().unwrap_or_default())
}

/// The services of a project by name.
pub(super) fn index<'s, V>(services: &[(&'s str, Place, V)]) -> FxHashMap<&'s str, usize> {
    let numbered = services.iter().enumerate();
    numbered.map(|(at, (name, _, _))| (*name, at)).collect()
}

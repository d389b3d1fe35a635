//! `dependency-cycle`: services that wait for each other in a circle, each circle once, whatever profile they have.

use rustc_hash::FxHashMap;

use super::check::{Needed, Whole, needs};
use crate::finding::{Finding, Findings};
use crate::place::Place;
use crate::rule::Rule;
use crate::values::shown::shown;

/// Above so many names a message shows the first and the last ones.
const SHOWN: usize = 40;

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    New,
    /// On the path, so far along.
    Open(usize),
    Done,
}

/// A service on the path, with the number of its next arrow.
type Step = (usize, usize);

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
    let mut states = vec![State::New; arrows.len()];
    for start in 0..arrows.len() {
        if findings.is_full() {
            return;
        }
        search(start, &arrows, &mut states, &mut |circle| {
            if findings.is_full() {
                return findings.add_untold();
            }
            let taken = |(one, next): &Step| (*one, arrows[*one][next - 1].1);
            findings.add(finding(whole, circle.iter().map(taken).collect()));
        });
    }
}

/// Goes depth first, without recursion: a chain may be as long as a file.
fn search(
    start: usize,
    arrows: &[Vec<(usize, Place)>],
    states: &mut [State],
    told: &mut dyn FnMut(&[Step]),
) {
    let mut path: Vec<Step> = Vec::new();
    if states[start] == State::New {
        states[start] = State::Open(0);
        path.push((start, 0));
    }
    while let Some((from, next)) = path.last_mut() {
        let Some((target, _)) = arrows[*from].get(*next) else {
            states[*from] = State::Done;
            path.pop();
            continue;
        };
        *next += 1;
        match states[*target] {
            State::New => {
                states[*target] = State::Open(path.len());
                path.push((*target, 0));
            }
            State::Open(since) => told(&path[since..]),
            State::Done => {}
        }
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

/// `a` -> `b` -> `a`.
pub(super) fn arrows(names: &[&str]) -> String {
    let quoted = |name: &&str| shown(name);
    let mut list: Vec<String> = match names.len() {
        0..=SHOWN => names.iter().map(quoted).collect(),
        all => {
            let (begin, end) = (&names[..SHOWN / 2], &names[all - SHOWN / 2..]);
            let between = format!("({} more)", all - SHOWN);
            let begin = begin.iter().map(quoted).chain([between]);
            begin.chain(end.iter().map(quoted)).collect()
        }
    };
    list.extend(names.first().map(quoted));
    list.join(" -> ")
}

/// The services of a project by name.
pub(super) fn index<'s, V>(services: &[(&'s str, Place, V)]) -> FxHashMap<&'s str, usize> {
    let numbered = services.iter().enumerate();
    numbered.map(|(at, (name, _, _))| (*name, at)).collect()
}

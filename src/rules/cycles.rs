//! `dependency-cycle`: services that wait for each other in a circle, each circle once.

use rustc_hash::FxHashMap;

use super::{Context, needs};
use crate::finding::Finding;
use crate::place::Place;
use crate::plan::{Plan, PlannedService};
use crate::rule::Rule;

/// Above so many names a message shows the first and the last ones.
const SHOWN: usize = 40;

/// Looks for circles among what the services of a plan wait for.
pub fn check(context: &Context, plan: &Plan) {
    let mut search = Search::new(plan);
    for start in 0..plan.services.len() {
        search.from(start, &mut |circle| {
            context.add(finding(plan, circle));
        });
    }
}

/// A service that waits, by its number, and where it says so.
type Arrow = (usize, Place);

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    New,
    /// On the path, so far along.
    Open(usize),
    Done,
}

/// Goes through all services depth first, without recursion: a chain may be as long as the catalog.
struct Search<'p, 's> {
    plan: &'p Plan<'s>,
    states: Vec<State>,
    /// The services of the path, each with the number of its next arrow and the place of the one that was taken.
    path: Vec<(usize, usize, Place)>,
    /// What `links` and their like add to `depends_on`, where there is any.
    more: FxHashMap<usize, Vec<(&'s str, Place)>>,
}

impl<'p, 's> Search<'p, 's> {
    fn new(plan: &'p Plan<'s>) -> Self {
        let mut more: FxHashMap<usize, Vec<(&'s str, Place)>> = FxHashMap::default();
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
        Search {
            plan,
            states: vec![State::New; plan.services.len()],
            path: Vec::new(),
            more,
        }
    }

    fn from(&mut self, start: usize, told: &mut impl FnMut(&[Arrow])) {
        self.enter(start);
        while let Some((number, next, place)) = self.path.last_mut() {
            let (from, arrow) = (*number, *next);
            *next += 1;
            let Some((target, at)) = arrow_of(self.plan, &self.more, from, arrow) else {
                self.states[from] = State::Done;
                self.path.pop();
                continue;
            };
            *place = at;
            match target.map(|target| (target, self.states[target])) {
                Some((target, State::New)) => self.enter(target),
                Some((_, State::Open(since))) => {
                    let circle = self.path[since..].iter();
                    let circle: Vec<Arrow> = circle.map(|(one, _, place)| (*one, *place)).collect();
                    told(&circle);
                }
                Some((_, State::Done)) | None => {}
            }
        }
    }

    fn enter(&mut self, number: usize) {
        if self.states[number] == State::New {
            self.states[number] = State::Open(self.path.len());
            self.path.push((number, 0, Place::NOWHERE));
        }
    }
}

/// The target of one of a service's arrows, where it is in the plan, and where the arrow was written; `None` behind the last.
fn arrow_of(
    plan: &Plan,
    more: &FxHashMap<usize, Vec<(&str, Place)>>,
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
fn finding(plan: &Plan, circle: &[Arrow]) -> Finding {
    let mut circle = circle.to_vec();
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
            shown(&names)
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

/// `a` -> `b` -> `a`.
fn shown(names: &[&str]) -> String {
    let quoted = |name: &&str| format!("`{name}`");
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_circle_ends_where_it_begins() {
        assert_eq!(shown(&["a", "b", "c"]), "`a` -> `b` -> `c` -> `a`");
    }

    #[test]
    fn a_long_circle_shows_its_ends_and_counts_the_rest() {
        let names: Vec<String> = (0..100).map(|number| format!("s{number}")).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let text = shown(&names);
        assert!(text.contains("`s19` -> (60 more) -> `s80`"), "{text}");
        assert!(text.ends_with("`s99` -> `s0`"), "{text}");
    }
}

//! `limit-conflict`: amounts that are given twice, at a service and under its `deploy`, and differently.

use super::check::Named;
use crate::compose::scalar::{Is, Val};
use crate::finding::{Finding, Findings};
use crate::place::Place;
use crate::rule::Rule;
use crate::values::memory::Memory;
use crate::values::shown::shown;

/// Adds what Compose takes for two limits.
pub(super) fn check(service: &Named, findings: &Findings) {
    Limits { service, findings }.check();
}

struct Limits<'l, 's> {
    service: &'l Named<'s>,
    findings: &'l Findings,
}

impl<'s> Limits<'_, 's> {
    fn add(&self, finding: Finding) {
        self.findings.add(finding.service(self.service.0));
    }

    fn check(&self) {
        let service = self.service.2;
        let deploy = service.deploy;
        let resources = deploy.and_then(|deploy| deploy.resources);
        let limits = resources.and_then(|resources| resources.limits);
        let kept = resources.and_then(|resources| resources.reservations);
        let [limited, reserved] = [limits.map(|map| map.place), kept.map(|map| map.place)];
        self.amounts(
            ("mem_limit", some(service.mem_limit())),
            ("deploy.resources.limits", "memory", limited),
            limits.and_then(|limits| limits.memory),
        );
        self.amounts(
            ("mem_reservation", some(service.mem_reservation())),
            ("deploy.resources.reservations", "memory", reserved),
            kept.and_then(|kept| kept.memory),
        );
        self.amounts(
            ("pids_limit", some(service.pids_limit())),
            ("deploy.resources.limits", "pids", limited),
            limits.and_then(|limits| limits.pids),
        );
        self.amounts(
            ("scale", service.scale()),
            ("deploy", "replicas", None),
            deploy.and_then(|deploy| deploy.replicas),
        );
        let cpus = service
            .cpus()
            .map(|cpus| numbered(cpus, |number| number.0.parse().ok()));
        let others = limits.and_then(|limits| limits.cpus);
        let others = others.map(|cpus| match cpus.is {
            // No CPUs are read as no value, and nobody is told of that. Compose sees the difference.
            Is::Bad if !self.findings.tells_at(cpus.place) => Val {
                is: Is::Known(0.0),
                place: cpus.place,
            },
            Is::Bad | Is::Known(_) | Is::Open(_) => {
                numbered(cpus, |cpus| cpus.to_string().parse().ok())
            }
        });
        self.amounts(
            ("cpus", some(cpus.as_ref())),
            ("deploy.resources.limits", "cpus", limited),
            others.as_ref(),
        );
    }

    /// Two keys for one amount. Compose takes a map that says nothing of it for one that says none.
    fn amounts<T: Copy + PartialEq>(
        &self,
        (key, one): (&str, Option<&Val<'s, T>>),
        (map, other_key, given): (&str, &str, Option<Place>),
        other: Option<&Val<'s, T>>,
    ) {
        let Some((one, amount)) = one.and_then(|one| Some((one, known(one)?))) else {
            return;
        };
        match (other, given) {
            // What is no size at all is told there.
            (Some(other), _)
                if known(other).is_some_and(|other| other != amount)
                    && !self.findings.tells_at(other.place) =>
            {
                self.twice(key, one.place, &format!("{map}.{other_key}"), other.place);
            }
            (None, Some(given)) => {
                self.once(key, one.place, map, other_key, given);
            }
            (Some(_) | None, _) => {}
        }
    }

    fn once(&self, key: &str, place: Place, map: &str, other_key: &str, second: Place) {
        let message = format!(
            "{} has `{key}` beside `{map}`, which does not say `{other_key}`: Compose takes that for two different limits",
            shown(self.service.0)
        );
        let finding = Finding::new(Rule::LimitConflict, place, message)
            .second(second, format!("`{map}` is given here"))
            .help(format!(
                "write it under `{map}`, as `{other_key}`, and leave it out here"
            ));
        self.add(finding);
    }

    fn twice(&self, key: &str, place: Place, other: &str, second: Place) {
        let message = format!(
            "`{key}` of {} is not what `{other}` says, and both are the same limit",
            shown(self.service.0)
        );
        let finding = Finding::new(Rule::LimitConflict, place, message)
            .second(second, "given here, too")
            .help(format!("leave `{key}` out, or write the same amount"));
        self.add(finding);
    }
}

/// An amount that may be none.
trait Zero {
    fn is_zero(&self) -> bool;
}

impl Zero for Memory {
    fn is_zero(&self) -> bool {
        *self == Memory::ZERO
    }
}

impl Zero for i64 {
    fn is_zero(&self) -> bool {
        *self == 0
    }
}

impl Zero for f64 {
    fn is_zero(&self) -> bool {
        *self == 0.0
    }
}

/// A limit that says something: 0 says none to Compose, whatever stands under `deploy`. (Of `scale` it is a number as
/// any other.)
fn some<'v, 's, T: Copy + Zero>(value: Option<&'v Val<'s, T>>) -> Option<&'v Val<'s, T>> {
    value.filter(|value| !known(value).is_some_and(|amount| amount.is_zero()))
}

fn known<T: Copy>(value: &Val<'_, T>) -> Option<T> {
    match value.is {
        Is::Known(value) => Some(value),
        Is::Open(_) | Is::Bad => None,
    }
}

/// The same value as a number, open where it is none.
fn numbered<'s, T: Copy>(value: &Val<'s, T>, number: impl Fn(T) -> Option<f64>) -> Val<'s, f64> {
    let is = known(value).and_then(number).map_or(Is::Bad, Is::Known);
    let place = value.place;
    Val { place, is }
}

//! What a planned service waits for, and what of it is not in the plan.

use super::evaluate::ModeEvaluator;
use super::service::Facts;
use super::{AbsentDependency, Health};
use crate::catalog::ServiceEntry;
use crate::catalog::words::Job;
use crate::compose::deploy::{Condition, Dependency};
use crate::compose::keyed::{Entry, Keyed, Slot};
use crate::compose::scalar::{Text, Val};
use crate::compose::value::{Evaluator, Value};
use crate::finding::Finding;
use crate::place::Place;
use crate::rule::Rule;

pub(super) type Dependencies<'s> = (
    Option<&'s Keyed<'s, Dependency<'s>>>,
    &'s [AbsentDependency<'s>],
);

/// What is waited for, with the conditions that the targets can tell; what is not there; each target once.
pub(super) fn dependencies<'s>(
    written: Option<&'s Keyed<'s, Dependency<'s>>>,
    facts: &Facts<'s>,
    entry: &ServiceEntry<'s>,
    cx: &ModeEvaluator<'_, 's>,
) -> Dependencies<'s> {
    let Some(written) = written else {
        return (None, &[]);
    };
    let arena = cx.arena();
    let most = written.entries.len();
    let mut present = bumpalo::collections::Vec::with_capacity_in(most, arena);
    let mut absent = bumpalo::vec![in arena];
    for (name, place, dependency) in written.iter() {
        let Some((target, theirs)) = cx.member(name) else {
            let optional = dependency.required.and_then(|required| required.get()) == Some(false);
            let why = cx.scope.absence(name, cx.membership);
            if let Some(why) = why.filter(|_| !optional) {
                absent.push(AbsentDependency {
                    target: name,
                    place,
                    why,
                });
            }
            continue;
        };
        // What takes another's place does not wait for itself.
        if target == entry.name && target != name
            || present.iter().any(|other: &&Entry<_>| other.key == target)
        {
            continue;
        }
        if theirs.job == Job::Manual {
            cx.findings().add(by_hand_job(target, place, entry, cx));
        }
        let value = settled(dependency, facts, &theirs, cx);
        let slot = Slot::Is(value);
        let key = target;
        present.push(&*arena.alloc(Entry { key, place, slot }));
    }
    let entries = present.into_bump_slice();
    let keyed = Keyed {
        entries,
        place: written.place,
    };
    let keyed = (!entries.is_empty()).then(|| &*arena.alloc(keyed));
    (keyed, absent.into_bump_slice())
}

fn by_hand_job(target: &str, place: Place, entry: &ServiceEntry, cx: &ModeEvaluator) -> Finding {
    let message = format!(
        "`{}` waits for `{target}`, a job that a person starts",
        entry.name
    );
    Finding::new(Rule::JobDependedOn, place, message)
        .help(format!("leave it out, or write `job: true` at `{target}`"))
        .service(entry.name)
        .mode(cx.scope.mode_name)
}

fn settled<'s>(
    dependency: &Dependency<'s>,
    mine: &Facts<'s>,
    theirs: &Facts<'s>,
    cx: &ModeEvaluator<'_, 's>,
) -> Dependency<'s> {
    let mut result = dependency.resolve(cx);
    if result.condition.is_none() {
        let condition = match (theirs.job, theirs.health) {
            (Job::Awaited | Job::Manual, _) => Condition::Completed,
            (Job::No, Health::Probe | Health::Image) => Condition::Healthy,
            (Job::No, Health::Missing | Health::Off) => Condition::Started,
        };
        result.condition = Some(cx.arena().alloc(Val::known(condition, dependency.place)));
    }
    let covered = |profile: &Text| {
        theirs
            .profiles
            .iter()
            .any(|other| other.text == profile.text)
    };
    let always_together = theirs.profiles.is_empty()
        || !mine.profiles.is_empty() && mine.profiles.iter().all(covered);
    if !always_together {
        result.required = Some(cx.arena().alloc(Val::known(false, Place::NOWHERE)));
    } else if result.required.and_then(|required| required.get()) == Some(true) {
        result.required = None;
    }
    result
}

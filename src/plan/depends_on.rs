//! What a planned service waits for, and what of it is not in the plan.

use super::alike::{Before, Earlier};
use super::evaluate::ModeEvaluator;
use super::service::Facts;
use super::{AbsentDependency, Health};
use crate::catalog::ServiceEntry;
use crate::catalog::words::Job;
use crate::compose::deploy::{Condition, Dependency};
use crate::compose::keyed::{Entry, Keyed, Slot};
use crate::compose::scalar::{Is, Text, Val};
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
    before: &Before<'s>,
    cx: &ModeEvaluator<'_, 's>,
) -> Dependencies<'s> {
    let Some(written) = written else {
        return (None, &[]);
    };
    let arena = cx.arena();
    let most = written.entries.len();
    let before_all = before.depends_on.get();
    let mut made = Earlier::new(before_all.map_or(&[], |before| before.entries));
    let mut present = bumpalo::collections::Vec::with_capacity_in(most, arena);
    let mut absent = bumpalo::vec![in arena];
    for (name, place, dependency) in written.iter() {
        let Some(target) = cx.member(name) else {
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
        let (target, theirs) = (target.name, cx.members.facts(target));
        // What takes another's place does not wait for itself.
        if target == entry.name && target != name
            || present.iter().any(|other: &&Entry<_>| other.key == target)
        {
            continue;
        }
        if theirs.job == Job::Manual {
            cx.findings().add(by_hand_job(target, place, entry, cx));
        }
        let settled = Settled::of(dependency, facts, &theirs);
        let same = match dependency.is_open() {
            true => None,
            false => made.same(target, place, |made| settled.is(made)),
        };
        present.push(same.unwrap_or_else(|| {
            let slot = Slot::Is(settled.value(cx));
            let key = target;
            arena.alloc(Entry { key, place, slot })
        }));
    }
    let entries: &[&Entry<_>] = present.into_bump_slice();
    let is_same = |before: &&Keyed<_>| {
        let mut pairs = before.entries.iter().zip(entries);
        before.entries.len() == entries.len() && pairs.all(|(a, b)| std::ptr::eq(*a, *b))
    };
    let keyed = before_all.filter(is_same).or_else(|| {
        let place = written.place;
        (!entries.is_empty()).then(|| &*arena.alloc(Keyed { entries, place }))
    });
    before.depends_on.set(keyed);
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

/// A dependency with what its target can tell.
struct Settled<'d, 's> {
    written: &'d Dependency<'s>,
    /// The condition, where none is written.
    condition: Option<Val<'s, Condition>>,
    /// Whether the target may be missing because a profile can leave it out; then it is not required.
    may_be_absent: bool,
}

impl<'d, 's> Settled<'d, 's> {
    fn of(written: &'d Dependency<'s>, mine: &Facts<'s>, theirs: &Facts<'s>) -> Self {
        let condition = || match (theirs.job, theirs.health) {
            (Job::Awaited | Job::Manual, _) => Condition::Completed,
            (Job::No, Health::Probe | Health::Image) => Condition::Healthy,
            (Job::No, Health::Missing | Health::Off) => Condition::Started,
        };
        let is_unsaid = written.condition.is_none();
        let covered = |profile: &Text| {
            let mut profiles = theirs.profiles.iter();
            profiles.any(|other| other.text == profile.text)
        };
        let always_together = theirs.profiles.is_empty()
            || !mine.profiles.is_empty() && mine.profiles.iter().all(covered);
        Settled {
            written,
            condition: is_unsaid.then(|| Val::known(condition(), written.place)),
            may_be_absent: !always_together,
        }
    }

    /// Whether a value is what this comes to, where none of its words is open.
    fn is(&self, made: &Dependency<'s>) -> bool {
        let written = self.written;
        let [one, other] =
            [made.beside, written.beside].map(|beside| beside.extensions().is_empty());
        one && other
            && made.condition == self.condition.as_ref().or(written.condition)
            && made.required == self.required(written.required)
            && made.restart == written.restart
            && made.place == written.place
    }

    /// Whether it is required, where it was written so or not.
    fn required(&self, written: Option<&'s Val<'s, bool>>) -> Option<&'s Val<'s, bool>> {
        match self.may_be_absent {
            true => Some(&NOT_REQUIRED),
            false => written.filter(|written| written.get() != Some(true)),
        }
    }

    /// The value, evaluated.
    fn value(self, cx: &ModeEvaluator<'_, 's>) -> Dependency<'s> {
        let mut value = self.written.resolve(cx);
        if let Some(condition) = self.condition {
            value.condition = Some(cx.arena().alloc(condition));
        }
        value.required = self.required(value.required);
        value
    }
}

/// `required: false`, which nobody wrote.
const NOT_REQUIRED: Val<bool> = Val {
    place: Place::NOWHERE,
    is: Is::Known(false),
};

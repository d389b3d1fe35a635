//! The environment of a planned service, and the arguments of its build.

use bumpalo::Bump;

use super::evaluate::ModeEvaluator;
use super::layers::{Environment, Said};
use super::scope::Scope;
use crate::catalog::ServiceEntry;
use crate::compose::keyed::{Entry, EnvValue, Keyed, Slot};
use crate::compose::list::Either;
use crate::compose::scalar::Text;
use crate::compose::value::{Evaluator, collect};
use crate::finding::Finding;
use crate::place::Place;
use crate::rule::Rule;

/// The environment: the mode's class first, and every bare name as its variable is declared.
pub(super) fn environment<'s>(
    entry: &ServiceEntry<'s>,
    said: &Said<'s>,
    cx: &ModeEvaluator<'_, 's>,
) -> Environment<'s> {
    let (own, below) = (said.environment, said.words.service.environment);
    let place = own.or(below).map_or(Place::NOWHERE, |it| it.place);
    let [own, below] = [own, below].map(|it| it.copied().unwrap_or_default());
    let written = below.under(&own, cx.arena());
    let class = cx.class_entry();
    let own = written.iter().filter_map(|item| {
        let item = item.resolved(cx)?;
        if class.is_some_and(|class| class.key == item.key) {
            cx.findings().add(by_hand_finding(item, entry, cx));
            return None;
        }
        Some(with_variable(item, cx))
    });
    let entries = collect(cx.arena(), class.into_iter().chain(own));
    let keyed = Keyed { entries, place };
    (!entries.is_empty()).then(|| &*cx.arena().alloc(keyed))
}

/// The variable that tells each service the mode's class, unless the catalog has none.
pub(super) fn class_entry<'s>(
    scope: &Scope<'_, 's>,
    arena: &'s Bump,
) -> Option<&'s Entry<'s, EnvValue<'s>>> {
    let key = scope.catalog.mode_variable?;
    let class = scope.mode.value.class;
    let text = Text {
        text: scope.class.as_str(),
        place: class.map_or(Place::NOWHERE, |class| class.place),
    };
    Some(arena.alloc(Entry {
        key,
        place: Place::NOWHERE,
        slot: Slot::Is(EnvValue(Some(text))),
    }))
}

fn by_hand_finding(item: &Entry<EnvValue>, entry: &ServiceEntry, cx: &ModeEvaluator) -> Finding {
    let message = format!(
        "`{}` is written by hand: it is the mode's class, and a literal in every service",
        item.key
    );
    Finding::new(Rule::ModeVariableSet, item.place, message)
        .help("leave it out; `mode_variable: none` in catalog.yaml if no service shall have it")
        .service(entry.name)
        .mode(cx.scope.mode_name)
}

/// The entry with its variable as this is declared, where it is a bare name.
fn with_variable<'s>(
    item: &'s Entry<'s, EnvValue<'s>>,
    cx: &ModeEvaluator<'_, 's>,
) -> &'s Entry<'s, EnvValue<'s>> {
    if !is_bare(item) {
        return item;
    }
    let text = cx.bare(item.key, item.place);
    let place = item.place;
    item.with(EnvValue(Some(Text { text, place })), cx.arena())
}

fn is_bare(item: &Entry<EnvValue>) -> bool {
    item.slot.get().is_some_and(|value| value.0.is_none())
}

pub(super) fn with_arguments<'s>(
    build: &'s crate::compose::build::BuildForm<'s>,
    cx: &ModeEvaluator<'_, 's>,
) -> &'s crate::compose::build::BuildForm<'s> {
    let Either::Long(long) = build else {
        return build;
    };
    let Some(args) = long.args else {
        return build;
    };
    if !args.entries.iter().any(|item| is_bare(item)) {
        return build;
    }
    let entries = args.entries.iter().map(|item| with_variable(item, cx));
    let entries = collect(cx.arena(), entries);
    let args = cx.arena().alloc(Keyed { entries, ..*args });
    let mut long = *long;
    long.args = Some(args);
    cx.arena().alloc(Either::Long(long))
}

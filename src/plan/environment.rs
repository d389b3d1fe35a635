//! The environment of a planned service, and the arguments of its build.

use super::evaluate::ModeEvaluator;
use super::layers::{Environment, Said};
use crate::catalog::ServiceEntry;
use crate::compose::keyed::{Entry, EnvValue, Keyed, Slot};
use crate::compose::list::Either;
use crate::compose::scalar::Text;
use crate::compose::value::{Evaluator, Value, collect};
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
    let mode_variable = cx.scope.catalog.mode_variable;
    let class = mode_variable.map(|key| {
        let text = cx.scope.class.as_str();
        let value = EnvValue(Some(Text {
            text,
            place: cx
                .scope
                .mode
                .value
                .class
                .map_or(Place::NOWHERE, |class| class.place),
        }));
        Entry {
            key,
            place: Place::NOWHERE,
            slot: Slot::Is(value),
        }
    });
    let own = written.iter().filter_map(|item| {
        let item = evaluated(item, cx)?;
        if Some(item.key) == mode_variable {
            cx.findings().add(by_hand_finding(&item, entry, cx));
            return None;
        }
        Some(with_variable(&item, cx))
    });
    let entries = collect(cx.arena(), class.into_iter().chain(own));
    let keyed = Keyed { entries, place };
    (!entries.is_empty()).then(|| &*cx.arena().alloc(keyed))
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

/// The entry with its value evaluated; nothing for one that is removed.
fn evaluated<'s>(
    item: &Entry<'s, EnvValue<'s>>,
    cx: &ModeEvaluator<'_, 's>,
) -> Option<Entry<'s, EnvValue<'s>>> {
    let value = item.slot.get()?.resolve(cx);
    Some(Entry {
        slot: Slot::Is(value),
        ..*item
    })
}

fn with_variable<'s>(
    item: &Entry<'s, EnvValue<'s>>,
    cx: &ModeEvaluator<'_, 's>,
) -> Entry<'s, EnvValue<'s>> {
    match item.slot {
        Slot::Is(EnvValue(None)) | Slot::Replaced(EnvValue(None)) => {
            let text = cx.bare(item.key, item.place);
            let value = EnvValue(Some(Text {
                text,
                place: item.place,
            }));
            Entry {
                slot: Slot::Is(value),
                ..*item
            }
        }
        _ => *item,
    }
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
    let bare = |item: &Entry<EnvValue>| item.slot.get().is_some_and(|value| value.0.is_none());
    if !args.entries.iter().any(bare) {
        return build;
    }
    let entries = args.entries.iter().map(|item| with_variable(item, cx));
    let entries = collect(cx.arena(), entries);
    let args = cx.arena().alloc(Keyed { entries, ..*args });
    let mut long = *long;
    long.args = Some(args);
    cx.arena().alloc(Either::Long(long))
}

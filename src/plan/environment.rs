//! The environment of a planned service, and the arguments of its build.

use std::cell::Cell;

use bumpalo::Bump;

use super::alike::{Before, Earlier, are_same_texts};
use super::evaluate::ModeEvaluator;
use super::layers::{Environment, Said};
use super::scope::Scope;
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
    before: &Before<'s>,
    cx: &ModeEvaluator<'_, 's>,
) -> Environment<'s> {
    let (own, below) = (said.environment, said.words.service.environment);
    let place = own.or(below).map_or(Place::NOWHERE, |it| it.place);
    let [own, below] = [own, below].map(|it| it.copied().unwrap_or_default());
    let mut all = cx.entries.all.take();
    let written = below.under(&own, &mut all, cx.arena());
    let class = cx.class_entry();
    let mut made = Earlier::new(before.environment.get());
    let own = written.iter().enumerate().filter_map(|(at, item)| {
        if class.is_some_and(|class| class.key == item.key) {
            // What is wrong with its value is told, too; a bare name is no variable here that somebody could declare.
            item.slot.get()?.resolve(cx);
            cx.findings().add(by_hand_finding(item, entry, cx));
            return None;
        }
        // What lies below many services is evaluated once.
        let is_below = below
            .entries
            .get(at)
            .is_some_and(|it| std::ptr::eq(*it, *item));
        match is_below {
            true => cx
                .entries
                .made_of(item, cx, || evaluated(item, &mut made, cx)),
            false => evaluated(item, &mut made, cx),
        }
    });
    let entries = collect(cx.arena(), class.into_iter().chain(own));
    before.environment.set(entries);
    cx.entries.all.set(all);
    let keyed = Keyed { entries, place };
    (!entries.is_empty()).then(|| &*cx.arena().alloc(keyed))
}

/// An entry with its value evaluated, and its variable as this is declared where it is a bare name.
fn evaluated<'s>(
    item: &'s Entry<'s, EnvValue<'s>>,
    made: &mut Earlier<'s, EnvValue<'s>>,
    cx: &ModeEvaluator<'_, 's>,
) -> Option<&'s Entry<'s, EnvValue<'s>>> {
    let value = item.slot.get()?;
    let value = match &item.slot {
        Slot::Is(value) if !value.is_open() && value.0.is_some() => return Some(item),
        _ => with_variable(item, value.resolve(cx), cx),
    };
    let same = made.same(item.key, item.place, |made| are_same_texts(made, &value));
    Some(same.unwrap_or_else(|| item.with(value, cx.arena())))
}

/// Entries of a mode that are evaluated already, of those that come to the same for every service.
pub(super) struct Evaluated<'s> {
    rows: Vec<Cell<Option<Row<'s>>>>,
    /// Where all entries of a service are put together.
    all: Cell<Vec<&'s Entry<'s, EnvValue<'s>>>>,
}

/// An entry as it was written, and what it came to.
type Row<'s> = [&'s Entry<'s, EnvValue<'s>>; 2];

/// So many entries are remembered, each at a place of its own: those of fragments and the like are few.
const ROWS: usize = 256;

impl<'s> Evaluated<'s> {
    /// None yet.
    pub fn new() -> Self {
        Evaluated {
            rows: vec![Cell::new(None); ROWS],
            all: Cell::default(),
        }
    }

    /// What an entry comes to; `make` evaluates it where that is not known.
    fn made_of(
        &self,
        item: &'s Entry<'s, EnvValue<'s>>,
        cx: &ModeEvaluator<'_, 's>,
        make: impl FnOnce() -> Option<&'s Entry<'s, EnvValue<'s>>>,
    ) -> Option<&'s Entry<'s, EnvValue<'s>>> {
        let number = std::ptr::from_ref(item).addr() / align_of_val(item);
        let row = &self.rows[number % ROWS];
        match row.get() {
            Some([known, made]) if std::ptr::eq(known, item) => return Some(made),
            _ => {}
        }
        let found = cx.findings().count();
        let (made, is_of_service) = cx.watched(make);
        // What was found is told of every service.
        if let Some(made) = made
            && !is_of_service
            && cx.findings().count() == found
        {
            row.set(Some([item, made]));
        }
        made
    }
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

/// The value of an entry with its variable as this is declared, where it is a bare name.
fn with_variable<'s>(
    item: &Entry<'s, EnvValue<'s>>,
    value: EnvValue<'s>,
    cx: &ModeEvaluator<'_, 's>,
) -> EnvValue<'s> {
    match value.0 {
        Some(_) => value,
        None => EnvValue(Some(Text {
            text: cx.bare(item.key, item.place),
            place: item.place,
        })),
    }
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
    let entries = args.entries.iter().map(|item| {
        let value = item.slot.get().filter(|value| value.0.is_none());
        value.map_or(*item, |value| {
            item.with(with_variable(item, *value, cx), cx.arena())
        })
    });
    let entries = collect(cx.arena(), entries);
    let args = cx.arena().alloc(Keyed { entries, ..*args });
    let mut long = *long;
    long.args = Some(args);
    cx.arena().alloc(Either::Long(long))
}

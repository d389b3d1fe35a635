//! What a planned service may use and what is kept for it: from the words `memory` and `cpus` to `deploy`.

use super::evaluate::ModeEvaluator;
use super::{At, Limit, Limits, PlannedService};
use crate::catalog::words::{Reservation, Words};
use crate::compose::deploy::{Deploy, Limits as ComposeLimits, Reservations, Resources};
use crate::compose::scalar::{Is, Scalar, Val};
use crate::compose::service::Service;
use crate::compose::value::{Evaluator, Value};
use crate::finding::Finding;
use crate::rule::Rule;
use crate::values::memory::Memory;
use crate::values::percent::Percent;

fn amount<'s, T: Scalar<'s>>(
    value: Option<&Val<'s, T>>,
    cx: &ModeEvaluator<'_, 's>,
) -> (Option<At<T>>, bool) {
    match value.map(|value| value.resolve(cx)) {
        None => (None, false),
        Some(value) => match PlannedService::known(&value) {
            Some(at) => (Some(at), false),
            None => (
                value.with_defaults(cx.arena()).map(|known| At {
                    value: known,
                    place: value.place,
                }),
                true,
            ),
        },
    }
}

fn limit<'s, T: Scalar<'s>>(
    limit: Option<&Val<'s, T>>,
    reservation: Option<&Val<'s, Reservation<T>>>,
    share: impl Fn(T, Percent) -> T,
    cx: &ModeEvaluator<'_, 's>,
) -> Limit<T> {
    let (limit, open) = amount(limit, cx);
    let is_reserved = reservation.is_some();
    let (reservation, unknown) = amount(reservation, cx);
    let share_of_limit = reservation.and_then(|written| match written.value {
        Reservation::Exactly(_) => None,
        Reservation::Share(percent) => Some(percent),
    });
    let reservation = reservation.and_then(|written| {
        let value = match written.value {
            Reservation::Exactly(value) => value,
            Reservation::Share(percent) => share(limit?.value, percent),
        };
        Some(At {
            value,
            place: written.place,
        })
    });
    Limit {
        limit,
        unknown: open,
        reservation_unknown: unknown || (is_reserved && reservation.is_none()),
        reservation,
        share: share_of_limit,
    }
}

/// The least memory with which the engine creates a container (dockerd: "Minimum memory limit allowed is 6MB").
pub const LEAST_MEMORY: Memory = Memory::from_mib(6);

/// A limit below what the engine takes; `0` is no limit at all, which is another rule's.
fn refuse_too_little(limit: Option<At<Memory>>, cx: &ModeEvaluator) {
    let Some(limit) = limit.filter(|it| it.value > Memory::ZERO && it.value < LEAST_MEMORY) else {
        return;
    };
    let message = format!(
        "a limit of {} is too little: the engine takes {LEAST_MEMORY} or more",
        limit.value.human()
    );
    let finding = Finding::new(Rule::BadSize, limit.place, message);
    let help = "a number without a unit is bytes; write, for example, `memory: 512M`";
    let finding = finding.service(cx.service_name());
    cx.findings().add(match limit.value < Memory::from_mib(1) {
        true => finding.help(help),
        false => finding,
    });
}

pub(super) fn limits<'s>(words: &Words<'s>, cx: &ModeEvaluator<'_, 's>) -> Limits {
    let memory = words.own.memory.copied().unwrap_or_default().0;
    let cpus = words.own.cpus.copied().unwrap_or_default().0;
    let limits = Limits {
        memory: limit(
            memory.limit,
            memory.reservation,
            |all, share| all.percent(share),
            cx,
        ),
        cpus: limit(
            cpus.limit,
            cpus.reservation,
            |all, share| all.percent(share),
            cx,
        ),
    };
    refuse_too_little(limits.memory.limit, cx);
    limits
}

fn kept<'s, T: Scalar<'s>>(
    at: Option<At<T>>,
    cx: &ModeEvaluator<'_, 's>,
) -> Option<&'s Val<'s, T>> {
    at.map(|at| &*cx.arena().alloc(Val::known(at.value, at.place)))
}

/// The limit for Compose: as it was written, with the variable where one stands there, since its default only serves
/// the rules.
fn most<'s, T: Scalar<'s>>(
    written: Option<&'s Val<'s, T>>,
    at: Option<At<T>>,
    cx: &ModeEvaluator<'_, 's>,
) -> Option<&'s Val<'s, T>> {
    let open = written.filter(|written| written.is_open());
    let variable = open
        .map(|written| written.resolve(cx))
        .filter(Value::is_open);
    match variable {
        Some(variable) => Some(cx.arena().alloc(variable)),
        None if open.is_some() => kept(at, cx),
        None => written.filter(|written| written.get().is_some()),
    }
}

/// The reservation for Compose, a variable as it stands, like the limit's.
fn least<'s, T: Scalar<'s>>(
    written: Option<&Val<'s, Reservation<T>>>,
    at: Option<At<T>>,
    cx: &ModeEvaluator<'_, 's>,
) -> Option<&'s Val<'s, T>> {
    let resolved = written
        .filter(|written| written.is_open())
        .map(|written| written.resolve(cx));
    match resolved {
        Some(Val {
            is: Is::Open(text),
            place,
        }) => Some(cx.arena().alloc(Val {
            is: Is::Open(text),
            place,
        })),
        _ => kept(at, cx),
    }
}

/// Whether anything of what `deploy` is made from is open: each mode has one of its own then.
pub(super) fn deploy_is_open(words: &Words) -> bool {
    let (own, service) = (&words.own, &words.service);
    own.memory.is_some_and(Value::is_open)
        || own.cpus.is_some_and(Value::is_open)
        || service.deploy.is_some_and(Value::is_open)
        || service.pids_limit().is_some_and(Value::is_open)
}

/// `deploy` with our limits in it.
pub(super) fn deploy<'s>(
    service: &Service<'s>,
    words: &Words<'s>,
    limits: &Limits,
    cx: &ModeEvaluator<'_, 's>,
) -> Option<&'s Deploy<'s>> {
    let arena = cx.arena();
    let mut deploy = service.deploy.copied().unwrap_or_default();
    let mut resources = deploy.resources.copied().unwrap_or_default();
    let memory = words.own.memory.copied().unwrap_or_default().0;
    let cpus = words.own.cpus.copied().unwrap_or_default().0;
    let written = resources.limits.copied().unwrap_or_default();
    let limited = ComposeLimits {
        memory: most(memory.limit, limits.memory.limit, cx),
        cpus: most(cpus.limit, limits.cpus.limit, cx),
        // Beside other limits Compose refuses a `pids_limit` that is not repeated here.
        pids: written.pids.or(service.pids_limit()),
        ..written
    };
    let reserved = Reservations {
        memory: least(memory.reservation, limits.memory.reservation, cx),
        cpus: least(cpus.reservation, limits.cpus.reservation, cx),
        ..resources.reservations.copied().unwrap_or_default()
    };
    resources = Resources {
        limits: (!limited.is_empty()).then(|| &*arena.alloc(limited)),
        reservations: (!reserved.is_empty()).then(|| &*arena.alloc(reserved)),
        ..resources
    };
    deploy.resources = (!resources.is_empty()).then(|| &*arena.alloc(resources));
    (!deploy.is_empty()).then(|| &*arena.alloc(deploy))
}

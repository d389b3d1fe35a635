//! Amounts that the engine refuses: too small, or at odds with each other.

use super::{Look, known};
use crate::compose::scalar::{Is, Swap, Val};
use crate::plan::At;
use crate::values::duration::Duration;
use crate::values::interpolation::with_defaults;
use crate::values::memory::Memory;
use crate::values::shown::shown;

/// With less memory the engine makes no container.
const LEAST_MEMORY: Memory = Memory::from_mib(6);

/// The kernel divides time into periods of 100 ms, and gives out a millisecond of one or nothing.
const LEAST_CPUS: f64 = 0.01;

/// A shorter time between two probes the engine does not take.
const SHORTEST: u64 = 1000;

pub(super) fn check(look: &Look) {
    memory(look);
    swap(look);
    cpus(look);
    probe(look);
    if let Some(swappiness) = look.service.mem_swappiness
        && swappiness.get().is_some_and(|it| !(-1..=100).contains(&it))
    {
        let message = "`mem_swappiness` is a number from 0 to 100".to_owned();
        look.refuse(swappiness.place, message, None);
    }
    if let Some(text) = look.service.working_dir
        && let Some(folder) = known(text).filter(|folder| is_relative(folder))
    {
        let message = format!(
            "{} is not an absolute path in the container",
            shown(&folder)
        );
        look.refuse(
            text.place,
            message,
            Some(format!("write `/{}`", folder.trim_start_matches("./"))),
        );
    }
}

fn is_relative(path: &str) -> bool {
    let is_windows = path.contains('\\') || path.as_bytes().get(1) == Some(&b':');
    !path.starts_with('/') && !is_windows
}

/// In a catalog that is told where the limit stands.
fn memory(look: &Look) {
    if !look.is_of_compose_file() {
        return;
    }
    let memory = look.planned.limits.memory;
    for (amount, what) in [(memory.limit, "may use"), (memory.reservation, "reserves")] {
        let small = |at: &At<Memory>| !at.value.is_zero() && at.value < LEAST_MEMORY;
        let Some(amount) = amount.filter(small) else {
            continue;
        };
        let message = format!(
            "{} {what} {} of memory, and the engine takes no less than {}",
            shown(look.name()),
            amount.value.human(),
            LEAST_MEMORY.human()
        );
        let help = match amount.value.bytes() {
            bytes @ 6..1024 => Some(format!("was `{bytes}M` meant?")),
            _ => None,
        };
        return look.refuse(amount.place, message, help);
    }
}

/// Memory and swap are counted together there.
fn swap(look: &Look) {
    let Some(written) = look.service.memswap_limit else {
        return;
    };
    let is_known = !look.planned.limits.memory.unknown;
    let Some(Swap::AtMost(swap)) = written.get().filter(|_| is_known) else {
        return;
    };
    let limit = look
        .planned
        .limits
        .memory
        .limit
        .filter(|at| !at.value.is_zero());
    match limit {
        _ if swap.is_zero() => {}
        Some(limit) if swap < limit.value => look.refuse(
            written.place,
            format!(
                "`memswap_limit` is memory and swap together, and {} is less than the memory limit of {}",
                swap.human(),
                limit.value.human()
            ),
            Some("write the memory limit again for no swap, or more for some".to_owned()),
        ),
        Some(_) => {}
        None => look.refuse(
            written.place,
            "`memswap_limit` stands without a memory limit".to_owned(),
            Some("write a memory limit too: `mem_limit`".to_owned()),
        ),
    }
}

fn cpus(look: &Look) {
    let service = look.service;
    let resources = service.deploy.and_then(|deploy| deploy.resources);
    let limits = resources.and_then(|resources| resources.limits);
    let own = service
        .cpus
        .and_then(|cpus| Some((cpus.place, cpus.get()?.0.parse::<f64>().ok()?)));
    let deployed = limits.and_then(|limits| limits.cpus);
    let deployed =
        deployed.and_then(|cpus| Some((cpus.place, f64::from(cpus.get()?.thousandths()) / 1000.0)));
    let Some((place, amount)) = own.or(deployed).filter(|(_, amount)| *amount > 0.0) else {
        return;
    };
    if amount < LEAST_CPUS {
        let message = format!(
            "{} may use {amount} CPUs, and the engine gives no less than {LEAST_CPUS}",
            shown(look.name())
        );
        look.refuse(place, message, None);
    }
    let quotas = [
        ("cpu_quota", service.cpu_quota),
        ("cpu_period", service.cpu_period),
    ];
    for (key, written) in quotas.iter().filter(|_| look.is_of_compose_file()) {
        let Some(text) = written.map(|written| written.0) else {
            continue;
        };
        if known(&text).is_some_and(|amount| amount != "0") {
            let message = format!(
                "{} has `{key}` beside a limit of CPUs, and the engine takes one of them",
                shown(look.name())
            );
            let help = format!("leave `{key}` out: it says the same in another way");
            look.excludes((message, help), text.place, (place, "the limit"));
        }
    }
}

fn probe(look: &Look) {
    let Some(health) = look.service.healthcheck.filter(|health| !health.is_off()) else {
        return;
    };
    let times = [
        ("interval", health.interval),
        ("timeout", health.timeout),
        ("start_period", health.start_period),
        ("start_interval", health.start_interval),
    ];
    for (key, written) in times {
        let Some((place, time)) = written.and_then(|written| Some((written.place, time(written)?)))
        else {
            continue;
        };
        if !time.is_zero() && time.micros() < SHORTEST {
            let message =
                format!("the healthcheck's `{key}` is {time}, and the engine takes none below 1ms");
            look.refuse(place, message, None);
        }
    }
}

fn time(written: &Val<Duration>) -> Option<Duration> {
    match written.is {
        Is::Known(time) => Some(time),
        Is::Open(text) => with_defaults(text)?.parse().ok(),
        Is::Bad => None,
    }
}

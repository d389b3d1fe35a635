//! Amounts that the engine refuses: too small, or at odds with each other.

use super::{Look, known};
use crate::compose::scalar::{Is, Loose, Number, Swap, Val};
use crate::place::Place;
use crate::plan::At;
use crate::plan::limits::LEAST_MEMORY;
use crate::values::duration::Duration;
use crate::values::interpolation::with_defaults;
use crate::values::memory::Memory;
use crate::values::shown::shown;

/// The kernel divides time into periods of 100 ms, and gives out a millisecond of one or nothing.
const LEAST_CPUS: f64 = 0.01;

/// A shorter time between two probes the engine does not take.
const SHORTEST: u64 = 1000;

pub(super) fn check(look: &Look) {
    memory(look);
    swap(look);
    cpus(look);
    probe(look);
    swappiness(look);
    working_dir(look);
}

fn swappiness(look: &Look) {
    if let Some(swappiness) = look.service.mem_swappiness()
        && swappiness.get().is_some_and(|it| !(-1..=100).contains(&it))
    {
        let message = "`mem_swappiness` is a number from 0 to 100".to_owned();
        look.refuse(swappiness.place, message, None);
    }
}

fn working_dir(look: &Look) {
    if let Some(text) = look.service.working_dir()
        && let Some(folder) = known(text).filter(|folder| is_relative(folder))
    {
        let folder_shown = shown(&folder);
        let message = format!("{folder_shown} is not an absolute path in the container");
        let help = format!("write `/{}`", folder.trim_start_matches("./"));
        look.refuse(text.place, message, Some(help));
    }
}

fn is_relative(path: &str) -> bool {
    let is_windows = path.contains('\\') || path.as_bytes().get(1) == Some(&b':');
    !path.starts_with('/') && !is_windows
}

/// In a catalog that is told where the limit stands. Of a limit and a reservation that are both too small one is told.
fn memory(look: &Look) {
    if !look.is_of_compose_file() {
        return;
    }
    let memory = look.planned.limits.memory;
    let amounts = [(memory.limit, "may use"), (memory.reservation, "reserves")];
    let is_small = |at: &At<Memory>| !at.value.is_zero() && at.value < LEAST_MEMORY;
    let small = |(amount, what): (Option<At<Memory>>, _)| Some((amount.filter(is_small)?, what));
    if let Some((amount, what)) = amounts.into_iter().find_map(small) {
        too_small(look, amount, what);
    }
}

fn too_small(look: &Look, amount: At<Memory>, what: &str) {
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
    look.refuse(amount.place, message, help);
}

/// Memory and swap are counted together there.
fn swap(look: &Look) {
    let Some(written) = look.service.memswap_limit() else {
        return;
    };
    let memory = look.planned.limits.memory;
    let Some(Swap::AtMost(swap)) = written.get().filter(|_| !memory.unknown) else {
        return;
    };
    let limit = memory.limit.map(|at| at.value);
    let limit = limit.filter(|limit| !limit.is_zero());
    if let Some((message, help)) = at_odds(swap, limit) {
        look.refuse(written.place, message, Some(help.to_owned()));
    }
}

/// What is wrong with memory and swap together beside a limit of memory.
fn at_odds(swap: Memory, limit: Option<Memory>) -> Option<(String, &'static str)> {
    match limit {
        _ if swap.is_zero() => None,
        Some(limit) if swap < limit => Some(below_memory(swap, limit)),
        Some(_) => None,
        None => Some((
            "`memswap_limit` stands without a memory limit".to_owned(),
            "write a memory limit too: `mem_limit`",
        )),
    }
}

fn below_memory(swap: Memory, limit: Memory) -> (String, &'static str) {
    let (swap, limit) = (swap.human(), limit.human());
    let message = format!(
        "`memswap_limit` is memory and swap together, and {swap} is less than the memory limit of {limit}"
    );
    (
        message,
        "write the memory limit again for no swap, or more for some",
    )
}

/// CPUs and where they are given.
type Given = (Place, f64);

fn cpus(look: &Look) {
    let Some((place, amount)) = given(look).filter(|(_, amount)| *amount > 0.0) else {
        return;
    };
    if amount < LEAST_CPUS {
        let message = format!(
            "{} may use {amount} CPUs, and the engine gives no less than {LEAST_CPUS}",
            shown(look.name())
        );
        look.refuse(place, message, None);
    }
    if look.is_of_compose_file() {
        quota(look, "cpu_quota", look.service.cpu_quota(), place);
        quota(look, "cpu_period", look.service.cpu_period(), place);
    }
}

/// The CPUs that a service may use, in either place.
fn given(look: &Look) -> Option<Given> {
    let service = look.service;
    let own = |cpus: &Val<_>| number(cpus).map(|number| (cpus.place, number));
    let resources = service.deploy.and_then(|deploy| deploy.resources);
    let limits = resources.and_then(|resources| resources.limits);
    let deployed = || {
        let cpus = limits.and_then(|limits| limits.cpus)?;
        Some((cpus.place, f64::from(cpus.get()?.thousandths()) / 1000.0))
    };
    service.cpus().and_then(own).or_else(deployed)
}

fn number(cpus: &Val<Number>) -> Option<f64> {
    cpus.get()?.0.parse().ok()
}

/// An older way to limit CPUs beside another limit.
fn quota(look: &Look, key: &str, written: Option<&Loose>, limit: Place) {
    let Some(text) = written.map(|written| written.0) else {
        return;
    };
    if known(&text).is_some_and(|amount| amount != "0") {
        let name = shown(look.name());
        let message =
            format!("{name} has `{key}` beside a limit of CPUs, and the engine takes one of them");
        let help = format!("leave `{key}` out: it says the same in another way");
        look.excludes((message, help), text.place, (limit, "the limit"));
    }
}

fn probe(look: &Look) {
    let Some(health) = look.service.healthcheck.filter(|health| !health.is_off()) else {
        return;
    };
    short_time(look, "interval", health.interval);
    short_time(look, "timeout", health.timeout);
    short_time(look, "start_period", health.start_period);
    short_time(look, "start_interval", health.start_interval);
}

fn short_time(look: &Look, key: &str, written: Option<&Val<Duration>>) {
    let Some((place, time)) = written.and_then(|written| Some((written.place, time(written)?)))
    else {
        return;
    };
    if !time.is_zero() && time.micros() < SHORTEST {
        let message =
            format!("the healthcheck's `{key}` is {time}, and the engine takes none below 1ms");
        look.refuse(place, message, None);
    }
}

fn time(written: &Val<Duration>) -> Option<Duration> {
    match written.is {
        Is::Known(time) => Some(time),
        Is::Open(text) => with_defaults(text)?.parse().ok(),
        Is::Bad => None,
    }
}

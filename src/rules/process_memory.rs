//! `process-memory-over-limit`: what a service says of its own memory, against what its container may use. Memory of
//! `/dev/shm` and of a tmpfs counts to the container that writes it.

use crate::compose::list::Either;
use crate::compose::mounts::Mount;
use crate::compose::scalar::{Is, Text, Val};
use crate::finding::Finding;
use crate::place::Place;
use crate::plan::{At, Plan, PlannedService};
use crate::rule::Rule;
use crate::rules::{Context, Ready};
use crate::values::bytes::holds;
use crate::values::heap::{heaps, kernel_size};
use crate::values::interpolation::with_defaults;
use crate::values::memory::Memory;
use crate::values::shown::shown;

/// Checks every service with a limit.
pub fn check<'c, 's>(context: &'c Context<'_, 's>, plan: &'c Plan<'s>) -> Ready<'c, 's> {
    Box::new(|service: &'c PlannedService<'s>| {
        let limit = service.limits.memory.limit;
        if let Some(limit) = limit.filter(|limit| limit.value > Memory::ZERO) {
            judge(service, limit, &mut |finding| {
                context.add(finding.service(service.name).mode(plan.mode));
            });
        }
    })
}

/// More memory than its limit that a service says it may take.
struct Claim {
    /// What it does with it, without the amount: "gives its heap".
    does: String,
    /// Where it says so, for behind the amount: "in `JAVA_OPTS`".
    by: String,
    amount: Memory,
    place: Place,
}

fn judge(planned: &PlannedService, limit: At<Memory>, tell: &mut dyn FnMut(Finding)) {
    let mut claim = |claim: Claim| tell(finding(planned, limit, &claim));
    let most = limit.value;
    let service = &planned.service;
    service
        .shm_size()
        .filter(|_| has_own_shm(service.ipc()))
        .and_then(|size| shared(size, most))
        .into_iter()
        .for_each(&mut claim);
    for text in service.tmpfs().map_or(&[][..], |tmpfs| tmpfs.items) {
        tmpfs(text, most).into_iter().for_each(&mut claim);
    }
    for mount in service.volumes.map_or(&[][..], |volumes| volumes.items) {
        mounted(mount, most).into_iter().for_each(&mut claim);
    }
    for (name, _, value) in service.environment.into_iter().flat_map(|map| map.iter()) {
        if let Some(text) = value.0 {
            in_environment(name, text, most)
                .into_iter()
                .for_each(&mut claim);
        }
    }
    for (key, command) in [
        ("entrypoint", service.entrypoint),
        ("command", service.command),
    ] {
        for word in command.into_iter().flat_map(|command| command.words()) {
            options(key, word, most).into_iter().for_each(&mut claim);
        }
    }
}

fn finding(planned: &PlannedService, limit: At<Memory>, claim: &Claim) -> Finding {
    let (mut asked, mut most) = (claim.amount.human(), limit.value.human());
    // Two amounts that differ by less than what is shown of them.
    if asked == most {
        asked = format!("{} bytes", claim.amount.bytes());
        most = format!("{} bytes", limit.value.bytes());
    }
    let message = format!(
        "`{}` {} {asked} {}, more than its memory limit of {most}",
        planned.name, claim.does, claim.by
    );
    Finding::new(Rule::ProcessMemoryOverLimit, claim.place, message)
        .second(limit.place, "the limit")
        .help("lower it, or raise the limit: above it the kernel ends the process")
}

/// Whether the container has a `/dev/shm` of its own, rather than the host's, another container's or none.
fn has_own_shm(ipc: Option<&Text>) -> bool {
    ipc.is_none_or(|ipc| {
        let mode = with_defaults(ipc.text);
        mode.is_some_and(|mode| matches!(mode.as_ref(), "" | "private" | "shareable"))
    })
}

/// An amount above the limit; most are below, and nothing is said of those.
fn above(limit: Memory, amount: Memory) -> Option<Memory> {
    (amount > limit).then_some(amount)
}

fn shared(size: &Val<Memory>, limit: Memory) -> Option<Claim> {
    let amount = above(limit, known(size)?)?;
    Some(Claim {
        does: "may fill `/dev/shm` with".to_owned(),
        by: "by its `shm_size`".to_owned(),
        amount,
        place: size.place,
    })
}

fn known(size: &Val<Memory>) -> Option<Memory> {
    match size.is {
        Is::Known(amount) => Some(amount),
        Is::Open(text) => with_defaults(text)?.parse().ok(),
        Is::Bad => None,
    }
}

/// `/cache:size=64m,mode=1777`
fn tmpfs(text: &Text, limit: Memory) -> Option<Claim> {
    let known = with_defaults(text.text)?;
    let (folder, options) = known.split_once(':')?;
    let mut sizes = options
        .split(',')
        .filter_map(|option| option.strip_prefix("size="));
    let amount = above(limit, kernel_size(sizes.next_back()?)?)?;
    Some(filling(folder, amount, text.place))
}

fn mounted(mount: &Mount, limit: Memory) -> Option<Claim> {
    let Either::Long(long) = mount else {
        return None;
    };
    let size = long
        .tmpfs
        .filter(|_| long.kind.is_some_and(|kind| kind.text == "tmpfs"))?
        .size?;
    let folder = long.target.map_or("", |target| target.text);
    let amount = above(limit, known(size)?)?;
    Some(filling(folder, amount, size.place))
}

fn filling(folder: &str, amount: Memory, place: Place) -> Claim {
    Claim {
        does: format!("may fill {} with", shown(folder)),
        by: "of memory by its tmpfs".to_owned(),
        amount,
        place,
    }
}

/// Variables that hold the options of a program are called so. All others are passed over: what stands there may be
/// anything.
fn in_environment(name: &str, text: Text, limit: Memory) -> Option<Claim> {
    if name == "MAX_MEMORY_MB" {
        let mebibytes: u64 = with_defaults(text.text)?.trim().parse().ok()?;
        return Some(Claim {
            does: "lets its work take".to_owned(),
            by: "by `MAX_MEMORY_MB`".to_owned(),
            amount: above(limit, Memory::from_mib(mebibytes))?,
            place: text.place,
        });
    }
    // Few texts hold such an option at all, so they are asked before the name is.
    if !may_hold_heap(text.text) || !is_of_options(name) {
        return None;
    }
    options(name, text, limit)
}

fn is_of_options(name: &str) -> bool {
    let has_end = |end: &&str| name.ends_with(*end);
    let has_word = |word: &&str| name.contains(*word);
    let ends = ["OPTS", "OPTIONS", "ARGS", "FLAGS", "ARGUMENTS"];
    let words = ["JAVA", "JVM", "JDK", "HEAP", "NODE"];
    ends.iter().any(has_end) || words.iter().any(has_word)
}

/// Whether a text holds what an option for a heap begins with: `-X` or `--max`.
fn may_hold_heap(text: &str) -> bool {
    if !holds(text, b'-') {
        return false;
    }
    let mut rest = text.as_bytes();
    while let Some(at) = rest.iter().position(|byte| *byte == b'-') {
        rest = &rest[at + 1..];
        if rest.starts_with(b"X") || rest.starts_with(b"-max") {
            return true;
        }
    }
    false
}

/// The heap that the options in a text give: of each program the last one counts.
fn options(name: &str, text: Text, limit: Memory) -> Option<Claim> {
    if !may_hold_heap(text.text) {
        return None;
    }
    let known = with_defaults(text.text)?;
    let heap = heaps(&known).max_by_key(|heap| heap.amount)?;
    let amount = above(limit, heap.amount)?;
    let place = match known == text.text {
        true => text.place.part(known.len(), heap.start, heap.end),
        false => text.place,
    };
    Some(Claim {
        does: "gives its heap".to_owned(),
        by: format!("in {}", shown(name)),
        amount,
        place,
    })
}

//! What keeps production safe, wall by wall, with the names of this stack in it.

use super::markdown::{code, codes};
use super::{Guide, is_production, push};
use crate::catalog::entries::is_fenced;
use crate::outputs::banner;
use crate::plan::PlannedService;
use crate::plan::guard::PROGRAM;
use crate::values::decimal::push_number;

/// Writes a wall, or nothing where the stack does not have it.
type Wall = fn(&mut String, &Guide);

const WALLS: [Wall; 8] = [
    fence,
    class,
    projects,
    guard,
    |out, _| {
        out.push_str(
            "**No value of one mode in the other.** An address, a database or a bucket of production in test, or the other \
             way round, stops the build (`mode-leak`).",
        );
    },
    |out, _| {
        out.push_str(
            "**Secrets are names.** No secret stands in the catalog or in a generated file; a literal stops the build. The \
             values are in the modes' own env files; keep `.env.*` out of git.",
        );
    },
    limits,
    |out, guide| {
        push(
            out,
            &[
                "**Nothing by hand.** The files carry a digest. `composegen check",
                &guide.again,
                "` tells an edited file from a stale one, in a hook or in CI.",
            ],
        );
    },
];

/// The walls, as a list.
pub fn text(out: &mut String, guide: &Guide) {
    let mut number = 0;
    for wall in WALLS {
        let start = out.len();
        out.push_str(if number > 0 { "\n" } else { "" });
        push_number(out, number + 1);
        out.push_str(". ");
        let end = out.len();
        wall(out, guide);
        match out.len() > end {
            true => number += 1,
            false => out.truncate(start),
        }
    }
}

fn fence(out: &mut String, guide: &Guide) {
    let fenced = names(guide, |service| is_fenced(service.role));
    let names = match fenced.is_empty() {
        true => String::new(),
        false => [": ", &codes(fenced)].concat(),
    };
    push(
        out,
        &[
            "**They are not in the file.** Services of the roles `datagen` and `test` are in no file of class production",
            &names,
            ". No word of the catalog, no waiver and no flag lifts that.",
        ],
    );
}

/// The names of the services of which something is true in any mode.
fn names<'s>(guide: &Guide<'_, 's>, is_wanted: fn(&PlannedService) -> bool) -> Vec<&'s str> {
    let services = guide.plans.iter().flat_map(|plan| plan.services.iter());
    let wanted = services.filter(|service| is_wanted(service));
    let mut names: Vec<&str> = wanted.map(|service| service.name).collect();
    names.sort_unstable();
    names.dedup();
    names
}

fn class(out: &mut String, guide: &Guide) {
    if let Some(variable) = guide.first.contract.mode_variable {
        push(
            out,
            &[
                "**Every container knows its mode.** `",
                variable,
                "` is a literal in every service, `test` or `production`, which no shell and no env file can change.",
            ],
        );
    }
}

fn projects(out: &mut String, guide: &Guide) {
    let production = guide.plans.iter().find(|plan| is_production(plan));
    let project = production.map_or("another".to_owned(), |plan| code(plan.project));
    let mut names = Vec::new();
    for plan in guide.plans {
        names.extend(banner::shared_volumes(plan));
        names.extend(banner::shared_networks(plan));
    }
    names.sort_unstable();
    names.dedup();
    push(
        out,
        &[
            "**Projects apart.** Each mode is a Compose project of its own, so that `down -v` in another mode cannot touch what \
             belongs to ",
            &project,
            ".",
        ],
    );
    if !names.is_empty() {
        push(
            out,
            &[
                " What they share on purpose (",
                &codes(names),
                ") is external: no `down -v` removes it.",
            ],
        );
    }
}

/// True only where every service says both; a catalog may do without.
fn limits(out: &mut String, guide: &Guide) {
    if guide.modes.iter().all(|mode| mode.sums.complete) {
        out.push_str(
            "**Limits.** Every container has a memory and a CPU limit, and those of a mode sum to no more than its host's \
             budget: no test takes the memory of the house.",
        );
    }
}

fn guard(out: &mut String, guide: &Guide) {
    let names = names(guide, |service| {
        let entrypoint = service.service.entrypoint;
        let first = entrypoint.and_then(|command| command.words().next());
        first.is_some_and(|word| word.text == PROGRAM)
    });
    out.push_str(
        "**The process guard.** In images that contain it, `composegen-guard` stands before the command and lets it run \
         only where the mode allows it. It stands only in those images.",
    );
    match names.is_empty() {
        true => out.push_str(" In this catalog no service asks for it (`guard: true`)."),
        false => push(out, &[" Here: ", &codes(names), "."]),
    }
}

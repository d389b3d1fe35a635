//! What keeps production safe, wall by wall, with the names of this stack in it.

use super::markdown::{code, codes};
use super::tables::is_production;
use crate::catalog::entries::is_fenced;
use crate::outputs::{Setting, banner};
use crate::plan::Plan;
use crate::plan::guard::PROGRAM;
use crate::plan::totals::totals;

/// The walls, as a list.
pub fn text(plans: &[&Plan], setting: &Setting) -> String {
    let walls = [
        Some(fence(plans)),
        class(plans),
        Some(projects(plans)),
        guard(plans),
        Some(
            "**No value of one mode in the other.** An address, a database or a bucket of production in test, or the other \
             way round, stops the build (`mode-leak`)."
                .to_owned(),
        ),
        Some(
            "**Secrets are names.** No secret stands in the catalog or in a generated file; a literal stops the build. The \
             values are in the modes' own env files; keep `.env.*` out of git."
                .to_owned(),
        ),
        limits(plans),
        Some(format!(
            "**Nothing by hand.** The files carry a digest. `composegen check{}` tells an edited file from a stale one, in \
             a hook or in CI.",
            plans.first().map_or(String::new(), |plan| setting.again(plan.host))
        )),
    ];
    let list = walls.into_iter().flatten().enumerate();
    list.map(|(at, wall)| format!("{}. {wall}", at + 1))
        .collect::<Vec<_>>()
        .join("\n")
}

fn fence(plans: &[&Plan]) -> String {
    let mut fenced: Vec<&str> = plans
        .iter()
        .flat_map(|plan| plan.services.iter())
        .filter(|service| is_fenced(service.role))
        .map(|service| service.name)
        .collect();
    fenced.sort_unstable();
    fenced.dedup();
    let names = match fenced.is_empty() {
        true => String::new(),
        false => format!(": {}", codes(fenced)),
    };
    format!(
        "**They are not in the file.** Services of the roles `datagen` and `test` are in no file of class production{names}. \
         No word of the catalog, no waiver and no flag lifts that."
    )
}

fn class(plans: &[&Plan]) -> Option<String> {
    let variable = plans.first()?.contract.mode_variable?;
    Some(format!(
        "**Every container knows its mode.** `{variable}` is a literal in every service, `test` or `production`, which no \
         shell and no env file can change."
    ))
}

fn projects<'s>(plans: &[&Plan<'s>]) -> String {
    let production = plans.iter().find(|plan| is_production(plan));
    let project = production.map_or("another".to_owned(), |plan| code(plan.project));
    let shared = |plan: &&Plan<'s>| {
        let mut names = banner::shared_volumes(plan);
        names.extend(banner::shared_networks(plan));
        names
    };
    let mut names: Vec<&str> = plans.iter().flat_map(shared).collect();
    names.sort_unstable();
    names.dedup();
    let shared = match names.is_empty() {
        true => String::new(),
        false => format!(
            " What they share on purpose ({}) is external: no `down -v` removes it.",
            codes(names)
        ),
    };
    format!(
        "**Projects apart.** Each mode is a Compose project of its own, so that `down -v` in another mode cannot touch what \
         belongs to {project}.{shared}"
    )
}

/// True only where every service says both; a catalog may do without.
fn limits(plans: &[&Plan]) -> Option<String> {
    let all = plans.iter().all(|plan| totals(plan).complete);
    all.then(|| {
        "**Limits.** Every container has a memory and a CPU limit, and those of a mode sum to no more than its host's \
         budget: no test takes the memory of the house."
            .to_owned()
    })
}

fn guard(plans: &[&Plan]) -> Option<String> {
    let guarded = |service: &&crate::plan::PlannedService| {
        let entrypoint = service.service.entrypoint;
        let first = entrypoint.and_then(|command| command.words().next());
        first.is_some_and(|word| word.text == PROGRAM)
    };
    let mut names: Vec<&str> = plans
        .iter()
        .flat_map(|plan| plan.services.iter().filter(guarded))
        .map(|service| service.name)
        .collect();
    names.sort_unstable();
    names.dedup();
    let text = "**The process guard.** In images that contain it, `composegen-guard` stands before the command and lets it run \
                only where the mode allows it. It stands only in those images.";
    Some(match names.is_empty() {
        true => format!("{text} In this catalog no service asks for it (`guard: true`)."),
        false => format!("{text} Here: {}.", codes(names)),
    })
}

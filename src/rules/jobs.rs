//! Jobs: what runs once and ends is not started again, and somebody waits for its end.

use rustc_hash::FxHashMap;

use super::{Context, awaited_jobs};
use crate::catalog::ServiceEntry;
use crate::catalog::entries::is_fenced;
use crate::catalog::words::Job;
use crate::compose::deploy::Condition;
use crate::compose::scalar::{Is, Val};
use crate::finding::Finding;
use crate::plan::{Basis, Plan, PlannedService};
use crate::rule::Rule;
use crate::values::restart::Restart;

/// Checks the jobs.
pub fn check(context: &Context) {
    for service in context.catalog.services.values() {
        let job = service.words.own.job.and_then(|job| job.get());
        if matches!(job, Some(Job::Awaited | Job::Manual)) {
            own_restarts(context, service);
        } else {
            first_start_without_job(context, service);
        }
    }
    for plan in context.plans {
        match plan.basis {
            Basis::Catalog => {
                policies(context, plan);
                not_awaited(context, plan);
            }
            Basis::Compose => awaited_jobs::check(context, plan),
        }
    }
}

/// A `restart` among a job's own words; what the layers below say does not reach a job.
fn own_restarts(context: &Context, service: &ServiceEntry) {
    let overrides = service.words.own.overrides;
    let overrides = overrides.into_iter().flat_map(|overrides| overrides.iter());
    let changes = overrides.map(|(_, _, change)| change.0.service.restart);
    let own = std::iter::once(service.words.service.restart);
    for restart in own.chain(changes).flatten() {
        if let Some(written) = restarting(restart) {
            let message = format!(
                "`{}` is a job, and `restart: {written}` would start it again each time it has ended",
                service.name
            );
            let finding = Finding::new(Rule::JobRestarts, restart.place, message)
                .help("take `restart` out: a job is written `restart: \"no\"`; or take `job` out, if it shall run on");
            context.add(finding.service(service.name));
        }
    }
}

/// What runs on has nothing that a person could run once: `docker compose run` would not come back.
fn first_start_without_job(context: &Context, service: &ServiceEntry) {
    let Some(first_start) = service.words.own.first_start else {
        return;
    };
    let message = format!("`{}` has `first_start` and no `job`", service.name);
    let finding = Finding::new(Rule::MissingField, first_start.place, message).help(
        "write `job: true` beside it if it runs once; a service that runs on is started by `up -d` alone",
    );
    context.add(finding.service(service.name));
}

/// The policy as written, unless it never restarts or could not be read.
fn restarting(restart: &Val<Restart>) -> Option<String> {
    match restart.is {
        Is::Known(Restart::No) | Is::Bad => None,
        Is::Known(policy) => Some(policy.to_string()),
        Is::Open(text) => Some(text.to_owned()),
    }
}

/// Compose takes `deploy.restart_policy` before `restart`, so it must not reach a job from any layer.
/// See `getRestartPolicy` in `pkg/compose/create.go` of github.com/docker/compose.
fn policies(context: &Context, plan: &Plan) {
    for service in plan.services.iter().filter(|one| one.job != Job::No) {
        let Some(policy) = service
            .service
            .deploy
            .and_then(|deploy| deploy.restart_policy)
        else {
            continue;
        };
        let condition = policy.condition.map_or("any", |condition| condition.text);
        if matches!(condition, "none" | "no") {
            continue;
        }
        let place = policy
            .condition
            .map_or(policy.place, |condition| condition.place);
        let message = format!(
            "`{}` is a job, and its `deploy.restart_policy` would start it again each time it has ended",
            service.name
        );
        let finding = Finding::new(Rule::JobRestarts, place, message).help(
            "take it out, or write `deploy: { restart_policy: { condition: none } }` at the job",
        );
        context.add(finding.service(service.name).mode(plan.mode));
    }
}

fn not_awaited<'s>(context: &Context, plan: &Plan<'s>) {
    let awaited = |one: &&PlannedService<'s>| one.job == Job::Awaited && !is_fenced(one.role);
    let jobs = plan.services.iter().filter(awaited);
    let mut lonely: FxHashMap<&str, &PlannedService> = jobs.map(|job| (job.name, job)).collect();
    if lonely.is_empty() {
        return;
    }
    // What a person starts is not there when the mode starts, so its waiting helps nobody.
    for service in plan.services.iter().filter(|one| one.job != Job::Manual) {
        let depends_on = service.service.depends_on;
        for (name, _, dependency) in depends_on.into_iter().flat_map(|list| list.iter()) {
            let condition = dependency.condition.map(|condition| condition.is);
            if matches!(
                condition,
                Some(Is::Known(Condition::Completed) | Is::Open(_))
            ) {
                lonely.remove(name);
            }
        }
    }
    for job in lonely.into_values() {
        context.add(not_awaited_finding(job).mode(plan.mode));
    }
}

fn not_awaited_finding(job: &PlannedService) -> Finding {
    let word = job.entry.words.own.job;
    let place = word.map_or(job.entry.place, |word| word.place);
    let message = format!(
        "`{}` is a job that no service of the mode waits for: `docker compose up --wait` fails once it has ended",
        job.name
    );
    Finding::new(Rule::JobNotAwaited, place, message)
        .help(format!(
            "write `depends_on: [{}]` at the service that needs its work, or `job: manual` if a person starts it",
            job.name
        ))
        .service(job.name)
}

//! Jobs: what runs once and ends is not started again, and somebody waits for its end.

use rustc_hash::FxHashSet;

use super::{Context, Look, Ready, awaited_jobs};
use crate::catalog::entries::is_fenced;
use crate::catalog::words::Job;
use crate::catalog::{Few, ServiceEntry};
use crate::compose::deploy::{Condition, Dependency};
use crate::compose::scalar::{Is, Val};
use crate::finding::Finding;
use crate::place::Place;
use crate::plan::{Basis, Plan, PlannedService};
use crate::rule::Rule;
use crate::values::restart::Restart;

/// Checks what is said of jobs, and those of Compose files.
pub fn check(context: &Context) {
    for service in context.catalog.services_that_say(Few::JOB) {
        let job = service.words.own.job.and_then(|job| job.get());
        if matches!(job, Some(Job::Awaited | Job::Manual)) {
            own_restarts(context, service);
        } else {
            first_start_without_job(context, service);
        }
    }
    let of_others = |plan: &&Plan| plan.basis == Basis::Compose;
    for plan in context.plans.iter().filter(of_others) {
        awaited_jobs::check(context, plan);
    }
}

/// Checks the jobs of a catalog's plan, and at the end whether something waits for each.
pub fn of_service<'c, 's>(context: &'c Context<'_, 's>, plan: &'c Plan<'s>) -> Ready<'c, 's> {
    match plan.basis {
        Basis::Catalog => Box::new(Jobs {
            context,
            plan,
            jobs: Vec::new(),
            awaited: FxHashSet::default(),
        }),
        Basis::Compose => Box::new(|_: &PlannedService| {}),
    }
}

struct Jobs<'c, 'x, 's> {
    context: &'c Context<'x, 's>,
    plan: &'c Plan<'s>,
    /// Those that a service has to wait for.
    jobs: Vec<&'c PlannedService<'s>>,
    /// For what the services wait until it has run.
    awaited: FxHashSet<&'s str>,
}

impl<'c, 's> Look<'c, 's> for Jobs<'c, '_, 's> {
    fn service(&mut self, service: &'c PlannedService<'s>) {
        if service.job != Job::No {
            policy(self.context, self.plan, service);
        }
        if service.job == Job::Awaited && !is_fenced(service.role) {
            self.jobs.push(service);
        }
        // What a person starts is not there when the mode starts, so its waiting helps nobody.
        if service.job != Job::Manual {
            let depends_on = service.service.depends_on.into_iter();
            let until_run = depends_on.flat_map(|list| list.iter()).filter(is_until_run);
            self.awaited.extend(until_run.map(|(name, ..)| name));
        }
    }

    fn end(&mut self) {
        let jobs = self.jobs.iter();
        for job in jobs.filter(|job| !self.awaited.contains(job.name)) {
            let finding = not_awaited_finding(job);
            self.context.add(finding.mode(self.plan.mode));
        }
    }
}

/// Whether a dependency is waited for until it has run, or a variable says for what.
fn is_until_run((_, _, dependency): &(&str, Place, &Dependency)) -> bool {
    let condition = dependency.condition.map(|condition| condition.is);
    matches!(
        condition,
        Some(Is::Known(Condition::Completed) | Is::Open(_))
    )
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
    let Some(first_start) = service.words.own.first_start() else {
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
        Is::Open(text) => Some((*text).to_owned()),
    }
}

/// Compose takes `deploy.restart_policy` before `restart`, so it must not reach a job from any layer.
/// See `getRestartPolicy` in `pkg/compose/create.go` of github.com/docker/compose.
fn policy(context: &Context, plan: &Plan, service: &PlannedService) {
    let deploy = service.service.deploy;
    let Some(policy) = deploy.and_then(|deploy| deploy.restart_policy()) else {
        return;
    };
    let condition = policy.condition.map_or("any", |condition| condition.text);
    if matches!(condition, "none" | "no") {
        return;
    }
    let place = policy
        .condition
        .map_or(policy.place, |condition| condition.place);
    let message = format!(
        "`{}` is a job, and its `deploy.restart_policy` would start it again each time it has ended",
        service.name
    );
    let finding = Finding::new(Rule::JobRestarts, place, message)
        .help("take it out, or write `deploy: { restart_policy: { condition: none } }` at the job");
    context.add(finding.service(service.name).mode(plan.mode));
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

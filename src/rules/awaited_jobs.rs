//! `job-restarts`, `job-not-awaited` in Compose files, where a job is known by one thing alone: another service waits
//! for its end.

use rustc_hash::FxHashMap;

use super::Context;
use crate::catalog::words::Job;
use crate::compose::deploy::Condition;
use crate::finding::Finding;
use crate::place::Place;
use crate::plan::{Plan, PlannedService};
use crate::rule::Rule;
use crate::values::restart::Restart;

/// A service that waits for the end of another, and where it says so.
type Waiting<'p, 's> = (&'p PlannedService<'s>, Place);

/// Checks the jobs of a plan.
pub fn check(context: &Context, plan: &Plan) {
    let waiting = waiting(plan);
    for job in plan.services.iter().filter(|one| one.job != Job::No) {
        let waiting = waiting.get(job.name).map_or(&[][..], Vec::as_slice);
        let Some((first, place)) = waiting.first() else {
            continue;
        };
        let found = [restarts(job, first, *place), lonely(job, waiting)];
        for finding in found.into_iter().flatten() {
            context.add(finding.service(job.name).mode(plan.mode));
        }
    }
}

/// The services that wait for the end of each job.
fn waiting<'p, 's>(plan: &'p Plan<'s>) -> FxHashMap<&'s str, Vec<Waiting<'p, 's>>> {
    let mut all: FxHashMap<&str, Vec<Waiting>> = FxHashMap::default();
    for service in &plan.services {
        let waits = service.service.depends_on.into_iter();
        for (name, place, dependency) in waits.flat_map(|waits| waits.iter()) {
            let Some(condition) = dependency.condition else {
                continue;
            };
            if condition.get() == Some(Condition::Completed) {
                let place = match condition.place.is_somewhere() {
                    true => condition.place,
                    false => place,
                };
                all.entry(name).or_default().push((service, place));
            }
        }
    }
    all
}

/// A policy that starts the job again although it has done its work; one that does so after an error alone is fine.
fn restarts(job: &PlannedService, waiting: &PlannedService, place: Place) -> Option<Finding> {
    let (written, policy) = policy(job)?;
    let message = format!(
        "`{}` waits for the end of `{}`, and `{written}` starts that again each time it has ended",
        waiting.name, job.name
    );
    let finding = Finding::new(Rule::JobRestarts, policy, message)
        .second(place, "its end is waited for here")
        .help(
        "write `on-failure`, or leave it out; wait with `service_started` where it shall run on",
    );
    Some(finding)
}

/// What starts a service again whenever it ends, as it is written, and where. Compose takes `deploy.restart_policy`
/// before `restart`.
fn policy(job: &PlannedService) -> Option<(String, Place)> {
    let deploy = job
        .service
        .deploy
        .and_then(|deploy| deploy.restart_policy());
    if let Some(policy) = deploy {
        let condition = policy.condition?;
        let again = matches!(condition.text, "any" | "always" | "unless-stopped");
        return again.then(|| (format!("condition: {}", condition.text), condition.place));
    }
    let restart = job.service.restart?;
    match restart.get()? {
        Restart::No | Restart::OnFailure(_) => None,
        again @ (Restart::Always | Restart::UnlessStopped) => {
            Some((format!("restart: {again}"), restart.place))
        }
    }
}

/// A job that starts without any of those that wait for it: without a profile, or with one of its own.
fn lonely(job: &PlannedService, waiting: &[Waiting]) -> Option<Finding> {
    let (first, place) = waiting.first()?;
    let is_awaited = |profile: Option<&str>| {
        waiting.iter().any(|(service, _)| {
            let own = service.profiles();
            own.is_empty() || own.iter().any(|own| Some(own.text) == profile)
        })
    };
    let when = match job.profiles() {
        [] if is_awaited(None) => return None,
        [] => "without a profile".to_owned(),
        own => {
            let alone = own.iter().find(|own| !is_awaited(Some(own.text)))?;
            format!("with the profile `{}`", alone.text)
        }
    };
    let message = format!(
        "`{}` runs once, and {when} nothing waits for its end: `docker compose up --wait` fails once it has ended",
        job.name
    );
    let label = format!("`{}` waits, with other profiles", first.name);
    let finding = Finding::new(Rule::JobNotAwaited, job.entry.place, message)
        .second(*place, label)
        .help("give it the profiles of what waits for it");
    Some(finding)
}

//! What Compose makes of the files, what is there already, and whether anything is in the way.

use std::collections::BTreeMap;

use super::asked::Order;
use super::session::{Session, unchanged};
use super::survey::Survey;
use super::{Halt, Report};
use crate::commands::{Exit, Failure, Run};
use crate::deploy::changes::{Change, changes, renewed};
use crate::deploy::facts::Container;
use crate::deploy::model::Model;
use crate::deploy::preflight;
use crate::deploy::release::{Wanted, wanted};
use crate::deploy::supply::Image;
use crate::docker::Docker;
use crate::docker::compose::Project;
use crate::plan::Plan;
use crate::values::prose::plural;
use crate::values::shown::shown;

/// What was made ready before anything is touched.
pub struct Ready {
    pub model: Model,
    pub text: String,
    pub wanted: Vec<Wanted>,
    pub to_build: Vec<String>,
    pub to_pull: Vec<String>,
    pub containers: Vec<Container>,
    pub changes: BTreeMap<String, Change>,
}

/// What Compose makes of the files, and whether anything is in the way.
pub fn prepare(
    run: &Run,
    order: &Order,
    session: &mut Session,
    report: &mut Report,
) -> std::result::Result<Ready, Halt> {
    let plan = order.plan();
    let (text, model, all) = look(&session.docker, &order.project())?;
    let values = from_env_files(plan, &model);
    let values = values.into_iter().map(|(_, _, value)| value);
    session.docker.hidden.add(values);
    let mut wanted = wanted(plan, &model);
    let survey = Survey {
        session,
        plan,
        plans: order.plans(),
        model: &model,
        containers: &all,
        switch: order.switch,
        rebuild: order.words.rebuild,
    };
    let own = all.iter().filter(|it| it.project == plan.project);
    let own: Vec<Container> = own.cloned().collect();
    let (facts, hashes) = both(
        || survey.facts(run, &mut wanted),
        // Without a container there is nothing to compare them with.
        || match own.is_empty() {
            true => Ok(BTreeMap::new()),
            false => session.docker.hashes(&order.project(), &text),
        },
    );
    let (facts, hashes) = (facts?, hashes?);
    refuse(&preflight::judge(&facts), session, report)?;
    let ports = model.services.values().map(|it| it.bindings().len()).sum();
    session.step("preflight", &preflight::summary(&facts, ports));
    warn_elsewhere(&survey);
    let to_build = to_get(&facts, &Image::Builds);
    let to_pull = to_get(&facts, &Image::Pulls);
    let got: Vec<&str> = to_build
        .iter()
        .chain(&to_pull)
        .map(String::as_str)
        .collect();
    Ok(Ready {
        changes: renewed(changes(&wanted, &hashes, &own), &wanted, &got),
        to_build,
        to_pull,
        containers: own,
        wanted,
        model,
        text,
    })
}

/// What Compose makes of the files, and every container that is there.
fn look(
    docker: &Docker,
    project: &Project,
) -> std::result::Result<(String, Model, Vec<Container>), Failure> {
    let (resolved, all) = both(|| resolve(docker, project), || docker.containers(None));
    let (text, model) = resolved?;
    Ok((text, model, all?))
}

/// Two calls at the same time.
fn both<A, B: Send>(one: impl FnOnce() -> A, other: impl FnOnce() -> B + Send) -> (A, B) {
    std::thread::scope(|scope| {
        let other = scope.spawn(other);
        let one = one();
        match other.join() {
            Ok(other) => (one, other),
            Err(panic) => std::panic::resume_unwind(panic),
        }
    })
}

/// The services whose images come from there.
fn to_get(facts: &preflight::Facts, from: &Image) -> Vec<String> {
    let found = facts.images.iter().filter(|(_, _, image)| image == from);
    found.map(|(service, _, _)| service.clone()).collect()
}

/// Ends here where anything is in the way.
fn refuse(
    problems: &[preflight::Problem],
    session: &Session,
    report: &mut Report,
) -> std::result::Result<(), Halt> {
    if problems.is_empty() {
        return Ok(());
    }
    let count = plural(problems.len(), "thing");
    session.step("preflight", &format!("{count} in the way"));
    for problem in problems {
        session
            .terminal
            .failure(&problem.message, problem.help.as_deref());
    }
    session.terminal.talk("nothing was changed\n");
    report.outcome = "refused";
    report.reasons = problems.iter().map(|it| it.message.clone()).collect();
    Err(Halt::Exit(Exit::Findings))
}

/// Says what could not be looked at, where the engine is on another machine.
fn warn_elsewhere(survey: &Survey) {
    let session = survey.session;
    let Some(address) = &session.engine.elsewhere else {
        return;
    };
    let text = format!(
        "the engine is elsewhere, at {address}: who holds its ports, its disk and its folders cannot be seen from here"
    );
    session.step("preflight", &text);
    for (service, path) in survey.mounted_elsewhere() {
        let line = format!(
            "    {} of that machine must be there: {service} mounts it\n",
            shown(&path)
        );
        session.terminal.talk(&line);
    }
}

pub fn resolve(
    docker: &Docker,
    project: &Project,
) -> std::result::Result<(String, Model), Failure> {
    let text = docker
        .resolve(project)
        .map_err(|trouble| unchanged(trouble.into()))?;
    let model = Model::read(&text).map_err(|message| Failure {
        message,
        help: None,
    })?;
    Ok((text, model))
}

/// Variables of services that no catalog names: they come from files that `env_file` names, and may be secrets.
pub fn from_env_files(plan: &Plan, model: &Model) -> Vec<(String, String, String)> {
    let mut found = Vec::new();
    for (name, service) in &model.services {
        let planned = plan
            .index
            .get(name.as_str())
            .and_then(|at| plan.services[*at].service.environment);
        let environment = service.environment();
        let names = environment
            .names()
            .filter(|it| planned.is_none_or(|planned| planned.get(it).is_none()));
        found.extend(names.filter_map(|it| {
            Some((
                name.clone(),
                it.to_owned(),
                environment.reveal(it)?.to_owned(),
            ))
        }));
    }
    found
}

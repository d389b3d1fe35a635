//! `composegen deploy`: everything is looked at before anything is touched; what does not come up is undone.
//!
//! | file | what stands there |
//! |---|---|
//! | `mod.rs` | the steps in their order |
//! | `asked.rs` | the steps before an engine is needed: the plan, its files, its env files |
//! | `survey.rs` | the facts for the preflight |
//! | `ready.rs` | setup and snapshot |
//! | `session.rs` | a project on an engine, its lock, its journal |
//! | `lift.rs` | starting, waiting, looking |
//! | `back.rs` | going back |
//! | `live.rs` | `diff --live` |
//! | `progress.rs` | how far it is, on the screen |
//! | `carry.rs` | carrying it out: up, verify, record, or back |
//! | `exchange.rs` | the other mode, while a switch goes on |

mod asked;
mod back;
mod carry;
mod exchange;
mod lift;
pub mod live;
mod progress;
mod ready;
mod session;
mod survey;

use std::io::{IsTerminal, stdin};

use serde::Serialize;

use super::{Exit, Failure, Result, Run, terminal::Terminal};
use crate::cli::{Deploy, Format};
use crate::deploy::changes::{Change, backup, changes, data_at_risk, lines, summary};
use crate::deploy::facts::Container;
use crate::deploy::journal::{Journal, Recovery};
use crate::deploy::model::Model;
use crate::deploy::preflight;
use crate::deploy::release::{Release, Wanted, wanted};
use crate::docker::compose::Project;
use crate::plan::Plan;
use crate::values::prose::plural;
use crate::values::shown::shown;
use asked::Order;
pub use back::Ends;
use carry::carry_out;
pub use exchange::bring_back;
pub use lift::Fall;
pub use session::{Patience, Session, begun, now, unchanged};
use survey::Survey;

/// What the first line of a switch begins with.
const SWITCH: &str = "switch to";

/// Why a step is the last one.
pub enum Halt {
    /// It is said already.
    Exit(Exit),
    /// The work could not be done.
    Failure(Failure),
}

impl<T: Into<Failure>> From<T> for Halt {
    fn from(failure: T) -> Self {
        Halt::Failure(failure.into())
    }
}

/// How it ended, for programs.
#[derive(Debug, Default, Serialize)]
pub struct Report {
    mode: String,
    project: String,
    host: String,
    /// `deployed`, `planned`, `refused`, `rolled-back`, `taken-down`, `broken`.
    outcome: &'static str,
    /// What is in the way, or what failed.
    reasons: Vec<String>,
    /// What changes, service by service.
    changes: Vec<String>,
    /// The release that runs.
    release: Option<u32>,
}

/// Deploys; `switch` stops what may not run beside it.
pub fn run(run: &Run, words: &Deploy, switch: bool, terminal: &mut Terminal) -> Result {
    let mut report = Report::default();
    let verb = if switch { SWITCH } else { "deploy" };
    let ended = asked::with_order(run, words, verb, terminal, |order, terminal| {
        report.mode = order.plan().mode.to_owned();
        report.project = order.plan().project.to_owned();
        report.host = order.plan().host.to_owned();
        deploy(run, order, &mut report, terminal)
    });
    match ended {
        Ok(exit) | Err(Halt::Exit(exit)) => {
            if run.format == Format::Json && !report.outcome.is_empty() {
                terminal.json(&report);
            }
            Ok(exit)
        }
        Err(Halt::Failure(failure)) => Err(failure),
    }
}

/// What was made ready before anything is touched.
struct Ready {
    model: Model,
    text: String,
    wanted: Vec<Wanted>,
    to_build: Vec<String>,
    to_pull: Vec<String>,
    containers: Vec<Container>,
    changes: std::collections::BTreeMap<String, Change>,
}

fn deploy(
    run: &Run,
    order: &Order,
    report: &mut Report,
    terminal: &mut Terminal,
) -> std::result::Result<Exit, Halt> {
    let words = order.words;
    let patience = Patience {
        timeout: words.timeout,
        settle: words.settle,
    };
    let mut session = Session::open(run, order.plan(), order.hidden.clone(), patience, terminal)?;
    session.folder = order.folder.clone();
    let mut interrupted = None;
    if !words.dry_run {
        session.lock(if order.switch { "switch" } else { "deploy" })?;
        interrupted = session.interrupted()?;
    }
    let ready = prepare(run, order, &mut session, report)?;
    let previous = match interrupted.as_ref().map(Journal::recovery) {
        Some(Recovery::Restore(number)) => number.and_then(|number| good(&session, number)),
        Some(Recovery::Forget | Recovery::Record(_)) | None => session.current(),
    };
    plan(order, &session, &ready, previous.as_ref(), report);
    if words.dry_run {
        session.step("plan", "nothing was changed: --dry-run");
        report.outcome = "planned";
        return Ok(Exit::Fine);
    }
    confirm(order, &ready)?;
    let stopped = interrupted
        .map(|journal| journal.stopped)
        .unwrap_or_default();
    carry_out(order, &mut session, ready, previous, stopped, report)
}

fn good(session: &Session, number: u32) -> Option<Release> {
    let releases = session.store.releases().value;
    releases
        .into_iter()
        .find(|release| release.number == number && release.good)
}

/// What Compose makes of the files, and whether anything is in the way.
fn prepare(
    run: &Run,
    order: &Order,
    session: &mut Session,
    report: &mut Report,
) -> std::result::Result<Ready, Halt> {
    let project = order.project();
    let (text, model) = resolve(session, &project)?;
    let plan = order.plan();
    session.docker.hidden.add(
        from_env_files(plan, &model)
            .into_iter()
            .map(|(_, _, value)| value),
    );
    let mut wanted = wanted(plan, &model);
    let all = session.docker.containers(None)?;
    let survey = Survey {
        session,
        plan,
        plans: order.plans(),
        model: &model,
        containers: &all,
        switch: order.switch,
    };
    let facts = survey.facts(run, &mut wanted)?;
    let problems = preflight::judge(&facts);
    if !problems.is_empty() {
        session.step(
            "preflight",
            &format!("{} in the way", plural(problems.len(), "thing")),
        );
        for problem in &problems {
            session
                .terminal
                .failure(&problem.message, problem.help.as_deref());
        }
        session.terminal.talk("nothing was changed\n");
        report.outcome = "refused";
        report.reasons = problems
            .into_iter()
            .map(|problem| problem.message)
            .collect();
        return Err(Halt::Exit(Exit::Findings));
    }
    let ports = model
        .services
        .values()
        .map(|service| service.bindings().len())
        .sum();
    let of = |is: preflight::Image| {
        let found = facts.images.iter().filter(|(_, _, image)| *image == is);
        found
            .map(|(service, _, _)| service.clone())
            .collect::<Vec<String>>()
    };
    let (to_build, to_pull) = (of(preflight::Image::Builds), of(preflight::Image::Pulls));
    session.step("preflight", &preflight::summary(&facts, ports));
    let containers: Vec<Container> = all
        .into_iter()
        .filter(|it| it.project == plan.project)
        .collect();
    let changes = changes(&wanted, &session.docker.hashes(&project)?, &containers);
    Ok(Ready {
        model,
        text,
        wanted,
        to_build,
        to_pull,
        containers,
        changes,
    })
}

fn resolve(session: &Session, project: &Project) -> std::result::Result<(String, Model), Failure> {
    let text = session
        .docker
        .resolve(project)
        .map_err(|trouble| unchanged(trouble.into()))?;
    let model = Model::read(&text).map_err(|message| Failure {
        message,
        help: None,
    })?;
    Ok((text, model))
}

/// Variables of services that no catalog names: they come from files that `env_file` names, and may be secrets.
fn from_env_files(plan: &Plan, model: &Model) -> Vec<(String, String, String)> {
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

/// Says what will change, and what going back would not bring back.
fn plan(
    order: &Order,
    session: &Session,
    ready: &Ready,
    previous: Option<&Release>,
    report: &mut Report,
) {
    session.step("plan", &summary(&ready.changes));
    let lines = lines(&ready.changes);
    lines
        .iter()
        .for_each(|line| session.terminal.talk(&format!("    {line}\n")));
    report.changes = lines;
    for (mode, count) in &order.stops(session) {
        session.terminal.talk(&format!(
            "    stop      the mode {}: {}\n",
            shown(mode),
            plural(*count, "container")
        ));
    }
    for (service, places) in data_at_risk(&ready.model, &ready.changes) {
        for place in places {
            let line = format!(
                "    going back would not bring back what a new image of {service} changes in {place}; to keep a copy:\n"
            );
            session
                .terminal
                .talk(&format!("{line}      {}\n", backup(&place)));
        }
    }
    if previous.is_none() && ready.containers.iter().any(Container::is_up) {
        let count = plural(ready.containers.len(), "container");
        session.terminal.talk(&format!("    {count} of the project were not started by `composegen deploy`: they could not be brought back\n"));
    }
}

/// Asks, where that was not done away with.
fn confirm(order: &Order, ready: &Ready) -> std::result::Result<(), Halt> {
    let is_change = |change: &Change| !matches!(change, Change::Keep);
    if order.words.yes || (!ready.changes.values().any(is_change) && !order.switch) {
        return Ok(());
    }
    if !stdin().is_terminal() {
        return Err(Halt::Failure(Failure {
            message: "nobody can be asked: standard input is no terminal; nothing was changed"
                .to_owned(),
            help: Some("`--yes` answers for you; `--dry-run` only shows the plan".to_owned()),
        }));
    }
    match ask("  go on? [y/N] ") {
        true => Ok(()),
        false => Err(Halt::Failure(Failure {
            message: "you said no; nothing was changed".to_owned(),
            help: None,
        })),
    }
}

/// Whether a person says yes.
pub fn ask(question: &str) -> bool {
    // Where nobody listens nobody answers.
    let _ = std::io::Write::write_all(&mut std::io::stderr(), question.as_bytes());
    let mut answer = String::new();
    let read = stdin().read_line(&mut answer);
    read.is_ok() && ["y", "yes"].contains(&answer.trim().to_lowercase().as_str())
}

//! `composegen deploy`: everything is looked at before anything is touched; what does not come up is undone.
//!
//! | file | what stands there |
//! |---|---|
//! | `mod.rs` | the steps in their order |
//! | `asked.rs` | the steps before an engine is needed: the plan, its files, its env files |
//! | `survey.rs` | the facts for the preflight |
//! | `session.rs` | a project on an engine, its lock, its journal |
//! | `lift.rs` | starting, waiting, looking |
//! | `back.rs` | going back |
//! | `live.rs` | `diff --live` |
//! | `progress.rs` | how far it is, on the screen |
//! | `exchange.rs` | the other mode, while a switch goes on |

mod asked;
mod back;
mod exchange;
mod lift;
pub mod live;
mod progress;
mod session;
mod survey;

use std::io::{IsTerminal, stdin};
use std::path::PathBuf;

use serde::Serialize;

use super::{Exit, Failure, Result, Run, terminal::Terminal};
use crate::cli::{Deploy, Format};
use crate::deploy::changes::{Change, backup, changes, data_at_risk, lines, summary};
use crate::deploy::facts::Container;
use crate::deploy::journal::{Journal, Recovery, Step};
use crate::deploy::model::Model;
use crate::deploy::preflight;
use crate::deploy::release::{Release, VERSION, Wanted, kept_tag, wanted};
use crate::docker::compose::Project;
use crate::docker::interrupt;
use crate::plan::Plan;
use crate::values::prose::plural;
use crate::values::shown::shown;
use asked::Order;
pub use back::Ends;
pub use exchange::bring_back;
pub use lift::Fall;
pub use session::{Patience, Session, begun, now, unchanged};
use survey::{Survey, shared};

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

/// From here on things are touched.
fn carry_out(
    order: &Order,
    session: &mut Session,
    mut ready: Ready,
    previous: Option<Release>,
    stopped: Vec<String>,
    report: &mut Report,
) -> std::result::Result<Exit, Halt> {
    interrupt::keep();
    let number = session.store.next_number();
    let mut journal = begun(
        number,
        previous.as_ref().map(|release| release.number),
        Step::Setup,
    );
    journal.stopped = stopped;
    let untouched = |failure: Failure, session: &Session| {
        session.drop_pending(number);
        // A journal that cannot be removed says "before any container was touched".
        let _ = session.store.end_journal();
        Halt::Failure(Failure {
            message: format!("{}; no container was touched", failure.message),
            ..failure
        })
    };
    let mut release = match make_ready(order, session, &mut ready, &mut journal) {
        Ok(release) => release,
        Err(failure) => return Err(untouched(failure, session)),
    };
    if interrupt::asked() {
        return Err(untouched(
            Failure {
                message: "it was interrupted".to_owned(),
                help: None,
            },
            session,
        ));
    }
    session
        .enter(&mut journal, Step::Up)
        .map_err(|failure| untouched(failure, session))?;
    let risen = order
        .stop_rivals(session, &mut journal)
        .and_then(|()| rise(order, session, &mut release, &mut journal));
    match risen {
        Ok(()) => {
            order.clear_rivals(session);
            session.prune();
            session.step(
                "done",
                &format!(
                    "release {number} runs: {}",
                    plural(release.services.len(), "service")
                ),
            );
            report.outcome = "deployed";
            report.release = Some(number);
            Ok(Exit::Fine)
        }
        Err(fall) => {
            let ends = fallen(session, &mut journal, previous.as_ref(), &fall);
            bring_back(order.plans(), session, &journal.stopped);
            Ok(told(session, number, &fall, ends, report))
        }
    }
}

/// Setup and snapshot: what must be there before, and what is needed to go back.
fn make_ready(
    order: &Order,
    session: &Session,
    ready: &mut Ready,
    journal: &mut Journal,
) -> std::result::Result<Release, Failure> {
    session.enter(journal, Step::Setup)?;
    let made = setup(order, session, ready)?;
    session.step(
        "setup",
        if made.is_empty() {
            "nothing to make"
        } else {
            &made
        },
    );
    session.enter(journal, Step::Snapshot)?;
    let release = release(order.plan(), session, ready, journal.release);
    session.store.write_release(&release, &ready.text)?;
    let kept = keep_images(session, ready, &release)?;
    session.step(
        "snapshot",
        &format!("release {}; {} kept", release.number, plural(kept, "image")),
    );
    Ok(release)
}

fn setup(
    order: &Order,
    session: &Session,
    ready: &mut Ready,
) -> std::result::Result<String, Failure> {
    let mut made: Vec<String> = Vec::new();
    let (volumes, networks) = shared(order.plan());
    for (kind, names) in [("network", networks), ("volume", volumes)] {
        for name in names {
            if session.docker.provide(kind, name)? {
                made.push(format!("the {kind} {name}"));
            }
        }
    }
    for folder in folders(&ready.model) {
        make_folder(&folder)?;
        made.push(folder.display().to_string());
    }
    let project = order.project();
    for (services, word) in [(&ready.to_build, "built"), (&ready.to_pull, "pulled")] {
        if services.is_empty() {
            continue;
        }
        let services: Vec<&str> = services.iter().map(String::as_str).collect();
        match word {
            "built" => session.docker.build(&project, &services)?,
            _ => session.docker.pull(&project, &services)?,
        }
        made.push(format!("{} {word}", plural(services.len(), "image")));
    }
    if !ready.to_build.is_empty() || !ready.to_pull.is_empty() {
        let names: Vec<&str> = ready.wanted.iter().map(|it| it.image.as_str()).collect();
        let ids = session.docker.image_ids(&names)?;
        ready
            .wanted
            .iter_mut()
            .for_each(|it| it.image_id = ids.get(&it.image).cloned());
    }
    Ok(made.join(", "))
}

/// Folders that are mounted and are not there yet. Where the engine is elsewhere, that is its own business.
fn folders(model: &Model) -> Vec<PathBuf> {
    let mounts = model.services.values().flat_map(|service| &service.volumes);
    let binds = mounts
        .filter(|mount| mount.kind == "bind")
        .filter_map(|mount| mount.source.as_ref());
    let mut folders: Vec<PathBuf> = binds
        .map(PathBuf::from)
        .filter(|path| !path.exists())
        .collect();
    folders.sort();
    folders.dedup();
    folders
}

/// A folder whose path has a hidden part holds secrets by custom: it is its owner's alone.
fn make_folder(path: &std::path::Path) -> std::result::Result<(), Failure> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    if path
        .components()
        .any(|part| part.as_os_str().to_string_lossy().starts_with('.'))
    {
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    }
    builder.create(path).map_err(|error| Failure {
        message: format!(
            "`{}` cannot be made: {}",
            path.display(),
            crate::files::why(&error)
        ),
        help: None,
    })
}

fn release(plan: &Plan, session: &Session, ready: &Ready, number: u32) -> Release {
    Release {
        version: VERSION,
        number,
        mode: plan.mode.to_owned(),
        class: plan.class.as_str().to_owned(),
        mode_variable: plan.contract.mode_variable.map(str::to_owned),
        host: plan.host.to_owned(),
        project: plan.project.to_owned(),
        at: now(),
        program: env!("CARGO_PKG_VERSION").to_owned(),
        good: false,
        services: ready.wanted.clone(),
        private: private(plan, session, &ready.model),
    }
}

/// Which variables of which services hold values that no message may show.
fn private(plan: &Plan, session: &Session, model: &Model) -> Vec<(String, String)> {
    let from_files = from_env_files(plan, model)
        .into_iter()
        .map(|(service, name, _)| (service, name));
    let mut all: Vec<(String, String)> = from_files.collect();
    for (service, resolved) in &model.services {
        let environment = resolved.environment();
        let is_private = |name: &&str| {
            environment
                .reveal(name)
                .is_some_and(|value| session.docker.hidden.is_in(value))
        };
        all.extend(
            environment
                .names()
                .filter(is_private)
                .map(|name| (service.clone(), name.to_owned())),
        );
    }
    all.sort();
    all.dedup();
    all
}

/// Holds the images that run now and those that will, each by a tag of its own.
fn keep_images(
    session: &Session,
    ready: &Ready,
    release: &Release,
) -> std::result::Result<usize, Failure> {
    let run = ready.containers.iter().map(|it| it.image_id.clone());
    let will = release.services.iter().filter_map(|it| it.image_id.clone());
    let mut ids: Vec<String> = run.chain(will).collect();
    ids.sort();
    ids.dedup();
    let there = session.docker.kept(&session.project)?;
    for id in &ids {
        let tag = kept_tag(&session.project, id);
        if !there.contains(&tag) {
            session.docker.tag(id, &tag)?;
        }
    }
    Ok(ids.len())
}

/// Up, verify, record.
fn rise(
    order: &Order,
    session: &mut Session,
    release: &mut Release,
    journal: &mut Journal,
) -> std::result::Result<(), Fall> {
    let as_fall = |failure: Failure| Fall::new(failure.message);
    session
        .store
        .write_journal(journal)
        .map_err(|trouble| Fall::new(trouble.message))?;
    if order.first_starts(session, release)? {
        let (text, model) = resolve(session, &order.project()).map_err(as_fall)?;
        session.docker.hidden.add(
            from_env_files(order.plan(), &model)
                .into_iter()
                .map(|(_, _, value)| value),
        );
        release.private = private(order.plan(), session, &model);
        session
            .store
            .write_release(release, &text)
            .map_err(|trouble| Fall::new(trouble.message))?;
    }
    session.step(
        "up",
        &format!(
            "{} start, for at most {} s",
            plural(release.services.len(), "service"),
            session.patience.timeout.as_secs()
        ),
    );
    session.lift(release, &session.resolved(release.number), journal)?;
    session.step("up", "everything is there");
    session.enter(journal, Step::Verify).map_err(as_fall)?;
    session.verify(release)?;
    let settled = session.patience.settle.as_secs();
    session.step(
        "verify",
        &format!("limits, mode and health are as planned, for {settled} s"),
    );
    session.enter(journal, Step::Record).map_err(as_fall)?;
    session.record(release.number).map_err(as_fall)
}

/// Undoes what fell.
fn fallen(
    session: &mut Session,
    journal: &mut Journal,
    previous: Option<&Release>,
    fall: &Fall,
) -> Ends {
    for (at, why) in fall.why.iter().enumerate() {
        session.step(if at == 0 { "failed" } else { "" }, why);
    }
    session.show_logs(fall);
    if let Some(previous) = previous {
        session.hide(previous);
    }
    session.go_back(journal, previous)
}

/// Says what failed and what runs now.
fn told(session: &Session, number: u32, fall: &Fall, ends: Ends, report: &mut Report) -> Exit {
    let what = format!(
        "release {number} of {} was not deployed: {}",
        shown(&session.mode),
        fall.sentence()
    );
    let help = Some("`composegen status` shows what runs".to_owned());
    report.reasons.clone_from(&fall.why);
    let (message, help) = match ends {
        Ends::Release(old) => {
            report.outcome = "rolled-back";
            report.release = Some(old);
            (format!("{what}; release {old} runs again"), None)
        }
        Ends::Nothing => {
            report.outcome = "taken-down";
            (
                format!(
                    "{what}; nothing of {} runs now, and its volumes are kept",
                    shown(&session.mode)
                ),
                None,
            )
        }
        Ends::Unknown(why) => {
            report.outcome = "broken";
            report.reasons.push(why.clone());
            (format!("{what}; and going back failed: {why}"), help)
        }
    };
    session.terminal.failure(&message, help.as_deref());
    Exit::Findings
}

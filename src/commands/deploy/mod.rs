//! `composegen deploy`: everything is looked at before anything is touched; what does not come up is undone.
//!
//! | file | what stands there |
//! |---|---|
//! | `mod.rs` | the steps in their order |
//! | `asked.rs` | the steps before an engine is needed: the plan, its files, its env files |
//! | `asking.rs` | asking a person |
//! | `prepare.rs` | what Compose makes of the files, and what is in the way |
//! | `survey.rs` | the facts for the preflight |
//! | `ready.rs` | setup and snapshot |
//! | `session.rs` | a project on an engine, its lock, its journal |
//! | `first.rs` | what runs once, before a first start |
//! | `lift.rs` | starting, waiting, looking |
//! | `back.rs` | going back |
//! | `live.rs` | `diff --live` |
//! | `progress.rs` | how far it is, on the screen |
//! | `carry.rs` | carrying it out: up, verify, record, or back |
//! | `exchange.rs` | the other mode, while a switch goes on |

mod asked;
mod asking;
mod back;
mod carry;
mod exchange;
mod first;
mod lift;
pub mod live;
mod prepare;
mod progress;
mod ready;
mod session;
mod survey;

use serde::Serialize;

use super::{Exit, Failure, Result, Run, terminal::Terminal};
use crate::cli::{Deploy, Format};
use crate::deploy::changes::{Change, backup, data_at_risk, lines, summary};
use crate::deploy::facts::Container;
use crate::deploy::journal::{Journal, Recovery};
use crate::deploy::release::Release;
use crate::values::prose::plural;
use crate::values::shown::shown;
use asked::Order;
pub use asking::agree;
pub use back::Ends;
use carry::{Start, carry_out};
pub use exchange::{clear, rivals};
pub use lift::Fall;
use prepare::{Ready, from_env_files, prepare, resolve};
pub use session::{Patience, Session, begun, now, unchanged};

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
        order.lock_rivals(&mut session)?;
        interrupted = session.interrupted(order.plans())?;
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
    let start = Start {
        previous,
        after: interrupted,
    };
    carry_out(order, &mut session, ready, start, report)
}

fn good(session: &Session, number: u32) -> Option<Release> {
    let releases = session.store.releases().value;
    releases
        .into_iter()
        .find(|release| release.number == number && release.good)
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
    for (verb, services) in [("build", &ready.to_build), ("pull", &ready.to_pull)] {
        for service in services {
            let line = format!("    {verb:<9} {service}: its image\n");
            session.terminal.talk(&line);
        }
    }
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

/// Asks, where anything changes.
fn confirm(order: &Order, ready: &Ready) -> std::result::Result<(), Failure> {
    let is_change = |change: &Change| !matches!(change, Change::Keep);
    let gets = !ready.to_build.is_empty() || !ready.to_pull.is_empty();
    let changes = order.switch || gets || ready.changes.values().any(is_change);
    agree(
        order.words.yes || !changes,
        "  go on?",
        "`--yes` answers for you; `--dry-run` only shows the plan",
    )
}

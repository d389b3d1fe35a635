//! `composegen rollback`: an earlier release is started again; or a deployment that was interrupted is undone.

use serde::Serialize;

use super::deploy::{Ends, Patience, Session, agree, begun, clear, rivals};
use super::{Exit, Failure, Result, Run, terminal::Terminal};
use crate::cli::{Format, Rollback};
use crate::deploy::journal::{Journal, Step, Work};
use crate::deploy::moment;
use crate::deploy::release::Release;
use crate::docker::interrupt;
use crate::plan::Plan;
use crate::values::prose::plural;
use crate::values::shown::shown;

#[derive(Serialize)]
struct Report<'a> {
    mode: &'a str,
    outcome: &'static str,
    release: Option<u32>,
    reason: Option<String>,
}

/// Goes back.
pub fn run(run: &Run, words: &Rollback, terminal: &mut Terminal) -> Result {
    let Some((mode, plans)) = run.mode_and_plans(&words.mode, words.host.host.as_deref())? else {
        return Ok(super::refuse(run, terminal));
    };
    let patience = Patience {
        timeout: words.timeout,
        settle: words.settle,
    };
    let mut session = Session::of_mode(run, &plans, mode, patience, terminal)?;
    session
        .terminal
        .talk(&format!("rollback {mode}: project {}\n", session.project));
    session.lock("rollback")?;
    let interrupted = session.interrupted(&plans)?;
    let report = match (interrupted, words.release) {
        (Some(journal), None) => undo(&mut session, journal, &plans, words)?,
        (interrupted, _) => back_to(&mut session, interrupted, &plans, words)?,
    };
    let exit = match report.outcome {
        "rolled-back" | "taken-down" => Exit::Fine,
        _ => Exit::Findings,
    };
    if run.format == Format::Json {
        terminal.json(&Report { mode, ..report });
    }
    Ok(exit)
}

/// Undoes what was interrupted.
fn undo(
    session: &mut Session,
    mut journal: Journal,
    plans: &[Plan],
    words: &Rollback,
) -> std::result::Result<Report<'static>, Failure> {
    let releases = session.store.releases().value;
    let to = releases
        .into_iter()
        .find(|release| Some(release.number) == journal.previous && release.good);
    let what = match &to {
        Some(release) => format!("release {} is started again", release.number),
        None => "everything of the mode is taken down, its volumes kept".to_owned(),
    };
    for plan in plans {
        if journal.stopped.iter().any(|mode| mode == plan.mode) {
            session.lock_beside(plan, "rollback")?;
        }
    }
    confirm(words, &what)?;
    interrupt::keep();
    if let Some(release) = &to {
        session.hide(release);
    }
    let (ends, _) = session.go_back_with(&mut journal, to.as_ref(), plans);
    Ok(ended(session, ends, None))
}

/// Starts an earlier release again; the one that runs now if that fails.
fn back_to(
    session: &mut Session,
    interrupted: Option<Journal>,
    plans: &[Plan],
    words: &Rollback,
) -> std::result::Result<Report<'static>, Failure> {
    let current = session.current();
    let target = target(session, current.as_ref(), words.release)?;
    alone(session, plans)?;
    let since = moment::written(target.at);
    confirm(
        words,
        &format!("release {} of {since} is started again", target.number),
    )?;
    interrupt::keep();
    session.hide(&target);
    let before = current.as_ref().map(|it| it.number);
    let mut journal = begun(Work::Rollback, target.number, before, Step::Up);
    journal.stopped = interrupted.map_or_else(Vec::new, |journal| journal.stopped);
    session.store.write_journal(&journal)?;
    session.step("up", &format!("release {} is started again", target.number));
    let lifted = session.again(&target).and_then(|(release, file)| {
        session.lift(&release, &file, &mut journal)?;
        session.verify(&release)
    });
    match lifted {
        Ok(()) => {
            session.record(target.number)?;
            clear(plans, session, &journal.stopped);
            session.store.end_journal()?;
            Ok(ended(session, Ends::Release(target.number), None))
        }
        Err(fall) => {
            session.show_logs(&fall);
            let why = format!(
                "release {} did not come up again: {}",
                target.number,
                fall.sentence()
            );
            let (ends, _) = session.go_back_with(&mut journal, current.as_ref(), plans);
            Ok(ended(session, ends, Some(why)))
        }
    }
}

/// Whether no mode runs that may not run beside this one.
fn alone(session: &mut Session, plans: &[Plan]) -> std::result::Result<(), Failure> {
    let mode = session.mode.clone();
    for plan in rivals(plans, &mode) {
        let containers = session.beside(plan).containers()?;
        let count = containers.iter().filter(|it| it.is_up()).count();
        if count > 0 {
            return Err(Failure {
                message: format!(
                    "the mode {} runs, {}, and this host is not for both at once; nothing was changed",
                    shown(plan.mode),
                    plural(count, "container")
                ),
                help: Some(format!("`composegen down {}` takes it down", plan.mode)),
            });
        }
    }
    Ok(())
}

fn target(
    session: &Session,
    current: Option<&Release>,
    number: Option<u32>,
) -> std::result::Result<Release, Failure> {
    let mut good: Vec<Release> = session.store.releases().value;
    good.retain(|release| release.good);
    let found = match number {
        Some(number) => good.into_iter().find(|release| release.number == number),
        None => good
            .into_iter()
            .rfind(|release| current.is_none_or(|current| release.number < current.number)),
    };
    found.ok_or_else(|| Failure {
        message: match number {
            Some(number) => format!(
                "{} has no release {number} that can be gone back to",
                shown(&session.mode)
            ),
            None => format!("{} has no earlier release", shown(&session.mode)),
        },
        help: Some(format!("`composegen releases {}` lists them", session.mode)),
    })
}

fn confirm(words: &Rollback, what: &str) -> std::result::Result<(), Failure> {
    agree(
        words.yes,
        &format!("  {what}: go on?"),
        "`--yes` answers for you",
    )
}

/// Says what runs; `failed` where that is not what was asked for.
fn ended(session: &Session, ends: Ends, failed: Option<String>) -> Report<'static> {
    let mode = shown(&session.mode);
    let (outcome, release, now) = match ends {
        Ends::Release(number) => (
            "rolled-back",
            Some(number),
            format!("release {number} of {mode} runs"),
        ),
        Ends::Nothing => (
            "taken-down",
            None,
            format!("nothing of {mode} runs, and its volumes are kept"),
        ),
        Ends::Unknown(why) => ("broken", None, format!("going back failed: {why}")),
    };
    match &failed {
        None if outcome != "broken" => session.step("done", &now),
        None => session
            .terminal
            .failure(&now, Some("`composegen status` shows what runs")),
        Some(why) => session.terminal.failure(&format!("{why}; {now}"), None),
    }
    let outcome = if failed.is_some() { "failed" } else { outcome };
    Report {
        mode: "",
        outcome,
        release,
        reason: failed,
    }
}

//! `composegen down`: takes the containers of a mode down. Volumes go only where that is said in so many words.

use std::time::Duration;

use serde::Serialize;

use super::deploy::{Patience, Session, agree, begun};
use super::{Exit, Failure, Result, Run, terminal::Terminal};
use crate::cli::{Down, Format};
use crate::deploy::journal::{Journal, Step, Work};
use crate::values::prose::{list_quoted, plural};
use crate::values::shown::shown;

#[derive(Serialize)]
struct Report {
    mode: String,
    project: String,
    containers: Vec<String>,
    removed_volumes: Vec<String>,
}

/// Takes down.
pub fn run(run: &Run, words: &Down, terminal: &mut Terminal) -> Result {
    let Some((mode, plans)) = run.mode_and_plans(&words.mode, words.host.host.as_deref())? else {
        return Ok(super::refuse(run, terminal));
    };
    let patience = Patience {
        timeout: Duration::ZERO,
        settle: Duration::ZERO,
    };
    let mut session = Session::of_mode(run, &plans, mode, patience, terminal)?;
    session
        .terminal
        .talk(&format!("down {mode}: project {}\n", session.project));
    session.lock("down")?;
    let interrupted = session.interrupted(&plans)?;
    let containers = session.containers()?;
    let volumes = match words.remove_volumes {
        true => session.docker.of_project("volume", &session.project)?,
        false => Vec::new(),
    };
    confirm(words, &volumes)?;
    take_down(&session, interrupted, &volumes)?;
    let report = Report {
        mode: mode.to_owned(),
        project: session.project.clone(),
        containers: containers.into_iter().map(|it| it.name).collect(),
        removed_volumes: volumes,
    };
    match run.format {
        Format::Json => terminal.json(&report),
        Format::Human => terminal.talk(&said(&report)),
    }
    Ok(Exit::Fine)
}

/// Takes everything down, and removes these volumes.
fn take_down(
    session: &Session,
    interrupted: Option<Journal>,
    volumes: &[String],
) -> std::result::Result<(), Failure> {
    let current = session.store.current();
    let (begun_with, stopped) = match interrupted {
        Some(journal) => (Some(journal.release), journal.stopped),
        None => (None, Vec::new()),
    };
    let number = begun_with.or(current).unwrap_or(0);
    // Data that is removed is not brought back, so neither is what used it.
    let previous = current.filter(|_| volumes.is_empty());
    let mut journal = begun(Work::Down, number, previous, Step::Down);
    journal.stopped = stopped;
    session.store.write_journal(&journal)?;
    session.sweep(number, Some(&mut journal))?;
    if !volumes.is_empty() {
        session.store.set_empty()?;
    }
    for volume in volumes {
        session.docker.remove("volume", volume)?;
    }
    session.drop_pending(number);
    session.store.set_current(None)?;
    session.store.end_journal()?;
    for mode in &journal.stopped {
        let text = format!(
            "{} was stopped for what was interrupted: `composegen deploy {mode}` starts it again\n",
            shown(mode)
        );
        session.terminal.talk(&text);
    }
    Ok(())
}

fn confirm(words: &Down, volumes: &[String]) -> std::result::Result<(), Failure> {
    let list = list_quoted(volumes);
    agree(
        words.yes || volumes.is_empty(),
        &format!("remove {list} with all data in it?"),
        "`--yes` answers for you, and the data is gone then",
    )
}

fn said(report: &Report) -> String {
    let mode = shown(&report.mode);
    let mut text = match report.containers.len() {
        0 => format!("nothing of {mode} was there to be taken down"),
        count => format!("{mode} is down: {} removed", plural(count, "container")),
    };
    match report.removed_volumes.as_slice() {
        [] => text.push_str("; its volumes are kept\n"),
        volumes => text.push_str(&format!(
            "; removed with all data: {}\n",
            list_quoted(volumes)
        )),
    }
    text
}

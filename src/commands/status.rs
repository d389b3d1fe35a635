//! `composegen status`: what runs. It looks and changes nothing.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::Serialize;

use super::deploy::{Patience, Session, now};
use super::terminal::{Screen, Terminal, screen};
use super::{Exit, Failure, Result, Run};
use crate::cli::{Format, Status};
use crate::deploy::facts::{Container, Health, State};
use crate::deploy::journal::Journal;
use crate::deploy::moment;
use crate::deploy::release::{Release, Wanted};
use crate::deploy::standing::{Before, failed, standings, waiting};
use crate::plan::Plan;
use crate::report::budget::bar;
use crate::state::lock;
use crate::values::memory::Memory;

/// How often it is shown again.
const PULSE: Duration = Duration::from_secs(2);

/// A mode.
#[derive(Serialize)]
struct Mode {
    mode: String,
    project: String,
    release: Option<u32>,
    /// When the release was begun, in seconds since 1970.
    at: Option<u64>,
    /// Who works on it now.
    worked_on_by: Option<String>,
    /// What was interrupted.
    interrupted: Option<String>,
    /// What is not as the release wants it.
    wrong: Vec<String>,
    services: Vec<Line>,
}

/// A container.
#[derive(Serialize)]
struct Line {
    service: String,
    state: String,
    /// Seconds.
    up: Option<u64>,
    memory: Option<u64>,
    memory_limit: u64,
    restarts: u64,
}

/// Shows.
pub fn run(run: &Run, words: &Status, terminal: &mut Terminal) -> Result {
    let host = run.host(words.host.host.as_deref())?;
    let asked: Vec<String> = words.mode.iter().cloned().collect();
    let modes = run.modes(&asked)?;
    let Some(host) = host.filter(|_| run.loaded.parsed) else {
        return Ok(super::refuse(run, terminal));
    };
    let plans = run.loaded.plans(host, run.arena);
    let chosen: Vec<&Plan> = super::chosen(&plans, &modes).collect();
    let Some(first) = chosen.first() else {
        return Ok(Exit::Fine);
    };
    let patience = Patience {
        timeout: Duration::ZERO,
        settle: Duration::ZERO,
    };
    let mut session = Session::of_mode(run, &plans, first.mode, patience, terminal)?;
    let mut all = look(&mut session, &chosen)?;
    if words.watch {
        // Ctrl-C ends it at once, as it does everywhere: there is nothing to undo.
        watch(run, &mut session, &chosen, &mut all)?;
    } else {
        show(run, &all, session.terminal);
    }
    let fine = all
        .iter()
        .all(|mode| mode.wrong.is_empty() && mode.interrupted.is_none());
    Ok(if fine { Exit::Fine } else { Exit::Findings })
}

/// Shows it again and again, until nobody reads it any more.
fn watch(
    run: &Run,
    session: &mut Session,
    chosen: &[&Plan],
    all: &mut Vec<Mode>,
) -> std::result::Result<(), Failure> {
    let mut first = true;
    loop {
        match run.format {
            Format::Human => watched(all, first, session.terminal),
            Format::Json => show(run, all, session.terminal),
        }
        if session.terminal.is_broken() {
            return Ok(());
        }
        first = false;
        std::thread::sleep(PULSE);
        *all = look(session, chosen)?;
    }
}

/// What runs of these modes now.
fn look(session: &mut Session, chosen: &[&Plan]) -> std::result::Result<Vec<Mode>, Failure> {
    let mut containers = session.docker.containers(None)?;
    containers.retain(|it| chosen.iter().any(|plan| plan.project == it.project));
    let running: Vec<&str> = containers
        .iter()
        .filter(|it| it.state == State::Running)
        .map(|it| it.id.as_str())
        .collect();
    let used = session.docker.memory_used(&running)?;
    let one = |plan: &&Plan| {
        let own = containers.iter().filter(|it| it.project == plan.project);
        let own: Vec<Container> = own.cloned().collect();
        mode(&session.beside(plan), own, &used)
    };
    Ok(chosen.iter().map(one).collect())
}

fn mode(session: &Session, containers: Vec<Container>, used: &BTreeMap<String, u64>) -> Mode {
    let release = session.current();
    let standings = release
        .as_ref()
        .map(|release| standings(&release.services, &containers, &Before::default(), true));
    let standings = standings.unwrap_or_default();
    let worked_on_by = lock::holder(session.store.folder());
    // While somebody works on it, what is not there yet is on its way.
    let judged = worked_on_by.is_none();
    let wrong = failed(&standings)
        .into_iter()
        .chain(waiting(&standings))
        .filter(|_| judged);
    Mode {
        mode: session.mode.clone(),
        project: session.project.clone(),
        release: release.as_ref().map(|release| release.number),
        at: release.as_ref().map(|release| release.at),
        worked_on_by,
        interrupted: interrupted(session),
        wrong: wrong
            .map(|(service, what)| format!("{service} {what}"))
            .collect(),
        services: containers
            .iter()
            .map(|it| line(it, used, has_run(it, release.as_ref())))
            .collect(),
    }
}

/// Whether a container is a job that did its work.
fn has_run(container: &Container, release: Option<&Release>) -> bool {
    let services = release.map_or(&[][..], |release| &release.services);
    let is_job = |it: &Wanted| it.job && it.service == container.service;
    container.state == State::Exited(0) && services.iter().any(is_job)
}

/// What was interrupted, unless somebody is at it.
fn interrupted(session: &Session) -> Option<String> {
    if lock::holder(session.store.folder()).is_some() {
        return None;
    }
    let journal = session.store.journal();
    let told = |journal: Journal| {
        format!(
            "{}: {}",
            journal.told(now()),
            journal.ways_out(&session.mode)
        )
    };
    journal.value.map(told)
}

fn line(container: &Container, used: &BTreeMap<String, u64>, has_run: bool) -> Line {
    let is_running = container.state == State::Running;
    let since = moment::read(&container.started).filter(|_| is_running);
    Line {
        service: match container.one_off {
            true => format!("{} (by hand)", container.service),
            false => container.service.clone(),
        },
        state: match has_run {
            true => "has run".to_owned(),
            false => state(container),
        },
        up: since.map(|since| now().saturating_sub(since)),
        memory: used.get(&container.id).copied(),
        memory_limit: container.memory,
        restarts: container.restarts,
    }
}

fn state(container: &Container) -> String {
    match (container.state, container.health) {
        (State::Running, Health::None) => "runs".to_owned(),
        (State::Running, Health::Starting) => "starting".to_owned(),
        (State::Running, Health::Healthy) => "healthy".to_owned(),
        (State::Running, Health::Unhealthy) => "unhealthy".to_owned(),
        (State::Created, _) => "never started".to_owned(),
        (State::Paused, _) => "paused".to_owned(),
        (State::Restarting, _) => "restarting".to_owned(),
        (State::Exited(status), _) => format!("exited with {status}"),
        (State::Removing, _) => "being removed".to_owned(),
        (State::Dead, _) => "dead".to_owned(),
    }
}

fn show(run: &Run, all: &[Mode], terminal: &mut Terminal) {
    match run.format {
        Format::Json => terminal.json(&all),
        Format::Human => terminal.data(&together(all)),
    }
}

fn together(all: &[Mode]) -> String {
    all.iter().map(text).collect::<Vec<String>>().join("\n")
}

/// Shows it in place of what was shown before; where nothing can be drawn, behind it.
fn watched(all: &[Mode], first: bool, terminal: &mut Terminal) {
    let head = moment::written(now());
    let text = format!("{head}; Ctrl-C ends this\n\n{}", together(all));
    match screen(&std::io::stdout()) {
        Some(size) => terminal.data(&drawn(&text, first, size)),
        None => terminal.data(&format!("{text}\n")),
    }
}

/// The lines over those of before, each cut to the screen, and nothing behind them.
fn drawn(text: &str, first: bool, size: Screen) -> String {
    let start = if first { "\x1b[2J\x1b[H" } else { "\x1b[H" };
    let room = size.rows.saturating_sub(2);
    let count = text.lines().count();
    let mut lines: Vec<String> = text.lines().map(|line| size.line(line)).collect();
    if count > size.rows.saturating_sub(1) {
        lines.truncate(room);
        lines.push(size.line(&format!("and {} lines more", count - room)));
    }
    let lines: String = lines
        .iter()
        .map(|line| line.replace('\n', "\x1b[K\n"))
        .collect();
    format!("{start}{lines}\x1b[J")
}

fn text(mode: &Mode) -> String {
    let release = match (mode.release, mode.at) {
        (Some(number), Some(at)) => format!("release {number} of {}", moment::written(at)),
        _ if mode.services.is_empty() => "nothing runs".to_owned(),
        _ => "no release: not started by `composegen deploy`".to_owned(),
    };
    let mut text = format!("{} (project {}): {release}\n", mode.mode, mode.project);
    if let Some(who) = &mode.worked_on_by {
        text.push_str(&format!("  is being worked on: {who}\n"));
    }
    if let Some(what) = &mode.interrupted {
        text.push_str(&format!("  {what}\n"));
    }
    for wrong in &mode.wrong {
        text.push_str(&format!("  wrong: {wrong}\n"));
    }
    let width = mode
        .services
        .iter()
        .map(|line| line.service.chars().count())
        .max()
        .unwrap_or(0);
    mode.services
        .iter()
        .for_each(|line| text.push_str(&row(line, width)));
    text
}

fn row(line: &Line, width: usize) -> String {
    let up = line.up.map(moment::span).unwrap_or_default();
    let row = format!(
        "  {:width$}  {:<14}  {up:<12}{}{}",
        line.service,
        line.state,
        memory(line),
        restarts(line.restarts)
    );
    format!("{}\n", row.trim_end())
}

fn memory(line: &Line) -> String {
    let Some(used) = line.memory else {
        return String::new();
    };
    let words = Memory::from_bytes(used).human();
    match line.memory_limit {
        0 => format!("  {words}, no limit"),
        limit => format!(
            "  {}  {words} of {}",
            bar(used, limit, 10, '░'),
            Memory::from_bytes(limit).human()
        ),
    }
}

fn restarts(count: u64) -> String {
    match count {
        0 => String::new(),
        1 => "  started again once".to_owned(),
        _ => format!("  started again {count} times"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line() -> Line {
        Line {
            service: "web".to_owned(),
            state: "healthy".to_owned(),
            up: Some(3600),
            memory: Some(32 << 20),
            memory_limit: 64 << 20,
            restarts: 2,
        }
    }

    #[test]
    fn a_row_shows_what_a_container_uses_of_its_limit() {
        assert_eq!(
            row(&line(), 5),
            "  web    healthy         1 h           █████░░░░░  32 MiB of 64 MiB  started again 2 times\n"
        );
        let job = Line {
            up: None,
            memory: None,
            restarts: 0,
            state: "exited with 0".to_owned(),
            ..line()
        };
        assert_eq!(row(&job, 3), "  web  exited with 0\n");
    }

    #[test]
    fn what_is_watched_fits_the_screen() {
        let size = Screen {
            columns: 5,
            rows: 3,
        };
        assert_eq!(
            drawn("long line\n\n", false, size),
            "\x1b[Hlong\x1b[K\n\x1b[K\n\x1b[J"
        );
        assert_eq!(
            drawn("a\nb\nc\n", true, size),
            "\x1b[2J\x1b[Ha\x1b[K\nand\x1b[K\n\x1b[J"
        );
    }

    #[test]
    fn a_mode_says_what_is_wrong() {
        let mode = Mode {
            mode: "test".to_owned(),
            project: "demo-test".to_owned(),
            release: None,
            at: None,
            worked_on_by: None,
            interrupted: Some("the deployment of release 4 was interrupted".to_owned()),
            wrong: vec!["web is unhealthy".to_owned()],
            services: Vec::new(),
        };
        assert_eq!(
            text(&mode),
            "test (project demo-test): nothing runs\n  the deployment of release 4 was interrupted\n  wrong: web is unhealthy\n"
        );
    }
}

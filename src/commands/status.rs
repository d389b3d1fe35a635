//! `composegen status`: what runs. It looks and changes nothing.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::Serialize;

use super::deploy::{Patience, Session, now};
use super::{Exit, Failure, Result, Run, terminal::Terminal};
use crate::cli::{Format, Status};
use crate::deploy::facts::{Container, Health, State};
use crate::deploy::moment;
use crate::deploy::standing::{Before, failed, standings, waiting};
use crate::docker::interrupt;
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
    if words.watch {
        interrupt::keep();
    }
    loop {
        let mut all = Vec::new();
        for plan in super::chosen(&plans, &modes) {
            all.push(mode(run, &plans, plan, terminal)?);
        }
        show(run, &all, words.watch, terminal);
        let fine = all
            .iter()
            .all(|mode| mode.wrong.is_empty() && mode.interrupted.is_none());
        if !words.watch || interrupt::asked() || terminal.is_broken() {
            return Ok(if fine { Exit::Fine } else { Exit::Findings });
        }
        std::thread::sleep(PULSE);
        if interrupt::asked() {
            return Ok(if fine { Exit::Fine } else { Exit::Findings });
        }
    }
}

fn mode(
    run: &Run,
    plans: &[Plan],
    plan: &Plan,
    terminal: &mut Terminal,
) -> std::result::Result<Mode, Failure> {
    let patience = Patience {
        timeout: Duration::ZERO,
        settle: Duration::ZERO,
    };
    let session = Session::of_mode(run, plans, plan.mode, patience, terminal)?;
    let containers = session.containers()?;
    let running: Vec<&str> = containers
        .iter()
        .filter(|it| it.state == State::Running)
        .map(|it| it.id.as_str())
        .collect();
    let used = session.docker.memory_used(&running)?;
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
    Ok(Mode {
        mode: plan.mode.to_owned(),
        project: plan.project.to_owned(),
        release: release.as_ref().map(|release| release.number),
        at: release.as_ref().map(|release| release.at),
        worked_on_by,
        interrupted: interrupted(&session),
        wrong: wrong
            .map(|(service, what)| format!("{service} {what}"))
            .collect(),
        services: containers.iter().map(|it| line(it, &used)).collect(),
    })
}

/// What was interrupted, unless somebody is at it.
fn interrupted(session: &Session) -> Option<String> {
    if lock::holder(session.store.folder()).is_some() {
        return None;
    }
    let journal = session.store.journal();
    journal.value.map(|journal| journal.told(now()))
}

fn line(container: &Container, used: &BTreeMap<String, u64>) -> Line {
    let is_running = container.state == State::Running;
    let since = moment::read(&container.started).filter(|_| is_running);
    Line {
        service: match container.one_off {
            true => format!("{} (by hand)", container.service),
            false => container.service.clone(),
        },
        state: state(container).to_owned(),
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

fn show(run: &Run, all: &[Mode], again: bool, terminal: &mut Terminal) {
    if run.format == Format::Json {
        return terminal.json(&all);
    }
    let text: String = all.iter().map(text).collect::<Vec<String>>().join("\n");
    let clear = if again { "\x1b[2J\x1b[H" } else { "" };
    terminal.data(&format!("{clear}{text}"));
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
        let mode = &mode.mode;
        text.push_str(&format!(
            "  {what}: `composegen rollback {mode}` undoes it, `composegen deploy {mode}` goes on\n"
        ));
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
            "test (project demo-test): nothing runs\n  the deployment of release 4 was interrupted: `composegen rollback test` \
             undoes it, `composegen deploy test` goes on\n  wrong: web is unhealthy\n"
        );
    }
}

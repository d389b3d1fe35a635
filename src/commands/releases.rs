//! `composegen releases`: the releases of a mode that can be gone back to.

use std::time::Duration;

use serde::Serialize;

use super::deploy::{Patience, Session};
use super::{Exit, Result, Run, terminal::Terminal};
use crate::cli::{Format, Releases};
use crate::deploy::moment;
use crate::values::prose::plural;
use crate::values::shown::shown;

#[derive(Serialize)]
struct Line {
    release: u32,
    at: u64,
    host: String,
    services: usize,
    runs: bool,
}

/// Lists.
pub fn run(run: &Run, words: &Releases, terminal: &mut Terminal) -> Result {
    let Some((mode, plans)) = run.mode_and_plans(&words.mode, words.host.host.as_deref())? else {
        return Ok(super::refuse(run, terminal));
    };
    let patience = Patience {
        timeout: Duration::ZERO,
        settle: Duration::ZERO,
    };
    let session = Session::of_mode(run, &plans, mode, patience, terminal)?;
    let read = session.store.releases();
    let current = session.store.current();
    let good = read.value.into_iter().filter(|release| release.good);
    let line = |release: crate::deploy::release::Release| Line {
        release: release.number,
        at: release.at,
        host: release.host,
        services: release.services.len(),
        runs: Some(release.number) == current,
    };
    let lines: Vec<Line> = good.map(line).collect();
    match run.format {
        Format::Json => terminal.json(&lines),
        Format::Human if lines.is_empty() => {
            terminal.talk(&format!("{} has no release yet\n", shown(mode)))
        }
        Format::Human => lines
            .iter()
            .rev()
            .for_each(|line| terminal.data(&text(line))),
    }
    Ok(Exit::Fine)
}

fn text(line: &Line) -> String {
    let runs = if line.runs { "  runs" } else { "" };
    let services = plural(line.services, "service");
    format!(
        "{:>4}  {}  {services} on {}{runs}\n",
        line.release,
        moment::written(line.at),
        line.host
    )
}

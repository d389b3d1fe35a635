//! `composegen build`: the whole pipeline, and the files are written.

use serde::Serialize;

use super::{Exit, Result, Run, terminal::Terminal};
use crate::cli::{Build, Format};
use crate::files::{State, Written, write};
use crate::finding::Finding;
use crate::outputs::{Setting, files};
use crate::plan::Plan;
use crate::plan::totals::totals;
use crate::report::{json, plural};
use crate::rules::Checked;

/// Builds.
pub fn run(run: &Run, words: &Build, terminal: &mut Terminal) -> Result {
    let Some((host, modes)) = super::selection(run, &words.selection)? else {
        return Ok(super::refuse(run, terminal));
    };
    let plans = run.plans(host);
    let judged = run.judge(&plans);
    let [Some(checked)] = judged.outcomes.as_slice() else {
        run.tell(&judged.findings, false, terminal);
        if run.format == Format::Human {
            terminal.talk("nothing was written\n");
        }
        return Ok(Exit::Findings);
    };
    let setting = run.setting(host);
    if words.stdout {
        print(run, checked, &modes, &setting, &judged.findings, terminal);
        return Ok(Exit::Fine);
    }
    let set = files(checked, &modes, &setting, run.arena);
    let written = write(&run.sources.root, &set)?;
    say(run, checked, &modes, &written, &judged.findings, terminal);
    Ok(Exit::Fine)
}

/// Prints the Compose files, one document each, and writes nothing.
fn print(
    run: &Run,
    checked: &Checked,
    modes: &[&str],
    setting: &Setting,
    findings: &[Finding],
    terminal: &mut Terminal,
) {
    if !findings.is_empty() && run.format == Format::Human {
        run.tell(findings, false, terminal);
    }
    let chosen: Vec<&Plan> = super::chosen(checked.plans(), modes).collect();
    if run.format == Format::Json {
        let printed = |plan: &&Plan| Printed {
            path: setting.path(plan),
            text: crate::outputs::compose_file::text(plan, setting, run.arena),
        };
        return terminal.json(&chosen.iter().map(printed).collect::<Vec<_>>());
    }
    let text = |plan: &Plan| crate::outputs::compose_file::text(plan, setting, run.arena);
    for plan in &chosen {
        if chosen.len() > 1 {
            terminal.data("---\n");
        }
        terminal.data(&text(plan));
    }
}

#[derive(Serialize)]
struct Report {
    files: Vec<File>,
    modes: Vec<Sums>,
    /// What was found, as `check` tells it: `findings`, `errors`, `warnings`.
    #[serde(flatten)]
    found: serde_json::Map<String, serde_json::Value>,
}

/// A file that is printed and not written.
#[derive(Serialize)]
struct Printed {
    path: String,
    text: String,
}

#[derive(Serialize)]
struct File {
    path: String,
    state: &'static str,
}

/// Sums in bytes and thousandths of a CPU.
#[derive(Serialize)]
struct Sums {
    mode: String,
    host: String,
    services: usize,
    memory: u64,
    memory_budget: u64,
    cpus: u32,
    cpu_budget: u32,
    reservation: u64,
    reservation_budget: u64,
}

fn sums(plan: &Plan) -> Sums {
    let all = totals(plan);
    Sums {
        mode: plan.mode.to_owned(),
        host: plan.host.to_owned(),
        services: plan.services.len(),
        memory: all.memory.bytes(),
        memory_budget: plan.budget.memory.bytes(),
        cpus: all.cpus.thousandths(),
        cpu_budget: plan.budget.cpus.thousandths(),
        reservation: all.reservation.bytes(),
        reservation_budget: plan.budget.reservations.bytes(),
    }
}

fn word(state: State) -> &'static str {
    match state {
        State::Same => "unchanged",
        State::Missing => "created",
        State::Different => "changed",
    }
}

fn say(
    run: &Run,
    checked: &Checked,
    modes: &[&str],
    written: &[Written],
    findings: &[Finding],
    terminal: &mut Terminal,
) {
    let chosen = super::chosen(checked.plans(), modes);
    if run.format == Format::Json {
        let file = |file: &Written| File {
            path: file.path.clone(),
            state: word(file.state),
        };
        let report = Report {
            files: written.iter().map(file).collect(),
            modes: chosen.map(sums).collect(),
            found: serde_json::from_str(&json::findings(findings, run.sources)).unwrap_or_default(),
        };
        terminal.json(&report);
        return;
    }
    if !findings.is_empty() {
        run.tell(findings, false, terminal);
    }
    let width = checked
        .plans()
        .iter()
        .map(|plan| plan.mode.len())
        .max()
        .unwrap_or(0);
    for plan in chosen {
        terminal.talk(&budget_line(plan, width));
    }
    let changed: Vec<&Written> = written
        .iter()
        .filter(|file| file.state != State::Same)
        .collect();
    for file in &changed {
        terminal.talk(&format!("{} {}\n", word(file.state), file.path));
    }
    if changed.is_empty() {
        terminal.talk(&format!(
            "nothing changed: {} current\n",
            plural(written.len(), "file")
        ));
    }
}

/// A mode's sums against its budget, in one line.
fn budget_line(plan: &Plan, width: usize) -> String {
    let (all, budget) = (totals(plan), &plan.budget);
    let least = if all.complete { "" } else { "at least " };
    format!(
        "{:width$} on {}: {}, {least}{} of {} memory, {} of {} CPUs\n",
        plan.mode,
        plan.host,
        plural(plan.services.len(), "service"),
        all.memory.human(),
        budget.memory.human(),
        all.cpus,
        budget.cpus,
    )
}

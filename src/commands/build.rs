//! `composegen build`: the whole pipeline, and the files are written.

use schemars::JsonSchema;
use serde::Serialize;

use super::drift::Drift;
use super::{Exit, Failure, Result, Run, terminal::Terminal};
use crate::cli::{Build, Form, Format};
use crate::files::{State, Written, write};
use crate::finding::Finding;
use crate::outputs::limits::against_budget;
use crate::outputs::{FileSet, Outputs, Setting};
use crate::plan::Plan;
use crate::plan::totals::totals;
use crate::report::{json, plural, without_secrets};
use crate::rules::Checked;
use crate::source::Sources;

/// Builds.
pub fn run(run: &Run, words: &Build, terminal: &mut Terminal) -> Result {
    let Some((host, modes)) = super::selection(run, &words.selection)? else {
        return Ok(super::refuse(run, terminal));
    };
    let plans = run.plans(host);
    let judged = run.judge(&plans);
    let [Some(checked)] = judged.outcomes.as_slice() else {
        run.tell(&judged.findings, Exit::Findings, false, terminal);
        if run.format == Format::Human {
            terminal.talk("nothing was written\n");
        }
        return Ok(Exit::Findings);
    };
    let setting = run.setting(host);
    if words.stdout && !matches!(run.form, Form::Human | Form::Json) {
        return Err(cannot_print(run));
    }
    if words.stdout {
        print(run, checked, &modes, &setting, &judged.findings, terminal);
        return Ok(Exit::Fine);
    }
    let outputs = Outputs::of(checked, &modes, &setting);
    let written = write(&run.sources.root, &outputs)?;
    let mut findings = judged.findings;
    let mut sources = None;
    let mut unstaged = 0;
    if words.staged {
        let drift = drift(run, &outputs.set(), &setting, host)?;
        unstaged = drift.count();
        // People are told in one line what programs are told of each file.
        if run.form != Form::Human {
            let (with_files, all) = drift.told(run.sources, findings);
            (sources, findings) = (Some(with_files), all);
        }
    }
    let exit = match unstaged {
        0 => Exit::Fine,
        _ => Exit::Findings,
    };
    let sources = sources.as_ref().unwrap_or(run.sources);
    let told = Told {
        findings: &findings,
        sources,
        exit,
    };
    say(run, checked, &modes, &written, &told, terminal);
    if unstaged > 0 && run.format == Format::Human {
        terminal.talk(&to_stage(run, &setting, host, unstaged));
    }
    Ok(exit)
}

/// What was written is compared with what is staged.
fn drift<'s>(
    run: &Run<'_, 's>,
    set: &FileSet,
    setting: &Setting,
    host: &str,
) -> std::result::Result<Drift<'s>, Failure> {
    let mut drift = Drift::default();
    drift.add(run, set, setting, host)?;
    Ok(drift)
}

fn to_stage(run: &Run, setting: &Setting, host: &str, count: usize) -> String {
    let folder = run.sources.shown_beside(&setting.folder(host));
    format!(
        "not staged yet: {}; `git add {folder}`\n",
        plural(count, "file")
    )
}

/// What stands on standard output can be one of the two.
fn cannot_print(run: &Run) -> Failure {
    Failure {
        message: format!(
            "`--stdout` prints the Compose files and no `{}`",
            run.form.word()
        ),
        help: Some("`composegen check` tells findings in that format".to_owned()),
    }
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
        terminal.talk(&super::human_text(
            findings,
            run.sources,
            terminal.style(false),
        ));
    }
    let chosen: Vec<&Plan> = super::chosen(checked.plans(), modes).collect();
    if run.format == Format::Json {
        let printed = |plan: &&Plan| Printed {
            path: setting.path(plan),
            text: crate::outputs::compose_file::text(plan, setting),
        };
        return terminal.json(&chosen.iter().map(printed).collect::<Vec<_>>());
    }
    let text = |plan: &Plan| crate::outputs::compose_file::text(plan, setting);
    for plan in &chosen {
        if chosen.len() > 1 {
            terminal.data("---\n");
        }
        terminal.data(&text(plan));
    }
}

/// What was built.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Build")]
pub struct Report<'a> {
    /// The files; absent where an error was found, since nothing is written then.
    #[serde(skip_serializing_if = "Option::is_none")]
    files: Option<Vec<File>>,
    /// What the modes ask for; absent where an error was found.
    #[serde(skip_serializing_if = "Option::is_none")]
    modes: Option<Vec<Sums>>,
    /// What was found, as `check` tells it.
    #[serde(flatten)]
    found: json::Document<'a>,
}

/// A file that is printed and not written.
#[derive(Serialize)]
struct Printed {
    path: String,
    text: String,
}

/// A file.
#[derive(Serialize, JsonSchema)]
struct File {
    /// Its path from the project's folder on.
    path: String,
    /// What became of it.
    state: Became,
}

/// What became of a file.
#[derive(Clone, Copy, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum Became {
    Unchanged,
    Created,
    Changed,
}

/// What a mode asks for in sum, in bytes and thousandths of a CPU.
#[derive(Serialize, JsonSchema)]
struct Sums {
    /// The mode.
    mode: String,
    /// The host.
    host: String,
    /// How many services it has.
    services: usize,
    /// The limits of memory, in bytes.
    memory: u64,
    /// What of the host's memory it may use, in bytes.
    memory_budget: u64,
    /// The limits of CPUs, in thousandths.
    cpus: u32,
    /// What of the host's CPUs it may use, in thousandths.
    cpu_budget: u32,
    /// The memory that is kept, in bytes.
    reservation: u64,
    /// How much memory may be kept, in bytes.
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

fn became(state: State) -> Became {
    match state {
        State::Same => Became::Unchanged,
        State::Missing => Became::Created,
        State::Different => Became::Changed,
    }
}

fn word(state: State) -> &'static str {
    match became(state) {
        Became::Unchanged => "unchanged",
        Became::Created => "created",
        Became::Changed => "changed",
    }
}

/// What was found, and how the run ends.
struct Told<'a, 's> {
    findings: &'a [Finding],
    sources: &'a Sources<'s>,
    exit: Exit,
}

fn say(
    run: &Run,
    checked: &Checked,
    modes: &[&str],
    written: &[Written],
    told: &Told,
    terminal: &mut Terminal,
) {
    let Told {
        findings,
        sources,
        exit,
    } = *told;
    let chosen = super::chosen(checked.plans(), modes);
    if run.format == Format::Json {
        let file = |file: &Written| File {
            path: file.path.clone(),
            state: became(file.state),
        };
        let findings = &without_secrets(findings, sources);
        let report = Report {
            files: Some(written.iter().map(file).collect()),
            modes: Some(chosen.map(sums).collect()),
            found: json::document(findings, sources),
        };
        terminal.json(&report);
        return;
    }
    if !findings.is_empty() || run.form != Form::Human {
        run.tell_of(findings, sources, exit, false, terminal);
    }
    let width = checked
        .plans()
        .iter()
        .map(|plan| plan.mode.len())
        .max()
        .unwrap_or(0);
    let mut lines: String = chosen.map(|plan| budget_line(plan, width)).collect();
    let changed: Vec<&Written> = written
        .iter()
        .filter(|file| file.state != State::Same)
        .collect();
    for file in &changed {
        lines.push_str(&format!("{} {}\n", word(file.state), file.path));
    }
    if changed.is_empty() {
        let files = plural(written.len(), "file");
        lines.push_str(&format!("nothing changed: {files} current\n"));
    }
    terminal.talk(&lines);
}

/// A mode's sums against its budget, in one line.
pub(super) fn budget_line(plan: &Plan, width: usize) -> String {
    format!(
        "{:width$} on {}: {}, {}\n",
        plan.mode,
        plan.host,
        plural(plan.services.len(), "service"),
        against_budget(plan),
    )
}

//! `composegen diff`: what build would change.

use schemars::JsonSchema;
use serde::Serialize;

use super::drift::Drift;
use super::{Exit, Result, Run, terminal::Terminal};
use crate::cli::{Form, Selection};
use crate::files::{State, unified};
use crate::finding::Finding;
use crate::outputs::files;
use crate::report::markdown::folded;
use crate::report::{json, plural};
use crate::rule::Rule;
use crate::source::Sources;

/// What differs.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Diff")]
pub struct Report<'a> {
    /// The files that `composegen build` would write or change; absent where an error was found in the catalog.
    #[serde(skip_serializing_if = "Option::is_none")]
    files: Option<Vec<File>>,
    /// What was found: in the catalog, and that files are not current.
    #[serde(flatten)]
    found: json::Document<'a>,
}

/// A file.
#[derive(Serialize, JsonSchema)]
struct File {
    /// Its path from the project's folder on.
    path: String,
    /// What would become of it.
    state: Becomes,
    /// The change as a unified diff.
    diff: String,
}

/// What would become of a file.
#[derive(Clone, Copy, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum Becomes {
    Created,
    Changed,
}

/// Shows what build would change.
pub fn run(run: &Run, words: &Selection, terminal: &mut Terminal) -> Result {
    let Some((host, modes)) = super::selection(run, words)? else {
        return Ok(super::refuse(run, terminal));
    };
    let plans = run.plans(host);
    let judged = run.judge(&plans);
    let [Some(checked)] = judged.outcomes.as_slice() else {
        run.tell(&judged.findings, Exit::Findings, false, terminal);
        return Ok(Exit::Findings);
    };
    let setting = run.setting(host);
    let set = files(checked, &modes, &setting, run.arena);
    let color = run.form == Form::Human && terminal.style(true).color;
    let mut drift = Drift::default();
    let mut changed = Vec::new();
    for (path, state, there) in drift.add(run, &set, &setting, host)? {
        let state = match state {
            State::Same => continue,
            State::Missing => Becomes::Created,
            State::Different => Becomes::Changed,
        };
        let wanted = set.get(&path).unwrap_or_default();
        let diff = unified(&path, there.as_deref(), wanted, color);
        changed.push(File { path, state, diff });
    }
    let exit = match changed.is_empty() {
        true => Exit::Fine,
        false => Exit::Findings,
    };
    let (sources, findings) = drift.told(run.sources, judged.findings);
    let told = Told {
        files: changed,
        of: set.len(),
        findings,
        sources,
        exit,
    };
    tell(run, told, terminal);
    Ok(exit)
}

/// What there is to tell.
struct Told<'s> {
    files: Vec<File>,
    /// How many files were compared.
    of: usize,
    findings: Vec<Finding>,
    sources: Sources<'s>,
    exit: Exit,
}

fn tell(run: &Run, told: Told, terminal: &mut Terminal) {
    let Told {
        files,
        of,
        findings,
        sources,
        exit,
    } = told;
    match run.form {
        Form::Human | Form::Mermaid | Form::Dot | Form::Svg => {
            files.iter().for_each(|file| terminal.data(&file.diff));
            let (stale, others): (Vec<_>, Vec<_>) = findings
                .into_iter()
                .partition(|finding| finding.rule == Rule::GeneratedStale);
            if !others.is_empty() {
                run.tell_of(&others, &sources, exit, false, terminal);
            }
            // Every one of them would say the same.
            if let Some(help) = stale.first().and_then(|finding| finding.help.as_deref()) {
                let count = plural(stale.len(), "file");
                terminal.talk(&format!("{count} not current: {help}\n"));
            }
            if files.is_empty() {
                let count = plural(of, "file");
                terminal.talk(&format!("no difference: {count} current\n"));
            }
        }
        Form::Json => terminal.json(&Report {
            files: Some(files),
            found: json::document(&findings, &sources),
        }),
        Form::Sarif | Form::Github => run.tell_of(&findings, &sources, exit, true, terminal),
        Form::Markdown => {
            run.tell_of(&findings, &sources, exit, true, terminal);
            let diff: String = files.iter().map(|file| file.diff.as_str()).collect();
            if !diff.is_empty() {
                terminal.data(&folded("The change, line by line", "diff", &diff));
            }
        }
    }
}

//! `composegen diff`: what build would change.

use serde::Serialize;

use super::{Exit, Result, Run, terminal::Terminal};
use crate::cli::{Format, Selection};
use crate::files::{State, compare, unified};
use crate::outputs::files;

#[derive(Serialize)]
struct Report {
    files: Vec<File>,
}

#[derive(Serialize)]
struct File {
    path: String,
    state: &'static str,
    diff: String,
}

/// Shows what build would change.
pub fn run(run: &Run, words: &Selection, terminal: &mut Terminal) -> Result {
    let Some((host, modes)) = super::selection(run, words)? else {
        return Ok(super::refuse(run, terminal));
    };
    let plans = run.plans(host);
    let judged = run.judge(&plans);
    let [Some(checked)] = judged.outcomes.as_slice() else {
        run.tell(&judged.findings, false, terminal);
        return Ok(Exit::Findings);
    };
    if !judged.findings.is_empty() && run.format == Format::Human {
        run.tell(&judged.findings, false, terminal);
    }
    let set = files(checked, &modes, &run.setting(host), run.arena);
    let color = run.format == Format::Human && terminal.style(true).color;
    let mut report = Report { files: Vec::new() };
    for (path, state, there) in compare(run.tree, &set)? {
        let state = match state {
            State::Same => continue,
            State::Missing => "created",
            State::Different => "changed",
        };
        let diff = unified(
            &path,
            there.as_deref(),
            set.get(&path).unwrap_or_default(),
            color,
        );
        report.files.push(File { path, state, diff });
    }
    match run.format {
        Format::Json => terminal.json(&report),
        Format::Human => report
            .files
            .iter()
            .for_each(|file| terminal.data(&file.diff)),
    }
    if report.files.is_empty() {
        if run.format == Format::Human {
            terminal.talk(&format!(
                "no difference: {} current\n",
                crate::report::plural(set.len(), "file")
            ));
        }
        return Ok(Exit::Fine);
    }
    Ok(Exit::Findings)
}

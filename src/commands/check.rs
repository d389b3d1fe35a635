//! `composegen check`: every mode on every host, and whether what is checked in is current.

use super::diff::{changed, secrets};
use super::drift::Drift;
use super::{Failure, Result, Run, exit_of, terminal::Terminal};
use crate::cli::{Check, Form};
use crate::finding::Finding;
use crate::outputs::files;
use crate::report::markdown::{MOST, folded_change};
use crate::rules::Checked;
use crate::source::Sources;

/// Checks.
pub fn run(run: &Run, words: &Check, terminal: &mut Terminal) -> Result {
    if words.diff && !matches!(run.form, Form::Human | Form::Markdown) {
        return Err(no_lines(run));
    }
    if !run.loaded.parsed {
        return Ok(super::refuse(run, terminal));
    }
    let plans = run.plans_of_all_hosts();
    let judged = run.judge(&plans);
    let mut drift = Drift::default();
    let mut lines = words.diff.then(String::new);
    let color = run.form == Form::Human && terminal.style(true).color;
    // What the catalog gives is known only where nothing is wrong with it.
    if judged.outcomes.iter().all(Option::is_some) {
        for checked in judged.outcomes.iter().flatten() {
            let changed = drifted(run, checked, &mut drift, lines.is_some().then_some(color))?;
            if let Some(lines) = &mut lines {
                lines.push_str(&changed);
            }
        }
    }
    let (sources, findings) = drift.told(run.sources, judged.findings);
    let exit = exit_of(&findings);
    let lines = lines.unwrap_or_default();
    if run.form == Form::Markdown {
        terminal.data(&page(run, &findings, &sources, &lines));
        return Ok(exit);
    }
    // In a terminal what is read first stands last: the findings say what to do.
    terminal.data(&lines);
    run.tell_of(&findings, &sources, exit, true, terminal);
    Ok(exit)
}

/// The findings, and the lines folded below them.
fn page(run: &Run, findings: &[Finding], sources: &Sources, lines: &str) -> String {
    if lines.is_empty() {
        return run.page(findings, sources, MOST);
    }
    let mut page = run.page(findings, sources, MOST / 2);
    let room = MOST.saturating_sub(page.len());
    page.push_str(&folded_change(lines, room));
    page
}

/// Lines of files are for people; programs have them from `diff`.
fn no_lines(run: &Run) -> Failure {
    let form = run.form.word();
    let help = match run.form {
        Form::Json => "`composegen diff --format json` has them",
        _ => "they can be had as human and markdown",
    };
    Failure {
        message: format!("`check --diff` has no lines to show as `{form}`"),
        help: Some(help.to_owned()),
    }
}

/// The files of a host that are not what the catalog gives. A host other than the default one has files only where
/// somebody built for it. With `color`, coloured or not, gives what would change in them line by line.
fn drifted<'s>(
    run: &Run<'_, 's>,
    checked: &Checked,
    drift: &mut Drift<'s>,
    color: Option<bool>,
) -> std::result::Result<String, Failure> {
    let Some(host) = checked.plans().first().map(|plan| plan.host) else {
        return Ok(String::new());
    };
    let setting = run.setting(host);
    if !setting.default_host && !run.tree.holds_folder(&setting.folder(host)) {
        return Ok(String::new());
    }
    let set = files(checked, &[], &setting);
    let compared = drift.add(run, &set, &setting, host)?;
    Ok(color.map_or(String::new(), |color| {
        let secrets = secrets(run, &[run.catalog()], checked.plans());
        let changed = changed(&compared, &set, &secrets, color);
        changed.into_iter().map(|file| file.diff).collect()
    }))
}

//! `composegen check`: every mode on every host, and whether what is checked in is current.

use super::{Exit, Failure, Result, Run, terminal::Terminal};
use crate::files::{State, compare};
use crate::finding::{Finding, Findings};
use crate::outputs::{drift, files};
use crate::place::Place;
use crate::rule::Level;
use crate::rules::Checked;

/// A file's head says within so many lines by which command it was made.
const HEAD_LINES: usize = 5;

/// Checks.
pub fn run(run: &Run, terminal: &mut Terminal) -> Result {
    if !run.loaded.parsed {
        return Ok(super::refuse(run, terminal));
    }
    let all = Findings::new();
    let mut checked_all = true;
    let plans = run.plans_of_all_hosts();
    let judged = run.judge(&plans);
    for outcome in &judged.outcomes {
        checked_all &= outcome.is_some();
    }
    judged
        .findings
        .into_iter()
        .for_each(|finding| all.add(finding));
    // What the catalog gives is known only where nothing is wrong with it.
    if checked_all {
        for checked in judged.outcomes.iter().flatten() {
            drifted(run, checked, &all)?;
        }
    }
    let findings = all.take();
    run.tell(&findings, true, terminal);
    let errors = findings.iter().any(|finding| finding.level == Level::Error);
    Ok(if errors { Exit::Findings } else { Exit::Fine })
}

/// The files of a host that are not what the catalog gives. A host other than the default one has files only where
/// somebody built for it.
fn drifted(run: &Run, checked: &Checked, findings: &Findings) -> std::result::Result<(), Failure> {
    let Some(host) = checked.plans().first().map(|plan| plan.host) else {
        return Ok(());
    };
    let setting = run.setting(host);
    if !setting.default_host && !run.tree.holds_folder(&setting.folder(host)) {
        return Ok(());
    }
    let set = files(checked, &[], &setting, run.arena);
    for (path, state, there) in compare(run.tree, &set)? {
        if let Some(finding) = finding(&path, state, there.as_deref(), &setting, host) {
            findings.add(finding);
        }
    }
    Ok(())
}

fn finding(
    path: &str,
    state: State,
    there: Option<&[u8]>,
    setting: &crate::outputs::Setting,
    host: &str,
) -> Option<Finding> {
    use crate::rule::Rule;
    let host = setting.again(host);
    let rule = match (state, there) {
        (State::Same, _) => return None,
        (State::Missing, _) | (State::Different, None) => Rule::GeneratedStale,
        (State::Different, Some(there)) => drift::judge(there),
    };
    let (message, help) = match (rule, state) {
        (Rule::GeneratedEdited, _) => (
            format!("`{path}` was edited by hand"),
            format!(
                "bring the change into the catalog; `composegen diff{host}` shows it, `composegen build{host}` takes it back"
            ),
        ),
        (_, State::Missing) => (
            format!("`{path}` is not there"),
            format!("run `composegen build{host}`"),
        ),
        _ => (
            format!("`{path}` is not what the catalog gives"),
            match there.and_then(|there| otherwise(there, &host)) {
                Some(other) => format!(
                    "it was made by `{other}`: give `composegen check` the same `--set`, or run `composegen build{host}`"
                ),
                None => format!(
                    "run `composegen build{host}`; `composegen diff{host}` shows what changes"
                ),
            },
        ),
    };
    Some(Finding::new(rule, Place::NOWHERE, message).help(help))
}

/// The command that made a file, of its head, where that chose something that this run does not.
fn otherwise(there: &[u8], again: &str) -> Option<String> {
    let head = there.split(|byte| *byte == b'\n').take(HEAD_LINES);
    let mut lines = head.filter_map(|line| std::str::from_utf8(line).ok());
    let words = lines.find_map(|line| {
        line.trim_start_matches(['#', ' '])
            .strip_prefix("composegen build")
    })?;
    let words = words.trim_end();
    (words.contains(" --set ") && words != again).then(|| format!("composegen build{words}"))
}

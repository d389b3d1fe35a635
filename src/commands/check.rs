//! `composegen check`: every mode on every host, and whether what is checked in is current.

use super::drift::Drift;
use super::{Failure, Result, Run, exit_of, terminal::Terminal};
use crate::outputs::files;
use crate::rules::Checked;

/// Checks.
pub fn run(run: &Run, terminal: &mut Terminal) -> Result {
    if !run.loaded.parsed {
        return Ok(super::refuse(run, terminal));
    }
    let plans = run.plans_of_all_hosts();
    let judged = run.judge(&plans);
    let mut drift = Drift::default();
    // What the catalog gives is known only where nothing is wrong with it.
    if judged.outcomes.iter().all(Option::is_some) {
        for checked in judged.outcomes.iter().flatten() {
            drifted(run, checked, &mut drift)?;
        }
    }
    let (sources, findings) = drift.told(run.sources, judged.findings);
    let exit = exit_of(&findings);
    run.tell_of(&findings, &sources, exit, true, terminal);
    Ok(exit)
}

/// The files of a host that are not what the catalog gives. A host other than the default one has files only where
/// somebody built for it.
fn drifted<'s>(
    run: &Run<'_, 's>,
    checked: &Checked,
    drift: &mut Drift<'s>,
) -> std::result::Result<(), Failure> {
    let Some(host) = checked.plans().first().map(|plan| plan.host) else {
        return Ok(());
    };
    let setting = run.setting(host);
    if !setting.default_host && !run.tree.holds_folder(&setting.folder(host)) {
        return Ok(());
    }
    let set = files(checked, &[], &setting, run.arena);
    drift.add(run, &set, &setting, host).map(|_| ())
}

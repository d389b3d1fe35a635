//! `composegen diff`: what build would change, what has changed since a revision, how two modes differ; line by line,
//! or in words. What runs is compared in `deploy/live.rs`.
//!
//! | file | what stands there |
//! |---|---|
//! | `files.rs` | what lies in `generated/` against what the catalog gives |
//! | `sides.rs` | two modes, or a revision against now |
//! | `tell.rs` | what differs, in every format |

mod files;
mod sides;
mod tell;

use super::{Exit, Failure, Result, Run, terminal::Terminal};
use crate::catalog::Catalog;
use crate::cli::Diff;
use crate::difference::{Secrets, Unreadable};
use crate::files::{Tree, read_own};
use crate::finding::Finding;
use crate::pipeline::Judged;
use crate::plan::Plan;
use crate::rules::Checked;
pub(super) use files::changed;
pub use tell::Report;

/// Shows what differs.
pub fn run(run: &Run, words: &Diff, terminal: &mut Terminal) -> Result {
    if let Some(mode) = &words.live {
        return super::deploy::live::run(run, mode, words.selection.host.as_deref(), terminal);
    }
    match (&words.against, &words.before, &words.after) {
        (Some(revision), _, _) => sides::against(run, &words.selection, revision, terminal),
        (None, Some(before), Some(after)) => {
            sides::modes(run, &words.selection, before, after, terminal)
        }
        (None, _, _) => files::run(run, words, terminal),
    }
}

/// The plans of one host, and what was found beside; where that is an error, it is told, and there is nothing to compare.
fn checked<'j, 's>(
    run: &Run,
    judged: Judged<'j, 's>,
    terminal: &mut Terminal,
) -> Option<(Checked<'j, 's>, Vec<Finding>)> {
    let Judged {
        mut outcomes,
        findings,
    } = judged;
    match outcomes.pop().flatten() {
        Some(checked) => Some((checked, findings)),
        None => {
            run.tell(&findings, Exit::Findings, false, terminal);
            None
        }
    }
}

/// The secrets of catalogs, with the values that the env files of some modes hold, as far as they are there.
pub(super) fn secrets<'a, 's: 'a>(
    run: &'a Run<'_, 's>,
    catalogs: &[&'a Catalog<'s>],
    plans: &[Plan],
) -> Secrets {
    let mut secrets = Secrets::of(catalogs.iter().copied());
    for plan in plans {
        if let Ok(Some(env)) = read_own(&run.sources.root, &plan.own_env_name()) {
            secrets.learn(&env);
        }
    }
    secrets
}

/// A generated file that cannot be compared in words.
fn unreadable(run: &Run, path: &str, error: Unreadable) -> Failure {
    let Unreadable {
        mode: _,
        line,
        message,
    } = error;
    let (option, then) = match run.tree {
        Tree::Disk(_) => ("", ""),
        Tree::Git(_) => (" --staged", ", and `git add` stages it"),
    };
    Failure {
        message: format!("`{path}:{line}` cannot be read as a Compose file: {message}"),
        help: Some(format!(
            "`composegen build` writes it anew{then}; `composegen diff{option}` without `--summary` shows its lines"
        )),
    }
}

//! What is found in Compose files where nothing is said beside them: for a command that goes on with the files.

use bumpalo::Bump;

use super::super::Failure;
use super::host;
use super::{Heard, Told, Wanted, planned, said};
use crate::cli::Validate;
use crate::finding::Finding;
use crate::project::load;
use crate::rules::check_project;
use crate::source::project::ProjectFiles;

/// What is wrong with the files, and how much is not told of them.
#[derive(Default)]
pub struct Plain {
    /// What is wrong, matters of opinion left out.
    pub findings: Vec<Finding>,
    /// How many that are wrong are too many to be told.
    pub untold: usize,
    /// How many matters of opinion are left out.
    pub opinions: usize,
}

/// What is wrong with the files.
///
/// # Errors
/// What was said of the host means nothing.
pub fn plain<'s>(
    words: &Validate,
    wanted: &Wanted,
    files: &ProjectFiles<'s>,
    arena: &'s Bump,
) -> std::result::Result<Plain, Failure> {
    let machine = host::Asked::of(words, arena)?.machine(None, arena)?;
    let heard = Heard::new(said(words));
    for finding in &wanted.unreadable {
        heard.read.add(finding.clone());
    }
    let project = load(wanted.project(), files, arena, &heard.read);
    let mut found = match planned(&project, machine, arena, &heard.judged) {
        Some(plan) => check_project(&plan, heard.read.take_all(), &heard.judged),
        None => heard.read.take_all(),
    };
    let texts = files.texts();
    project.revealed.hide(&mut found, &texts);
    let Told {
        findings,
        untold,
        opinions,
        policy: _,
    } = heard.told(found, false);
    Ok(Plain {
        findings,
        untold,
        opinions,
    })
}

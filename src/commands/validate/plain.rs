//! What is found in Compose files where nothing is said beside them: for a command that goes on with the files.

use bumpalo::Bump;

use super::super::Failure;
use super::host;
use super::{Heard, Wanted, planned, said};
use crate::cli::Validate;
use crate::finding::Finding;
use crate::project::load;
use crate::rules::check_project;
use crate::source::project::ProjectFiles;

/// What is wrong with the files, matters of opinion left out.
///
/// # Errors
/// What was said of the host means nothing.
pub fn plain<'s>(
    words: &Validate,
    wanted: &Wanted,
    files: &ProjectFiles<'s>,
    arena: &'s Bump,
) -> std::result::Result<Vec<Finding>, Failure> {
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
    for finding in &mut found {
        project.revealed.hide(finding, &texts);
    }
    Ok(heard.told(found, false).findings)
}

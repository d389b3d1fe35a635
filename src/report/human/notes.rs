//! What stands below the excerpts of a finding: how the value came there, the next step, and how far it reaches.

use std::collections::BTreeSet;

use super::lines::{BLUE, GREEN, Lines};
use crate::finding::Finding;
use crate::report::{list, list_quoted};
use crate::values::shown::shown;

/// What stands below the excerpts.
pub(super) fn notes(lines: &mut Lines, finding: &Finding) {
    if let Some(way) = &finding.way {
        lines.note("came", BLUE, way);
    }
    if let Some(help) = &finding.help {
        lines.note("help", GREEN, help);
    }
    if let Some(also) = also(&finding.also) {
        lines.plain_note(&also);
    }
    if let Some(modes) = modes(&finding.modes, &finding.message) {
        lines.plain_note(&modes);
    }
    if let Some(hides) = hides(finding.hides) {
        lines.plain_note(&hides);
    }
}

/// How many findings are not told since they follow from this one.
pub(in crate::report) fn hides(count: usize) -> Option<String> {
    match count {
        0 => None,
        1 => Some("1 more finding follows from this, and is not shown".to_owned()),
        _ => Some(format!(
            "{count} more findings follow from this, and are not shown"
        )),
    }
}

/// How many other services are named.
const MOST_NAMED: usize = 5;

/// Which other services the same line hurts.
pub(in crate::report) fn also(also: &BTreeSet<String>) -> Option<String> {
    let named = also.iter().take(MOST_NAMED);
    let mut words: Vec<String> = named.map(|name| shown(name)).collect();
    match also.len().saturating_sub(words.len()) {
        0 => {}
        rest => words.push(format!("{rest} more")),
    }
    (!words.is_empty()).then(|| format!("the same goes for {}", list(&words)))
}

/// In which modes, unless the message says so.
pub(in crate::report) fn modes(modes: &[String], message: &str) -> Option<String> {
    let is_named = |mode: &String| message.contains(&shown(mode));
    if modes.iter().all(is_named) {
        return None;
    }
    let noun = if modes.len() == 1 { "mode" } else { "modes" };
    Some(format!("in the {noun} {}", list_quoted(modes)))
}

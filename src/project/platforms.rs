//! Platforms: a build for several has to be one for that on which its service runs, too.

use super::check::Named;
use crate::compose::list::Either;
use crate::finding::{Finding, Findings};
use crate::rule::Rule;
use crate::values::interpolation::with_defaults;
use crate::values::shown::shown;

/// Adds a platform of a service for which its image is not built. What a variable without a default says is not known.
pub(super) fn check((name, _, service): &Named, findings: &Findings) {
    let (Some(own), Some(Either::Long(build))) = (service.platform(), service.build) else {
        return;
    };
    let Some(platforms) = build.platforms().filter(|list| !list.items.is_empty()) else {
        return;
    };
    let Some(wanted) = with_defaults(own.text).filter(|wanted| !wanted.is_empty()) else {
        return;
    };
    // Compose compares the texts, whatever else names the same platform.
    let may_be = |text| with_defaults(text).is_none_or(|other| other == wanted);
    if platforms.items.iter().any(|item| may_be(item.text)) {
        return;
    }
    let message = format!(
        "{} runs on {}, and its image is not built for that",
        shown(name),
        shown(&wanted)
    );
    let finding = Finding::new(Rule::KeyConflict, own.place, message)
        .second(platforms.place, "it is built for these")
        .help("add it to the build's `platforms`, or take `platform` away");
    findings.add(finding.service(name));
}

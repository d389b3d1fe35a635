//! Findings that only follow from another one: a mistake is told once. `imge: nginx` is an unknown key, and not also a
//! service without an image; what a line that cannot be read would have used is not unused.

use crate::catalog::Catalog;
use crate::catalog::blocks::{Block, Blocks};
use crate::finding::Finding;
use crate::rule::Rule;
use crate::rules::way::reaches;

/// The key that was meant, and the rule that fires because it is not there.
const MEANT: &[(&str, Rule)] = &[
    ("image", Rule::ImageMissing),
    ("build", Rule::ImageMissing),
    ("memory", Rule::MemoryLimitMissing),
    ("limit", Rule::MemoryLimitMissing),
    ("cpus", Rule::CpuLimitMissing),
    ("limit", Rule::CpuLimitMissing),
    ("healthcheck", Rule::HealthcheckMissing),
    ("http", Rule::HealthcheckMissing),
    ("test", Rule::HealthcheckMissing),
    ("role", Rule::MissingField),
    ("class", Rule::MissingField),
    ("with", Rule::MissingField),
    ("ports", Rule::HealthcheckPort),
    ("expose", Rule::HealthcheckPort),
];

/// Takes out what follows from something that could not be read.
pub fn drop(catalog: &Catalog, findings: &mut Vec<Finding>) {
    let blocks = Blocks::of(catalog);
    let typos: Vec<(&str, Block)> = findings
        .iter()
        .filter(|finding| finding.rule == Rule::UnknownKey)
        .filter_map(|finding| Some((meant(finding)?, blocks.at(finding.place)?)))
        .collect();
    let follows: Vec<bool> = findings
        .iter()
        .map(|finding| {
            finding.rule == Rule::FragmentUnused
                || typos
                    .iter()
                    .any(|typo| is_because(catalog, &blocks, finding, typo))
        })
        .collect();
    let mut follows = follows.into_iter();
    findings.retain(|_| follows.next() != Some(true));
}

/// The key that an unknown one is near to.
fn meant(finding: &Finding) -> Option<&'static str> {
    let help = finding.help.as_deref()?;
    let mut keys = MEANT.iter().map(|(key, _)| *key);
    keys.find(|key| help.contains(&format!("did you mean `{key}`?")))
}

fn is_because(catalog: &Catalog, blocks: &Blocks, finding: &Finding, typo: &(&str, Block)) -> bool {
    let (meant, block) = *typo;
    if !MEANT.contains(&(meant, finding.rule)) {
        return false;
    }
    match (block, finding.service.as_deref()) {
        (Block::Service(name) | Block::Fragment(name), Some(service)) => {
            name == service || reaches(catalog, service, name)
        }
        (Block::Defaults | Block::Role(_), Some(_)) => true,
        _ => blocks.at(finding.place) == Some(block),
    }
}

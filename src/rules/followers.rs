//! Findings that only follow from another one: a mistake is told once. `imge: nginx` is an unknown key, and not also a
//! service without an image; what a line that cannot be read would have used is not unused; and a host with a typo is not
//! told once more by everybody who needs the service.

use rustc_hash::FxHashSet;

use crate::catalog::blocks::{Block, Blocks};
use crate::catalog::{Catalog, ServiceEntry};
use crate::finding::Finding;
use crate::place::Place;
use crate::rule::{Rule, Weight};
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
    ("healthcheck", Rule::DependencyWithoutHealthcheck),
    ("http", Rule::HealthcheckMissing),
    ("test", Rule::HealthcheckMissing),
    ("role", Rule::MissingField),
    ("class", Rule::MissingField),
    ("with", Rule::MissingField),
    ("context", Rule::BuildMissing),
    ("dockerfile", Rule::BuildMissing),
    ("dockerfile_inline", Rule::BuildMissing),
    ("ports", Rule::HealthcheckPort),
    ("expose", Rule::HealthcheckPort),
];

/// Findings about one line of which the first mends the second.
const SAME_LINE: &[(Rule, Rule)] = &[
    (Rule::ContainerNameDuplicate, Rule::SharedContainerName),
    (Rule::SecretLiteral, Rule::ScalarAmbiguous),
    (Rule::SecretDefault, Rule::ScalarAmbiguous),
    (Rule::SecretBuildArg, Rule::ScalarAmbiguous),
    (Rule::WrongType, Rule::ScalarAmbiguous),
    (Rule::BadPort, Rule::ScalarAmbiguous),
];

/// Takes out what goes away with another finding: about the same line, the value of a variable, the service that
/// somebody waits for.
pub fn drop_told(findings: &mut Vec<Finding>) {
    let causes: FxHashSet<(Rule, Place, bool)> = findings
        .iter()
        .filter(|finding| SAME_LINE.iter().any(|(cause, _)| *cause == finding.rule))
        .map(|finding| (finding.rule, finding.place, is_opinion(finding)))
        .collect();
    let awaited = awaited(findings);
    if causes.is_empty() && awaited.is_empty() {
        return;
    }
    let written_out = written_out(findings);
    findings.retain(|finding| {
        let is_cause = |rule, is_opinion| causes.contains(&(rule, finding.place, is_opinion));
        let follows = |(cause, rule): &(Rule, Rule)| {
            *rule == finding.rule
                && (is_cause(*cause, false) || is_opinion(finding) && is_cause(*cause, true))
        };
        let told = match finding.rule {
            Rule::VariableUnused => {
                first_name(finding).is_some_and(|name| written_out.contains(name))
            }
            Rule::HealthcheckMissing => awaited.contains(&finding.place),
            _ => false,
        };
        !told && !SAME_LINE.iter().any(follows)
    });
}

/// Whether a finding is not told unless somebody asks for opinions: it may not take the place of one that is.
fn is_opinion(finding: &Finding) -> bool {
    finding.weight == Some(Weight::Policy)
}

/// The services without a healthcheck of which that is told where somebody waits for it.
fn awaited(findings: &[Finding]) -> FxHashSet<Place> {
    let waiting = findings
        .iter()
        .filter(|finding| finding.rule == Rule::DependencyWithoutHealthcheck);
    waiting
        .filter_map(|finding| finding.second.as_ref())
        .map(|(place, _)| *place)
        .collect()
}

/// The secrets whose values stand where their names belong: nobody uses their variables because of that.
fn written_out(findings: &[Finding]) -> FxHashSet<String> {
    let literal = findings
        .iter()
        .filter(|finding| finding.rule == Rule::SecretLiteral);
    literal.filter_map(first_name).map(str::to_owned).collect()
}

/// The name that a message is about.
fn first_name(finding: &Finding) -> Option<&str> {
    finding.message.split('`').nth(1)
}

/// What a fragment or a service that nothing declares would have brought.
const BROUGHT: &[Rule] = &[
    Rule::ImageMissing,
    Rule::MemoryLimitMissing,
    Rule::CpuLimitMissing,
    Rule::HealthcheckMissing,
];

/// Takes out what follows from something that could not be read.
pub fn drop(catalog: &Catalog, texts: &[&str], findings: &mut Vec<Finding>) {
    let blocks = Blocks::of(catalog);
    let causes: Vec<Cause> = findings
        .iter()
        .filter_map(|finding| cause(finding, &blocks))
        .collect();
    let left_out = left_out_by_mistake(catalog, findings);
    let follows: Vec<bool> = findings
        .iter()
        .map(|finding| {
            is_used_by_mistake(finding, findings)
                || is_mentioned(finding, findings, texts)
                || is_misplaced(catalog, finding, &causes)
                || left_out.iter().any(|name| is_for_lack_of(finding, name))
                || causes
                    .iter()
                    .any(|cause| is_because(catalog, &blocks, finding, cause))
        })
        .collect();
    let mut follows = follows.into_iter();
    findings.retain(|_| follows.next() != Some(true));
}

/// The services whose `modes` or `hosts` name one that does not exist: where they were meant to be, nobody knows.
fn left_out_by_mistake<'s>(catalog: &Catalog<'s>, findings: &[Finding]) -> Vec<&'s str> {
    let unknown: FxHashSet<Place> = findings
        .iter()
        .filter(|finding| matches!(finding.rule, Rule::UnknownMode | Rule::UnknownHost))
        .map(|finding| finding.place)
        .collect();
    if unknown.is_empty() {
        return Vec::new();
    }
    let is_mistaken = |service: &&ServiceEntry| {
        let own = &service.words.own;
        let lists = [own.modes, own.hosts()].into_iter().flatten();
        lists
            .flat_map(|list| list.items)
            .any(|word| unknown.contains(&word.place))
    };
    let services = catalog.services.values().copied();
    services
        .filter(is_mistaken)
        .map(|service| service.name)
        .collect()
}

/// Whether a finding says that a service is left out by its own `modes` or `hosts`, where somebody needs it.
fn is_for_lack_of(finding: &Finding, name: &str) -> bool {
    let needs = [
        Rule::DependencyAbsent,
        Rule::RoleRequired,
        Rule::BadExpression,
    ];
    let message = &finding.message;
    let says = |reason: &str| message.contains(reason);
    needs.contains(&finding.rule)
        && (says(": its `modes` leave out `") || says(": its `hosts` leave out `"))
        && (says(&format!("`{name}`, which")) || says(&format!("'{name}'")))
}

/// What a layer was meant to have, and the block of the layer; `None` for what an unknown fragment would bring.
type Cause<'s> = (Option<&'static str>, Block<'s>);

fn cause<'s>(finding: &Finding, blocks: &Blocks<'s>) -> Option<Cause<'s>> {
    let meant = match finding.rule {
        Rule::UnknownKey | Rule::RefusedKey => Some(meant(finding)?),
        Rule::UnknownFragment => None,
        _ => return None,
    };
    Some((meant, blocks.at(finding.place)?))
}

/// Whether what seems unused is named once more in the catalog, where something could not be read, or is what a
/// mistake meant.
fn is_mentioned(finding: &Finding, findings: &[Finding], texts: &[&str]) -> bool {
    let unused = [
        Rule::VariableUnused,
        Rule::VolumeUnused,
        Rule::NetworkUnused,
    ];
    if !unused.contains(&finding.rule) {
        return false;
    }
    let start = finding.place.start as usize;
    let text = texts.get(usize::from(finding.place.file));
    let name = text.and_then(|text| text.get(start..start + usize::from(finding.place.len)));
    let Some(name) = name.map(|name| name.trim_matches(['"', '\''])) else {
        return false;
    };
    let meant = format!("did you mean `{name}`?");
    texts
        .iter()
        .map(|text| text.matches(name).count())
        .sum::<usize>()
        > 1
        || findings
            .iter()
            .any(|other| other.help.as_deref() == Some(&meant))
}

/// Whether a fragment that nobody uses may be the one that an `extends` with a mistake meant.
fn is_used_by_mistake(finding: &Finding, findings: &[Finding]) -> bool {
    let hides = |other: &Finding| match other.rule {
        Rule::UnknownFragment | Rule::DuplicateKey => true,
        Rule::UnknownKey => meant(other) == Some("extends"),
        _ => other.rule != Rule::FragmentUnused && other.place == finding.place,
    };
    finding.rule == Rule::FragmentUnused && findings.iter().any(hides)
}

/// Whether a finding comes of a service that may be where it was not meant to be: nobody knows its role, or a typo
/// hides its `hosts` or `modes`.
fn is_misplaced(catalog: &Catalog, finding: &Finding, causes: &[Cause]) -> bool {
    let service = finding.service.as_deref();
    let services = || catalog.services.values().copied();
    match finding.rule {
        Rule::MemoryBudget | Rule::CpuBudget | Rule::ReservationBudget => causes
            .iter()
            .any(|(word, _)| matches!(word, Some("hosts" | "modes"))),
        Rule::ServiceUnreachable => services().any(|entry| {
            let replaced = entry.words.own.replaces().map(|name| name.text);
            replaced.is_some() && replaced == service && !has_role(catalog, entry)
        }),
        _ => {
            let entry = service.and_then(|service| catalog.services.get(service));
            !finding.modes.is_empty() && entry.is_some_and(|entry| !has_role(catalog, entry))
        }
    }
}

fn has_role(catalog: &Catalog, service: &ServiceEntry) -> bool {
    let role = service.words.own.role;
    role.is_some_and(|role| catalog.roles.contains_key(role.text))
}

/// Words whose absence changes where a service is, and not what it lacks.
const OF_PLACE: &[&str] = &["hosts", "modes", "extends"];

/// The key that an unknown one is near to, or that stands for a refused one.
fn meant(finding: &Finding) -> Option<&'static str> {
    let help = finding.help.as_deref()?;
    let mut keys = MEANT.iter().map(|(key, _)| key).chain(OF_PLACE);
    let is_named = |key: &&&str| {
        help.contains(&format!("did you mean `{key}`?"))
            || help.starts_with(&format!("write `{key}: "))
    };
    keys.find(is_named).copied()
}

fn is_because(catalog: &Catalog, blocks: &Blocks, finding: &Finding, cause: &Cause) -> bool {
    let (meant, block) = *cause;
    let is_meant = match meant {
        Some(meant) => MEANT.contains(&(meant, finding.rule)),
        None => BROUGHT.contains(&finding.rule),
    };
    if !is_meant {
        return false;
    }
    let here = match (block, finding.service.as_deref()) {
        (Block::Service(name) | Block::Fragment(name), Some(service)) => {
            name == service || reaches(catalog, service, name)
        }
        (Block::Defaults | Block::Role(_), Some(_)) => true,
        _ => blocks.at(finding.place) == Some(block),
    };
    // Who waits is told where it waits, and the cause stands at what it waits for.
    let second = finding.second.as_ref();
    let awaited = finding.rule == Rule::DependencyWithoutHealthcheck
        && second.is_some_and(|(place, _)| blocks.at(*place) == Some(block));
    here || awaited
}

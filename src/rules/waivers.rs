//! Waivers: findings that are wanted, each with its reason.
//!
//! A finding about a service is lifted by what all its layers say together; one about what stands in a variable, a
//! volume, a network, a fragment or a service, whoever uses it, by the `waive` that stands there. Whether a waiver may
//! lift a finding is decided by the finding: an error needs a rule that is waivable, a warning does not.

use std::cell::OnceCell;
use std::collections::BTreeSet;

use crate::catalog::entries::Waiver;
use crate::catalog::words::Words;
use crate::catalog::{Catalog, Few, ServiceEntry};
use crate::compose::list::ByTarget;
use crate::finding::{Finding, Findings};
use crate::place::Place;
use crate::plan::{Plan, PlannedService};
use crate::rule::{Level, Rule};
use crate::rules::Context;
use crate::values::shown::shown;
use crate::values::suggest::nearest;

/// Takes out what is waived; gives the places of the waivers that silenced something.
///
/// Each finding is judged by its own service and modes: call it before findings of one line are merged, else a waiver
/// of one service would lift what another one broke.
pub fn apply(catalog: &Catalog, plans: &[Plan], findings: &mut Vec<Finding>) -> BTreeSet<Place> {
    let mut used = BTreeSet::new();
    if !findings.iter().any(is_waivable) {
        return used;
    }
    // Most findings are about a service, which waives them.
    let declared = OnceCell::new();
    let declared = || declared.get_or_init(|| Declared::of(catalog));
    findings.retain(|finding| {
        let waiver = is_waivable(finding)
            .then(|| of_service(catalog, plans, finding).or_else(|| declared().waiver(finding)))
            .flatten();
        used.extend(waiver);
        waiver.is_none()
    });
    used
}

/// Whether a waiver may lift a finding. A rule that is an error elsewhere may be a warning here (`limits: optional`).
fn is_waivable(finding: &Finding) -> bool {
    let info = finding.rule.info();
    let softened = info.level == Level::Error && finding.level == Level::Warning;
    !finding.firm && finding.rule != Rule::RoleForbidden && (info.waivable || softened)
}

/// The place of the waiver for a rule that gives a reason.
fn lifting(waivers: &[Waiver], rule: Rule) -> Option<Place> {
    let waiver = waivers.iter().find(|waiver| lifts(waiver, rule))?;
    Some(waiver.place)
}

fn lifts(waiver: &Waiver, rule: Rule) -> bool {
    has_reason(waiver) && waiver.rule.is_some_and(|name| name.text == rule.name())
}

fn has_reason(waiver: &Waiver) -> bool {
    waiver
        .reason
        .is_some_and(|reason| !reason.text.trim().is_empty())
}

/// Whether a service waives a rule: for findings that several services could carry.
pub fn is_waived_by(service: &PlannedService, rule: Rule) -> bool {
    lifting(service.waivers, rule).is_some()
}

/// The waiver of the service that a finding is about: as planned in its modes, else as written.
fn of_service(catalog: &Catalog, plans: &[Plan], finding: &Finding) -> Option<Place> {
    let entry = catalog.services.get(finding.service.as_deref()?)?;
    let in_mode = |plan: &&Plan| {
        finding.modes.is_empty() || finding.modes.iter().any(|mode| mode == plan.mode)
    };
    let mut planned = plans
        .iter()
        .filter(in_mode)
        .filter_map(|plan| Some(&plan.services[*plan.index.get(entry.name)?]))
        .peekable();
    match planned.peek() {
        Some(_) => planned.find_map(|service| lifting(service.waivers, finding.rule)),
        None => as_written(catalog, entry, finding.rule),
    }
}

/// The waiver of a service that is in no plan, from the nearest of its layers.
fn as_written(catalog: &Catalog, entry: &ServiceEntry, rule: Rule) -> Option<Place> {
    let role = entry.words.own.role.map_or("", |role| role.text);
    let role = catalog.roles.get(role).and_then(|role| role.value.defaults);
    let mut layers: Vec<&Words> = vec![&catalog.defaults];
    layers.extend(role);
    layers.push(&entry.words);
    let mut seen = BTreeSet::new();
    while let Some(layer) = layers.pop() {
        if let Some(place) = lifting(items(layer.own.waive()), rule) {
            return Some(place);
        }
        let names = layer.own.extends.map_or(&[][..], |extends| extends.items);
        for name in names.iter().filter(|name| seen.insert(name.text)) {
            layers.extend(catalog.layer(name.text));
        }
    }
    None
}

fn items<'s>(waive: Option<&ByTarget<'s, Waiver<'s>>>) -> &'s [Waiver<'s>] {
    waive.map_or(&[], |waive| waive.items)
}

/// What is declared with a name, in the order of the places: a finding without a service belongs to one of them.
struct Declared<'s>(Vec<Block<'s>>);

struct Block<'s> {
    start: Place,
    waivers: &'s [Waiver<'s>],
    /// A layer's waivers are in what is said of its services; apart from them they are about what stands in it, whoever
    /// uses it.
    layer: bool,
}

impl<'s> Declared<'s> {
    fn of(catalog: &Catalog<'s>) -> Self {
        let mut blocks = Vec::new();
        let mut add = |start: Place, waivers: &'s [Waiver<'s>], layer: bool| {
            blocks.push(Block {
                start,
                waivers,
                layer,
            });
        };
        for item in catalog.variables.values() {
            add(item.place, items(item.value.waive), false);
        }
        for item in catalog.volumes.values() {
            add(item.place, items(item.value.waive), false);
        }
        for item in catalog.networks.values() {
            add(item.place, items(item.value.waive), false);
        }
        for item in catalog.fragments.values() {
            add(item.place, items(item.value.own.waive()), true);
        }
        for entry in catalog.services.values() {
            add(entry.place, items(entry.words.own.waive()), true);
        }
        for role in catalog.roles.values() {
            let defaults = role.value.defaults.and_then(|words| words.own.waive());
            add(role.place, items(defaults), true);
        }
        let defaults = &catalog.defaults.own;
        add(defaults.place, items(defaults.waive()), true);
        for start in others(catalog) {
            add(start, &[], false);
        }
        blocks.sort_unstable_by_key(|block| (block.start.file, block.start.start));
        Declared(blocks)
    }

    fn waiver(&self, finding: &Finding) -> Option<Place> {
        let at = (finding.place.file, finding.place.start);
        let after = self
            .0
            .partition_point(|block| (block.start.file, block.start.start) <= at);
        let block = self.0.get(after.checked_sub(1)?)?;
        let belongs =
            block.start.file == finding.place.file && (!block.layer || finding.service.is_none());
        belongs
            .then(|| lifting(block.waivers, finding.rule))
            .flatten()
    }
}

/// Where the blocks begin that have no `waive` of their own: they end the ones before them.
fn others<'a>(catalog: &'a Catalog) -> impl Iterator<Item = Place> + 'a {
    let modes = catalog.modes.values().map(|item| item.place);
    let hosts = catalog.hosts.values().map(|item| item.place);
    let secrets = catalog.secrets.values().map(|item| item.place);
    let configs = catalog.configs.values().map(|item| item.place);
    modes.chain(hosts).chain(secrets).chain(configs)
}

/// Every waiver of a catalog, as written.
fn each<'s>(catalog: &Catalog<'s>, mut act: impl FnMut(&'s Waiver<'s>)) {
    let mut all = |waive: Option<&ByTarget<'s, Waiver<'s>>>| items(waive).iter().for_each(&mut act);
    let roles = catalog.roles.values();
    let layers = [&catalog.defaults]
        .into_iter()
        .chain(roles.filter_map(|role| role.value.defaults))
        .chain(catalog.fragments.values().map(|item| item.value))
        .chain(
            catalog
                .services_that_say(Few::WAIVERS)
                .map(|entry| &entry.words),
        );
    for layer in layers {
        all(layer.own.waive());
        if let Some(overrides) = layer.own.overrides {
            overrides
                .iter()
                .for_each(|(_, _, change)| all(change.0.own.waive()));
        }
    }
    let variables = catalog.variables.values().map(|item| item.value.waive);
    let volumes = catalog.volumes.values().map(|item| item.value.waive);
    let networks = catalog.networks.values().map(|item| item.value.waive);
    variables.chain(volumes).chain(networks).for_each(all);
}

/// `waiver-refused`: waivers that cannot be honoured, wherever they stand.
pub fn check(context: &Context) {
    each(context.catalog, |waiver| {
        if let Some(finding) = refusal(waiver, context.catalog) {
            context.add(finding);
        }
    });
}

fn refusal(waiver: &Waiver, catalog: &Catalog) -> Option<Finding> {
    let refused = |place, message: String| Finding::new(Rule::WaiverRefused, place, message);
    let Some(name) = waiver.rule else {
        let finding = refused(waiver.place, "a waiver names no rule".to_owned());
        return Some(finding.help("write `{ rule: NAME, reason: \"...\" }`"));
    };
    let Some(rule) = Rule::named(name.text) else {
        let near = nearest(name.text, names());
        let finding = refused(name.place, format!("there is no rule {}", shown(name.text)));
        return Some(finding.maybe_help(near.map(|near| format!("did you mean `{near}`?"))));
    };
    if !may_be_waived(rule, catalog) {
        let finding = refused(name.place, format!("`{}` cannot be waived", rule.name()));
        let help = format!(
            "remove the waiver, and mend what the rule finds; `composegen explain {}` says how",
            rule.name()
        );
        return Some(finding.help(help));
    }
    (!has_reason(waiver)).then(|| {
        let place = waiver.reason.map_or(waiver.place, |reason| reason.place);
        let message = format!("the waiver of `{}` gives no reason", name.text);
        refused(place, message).help("write in `reason` why the finding is wanted here")
    })
}

fn names() -> impl Iterator<Item = &'static str> {
    Rule::ALL.iter().map(|rule| rule.name())
}

/// Whether any finding of a rule may be waived in this catalog. `apply` judges each finding again.
fn may_be_waived(rule: Rule, catalog: &Catalog) -> bool {
    match rule {
        Rule::MemoryLimitMissing | Rule::CpuLimitMissing => !catalog.limits_required(),
        // A warning where the image may bring its own probe.
        Rule::DependencyWithoutHealthcheck => true,
        _ => rule.info().waivable,
    }
}

/// Whether a waiver could be honoured by a rule of this version, and was not needed.
fn is_unused(waiver: &Waiver, catalog: &Catalog, used: &BTreeSet<Place>) -> bool {
    let is_known = |name: &str| Rule::named(name).is_some();
    !used.contains(&waiver.place)
        && waiver.rule.is_some_and(|name| is_known(name.text))
        && refusal(waiver, catalog).is_none()
}

/// Whether `unused_waivers` would find anything. `used`: what `apply` gave, for one host or for several together.
pub fn any_unused(catalog: &Catalog, used: &BTreeSet<Place>) -> bool {
    let mut any = false;
    each(catalog, |waiver| any |= is_unused(waiver, catalog, used));
    any
}

/// `waiver-unused`: waivers that lifted nothing. A waiver of `defaults`, a role or a fragment has one place however
/// many services it reaches, so one service that used it is enough; and so is one host.
pub fn unused_waivers(catalog: &Catalog, used: &BTreeSet<Place>, findings: &Findings) {
    each(catalog, |waiver| {
        if is_unused(waiver, catalog, used) {
            let name = waiver.rule.map_or("", |name| name.text);
            let message = format!("the waiver of `{name}` lifts nothing that was found");
            let finding = Finding::new(Rule::WaiverUnused, waiver.place, message);
            findings.add(finding.help("remove it, or move it to where it is needed"));
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_level_of_the_finding_decides() {
        let finding = |rule| Finding::new(rule, Place::NOWHERE, "");
        assert!(is_waivable(&finding(Rule::PortRandom)));
        assert!(is_waivable(&finding(Rule::SharedBind)));
        assert!(is_waivable(&finding(Rule::MemoryLimitMissing).warning()));
        assert!(!is_waivable(&finding(Rule::MemoryLimitMissing)));
        assert!(!is_waivable(&finding(Rule::RoleForbidden).warning()));
        assert!(!is_waivable(&finding(Rule::WaiverUnused)));
    }

    #[test]
    fn limits_can_be_waived_where_they_are_optional_only() {
        let catalog = Catalog::default();
        assert!(!may_be_waived(Rule::MemoryLimitMissing, &catalog));
        assert!(!may_be_waived(Rule::RoleForbidden, &catalog));
        assert!(may_be_waived(Rule::ModeLeak, &catalog));
    }
}

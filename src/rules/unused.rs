//! What the catalog declares and nothing uses: `variable-unused`, `volume-unused`, `network-unused`.
//!
//! One host's plans are not enough to say so: `any_unused` asks cheaply, with the usage of the default host's modes,
//! whether there is reason to plan the other hosts too; `unused` then judges by the usage of all.

use rustc_hash::FxHashSet;

use crate::catalog::{Catalog, Names};
use crate::finding::{Finding, Findings};
use crate::place::Place;
use crate::plan::Usage;
use crate::rule::Rule;

/// Whether `unused` would find anything. `usages`: one of each mode, of one host or of several.
pub fn any_unused<'s>(catalog: &Catalog<'s>, usages: &[&Usage<'s>]) -> bool {
    variables(catalog, usages).next().is_some()
        || idle(&catalog.networks, usages, |usage| &usage.networks)
            .next()
            .is_some()
        || idle(&catalog.volumes, usages, |usage| &usage.volumes)
            .next()
            .is_some()
}

/// Adds a finding for each variable, network and volume that no usage holds. Waivers are applied to them with all
/// others, so it comes before `rules::check`.
pub fn unused<'s>(catalog: &Catalog<'s>, usages: &[&Usage<'s>], findings: &Findings) {
    for (name, place) in variables(catalog, usages) {
        let message = format!("the variable `{name}` is used nowhere");
        let finding = Finding::new(Rule::VariableUnused, place, message);
        findings.add(finding.help(format!(
            "write `${{{name}}}` where it is meant, or remove it"
        )));
    }
    for (name, place) in idle(&catalog.networks, usages, |usage| &usage.networks) {
        let message = format!("the network `{name}` is joined by no service");
        let finding = Finding::new(Rule::NetworkUnused, place, message);
        let help =
            format!("write `networks: [{name}]` at the services that are meant, or remove it");
        findings.add(finding.help(help));
    }
    for (name, place) in idle(&catalog.volumes, usages, |usage| &usage.volumes) {
        let message = format!("the volume `{name}` is mounted by no service");
        let finding = Finding::new(Rule::VolumeUnused, place, message);
        let help = format!(
            "write `volumes: [\"{name}:/PATH\"]` at the service that is meant, or remove it"
        );
        findings.add(finding.help(help));
    }
}

type Set<'s> = FxHashSet<&'s str>;

/// The declared names that are in none of the sets.
fn idle<'a, 's, T>(
    declared: &'a Names<'s, T>,
    usages: &'a [&'a Usage<'s>],
    set: impl Fn(&'a Usage<'s>) -> &'a Set<'s> + Copy + 'a,
) -> impl Iterator<Item = (&'s str, Place)> + 'a {
    // A set holds declared names only, so one as large as the declarations holds all of them.
    let all = usages
        .iter()
        .any(|usage| set(usage).len() >= declared.len());
    declared
        .iter()
        .filter(move |(name, _)| !all && !usages.iter().any(|usage| set(usage).contains(*name)))
        .map(|(name, item)| (*name, item.place))
}

/// The variables without a use. Compose also reads one where a secret or a config says `environment: NAME`.
fn variables<'a, 's>(
    catalog: &'a Catalog<'s>,
    usages: &'a [&'a Usage<'s>],
) -> impl Iterator<Item = (&'s str, Place)> + 'a {
    let read_by_compose = |name: &str| {
        let secrets = catalog.secrets.values().map(|item| item.value.environment);
        let configs = catalog.configs.values().map(|item| item.value.environment);
        secrets
            .chain(configs)
            .flatten()
            .any(|text| text.text == name)
    };
    idle(&catalog.variables, usages, |usage| &usage.variables)
        .filter(move |(name, _)| !read_by_compose(name))
}

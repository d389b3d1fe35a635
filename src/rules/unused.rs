//! What the catalog declares and nothing uses: `variable-unused`, `volume-unused`, `network-unused`.
//!
//! One host's plans are not enough to say so: `any_unused` asks cheaply, with the usage of the default host's modes,
//! whether there is reason to plan the other hosts too; `unused` then judges by the usage of all.

use crate::catalog::{Catalog, Names};
use crate::finding::{Finding, Findings};
use crate::place::Place;
use crate::plan::usage::{Marks, Usage};
use crate::rule::Rule;

/// Whether `unused` would find anything. `usages`: one of each mode, of one host or of several.
pub fn any_unused<'s>(catalog: &Catalog<'s>, usages: &[&Usage]) -> bool {
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
pub fn unused<'s>(catalog: &Catalog<'s>, usages: &[&Usage], findings: &Findings) {
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

/// The declared names that none of the usages has marked.
fn idle<'a, 's, T>(
    declared: &'a Names<'s, T>,
    usages: &'a [&'a Usage],
    marks: impl Fn(&'a Usage) -> &'a Marks + Copy + 'a,
) -> impl Iterator<Item = (&'s str, Place)> + 'a {
    let is_used = move |number: usize| usages.iter().any(|usage| marks(usage).has(number));
    let declared = declared.iter().enumerate();
    let idle = declared.filter(move |(number, _)| !is_used(*number));
    idle.map(|(_, (name, item))| (*name, item.place))
}

/// The variables without a use. Compose also reads one where a secret or a config says `environment: NAME`.
fn variables<'a, 's>(
    catalog: &'a Catalog<'s>,
    usages: &'a [&'a Usage],
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

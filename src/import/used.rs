//! The variables of a whole project: what uses them, what stands in for secrets, and every use rewritten.

use indexmap::IndexMap;
use rustc_hash::FxHashSet;

use super::parts::Parts;
use super::positions;
use super::report::Notes;
use super::secrets::Secrets;
use super::value::Value;
use super::variables::{Decided, Uses};
use crate::dotenv::is_name;
use crate::place::Place;
use crate::project::Written;

/// Takes the secrets out, and decides about every variable.
pub fn variables(parts: &mut Parts, written: &Written, notes: &mut Notes) -> Decided {
    let before = uses(parts);
    let mut secrets = Secrets {
        forced: IndexMap::new(),
        standing: FxHashSet::default(),
        taken: before.names().map(str::to_owned).collect(),
        notes,
    };
    secrets.of_services(&mut parts.services);
    for entry in parts
        .declared
        .get_mut("configs")
        .into_iter()
        .flat_map(|configs| &mut configs.0)
    {
        let (key, place) = (entry.key.clone(), entry.place);
        if let Some(content) = entry.value.map_mut().and_then(|map| map.get_mut("content")) {
            secrets.of_config(&key, content, place);
        }
    }
    let volumes = parts.declared.get_mut("volumes").into_iter();
    for entry in volumes
        .flat_map(|volumes| &mut volumes.0)
        .chain(&mut parts.compose.0)
    {
        secrets.of_options(&entry.key, &mut entry.value);
    }
    secrets
        .standing
        .extend(read_by_compose(parts, "secrets").map(|(name, _)| name.to_owned()));
    let forced = std::mem::take(&mut secrets.forced);
    let standing = std::mem::take(&mut secrets.standing);
    Decided::of(
        &uses(parts),
        &written.variables,
        (&forced, &standing),
        notes,
    )
}

/// The variables that Compose reads where a secret or a config says `environment: NAME`, and where that stands.
fn read_by_compose<'p>(parts: &'p Parts, section: &str) -> impl Iterator<Item = (&'p str, Place)> {
    let entries = parts.declared.get(section).into_iter();
    let named = entries.flat_map(|entries| &entries.0).filter_map(|entry| {
        let said = entry.value.map()?.entry("environment")?;
        Some((said.value.text()?, said.place))
    });
    named.filter(|(name, _)| is_name(name))
}

fn uses(parts: &mut Parts) -> Uses {
    let mut uses = Uses::default();
    for section in ["secrets", "configs"] {
        for (name, place) in read_by_compose(parts, section) {
            uses.read(name, place);
        }
    }
    for entry in &mut parts.services.0 {
        let Value::Map(service) = &mut entry.value else {
            continue;
        };
        for word in &mut service.0 {
            match &mut word.value {
                Value::Map(build) if word.key == "build" => {
                    for part in &mut build.0 {
                        let position = positions::of_build(&part.key);
                        uses.collect(&mut part.value, part.place, &entry.key, position);
                    }
                }
                value => {
                    let position = positions::of_service(&word.key);
                    uses.collect(value, word.place, &entry.key, position);
                }
            }
        }
    }
    for entry in parts
        .declared
        .values_mut()
        .flat_map(|section| &mut section.0)
    {
        uses.collect(&mut entry.value, entry.place, "", &positions::any);
    }
    for entry in &mut parts.compose.0 {
        uses.collect(&mut entry.value, entry.place, "", &positions::any);
    }
    uses
}

pub fn rewrite(parts: &mut Parts, decided: &Decided) {
    let mut write = |text: &mut String, _: Place| *text = decided.rewrite(text);
    for entry in parts.each_entry() {
        entry.value.each_text(entry.place, &mut write);
    }
}

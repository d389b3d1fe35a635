//! `container-name-duplicate`: a name that two containers of a plan would have.

use std::borrow::Cow;

use rustc_hash::FxHashMap;

use super::Context;
use crate::compose::scalar::Text;
use crate::finding::Finding;
use crate::plan::{Basis, Plan, PlannedService};
use crate::rule::{Rule, Weight};
use crate::values::interpolation::with_defaults;
use crate::values::shown::shown;

/// A service that names its container.
type Named<'p, 's> = (&'p PlannedService<'s>, Text<'s>);

/// Checks the container names of every plan.
pub fn check(context: &Context) {
    for plan in context.plans {
        check_plan(plan, context);
    }
}

fn check_plan(plan: &Plan, context: &Context) {
    let mut first: FxHashMap<Cow<str>, Named> = FxHashMap::default();
    // Compose refuses it of services without a container too.
    let add = |finding: Finding| {
        let finding = finding.mode(plan.mode);
        context.add(match plan.basis {
            Basis::Compose => finding.weight(Weight::Invalid),
            Basis::Catalog => finding,
        });
    };
    for service in &plan.services {
        let Some(name) = service.service.container_name.copied() else {
            continue;
        };
        if service.replicas > 1 {
            add(replicas(service, name));
        }
        match first.entry(evaluated(name.text)) {
            std::collections::hash_map::Entry::Vacant(entry) => {
                entry.insert((service, name));
            }
            std::collections::hash_map::Entry::Occupied(mut entry) => {
                add(twice(
                    entry.key(),
                    *entry.get(),
                    (service, name),
                    plan.basis,
                ));
                if name.place < entry.get().1.place {
                    entry.insert((service, name));
                }
            }
        }
    }
}

/// The name when no variable is set; as written where that cannot be told.
fn evaluated(name: &str) -> Cow<'_, str> {
    match name.contains('$') {
        true => with_defaults(name).unwrap_or(Cow::Borrowed(name)),
        false => Cow::Borrowed(name),
    }
}

fn replicas(service: &PlannedService, name: Text) -> Finding {
    let message = format!(
        "`{}` runs {} replicas, and only one of them can have the container name {}",
        service.name,
        service.replicas,
        shown(name.text)
    );
    Finding::new(Rule::ContainerNameDuplicate, name.place, message)
        .help("leave `container_name` out: Compose names and numbers the containers")
        .service(service.name)
}

fn twice(name: &str, one: Named, other: Named, basis: Basis) -> Finding {
    let (later, earlier) = match one.1.place > other.1.place {
        true => (one, other),
        false => (other, one),
    };
    let message = format!(
        "`{}` has the container name {}, and so has `{}`",
        later.0.name,
        shown(name),
        earlier.0.name
    );
    let finding =
        Finding::new(Rule::ContainerNameDuplicate, later.1.place, message).service(later.0.name);
    match later.1.place == earlier.1.place {
        true => finding
            .second(
                earlier.0.entry.place,
                format!("`{}` has it too", earlier.0.name),
            )
            .help(match basis {
                Basis::Catalog => {
                    "leave it out, or write `container_name: \"{{ mode.name }}-{{ service.name }}\"`"
                }
                Basis::Compose => "leave it out, so that Compose names each container",
            }),
        false => finding
            .second(earlier.1.place, "first given here")
            .help("leave it out, so that Compose names each container, or change one"),
    }
}

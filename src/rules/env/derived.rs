//! Names that nobody sets by hand: `env-derived`, `env-compose-override`.

use super::mismatch::stated_class;
use super::{At, Known, Look};
use crate::rule::Rule;
use crate::values::shown::shown;

pub(super) fn check(look: &Look) {
    for at in look.entries() {
        match look.known(at) {
            // Another mode's class says that the whole file is another mode's.
            Known::Derived if stated_class(look, at).is_none() => derived(look, at),
            Known::Override => overriding(look, at),
            Known::Derived
            | Known::Used
            | Known::Idle
            | Known::OtherMode(_)
            | Known::Setting
            | Known::Unknown => {}
        }
    }
}

fn derived(look: &Look, at: At) {
    let name = shown(at.entry.name);
    let message = format!("{name} is set by hand, and the catalog derives it");
    let help = format!("remove the line: `{}` sets it", look.context.generated_path);
    look.add(look.finding(Rule::EnvDerived, at, message).help(help));
}

fn overriding(look: &Look, at: At) {
    let name = shown(at.entry.name);
    let message = match other_project(look, at) {
        Some((project, mode)) => {
            format!("{name} makes the project of this mode `{project}`, which is that of `{mode}`")
        }
        None => format!("{name} changes what Compose's command line and the Compose file say"),
    };
    let finding = look.finding(Rule::EnvComposeOverride, at, message);
    look.add(finding.help("remove the line"));
}

/// The project of another mode that the value names, and the mode.
fn other_project<'s>(look: &Look<'_, 's>, at: At) -> Option<(&'s str, &'s str)> {
    let value = look
        .value(at)
        .filter(|_| at.entry.name == "COMPOSE_PROJECT_NAME")?;
    let plans = look.context.plans.iter();
    let mut others = plans.filter(|plan| plan.mode != look.context.plan.mode);
    let other = others.find(|plan| plan.project == value)?;
    Some((other.project, other.mode))
}

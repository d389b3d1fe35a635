//! `role-forbidden`, where the catalog asks for it in words: by `modes`, by an override, by the name of
//! a role or a mode, by a Compose project that two classes share. What copies a datagen or test
//! service into production without naming a mode stands in `fence.rs`.

use super::Context;
use super::presence::is_production;
use crate::catalog::entries::{FENCED_ROLES, Mode};
use crate::catalog::read::allows;
use crate::catalog::words::Override;
use crate::catalog::{Declared, Few, ServiceEntry};
use crate::compose::keyed::Keyed;
use crate::compose::scalar::{Is, Val};
use crate::finding::Finding;
use crate::place::Place;
use crate::plan::Plan;
use crate::rule::Rule;
use crate::values::mode_class::ModeClass;
use crate::values::shown::shown;

/// Checks what the catalog asks for by its words.
pub fn check(context: &Context) {
    classes_are_written_out(context);
    role_names(context);
    mode_names(context);
    projects(context);
    for service in context.catalog.services_that_say(Few::FENCED) {
        let role = service.role();
        asked_by_modes(context, service, role);
        let title = format!("`{}` of the role `{role}`", service.name);
        let overrides = service.words.own.overrides;
        asked_by_overrides(context, overrides, &title, Some(service.name));
    }
    for role in FENCED_ROLES {
        let declared = context.catalog.roles.get(role);
        let defaults = declared.and_then(|declared| declared.value.defaults);
        let title = format!("the role `{role}`");
        let overrides = defaults.and_then(|defaults| defaults.own.overrides);
        asked_by_overrides(context, overrides, &title, None);
    }
}

/// Nothing is evaluated in a class: whether a mode is production must be plain to see.
fn classes_are_written_out(context: &Context) {
    let modes = context.catalog.modes.values();
    let of_modes = modes.filter_map(|mode| mode.value.class);
    let roles = context.catalog.roles.values();
    let of_roles = roles.flat_map(|role| role.value.classes.map_or(&[][..], |list| list.items));
    for class in of_modes.chain(of_roles) {
        if let Is::Open(text) = class.is {
            let message = format!(
                "a class is `test` or `production`, not {}: nothing is evaluated here",
                shown(text)
            );
            context.add(Finding::new(Rule::WrongType, class.place, message));
        }
    }
}

/// A role of the catalog's own that only looks like a fenced one would stand outside of the fence.
fn role_names(context: &Context) {
    for (name, role) in &context.catalog.roles {
        let Some(fenced) = looks_like(name, FENCED_ROLES) else {
            continue;
        };
        if !allows(name, &role.value, ModeClass::Production) {
            continue;
        }
        let message = format!(
            "the role `{name}` is named like `{fenced}`, but its services could enter a mode of class production"
        );
        let help = format!(
            "give its services the role `{fenced}`, or write `classes: [test]` at `{name}`"
        );
        context.add(Finding::new(Rule::RoleForbidden, role.place, message).help(help));
    }
}

/// The name that another differs from by case and separators alone.
fn looks_like<'n>(name: &str, names: &[&'n str]) -> Option<&'n str> {
    let letters = name.bytes().filter(|byte| !b"-_.".contains(byte));
    let letters = letters.map(|byte| byte.to_ascii_lowercase());
    let same = |other: &&&str| **other != name && other.bytes().eq(letters.clone());
    names.iter().find(same).copied()
}

/// `PROD` and `Production` mean production as `prod` does, which the reader looks for.
fn mode_names(context: &Context) {
    for (name, mode) in &context.catalog.modes {
        let Some(class) = mode.value.class else {
            continue;
        };
        let aliases = mode.value.aliases.map_or(&[][..], |list| list.items);
        let mut names = std::iter::once(*name).chain(aliases.iter().map(|alias| alias.text));
        let called = names.any(|name| looks_like(name, &["prod", "production"]).is_some());
        if called && class.get() == Some(ModeClass::Test) {
            let message = format!(
                "the mode {} is called production, and its class is test",
                shown(name)
            );
            let help = "write `class: production`, or give the mode another name: data generators follow the class";
            context.add(Finding::new(Rule::RoleForbidden, class.place, message).help(help));
        }
    }
}

/// What is started under the project of a production mode runs there, whatever file it was started from.
fn projects(context: &Context) {
    let of_class = |wanted| {
        let mode = move |plan: &&Plan| context.catalog.modes.get(plan.mode);
        let class = move |plan: &&Plan| known(mode(plan)?.value.class);
        let plans = context.plans.iter();
        plans.filter(move |plan| class(plan) == Some(wanted))
    };
    for test in of_class(ModeClass::Test) {
        let mut production = of_class(ModeClass::Production);
        if let Some(production) = production.find(|plan| plan.project == test.project) {
            let message = format!(
                "the mode `{}` of class test has the Compose project {} of the mode `{}` of class production: what it starts would run there",
                test.mode,
                shown(test.project),
                production.mode
            );
            let place = project_place(context, test);
            let label = format!("the project of `{}`", production.mode);
            let finding = Finding::new(Rule::RoleForbidden, place, message)
                .second(project_place(context, production), label)
                .help("leave `project` out of both modes, or give each its own");
            context.add(finding);
        }
    }
}

fn project_place(context: &Context, plan: &Plan) -> Place {
    let mode = context.catalog.modes.get(plan.mode);
    let written = mode.and_then(|mode| mode.value.project);
    written.map_or(plan.mode_place, |project| project.place)
}

fn production_mode<'c, 's>(
    context: &Context<'c, 's>,
    name: &str,
) -> Option<&'c Declared<Mode<'s>>> {
    let (_, mode) = context.catalog.mode(name)?;
    Some(mode).filter(|mode| is_production(&mode.value))
}

fn class_place(mode: &Declared<Mode>) -> Place {
    mode.value.class.map_or(mode.place, |class| class.place)
}

fn asked_by_modes(context: &Context, service: &ServiceEntry, role: &str) {
    let modes = service.words.own.modes.map_or(&[][..], |list| list.items);
    for name in modes {
        let Some(mode) = production_mode(context, name.text) else {
            continue;
        };
        let message = format!(
            "`{}` has the role `{role}`, which never enters a mode of class production, and asks for `{}`",
            service.name, name.text
        );
        let finding = Finding::new(Rule::RoleForbidden, name.place, message)
            .second(
                class_place(mode),
                format!("`{}` is of class production", name.text),
            )
            .help(format!(
                "take `{}` out of `modes`; nothing lifts this",
                name.text
            ));
        context.add(finding.service(service.name));
    }
}

fn asked_by_overrides<'s>(
    context: &Context<'_, 's>,
    overrides: Option<&'s Keyed<'s, Override<'s>>>,
    title: &str,
    service: Option<&str>,
) {
    for entry in overrides.map_or(&[][..], |overrides| overrides.entries) {
        let Some(mode) = production_mode(context, entry.key) else {
            continue;
        };
        let message = format!(
            "{title} never enters a mode of class production, and has an override for `{}`",
            entry.key
        );
        let finding = Finding::new(Rule::RoleForbidden, entry.place, message)
            .second(
                class_place(mode),
                format!("`{}` is of class production", entry.key),
            )
            .help("take the override out; nothing lifts this");
        context.add(match service {
            Some(service) => finding.service(service),
            None => finding,
        });
    }
}

fn known(class: Option<&Val<ModeClass>>) -> Option<ModeClass> {
    class.and_then(|class| class.get())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_in_another_case_or_with_separators_looks_like_a_fenced_role() {
        for name in ["Datagen", "DATAGEN", "data-gen", "data_gen", "Data.Gen"] {
            assert_eq!(looks_like(name, FENCED_ROLES), Some("datagen"), "{name}");
        }
        assert_eq!(looks_like("TEST", FENCED_ROLES), Some("test"));
    }

    #[test]
    fn a_fenced_role_itself_and_other_words_do_not() {
        for name in ["datagen", "test", "contest", "latest", "data", ""] {
            assert_eq!(looks_like(name, FENCED_ROLES), None, "{name}");
        }
    }
}

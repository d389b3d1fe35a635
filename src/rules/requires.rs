//! What a mode's `requires` names: `role-required` where it is not in the mode, `role-forbidden` where it never may be.

use super::Context;
use super::presence::absence;
use crate::catalog::entries::is_fenced;
use crate::catalog::read::allows;
use crate::compose::scalar::Text;
use crate::finding::Finding;
use crate::place::Place;
use crate::plan::Plan;
use crate::rule::Rule;
use crate::values::mode_class::ModeClass;

/// Checks what the modes require.
pub fn check(context: &Context) {
    for plan in context.plans {
        required(context, plan);
    }
}

fn required<'s>(context: &Context<'_, 's>, plan: &Plan<'s>) {
    let Some(mode) = context.catalog.modes.get(plan.mode) else {
        return;
    };
    // A mode whose class could not be read is planned by a guess, which is nothing to judge by.
    if mode.value.class.and_then(|class| class.get()).is_none() {
        return;
    }
    for name in mode.value.requires.map_or(&[][..], |list| list.items) {
        match name.text.strip_prefix("role:") {
            Some(role) => required_role(context, plan, role, name),
            None => required_service(context, plan, name),
        }
    }
}

fn required_role(context: &Context, plan: &Plan, role: &str, name: &Text) {
    let Some(declared) = context.catalog.roles.get(role) else {
        return;
    };
    if is_fenced(role) && plan.class == ModeClass::Production {
        let what = format!("services of the role `{role}`, which");
        return context.add(forbidden_requirement(plan, name.place, &what));
    }
    if has_role(context, plan, role) || !declared.value.is_settled() {
        return;
    }
    let why = match allows(role, &declared.value, plan.class) {
        true => "no service of it is let in",
        false => "its `classes` leave this mode's class out",
    };
    let message = format!(
        "the role `{role}`, which the mode `{}` requires, is not in it: {why}",
        plan.mode
    );
    let finding = Finding::new(Rule::RoleRequired, name.place, message);
    context.add(finding.help(format!(
        "let a service of the role into `{}`, or take it out of `requires`",
        plan.mode
    )));
}

/// Whether a service of the role is in a plan, or one that takes the place of such a service.
fn has_role(context: &Context, plan: &Plan, role: &str) -> bool {
    let stands_for = |name: &&str| {
        let replaced = context.catalog.services.get(name);
        let own = replaced.and_then(|service| service.words.own.role);
        own.is_some_and(|own| own.text == role)
    };
    plan.services.iter().any(|service| service.role == role) || plan.replaced.keys().any(stands_for)
}

fn required_service<'s>(context: &Context<'_, 's>, plan: &Plan<'s>, name: &Text<'s>) {
    let Some(service) = context.catalog.services.get(name.text) else {
        return;
    };
    let role = service.words.own.role.map_or("", |role| role.text);
    if is_fenced(role) && plan.class == ModeClass::Production {
        let what = format!("`{}`, whose role `{role}`", name.text);
        let finding = forbidden_requirement(plan, name.place, &what);
        return context.add(finding.service(service.name));
    }
    if plan.service(name.text).is_some() {
        return;
    }
    let Some(why) = absence(context.catalog, plan, name.text) else {
        return;
    };
    let message = format!(
        "`{}`, which the mode `{}` requires, is not in it: {}",
        name.text,
        plan.mode,
        why.reason(plan.mode, plan.host)
    );
    let finding = Finding::new(Rule::RoleRequired, name.place, message)
        .second(service.place, format!("`{}` is declared here", name.text))
        .help("let it into the mode, or take it out of `requires`");
    context.add(finding.service(service.name));
}

fn forbidden_requirement(plan: &Plan, place: Place, what: &str) -> Finding {
    let message = format!(
        "the mode `{}` of class production requires {what} never enters one",
        plan.mode
    );
    Finding::new(Rule::RoleForbidden, place, message)
        .help("take it out of `requires`; nothing lifts this")
}

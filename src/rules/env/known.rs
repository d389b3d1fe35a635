//! What a name in an env file is to a mode.

use super::EnvContext;
use crate::catalog::Declared;
use crate::catalog::entries::Variable;
use crate::plan::contract::PROFILES;

/// What a name is.
pub(super) enum Known<'a, 's> {
    /// A variable that the mode uses.
    Used,
    /// A declared variable that the mode may have and does not use on this host.
    Idle,
    /// A variable that was declared for other modes.
    OtherMode(&'a Declared<Variable<'s>>),
    /// Derived from the catalog.
    Derived,
    /// A setting of Compose's that contradicts the command.
    Override,
    /// Another setting of Compose's.
    Setting,
    /// None of these.
    Unknown,
}

/// Settings of Compose's with which another project, another file or other containers would be meant than those of the
/// command (Compose's documentation, "Configure pre-defined environment variables").
const OVERRIDES: &[&str] = &[
    "COMPOSE_CONVERT_WINDOWS_PATHS",
    "COMPOSE_COMPATIBILITY",
    "COMPOSE_DISABLE_ENV_FILE",
    "COMPOSE_ENV_FILES",
    "COMPOSE_FILE",
    "COMPOSE_IGNORE_ORPHANS",
    "COMPOSE_PATH_SEPARATOR",
    "COMPOSE_PROJECT_DIRECTORY",
    "COMPOSE_PROJECT_NAME",
    "COMPOSE_REMOVE_ORPHANS",
];

pub(super) fn known<'a, 's>(context: &EnvContext<'a, 's>, name: &str) -> Known<'a, 's> {
    if is_derived(context, name) {
        return Known::Derived;
    }
    if OVERRIDES.contains(&name) {
        return Known::Override;
    }
    let Some((number, _, variable)) = context.catalog.variables.get_full(name) else {
        return match name.starts_with("COMPOSE_") {
            true => Known::Setting,
            false => Known::Unknown,
        };
    };
    let uses = &context.plan.usage.variables;
    match (uses.has(number), is_for_mode(context, &variable.value)) {
        (true, _) => Known::Used,
        (false, true) => Known::Idle,
        (false, false) => Known::OtherMode(variable),
    }
}

fn is_derived(context: &EnvContext, name: &str) -> bool {
    let is_switch = || {
        context
            .plan
            .switches
            .iter()
            .any(|switch| switch.name == name)
    };
    name == PROFILES || context.plan.contract.mode_variable == Some(name) || is_switch()
}

fn is_for_mode(context: &EnvContext, variable: &Variable) -> bool {
    let mode = context.catalog.mode(context.plan.mode);
    mode.is_none_or(|(name, mode)| variable.is_for(name, &mode.value))
}

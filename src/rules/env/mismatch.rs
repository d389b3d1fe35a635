//! The env file of another mode, or what belongs there: `env-mode-mismatch`.

use super::{At, Known, Look, OwnFile};
use crate::catalog::Declared;
use crate::catalog::entries::Variable;
use crate::finding::Finding;
use crate::plan::Plan;
use crate::rule::Rule;
use crate::values::mode_class::ModeClass;
use crate::values::prose::list_quoted;
use crate::values::shown::shown;

pub(super) fn check(look: &Look) {
    for own in look.context.own {
        if let Some(other) = of_another(look, own) {
            look.add(by_name(look, own, other));
        }
    }
    for at in look.entries() {
        if let Some(class) = stated_class(look, at) {
            look.add(by_class(look, at, class));
        }
        // A file that is another mode's as a whole is said to be that once.
        if let Known::OtherMode(variable) = look.known(at)
            && !is_others(look, at)
            && look.value(at).is_some_and(|value| !value.is_empty())
        {
            look.add(by_variable(look, at, variable));
        }
    }
}

/// The class of another mode that an entry states for the mode variable.
pub(super) fn stated_class(look: &Look, at: At) -> Option<ModeClass> {
    let plan = look.context.plan;
    let value = look
        .value(at)
        .filter(|_| plan.contract.mode_variable == Some(at.entry.name))?;
    let class = ModeClass::ALL
        .into_iter()
        .find(|class| class.as_str() == value)?;
    (class != plan.class).then_some(class)
}

/// What follows for a file from being another mode's.
const FOLLOWS: &[Rule] = &[
    Rule::EnvDerived,
    Rule::EnvModeLeak,
    Rule::EnvModeMismatch,
    Rule::EnvUnset,
];

/// The findings, without those of a file that is another mode's as a whole and that follow from this: it is said once.
pub(super) fn led(look: &Look, mut found: Vec<Finding>) -> Vec<Finding> {
    for own in look.context.own {
        let is_of_file = |finding: &Finding| finding.place.file == own.number;
        let is_cause = |finding: &Finding| {
            is_of_file(finding) && finding.rule == Rule::EnvModeMismatch && is_whole(look, own)
        };
        let Some(cause) = found.iter().position(is_cause) else {
            continue;
        };
        let (before, mut kept) = (found.len(), Vec::with_capacity(found.len()));
        for (at, finding) in found.into_iter().enumerate() {
            if at == cause || !is_of_file(&finding) || !FOLLOWS.contains(&finding.rule) {
                kept.push(finding);
            }
        }
        let hides = before - kept.len();
        let told = kept.iter_mut().find(|finding| is_cause(finding));
        if let Some(cause) = told {
            cause.hides += hides;
        }
        found = kept;
    }
    found
}

fn is_others(look: &Look, at: At) -> bool {
    is_whole(look, at.own)
}

/// Whether a file is another mode's as a whole: by its name, or by the class that it states.
fn is_whole(look: &Look, own: &OwnFile) -> bool {
    let states = |at: At| at.own.number == own.number && stated_class(look, at).is_some();
    of_another(look, own).is_some() || look.entries().any(states)
}

/// The other mode whose env file this is, by its name or its head.
fn of_another<'a, 's>(look: &Look<'a, 's>, own: &OwnFile) -> Option<&'a Plan<'s>> {
    let name = own.path.rsplit('/').next().unwrap_or(own.path);
    let plans = look.context.plans.iter();
    let mut others = plans.filter(|plan| plan.mode != look.context.plan.mode);
    others.find(|plan| {
        let is_named = name == plan.own_env_name() || name == plan.env_name();
        is_named || own.made_for == Some(plan.mode)
    })
}

fn by_name(look: &Look, own: &OwnFile, other: &Plan) -> Finding {
    let mode = look.context.plan.mode;
    let message = format!(
        "{} is the env file of the mode `{}`, and the mode here is `{mode}`",
        shown(own.path),
        other.mode
    );
    let right = match own.made_for {
        Some(_) => look.context.generated_path.to_owned(),
        None => look.context.plan.own_env_name(),
    };
    let help = format!("give `{right}` in its place");
    Finding::new(Rule::EnvModeMismatch, own.place(&(0..0)), message).help(help)
}

fn by_class(look: &Look, at: At, class: ModeClass) -> Finding {
    let plan = look.context.plan;
    let message = format!(
        "{} says `{class}`, and the mode `{}` is of class `{}`: this is another mode's env file",
        shown(at.entry.name),
        plan.mode,
        plan.class
    );
    let help = format!(
        "start again from `composegen env init {}`; no env file needs this line",
        plan.mode
    );
    look.finding(Rule::EnvModeMismatch, at, message).help(help)
}

fn by_variable(look: &Look, at: At, variable: &Declared<Variable>) -> Finding {
    let modes = variable.value.modes.map_or(&[][..], |modes| modes.items);
    let modes: Vec<&str> = modes.iter().map(|mode| mode.text).collect();
    let message = format!(
        "{} is declared for {} alone, and this is the env file of the mode `{}`",
        shown(at.entry.name),
        list_quoted(&modes),
        look.context.plan.mode
    );
    look.finding(Rule::EnvModeMismatch, at, message)
        .second(variable.place, "declared here")
        .help("remove the line; its value belongs into the other mode's env file")
}

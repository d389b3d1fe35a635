//! A variable without which the mode does not start, and that no env file sets: `env-unset`.

use super::{At, Known, Look, is_usable};
use crate::dotenv::{Form, ProblemKind};
use crate::finding::Finding;
use crate::plan::contract::ContractVariable;
use crate::rule::Rule;
use crate::secrets::is_placeholder;
use crate::values::shown::shown;
use crate::values::suggest::nearest;

pub(super) fn check(look: &Look) {
    // What stands in a file that is no text is not known.
    let is_text = |own: &super::OwnFile| {
        let mut problems = own.file.problems.iter();
        problems.all(|problem| problem.kind != ProblemKind::NoText)
    };
    if !look.context.own.iter().all(is_text) {
        return;
    }
    for variable in &look.context.plan.contract.variables {
        let named = look.entries().filter(|at| at.entry.name == variable.name);
        let finding = match named.last() {
            Some(at) => of_entry(look, variable, at),
            None if (look.context.environment)(variable.name).is_some() => None,
            None => variable.is_required().then(|| absent(look, variable)),
        };
        if let Some(finding) = finding {
            look.add(finding);
        }
    }
}

/// The entries whose names nobody knows and which are near a required variable that is absent: what was meant by them
/// is said with the variable.
pub(super) fn meant<'a>(look: &Look<'a, '_>) -> Vec<&'a str> {
    let variables = look.context.plan.contract.variables.iter();
    let absent = variables.filter(|variable| variable.is_required() && is_absent(look, variable));
    absent
        .filter_map(|variable| Some(typo(look, variable)?.entry.name))
        .collect()
}

fn is_absent(look: &Look, variable: &ContractVariable) -> bool {
    let in_shell = || (look.context.environment)(variable.name).is_some();
    !look.entries().any(|at| at.entry.name == variable.name) && !in_shell()
}

/// The entry that was probably meant to be this variable.
fn typo<'a>(look: &Look<'a, '_>, variable: &ContractVariable) -> Option<At<'a>> {
    let unknown = |at: &At| matches!(look.known(*at), Known::Unknown) && is_usable(at.entry.name);
    let names = || {
        look.context
            .plan
            .contract
            .variables
            .iter()
            .map(|it| it.name)
    };
    let is_near = |at: &At| nearest(at.entry.name, names()) == Some(variable.name);
    let mut entries = look.entries().filter(unknown);
    entries.find(|at| look.name(at.entry).is_some() && is_near(at))
}

fn absent(look: &Look, variable: &ContractVariable) -> Finding {
    let name = shown(variable.name);
    if let Some(at) = typo(look, variable) {
        let message = format!(
            "{name} is not set, and the mode does not start without it; {} is no variable of the catalog",
            shown(at.entry.name)
        );
        return look
            .finding(Rule::EnvUnset, at, message)
            .second(variable.place, "declared here")
            .help(format!("did you mean {name}?"));
    }
    let path = look.context.own.last().map_or("", |own| own.path);
    let message = format!(
        "{name} is not set in {}, and the mode does not start without it",
        shown(path)
    );
    let end = look
        .context
        .own
        .last()
        .map(|own| own.place(&(own.len..own.len)));
    Finding::new(Rule::EnvUnset, end.unwrap_or_default(), message)
        .second(variable.place, "declared here")
        .help(format!("add `{}=` and its value", variable.name))
}

/// What is wrong with the value of an entry, the last one of its name.
fn of_entry(look: &Look, variable: &ContractVariable, at: At) -> Option<Finding> {
    let name = shown(variable.name);
    let value = look.value(at);
    let (message, help) = match value {
        None if at.entry.form != Form::Inherited => return None,
        None if variable.is_required() => (
            format!("{name} is to come from the shell, and is not set there"),
            format!("write `{}=` and its value", variable.name),
        ),
        Some("") if variable.is_required() => (
            format!("{name} is empty, and the mode does not start without it"),
            "write its value behind `=`".to_owned(),
        ),
        Some(_) if at.entry.made_up => (
            format!("{name} has a value that was made up, as the comment above it says"),
            "write the right value, and remove that comment".to_owned(),
        ),
        Some(value) if is_placeholder(value) => (
            format!("{name} still has its placeholder"),
            match variable.is_required() {
                true => "write its value in place of the placeholder".to_owned(),
                false => {
                    "write its value in place of the placeholder, or remove the line".to_owned()
                }
            },
        ),
        None | Some(_) => return None,
    };
    let finding = look.finding(Rule::EnvUnset, at, message).help(help);
    Some(finding.second(variable.place, "declared here"))
}

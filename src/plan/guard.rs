//! `guard: true`: the process guard before a service's own command, in the generated file.

use super::evaluate::ModeEvaluator;
use crate::catalog::ServiceEntry;
use crate::compose::command::Command;
use crate::compose::list::List;
use crate::compose::scalar::{Loose, Text, Val};
use crate::compose::service::Service;
use crate::compose::value::{Evaluator, collect};
use crate::finding::Finding;
use crate::guard::{MODE_VARIABLE, Role};
use crate::place::Place;
use crate::rule::Rule;
use crate::values::shell;

/// The guard's program, as images have it.
pub const PROGRAM: &str = "composegen-guard";

/// The entrypoint of a service: its own, or the guard with its own behind it.
pub fn entrypoint<'s>(
    service: &Service<'s>,
    guard: Option<&Val<'s, bool>>,
    entry: &ServiceEntry<'s>,
    cx: &ModeEvaluator<'_, 's>,
) -> Option<&'s Command<'s>> {
    let Some(guard) = guard.filter(|guard| guard.get() == Some(true)) else {
        return service.entrypoint;
    };
    let own = match words(service.entrypoint, guard.place, cx) {
        Ok(own) => own,
        Err(()) => return service.entrypoint,
    };
    let has_command = service.command.is_some_and(says_something);
    if own.is_empty() && !has_command {
        cx.findings().add(without_command(guard.place, entry, cx));
        return service.entrypoint;
    }
    let Some(variable) = cx.scope.catalog.mode_variable else {
        cx.findings().add(without_mode(guard.place, entry, cx));
        return service.entrypoint;
    };
    if let Some(refused) = refused_role(entry) {
        cx.findings().add(refused);
        return service.entrypoint;
    }
    let place = guard.place;
    let made = call(entry, variable).into_iter();
    let made = made.map(|text| Loose(Text { text, place }));
    Some(cx.arena().alloc(Command::Exec(List {
        items: collect(cx.arena(), made.chain(own)),
        place,
    })))
}

/// The guard as it is called: the words before the command.
fn call<'s>(entry: &ServiceEntry<'s>, variable: &'s str) -> Vec<&'s str> {
    let role = entry.role();
    let mut words = vec![PROGRAM, "--service", entry.name, "--role", role];
    if variable != MODE_VARIABLE {
        words.extend(["--variable", variable]);
    }
    words.push("--");
    words
}

/// A role that the guard would refuse: one that only looks like a role which is kept out of a mode.
fn refused_role(entry: &ServiceEntry) -> Option<Finding> {
    let role = entry.words.own.role?;
    let refusal = Role::parse(role.text).err()?;
    let finding = Finding::refused(Rule::BadName, role.place, refusal);
    Some(finding.service(entry.name))
}

/// Without the mode's variable the guard would take every mode for production.
fn without_mode(place: Place, entry: &ServiceEntry, cx: &ModeEvaluator) -> Finding {
    let message = format!(
        "`{}` has `guard: true`, and the catalog has no variable that tells the mode",
        entry.name
    );
    Finding::new(Rule::RefusedKey, place, message)
        .help("take `mode_variable: none` out of catalog.yaml, or the guard out of the service")
        .service(entry.name)
        .mode(cx.scope.mode_name)
}

/// Whether a command has a word: an empty one drops the image's own.
fn says_something(command: &Command) -> bool {
    command.words().any(|word| !word.text.trim().is_empty())
}

/// The words of the service's own entrypoint; a text is parted as Compose parts it.
fn words<'s>(
    own: Option<&'s Command<'s>>,
    guard: Place,
    cx: &ModeEvaluator<'_, 's>,
) -> Result<Vec<Loose<'s>>, ()> {
    match own {
        None | Some(Command::Image(_)) => Ok(Vec::new()),
        Some(Command::Exec(list)) => Ok(list.items.to_vec()),
        Some(Command::Shell(text)) => match shell::words(text.text) {
            Ok(words) => {
                let word = |word: std::borrow::Cow<str>| {
                    let text = &*cx.arena().alloc_str(&word);
                    Loose(Text { text, place: guard })
                };
                Ok(words.into_iter().map(word).collect())
            }
            // What is wrong with it is told of every command.
            Err(_) => Err(()),
        },
    }
}

fn without_command(place: Place, entry: &ServiceEntry, cx: &ModeEvaluator) -> Finding {
    let message = format!("`{}` has `guard: true` and no `command`", entry.name);
    Finding::new(Rule::MissingField, place, message)
        .help("write the image's own command at the service: Compose drops it when the guard stands before it")
        .service(entry.name)
        .mode(cx.scope.mode_name)
}

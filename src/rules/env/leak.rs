//! A value that belongs to another mode: `env-mode-leak`.

use super::{At, Known, Look};
use crate::dotenv::{EnvFile, resolve};
use crate::finding::Finding;
use crate::rule::Rule;
use crate::rules::mode_leak::{Foreign, Part, Source, said};
use crate::secrets::is_placeholder;
use crate::values::interpolation::{expand, uses};

pub(super) fn check(look: &Look) {
    let context = look.context;
    // A mode's values may be variables: what they are is known where that mode's own env file is there.
    let filled = |mode: &str, text: &str| {
        let (_, file) = context.others.iter().find(|(name, _)| *name == mode)?;
        filled(file, text)
    };
    let foreign = Foreign::with(context.plan, context.plans, &filled);
    // What must not stand here at all is said already.
    let entries = look.entries().filter(|at| {
        let known = look.known(*at);
        matches!(
            known,
            Known::Used | Known::Idle | Known::Setting | Known::Unknown
        )
    });
    for at in entries {
        if let Some(value) = look.value(at)
            && let Some((part, source)) = foreign.in_text(value)
        {
            look.add(leak(look, at, part, source));
        }
    }
}

/// A text with the values of an env file in it; `None` where the file has no value for one of its variables, or only a
/// placeholder.
pub fn filled(file: &EnvFile, text: &str) -> Option<String> {
    let resolved = resolve(&[file], &|_| None);
    let uses = uses(text).ok()?;
    let has_value = |name: &str| {
        let value = resolved.reveal(name);
        value.is_some_and(|value| !value.is_empty() && !is_placeholder(value))
    };
    if !uses.iter().all(|usage| has_value(usage.name)) {
        return None;
    }
    let value = |name: &str| resolved.reveal(name).map(str::to_owned);
    expand(text, &value).ok().map(|text| text.into_owned())
}

fn leak(look: &Look, at: At, part: Part, source: &Source) -> Finding {
    let name = look.name(at.entry).unwrap_or("a variable".to_owned());
    let message = said(&name, part, source);
    Finding::new(Rule::EnvModeLeak, at.own.place(&at.entry.name_at), message)
        .second(source.place, format!("the value of `{}`", source.mode))
        .help(format!(
            "give it the value of the mode `{}`",
            look.context.plan.mode
        ))
}

//! The words for texts that Compose refuses to interpolate.

use super::{NESTING_LIMIT, Operator};
use crate::values::Refusal;
use crate::values::shown::shown;

pub(super) fn check_depth(name: &str, depth: usize) -> Result<(), Refusal> {
    if depth < NESTING_LIMIT {
        return Ok(());
    }
    Err(Refusal {
        message: format!(
            "variables may stand {NESTING_LIMIT} deep inside each other, and {} is deeper",
            shown(name)
        ),
        help: None,
    })
}

pub(super) fn missing(name: &str, operator: Option<Operator>, word: &str) -> Refusal {
    let state = match operator {
        Some(Operator::ErrorIfUnset) => "not set",
        _ => "not set or empty",
    };
    let reason = if word.is_empty() {
        String::new()
    } else {
        format!(": {}", shown(word))
    };
    Refusal {
        message: format!("{} is required and {state}{reason}", shown(name)),
        help: Some(format!(
            "set {} in the environment or in an env file",
            shown(name)
        )),
    }
}

/// Help for whoever meant no variable at all.
pub(super) fn dollar_help() -> Option<String> {
    Some("write `$$` for a plain dollar sign".to_owned())
}

/// Refuses what follows a `${`. Only its first characters are shown: the rest may hold a secret default.
pub(super) fn no_name(rest: &str) -> Refusal {
    let end = rest
        .char_indices()
        .take(24)
        .find(|(_, letter)| matches!(letter, '}' | '\n' | ':' | '{'));
    let limit = rest.char_indices().nth(24).map_or(rest.len(), |(at, _)| at);
    let name = &rest[..end.map_or(limit, |(at, _)| at)];
    let message = if name.is_empty() {
        "`${` names no variable; write a name, such as `${NAME}`".to_owned()
    } else {
        format!(
            "{} is not a variable's name; write letters, digits and `_`, and no digit first",
            shown(name)
        )
    };
    Refusal {
        message,
        help: dollar_help(),
    }
}

pub(super) fn unclosed(name: &str) -> Refusal {
    Refusal {
        message: format!(
            "{} has no `}}` on its line; close it",
            shown(&format!("${{{name}"))
        ),
        help: dollar_help(),
    }
}

pub(super) fn no_operator(name: &str, rest: &str) -> Refusal {
    let Some(next) = rest.chars().next() else {
        return unclosed(name);
    };
    Refusal {
        message: format!(
            "{} is followed by {}; write `}}` or one of `:-`, `-`, `:?`, `?`, `:+`, `+`",
            shown(&format!("${{{name}")),
            shown(next.encode_utf8(&mut [0; 4])),
        ),
        help: None,
    }
}

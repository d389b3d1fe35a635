//! Names that nothing has: the words for them, and which one was meant.

use super::check::is_name;
use crate::compose::scalar::Text;
use crate::finding::{Finding, Findings};
use crate::place::Place;
use crate::rule::Rule;
use crate::values::prose::list_quoted;
use crate::values::shown::shown;

/// So many names are listed where none of them is near.
const FEW: usize = 6;

/// A service that is named, and is not there.
pub(super) struct Unknown<'s> {
    pub name: &'s str,
    pub place: Place,
    /// The other file in which it should be.
    pub file: Option<&'s str>,
}

/// Says so, with the one of the others that was meant.
pub(super) fn unknown_service<'n>(
    unknown: &Unknown,
    others: impl Iterator<Item = &'n str> + Clone,
    service: &str,
    findings: &Findings,
) {
    if findings.is_full() {
        return findings.add_untold();
    }
    let message = match (unknown.name, unknown.file) {
        ("", _) => "the name of the service is an empty text".to_owned(),
        (name, None) => format!("there is no service {}", shown(name)),
        (name, Some(file)) => format!("there is no service {} in {}", shown(name), shown(file)),
    };
    let help = match findings.near(unknown.name, others.clone()) {
        Some(near) => Some(format!("did you mean `{near}`?")),
        None => those_there(others),
    };
    let finding = Finding::new(Rule::UnknownService, unknown.place, message);
    findings.add(finding.maybe_help(help).service(service));
}

/// All of them, where they are few.
fn those_there<'n>(others: impl Iterator<Item = &'n str>) -> Option<String> {
    let names: Vec<&str> = others.take(FEW + 1).collect();
    match names.len() {
        1 => Some(format!("there is {}", list_quoted(&names))),
        2..=FEW => Some(format!("there are {}", list_quoted(&names))),
        _ => None,
    }
}

/// A network, volume, secret, config or model that a service names, and nothing declares.
pub(super) fn undeclared<'n>(
    (rule, what): (Rule, &str),
    wanted: Text,
    declared: impl Iterator<Item = &'n str> + Clone,
    service: &str,
    findings: &Findings,
) {
    if findings.is_full() {
        return findings.add_untold();
    }
    let message = match wanted.text {
        "" => format!("the name of the {what} is an empty text"),
        name => format!("the {what} {} is not declared", shown(name)),
    };
    let help = match findings.near(wanted.text, declared) {
        Some(near) => Some(format!("did you mean `{near}`?")),
        None => declaring(what, wanted.text),
    };
    let finding = Finding::new(rule, wanted.place, message);
    findings.add(finding.maybe_help(help).service(service));
}

/// How to declare a name, where it is one.
fn declaring(what: &str, name: &str) -> Option<String> {
    let is_number = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_digit());
    Some(match what {
        "volume" if is_number => {
            "a port is published under `ports`; a volume is declared under `volumes`".to_owned()
        }
        "volume" if !name.is_empty() && !is_name(name) => {
            "a path of the host begins with `/`, `./` or `~`; a volume is declared under `volumes`"
                .to_owned()
        }
        _ if !is_name(name) => return None,
        "secret" | "config" => format!("declare it: `{what}s: {{ {name}: {{ file: ./PATH }} }}`"),
        "model" => format!("declare it: `models: {{ {name}: {{ model: MODEL }} }}`"),
        _ => format!("declare it: `{what}s: {{ {name}: }}`"),
    })
}

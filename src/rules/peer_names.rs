//! `peer-unknown`: hosts that no service of the plan is called, and what was probably meant.

use rustc_hash::{FxHashMap, FxHashSet};

use super::Context;
use super::near::near;
use super::peers::Unknown;
use crate::finding::Finding;
use crate::plan::build::scopes_with;
use crate::plan::scope::Absence;
use crate::plan::{Basis, Plan};
use crate::rule::Rule;
use crate::values::shown::shown;

/// Tells of the hosts that are services left out of the mode, and of those that are nearly a service's name.
pub fn check<'s>(unknown: &[Unknown], plan: &Plan<'s>, context: &Context<'_, 's>) {
    if unknown.is_empty() {
        return;
    }
    let absent = absences(unknown, plan, context);
    let misspelled = misspelled(unknown, &absent, plan);
    for one in unknown {
        let host = one.host.as_str();
        let nearly_called = misspelled
            .get(host)
            .filter(|name| context.basis == Basis::Catalog || is_slip(host, name));
        let finding = match (absent.get(host), nearly_called) {
            (Some(why), _) => left_out(one, why, plan),
            (None, Some(name)) => nearly(one, name, context.basis),
            (None, None) => continue,
        };
        context.add(finding.service(one.caller.name).mode(plan.mode));
    }
}

/// Why each host that is a service of the catalog is not in the plan.
fn absences<'u, 's>(
    unknown: &'u [Unknown],
    plan: &Plan<'s>,
    context: &Context<'_, 's>,
) -> FxHashMap<&'u str, Absence<'s>> {
    let catalog = context.catalog;
    let declared = |one: &&Unknown| catalog.services.contains_key(one.host.as_str());
    let mut left_out = unknown.iter().filter(declared).peekable();
    if left_out.peek().is_none() {
        return FxHashMap::default();
    }
    let scopes = scopes_with(catalog, plan.host, &plan.choices);
    let Some(scope) = scopes.iter().find(|scope| scope.mode_name == plan.mode) else {
        return FxHashMap::default();
    };
    let why = |host: &str| {
        let replacer = plan.replaced.get(host).copied().map(Absence::Replaced);
        replacer.or_else(|| scope.kept_out(catalog.services.get(host)?))
    };
    left_out
        .filter_map(|one| Some((one.host.as_str(), why(&one.host)?)))
        .collect()
}

/// The service that each of the other hosts nearly names.
fn misspelled<'u, 's>(
    unknown: &'u [Unknown],
    absent: &FxHashMap<&str, Absence>,
    plan: &Plan<'s>,
) -> FxHashMap<&'u str, &'s str> {
    let hosts = unknown.iter().map(|one| one.host.as_str());
    let others: FxHashSet<&str> = hosts.filter(|host| !absent.contains_key(host)).collect();
    let others: Vec<&str> = others.into_iter().collect();
    near(&others, plan.services.iter().map(|service| service.name))
}

/// The shortest name of which one other letter makes a mistake and not another name: `app` is not `api`.
const SHORTEST: usize = 4;

/// Whether a host is a name with a mistake in it. Names that differ by a digit are those of several machines.
fn is_slip(host: &str, name: &str) -> bool {
    let letters = |text: &str| -> Vec<char> {
        let all = text.chars();
        all.filter(|letter| !letter.is_ascii_digit()).collect()
    };
    host.len().min(name.len()) >= SHORTEST && letters(host) != letters(name)
}

fn left_out(one: &Unknown, why: &Absence, plan: &Plan) -> Finding {
    let host = &one.host;
    let message = format!(
        "`{host}` is not in this mode, and `{}` asks for it in {}: {}",
        one.caller.name,
        one.origin,
        why.reason(plan.mode, plan.host)
    );
    let help = match why {
        Absence::Replaced(_) => {
            format!("write `{{{{ url('{host}') }}}}`, the address of what takes its place")
        }
        _ => format!(
            "where the service can do without it, write `{{{{ url('{host}') | default('') }}}}`"
        ),
    };
    Finding::new(Rule::PeerUnknown, one.place, message).help(help)
}

fn nearly(one: &Unknown, name: &str, basis: Basis) -> Finding {
    let message = format!(
        "{} is no service, and `{}` asks for it in {}",
        shown(&one.host),
        one.caller.name,
        one.origin
    );
    let finding = Finding::new(Rule::PeerUnknown, one.place, message);
    finding.help(match basis {
        Basis::Catalog => {
            format!("did you mean `{name}`? `{{{{ url('{name}') }}}}` writes its address")
        }
        Basis::Compose => format!("did you mean `{name}`?"),
    })
}

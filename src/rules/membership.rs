//! Who is where: services and overrides that are in no mode, fragments that nobody uses, twins side by side.

use rustc_hash::FxHashSet;

use super::Context;
use super::extenders::{Extenders, Owner, each};
use super::presence::{Presence, is_production};
use crate::catalog::entries::is_fenced;
use crate::catalog::read::allows;
use crate::catalog::when::Subject;
use crate::catalog::{Catalog, Few, Named, ServiceEntry};
use crate::compose::scalar::Text;
use crate::compose::value::Ahead;
use crate::finding::Finding;
use crate::place::Place;
use crate::plan::Plan;
use crate::plan::scope::{Absence, Scope};
use crate::rule::Rule;
use crate::values::mode_class::ModeClass;

/// Checks membership.
pub fn check(context: &Context) {
    let catalog = context.catalog;
    let presence = Presence::of(catalog);
    // Without modes and hosts, or with a class that nobody could read, nothing can be said of who is where.
    let read = |scope: &Scope| {
        scope
            .mode
            .value
            .class
            .is_some_and(|class| class.get().is_some())
    };
    if !presence.scopes.is_empty() && presence.scopes.iter().all(read) {
        unreachable(context, &presence);
        without_effect(context, &presence);
    }
    unused_fragments(context);
    for plan in context.plans {
        twins(context, plan);
    }
}

/// Whether every name among a service's words of membership is declared, and its role's classes are classes: a finding
/// says elsewhere that they are not.
fn is_settled(catalog: &Catalog, service: &ServiceEntry) -> bool {
    let own = &service.words.own;
    let modes = own.modes.map_or(&[][..], |list| list.items);
    let hosts = own.hosts().map_or(&[][..], |list| list.items);
    let role = own.role.and_then(|role| catalog.roles.get(role.text));
    role.is_some_and(|role| role.value.is_settled())
        && has_known_condition(catalog, service)
        && modes.iter().all(|mode| catalog.mode(mode.text).is_some())
        && hosts
            .iter()
            .all(|host| catalog.hosts.contains_key(host.text))
}

/// Whether all that a `when` compares with is there.
fn has_known_condition(catalog: &Catalog, service: &ServiceEntry) -> bool {
    let Some(when) = service.words.own.when() else {
        return true;
    };
    let mut is_known = when.condition.is_some();
    if let Some(condition) = when.condition {
        condition.comparisons(&mut |subject, words| {
            let known = |word: &Text| match subject {
                Subject::Choice(option) => catalog.choice(option.text, word.text).is_some(),
                Subject::ModeName => catalog.modes.contains_key(word.text),
                Subject::ModeClass => word.text.parse::<ModeClass>().is_ok(),
            };
            is_known &= words.iter().all(known);
        });
    }
    is_known
}

/// Whether a service of a fenced role asks for production, which is `role-forbidden`.
fn is_forbidden(catalog: &Catalog, service: &ServiceEntry) -> bool {
    let own = &service.words.own;
    let modes = own.modes.map_or(&[][..], |list| list.items);
    let production = |name: &Text| {
        let mode = catalog.mode(name.text);
        mode.is_some_and(|(_, mode)| is_production(&mode.value))
    };
    own.role.is_some_and(|role| is_fenced(role.text)) && modes.iter().any(production)
}

fn unreachable<'s>(context: &Context<'_, 's>, presence: &Presence<'_, 's>) {
    let open = open_roles(context.catalog, presence);
    let replaced = presence.replaced(context.catalog);
    let services = context.catalog.services_by_name();
    let mut ahead = Ahead::of(services.iter(), services.len());
    for service in services {
        ahead.next(Named::touch_membership);
        if service.is_free && !replaced[service.rank] && open.contains(&service.role) {
            continue;
        }
        let service = service.entry;
        let absence = |scope| presence.absence(scope, service);
        if presence.scopes.iter().any(|scope| absence(scope).is_none())
            || !is_settled(context.catalog, service)
            || is_forbidden(context.catalog, service)
        {
            continue;
        }
        let reasons: Vec<Absence> = presence.scopes.iter().filter_map(absence).collect();
        context.add(unreachable_finding(service, &reasons));
    }
}

/// The roles that some mode lets in.
fn open_roles<'s>(catalog: &Catalog<'s>, presence: &Presence<'_, 's>) -> Vec<&'s str> {
    let scopes = || presence.scopes.iter();
    let roles = catalog.roles.iter();
    roles
        .filter(|(name, role)| scopes().any(|scope| allows(name, &role.value, scope.class)))
        .map(|(name, _)| *name)
        .collect()
}

fn unreachable_finding(service: &ServiceEntry, reasons: &[Absence]) -> Finding {
    let own = &service.words.own;
    let (modes, hosts) = (
        own.modes.map(|list| list.place),
        own.hosts().map(|list| list.place),
    );
    let place = modes.or(hosts).unwrap_or(service.place);
    let message = format!(
        "`{}` is in no mode on any host: {}",
        service.name,
        together(service, reasons)
    );
    Finding::new(Rule::ServiceUnreachable, place, message)
        .help("let it into a mode, or take it out; words that others extend belong into a fragment")
        .service(service.name)
}

/// Which words keep it out of everything: "its role `ai` and its `hosts` leave nothing".
fn together(service: &ServiceEntry, reasons: &[Absence]) -> String {
    let role = service.words.own.role.map_or("", |role| role.text);
    let any = |wanted: fn(&Absence) -> bool| reasons.iter().any(wanted);
    let mut words = Vec::new();
    if any(|reason| matches!(reason, Absence::Role { .. })) {
        words.push(format!("its role `{role}`"));
    }
    if any(|reason| matches!(reason, Absence::Modes)) {
        words.push("its `modes`".to_owned());
    }
    if any(|reason| matches!(reason, Absence::Hosts)) {
        words.push("its `hosts`".to_owned());
    }
    if any(|reason| matches!(reason, Absence::When(_))) {
        words.push("its `when`".to_owned());
    }
    let replacers = reasons.iter().filter_map(|reason| match reason {
        Absence::Replaced(by) => Some(*by),
        _ => None,
    });
    let replacer = replacers.min();
    let words_alone = words.join(" and ");
    match (replacer, words.as_slice()) {
        (Some(by), []) => format!("`{by}` takes its place everywhere"),
        (Some(by), _) => format!("{words_alone} let it in only where `{by}` takes its place"),
        (None, [_]) => format!("{words_alone} alone shut it out"),
        (None, _) => format!("{words_alone} together shut it out"),
    }
}

fn unused_fragments(context: &Context) {
    let fragments = &context.catalog.fragments;
    let mut used = vec![false; fragments.len()];
    let mut left = used.len();
    each(context.catalog, |_, name| {
        // Most catalogs have used all of theirs long before the last service.
        let at = (left > 0)
            .then(|| fragments.get_index_of(name.text))
            .flatten();
        if let Some(used) = at.and_then(|at| used.get_mut(at)).filter(|used| !**used) {
            *used = true;
            left -= 1;
        }
    });
    for ((name, fragment), _) in fragments.iter().zip(&used).filter(|(_, used)| !**used) {
        let message = format!("the fragment `{name}` is used by nobody");
        let help = format!("write `extends: {name}` where it was meant, or take it out");
        let finding = Finding::new(Rule::FragmentUnused, fragment.place, message);
        context.add(finding.help(help));
    }
}

fn without_effect<'s>(context: &Context<'_, 's>, presence: &Presence<'_, 's>) {
    let mut extenders: Option<Extenders<'s>> = None;
    for service in context.catalog.services_that_say(Few::OVERRIDES) {
        let Some(overrides) = service.words.own.overrides else {
            continue;
        };
        for entry in overrides.entries {
            let Some(why) = nowhere(context.catalog, presence, service, entry.key) else {
                continue;
            };
            let extenders = extenders.get_or_insert_with(|| Extenders::of(context.catalog));
            let heirs = extenders.services(context.catalog, Owner::Service(service), |_| false);
            let named = |scope: &&Scope<'_, 's>| names(scope, entry.key);
            let there = presence.scopes.iter().filter(named).any(|scope| {
                let heir = |heir: &&ServiceEntry<'s>| presence.absence(scope, heir).is_none();
                heirs.iter().any(heir)
            });
            if !there {
                context.add(effect_finding(service, entry.key, entry.place, &why));
            }
        }
    }
}

/// Whether an override's key names the mode, the host or what is chosen there.
fn names(scope: &Scope, key: &str) -> bool {
    let chosen = || scope.choices.iter().any(|(_, choice)| *choice == key);
    scope.mode_name == key || scope.mode.value.is_called(key) || scope.host_name == key || chosen()
}

/// Why a service is nowhere where an override of its is for; `None` where it is, or where that is said elsewhere.
fn nowhere<'s>(
    catalog: &Catalog<'s>,
    presence: &Presence<'_, 's>,
    service: &ServiceEntry<'s>,
    key: &str,
) -> Option<String> {
    let mut first = None;
    for scope in presence.scopes.iter().filter(|scope| names(scope, key)) {
        let why = presence.absence(scope, service)?;
        first.get_or_insert_with(|| why.reason(scope.mode_name, scope.host_name));
    }
    let mode = catalog.mode(key);
    let role = service.words.own.role.map_or("", |role| role.text);
    let forbidden = is_fenced(role) && mode.is_some_and(|(_, mode)| is_production(&mode.value));
    first.filter(|_| !forbidden && is_settled(catalog, service))
}

fn effect_finding(service: &ServiceEntry, key: &str, place: Place, why: &str) -> Finding {
    let message = format!(
        "`{}` has an override for `{key}`, and is not there: {why}",
        service.name
    );
    Finding::new(Rule::OverrideWithoutEffect, place, message)
        .help("move its words to what runs there, or take it out")
        .service(service.name)
}

/// Services of the role `test` beside the ones that they were made from.
fn twins<'s>(context: &Context<'_, 's>, plan: &Plan<'s>) {
    let mut clean: FxHashSet<&'s str> = FxHashSet::default();
    for service in plan.services.iter().filter(|one| one.role == "test") {
        let extends = service.entry.words.own.extends;
        for name in extends.map_or(&[][..], |extends| extends.items) {
            if let Some(other) = beside(context, plan, name.text, service.name, &mut clean) {
                context.add(twin_finding(service.entry, *name, other).mode(plan.mode));
            }
        }
    }
}

/// The nearest service of the plan among what a name extends, itself included. `clean` remembers those without one.
fn beside<'p, 's>(
    context: &Context<'_, 's>,
    plan: &'p Plan<'s>,
    start: &'s str,
    twin: &str,
    clean: &mut FxHashSet<&'s str>,
) -> Option<&'p ServiceEntry<'s>> {
    let mut queue = vec![start];
    let mut seen: FxHashSet<&'s str> = FxHashSet::default();
    while let Some(name) = queue.pop() {
        if name == twin || clean.contains(name) || !seen.insert(name) {
            continue;
        }
        if let Some(at) = plan.index.get(name) {
            return plan.services.get(*at).map(|service| service.entry);
        }
        let layer = context.catalog.layer(name);
        let extends = layer.and_then(|layer| layer.own.extends);
        let below = extends.map_or(&[][..], |extends| extends.items);
        queue.extend(below.iter().rev().map(|name| name.text));
    }
    clean.extend(seen);
    None
}

fn twin_finding(twin: &ServiceEntry, name: Text, other: &ServiceEntry) -> Finding {
    let through = match name.text == other.name {
        true => String::new(),
        false => format!(" through `{}`", name.text),
    };
    let message = format!(
        "`{}` extends `{}`{through}, which is in the same mode, and does not replace it",
        twin.name, other.name
    );
    let help = match twin.words.own.replaces() {
        None => format!(
            "write `replaces: {}`, or keep the two apart by `modes`",
            other.name
        ),
        Some(replaced) => format!(
            "`{}` replaces `{}` already: keep the two apart by `modes`, or move what they share into a fragment",
            twin.name, replaced.text
        ),
    };
    Finding::new(Rule::TwinWithoutReplaces, name.place, message)
        .second(other.place, format!("`{}` is declared here", other.name))
        .help(help)
        .service(twin.name)
}

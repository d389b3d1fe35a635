//! `healthcheck-missing`, `healthcheck-port`, `healthcheck-syntax`: whether a service is probed, where, and in words
//! that the engine can run.

use super::{Context, Ready, probed_ports, stated};
use crate::catalog::words::Job;
use crate::compose::command::Command;
use crate::compose::scalar::{Is, Loose, Text};
use crate::finding::Finding;
use crate::place::Place;
use crate::plan::{At, Basis, Health, Plan, PlannedService};
use crate::rule::{Rule, Weight};
use crate::values::interpolation::with_defaults;
use crate::values::quotes::unclosed_quote;
use crate::values::shown::shown;

/// Checks the healthcheck of every service.
pub fn check<'c, 's>(context: &'c Context<'_, 's>, plan: &'c Plan<'s>) -> Ready<'c, 's> {
    Box::new(|service: &'c PlannedService<'s>| match service.health {
        Health::Missing if service.job == Job::No && !job_is_refused(service) => {
            context.add(missing(service, context.basis).mode(plan.mode));
        }
        Health::Probe => probe(service, plan, context),
        Health::Missing | Health::Image | Health::Off => {}
    })
}

/// Whether `job` says something that it cannot: then nobody knows whether a healthcheck is missing.
fn job_is_refused(service: &PlannedService) -> bool {
    let job = service.entry.words.own.job;
    job.is_some_and(|job| job.is == Is::Bad)
}

fn missing(service: &PlannedService, basis: Basis) -> Finding {
    let message = format!("`{}` has no healthcheck", service.name);
    Finding::new(Rule::HealthcheckMissing, service.entry.place, message)
        .help(match basis {
            Basis::Catalog => {
                "say what to probe, for example `healthcheck: { http: /health, with: curl }`; \
                 where the image brings its own, write `healthcheck: image`"
            }
            Basis::Compose => {
                "say what to probe, for example `healthcheck: { test: [CMD, redis-cli, ping] }`, unless the image \
                 brings a probe of its own"
            }
        })
        .service(service.name)
}

fn probe(service: &PlannedService, plan: &Plan, context: &Context) {
    let test = service.service.healthcheck.and_then(|check| check.test);
    let wrong = match (service.probed, test) {
        // The words of an `http` probe are the program's own.
        (Some(port), _) => wrong_port(service, port, context.basis),
        (None, Some(test)) => syntax(test)
            .map(|finding| weighed(finding, test, context.basis))
            .or_else(|| wrong_address(service, test, context.basis)),
        (None, None) => None,
    };
    if let Some(finding) = wrong {
        context.add(finding.service(service.name).mode(plan.mode));
    }
}

/// Of these mistakes Compose refuses one, which is told when a Compose file is read. The others it passes on, and the
/// probe fails.
fn weighed(finding: Finding, test: &Command, basis: Basis) -> Finding {
    let is_known = |word: Text| matches!(word.text, "NONE" | "CMD" | "CMD-SHELL");
    let is_taken = match test {
        Command::Exec(list) => list.items.first().is_none_or(|word| is_known(word.0)),
        Command::Shell(_) | Command::Image(_) => true,
    };
    match basis {
        Basis::Compose if is_taken => finding.weight(Weight::Broken),
        Basis::Compose | Basis::Catalog => finding,
    }
}

/// What is wrong with a test. No message names the service: what stands in a fragment is one mistake.
fn syntax(test: &Command) -> Option<Finding> {
    match test {
        Command::Shell(text) => open_quote(*text),
        Command::Exec(list) => list_syntax(list.items, list.place),
        Command::Image(place) => Some(empty(*place)),
    }
}

fn list_syntax(words: &[Loose], place: Place) -> Option<Finding> {
    let Some((first, rest)) = words.split_first() else {
        return Some(empty(place));
    };
    match (first.0.text, rest) {
        ("NONE", _) => None,
        ("CMD" | "CMD-SHELL", []) => Some(without_words(first.0)),
        ("CMD", _) => None,
        ("CMD-SHELL", [text, rest @ ..]) => open_quote(text.0).or_else(|| left_out(text.0, rest)),
        _ => Some(first_word(first.0)),
    }
}

fn empty(place: Place) -> Finding {
    Finding::new(
        Rule::HealthcheckSyntax,
        place,
        "the healthcheck's `test` is empty",
    )
    .help("write, for example, `test: [CMD, redis-cli, ping]`; `disable: true` for no probe at all")
}

fn first_word(word: Text) -> Finding {
    let message = format!(
        "the healthcheck's `test` is a list, so it starts with `CMD`, `CMD-SHELL` or `NONE`, not with {}",
        shown(word.text)
    );
    let finding = Finding::new(Rule::HealthcheckSyntax, word.place, message);
    let upper = word.text.to_ascii_uppercase().replace('_', "-");
    match upper.as_str() {
        "CMD" | "CMD-SHELL" | "NONE" => finding.help(format!("write `{upper}`")),
        _ => finding.help("put `CMD` first, or write one text, which the container's shell runs"),
    }
}

fn without_words(word: Text) -> Finding {
    let message = format!(
        "the healthcheck's `test` has nothing to run behind `{}`",
        word.text
    );
    Finding::new(Rule::HealthcheckSyntax, word.place, message)
        .help("write, for example, `test: [CMD, redis-cli, ping]`")
}

fn open_quote(text: Text) -> Option<Finding> {
    let full = when_unset(text.text);
    let at = unclosed_quote(&full)?;
    let quote = &full[at..=at];
    let message = format!("the healthcheck's `test` has a `{quote}` that is never closed");
    let finding = Finding::new(Rule::HealthcheckSyntax, text.place, message);
    Some(finding.help("close it, or write the test as a list, one item for each word"))
}

/// Words behind the text of a shell, which are its `$0`, `$1` and so on: `[CMD-SHELL, curl, -f, URL]` runs `curl` alone.
fn left_out(text: Text, rest: &[Loose]) -> Option<Finding> {
    let first = rest.first()?;
    if asks_for_words(&when_unset(text.text)) {
        return None;
    }
    let message = format!(
        "the shell runs the first text behind `CMD-SHELL` alone: the healthcheck's `test` has {} more",
        rest.len()
    );
    let finding = Finding::new(Rule::HealthcheckSyntax, first.0.place, message);
    Some(finding.help("write all of it as one text, or `CMD` in place of `CMD-SHELL`"))
}

/// Whether a text for a shell uses the words behind it: `$1`, `$@`.
fn asks_for_words(text: &str) -> bool {
    text.split('$').skip(1).any(|rest| {
        let rest = rest.strip_prefix('{').unwrap_or(rest);
        rest.starts_with(|letter: char| {
            letter.is_ascii_digit() || matches!(letter, '@' | '*' | '#')
        })
    })
}

/// The text as it is when no variable is set; as written where that cannot be told.
fn when_unset(text: &str) -> std::borrow::Cow<'_, str> {
    with_defaults(text).unwrap_or(std::borrow::Cow::Borrowed(text))
}

/// The first port of the container itself that a test asks and that the service does not have.
fn wrong_address(service: &PlannedService, test: &Command, basis: Basis) -> Option<Finding> {
    let mut asked = probed_ports::asked(service, test).into_iter();
    asked.find_map(|port| wrong_port(service, port, basis))
}

fn wrong_port(service: &PlannedService, asked: At<u16>, basis: Basis) -> Option<Finding> {
    let port = asked.value;
    let shares = service.service.network_mode().is_some() && !stated::has_own_network(service);
    if shares || !stated::lacks(service, port) {
        return None;
    }
    let states = format!("`{}` states {}", service.name, stated::listed(service));
    let message = format!("{states}, and its healthcheck probes `{port}`");
    let finding = |message: String| Finding::new(Rule::HealthcheckPort, asked.place, message);
    let behind = stated::behind(service, port);
    // Only a catalog states every port of the container.
    if behind.is_none() && basis == Basis::Compose {
        return None;
    }
    Some(match behind {
        Some((own, place)) => finding(format!("{message}: that is the host port"))
            .second(place, "published here")
            .help(format!(
                "probe `{own}`: the probe runs inside the container"
            )),
        None => finding(message)
            .second(stated::place(service), "stated here")
            .help(format!(
                "probe a port that it states, or state this one: `expose: [{port}]`"
            )),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(list: &[&'static str]) -> Option<String> {
        let items: Vec<Loose> = list.iter().map(|word| Loose(Text::made(word))).collect();
        list_syntax(&items, Place::NOWHERE).map(|finding| finding.message)
    }

    #[test]
    fn a_list_starts_with_one_of_three_words() {
        for good in [
            &["NONE"][..],
            &["CMD", "a"],
            &["CMD-SHELL", "a || exit 1"],
            &["CMD", "it's", "one word"],
            &["CMD-SHELL", "curl -f $$1", "sh", "http://localhost"],
        ] {
            assert_eq!(words(good), None, "{good:?}");
        }
        for bad in [
            &[][..],
            &["CMD"],
            &["CMD-SHELL"],
            &["cmd", "a"],
            &["curl", "a"],
            &["CMD-SHELL", "echo 'a"],
            &["CMD-SHELL", "curl", "-f", "http://localhost"],
        ] {
            assert!(words(bad).is_some(), "{bad:?}");
        }
    }
}

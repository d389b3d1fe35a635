//! From the word `healthcheck` to a probe of the container.

use super::At;
use super::evaluate::ModeEvaluator;
use super::service::Facts;
use crate::catalog::words::{HealthcheckWord, HealthcheckWords, Tool};
use crate::compose::command::Command;
use crate::compose::health::Healthcheck;
use crate::compose::list::List;
use crate::compose::scalar::{Loose, Text};
use crate::compose::value::{Evaluator, collect};
use crate::finding::Finding;
use crate::place::Place;
use crate::rule::Rule;
use crate::values::shown::shown;

/// A probe, and the port that it asks.
#[derive(Clone, Copy)]
pub(super) struct Probe<'s> {
    /// The healthcheck.
    pub healthcheck: &'s Healthcheck<'s>,
    /// The port, where it asks for a path.
    pub port: Option<At<u16>>,
}

/// The probe of a healthcheck; `None` where it cannot be made, and a finding says why.
pub(super) fn probe<'s>(
    word: &HealthcheckWord<'s>,
    facts: &Facts<'s>,
    cx: &ModeEvaluator<'_, 's>,
) -> Option<Probe<'s>> {
    let mut healthcheck = word.compose();
    let mut port = None;
    if let Some(path) = word.words.http {
        let (test, asked) = http_probe(&word.words, *path, facts, cx)?;
        healthcheck.test = Some(cx.arena().alloc(test));
        port = Some(asked);
    }
    let healthcheck = cx.arena().alloc(healthcheck);
    Some(Probe { healthcheck, port })
}

fn http_probe<'s>(
    words: &HealthcheckWords<'s>,
    path: Text<'s>,
    facts: &Facts<'s>,
    cx: &ModeEvaluator<'_, 's>,
) -> Option<(Command<'s>, At<u16>)> {
    let place = path.place;
    let wrong = |rule: Rule, place: Place, message: &str, help: &str| {
        let finding = Finding::new(rule, place, message.to_owned()).help(help);
        cx.findings().add(finding.service(cx.service_name()));
    };
    if !path.text.starts_with('/') {
        let message = format!(
            "the path {} of a healthcheck does not start with `/`",
            shown(path.text)
        );
        wrong(
            Rule::WrongType,
            place,
            &message,
            "write, for example, `http: /health`",
        );
        return None;
    }
    let Some(tool) = words.with else {
        let help = "write `with: curl`, `wget` or `python`: whichever the image has";
        wrong(
            Rule::MissingField,
            place,
            "the healthcheck does not say with which tool to ask",
            help,
        );
        return None;
    };
    let tool = tool.get()?;
    let port = match words.port {
        Some(port) => At {
            value: u16::try_from(port.get()?).ok()?,
            place: port.place,
        },
        None => match facts.port(cx, false) {
            Some(value) => At { value, place },
            None if facts.port_is_refused() => return None,
            None => {
                let help = "write `ports` or `expose` at the service, or `port` in the healthcheck";
                let message = format!(
                    "`{}` states no container port for its healthcheck to ask",
                    cx.service_name()
                );
                wrong(Rule::HealthcheckPort, place, &message, help);
                return None;
            }
        },
    };
    let url = ["http://127.0.0.1:", &port.value.to_string(), path.text].concat();
    let url = cx.arena().alloc_str(&url);
    Some((command(tool, url, place, cx), port))
}

fn command<'s>(tool: Tool, url: &'s str, place: Place, cx: &ModeEvaluator<'_, 's>) -> Command<'s> {
    let python = || {
        let script = ["import urllib.request; urllib.request.urlopen('", url, "')"];
        &*cx.arena().alloc_str(&script.concat())
    };
    let words: &[&'s str] = match tool {
        Tool::Curl => &["CMD", "curl", "-fsS", "-o", "/dev/null", url],
        Tool::Wget => &["CMD", "wget", "-q", "-O", "/dev/null", url],
        Tool::Python => &["CMD", "python", "-c", python()],
    };
    let words = words.iter().map(|text| Loose(Text { text, place }));
    Command::Exec(List {
        items: collect(cx.arena(), words),
        place,
    })
}

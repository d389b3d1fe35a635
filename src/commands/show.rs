//! `composegen show`: what a service resolves to in each mode, with the line behind every value.

use serde::Serialize;

use super::{Exit, Result, Run, terminal::Terminal, unknown};
use crate::cli::{Format, Show};
use crate::compose::value::Sink;
use crate::finding::Finding;
use crate::outputs::compose_file::write_service;
use crate::place::Place;
use crate::plan::Plan;
use crate::plan::build::scopes;
use crate::plan::scope::Scope;
use crate::report::visible;
use crate::rule::Rule;
use crate::yaml::write::Writer;

#[derive(Serialize)]
struct Report {
    service: String,
    host: String,
    modes: Vec<ModeReport>,
}

#[derive(Serialize)]
struct ModeReport {
    mode: String,
    present: bool,
    reason: Option<String>,
    lines: Vec<Line>,
}

#[derive(Serialize)]
struct Line {
    text: String,
    from: Option<String>,
}

/// Shows.
pub fn run(run: &Run, words: &Show, terminal: &mut Terminal) -> Result {
    let Some((host, modes)) = super::selection(run, &words.selection)? else {
        return Ok(super::refuse(run, terminal));
    };
    let catalog = run.catalog();
    let Some(service) = catalog.services.get(words.service.as_str()) else {
        return Err(unknown(
            "service",
            &words.service,
            catalog.services.keys().copied(),
        ));
    };
    let plans = run.plans(host);
    let findings = run.judge(&plans).findings;
    let hidden = secret_places(&findings);
    let scopes = scopes(catalog, host);
    let mut report = Report {
        service: service.name.to_owned(),
        host: host.to_owned(),
        modes: Vec::new(),
    };
    for (plan, scope) in plans.iter().flatten().zip(&scopes) {
        if modes.is_empty() || modes.contains(&plan.mode) {
            report
                .modes
                .push(mode(run, plan, scope, service.name, &hidden));
        }
    }
    match run.format {
        Format::Json => terminal.json(&report),
        Format::Human => {
            let place = run.sources.file_line(service.place);
            terminal.data(&visible(&text(&report, &place)));
        }
    }
    Ok(Exit::Fine)
}

/// Where a secret stands in the catalog: such a value is not shown here either.
fn secret_places(findings: &[Finding]) -> Vec<Place> {
    let secret = |rule: Rule| {
        matches!(
            rule,
            Rule::SecretLiteral | Rule::SecretDefault | Rule::SecretBuildArg | Rule::SecretInUrl
        )
    };
    findings
        .iter()
        .filter(|finding| secret(finding.rule))
        .map(|finding| finding.place)
        .collect()
}

fn mode(run: &Run, plan: &Plan, scope: &Scope, name: &str, hidden: &[Place]) -> ModeReport {
    let mode = plan.mode.to_owned();
    let Some(at) = plan.index.get(name) else {
        let membership = scope.members();
        let reason = scope
            .absence(name, &membership)
            .map(|absence| absence.reason(plan.mode, plan.host));
        return ModeReport {
            mode,
            present: false,
            reason,
            lines: Vec::new(),
        };
    };
    let mut out = Sink::with_places(Writer::new());
    out.yaml.begin_map();
    out.yaml.key(name);
    write_service(&plan.services[*at], ".", run.arena, &mut out);
    out.yaml.end_map();
    let (yaml, places) = out.finish();
    let lines = yaml.lines().enumerate().map(|(number, text)| {
        let mut on_line = places.iter().filter(|(line, _)| *line == number + 1);
        let place = on_line
            .clone()
            .map(|(_, place)| *place)
            .find(|place| place.is_somewhere());
        let secret = on_line.any(|(_, place)| hidden.iter().any(|hidden| covers(*hidden, *place)));
        Line {
            text: if secret {
                masked(text)
            } else {
                text.to_owned()
            },
            from: place.map(|place| run.sources.file_line(place)),
        }
    });
    ModeReport {
        mode,
        present: true,
        reason: None,
        lines: lines.collect(),
    }
}

fn covers(hidden: Place, place: Place) -> bool {
    let end = |place: Place| place.start + u32::from(place.len);
    hidden.file == place.file && hidden.start <= end(place) && place.start <= end(hidden)
}

/// The line without its value.
fn masked(line: &str) -> String {
    let key = line.split_once(": ").map_or(line, |(key, _)| key);
    format!("{key}: '***'")
}

fn text(report: &Report, place: &str) -> String {
    let mut text = format!(
        "# {} on {}, written at {place}\n",
        report.service, report.host
    );
    for mode in &report.modes {
        match &mode.reason {
            Some(reason) => text.push_str(&format!(
                "\n# mode {}: not there, because {reason}\n",
                mode.mode
            )),
            None => text.push_str(&format!("\n# mode {}\n", mode.mode)),
        }
        let width = mode
            .lines
            .iter()
            .map(|line| line.text.chars().count())
            .max()
            .unwrap_or(0)
            .min(72);
        for line in &mode.lines {
            match &line.from {
                Some(from) => text.push_str(&format!("{:width$}  # {from}\n", line.text)),
                None => {
                    text.push_str(&line.text);
                    text.push('\n');
                }
            }
        }
    }
    text
}

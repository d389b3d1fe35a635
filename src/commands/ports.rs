//! `composegen ports`: the ports of the host that are published, over modes and hosts, and the next one that is free.

use serde::Serialize;

use super::{Exit, Failure, Result, Run, chosen, is_in_the_way, terminal::Terminal};
use crate::cli::{Format, Ports};
use crate::finding::Finding;
use crate::plan::Plan;
use crate::plan::ledger::{HostPort, Line, ledger, lowest, next_free, offsets};
use crate::report::{json, list, visible, without_secrets};

/// From where on a free port is looked for where nothing is published.
const FIRST: u16 = 8080;

/// Lists, or looks for a free port.
pub fn run(run: &Run, words: &Ports, terminal: &mut Terminal) -> Result {
    // A choice of the command line may be for other hosts than the default one.
    let host = match words.host.as_deref() {
        Some(asked) => run.host(Some(asked))?,
        None => run.default_host(),
    };
    let modes = run.modes(&words.modes)?;
    let (Some(host), true) = (host, run.loaded.parsed) else {
        return Ok(super::refuse(run, terminal));
    };
    let hosts = match words.host {
        Some(_) => run.plans(host),
        None => run.plans_of_all_hosts(),
    };
    let mut findings = run.judge(&hosts).findings;
    findings.retain(is_in_the_way);
    let plans: Vec<&Plan> = hosts.iter().flat_map(|host| chosen(host, &modes)).collect();
    let lines = ledger(plans.iter().copied());
    match words.next {
        Some(from) => next(run, &lines, &plans, from, &findings, terminal)?,
        None => tell(run, &lines, &findings, terminal),
    }
    if !findings.is_empty() && run.format == Format::Human {
        run.tell(&findings, Exit::Findings, false, terminal);
    }
    let fine = findings.is_empty();
    Ok(if fine { Exit::Fine } else { Exit::Findings })
}

#[derive(Serialize)]
struct Report {
    ports: Vec<Row>,
    /// What was found, as `check` tells it: `findings`, `errors`, `warnings`.
    #[serde(flatten)]
    found: serde_json::Map<String, serde_json::Value>,
}

#[derive(Serialize)]
struct NextFree {
    next: u16,
    /// The variables without a default that set a port, which is not known.
    not_known: Vec<String>,
    #[serde(flatten)]
    found: serde_json::Map<String, serde_json::Value>,
}

/// A line of the ledger. A range has a last port other than its first; without `first`, `variables` or the engine
/// alone know the port.
#[derive(Serialize)]
struct Row {
    first: Option<u16>,
    last: Option<u16>,
    protocol: &'static str,
    address: Option<String>,
    service: String,
    container: Option<String>,
    variables: Vec<String>,
    modes: Vec<String>,
    hosts: Vec<String>,
}

fn found(run: &Run, findings: &[Finding]) -> serde_json::Map<String, serde_json::Value> {
    serde_json::from_str(&json::findings(
        &without_secrets(findings, run.sources),
        run.sources,
        None,
    ))
    .unwrap_or_default()
}

fn next(
    run: &Run,
    lines: &[Line],
    plans: &[&Plan],
    from: Option<u16>,
    findings: &[Finding],
    terminal: &mut Terminal,
) -> std::result::Result<(), Failure> {
    let from = from.or_else(|| lowest(lines)).unwrap_or(FIRST);
    let offsets = offsets(plans.iter().copied());
    let next = next_free(lines, &offsets, from).ok_or_else(|| Failure {
        message: format!("no port is free from {from} on"),
        help: Some("give a lower one: `composegen ports --next 8000`".to_owned()),
    })?;
    let not_known = not_known(lines);
    match run.format {
        Format::Json => terminal.json(&NextFree {
            next,
            not_known,
            found: found(run, findings),
        }),
        Format::Human => {
            terminal.data(&format!("{next}\n"));
            if !not_known.is_empty() {
                let names = list(&not_known);
                terminal.talk(&visible(&format!(
                    "not counted, since no default is known: the ports that {names} set\n"
                )));
            }
        }
    }
    Ok(())
}

/// The variables, as they are written, that alone know a port.
fn not_known(lines: &[Line]) -> Vec<String> {
    let unknown = lines
        .iter()
        .filter(|line| line.published.port == HostPort::Variable);
    let mut names: Vec<String> = unknown.flat_map(|line| variables(line)).collect();
    names.sort_unstable();
    names.dedup();
    names
}

fn variables(line: &Line) -> Vec<String> {
    let names = line.published.variables.iter();
    names.map(|name| format!("${{{name}}}")).collect()
}

fn tell(run: &Run, lines: &[Line], findings: &[Finding], terminal: &mut Terminal) {
    match run.format {
        Format::Json => terminal.json(&Report {
            ports: lines.iter().map(row).collect(),
            found: found(run, findings),
        }),
        Format::Human if lines.is_empty() => terminal.talk("no port of the host is published\n"),
        Format::Human => {
            let all = run.catalog().hosts.len();
            terminal.data(&visible(&table(lines, all)));
        }
    }
}

fn owned(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

fn row(line: &Line) -> Row {
    let published = &line.published;
    let range = match published.port {
        HostPort::Known(range) => Some(range),
        HostPort::Variable | HostPort::Any => None,
    };
    Row {
        first: range.map(|range| range.first),
        last: range.map(|range| range.last),
        protocol: published.protocol.as_str(),
        address: published.address.map(|address| address.to_string()),
        service: published.service.to_owned(),
        container: published.container.map(|range| range.to_string()),
        variables: owned(&published.variables),
        modes: owned(&line.modes),
        hosts: owned(&line.hosts),
    }
}

/// The columns of the table; the last one is left out where it says nothing.
const COLUMNS: [&str; 8] = [
    "PORT",
    "PROTOCOL",
    "ADDRESS",
    "SERVICE",
    "CONTAINER",
    "MODES",
    "HOSTS",
    "SET BY",
];

fn table(lines: &[Line], all_hosts: usize) -> String {
    let mut rows = vec![COLUMNS.map(str::to_owned)];
    rows.extend(lines.iter().map(|line| cells(line, all_hosts)));
    if rows[1..].iter().all(|row| row[7].is_empty()) {
        rows[0][7].clear();
    }
    let widths: [usize; 8] = std::array::from_fn(|column| {
        let cells = rows.iter().map(|row| row[column].chars().count());
        cells.max().unwrap_or(0)
    });
    let mut text = String::new();
    for row in rows {
        let cells = row.iter().zip(widths);
        let cells: Vec<String> = cells
            .map(|(cell, width)| format!("{cell:width$}"))
            .collect();
        text.push_str(cells.join("  ").trim_end());
        text.push('\n');
    }
    text
}

fn cells(line: &Line, all_hosts: usize) -> [String; 8] {
    let published = &line.published;
    let hosts = match line.hosts.len() {
        count if count == all_hosts && count > 1 => "all hosts".to_owned(),
        _ => line.hosts.join(" "),
    };
    [
        port(published.port),
        published.protocol.as_str().to_owned(),
        published
            .address
            .map_or("all".to_owned(), |address| address.to_string()),
        published.service.to_owned(),
        published
            .container
            .map_or("?".to_owned(), |range| range.to_string()),
        line.modes.join(" "),
        hosts,
        set_by(line),
    ]
}

fn port(port: HostPort) -> String {
    match port {
        HostPort::Known(range) => range.to_string(),
        HostPort::Variable => "?".to_owned(),
        HostPort::Any => "any".to_owned(),
    }
}

/// Which variables set the port, and that what is shown is their default.
fn set_by(line: &Line) -> String {
    let names = variables(line);
    match (names.is_empty(), line.published.port) {
        (true, _) => String::new(),
        (false, HostPort::Variable) => format!("{}, no default", list(&names)),
        (false, HostPort::Known(_) | HostPort::Any) => format!("{}, by default", list(&names)),
    }
}

//! `composegen list`: the services, the modes they are in, their limits and ports.

use serde::Serialize;

use super::{Exit, Result, Run, terminal::Terminal};
use crate::catalog::ServiceEntry;
use crate::catalog::words::Job;
use crate::cli::{Format, HostOnly};
use crate::plan::{Plan, PlannedService};
use crate::report::visible;

#[derive(Serialize)]
struct Row {
    service: String,
    role: String,
    modes: Vec<String>,
    memory: Option<u64>,
    cpus: Option<u32>,
    ports: Vec<String>,
    job: Option<&'static str>,
}

/// Lists.
pub fn run(run: &Run, words: &HostOnly, terminal: &mut Terminal) -> Result {
    let host = run.host(words.host.as_deref())?;
    let (Some(host), true) = (host, run.loaded.parsed) else {
        return Ok(super::refuse(run, terminal));
    };
    let plans = run.loaded.plans(host, run.arena);
    let mut services: Vec<&&ServiceEntry> = run.catalog().services.values().collect();
    services.sort_unstable_by_key(|service| {
        (service.words.own.role.map(|role| role.text), service.name)
    });
    let rows: Vec<Row> = services
        .iter()
        .map(|service| row(service, &plans))
        .collect();
    match run.format {
        Format::Json => terminal.json(&rows),
        Format::Human => terminal.data(&visible(&table(&rows))),
    }
    Ok(Exit::Fine)
}

fn row(service: &ServiceEntry, plans: &[Plan]) -> Row {
    let planned: Vec<(&str, &PlannedService)> = plans
        .iter()
        .filter_map(|plan| Some((plan.mode, &plan.services[*plan.index.get(service.name)?])))
        .collect();
    let first = planned.first().map(|(_, service)| *service);
    let limits = first.map(|service| service.limits).unwrap_or_default();
    let ports = first
        .and_then(|service| service.service.ports)
        .map_or(&[][..], |ports| ports.items);
    let job = first
        .map(|service| service.job)
        .filter(|job| *job != Job::No);
    Row {
        service: service.name.to_owned(),
        role: service
            .words
            .own
            .role
            .map_or(String::new(), |role| role.text.to_owned()),
        modes: planned.iter().map(|(mode, _)| (*mode).to_owned()).collect(),
        memory: limits.memory.limit.map(|limit| limit.value.bytes()),
        cpus: limits.cpus.limit.map(|limit| limit.value.thousandths()),
        ports: ports
            .iter()
            .filter_map(|port| Some(port.mapping()?.to_string()))
            .collect(),
        job: job.map(|job| {
            if job == Job::Manual {
                "manual"
            } else {
                "awaited"
            }
        }),
    }
}

fn table(rows: &[Row]) -> String {
    let mut lines: Vec<[String; 6]> =
        vec![["SERVICE", "ROLE", "MODES", "MEMORY", "CPUS", "PORTS"].map(str::to_owned)];
    lines.extend(rows.iter().map(|row| {
        let memory = row.memory.map(crate::values::memory::Memory::from_bytes);
        let cpus = row.cpus.map(crate::values::cpus::Cpus::from_thousandths);
        let job = row
            .job
            .map_or(String::new(), |job| format!(" (job, {job})"));
        [
            format!("{}{job}", row.service),
            row.role.clone(),
            if row.modes.is_empty() {
                "-".to_owned()
            } else {
                row.modes.join(" ")
            },
            memory.map_or("-".to_owned(), |memory| memory.to_string()),
            cpus.map_or("-".to_owned(), |cpus| cpus.to_string()),
            if row.ports.is_empty() {
                "-".to_owned()
            } else {
                row.ports.join(" ")
            },
        ]
    }));
    let widths: Vec<usize> = (0..6)
        .map(|column| {
            lines
                .iter()
                .map(|line| line[column].chars().count())
                .max()
                .unwrap_or(0)
        })
        .collect();
    let mut text = String::new();
    for line in lines {
        let cells: Vec<String> = line
            .iter()
            .zip(&widths)
            .map(|(cell, width)| format!("{cell:width$}"))
            .collect();
        text.push_str(cells.join("  ").trim_end());
        text.push('\n');
    }
    text
}

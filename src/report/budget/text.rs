//! The report for people: what is tried, each mode with its sums, what would make it fit, the other hosts.

use super::bars::{rows, sums};
use super::{Elsewhere, Report, Section, Sum, Tried};
use crate::plan::amount::Amount;
use crate::report::{list, plural};
use crate::values::cpus::Cpus;
use crate::values::memory::Memory;
use crate::values::shown::shown;

/// The report for people.
pub fn text(report: &Report, width: usize) -> String {
    let mut text = String::new();
    if !report.what_if.is_empty() {
        text.push_str("what if\n");
        for tried in &report.what_if {
            text.push_str(&tried_line(tried, report));
        }
        text.push('\n');
    }
    for (number, section) in report.standings.iter().enumerate() {
        if number > 0 {
            text.push('\n');
        }
        text.push_str(&section_text(section, &report.host, width));
    }
    if !report.other_hosts.is_empty() {
        text.push_str("\non other hosts\n");
        text.push_str(&elsewhere(&report.other_hosts));
    }
    text
}

fn tried_line(tried: &Tried, report: &Report) -> String {
    let number = |units: Option<u64>| match (units, tried.key) {
        (None, _) => "none".to_owned(),
        (Some(units), "cpus") => Cpus::from_units(units).number(),
        (Some(units), _) => Memory::from_bytes(units).human(),
    };
    let (name, key) = (&tried.service, tried.key);
    if tried.modes.is_empty() {
        let there = nowhere(report);
        return format!("  {name} is {there}: {name}.{key} changes nothing here\n");
    }
    let (before, after) = (number(tried.before), number(tried.after));
    let modes = list(&tried.modes);
    format!("  {name}: {key} {before} -> {after}, in {modes}\n")
}

/// Where a service is not: "not in prod on nuc", "in none of test and prod on nuc".
fn nowhere(report: &Report) -> String {
    let mut modes: Vec<&str> = Vec::new();
    for mode in report.standings.iter().flat_map(|section| &section.modes) {
        if !modes.contains(&mode.as_str()) {
            modes.push(mode);
        }
    }
    let word = if modes.len() == 1 {
        "not in"
    } else {
        "in none of"
    };
    format!("{word} {} on {}", list(&modes), report.host)
}

fn section_text(section: &Section, host: &str, width: usize) -> String {
    let together = if section.modes.len() > 1 {
        " together"
    } else {
        ""
    };
    let verdict = match section.fits {
        false => "does not fit",
        true if is_unknown(section) => "whether that fits is not known",
        true if is_open(section) => "fits, as far as limits are known",
        true => "fits",
    };
    let mut text = format!(
        "{}{together} on {host}: {}, {verdict}\n\n",
        list(&section.modes),
        plural(section.services, "service"),
    );
    text.push_str(&sums(section, width));
    text.push_str(&notes(section, host));
    if !section.groups.is_empty() {
        text.push('\n');
        text.push_str(&rows(section, width));
    }
    text
}

/// Whether no limit says how much may be used.
fn is_unknown(section: &Section) -> bool {
    section.memory.is_unknown() && section.cpus.is_unknown()
}

/// Whether a limit is missing that says how much may be used.
fn is_open(section: &Section) -> bool {
    let sums = [&section.memory, &section.cpus];
    sums.iter().any(|sum| !sum.not_counted.is_empty())
}

/// What is not counted, and what would make it fit.
fn notes(section: &Section, host: &str) -> String {
    let mut notes = Vec::new();
    for (name, sum) in named(section) {
        if !sum.not_counted.is_empty() && !sum.is_unknown() {
            notes.push(format!(
                "{name} not fully counted, since no number is known: {}",
                list(&sum.not_counted)
            ));
        }
    }
    notes.extend(section.troubles.iter().cloned());
    for (name, sum) in named(section) {
        if sum.over > 0 {
            notes.push(format!("{name}: {} over", over(name, sum)));
            notes.extend(cuts(sum, host).into_iter().map(|cut| format!("  {cut}")));
        }
    }
    let lines: String = notes.iter().map(|note| format!("  {note}\n")).collect();
    match lines.is_empty() {
        true => lines,
        false => format!("\n{lines}"),
    }
}

fn named(section: &Section) -> [(&'static str, &Sum); 3] {
    [
        ("memory", &section.memory),
        ("CPUs", &section.cpus),
        ("reservations", &section.reservation),
    ]
}

fn over(name: &str, sum: &Sum) -> String {
    match name {
        "CPUs" => Cpus::from_units(sum.over).number(),
        _ => Memory::from_bytes(sum.over).human(),
    }
}

fn cuts(sum: &Sum, host: &str) -> Vec<String> {
    let host = shown(host);
    if sum.budget == 0 {
        return vec![format!(
            "nothing of {host} is left for services: see its amount and its `reserve`"
        )];
    }
    match sum.cuts.is_empty() {
        true => vec![format!(
            "neither halving all of it nor leaving out what nothing else needs is enough: {host} is too small"
        )],
        false => sum.cuts.iter().map(|cut| cut.text.clone()).collect(),
    }
}

/// One line for each host and mode: what would be left there.
fn elsewhere(hosts: &[Elsewhere]) -> String {
    let mut rows: Vec<[String; 5]> = Vec::new();
    for host in hosts {
        if host.errors {
            let told = "not known: the catalog has errors there, see `composegen check`";
            rows.push([&host.host, told, "", "", ""].map(str::to_owned));
        }
        for section in &host.standings {
            rows.push([
                host.host.clone(),
                list(&section.modes),
                left::<Memory>(&section.memory),
                left::<Cpus>(&section.cpus),
                verdict(section),
            ]);
        }
    }
    aligned(&rows)
}

/// `1.5 GiB of memory free`, `at least 1 CPU over`
fn left<T: Amount>(sum: &Sum) -> String {
    if sum.is_unknown() {
        let budget = T::with_noun(&T::from_units(sum.budget).number());
        return format!("no limit against {budget}");
    }
    let is_open = !sum.not_counted.is_empty();
    let (word, units, bound) = match sum.over {
        0 => ("free", sum.free, "at most "),
        over => ("over", over, "at least "),
    };
    let bound = if is_open { bound } else { "" };
    let amount = T::with_noun(&T::from_units(units).number());
    format!("{bound}{amount} {word}")
}

fn verdict(section: &Section) -> String {
    match (section.fits, section.reservation.over) {
        (true, _) if is_unknown(section) => "not known".to_owned(),
        (true, _) => "fits".to_owned(),
        (false, 0) => "does not fit".to_owned(),
        (false, over) => format!(
            "does not fit, reserves {} too much",
            Memory::from_bytes(over).human()
        ),
    }
}

fn aligned(rows: &[[String; 5]]) -> String {
    // What is said of a host as a whole is no column.
    let columns = rows.iter().filter(|row| !row[2].is_empty());
    let widths: [usize; 5] = std::array::from_fn(|at| {
        let cells = columns.clone().map(|row| row[at].chars().count());
        cells.max().unwrap_or(0)
    });
    let hosts = rows.iter().map(|row| row[0].chars().count()).max();
    let mut text = String::new();
    for [host, modes, memory, cpus, verdict] in rows {
        let host_width = hosts.unwrap_or(0);
        let [_, modes_width, memory_width, cpus_width, _] = widths;
        let line = format!(
            "  {host:host_width$}  {modes:modes_width$}  {memory:memory_width$}  {cpus:cpus_width$}  {verdict}"
        );
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}

//! Catalogs of any size with every feature of the language in use, the same bytes each time.
//!
//! `domain.yaml` is written by hand: 17 services that use one another. A catalog is that domain as often as it fits,
//! and plain services for the rest. `catalog.yaml` holds what a catalog says once.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

const CATALOG: &str = include_str!("catalog.yaml");
const DOMAIN: &str = include_str!("domain.yaml");

/// Services in `domain.yaml`.
const DOMAIN_SERVICES: usize = 17;
/// Domains in one file of the catalog: about 500 services.
const DOMAINS_PER_FILE: usize = 30;
/// The first host port given out, and how many a domain takes. At 100,000 services the last is 51,173; those below
/// 10,000 and the highest stay free.
const FIRST_PORT: usize = 10_000;
const PORTS_PER_DOMAIN: usize = 7;
/// What the machines have for each service: more than the average limit, so that the budgets hold.
const MEBIBYTES_PER_SERVICE: usize = 112;
const SERVICES_PER_CPU: usize = 8;

/// A service of the rest that no whole domain is left for.
const PLAIN_SERVICE: &str = "
  plain-%D:
    role: core
    extends: [app, influx-client]
    build: { dockerfile: services/plain/Dockerfile }
    expose: [\"8060\"]
    memory: 64M
    cpus: 0.05
    depends_on: [store-0, api-0]
    networks: [default, back-0]
    command: [python, -m, plain, --part, \"%D\"]
    labels: { domain: plain, tier: work }
    environment:
      PORT: \"{{ port() }}\"
      API_URL: \"{{ url('api-0') }}\"
      INTERVAL_SECONDS: 60
";

/// Writes a catalog of so many services into the folder.
///
/// # Errors
/// Fewer services than one domain has, or a file that cannot be written.
pub fn write(services: usize, folder: &Path) -> Result<(), String> {
    let domains = services / DOMAIN_SERVICES;
    if domains == 0 {
        return Err(format!(
            "a generated catalog has at least {DOMAIN_SERVICES} services, not {services}"
        ));
    }
    save(folder, "catalog.yaml", &catalog(services))?;
    for first in (0..domains).step_by(DOMAINS_PER_FILE) {
        let last = domains.min(first + DOMAINS_PER_FILE);
        save(
            folder,
            &format!("domains-{first:05}.yaml"),
            &domain_file(first, last),
        )?;
    }
    match services % DOMAIN_SERVICES {
        0 => Ok(()),
        rest => save(folder, "plain.yaml", &plain_file(rest)),
    }
}

fn save(folder: &Path, name: &str, text: &str) -> Result<(), String> {
    let path = folder.join(name);
    fs::write(&path, text).map_err(|error| format!("{}: {error}", path.display()))
}

/// `catalog.yaml` with machines that are large enough.
fn catalog(services: usize) -> String {
    let memory = 2048 + services * MEBIBYTES_PER_SERVICE;
    let cpus = 2 + services / SERVICES_PER_CPU;
    CATALOG
        .replace("%MEMORY", &memory.to_string())
        .replace("%CPUS", &cpus.to_string())
}

/// One file of the catalog: each section of the domain's file once, with the entries of all these domains.
fn domain_file(first: usize, last: usize) -> String {
    let mut text = String::new();
    for (name, entries) in sections(DOMAIN) {
        text.push_str(name);
        for domain in first..last {
            fill_in(&mut text, entries, domain);
        }
    }
    text
}

/// The sections of a catalog file: the line of the key, and the lines below it. Comments above the first key are
/// about the file itself and are left out.
fn sections(text: &str) -> Vec<(&str, &str)> {
    let starts: Vec<usize> = line_starts(text)
        .filter(|&at| text[at..].starts_with(char::is_alphabetic))
        .collect();
    let ends = starts.iter().skip(1).copied().chain([text.len()]);
    starts
        .iter()
        .zip(ends)
        .map(|(&start, end)| split_after_line(&text[start..end]))
        .collect()
}

fn line_starts(text: &str) -> impl Iterator<Item = usize> {
    text.split_inclusive('\n').scan(0, |at, line| {
        let start = *at;
        *at += line.len();
        Some(start)
    })
}

fn split_after_line(section: &str) -> (&str, &str) {
    section.split_at(section.find('\n').map_or(section.len(), |at| at + 1))
}

/// Appends the entries with the domain's number in place of `%D` and its host ports in place of `%P0` to `%P6`.
fn fill_in(text: &mut String, entries: &str, domain: usize) {
    let mut pieces = entries.split('%');
    text.push_str(pieces.next().unwrap_or_default());
    for piece in pieces {
        let (value, rest) = placeholder(piece, domain);
        // Writing to a String does not fail.
        let _ = write!(text, "{value}{rest}");
    }
}

/// The value for what stands after a `%`, and the text that follows. A percent sign that is none of ours stays.
fn placeholder(piece: &str, domain: usize) -> (String, &str) {
    if let Some(rest) = piece.strip_prefix('D') {
        return (domain.to_string(), rest);
    }
    let port = piece
        .strip_prefix('P')
        .and_then(|rest| Some((rest.get(..1)?.parse::<usize>().ok()?, &rest[1..])));
    match port {
        Some((index, rest)) => (
            (FIRST_PORT + domain * PORTS_PER_DOMAIN + index).to_string(),
            rest,
        ),
        None => ("%".to_owned(), piece),
    }
}

fn plain_file(services: usize) -> String {
    let mut text = "services:".to_owned();
    for index in 0..services {
        fill_in(&mut text, PLAIN_SERVICE, index);
    }
    text
}

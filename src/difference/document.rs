//! A Compose file as far as it is compared. It may have been edited by hand: what cannot be understood is compared as it
//! stands.

use bumpalo::Bump;

use super::Side;
use super::facts::{Facts, Readers, of_key_alone, of_service, of_shared};
use super::mask::Told;
use crate::dotenv;
use crate::finding::Findings;
use crate::values::cpus::Cpus;
use crate::values::interpolation::with_defaults;
use crate::values::memory::Memory;
use crate::yaml::{self, Entry, Kind, Node};

/// Why a side cannot be compared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unreadable {
    /// The mode whose file it is.
    pub mode: String,
    /// The line, from 1.
    pub line: usize,
    /// What is wrong there.
    pub message: String,
}

impl Unreadable {
    /// The same without what the message quotes of a secret.
    pub(super) fn without_secrets(self, told: &Told, side: &Side) -> Self {
        let shown = told.text(side.compose);
        Unreadable {
            message: told.message(&self.message, &shown),
            ..self
        }
    }
}

/// What is compared of a file and its env file.
pub(super) struct Document<'s> {
    /// The project's name.
    pub project: &'s str,
    /// The services with what is known of each.
    pub services: Vec<(String, Facts)>,
    /// Networks, volumes, secrets and configs, each name behind its kind; and the other keys of the top level.
    pub shared: Vec<(String, Facts)>,
    /// The volumes: key, and name on the engine.
    pub volumes: Vec<(String, String)>,
    /// The variables of the env file.
    pub variables: Facts,
    /// What all services ask for.
    pub asked: Asked,
}

/// Sums over services.
#[derive(Clone, Copy, Default)]
pub(super) struct Asked {
    pub memory: Memory,
    pub cpus: Cpus,
    pub reservation: Memory,
}

/// The sections that services share, each with the word before the names of what it holds.
const SHARED: &[(&str, &str)] = &[
    ("networks", "network"),
    ("volumes", "volume"),
    ("secrets", "secret"),
    ("configs", "config"),
];

impl<'s> Document<'s> {
    /// Reads both files of a side; those that are empty hold nothing.
    pub fn read(side: &Side, arena: &'s Bump) -> Result<Self, Unreadable> {
        let root = root(side, arena)?;
        let findings = Findings::new();
        let readers = Readers::new(arena, &findings);
        let project = root
            .and_then(|root| root.get("name"))
            .and_then(|name| name.as_text());
        let project = project.unwrap_or_default();
        let services = section(root, "services");
        let shared = SHARED.iter().flat_map(|(key, kind)| {
            let named = move |entry: &Entry<'s, 's>| {
                (format!("{kind} {}", entry.key), of_shared(&entry.value))
            };
            section(root, key).iter().map(named)
        });
        let others = root.and_then(|root| root.as_map()).unwrap_or_default();
        let others = others.iter().filter(|entry| !is_told(entry.key));
        let others = others.map(|entry| (entry.key.to_owned(), of_key_alone(entry)));
        let mut asked = Asked::default();
        services.iter().for_each(|entry| asked.add(&entry.value));
        Ok(Document {
            project,
            services: services
                .iter()
                .map(|entry| (entry.key.to_owned(), of_service(&entry.value, &readers)))
                .collect(),
            shared: shared.chain(others).collect(),
            volumes: section(root, "volumes")
                .iter()
                .map(|entry| (entry.key.to_owned(), engine_name(entry, project)))
                .collect(),
            variables: variables(side.env),
            asked,
        })
    }
}

fn root<'s>(side: &Side, arena: &'s Bump) -> Result<Option<Node<'s, 's>>, Unreadable> {
    let text: &'s str = arena.alloc_str(side.compose);
    let unreadable = |start: usize, message: String| Unreadable {
        mode: side.mode.to_owned(),
        line: text.as_bytes()[..start.min(text.len())]
            .iter()
            .filter(|byte| **byte == b'\n')
            .count()
            + 1,
        message,
    };
    let root = yaml::read(text, 0, arena, arena).map_err(|errors| {
        let first = errors.into_iter().next();
        first.map_or_else(
            || unreadable(0, "it cannot be read".to_owned()),
            |error| unreadable(error.place.start as usize, error.message),
        )
    })?;
    match root {
        Some(root) if root.as_map().is_none() => {
            Err(unreadable(0, "it is no map of keys".to_owned()))
        }
        root => Ok(root),
    }
}

/// Whether a key of the top level has a place of its own here.
fn is_told(key: &str) -> bool {
    matches!(key, "name" | "services" | "version")
        || SHARED.iter().any(|(shared, _)| *shared == key)
}

fn section<'s>(root: Option<Node<'s, 's>>, key: &str) -> &'s [Entry<'s, 's>] {
    let section = root.and_then(|root| root.get(key).copied());
    section.and_then(|node| node.as_map()).unwrap_or_default()
}

/// The name of a volume on the engine: its own, or the project's before its key.
fn engine_name(entry: &Entry, project: &str) -> String {
    let named = entry.value.get("name").and_then(|name| name.as_text());
    let external = entry.value.get("external").and_then(|it| it.as_text()) == Some("true");
    match named {
        Some(name) => name.to_owned(),
        None if external => entry.key.to_owned(),
        None => format!("{project}_{}", entry.key),
    }
}

fn variables(env: &str) -> Facts {
    let mut facts = Facts::default();
    for entry in dotenv::read(env.as_bytes()).entries {
        facts.push(
            format!("variable {}", entry.name),
            Some(entry.name),
            entry.value.reveal(),
        );
    }
    facts
}

impl Asked {
    fn add(&mut self, service: &Node) {
        let replicas = u64::from(replicas(service));
        let amount = |path: &[&str]| text_at(service, path).and_then(with_defaults);
        let memory = |path: &[&str]| amount(path).and_then(|text| text.parse::<Memory>().ok());
        let resources = |rest: [&'static str; 2]| ["deploy", "resources", rest[0], rest[1]];
        if let Some(limit) =
            memory(&resources(["limits", "memory"])).or_else(|| memory(&["mem_limit"]))
        {
            self.memory = self.memory.saturating_add(limit.saturating_times(replicas));
        }
        let reserved = memory(&resources(["reservations", "memory"]));
        if let Some(kept) = reserved.or_else(|| memory(&["mem_reservation"])) {
            self.reservation = self
                .reservation
                .saturating_add(kept.saturating_times(replicas));
        }
        let cpus = amount(&resources(["limits", "cpus"])).or_else(|| amount(&["cpus"]));
        if let Some(cpus) = cpus.and_then(|text| text.parse::<Cpus>().ok()) {
            self.cpus = self.cpus.saturating_add(cpus.saturating_times(replicas));
        }
    }
}

fn replicas(service: &Node) -> u32 {
    let written =
        text_at(service, &["deploy", "replicas"]).or_else(|| text_at(service, &["scale"]));
    let known = written
        .and_then(with_defaults)
        .and_then(|text| text.parse().ok());
    known.unwrap_or(1)
}

fn text_at<'s>(node: &Node<'_, 's>, path: &[&str]) -> Option<&'s str> {
    match path {
        [] => node.as_text(),
        [key, rest @ ..] => match node.kind {
            Kind::Map(_) => text_at(node.get(key)?, rest),
            _ => None,
        },
    }
}

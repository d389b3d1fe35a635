//! A service as named values: `memory` is `2147483648`, shown as `2 GiB`; `port 8080:80` is there. Both forms of a
//! value, short and long, are the same fact. Keys that nobody knows are facts like all others.

use bumpalo::Bump;

use crate::compose::deploy::Dependency;
use crate::compose::keyed::{EnvValue, Keyed};
use crate::compose::list::List;
use crate::compose::mounts::Mount;
use crate::compose::ports::Port;
use crate::compose::value::{Language, Reader, Value};
use crate::finding::Findings;
use crate::values::memory::Memory;
use crate::yaml::{Kind, Node};

/// Named values in the order of the file.
#[derive(Clone, Debug, Default)]
pub(super) struct Facts {
    pub list: Vec<Fact>,
}

/// One named value.
#[derive(Clone, Debug)]
pub(super) struct Fact {
    /// What it is, such as `environment LOG_LEVEL`.
    pub what: String,
    /// The name that says whether its value is a secret, where there is one.
    pub name: Option<String>,
    /// The value; empty where being there is all.
    pub value: String,
    /// Whether Compose replaces the container where it is another.
    pub recreates: bool,
}

impl Fact {
    /// The value as people read it.
    pub fn words(&self) -> String {
        match self.what.starts_with("memory") {
            true => self
                .value
                .parse()
                .map_or_else(|_| self.value.clone(), Memory::human),
            false => self.value.clone(),
        }
    }
}

impl Facts {
    /// Adds a value; `name` says whether it is a secret.
    pub fn push(&mut self, what: String, name: Option<&str>, value: &str) {
        self.list.push(Fact {
            what,
            name: name.map(str::to_owned),
            value: without_demands(value),
            recreates: true,
        });
    }

    fn plain(&mut self, what: String, value: &str) {
        self.push(what, None, value);
    }

    /// What all of it says.
    pub fn texts(&self) -> Vec<(&str, &str)> {
        let all = self.list.iter();
        all.map(|fact| (fact.what.as_str(), fact.value.as_str()))
            .collect()
    }

    /// Whether any of its values takes a variable.
    pub fn takes(&self, variable: &str) -> bool {
        let uses = |text: &str| {
            let uses = crate::values::interpolation::uses(text).unwrap_or_default();
            uses.iter().any(|used| used.name == variable)
        };
        self.list
            .iter()
            .any(|fact| uses(&fact.value) || uses(&fact.what))
    }
}

/// Reads typed values out of trees. What is no such value is compared as it stands.
pub(super) struct Readers<'a, 's> {
    reader: Reader<'a, 's>,
}

impl<'a, 's> Readers<'a, 's> {
    pub fn new(arena: &'s Bump, findings: &'a Findings) -> Self {
        Readers {
            reader: Reader {
                arena,
                findings,
                language: Language::Generated,
            },
        }
    }

    fn read<T: Value<'s>>(&self, node: &Node<'_, 's>) -> Option<T> {
        let before = self.reader.findings.errors();
        let value = T::read(node, &self.reader)?;
        (self.reader.findings.errors() == before).then_some(value)
    }
}

/// Keys of a service at which no container is replaced: Compose leaves them out of the hash that it compares
/// (`ServiceHash` of Compose 2.40; `docker compose config --hash` shows it).
const NOT_HASHED: &[&str] = &["build", "depends_on", "profiles", "pull_policy", "scale"];

/// Everything that a service says.
pub(super) fn of_service<'s>(service: &Node<'_, 's>, readers: &Readers<'_, 's>) -> Facts {
    let mut facts = Facts::default();
    for entry in service.as_map().unwrap_or_default() {
        let first = facts.list.len();
        of_key(entry.key, &entry.value, readers, &mut facts);
        for fact in &mut facts.list[first..] {
            fact.recreates = !NOT_HASHED.contains(&entry.key) && fact.what != "replicas";
        }
    }
    facts
}

/// Everything that a network, a volume, a secret or a config says.
pub(super) fn of_shared(node: &Node) -> Facts {
    let mut facts = Facts::default();
    for entry in node.as_map().unwrap_or_default() {
        generic(entry.key, &entry.value, &mut facts);
    }
    facts
}

/// Everything that stands behind a key.
pub(super) fn of_key_alone(entry: &crate::yaml::Entry) -> Facts {
    let mut facts = Facts::default();
    generic(entry.key, &entry.value, &mut facts);
    facts
}

fn of_key<'s>(key: &str, node: &Node<'_, 's>, readers: &Readers<'_, 's>, facts: &mut Facts) {
    let done = match key {
        "environment" => named("environment", node, readers, facts),
        "labels" => named("label", node, readers, facts),
        "annotations" => named("annotation", node, readers, facts),
        "ports" => ports(node, readers, facts),
        "volumes" => mounts(node, readers, facts),
        "depends_on" => dependencies(node, readers, facts),
        "networks" => networks(node, facts),
        _ => None,
    };
    if done.is_none() {
        generic(key, node, facts);
    }
}

fn named<'s>(
    word: &str,
    node: &Node<'_, 's>,
    readers: &Readers<'_, 's>,
    facts: &mut Facts,
) -> Option<()> {
    let values: Keyed<EnvValue> = readers.read(node)?;
    for (name, _, value) in values.iter() {
        // A bare name takes the value of the env file, as `${NAME}` does.
        let text = value
            .0
            .map_or_else(|| format!("${{{name}}}"), |text| text.text.to_owned());
        facts.push(format!("{word} {name}"), Some(name), &text);
    }
    Some(())
}

fn ports<'s>(node: &Node<'_, 's>, readers: &Readers<'_, 's>, facts: &mut Facts) -> Option<()> {
    let ports: List<Port> = readers.read(node)?;
    let items = node.as_seq()?;
    if items.len() != ports.items.len() {
        return None;
    }
    for (port, item) in ports.items.iter().zip(items) {
        let text = port
            .mapping()
            .map_or_else(|| inline(item), |mapping| mapping.to_string());
        facts.plain(format!("port {text}"), "");
    }
    Some(())
}

fn mounts<'s>(node: &Node<'_, 's>, readers: &Readers<'_, 's>, facts: &mut Facts) -> Option<()> {
    for item in node.as_seq()? {
        let mount: Mount = readers.read(item)?;
        let known = mount.facts()?;
        let mut value = known.source.unwrap_or("a volume without a name").to_owned();
        if known.read_only {
            value.push_str(", read-only");
        }
        for entry in item.as_map().unwrap_or_default() {
            if !matches!(entry.key, "type" | "source" | "target" | "read_only") {
                value.push_str(&format!(", {} {}", entry.key, inline(&entry.value)));
            }
        }
        facts.plain(format!("mount {}", known.target), &value);
    }
    Some(())
}

fn dependencies<'s>(
    node: &Node<'_, 's>,
    readers: &Readers<'_, 's>,
    facts: &mut Facts,
) -> Option<()> {
    let needed: Keyed<Dependency> = readers.read(node)?;
    for (name, _, dependency) in needed.iter() {
        let condition = dependency.condition.and_then(|it| it.get());
        let mut value = condition
            .map_or("service_started", |it| it.word())
            .to_owned();
        if dependency.restart.and_then(|it| it.get()) == Some(true) {
            value.push_str(", restarts with it");
        }
        if dependency.required.and_then(|it| it.get()) == Some(false) {
            value.push_str(", starts without it too");
        }
        facts.plain(format!("depends_on {name}"), &value);
    }
    Some(())
}

/// A list of names, or a map of names with options.
fn networks(node: &Node, facts: &mut Facts) -> Option<()> {
    match node.kind {
        Kind::Seq(items) => {
            for item in items {
                facts.plain(format!("network {}", item.as_text()?), "");
            }
        }
        Kind::Map(entries) => {
            for entry in entries {
                facts.plain(format!("network {}", entry.key), "");
                if entry.value.as_map().is_some() {
                    generic(&format!("network {}", entry.key), &entry.value, facts);
                }
            }
        }
        Kind::Plain(_) | Kind::Quoted(_) | Kind::Tagged(_) => return None,
    }
    Some(())
}

/// Paths with a shorter name that people use.
const SHORT: &[(&str, &str)] = &[
    ("deploy resources limits memory", "memory"),
    ("deploy resources limits cpus", "cpus"),
    ("deploy resources limits pids", "pids"),
    ("deploy resources reservations memory", "memory reservation"),
    ("deploy resources reservations cpus", "cpus reservation"),
    ("deploy replicas", "replicas"),
    ("scale", "replicas"),
    ("mem_limit", "memory"),
    ("mem_reservation", "memory reservation"),
];

/// Lists whose items belong together: another order is another value.
const ORDERED: &[&str] = &["command", "entrypoint", "healthcheck test"];

fn generic(path: &str, node: &Node, facts: &mut Facts) {
    match node.kind {
        Kind::Map(entries) => {
            for entry in entries {
                generic(&format!("{path} {}", entry.key), &entry.value, facts);
            }
        }
        Kind::Seq(items) if !ORDERED.contains(&path) => {
            for item in items {
                facts.plain(format!("{path} {}", inline(item)), "");
            }
        }
        Kind::Tagged(tagged) => generic(path, &tagged.node, facts),
        Kind::Seq(_) | Kind::Plain(_) | Kind::Quoted(_) => scalar(path, node, facts),
    }
}

fn scalar(path: &str, node: &Node, facts: &mut Facts) {
    let short = SHORT.iter().find(|(long, _)| *long == path);
    let what = short.map_or(path, |(_, short)| short);
    let text = inline(node);
    // The same amount may be written in several ways.
    let value = match what.starts_with("memory") {
        true => text
            .parse::<Memory>()
            .map_or(text, |memory| memory.to_string()),
        false => text,
    };
    let last = path.rsplit(' ').next();
    facts.push(what.to_owned(), last, &value);
}

/// A value on one line.
fn inline(node: &Node) -> String {
    match node.kind {
        Kind::Plain(text) | Kind::Quoted(text) => text.to_owned(),
        Kind::Seq(items) => items.iter().map(inline).collect::<Vec<_>>().join(" "),
        Kind::Map(entries) => {
            let one =
                |entry: &crate::yaml::Entry| format!("{}: {}", entry.key, inline(&entry.value));
            entries.iter().map(one).collect::<Vec<_>>().join(", ")
        }
        Kind::Tagged(tagged) => inline(&tagged.node),
    }
}

/// The text with `${NAME}` in place of `${NAME:?what is missing}`: to a container they are the same.
fn without_demands(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((head, tail)) = rest.split_once("${") {
        let name_end = tail.find(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_');
        let (name, behind) = tail.split_at(name_end.unwrap_or(tail.len()));
        let message = behind
            .strip_prefix(":?")
            .or_else(|| behind.strip_prefix('?'));
        // A message may hold variables of its own: then it stays.
        let end = message.and_then(|message| message.split_once('}'));
        out.extend([head, "${", name]);
        rest = match end {
            Some((message, tail)) if !message.contains('$') => {
                out.push('}');
                tail
            }
            _ => behind,
        };
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_missing_variable_is_for_is_left_out() {
        for (text, expected) in [
            ("${A:?the address}/x ${B:-c} ${D?e}", "${A}/x ${B:-c} ${D}"),
            ("${A:?see ${B}}", "${A:?see ${B}}"),
            ("$A ${", "$A ${"),
        ] {
            assert_eq!(without_demands(text), expected);
        }
    }
}

//! Catalogs by chance: mostly valid, in every form that the language has. A catalog is drawn as JSON values by section
//! and name, so that a property can change it, and is then written as YAML, in several files.

use std::fmt;

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select, subsequence};
use serde_json::{Map, Value, json};

/// One entry of a section: `services`, `web`, and what stands there.
#[derive(Clone, Debug)]
pub struct Entry {
    pub section: &'static str,
    pub name: String,
    pub body: Value,
    /// The file in which it stands; 0 is `catalog.yaml`.
    pub file: usize,
    /// Whether it is written in flow style.
    pub flow: bool,
}

/// A catalog.
#[derive(Clone)]
pub struct Drawn {
    /// What stands in `catalog.yaml` alone: section and value.
    pub main: Vec<(&'static str, Value)>,
    pub entries: Vec<Entry>,
}

/// The names of its files.
pub const FILES: &[&str] = &["catalog.yaml", "ai.yaml", "zoo.yml"];

/// A failing case is shown as the files that a person can try.
impl fmt::Debug for Drawn {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (name, text) in self.texts() {
            write!(out, "\n# {name}\n{text}")?;
        }
        Ok(())
    }
}

impl Drawn {
    /// Its files: name and text.
    pub fn texts(&self) -> Vec<(&'static str, String)> {
        let mut texts: Vec<(&str, String)> =
            FILES.iter().map(|name| (*name, self.file(name))).collect();
        texts.retain(|(name, text)| *name == FILES[0] || !text.is_empty());
        texts
    }

    fn file(&self, file: &str) -> String {
        let here = |entry: &&Entry| FILES[entry.file] == file;
        let mut text = String::new();
        let mut sections: Vec<&str> = Vec::new();
        for (section, value) in self.main.iter().filter(|_| file == FILES[0]) {
            text.push_str(&format!("{section}:"));
            block(value, 1, &mut text);
        }
        for entry in self.entries.iter().filter(here) {
            if !sections.contains(&entry.section) {
                sections.push(entry.section);
            }
        }
        for section in sections {
            text.push_str(&format!("{section}:\n"));
            for entry in self
                .entries
                .iter()
                .filter(here)
                .filter(|entry| entry.section == section)
            {
                text.push_str(&format!("  {}:", entry.name));
                match entry.flow {
                    true => text.push_str(&format!(" {}\n", entry.body)),
                    false => block(&entry.body, 2, &mut text),
                }
            }
        }
        text
    }

    /// What stands in a section of `catalog.yaml` alone.
    pub fn main_mut(&mut self, section: &str) -> &mut Value {
        let found = self.main.iter_mut().find(|(name, _)| *name == section);
        &mut found.expect("a section of every drawn catalog").1
    }

    /// The catalog with its services and their like in another order, and in other files.
    pub fn shuffled(&self, order: &[Index], files: &[usize]) -> Drawn {
        let mut drawn = self.clone();
        shuffle(&mut drawn.entries, order);
        shuffle(&mut drawn.main, order);
        for (entry, file) in drawn.entries.iter_mut().zip(files.iter().cycle()) {
            entry.file = *file;
        }
        drawn
    }

    /// The catalog with its hosts, modes and roles in another order.
    pub fn turned(&self, order: &[Index]) -> Drawn {
        let mut drawn = self.clone();
        for section in ["hosts", "modes", "roles"] {
            if let Value::Object(map) = drawn.main_mut(section) {
                let mut pairs: Vec<_> = std::mem::take(map).into_iter().collect();
                shuffle(&mut pairs, order);
                map.extend(pairs);
            }
        }
        drawn
    }
}

fn shuffle<T>(items: &mut [T], order: &[Index]) {
    for at in (1..items.len()).rev() {
        items.swap(at, order[at % order.len()].index(at + 1));
    }
}

/// Writes a value in block style, its scalars and empty collections as JSON, which is YAML.
fn block(value: &Value, depth: usize, text: &mut String) {
    let indent = "  ".repeat(depth);
    match value {
        Value::Object(map) if !map.is_empty() => {
            text.push('\n');
            for (key, value) in map {
                text.push_str(&format!("{indent}{}:", json!(key)));
                block(value, depth + 1, text);
            }
        }
        Value::Array(items) if !items.is_empty() => {
            text.push('\n');
            for item in items {
                text.push_str(&format!("{indent}- {item}\n"));
            }
        }
        scalar => text.push_str(&format!(" {scalar}\n")),
    }
}

const SERVICES: &[&str] = &[
    "web", "db", "api", "cache", "worker", "seed", "probe", "gen",
];
const FRAGMENTS: &[&str] = &["app", "client", "logged"];
const ROLES: &[&str] = &[
    "core",
    "core",
    "ai",
    "external-api",
    "ui",
    "test",
    "datagen",
];
const OVERRIDES: &[&str] = &["test", "prod", "small", "large", "live"];
const TEXTS: &[&str] = &[
    "plain",
    "",
    "yes",
    "012",
    "1_000",
    "22:22",
    "2001-12-14",
    "a: b",
    "# no comment",
    "- x",
    "{not: flow}",
    "~",
    "a$$b",
    "it's \"quoted\"",
    " lead",
    "trail ",
    "two\nlines\n",
    "\u{e9}\u{1f600}",
    "*star",
    "&amp",
    "!tag",
    "%x",
    "@at",
    "`tick`",
    "{{ bucket }}",
    "{{ mode.name }}-{{ project }}",
    "{{ service.name }}",
    "${LEVEL}",
    "x-${LEVEL}-${MAYBE}",
    "{{.Name}}",
    "{{ url('db') | default('') }}",
    "{{ host('web') | default('none') }}",
    "\\back",
    "null",
    "0x1f",
    "1e3",
    "=",
];

fn pick(list: &'static [&'static str]) -> impl Strategy<Value = &'static str> {
    select(list)
}

fn some(list: &'static [&'static str], most: usize) -> impl Strategy<Value = Vec<&'static str>> {
    subsequence(list, 0..=most)
}

/// A few names with texts.
fn texts(most: usize) -> impl Strategy<Value = Value> {
    let key = select(&["A", "B_C", "d", "E1", "LOG"][..]);
    vec((key, pick(TEXTS)), 0..most).prop_map(|pairs| {
        let pairs = pairs
            .into_iter()
            .map(|(key, text)| (key.to_owned(), json!(text)));
        Value::Object(pairs.collect())
    })
}

fn memory() -> impl Strategy<Value = Value> {
    let size = || select(&["64M", "96m", "128M", "0.5g", "1GiB", "3g"][..]);
    prop_oneof![
        4 => size().prop_map(|limit| json!(limit)),
        2 => (size(), select(&["50%", "100%", "33%"][..])).prop_map(|(limit, kept)| json!({ "limit": limit, "reservation": kept })),
        1 => size().prop_map(|limit| json!({ "limit": limit, "reservation": "64M" })),
    ]
}

fn cpus() -> impl Strategy<Value = Value> {
    let count = || select(&["0.05", "0.1", "0.25", "1", "2.5"][..]);
    prop_oneof![
        4 => count().prop_map(|limit| json!(limit)),
        1 => count().prop_map(|limit| json!({ "limit": limit, "reservation": "0.05" })),
    ]
}

fn ports() -> impl Strategy<Value = Vec<String>> {
    let port = (0_u16..400, 0_usize..6).prop_map(|(at, form)| match form {
        0 => format!("{}:80", 8000 + at),
        1 => format!("127.0.0.1:{}:8080/tcp", 8000 + at),
        2 => format!("{}:53/udp", 8000 + at),
        3 => format!("{}-{}:90-91", 8000 + at, 8001 + at),
        4 => format!("[::1]:{}:443", 8000 + at),
        _ => "82".to_owned(),
    });
    vec(port, 0..3)
}

fn mounts() -> impl Strategy<Value = Vec<&'static str>> {
    some(
        &[
            "data:/data",
            "logs:/var/log:ro",
            "./site:/site:ro",
            "/etc/x:/x:ro",
            "/anonymous",
            "own-{{ mode.name }}:/own",
        ],
        3,
    )
}

fn health() -> impl Strategy<Value = Value> {
    prop_oneof![
        3 => Just(json!({ "http": "/health" })),
        1 => Just(json!({ "test": ["CMD", "true"], "interval": "1m30s" })),
        1 => Just(json!({ "test": "exit 0", "retries": 5 })),
        1 => Just(json!("image")),
        1 => Just(json!({ "disable": true })),
    ]
}

/// What any layer may say.
fn layer() -> impl Strategy<Value = Map<String, Value>> {
    let option =
        |value: BoxedStrategy<Value>, weight: f64| proptest::option::weighted(weight, value);
    (
        option(memory().boxed(), 0.3),
        option(cpus().boxed(), 0.3),
        option(texts(4).boxed(), 0.7),
        option(health().boxed(), 0.3),
        option(mounts().prop_map(|mounts| json!(mounts)).boxed(), 0.3),
        option(texts(3).boxed(), 0.2),
        option(
            pick(TEXTS).prop_map(|text| json!(["run", text])).boxed(),
            0.2,
        ),
    )
        .prop_map(
            |(memory, cpus, environment, healthcheck, volumes, labels, command)| {
                let words = [
                    ("memory", memory),
                    ("cpus", cpus),
                    ("environment", environment),
                    ("healthcheck", healthcheck),
                    ("volumes", volumes),
                    ("labels", labels),
                    ("command", command),
                ];
                let words = words
                    .into_iter()
                    .filter_map(|(key, value)| Some((key.to_owned(), value?)));
                words.collect()
            },
        )
}

/// Words of a service that no other layer has.
#[derive(Clone, Debug)]
struct Belongs {
    role: &'static str,
    source: usize,
    depends_on: Vec<&'static str>,
    extends: Vec<&'static str>,
    twin_of: Option<&'static str>,
    modes: Option<Vec<&'static str>>,
    hosts: Option<Vec<&'static str>>,
    job: Option<Value>,
    replicas: Option<u8>,
}

fn belongs() -> impl Strategy<Value = Belongs> {
    let rarely = proptest::option::weighted::<BoxedStrategy<Vec<&'static str>>>;
    (
        pick(ROLES),
        0_usize..4,
        some(SERVICES, 2),
        some(FRAGMENTS, 2),
        proptest::option::weighted(0.15, pick(SERVICES)),
        rarely(
            0.1,
            subsequence(&["test", "prod", "live"][..], 1..3).boxed(),
        ),
        rarely(0.1, subsequence(&["small", "large"][..], 1..2).boxed()),
        proptest::option::weighted(
            0.15,
            select(vec![json!(true), json!("manual"), json!(false)]),
        ),
        proptest::option::weighted(0.1, 0_u8..4),
    )
        .prop_map(
            |(role, source, depends_on, extends, twin_of, modes, hosts, job, replicas)| Belongs {
                role,
                source,
                depends_on,
                extends,
                twin_of,
                modes,
                hosts,
                job,
                replicas,
            },
        )
}

fn service() -> impl Strategy<Value = Value> {
    let overrides = vec((pick(OVERRIDES), layer()), 0..2);
    (belongs(), layer(), memory(), cpus(), ports(), overrides).prop_map(
        |(belongs, mut words, memory, cpus, ports, overrides)| {
            words.entry("memory").or_insert(memory);
            words.entry("cpus").or_insert(cpus);
            words.insert("ports".to_owned(), json!(ports));
            words.insert("expose".to_owned(), json!(["80"]));
            let overrides: Map<String, Value> = overrides
                .into_iter()
                .map(|(key, layer)| (key.to_owned(), json!(layer)))
                .collect();
            if !overrides.is_empty() {
                words.insert("overrides".to_owned(), json!(overrides));
            }
            belong(&mut words, belongs);
            Value::Object(words)
        },
    )
}

fn belong(words: &mut Map<String, Value>, belongs: Belongs) {
    let mut set = |key: &str, value: Option<Value>| {
        if let Some(value) = value {
            words.insert(key.to_owned(), value);
        }
    };
    set("role", Some(json!(belongs.role)));
    set(
        "image",
        (belongs.source != 1).then(|| json!("registry.example:5000/some/image:1.2")),
    );
    set(
        "build",
        (belongs.source == 1)
            .then(|| json!({ "context": ".", "args": { "M": "{{ mode.name }}", "N": "n" } })),
    );
    set("depends_on", Some(json!(belongs.depends_on)));
    let extends: Vec<&str> = belongs.extends.into_iter().chain(belongs.twin_of).collect();
    set("extends", Some(json!(extends)));
    set("replaces", belongs.twin_of.map(|name| json!(name)));
    set("modes", belongs.modes.map(|modes| json!(modes)));
    set("hosts", belongs.hosts.map(|hosts| json!(hosts)));
    set("job", belongs.job);
    set(
        "deploy",
        belongs
            .replicas
            .map(|replicas| json!({ "replicas": replicas })),
    );
}

fn main_sections(
    memory: &str,
    live: bool,
    defaults: Map<String, Value>,
) -> Vec<(&'static str, Value)> {
    let mut modes = json!({
        "test": { "class": "test", "values": { "bucket": "b-test" } },
        "prod": { "class": "production", "aliases": ["production"], "project": "drawn", "values": { "bucket": "b-prod" } },
    });
    if live {
        modes["live"] = json!({ "class": "production", "values": { "bucket": "b-live" } });
    } else {
        // Words of services may name it, so it is there under another class.
        modes["live"] = json!({ "class": "test", "values": { "bucket": "b-live" } });
    }
    let mut defaults = defaults;
    defaults.insert("restart".to_owned(), json!("unless-stopped"));
    vec![
        ("project", json!("drawn")),
        ("default_host", json!("small")),
        ("limits", json!("optional")),
        (
            "hosts",
            json!({
                "small": { "memory": memory, "cpus": 4, "reserve": { "memory": "512M" } },
                "large": { "memory": "256GiB", "cpus": 64, "overcommit": { "cpus": 2.0 } },
            }),
        ),
        ("modes", modes),
        (
            "roles",
            json!({ "ui": { "profile": "screens" }, "external-api": { "classes": ["production"] } }),
        ),
        ("defaults", json!(defaults)),
    ]
}

/// A catalog, mostly valid.
pub fn catalog() -> impl Strategy<Value = Drawn> {
    let entry = |body: BoxedStrategy<Value>| (body, 0_usize..FILES.len(), any::<bool>());
    (
        (
            select(&["2GiB", "8GiB", "128GiB"][..]),
            any::<bool>(),
            layer(),
        ),
        vec(
            entry(layer().prop_map(Value::Object).boxed()),
            FRAGMENTS.len(),
        ),
        vec(entry(service().boxed()), 1..=SERVICES.len()),
    )
        .prop_map(|((memory, live, mut defaults), fragments, services)| {
            defaults.remove("volumes");
            defaults.remove("healthcheck");
            defaults.insert(
                "healthcheck".to_owned(),
                json!({ "with": "curl", "interval": "30s" }),
            );
            let mut entries = Vec::new();
            let mut add = |section, name: &str, (body, file, flow)| {
                entries.push(Entry {
                    section,
                    name: name.to_owned(),
                    body,
                    file,
                    flow,
                });
            };
            for (name, fragment) in FRAGMENTS.iter().zip(fragments) {
                add("fragments", name, fragment);
            }
            let count = services.len();
            for (at, (name, (mut body, file, flow))) in SERVICES.iter().zip(services).enumerate() {
                keep_to(&mut body, at, count);
                add("services", name, (body, file, flow));
            }
            for (name, body) in [
                (
                    "LEVEL",
                    json!({ "default": "INFO", "description": "level" }),
                ),
                (
                    "MAYBE",
                    json!({ "optional": true, "description": "perhaps" }),
                ),
            ] {
                add("variables", name, (body, 0, true));
            }
            for (name, body) in [
                ("data", Value::Null),
                (
                    "logs",
                    json!({ "shared": ["test", "prod", "live"], "reason": "one log" }),
                ),
                ("own-test", Value::Null),
                ("own-prod", Value::Null),
                ("own-live", Value::Null),
            ] {
                add("volumes", name, (body, 1, true));
            }
            Drawn {
                main: main_sections(memory, live, defaults),
                entries,
            }
        })
}

/// Names of services that the catalog has, and no circle: a service names those before it.
fn keep_to(body: &mut Value, at: usize, count: usize) {
    let before = |name: &Value| SERVICES[..at].iter().any(|known| name == known);
    let known = |name: &Value| FRAGMENTS.iter().any(|known| name == known) || before(name);
    if let Some(names) = body["depends_on"].as_array_mut() {
        names.retain(before);
    }
    if let Some(names) = body["extends"].as_array_mut() {
        names.retain(known);
    }
    if !before(&body["replaces"]) {
        body.as_object_mut().expect("a service").remove("replaces");
    }
    debug_assert!(at < count);
}

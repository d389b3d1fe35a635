//! What Docker Compose takes and refuses of single keys, and what it makes of two files: the same as `validate`. Found by
//! trying thousands of values and combinations on Compose 2.40, see docs/validate.md; here stand those that showed
//! something. Compose is asked again where it is installed.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use bumpalo::Bump;
use composegen::compose::value::{Sink, Value};
use composegen::finding::Findings;
use composegen::project::{Asked, Variables, load};
use composegen::rule::Weight;
use composegen::source::project::ProjectFiles;
use composegen::yaml::Writer;

use super::project::Project;

/// What stands around a service in every case.
const AROUND: &str = "networks: { near: }\nvolumes: { store: }\nsecrets: { key: { file: ./key } }\nconfigs: { set: { file: ./set } }\n";

/// Keys of a service that Compose takes.
const TAKEN: &[&str] = &[
    // Numbers in every spelling of YAML, where a number is asked.
    "scale: 0x2",
    "pids_limit: 1_000",
    "healthcheck: { test: x, retries: 1e1 }",
    "healthcheck: { test: x, retries: 05 }",
    "cpu_quota: 0x10000",
    "env_file: /dev/null",
    "cpus: \"1e3\"",
    "ports: [{ target: 0x50, published: 0x1f90 }]",
    "gpus: [{ count: 0x1 }]",
    "deploy: { update_config: { max_failure_ratio: 1e-1 } }",
    "mem_limit: 1e9",
    "mem_reservation: \"1_000_000\"",
    "secrets: [{ source: key, mode: 0440 }]",
    // Days and weeks, and less than a microsecond.
    "stop_grace_period: 1d",
    "healthcheck: { test: x, interval: 1w2d, timeout: 1.5d }",
    "stop_grace_period: 10ns",
    // No limit, and less than a thousandth of a CPU.
    "deploy: { resources: { limits: { cpus: \"0\" } } }",
    "deploy: { resources: { limits: { cpus: 0.33333 } } }",
    "memswap_limit: -1",
    "restart: \"\"",
    "image: \"\", build: .",
    // The same limit twice.
    "mem_limit: 50M, deploy: { resources: { limits: { memory: 50M } } }",
    "mem_limit: 50M, deploy: { resources: { reservations: { memory: 5M } } }",
    // Texts that look like something else.
    "labels: { a: yes, b: 22:22, c: 2020-13-45, on: d }",
    "user: 1000:1000",
    "ports: [80:80, \"80:80\", \"0.0.0.0:80:80\"]",
    "build: { context: ., ssh: [default] }",
    "build: { context: ., ulimits: { nofile: 5 } }",
    "ulimits: { nofile: \"5\", nproc: { soft: \"1\", hard: 2 } }",
    "x-own: [2020-01-01, 1.5, ~]",
];

/// Keys of a service that Compose refuses, and a part of what `validate` says.
const REFUSED: &[(&str, &str)] = &[
    ("command: [sleep, 10]", "expected a text, not a number"),
    (
        "entrypoint: [run, true]",
        "expected a text, not true or false",
    ),
    (
        "healthcheck: { test: [CMD, probe, 80] }",
        "expected a text, not a number",
    ),
    ("command: 5", "expected a text, not a number"),
    ("user: 1000", "expected a text, not a number"),
    ("hostname: 1_000", "expected a text, not a number"),
    (
        "environment: { SINCE: 2020-01-01 }",
        "expected a text, not a date",
    ),
    ("labels: [2020-01-01]", "expected a text, not a date"),
    (
        "environment: { 1: one }",
        "a name is a text, and `1` is a number here",
    ),
    (
        "labels: { true: x }",
        "a name is a text, and `true` is true or false here",
    ),
    ("labels: { \"\": x }", "expected a name before the colon"),
    (
        "blkio_config: { weight: \"500\" }",
        "expected a whole number without quotes, not `500`",
    ),
    (
        "build: { context: ., ulimits: { nofile: \"5\" } }",
        "expected a whole number without quotes",
    ),
    (
        "build: { context: ., ulimits: { nofile: { soft: \"1\", hard: 2 } } }",
        "without quotes",
    ),
    (
        "build: { context: ., shm_size: 1.5 }",
        "expected a whole number, not `1.5`",
    ),
    (
        "build: { context: ., ssh: [id_rsa] }",
        "expected `default`, or `NAME=PATH`",
    ),
    (
        "build: { context: ., additional_contexts: { base: 3 } }",
        "expected a text, not a number",
    ),
    ("mem_reservation: 1.5", "expected a whole number, not `1.5`"),
    ("memswap_limit: \"-1\"", "expected -1 without quotes"),
    ("cpus: \"0x10\"", "expected a number, not `0x10`"),
    ("cpu_count: \"1e3\"", "expected a whole number"),
    ("cpu_percent: \"0x10\"", "expected a whole number"),
    (
        "gpus: [{ count: \"0x1\" }]",
        "expected a whole number or `all`, not `0x1`",
    ),
    ("gpus: [{ count: 1e1 }]", "expected a whole number or `all`"),
    (
        "ulimits: { nofile: 1e3 }",
        "expected a whole number, not `1e3`",
    ),
    ("mem_swappiness: \"-1\"", "expected -1 without quotes"),
    (
        "volumes: [{ type: tmpfs, target: /t, tmpfs: { mode: \".5\" } }]",
        "without quotes",
    ),
    ("links: [\"\"]", "the name of the service is an empty text"),
    (
        "depends_on: [other, { other: { condition: service_started } }]",
        "expected a text, not a map",
    ),
    (
        "cpu_percent: 200",
        "expected a whole number from 0 to 100, not `200`",
    ),
    ("oom_score_adj: 2000", "from -1000 to 1000"),
    ("scale: -1", "expected a whole number, 0 or more, not `-1`"),
    ("deploy: { replicas: -1 }", "0 or more"),
    (
        "networks: { near: { priority: \"5\" } }",
        "expected a number without quotes",
    ),
    ("networks: [near, near]", "stands in this list twice"),
    ("depends_on: [other, other]", "stands in this list twice"),
    (
        "depends_on: { other: { condition: service_started, required: yes } }",
        "expected true or false",
    ),
    (
        "ports: [{ target: 3000-3001 }]",
        "expected one port, not `3000-3001`",
    ),
    (
        "ports: [{ target: 80, host_ip: localhost }]",
        "expected an address such as `127.0.0.1`",
    ),
    (
        "secrets: [{ source: key, mode: \"0888\" }]",
        "`0888` is not the mode of a file",
    ),
    (
        "volumes: [{ type: tmpfs, target: /t, tmpfs: { mode: \"0755\" } }]",
        "without quotes",
    ),
    (
        "env_file: { path: near.env }",
        "expected a path or a list, not a map",
    ),
    (
        "label_file: nowhere.labels",
        "the label file `nowhere.labels` is not there",
    ),
    ("extra_hosts: [\"=1.2.3.4\"]", "expected `name=address`"),
    ("group_add: [1.5]", "expected a whole number, not `1.5`"),
    (
        "deploy: { resources: { reservations: { generic_resources: [{ discrete_resource_spec: { kind: gpu, value: many } }] } } }",
        "expected a whole number, not `many`",
    ),
    (
        "mem_limit: 50M, deploy: { resources: { limits: { cpus: \"0.5\" } } }",
        "has `mem_limit` beside `deploy.resources.limits`, which does not say `memory`",
    ),
    (
        "cpus: 1, deploy: { resources: { limits: { memory: 50M } } }",
        "has `cpus` beside `deploy.resources.limits`, which does not say `cpus`",
    ),
];

/// A file's service, that of a file laid over it, and the service that both come to.
const MERGED: &[[&str; 3]] = &[
    // Nothing says nothing, but of a variable and of what is replaced whole.
    [
        "hostname: a, restart: always",
        "hostname: , restart: ~",
        "hostname: a, restart: always",
    ],
    [
        "environment: { A: 1, B: 2 }",
        "environment: { A: }",
        "environment: { A: , B: 2 }",
    ],
    ["command: [a]", "command: ~", ""],
    [
        "environment: [A=1, B=2]",
        "environment: { B: 3 }",
        "environment: { A: 1, B: 3 }",
    ],
    [
        "labels: { a: 1 }",
        "labels: [a=2, b=3]",
        "labels: { a: 2, b: 3 }",
    ],
    // The same port, however it is written.
    [
        "ports: [\"8080:80\"]",
        "ports: [{ target: 80, published: \"8080\" }, \"0.0.0.0:8080:80\"]",
        "ports: [\"0.0.0.0:8080:80\"]",
    ],
    [
        "ports: [\"8080:80\"]",
        "ports: [\"8080:80/udp\", \"127.0.0.1:8080:80\"]",
        "ports: [\"8080:80\", \"8080:80/udp\", \"127.0.0.1:8080:80\"]",
    ],
    [
        "volumes: [\"./a:/x\", \"./b:/y\"]",
        "volumes: [{ type: volume, source: store, target: /x }]",
        "volumes: [{ type: volume, source: store, target: /x }, \"./b:/y\"]",
    ],
    [
        "depends_on: { other: { condition: service_started, required: false } }",
        "depends_on: [other]",
        "depends_on: [other]",
    ],
    [
        "secrets: [key]",
        "secrets: [{ source: key, target: key }]",
        "secrets: [key, { source: key, target: key }]",
    ],
    [
        "configs: [set]",
        "configs: [{ source: set, target: /set }]",
        "configs: [{ source: set, target: /set }]",
    ],
    [
        "networks: [near]",
        "networks: { near: { aliases: [b] } }",
        "networks: { near: { aliases: [b] } }",
    ],
    [
        "ports: [\"1:1\", \"2:2\"]",
        "ports: !override [\"3:3\"]",
        "ports: [\"3:3\"]",
    ],
    [
        "environment: { A: 1, B: 2 }",
        "environment: { A: !reset ~ }",
        "environment: { B: 2 }",
    ],
    [
        "dns: 1.1.1.1",
        "dns: [8.8.8.8, 1.1.1.1]",
        "dns: [1.1.1.1, 8.8.8.8]",
    ],
    [
        "x-own: { a: 1 }",
        "x-own: { b: [2] }",
        "x-own: { a: 1, b: [2] }",
    ],
    [
        "logging: { driver: syslog, options: { tag: a } }",
        "logging: { options: { b: c } }",
        "logging: { driver: syslog, options: { tag: a, b: c } }",
    ],
];

fn file(services: &str) -> String {
    format!("services:\n{services}{AROUND}")
}

/// A service with a key, which has an image if the key is not that.
fn service(name: &str, keys: &str) -> String {
    let image = if keys.starts_with("image:") {
        ""
    } else {
        "image: \"x:1\", "
    };
    format!("  {name}: {{ {image}{keys} }}\n")
}

fn with_others(keys: &str) -> String {
    file(&(service("one", keys) + &service("other", "tty: true")))
}

/// What is invalid in a file.
fn invalid(project: &Project, files: &[&str]) -> Vec<String> {
    let arena = Bump::new();
    let source = ProjectFiles::new(&arena);
    let findings = Findings::new();
    let paths = paths(project, files);
    load(
        asked(&paths, project.root().to_str().unwrap()),
        &source,
        &arena,
        &findings,
    );
    let found = findings.take().into_iter();
    let invalid = found.filter(|one| one.rule.info().validate.alone() == Some(Weight::Invalid));
    invalid.map(|one| one.message).collect()
}

/// The whole that files come to, as YAML.
fn whole(project: &Project, files: &[&str]) -> String {
    let arena = Bump::new();
    let source = ProjectFiles::new(&arena);
    let findings = Findings::new();
    let paths = paths(project, files);
    let loaded = load(
        asked(&paths, project.root().to_str().unwrap()),
        &source,
        &arena,
        &findings,
    );
    let mut out = Sink::new(Writer::new());
    loaded.document.unwrap().write(&mut out);
    out.finish().0
}

fn paths(project: &Project, files: &[&str]) -> Vec<String> {
    let path = |name: &&str| project.path(name).to_str().unwrap().to_owned();
    files.iter().map(path).collect()
}

fn asked<'a>(files: &'a [String], folder: &'a str) -> Asked<'a> {
    Asked {
        files,
        folder,
        variables: Variables::default(),
    }
}

/// What Compose says of files, where it is installed.
pub fn config(folder: &Path, files: &[&str]) -> Output {
    let mut command = Command::new("docker");
    command.args(["compose", "-p", "p"]);
    for file in files {
        command.args(["-f", file]);
    }
    let kept = ["PATH", "HOME"].map(|name| (name, std::env::var_os(name).unwrap_or_default()));
    command.args(["config", "--format", "json"]);
    command.current_dir(folder).env_clear().envs(kept);
    command.output().unwrap()
}

fn with_files() -> Project {
    let project = Project::empty();
    project.write("near.env", "A=1\n");
    project
}

#[test]
fn what_compose_takes_of_a_key_is_taken() {
    let project = with_files();
    for keys in TAKEN {
        project.write("one.yaml", with_others(keys));
        assert_eq!(invalid(&project, &["one.yaml"]), [""; 0], "{keys}");
    }
    if super::compose_config::is_there() {
        let services = TAKEN.iter().enumerate();
        let services: String = services
            .map(|(at, keys)| service(&format!("s{at}"), keys))
            .collect();
        project.write("all.yaml", file(&services));
        let said = config(project.root(), &["all.yaml"]);
        assert!(said.status.success(), "{said:?}");
    }
}

#[test]
fn what_compose_refuses_of_a_key_is_refused() {
    let project = with_files();
    let is_there = super::compose_config::is_there();
    for (keys, part) in REFUSED {
        project.write("one.yaml", with_others(keys));
        let found = invalid(&project, &["one.yaml"]);
        assert!(
            found.iter().any(|one| one.contains(part)),
            "{keys}: {found:?}"
        );
        assert_eq!(found.len(), 1, "{keys}: {found:?}");
        if is_there {
            let said = config(project.root(), &["one.yaml"]);
            assert!(!said.status.success(), "{keys}: Compose takes it");
        }
    }
}

#[test]
fn files_merge_as_compose_merges_them() {
    let project = with_files();
    let is_there = super::compose_config::is_there();
    for [first, second, whole_of_both] in MERGED {
        project.write("one.yaml", with_others(first));
        fs::write(
            project.path("two.yaml"),
            format!("services:\n  one: {{ {second} }}\n"),
        )
        .unwrap();
        project.write("both.yaml", with_others(whole_of_both));
        let [merged, both] = [&["one.yaml", "two.yaml"][..], &["both.yaml"]];
        assert_eq!(invalid(&project, merged), [""; 0], "{first} + {second}");
        assert_eq!(
            read(&whole(&project, merged)),
            read(&whole(&project, both)),
            "{first} + {second}"
        );
        if is_there {
            let [merged, both] = [merged, both].map(|files| config(project.root(), files));
            assert_eq!(json(&merged), json(&both), "{first} + {second}");
        }
    }
}

fn json(said: &Output) -> serde_json::Value {
    assert!(said.status.success(), "{said:?}");
    serde_json::from_slice(&said.stdout).unwrap()
}

/// The service `one`, each of its values in one form.
fn read(text: &str) -> serde_json::Value {
    let whole: serde_json::Value = serde_yaml::from_str(text).unwrap();
    let mut service = whole["services"]["one"].clone();
    let keys = service.as_object_mut().unwrap();
    keys.retain(|_, value| !value.is_null());
    for key in ["environment", "labels", "depends_on", "networks"] {
        if let Some(value) = keys.get_mut(key) {
            *value = named(value);
        }
    }
    service
}

/// A list of names, or of names with values, as a map of texts.
fn named(value: &serde_json::Value) -> serde_json::Value {
    let text = |value: &serde_json::Value| match value {
        serde_json::Value::String(text) => serde_json::Value::from(text.as_str()),
        serde_json::Value::Null => serde_json::Value::Null,
        other if other.is_object() => match other["condition"] {
            // Alone it is what a name says.
            ref started if started == "service_started" => serde_json::Value::Null,
            _ if other.as_object().unwrap().is_empty() => serde_json::Value::Null,
            _ => other.clone(),
        },
        other => other.to_string().into(),
    };
    match value {
        serde_json::Value::Array(items) => {
            let pair = |item: &serde_json::Value| match item.as_str().unwrap().split_once('=') {
                Some((name, value)) => (name.to_owned(), value.into()),
                None => (item.as_str().unwrap().to_owned(), serde_json::Value::Null),
            };
            items.iter().map(pair).collect()
        }
        map => map
            .as_object()
            .unwrap()
            .iter()
            .map(|(name, value)| (name.clone(), text(value)))
            .collect(),
    }
}

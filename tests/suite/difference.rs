//! What a change means, as a library tells it: the same value in another form is no change, everything else is one, and
//! a container is said to be replaced where Docker Compose replaces it. How it is told is in `tests/golden/diff/`.

use std::fs;
use std::process::Command;

use composegen::difference::{Between, Difference, Kind, Secrets, Side, between};
use proptest::prelude::*;

use crate::project::finish;

/// A service with most of what services have; the tests change it piece by piece.
const BASE: &str = "\
name: demo
services:
  web:
    image: nginx:1.27
    pull_policy: always
    restart: unless-stopped
    profiles: [all]
    depends_on: { other: { condition: service_started } }
    command: [serve, --port, \"80\"]
    ports: [\"8080:80\"]
    networks: [inner]
    environment: { LEVEL: info, TAKEN: \"${TAKEN:-1}\" }
    volumes: [\"data:/data\"]
    healthcheck: { test: [CMD, \"true\"], interval: 30s }
    labels: { a: b }
    logging: { driver: json-file, options: { max-size: 10m } }
    cap_add: [NET_ADMIN]
    deploy: { replicas: 2, resources: { limits: { cpus: \"0.5\", memory: 128M } } }
  other: { image: \"nginx:1.27\", networks: [inner] }
networks: { inner: {} }
volumes: { data: {} }
";

fn side(compose: &str) -> Side<'_> {
    Side {
        mode: "test",
        class: "test",
        compose,
        env: "",
        budget: None,
        by_hand: true,
    }
}

fn compare(before: &str, after: &str) -> Difference {
    between(
        Between::Times,
        &side(before),
        &side(after),
        &Secrets::default(),
    )
    .unwrap()
}

/// The base with a piece of it exchanged.
fn with(piece: &str, by: &str) -> String {
    assert!(BASE.contains(piece), "{piece}");
    BASE.replace(piece, by)
}

#[test]
fn the_same_in_another_form_is_no_change() {
    for (piece, by) in [
        ("memory: 128M", "memory: 134217728"),
        ("memory: 128M", "memory: \"131072K\""),
        ("[\"8080:80\"]", "[{ target: 80, published: \"8080\" }]"),
        ("[\"8080:80\"]", "[\"8080:80/tcp\"]"),
        (
            "[\"data:/data\"]",
            "[{ type: volume, source: data, target: /data }]",
        ),
        (
            "{ LEVEL: info, TAKEN: \"${TAKEN:-1}\" }",
            "[\"TAKEN=${TAKEN:-1}\", LEVEL=info]",
        ),
        (
            "networks: [inner]\n    env",
            "networks: { inner: }\n    env",
        ),
        ("{ a: b }", "[a=b]"),
        (
            "image: nginx:1.27\n",
            "image: \"nginx:1.27\"  # the web server\n",
        ),
    ] {
        let difference = compare(BASE, &with(piece, by));
        assert!(difference.is_empty(), "{by}: {:?}", difference.services);
        assert_eq!(difference.containers.untouched, 2, "{by}");
    }
}

/// Pieces of the service with others in their place, and what is said of it.
const CHANGES: &[(&str, &str, &str)] = &[
    ("nginx:1.27\n", "nginx:1.28\n", "image"),
    ("pull_policy: always", "pull_policy: missing", "pull_policy"),
    ("unless-stopped", "always", "restart"),
    ("[all]", "[all, more]", "profiles more"),
    ("service_started", "service_healthy", "depends_on other"),
    ("\"80\"]\n", "\"81\"]\n", "command"),
    ("8080:80", "8081:80", "port 8080:80"),
    ("8080:80", "127.0.0.1:8080:80", "port 8080:80"),
    ("LEVEL: info", "LEVEL: debug", "environment LEVEL"),
    ("data:/data\"", "data:/data:ro\"", "mount /data"),
    ("30s", "31s", "healthcheck interval"),
    ("\"true\"", "\"false\"", "healthcheck test"),
    ("{ a: b }", "{ a: c }", "label a"),
    ("10m", "20m", "logging options max-size"),
    ("[NET_ADMIN]", "[NET_ADMIN, SYS_TIME]", "cap_add SYS_TIME"),
    ("replicas: 2", "replicas: 3", "replicas"),
    ("\"0.5\"", "\"0.6\"", "cpus"),
    ("128M", "129M", "memory"),
    ("labels:", "init: true\n    labels:", "init"),
    ("labels:", "build: .\n    labels:", "build"),
];

#[test]
fn every_change_is_told_by_its_name() {
    for (piece, by, what) in CHANGES {
        let difference = compare(BASE, &with(piece, by));
        let [named] = difference.services.as_slice() else {
            panic!("{by}: {:?}", difference.services);
        };
        assert_eq!(
            (named.name.as_str(), named.kind),
            ("web", Kind::Changed),
            "{by}"
        );
        let told: Vec<&str> = named
            .changes
            .iter()
            .map(|change| change.what.as_str())
            .collect();
        assert!(told.contains(what), "{by}: {told:?}");
    }
}

#[test]
fn a_key_that_nobody_knows_is_compared_too() {
    let known = with("labels:", "brand_new: { deep: [1, 2] }\n    labels:");
    let difference = compare(BASE, &known);
    let changes = &difference.services[0].changes;
    assert_eq!(changes[0].what, "brand_new deep 1");
    assert_eq!(changes[0].kind, Kind::Added);
    let above = format!("{BASE}models: {{ a: {{ model: x }} }}\n");
    let difference = compare(BASE, &above);
    assert_eq!(difference.shared[0].name, "models");
    assert!(!difference.is_empty());
}

/// The hash by which Compose sees whether a container is another, of the service `web`.
fn hash(compose: &str) -> Option<String> {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("compose.yml"), compose).unwrap();
    let mut command = Command::new("docker");
    command
        .args([
            "compose",
            "-f",
            "compose.yml",
            "--profile",
            "*",
            "config",
            "--hash",
            "web",
        ])
        .current_dir(folder.path());
    let said = finish(command);
    let hash = said.out.trim().strip_prefix("web ").map(str::to_owned);
    hash.filter(|_| said.code == Some(0))
}

#[test]
fn a_container_is_replaced_where_compose_replaces_it() {
    let docker = Command::new("docker").args(["compose", "version"]).output();
    if !docker.is_ok_and(|output| output.status.success()) {
        return crate::skipped("there is no `docker compose`, so its hashes were not compared");
    }
    let base = hash(BASE);
    assert!(base.is_some());
    for (piece, by, _) in CHANGES {
        let changed = with(piece, by);
        let replaced = compare(BASE, &changed)
            .containers
            .recreated
            .contains(&"web".to_owned());
        assert_eq!(replaced, hash(&changed) != base, "{by}");
    }
}

#[test]
fn variables_and_networks_reach_the_containers_that_use_them() {
    let changed = |before: &str, after: &str| {
        let sides = [before, after].map(|env| Side { env, ..side(BASE) });
        let secrets = Secrets::default();
        let difference = between(Between::Times, &sides[0], &sides[1], &secrets).unwrap();
        (difference.variables.len(), difference.containers.recreated)
    };
    assert_eq!(
        changed("TAKEN=1\n", "TAKEN=2\n"),
        (1, vec!["web".to_owned()])
    );
    assert_eq!(changed("OTHER=1\n", "OTHER=2\n"), (1, vec![]));
    let network = compare(BASE, &with("inner: {}", "inner: { internal: true }"));
    assert_eq!(network.containers.recreated, ["web", "other"]);
    assert_eq!(network.shared[0].name, "network inner");
}

#[test]
fn a_project_of_another_name_has_containers_and_volumes_of_its_own() {
    let difference = compare(BASE, &with("name: demo", "name: other"));
    assert_eq!(
        difference.project,
        Some(("demo".to_owned(), "other".to_owned()))
    );
    assert_eq!(difference.containers.created, ["web", "other"]);
    assert_eq!(difference.containers.left_behind, ["web", "other"]);
    assert_eq!(difference.left_volumes[0].engine_name, "demo_data");
}

#[test]
fn ports_volumes_and_sums_follow_from_the_services() {
    let before = with("replicas: 2, ", "");
    let after = before
        .replace("8080:80", "8081:80")
        .replace("    volumes: [\"data:/data\"]\n", "")
        .replace("volumes: { data: {} }\n", "")
        .replace("memory: 128M", "memory: 256M");
    let difference = compare(&before, &after);
    assert_eq!(difference.opened[0].port, "8081");
    assert_eq!(difference.closed[0].port, "8080");
    assert_eq!(difference.left_volumes[0].engine_name, "demo_data");
    assert_eq!(difference.sums.memory.before.to_string(), "128M");
    assert_eq!(difference.sums.memory.after.to_string(), "256M");
}

proptest! {
    /// Whatever two files hold, comparing them ends, and the same file is no change.
    #[test]
    fn any_two_texts_can_be_compared_or_refused(
        pieces in prop::collection::vec(
            prop::sample::select(&[
                "services:\n", "  a:\n", "    ports: [", "\"80:80\"", "]\n", "    image: x\n", "    environment:\n",
                "      A: b\n", "      - A=b\n", "{", "}", "&x", "*x", "<<: ", "!reset ", "null\n", ": ", "-", "\n", "é",
            ]),
            0..14,
        ),
    ) {
        let text = pieces.concat();
        let secrets = Secrets::default();
        if let Ok(same) = between(Between::Times, &side(&text), &side(&text), &secrets) {
            prop_assert!(same.is_empty(), "{text}: {:?}", same.services);
        }
        let _ = between(Between::Times, &side(BASE), &side(&text), &secrets);
        let _ = between(Between::Modes, &side(&text), &side(BASE), &secrets);
    }

    /// A value behind the name of a secret is in no change, in whatever form it stands there.
    #[test]
    fn no_secret_is_told(
        secret in "[a-z][a-zA-Z0-9]{10,20}Z",
        form in prop::sample::select(&[
            "environment: { API_TOKEN: @ }", "environment: [\"API_TOKEN=@\"]", "environment: { API_TOKEN: \"${X:-1}@\" }",
            "environment: { API_TOKEN: \"${API_TOKEN:-@}\" }", "labels: { api_token: @ }", "build: { args: { API_TOKEN: @ } }",
            "command: run --api-token=@", "command: [run, \"--api-token=@\"]", "environment: { URL: \"http://me:@@host/\" }",
            "logging: { options: { splunk-token: @ } }", "x-mine: { password: @ }",
        ]),
    ) {
        let service = format!("other:\n    image: \"nginx:1.27\"\n    {}\n", form.replacen('@', &secret, 1));
        let changed = with("other: { image: \"nginx:1.27\", networks: [inner] }\n", &service);
        for (before, after) in [(BASE, changed.as_str()), (changed.as_str(), BASE)] {
            let told = format!("{:?}", compare(before, after));
            prop_assert!(!told.contains(&secret), "{form}: {told}");
        }
    }
}

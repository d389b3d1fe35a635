//! Real Docker Compose reads what is generated, and understands what the plan says: `docker compose config`, which
//! needs no engine, over the repository's files, those of every host, and those of every golden case.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write as _;
use std::path::{Component, Path, PathBuf};
use std::process::{Command, Output};

use bumpalo::Bump;
use composegen::catalog::words::Job;
use composegen::compose::keyed::EnvValue;
use composegen::compose::list::Either;
use composegen::compose::mounts::Mount;
use composegen::compose::ports::Port;
use composegen::compose::{Is, Val, command::Command as Words};
use composegen::plan::contract::ContractVariable;
use composegen::plan::{Plan, PlannedService};
use composegen::source::Sources;
use composegen::values::duration::Duration;
use composegen::values::interpolation::{Operator, expand, uses};
use composegen::values::mount::ShortMount;
use composegen::values::port::{PortMapping, PortRange};
use composegen::values::shell::words;
use serde_json::{Map, Value, json};
use tempfile::TempDir;

use crate::in_memory::{make_from, make_with};

#[test]
fn the_repositorys_files_mean_what_the_plans_say() {
    if !is_there() {
        return;
    }
    let wrong = wrong_in(repository(), "generated");
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn the_files_of_every_golden_case_mean_what_the_plans_say() {
    if !is_there() {
        return;
    }
    let cases = golden_cases();
    if cases.is_empty() {
        say("skipped: no golden case has a folder `generated.expected`");
    }
    let wrong: Vec<String> = cases
        .iter()
        .flat_map(|case| wrong_in(case, EXPECTED))
        .collect();
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn a_file_means_the_same_from_every_folder() {
    if !is_there() {
        return;
    }
    let project = Project::of(repository(), "generated");
    let mut paths = project.files();
    paths.retain(|path| path.ends_with("docker-compose.test.yml"));
    assert!(paths.len() > 1, "one host alone: {paths:?}");
    for path in paths {
        let file = project.root.join(&path);
        let variables = placeholders(&fs::read_to_string(&file).expect("a file"));
        let folder = file.parent().expect("a folder");
        let name = Path::new(file.file_name().expect("a name"));
        let near = config(name, folder, &["--profile", "*"], &variables);
        for (folder, name) in [
            (Path::new("/"), file.as_path()),
            (&project.root, Path::new(&path)),
        ] {
            let far = config(name, folder, &["--profile", "*"], &variables);
            assert_eq!(
                text(&near.stdout),
                text(&far.stdout),
                "{path} from {}",
                folder.display()
            );
        }
        let resolved: Value = serde_json::from_slice(&near.stdout).expect("JSON");
        let outside = outside(&resolved, &project.root);
        assert!(
            outside.is_empty(),
            "{path}: outside of the project: {outside:?}"
        );
    }
}

#[test]
fn the_influxdb_token_comes_from_its_file_and_nobody_misses_the_file() {
    if !is_there() {
        return;
    }
    let project = Project::of(repository(), "generated");
    fs::remove_dir_all(project.root.join(".secrets")).expect("a folder");
    for mode in ["test", "prod"] {
        let file = project
            .root
            .join(format!("generated/docker-compose.{mode}.yml"));
        let variables = placeholders(&fs::read_to_string(&file).expect("a file"));
        let before = config(&file, &project.root, &["--profile", "*"], &variables);
        assert!(
            before.status.success() && before.stderr.is_empty(),
            "{}",
            text(&before.stderr)
        );
        assert_eq!(with_variable(&before, "INFLUXDB_TOKEN"), [""; 0], "{mode}");
        let folder = project.root.join(format!(".secrets/{mode}"));
        fs::create_dir_all(&folder).expect("a folder");
        fs::write(folder.join("influxdb.env"), "INFLUXDB_TOKEN=a-_b+/c.~==\n").expect("a file");
        let after = config(&file, &project.root, &["--profile", "*"], &variables);
        assert!(
            after.status.success() && after.stderr.is_empty(),
            "{}",
            text(&after.stderr)
        );
        let users = with_variable(&after, "INFLUXDB_URL");
        assert!(users.len() > 5, "{users:?}");
        assert_eq!(with_variable(&after, "INFLUXDB_TOKEN"), users, "{mode}");
        let tokens = text(&after.stdout)
            .matches("\"INFLUXDB_TOKEN\": \"a-_b+/c.~==\"")
            .count();
        assert_eq!(tokens, users.len(), "{mode}: as it stands in the file");
    }
}

/// The services that get a variable.
fn with_variable(resolved: &Output, name: &str) -> Vec<String> {
    let resolved: Value = serde_json::from_slice(&resolved.stdout).expect("JSON");
    let services = resolved["services"].as_object().expect("services");
    let with = services
        .iter()
        .filter(|(_, service)| service["environment"].get(name).is_some());
    with.map(|(service, _)| service.clone()).collect()
}

/// With both env files, as the banners say it, all of every mode is there and Compose warns of nothing.
#[test]
fn both_env_files_start_all_of_a_mode_without_a_warning() {
    if !is_there() {
        return;
    }
    let (_folder, forms) = project_of(FORMS);
    for project in [Project::of(repository(), "generated"), forms] {
        let arena = Bump::new();
        let sources = Sources::read(&project.root.join("catalog"), &arena).expect("a catalog");
        for host in make_from(&sources, &arena).hosts {
            let setting = host.setting();
            for plan in &host.plans {
                let command = setting.compose(plan);
                fs::write(project.root.join(plan.own_env_name()), filled(plan)).expect("a file");
                let output = run(&format!("{command} config --services"), &project.root);
                assert_eq!(text(&output.stderr), "", "{command}");
                let mut listed: Vec<String> =
                    text(&output.stdout).lines().map(str::to_owned).collect();
                listed.sort();
                assert_eq!(listed, not_by_hand(plan), "{command}");
            }
        }
    }
}

/// An env file with a value for everything that must be set: right for ports, sizes and texts.
fn filled(plan: &Plan) -> String {
    let variables = plan.contract.variables.iter();
    let required = variables.filter(|variable| variable.is_required());
    let line = |(number, variable): (usize, &ContractVariable)| {
        format!("{}={}\n", variable.name, 4700 + number)
    };
    required.enumerate().map(line).collect()
}

/// The services that `up` starts: all but those that are started by hand.
fn not_by_hand(plan: &Plan) -> Vec<String> {
    let services = plan.services.iter();
    let started = services.filter(|service| service.job != Job::Manual);
    started.map(|service| service.name.to_owned()).collect()
}

/// Runs a command line, in an environment without variables of its own.
fn run(command: &str, folder: &Path) -> Output {
    let mut words = command.split(' ');
    let kept = ["PATH", "HOME"].map(|name| (name, std::env::var_os(name).unwrap_or_default()));
    Command::new(words.next().expect("a program"))
        .args(words)
        .current_dir(folder)
        .env_clear()
        .envs(kept)
        .output()
        .expect("docker compose runs")
}

/// What the repository's catalog does not use: every form of ports, mounts, waiting, networks and probes.
const FORMS: &str = r##"
project: forms
limits: optional
hosts: { big: { memory: 64GiB, cpus: 32 }, small: { memory: 32GiB, cpus: 16 } }
modes:
  test: { class: test, values: { org: "it's: \"quoted\" # not a comment" } }
  prod: { class: production, project: forms, values: { org: plain } }
roles: { ui: { profile: screens } }
defaults: { restart: unless-stopped, memory: { reservation: 50% }, healthcheck: { with: wget, interval: 1m30s } }
variables:
  PORT: { description: "where it listens: a port" }
  IMAGE_TAG: { default: "1.27", description: tag }
  EMPTY: { optional: true, description: may be empty }
volumes: { data: , fixed: { name: forms-fixed, shared: [test, prod], reason: "one copy" } }
networks: { back: { internal: true }, "default": { name: "{{ project }}-{{ mode.name }}" } }
secrets: { key: { file: ./secrets/key.txt } }
configs: { page: { content: "price: $$5" } }
services:
  web:
    role: ui
    image: "nginx:${IMAGE_TAG}"
    ports:
      - "8080:80"
      - "127.0.0.1:${PORT}:81"
      - "9000-9002:9000-9002/udp"
      - "[::1]:9443:443"
      - "82"
      - { target: 83, published: "8083", protocol: tcp, mode: host }
    memory: { limit: 0.5g, reservation: 100m }
    cpus: { limit: 1.25, reservation: 0.5 }
    healthcheck: { http: "/", timeout: 500ms, retries: 7, start_period: 2m }
    depends_on: { api: , seed: , late: { required: false, restart: true } }
    networks: { back: { aliases: [front] }, "default": }
    volumes:
      - data:/data
      - fixed:/fixed:ro
      - ./site:/usr/share/nginx/html/:ro
      - /var/run/docker.sock:/var/run/docker.sock
      - ~/notes:/notes:ro
      - /anonymous
      - { type: bind, source: ../beside, target: /beside, read_only: true, bind: { create_host_path: false } }
      - { type: tmpfs, target: /scratch, tmpfs: { size: 64m } }
      - { type: volume, source: data, target: /sub, volume: { subpath: inner } }
    environment: { A: "{{ org }}", B: "a$$b", C: "yes", D: 012, E: 1_000, F: "2001-12-14", G: "", H: "22:22", EMPTY: , PORT: , J: "x\ny\n", K: " lead ", L: "!tag", M: "{{.Name}}" }
    secrets: [key]
    configs: [{ source: page, target: /etc/page }]
    extra_hosts: ["host.docker.internal:host-gateway"]
    labels: [one=1, two]
    ulimits: { nofile: { soft: 1024, hard: 2048 } }
  api:
    role: core
    build: ./api
    command: python -m "api server" --price $$5
    memory: 96M
    cpus: 0.01
    healthcheck: { test: "curl -f http://localhost/ || exit 1", interval: 30s }
    container_name: forms-api-{{ mode.name }}
  late: { role: core, image: busybox, network_mode: host, healthcheck: { disable: true }, env_file: [./late.env] }
  seed: { role: core, job: true, image: busybox, command: [sh, -c, "echo $$HOME '#' ; true"], depends_on: [api] }
  hand: { role: core, job: manual, image: busybox, entrypoint: ["/bin/sh"], build: { context: ., dockerfile_inline: "FROM busybox" } }
"##;

/// A project of one text.
fn project_of(catalog: &str) -> (TempDir, Project) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    fs::create_dir(folder.path().join("catalog")).expect("a folder");
    fs::write(folder.path().join("catalog/catalog.yaml"), catalog).expect("a file");
    let project = Project::of(folder.path(), "nothing");
    (folder, project)
}

#[test]
fn every_form_means_what_the_plan_says() {
    if !is_there() {
        return;
    }
    let (folder, project) = project_of(FORMS);
    assert_eq!(project.files().len(), 4, "two modes on two hosts");
    let wrong = wrong_in(folder.path(), "nothing");
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn what_a_file_says_otherwise_is_noticed() {
    if !is_there() {
        return;
    }
    let path = "generated/docker-compose.prod.yml";
    let (_folder, project) = project_of(FORMS);
    let arena = Bump::new();
    let sources = Sources::read(&project.root.join("catalog"), &arena).expect("a catalog");
    let made = make_from(&sources, &arena);
    let plan = &made.hosts[0].plans[1];
    let file = fs::read_to_string(project.root.join(path)).expect("a file");
    let changes = [
        ("memory: 96M", "memory: 97M", "`memory` of api"),
        ("cpus: 0.01", "cpus: 0.02", "`cpus` of api"),
        (
            "9000-9002:9000-9002/udp",
            "9000-9002:9000-9002",
            "`ports` of web",
        ),
        ("B: a$$b", "B: a${b}", "`environment` of web"),
        (
            "condition: service_healthy",
            "condition: service_started",
            "`depends_on` of seed",
        ),
        ("../site:", "./site:", "`volumes` of web"),
        ("interval: 30s", "interval: 31s", "`healthcheck` of api"),
        ("name: forms\n", "name: other\n", "the project"),
        (
            "name: forms-fixed",
            "name: forms-other",
            "the names of volumes",
        ),
        (
            "    profiles:\n      - screens\n",
            "",
            "the services without a profile",
        ),
    ];
    let mut changed = file;
    for (old, new, _) in changes {
        assert!(changed.contains(old), "{old} is not in\n{changed}");
        changed = changed.replace(old, new);
    }
    fs::write(project.root.join(path), changed).expect("a file");
    let wrong = differences(plan, path, &project.root).join("\n");
    for (old, new, told) in changes {
        assert!(wrong.contains(told), "{old} -> {new}: {wrong}");
    }
}

fn repository() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Says a line past the harness's capture.
fn say(line: &str) {
    let _ = writeln!(std::io::stderr(), "{line}");
}

/// Whether Docker Compose is installed; says so where it is not.
pub fn is_there() -> bool {
    let version = Command::new("docker").args(["compose", "version"]).output();
    let there = version.is_ok_and(|output| output.status.success());
    if !there {
        say(
            "skipped: `docker compose` is not installed, so it judges no generated file and no env file",
        );
    }
    there
}

/// What a golden case calls its generated files.
const EXPECTED: &str = "generated.expected";

/// The folders below `tests/golden` that hold a catalog and what is generated from it.
fn golden_cases() -> Vec<PathBuf> {
    let mut cases = Vec::new();
    let mut folders = vec![repository().join("tests/golden")];
    while let Some(folder) = folders.pop() {
        if folder.join("catalog").is_dir() && folder.join(EXPECTED).is_dir() {
            cases.push(folder);
            continue;
        }
        let entries = fs::read_dir(folder).into_iter().flatten().flatten();
        folders.extend(
            entries
                .map(|entry| entry.path())
                .filter(|path| path.is_dir()),
        );
    }
    cases.sort();
    cases
}

/// A copy of a project, with the files of every host.
struct Project {
    _folder: TempDir,
    root: PathBuf,
}

impl Project {
    /// Copies the catalog, makes the files of every host, and lays over them those that stand in the folder `made`.
    fn of(case: &Path, made: &str) -> Project {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let root = folder.path().canonicalize().expect("a real path");
        copy(&case.join("catalog"), &root.join("catalog"));
        let arena = Bump::new();
        let sources = Sources::read(&root.join("catalog"), &arena).expect("a catalog");
        for host in make_from(&sources, &arena).hosts {
            for (path, bytes) in host.files.iter().flat_map(|files| files.iter()) {
                let path = root.join(path);
                fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
                fs::write(path, bytes).expect("a file");
            }
            host.plans.iter().for_each(|plan| env_files(plan, &root));
        }
        copy(&case.join(made), &root.join("generated"));
        Project {
            _folder: folder,
            root,
        }
    }

    /// The Compose files, from the root.
    fn files(&self) -> Vec<String> {
        let mut files = Vec::new();
        let mut folders = vec![self.root.join("generated")];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
                let path = entry.path();
                match path.is_dir() {
                    true => folders.push(path),
                    false => files.push(path),
                }
            }
        }
        files.retain(|path| path.extension().is_some_and(|extension| extension == "yml"));
        files.sort();
        let relative = |path: &PathBuf| {
            path.strip_prefix(&self.root)
                .expect("below")
                .display()
                .to_string()
        };
        files.iter().map(relative).collect()
    }
}

fn copy(from: &Path, to: &Path) {
    for entry in fs::read_dir(from).into_iter().flatten().flatten() {
        let target = to.join(entry.file_name());
        fs::create_dir_all(to).expect("a folder");
        match entry.path().is_dir() {
            true => copy(&entry.path(), &target),
            false => drop(fs::copy(entry.path(), target).expect("a file")),
        }
    }
}

/// Compose reads env files, so they have to be there, if only empty.
fn env_files(plan: &Plan, root: &Path) {
    for service in &plan.services {
        for file in service
            .service
            .env_file
            .map_or(&[][..], |files| files.items)
        {
            let path = match file {
                Either::Short(path) => Some(path.text),
                Either::Long(file) => file.path.map(|path| path.text),
            };
            let path = root.join(path.unwrap_or_default());
            fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
            fs::write(path, "").expect("a file");
        }
    }
}

/// What the commands of a case that build choose with `--set`.
fn choices(case: &Path) -> Vec<(String, String)> {
    let text = fs::read_to_string(case.join("commands")).unwrap_or_default();
    let builds = text.lines().filter(|line| line.contains(" build --host"));
    let words = builds.flat_map(|line| line.split_whitespace().filter(|word| word.contains('=')));
    words
        .filter_map(|word| word.split_once('='))
        .map(|(option, choice)| (option.to_owned(), choice.to_owned()))
        .collect()
}

/// What Compose reads otherwise than the plans of a project say.
fn wrong_in(case: &Path, made: &str) -> Vec<String> {
    let project = Project::of(case, made);
    let arena = Bump::new();
    let sources = Sources::read(&project.root.join("catalog"), &arena).expect("a catalog");
    let all = make_with(&sources, &choices(case), &arena);
    let mut plans: BTreeMap<String, &Plan> = BTreeMap::new();
    for host in &all.hosts {
        let setting = host.setting();
        plans.extend(host.plans.iter().map(|plan| (setting.path(plan), plan)));
    }
    let files = project.files();
    assert!(!files.is_empty(), "{}: no Compose file", case.display());
    let mut wrong = Vec::new();
    for path in files {
        let found = match plans.get(&path) {
            Some(plan) => differences(plan, &path, &project.root),
            None => vec!["no mode has this file".to_owned()],
        };
        wrong.extend(
            found
                .into_iter()
                .map(|what| format!("{}: {path}: {what}", case.display())),
        );
    }
    wrong
}

/// A value for every variable that must be set, each another number: right for ports, sizes and texts.
fn placeholders(file: &str) -> BTreeMap<String, String> {
    let mut variables = BTreeMap::new();
    // The banner's prose is not Compose's to read.
    for line in file
        .lines()
        .filter(|line| !line.trim_start().starts_with('#'))
    {
        for usage in uses(line).unwrap_or_default() {
            if usage.operator.is_some_and(Operator::is_required) {
                let next = (4700 + variables.len()).to_string();
                variables.entry(usage.name.to_owned()).or_insert(next);
            }
        }
    }
    variables
}

fn config(
    file: &Path,
    folder: &Path,
    words: &[&str],
    variables: &BTreeMap<String, String>,
) -> Output {
    let kept = ["PATH", "HOME"].map(|name| (name, std::env::var_os(name).unwrap_or_default()));
    Command::new("docker")
        .arg("compose")
        .args(words)
        .arg("-f")
        .arg(file)
        .args(["config", "--format", "json"])
        .current_dir(folder)
        .env_clear()
        .envs(kept)
        .envs(variables)
        .output()
        .expect("docker compose runs")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// Bind sources and build contexts that are written as relative paths must end below the root.
fn outside(resolved: &Value, root: &Path) -> Vec<String> {
    let services = resolved["services"].as_object().into_iter().flatten();
    let mut paths = Vec::new();
    for (_, service) in services {
        paths.extend(service["build"]["context"].as_str());
        for mount in service["volumes"].as_array().into_iter().flatten() {
            let source = mount["source"].as_str().filter(|_| mount["type"] == "bind");
            paths.extend(source.filter(|source| !source.starts_with("/var/run/")));
        }
    }
    let below = |path: &&str| Path::new(path).starts_with(root);
    paths.retain(|path| !below(path) && !path.starts_with("/dev/"));
    paths.into_iter().map(str::to_owned).collect()
}

/// What Compose refuses or reads otherwise than the plan says.
fn differences(plan: &Plan, path: &str, root: &Path) -> Vec<String> {
    let file = root.join(path);
    let variables = placeholders(&fs::read_to_string(&file).expect("a file"));
    let all = config(&file, root, &["--profile", "*"], &variables);
    let some = config(&file, root, &[], &variables);
    for (output, words) in [(&all, "with every profile"), (&some, "without a profile")] {
        if !output.status.success() {
            return vec![format!("refused {words}: {}", text(&output.stderr))];
        }
    }
    let all: Value = serde_json::from_slice(&all.stdout).expect("JSON");
    let some: Value = serde_json::from_slice(&some.stdout).expect("JSON");
    let view = View {
        variables: &variables,
        root,
    };
    let mut wrong = Vec::new();
    compare(
        "the project",
        &json!(plan.project),
        &all["name"],
        &mut wrong,
    );
    compare(
        "the names of volumes",
        &engine_names(&plan.volumes),
        &names_of(&all["volumes"]),
        &mut wrong,
    );
    compare(
        "the names of networks",
        &network_names(plan),
        &names_of(&all["networks"]),
        &mut wrong,
    );
    let expected: Map<String, Value> = plan
        .services
        .iter()
        .map(|service| (service.name.to_owned(), view.planned(service)))
        .collect();
    for (name, planned) in &expected {
        let resolved = view.resolved(&all["services"][name]);
        for (key, planned) in planned.as_object().into_iter().flatten() {
            compare(
                &format!("`{key}` of {name}"),
                planned,
                &resolved[key],
                &mut wrong,
            );
        }
    }
    compare(
        "the services",
        &keys(&Value::Object(expected)),
        &keys(&all["services"]),
        &mut wrong,
    );
    compare(
        "the services without a profile",
        &started(plan),
        &keys(&some["services"]),
        &mut wrong,
    );
    wrong
}

fn compare(what: &str, planned: &Value, resolved: &Value, wrong: &mut Vec<String>) {
    if planned != resolved {
        wrong.push(format!(
            "{what}: planned {planned}, Compose reads {resolved}"
        ));
    }
}

fn sorted(mut texts: Vec<String>) -> Value {
    texts.sort();
    json!(texts)
}

fn keys(map: &Value) -> Value {
    sorted(
        map.as_object()
            .into_iter()
            .flatten()
            .map(|(key, _)| key.clone())
            .collect(),
    )
}

/// The services that no profile keeps back.
fn started(plan: &Plan) -> Value {
    let services = plan
        .services
        .iter()
        .filter(|service| service.profiles().is_empty());
    sorted(services.map(|service| service.name.to_owned()).collect())
}

fn engine_names<T>(planned: &[composegen::plan::Planned<'_, T>]) -> Value {
    sorted(
        planned
            .iter()
            .map(|one| format!("{} {}", one.key, one.engine_name))
            .collect(),
    )
}

fn network_names(plan: &Plan) -> Value {
    let mut names: Vec<String> = plan
        .networks
        .iter()
        .map(|one| format!("{} {}", one.key, one.engine_name))
        .collect();
    let joins = |service: &PlannedService| {
        service.service.network_mode().is_none()
            && service
                .networks()
                .is_none_or(|networks| networks.get("default").is_some())
    };
    let declared = plan.networks.iter().any(|network| network.key == "default");
    if !declared && plan.services.iter().any(joins) {
        names.push(format!("default {}_default", plan.project));
    }
    sorted(names)
}

fn names_of(section: &Value) -> Value {
    let entries = section.as_object().into_iter().flatten();
    sorted(
        entries
            .map(|(key, value)| format!("{key} {}", value["name"].as_str().unwrap_or_default()))
            .collect(),
    )
}

/// How plan and Compose are seen so that they can be compared.
struct View<'a> {
    variables: &'a BTreeMap<String, String>,
    root: &'a Path,
}

impl View<'_> {
    fn expanded(&self, text: &str) -> String {
        let lookup = |name: &str| self.variables.get(name).cloned();
        expand(text, &lookup)
            .unwrap_or_else(|refusal| panic!("{}", refusal.message))
            .into_owned()
    }

    fn value<T: std::fmt::Display + Copy>(&self, value: &Val<T>) -> String {
        match value.is {
            Is::Known(value) => value.to_string(),
            Is::Open(text) => self.expanded(text),
            Is::Bad => panic!("a plan without errors has no bad value"),
        }
    }

    /// What a plan says of a service.
    fn planned(&self, planned: &PlannedService) -> Value {
        let service = &planned.service;
        let limits = &planned.limits;
        json!({
            "image": service.image.map(|image| self.value(image)),
            "restart": service.restart.map(|restart| self.value(restart)),
            "container_name": service.container_name.map(|name| self.expanded(name.text)),
            "profiles": sorted(planned.profiles().iter().map(|profile| profile.text.to_owned()).collect()),
            "memory": limits.memory.limit.map(|limit| limit.value.bytes()),
            "memory reservation": limits.memory.reservation.map(|kept| kept.value.bytes()),
            "cpus": limits.cpus.limit.map(|limit| limit.value.thousandths()),
            "cpus reservation": limits.cpus.reservation.map(|kept| kept.value.thousandths()),
            "ports": sorted(service.ports.map_or(&[][..], |ports| ports.items).iter().flat_map(|port| self.ports(port)).collect()),
            "environment": self.environment(planned),
            "depends_on": dependencies(planned),
            "volumes": sorted(service.volumes.map_or(&[][..], |volumes| volumes.items).iter().map(|mount| self.mount(mount)).collect()),
            "networks": networks(planned),
            "healthcheck": self.healthcheck(planned),
            "build": self.build(planned),
            "command": service.command.map(|command| self.words(command)),
        })
    }

    /// What Compose reads of a service, in the same words.
    fn resolved(&self, service: &Value) -> Value {
        let limits = &service["deploy"]["resources"]["limits"];
        let kept = &service["deploy"]["resources"]["reservations"];
        let listed = |key: &str| service[key].as_array().cloned().unwrap_or_default();
        json!({
            "image": plain(&service["image"]),
            "restart": service["restart"],
            "container_name": plain(&service["container_name"]),
            "profiles": sorted(listed("profiles").iter().filter_map(Value::as_str).map(str::to_owned).collect()),
            "memory": bytes(&limits["memory"]),
            "memory reservation": bytes(&kept["memory"]),
            "cpus": thousandths(&limits["cpus"]),
            "cpus reservation": thousandths(&kept["cpus"]),
            "ports": sorted(listed("ports").iter().map(port_of).collect()),
            "environment": plain(&service["environment"]),
            "depends_on": service["depends_on"],
            "volumes": sorted(listed("volumes").iter().map(mount_of).collect()),
            "networks": keys(&service["networks"]),
            "healthcheck": healthcheck_of(&service["healthcheck"]),
            "build": match &service["build"] {
                Value::Null => Value::Null,
                build => json!({ "context": plain(&build["context"]), "dockerfile": plain(&build["dockerfile"]) }),
            },
            "command": plain(&service["command"]),
        })
    }

    fn ports(&self, port: &Port) -> Vec<String> {
        let mapping: PortMapping = match port {
            Either::Short(Val {
                is: Is::Open(text), ..
            }) => self.expanded(text).parse().expect("a port"),
            port => port.mapping().expect("a port of a plan without errors"),
        };
        let shown = |published: String, target: u16| {
            let ip = mapping.host_ip.map_or(String::new(), |ip| ip.to_string());
            format!("{ip} {published} {target}/{}", mapping.protocol)
        };
        let range = |range: PortRange| range.first..=range.last;
        let targets: Vec<u16> = range(mapping.target).collect();
        match mapping.published {
            None => targets
                .into_iter()
                .map(|target| shown(String::new(), target))
                .collect(),
            Some(published) if targets.len() == 1 => vec![shown(published.to_string(), targets[0])],
            Some(published) => range(published)
                .zip(targets)
                .map(|(host, target)| shown(host.to_string(), target))
                .collect(),
        }
    }

    fn environment(&self, planned: &PlannedService) -> Value {
        let Some(environment) = planned.service.environment else {
            return Value::Null;
        };
        let value = |value: &EnvValue| value.0.map(|text| self.expanded(text.text));
        let entries = environment
            .iter()
            .map(|(key, _, own)| (key.to_owned(), json!(value(own))));
        Value::Object(entries.collect())
    }

    fn mount(&self, mount: &Mount) -> String {
        match mount {
            Either::Short(text) => {
                let text = self.expanded(text.text);
                let mount = ShortMount::parse(&text).expect("a mount");
                let kind = if mount.is_bind() { "bind" } else { "volume" };
                self.mounted(kind, mount.source, mount.target, mount.read_only())
            }
            Either::Long(long) => {
                let text = |text: Option<&composegen::compose::Text>| {
                    text.map(|text| self.expanded(text.text))
                };
                let (kind, source, target) =
                    (text(long.kind), text(long.source), text(long.target));
                let read_only = long.read_only.and_then(|value| value.get()) == Some(true);
                self.mounted(
                    &kind.unwrap_or_default(),
                    source.as_deref(),
                    &target.unwrap_or_default(),
                    read_only,
                )
            }
        }
    }

    fn mounted(&self, kind: &str, source: Option<&str>, target: &str, read_only: bool) -> String {
        let source = match (kind, source) {
            ("bind", Some(source)) => self.absolute(source),
            (_, source) => source.unwrap_or_default().to_owned(),
        };
        format!(
            "{kind} {source} {} {read_only}",
            target.trim_end_matches('/')
        )
    }

    /// The path as Compose shows it, seen from the project's root.
    fn absolute(&self, path: &str) -> String {
        let home = std::env::var("HOME").unwrap_or_default();
        let path = match path.strip_prefix('~') {
            Some(rest) => PathBuf::from(format!("{home}{rest}")),
            None => self.root.join(path),
        };
        let mut clean = PathBuf::new();
        for part in path.components() {
            match part {
                Component::CurDir => {}
                Component::ParentDir => drop(clean.pop()),
                part => clean.push(part),
            }
        }
        clean.display().to_string()
    }

    fn build(&self, planned: &PlannedService) -> Value {
        let context = |text: &str| match text.contains("://") {
            true => text.to_owned(),
            false => self.absolute(text),
        };
        match planned.service.build {
            None => Value::Null,
            Some(Either::Short(text)) => {
                json!({ "context": context(&self.expanded(text.text)), "dockerfile": "Dockerfile" })
            }
            Some(Either::Long(build)) => {
                let written = build
                    .context
                    .map_or(String::from("."), |text| self.expanded(text.text));
                // With the Dockerfile's text in the file there is none to name.
                let named = build.dockerfile.map(|text| self.expanded(text.text));
                let file = named.or_else(|| {
                    build
                        .dockerfile_inline
                        .is_none()
                        .then(|| "Dockerfile".to_owned())
                });
                json!({ "context": context(&written), "dockerfile": file })
            }
        }
    }

    fn words(&self, command: &Words) -> Value {
        match command {
            Words::Image(_) => Value::Null,
            Words::Exec(list) => json!(
                list.items
                    .iter()
                    .map(|word| self.expanded(word.0.text))
                    .collect::<Vec<_>>()
            ),
            Words::Shell(text) => {
                let text = self.expanded(text.text);
                json!(words(&text).expect("a plan's command has closed quotes"))
            }
        }
    }

    fn healthcheck(&self, planned: &PlannedService) -> Value {
        let Some(healthcheck) = planned.service.healthcheck else {
            return Value::Null;
        };
        let micros =
            |value: Option<&Val<Duration>>| value.map(|value| duration(&self.value(value)));
        let test = healthcheck.test.map(|test| match test {
            Words::Shell(text) => json!(["CMD-SHELL", self.expanded(text.text)]),
            words => self.words(words),
        });
        let known = |value: Option<&Val<i64>>| value.and_then(|value| value.get());
        json!({
            "test": test,
            "interval": micros(healthcheck.interval),
            "timeout": micros(healthcheck.timeout),
            "start_period": micros(healthcheck.start_period),
            "retries": known(healthcheck.retries),
            "disable": healthcheck.disable.and_then(|value| value.get()).unwrap_or(false),
        })
    }
}

fn duration(text: &str) -> u64 {
    text.parse::<Duration>()
        .map(Duration::micros)
        .unwrap_or_else(|refusal| panic!("{}", refusal.message))
}

fn dependencies(planned: &PlannedService) -> Value {
    let Some(depends_on) = planned.service.depends_on else {
        return Value::Null;
    };
    let mut map = Map::new();
    for (name, _, dependency) in depends_on.iter() {
        let flag = |value: Option<&Val<bool>>| value.and_then(|value| value.get());
        let condition = dependency
            .condition
            .and_then(|value| value.get())
            .expect("a condition");
        let mut shown = json!({
            "condition": condition.word(),
            "required": flag(dependency.required).unwrap_or(true),
        });
        if flag(dependency.restart) == Some(true) {
            shown["restart"] = json!(true);
        }
        map.insert(name.to_owned(), shown);
    }
    Value::Object(map)
}

fn networks(planned: &PlannedService) -> Value {
    match planned.networks() {
        _ if planned.service.network_mode().is_some() => sorted(Vec::new()),
        None => json!(["default"]),
        Some(networks) => sorted(networks.iter().map(|(name, ..)| name.to_owned()).collect()),
    }
}

/// The value with Compose's `$$` as the one `$` that it stands for: what it prints is a Compose file again.
fn plain(value: &Value) -> Value {
    match value {
        Value::String(text) => json!(text.replace("$$", "$")),
        Value::Array(items) => items.iter().map(plain).collect(),
        Value::Object(map) => map
            .iter()
            .map(|(key, value)| (key.clone(), plain(value)))
            .collect::<Map<_, _>>()
            .into(),
        other => other.clone(),
    }
}

/// Compose prints sizes as texts of bytes.
fn bytes(value: &Value) -> Value {
    json!(value.as_str().and_then(|text| text.parse::<u64>().ok()))
}

fn thousandths(value: &Value) -> Value {
    json!(value.as_f64().map(|cpus| (cpus * 1000.0).round() as u64))
}

fn port_of(port: &Value) -> String {
    let text = |key: &str| port[key].as_str().unwrap_or_default().to_owned();
    format!(
        "{} {} {}/{}",
        text("host_ip"),
        text("published"),
        port["target"],
        text("protocol")
    )
}

fn mount_of(mount: &Value) -> String {
    let text = |key: &str| plain(&mount[key]).as_str().unwrap_or_default().to_owned();
    let read_only = mount["read_only"] == true;
    format!(
        "{} {} {} {read_only}",
        text("type"),
        text("source"),
        text("target").trim_end_matches('/')
    )
}

fn healthcheck_of(healthcheck: &Value) -> Value {
    if healthcheck.is_null() {
        return Value::Null;
    }
    let micros = |key: &str| healthcheck[key].as_str().map(duration);
    json!({
        "test": plain(&healthcheck["test"]),
        "interval": micros("interval"),
        "timeout": micros("timeout"),
        "start_period": micros("start_period"),
        "retries": healthcheck["retries"],
        "disable": healthcheck["disable"] == true,
    })
}

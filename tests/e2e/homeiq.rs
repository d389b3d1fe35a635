//! The whole HomeIQ stack with stand-ins, on the host `dev` of its own catalog.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::bed::Bed;
use crate::project::{Project, Said};
use crate::{Row, row};

pub const ROWS: &[Row] = &[
    row("the HomeIQ stack: test, prod, and back", there_and_back),
    row("the HomeIQ stack: both modes at once", both_at_once),
];

/// What deploying so many services may take on two loaded cores.
const PATIENCE: &[&str] = &["--yes", "--settle", "3s", "--timeout", "8m"];

/// How often is probed, and where both modes run: every second, the probes of thirty services alone would take both
/// cores of a small machine.
const INTERVALS: (&str, &str) = ("3s", "6s");

/// A copy of the repository's catalog, built for a host, with filled-in env files and a stand-in for every image.
fn homeiq(bed: &Bed, host: &str, interval: &str) -> Project {
    let project = Project::empty(bed);
    copy(
        &Path::new(env!("CARGO_MANIFEST_DIR")).join("catalog"),
        &project.path("catalog"),
    );
    let main = fs::read_to_string(project.path("catalog/catalog.yaml")).unwrap();
    assert!(
        main.contains("interval: 30s, timeout: 10s, retries: 3") && main.contains("\n  dev:\n")
    );
    let main = main.replace(
        "interval: 30s, timeout: 10s, retries: 3",
        &format!("interval: {interval}, timeout: 10s, retries: 6"),
    );
    let both = "\n  dev-both:\n    description: \"both modes at once on a small machine\"\n    memory: 16GiB\n    cpus: 2\n    \
        overcommit: { cpus: 4.0 }\n    options: { influxdb: separate-instance }\n    concurrent: { prod: 0, test: 10000 }\n";
    let main = main.replacen("\n  dev:\n", &format!("{both}  dev:\n"), 1);
    project.write(
        "catalog/catalog.yaml",
        &main.replace(
            "hosts: [nuc-16gb, nuc-16gb-both]",
            "hosts: [nuc-16gb, nuc-16gb-both, dev-both]",
        ),
    );
    project.run(&["build", "--host", host]).expect(0, &[]);
    for (mode, file) in [("test", ".env.test"), ("prod", ".env.production")] {
        project
            .run(&["env", "init", mode, "--host", host])
            .expect(0, &[]);
        fill_in(&project, file);
        project
            .run(&["env", "check", mode, "--host", host])
            .expect(0, &[]);
    }
    for mode in ["test", "prod"] {
        images(
            bed,
            &project,
            &format!("generated/{host}/docker-compose.{mode}.yml"),
        );
    }
    project
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap().flatten() {
        let to = to.join(entry.file_name());
        match entry.path().is_dir() {
            true => copy(&entry.path(), &to),
            false => drop(fs::copy(entry.path(), to).unwrap()),
        }
    }
}

/// Every placeholder gets a value of its own; what is an address gets one.
fn fill_in(project: &Project, file: &str) {
    let text = fs::read_to_string(project.path(file)).unwrap();
    let line = |line: &str| match line.strip_suffix("=change-me") {
        Some(name) if name.contains("WS_URL") => {
            format!("{name}=ws://192.0.2.1:8123/api/websocket")
        }
        Some(name) if name.contains("URL") => format!("{name}=http://192.0.2.1:8123"),
        Some(name) if name.contains("HOST") => format!("{name}=192.0.2.2"),
        Some(name) => format!(
            "{name}=made-up-{}-{}",
            name.to_lowercase().replace('_', "-"),
            if file.ends_with("test") { 1 } else { 2 }
        ),
        None => line.to_owned(),
    };
    let text: Vec<String> = text.lines().map(line).collect();
    // The token of the first setup is the same in both modes, since they share the instance.
    let text = text.join("\n").replace(
        "made-up-influxdb-admin-token-2",
        "made-up-influxdb-admin-token-1",
    );
    fs::write(project.path(file), text + "\n").unwrap();
}

/// A stand-in for every image of a file: it listens where the healthchecks of its services ask.
fn images(bed: &Bed, project: &Project, file: &str) {
    let path = project.path(file).display().to_string();
    let text = bed.ask(&[
        "compose",
        "-f",
        &path,
        "--profile",
        "*",
        "config",
        "--no-interpolate",
        "--no-env-resolution",
        "--format",
        "json",
    ]);
    let all: Value = serde_json::from_str(&text).unwrap();
    let mut images: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for service in all["services"].as_object().unwrap().values() {
        let ports = images
            .entry(service["image"].as_str().unwrap())
            .or_default();
        let probe = service["healthcheck"]["test"].to_string();
        if let Some((_, rest)) = probe.split_once("127.0.0.1:") {
            ports.push(rest.chars().take_while(char::is_ascii_digit).collect());
        }
    }
    // Those that listen to the same are one image with several names.
    let mut made: BTreeMap<String, &str> = BTreeMap::new();
    for (image, mut ports) in images {
        ports.sort();
        ports.dedup();
        let ports = ports.join(" ");
        let behaviour = if ports.is_empty() { "job:0" } else { "" };
        match made.get(&ports) {
            Some(same) => drop(bed.ask(&["image", "tag", same, image])),
            None => bed.image(image, &ports, behaviour, &[]),
        }
        made.insert(ports, image);
    }
}

fn there_and_back(bed: &mut Bed) {
    let project = homeiq(bed, "dev", INTERVALS.0);
    let run =
        |verb: &str, mode: &str| project.run(&[&[verb, mode, "--host", "dev"], PATIENCE].concat());
    up(run("deploy", "test"));
    asks(bed, "homeiq-test");
    let test = own_volumes(bed, "homeiq-test");
    up(run("switch", "production"));
    assert!(bed.containers("homeiq-test").is_empty());
    let prod = own_volumes(bed, "homeiq");
    let common: Vec<&String> = test.iter().filter(|name| prod.contains(name)).collect();
    assert_eq!(common, ["homeiq_influxdb_config", "homeiq_influxdb_data"]);
    refused_in_production(bed, &project);
    up(run("switch", "test"));
    assert!(bed.containers("homeiq").is_empty());
    assert!(all_are_well(bed, "homeiq-test"));
}

fn up(said: Said) {
    said.expect(0, &["limits, mode and images are as planned", "done"]);
}

/// The volumes that containers of a project mount.
fn own_volumes(bed: &Bed, project: &str) -> Vec<String> {
    let mut names = Vec::new();
    for container in bed.containers(project).values() {
        let format = "{{range .Mounts}}{{.Name}} {{end}}";
        let mounts = bed.ask(&["inspect", "--format", format, &container.id]);
        names.extend(mounts.split_whitespace().map(str::to_owned));
    }
    names.sort();
    names.dedup();
    names
}

fn all_are_well(bed: &Bed, project: &str) -> bool {
    let containers = bed.containers(project);
    !containers.is_empty()
        && containers
            .values()
            .all(|it| ["healthy", "running", "exited 0"].contains(&it.state.as_str()))
}

/// Asked from inside the containers of the test mode.
fn asks(bed: &Bed, project: &str) {
    let containers = bed.containers(project);
    assert!(all_are_well(bed, project), "{containers:?}");
    let inside = |service: &str, words: &[&str]| {
        bed.docker(&[&["exec", &containers[service].id, "/standin"], words].concat())
    };
    let env = |service: &str, name: &str| {
        let format = "{{range .Config.Env}}{{println .}}{{end}}";
        let all = bed.ask(&["inspect", "--format", format, &containers[service].id]);
        let value = all
            .lines()
            .find_map(|line| line.strip_prefix(&format!("{name}=")).map(str::to_owned));
        value.unwrap_or_else(|| panic!("{service} has no {name}"))
    };
    for external in [
        "weather-api",
        "carbon-intensity",
        "electricity-pricing",
        "air-quality",
        "calendar",
        "smart-meter",
        "sports-data",
    ] {
        assert!(
            !inside("data-api", &["resolve", external]).status.success(),
            "{external} resolves"
        );
        assert!(!containers.contains_key(external));
    }
    for ai in [
        "ai-core-service",
        "ai-automation-service",
        "ai-pattern-service",
        "ai-query-service",
        "ml-service",
        "openai-service",
    ] {
        assert_eq!(containers[ai].state, "healthy", "{ai}");
    }
    let url = env("websocket-ingestion-test", "HA_HTTP_URL");
    let asked = inside("websocket-ingestion-test", &["ask", &url]);
    assert!(asked.status.success(), "{url}: {asked:?}");
    assert!(String::from_utf8_lossy(&asked.stdout).contains("\"mode\":\"test\""));
    assert_eq!(
        env("data-api", "INFLUXDB_BUCKET"),
        "home_assistant_events_test"
    );
    assert_eq!(env("data-api", "INFLUXDB_TOKEN"), "made-up-by-the-stand-in");
    assert!(env("data-api", "DATABASE_URL").contains("/data/test/"));
}

fn refused_in_production(bed: &Bed, project: &Project) {
    let path = |name: &str| project.path(name).display().to_string();
    let refused = bed.docker(&[
        "compose",
        "--env-file",
        &path("generated/dev/env.production"),
        "--env-file",
        &path(".env.production"),
        "-f",
        &path("generated/dev/docker-compose.prod.yml"),
        "run",
        "--rm",
        "datagen-synthetic-homes",
    ]);
    assert!(!refused.status.success());
    assert!(
        String::from_utf8_lossy(&refused.stderr).contains("no such service"),
        "{refused:?}"
    );
}

fn both_at_once(bed: &mut Bed) {
    let project = homeiq(bed, "dev-both", INTERVALS.1);
    let deploy =
        |mode: &str| project.run(&[&["deploy", mode, "--host", "dev-both"], PATIENCE].concat());
    up(deploy("prod"));
    up(deploy("test"));
    assert!(all_are_well(bed, "homeiq") && all_are_well(bed, "homeiq-test"));
    let (test, prod) = (bed.containers("homeiq-test"), bed.containers("homeiq"));
    let of = |project: &str, format: &str| {
        let containers = bed.containers(project);
        let ids: Vec<&str> = containers.values().map(|it| it.id.as_str()).collect();
        let said = bed.ask(&[&["inspect", "--format", format], ids.as_slice()].concat());
        said.split_whitespace()
            .map(str::to_owned)
            .collect::<Vec<String>>()
    };
    for format in [
        "{{range .Mounts}}{{.Name}} {{end}}",
        "{{range $name, $_ := .NetworkSettings.Networks}}{{$name}} {{end}}",
        "{{range $_, $bound := .HostConfig.PortBindings}}{{range $bound}}{{.HostPort}} {{end}}{{end}}",
        "{{.Name}}",
    ] {
        let (test, prod) = (of("homeiq-test", format), of("homeiq", format));
        assert!(!test.is_empty() && !prod.is_empty());
        let common: Vec<&String> = test.iter().filter(|name| prod.contains(name)).collect();
        assert!(common.is_empty(), "{format}: {common:?}");
    }
    let address = "{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}";
    let address = bed.ask(&["inspect", "--format", address, &prod["weather-api"].id]);
    let inside = |words: &[&str]| {
        bed.docker(&[&["exec", &test["data-api"].id, "/standin"], words].concat())
            .status
            .success()
    };
    assert!(
        !inside(&["resolve", "weather-api"]),
        "a test container resolves a production one"
    );
    assert!(
        !inside(&["ask", &format!("http://{address}:8009/health")]),
        "a test container reaches a production one"
    );
    assert!(
        inside(&["ask", "http://admin-api:8004/health"]),
        "it reaches its own"
    );
}

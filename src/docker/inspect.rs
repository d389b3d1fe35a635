//! What `docker inspect` writes of containers.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

use crate::deploy::facts::{Binding, Container, Environment, Health, State};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Inspected {
    id: String,
    name: String,
    image: String,
    restart_count: u64,
    state: InspectedState,
    config: Config,
    host_config: HostConfig,
    network_settings: NetworkSettings,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct InspectedState {
    status: String,
    exit_code: i64,
    started_at: String,
    health: Option<InspectedHealth>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct InspectedHealth {
    status: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Config {
    image: String,
    env: Option<Vec<String>>,
    labels: Option<BTreeMap<String, String>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct HostConfig {
    memory: u64,
    nano_cpus: u64,
    port_bindings: Option<BTreeMap<String, Option<Vec<Bound>>>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Bound {
    #[serde(default)]
    host_ip: String,
    #[serde(default)]
    host_port: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct NetworkSettings {
    networks: Option<BTreeMap<String, Value>>,
}

/// The containers of a JSON array; `None` where it is none.
pub fn containers(text: &str) -> Option<Vec<Container>> {
    let all: Vec<Inspected> = serde_json::from_str(text).ok()?;
    Some(all.into_iter().map(container).collect())
}

fn container(it: Inspected) -> Container {
    let labels = it.config.labels.unwrap_or_default();
    let label = |name: &str| {
        labels
            .get(&format!("com.docker.compose.{name}"))
            .cloned()
            .unwrap_or_default()
    };
    let env = it.config.env.unwrap_or_default();
    let pair = |text: String| {
        text.split_once('=')
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
    };
    Container {
        id: it.id,
        name: it.name.trim_start_matches('/').to_owned(),
        project: label("project"),
        service: label("service"),
        one_off: label("oneoff") == "True",
        image: it.config.image,
        image_id: it.image,
        state: state(&it.state.status, it.state.exit_code),
        health: health(it.state.health.as_ref()),
        restarts: it.restart_count,
        memory: it.host_config.memory,
        nano_cpus: it.host_config.nano_cpus,
        environment: Environment::new(env.into_iter().filter_map(pair)),
        config_hash: label("config-hash"),
        ports: bindings(it.host_config.port_bindings.unwrap_or_default()),
        networks: it
            .network_settings
            .networks
            .unwrap_or_default()
            .into_keys()
            .collect(),
        started: it.state.started_at,
    }
}

fn state(status: &str, code: i64) -> State {
    match status {
        "created" => State::Created,
        "running" => State::Running,
        "paused" => State::Paused,
        "restarting" => State::Restarting,
        "removing" => State::Removing,
        "exited" => State::Exited(code),
        _ => State::Dead,
    }
}

fn health(health: Option<&InspectedHealth>) -> Health {
    match health.map(|health| health.status.as_str()) {
        Some("starting") => Health::Starting,
        Some("healthy") => Health::Healthy,
        Some("unhealthy") => Health::Unhealthy,
        _ => Health::None,
    }
}

fn bindings(all: BTreeMap<String, Option<Vec<Bound>>>) -> Vec<Binding> {
    let mut bindings = Vec::new();
    for (port, bound) in all {
        let (container, protocol) = port.split_once('/').unwrap_or((&port, "tcp"));
        for bound in bound.unwrap_or_default() {
            let (Ok(container), Ok(host)) = (container.parse(), bound.host_port.parse()) else {
                continue;
            };
            let any = ["0.0.0.0", "::"].contains(&bound.host_ip.as_str());
            bindings.push(Binding {
                address: if any { String::new() } else { bound.host_ip },
                host,
                container,
                protocol: protocol.to_owned(),
            });
        }
    }
    bindings.sort();
    bindings.dedup();
    bindings
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_container_is_read() {
        let text = r#"[{ "Id": "abc", "Name": "/demo-test-web-1", "Image": "sha256:1", "RestartCount": 2,
            "State": { "Status": "exited", "ExitCode": 3, "StartedAt": "2026-01-01T00:00:00Z", "Health": { "Status": "unhealthy" } },
            "Config": { "Image": "web:1", "Env": ["A=b=c", "N"], "Labels": {
                "com.docker.compose.project": "demo-test", "com.docker.compose.service": "web",
                "com.docker.compose.oneoff": "False", "com.docker.compose.config-hash": "f00" } },
            "HostConfig": { "Memory": 67108864, "NanoCpus": 500000000,
                "PortBindings": { "80/tcp": [{ "HostIp": "127.0.0.1", "HostPort": "8080" }], "81/udp": [{ "HostIp": "", "HostPort": "" }] } },
            "NetworkSettings": { "Networks": { "demo-test_default": {} } } }]"#;
        let all = containers(text).unwrap();
        let it = &all[0];
        assert_eq!(
            (it.project.as_str(), it.service.as_str(), it.name.as_str()),
            ("demo-test", "web", "demo-test-web-1")
        );
        assert_eq!(
            (it.state, it.health, it.restarts),
            (State::Exited(3), Health::Unhealthy, 2)
        );
        assert_eq!(
            (it.memory, it.nano_cpus, it.one_off),
            (64 << 20, 500_000_000, false)
        );
        assert_eq!(it.environment.reveal("A"), Some("b=c"));
        assert_eq!(
            it.ports.iter().map(ToString::to_string).collect::<Vec<_>>(),
            ["127.0.0.1:8080:80"]
        );
        assert_eq!(it.networks, ["demo-test_default"]);
        assert!(containers("x").is_none());
    }
}

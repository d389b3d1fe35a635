//! Containers and the engine, as the engine tells of them.

use std::collections::BTreeMap;
use std::fmt;

use super::registries::Registries;

/// A container.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Container {
    /// Its id, whole.
    pub id: String,
    /// Its name.
    pub name: String,
    /// The Compose project; empty where it has none.
    pub project: String,
    /// The service; empty where it has none.
    pub service: String,
    /// Whether it was started with `docker compose run`.
    pub one_off: bool,
    /// Its image as it was named when the container was made.
    pub image: String,
    /// The id of its image.
    pub image_id: String,
    /// What it does.
    pub state: State,
    /// What its healthcheck says.
    pub health: Health,
    /// How often the engine has started it again.
    pub restarts: u64,
    /// Its memory limit in bytes; 0 for none.
    pub memory: u64,
    /// Its CPU limit in billionths of a CPU; 0 for none.
    pub nano_cpus: u64,
    /// Its environment.
    pub environment: Environment,
    /// Compose's digest of the service as it was when the container was made.
    pub config_hash: String,
    /// The ports of the host that it publishes.
    pub ports: Vec<Binding>,
    /// The networks that it is in.
    pub networks: Vec<String>,
    /// When it was started last, as the engine writes it.
    pub started: String,
}

/// What a container does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// Made, and never started.
    Created,
    /// Runs.
    Running,
    /// Is halted.
    Paused,
    /// Ended, and is about to be started again.
    Restarting,
    /// Ended with this status.
    Exited(i64),
    /// On its way out.
    Removing,
    /// The engine could not end it.
    Dead,
}

/// What a healthcheck says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Health {
    /// There is none.
    None,
    /// Nothing yet.
    Starting,
    /// All is well.
    Healthy,
    /// It failed.
    Unhealthy,
}

/// A published port.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Binding {
    /// The host's address; empty for all of them.
    pub address: String,
    /// The host's port.
    pub host: u16,
    /// The container's port.
    pub container: u16,
    /// `tcp` or `udp`.
    pub protocol: String,
}

impl fmt::Display for Binding {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.address.is_empty() {
            write!(formatter, "{}:", self.address)?;
        }
        write!(formatter, "{}:{}", self.host, self.container)?;
        if self.protocol != "tcp" {
            write!(formatter, "/{}", self.protocol)?;
        }
        Ok(())
    }
}

/// An environment. Its values may be secrets: `Debug` shows the names alone.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Environment(BTreeMap<String, String>);

impl Environment {
    /// Of names with their values.
    pub fn new(values: impl IntoIterator<Item = (String, String)>) -> Self {
        Environment(values.into_iter().collect())
    }

    /// The value of a name, for comparing. It belongs into no message.
    pub fn reveal(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    /// The names, in the order of the alphabet.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }
}

impl fmt::Debug for Environment {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_set().entries(self.0.keys()).finish()
    }
}

/// The engine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Engine {
    /// Its id, under which its state is kept.
    pub id: String,
    /// Its version.
    pub version: String,
    /// The version of Compose.
    pub compose: String,
    /// The CPUs that it has.
    pub cpus: u32,
    /// The memory of its machine in bytes.
    pub memory: u64,
    /// The folder in which it keeps its data.
    pub root: String,
    /// Its address, where it is on another machine as far as can be told.
    pub elsewhere: Option<String>,
    /// How it speaks to registries.
    pub registries: Registries,
}

impl Container {
    /// Whether it runs, or is about to.
    pub fn is_up(&self) -> bool {
        matches!(
            self.state,
            State::Running | State::Restarting | State::Paused
        )
    }
}

#[cfg(test)]
pub mod samples {
    use super::*;

    /// A healthy container of a service, with limits of 64 MiB and half a CPU.
    pub fn container(service: &str) -> Container {
        Container {
            id: format!("{service}-id"),
            name: format!("demo-test-{service}-1"),
            project: "demo-test".to_owned(),
            service: service.to_owned(),
            one_off: false,
            image: format!("demo/{service}:1"),
            image_id: format!("sha256:{service}"),
            state: State::Running,
            health: Health::Healthy,
            restarts: 0,
            memory: 64 << 20,
            nano_cpus: 500_000_000,
            environment: Environment::new([("DEPLOYMENT_MODE".to_owned(), "test".to_owned())]),
            config_hash: format!("{service}-hash"),
            ports: Vec::new(),
            networks: vec!["demo-test_default".to_owned()],
            started: "2026-01-01T00:00:00Z".to_owned(),
        }
    }

    /// An engine of two CPUs and 4 GiB.
    pub fn engine() -> Engine {
        Engine {
            id: "ENGINE".to_owned(),
            version: "20.10.24".to_owned(),
            compose: "2.40.3".to_owned(),
            cpus: 2,
            memory: 4 << 30,
            root: "/var/lib/docker".to_owned(),
            elsewhere: None,
            registries: Registries::default(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_environment_shows_no_value() {
        let environment = Environment::new([("KEY".to_owned(), "hidden".to_owned())]);
        assert_eq!(format!("{environment:?}"), "{\"KEY\"}");
    }

    #[test]
    fn a_binding_is_written_as_in_a_compose_file() {
        let binding = |address: &str, protocol: &str| Binding {
            address: address.to_owned(),
            host: 8080,
            container: 80,
            protocol: protocol.to_owned(),
        };
        assert_eq!(binding("", "tcp").to_string(), "8080:80");
        assert_eq!(
            binding("127.0.0.1", "udp").to_string(),
            "127.0.0.1:8080:80/udp"
        );
    }
}

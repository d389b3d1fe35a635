//! A Compose file as Compose resolved it (`docker compose config --format json`): every variable replaced, every path
//! absolute, the services of the chosen profiles alone. What is needed of it has a type; its text is kept whole.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

use super::facts::{Binding, Environment};

/// A resolved file.
#[derive(Debug, Deserialize)]
pub struct Model {
    /// The services by name.
    #[serde(default)]
    pub services: BTreeMap<String, Service>,
    /// The networks by key.
    #[serde(default)]
    pub networks: BTreeMap<String, Named>,
    /// The volumes by key.
    #[serde(default)]
    pub volumes: BTreeMap<String, Named>,
}

/// A network or a volume.
#[derive(Debug, Deserialize)]
pub struct Named {
    /// Its name on the engine.
    pub name: String,
    /// Whether it must be there before.
    #[serde(default)]
    pub external: bool,
}

/// A service.
#[derive(Deserialize)]
pub struct Service {
    /// Its image.
    pub image: Option<String>,
    /// How it is built.
    pub build: Option<Build>,
    /// When its image is looked for again.
    pub pull_policy: Option<String>,
    #[serde(default, deserialize_with = "or_default")]
    environment: BTreeMap<String, Option<Value>>,
    #[serde(default, deserialize_with = "or_default")]
    ports: Vec<Port>,
    /// Its mounts.
    #[serde(default, deserialize_with = "or_default")]
    pub volumes: Vec<Mount>,
    #[serde(default, deserialize_with = "or_default")]
    networks: BTreeMap<String, Value>,
    network_mode: Option<String>,
}

/// How a service is built.
#[derive(Debug, Deserialize)]
pub struct Build {
    /// The folder.
    pub context: Option<String>,
    /// The Dockerfile, from the folder.
    pub dockerfile: Option<String>,
    /// A Dockerfile within the Compose file.
    pub dockerfile_inline: Option<String>,
}

/// A mount.
#[derive(Debug, Deserialize)]
pub struct Mount {
    /// `bind`, `volume`, ...
    #[serde(rename = "type")]
    pub kind: String,
    /// A path of the host, or a volume's key.
    pub source: Option<String>,
    /// Whether nothing is written to it.
    #[serde(default)]
    pub read_only: bool,
}

#[derive(Debug, Deserialize)]
struct Port {
    #[serde(default)]
    host_ip: String,
    target: u16,
    published: Option<String>,
    #[serde(default)]
    protocol: String,
}

/// Compose writes `null` for a map or a list that is empty.
fn or_default<'de, D: serde::Deserializer<'de>, T: Deserialize<'de> + Default>(
    deserializer: D,
) -> Result<T, D::Error> {
    Option::<T>::deserialize(deserializer).map(Option::unwrap_or_default)
}

impl std::fmt::Debug for Service {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "Service({:?})", self.image)
    }
}

impl Model {
    /// Reads what Compose wrote.
    ///
    /// # Errors
    /// It is not JSON of that form. The sentence holds no value.
    pub fn read(text: &str) -> Result<Model, String> {
        serde_json::from_str(text).map_err(|error| {
            format!(
                "what Compose gives is not understood, at line {}, column {}",
                error.line(),
                error.column()
            )
        })
    }

    /// The networks of a service by their names on the engine, sorted.
    pub fn networks_of(&self, service: &Service) -> Vec<String> {
        let Service {
            networks,
            network_mode,
            ..
        } = service;
        let mut names: Vec<String> = match network_mode {
            Some(mode) if networks.is_empty() => vec![mode.clone()],
            _ => networks.keys().map(|key| self.network(key)).collect(),
        };
        names.sort_unstable();
        names
    }

    fn network(&self, key: &str) -> String {
        self.networks
            .get(key)
            .map_or_else(|| key.to_owned(), |network| network.name.clone())
    }
}

impl Service {
    /// The image's name; what Compose makes up where there is none.
    pub fn image(&self, project: &str, name: &str) -> String {
        self.image
            .clone()
            .unwrap_or_else(|| format!("{project}-{name}"))
    }

    /// Its environment. The doubled `$` of the file is one.
    pub fn environment(&self) -> Environment {
        let text = |value: &Value| match value {
            Value::String(text) => text.replace("$$", "$"),
            other => other.to_string(),
        };
        let set = self.environment.iter();
        Environment::new(
            set.filter_map(|(name, value)| Some((name.clone(), text(value.as_ref()?)))),
        )
    }

    /// The ports of the host that it publishes, where they are known; sorted.
    pub fn bindings(&self) -> Vec<Binding> {
        let mut bindings: Vec<Binding> = self.ports.iter().filter_map(Port::binding).collect();
        bindings.sort();
        bindings
    }
}

impl Port {
    fn binding(&self) -> Option<Binding> {
        let any = ["0.0.0.0", "::"].contains(&self.host_ip.as_str());
        Some(Binding {
            address: if any {
                String::new()
            } else {
                self.host_ip.clone()
            },
            host: self.published.as_ref()?.parse().ok()?,
            container: self.target,
            protocol: if self.protocol.is_empty() {
                "tcp".to_owned()
            } else {
                self.protocol.clone()
            },
        })
    }
}

/// The text of a resolved file with other images for some services, by name.
pub fn with_images(text: &str, images: &BTreeMap<String, String>) -> Option<String> {
    let mut file: Value = serde_json::from_str(text).ok()?;
    for (service, image) in images {
        let service = file
            .get_mut("services")?
            .get_mut(service)?
            .as_object_mut()?;
        service.insert("image".to_owned(), Value::String(image.clone()));
    }
    serde_json::to_string_pretty(&file).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = r#"{ "name": "demo", "networks": { "default": { "name": "demo_default", "ipam": {} } },
        "services": {
          "db": { "command": null, "image": "db:1", "environment": { "A": "x$$y", "N": null }, "networks": { "default": null },
            "ports": [ { "mode": "ingress", "host_ip": "127.0.0.1", "target": 80, "published": "8080", "protocol": "tcp" },
                       { "target": 81 } ],
            "volumes": [ { "type": "bind", "source": "/a", "target": "/b", "read_only": true } ] },
          "own": { "network_mode": "host", "build": { "context": "/src" } } } }"#;

    #[test]
    fn is_read_as_compose_writes_it() {
        let model = Model::read(TEXT).unwrap();
        let db = &model.services["db"];
        assert_eq!(db.image("demo", "db"), "db:1");
        assert_eq!(db.environment().reveal("A"), Some("x$y"));
        assert_eq!(db.environment().reveal("N"), None);
        assert_eq!(db.bindings()[0].to_string(), "127.0.0.1:8080:80");
        assert_eq!(db.bindings().len(), 1);
        assert_eq!(model.networks_of(db), ["demo_default"]);
        let own = &model.services["own"];
        assert_eq!(own.image("demo", "own"), "demo-own");
        assert_eq!(model.networks_of(own), ["host"]);
    }

    #[test]
    fn what_is_wrong_with_it_is_said_without_its_text() {
        let message =
            Model::read("{ \"services\": { \"a\": { \"ports\": \"hidden\" } } }").unwrap_err();
        assert!(
            message.starts_with("what Compose gives is not understood"),
            "{message}"
        );
        assert!(!message.contains("hidden"), "{message}");
    }

    #[test]
    fn images_are_replaced_and_nothing_else() {
        let images = BTreeMap::from([("db".to_owned(), "kept:1".to_owned())]);
        let text = with_images(TEXT, &images).unwrap();
        let model = Model::read(&text).unwrap();
        assert_eq!(model.services["db"].image("demo", "db"), "kept:1");
        assert_eq!(model.services["db"].environment().reveal("A"), Some("x$y"));
    }
}

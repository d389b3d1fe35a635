//! The engine: what it is, and where.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::client::{Docker, Kind, Trouble, not_understood};
use crate::deploy::facts::Engine;
use crate::deploy::registries::Registries;
use crate::values::subnet::Subnet;

/// The label with which Compose marks what belongs to a project.
pub(super) const PROJECT: &str = "com.docker.compose.project";

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Info {
    #[serde(rename = "ID")]
    id: String,
    #[serde(default)]
    server_version: String,
    #[serde(rename = "NCPU", default)]
    cpus: u32,
    #[serde(default)]
    mem_total: u64,
    #[serde(default)]
    docker_root_dir: String,
    #[serde(default)]
    client_info: Client,
    #[serde(default)]
    registry_config: RegistryConfig,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct RegistryConfig {
    index_configs: BTreeMap<String, Index>,
    #[serde(rename = "InsecureRegistryCIDRs")]
    insecure: Option<Vec<String>>,
    mirrors: Option<Vec<String>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Index {
    #[serde(default)]
    secure: bool,
}

impl RegistryConfig {
    fn registries(self) -> Registries {
        let subnets = self.insecure.unwrap_or_default();
        Registries {
            secure: self
                .index_configs
                .into_iter()
                .map(|(name, index)| (name, index.secure))
                .collect(),
            insecure: subnets.iter().filter_map(|it| Subnet::parse(it)).collect(),
            mirrored: self.mirrors.is_some_and(|mirrors| !mirrors.is_empty()),
        }
    }
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Client {
    context: String,
    plugins: Vec<Plugin>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Plugin {
    name: String,
    version: String,
}

impl Docker {
    /// The engine and Compose.
    ///
    /// # Errors
    /// Docker or Compose is not there, or the engine does not answer.
    pub fn engine(&self) -> Result<Engine, Trouble> {
        let text = self.call(
            "the engine cannot be asked",
            &["info", "--format", "{{json .}}"],
        )?;
        let info: Info = serde_json::from_str(&text).map_err(|_| not_understood("docker info"))?;
        Ok(Engine {
            compose: self.compose_version(&info.client_info)?,
            elsewhere: elsewhere(&self.address(&info.client_info.context)),
            id: info.id,
            version: info.server_version,
            cpus: info.cpus,
            memory: info.mem_total,
            root: info.docker_root_dir,
            registries: info.registry_config.registries(),
        })
    }

    /// The version of Compose: Docker tells it among its plugins, an older one when Compose is asked.
    fn compose_version(&self, client: &Client) -> Result<String, Trouble> {
        let known = client.plugins.iter().find(|it| it.name == "compose");
        if let Some(plugin) = known.filter(|it| !it.version.is_empty()) {
            return Ok(plugin.version.clone());
        }
        let words = ["compose", "version", "--short"];
        let asked = self.ended("Compose cannot be asked", &words)?;
        match asked.success {
            true => Ok(asked.out.trim().to_owned()),
            false => Err(Trouble {
                kind: Kind::NoDocker,
                message: "Docker has no Compose plugin: `docker compose` is not known to it"
                    .to_owned(),
                help: Some(
                    "https://docs.docker.com/compose/install/ says how to install it".to_owned(),
                ),
            }),
        }
    }

    /// The address at which the engine is spoken to; empty for the usual one of this machine.
    fn address(&self, context: &str) -> String {
        let host = std::env::var("DOCKER_HOST").unwrap_or_default();
        if !host.is_empty() || ["", "default"].contains(&context) {
            return host;
        }
        let format = "{{.Endpoints.docker.Host}}";
        let words = ["context", "inspect", "--format", format, context];
        let said = self.call("the context cannot be asked", &words);
        said.map(|said| said.trim().to_owned()).unwrap_or_default()
    }
}

/// The address, unless it is a socket of this machine. What listens at an address of the network may be a tunnel, even
/// at 127.0.0.1.
fn elsewhere(address: &str) -> Option<String> {
    let is_here = ["unix://", "npipe://", "fd://"]
        .iter()
        .any(|scheme| address.starts_with(scheme));
    (!address.is_empty() && !is_here).then(|| address.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_engine_is_here_where_it_is_spoken_to_through_a_socket() {
        for (address, is_elsewhere) in [
            ("", false),
            ("unix:///var/run/docker.sock", false),
            ("npipe:////./pipe/docker_engine", false),
            ("tcp://127.0.0.1:2375", true),
            ("ssh://nas", true),
        ] {
            assert_eq!(elsewhere(address).is_some(), is_elsewhere, "{address}");
        }
    }
}

//! How the engine speaks to registries, where that is not how Docker's command line does by itself: without TLS or with
//! a certificate that nobody vouches for, through a mirror, from another machine.

use std::collections::BTreeMap;
use std::net::IpAddr;

use crate::values::subnet::Subnet;

/// The registry of an image whose name begins with none.
const HUB: &str = "docker.io";

/// What the engine says of registries (`docker info`, "RegistryConfig").
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Registries {
    /// Whether a registry that is named to the engine proves who it is, by its name with its port.
    pub secure: BTreeMap<String, bool>,
    /// Where registries need not prove it.
    pub insecure: Vec<Subnet>,
    /// Whether images of Docker Hub come from a mirror.
    pub mirrored: bool,
}

impl Registries {
    /// Whether the engine asks the registry of an image in any way that works: plain HTTP too. `addresses` gives those
    /// of a host.
    pub fn need_no_proof(&self, image: &str, addresses: impl Fn(&str) -> Vec<IpAddr>) -> bool {
        let registry = registry(image);
        if let Some(secure) = self.secure.get(registry) {
            return !secure;
        }
        let found = addresses(host(registry));
        let is_insecure = |address: &IpAddr| self.insecure.iter().any(|it| it.contains(*address));
        found.iter().any(is_insecure)
    }

    /// Whether the engine reaches the registry of an image by a way of its own.
    pub fn are_reached_otherwise(&self, image: &str) -> bool {
        self.mirrored && registry(image) == HUB
    }
}

/// The registry of an image, with its port: what stands before the first `/`, where that is no part of a path.
fn registry(image: &str) -> &str {
    match image.split_once('/') {
        Some((first, _)) if first.contains(['.', ':']) || first == "localhost" => first,
        _ => HUB,
    }
}

/// The host of a registry, without its port.
fn host(registry: &str) -> &str {
    let host = match registry.rsplit_once(':') {
        Some((host, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => host,
        _ => registry,
    };
    host.trim_start_matches('[').trim_end_matches(']')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn registries() -> Registries {
        Registries {
            secure: BTreeMap::from([
                ("docker.io".to_owned(), true),
                ("nas.lan:5000".to_owned(), false),
            ]),
            insecure: vec![Subnet::parse("127.0.0.0/8").unwrap()],
            mirrored: true,
        }
    }

    #[test]
    fn an_insecure_registry_is_known_by_its_name_or_its_address() {
        let addresses = |host: &str| match host {
            "localhost" | "127.0.0.1" => vec!["127.0.0.1".parse().unwrap()],
            "::1" => vec!["::1".parse().unwrap()],
            _ => vec!["192.0.2.1".parse().unwrap()],
        };
        for (image, expected) in [
            ("nas.lan:5000/web:1", true),
            ("nas.lan/web:1", false),
            ("127.0.0.1:5000/a/web@sha256:0", true),
            ("localhost/web", true),
            ("localhost:5000/web", true),
            ("[::1]:5000/web", false),
            ("ghcr.io/home/web:1", false),
            ("home/web:1", false),
            ("web", false),
        ] {
            assert_eq!(
                registries().need_no_proof(image, addresses),
                expected,
                "{image}"
            );
        }
    }

    #[test]
    fn a_mirror_is_one_of_docker_hub() {
        for (image, expected) in [("web:1", true), ("home/web", true), ("ghcr.io/web", false)] {
            assert_eq!(
                registries().are_reached_otherwise(image),
                expected,
                "{image}"
            );
        }
    }
}

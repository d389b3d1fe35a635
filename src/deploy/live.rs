//! What runs against what is planned: image, limits, environment, ports, networks of every container. Of an environment
//! only names are told.

use std::collections::BTreeMap;

use serde::Serialize;

use super::facts::{Binding, Container, Environment};
use super::model::{Model, Service};
use super::release::Wanted;
use super::verify::by_hand;
use crate::values::prose::list;

/// A difference.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Difference {
    /// The service.
    pub service: String,
    /// What is otherwise than planned.
    pub what: String,
}

/// What runs, and what it is held against.
pub struct Live<'a> {
    /// The resolved file.
    pub model: &'a Model,
    /// The services that it starts.
    pub wanted: &'a [Wanted],
    /// The containers of the project.
    pub containers: &'a [Container],
    /// What images bring into an environment, by their ids.
    pub of_images: &'a BTreeMap<String, Environment>,
}

impl Live<'_> {
    /// Every difference, by service.
    pub fn differences(&self) -> Vec<Difference> {
        let mut all = Vec::new();
        for wanted in self.wanted {
            let own = self
                .containers
                .iter()
                .filter(|it| it.service == wanted.service && !it.one_off);
            let own: Vec<&Container> = own.collect();
            let mut say = |what: String| {
                all.push(Difference {
                    service: wanted.service.clone(),
                    what,
                })
            };
            if own.len() != wanted.replicas as usize {
                say(count(own.len(), wanted.replicas));
            }
            let mut told: Vec<String> = Vec::new();
            for container in own {
                let found = self.of_one(wanted, container);
                told.extend(
                    found
                        .into_iter()
                        .filter(|what| !told.contains(what))
                        .collect::<Vec<_>>(),
                );
            }
            told.into_iter().for_each(say);
        }
        all.extend(self.strangers());
        all
    }

    fn strangers(&self) -> impl Iterator<Item = Difference> {
        let is_known = |it: &&Container| {
            self.wanted
                .iter()
                .any(|wanted| wanted.service == it.service)
        };
        let strangers = self
            .containers
            .iter()
            .filter(move |it| !it.one_off && !is_known(it));
        strangers.map(|it| Difference {
            service: it.service.clone(),
            what: format!("the container {} is not planned", it.name),
        })
    }

    fn of_one(&self, wanted: &Wanted, container: &Container) -> Vec<String> {
        let mut all = Vec::new();
        if wanted.image != container.image {
            all.push(format!(
                "image {}, planned {}",
                container.image, wanted.image
            ));
        } else if wanted
            .image_id
            .as_ref()
            .is_some_and(|id| *id != container.image_id)
        {
            all.push(format!(
                "image {} was another one when it was started",
                container.image
            ));
        }
        let name = format!("`{}` ", wanted.service);
        all.extend(
            by_hand(wanted, container)
                .into_iter()
                .map(|it| it.replacen(&name, "", 1)),
        );
        if let Some(service) = self.model.services.get(&wanted.service) {
            all.extend(self.environment(service, container));
            all.extend(differ(
                "ports",
                &texts(&container.ports),
                &texts(&service.bindings()),
            ));
            all.extend(differ(
                "networks",
                &container.networks,
                &self.model.networks_of(service),
            ));
        }
        all
    }

    fn environment(&self, service: &Service, container: &Container) -> Vec<String> {
        let (planned, runs) = (service.environment(), &container.environment);
        let of_image = self.of_images.get(&container.image_id);
        let image = |name: &str| of_image.and_then(|image| image.reveal(name));
        let mut all = Vec::new();
        for name in planned.names() {
            match (runs.reveal(name), planned.reveal(name)) {
                (None, _) => all.push(format!("environment: {name} is not there")),
                (runs, planned) if runs != planned => {
                    all.push(format!("environment: {name} has another value"))
                }
                _ => {}
            }
        }
        let more = runs
            .names()
            .filter(|name| planned.reveal(name).is_none() && runs.reveal(name) != image(name));
        all.extend(more.map(|name| format!("environment: {name} is not planned")));
        all
    }
}

fn count(there: usize, planned: u32) -> String {
    match there {
        0 => "has no container".to_owned(),
        _ => format!("containers: {there}, planned {planned}"),
    }
}

fn texts(bindings: &[Binding]) -> Vec<String> {
    bindings.iter().map(ToString::to_string).collect()
}

fn differ(what: &str, runs: &[String], planned: &[String]) -> Option<String> {
    let words = |all: &[String]| {
        if all.is_empty() {
            "none".to_owned()
        } else {
            list(all)
        }
    };
    (runs != planned).then(|| format!("{what}: {}, planned {}", words(runs), words(planned)))
}

#[cfg(test)]
mod tests {
    use super::super::facts::samples::container;
    use super::super::release::samples::wanted;
    use super::*;

    const FILE: &str = r#"{ "networks": { "default": { "name": "demo-test_default" } }, "services": { "web": {
        "environment": { "DEPLOYMENT_MODE": "test" }, "networks": { "default": null } } } }"#;

    fn said(containers: &[Container]) -> Vec<String> {
        let image = Environment::new([("PATH".to_owned(), "/".to_owned())]);
        let live = Live {
            model: &Model::read(FILE).unwrap(),
            wanted: &[wanted("web")],
            containers,
            of_images: &BTreeMap::from([("sha256:web".to_owned(), image)]),
        };
        let all = live.differences();
        all.into_iter()
            .map(|it| format!("{}: {}", it.service, it.what))
            .collect()
    }

    fn environment(pairs: &[(&str, &str)]) -> Container {
        let pairs = pairs
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        Container {
            environment: Environment::new(pairs),
            ..container("web")
        }
    }

    #[test]
    fn what_is_planned_is_no_difference() {
        assert_eq!(said(&[container("web")]), [""; 0]);
        assert_eq!(
            said(&[environment(&[("DEPLOYMENT_MODE", "test"), ("PATH", "/")])]),
            [""; 0]
        );
    }

    #[test]
    fn every_difference_is_told_and_no_value() {
        assert_eq!(said(&[]), ["web: has no container"]);
        let other = Container {
            id: "2".to_owned(),
            ..container("web")
        };
        assert_eq!(
            said(&[container("web"), other]),
            ["web: containers: 2, planned 1"]
        );
        assert_eq!(
            said(&[container("web"), container("old")]),
            ["old: the container demo-test-old-1 is not planned"]
        );
        let image = Container {
            image: "demo/web:2".to_owned(),
            ..container("web")
        };
        assert_eq!(
            said(&[image]),
            ["web: image demo/web:2, planned demo/web:1"]
        );
        let moved = Container {
            image_id: "sha256:old".to_owned(),
            ..container("web")
        };
        assert_eq!(
            said(&[moved]),
            ["web: image demo/web:1 was another one when it was started"]
        );
        let memory = Container {
            memory: 128 << 20,
            ..container("web")
        };
        assert_eq!(
            said(&[memory]),
            ["web: may use 128 MiB memory, not 64 MiB as planned"]
        );
        let values = environment(&[("DEPLOYMENT_MODE", "hidden"), ("DEBUG", "hidden")]);
        assert_eq!(
            said(&[values]),
            [
                "web: environment: DEPLOYMENT_MODE has another value",
                "web: environment: DEBUG is not planned"
            ]
        );
        assert_eq!(
            said(&[environment(&[])]),
            ["web: environment: DEPLOYMENT_MODE is not there"]
        );
        let port = Binding {
            address: String::new(),
            host: 8080,
            container: 80,
            protocol: "tcp".to_owned(),
        };
        let port = Container {
            ports: vec![port],
            networks: Vec::new(),
            ..container("web")
        };
        assert_eq!(
            said(&[port]),
            [
                "web: ports: 8080:80, planned none",
                "web: networks: none, planned demo-test_default"
            ]
        );
    }
}

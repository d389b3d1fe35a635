//! The env files that services name. Whether they are there is for whoever may look.

use super::value::{Map, Value};
use crate::place::Place;
use crate::values::interpolation::has_variable;

/// An env file without which services do not start.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EnvFileOf {
    /// Its path, from the folder that gets the catalog.
    pub path: String,
    /// The services that take it.
    pub services: Vec<String>,
    /// Where the files name it first.
    pub place: Place,
}

/// Those of all services, in all modes; where a path with a variable or a home leads is not known.
pub fn of_services(services: &Map) -> Vec<EnvFileOf> {
    let mut all: Vec<EnvFileOf> = Vec::new();
    for entry in &services.0 {
        let Value::Map(service) = &entry.value else {
            continue;
        };
        let overrides = service.get("overrides").and_then(Value::map);
        let overrides = overrides.into_iter().flat_map(|all| &all.0);
        let bodies = overrides.filter_map(|mode| mode.value.map());
        for body in std::iter::once(service).chain(bodies) {
            for (path, place) in required(body) {
                if !has_variable(path) && !path.starts_with('~') {
                    add(&mut all, path, place, &entry.key);
                }
            }
        }
    }
    all
}

/// Each file once, with all services that take it.
fn add(all: &mut Vec<EnvFileOf>, path: &str, place: Place, service: &str) {
    let known = all.iter_mut().find(|one| one.path == path);
    match known {
        Some(known) if known.services.iter().any(|one| one == service) => {}
        Some(known) => known.services.push(service.to_owned()),
        None => all.push(EnvFileOf {
            path: path.to_owned(),
            services: vec![service.to_owned()],
            place,
        }),
    }
}

/// The paths that must be there: `env_file` as a text, as a list of texts, with `path` and `required`.
fn required(body: &Map) -> Vec<(&str, Place)> {
    let Some(entry) = body.entry("env_file") else {
        return Vec::new();
    };
    match &entry.value {
        Value::List(items) => {
            let paths = items.iter();
            paths
                .filter_map(|item| Some((path(&item.value)?, item.place)))
                .collect()
        }
        value => path(value)
            .map(|path| (path, entry.place))
            .into_iter()
            .collect(),
    }
}

fn path(value: &Value) -> Option<&str> {
    match value {
        Value::Map(map) => {
            let is_optional = map.get("required").and_then(Value::text) == Some("false");
            let path = map.get("path").and_then(Value::text);
            path.filter(|_| !is_optional)
        }
        value => value.text(),
    }
}

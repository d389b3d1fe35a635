//! The JSON schema of a catalog file, from the types. One schema serves every file of the folder: what only
//! `catalog.yaml` may hold is described too, and the compiler says where it belongs.

use std::borrow::Cow;

use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde_json::{Map, Value as Json, json};

use super::entries::{
    Host, LimitsPolicy, Mode, SharedNetwork, SharedVolume, SourcesPolicy, Variable,
};
use super::words::{MEMBERSHIP, OwnWords};
use crate::compose::list::List;
use crate::compose::model::map_schema;
use crate::compose::scalar::{Text, Val};
use crate::compose::service::Service;
use crate::compose::storage::{Config, Secret};
use crate::compose::value::Value;
use crate::values::mode_class::ModeClass;

/// The schema as a file: pretty JSON with a final newline.
pub fn text() -> String {
    let generator = SchemaSettings::draft07().into_generator();
    let schema = generator.into_root_schema_for::<CatalogSchema>();
    let mut text = serde_json::to_string_pretty(&schema).unwrap_or_default();
    text.push('\n');
    text
}

struct CatalogSchema;

impl JsonSchema for CatalogSchema {
    fn schema_name() -> Cow<'static, str> {
        "composegen catalog".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let mut properties = Map::new();
        let mut add = |key: &str, description: &str, mut schema: Json| {
            if let Some(map) = schema.as_object_mut() {
                map.insert("description".to_owned(), json!(description));
            }
            properties.insert(key.to_owned(), schema);
        };
        add(
            "services",
            "The services, by name.",
            names(layer::<ServiceSchema>(generator)),
        );
        add(
            "fragments",
            "What several services share, by name; services take it with extends.",
            names(layer::<FragmentSchema>(generator)),
        );
        add(
            "variables",
            "The variables that a person sets, by name: the env contract.",
            names(Variable::schema(generator).to_value()),
        );
        add(
            "volumes",
            "The volumes, by name.",
            names(SharedVolume::schema(generator).to_value()),
        );
        add(
            "networks",
            "The networks, by name; default is the one that services without networks join.",
            names(SharedNetwork::schema(generator).to_value()),
        );
        add(
            "secrets",
            "The secrets, by name: where they come from, never their values.",
            names(Secret::schema(generator).to_value()),
        );
        add(
            "configs",
            "The configs, by name: files that services read.",
            names(Config::schema(generator).to_value()),
        );
        add(
            "project",
            "The project's name. In catalog.yaml only.",
            json!({ "type": "string" }),
        );
        add(
            "default_host",
            "The host for which is built where none is asked for. In catalog.yaml only.",
            json!({ "type": "string" }),
        );
        add(
            "limits",
            "Whether a service without limits is an error (required) or a warning (optional). In catalog.yaml only.",
            json!({ "enum": LimitsPolicy::WORDS }),
        );
        add(
            "sources",
            "Where the build contexts are: here, or elsewhere. In catalog.yaml only.",
            json!({ "enum": SourcesPolicy::WORDS }),
        );
        add(
            "mode_variable",
            "The variable that tells a service its mode's class; none for no such variable. In catalog.yaml only.",
            json!({ "type": "string", "default": "DEPLOYMENT_MODE" }),
        );
        add(
            "hosts",
            "The machines, by name. In catalog.yaml only.",
            names(Host::schema(generator).to_value()),
        );
        add(
            "modes",
            "The modes, by name. In catalog.yaml only.",
            names(Mode::schema(generator).to_value()),
        );
        add(
            "roles",
            "The roles, by name, besides core, ai, external-api, datagen and test. In catalog.yaml only.",
            names(role(generator)),
        );
        add(
            "defaults",
            "The lowest layer of every service. In catalog.yaml only.",
            layer::<FragmentSchema>(generator),
        );
        add(
            "values",
            "Values for {{ }} that all modes share. In catalog.yaml only.",
            json!({ "type": ["object", "null"] }),
        );
        add(
            "compose",
            "Top-level Compose keys that composegen does not know yet. In catalog.yaml only.",
            json!({ "type": ["object", "null"] }),
        );
        map_schema(
            "A file of a composegen catalog: services, and what they share.",
            properties,
        )
    }
}

/// A map of names.
fn names(value: Json) -> Json {
    json!({ "type": ["object", "null"], "additionalProperties": value })
}

fn layer<T: JsonSchema>(generator: &mut SchemaGenerator) -> Json {
    generator.subschema_for::<T>().to_value()
}

fn role(generator: &mut SchemaGenerator) -> Json {
    let classes = List::<Val<ModeClass>>::schema(generator);
    let classes = described(
        classes,
        "The classes of the modes in which its services may be; without it, all.",
    );
    let profile = described(
        Text::schema(generator),
        "The profile with which its services start.",
    );
    let defaults = layer::<FragmentSchema>(generator);
    json!({
        "type": ["object", "null"],
        "description": "A role: what its services have in common.",
        "properties": { "classes": classes, "profile": profile, "defaults": defaults },
        "additionalProperties": false,
    })
}

fn described(mut schema: Schema, text: &str) -> Json {
    schema.insert("description".to_owned(), json!(text));
    schema.to_value()
}

/// The words of a layer: Compose's keys, ours in place of those of the same name, without the refused ones.
fn words(generator: &mut SchemaGenerator, without: &[&str], description: &str) -> Schema {
    let mut properties = OwnWords::properties(generator);
    for (key, schema) in Service::properties(generator) {
        if !matches!(key.as_str(), "mem_limit" | "mem_reservation") {
            properties.entry(key).or_insert(schema);
        }
    }
    for key in without {
        properties.remove(*key);
    }
    map_schema(description, properties)
}

macro_rules! layer_schema {
    ($(#[$doc:meta])* $Name:ident, $name:literal, $without:expr, $description:literal) => {
        $(#[$doc])*
        pub struct $Name;

        impl JsonSchema for $Name {
            fn schema_name() -> Cow<'static, str> {
                $name.into()
            }

            fn json_schema(generator: &mut SchemaGenerator) -> Schema {
                words(generator, $without, $description)
            }
        }
    };
}

layer_schema!(
    /// A service.
    ServiceSchema, "CatalogService", &[], "A service: Compose's own keys, and our few words."
);
layer_schema!(
    /// Defaults, a role's defaults, a fragment.
    FragmentSchema, "Fragment", MEMBERSHIP, "What several services share."
);
layer_schema!(
    /// An override.
    OverrideSchema, "Override",
    &["role", "modes", "hosts", "replaces", "job", "extends", "overrides"],
    "What a mode or a host changes."
);

#[cfg(test)]
mod tests {
    /// `BLESS=1` writes the file anew.
    #[test]
    fn the_kept_schema_is_the_one_that_the_types_give() {
        let path = concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/src/catalog/catalog.schema.json"
        );
        let text = super::text();
        if std::env::var_os("BLESS").is_some() {
            assert!(std::fs::write(path, &text).is_ok());
        }
        assert!(
            std::fs::read_to_string(path).is_ok_and(|kept| kept == text),
            "src/catalog/catalog.schema.json is not current: run `make bless`"
        );
    }
}

//! The JSON schema of a catalog file, from the types. One schema serves every file of the folder: what only
//! `catalog.yaml` may hold is described too, and the compiler says where it belongs.
//!
//! It is made for editors. Every key has one description, its own, and nothing below it has another: editors would show
//! that one instead. Types that a language server can tell apart stand in one `type`, not in an `anyOf`, so that what it
//! says of a mistake names the mistake.

use std::borrow::Cow;
use std::collections::BTreeSet;

use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde_json::{Map, Value as Json, json};

use super::entries::{
    BUILT_IN_ROLES, Choosable, Host, LimitsPolicy, Mode, SharedNetwork, SharedVolume,
    SourcesPolicy, Variable,
};
use super::words::{MEMBERSHIP, OwnWords};
use crate::compose::list::List;
use crate::compose::model::{described, map_schema};
use crate::compose::scalar::{Text, Val};
use crate::compose::service::Service;
use crate::compose::storage::{Config, Secret};
use crate::compose::value::Value;
use crate::schema;
use crate::values::mode_class::ModeClass;

/// A name of the catalog's own things, and of a secret or config.
const IDENTIFIER: &str = "^[a-zA-Z0-9][a-zA-Z0-9._-]*$";
/// The key of a service, volume or network.
const KEY: &str = "^[a-zA-Z0-9._-]+$";
/// The name of an environment variable.
const VARIABLE: &str = "^[a-zA-Z_][a-zA-Z0-9_]*$";
/// The name of a Compose project.
const PROJECT: &str = "^[a-z0-9][a-z0-9_-]*$";

/// Keys that must be there, by definition.
const REQUIRED: &[(&str, &[&str])] = &[
    ("Service", &["role"]),
    ("Host", &["memory", "cpus"]),
    ("Mode", &["class"]),
    ("Choosable", &["default", "choices"]),
];

/// Keys of Compose that a catalog writes otherwise, by definition.
const REFUSED: &[(&str, &[&str])] = &[
    ("Limits", &["memory", "cpus"]),
    ("Reservations", &["memory", "cpus"]),
];

/// The schema as a file: pretty JSON with a final newline.
pub fn text() -> String {
    let generator = SchemaSettings::draft07().into_generator();
    let mut schema = generator.into_root_schema_for::<CatalogSchema>().to_value();
    settle(&mut schema);
    let mut text = serde_json::to_string_pretty(&schema).unwrap_or_default();
    text.push('\n');
    text
}

/// What the types alone do not say.
fn settle(schema: &mut Json) {
    if let Some(root) = schema.as_object_mut() {
        // Editors would write the title over every description.
        root.shift_remove("title");
    }
    for (name, keys) in REQUIRED {
        schema["definitions"][name]["required"] = json!(keys);
        schema["definitions"][name]["type"] = json!("object");
    }
    for (name, keys) in REFUSED {
        if let Some(properties) = schema["definitions"][name]["properties"].as_object_mut() {
            properties.retain(|key, _| !keys.contains(&key.as_str()));
        }
    }
    while drop_unused(schema) {}
}

/// Drops the definitions that nothing refers to; says whether there were any.
fn drop_unused(schema: &mut Json) -> bool {
    let mut used = BTreeSet::new();
    references(schema, &mut used);
    let Some(definitions) = schema["definitions"].as_object_mut() else {
        return false;
    };
    let before = definitions.len();
    definitions.retain(|name, _| used.contains(name));
    definitions.len() < before
}

/// The names of the definitions that a schema refers to.
fn references(schema: &Json, used: &mut BTreeSet<String>) {
    match schema {
        Json::Object(map) => {
            let reference = map.get("$ref").and_then(Json::as_str);
            let name = reference.and_then(|text| text.strip_prefix("#/definitions/"));
            used.extend(name.map(str::to_owned));
            map.values().for_each(|value| references(value, used));
        }
        Json::Array(items) => items.iter().for_each(|item| references(item, used)),
        _ => {}
    }
}

struct CatalogSchema;

impl JsonSchema for CatalogSchema {
    fn schema_name() -> Cow<'static, str> {
        "Catalog".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let mut properties = shared_sections(generator);
        properties.extend(main_scalars());
        properties.extend(main_sections(generator));
        let mut schema = map_schema(properties);
        let text = "A file of a composegen catalog: services, and what they share.";
        schema.insert("description".to_owned(), json!(text));
        schema
    }
}

/// What any file may hold.
fn shared_sections(generator: &mut SchemaGenerator) -> Map<String, Json> {
    let service = generator.subschema_for::<ServiceSchema>();
    let fragment = generator.subschema_for::<FragmentSchema>();
    sections([
        (
            "services",
            "The services, by name, under which others reach them.",
            names(
                KEY,
                "A service: Compose's own keys, and our few words.",
                service,
            ),
        ),
        (
            "fragments",
            "What several services share, by name; services take it with extends.",
            names(IDENTIFIER, "What several services share.", fragment),
        ),
        (
            "variables",
            "The variables that a person sets, by name: the env contract.",
            names(
                VARIABLE,
                "A variable that a person sets. It is used bare, as ${NAME} or as NAME: under environment.",
                Variable::schema(generator),
            ),
        ),
        (
            "volumes",
            "The volumes, by name; each mode has its own, unless it says shared.",
            names(KEY, "A volume.", SharedVolume::schema(generator)),
        ),
        (
            "networks",
            "The networks, by name; default is the one that services without networks join.",
            names(KEY, "A network.", SharedNetwork::schema(generator)),
        ),
        (
            "secrets",
            "The secrets, by name: where they come from, never their values.",
            names(
                IDENTIFIER,
                "A secret: never its value, only where it comes from.",
                Secret::schema(generator),
            ),
        ),
        (
            "configs",
            "The configs, by name: files that services read.",
            names(
                IDENTIFIER,
                "A config: a file that services read.",
                Config::schema(generator),
            ),
        ),
    ])
}

/// What `catalog.yaml` says in one word.
fn main_scalars() -> Map<String, Json> {
    sections([
        (
            "project",
            "The project's name, such as homeiq; with a mode's it names the Compose project. In catalog.yaml only.",
            schema!({ "type": "string", "pattern": PROJECT }),
        ),
        (
            "default_host",
            "The host for which is built where none is asked for. In catalog.yaml only.",
            schema!({ "type": "string" }),
        ),
        (
            "limits",
            "Whether a service without limits is an error (required) or a warning (optional). In catalog.yaml only.",
            schema!({ "enum": LimitsPolicy::WORDS }),
        ),
        (
            "sources",
            "Where the build contexts are: here, where a missing one is told, or elsewhere. In catalog.yaml only.",
            schema!({ "enum": SourcesPolicy::WORDS }),
        ),
        (
            "mode_variable",
            "The variable that tells a service its mode's class; none for no such variable. In catalog.yaml only.",
            schema!({ "type": "string", "pattern": VARIABLE, "default": super::read::MODE_VARIABLE }),
        ),
    ])
}

/// The maps of `catalog.yaml`.
fn main_sections(generator: &mut SchemaGenerator) -> Map<String, Json> {
    let any_map = || schema!({ "type": ["object", "null"] });
    sections([
        (
            "hosts",
            "The machines on which the stack runs, by name, with memory and CPUs. In catalog.yaml only.",
            names(
                IDENTIFIER,
                "A machine, and what of it the stack may use.",
                Host::schema(generator),
            ),
        ),
        (
            "modes",
            "The modes, such as test and prod, each a Compose project of its own. In catalog.yaml only.",
            names(
                IDENTIFIER,
                "A mode: one Compose project with its own networks and volumes.",
                Mode::schema(generator),
            ),
        ),
        (
            "roles",
            "The roles, by name, besides core, ai, external-api, datagen and test. In catalog.yaml only.",
            names(
                IDENTIFIER,
                "A role: what its services have in common.",
                role(generator),
            ),
        ),
        (
            "options",
            "What can be chosen in one way or another, by name: --set OPTION=CHOICE. In catalog.yaml only.",
            names(
                IDENTIFIER,
                "An option: its choices, and the one that holds where nobody says otherwise.",
                Choosable::schema(generator),
            ),
        ),
        (
            "defaults",
            "What every service has where it says nothing else: the lowest layer. In catalog.yaml only.",
            generator.subschema_for::<FragmentSchema>(),
        ),
        (
            "values",
            "Values for {{ }} that all modes share, by name, such as zone: Europe/Berlin. In catalog.yaml only.",
            any_map(),
        ),
        (
            "guide",
            "Chapters of your own in the deployment guide: a title, and Markdown. In catalog.yaml only.",
            schema!({ "type": ["object", "null"], "additionalProperties": { "type": "string" } }),
        ),
        (
            "compose",
            "Top-level Compose keys that composegen does not know yet, written into the files as they are. In catalog.yaml only.",
            any_map(),
        ),
    ])
}

fn sections<const N: usize>(list: [(&str, &str, Schema); N]) -> Map<String, Json> {
    let property =
        |(key, text, schema): (&str, &str, Schema)| (key.to_owned(), described(schema, text));
    list.into_iter().map(property).collect()
}

/// A map of names, each of which stands for the same kind of thing.
fn names(pattern: &str, description: &str, value: Schema) -> Schema {
    let value = described(value, description);
    schema!({
        "type": ["object", "null"],
        "propertyNames": { "pattern": pattern },
        "additionalProperties": value,
    })
}

fn role(generator: &mut SchemaGenerator) -> Schema {
    let properties = sections([
        (
            "classes",
            "The classes of the modes in which its services may be, such as [production]; without it, all.",
            List::<Val<ModeClass>>::schema(generator),
        ),
        (
            "profile",
            "The Compose profile with which its services start, such as production.",
            Text::schema(generator),
        ),
        (
            "defaults",
            "What every service of the role has where it says nothing else; above the catalog's defaults.",
            generator.subschema_for::<FragmentSchema>(),
        ),
    ]);
    schema!({
        "type": ["object", "null"], "properties": properties, "additionalProperties": false,
    })
}

/// The words of a layer: Compose's keys, ours in place of those of the same name, without the refused ones.
fn words(generator: &mut SchemaGenerator, without: &[&[&str]]) -> Schema {
    let mut properties = OwnWords::properties(generator);
    // A catalog may have roles of its own: these are suggested, and others are taken.
    properties["role"]["examples"] = json!(BUILT_IN_ROLES);
    for (key, schema) in Service::properties(generator) {
        if !matches!(key.as_str(), "mem_limit" | "mem_reservation") {
            properties.entry(key).or_insert(schema);
        }
    }
    let is_without = |key: &str| without.iter().any(|keys| keys.contains(&key));
    properties.retain(|key, _| !is_without(key));
    map_schema(properties)
}

macro_rules! layer_schema {
    ($(#[$doc:meta])* $Name:ident, $name:literal, $without:expr) => {
        $(#[$doc])*
        pub struct $Name;

        impl JsonSchema for $Name {
            fn schema_name() -> Cow<'static, str> {
                $name.into()
            }

            fn json_schema(generator: &mut SchemaGenerator) -> Schema {
                words(generator, $without)
            }
        }
    };
}

layer_schema!(
    /// A service.
    ServiceSchema, "Service", &[]
);
layer_schema!(
    /// Defaults, a role's defaults, a fragment.
    FragmentSchema, "Fragment", &[MEMBERSHIP]
);
layer_schema!(
    /// An override.
    OverrideSchema, "Override",
    &[MEMBERSHIP, &["extends", "overrides"]]
);

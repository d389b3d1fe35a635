//! In which forms the keys of a catalog stand: as a scalar, a list or a map. `Build.args as a list` is one.

use std::collections::BTreeSet;

use serde_json::Value as Json;

/// Layers whose keys are those of a service.
const LIKE_A_SERVICE: &[&str] = &["Fragment", "Override"];

/// The forms that a schema allows.
pub struct Forms<'j> {
    schema: &'j Json,
}

impl<'j> Forms<'j> {
    pub fn new(schema: &'j Json) -> Self {
        Forms { schema }
    }

    /// All of them.
    pub fn all(&self) -> BTreeSet<String> {
        let mut all = BTreeSet::new();
        self.declared("", self.schema, &mut all);
        for (name, definition) in self.schema["definitions"].as_object().unwrap() {
            if !LIKE_A_SERVICE.contains(&name.as_str()) {
                self.declared(name, definition, &mut all);
            }
        }
        all
    }

    /// Those of a catalog.
    pub fn of(&self, catalog: &Json) -> BTreeSet<String> {
        let mut seen = BTreeSet::new();
        self.see("", self.schema, catalog, &mut seen);
        seen
    }

    /// What stands behind a reference, with the name of the definition.
    fn behind(&self, schema: &'j Json) -> Option<(&'j str, &'j Json)> {
        let reference = schema
            .get("$ref")
            .or_else(|| schema["allOf"][0].get("$ref"));
        let name = reference?.as_str()?.strip_prefix("#/definitions/")?;
        Some((name, &self.schema["definitions"][name]))
    }

    /// The forms of what a schema holds, unless another definition holds it.
    fn declared(&self, path: &str, schema: &'j Json, all: &mut BTreeSet<String>) {
        if self.behind(schema).is_some() {
            return;
        }
        for (key, property) in schema["properties"].as_object().into_iter().flatten() {
            let path = format!("{path}.{key}");
            for shape in self.shapes(property) {
                all.insert(format!("{path} as {shape}"));
            }
            self.declared(&path, property, all);
        }
        for (mark, part) in parts(schema) {
            let path = format!("{path}{mark}");
            for shape in self.shapes(part) {
                all.insert(format!("{path} as {shape}"));
            }
            self.declared(&path, part, all);
        }
        for branch in schema["anyOf"].as_array().into_iter().flatten() {
            self.declared(path, branch, all);
        }
    }

    /// The shapes that a schema allows; that nothing stands there is none.
    fn shapes(&self, schema: &'j Json) -> BTreeSet<&'static str> {
        if self.behind(schema).is_some() {
            return BTreeSet::from(["a map"]);
        }
        let branches = schema["anyOf"].as_array().into_iter().flatten();
        let mut shapes: BTreeSet<_> = branches.flat_map(|branch| self.shapes(branch)).collect();
        let types = match &schema["type"] {
            Json::Array(names) => names.iter().filter_map(Json::as_str).collect(),
            Json::String(name) => vec![name.as_str()],
            _ => Vec::new(),
        };
        let shape = |name| match name {
            "null" => None,
            "object" => Some("a map"),
            "array" => Some("a list"),
            _ => Some("a scalar"),
        };
        shapes.extend(types.into_iter().filter_map(shape));
        shapes
    }

    fn see(&self, path: &str, schema: &'j Json, value: &Json, seen: &mut BTreeSet<String>) {
        seen.insert(format!("{path} as {}", shape(value)));
        if let Some((name, definition)) = self.behind(schema) {
            if value.is_object() {
                self.see(name, definition, value, seen);
            }
            return;
        }
        for branch in schema["anyOf"].as_array().into_iter().flatten() {
            self.see(path, branch, value, seen);
        }
        for (key, value) in value.as_object().into_iter().flatten() {
            match schema["properties"].get(key) {
                Some(property) => self.see(&format!("{path}.{key}"), property, value, seen),
                None => self.see_part(path, schema, "{}", value, seen),
            }
        }
        for item in value.as_array().into_iter().flatten() {
            self.see_part(path, schema, "[]", item, seen);
        }
    }

    fn see_part(
        &self,
        path: &str,
        schema: &'j Json,
        mark: &str,
        value: &Json,
        seen: &mut BTreeSet<String>,
    ) {
        if let Some((_, part)) = parts(schema).find(|(other, _)| *other == mark) {
            self.see(&format!("{path}{mark}"), part, value, seen);
        }
    }
}

/// What a schema says of the values of any name, and of the items of a list.
fn parts(schema: &Json) -> impl Iterator<Item = (&'static str, &Json)> {
    let values = schema.get("additionalProperties").map(|part| ("{}", part));
    let items = schema.get("items").map(|part| ("[]", part));
    values
        .into_iter()
        .chain(items)
        .filter(|(_, part)| part.is_object())
}

fn shape(value: &Json) -> &'static str {
    match value {
        Json::Null => "nothing",
        Json::Object(_) => "a map",
        Json::Array(_) => "a list",
        _ => "a scalar",
    }
}

//! A Compose file as the data of a plain template, and the proof that the template gives the same document back.

use std::fs;
use std::path::Path;

use granit_parser::{Event, Options, Parser, ScalarStyle, ScanError, Span, StrInput};
use serde_json::{Map, Value};

/// What the template says itself, because most services have it: the options of the `json-file` log driver, the restart
/// policy, the condition of a dependency, the healthcheck's times.
const LOGGING: [(&str, &str); 2] = [("max-size", "10m"), ("max-file", "3")];
const RESTART: &str = "unless-stopped";
const CONDITION: &str = "service_healthy";
const HEALTHCHECK: [(&str, &str); 4] = [
    ("interval", "30s"),
    ("timeout", "10s"),
    ("retries", "3"),
    ("start_period", "30s"),
];
/// The keys that the template names one by one; it writes the others by their shape.
const NAMED: [&str; 12] = [
    "image",
    "build",
    "command",
    "environment",
    "depends_on",
    "ports",
    "expose",
    "volumes",
    "networks",
    "healthcheck",
    "deploy",
    "labels",
];

/// How a scalar becomes a JSON string.
#[derive(Clone, Copy)]
enum Scalars {
    /// As it is written, quotes included: the template has nothing to quote.
    AsWritten,
    /// What it means to a reader, with its kind of quotes: for comparing.
    Read,
}

/// Writes the data file for one Compose file.
///
/// # Errors
/// The Compose file cannot be read, or the data not written.
pub fn write(compose: &Path, data: &Path) -> Result<(), String> {
    let mut document = read(compose, Scalars::AsWritten)?;
    if let Some(Value::Object(services)) = document.get_mut("services") {
        services.values_mut().for_each(shorten);
    }
    let told = |error: &dyn std::fmt::Display| format!("{}: {error}", data.display());
    let text = serde_yaml::to_string(&document).map_err(|error| told(&error))?;
    fs::write(data, text).map_err(|error| told(&error))
}

/// Leaves out what the template says itself, and moves the keys that it does not name below `more`.
fn shorten(service: &mut Value) {
    let Value::Object(keys) = service else { return };
    let (mut named, mut more): (Map<_, _>, Map<_, _>) = std::mem::take(keys)
        .into_iter()
        .partition(|(key, _)| NAMED.contains(&key.as_str()));
    let usual_logging = more.get("logging").is_some_and(is_usual_logging);
    if usual_logging {
        more.shift_remove("logging");
    }
    remove_usual(&mut more, &[("restart", RESTART)]);
    if let Some(Value::Object(healthcheck)) = named.get_mut("healthcheck") {
        remove_usual(healthcheck, &HEALTHCHECK);
    }
    if let Some(Value::Object(targets)) = named.get_mut("depends_on") {
        for target in targets.values_mut().filter_map(Value::as_object_mut) {
            remove_usual(target, &[("condition", CONDITION)]);
        }
    }
    named.insert("usual_logging".to_owned(), Value::Bool(usual_logging));
    named.insert(
        "usual_restart".to_owned(),
        Value::Bool(!more.contains_key("restart")),
    );
    named.insert("more".to_owned(), Value::Object(more));
    *keys = named;
}

/// Removes the entries that have their usual value.
fn remove_usual(entries: &mut Map<String, Value>, usual: &[(&str, &str)]) {
    entries.retain(|key, value| {
        !usual
            .iter()
            .any(|(name, text)| key == name && is(value, text))
    });
}

fn is_usual_logging(logging: &Value) -> bool {
    let options = &logging["options"];
    is(&logging["driver"], "json-file")
        && options
            .as_object()
            .is_some_and(|options| options.len() == LOGGING.len())
        && LOGGING.iter().all(|(name, text)| is(&options[*name], text))
}

/// Whether the scalar, as it is written, says this text; its quotes do not count.
fn is(value: &Value, text: &str) -> bool {
    value
        .as_str()
        .is_some_and(|written| written.trim_matches(['"', '\'']) == text)
}

/// Compares two Compose files as documents: comments, layout and the order of keys do not count.
///
/// # Errors
/// They differ, or one of them cannot be read.
pub fn compare(ours: &Path, theirs: &Path) -> Result<(), String> {
    let (left, right) = (read(ours, Scalars::Read)?, read(theirs, Scalars::Read)?);
    match difference(&left, &right, "") {
        None => Ok(()),
        Some(path) => Err(format!(
            "{} and {} differ at {path}",
            ours.display(),
            theirs.display()
        )),
    }
}

/// The path of the first difference.
fn difference(left: &Value, right: &Value, path: &str) -> Option<String> {
    if left == right {
        return None;
    }
    let (Value::Object(left), Value::Object(right)) = (left, right) else {
        return Some(format!("{path}: {left} and {right}"));
    };
    if let Some(extra) = right.keys().find(|key| !left.contains_key(*key)) {
        return Some(format!("{path}.{extra}: only in the second"));
    }
    left.iter().find_map(|(key, value)| match right.get(key) {
        Some(other) => difference(value, other, &format!("{path}.{key}")),
        None => Some(format!("{path}.{key}: only in the first")),
    })
}

fn read(path: &Path, scalars: Scalars) -> Result<Value, String> {
    let text = fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))?;
    parse(&text, scalars).map_err(|error| format!("{}: {error}", path.display()))
}

fn parse(text: &str, scalars: Scalars) -> Result<Value, ScanError> {
    let mut options = Options::default();
    options.set_emit_comments(false);
    let mut reader = Reader {
        text,
        scalars,
        events: Parser::new_from_str_with_options(text, options),
    };
    loop {
        match reader.next()? {
            (Event::StreamStart | Event::DocumentStart(..), _) => {}
            (event, span) => return reader.value(event, span),
        }
    }
}

/// One document's events on their way to a JSON value.
struct Reader<'s> {
    text: &'s str,
    scalars: Scalars,
    events: Parser<'s, StrInput<'s>>,
}

impl<'s> Reader<'s> {
    fn next(&mut self) -> Result<(Event<'s>, Span), ScanError> {
        self.events
            .next_event()
            .unwrap_or(Ok((Event::StreamEnd, Span::default())))
    }

    fn value(&mut self, event: Event<'s>, span: Span) -> Result<Value, ScanError> {
        match event {
            Event::Scalar(value, style, ..) => Ok(Value::String(self.scalar(&value, style, span))),
            Event::SequenceStart(..) => self.list(),
            Event::MappingStart(..) => self.map(),
            _ => Ok(Value::Null),
        }
    }

    fn scalar(&self, value: &str, style: ScalarStyle, span: Span) -> String {
        match self.scalars {
            Scalars::AsWritten => span.slice(self.text).unwrap_or(value).to_owned(),
            Scalars::Read if style == ScalarStyle::Plain => value.to_owned(),
            Scalars::Read => format!("'{value}'"),
        }
    }

    /// An empty collection is written like a scalar, so the template need not ask for it.
    fn collection(&self, value: Value, empty: &str) -> Value {
        let is_empty = value == Value::Array(Vec::new()) || value == Value::Object(Map::new());
        match self.scalars {
            Scalars::AsWritten if is_empty => Value::String(empty.to_owned()),
            _ => value,
        }
    }

    fn list(&mut self) -> Result<Value, ScanError> {
        let mut items = Vec::new();
        loop {
            match self.next()? {
                (Event::SequenceEnd, _) => return Ok(self.collection(Value::Array(items), "[]")),
                (event, span) => items.push(self.value(event, span)?),
            }
        }
    }

    fn map(&mut self) -> Result<Value, ScanError> {
        let mut entries = Map::new();
        loop {
            match self.next()? {
                (Event::MappingEnd, _) => return Ok(self.collection(Value::Object(entries), "{}")),
                (Event::Scalar(key, style, ..), span) => {
                    let key = match self.scalars {
                        Scalars::AsWritten => self.scalar(&key, style, span),
                        Scalars::Read => key.into_owned(),
                    };
                    let (event, span) = self.next()?;
                    let value = self.value(event, span)?;
                    entries.insert(key, value);
                }
                (event, span) => return self.value(event, span),
            }
        }
    }
}

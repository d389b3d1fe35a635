//! Secrets that stand in Compose files: a variable takes the place of each, and its value goes into the env file.

use indexmap::IndexMap;
use rustc_hash::FxHashSet;

use super::report::{Notes, Subject, What};
use super::scalars::below;
use super::value::{Map, Value};
use super::variables::{Forced, free, upper};
use crate::place::Place;
use crate::rules::secret_names::{is_elsewhere, is_harmless, tells, tells_in_lines};
use crate::values::interpolation::{has_variable, uses};
use crate::values::shown::shown;
use crate::values::url::addresses;

/// The maps of a service in which a name can say that its value is a secret.
const NAMED: &[&[&str]] = &[
    &["environment"],
    &["labels"],
    &["annotations"],
    &["logging", "options"],
    &["deploy", "labels"],
    &["build", "labels"],
    &["build", "args"],
];

/// Where addresses with a password can stand besides.
const COMMANDS: &[&[&str]] = &[&["command"], &["entrypoint"], &["healthcheck", "test"]];

/// What was found.
pub struct Secrets<'n> {
    /// The variables that take the place of values.
    pub forced: IndexMap<String, Forced>,
    /// Names that mean something else.
    pub taken: FxHashSet<String>,
    /// Where to tell.
    pub notes: &'n mut Notes,
}

impl Secrets<'_> {
    /// Takes the secrets out of all services: first where a name tells of one, so that an address takes the same one.
    pub fn of_services(&mut self, services: &mut Map) {
        let steps: [fn(&mut Self, &str, &mut Map); 2] = [Self::by_name, Self::by_place];
        for step in steps {
            for entry in &mut services.0 {
                if let Value::Map(service) = &mut entry.value {
                    step(self, &entry.key, service);
                }
            }
        }
    }

    fn by_name(&mut self, name: &str, service: &mut Map) {
        for path in NAMED {
            if let Some(Value::Map(map)) = below(service, path) {
                self.named(name, map);
            }
        }
    }

    fn by_place(&mut self, name: &str, service: &mut Map) {
        for path in COMMANDS {
            let place = service.place_of(path);
            if let Some(value) = below(service, path) {
                self.options(name, value, place);
            }
        }
        for path in NAMED
            .iter()
            .chain(COMMANDS)
            .copied()
            .chain([&["build", "context"][..]])
        {
            let key = path.last().copied().unwrap_or_default();
            let place = service.place_of(path);
            if let Some(value) = below(service, path) {
                self.in_addresses(name, key, value, place);
            }
        }
    }

    fn named(&mut self, service: &str, map: &mut Map) {
        for entry in &mut map.0 {
            let (Value::Text(text) | Value::Plain(text)) = &entry.value else {
                continue;
            };
            if tells(&entry.key) && is_literal(text) && !is_elsewhere(text) {
                let variable = self.variable(&variable_name(&entry.key), service, text);
                self.tell(entry.place, &shown(&entry.key), &variable);
                entry.value = Value::of(format!("${{{variable}}}"));
            }
        }
    }

    fn tell(&mut self, place: Place, what: &str, variable: &str) {
        let what = What::Secret {
            what: what.to_owned(),
            variable: variable.to_owned(),
        };
        self.notes.add(Subject::Changed, place, what);
    }

    /// The variable for a value: one that has it already under this name, or a new one.
    fn variable(&mut self, wanted: &str, service: &str, text: &str) -> String {
        let value = text.replace("$$", "$");
        let longer = format!("{}_{wanted}", upper(service));
        for name in [wanted, &longer] {
            if self
                .forced
                .get(name)
                .is_some_and(|forced| forced.value == value)
            {
                return name.to_owned();
            }
        }
        let name = match self.taken.contains(wanted) {
            false => wanted.to_owned(),
            true => free(&longer, &self.taken),
        };
        self.taken.insert(name.clone());
        let forced = Forced {
            value,
            description: format!("Secret of {service}"),
        };
        self.forced.insert(name.clone(), forced);
        name
    }

    /// The variable that has a value already, whatever its name.
    fn known(&self, text: &str) -> Option<String> {
        let value = text.replace("$$", "$");
        let mut all = self.forced.iter();
        all.find(|(_, forced)| forced.value == value && value.len() >= 4)
            .map(|(name, _)| name.clone())
    }

    fn in_addresses(&mut self, service: &str, key: &str, value: &mut Value, place: Place) {
        match value {
            Value::Map(map) => {
                for entry in &mut map.0 {
                    let key = entry.key.clone();
                    let place = entry.place;
                    if let Value::Text(text) = &mut entry.value {
                        self.address(service, &key, text, place);
                    }
                }
            }
            other => {
                let key = key.to_owned();
                other.each_text(place, &mut |text, place| {
                    self.address(service, &key, text, place);
                });
            }
        }
    }

    /// Puts a variable in the place of each password of an address.
    fn address(&mut self, service: &str, key: &str, text: &mut String, place: Place) {
        while let Some(password) = literal_password(text) {
            let base = variable_name(key);
            let base = base
                .strip_suffix("_URL")
                .or(base.strip_suffix("_URI"))
                .unwrap_or(&base);
            let base = if base == "COMMAND" || base == "TEST" {
                upper(service)
            } else {
                base.to_owned()
            };
            let known = self.known(&password);
            let variable = known
                .unwrap_or_else(|| self.variable(&format!("{base}_PASSWORD"), service, &password));
            let from = text.find("://").unwrap_or(0);
            let Some(at) = text[from..].find(&format!("{password}@")) else {
                return;
            };
            let at = from + at;
            text.replace_range(at..at + password.len(), &format!("${{{variable}}}"));
            self.tell(place, &format!("the password in {}", shown(key)), &variable);
        }
    }

    /// `--password=x`, `--password x` and `PASSWORD=x` among the words of a command.
    fn options(&mut self, service: &str, command: &mut Value, place: Place) {
        let mut named: Option<String> = None;
        command.each_text(place, &mut |text, place| {
            let mut result = String::new();
            let mut rest = text.as_str();
            while let Some(start) = rest.find(|c: char| !c.is_whitespace()) {
                let end = rest[start..]
                    .find(char::is_whitespace)
                    .map_or(rest.len(), |at| start + at);
                result.push_str(&rest[..start]);
                result.push_str(&self.word(service, &rest[start..end], place, &mut named));
                rest = &rest[end..];
            }
            result.push_str(rest);
            *text = result;
        });
    }

    fn word(
        &mut self,
        service: &str,
        word: &str,
        place: Place,
        named: &mut Option<String>,
    ) -> String {
        let before = named.take();
        let (prefix, name, value) = match (before, word.split_once('=')) {
            (Some(name), _) if !word.starts_with('-') => (String::new(), name, word),
            (_, Some((name, value))) => (
                format!("{name}="),
                name.trim_start_matches('-').to_owned(),
                value,
            ),
            _ => {
                *named = word
                    .strip_prefix('-')
                    .map(|name| name.trim_start_matches('-').to_owned());
                return word.to_owned();
            }
        };
        if !is_literal(value) || is_elsewhere(value) || is_run(value) || !tells(&name) {
            return word.to_owned();
        }
        let (secret, quote) = unquoted(value);
        let known = self.known(secret);
        let variable = known.unwrap_or_else(|| {
            self.variable(
                &format!("{}_{}", upper(service), upper(&name)),
                service,
                secret,
            )
        });
        self.tell(place, &shown(&name), &variable);
        format!("{prefix}{quote}${{{variable}}}{quote}")
    }

    /// The lines of a config that give a secret.
    pub fn of_config(&mut self, config: &str, content: &mut Value, place: Place) {
        let Value::Text(text) = content else {
            return;
        };
        let lines = text.split('\n').map(|line| self.line(config, line, place));
        let lines: Vec<String> = lines.collect();
        *text = lines.join("\n");
    }

    fn line(&mut self, config: &str, line: &str, place: Place) -> String {
        let Some((name, value)) = line.split_once(['=', ':']).filter(|_| tells_in_lines(line))
        else {
            return line.to_owned();
        };
        let marks = [' ', '\t', '"', '\'', ',', ';'];
        let secret = value.trim_matches(marks);
        let name = name
            .trim()
            .trim_start_matches("export ")
            .trim_matches(marks);
        let variable = self.variable(
            &format!("{}_{}", upper(config), upper(name)),
            config,
            secret,
        );
        self.tell(place, &shown(name), &variable);
        let at = line.len() - value.len() + value.find(secret).unwrap_or(0);
        format!(
            "{}${{{variable}}}{}",
            &line[..at],
            &line[at + secret.len()..]
        )
    }
}

/// Whether a shell makes the value: `$(cat FILE)`.
fn is_run(value: &str) -> bool {
    value.contains("$(") || value.contains('`')
}

/// A value without the quotes around it, and the quote.
fn unquoted(value: &str) -> (&str, &str) {
    for quote in ["'", "\""] {
        let inner = value
            .strip_prefix(quote)
            .and_then(|rest| rest.strip_suffix(quote));
        if let Some(inner) = inner.filter(|inner| !inner.is_empty()) {
            return (inner, quote);
        }
    }
    (value, "")
}

fn literal_password(text: &str) -> Option<String> {
    let all = addresses(text);
    let variables = uses(text).unwrap_or_default();
    // What stands inside `${NAME:-...}` is the variable's default, and goes with the variable.
    let is_default = |at: usize| variables.iter().any(|one| one.start < at && at < one.end);
    let literal = all.iter().filter(|address| !is_default(address.start));
    let mut passwords = literal.filter_map(|address| address.literal_password());
    passwords
        .find(|password| !has_variable(password))
        .map(str::to_owned)
}

fn is_literal(text: &str) -> bool {
    !text.is_empty() && !has_variable(text) && !is_harmless(text)
}

/// A key as the name of a variable.
fn variable_name(key: &str) -> String {
    match crate::dotenv::is_name(key) && !key.contains(['.', '-']) {
        true => key.to_owned(),
        false => upper(key),
    }
}

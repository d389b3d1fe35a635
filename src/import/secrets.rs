//! Secrets that stand in Compose files: a variable takes the place of each, and its value goes into the env file. The
//! same value elsewhere in the files gets the same variable; two names of secrets that happen to have one value keep two.

use indexmap::IndexMap;
use rustc_hash::FxHashSet;

use super::report::{Notes, Subject, What};
use super::same::{Wanted, host_behind, is_telling, known, whole_word};
use super::scalars::below;
use super::value::{Map, Value};
use super::variables::{Forced, free, upper};
use crate::place::Place;
use crate::secrets::{
    BY_NAME, HASH, Secret, Sign, in_lines, in_text, in_words, makes_secret, tells, under,
};
use crate::values::interpolation::{Use, has_variable, uses};
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

/// What a service runs.
const COMMANDS: &[&[&str]] = &[&["command"], &["entrypoint"], &["healthcheck", "test"]];

/// What was found.
pub struct Secrets<'n> {
    /// The variables that take the place of values.
    pub forced: IndexMap<String, Forced>,
    /// Variables of the files that stand in the place of a secret, whatever their names.
    pub standing: FxHashSet<String>,
    /// Names that mean something else.
    pub taken: FxHashSet<String>,
    /// Where to tell.
    pub notes: &'n mut Notes,
}

/// Where a text stands: at which service, and under which key.
#[derive(Clone, Copy)]
struct Spot<'a> {
    service: &'a str,
    key: &'a str,
    /// Whether the key is the name of a value, and not a word of Compose's.
    is_named: bool,
    place: Place,
}

impl Secrets<'_> {
    /// Takes the secrets out of all services: first where a name tells of one, so that a part of a text takes the same
    /// one; at last where nothing but the value tells.
    pub fn of_services(&mut self, services: &mut Map) {
        let steps: [fn(&mut Self, &str, &mut Map); 3] =
            [Self::by_name, Self::by_place, Self::by_value];
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
                self.command(name, path.last().copied().unwrap_or_default(), place, value);
            }
        }
        for path in NAMED {
            if let Some(Value::Map(map)) = below(service, path) {
                for entry in &mut map.0 {
                    let spot = Spot {
                        service: name,
                        key: &entry.key,
                        is_named: true,
                        place: entry.place,
                    };
                    if let Value::Text(text) = &mut entry.value {
                        let written = text.clone();
                        self.text(text, under(&entry.key, &written, BY_NAME), spot);
                    }
                }
            }
        }
        let extensions = service.0.iter_mut().filter(|it| it.key.starts_with("x-"));
        extensions.for_each(|entry| self.of_options(name, &mut entry.value));
        // An address from which an image is built, in the short and the long form.
        for path in [&["build"][..], &["build", "context"]] {
            let place = service.place_of(path);
            if let Some(Value::Text(text)) = below(service, path) {
                let spot = Spot {
                    service: name,
                    key: path.last().copied().unwrap_or_default(),
                    is_named: false,
                    place,
                };
                let written = text.clone();
                self.text(text, in_text(&written), spot);
            }
        }
    }

    /// The values that are known by now, wherever they stand.
    fn by_value(&mut self, name: &str, service: &mut Map) {
        for path in NAMED.iter().chain(COMMANDS) {
            let key = path.last().copied().unwrap_or_default();
            let place = service.place_of(path);
            if let Some(value) = below(service, path) {
                each_text(value, key, place, &mut |key, text, place| {
                    self.again(name, key, text, place);
                });
            }
        }
    }

    fn named(&mut self, service: &str, map: &mut Map) {
        for entry in &mut map.0 {
            let (Value::Text(text) | Value::Plain(text)) = &entry.value else {
                continue;
            };
            self.stands_in(&entry.key, text);
            let all = under(&entry.key, text, BY_NAME);
            if all.iter().any(|secret| secret.sign == Sign::Own) {
                let variable = self.variable(&variable_name(&entry.key), service, text);
                self.tell(entry.place, &shown(&entry.key), &variable);
                entry.value = Value::of(format!("${{{variable}}}"));
            }
        }
    }

    /// Notes the variables that stand in the place of a secret: all of a value under the name of one, or the password of
    /// an address.
    fn stands_in(&mut self, key: &str, text: &str) {
        let all = uses(text).unwrap_or_default();
        let outer = all.iter().filter(|one| one.depth == 0);
        let is_whole = |one: &Use| one.start == 0 && one.end == text.len() && tells(key);
        let is_value = |one: &Use| {
            one.word.is_empty() || has_variable(one.word) || makes_secret(key, one.word)
        };
        let whole = outer.filter(|one| is_whole(one) && one.braced && is_value(one));
        self.standing.extend(whole.map(|one| one.name.to_owned()));
        for password in addresses(text)
            .iter()
            .filter_map(|address| address.user_info?.split_once(':'))
        {
            let within = uses(password.1).unwrap_or_default().into_iter();
            self.standing.extend(within.map(|one| one.name.to_owned()));
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
            if let Some(forced) = self.forced.get_mut(name)
                && forced.value == value
            {
                forced.owners.push(service.to_owned());
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
            owners: vec![service.to_owned()],
        };
        self.forced.insert(name.clone(), forced);
        name
    }

    /// The words of what a service runs.
    fn command(&mut self, service: &str, key: &str, place: Place, command: &mut Value) {
        let spot = |place| Spot {
            service,
            key,
            is_named: false,
            place,
        };
        match command {
            Value::Text(text) => {
                let written = text.clone();
                self.text(text, in_text(&written), spot(place));
            }
            Value::List(items) => {
                let words: Vec<String> = items
                    .iter()
                    .map(|item| item.value.text().unwrap_or_default().to_owned())
                    .collect();
                let mut all = in_words(&mut words.iter().map(String::as_str));
                for (number, item) in items.iter_mut().enumerate() {
                    let own = all
                        .extract_if(.., |(at, _)| *at == number)
                        .map(|(_, secret)| secret)
                        .collect();
                    if let Value::Text(text) = &mut item.value {
                        self.text(text, own, spot(item.place));
                    }
                }
            }
            Value::Nothing | Value::Plain(_) | Value::Map(_) => {}
        }
    }

    /// Puts a variable in the place of each secret of a text.
    fn text(&mut self, text: &mut String, all: Vec<Secret>, spot: Spot) {
        self.stands_in("", text);
        for secret in all.into_iter().rev() {
            let value = text[secret.at.clone()].to_owned();
            if let Sign::Default(name) = secret.sign {
                self.standing.insert(name.to_owned());
            } else if !has_variable(&value) {
                let host = host_behind(text, secret.at.end).to_owned();
                let whole = value.len() == text.len();
                let (wanted, what) = wanted(&secret.sign, whole, spot);
                let place = Wanted {
                    services: [&host, spot.service],
                    name: match secret.sign {
                        Sign::Named(name) => Some(name),
                        Sign::Own => Some(spot.key),
                        Sign::Option(_) | Sign::Address | Sign::Shape(_) | Sign::Default(_) => None,
                    },
                };
                let known = known(&self.forced, &value, place).map(str::to_owned);
                let variable =
                    known.unwrap_or_else(|| self.variable(&wanted, spot.service, &value));
                text.replace_range(secret.at, &format!("${{{variable}}}"));
                self.tell(spot.place, &what, &variable);
            }
        }
    }

    /// Puts the variables of known values in their place where nothing else tells of them.
    fn again(&mut self, service: &str, key: &str, text: &mut String, place: Place) {
        let values: Vec<String> = self
            .forced
            .values()
            .map(|forced| forced.value.clone())
            .collect();
        // Under a name that may be that of a method the value tells: `REDISCLI_AUTH`.
        let is_one = |value: &str, text: &str| is_telling(value) || text == value && tells(key);
        for value in &values {
            let written = value.replace('$', "$$");
            if !is_one(&written, text) {
                continue;
            }
            let wanted = Wanted {
                services: [service, ""],
                name: None,
            };
            while let Some(at) = whole_word(text, &written) {
                let Some(variable) = known(&self.forced, &written, wanted) else {
                    break;
                };
                text.replace_range(at..at + written.len(), &format!("${{{variable}}}"));
                let note = format!(
                    "{} held the value of the secret `{variable}` too; the variable stands there now",
                    shown(key)
                );
                self.notes.add(Subject::Changed, place, note);
            }
        }
    }

    /// The lines of a config that give a secret.
    pub fn of_config(&mut self, config: &str, content: &mut Value, place: Place) {
        if let Value::Text(text) = content {
            let spot = Spot {
                service: config,
                key: config,
                is_named: false,
                place,
            };
            let written = text.clone();
            let all = match makes_secret(config, text) && !has_variable(text) {
                true => under(config, &written, BY_NAME),
                false => in_lines(&written),
            };
            self.text(text, all, spot);
            self.again(config, config, text, place);
        }
    }

    /// The options of a volume's driver, and what goes through as it is.
    pub fn of_options(&mut self, owner: &str, value: &mut Value) {
        each_text(value, owner, Place::NOWHERE, &mut |key, text, place| {
            let spot = Spot {
                service: owner,
                key,
                is_named: false,
                place,
            };
            let written = text.clone();
            self.text(text, under(key, &written, BY_NAME), spot);
            self.again(owner, key, text, place);
        });
    }
}

/// The name of the variable that a part of a text becomes, and how it is told.
fn wanted(sign: &Sign, is_whole: bool, spot: Spot) -> (String, String) {
    let key = shown(spot.key);
    let base = match spot.is_named {
        true => variable_name(spot.key),
        false => upper(spot.service),
    };
    let short = base
        .strip_suffix("_URL")
        .or(base.strip_suffix("_URI"))
        .unwrap_or(&base);
    match sign {
        Sign::Named(name) => (format!("{base}_{}", upper(name)), shown(name)),
        Sign::Option(program) => (
            format!("{base}_PASSWORD"),
            format!("the password for `{program}` in {key}"),
        ),
        Sign::Address => (
            format!("{short}_PASSWORD"),
            format!("the password in {key}"),
        ),
        Sign::Own if spot.is_named || spot.service == spot.key => (base, key),
        Sign::Own => (format!("{base}_{}", upper(spot.key)), key),
        Sign::Shape(HASH) => (
            format!("{base}_HASH"),
            format!("the password's hash in {key}"),
        ),
        Sign::Shape(_) | Sign::Default(_) if is_whole && spot.is_named => (base, key),
        Sign::Shape(_) | Sign::Default(_) => {
            (format!("{short}_TOKEN"), format!("the token in {key}"))
        }
    }
}

/// Every text in a value with its key.
fn each_text(
    value: &mut Value,
    key: &str,
    place: Place,
    change: &mut impl FnMut(&str, &mut String, Place),
) {
    match value {
        Value::Nothing | Value::Plain(_) => {}
        Value::Text(text) => change(key, text, place),
        Value::List(items) => {
            for item in items {
                each_text(&mut item.value, key, item.place, change);
            }
        }
        Value::Map(map) => {
            for entry in &mut map.0 {
                each_text(&mut entry.value, &entry.key, entry.place, change);
            }
        }
    }
}

/// A key as the name of a variable.
fn variable_name(key: &str) -> String {
    match crate::dotenv::is_name(key) && !key.contains(['.', '-']) {
        true => key.to_owned(),
        false => upper(key),
    }
}

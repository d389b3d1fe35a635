//! How each variable is declared, by all of its uses.

use indexmap::IndexMap;
use rustc_hash::FxHashSet;

use super::{Decided, Declared, Forced, Seen, free, upper};
use crate::import::report::{Notes, Subject, What};
use crate::project::Variables;
use crate::secrets::{in_text, is_sure, makes_secret, tells};
use crate::values::interpolation::{Operator, Use, expand, has_variable, uses};
use crate::values::prose::list_quoted;
use crate::values::shown::shown;

/// Decides about one variable after the other.
pub struct Deciding<'a> {
    pub known: &'a Variables,
    /// Variables that stand in the place of a secret, whatever their names.
    pub standing: &'a FxHashSet<String>,
    pub taken: FxHashSet<String>,
    pub notes: &'a mut Notes,
    pub decided: Decided,
}

/// What a form gives where nobody sets the variable.
enum Unset {
    /// A text; empty for a bare use.
    Is(String),
    /// Compose refuses to start.
    Refused(String),
    /// This stands there, whatever happens to the variable later.
    Fixed(String),
}

impl Deciding<'_> {
    fn value(&self, name: &str) -> Option<String> {
        self.known.reveal(name).map(str::to_owned)
    }

    fn evaluated(&self, text: &str) -> String {
        let known = |name: &str| self.value(name);
        let text = expand(text, &known).map(|text| text.into_owned());
        text.unwrap_or_default().replace('$', "$$")
    }

    fn unset(&mut self, name: &str, seen: &Seen) -> Unset {
        let (operator, word) = &seen.form;
        match operator {
            None => Unset::Is(String::new()),
            Some(Operator::ErrorIfUnset | Operator::ErrorIfUnsetOrEmpty) => {
                Unset::Refused(word.clone())
            }
            Some(Operator::DefaultIfUnset | Operator::DefaultIfUnsetOrEmpty) => {
                if has_variable(word) {
                    let text = format!(
                        "the default of {} follows other variables; a catalog's default is a text, and takes what it is now",
                        shown(name)
                    );
                    self.notes.add(Subject::Lost, seen.place, text);
                    let default = self.evaluated(word);
                    if let Some(is_secret) = self.takes_from_env_file(word) {
                        let key = (name.to_owned(), default.clone());
                        self.decided.followed.insert(key, is_secret);
                    }
                    return Unset::Is(default);
                }
                Unset::Is(word.clone())
            }
            Some(operator @ (Operator::AlternateIfSet | Operator::AlternateIfSetAndNotEmpty)) => {
                let text = format!(
                    "`${{{name}{operator}...}}` depends on whether `{name}` is set, which a catalog cannot say; what it gives now stands there"
                );
                self.notes.add(Subject::Lost, seen.place, text);
                let text = self.evaluated(&format!("${{{name}{operator}{word}}}"));
                match self.takes_from_env_file(word).filter(|_| !text.is_empty()) {
                    None => Unset::Fixed(text),
                    Some(is_secret) => Unset::Fixed(self.alternate(name, seen, text, is_secret)),
                }
            }
        }
    }

    /// Whether a text takes a variable that an env file sets, and then, whether one of them is a secret: what an env file
    /// says stays in one.
    fn takes_from_env_file(&self, text: &str) -> Option<bool> {
        let set = |one: &Use| Some((one.name.to_owned(), self.value(one.name)?));
        let all = uses(text).unwrap_or_default();
        let mut taken = all
            .iter()
            .filter_map(set)
            .filter(|(_, value)| !value.is_empty())
            .peekable();
        taken.peek()?;
        Some(taken.any(|(name, value)| tells(&name) || holds_secret(&value)))
    }

    /// A variable of its own for `${NAME:+text}` with a text that an env file says.
    fn alternate(&mut self, name: &str, seen: &Seen, text: String, is_secret: bool) -> String {
        let key = (name.to_owned(), seen.form.clone());
        if let Some(known) = self.decided.written.get(&key) {
            return known.clone();
        }
        let other = free(&format!("{name}_TEXT"), &self.taken);
        self.taken.insert(other.clone());
        let declared = Declared {
            secret: is_secret,
            value: Some(text.replace("$$", "$")),
            owners: vec![seen.owner.clone()],
            ..Declared::default()
        };
        self.decided.declared.insert(other.clone(), declared);
        bare(&other)
    }

    fn write(&mut self, name: &str, seen: &Seen, text: String) {
        let key = (name.to_owned(), seen.form.clone());
        self.decided.written.insert(key, text);
    }

    pub fn forced(&mut self, name: &str, seen: &[Seen], forced: &Forced) {
        let declared = Declared {
            secret: true,
            description: Some(forced.description.clone()),
            value: Some(forced.value.clone()),
            owners: owners(seen.iter()),
            ..Declared::default()
        };
        self.decided.declared.insert(name.to_owned(), declared);
    }

    pub fn name(&mut self, name: &str, all: &[Seen]) {
        let mut defaults: IndexMap<String, Vec<&Seen>> = IndexMap::new();
        let mut required = None;
        for seen in all {
            match self.unset(name, seen) {
                Unset::Is(text) => defaults.entry(text).or_default().push(seen),
                Unset::Refused(message) => {
                    required.get_or_insert(message);
                    defaults.entry(String::new()).or_default().push(seen);
                }
                Unset::Fixed(text) => self.write(name, seen, text),
            }
        }
        if defaults.is_empty() {
            return;
        }
        if let Some(message) = required {
            let description = Some(message).filter(|text| !text.is_empty() && !has_variable(text));
            let seen: Vec<&Seen> = defaults.into_values().flatten().collect();
            let needed = seen.iter().find_map(|one| one.needed());
            match needed.filter(|_| self.value(name).is_none()) {
                Some(value) => self.needed(name, &value, description, &seen),
                None => self.declare(name, name, None, description, &seen),
            }
            return;
        }
        self.with_defaults(name, defaults);
    }

    fn with_defaults(&mut self, name: &str, mut defaults: IndexMap<String, Vec<&Seen>>) {
        // The most used one first; of as many uses the one that was found first.
        defaults.sort_by(|_, a, _, b| b.len().cmp(&a.len()));
        let is_set = self.value(name).is_some_and(|value| !value.is_empty());
        let bare = defaults.get("").map(Vec::len);
        let texts = defaults.len() - usize::from(bare.is_some());
        if texts > 0 && bare.is_some() || texts > 1 && is_set {
            self.agree(name, &mut defaults, is_set);
        }
        let is_only_bare = defaults.len() == 1 && bare.is_some() && texts == 0;
        if let (true, Some(seen)) = (is_only_bare, defaults.get("").cloned()) {
            if is_set && seen.iter().any(|one| one.wants_value()) {
                return self.since_set(name, &seen);
            }
            if !is_set && let Some(value) = seen.iter().find_map(|one| one.needed()) {
                return self.needed(name, &value, None, &seen);
            }
        }
        let first = defaults.keys().next().cloned().unwrap_or_default();
        for (at, (default, seen)) in defaults.into_iter().enumerate() {
            let declared_as = match at {
                0 => name.to_owned(),
                _ => self.other_name(name, [&default, &first], &seen),
            };
            self.declare(name, &declared_as, Some(default), None, &seen);
        }
    }

    /// Uses without a default get the one that others have; where the env file sets the variable, all have one.
    fn agree(&mut self, name: &str, defaults: &mut IndexMap<String, Vec<&Seen>>, is_set: bool) {
        let Some(first) = defaults.keys().find(|text| !text.is_empty()).cloned() else {
            return;
        };
        let mut joined = Vec::new();
        let others = |text: &String| *text != first && (is_set || text.is_empty());
        let names: Vec<String> = defaults
            .keys()
            .filter(|text| others(text))
            .cloned()
            .collect();
        let different: Vec<String> = names
            .iter()
            .filter(|text| !text.is_empty())
            .cloned()
            .collect();
        for text in names {
            joined.extend(defaults.shift_remove(&text).unwrap_or_default());
        }
        let place = joined.first().map(|seen| seen.place).unwrap_or_default();
        let text = agreement(name, &first, &different, is_set);
        self.notes.add(Subject::Changed, place, text);
        if !is_set {
            self.decided.agreed.insert(name.to_owned());
        }
        defaults.entry(first).or_default().extend(joined);
    }

    /// A variable that may be empty in the Compose file, and that an env file sets: what is built asks for it, so that a
    /// value that gets lost is noticed, and nobody judges the place where it stands as an empty one.
    fn since_set(&mut self, name: &str, seen: &[&Seen]) {
        self.declare(name, name, None, None, seen);
        if let Some(declared) = self.decided.declared.get_mut(name) {
            declared.since_set = true;
        }
    }

    /// A variable that may be empty in the Compose file where a catalog takes no nothing: it has to be set, and is.
    fn needed(&mut self, name: &str, value: &str, description: Option<String>, seen: &[&Seen]) {
        let place = seen.first().map(|one| one.place).unwrap_or_default();
        let what = What::Needed {
            name: name.to_owned(),
            value: value.to_owned(),
        };
        self.notes.add(Subject::Guessed, place, what);
        self.declare(name, name, None, description, seen);
        if let Some(declared) = self.decided.declared.get_mut(name) {
            // An empty one is no value where one is needed, and Compose takes it for one.
            declared.made_up = declared.value.is_none();
            declared.value.get_or_insert(value.to_owned());
        }
    }

    /// A variable of its own for uses that have another default than most.
    fn other_name(&mut self, name: &str, defaults: [&str; 2], seen: &[&Seen]) -> String {
        let owner = seen.first().map_or("", |one| one.owner.as_str());
        let wanted = match owner {
            "" => format!("{name}_2"),
            owner => format!("{}_{name}", upper(owner)),
        };
        let other = free(&wanted, &self.taken);
        self.taken.insert(other.clone());
        let place = seen.first().map(|one| one.place).unwrap_or_default();
        let is_open = defaults.iter().all(|text| may_be_shown(name, text));
        let what = What::OtherDefault {
            name: name.to_owned(),
            other: other.clone(),
            defaults: is_open.then(|| defaults.map(str::to_owned)),
        };
        self.notes.add(Subject::Changed, place, what);
        other
    }

    /// Declares a variable; `default` is `None` where it must be set, and empty where it may stay empty.
    fn declare(
        &mut self,
        name: &str,
        declared_as: &str,
        default: Option<String>,
        description: Option<String>,
        seen: &[&Seen],
    ) {
        for one in seen {
            self.write(name, one, bare(declared_as));
        }
        let is_method =
            |default: &str| !default.is_empty() && !is_sure(name) && !makes_secret(name, default);
        let named = tells(name) && !default.as_deref().is_some_and(is_method)
            || self.standing.contains(name);
        let value = self.value(name);
        let texts = [default.as_deref(), value.as_deref()];
        let credential = texts.into_iter().flatten().any(holds_secret);
        let followed = default.clone().and_then(|default| {
            let key = (name.to_owned(), default);
            self.decided.followed.get(&key).copied()
        });
        let is_secret = named || credential || followed == Some(true);
        let own = self.value(name).filter(|_| name == declared_as);
        let mut declared = Declared {
            optional: default.as_deref() == Some(""),
            since_set: false,
            secret: is_secret,
            default: default.filter(|text| !text.is_empty()),
            description,
            value: own,
            made_up: false,
            owners: owners(seen.iter().copied()),
            modes: Vec::new(),
        };
        if is_secret || followed.is_some() {
            // The default of a secret is a value like any other: it goes into the env file.
            let default = declared.default.take();
            if let (Some(default), true) = (
                default,
                declared.value.as_deref().unwrap_or_default().is_empty(),
            ) {
                declared.value = Some(default.replace("$$", "$"));
                let place = seen.first().map(|one| one.place).unwrap_or_default();
                let what = match is_secret {
                    true => What::SecretDefault(name.to_owned()),
                    false => What::Said(format!(
                        "the default of {} is what an env file says; it is in the env file now",
                        shown(name)
                    )),
                };
                self.notes.add(Subject::Changed, place, what);
            }
        }
        if self.decided.agreed.contains(name) && declared.value.is_none() {
            declared.value = declared
                .default
                .as_deref()
                .map(|text| text.replace("$$", "$"));
        }
        self.keeps_empty(name, seen, &mut declared);
        self.decided
            .declared
            .insert(declared_as.to_owned(), declared);
    }

    /// `${NAME-x}` keeps an empty value, and a catalog's default does not.
    fn keeps_empty(&mut self, name: &str, seen: &[&Seen], declared: &mut Declared) {
        let minds =
            |one: &&&Seen| one.form.0 == Some(Operator::DefaultIfUnset) && !one.form.1.is_empty();
        let Some(one) = seen.iter().find(minds) else {
            return;
        };
        if self.value(name).is_some_and(|value| value.is_empty()) {
            declared.default = None;
            declared.optional = true;
        }
        let text = format!(
            "{} may be set to nothing in the Compose file; in a catalog the default stands in for an empty value too",
            shown(name)
        );
        self.notes.add(Subject::Changed, one.place, text);
    }
}

/// A use of a variable that leaves all to its declaration.
pub fn bare(name: &str) -> String {
    format!("${{{name}}}")
}

/// Whether a default is nobody's secret.
fn may_be_shown(name: &str, default: &str) -> bool {
    !tells(name) && !holds_secret(default)
}

/// That uses of a variable with other defaults, or with none, get one default.
fn agreement(name: &str, first: &str, others: &[String], is_set: bool) -> String {
    let mut all = others.iter().map(String::as_str).chain([first]);
    let is_open = all.all(|text| may_be_shown(name, text));
    let (set, name) = (
        if is_set {
            ", and the env file sets it"
        } else {
            ""
        },
        shown(name),
    );
    match (is_open, others.is_empty()) {
        (false, _) => {
            format!("{name} has not the same default everywhere; in a catalog it has one{set}")
        }
        (true, true) => format!(
            "{name} has the default {} in some places and none in others; in a catalog it has that one everywhere{set}",
            shown(first)
        ),
        (true, false) => format!(
            "{name} has the default {} in some places, in others {}; in a catalog it has the first everywhere{set}",
            shown(first),
            list_quoted(others)
        ),
    }
}

fn owners<'a>(seen: impl Iterator<Item = &'a Seen>) -> Vec<String> {
    let mut owners: Vec<String> = Vec::new();
    for one in seen {
        if !owners.contains(&one.owner) {
            owners.push(one.owner.clone());
        }
    }
    owners
}

fn holds_secret(text: &str) -> bool {
    !in_text(text).is_empty()
}

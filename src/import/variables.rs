//! From `${NAME:-default}` wherever it stands to a declared variable, used bare.

use indexmap::IndexMap;
use rustc_hash::{FxHashMap, FxHashSet};

use super::report::{Notes, Subject, What};
use super::value::Value;
use crate::place::Place;
use crate::project::Variables;
use crate::rules::secret_names::tells;
use crate::values::interpolation::{Operator, Use, expand, has_variable, uses};
use crate::values::shown::shown;
use crate::values::url::addresses;

/// A variable as the catalog declares it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Declared {
    /// The value where nobody sets it, in Compose's language.
    pub default: Option<String>,
    /// Whether it may stay empty.
    pub optional: bool,
    /// Whether it is a secret.
    pub secret: bool,
    /// What it is for.
    pub description: Option<String>,
    /// What the env file says. It belongs into no message.
    pub value: Option<String>,
    /// Who uses it: services, and nothing for what belongs to none.
    pub owners: Vec<String>,
    /// The modes that use it, where others do not.
    pub modes: Vec<String>,
}

/// Variables by name.
pub type Declarations = IndexMap<String, Declared>;

/// The value of a secret that stood in the files, with the variable that takes its place.
#[derive(Clone, Debug)]
pub struct Forced {
    /// The value. It belongs into no message.
    pub value: String,
    /// What the variable is for.
    pub description: String,
}

/// How a variable is used.
type Form = (Option<Operator>, String);

/// A use of a variable.
struct Seen {
    form: Form,
    owner: String,
    place: Place,
    position: Position,
}

/// Where a use stands, where that says more than its text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Position {
    /// In a build argument, which stays readable in the image.
    Argument,
    /// Where nothing is no value: in a port or the source of a mount. The text is one that would do.
    Needed(String),
    /// Elsewhere.
    Any,
}

impl Seen {
    /// A value that would do where nothing does not.
    fn needed(&self) -> Option<String> {
        match &self.position {
            Position::Needed(value) => Some(value.clone()),
            Position::Argument | Position::Any => None,
        }
    }
}

/// Every variable with its uses, in the order in which they were found.
#[derive(Default)]
pub struct Uses {
    names: IndexMap<String, Vec<Seen>>,
}

impl Uses {
    /// Collects the uses in a value. `owner` is the service, or empty; `position` tells of a use where it stands.
    pub fn collect(
        &mut self,
        value: &mut Value,
        place: Place,
        owner: &str,
        position: &dyn Fn(&str, &Use) -> Position,
    ) {
        value.each_text(place, &mut |text, place| {
            for one in uses(text)
                .unwrap_or_default()
                .iter()
                .filter(|one| one.depth == 0)
            {
                let seen = Seen {
                    form: (one.operator, one.word.to_owned()),
                    owner: owner.to_owned(),
                    place,
                    position: position(text, one),
                };
                self.names
                    .entry(one.name.to_owned())
                    .or_default()
                    .push(seen);
            }
        });
    }

    /// The names.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.names.keys().map(String::as_str)
    }
}

/// What the uses come to.
#[derive(Default)]
pub struct Decided {
    /// The variables.
    pub declared: Declarations,
    /// What stands in place of each form.
    written: FxHashMap<(String, Form), String>,
    /// Variables that have not the same default everywhere in the files; the env file sets them to the one they get.
    agreed: FxHashSet<String>,
    /// Variables and defaults that came from other variables of an env file, and whether one of those is a secret.
    followed: FxHashMap<(String, String), bool>,
}

impl Decided {
    /// Decides how each variable is declared, and what stands in place of each use.
    pub fn of(
        uses: &Uses,
        known: &Variables,
        forced: &IndexMap<String, Forced>,
        notes: &mut Notes,
    ) -> Self {
        let mut deciding = Deciding {
            known,
            taken: uses
                .names
                .keys()
                .cloned()
                .chain(forced.keys().cloned())
                .collect(),
            notes,
            decided: Decided::default(),
        };
        for (name, seen) in &uses.names {
            match forced.get(name) {
                Some(forced) => deciding.forced(name, seen, forced),
                None => deciding.name(name, seen),
            }
        }
        deciding.decided
    }

    /// The text with every use bare, and with braces that mean nothing to a catalog.
    pub fn rewrite(&self, text: &str) -> String {
        let list = uses(text).unwrap_or_default();
        let mut result = String::with_capacity(text.len());
        let mut end = 0;
        for one in list.iter().filter(|one| one.depth == 0) {
            result.push_str(&escaped(&text[end..one.start]));
            result.push_str(&self.of_use(one));
            end = one.end;
        }
        result.push_str(&escaped(&text[end..]));
        result
    }

    fn of_use(&self, one: &Use) -> String {
        let form = (one.operator, one.word.to_owned());
        let written = self.written.get(&(one.name.to_owned(), form));
        written.cloned().unwrap_or_else(|| bare(one.name))
    }
}

/// A text of Compose's in a catalog: `{{` and `{%` would be expressions there, also within a quoted text of one.
fn escaped(text: &str) -> String {
    let mut result = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("{{").into_iter().chain(rest.find("{%")).min() {
        let (before, after) = rest.split_at(at);
        result.push_str(before);
        let mark = &after[..2];
        // Docker's own templates stay as they are.
        match after.find("}}").filter(|_| after.starts_with("{{.")) {
            Some(end) => {
                result.push_str(&after[..end + 2]);
                rest = &after[end + 2..];
            }
            None => {
                result.push_str(match mark {
                    "{{" => "{{ '{{' }}",
                    _ => "{{ '{' }}%",
                });
                rest = &after[2..];
            }
        }
    }
    result + rest
}

fn bare(name: &str) -> String {
    format!("${{{name}}}")
}

struct Deciding<'a> {
    known: &'a Variables,
    taken: FxHashSet<String>,
    notes: &'a mut Notes,
    decided: Decided,
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
        Some(taken.any(|(name, value)| tells(&name) || has_credential(&value)))
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
            secret: is_secret && seen.position != Position::Argument,
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

    fn forced(&mut self, name: &str, seen: &[Seen], forced: &Forced) {
        let declared = Declared {
            secret: !seen.iter().any(|one| one.position == Position::Argument),
            description: Some(forced.description.clone()),
            value: Some(forced.value.clone()),
            owners: owners(seen.iter()),
            ..Declared::default()
        };
        self.decided.declared.insert(name.to_owned(), declared);
    }

    fn name(&mut self, name: &str, all: &[Seen]) {
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
            self.declare(name, name, None, description, &seen);
            if let Some(declared) = self.decided.declared.get_mut(name)
                && declared.value.is_none()
            {
                declared.value = seen.iter().find_map(|one| one.needed());
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
        if let (true, false, Some(seen)) = (is_only_bare, is_set, defaults.get("").cloned())
            && let Some(value) = seen.iter().find_map(|one| one.needed())
        {
            return self.needed(name, &value, &seen);
        }
        for (at, (default, seen)) in defaults.into_iter().enumerate() {
            let declared_as = match at {
                0 => name.to_owned(),
                _ => self.other_name(name, &seen),
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
        for text in names {
            joined.extend(defaults.shift_remove(&text).unwrap_or_default());
        }
        let place = joined.first().map(|seen| seen.place).unwrap_or_default();
        let text = format!(
            "{} has not the same default everywhere; in a catalog it has one",
            shown(name)
        );
        self.notes.add(Subject::Changed, place, text);
        if !is_set {
            self.decided.agreed.insert(name.to_owned());
        }
        defaults.entry(first).or_default().extend(joined);
    }

    /// A variable that may be empty in the Compose file where a catalog takes no nothing: it has to be set, and is.
    fn needed(&mut self, name: &str, value: &str, seen: &[&Seen]) {
        let place = seen.first().map(|one| one.place).unwrap_or_default();
        let what = What::Needed {
            name: name.to_owned(),
            value: value.to_owned(),
        };
        self.notes.add(Subject::Guessed, place, what);
        self.declare(name, name, None, None, seen);
        if let Some(declared) = self.decided.declared.get_mut(name) {
            declared.value.get_or_insert(value.to_owned());
        }
    }

    /// A variable of its own for uses that have another default than most.
    fn other_name(&mut self, name: &str, seen: &[&Seen]) -> String {
        let owner = seen.first().map_or("", |one| one.owner.as_str());
        let wanted = match owner {
            "" => format!("{name}_2"),
            owner => format!("{}_{name}", upper(owner)),
        };
        let other = free(&wanted, &self.taken);
        self.taken.insert(other.clone());
        let place = seen.first().map(|one| one.place).unwrap_or_default();
        let text = format!(
            "{} has another default here than elsewhere; it became the variable `{other}`",
            shown(name)
        );
        self.notes.add(Subject::Changed, place, text);
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
        let in_build = seen.iter().any(|one| one.position == Position::Argument);
        let named = tells(name);
        let credential = default.as_deref().is_some_and(has_credential);
        let followed = default.clone().and_then(|default| {
            let key = (name.to_owned(), default);
            self.decided.followed.get(&key).copied()
        });
        let is_secret = named || credential || followed == Some(true);
        let own = self.value(name).filter(|_| name == declared_as);
        let mut declared = Declared {
            optional: default.as_deref() == Some(""),
            secret: is_secret && !in_build,
            default: default.filter(|text| !text.is_empty()),
            description,
            value: own,
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

fn owners<'a>(seen: impl Iterator<Item = &'a Seen>) -> Vec<String> {
    let mut owners: Vec<String> = Vec::new();
    for one in seen {
        if !owners.contains(&one.owner) {
            owners.push(one.owner.clone());
        }
    }
    owners
}

/// A name as a part of a variable's name.
pub fn upper(name: &str) -> String {
    let letter = |c: char| match c.is_ascii_alphanumeric() {
        true => c.to_ascii_uppercase(),
        false => '_',
    };
    let upper: String = name.chars().map(letter).collect();
    match upper.starts_with(|c: char| c.is_ascii_digit()) {
        true => format!("_{upper}"),
        false => upper,
    }
}

/// A name that is not taken: the one that is wanted, or with a number behind it.
pub fn free(wanted: &str, taken: &FxHashSet<String>) -> String {
    let mut numbers = (2..).map(|number: u32| format!("{wanted}_{number}"));
    match taken.contains(wanted) {
        false => wanted.to_owned(),
        true => numbers
            .find(|name| !taken.contains(name))
            .unwrap_or_default(),
    }
}

fn has_credential(text: &str) -> bool {
    addresses(text)
        .iter()
        .any(|address| address.literal_password().is_some())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn braces_of_others_are_no_expressions() {
        for (text, expected) in [
            ("a", "a"),
            ("{{.Name}}-{{ x }}", "{{.Name}}-{{ '{{' }} x }}"),
            ("{% if %}", "{{ '{' }}% if %}"),
            ("{{.a", "{{ '{{' }}.a"),
        ] {
            assert_eq!(escaped(text), expected);
        }
    }
}

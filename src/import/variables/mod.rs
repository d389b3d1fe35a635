//! From `${NAME:-default}` wherever it stands to a declared variable, used bare.
//!
//! | file | what stands there |
//! |---|---|
//! | `deciding.rs` | how each variable is declared |
//! | `braces.rs` | braces of others, which are no expressions of a catalog |

mod braces;
mod deciding;

use indexmap::IndexMap;
use rustc_hash::{FxHashMap, FxHashSet};

use super::report::Notes;
use super::value::Value;
use crate::place::Place;
use crate::project::Variables;
use crate::values::interpolation::{Operator, Use, uses};
use braces::escaped;
use deciding::{Deciding, bare};

/// A variable as the catalog declares it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Declared {
    /// The value where nobody sets it, in Compose's language.
    pub default: Option<String>,
    /// Whether it may stay empty.
    pub optional: bool,
    /// Whether it has to be set for no other reason than that an env file sets it: the files take nothing as well.
    pub since_set: bool,
    /// Whether it is a secret.
    pub secret: bool,
    /// What it is for.
    pub description: Option<String>,
    /// What the env file says. It belongs into no message.
    pub value: Option<String>,
    /// Whether that was made up, since the files do not say it.
    pub made_up: bool,
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
    /// The services in which it was found.
    pub owners: Vec<String>,
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
    /// Where nothing is no value: in a port or the source of a mount. The text is one that would do.
    Needed(String),
    /// Elsewhere.
    Any,
}

impl Seen {
    /// Whether the file reckons with a value: a bare use does, and so does a place where nothing is no value. `${NAME:-}`
    /// elsewhere says that nothing will do.
    fn wants_value(&self) -> bool {
        self.form.0.is_none() || self.needed().is_some()
    }

    /// A value that would do where nothing does not.
    fn needed(&self) -> Option<String> {
        match &self.position {
            Position::Needed(value) => Some(value.clone()),
            Position::Any => None,
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

    /// Adds a variable that Compose reads itself, and does not start without: `environment: NAME` of a secret.
    pub fn read(&mut self, name: &str, place: Place) {
        let seen = Seen {
            form: (Some(Operator::ErrorIfUnset), String::new()),
            owner: String::new(),
            place,
            position: Position::Any,
        };
        self.names.entry(name.to_owned()).or_default().push(seen);
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
        (forced, standing): (&IndexMap<String, Forced>, &FxHashSet<String>),
        notes: &mut Notes,
    ) -> Self {
        let mut deciding = Deciding {
            known,
            standing,
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
    numbered(wanted, '_', taken)
}

/// The same for a name with dashes, as fragments and volumes have it.
pub fn free_with_dashes(wanted: &str, taken: &FxHashSet<String>) -> String {
    numbered(&wanted.replace('_', "-"), '-', taken)
}

fn numbered(wanted: &str, sign: char, taken: &FxHashSet<String>) -> String {
    let mut numbers = (2..).map(|number: u32| format!("{wanted}{sign}{number}"));
    match taken.contains(wanted) {
        false => wanted.to_owned(),
        true => numbers
            .find(|name| !taken.contains(name))
            .unwrap_or_default(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_is_taken_gets_the_next_number_in_its_own_writing() {
        let mut taken = FxHashSet::default();
        let mut names = Vec::new();
        for _ in 0..3 {
            let name = free_with_dashes("app_env", &taken);
            taken.insert(name.clone());
            names.push(name);
        }
        assert_eq!(names, ["app-env", "app-env-2", "app-env-3"]);
        taken.insert("A".to_owned());
        assert_eq!(free("A", &taken), "A_2");
    }
}

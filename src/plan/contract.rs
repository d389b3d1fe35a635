//! The env contract of a mode: what its env file is called, and which variables it holds.

use super::Plan;
use super::usage::Marks;
use crate::catalog::Catalog;
use crate::catalog::entries::{Mode, Variable};
use crate::compose::scalar::Text;
use crate::place::Place;
use crate::values::mode_class::ModeClass;

/// The variable with which Compose is told the profiles to start.
pub const PROFILES: &str = "COMPOSE_PROFILES";

/// What a mode's env file may hold.
#[derive(Debug, Default)]
pub struct Contract<'s> {
    /// What stands behind the dot of `.env.NAME`.
    pub name: &'s str,
    /// The variable that tells a service its mode's class; `None` where the catalog wants none.
    pub mode_variable: Option<&'s str>,
    /// The variables that the mode uses, by name: the order of the catalog's files says nothing.
    pub variables: Vec<ContractVariable<'s>>,
    /// The profiles that a start of the mode turns on; `None` for those of all its services.
    pub profiles: Option<&'s [Text<'s>]>,
}

/// A variable of a mode.
#[derive(Clone, Copy, Debug)]
pub struct ContractVariable<'s> {
    /// Its name.
    pub name: &'s str,
    /// Where it was declared.
    pub place: Place,
    /// How it was declared.
    pub declared: Variable<'s>,
}

impl<'s> ContractVariable<'s> {
    /// The value where nobody sets it.
    pub fn default(&self) -> Option<&'s str> {
        self.declared.default.map(|default| default.0.text)
    }

    /// Whether the mode does not start without it.
    pub fn is_required(&self) -> bool {
        self.declared.default.is_none() && !self.declared.is_optional()
    }

    /// Writes what it is for behind a text, in one line.
    pub fn push_description(&self, out: &mut String) {
        let text = self.declared.description.map_or("", |text| text.text);
        if is_one_line(text) {
            return out.push_str(text);
        }
        for (at, word) in text.split_whitespace().enumerate() {
            out.push_str(if at > 0 { " " } else { "" });
            out.push_str(word);
        }
    }
}

/// Whether a text is known to be one line of words with one blank between two of them, as most are.
fn is_one_line(text: &str) -> bool {
    let mut is_blank = true;
    for byte in text.bytes() {
        if !byte.is_ascii_graphic() && (byte != b' ' || is_blank) {
            return false;
        }
        is_blank = byte == b' ';
    }
    !is_blank || text.is_empty()
}

impl<'s> Contract<'s> {
    pub(super) fn new(
        catalog: &Catalog<'s>,
        mode_name: &'s str,
        mode: &Mode<'s>,
        used: &Marks,
    ) -> Self {
        let mut variables = Vec::with_capacity(used.count());
        let declared = used.of(catalog.variables.iter());
        variables.extend(declared.map(|(name, variable)| ContractVariable {
            name,
            place: variable.place,
            declared: variable.value,
        }));
        variables.sort_unstable_by_key(|variable: &ContractVariable| variable.name);
        Contract {
            name: env_name(mode_name, mode, Catalog::class_of(mode)),
            mode_variable: catalog.mode_variable,
            variables,
            profiles: mode.profiles.map(|profiles| profiles.items),
        }
    }
}

/// The alias that is the class's own word, where the mode has it; else the mode's name: `.env.production` for a mode
/// `prod` with the alias `production`.
fn env_name<'s>(mode_name: &'s str, mode: &Mode<'s>, class: ModeClass) -> &'s str {
    let aliases = mode.aliases.map_or(&[][..], |aliases| aliases.items);
    let word = aliases.iter().find(|alias| alias.text == class.as_str());
    word.map_or(mode_name, |alias| alias.text)
}

impl Plan<'_> {
    /// The name of the env file that is made for the mode: `env.test`.
    pub fn env_name(&self) -> String {
        format!("env.{}", self.contract.name)
    }

    /// The name of the env file that a person fills: `.env.test`.
    pub fn own_env_name(&self) -> String {
        format!(".env.{}", self.contract.name)
    }

    /// The profiles with which the mode starts, each once, in the order of the alphabet: those that it names, else those of
    /// all its services. Jobs that are started by hand stay out.
    pub fn profiles(&self) -> Vec<&str> {
        let services = self.services.iter();
        let started = services.filter(|service| service.job != crate::catalog::words::Job::Manual);
        let of_services = started.flat_map(|service| service.profiles());
        let is_on = |profile: &&Text| match self.contract.profiles {
            Some(named) => named.iter().any(|one| one.text == profile.text),
            None => true,
        };
        let on = of_services.filter(is_on);
        let mut profiles: Vec<&str> = on.map(|profile| profile.text).collect();
        profiles.sort_unstable();
        profiles.dedup();
        profiles
    }
}

//! What is chosen on a host: of each option one choice, from the command line, from the host, or the option's default.

use super::entries::{Choosable, Host};
use super::{Catalog, Declared};

/// Options with what is chosen, in the order of the catalog.
pub type Choices<'s> = Vec<(&'s str, &'s str)>;

/// More combinations of choices than this are not looked at one by one.
const MOST_COMBINATIONS: usize = 64;

/// What can be chosen on one host.
#[derive(Debug, Default)]
pub struct HostChoices<'s> {
    /// What is chosen.
    pub in_force: Choices<'s>,
    /// Every combination that the host allows, the one in force first; of a great many, those that differ from it
    /// in one option.
    pub all: Vec<Choices<'s>>,
}

/// Why an option cannot be set so.
#[derive(Debug, PartialEq, Eq)]
pub enum NotSet<'s> {
    /// There is no such option.
    NoOption,
    /// The option has no such choice; these are there.
    NoChoice(Vec<&'s str>),
}

impl<'s> Catalog<'s> {
    /// What is chosen on a host, as far as it is known.
    pub fn choices(&self, host: &str) -> &[(&'s str, &'s str)] {
        let choices = self.host_choices.get(host);
        choices.map_or(&[], |choices| choices.in_force.as_slice())
    }

    /// Every combination of choices that a host allows.
    pub fn combinations(&self, host: &str) -> &[Choices<'s>] {
        let choices = self.host_choices.get(host);
        choices.map_or(&[], |choices| choices.all.as_slice())
    }

    /// Chooses on every host that allows it, above what the host or the option says.
    ///
    /// # Errors
    /// Nothing of these names is declared.
    pub fn set(&mut self, option: &str, choice: &str) -> Result<(), NotSet<'s>> {
        let Some((option, declared)) = self.options.get_key_value(option) else {
            return Err(NotSet::NoOption);
        };
        let choices = declared.value.choices.copied().unwrap_or_default();
        let Some((choice, _, words)) = choices.iter().find(|(name, ..)| *name == choice) else {
            return Err(NotSet::NoChoice(
                choices.iter().map(|(name, ..)| name).collect(),
            ));
        };
        let option = *option;
        for (host, choices) in &mut self.host_choices {
            if words.is_for(host) {
                replace(&mut choices.in_force, option, choice);
            }
        }
        self.combine();
        Ok(())
    }

    /// The choice of an option with its words.
    pub fn choice(&self, option: &str, choice: &str) -> Option<&'s super::entries::Choice<'s>> {
        self.options.get(option)?.value.choices?.get(choice)
    }

    /// Whether any option has a choice of this name.
    pub fn has_choice(&self, name: &str) -> bool {
        let all = self
            .options
            .values()
            .filter_map(|option| option.value.choices);
        all.flat_map(|choices| choices.iter())
            .any(|(key, ..)| key == name)
    }

    /// Settles what is chosen on every host; what cannot be chosen is a finding elsewhere.
    pub(super) fn settle_choices(&mut self) {
        for (host, declared) in &self.hosts {
            let in_force = in_force(self, &declared.value);
            let choices = HostChoices {
                in_force,
                all: Vec::new(),
            };
            self.host_choices.insert(host, choices);
        }
        self.combine();
    }

    fn combine(&mut self) {
        let mut all = std::mem::take(&mut self.host_choices);
        for (host, choices) in &mut all {
            choices.all = combinations(self, host, &choices.in_force);
        }
        self.host_choices = all;
    }
}

fn replace<'s>(choices: &mut Choices<'s>, option: &'s str, choice: &'s str) {
    match choices.iter_mut().find(|(name, _)| *name == option) {
        Some(entry) => entry.1 = choice,
        None => choices.push((option, choice)),
    }
}

fn in_force<'s>(catalog: &Catalog<'s>, host: &Host<'s>) -> Choices<'s> {
    let chosen = |(name, option): (&&'s str, &Declared<Choosable<'s>>)| {
        let own = host.options.and_then(|options| options.get(name));
        let text = own
            .map(|chosen| chosen.0)
            .or(option.value.default.copied())?;
        let choices = option.value.choices?;
        let (choice, ..) = choices.iter().find(|(key, ..)| *key == text.text)?;
        Some((*name, choice))
    };
    catalog.options.iter().filter_map(chosen).collect()
}

fn combinations<'s>(catalog: &Catalog<'s>, host: &str, first: &Choices<'s>) -> Vec<Choices<'s>> {
    let mut all = vec![first.clone()];
    for (option, declared) in &catalog.options {
        let choices = declared.value.choices.copied().unwrap_or_default();
        let allowed: Vec<&'s str> = choices
            .iter()
            .filter(|(_, _, choice)| choice.is_for(host))
            .map(|(name, ..)| name)
            .collect();
        let from: Vec<Choices<'s>> = match all.len() * allowed.len() > MOST_COMBINATIONS {
            true => vec![first.clone()],
            false => all.clone(),
        };
        for choices in from {
            for choice in &allowed {
                let mut other = choices.clone();
                replace(&mut other, option, choice);
                if !all.contains(&other) {
                    all.push(other);
                }
            }
        }
    }
    all
}

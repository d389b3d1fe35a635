//! Which variables have which values: those of env files. What the caller's environment holds is not asked, so that
//! the same files always give the same findings.

use std::fmt;
use std::rc::Rc;

use rustc_hash::FxHashMap;

use crate::dotenv::{EnvFile, Problem, resolve};

/// Values by name, in layers: what is included knows what its includer knows, and more. They may be secrets: `Debug`
/// shows the names alone.
#[derive(Clone, Default)]
pub struct Variables(Option<Rc<Layer>>);

/// Some values over others.
struct Layer {
    /// The values that are known already.
    before: Variables,
    /// The others.
    own: FxHashMap<String, Rc<str>>,
}

impl fmt::Debug for Variables {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = self.layers().flat_map(|layer| layer.own.keys());
        let mut names: Vec<&String> = names.collect();
        names.sort_unstable();
        formatter.debug_set().entries(names).finish()
    }
}

impl Variables {
    /// The value of a name. It belongs into no message.
    pub fn reveal(&self, name: &str) -> Option<&str> {
        self.value(name).map(|value| &**value)
    }

    /// The same, to be kept.
    pub(super) fn value(&self, name: &str) -> Option<&Rc<str>> {
        // No name is in two layers.
        self.layers().find_map(|layer| layer.own.get(name))
    }

    fn layers(&self) -> impl Iterator<Item = &Layer> {
        std::iter::successors(self.0.as_deref(), |layer| layer.before.0.as_deref())
    }

    /// The same with what some env files hold, a later file before an earlier one. What has a value already keeps it.
    #[must_use]
    pub fn with(&self, files: &[EnvFile<'_>]) -> Self {
        self.with_problems(files).0
    }

    /// The same, and what is wrong with the variables in each of the files.
    #[must_use]
    pub fn with_problems(&self, files: &[EnvFile<'_>]) -> (Self, Vec<Vec<Problem>>) {
        if files.is_empty() {
            return (self.clone(), Vec::new());
        }
        let files: Vec<&EnvFile> = files.iter().collect();
        let resolved = resolve(&files, &|name| self.reveal(name).map(str::to_owned));
        let values = resolved
            .names()
            .filter_map(|name| Some((name.to_owned(), resolved.reveal(name)?.into())))
            .collect();
        (self.under(values), resolved.problems)
    }

    /// The same with other values behind it: what has a value already keeps it.
    pub(super) fn under(&self, mut values: FxHashMap<String, Rc<str>>) -> Self {
        values.retain(|name, _| self.value(name).is_none());
        Variables(Some(Rc::new(Layer {
            before: self.clone(),
            own: values,
        })))
    }

    /// The values that came last.
    pub(super) fn own(&self) -> impl Iterator<Item = (&String, &Rc<str>)> {
        self.0.iter().flat_map(|layer| &layer.own)
    }

    /// What tells these apart from others that are there at the same time.
    pub(super) fn address(&self) -> usize {
        self.0.as_ref().map_or(0, |layer| Rc::as_ptr(layer).addr())
    }
}

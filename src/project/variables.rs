//! Which variables have which values: those of env files. What the caller's environment holds is not asked, so that
//! the same files always give the same findings.

use std::fmt;
use std::rc::Rc;

use rustc_hash::FxHashMap;

use crate::dotenv::{EnvFile, Problem, resolve};

/// Values by name. They may be secrets: `Debug` shows the names alone.
#[derive(Clone, Default)]
pub struct Variables(Rc<FxHashMap<String, Rc<str>>>);

impl fmt::Debug for Variables {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut names: Vec<&String> = self.0.keys().collect();
        names.sort_unstable();
        formatter.debug_set().entries(names).finish()
    }
}

impl Variables {
    /// The value of a name. It belongs into no message.
    pub fn reveal(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(|value| &**value)
    }

    /// The same, to be kept.
    pub(super) fn value(&self, name: &str) -> Option<&Rc<str>> {
        self.0.get(name)
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
        let mut values: FxHashMap<String, Rc<str>> = resolved
            .names()
            .filter_map(|name| Some((name.to_owned(), resolved.reveal(name)?.into())))
            .collect();
        values.extend(
            self.0
                .iter()
                .map(|(name, value)| (name.clone(), value.clone())),
        );
        (Variables(Rc::new(values)), resolved.problems)
    }
}

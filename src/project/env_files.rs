//! The env files of what is included: each is taken apart once for those who are included from one place, however many
//! name it.

use std::cell::RefCell;
use std::rc::Rc;

use rustc_hash::FxHashMap;

use super::Variables;

/// Paths, and what the variables are before they are read.
type Key = (Vec<String>, usize);

/// What env files gave.
#[derive(Default)]
pub(super) struct EnvFiles {
    /// With each the variables before them, so that no others come to stand where these were.
    kept: RefCell<FxHashMap<Key, (Variables, Variables)>>,
    /// In the order in which they were read.
    order: RefCell<Vec<Variables>>,
}

impl EnvFiles {
    /// What some files give, where that is known already.
    pub fn known(&self, paths: &[&str], before: &Variables) -> Option<Variables> {
        let kept = self.kept.borrow();
        kept.get(&key(paths, before))
            .map(|(_, after)| after.clone())
    }

    /// Keeps what they give.
    pub fn keep(&self, paths: &[&str], before: &Variables, after: &Variables) {
        self.order.borrow_mut().push(after.clone());
        let both = (before.clone(), after.clone());
        self.kept.borrow_mut().insert(key(paths, before), both);
    }

    /// Some variables, and those of all files behind them, the file that was read first before the others.
    pub fn all(&self, before: &Variables) -> Variables {
        let mut values: FxHashMap<String, Rc<str>> = FxHashMap::default();
        for variables in self.order.borrow().iter() {
            for (name, value) in variables.own() {
                values.entry(name.clone()).or_insert_with(|| value.clone());
            }
        }
        before.under(values)
    }
}

fn key(paths: &[&str], before: &Variables) -> Key {
    let paths = paths.iter().map(|path| (*path).to_owned()).collect();
    (paths, before.address())
}

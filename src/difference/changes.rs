//! Two lists of named values become changes, without the values of secrets.

use rustc_hash::FxHashMap;

use super::facts::{Fact, Facts};
use super::mask::Told;
use super::names::Names;
use super::{Change, Kind, Named};

/// What comparing needs.
pub(super) struct Comparing<'a> {
    pub names: &'a Names<'a>,
    /// What may be told of the earlier side.
    pub before: &'a Told<'a>,
    /// What may be told of the later side.
    pub after: &'a Told<'a>,
}

/// The things of the later side by their names: a file may hold many.
struct Later<'f> {
    exact: FxHashMap<&'f str, usize>,
    /// By the names that both sides have in common, where names differ on purpose.
    shared: FxHashMap<String, usize>,
}

impl<'f> Later<'f> {
    fn of(new: &'f [(String, Facts)], names: &Names) -> Self {
        let numbered = || new.iter().map(|(name, _)| name).zip(0..);
        Later {
            exact: numbered().map(|(name, at)| (name.as_str(), at)).collect(),
            shared: match names.differ() {
                true => numbered()
                    .map(|(name, at)| (names.of_after(name), at))
                    .collect(),
                false => FxHashMap::default(),
            },
        }
    }

    fn find(&self, name: &str, names: &Names) -> Option<usize> {
        let exact = self.exact.get(name);
        let shared = || self.shared.get(&names.of_before(name));
        exact
            .or_else(|| if names.differ() { shared() } else { None })
            .copied()
    }
}

/// What is said of a service that is added or removed: enough to know it.
const TELLING: &[&str] = &["image", "memory", "cpus"];

impl Comparing<'_> {
    /// Named things: those of the earlier side that are gone or another, then those that are new; by name.
    pub fn named(&self, old: &[(String, Facts)], new: &[(String, Facts)]) -> Vec<Named> {
        let later = Later::of(new, self.names);
        let mut met = vec![false; new.len()];
        let mut all = Vec::new();
        for (name, facts) in old {
            match later.find(name, self.names) {
                None => all.push(self.alone(name, Kind::Removed, facts)),
                Some(at) => {
                    met[at] = true;
                    all.extend(self.other(name, facts, &new[at].1));
                }
            }
        }
        let added = new.iter().zip(met).filter(|(_, met)| !met);
        all.extend(added.map(|((name, facts), _)| self.alone(name, Kind::Added, facts)));
        all.sort_by(|a, b| a.name.cmp(&b.name));
        all
    }

    fn other(&self, name: &str, old: &Facts, new: &Facts) -> Option<Named> {
        let changes = self.changes(old, new);
        (!changes.is_empty()).then(|| Named {
            name: name.to_owned(),
            kind: Kind::Changed,
            changes,
        })
    }

    fn alone(&self, name: &str, kind: Kind, facts: &Facts) -> Named {
        let telling =
            |fact: &&Fact| TELLING.contains(&fact.what.as_str()) || fact.what.starts_with("port ");
        let changes = facts.list.iter().filter(telling);
        Named {
            name: name.to_owned(),
            kind,
            changes: changes.map(|fact| self.one(fact, kind)).collect(),
        }
    }

    fn one(&self, fact: &Fact, kind: Kind) -> Change {
        let told = match kind {
            Kind::Removed => self.before,
            Kind::Added | Kind::Changed => self.after,
        };
        let shown = shown(fact, told);
        let (before, after) = match kind {
            Kind::Removed => (shown, None),
            Kind::Added | Kind::Changed => (None, shown),
        };
        Change {
            what: told.text(&fact.what),
            kind,
            before,
            after,
        }
    }

    /// What changes of one thing: what is gone or another, then what is new.
    pub fn changes(&self, old: &Facts, new: &Facts) -> Vec<Change> {
        let mut changes = Vec::new();
        for fact in &old.list {
            match self.same_fact(fact, new) {
                None => changes.push(self.one(fact, Kind::Removed)),
                Some(later) if !self.names.same(&fact.value, &later.value) => {
                    changes.push(self.changed(fact, later));
                }
                Some(_) => {}
            }
        }
        let known = |fact: &Fact| {
            let mut all = old.list.iter();
            all.any(|earlier| self.names.same(&earlier.what, &fact.what))
        };
        let added = new.list.iter().filter(|fact| !known(fact));
        changes.extend(added.map(|fact| self.one(fact, Kind::Added)));
        changes
    }

    fn changed(&self, old: &Fact, new: &Fact) -> Change {
        let (mut before, mut after) = (shown(old, self.before), shown(new, self.after));
        // Amounts that differ by less than what is shown of them.
        if before == after && before.is_some() {
            before = self.before.value(old.name.as_deref(), &old.value);
            after = self.after.value(new.name.as_deref(), &new.value);
        }
        Change {
            what: self.before.text(&old.what),
            kind: Kind::Changed,
            before,
            after,
        }
    }

    fn same_fact<'f>(&self, fact: &Fact, new: &'f Facts) -> Option<&'f Fact> {
        let mut all = new.list.iter();
        all.find(|later| self.names.same(&fact.what, &later.what))
    }

    /// Whether the containers of a service are replaced.
    pub fn recreates(&self, old: &Facts, new: &Facts) -> bool {
        let differs = |one: &Fact, others: &Facts| {
            let mut all = others.list.iter();
            let other = all.find(|other| other.what == one.what);
            one.recreates && other.is_none_or(|other| other.value != one.value)
        };
        old.list.iter().any(|fact| differs(fact, new))
            || new.list.iter().any(|fact| differs(fact, old))
    }
}

/// The value, unless it is that of a secret, or there is none.
fn shown(fact: &Fact, told: &Told) -> Option<String> {
    if fact.value.is_empty() {
        return fact.name.as_ref().map(|_| String::new());
    }
    told.value(fact.name.as_deref(), &fact.words())
}

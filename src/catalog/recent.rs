//! Names that are looked up again and again. A large catalog is larger than the caches, and to find a name by its hash
//! is to wait for memory some times over. But a service names the same things in one mode after the other, and services
//! that follow each other by name often name things that follow each other: what one asks for third stands behind what
//! the one before it asked for third. Whatever is guessed is compared with the name.

use std::cell::Cell;
use std::hash::BuildHasher;

use rustc_hash::FxBuildHasher;

use super::{Catalog, Names};

/// So many names are remembered.
const ROWS: usize = 64;

/// Of so many questions of a service it is remembered what followed from one service to the next.
const TURNS: usize = 16;

/// Names with their numbers: those that were looked up last, each in the row that follows from it, and what was found for
/// the first, the second ... question of the services so far.
pub struct Recent<'s> {
    rows: [Cell<(&'s str, usize)>; ROWS],
    turns: [Cell<Turn>; TURNS],
    /// Which question of the service at hand comes next.
    turn: Cell<usize>,
}

/// What was found for one question of the services so far.
#[derive(Clone, Copy)]
struct Turn {
    /// The last number that was found.
    last: usize,
    /// How far the next one is from it, as long as nothing else is seen twice.
    step: isize,
    /// How far it was from the one before.
    seen: isize,
}

impl Turn {
    const FIRST: Self = Turn {
        last: 0,
        step: 1,
        seen: 1,
    };

    fn guess(&self) -> Option<usize> {
        self.last.checked_add_signed(self.step)
    }

    fn found(mut self, number: usize) -> Self {
        let step = number.wrapping_sub(self.last) as isize;
        if step != 0 {
            if step == self.seen {
                self.step = step;
            }
            self.seen = step;
            self.last = number;
        }
        self
    }
}

impl Default for Recent<'_> {
    fn default() -> Self {
        Recent {
            rows: [const { Cell::new(("", 0)) }; ROWS],
            turns: [const { Cell::new(Turn::FIRST) }; TURNS],
            turn: Cell::new(0),
        }
    }
}

impl<'s> Recent<'s> {
    /// What follows is asked by another service, or in another mode.
    pub fn begin(&self) {
        self.turn.set(0);
    }

    /// The number of a name: `kept` gives the name of a number, and `look` finds the number.
    pub fn number(
        &self,
        name: &str,
        kept: impl Fn(usize) -> Option<&'s str>,
        look: impl FnOnce() -> Option<usize>,
    ) -> Option<usize> {
        let turn = self.turn.get();
        self.turn.set(turn + 1);
        let turn = &self.turns[turn % TURNS];
        let row = &self.rows[FxBuildHasher.hash_one(name) as usize % ROWS];
        let remembered =
            || Some(row.get()).filter(|(known, _)| !known.is_empty() && *known == name);
        let guessed = || {
            let number = turn.get().guess()?;
            Some((kept(number)?, number)).filter(|(known, _)| *known == name)
        };
        let found = remembered().or_else(guessed);
        let (known, number) = match found {
            Some(found) => found,
            None => {
                let number = look()?;
                (kept(number)?, number)
            }
        };
        row.set((known, number));
        turn.set(turn.get().found(number));
        Some(number)
    }

    /// The number of a name among declared ones.
    pub fn declared<T>(&self, name: &str, declared: &Names<'s, T>) -> Option<usize> {
        let kept = |number| declared.get_index(number).map(|(name, _)| *name);
        self.number(name, kept, || declared.get_index_of(name))
    }

    /// Where a service stands among all in the order in which they were read, for who asks in that order.
    pub fn read(&self, name: &str, catalog: &Catalog<'s>) -> Option<usize> {
        let services = &catalog.services;
        let kept = |number| services.get_index(number).map(|(name, _)| *name);
        self.number(name, kept, || services.get_index_of(name))
    }

    /// Where a service stands among all by name.
    pub fn service(&self, name: &str, catalog: &Catalog<'s>) -> Option<usize> {
        let all = catalog.services_by_name();
        let kept = |rank: usize| all.get(rank).map(|service| service.name);
        self.number(name, kept, || catalog.rank(name))
    }
}

/// The same of each kind of names.
#[derive(Default)]
pub struct Recents<'s> {
    /// Services.
    pub services: Recent<'s>,
    /// Variables.
    pub variables: Recent<'s>,
    /// Networks.
    pub networks: Recent<'s>,
    /// Volumes.
    pub volumes: Recent<'s>,
    /// Secrets.
    pub secrets: Recent<'s>,
    /// Configs.
    pub configs: Recent<'s>,
}

impl Recents<'_> {
    /// What follows is asked by another service, or in another mode.
    pub fn begin(&self) {
        self.services.begin();
        self.variables.begin();
        self.networks.begin();
        self.volumes.begin();
        self.secrets.begin();
        self.configs.begin();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Names, and how often they were looked for by their hash.
    struct Asked {
        names: Vec<String>,
        looks: Cell<usize>,
    }

    impl Asked {
        fn of(count: usize) -> Self {
            Asked {
                names: (0..count).map(|number| format!("name-{number}")).collect(),
                looks: Cell::new(0),
            }
        }

        fn number<'n>(&'n self, recent: &Recent<'n>, name: &str) -> Option<usize> {
            let kept = |number: usize| self.names.get(number).map(String::as_str);
            recent.number(name, kept, || {
                self.looks.set(self.looks.get() + 1);
                self.names.iter().position(|known| known == name)
            })
        }
    }

    #[test]
    fn what_follows_from_service_to_service_is_guessed() {
        let asked = Asked::of(3000);
        let recent = Recent::default();
        for service in 0..900 {
            recent.begin();
            for number in [service, 2000 + service, 3 * service] {
                let name = format!("name-{number}");
                assert_eq!(asked.number(&recent, &name), Some(number));
                assert_eq!(asked.number(&recent, &name), Some(number));
            }
        }
        assert!(asked.looks.get() < 10, "{}", asked.looks.get());
    }

    #[test]
    fn a_wrong_guess_changes_nothing() {
        let asked = Asked::of(500);
        let recent = Recent::default();
        let mut number = 1;
        for round in 0..5000 {
            number = number * 31 % 499;
            if round % 7 == 0 {
                recent.begin();
            }
            let name = format!("name-{number}");
            assert_eq!(asked.number(&recent, &name), Some(number));
            assert_eq!(asked.number(&recent, "name-500"), None);
            assert_eq!(asked.number(&recent, ""), None);
        }
    }
}

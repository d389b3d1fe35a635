//! What a plan uses of what the catalog declares.

use crate::catalog::{Catalog, Names};

/// What a plan uses of what the catalog declares.
#[derive(Debug, Default)]
pub struct Usage {
    /// Variables.
    pub variables: Marks,
    /// Volumes.
    pub volumes: Marks,
    /// Networks.
    pub networks: Marks,
}

impl Usage {
    /// Nothing of a catalog.
    pub fn none_of(catalog: &Catalog) -> Self {
        Usage {
            variables: Marks::none_of(&catalog.variables),
            volumes: Marks::none_of(&catalog.volumes),
            networks: Marks::none_of(&catalog.networks),
        }
    }
}

/// Which of the declared things of a kind are meant, by their numbers.
#[derive(Debug, Default)]
pub struct Marks(Vec<bool>);

impl Marks {
    /// None of them.
    pub fn none_of<T>(declared: &Names<T>) -> Self {
        Marks(vec![false; declared.len()])
    }

    /// Marks the one of a number.
    pub fn mark(&mut self, number: usize) {
        if let Some(mark) = self.0.get_mut(number) {
            *mark = true;
        }
    }

    /// Marks the one of a name; `false` where nothing declares it.
    pub fn mark_name<T>(&mut self, declared: &Names<T>, name: &str) -> bool {
        self.mark_found(declared.get_index_of(name))
    }

    /// Marks the one of the number that was found for a name; `false` where none was.
    pub fn mark_found(&mut self, number: Option<usize>) -> bool {
        number.into_iter().for_each(|number| self.mark(number));
        number.is_some()
    }

    /// Whether the one of a number is marked.
    pub fn has(&self, number: usize) -> bool {
        self.0.get(number).is_some_and(|mark| *mark)
    }

    /// How many are marked.
    pub fn count(&self) -> usize {
        self.0.iter().filter(|mark| **mark).count()
    }

    /// Those of a list of things that are marked, where the list has them by number.
    pub fn of<'m, T>(&'m self, all: impl Iterator<Item = T> + 'm) -> impl Iterator<Item = T> + 'm {
        let all = all.zip(&self.0);
        all.filter_map(|(one, mark)| mark.then_some(one))
    }
}

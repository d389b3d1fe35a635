//! What several modes have, brought together: the rows of the guide's tables.

use crate::outputs::compose_file::rank;
use crate::plan::{Plan, PlannedService};

/// A thing in the modes that have it, in the order of the modes.
pub type InModes<'r, 'p, T> = &'r [Option<&'p T>];

/// Rows by key, each with a cell for every mode; all cells stand in one list.
pub struct Rows<'p, K, T> {
    keys: Vec<K>,
    cells: Vec<Option<&'p T>>,
    modes: usize,
}

impl<'p, K: Copy, T> Rows<'p, K, T> {
    /// No rows of so many modes.
    fn new(modes: usize) -> Self {
        Rows {
            keys: Vec::new(),
            cells: Vec::new(),
            modes,
        }
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.keys.len()
    }

    /// The rows.
    pub fn iter(&self) -> impl Iterator<Item = (K, InModes<'_, 'p, T>)> + Clone {
        let cells = self.cells.chunks(self.modes.max(1));
        self.keys.iter().copied().zip(cells)
    }

    fn push(&mut self, key: K, cells: InModes<'_, 'p, T>) {
        self.keys.push(key);
        self.cells.extend_from_slice(cells);
    }
}

/// The services of a role, each by name with the modes that have it.
pub struct RoleRows<'p, 's> {
    /// The role.
    pub role: &'s str,
    /// Its services.
    pub services: Rows<'p, &'s str, PlannedService<'s>>,
}

/// Every service of every mode by name, by its rank.
pub type ServiceRows<'p, 's> = Rows<'p, usize, PlannedService<'s>>;

/// Every service of every mode by name.
pub fn by_name<'p, 's>(plans: &[&'p Plan<'s>]) -> ServiceRows<'p, 's> {
    let lists = plans.iter().map(|plan| plan.services.as_slice());
    together(lists.collect(), |service| service.rank)
}

/// The same by role, then by name.
pub fn by_role<'p, 's>(rows: &ServiceRows<'p, 's>) -> Vec<RoleRows<'p, 's>> {
    let mut roles: Vec<RoleRows<'p, 's>> = Vec::new();
    for (_, there) in rows.iter() {
        let Some(first) = there.iter().flatten().next() else {
            continue;
        };
        let (name, role) = (first.name, first.role);
        let at = match roles.iter().position(|known| known.role == role) {
            Some(at) => at,
            None => {
                let services = Rows::new(rows.modes);
                roles.push(RoleRows { role, services });
                roles.len() - 1
            }
        };
        roles[at].services.push(name, there);
    }
    roles.sort_by_key(|rows| rank(rows.role));
    roles
}

/// Lists as one that are sorted by a key, which no list has twice.
pub fn together<'p, K: Ord + Copy, T>(
    mut lists: Vec<&'p [T]>,
    key: impl Fn(&T) -> K,
) -> Rows<'p, K, T> {
    let mut rows = Rows::new(lists.len());
    while let Some(first) = lists.iter().filter_map(|list| list.first()).map(&key).min() {
        rows.keys.push(first);
        for list in &mut lists {
            let item = list.first().filter(|item| key(item) == first);
            if item.is_some() {
                *list = &list[1..];
            }
            rows.cells.push(item);
        }
    }
    rows
}

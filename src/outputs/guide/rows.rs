//! What several modes have, brought together by name: the rows of the guide's tables.

use crate::outputs::compose_file::rank;
use crate::plan::{Plan, PlannedService};

/// A thing in the modes that have it, in the order of the modes.
pub type InModes<'r, 'p, T> = &'r [Option<&'p T>];

/// Rows by name, each with a cell for every mode; all cells stand in one list.
pub struct Rows<'p, 's, T> {
    names: Vec<&'s str>,
    cells: Vec<Option<&'p T>>,
    modes: usize,
}

impl<'p, 's, T> Rows<'p, 's, T> {
    /// No rows of so many modes.
    fn new(modes: usize) -> Self {
        Rows {
            names: Vec::new(),
            cells: Vec::new(),
            modes,
        }
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.names.is_empty()
    }

    /// The rows.
    pub fn iter(&self) -> impl Iterator<Item = (&'s str, InModes<'_, 'p, T>)> {
        let cells = self.cells.chunks(self.modes.max(1));
        self.names.iter().copied().zip(cells)
    }

    fn push(&mut self, name: &'s str, cells: InModes<'_, 'p, T>) {
        self.names.push(name);
        self.cells.extend_from_slice(cells);
    }
}

/// The services of a role, each by name with the modes that have it.
pub struct RoleRows<'p, 's> {
    /// The role.
    pub role: &'s str,
    /// Its services.
    pub services: Rows<'p, 's, PlannedService<'s>>,
}

/// Every service of every mode by role, then by name.
pub fn by_role<'p, 's>(plans: &[&'p Plan<'s>]) -> Vec<RoleRows<'p, 's>> {
    let lists = plans.iter().map(|plan| plan.services.as_slice());
    let mut roles: Vec<RoleRows<'p, 's>> = Vec::new();
    for (name, there) in by_name(lists.collect(), |service| service.name).iter() {
        let role = there.iter().flatten().next().map_or("", |it| it.role);
        let at = match roles.iter().position(|known| known.role == role) {
            Some(at) => at,
            None => {
                let services = Rows::new(plans.len());
                roles.push(RoleRows { role, services });
                roles.len() - 1
            }
        };
        roles[at].services.push(name, there);
    }
    roles.sort_by_key(|rows| rank(rows.role));
    roles
}

/// Lists that are sorted by name as one.
pub fn by_name<'p, 's, T>(
    mut lists: Vec<&'p [T]>,
    name: impl Fn(&T) -> &'s str,
) -> Rows<'p, 's, T> {
    let mut rows = Rows::new(lists.len());
    while let Some(first) = lists
        .iter()
        .filter_map(|list| list.first())
        .map(&name)
        .min()
    {
        rows.names.push(first);
        for list in &mut lists {
            let item = list.first().filter(|item| name(item) == first);
            if item.is_some() {
                *list = &list[1..];
            }
            rows.cells.push(item);
        }
    }
    rows
}

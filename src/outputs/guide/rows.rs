//! What several modes have, brought together by name: the rows of the guide's tables.

use crate::outputs::compose_file::rank;
use crate::plan::{Plan, PlannedService};

/// A thing in the modes that have it, in the order of the modes.
pub type InModes<'p, T> = Vec<Option<&'p T>>;

/// The services of a role, each by name with the modes that have it.
pub struct RoleRows<'p, 's> {
    /// The role.
    pub role: &'s str,
    /// Its services.
    pub services: Vec<(&'s str, InModes<'p, PlannedService<'s>>)>,
}

/// Every service of every mode by role, then by name.
pub fn by_role<'p, 's>(plans: &[&'p Plan<'s>]) -> Vec<RoleRows<'p, 's>> {
    let lists = plans.iter().map(|plan| plan.services.as_slice());
    let mut roles: Vec<RoleRows<'p, 's>> = Vec::new();
    for row in by_name(lists.collect(), |service| service.name) {
        let role = row.1.iter().flatten().next().map_or("", |it| it.role);
        match roles.iter_mut().find(|known| known.role == role) {
            Some(known) => known.services.push(row),
            None => roles.push(RoleRows {
                role,
                services: vec![row],
            }),
        }
    }
    roles.sort_by_key(|rows| rank(rows.role));
    roles
}

/// Lists that are sorted by name as one.
pub fn by_name<'p, 's, T>(
    mut lists: Vec<&'p [T]>,
    name: impl Fn(&T) -> &'s str,
) -> Vec<(&'s str, InModes<'p, T>)> {
    let mut rows = Vec::with_capacity(lists.iter().map(|list| list.len()).max().unwrap_or(0));
    while let Some(first) = lists
        .iter()
        .filter_map(|list| list.first())
        .map(&name)
        .min()
    {
        let take = |list: &mut &'p [T]| {
            let (item, rest) = list.split_first()?;
            (name(item) == first).then(|| {
                *list = rest;
                item
            })
        };
        rows.push((first, lists.iter_mut().map(take).collect()));
    }
    rows
}

//! In which block of the catalog a place lies: for saying how a value came to a service, and for the fence around
//! the roles of test mode, which also sees what an anchor or a merge key copied.

use super::Catalog;
use crate::place::Place;

/// A named part of the catalog.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Block<'s> {
    /// `defaults`.
    Defaults,
    /// A role's defaults.
    Role(&'s str),
    /// A fragment.
    Fragment(&'s str),
    /// A service.
    Service(&'s str),
    /// Something else that has a name: a mode, a host, a variable, a volume.
    Other,
}

/// The blocks, in the order of their places.
pub struct Blocks<'s> {
    starts: Vec<(Place, Block<'s>)>,
}

impl<'s> Blocks<'s> {
    /// The blocks of a catalog.
    pub fn of(catalog: &Catalog<'s>) -> Self {
        let mut starts = vec![(catalog.defaults.own.place, Block::Defaults)];
        let mut add = |place: Place, block: Block<'s>| starts.push((place, block));
        for (name, role) in &catalog.roles {
            add(role.place, Block::Role(name));
        }
        for (name, fragment) in &catalog.fragments {
            add(fragment.place, Block::Fragment(name));
        }
        for service in catalog.services.values() {
            add(service.place, Block::Service(service.name));
        }
        let modes = catalog.modes.values().map(|item| item.place);
        let hosts = catalog.hosts.values().map(|item| item.place);
        let variables = catalog.variables.values().map(|item| item.place);
        let volumes = catalog.volumes.values().map(|item| item.place);
        let networks = catalog.networks.values().map(|item| item.place);
        for place in modes
            .chain(hosts)
            .chain(variables)
            .chain(volumes)
            .chain(networks)
        {
            add(place, Block::Other);
        }
        starts.retain(|(place, _)| place.is_somewhere());
        starts.sort_unstable_by_key(|(place, _)| (place.file, place.start));
        Blocks { starts }
    }

    /// The block in which a place lies.
    pub fn at(&self, place: Place) -> Option<Block<'s>> {
        let key = (place.file, place.start);
        let after = self
            .starts
            .partition_point(|(start, _)| (start.file, start.start) <= key);
        let (start, block) = self.starts.get(after.checked_sub(1)?)?;
        (start.file == place.file).then_some(*block)
    }
}

//! A whole Compose file.

use super::develop::Model;
use super::keyed::{Item, Keyed};
use super::list::{Either, List};
use super::network::Network;
use super::scalar::Text;
use super::service::Service;
use super::storage::{Config, Secret, Volume};
use crate::compose::list::OneOrMany;
use crate::model;

model! {
    /// A Compose file.
    pub struct Document<'s> {
        /// The old number of the format; Compose ignores it.
        version "version": Text<'s>,
        /// The name of the project.
        name "name": Text<'s>,
        /// Other Compose files.
        include "include": List<'s, Either<Text<'s>, Include<'s>>>,
        /// The services.
        services "services": Keyed<'s, Service<'s>>,
        /// The networks.
        networks "networks": Keyed<'s, Network<'s>>,
        /// The volumes.
        volumes "volumes": Keyed<'s, Volume<'s>>,
        /// The secrets.
        secrets "secrets": Keyed<'s, Secret<'s>>,
        /// The configs.
        configs "configs": Keyed<'s, Config<'s>>,
        /// The models.
        models "models": Keyed<'s, Model<'s>>,
    }
}

model! {
    /// Another Compose file.
    pub struct Include<'s> {
        /// Its path, or several that are merged.
        path "path": OneOrMany<'s, Text<'s>>,
        /// The folder at which its paths start.
        project_directory "project_directory": Text<'s>,
        /// The env files with which it is read.
        env_file "env_file": OneOrMany<'s, Text<'s>>,
    }
}

impl<'s> Item<'s> for Service<'s> {
    const EXPECTED: &'static str = "a map of services";
}

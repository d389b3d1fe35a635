//! Volumes, secrets and configs as declared at the top of a file.

use super::keyed::{EnvValue, Item, Keyed};
use super::network::{External, is_external};
use super::scalar::{Loose, Text};
use crate::model;

model! {
    /// A volume.
    pub struct Volume<'s> {
        /// Its name on the engine; without it, the project's name stands before the key.
        name "name": Text<'s>,
        /// The driver that keeps the volume; local without it.
        driver "driver": Text<'s>,
        /// Options of the driver, by name, such as type: nfs.
        driver_opts "driver_opts": Keyed<'s, Loose<'s>>,
        /// true: it exists already, and is not Compose's to make or remove.
        external "external": External<'s>,
        /// Labels that the volume gets on the engine, as a map or a list.
        labels "labels": Keyed<'s, EnvValue<'s>>,
    }
}

model! {
    /// A secret: never its value, only where it comes from.
    pub struct Secret<'s> {
        /// Its name on the engine, where it is another than the key's.
        name "name": Text<'s>,
        /// The file that holds the secret, such as ./secrets/db_password; it stays out of git.
        file "file": Text<'s>,
        /// The environment variable of whoever starts the stack that holds the secret.
        environment "environment": Text<'s>,
        /// true: it exists already, as a secret of a swarm.
        external "external": External<'s>,
        /// Labels that the secret gets, as a map or a list.
        labels "labels": Keyed<'s, EnvValue<'s>>,
        /// The driver that fetches the secret, in a swarm.
        driver "driver": Text<'s>,
        /// Options of that driver, by name.
        driver_opts "driver_opts": Keyed<'s, Loose<'s>>,
        /// golang: what the file says in {{ }} is filled in, in a swarm.
        template_driver "template_driver": Text<'s>,
    }
}

model! {
    /// A config: a file that services read.
    pub struct Config<'s> {
        /// Its name on the engine, where it is another than the key's.
        name "name": Text<'s>,
        /// The file that holds the config, such as ./nginx.conf.
        file "file": Text<'s>,
        /// The environment variable of whoever starts the stack that holds the config.
        environment "environment": Text<'s>,
        /// The config's text itself, in place of a file.
        content "content": Text<'s>,
        /// true: it exists already, as a config of a swarm.
        external "external": External<'s>,
        /// Labels that the config gets, as a map or a list.
        labels "labels": Keyed<'s, EnvValue<'s>>,
        /// golang: what the file says in {{ }} is filled in, in a swarm.
        template_driver "template_driver": Text<'s>,
    }
}

impl<'s> Item<'s> for Volume<'s> {
    const EXPECTED: &'static str = "a map of volumes";
}

impl<'s> Item<'s> for Secret<'s> {
    const EXPECTED: &'static str = "a map of secrets";
}

impl<'s> Item<'s> for Config<'s> {
    const EXPECTED: &'static str = "a map of configs";
}

impl Volume<'_> {
    /// Whether it exists already.
    pub fn is_external(&self) -> bool {
        self.external.is_some_and(is_external)
    }
}

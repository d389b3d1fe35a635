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
        /// The driver.
        driver "driver": Text<'s>,
        /// Options of the driver.
        driver_opts "driver_opts": Keyed<'s, Loose<'s>>,
        /// Whether it exists already and is not Compose's to make or remove.
        external "external": External<'s>,
        /// Labels.
        labels "labels": Keyed<'s, EnvValue<'s>>,
    }
}

model! {
    /// A secret: never its value, only where it comes from.
    pub struct Secret<'s> {
        /// Its name on the engine.
        name "name": Text<'s>,
        /// The file that holds it.
        file "file": Text<'s>,
        /// The environment variable that holds it.
        environment "environment": Text<'s>,
        /// Whether it exists already.
        external "external": External<'s>,
        /// Labels.
        labels "labels": Keyed<'s, EnvValue<'s>>,
        /// The driver.
        driver "driver": Text<'s>,
        /// Options of the driver.
        driver_opts "driver_opts": Keyed<'s, Loose<'s>>,
        /// The templating driver.
        template_driver "template_driver": Text<'s>,
    }
}

model! {
    /// A config: a file that services read.
    pub struct Config<'s> {
        /// Its name on the engine.
        name "name": Text<'s>,
        /// The file that holds it.
        file "file": Text<'s>,
        /// The environment variable that holds it.
        environment "environment": Text<'s>,
        /// Its text itself.
        content "content": Text<'s>,
        /// Whether it exists already.
        external "external": External<'s>,
        /// Labels.
        labels "labels": Keyed<'s, EnvValue<'s>>,
        /// The templating driver.
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

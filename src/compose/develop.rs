//! `develop`, `provider`, `models` and hooks: what Compose does besides starting a container.

use super::command::Command;
use super::keyed::{EnvValue, Item, Keyed};
use super::list::{List, OneOrMany};
use super::scalar::{Loose, Text, Val};
use super::value::Reader;
use crate::model;
use crate::place::Place;

model! {
    /// How a container follows its sources while one works on them.
    pub struct Develop<'s> {
        /// What `docker compose watch` looks at: paths, each with what happens where a file in it changes.
        watch "watch": List<'s, Watch<'s>>,
    }
}

model! {
    /// A path that is watched, and what happens when it changes.
    pub struct Watch<'s> {
        /// The folder or file to watch, from the project's folder on, such as ./src.
        path "path": Text<'s>,
        /// What happens where a file changes: sync, rebuild, restart, sync+restart or sync+exec.
        action "action": Text<'s>,
        /// The folder in the container to which files are copied with sync, such as /app/src.
        target "target": Text<'s>,
        /// Patterns of files that are left out, such as node_modules/.
        ignore "ignore": OneOrMany<'s, Text<'s>>,
        /// Patterns of the files that alone are watched, such as "*.py".
        include "include": OneOrMany<'s, Text<'s>>,
        /// The command that runs in the container after the copy, with sync+exec.
        exec "exec": Hook<'s>,
        /// true: everything is copied once at the start, too.
        initial_sync "initial_sync": Val<'s, bool>,
    }
}

model! {
    /// A command that runs in a container beside its own.
    pub struct Hook<'s> {
        /// The command that runs in the container, as a list of words or as one text.
        command "command": Command<'s>,
        /// The user as which the command runs; without it, the service's.
        user "user": Text<'s>,
        /// true: the command may do on the host what root may.
        privileged "privileged": Val<'s, bool>,
        /// The folder in which the command runs; without it, the service's.
        working_dir "working_dir": Text<'s>,
        /// Environment variables of the command, besides those of the service.
        environment "environment": Keyed<'s, EnvValue<'s>>,
    }
}

model! {
    /// A program that provides the service in place of a container.
    pub struct Provider<'s> {
        /// The program, by its name in the PATH or as a plugin of Compose.
        kind "type": Text<'s>,
        /// What the program is told, by names that it knows.
        options "options": Keyed<'s, OneOrMany<'s, Loose<'s>>>,
    }
}

impl<'s> Item<'s> for OneOrMany<'s, Loose<'s>> {
    const EXPECTED: &'static str = "a map";
}

model! {
    /// How a service uses a model.
    pub struct ModelUse<'s> {
        /// The variable in which the service gets the model's address, such as MODEL_URL.
        endpoint_var "endpoint_var": Text<'s>,
        /// The variable in which the service gets the model's name, such as MODEL_NAME.
        model_var "model_var": Text<'s>,
    }
}

impl<'s> Item<'s> for ModelUse<'s> {
    const EXPECTED: &'static str = "a list of models, or a map";
    const HAS_LIST: bool = true;

    fn item(text: &'s str, place: Place, _: &Reader<'_, 's>) -> Option<(&'s str, Self)> {
        let usage = ModelUse {
            place,
            ..Default::default()
        };
        Some((text, usage))
    }
}

model! {
    /// A model, as declared at the top of a file.
    pub struct Model<'s> {
        /// Its name.
        name "name": Text<'s>,
        /// Which model.
        model "model": Text<'s>,
        /// How many tokens of context.
        context_size "context_size": Val<'s, i64>,
        /// Flags of the program that runs it.
        runtime_flags "runtime_flags": List<'s, Text<'s>>,
    }
}

impl<'s> Item<'s> for Model<'s> {
    const EXPECTED: &'static str = "a map of models";
}

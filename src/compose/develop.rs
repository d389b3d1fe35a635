//! `develop`, `provider`, `models` and hooks: what Compose does besides starting a container.

use schemars::Schema;

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
        /// What is watched.
        watch "watch": List<'s, Watch<'s>>,
    }
}

model! {
    /// A path that is watched, and what happens when it changes.
    pub struct Watch<'s> {
        /// The path.
        path "path": Text<'s>,
        /// `sync`, `rebuild`, `restart`, `sync+restart` or `sync+exec`.
        action "action": Text<'s>,
        /// Where the files go in the container.
        target "target": Text<'s>,
        /// What is left out.
        ignore "ignore": OneOrMany<'s, Text<'s>>,
        /// What alone is watched.
        include "include": OneOrMany<'s, Text<'s>>,
        /// What runs in the container afterwards.
        exec "exec": Hook<'s>,
        /// Whether everything is synchronised at the start.
        initial_sync "initial_sync": Val<'s, bool>,
    }
}

model! {
    /// A command that runs in a container beside its own.
    pub struct Hook<'s> {
        /// The command.
        command "command": Command<'s>,
        /// As which user.
        user "user": Text<'s>,
        /// Whether privileged.
        privileged "privileged": Val<'s, bool>,
        /// In which folder.
        working_dir "working_dir": Text<'s>,
        /// More environment.
        environment "environment": Keyed<'s, EnvValue<'s>>,
    }
}

model! {
    /// A program that provides the service in place of a container.
    pub struct Provider<'s> {
        /// The program.
        kind "type": Text<'s>,
        /// Its options.
        options "options": Keyed<'s, OneOrMany<'s, Loose<'s>>>,
    }
}

impl<'s> Item<'s> for OneOrMany<'s, Loose<'s>> {
    const EXPECTED: &'static str = "a map";
}

model! {
    /// How a service uses a model.
    pub struct ModelUse<'s> {
        /// The variable that gets the model's address.
        endpoint_var "endpoint_var": Text<'s>,
        /// The variable that gets the model's name.
        model_var "model_var": Text<'s>,
    }
}

impl<'s> Item<'s> for ModelUse<'s> {
    const EXPECTED: &'static str = "a list of models, or a map";

    fn item(text: &'s str, place: Place, _: &Reader<'_, 's>) -> Option<(&'s str, Self)> {
        let usage = ModelUse {
            place,
            ..Default::default()
        };
        Some((text, usage))
    }

    fn list_schema() -> Option<Schema> {
        super::keyed::name_item()
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

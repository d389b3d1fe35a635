//! What an import tells of one thing, and of many alike: every sentence of it that is said more than once.

use crate::values::prose::list_quoted;
use crate::values::shown::shown;

/// What is told. It never holds the value of a secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum What {
    /// A machine was made up: what it has, and why.
    Host(String),
    /// A service got a role for a reason.
    Role {
        /// The service.
        service: String,
        /// Its role.
        role: &'static str,
        /// Why.
        why: String,
    },
    /// A service got the role `core`, since nothing speaks for another one.
    Core(String),
    /// A service is in production, and may not belong there.
    Suspect {
        /// The service.
        service: String,
        /// The role that would keep it out.
        role: &'static str,
        /// What speaks for that.
        why: String,
    },
    /// A variable has to be set, and the env file sets it to a value that was made up.
    Needed {
        /// The variable.
        name: String,
        /// The value.
        value: String,
    },
    /// A secret is given to a build, whose image keeps it.
    BuildSecret {
        /// The argument.
        argument: String,
        /// The service.
        service: String,
    },
    /// An env file is not there.
    NoEnvFile {
        /// Its path.
        path: String,
        /// The services that take it.
        services: Vec<String>,
    },
    /// A secret was written out.
    Secret {
        /// Where: "`DB_PASSWORD`", "the password in `DATABASE_URL`".
        what: String,
        /// The variable that has it now.
        variable: String,
    },
    /// The default of a variable was a secret.
    SecretDefault(String),
    /// A block of the top was taken apart.
    TakenApart(String),
    /// A block of the top became fragments.
    Fragments {
        /// The key of the top.
        key: String,
        /// The fragments.
        names: Vec<String>,
    },
    /// A key of the top goes through.
    Passed(String),
    /// A key of a service goes through.
    PassedIn {
        /// The key.
        key: String,
        /// The service.
        service: String,
    },
    /// A variable is not in the container while nobody sets it, and will be.
    Unset {
        /// The variable.
        name: String,
        /// The service.
        service: String,
    },
    /// The name of an entry held its value, too.
    Parted(String),
    /// The name of an entry holds a variable.
    VariableName(String),
    /// A variable has another default in one place than elsewhere, and is another variable there.
    OtherDefault {
        /// The variable.
        name: String,
        /// The other variable.
        other: String,
        /// Its default and that of the variable, where nobody has to hide them.
        defaults: Option<[String; 2]>,
    },
    /// One sentence, the thing named first.
    Said(String),
    /// The same, with what can be done about it.
    Told {
        /// The sentence.
        text: String,
        /// What can be done.
        help: &'static str,
    },
}

impl From<String> for What {
    fn from(text: String) -> Self {
        What::Said(text)
    }
}

impl From<&str> for What {
    fn from(text: &str) -> Self {
        What::Said(text.to_owned())
    }
}

impl What {
    /// One sentence.
    pub(super) fn one(&self) -> String {
        match self {
            What::Host(text) | What::Said(text) | What::Told { text, help: _ } => text.clone(),
            What::Role { service, role, why } => format!("{} is {role}: {why}", shown(service)),
            What::Core(service) => {
                format!(
                    "{} is core: nothing speaks for another role",
                    shown(service)
                )
            }
            What::Suspect { service, role, why } => format!(
                "{} {}: {why}; it is in production, as the files have it",
                shown(service),
                suspected(role)
            ),
            What::Needed { name, value } => format!(
                "{} has no value, and needs one; `{value}` was made up for it, and stands in the env file",
                shown(name)
            ),
            What::BuildSecret { argument, service } => format!(
                "the build argument {} of {} is a secret, which the image's history keeps; a waiver at the service lets it be for now",
                shown(argument),
                shown(service)
            ),
            What::NoEnvFile { path, services } => format!(
                "the env file {} of {} is not there, and Compose starts nothing without it",
                shown(path),
                list_quoted(services)
            ),
            What::Secret { what, variable } => format!(
                "{what} was a secret, written out; its value is in the env file now, as `{variable}`"
            ),
            What::SecretDefault(name) => format!(
                "the default of {} is a secret's value; it is in the env file now",
                shown(name)
            ),
            What::TakenApart(key) => {
                format!(
                    "{} is taken apart: what it holds stands where it is used",
                    shown(key)
                )
            }
            What::Fragments { key, names } => {
                let word = if names.len() == 1 {
                    "fragment"
                } else {
                    "fragments"
                };
                format!("{} became the {word} {}", shown(key), list_quoted(names))
            }
            What::Passed(key) => format!("{} goes through as it is", shown(key)),
            What::PassedIn { key, service } => {
                format!("{} of {} goes through as it is", shown(key), shown(service))
            }
            What::Unset { name, service } => format!(
                "{} of {} is not there at all while nobody sets it; in a catalog it is empty then",
                shown(name),
                shown(service)
            ),
            What::OtherDefault {
                name,
                other,
                defaults,
            } => match defaults {
                Some([here, elsewhere]) => format!(
                    "{} has the default {} here and {} elsewhere, and in a catalog a variable has one: here it is `{other}` now",
                    shown(name),
                    default(here),
                    default(elsewhere)
                ),
                None => format!(
                    "{} has another default here than elsewhere, and in a catalog a variable has one: here it is `{other}` now",
                    shown(name)
                ),
            },
            What::Parted(name) => format!(
                "{} stood with its value in a map as one name, `NAME=value:`; it is a name with a value now",
                shown(name)
            ),
            What::VariableName(name) => format!(
                "the name {} holds a variable, which no key can; it is what it comes to now",
                shown(name)
            ),
        }
    }

    /// The same of so many things, by their names.
    pub(super) fn many(&self, count: usize, names: &str) -> String {
        match self {
            What::Role { role, why, .. } => {
                format!("{count} services are {role}: {names}; {why}")
            }
            What::Core(_) => {
                format!("{count} services are core, since nothing speaks for another role: {names}")
            }
            What::Suspect { role, .. } => format!(
                "{count} services {}: {names}; they are in production, as the files have it",
                suspected(role)
            ),
            What::Needed { .. } => format!(
                "{count} variables have no value, and need one; what stands in the env file was made up: {names}"
            ),
            What::BuildSecret { .. } => format!(
                "{count} build arguments are secrets, which the images' history keeps; waivers at the services let them be for now: {names}"
            ),
            What::NoEnvFile { .. } => format!(
                "{count} env files are not there, and Compose starts nothing without them: {names}"
            ),
            What::Secret { .. } => format!(
                "secrets were written out in {count} places; their values are in the env file now, as {names}"
            ),
            What::SecretDefault(_) => format!(
                "the defaults of {count} variables are values of secrets; they are in the env file now: {names}"
            ),
            What::TakenApart(_) => format!(
                "{count} blocks are taken apart, and what they hold stands where it is used: {names}"
            ),
            What::Fragments { .. } => {
                format!("{count} blocks became fragments, which services extend: {names}")
            }
            What::Passed(_) => format!("{count} keys go through as they are: {names}"),
            What::PassedIn { key, .. } => {
                format!(
                    "{} goes through as it is in {count} services: {names}",
                    shown(key)
                )
            }
            What::Unset { .. } => format!(
                "{count} variables are not there at all while nobody sets them; in a catalog they are empty then: {names}"
            ),
            What::OtherDefault { .. } => format!(
                "{count} times a variable has another default in one place than elsewhere, and is a variable of its own there: {names}"
            ),
            What::Parted(_) => format!(
                "{count} names stood with their values in a map as one name, `NAME=value:`; they are names with values now: {names}"
            ),
            What::VariableName(_) => format!(
                "{count} names hold a variable, which no key can; they are what they come to now: {names}"
            ),
            What::Host(text) | What::Said(text) | What::Told { text, help: _ } => text.clone(),
        }
    }

    /// How a thing is named behind that.
    pub(super) fn listed(&self) -> String {
        match self {
            What::Role { service, .. } | What::Core(service) | What::PassedIn { service, .. } => {
                shown(service)
            }
            What::Suspect { service, why, .. } => format!("{} ({why})", shown(service)),
            What::Needed { name, value } => format!("{} is `{value}`", shown(name)),
            What::BuildSecret { argument, service } => {
                format!("{} of {}", shown(argument), shown(service))
            }
            What::NoEnvFile { path, services } => {
                format!("{} of {}", shown(path), list_quoted(services))
            }
            What::Secret { variable: name, .. }
            | What::SecretDefault(name)
            | What::TakenApart(name)
            | What::Passed(name)
            | What::Parted(name)
            | What::VariableName(name) => shown(name),
            What::Fragments { key: _, names } => list_quoted(names),
            What::OtherDefault { name, other, .. } => format!("{} as `{other}`", shown(name)),
            What::Unset { name, service } => format!("{} of {}", shown(name), shown(service)),
            What::Host(_) | What::Said(_) | What::Told { .. } => String::new(),
        }
    }

    /// What can be done about it.
    pub(super) fn help(&self) -> Option<&'static str> {
        match self {
            What::Host(_) => {
                Some("write what the machine has that it runs on, under `hosts` in catalog.yaml")
            }
            What::Role { .. } | What::Core(_) => Some(
                "where that is wrong, write another `role` at the service: core, ai, external-api, test or datagen",
            ),
            What::Suspect { .. } => {
                Some("with `role: datagen` or `role: test` no production gets it")
            }
            What::Told { text: _, help } => Some(help),
            What::Needed { .. } => Some(
                "write the right values there; `composegen env check` names what is left of them",
            ),
            What::OtherDefault { .. } => Some(
                "where both should be one value, write the first name for the other one in the catalog, and take the other out of `variables`",
            ),
            What::BuildSecret { .. } => Some(
                "under `build.secrets` the build gets it, and the image does not keep it: `composegen explain secret-build-arg`",
            ),
            What::NoEnvFile { .. } => Some(
                "where a service can do without, write `{ path: FILE, required: false }`; else it has to be there",
            ),
            What::Secret { .. } | What::SecretDefault(_) => Some(
                "whoever has the old files knows it: set a new one, in the env file and where it is asked for",
            ),
            What::TakenApart(_)
            | What::Fragments { .. }
            | What::Passed(_)
            | What::PassedIn { .. }
            | What::Unset { .. }
            | What::Parted(_)
            | What::VariableName(_)
            | What::Said(_) => None,
        }
    }

    /// Where it stands among those of its subject.
    pub(super) fn rank(&self) -> u8 {
        match self {
            What::Host(_) => 0,
            What::Suspect { .. } => 1,
            What::Role { .. } => 2,
            What::Core(_) => 3,
            What::BuildSecret { .. } | What::NoEnvFile { .. } => 3,
            What::Secret { .. } => 4,
            What::SecretDefault(_) => 5,
            What::Needed { .. } => 6,
            What::Passed(_) => 7,
            What::PassedIn { .. } => 8,
            What::Unset { .. } => 9,
            What::VariableName(_) => 10,
            What::OtherDefault { .. } => 12,
            What::Parted(_) => 15,
            What::Said(_) | What::Told { .. } => 11,
            What::Fragments { .. } => 13,
            What::TakenApart(_) => 14,
        }
    }

    /// What those that can be told as one have in common; `None` for what stands alone.
    pub(super) fn common(&self) -> Option<(u8, &str, &str)> {
        match self {
            What::Role { role, why, .. } => Some((self.rank(), role, why)),
            What::PassedIn { key, .. } => Some((self.rank(), key, "")),
            What::Suspect { role, .. } => Some((self.rank(), role, "")),
            What::Host(_) | What::Said(_) | What::Told { .. } => None,
            What::NoEnvFile { .. } => Some((self.rank(), "env_file", "")),
            What::Core(_)
            | What::BuildSecret { .. }
            | What::Needed { .. }
            | What::Secret { .. }
            | What::SecretDefault(_)
            | What::TakenApart(_)
            | What::Fragments { .. }
            | What::Passed(_)
            | What::Unset { .. }
            | What::OtherDefault { .. }
            | What::Parted(_)
            | What::VariableName(_) => Some((self.rank(), "", "")),
        }
    }
}

/// A default in a sentence.
fn default(text: &str) -> String {
    match text {
        "" => "nothing".to_owned(),
        text => shown(text),
    }
}

/// What a service may do that should have a role which keeps it out of production.
fn suspected(role: &str) -> &'static str {
    match role {
        "datagen" => "may make data up",
        _ => "may belong to tests",
    }
}

//! Hosts, modes, roles, variables, and what is declared once for all services.

use schemars::{Schema, SchemaGenerator};

use crate::compose::keyed::{EnvValue, Item, Keyed};
use crate::compose::list::{List, Targeted};
use crate::compose::network::{External, Ipam, Network};
use crate::compose::raw::Raw;
use crate::compose::scalar::{Is, Loose, Text, Val};
use crate::compose::storage::Volume;
use crate::compose::value::{Evaluator, Reader, Sink, Value};
use crate::place::Place;
use crate::values::cpus::Cpus;
use crate::values::factor::Factor;
use crate::values::memory::Memory;
use crate::values::mode_class::ModeClass;
use crate::yaml::node::Node;
use crate::{model, words};

use super::words::Words;

words! {
    /// Whether every service must have limits.
    LimitsPolicy, "`required` or `optional`",
    /// A missing limit is an error.
    Required => "required",
    /// A missing limit is a warning, and a budget says "at least".
    Optional => "optional",
}

words! {
    /// Where the build contexts are.
    SourcesPolicy, "`here` or `elsewhere`",
    /// In this repository.
    Here => "here",
    /// In another repository.
    Elsewhere => "elsewhere",
}

model! {
    /// A machine, and what of it the stack may use.
    pub struct Host<'s> {
        /// What it is for, for the deployment guide.
        description "description": Text<'s>,
        /// Its memory, such as 8GiB.
        memory "memory": Val<'s, Memory>,
        /// How many CPUs it has, such as 4.
        cpus "cpus": Val<'s, Cpus>,
        /// What is kept for everything else on the machine.
        reserve "reserve": Reserve<'s>,
        /// How many times over what is left may be promised, such as { cpus: 1.5 }; once without it.
        overcommit "overcommit": Overcommit<'s>,
        /// What is chosen on this machine, by the option's name: influxdb: shared.
        options "options": Keyed<'s, Chosen<'s>>,
        /// The modes that run here at once, each with what is added to the host ports of what another of them has too.
        concurrent "concurrent": Keyed<'s, Offset<'s>>,
    }
}

/// A chapter of the catalog's own in the deployment guide.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Chapter<'s>(
    /// Its text, Markdown.
    pub Text<'s>,
);

/// The choice of an option.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Chosen<'s>(
    /// The choice's name.
    pub Text<'s>,
);

/// What is added to host ports.
#[derive(Clone, Copy, Debug)]
pub struct Offset<'s>(
    /// A whole number from 0 on.
    pub Val<'s, u16>,
);

macro_rules! item {
    ($Item:ident, $inner:ty, $expected:literal) => {
        impl<'s> Value<'s> for $Item<'s> {
            fn read(node: &Node<'_, 's>, cx: &Reader<'_, 's>) -> Option<Self> {
                <$inner>::read(node, cx).map($Item)
            }

            fn is_open(&self) -> bool {
                false
            }

            fn resolve(&self, _: &dyn Evaluator<'s>) -> Self {
                *self
            }

            fn write(&self, out: &mut Sink) {
                self.0.write(out);
            }

            fn schema(generator: &mut SchemaGenerator) -> Schema {
                <$inner>::schema(generator)
            }
        }

        impl<'s> Item<'s> for $Item<'s> {
            const EXPECTED: &'static str = $expected;
        }
    };
}

item!(
    Chapter,
    Text<'s>,
    "a map with the title of a chapter before each text"
);
item!(
    Chosen,
    Text<'s>,
    "a map with the name of an option before each choice"
);
item!(
    Offset,
    Val<'s, u16>,
    "a map with the name of a mode before each number"
);

model! {
    /// What can be chosen in one way or another, such as where a database runs.
    pub struct Choosable<'s> {
        /// What it is about, for the deployment guide.
        description "description": Text<'s>,
        /// The choice that holds where nobody makes another, by its name.
        default "default": Text<'s>,
        /// What there is to choose from, by name.
        choices "choices": Keyed<'s, Choice<'s>>,
    }
}

model! {
    /// A choice.
    pub struct Choice<'s> {
        /// What it means and when to choose it, for the deployment guide.
        description "description": Text<'s>,
        /// The hosts on which it may be chosen; without it, all.
        hosts "hosts": List<'s, Text<'s>>,
        /// Why it may not be chosen on the other hosts; shown where somebody tries.
        reason "reason": Text<'s>,
    }
}

impl Choice<'_> {
    /// Whether it may be chosen on a host.
    pub fn is_for(&self, host: &str) -> bool {
        self.hosts
            .is_none_or(|hosts| hosts.items.iter().any(|name| name.text == host))
    }
}

impl<'s> Item<'s> for Choice<'s> {
    const EXPECTED: &'static str = "a map with the name of a choice before each";
}

model! {
    /// What is kept for everything else on the machine.
    pub struct Reserve<'s> {
        /// The memory that is kept, such as 2GiB.
        memory "memory": Val<'s, Memory>,
        /// The CPUs that are kept, such as 0.5.
        cpus "cpus": Val<'s, Cpus>,
    }
}

model! {
    /// How many times over the machine may be promised.
    pub struct Overcommit<'s> {
        /// How many times over the memory that is left may be promised, such as 1.5; 1 without it.
        memory "memory": Val<'s, Factor>,
        /// How many times over the CPUs that are left may be promised, such as 2; 1 without it.
        cpus "cpus": Val<'s, Factor>,
    }
}

model! {
    /// A mode: one Compose project with its own networks and volumes.
    pub struct Mode<'s> {
        /// The safety class: test or production. Roles datagen and test never enter production.
        class "class": Val<'s, ModeClass>,
        /// Other names of the mode on the command line, such as [production].
        aliases "aliases": List<'s, Text<'s>>,
        /// The Compose project's name; without it, the project's with the mode's, such as homeiq-test.
        project "project": Text<'s>,
        /// The profiles that a start of the mode turns on, such as [debug], or [] for none; without it, those of all its services.
        profiles "profiles": List<'s, Text<'s>>,
        /// What must be in the mode: services by name, or role:NAME for one of a role at least.
        requires "requires": List<'s, Text<'s>>,
        /// Values for {{ }} in this mode, by name, such as database: app_test.
        values "values": Raw<'s>,
    }
}

impl Mode<'_> {
    /// Whether the name is one of its aliases.
    pub fn is_called(&self, name: &str) -> bool {
        self.aliases
            .is_some_and(|aliases| aliases.items.iter().any(|alias| alias.text == name))
    }
}

/// A role: what its services have in common.
#[derive(Clone, Copy, Debug, Default)]
pub struct Role<'s> {
    /// The classes of the modes in which its services may be; `None` for every class.
    pub classes: Option<&'s List<'s, Val<'s, ModeClass>>>,
    /// The profile with which its services start.
    pub profile: Option<Text<'s>>,
    /// The layer above the catalog's defaults.
    pub defaults: Option<&'s Words<'s>>,
    /// Where it was written.
    pub place: Place,
}

impl Role<'_> {
    /// Whether each of its classes is one; where one is not, nobody knows in which modes its services are meant to be.
    pub fn is_settled(&self) -> bool {
        self.classes
            .is_none_or(|classes| classes.items.iter().all(|class| class.is != Is::Bad))
    }
}

/// The roles that every catalog has, in the order in which files show them.
pub const BUILT_IN_ROLES: &[&str] = &["core", "ai", "external-api", "datagen", "test"];

/// The roles that never enter a mode of class production, whatever a catalog says.
pub const FENCED_ROLES: &[&str] = &["datagen", "test"];

/// Whether a role is kept out of every mode of class production.
pub fn is_fenced(role: &str) -> bool {
    FENCED_ROLES.contains(&role)
}

/// Whether a role is kept out of the modes of a class.
pub fn is_fenced_in(role: &str, class: ModeClass) -> bool {
    class == ModeClass::Production && is_fenced(role)
}

model! {
    /// A variable that a person sets: an entry of the env contract. It is used bare, as ${NAME} or as NAME: under environment.
    pub struct Variable<'s> {
        /// The value where nobody sets it, such as 8086.
        default "default": Loose<'s>,
        /// true: it may be left empty, and nothing refuses to start.
        optional "optional": Val<'s, bool>,
        /// true: it is a secret; its value stands in no file of the repository.
        secret "secret": Val<'s, bool>,
        /// The modes that use it, such as [prod]; without it, all. In another mode it is refused.
        modes "modes": List<'s, Text<'s>>,
        /// What it is for, and where its value comes from.
        description "description": Text<'s>,
        /// Findings that are wanted, each with its reason.
        waive "waive": crate::compose::list::ByTarget<'s, Waiver<'s>>,
    }
}

impl Variable<'_> {
    /// Whether it is a secret.
    pub fn is_secret(&self) -> bool {
        self.secret.and_then(|secret| secret.get()) == Some(true)
    }

    /// Whether a mode of this name may use it.
    pub fn is_for(&self, name: &str, mode: &Mode) -> bool {
        let is_own = |one: &Text| one.text == name || mode.is_called(one.text);
        self.modes
            .is_none_or(|modes| modes.items.iter().any(is_own))
    }

    /// Whether it may be left empty.
    pub fn is_optional(&self) -> bool {
        self.optional.and_then(|optional| optional.get()) == Some(true)
    }
}

model! {
    /// A finding that is wanted.
    pub struct Waiver<'s> {
        /// The rule to waive, as a finding names it, such as image-unpinned.
        rule "rule": Text<'s>,
        /// Why it is wanted here: a sentence for whoever reads it next.
        reason "reason": Text<'s>,
    }
}

impl Targeted for Waiver<'_> {
    fn target(&self) -> Option<&str> {
        self.rule.map(|rule| rule.text)
    }

    fn place(&self) -> Place {
        self.place
    }
}

macro_rules! shared {
    (
        $(#[doc = $doc:literal])* $Shared:ident, $Plain:ident,
        { $($(#[doc = $fdoc:literal])* $field:ident $key:literal: $ty:ty,)* }
    ) => {
        model! {
            $(#[doc = $doc])*
            pub struct $Shared<'s> {
                /// The modes that share it on purpose, such as [test, prod]; it is then external, and no `down -v` removes it.
                shared "shared": List<'s, Text<'s>>,
                /// Why they share it: a sentence for whoever reads it next.
                reason "reason": Text<'s>,
                /// Findings that are wanted, each with its reason.
                waive "waive": crate::compose::list::ByTarget<'s, Waiver<'s>>,
                $($(#[doc = $fdoc])* $field $key: $ty,)*
            }
        }

        impl<'s> $Shared<'s> {
            /// What of it is Compose's.
            pub fn compose(&self) -> $Plain<'s> {
                $Plain {
                    $($field: self.$field,)*
                    beside: self.beside,
                    place: self.place,
                }
            }

            /// Whether a mode shares it on purpose.
            pub fn is_shared_by(&self, mode: &str) -> bool {
                self.shared.is_some_and(|modes| modes.items.iter().any(|name| name.text == mode))
            }
        }
    };
}

shared! {
    /// A volume.
    SharedVolume, Volume, {
        /// Its name on the engine; without it, the project's name stands before the key.
        name "name": Text<'s>,
        /// The driver that keeps the volume; local without it.
        driver "driver": Text<'s>,
        /// Options of the driver, by name, such as type: nfs.
        driver_opts "driver_opts": Keyed<'s, Loose<'s>>,
        /// true: it exists already, and is not Compose's to make or remove.
        external "external": External<'s>,
        /// Labels that it gets on the engine, as a map or a list.
        labels "labels": Keyed<'s, EnvValue<'s>>,
    }
}

shared! {
    /// A network.
    SharedNetwork, Network, {
        /// Its name on the engine; without it, the project's name stands before the key.
        name "name": Text<'s>,
        /// The driver of the network, such as bridge, the default, or macvlan.
        driver "driver": Text<'s>,
        /// Options of the network's driver, by name.
        driver_opts "driver_opts": Keyed<'s, Loose<'s>>,
        /// true: it exists already, and is not Compose's to make or remove.
        external "external": External<'s>,
        /// true: containers outside of the project may join.
        attachable "attachable": Val<'s, bool>,
        /// false: no IPv4 addresses are given in it.
        enable_ipv4 "enable_ipv4": Val<'s, bool>,
        /// true: IPv6 addresses are given in it.
        enable_ipv6 "enable_ipv6": Val<'s, bool>,
        /// Which addresses are given in it: subnets, ranges, gateways.
        ipam "ipam": Ipam<'s>,
        /// true: there is no way out of it to other networks.
        internal "internal": Val<'s, bool>,
        /// Labels that it gets on the engine, as a map or a list.
        labels "labels": Keyed<'s, EnvValue<'s>>,
    }
}

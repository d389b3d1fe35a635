//! Which mode and which host a plan is for; who is in it, and for the others the one reason why not.

use rustc_hash::FxHashMap;

use crate::catalog::entries::{Host, Mode, is_fenced};
use crate::catalog::{Catalog, Declared, KeptOut, Named, ServiceEntry, Situation};
use crate::compose::value::Ahead;
use crate::values::mode_class::ModeClass;

/// Up to this many roles are found sooner by a look along them than by a hash.
const FEW_ROLES: usize = 16;

/// A mode on a host.
#[derive(Clone, Copy)]
pub struct Scope<'a, 's> {
    /// The catalog.
    pub catalog: &'a Catalog<'s>,
    /// The mode's name.
    pub mode_name: &'s str,
    /// The mode.
    pub mode: &'a Declared<Mode<'s>>,
    /// Its class.
    pub class: ModeClass,
    /// The host's name.
    pub host_name: &'s str,
    /// The host.
    pub host: &'a Declared<Host<'s>>,
    /// What is chosen there: options with their choices.
    pub choices: &'a [(&'s str, &'s str)],
}

/// Why a service is not in a plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Absence<'s> {
    /// Nothing declares it.
    Unknown,
    /// Its role is not for modes of this class.
    Role {
        /// The role.
        role: &'s str,
        /// The mode's class.
        class: ModeClass,
    },
    /// Its `modes` leave this one out.
    Modes,
    /// Its `hosts` leave this one out.
    Hosts,
    /// Its `when` is not true here.
    When(&'s str),
    /// Another service takes its place.
    Replaced(&'s str),
}

impl<'a, 's> Scope<'a, 's> {
    /// The mode on the host, with what is chosen there.
    pub fn situation(&self) -> Situation<'_, 's> {
        Situation {
            catalog: self.catalog,
            mode_name: self.mode_name,
            mode: &self.mode.value,
            class: self.class,
            host: self.host_name,
            choices: self.choices,
        }
    }

    /// Why role, modes, hosts or its condition keep a service out; `None` where they let it in.
    pub fn kept_out(&self, service: &ServiceEntry<'s>) -> Option<Absence<'s>> {
        let why = self.situation().kept_out(service)?;
        Some(self.told(why, service))
    }

    fn told(&self, why: KeptOut, service: &ServiceEntry<'s>) -> Absence<'s> {
        match why {
            KeptOut::Role => Absence::Role {
                role: service.role(),
                class: self.class,
            },
            KeptOut::Modes => Absence::Modes,
            KeptOut::Hosts => Absence::Hosts,
            KeptOut::When => {
                let when = service.words.own.when();
                Absence::When(when.map_or("", |when| when.text.text))
            }
        }
    }

    /// Why role, modes, hosts or conditions keep services out, by name. Many services have one of few roles, each of which
    /// is judged once.
    fn all_kept_out(&self) -> Vec<Option<Absence<'s>>> {
        let situation = self.situation();
        let roles = self.catalog.roles.keys().take(FEW_ROLES);
        let judged: Vec<(&str, bool)> =
            roles.map(|role| (*role, situation.lets_in(role))).collect();
        let lets_in = |role: &str| match judged.iter().find(|(name, _)| *name == role) {
            Some((_, lets_in)) => *lets_in,
            None => situation.lets_in(role),
        };
        let services = self.catalog.services_by_name();
        let mut ahead = Ahead::of(services.iter(), services.len());
        let kept_out = |service: &Named<'s>| match lets_in(service.role) {
            true if service.is_free => None,
            true => situation.left_out(service.entry),
            false => Some(KeptOut::Role),
        };
        let told = |service: &Named<'s>| Some(self.told(kept_out(service)?, service.entry));
        let services = services.iter();
        services
            .inspect(|_| ahead.next(Named::touch_membership))
            .map(told)
            .collect()
    }

    /// Whether the mode runs at the same time as others of the host, and then its port offset. An offset that could
    /// not be read has a finding; nothing is judged by it.
    pub fn concurrent(&self) -> Option<u16> {
        let concurrent = self.host.value.concurrent?;
        let mine = |key: &str| key == self.mode_name || self.mode.value.is_called(key);
        let (_, _, offset) = concurrent.iter().find(|(key, ..)| mine(key))?;
        offset.0.get()
    }

    /// The members, by name, and who stands in for whom.
    pub fn members(&self) -> Membership<'a, 's> {
        let (absent, replaced) = self.judged();
        let catalog: &'a Catalog<'s> = self.catalog;
        let services = catalog.services_by_name();
        let mut members = Vec::with_capacity(services.len());
        let there = services
            .iter()
            .zip(&absent)
            .filter(|(_, why)| why.is_none());
        members.extend(there.map(|(service, _)| service));
        Membership { members, replaced }
    }

    /// Why each service of the catalog, by name, is not in the plan.
    pub fn absent(&self) -> Vec<Option<Absence<'s>>> {
        self.judged().0
    }

    /// Why each service of the catalog, by name, is not in the plan, and who stands in for whom.
    fn judged(&self) -> (Vec<Option<Absence<'s>>>, FxHashMap<&'s str, &'s str>) {
        let mut absent = self.all_kept_out();
        let is_there = |service: &&Named<'s>| service.replaces && absent[service.rank].is_none();
        let replacers = self.catalog.services_by_name().iter().filter(is_there);
        let replaced = replacements(replacers.map(|service| service.entry));
        for (name, replacer) in &replaced {
            if let Some(rank) = self.catalog.rank(name) {
                absent[rank].get_or_insert(Absence::Replaced(replacer));
            }
        }
        (absent, replaced)
    }

    /// Why a service is not in the plan; `None` where it is.
    pub fn absence(&self, name: &str, membership: &Membership<'_, 's>) -> Option<Absence<'s>> {
        match self.catalog.services.get(name) {
            Some(service) => self.absence_of(service, membership),
            None => Some(Absence::Unknown),
        }
    }

    /// The same of a service that is declared.
    pub fn absence_of(
        &self,
        service: &ServiceEntry<'s>,
        membership: &Membership<'_, 's>,
    ) -> Option<Absence<'s>> {
        let replaced = membership.replaced.get(service.name);
        self.kept_out(service)
            .or(replaced.map(|replacer| Absence::Replaced(replacer)))
    }
}

/// Who is in a plan.
#[derive(Debug)]
pub struct Membership<'a, 's> {
    /// The services, by name.
    pub members: Vec<&'a Named<'s>>,
    /// Replaced service to the one that stands in for it in the end.
    pub replaced: FxHashMap<&'s str, &'s str>,
}

/// Who stands in for whom in the end; `replacers` are those who take somebody's place, by name.
fn replacements<'s>(
    replacers: impl Iterator<Item = &'s ServiceEntry<'s>>,
) -> FxHashMap<&'s str, &'s str> {
    let mut direct: FxHashMap<&str, &str> = FxHashMap::default();
    for service in replacers {
        if let Some(target) = service.words.own.replaces() {
            // The first by name wins; that there are two is a finding of its own.
            direct.entry(target.text).or_insert(service.name);
        }
    }
    let last = |start: &'s str| {
        let (mut name, mut steps) = (start, 0);
        while let Some(next) = direct.get(name).filter(|_| steps <= direct.len()) {
            (name, steps) = (next, steps + 1);
        }
        (steps <= direct.len()).then_some(name)
    };
    direct
        .keys()
        .filter_map(|target| Some((*target, last(target)?)))
        .collect()
}

impl<'s> Absence<'s> {
    /// The reason, as the end of a sentence about the service: "its role `datagen` never enters production".
    pub fn reason(&self, scope_mode: &str, scope_host: &str) -> String {
        match self {
            Absence::Unknown => "nothing declares it".to_owned(),
            Absence::Role { role, class } if is_fenced(role) && *class == ModeClass::Production => {
                format!("its role `{role}` never enters a mode of class production")
            }
            Absence::Role { role, class } => {
                format!("its role `{role}` is not for modes of class {class}")
            }
            Absence::Modes => format!("its `modes` leave out `{scope_mode}`"),
            Absence::Hosts => format!("its `hosts` leave out `{scope_host}`"),
            Absence::When(condition) => format!("its `when` does not hold: `{condition}`"),
            Absence::Replaced(by) => format!("`{by}` takes its place"),
        }
    }
}

//! Other limits than the catalog's, to see what they would change: `web.memory=512M`. Plans are changed in memory, and
//! nothing is written.

use super::limits::LEAST_MEMORY;
use super::{At, Limit, Plan, PlannedService};
use crate::catalog::words::Reservation;
use crate::place::Place;
use crate::values::Refusal;
use crate::values::cpus::Cpus;
use crate::values::memory::Memory;
use crate::values::percent::Percent;
use crate::values::shown::shown;

/// What of a service can be tried, as it is written after the service's name.
pub const KEYS: &[&str] = &["memory", "cpus", "memory.reservation"];

/// Another amount for a service, in every mode.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change<'t> {
    /// The service.
    pub service: &'t str,
    /// The amount.
    pub to: Amount,
}

/// What is tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Amount {
    /// A memory limit. A reservation that is a share of the limit follows it.
    Memory(Memory),
    /// A CPU limit.
    Cpus(Cpus),
    /// A memory reservation: a size, or a share of the limit.
    Reservation(Reservation<Memory>),
}

/// Why a text is no change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NoChange<'t> {
    /// Nobody knows the service.
    Service(&'t str),
    /// The service is known, and what shall change of it is not.
    Key(&'t str),
    /// The text, or its amount, is none.
    Text(Refusal),
}

impl Amount {
    /// What of the service it is, as it is written.
    pub fn key(self) -> &'static str {
        match self {
            Amount::Memory(_) => "memory",
            Amount::Cpus(_) => "cpus",
            Amount::Reservation(_) => "memory.reservation",
        }
    }

    /// How much it is, in bytes or thousandths of a CPU; `None` for a share.
    pub fn units(self) -> Option<u64> {
        match self {
            Amount::Memory(size) | Amount::Reservation(Reservation::Exactly(size)) => {
                Some(size.bytes())
            }
            Amount::Cpus(cpus) => Some(u64::from(cpus.thousandths())),
            Amount::Reservation(Reservation::Share(_)) => None,
        }
    }
}

impl<'t> Change<'t> {
    /// Reads `SERVICE.memory=512M`, `SERVICE.cpus=0.5` or `SERVICE.memory.reservation=50%`. Names of services may hold
    /// points, so `is_service` says where a name ends.
    ///
    /// # Errors
    /// A text of another form, an unknown service or key, and an amount that the catalog would refuse as well.
    pub fn parse(text: &'t str, is_service: impl Fn(&str) -> bool) -> Result<Self, NoChange<'t>> {
        let form = "write SERVICE.memory=512M, SERVICE.cpus=0.5 or SERVICE.memory.reservation=50%";
        let refused = |what: &str| {
            let message = format!("{} {what}", shown(text));
            NoChange::Text(Refusal::new(message).with_help(form))
        };
        let (target, amount) = text
            .split_once('=')
            .ok_or_else(|| refused("says no amount to try"))?;
        if is_service(target) {
            return Err(refused("does not say what of the service to change"));
        }
        let mut points = target.rmatch_indices('.').map(|(at, _)| at);
        let Some(at) = points.find(|at| is_service(&target[..*at])) else {
            let name = KEYS
                .iter()
                .filter_map(|key| target.strip_suffix(key)?.strip_suffix('.'))
                .next_back();
            let name = name.or_else(|| target.split('.').next());
            return Err(NoChange::Service(name.unwrap_or(target)));
        };
        let (service, key) = (&target[..at], &target[at + 1..]);
        let to = read(key, amount)?;
        Ok(Change { service, to })
    }

    /// Changes a service in plans; gives every service that was changed, as it was and as it is, with its plan's place.
    pub fn apply<'s>(&self, plans: &mut [Plan<'s>]) -> Vec<Changed<'s>> {
        let mut changed = Vec::new();
        for plan in plans {
            let Some(at) = plan.index.get(self.service) else {
                continue;
            };
            let before = plan.services[*at];
            self.to.put_into(&mut plan.services[*at]);
            changed.push(Changed {
                mode: plan.mode,
                before,
                after: plan.services[*at],
            });
        }
        changed
    }
}

/// A service that was changed.
#[derive(Clone, Copy, Debug)]
pub struct Changed<'s> {
    /// In this mode.
    pub mode: &'s str,
    /// As the catalog has it, and what was tried before.
    pub before: PlannedService<'s>,
    /// As it would be.
    pub after: PlannedService<'s>,
}

fn read<'t>(key: &'t str, amount: &str) -> Result<Amount, NoChange<'t>> {
    let amount = match key {
        "memory" | "memory.limit" => amount.parse().and_then(not_too_little).map(Amount::Memory),
        "cpus" | "cpus.limit" => amount.parse().map(Amount::Cpus),
        "memory.reservation" => reservation(amount).map(Amount::Reservation),
        _ => return Err(NoChange::Key(key)),
    };
    amount.map_err(NoChange::Text)
}

fn not_too_little(limit: Memory) -> Result<Memory, Refusal> {
    if limit.is_zero() {
        let message = "`0` is read by Compose as no limit; write an amount, such as `512M`";
        return Err(Refusal::new(message));
    }
    if limit < LEAST_MEMORY {
        let message = format!(
            "a limit of {} is too little: the engine takes {LEAST_MEMORY} or more",
            limit.human()
        );
        let help = "a number without a unit is bytes; write, for example, `512M`";
        return Err(Refusal::new(message).with_help(help));
    }
    Ok(limit)
}

fn reservation(text: &str) -> Result<Reservation<Memory>, Refusal> {
    match text.ends_with('%') {
        true => text.parse::<Percent>().map(Reservation::Share),
        false => text.parse::<Memory>().map(Reservation::Exactly),
    }
}

impl Amount {
    /// Changes the limits of a planned service.
    fn put_into(self, service: &mut PlannedService) {
        let limits = &mut service.limits;
        match self {
            Amount::Memory(limit) => {
                limits.memory.put(limit);
                keep_share(&mut limits.memory, Memory::percent);
            }
            Amount::Cpus(limit) => {
                limits.cpus.put(limit);
                keep_share(&mut limits.cpus, Cpus::percent);
            }
            Amount::Reservation(Reservation::Exactly(kept)) => {
                limits.memory.share = None;
                limits.memory.reserve(Some(kept));
            }
            Amount::Reservation(Reservation::Share(share)) => {
                limits.memory.share = Some(share);
                limits.memory.reserve(None);
                keep_share(&mut limits.memory, Memory::percent);
            }
        }
    }
}

/// The reservation follows a limit of which it is a share.
fn keep_share<T: Copy>(limit: &mut Limit<T>, part: impl Fn(T, Percent) -> T) {
    if let (Some(most), Some(share)) = (limit.limit, limit.share) {
        limit.reserve(Some(part(most.value, share)));
    }
}

impl<T: Copy> Limit<T> {
    fn put(&mut self, value: T) {
        let place = self.limit.map_or(Place::NOWHERE, |at| at.place);
        self.limit = Some(At { value, place });
        self.unknown = false;
    }

    /// `None`: a share of a limit that nobody knows yet.
    fn reserve(&mut self, value: Option<T>) {
        let place = self.reservation.map_or(Place::NOWHERE, |at| at.place);
        self.reservation = value.map(|value| At { value, place });
        self.reservation_unknown = value.is_none();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Change<'_>, NoChange<'_>> {
        Change::parse(text, |name| ["web", "web.api", "memory"].contains(&name))
    }

    #[test]
    fn a_change_names_service_key_and_amount() {
        for (text, service, key) in [
            ("web.memory=512M", "web", "memory"),
            ("web.memory.limit=512M", "web", "memory"),
            ("web.cpus=0.5", "web", "cpus"),
            ("web.cpus.limit=2", "web", "cpus"),
            ("web.memory.reservation=50%", "web", "memory.reservation"),
            ("web.memory.reservation=0", "web", "memory.reservation"),
            ("web.api.memory=1G", "web.api", "memory"),
            ("memory.memory=1G", "memory", "memory"),
        ] {
            let change = parse(text).unwrap();
            assert_eq!((change.service, change.to.key()), (service, key), "{text}");
        }
    }

    #[test]
    fn unknown_names_are_told_apart() {
        for (text, expected) in [
            ("wbe.memory=1G", NoChange::Service("wbe")),
            ("a.b.memory.reservation=1G", NoChange::Service("a.b")),
            ("a.b=1G", NoChange::Service("a")),
            ("nothing=1G", NoChange::Service("nothing")),
            ("=1G", NoChange::Service("")),
            ("web.memroy=1G", NoChange::Key("memroy")),
            ("web.=1G", NoChange::Key("")),
            ("web.cpus.reservation=1", NoChange::Key("cpus.reservation")),
        ] {
            assert_eq!(parse(text), Err(expected), "{text}");
        }
    }

    #[test]
    fn texts_and_amounts_are_refused_in_words() {
        let form = "write SERVICE.memory=512M, SERVICE.cpus=0.5 or SERVICE.memory.reservation=50%";
        for (text, message, help) in [
            ("web.memory", "`web.memory` says no amount to try", form),
            ("", "an empty text says no amount to try", form),
            (
                "web=1G",
                "`web=1G` does not say what of the service to change",
                form,
            ),
            (
                "web.memory=0",
                "`0` is read by Compose as no limit; write an amount, such as `512M`",
                "",
            ),
            (
                "web.memory=512",
                "a limit of 512 bytes is too little: the engine takes 6M or more",
                "a number without a unit is bytes; write, for example, `512M`",
            ),
            (
                "web.memory=1,5G",
                "`1,5G` is not a size; write a number and a unit, such as `512M` or `2G`",
                "the decimal sign is a point: `1.5G`",
            ),
            (
                "web.memory.reservation=200%",
                "`200%` is not a percentage; write a whole number from 1 to 100 and `%`, such as `50%`",
                "",
            ),
        ] {
            let Err(NoChange::Text(refusal)) = parse(text) else {
                panic!("{text} is a change");
            };
            assert_eq!(refusal.message, message);
            assert_eq!(refusal.help.unwrap_or_default(), help);
        }
    }

    #[test]
    fn a_reservation_that_is_a_share_follows_the_limit() {
        let mib = |count| Some(Memory::from_mib(count));
        let at = |value| At {
            value,
            place: Place::NOWHERE,
        };
        let mut limit = Limit {
            limit: Some(at(Memory::from_mib(512))),
            reservation: Some(at(Memory::from_mib(256))),
            share: "50%".parse().ok(),
            ..Limit::default()
        };
        limit.put(Memory::from_mib(100));
        keep_share(&mut limit, Memory::percent);
        assert_eq!(limit.reservation.map(|kept| kept.value), mib(50));
        limit.share = None;
        limit.put(Memory::from_mib(300));
        keep_share(&mut limit, Memory::percent);
        assert_eq!(limit.reservation.map(|kept| kept.value), mib(50));
    }
}

//! `memory-limit-missing`, `cpu-limit-missing`, `reservation-over-limit`, `service-over-host`: one container's limits.

use super::{Context, Ready};
use crate::compose::scalar::Val;
use crate::finding::Finding;
use crate::plan::amount::Amount;
use crate::plan::{At, Basis, Plan, PlannedService};
use crate::rule::Rule;
use crate::values::cpus::Cpus;
use crate::values::memory::Memory;
use crate::values::shown::shown;

/// Judges the limits of every service.
pub fn check<'c, 's>(context: &'c Context<'_, 's>, plan: &'c Plan<'s>) -> Ready<'c, 's> {
    let memory = Judge::<Memory>::of(context, plan);
    let cpus = Judge::<Cpus>::of(context, plan);
    Box::new(move |service: &'c PlannedService<'s>| {
        memory.judge(service);
        cpus.judge(service);
    })
}

/// Judges one kind of amount in one plan.
struct Judge<'a, 's, T: Amount> {
    context: &'a Context<'a, 's>,
    plan: &'a Plan<'s>,
    /// How much the machine has, where that is known.
    host: Option<At<T>>,
}

impl<'a, 's, T: Amount> Judge<'a, 's, T> {
    fn of(context: &'a Context<'a, 's>, plan: &'a Plan<'s>) -> Self {
        let host = context.catalog.hosts.get(plan.host);
        let written = host.and_then(|host| T::of_host(&host.value));
        Judge {
            context,
            plan,
            host: written.and_then(known),
        }
    }

    fn judge(&self, service: &PlannedService<'s>) {
        let amounts = T::of(&service.limits);
        let Some(limit) = amounts.limit else {
            // What stands there and is no amount has its own finding; what only a variable knows is a limit.
            if !amounts.unknown {
                self.missing(service);
            }
            return;
        };
        if limit.value.units() == 0 {
            return self.zero(service, limit);
        }
        if let Some(kept) = amounts.reservation.filter(|it| it.value > limit.value) {
            self.reserves_too_much(service, limit, kept);
        }
        if let Some(host) = self.host.filter(|host| limit.value > host.value) {
            self.over_host(service, limit, host);
        }
    }

    fn missing(&self, service: &PlannedService<'s>) {
        let message = format!("{} has no {} limit", shown(service.name), T::NOUN);
        let example = T::EXAMPLE;
        let help = match self.context.basis {
            Basis::Catalog => format!(
                "write, for example, `{example}` at the service, at its role's `defaults` or in a fragment"
            ),
            Basis::Compose => {
                format!(
                    "write, for example, `deploy: {{ resources: {{ limits: {{ {example} }} }} }}`"
                )
            }
        };
        let finding = Finding::new(T::MISSING, service.entry.place, message).help(help);
        self.add_missing(service, finding);
    }

    /// Compose takes a limit of 0 for none.
    fn zero(&self, service: &PlannedService<'s>, limit: At<T>) {
        let message = format!(
            "{} has no {} limit: Compose reads `0` as none",
            shown(service.name),
            T::NOUN
        );
        let help = match self.context.basis {
            Basis::Catalog => format!("write, for example, `{}`", T::EXAMPLE),
            Basis::Compose => "write how much it may use".to_owned(),
        };
        let finding = Finding::new(T::MISSING, limit.place, message).help(help);
        self.add_missing(service, finding);
    }

    fn add_missing(&self, service: &PlannedService<'s>, finding: Finding) {
        match self.context.catalog.limits_required() {
            true => self.add(service, finding),
            false => self.add(service, finding.warning()),
        }
    }

    fn reserves_too_much(&self, service: &PlannedService<'s>, limit: At<T>, kept: At<T>) {
        let (most, reserved) = limit.value.numbers(kept.value);
        let message = format!(
            "{} may use {} and reserves {reserved}, which is more",
            shown(service.name),
            T::with_noun(&most),
        );
        let finding = Finding::new(Rule::ReservationOverLimit, kept.place, message)
            .second(limit.place, "the limit");
        self.add(
            service,
            match self.context.basis {
                Basis::Catalog => finding.help(
                    "lower the reservation, or write it as a share of the limit: `reservation: 50%`",
                ),
                Basis::Compose => T::softened(finding).help("lower the reservation, or raise the limit"),
            },
        );
    }

    fn over_host(&self, service: &PlannedService<'s>, limit: At<T>, host: At<T>) {
        if self.context.basis == Basis::Compose {
            return self.over_machine(service, limit, host);
        }
        let hosts = self.hosts();
        let is_enough = |(_, has): &&(&str, At<T>)| has.value >= limit.value;
        let enough: Vec<&str> = hosts.iter().filter(is_enough).map(|it| it.0).collect();
        let here = shown(self.plan.host);
        let (name, subject, most) = match largest(&hosts) {
            // The same words on whichever host it shows: one mistake.
            Some((name, most)) if enough.is_empty() && hosts.len() > 1 => {
                let name = shown(name);
                let subject = format!("the largest host, {name},");
                (name, subject, most)
            }
            _ => (here.clone(), here, host),
        };
        let (has, asked) = most.value.numbers(limit.value);
        let (service_name, asked) = (shown(service.name), T::with_noun(&asked));
        let message = format!("{service_name} may use {asked}, and {subject} has {has}");
        let finding = Finding::new(Rule::ServiceOverHost, limit.place, message)
            .second(most.place, format!("{name} has {has}"))
            .help(keep_to(&enough));
        self.add(service, finding);
    }

    /// The same of the one machine that was asked for.
    fn over_machine(&self, service: &PlannedService<'s>, limit: At<T>, host: At<T>) {
        let (has, asked) = host.value.numbers(limit.value);
        let message = format!(
            "{} may use {}, and {} has {has}",
            shown(service.name),
            T::with_noun(&asked),
            self.plan.host_name()
        );
        let finding = Finding::new(Rule::ServiceOverHost, limit.place, message);
        self.add(service, finding.help("lower the limit"));
    }

    /// What the hosts of the catalog have, where that is known.
    fn hosts(&self) -> Vec<(&'s str, At<T>)> {
        let hosts = self.context.catalog.hosts.iter();
        let has = |host| T::of_host(host).and_then(known);
        hosts
            .filter_map(|(name, host)| Some((*name, has(&host.value)?)))
            .collect()
    }

    fn add(&self, service: &PlannedService<'s>, finding: Finding) {
        let finding = finding.service(service.name).mode(self.plan.mode);
        self.context.add(finding);
    }
}

/// The host that has most, the first of several.
fn largest<'s, T: Amount>(hosts: &[(&'s str, At<T>)]) -> Option<(&'s str, At<T>)> {
    let hosts = hosts.iter().copied();
    hosts.reduce(|most, other| match other.1.value > most.1.value {
        true => other,
        false => most,
    })
}

fn keep_to(hosts: &[&str]) -> String {
    if hosts.is_empty() {
        return "lower the limit; no host of the catalog has as much".to_owned();
    }
    format!(
        "lower the limit, or keep the service to a host that has as much: `hosts: [{}]`",
        hosts.join(", ")
    )
}

fn known<T: Amount>(written: &Val<T>) -> Option<At<T>> {
    let crate::compose::scalar::Is::Known(value) = written.is else {
        return None;
    };
    Some(At {
        value,
        place: written.place,
    })
}

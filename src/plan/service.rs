//! From the merged words of a service to a planned service.

use bumpalo::Bump;

use super::alike::{Alike, Before};
use super::depends_on::dependencies;
use super::environment::{environment, with_arguments};
use super::evaluate::ModeEvaluator;
use super::layers::{Said, Stated};
use super::limits::{deploy, deploy_is_open, limits};
use super::probe::probe;
use super::scope::Scope;
use super::{Health, PlannedService, Rare};
use crate::catalog::ServiceEntry;
use crate::catalog::words::{HealthcheckWord, Job};
use crate::compose::list::{Either, List};
use crate::compose::model::resolved;
use crate::compose::ports::Port;
use crate::compose::scalar::{Is, Loose, Text, Val};
use crate::compose::service::Service;
use crate::compose::value::{Evaluator, Value, collect};
use crate::finding::Finding;
use crate::place::Place;
use crate::rule::Rule;
use crate::values::interpolation::{has_variable, with_defaults};
use crate::values::port::{PortMapping, PortRange};
use crate::values::restart::Restart;

/// A member of a plan with its layers merged and nothing evaluated.
#[derive(Clone, Copy)]
pub struct Member<'w, 's> {
    /// What was written.
    pub entry: &'s ServiceEntry<'s>,
    /// Where it stands among the services of the catalog by name.
    pub rank: usize,
    /// Everything that is said of it.
    pub said: &'w Said<'s>,
    /// What of it is the same in every mode, as far as it is made.
    pub alike: &'w Alike<'s>,
    /// What the mode before made of it.
    pub before: &'w Before<'s>,
}

/// What other services ask of a member before anything is evaluated.
#[derive(Clone, Copy, Debug)]
pub struct Facts<'s> {
    /// Whether it runs once.
    pub job: Job,
    /// What is known of its healthcheck.
    pub health: Health,
    /// The profiles with which it starts.
    pub profiles: &'s [Text<'s>],
    /// What is added to the host ports it publishes.
    pub offset: u16,
    ports: &'s [Port<'s>],
    expose: &'s [Loose<'s>],
}

/// The role's profile and its own; a job that a person starts has `manual` alone.
fn profiles<'s>(
    entry: &ServiceEntry<'s>,
    own: &'s [Text<'s>],
    scope: &Scope<'_, 's>,
    arena: &'s Bump,
) -> &'s [Text<'s>] {
    if let Some(job) = entry
        .words
        .own
        .job
        .filter(|job| job.get() == Some(Job::Manual))
    {
        let manual = Text {
            text: "manual",
            place: job.place,
        };
        return collect(arena, [manual].into_iter());
    }
    let role = scope.catalog.roles.get(entry.role());
    match role.and_then(|role| role.value.profile) {
        Some(profile) if own.iter().all(|other| other.text != profile.text) => {
            collect(arena, [profile].into_iter().chain(own.iter().copied()))
        }
        _ => own,
    }
}

fn health(job: Job, word: Option<&HealthcheckWord>) -> Health {
    let Some(word) = word.filter(|_| job == Job::No) else {
        return Health::Missing;
    };
    if word.image.is_some() {
        Health::Image
    } else if word.compose().is_off() {
        Health::Off
    } else if word.words.http.is_some() || word.words.test.is_some() {
        Health::Probe
    } else {
        Health::Missing
    }
}

impl<'s> Facts<'s> {
    /// Of a service that states so much; its host ports are not moved.
    pub fn of(
        entry: &ServiceEntry<'s>,
        stated: &Stated<'s>,
        scope: &Scope<'_, 's>,
        arena: &'s Bump,
    ) -> Self {
        let job = entry.words.own.job;
        let job = job.and_then(|job| job.get()).unwrap_or(Job::No);
        let own = stated.profiles.map_or(&[][..], |list| list.items);
        Facts {
            job,
            health: health(job, stated.healthcheck.as_ref()),
            profiles: profiles(entry, own, scope, arena),
            offset: 0,
            ports: stated.ports.map_or(&[], |ports| ports.items),
            expose: stated.expose.map_or(&[], |expose| expose.items),
        }
    }

    /// Whether its container port is not known before something is evaluated.
    pub fn port_is_open(&self) -> bool {
        match self.ports.first() {
            Some(port) => port.is_open(),
            None => self.expose.first().is_some_and(Value::is_open),
        }
    }

    /// Whether the first port was refused where it stands: what it would be is nothing to judge by.
    pub fn port_is_refused(&self) -> bool {
        matches!(self.ports.first(), Some(Either::Short(short)) if short.is == Is::Bad)
    }

    /// The first container port, or the first published one. Ports may hold expressions and variables themselves.
    pub fn port(&self, cx: &ModeEvaluator<'_, 's>, published: bool) -> Option<u16> {
        let Some(first) = self.ports.first() else {
            let exposed = self.expose.first().filter(|_| !published)?;
            let range = match exposed.is_open() {
                true => self::exposed(&cx.port_text(exposed.0.text, exposed.0.place)?),
                false => self::exposed(exposed.0.text),
            };
            return range.map(|range| range.first);
        };
        let range = match first {
            Either::Short(short) => {
                let mapping = short_mapping(short, cx)?;
                if published {
                    mapping.published
                } else {
                    Some(mapping.target)
                }
            }
            Either::Long(long) => {
                let part = if published {
                    long.published
                } else {
                    long.target
                };
                let text = part?.0;
                cx.port_text(text.text, text.place)?.parse().ok()
            }
        };
        let first = range.map(|range: PortRange| range.first)?;
        match published {
            true => Some(first.saturating_add(self.offset)),
            false => Some(first),
        }
    }
}

fn short_mapping<'s>(
    short: &Val<'s, PortMapping>,
    cx: &ModeEvaluator<'_, 's>,
) -> Option<PortMapping> {
    match short.is {
        Is::Open(text) => cx.port_text(text, short.place)?.parse().ok(),
        _ => short.get(),
    }
}

/// The ports of an item of `expose`: `8080`, `8080-8090`, perhaps with a protocol.
pub fn exposed(text: &str) -> Option<PortRange> {
    let text = with_defaults(text)?;
    let end = text.bytes().position(|byte| byte == b'/');
    PortRange::parse(&text[..end.unwrap_or(text.len())]).ok()
}

/// Plans one service.
pub fn plan<'s>(
    member: &Member<'_, 's>,
    facts: &Facts<'s>,
    cx: &ModeEvaluator<'_, 's>,
) -> PlannedService<'s> {
    let entry = member.entry;
    cx.enter(entry.name);
    // The environment is evaluated below, where the mode's own variable comes into it.
    let words = &member.said.words;
    let written = Service {
        environment: None,
        ..words.service
    };
    let mut service = written.resolve(cx);
    let (own, alike) = (&words.own, member.alike);
    let limits = limits(words, cx);
    let is_open = deploy_is_open(words);
    service.deploy = alike.deploy(is_open, || deploy(&service, words, &limits, cx));
    let probe = match (facts.health, &member.said.healthcheck) {
        (Health::Probe | Health::Off, Some(word)) => {
            let is_open = word.is_open() || facts.port_is_open();
            alike.probe(is_open, || probe(&word.resolve(cx), facts, cx))
        }
        _ => None,
    };
    service.healthcheck = probe.map(|probe| probe.healthcheck);
    if facts.job != Job::No {
        service.restart = Some(cx.arena().alloc(Val::known(Restart::No, Place::NOWHERE)));
    }
    let profiles = List {
        items: facts.profiles,
        place: Place::NOWHERE,
    };
    service.profiles = (!profiles.items.is_empty()).then(|| &*cx.arena().alloc(profiles));
    if facts.offset > 0 {
        service.ports = service
            .ports
            .map(|ports| super::offset::moved(ports, facts.offset, cx));
    }
    super::forms::commands(entry.name, &service, cx.findings());
    service.entrypoint = super::guard::entrypoint(&service, own.guard(), entry, cx);
    service.environment = environment(entry, member.said, member.before, cx);
    service.build = service.build.map(|build| with_arguments(build, cx));
    let (depends_on, absent) = dependencies(own.depends_on, facts, entry, member.before, cx);
    service.depends_on = depends_on;
    super::forms::check(entry.name, &service, cx.findings());
    let words = entry.words.own.first_start();
    let rare = Rare {
        first_start: words.map(|words| first_start(words.resolve(cx).items, cx)),
        compose: resolved(own.compose(), cx),
        waivers: own.waive().map_or(&[], |waive| waive.items),
        absent,
    };
    PlannedService {
        name: entry.name,
        rank: member.rank,
        entry,
        role: entry.role(),
        job: facts.job,
        image_is_explicit: service.image.is_some(),
        limits,
        replicas: service.replicas(cx.arena()).unsigned_abs(),
        replicas_known: service.knows_replicas(),
        health: facts.health,
        probed: probe.and_then(|probe| probe.port),
        rare: rare.kept(cx.arena()),
        service,
    }
}

/// The words of a command for people: no Compose and no shell puts values into them.
fn first_start<'s>(words: &'s [Text<'s>], cx: &ModeEvaluator<'_, 's>) -> &'s [Text<'s>] {
    for word in words.iter().filter(|word| has_variable(word.text)) {
        let message = "`first_start` holds a variable, and nobody puts its value there: a person types the words";
        let help =
            "write the word itself, or let the program read the variable from its environment";
        let finding = Finding::new(Rule::WrongType, word.place, message).help(help);
        cx.findings().add(finding.service(cx.service_name()));
    }
    words
}

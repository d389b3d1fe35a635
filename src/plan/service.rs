//! From the merged words of a service to a planned service.

use super::evaluate::ModeEvaluator;
use super::layers::Environment;
use super::{AbsentDependency, At, Health, Limit, Limits, PlannedService};
use crate::catalog::ServiceEntry;
use crate::catalog::words::{HealthcheckWord, HealthcheckWords, Job, Reservation, Tool, Words};
use crate::compose::command::Command;
use crate::compose::deploy::{
    Condition, Dependency, Deploy, Limits as ComposeLimits, Reservations, Resources,
};
use crate::compose::health::Healthcheck;
use crate::compose::keyed::{Entry, EnvValue, Keyed, Slot};
use crate::compose::list::{Either, List};
use crate::compose::ports::Port;
use crate::compose::scalar::{Is, Loose, Scalar, Text, Val};
use crate::compose::service::Service;
use crate::compose::value::{Evaluator, Value, collect};
use crate::finding::Finding;
use crate::place::Place;
use crate::rule::Rule;
use crate::values::interpolation::{has_variable, with_defaults};
use crate::values::memory::Memory;
use crate::values::percent::Percent;
use crate::values::port::{PortMapping, PortRange};
use crate::values::restart::Restart;
use crate::values::shown::shown;

/// A member of a plan with its layers merged and nothing evaluated.
#[derive(Clone, Copy)]
pub struct Member<'w, 's> {
    /// Its name, where the names of all stand side by side.
    pub name: &'s str,
    /// What was written.
    pub entry: &'s ServiceEntry<'s>,
    /// Where it stands among the services of the catalog by name.
    pub rank: usize,
    /// Everything that is said of it, less its own environment.
    pub words: &'w Words<'s>,
    /// Its own environment.
    pub environment: Environment<'s>,
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

impl<'s> Member<'_, 's> {
    /// What other services ask of it.
    pub fn facts(
        &self,
        cx: &crate::plan::scope::Scope<'_, 's>,
        offset: u16,
        arena: &'s bumpalo::Bump,
    ) -> Facts<'s> {
        let job = self.job();
        Facts {
            job,
            health: health(job, self.words.own.healthcheck),
            profiles: self.profiles(cx, arena),
            offset,
            ports: self.words.service.ports.map_or(&[], |ports| ports.items),
            expose: self.words.service.expose.map_or(&[], |expose| expose.items),
        }
    }

    fn job(&self) -> Job {
        let job = self.entry.words.own.job;
        job.and_then(|job| job.get()).unwrap_or(Job::No)
    }

    /// The role's profile and its own; a job that a person starts has `manual` alone.
    fn profiles(
        &self,
        scope: &crate::plan::scope::Scope<'_, 's>,
        arena: &'s bumpalo::Bump,
    ) -> &'s [Text<'s>] {
        if self.job() == Job::Manual {
            let place = self
                .entry
                .words
                .own
                .job
                .map_or(Place::NOWHERE, |job| job.place);
            let manual = Text {
                text: "manual",
                place,
            };
            return collect(arena, [manual].into_iter());
        }
        let own = self
            .words
            .service
            .profiles
            .map_or(&[][..], |list| list.items);
        let role = self.entry.role();
        let role = scope
            .catalog
            .roles
            .get(role)
            .and_then(|role| role.value.profile);
        match role {
            Some(profile) if own.iter().all(|other| other.text != profile.text) => {
                collect(arena, [profile].into_iter().chain(own.iter().copied()))
            }
            _ => own,
        }
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
    let written = Service {
        environment: None,
        ..member.words.service
    };
    let mut service = written.resolve(cx);
    let own = &member.words.own;
    let limits = limits(member.words, cx);
    service.deploy = deploy(&service, member.words, &limits, cx);
    let (healthcheck, probed) = match (facts.health, own.healthcheck) {
        (Health::Probe | Health::Off, Some(word)) => probe(&word.resolve(cx), facts, cx),
        _ => (None, None),
    };
    service.healthcheck = healthcheck;
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
    service.entrypoint = super::guard::entrypoint(&service, own.guard, entry, cx);
    service.environment = environment(member, cx);
    service.build = service.build.map(|build| with_arguments(build, cx));
    let (depends_on, absent) = dependencies(own.depends_on, facts, entry, cx);
    service.depends_on = depends_on;
    super::forms::check(entry.name, &service, cx.findings());
    PlannedService {
        name: entry.name,
        rank: member.rank,
        entry,
        role: entry.role(),
        job: facts.job,
        first_start: entry
            .words
            .own
            .first_start
            .map(|words| first_start(words.resolve(cx).items, cx)),
        image_is_explicit: service.image.is_some(),
        limits,
        replicas: service.replicas(cx.arena()).unsigned_abs(),
        replicas_known: service.knows_replicas(),
        health: facts.health,
        probed,
        compose: own.compose.map(|raw| raw.resolve(cx)),
        waivers: own.waive.map_or(&[], |waive| waive.items),
        absent,
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

fn amount<'s, T: Scalar<'s>>(
    value: Option<&Val<'s, T>>,
    cx: &ModeEvaluator<'_, 's>,
) -> (Option<At<T>>, bool) {
    match value.map(|value| value.resolve(cx)) {
        None => (None, false),
        Some(value) => match PlannedService::known(&value) {
            Some(at) => (Some(at), false),
            None => (
                value.with_defaults(cx.arena()).map(|known| At {
                    value: known,
                    place: value.place,
                }),
                true,
            ),
        },
    }
}

fn limit<'s, T: Scalar<'s>>(
    limit: Option<&Val<'s, T>>,
    reservation: Option<&Val<'s, Reservation<T>>>,
    share: impl Fn(T, Percent) -> T,
    cx: &ModeEvaluator<'_, 's>,
) -> Limit<T> {
    let (limit, open) = amount(limit, cx);
    let is_reserved = reservation.is_some();
    let (reservation, unknown) = amount(reservation, cx);
    let share_of_limit = reservation.and_then(|written| match written.value {
        Reservation::Exactly(_) => None,
        Reservation::Share(percent) => Some(percent),
    });
    let reservation = reservation.and_then(|written| {
        let value = match written.value {
            Reservation::Exactly(value) => value,
            Reservation::Share(percent) => share(limit?.value, percent),
        };
        Some(At {
            value,
            place: written.place,
        })
    });
    Limit {
        limit,
        unknown: open,
        reservation_unknown: unknown || (is_reserved && reservation.is_none()),
        reservation,
        share: share_of_limit,
    }
}

/// The least memory with which the engine creates a container (dockerd: "Minimum memory limit allowed is 6MB").
pub const LEAST_MEMORY: Memory = Memory::from_mib(6);

/// A limit below what the engine takes; `0` is no limit at all, which is another rule's.
fn refuse_too_little(limit: Option<At<Memory>>, cx: &ModeEvaluator) {
    let Some(limit) = limit.filter(|it| it.value > Memory::ZERO && it.value < LEAST_MEMORY) else {
        return;
    };
    let message = format!(
        "a limit of {} is too little: the engine takes {LEAST_MEMORY} or more",
        limit.value.human()
    );
    let finding = Finding::new(Rule::BadSize, limit.place, message);
    let help = "a number without a unit is bytes; write, for example, `memory: 512M`";
    let finding = finding.service(cx.service_name());
    cx.findings().add(match limit.value < Memory::from_mib(1) {
        true => finding.help(help),
        false => finding,
    });
}

fn limits<'s>(words: &Words<'s>, cx: &ModeEvaluator<'_, 's>) -> Limits {
    let memory = words.own.memory.copied().unwrap_or_default().0;
    let cpus = words.own.cpus.copied().unwrap_or_default().0;
    let limits = Limits {
        memory: limit(
            memory.limit,
            memory.reservation,
            |all, share| all.percent(share),
            cx,
        ),
        cpus: limit(
            cpus.limit,
            cpus.reservation,
            |all, share| all.percent(share),
            cx,
        ),
    };
    refuse_too_little(limits.memory.limit, cx);
    limits
}

fn kept<'s, T: Scalar<'s>>(
    at: Option<At<T>>,
    cx: &ModeEvaluator<'_, 's>,
) -> Option<&'s Val<'s, T>> {
    at.map(|at| &*cx.arena().alloc(Val::known(at.value, at.place)))
}

/// The limit for Compose: as it was written, with the variable where one stands there, since its default only serves
/// the rules.
fn most<'s, T: Scalar<'s>>(
    written: Option<&'s Val<'s, T>>,
    at: Option<At<T>>,
    cx: &ModeEvaluator<'_, 's>,
) -> Option<&'s Val<'s, T>> {
    let open = written.filter(|written| written.is_open());
    let variable = open
        .map(|written| written.resolve(cx))
        .filter(Value::is_open);
    match variable {
        Some(variable) => Some(cx.arena().alloc(variable)),
        None if open.is_some() => kept(at, cx),
        None => written.filter(|written| written.get().is_some()),
    }
}

/// The reservation for Compose, a variable as it stands, like the limit's.
fn least<'s, T: Scalar<'s>>(
    written: Option<&Val<'s, Reservation<T>>>,
    at: Option<At<T>>,
    cx: &ModeEvaluator<'_, 's>,
) -> Option<&'s Val<'s, T>> {
    let resolved = written
        .filter(|written| written.is_open())
        .map(|written| written.resolve(cx));
    match resolved {
        Some(Val {
            is: Is::Open(text),
            place,
        }) => Some(cx.arena().alloc(Val {
            is: Is::Open(text),
            place,
        })),
        _ => kept(at, cx),
    }
}

/// `deploy` with our limits in it.
fn deploy<'s>(
    service: &Service<'s>,
    words: &Words<'s>,
    limits: &Limits,
    cx: &ModeEvaluator<'_, 's>,
) -> Option<&'s Deploy<'s>> {
    let arena = cx.arena();
    let mut deploy = service.deploy.copied().unwrap_or_default();
    let mut resources = deploy.resources.copied().unwrap_or_default();
    let memory = words.own.memory.copied().unwrap_or_default().0;
    let cpus = words.own.cpus.copied().unwrap_or_default().0;
    let written = resources.limits.copied().unwrap_or_default();
    let limited = ComposeLimits {
        memory: most(memory.limit, limits.memory.limit, cx),
        cpus: most(cpus.limit, limits.cpus.limit, cx),
        // Beside other limits Compose refuses a `pids_limit` that is not repeated here.
        pids: written.pids.or(service.pids_limit),
        ..written
    };
    let reserved = Reservations {
        memory: least(memory.reservation, limits.memory.reservation, cx),
        cpus: least(cpus.reservation, limits.cpus.reservation, cx),
        ..resources.reservations.copied().unwrap_or_default()
    };
    resources = Resources {
        limits: (!limited.is_empty()).then(|| &*arena.alloc(limited)),
        reservations: (!reserved.is_empty()).then(|| &*arena.alloc(reserved)),
        ..resources
    };
    deploy.resources = (!resources.is_empty()).then(|| &*arena.alloc(resources));
    (!deploy.is_empty()).then(|| &*arena.alloc(deploy))
}

type Probe<'s> = (Option<&'s Healthcheck<'s>>, Option<At<u16>>);

fn probe<'s>(
    word: &HealthcheckWord<'s>,
    facts: &Facts<'s>,
    cx: &ModeEvaluator<'_, 's>,
) -> Probe<'s> {
    let mut healthcheck = word.compose();
    let mut probed = None;
    if let Some(path) = word.words.http {
        let Some((test, port)) = http_probe(&word.words, *path, facts, cx) else {
            return (None, None);
        };
        healthcheck.test = Some(cx.arena().alloc(test));
        probed = Some(port);
    }
    (Some(cx.arena().alloc(healthcheck)), probed)
}

fn http_probe<'s>(
    words: &HealthcheckWords<'s>,
    path: Text<'s>,
    facts: &Facts<'s>,
    cx: &ModeEvaluator<'_, 's>,
) -> Option<(Command<'s>, At<u16>)> {
    let place = path.place;
    let wrong = |rule: Rule, place: Place, message: &str, help: &str| {
        let finding = Finding::new(rule, place, message.to_owned()).help(help);
        cx.findings().add(finding.service(cx.service_name()));
    };
    if !path.text.starts_with('/') {
        let message = format!(
            "the path {} of a healthcheck does not start with `/`",
            shown(path.text)
        );
        wrong(
            Rule::WrongType,
            place,
            &message,
            "write, for example, `http: /health`",
        );
        return None;
    }
    let Some(tool) = words.with else {
        let help = "write `with: curl`, `wget` or `python`: whichever the image has";
        wrong(
            Rule::MissingField,
            place,
            "the healthcheck does not say with which tool to ask",
            help,
        );
        return None;
    };
    let tool = tool.get()?;
    let port = match words.port {
        Some(port) => At {
            value: u16::try_from(port.get()?).ok()?,
            place: port.place,
        },
        None => match facts.port(cx, false) {
            Some(value) => At { value, place },
            None if facts.port_is_refused() => return None,
            None => {
                let help = "write `ports` or `expose` at the service, or `port` in the healthcheck";
                let message = format!(
                    "`{}` states no container port for its healthcheck to ask",
                    cx.service_name()
                );
                wrong(Rule::HealthcheckPort, place, &message, help);
                return None;
            }
        },
    };
    let url = ["http://127.0.0.1:", &port.value.to_string(), path.text].concat();
    let url = cx.arena().alloc_str(&url);
    Some((command(tool, url, place, cx), port))
}

fn command<'s>(tool: Tool, url: &'s str, place: Place, cx: &ModeEvaluator<'_, 's>) -> Command<'s> {
    let python = || {
        let script = ["import urllib.request; urllib.request.urlopen('", url, "')"];
        &*cx.arena().alloc_str(&script.concat())
    };
    let words: &[&'s str] = match tool {
        Tool::Curl => &["CMD", "curl", "-fsS", "-o", "/dev/null", url],
        Tool::Wget => &["CMD", "wget", "-q", "-O", "/dev/null", url],
        Tool::Python => &["CMD", "python", "-c", python()],
    };
    let words = words.iter().map(|text| Loose(Text { text, place }));
    Command::Exec(List {
        items: collect(cx.arena(), words),
        place,
    })
}

/// The environment: the mode's class first, and every bare name as its variable is declared.
fn environment<'s>(member: &Member<'_, 's>, cx: &ModeEvaluator<'_, 's>) -> Environment<'s> {
    let below = member.words.service.environment;
    let place = member
        .environment
        .or(below)
        .map_or(Place::NOWHERE, |it| it.place);
    let [own, below] = [member.environment, below].map(|it| it.copied().unwrap_or_default());
    let written = below.under(&own, cx.arena());
    let mode_variable = cx.scope.catalog.mode_variable;
    let class = mode_variable.map(|key| {
        let text = cx.scope.class.as_str();
        let value = EnvValue(Some(Text {
            text,
            place: cx
                .scope
                .mode
                .value
                .class
                .map_or(Place::NOWHERE, |class| class.place),
        }));
        Entry {
            key,
            place: Place::NOWHERE,
            slot: Slot::Is(value),
        }
    });
    let own = written.iter().filter_map(|item| {
        let item = evaluated(item, cx)?;
        if Some(item.key) == mode_variable {
            cx.findings().add(by_hand_finding(&item, member.entry, cx));
            return None;
        }
        Some(with_variable(&item, cx))
    });
    let entries = collect(cx.arena(), class.into_iter().chain(own));
    let keyed = Keyed { entries, place };
    (!entries.is_empty()).then(|| &*cx.arena().alloc(keyed))
}

fn by_hand_finding(item: &Entry<EnvValue>, entry: &ServiceEntry, cx: &ModeEvaluator) -> Finding {
    let message = format!(
        "`{}` is written by hand: it is the mode's class, and a literal in every service",
        item.key
    );
    Finding::new(Rule::ModeVariableSet, item.place, message)
        .help("leave it out; `mode_variable: none` in catalog.yaml if no service shall have it")
        .service(entry.name)
        .mode(cx.scope.mode_name)
}

/// The entry with its value evaluated; nothing for one that is removed.
fn evaluated<'s>(
    item: &Entry<'s, EnvValue<'s>>,
    cx: &ModeEvaluator<'_, 's>,
) -> Option<Entry<'s, EnvValue<'s>>> {
    let value = item.slot.get()?.resolve(cx);
    Some(Entry {
        slot: Slot::Is(value),
        ..*item
    })
}

fn with_variable<'s>(
    item: &Entry<'s, EnvValue<'s>>,
    cx: &ModeEvaluator<'_, 's>,
) -> Entry<'s, EnvValue<'s>> {
    match item.slot {
        Slot::Is(EnvValue(None)) | Slot::Replaced(EnvValue(None)) => {
            let text = cx.bare(item.key, item.place);
            let value = EnvValue(Some(Text {
                text,
                place: item.place,
            }));
            Entry {
                slot: Slot::Is(value),
                ..*item
            }
        }
        _ => *item,
    }
}

fn with_arguments<'s>(
    build: &'s crate::compose::build::BuildForm<'s>,
    cx: &ModeEvaluator<'_, 's>,
) -> &'s crate::compose::build::BuildForm<'s> {
    let Either::Long(long) = build else {
        return build;
    };
    let Some(args) = long.args else {
        return build;
    };
    let bare = |item: &Entry<EnvValue>| item.slot.get().is_some_and(|value| value.0.is_none());
    if !args.entries.iter().any(bare) {
        return build;
    }
    let entries = args.entries.iter().map(|item| with_variable(item, cx));
    let entries = collect(cx.arena(), entries);
    let args = cx.arena().alloc(Keyed { entries, ..*args });
    let mut long = *long;
    long.args = Some(args);
    cx.arena().alloc(Either::Long(long))
}

type Dependencies<'s> = (
    Option<&'s Keyed<'s, Dependency<'s>>>,
    &'s [AbsentDependency<'s>],
);

/// What is waited for, with the conditions that the targets can tell; what is not there; each target once.
fn dependencies<'s>(
    written: Option<&'s Keyed<'s, Dependency<'s>>>,
    facts: &Facts<'s>,
    entry: &ServiceEntry<'s>,
    cx: &ModeEvaluator<'_, 's>,
) -> Dependencies<'s> {
    let Some(written) = written else {
        return (None, &[]);
    };
    let arena = cx.arena();
    let most = written.entries.len();
    let mut present = bumpalo::collections::Vec::with_capacity_in(most, arena);
    let mut absent = bumpalo::vec![in arena];
    for (name, place, dependency) in written.iter() {
        let Some((member, theirs)) = cx.member(name) else {
            let optional = dependency.required.and_then(|required| required.get()) == Some(false);
            let why = cx.scope.absence(name, cx.membership);
            if let Some(why) = why.filter(|_| !optional) {
                absent.push(AbsentDependency {
                    target: name,
                    place,
                    why,
                });
            }
            continue;
        };
        let target = member.name;
        // What takes another's place does not wait for itself.
        if target == entry.name && target != name
            || present.iter().any(|other: &Entry<_>| other.key == target)
        {
            continue;
        }
        if theirs.job == Job::Manual {
            cx.findings().add(by_hand_job(target, place, entry, cx));
        }
        let value = settled(dependency, facts, theirs, cx);
        present.push(Entry {
            key: target,
            place,
            slot: Slot::Is(value),
        });
    }
    let entries = present.into_bump_slice();
    let keyed = Keyed {
        entries,
        place: written.place,
    };
    let keyed = (!entries.is_empty()).then(|| &*arena.alloc(keyed));
    (keyed, absent.into_bump_slice())
}

fn by_hand_job(target: &str, place: Place, entry: &ServiceEntry, cx: &ModeEvaluator) -> Finding {
    let message = format!(
        "`{}` waits for `{target}`, a job that a person starts",
        entry.name
    );
    Finding::new(Rule::JobDependedOn, place, message)
        .help(format!("leave it out, or write `job: true` at `{target}`"))
        .service(entry.name)
        .mode(cx.scope.mode_name)
}

fn settled<'s>(
    dependency: &Dependency<'s>,
    mine: &Facts<'s>,
    theirs: &Facts<'s>,
    cx: &ModeEvaluator<'_, 's>,
) -> Dependency<'s> {
    let mut result = dependency.resolve(cx);
    if result.condition.is_none() {
        let condition = match (theirs.job, theirs.health) {
            (Job::Awaited | Job::Manual, _) => Condition::Completed,
            (Job::No, Health::Probe | Health::Image) => Condition::Healthy,
            (Job::No, Health::Missing | Health::Off) => Condition::Started,
        };
        result.condition = Some(cx.arena().alloc(Val::known(condition, dependency.place)));
    }
    let covered = |profile: &Text| {
        theirs
            .profiles
            .iter()
            .any(|other| other.text == profile.text)
    };
    let always_together = theirs.profiles.is_empty()
        || !mine.profiles.is_empty() && mine.profiles.iter().all(covered);
    if !always_together {
        result.required = Some(cx.arena().alloc(Val::known(false, Place::NOWHERE)));
    } else if result.required.and_then(|required| required.get()) == Some(true) {
        result.required = None;
    }
    result
}

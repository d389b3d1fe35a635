//! What a layer may say of a service: Compose's own keys, and our few words where Compose has none.
//! Defaults, roles, fragments, services and overrides are all made of these; `Kind` says which words each may use.

use bumpalo::Bump;
use schemars::{Schema, SchemaGenerator};

use super::entries::Waiver;
use super::when::When;
use crate::compose::beside::is_own_key;
use crate::compose::deploy::Dependency;
use crate::compose::health::Healthcheck;
use crate::compose::keyed::{Item, Keyed};
use crate::compose::list::{ByTarget, List, OneOrMany, short_or_long};
use crate::compose::model::{entries, unknown_key};
use crate::compose::rare::Few;
use crate::compose::raw::Raw;
use crate::compose::scalar::{Scalar, Text, Val, expecting, or_pattern};
use crate::compose::service::{RareService, Service};
use crate::compose::value::{Evaluator, Merge, Reader, Sink, Value};
use crate::finding::Finding;
use crate::place::Place;
use crate::rule::Rule;
use crate::values::Refusal;
use crate::values::cpus::Cpus;
use crate::values::memory::Memory;
use crate::values::percent::Percent;
use crate::values::shown::shown;
use crate::yaml::node::{Entry, Kind as NodeKind, Node};
use crate::{model, schema, words};

model! {
    /// The words of our own.
    pub struct OwnWords<'s> {
        /// What the service is for: core, ai, external-api, datagen, test, or a role of the catalog. datagen and test never enter a mode of class production.
        role "role": Text<'s>,
        /// true: a one-shot that others wait for. manual: a one-shot that is started by hand.
        job "job": Val<'s, Job>,
        /// The modes it is in, such as [prod]; without it, all that its role allows.
        modes "modes": List<'s, Text<'s>>,
        /// A fragment or service, or a list of several, whose words come first; what stands here wins.
        extends "extends": OneOrMany<'s, Text<'s>>,
        /// What a mode, a host or a choice changes, by its name: test: { memory: 256M }.
        overrides "overrides": Keyed<'s, Override<'s>>,
        /// The most memory it may use, such as 512M; or its limit and its reservation.
        memory "memory": MemoryWord<'s>,
        /// The most CPUs it may use, such as 0.5; or its limit and its reservation.
        cpus "cpus": CpusWord<'s>,
        /// How the engine probes whether the container works; `image` where the image brings its own probe.
        healthcheck "healthcheck": HealthcheckWord<'s>,
        /// What it waits for: [db] until it is healthy, where it has a healthcheck; or by name with condition and more.
        depends_on "depends_on": Keyed<'s, Dependency<'s>>,
    }

    /// Our own words that few services say.
    rare enum RareWords {
        /// The words behind a job's name with which a person runs it once, before a mode starts for the first time; [] for none.
        first_start "first_start" before modes: OneOrMany<'s, Text<'s>>,
        /// The hosts it runs on, such as [nuc-16gb]; without it, all.
        hosts "hosts" before extends: List<'s, Text<'s>>,
        /// The condition under which it is there, over options and mode: options.influxdb == 'separate-instance'.
        when "when" before extends: When<'s>,
        /// The variable that says true or false in a mode's env file: whether the service is in that mode.
        switch "switch" before extends: Text<'s>,
        /// true: composegen-guard stands before its command and does not start it in a mode it is not for; the image must hold it.
        guard "guard" before extends: Val<'s, bool>,
        /// The service whose place this one takes, wherever this one is.
        replaces "replaces" before overrides: Text<'s>,
        /// Findings that are wanted here, each with rule and reason.
        waive "waive": ByTarget<'s, Waiver<'s>>,
        /// Compose keys that composegen does not know yet, written into the file as they are.
        compose "compose": Raw<'s>,
    }
}

words! {
    /// Whether a service runs once.
    Job, "true, false or `manual`",
    /// It runs until it is stopped.
    No => "false",
    /// A one-shot that others wait for.
    Awaited => "true",
    /// A one-shot that a person starts.
    Manual => "manual",
}

/// What a layer says of a service.
#[derive(Clone, Copy, Debug, Default)]
pub struct Words<'s> {
    /// Our own words.
    pub own: OwnWords<'s>,
    /// Compose's keys.
    pub service: Service<'s>,
}

impl Words<'_> {
    /// Reads a byte of each of its parts.
    pub fn touch(&self) -> u8 {
        self.own.touch() ^ self.service.touch()
    }
}

/// Which layer it is, and so which words it may use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A service: every word.
    Service,
    /// `defaults`, a role's defaults or a fragment: no words of membership.
    Shared,
    /// An override: neither words of membership nor `extends`.
    Override,
}

/// The words of membership: only a service has them.
pub const MEMBERSHIP: &[&str] = &[
    "role",
    "modes",
    "hosts",
    "when",
    "replaces",
    "switch",
    "job",
    "first_start",
];

/// Compose keys that a catalog writes otherwise, with what to write.
const REFUSED: &[(&str, &str)] = &[
    ("mem_limit", "write `memory: 512M`"),
    (
        "mem_reservation",
        "write `memory: { limit: 512M, reservation: 256M }`",
    ),
    ("version", "leave it out: Compose ignores it"),
];

/// The words that few services say, as they are read.
#[derive(Default)]
struct Rare<'s> {
    own: Vec<RareWords<'s>>,
    service: Vec<RareService<'s>>,
}

impl<'s> Words<'s> {
    /// Reads a layer.
    pub fn read(node: &Node<'_, 's>, kind: Kind, cx: &Reader<'_, 's>) -> Option<Self> {
        let list = entries(node, cx, "a map")?;
        let mut words = Words::default();
        words.own.place = node.place;
        let mut rare = Rare::default();
        let mut has_own_keys = false;
        for entry in list {
            match is_own_key(entry.key) {
                true => has_own_keys = true,
                false => words.read_entry(entry, &mut rare, kind, cx),
            }
        }
        if has_own_keys {
            // They are Compose's: what is kept with our own words is not written.
            words.service.beside = words.service.beside.with_own_keys(list, cx);
        }
        words.own.rare = Few::of(&rare.own, cx.arena);
        words.service.rare = Few::of(&rare.service, cx.arena);
        words.refuse_limits_under_deploy(cx);
        words.refuse_known_under_compose(cx);
        Some(words)
    }

    fn read_entry(
        &mut self,
        entry: &Entry<'_, 's>,
        rare: &mut Rare<'s>,
        kind: Kind,
        cx: &Reader<'_, 's>,
    ) {
        if let Some((key, help)) = REFUSED.iter().find(|(key, _)| *key == entry.key) {
            let message = format!("`{key}` is written otherwise in a catalog");
            let help = renamed(entry).unwrap_or_else(|| (*help).to_owned());
            refuse(entry.key_place, message, &help, cx);
        } else if !allowed(entry, kind, cx) {
        } else if entry.key == "extends" && matches!(entry.value.kind, NodeKind::Map(_)) {
            let help = "write the name alone, or a list of names: `extends: [app, influx-client]`";
            refuse(
                entry.value.place,
                "a catalog's `extends` takes names, not a map".into(),
                help,
                cx,
            );
        } else if !self.own.read_entry(entry, cx)
            && !self.service.read_entry(entry, cx)
            && !Few::read_into(&mut rare.service, entry, &mut self.service.beside, cx)
            && !Few::read_into(&mut rare.own, entry, &mut self.own.beside, cx)
        {
            unknown_key(entry, cx, &[OwnWords::KEYS, Service::KEYS]);
        }
    }

    fn refuse_limits_under_deploy(&self, cx: &Reader) {
        let Some(resources) = self.service.deploy.and_then(|deploy| deploy.resources) else {
            return;
        };
        let limits = resources.limits.copied().unwrap_or_default();
        let kept = resources.reservations.copied().unwrap_or_default();
        let memory = [limits.memory, kept.memory].into_iter().flatten();
        let cpus = [limits.cpus, kept.cpus].into_iter().flatten();
        for (place, word) in memory
            .map(|value| (value.place, "memory"))
            .chain(cpus.map(|value| (value.place, "cpus")))
        {
            let message =
                format!("`{word}` under `deploy.resources` is written otherwise in a catalog");
            let help = match word {
                "memory" => "write `memory: { limit: 512M, reservation: 256M }` at the service",
                _ => "write `cpus: { limit: 0.5, reservation: 0.25 }` at the service",
            };
            refuse(place, message, help, cx);
        }
    }

    fn refuse_known_under_compose(&self, cx: &Reader) {
        let Some(raw) = self.own.compose() else {
            return;
        };
        if !matches!(raw.0.kind, NodeKind::Map(_)) && !raw.0.is_null() {
            cx.wrong_type(&raw.0, "a map of Compose keys");
        }
        for entry in raw.entries() {
            let known = Service::KEYS.contains(&entry.key) || OwnWords::KEYS.contains(&entry.key);
            if known {
                let message = format!(
                    "`{}` under `compose` is a key that composegen knows",
                    entry.key
                );
                let help =
                    "write it at the service itself; `compose` is for keys it does not know yet";
                refuse(entry.key_place, message, help, cx);
            }
        }
    }

    /// Lays this layer over an earlier one.
    pub fn over(&self, earlier: &Self, arena: &'s Bump) -> Self {
        Words {
            own: self.own.laid_over(&earlier.own, arena),
            service: self.service.laid_over(&earlier.service, arena),
        }
    }
}

fn refuse(place: Place, message: String, help: &str, cx: &Reader) {
    cx.findings
        .add(Finding::new(Rule::RefusedKey, place, message).help(help));
}

/// `mem_limit: 256m` as a catalog says it; `None` for other keys, and for what is no size.
fn renamed(entry: &Entry) -> Option<String> {
    let size: Memory = entry.value.as_text()?.parse().ok()?;
    (entry.key == "mem_limit").then(|| format!("write `memory: {size}`"))
}

/// Whether a layer of this kind may use the word; a finding says why not.
fn allowed(entry: &Entry, kind: Kind, cx: &Reader) -> bool {
    if kind == Kind::Service {
        return true;
    }
    let membership = MEMBERSHIP.contains(&entry.key);
    let (rule, message, help) = match kind {
        Kind::Shared if membership => (
            Rule::UnknownKey,
            format!(
                "`{}` says where a service belongs, and only a service has it",
                entry.key
            ),
            "move it to the services",
        ),
        Kind::Override if membership || matches!(entry.key, "extends" | "overrides") => (
            Rule::OverrideWords,
            format!(
                "`{}` is none of the words that an override may hold",
                entry.key
            ),
            "an override changes what a service is like, not where it belongs or what it extends",
        ),
        _ => return true,
    };
    cx.findings
        .add(Finding::new(rule, entry.key_place, message).help(help));
    false
}

/// What a mode, a host or a choice changes.
#[derive(Clone, Copy, Debug)]
pub struct Override<'s>(
    /// The words.
    pub &'s Words<'s>,
);

impl<'s> Value<'s> for Override<'s> {
    fn read(node: &Node<'_, 's>, cx: &Reader<'_, 's>) -> Option<Self> {
        Words::read(node, Kind::Override, cx).map(|words| Override(cx.arena.alloc(words)))
    }

    fn is_open(&self) -> bool {
        false
    }

    fn resolve(&self, _: &dyn Evaluator<'s>) -> Self {
        *self
    }

    fn write(&self, _: &mut Sink) {}

    fn schema(generator: &mut SchemaGenerator) -> Schema {
        generator.subschema_for::<super::schema::OverrideSchema>()
    }
}

impl<'s> Item<'s> for Override<'s> {
    const EXPECTED: &'static str =
        "a map with the name of a mode, host or choice before each change";
}

/// A reservation: a size of its own, or a share of the limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reservation<T> {
    /// A size of its own.
    Exactly(T),
    /// A share of the limit.
    Share(Percent),
}

impl<'s, T: Scalar<'s>> Scalar<'s> for Reservation<T> {
    const RULE: Rule = T::RULE;
    const EXPECTED: &'static str = "an amount or a percentage of the limit";

    fn parse(text: &'s str) -> Result<Self, Refusal> {
        if text.ends_with('%') {
            return Percent::parse(text).map(Reservation::Share);
        }
        T::parse(text).map(Reservation::Exactly)
    }

    fn write(&self, out: &mut Sink) {
        match self {
            Reservation::Exactly(value) => value.write(out),
            Reservation::Share(percent) => percent.write(out),
        }
    }

    fn schema() -> Schema {
        let share = <Percent as Scalar>::schema();
        let pattern = share.get("pattern").and_then(|pattern| pattern.as_str());
        or_pattern(T::schema(), pattern.unwrap_or_default())
    }
}

model! {
    /// The most memory a service may use, and what is kept for it.
    pub struct MemoryWords<'s> {
        /// The most it may use, such as 512M.
        limit "limit": Val<'s, Memory>,
        /// What is kept for it: a size, or a share of the limit such as 50%.
        reservation "reservation": Val<'s, Reservation<Memory>>,
    }
}

model! {
    /// The most CPUs a service may use, and what is kept for it.
    pub struct CpusWords<'s> {
        /// The most it may use, such as 0.5.
        limit "limit": Val<'s, Cpus>,
        /// What is kept for it: CPUs, or a share of the limit such as 50%.
        reservation "reservation": Val<'s, Reservation<Cpus>>,
    }
}

/// A limit alone, or with its reservation: `memory: 80M` is `memory: { limit: 80M }`.
macro_rules! limit_word {
    ($(#[$doc:meta])* $Word:ident, $Words:ident, $amount:ty) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Default)]
        pub struct $Word<'s>(
            /// Both.
            pub $Words<'s>,
        );

        impl<'s> Value<'s> for $Word<'s> {
            fn read(node: &Node<'_, 's>, cx: &Reader<'_, 's>) -> Option<Self> {
                if matches!(node.kind, NodeKind::Map(_)) {
                    return $Words::read(node, cx).map($Word);
                }
                let limit = Val::<$amount>::read(node, cx)?;
                Some($Word($Words {
                    limit: Some(cx.arena.alloc(limit)),
                    place: node.place,
                    ..Default::default()
                }))
            }

            const MERGE: Option<Merge<'s, Self>> =
                Some(|later, earlier, arena| $Word(later.0.over(earlier.0, arena)));

            fn touch(&self) -> u8 {
                self.0.touch()
            }

            fn is_open(&self) -> bool {
                self.0.is_open()
            }

            fn resolve(&self, cx: &dyn Evaluator<'s>) -> Self {
                $Word(self.0.resolve(cx))
            }

            fn write(&self, out: &mut Sink) {
                self.0.write(out);
            }

            fn schema(generator: &mut SchemaGenerator) -> Schema {
                short_or_long(expecting::<$amount>(), $Words::schema(generator))
            }
        }
    };
}

limit_word!(
    /// The word `memory`.
    MemoryWord, MemoryWords, Memory
);
limit_word!(
    /// The word `cpus`.
    CpusWord, CpusWords, Cpus
);

words! {
    /// The program that probes: it must be one that the image has.
    Tool, "a tool that the image has: `curl`, `wget` or `python`",
    /// curl
    Curl => "curl",
    /// wget, also busybox's
    Wget => "wget",
    /// python and its standard library
    Python => "python",
}

model! {
    /// How the engine probes whether the container works: Compose's keys, and `http` with its tool.
    pub struct HealthcheckWords<'s> {
        /// The path to ask for, such as /health, on the container's first port.
        http "http": Text<'s>,
        /// The tool that asks: curl, wget or python; the image must have it.
        with "with": Val<'s, Tool>,
        /// The container port to ask, such as 8086; without it, the container's first.
        port "port": Val<'s, i64>,
        /// The probe in Compose's own words: CMD and its words, CMD-SHELL and a text, or NONE.
        test "test": crate::compose::command::Command<'s>,
        /// Time between two probes, such as 10s; 30s without it.
        interval "interval": Val<'s, crate::values::duration::Duration>,
        /// Time after which a probe that has not answered counts as failed, such as 5s; 30s without it.
        timeout "timeout": Val<'s, crate::values::duration::Duration>,
        /// How many failed probes in a row make the container unhealthy; 3 without it.
        retries "retries": Val<'s, i64>,
        /// Time after the start in which failed probes do not count, such as 60s; none without it.
        start_period "start_period": Val<'s, crate::values::duration::Duration>,
        /// Time between two probes during the start period, such as 2s; 5s without it.
        start_interval "start_interval": Val<'s, crate::values::duration::Duration>,
        /// true: turns off the probe that the image brings.
        disable "disable": Val<'s, bool>,
    }
}

/// The word `healthcheck`: a map, or `image`.
#[derive(Clone, Copy, Debug, Default)]
pub struct HealthcheckWord<'s> {
    /// The map.
    pub words: HealthcheckWords<'s>,
    /// Where `healthcheck: image` was written: the image brings its own probe.
    pub image: Option<Place>,
}

impl<'s> HealthcheckWord<'s> {
    /// Whether the layer says what the probe is, and not only how often.
    fn says_what(&self) -> bool {
        let words = &self.words;
        self.image.is_some()
            || words.http.is_some()
            || words.test.is_some()
            || words.disable.is_some()
    }

    /// Compose's own keys of it.
    pub fn compose(&self) -> Healthcheck<'s> {
        let words = &self.words;
        Healthcheck {
            test: words.test,
            interval: words.interval,
            timeout: words.timeout,
            retries: words.retries,
            start_period: words.start_period,
            start_interval: words.start_interval,
            disable: words.disable,
            beside: words.beside,
            place: words.place,
        }
    }
}

impl<'s> Value<'s> for HealthcheckWord<'s> {
    fn read(node: &Node<'_, 's>, cx: &Reader<'_, 's>) -> Option<Self> {
        match node.kind {
            NodeKind::Map(_) => Some(HealthcheckWord {
                words: HealthcheckWords::read(node, cx)?,
                image: None,
            }),
            NodeKind::Plain("image") | NodeKind::Quoted("image") => Some(HealthcheckWord {
                image: Some(node.place),
                ..Default::default()
            }),
            _ => {
                let given = node.as_text().map(shown);
                match given {
                    Some(text) => cx.findings.add(Finding::new(
                        Rule::WrongType,
                        node.place,
                        format!("expected a map, or `image`, not {text}"),
                    )),
                    None => cx.wrong_type(node, "a map, or `image`"),
                }
                None
            }
        }
    }

    const MERGE: Option<Merge<'s, Self>> = Some(|later, earlier, arena| {
        let mut below = earlier;
        if later.says_what() {
            below.image = None;
            below.words.http = None;
            below.words.test = None;
            below.words.disable = None;
        }
        HealthcheckWord {
            words: later.words.over(below.words, arena),
            image: later.image.or(below.image),
        }
    });

    fn touch(&self) -> u8 {
        self.words.touch()
    }

    fn is_open(&self) -> bool {
        self.words.is_open()
    }

    fn resolve(&self, cx: &dyn Evaluator<'s>) -> Self {
        HealthcheckWord {
            words: self.words.resolve(cx),
            image: self.image,
        }
    }

    fn write(&self, out: &mut Sink) {
        self.words.write(out);
    }

    fn schema(generator: &mut SchemaGenerator) -> Schema {
        let image = schema!({ "enum": ["image"] });
        short_or_long(image, HealthcheckWords::schema(generator))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compose::rare::are_in_order;

    #[test]
    fn words_that_few_say_are_declared_where_the_schema_tells_them() {
        assert!(are_in_order::<RareWords>(OwnWords::KEYS));
    }
}

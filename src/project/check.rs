//! What Compose asks of the whole: names that something declares, an image for every service, a probe that it can
//! run. All services are looked at, those behind a profile too.

use rustc_hash::{FxHashMap, FxHashSet};

use super::load::Loader;
use super::service_files::Stand;
use super::tree::{Branch, Tree, branch, branches};
use super::unknown::{Unknown, undeclared, unknown_service};
use super::{conflicts, cycles, service_files};
use crate::compose::document::Document;
use crate::compose::keyed::Keyed;
use crate::compose::list::Either;
use crate::compose::scalar::Text;
use crate::compose::service::Service;
use crate::finding::{Finding, Findings};
use crate::place::Place;
use crate::rule::Rule;
use crate::values::mount::ShortMount;
use crate::values::shown::shown;
use crate::values::suggest::nearest;

/// A service with its name, and where that was written.
pub(super) type Named<'s> = (&'s str, Place, &'s Service<'s>);

/// A project's document, and what its checks look up.
pub(super) struct Whole<'d, 's> {
    pub document: &'d Document<'s>,
    pub services: Vec<Named<'s>>,
    pub index: FxHashMap<&'s str, usize>,
    /// What it was read from.
    root: Tree<'s>,
    /// The profiles that are on.
    profiles: Vec<String>,
    /// Services with a key that was meant as `image` or `build`, or with one of these and nothing behind it: what it lacks
    /// is told there.
    slips: FxHashSet<&'s str>,
    /// Services whose image is an empty text.
    nameless: FxHashSet<&'s str>,
}

impl<'d, 's> Whole<'d, 's> {
    /// Of a document and the tree that it was read from.
    pub fn new(document: &'d Document<'s>, root: &Tree<'s>, profiles: Vec<String>) -> Self {
        let services: Vec<Named<'s>> = document
            .services
            .into_iter()
            .flat_map(|all| all.iter())
            .collect();
        let trees = branch(root, "services").map_or(&[][..], |entry| branches(&entry.value));
        let is_slip = |entry: &&Branch<'s>| {
            let keys = branches(&entry.value).iter().map(|entry| entry.key);
            let mut unknown = keys.filter(|key| !Service::KEYS.contains(key));
            unknown.any(|key| {
                let meant = nearest(key, Service::KEYS.iter().copied());
                matches!(meant, Some("image" | "build"))
            })
        };
        let bare = |entry: &&Branch<'s>| {
            ["image", "build"]
                .iter()
                .all(|key| branch(&entry.value, key).is_none())
        };
        let is_empty = |entry: &&Branch<'s>| {
            ["image", "build"]
                .iter()
                .filter_map(|key| branch(&entry.value, key))
                .any(|entry| entry.value.is_null())
        };
        let nameless = |entry: &&Branch<'s>| {
            let image = branch(&entry.value, "image").and_then(|image| image.value.as_text());
            image == Some("")
        };
        Whole {
            nameless: trees
                .iter()
                .filter(nameless)
                .map(|entry| entry.key)
                .collect(),
            index: cycles::index(&services),
            document,
            services,
            root: *root,
            profiles,
            slips: trees
                .iter()
                .filter(|entry| is_empty(entry) || bare(entry) && is_slip(entry))
                .map(|entry| entry.key)
                .collect(),
        }
    }
}

impl<'s> Whole<'_, 's> {
    /// What is declared under a key, what could not be read of it as well: that is told there.
    fn declared(&self, key: &str) -> Names<'s> {
        // What stands under a slip of the key is told there.
        let is_slip = |entry: &&Branch<'s>| {
            let others = Document::KEYS.iter().copied();
            !Document::KEYS.contains(&entry.key)
                && !entry.key.starts_with("x-")
                && nearest(entry.key, others) == Some(key)
        };
        let slip = || branches(&self.root).iter().find(is_slip);
        let entry = branch(&self.root, key).or_else(slip);
        let entries = entry.map_or(&[][..], |entry| branches(&entry.value));
        entries.iter().map(|entry| entry.key).collect()
    }
}

/// Adds what Compose would refuse.
pub(super) fn check<'s>(whole: &Whole<'_, 's>, loader: &Loader<'_, 's>, stand: Stand) {
    let check = Check {
        whole,
        networks: whole.declared("networks"),
        volumes: whole.declared("volumes"),
        secrets: whole.declared("secrets"),
        configs: whole.declared("configs"),
        models: whole.declared("models"),
        is_whole: !loader.lacking.get(),
        findings: loader.findings,
    };
    check.top();
    for service in &whole.services {
        check.service(service);
    }
    cycles::check(whole, loader.findings);
    conflicts::check(whole, loader.findings);
    service_files::check(whole, loader, stand);
}

/// `service` takes for a context what another one does not build.
fn not_built(service: &str, need: &Needed, other: Place) -> Finding {
    let target = shown(need.name.text);
    let message = format!(
        "`{CONTEXTS}` of {} names {target}, which has no `build`",
        shown(service)
    );
    Finding::new(Rule::UnknownService, need.name.place, message)
        .second(other, format!("{target} is declared here"))
        .help("name its image in place of the service: `docker-image://NAME:TAG`")
        .service(service)
}

struct Check<'c, 'd, 's> {
    whole: &'c Whole<'d, 's>,
    networks: Names<'s>,
    volumes: Names<'s>,
    secrets: Names<'s>,
    configs: Names<'s>,
    models: Names<'s>,
    /// Whether all that is included was read: what is not may have what is named.
    is_whole: bool,
    findings: &'c Findings,
}

/// What is declared.
type Names<'s> = FxHashSet<&'s str>;

/// What a service needs, with the key that says so.
#[derive(Clone, Copy)]
pub(super) struct Needed<'s> {
    pub word: &'static str,
    pub name: Text<'s>,
    /// Whether it may be behind a profile that is off.
    pub optional: bool,
}

/// The services that one needs: what it waits for, and whose namespaces, links or volumes it shares.
pub(super) fn needs<'s>(service: &Service<'s>) -> Vec<Needed<'s>> {
    let mut all = Vec::new();
    for (name, place, dependency) in service.depends_on.into_iter().flat_map(|list| list.iter()) {
        all.push(Needed {
            word: "depends_on",
            name: Text { text: name, place },
            optional: dependency.required.and_then(|required| required.get()) == Some(false),
        });
    }
    let mut add = |word, text: Text<'s>, name: Option<&'s str>| {
        let name = name.filter(|name| !name.contains('$'));
        all.extend(name.map(|name| Needed {
            word,
            name: Text { text: name, ..text },
            optional: false,
        }));
    };
    let shared = [
        ("network_mode", service.network_mode()),
        ("ipc", service.ipc()),
        ("pid", service.pid()),
        ("uts", service.uts()),
        ("cgroup", service.cgroup()),
    ];
    for (word, text) in shared {
        if let Some(text) = text {
            add(word, *text, text.text.strip_prefix("service:"));
        }
    }
    for text in service.links().map_or(&[][..], |links| links.items) {
        add("links", *text, text.text.split(':').next());
    }
    for text in service.volumes_from().map_or(&[][..], |list| list.items) {
        let name = text.text.split(':').next();
        add(
            "volumes_from",
            *text,
            name.filter(|name| *name != "container"),
        );
    }
    all
}

/// The services whose images a build takes for contexts. It may name its own.
fn contexts<'s>(service: &Service<'s>) -> Vec<Needed<'s>> {
    let Some(Either::Long(build)) = service.build else {
        return Vec::new();
    };
    let all = build.additional_contexts().into_iter();
    let texts = all.flat_map(|all| all.iter().filter_map(|(_, _, context)| context.0));
    let named = texts.filter_map(|text| {
        let name = text.text.strip_prefix("service:")?;
        let name = (!name.contains('$')).then_some(Text { text: name, ..text })?;
        Some(Needed {
            word: CONTEXTS,
            name,
            optional: false,
        })
    });
    named.collect()
}

const CONTEXTS: &str = "additional_contexts";

/// Whether a name is one that Compose takes for what is declared.
pub(super) fn is_name(name: &str) -> bool {
    let is_one = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-');
    !name.is_empty() && name.bytes().all(is_one)
}

impl<'s> Check<'_, '_, 's> {
    fn add(&self, finding: Finding) {
        self.findings.add(finding);
    }

    fn top(&self) {
        let document = self.whole.document;
        self.names("service", document.services);
        self.names("network", document.networks);
        self.names("volume", document.volumes);
        self.names("secret", document.secrets);
        self.names("config", document.configs);
        self.names("model", document.models);
    }

    fn names<V: Copy>(&self, what: &str, declared: Option<&'s Keyed<'s, V>>) {
        for (name, place, _) in declared.into_iter().flat_map(|all| all.iter()) {
            if !is_name(name) {
                let message = format!("{} is not a name for a {what}", shown(name));
                let finding = Finding::new(Rule::BadName, place, message);
                self.add(finding.help("write letters, digits, `.`, `_` and `-`"));
            }
        }
    }

    fn service(&self, (name, place, service): &Named<'s>) {
        self.image(name, *place, service);
        for need in needs(service).into_iter().chain(contexts(service)) {
            self.need(name, service, &need);
        }
        for (network, place, _) in service.networks.into_iter().flat_map(|all| all.iter()) {
            if network != "default" {
                let wanted = Text {
                    text: network,
                    place,
                };
                self.declared(
                    Rule::UnknownNetwork,
                    "network",
                    wanted,
                    &self.networks,
                    name,
                );
            }
        }
        for mount in service.volumes.map_or(&[][..], |volumes| volumes.items) {
            if let Either::Short(text) = mount {
                self.odd_mount(name, text);
            }
            let facts = mount.facts().filter(|facts| !facts.bind);
            // Compose takes no name for a volume without one.
            let named = facts.and_then(|facts| Some((facts.source?, facts)));
            if let Some((text, facts)) = named.filter(|(text, _)| !text.is_empty()) {
                let place = facts.source_place;
                let wanted = Text { text, place };
                self.declared(Rule::UnknownVolume, "volume", wanted, &self.volumes, name);
            }
        }
        self.files(name, service);
        for (model, place, _) in service.models().into_iter().flat_map(|all| all.iter()) {
            let wanted = Text { text: model, place };
            self.declared(Rule::UnknownModel, "model", wanted, &self.models, name);
        }
    }

    /// What is no mount to Docker, such as a port under `volumes`, names a volume to Compose all the same.
    fn odd_mount(&self, name: &str, text: &Text<'s>) {
        let source = text.text.split_once(':').map(|(source, _)| source);
        let is_odd = ShortMount::parse(text.text).is_err() && !text.text.contains('$');
        if let Some(source) = source.filter(|source| is_odd && source.len() > 1 && is_name(source))
        {
            let wanted = Text {
                text: source,
                ..*text
            };
            self.declared(Rule::UnknownVolume, "volume", wanted, &self.volumes, name);
        }
    }

    fn files(&self, name: &str, service: &Service<'s>) {
        let built = match service.build {
            Some(Either::Long(build)) => build.secrets(),
            _ => None,
        };
        for secret in [service.secrets, built].into_iter().flatten() {
            for source in secret.items.iter().filter_map(|one| one.source()) {
                self.declared(Rule::UnknownSecret, "secret", source, &self.secrets, name);
            }
        }
        for config in service.configs().map_or(&[][..], |all| all.items) {
            if let Some(source) = config.source() {
                self.declared(Rule::UnknownConfig, "config", source, &self.configs, name);
            }
        }
    }

    fn image(&self, name: &str, place: Place, service: &Service<'s>) {
        // What could not be settled may have one.
        let may = service.extends().is_some() || self.whole.slips.contains(name);
        let image = service.image.is_some() && !self.whole.nameless.contains(name);
        let has = image || service.build.is_some() || service.provider().is_some();
        if !has && !may {
            let message = format!("{} has neither `image` nor `build`", shown(name));
            let help = match Document::KEYS.contains(&name) {
                true => format!(
                    "it stands under `services`; if the project's `{name}` are meant, write it at the start of its line"
                ),
                false => "write one of them; if this file is meant to be laid over another, name both: `composegen validate FILE OVERRIDE`".to_owned(),
            };
            let finding = Finding::new(Rule::ImageMissing, place, message).help(help);
            self.add(finding.service(name));
        }
    }

    fn declared(
        &self,
        rule: Rule,
        what: &str,
        wanted: Text<'s>,
        declared: &Names<'s>,
        service: &str,
    ) {
        let name = wanted.text;
        if !self.is_whole || name.contains('$') || declared.contains(name) {
            return;
        }
        let declared = declared.iter().copied();
        undeclared((rule, what), wanted, declared, service, self.findings);
    }

    fn need(&self, name: &str, service: &Service<'s>, need: &Needed<'s>) {
        let target = need.name.text;
        let Some(at) = self.whole.index.get(target) else {
            if !self.is_whole {
                return;
            }
            let others = self.whole.services.iter().map(|(name, _, _)| *name);
            let others = others.filter(|other| *other != name);
            let unknown = Unknown {
                name: target,
                place: need.name.place,
                file: None,
            };
            return unknown_service(&unknown, others, name, self.findings);
        };
        let (_, place, other) = &self.whole.services[*at];
        if need.word == CONTEXTS && other.build.is_none() {
            return self.add(not_built(name, need, *place));
        }
        if need.optional || !self.is_on(service) || self.is_on(other) {
            return;
        }
        let profiles = other.profiles.map_or(&[][..], |list| list.items);
        let profiles: Vec<&str> = profiles.iter().map(|profile| profile.text).collect();
        let message = format!(
            "`{}` of {} names {}, which only starts with the profile {}",
            need.word,
            shown(name),
            shown(target),
            crate::values::prose::list_quoted(&profiles)
        );
        let help = match need.word {
            "depends_on" => {
                "give both the same profiles, or write `required: false` at the dependency"
            }
            _ => "give both the same profiles",
        };
        let finding = Finding::new(Rule::DependencyAbsent, need.name.place, message)
            .second(*place, format!("{} is declared here", shown(target)))
            .help(help);
        self.add(finding.service(name));
    }

    /// Whether a service starts with the profiles that are on.
    fn is_on(&self, service: &Service<'s>) -> bool {
        let profiles = service.profiles.map_or(&[][..], |list| list.items);
        let is_on = |profile: &Text| {
            profile.text.contains('$')
                || self
                    .whole
                    .profiles
                    .iter()
                    .any(|on| on == profile.text || on == "*")
        };
        profiles.is_empty() || profiles.iter().any(is_on)
    }
}

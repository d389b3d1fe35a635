//! From the files' trees to a `Catalog`. Every mistake in the shape is collected; what can be read is kept, so
//! that the later stages find theirs in the same run.

use bumpalo::Bump;
use indexmap::IndexMap;
use indexmap::map::Entry as Slot;
use rustc_hash::{FxBuildHasher, FxHashMap};

use super::entries::{BUILT_IN_ROLES, FENCED_ROLES, Role};
use super::words::{Job, Kind, Words};
use super::{Catalog, Declared, Few, MAIN_FILE, Names, ServiceEntry};
use crate::compose::ambiguous::note_all;
use crate::compose::beside::Beside;
use crate::compose::keyed::Keyed;
use crate::compose::list::List;
use crate::compose::model::{entries, field, unknown_key};
use crate::compose::raw::Raw;
use crate::compose::scalar::{Text, Val};
use crate::compose::value::{Reader, Value};
use crate::finding::Finding;
use crate::place::Place;
use crate::rule::Rule;
use crate::values::Refusal;
use crate::values::mode_class::ModeClass;
use crate::values::name::{EnvName, Identifier, NetworkName, ProjectName, ServiceName, VolumeName};
use crate::values::shown::shown;
use crate::values::suggest::nearest;
use crate::yaml::node::{Entry, Node};

/// What any file of the catalog may hold.
pub const SHARED_KEYS: &[&str] = &[
    "services",
    "fragments",
    "variables",
    "volumes",
    "networks",
    "secrets",
    "configs",
];

/// What only the main file may hold.
pub const MAIN_KEYS: &[&str] = &[
    "project",
    "default_host",
    "limits",
    "sources",
    "mode_variable",
    "hosts",
    "modes",
    "roles",
    "options",
    "defaults",
    "values",
    "guide",
    "compose",
];

/// The variable that tells a service its mode's class, unless the catalog says otherwise.
pub const MODE_VARIABLE: &str = crate::guard::MODE_VARIABLE;

/// About so many bytes of a catalog are a service.
const BYTES_OF_SERVICE: usize = 700;

/// What the main file must say, each with an example.
const REQUIRED: [(&str, &str); 3] = [
    ("project", "project: NAME"),
    (
        "modes",
        "modes: { test: { class: test }, prod: { class: production } }",
    ),
    ("hosts", "hosts: { nuc: { memory: 8GiB, cpus: 4 } }"),
];

/// One file of the catalog.
pub struct File<'t, 's> {
    /// Its name within the catalog folder.
    pub name: &'s str,
    /// What is in it; `None` for an empty one.
    pub root: Option<Node<'t, 's>>,
    /// The place of its first byte.
    pub start: Place,
}

/// A catalog that is read file by file, so that no file's tree has to outlive its reading.
pub struct Reading<'a, 'r, 's> {
    catalog: Catalog<'s>,
    cx: &'a Reader<'r, 's>,
    /// Services whose words could not be read; their names are taken.
    unread: FxHashMap<&'s str, Place>,
    /// The place of the main file's first byte.
    main: Place,
    /// Which of [`REQUIRED`] the main file does not say.
    lacking: Vec<(&'static str, &'static str)>,
}

impl<'a, 'r, 's> Reading<'a, 'r, 's> {
    /// A catalog of no files yet, with room for what files of so many bytes may hold: a table that grows is put together
    /// anew.
    pub fn new(cx: &'a Reader<'r, 's>, bytes: usize) -> Self {
        let services = bytes / BYTES_OF_SERVICE;
        let mut reading = Reading {
            catalog: Catalog {
                mode_variable: Some(MODE_VARIABLE),
                services: IndexMap::with_capacity_and_hasher(services, FxBuildHasher),
                ..Catalog::default()
            },
            cx,
            unread: FxHashMap::default(),
            main: Place::NOWHERE,
            lacking: REQUIRED.to_vec(),
        };
        for role in BUILT_IN_ROLES {
            reading.built_in(role);
        }
        reading
    }

    fn built_in(&mut self, name: &'static str) {
        let role = Role::default();
        self.catalog.roles.insert(
            name,
            Declared {
                place: Place::NOWHERE,
                value: role,
            },
        );
    }

    /// Reads one file.
    pub fn file(&mut self, file: &File<'_, 's>) {
        let main = file.name == MAIN_FILE;
        if main {
            self.main = file.start;
            self.lacking.retain(|(key, _)| lacks(file.root, key));
        }
        let Some(root) = file.root else {
            return;
        };
        let Some(list) = entries(
            &root,
            self.cx,
            "a map of `services`, `fragments` and their like",
        ) else {
            return;
        };
        for entry in list {
            let known = self.shared_section(entry) || main && self.main_section(entry);
            if !known {
                self.unknown_section(entry, main);
            }
        }
    }

    fn shared_section(&mut self, entry: &Entry<'_, 's>) -> bool {
        match entry.key {
            "services" => self.services(&entry.value),
            "fragments" => self.fragments(&entry.value),
            "variables" => declare(&entry.value, &mut self.catalog.variables, env_name, self.cx),
            "volumes" => declare(
                &entry.value,
                &mut self.catalog.volumes,
                volume_name,
                self.cx,
            ),
            "networks" => declare(
                &entry.value,
                &mut self.catalog.networks,
                network_name,
                self.cx,
            ),
            "secrets" => declare(&entry.value, &mut self.catalog.secrets, identifier, self.cx),
            "configs" => declare(&entry.value, &mut self.catalog.configs, identifier, self.cx),
            key => return key.starts_with("x-"),
        }
        true
    }

    fn main_section(&mut self, entry: &Entry<'_, 's>) -> bool {
        let (node, cx) = (&entry.value, self.cx);
        match entry.key {
            "project" => self.catalog.project = self.project(node),
            "default_host" => self.catalog.default_host = Text::read(node, cx),
            "limits" => self.catalog.limits = Val::read(node, cx),
            "sources" => self.catalog.sources = Val::read(node, cx),
            "mode_variable" => self.mode_variable(node),
            "hosts" => declare(node, &mut self.catalog.hosts, identifier, cx),
            "modes" => declare(node, &mut self.catalog.modes, identifier, cx),
            "roles" => self.roles(node),
            "options" => declare(node, &mut self.catalog.options, identifier, cx),
            "defaults" => {
                self.catalog.defaults = Words::read(node, Kind::Shared, cx).unwrap_or_default();
            }
            "values" => {
                self.catalog.values = Raw::read(node, cx);
                self.values(self.catalog.values);
            }
            "guide" => self.catalog.guide = Keyed::read(node, cx),
            "compose" => self.compose(node),
            _ => return false,
        }
        true
    }

    fn unknown_section(&self, entry: &Entry, main: bool) {
        let moved = |help: &str| {
            let message = format!("{} does not stand in this file", shown(entry.key));
            let finding = Finding::new(Rule::UnknownKey, entry.key_place, message);
            self.cx.findings.add(finding.help(help));
        };
        let refused = |help: &str| {
            let message = format!("`{}` is written otherwise in a catalog", entry.key);
            let finding = Finding::new(Rule::RefusedKey, entry.key_place, message);
            self.cx.findings.add(finding.help(help));
        };
        match entry.key {
            key if !main && MAIN_KEYS.contains(&key) => {
                moved(&format!("`{key}` is there once, in {MAIN_FILE}"));
            }
            "version" => refused("leave it out: Compose ignores it"),
            "name" => refused("write `project: NAME`"),
            "include" => refused("leave it out: every .yaml file of the catalog's folder is read"),
            "models" => refused("write it under `compose`, in catalog.yaml"),
            _ if main => unknown_key(entry, self.cx, &[SHARED_KEYS, MAIN_KEYS]),
            key => match nearest_main_key(key) {
                Some(near) => moved(&format!(
                    "did you mean `{near}`? It is there once, in {MAIN_FILE}"
                )),
                None => unknown_key(entry, self.cx, &[SHARED_KEYS]),
            },
        }
    }

    fn project(&self, node: &Node<'_, 's>) -> Option<Text<'s>> {
        let text = Text::read(node, self.cx)?;
        self.name(text.place, ProjectName::parse(text.text).err());
        Some(text)
    }

    fn name(&self, place: Place, refusal: Option<Refusal>) {
        if let Some(refusal) = refusal {
            let finding = Finding::refused(Rule::BadName, place, refusal);
            self.cx.findings.add(finding);
        }
    }

    fn mode_variable(&mut self, node: &Node<'_, 's>) {
        let Some(text) = Text::read(node, self.cx) else {
            return;
        };
        self.catalog.mode_variable = (text.text != "none").then_some(text.text);
        self.name(text.place, EnvName::parse(text.text).err());
    }

    fn compose(&mut self, node: &Node<'_, 's>) {
        self.catalog.compose = Raw::read(node, self.cx);
        for entry in entries(node, self.cx, "a map of Compose's top-level keys").unwrap_or_default()
        {
            let help = match entry.key {
                "name" => "write `project: NAME`",
                "version" | "include" => "leave it out",
                key if SHARED_KEYS.contains(&key) => {
                    "declare it at the top of a catalog file, not under `compose`"
                }
                _ => continue,
            };
            let message = format!(
                "`{}` under `compose` is a key that composegen knows",
                entry.key
            );
            let finding = Finding::new(Rule::RefusedKey, entry.key_place, message);
            self.cx.findings.add(finding.help(help));
        }
    }

    /// Values have names.
    fn values(&self, values: Option<Raw<'s>>) {
        if let Some(Raw(node)) = values {
            entries(&node, self.cx, "a map of values");
            note_all(&node, self.cx);
        }
    }

    fn services(&mut self, node: &Node<'_, 's>) {
        let entries = entries(node, self.cx, "a map of services").unwrap_or_default();
        for (name, entry) in side_by_side(entries, self.cx.arena) {
            self.name(entry.key_place, ServiceName::parse(entry.key).err());
            let slot = match self.catalog.services.entry(name) {
                Slot::Occupied(first) => {
                    self.cx.findings.add(taken(entry, first.get().place));
                    continue;
                }
                Slot::Vacant(slot) => slot,
            };
            if let Some(first) = beside_services(name, &self.catalog.fragments, &self.unread) {
                self.cx.findings.add(taken(entry, first));
                continue;
            }
            let Some(mut words) = Words::read(&entry.value, Kind::Service, self.cx) else {
                self.unread.insert(name, entry.key_place);
                continue;
            };
            let one_role = |role| one_role(role, &self.catalog.roles, self.cx.arena);
            words.own.role = words.own.role.map(one_role);
            if words.own.role.is_none() && entry.value.get("role").is_none() {
                let message = format!("the service {} says no `role`", shown(entry.key));
                let finding = Finding::new(Rule::MissingField, entry.key_place, message);
                let help = "write, for example, `role: core`";
                self.cx.findings.add(finding.help(help));
            }
            let service = ServiceEntry {
                name,
                place: entry.key_place,
                words,
            };
            let service = &*self.cx.arena.alloc(service);
            self.catalog.few.push(Few::of(&service.words.own));
            slot.insert(service);
        }
    }

    fn fragments(&mut self, node: &Node<'_, 's>) {
        for entry in entries(node, self.cx, "a map of fragments").unwrap_or_default() {
            self.name(entry.key_place, Identifier::parse(entry.key).err());
            // Fragments and services share one namespace.
            let service = self.catalog.services.get(entry.key).map(|it| it.place);
            let first = || beside_services(entry.key, &self.catalog.fragments, &self.unread);
            if let Some(first) = service.or_else(first) {
                self.cx.findings.add(taken(entry, first));
                continue;
            }
            let words = Words::read(&entry.value, Kind::Shared, self.cx).unwrap_or_default();
            let value = &*self.cx.arena.alloc(words);
            let place = entry.key_place;
            self.catalog
                .fragments
                .insert(entry.key, Declared { place, value });
        }
    }

    fn roles(&mut self, node: &Node<'_, 's>) {
        for entry in entries(node, self.cx, "a map of roles").unwrap_or_default() {
            self.name(entry.key_place, Identifier::parse(entry.key).err());
            let value = self.role(entry);
            let declared = Declared {
                place: entry.key_place,
                value,
            };
            self.catalog.roles.insert(entry.key, declared);
        }
    }

    fn role(&self, entry: &Entry<'_, 's>) -> Role<'s> {
        let mut role = Role {
            place: entry.key_place,
            ..Role::default()
        };
        let (mut profile, mut beside): (Option<&'s Text>, _) = (None, Beside::NOTHING);
        for key in entries(&entry.value, self.cx, "a map").unwrap_or_default() {
            match key.key {
                "classes" => field(key, "classes", &mut role.classes, &mut beside, self.cx),
                "profile" => field(key, "profile", &mut profile, &mut beside, self.cx),
                "defaults" => {
                    let words = Words::read(&key.value, Kind::Shared, self.cx);
                    role.defaults = words.map(|words| &*self.cx.arena.alloc(words));
                }
                _ => unknown_key(key, self.cx, &[&["classes", "profile", "defaults"]]),
            }
        }
        role.profile = profile.copied();
        self.fence(entry.key, &role);
        role
    }

    /// No catalog lets the fenced roles into a class of production.
    fn fence(&self, name: &str, role: &Role<'s>) {
        if !FENCED_ROLES.contains(&name) {
            return;
        }
        for class in role.classes.map_or(&[][..], |classes| classes.items) {
            if class.get() == Some(ModeClass::Production) {
                let message = format!("the role `{name}` never enters a mode of class production");
                let finding = Finding::new(Rule::RoleForbidden, class.place, message);
                self.cx
                    .findings
                    .add(finding.help("leave `production` out; nothing lifts this"));
            }
        }
    }

    /// The catalog, once every file was read and what they say together was checked.
    pub fn finish(mut self) -> Catalog<'s> {
        for (key, example) in &self.lacking {
            let message = format!("`{key}` is missing from {MAIN_FILE}");
            let finding = Finding::new(Rule::MissingField, self.main, message);
            self.cx
                .findings
                .add(finding.help(format!("write `{example}`")));
        }
        self.catalog.sort_services();
        self.required_fields();
        self.probed_jobs();
        self.mode_names();
        self.switches();
        self.catalog.settle_choices();
        let sorted = &mut self.catalog.by_name;
        let names = names_side_by_side(sorted.iter().map(|service| service.name), self.cx.arena);
        for (service, name) in sorted.iter_mut().zip(names) {
            service.name = name;
        }
        self.catalog
    }

    fn required_fields(&self) {
        let missing = |place: Place, message: String, help: &str| {
            let finding = Finding::new(Rule::MissingField, place, message);
            self.cx.findings.add(finding.help(help));
        };
        for (name, mode) in &self.catalog.modes {
            self.values(mode.value.values.copied());
            if mode.value.class.is_none() {
                let message = format!("the mode {} says no `class`", shown(name));
                missing(
                    mode.place,
                    message,
                    "write `class: test` or `class: production`",
                );
            }
        }
        for (name, host) in &self.catalog.hosts {
            if host.value.memory.is_none() {
                let message = format!("the host {} says no `memory`", shown(name));
                missing(host.place, message, "write, for example, `memory: 8GiB`");
            }
            if host.value.cpus.is_none() {
                let message = format!("the host {} says no `cpus`", shown(name));
                missing(host.place, message, "write, for example, `cpus: 4`");
            }
        }
        for (name, option) in &self.catalog.options {
            let choices = option.value.choices.copied().unwrap_or_default();
            if choices.entries.is_empty() {
                let message = format!("the option {} says no `choices`", shown(name));
                missing(
                    option.place,
                    message,
                    "write what there is to choose from: `choices: { ONE: {}, OTHER: {} }`",
                );
            } else if option.value.default.is_none() {
                let message = format!("the option {} says no `default`", shown(name));
                let help = format!("write, for example, `default: {}`", choices.entries[0].key);
                missing(option.place, message, &help);
            }
        }
    }

    /// A switch is a variable that the program sets, so nothing else may.
    fn switches(&self) {
        for service in self.catalog.services_that_say(Few::SWITCH) {
            let Some(switch) = service.words.own.switch() else {
                continue;
            };
            self.name(switch.place, EnvName::parse(switch.text).err());
            let reserved = Some(switch.text) == self.catalog.mode_variable
                || switch.text.starts_with("COMPOSE_");
            if reserved {
                let message = format!("{} has a meaning of its own already", shown(switch.text));
                let finding = Finding::new(Rule::BadName, switch.place, message);
                let help = "give the switch another name, such as `ENABLE_WEATHER_API`";
                self.cx
                    .findings
                    .add(finding.help(help).service(service.name));
            }
            if let Some(variable) = self.catalog.variables.get(switch.text) {
                let message = format!(
                    "`{}` is the switch of `{}`, and declared as a variable",
                    switch.text, service.name
                );
                let finding = Finding::new(Rule::DuplicateKey, variable.place, message)
                    .second(switch.place, "a switch here")
                    .help("take the variable out: its value follows from where the service is");
                self.cx.findings.add(finding);
            }
        }
    }

    /// A job runs once: there is nothing to probe.
    fn probed_jobs(&self) {
        for service in self.catalog.services_that_say(Few::JOB) {
            let own = &service.words.own;
            let job = own.job.and_then(|job| job.get());
            let word = own
                .healthcheck
                .filter(|_| matches!(job, Some(Job::Awaited | Job::Manual)));
            let Some(word) = word else {
                continue;
            };
            let place = word.image.unwrap_or(word.words.place);
            let message = format!(
                "`{}` is a job, and a job has no `healthcheck`",
                service.name
            );
            let finding = Finding::new(Rule::RefusedKey, place, message);
            let help = "leave it out: whoever waits for the job waits until it has run";
            self.cx
                .findings
                .add(finding.help(help).service(service.name));
        }
    }

    /// A mode that people call production is of class production; and one name means one mode, host or alias.
    fn mode_names(&self) {
        let mut taken: FxHashMap<&str, Place> = FxHashMap::default();
        let claim = |taken: &mut FxHashMap<&'s str, Place>,
                     name: &'s str,
                     place: Place,
                     what: &str| {
            if let Some(first) = taken.insert(name, place) {
                let message = format!("{} names {what} and something else as well", shown(name));
                let finding = Finding::new(Rule::DuplicateKey, place, message);
                let help = "modes, their aliases, hosts and choices share one namespace: overrides name them";
                self.cx
                    .findings
                    .add(finding.second(first, "first given here").help(help));
            }
        };
        for (name, mode) in &self.catalog.modes {
            claim(&mut taken, name, mode.place, "a mode");
            for alias in mode.value.aliases.map_or(&[][..], |list| list.items) {
                claim(&mut taken, alias.text, alias.place, "a mode");
            }
        }
        for (name, host) in &self.catalog.hosts {
            claim(&mut taken, name, host.place, "a host");
        }
        for option in self.catalog.options.values() {
            for (name, place, _) in option.value.choices.into_iter().flat_map(|all| all.iter()) {
                claim(&mut taken, name, place, "a choice");
            }
        }
        for (name, mode) in &self.catalog.modes {
            let Some(class) = mode.value.class else {
                continue;
            };
            let called = |word: &str| *name == word || mode.value.is_called(word);
            if class.get() == Some(ModeClass::Test) && (called("prod") || called("production")) {
                let message = format!(
                    "the mode {} is called production, and its class is test",
                    shown(name)
                );
                let finding = Finding::new(Rule::RoleForbidden, class.place, message);
                let help = "write `class: production`, or give the mode another name: data generators follow the class";
                self.cx.findings.add(finding.help(help));
            }
        }
    }
}

/// Whether a key is not there, or is an empty section. What stands there and cannot be read has a finding already.
fn lacks(root: Option<Node>, key: &str) -> bool {
    let Some(root) = root.filter(|root| !root.is_null()) else {
        return true;
    };
    let is_empty = |node: &Node| match node.as_map() {
        Some(entries) => entries.is_empty(),
        None => node.is_null() && key != "project",
    };
    root.as_map().is_some() && root.get(key).is_none_or(is_empty)
}

/// The key of the main file that a key of another file may mean, where no key of its own is nearer.
fn nearest_main_key(key: &str) -> Option<&'static str> {
    let shared = nearest(key, SHARED_KEYS.iter().copied());
    nearest(key, MAIN_KEYS.iter().copied()).filter(|_| shared.is_none())
}

/// The role of a service, in the text of its declaration: it is asked for again and again, and one text stays in the
/// caches where thousands of equal ones do not.
fn one_role<'s>(role: &'s Text<'s>, roles: &Names<'s, Role<'s>>, arena: &'s Bump) -> &'s Text<'s> {
    match roles.get_key_value(role.text) {
        Some((text, _)) => arena.alloc(Text { text, ..*role }),
        None => role,
    }
}

/// Where a name was given to a fragment, or to a service that could not be read.
fn beside_services(
    name: &str,
    fragments: &Names<&Words>,
    unread: &FxHashMap<&str, Place>,
) -> Option<Place> {
    let fragment = fragments.get(name).map(|it| it.place);
    fragment.or_else(|| unread.get(name).copied())
}

fn taken(entry: &Entry, first: Place) -> Finding {
    let message = format!("the name {} is taken", shown(entry.key));
    Finding::new(Rule::DuplicateKey, entry.key_place, message)
        .second(first, "first given here")
        .help("fragments and services of all files share one namespace")
}

/// The entries of a section, each with its name, one name behind the other. They are looked up again and again, and a name
/// is compared where it stands: those of thousands of services stay in the caches in this way, the files in which they
/// were written do not.
fn side_by_side<'e, 't, 's>(
    entries: &'e [Entry<'t, 's>],
    arena: &'s Bump,
) -> impl Iterator<Item = (&'s str, &'e Entry<'t, 's>)> {
    let names = names_side_by_side(entries.iter().map(|entry| entry.key), arena);
    names.into_iter().zip(entries)
}

/// Names, copied one behind the other.
fn names_side_by_side<'n, 's>(
    names: impl Iterator<Item = &'n str> + Clone,
    arena: &'s Bump,
) -> Vec<&'s str> {
    let mut all = String::with_capacity(names.clone().map(str::len).sum());
    all.extend(names.clone());
    let mut rest: &'s str = arena.alloc_str(&all);
    let copied = names.map(|name| {
        let copy;
        (copy, rest) = rest.split_at(name.len());
        copy
    });
    copied.collect()
}

/// Reads a section of names.
fn declare<'s, T: Value<'s>>(
    node: &Node<'_, 's>,
    names: &mut Names<'s, T>,
    check: fn(&'s str) -> Option<Refusal>,
    cx: &Reader<'_, 's>,
) {
    let entries = entries(node, cx, "a map of names").unwrap_or_default();
    for (name, entry) in side_by_side(entries, cx.arena) {
        if let Some(refusal) = check(entry.key) {
            let finding = Finding::refused(Rule::BadName, entry.key_place, refusal);
            cx.findings.add(finding);
        }
        let slot = match names.entry(name) {
            Slot::Occupied(first) => {
                let first = first.get();
                let message = format!("{} is declared twice", shown(entry.key));
                let finding = Finding::new(Rule::DuplicateKey, entry.key_place, message);
                cx.findings
                    .add(finding.second(first.place, "first declared here"));
                continue;
            }
            Slot::Vacant(slot) => slot,
        };
        if let Some(value) = T::read(&entry.value, cx) {
            slot.insert(Declared {
                place: entry.key_place,
                value,
            });
        }
    }
}

fn identifier(name: &str) -> Option<Refusal> {
    Identifier::parse(name).err()
}

fn env_name(name: &str) -> Option<Refusal> {
    EnvName::parse(name).err()
}

fn volume_name(name: &str) -> Option<Refusal> {
    VolumeName::parse(name).err()
}

fn network_name(name: &str) -> Option<Refusal> {
    NetworkName::parse(name).err()
}

/// The classes of a role, read: what `classes` says, less production for the fenced ones. A class that could not be
/// read counts as production, as it does at a mode.
pub fn allows(name: &str, role: &Role, class: ModeClass) -> bool {
    let is_class = |item: &Val<ModeClass>| item.get().unwrap_or(ModeClass::Production) == class;
    let listed = |list: &List<Val<ModeClass>>| list.items.iter().any(is_class);
    !super::entries::is_fenced_in(name, class) && role.classes.is_none_or(listed)
}

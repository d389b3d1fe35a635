//! From a project that somebody else wrote to a catalog that builds the same, as texts; and what has to be told of it.
//!
//! | file | what stands there |
//! |---|---|
//! | `value.rs`, `comments.rs`, `layout.rs` | the document under way, with its comments; its text |
//! | `scalars.rs` | numbers and booleans as Compose reads them |
//! | `service.rs` | a service in the words of a catalog |
//! | `secrets.rs` | secrets that stand in the files, and the variables in their place |
//! | `positions.rs` | where a variable cannot be empty |
//! | `expose.rs` | ports that others ask for and nothing states |
//! | `variables.rs` | `${NAME:-default}` as a declared variable |
//! | `reach.rs` | addresses that tests share with production |
//! | `roles.rs` | guesses of what a service is for |
//! | `urls.rs` | addresses of other services as the catalog makes them |
//! | `shared.rs` | what several services say alike: defaults and fragments |
//! | `host.rs` | a machine that the project fits |
//! | `files.rs` | which file of the catalog holds what |
//! | `env.rs` | the env file |
//! | `report.rs`, `what.rs` | what has to be told, and its sentences |

mod comments;
mod env;
mod expose;
mod files;
mod host;
mod layout;
mod modes;
mod positions;
mod reach;
mod report;
mod roles;
mod scalars;
mod secrets;
mod service;
mod shared;
mod urls;
mod value;
mod variables;
mod what;

use bumpalo::Bump;
use indexmap::IndexMap;
use rustc_hash::FxHashSet;

use crate::catalog::entries::is_fenced;
use crate::place::Place;
use crate::project::{Written, seen_from};
use crate::values::interpolation::expand;
use crate::values::mode_class::ModeClass;
use crate::values::name::ProjectName;
use comments::Comments;
pub use host::{Known, Machine};
use modes::InMode;
use report::Notes;
pub use report::{Line, Note, Subject, What, lines};
use secrets::Secrets;
use service::Facts;
use value::{Entry, Map, Value};
use variables::{Decided, Declarations, Uses};

/// What is to be imported.
pub struct Asked<'a, 's> {
    /// The project as each mode has it, its variables as written; the last mode is what the catalog says where nothing
    /// else is said.
    pub modes: Vec<(Mode, &'a Written<'s>)>,
    /// The texts of its files, by their numbers.
    pub texts: Vec<&'s str>,
    /// The way from the folder that gets the catalog to the project's folder.
    pub way: &'a str,
    /// The name that the project has where it does not say one itself.
    pub project: &'a str,
    /// The machine that it runs on, where that is known.
    pub machine: Option<Known>,
}

/// A mode of the catalog.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mode {
    /// Its name.
    pub name: String,
    /// Its class.
    pub class: ModeClass,
    /// Its other name.
    pub alias: Option<&'static str>,
}

impl Mode {
    /// The mode of a project that knows no modes.
    pub fn production() -> Self {
        Mode::named("prod")
    }

    /// A mode that somebody named: of class production where the name says so.
    pub fn named(name: &str) -> Self {
        let (class, alias) = match name {
            "prod" => (ModeClass::Production, Some("production")),
            "production" => (ModeClass::Production, Some("prod")),
            name if name.contains("prod") => (ModeClass::Production, None),
            _ => (ModeClass::Test, None),
        };
        Mode {
            name: name.to_owned(),
            class,
            alias,
        }
    }

    /// What stands behind the dot of its env file's name: the word of its class, where that is one of its names.
    pub fn env_name(&self) -> &str {
        let alias = self.alias.filter(|alias| *alias == self.class.as_str());
        alias.unwrap_or(&self.name)
    }
}

/// A catalog in memory.
pub struct Import {
    /// Its files: names within the folder, and texts.
    pub files: Vec<(String, String)>,
    /// The env files, each where there is anything to set: names and texts. The texts belong into no message.
    pub env: Vec<(String, String)>,
    /// The project's name.
    pub project: String,
    /// How many services it has.
    pub services: usize,
    /// What has to be told.
    pub notes: Vec<Note>,
}

/// What is declared at the top of a project, by section.
const SECTIONS: [&str; 4] = ["networks", "volumes", "secrets", "configs"];

/// The parts of a project under way.
#[derive(Clone, Default)]
struct Parts {
    project: String,
    head: Vec<String>,
    services: Map,
    declared: IndexMap<&'static str, Map>,
    compose: Map,
    /// What stands at the top of the files with a name that is no Compose key.
    blocks: Vec<Block>,
    /// What several services say alike.
    shared: shared::Shared,
}

/// Makes a catalog of a project.
pub fn import<'s>(asked: &Asked<'_, 's>, arena: &'s Bump) -> Import {
    let mut notes = Notes::default();
    let comments = Comments::new(asked.texts.clone());
    // The last mode first: a comment is found once, and belongs to what stands at the service itself.
    let modes = asked.modes.iter().rev();
    let mut read: Vec<(Mode, Parts, &Written)> = modes
        .map(|(mode, written)| {
            let parts = parts(written, asked, &comments, arena, &mut notes);
            (mode.clone(), parts, *written)
        })
        .collect();
    read.reverse();
    modes::by_profiles(&mut read, &mut notes);
    let all = read.into_iter().map(|(mode, parts, written)| {
        let (parts, declared) = in_words(parts, written, &mut notes);
        InMode {
            mode,
            parts,
            declared,
        }
    });
    let mut all: Vec<InMode> = all.collect();
    modes::name_projects(&mut all, &mut notes);
    let facts = modes::settle(&mut all, &mut notes);
    let env = |together: &Declarations, one: &InMode| {
        let text = env::text(&modes::values(&one.declared, together), &one.mode)?;
        Some((format!(".env.{}", one.mode.env_name()), text))
    };
    let together = modes::variables(&all);
    let env = all.iter().filter_map(|one| env(&together, one)).collect();
    let modes = all
        .iter()
        .map(|one| (one.mode.clone(), one.parts.project.clone()))
        .collect();
    reach::tell(&all, &mut notes);
    let mut parts = modes::together(all, &mut notes);
    tell_services(&parts.services, &mut notes);
    tell_profiles(&parts.services, &mut notes);
    let sizes = files::Sizes::of(&parts, &together, asked.machine);
    notes.add(Subject::Guessed, Place::NOWHERE, sizes.told());
    let blocks = std::mem::take(&mut parts.blocks);
    let name = |entry: &Entry| {
        // Behind a key of the service's own an alias may stand for the value alone.
        let inside = entry.value.first_place().unwrap_or(entry.place);
        named_block(&blocks, entry.place).or_else(|| named_block(&blocks, inside))
    };
    parts.shared = shared::share(&mut parts.services, &facts, &name);
    Import {
        services: parts.services.0.len(),
        project: parts.project.clone(),
        files: files::files(parts, &together, &sizes, modes),
        env,
        notes: notes.sorted(),
    }
}

/// A project in the words of a catalog, apart from what depends on its other modes; and its variables.
fn in_words(mut parts: Parts, written: &Written, notes: &mut Notes) -> (Parts, Declarations) {
    let known = &written.variables;
    let is_set = |name: &str| known.reveal(name).is_some();
    let mut absent = FxHashSet::default();
    for entry in &mut parts.services.0 {
        if let Value::Map(service) = &mut entry.value {
            service::settle(&entry.key, service, known, notes);
            service::name_bare(&entry.key, service, &is_set, &mut absent, notes);
        }
    }
    let mut decided = variables(&mut parts, written, notes);
    let empty = decided.declared.iter_mut();
    for (_, declared) in empty.filter(|(name, _)| absent.contains(*name)) {
        // So that the catalog's empty value is seen where it can be changed.
        declared.value.get_or_insert_default();
    }
    rewrite(&mut parts, &decided);
    expose::state(&mut parts.services, &decided.declared, notes);
    hide_in_comments(&mut parts, &decided.declared);
    (parts, decided.declared)
}

/// The parts of a project, paths seen from the folder that gets the catalog.
fn parts<'s>(
    written: &Written<'s>,
    asked: &Asked<'_, 's>,
    comments: &Comments,
    arena: &'s Bump,
    notes: &mut Notes,
) -> Parts {
    let Asked {
        modes: _,
        texts,
        way,
        project,
        machine: _,
    } = asked;
    let known = &written.variables;
    let seen = seen_from(written.root, way, known, arena);
    let mut root = Map::read(&seen, comments);
    let head = root
        .0
        .first_mut()
        .map(|first| std::mem::take(&mut first.remarks.above));
    let blocks = blocks(&root);
    let mut take = |key: &str| match root.take(key).map(|entry| entry.value) {
        Some(Value::Map(map)) => map,
        _ => Map::default(),
    };
    let services = take("services");
    let declared = SECTIONS.map(|section| (section, take(section)));
    let mut declared: IndexMap<&'static str, Map> = declared.into_iter().collect();
    for entry in declared.values_mut().flat_map(|section| &mut section.0) {
        if let Value::Map(map) = &mut entry.value {
            service::settle_declared(map, known, notes);
        }
    }
    let name = root
        .take("name")
        .and_then(|entry| entry.value.text().map(str::to_owned));
    let lookup = |name: &str| known.reveal(name).map(str::to_owned);
    let name = name.and_then(|text| Some(expand(&text, &lookup).ok()?.into_owned()));
    let given = known.reveal("COMPOSE_PROJECT_NAME").map(str::to_owned);
    for key in ["version", "include"] {
        root.take(key);
    }
    Parts {
        project: given
            .or(name.as_deref().map(ProjectName::normalized))
            .unwrap_or_else(|| (*project).to_owned()),
        head: head.unwrap_or_default(),
        services,
        declared,
        compose: passed(root, texts, notes),
        blocks,
        shared: shared::Shared::default(),
    }
}

/// What is left at the top: keys of its own that anchors stand in are taken apart already; all others go through.
fn passed(root: Map, texts: &[&str], notes: &mut Notes) -> Map {
    let mut kept = Map::default();
    for entry in root.0 {
        let is_extension = entry.key.starts_with("x-");
        if is_extension && has_anchor(&entry, texts) {
            let what = What::TakenApart(entry.key.clone());
            notes.add(Subject::Changed, entry.place, what);
            continue;
        }
        let what = What::Passed(entry.key.clone());
        notes.add(Subject::Passed, entry.place, what);
        kept.put(entry);
    }
    kept
}

/// Whether an anchor stands in a key of the top: in its lines up to the next key that is not indented.
fn has_anchor(entry: &Entry, texts: &[&str]) -> bool {
    let Some(text) = texts.get(usize::from(entry.place.file)) else {
        return false;
    };
    let rest = text.get(entry.place.start as usize..).unwrap_or_default();
    let mut lines = rest.lines();
    let first = lines.next().unwrap_or_default();
    let below = lines.take_while(|line| line.is_empty() || line.starts_with([' ', '#', '-', '\t']));
    std::iter::once(first).chain(below).any(|line| {
        let mut words = line.split_whitespace();
        words.any(|word| word.len() > 1 && word.starts_with('&'))
    })
}

/// Takes the secrets out, and decides about every variable.
fn variables(parts: &mut Parts, written: &Written, notes: &mut Notes) -> Decided {
    let before = uses(parts);
    let mut secrets = Secrets {
        forced: IndexMap::new(),
        taken: before.names().map(str::to_owned).collect(),
        notes,
    };
    secrets.of_services(&mut parts.services);
    for entry in parts
        .declared
        .get_mut("configs")
        .into_iter()
        .flat_map(|configs| &mut configs.0)
    {
        let (key, place) = (entry.key.clone(), entry.place);
        if let Some(content) = entry.value.map_mut().and_then(|map| map.get_mut("content")) {
            secrets.of_config(&key, content, place);
        }
    }
    let forced = std::mem::take(&mut secrets.forced);
    Decided::of(&uses(parts), &written.variables, &forced, notes)
}

fn uses(parts: &mut Parts) -> Uses {
    let mut uses = Uses::default();
    for entry in &mut parts.services.0 {
        let Value::Map(service) = &mut entry.value else {
            continue;
        };
        for word in &mut service.0 {
            match &mut word.value {
                Value::Map(build) if word.key == "build" => {
                    for part in &mut build.0 {
                        let position = positions::of_build(&part.key);
                        uses.collect(&mut part.value, part.place, &entry.key, position);
                    }
                }
                value => {
                    let position = positions::of_service(&word.key);
                    uses.collect(value, word.place, &entry.key, position);
                }
            }
        }
    }
    for entry in parts
        .declared
        .values_mut()
        .flat_map(|section| &mut section.0)
    {
        uses.collect(&mut entry.value, entry.place, "", &positions::any);
    }
    for entry in &mut parts.compose.0 {
        uses.collect(&mut entry.value, entry.place, "", &positions::any);
    }
    uses
}

fn rewrite(parts: &mut Parts, decided: &Decided) {
    let mut write = |text: &mut String, _: Place| *text = decided.rewrite(text);
    let declared = parts
        .declared
        .values_mut()
        .flat_map(|section| &mut section.0);
    let all = parts
        .services
        .0
        .iter_mut()
        .chain(declared)
        .chain(&mut parts.compose.0);
    for entry in all {
        entry.value.each_text(entry.place, &mut write);
    }
}

/// The words of our own: what others wait for, roles, jobs, the shortest forms.
fn words(parts: &mut Parts, facts: &IndexMap<String, Facts>, notes: &mut Notes) {
    for entry in &mut parts.services.0 {
        let Value::Map(service) = &mut entry.value else {
            continue;
        };
        service::shorten_depends_on(service, &|name| {
            facts.get(name).copied().unwrap_or_default()
        });
        service::shorten_names(service);
        let own = facts.get(&entry.key).copied().unwrap_or_default();
        if own.by_image {
            service.put(Entry::made("healthcheck", Value::of("image")));
            let text = format!(
                "`{}` has no healthcheck, and others wait until it is healthy: its image has to bring one",
                entry.key
            );
            notes.add(Subject::Guessed, entry.place, text);
        }
        let guess = roles::guess(&entry.key, service);
        let mut first = vec![Entry::made("role", Value::of(guess.role))];
        if let Some(why) = &guess.why {
            first[0].remarks.beside = Some(format!("a guess: {why}"));
        }
        if own.job {
            service.take("restart");
            first.push(Entry::made("job", Value::Plain("true".to_owned())));
        }
        service.0.splice(0..0, first);
    }
}

/// A key of the top with a name of its own: from where to where it reaches in its file, and its name.
type Block = (u16, std::ops::Range<u32>, String);

/// The blocks of a project's top, `x-` taken from their names.
fn blocks(root: &Map) -> Vec<Block> {
    let mut starts: Vec<(u16, u32, &str)> = root
        .0
        .iter()
        .map(|entry| (entry.place.file, entry.place.start, entry.key.as_str()))
        .collect();
    starts.sort_unstable();
    let ends = starts
        .iter()
        .skip(1)
        .map(|(file, start, _)| (*file, *start));
    let ends = ends.map(Some).chain([None]);
    let blocks = starts
        .iter()
        .zip(ends)
        .filter_map(|((file, start, key), end)| {
            let end = end.filter(|(other, _)| other == file);
            let end = end.map_or(u32::MAX, |(_, end)| end);
            Some((*file, *start..end, key.strip_prefix("x-")?.to_owned()))
        });
    blocks.collect()
}

/// The name of the block in which a place lies, fit for a fragment.
fn named_block(blocks: &[Block], place: Place) -> Option<String> {
    let is_there = |block: &&Block| block.0 == place.file && block.1.contains(&place.start);
    let (_, _, name) = blocks.iter().find(is_there)?;
    let letter = |c: char| match c.is_ascii_alphanumeric() {
        true => c.to_ascii_lowercase(),
        false => '-',
    };
    Some(name.chars().map(letter).collect())
}

/// A value of so many bytes is hidden in comments; a shorter one may be any word.
const TELLING: usize = 6;

/// Takes the values of secrets out of comments: people note down there what stood below.
fn hide_in_comments(parts: &mut Parts, declared: &Declarations) {
    let secrets = declared.values().filter(|one| one.secret);
    let values = secrets.filter_map(|one| one.value.as_deref());
    let values: Vec<&str> = values.filter(|value| value.len() >= TELLING).collect();
    let mut hide = |line: &mut String| {
        for value in &values {
            if line.contains(value) {
                *line = line.replace(value, "***");
            }
        }
    };
    parts.services.each_comment(&mut hide);
    parts
        .declared
        .values_mut()
        .for_each(|map| map.each_comment(&mut hide));
    parts.compose.each_comment(&mut hide);
    parts.head.iter_mut().for_each(hide);
}

/// Tells which profiles the env file of a mode puts on, that were off unless somebody asked for them.
fn tell_profiles(services: &Map, notes: &mut Notes) {
    let mut names: Vec<&str> = Vec::new();
    let mut first = Place::NOWHERE;
    for entry in &services.0 {
        let list = entry.value.map().and_then(|map| map.get("profiles"));
        for item in list.map_or(&[][..], Value::items) {
            let name = item.value.text().unwrap_or_default();
            if !names.contains(&name) {
                names.push(name);
            }
            if !first.is_somewhere() {
                first = item.place;
            }
        }
    }
    if !names.is_empty() {
        let list: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
        let text = format!(
            "a mode starts all of its services: its env file puts on {} {}, off in the files unless asked for",
            if names.len() == 1 {
                "the profile"
            } else {
                "the profiles"
            },
            list.join(", ")
        );
        notes.add(Subject::Changed, first, text);
    }
}

/// Tells which role each service got and why, what may be wrong with that, and what it says that goes through.
fn tell_services(services: &Map, notes: &mut Notes) {
    for entry in &services.0 {
        let Some(service) = entry.value.map() else {
            continue;
        };
        let role = service.entry("role");
        let is_fenced = role
            .and_then(|role| role.value.text())
            .is_some_and(is_fenced);
        // A service that the files confine to tests is told where that is seen.
        if !is_fenced {
            let guess = roles::guess(&entry.key, service);
            notes.add(Subject::Guessed, entry.place, guess.told(&entry.key));
        }
        if let Some((role, why)) = roles::suspicion(&entry.key, service).filter(|_| !is_fenced) {
            let service = entry.key.clone();
            notes.add(
                Subject::Guessed,
                entry.place,
                What::Suspect { service, role, why },
            );
        }
        for word in service.0.iter().filter(|word| word.key.starts_with("x-")) {
            let (key, service) = (word.key.clone(), entry.key.clone());
            notes.add(Subject::Passed, word.place, What::PassedIn { key, service });
        }
    }
}

/// What is known of each service, and of what others ask of it.
fn facts(services: &Map) -> IndexMap<String, Facts> {
    let maps = || {
        services
            .0
            .iter()
            .filter_map(|entry| Some((entry, entry.value.map()?)))
    };
    let mut facts: IndexMap<String, Facts> = maps()
        .map(|(entry, service)| (entry.key.clone(), Facts::of(service)))
        .collect();
    let waits: Vec<(&str, &str)> = maps()
        .flat_map(|(_, service)| service::waits(service))
        .collect();
    for (name, fact) in &mut facts {
        let asked = |condition: &str| waits.contains(&(name.as_str(), condition));
        fact.by_image = asked("service_healthy") && !fact.says_health;
        fact.job = asked("service_completed_successfully")
            && fact.restarts_never
            && !fact.says_health
            && !fact.by_image;
    }
    facts
}

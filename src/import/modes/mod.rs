//! Two projects that are two modes of one catalog: what both say stands at the service, what one says in an override.
//!
//! | file | what stands there |
//! |---|---|
//! | `profiles.rs` | two modes of one project, by its profiles |
//! | `merge.rs` | a service as several modes have it |
//! | `declared.rs` | volumes, networks and the like of several modes |
//! | `variables.rs` | the variables of all modes, and what the env file of each sets |

mod declared;
mod merge;
mod profiles;
mod variables;

use indexmap::IndexMap;
use rustc_hash::FxHashSet;

use super::parts::Parts;
use super::report::{Notes, Subject, What};
use super::value::{Entry, Item, Map, Value};
use super::variables::Declarations;
use super::waits::Facts;
use super::words::{facts, words};
use super::{Mode, roles, urls};
use crate::place::Place;
use crate::values::interpolation::{expand_known, with_defaults};
use crate::values::mode_class::ModeClass;
use crate::values::mount::ShortMount;
use crate::values::path::is_socket;
use crate::values::shown::shown;
use merge::merged;
pub(super) use profiles::by_profiles;
pub(super) use variables::{values, variables};

/// A project in one mode, all in the words of a catalog.
pub(super) struct InMode {
    /// The mode.
    pub mode: Mode,
    /// The project.
    pub parts: Parts,
    /// Its variables.
    pub declared: Declarations,
}

/// Each mode is a project of its own: where two have one name, those before the last get their mode's behind it.
pub(super) fn name_projects(all: &mut [InMode], notes: &mut Notes) {
    let names: Vec<String> = all.iter().map(|one| one.parts.project.clone()).collect();
    let others = declared::others_than_before(&declared::common(all));
    for at in 0..all.len() {
        if names[at + 1..].contains(&names[at]) {
            let one = &mut all[at];
            one.parts.project = format!("{}-{}", names[at], one.mode.name.to_lowercase());
            let text = format!(
                "the mode `{}` is a project of its own, `{}`: {others}",
                one.mode.name, one.parts.project
            );
            notes.add(Subject::Changed, Place::NOWHERE, text);
        }
    }
}

/// What depends on what the services are in every mode: what others wait for, addresses, roles and jobs.
pub(super) fn settle(all: &mut [InMode], notes: &mut Notes) -> IndexMap<String, Facts> {
    let mut known: Vec<IndexMap<String, Facts>> =
        all.iter().map(|one| facts(&one.parts.services)).collect();
    let names: Vec<String> = known
        .iter()
        .flat_map(|facts| facts.keys().cloned())
        .collect();
    for name in &names {
        // A service is a job everywhere or nowhere.
        let is_job = known
            .iter()
            .filter_map(|facts| facts.get(name))
            .all(|one| one.job);
        for one in known.iter_mut().filter_map(|facts| facts.get_mut(name)) {
            one.job = is_job;
        }
    }
    let there: Vec<FxHashSet<String>> = all
        .iter()
        .map(|one| {
            one.parts
                .services
                .0
                .iter()
                .map(|entry| entry.key.clone())
                .collect()
        })
        .collect();
    // An address of a service that is missing somewhere could not be made there.
    let is_there = |asking: &str, asked: &str| {
        there
            .iter()
            .all(|names| !names.contains(asking) || names.contains(asked))
    };
    for (one, facts) in all.iter_mut().zip(&known) {
        urls::write(&mut one.parts.services, &one.declared, &is_there);
        words(&mut one.parts, facts, notes);
    }
    known
        .into_iter()
        .rev()
        .reduce(|mut all, other| {
            for (name, facts) in other {
                all.entry(name).or_insert(facts);
            }
            all
        })
        .unwrap_or_default()
}

/// What a catalog says of a mode.
pub(super) struct ModeWords {
    pub mode: Mode,
    /// The name of its Compose project.
    pub project: String,
    /// The profiles that are on; `None` where no service has one.
    pub profiles: Option<Vec<String>>,
}

impl ModeWords {
    /// Of a project in one mode: the profiles that its files leave off stay off.
    pub fn of(one: &InMode) -> Self {
        let services = one.parts.services.0.iter();
        let profiles: Vec<String> = services.flat_map(profiles::of_service).collect();
        let is_on = |profile: &String| profiles.contains(profile);
        let on = one.parts.profiles.iter().filter(|profile| is_on(profile));
        let is_all = one.parts.profiles.iter().any(|profile| profile == "*");
        ModeWords {
            mode: one.mode.clone(),
            project: one.parts.project.clone(),
            profiles: (!profiles.is_empty() && !is_all).then(|| on.cloned().collect()),
        }
    }
}

/// Lays all modes together. The last one is what the catalog says where nothing else is said.
pub(super) fn together(mut all: Vec<InMode>, declared: &Declarations, notes: &mut Notes) -> Parts {
    let names: Vec<String> = all.iter().map(|one| one.mode.name.clone()).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let common = declared::common(&all);
    let Some(mut main) = all.pop() else {
        return Parts::default();
    };
    if all.is_empty() {
        return main.parts;
    }
    main.parts.services = services(&main, &all, declared, notes);
    for (section, map) in &mut main.parts.declared {
        let others = all.iter().map(|one| one.parts.declared.get(section));
        let others: Vec<&Map> = others.flatten().collect();
        declared::merge(map, &others, &names, notes);
    }
    declared::share(&mut main.parts, &common, notes);
    for other in all {
        for entry in other.parts.compose.0 {
            if main.parts.compose.get(&entry.key).is_none() {
                main.parts.compose.put(entry);
            }
        }
        // What was found in a file is found once: the others have what only their files say.
        let (heads, tails) = (&mut main.parts.heads, &mut main.parts.tails);
        for (all, own) in [(heads, other.parts.heads), (tails, other.parts.tails)] {
            own.into_iter().for_each(|(file, lines)| {
                all.entry(file).or_insert(lines);
            });
        }
        main.parts.take_apart(other.parts.apart);
        let origins = &mut main.parts.origins;
        other.parts.origins.into_iter().for_each(|(name, place)| {
            origins.entry(name).or_insert(place);
        });
    }
    main.parts
}

/// Every service once.
fn services(main: &InMode, others: &[InMode], declared: &Declarations, notes: &mut Notes) -> Map {
    let mut all = Map::default();
    let lists = std::iter::once(main).chain(others);
    for entry in lists.flat_map(|one| &one.parts.services.0) {
        if all.get(&entry.key).is_some() {
            continue;
        }
        let in_mode = |one: &'_ InMode| {
            one.parts
                .services
                .get(&entry.key)
                .and_then(Value::map)
                .cloned()
        };
        let there = others.iter().chain([main]);
        let there: Vec<(&Mode, Map)> = there
            .filter_map(|one| Some((&one.mode, in_mode(one)?)))
            .collect();
        let is_everywhere = there.len() == others.len() + 1;
        let mut merged = merged(&there);
        if !is_everywhere {
            let mut modes = std::iter::once(main).chain(others);
            let profile = modes.find_map(|one| one.parts.started_by.get(&entry.key));
            belongs(&mut merged, entry, &there, profile, notes);
        }
        if there.len() > 1 {
            waive(&mut merged, declared);
        }
        all.put(Entry {
            value: Value::Map(merged),
            ..entry.clone()
        });
    }
    all
}

/// A service that only some modes have: of the role test where these are modes of class test. `profile` is the one by
/// which they have it.
fn belongs(
    service: &mut Map,
    entry: &Entry,
    there: &[(&Mode, Map)],
    profile: Option<&String>,
    notes: &mut Notes,
) {
    let names: Vec<&str> = there.iter().map(|(mode, _)| mode.name.as_str()).collect();
    let is_test = there.iter().all(|(mode, _)| mode.class == ModeClass::Test);
    if is_test {
        let role = roles::of_test(&entry.key);
        let why = match profile {
            Some(profile) => format!("only the profile {} starts it", shown(profile)),
            None => format!("only the files of {} have it", names.join(" and ")),
        };
        service.put(Entry::made("role", Value::of(role)).beside(format!("a guess: {why}")));
        let what = What::Role {
            service: entry.key.clone(),
            role,
            why: format!("{why}, and no production gets it"),
        };
        notes.add(Subject::Guessed, entry.place, what);
        return;
    }
    let items = names
        .iter()
        .map(|name| Item::made(Value::of(*name)))
        .collect();
    let place = service.0.iter().take_while(|one| one.key == "role").count();
    service
        .0
        .insert(place, Entry::made("modes", Value::List(items)));
}

/// What both modes have of one thing on the machine, which is said to be wanted.
fn waive(service: &mut Map, declared: &Declarations) {
    let mut waivers = Vec::new();
    let mut waiver = |rule: &str| {
        let words = [
            Entry::made("rule", Value::of(rule)),
            Entry::made(
                "reason",
                Value::of("as the Compose files had it: the modes do not run at once"),
            ),
        ];
        waivers.push(Item::made(Value::Map(Map(words.into_iter().collect()))));
    };
    if service.get("container_name").is_some() {
        waiver("shared-container-name");
    }
    if service
        .get("volumes")
        .map_or(&[][..], Value::items)
        .iter()
        .any(|item| may_be_shared(&item.value, declared))
    {
        waiver("shared-bind");
    }
    if !waivers.is_empty() {
        service.put(Entry::made("waive", Value::List(waivers)));
    }
}

/// Whether a mount is a folder of the host that both modes write: no socket, and no place that only the env file knows.
fn may_be_shared(mount: &Value, declared: &Declarations) -> bool {
    writable_source(mount).is_some_and(|source| {
        let default = |name: &str| {
            let one = declared.get(name)?;
            one.default.clone().or(one.optional.then(String::new))
        };
        let known = expand_known(&source, &default).ok();
        let path = known.as_deref().and_then(with_defaults);
        path.is_some_and(|path| !is_socket(&path))
    })
}

/// The path of the host that a bind mount lets a service write.
fn writable_source(mount: &Value) -> Option<String> {
    match mount {
        Value::Map(map) => {
            let text = |key: &str| map.get(key).and_then(Value::text);
            let writes = text("type") == Some("bind") && text("read_only") != Some("true");
            text("source").filter(|_| writes).map(str::to_owned)
        }
        value => {
            let short = ShortMount::parse(value.text()?).ok()?;
            let writes = short.is_bind() && !short.read_only();
            short.source.filter(|_| writes).map(str::to_owned)
        }
    }
}

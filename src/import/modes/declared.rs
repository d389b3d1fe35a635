//! What is declared in several modes: a name on the engine that all of them have is shared, and says so.

use super::InMode;
use crate::import::files::users as users_of;
use crate::import::parts::Parts;
use crate::import::report::{Notes, Subject, What};
use crate::import::value::{Entry, Item, Map, Value};
use crate::place::Place;
use crate::values::prose::{list, list_quoted};
use crate::values::shown::shown;

/// The sections of what modes can share.
const SHARED: [&str; 2] = ["volumes", "networks"];

/// How two modes get each its own of what they share.
const PART: &str = "to part them, write `name: \"NAME{{ '-test' if mode.name == 'test' else '' }}\"` there, with the name \
                    and the mode that it is about, in the place of `shared` and `reason`";

/// The same for what is not the project's own: Compose looks for it, and creates neither.
const PART_EXTERNAL: &str = "to part them, write `external: true` and `name: \"NAME{{ '-test' if mode.name == 'test' else '' }}\"` there, with the \
                    name and the mode that it is about, in the place of `shared` and `reason`";

/// What is declared in several modes, these in their order.
pub fn merge(map: &mut Map, others: &[&Map], modes: &[&str], notes: &mut Notes) {
    for other in others {
        for entry in &other.0 {
            match map.get_mut(&entry.key) {
                None => map.put(entry.clone()),
                Some(value) if *value == entry.value => {}
                Some(value) => {
                    if others.len() == 1 && name_by_mode(value, &entry.value, modes) {
                        continue;
                    }
                    let text = format!(
                        "`{}` is declared otherwise in another mode, and a catalog declares it once: the last mode's stands",
                        entry.key
                    );
                    notes.add(Subject::Lost, entry.place, text);
                }
            }
        }
    }
}

/// Says of what modes share that they do, in the catalog and to whoever imports.
pub fn share(parts: &mut Parts, common: &[Common], notes: &mut Notes) {
    for it in common {
        let section = parts.declared.get_mut(it.section);
        let entry = section.and_then(|map| map.0.iter_mut().find(|entry| entry.key == it.key));
        if let Some(entry) = entry
            && let Value::Map(words) = &mut entry.value
        {
            it.write(words);
            notes.add(Subject::Wrong, entry.place, it.told());
        }
    }
    if let Some(text) = made_first(common) {
        notes.add(Subject::Changed, Place::NOWHERE, text);
    }
}

/// What Compose created, and does not any more, since it belongs to no mode alone.
fn made_first(common: &[Common]) -> Option<String> {
    let own = || common.iter().filter(|it| !it.is_external);
    let names: Vec<String> = own().map(Common::named).collect();
    let uses = |section: &&&str| own().any(|it| it.section == **section);
    let commands: Vec<String> = SHARED
        .iter()
        .filter(uses)
        .map(|section| format!("`docker {} create`", word_of(section)))
        .collect();
    let (belong, them, line, stands) = match names.len() {
        0 => return None,
        1 => ("belongs", "it", "line", "stands"),
        _ => ("belong", "them", "lines", "stand"),
    };
    Some(format!(
        "{} {belong} to several modes now, and Compose no longer creates {them}: the {line} with {} {stands} at the head of \
         each generated file",
        list(&names),
        list(&commands)
    ))
}

/// What one of a section is called.
fn word_of(section: &str) -> &'static str {
    match section {
        "volumes" => "volume",
        _ => "network",
    }
}

/// What several modes have by one name on the engine.
pub struct Common {
    section: &'static str,
    key: String,
    name: String,
    /// The modes that use it.
    modes: Vec<String>,
    /// Whether Compose never created it.
    is_external: bool,
}

/// The volumes and networks that several modes use.
pub fn common(all: &[InMode]) -> Vec<Common> {
    let mut common: Vec<Common> = Vec::new();
    // What the last mode says is what the catalog says.
    for (section, one) in SHARED
        .iter()
        .flat_map(|section| all.iter().rev().map(move |one| (*section, one)))
    {
        for entry in declared(one, section).map_or(&[][..], |map| &map.0) {
            let is_told = |other: &Common| other.section == section && other.key == entry.key;
            if let Some(name) =
                engine_name(&entry.key, &entry.value).filter(|_| !common.iter().any(is_told))
            {
                let modes = users(all, section, &entry.key, &name);
                let key = entry.key.clone();
                common.push(Common {
                    section,
                    key,
                    name,
                    modes,
                    is_external: is_external(&entry.value),
                });
            }
        }
    }
    common.retain(|it| it.modes.len() > 1);
    common
}

fn declared<'m>(one: &'m InMode, section: &str) -> Option<&'m Map> {
    one.parts.declared.get(section)
}

/// The modes that use a thing by a name on the engine.
fn users(all: &[InMode], section: &str, key: &str, name: &str) -> Vec<String> {
    let is_it = |one: &&InMode| {
        let value = declared(one, section).and_then(|map| map.get(key));
        value.and_then(|value| engine_name(key, value)).as_deref() == Some(name)
    };
    let uses = |one: &&InMode| {
        let services = &one.parts.services;
        let joins_default = |entry: &Entry| {
            let has = |word: &str| entry.value.map().is_some_and(|map| map.get(word).is_some());
            !has("networks") && !has("network_mode")
        };
        let is_default = section == "networks" && key == "default";
        !users_of(section, key, services).is_empty()
            || is_default && services.0.iter().any(joins_default)
    };
    let users = all.iter().filter(is_it).filter(uses);
    users.map(|one| one.mode.name.clone()).collect()
}

/// The name that a thing has on the engine in every project; `None` where the project's name is a part of it.
fn engine_name(key: &str, declared: &Value) -> Option<String> {
    let words = declared.map()?;
    let name = words.get("name").and_then(Value::text);
    match name {
        Some(name) => Some(name.to_owned()),
        None => is_external(declared).then(|| key.to_owned()),
    }
}

/// Whether Compose looks for a thing that it never creates.
fn is_external(declared: &Value) -> bool {
    let external = declared.map().and_then(|words| words.get("external"));
    external.is_some_and(|external| external.text() != Some("false"))
}

/// Where only the names of two modes differ, one that the mode decides.
fn name_by_mode(main: &mut Value, other: &Value, modes: &[&str]) -> bool {
    let (Value::Map(main), Value::Map(other), [mode, ..]) = (main, other, modes) else {
        return false;
    };
    let is_plain = |name: &&str| !name.contains(['{', '\'', '$', '\\']);
    let name = |words: &Map| {
        let name = words.get("name").and_then(Value::text).filter(is_plain);
        name.map(str::to_owned)
    };
    let (Some(last), Some(first)) = (name(main), name(other)) else {
        return false;
    };
    let mut renamed = other.clone();
    renamed.put(Entry::made("name", Value::of(&last)));
    let without = |words: &Map| {
        let mut words = words.clone();
        words.take("name");
        Value::Map(words)
    };
    if without(main) != without(&renamed) {
        return false;
    }
    let name = format!("{{{{ '{first}' if mode.name == '{mode}' else '{last}' }}}}");
    main.put(Entry::made("name", Value::of(name)));
    true
}

impl Common {
    fn told(&self) -> What {
        let what = match self.section {
            "volumes" => "what one writes, the other has",
            _ => "their containers reach each other",
        };
        let (modes, name) = (list_quoted(&self.modes), shown(&self.name));
        let one = word_of(self.section);
        What::Told {
            text: format!("the modes {modes} use one {one}, {name}, as the files have it: {what}"),
            help: match self.is_external {
                true => PART_EXTERNAL,
                false => PART,
            },
        }
    }

    fn named(&self) -> String {
        format!("the {} {}", word_of(self.section), shown(&self.name))
    }

    fn write(&self, words: &mut Map) {
        words.take("external");
        if words.get("name").is_none() {
            words.put(Entry::made("name", Value::of(&self.name)));
        }
        let modes = self.modes.iter();
        let items = modes.map(|mode| Item::made(Value::of(mode))).collect();
        words.put(Entry::made("shared", Value::List(items)));
        let reason = "the Compose files of all modes name the same one";
        words.put(Entry::made("reason", Value::of(reason)));
    }
}

/// What is said of a mode's volumes and networks: others than before, but for those that modes share.
pub fn others_than_before(common: &[Common]) -> String {
    let names: Vec<String> = common.iter().map(|it| shown(&it.name)).collect();
    match names.is_empty() {
        true => "its volumes and networks are others than before".to_owned(),
        false => format!(
            "its volumes and networks are others than before, but for {}",
            list(&names)
        ),
    }
}

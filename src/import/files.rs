//! Which file of the catalog holds what: one file for a few services, one by area for many; what one file alone uses
//! stands in it.

use indexmap::IndexMap;

use super::chapters::Chapters;
use super::host;
use super::layout::{block_entry, lines, text};
use super::modes::ModeWords;
use super::parts::Parts;
use super::report::What;
use super::value::{Entry, Line, Map, Remarks, Value};
use super::variables::{Declarations, Declared};
use super::{Mode, roles};

/// Up to so many services stand in one file.
pub const FEW: usize = 6;

/// The files, the main one first.
pub fn files(
    parts: Parts,
    declared: &Declarations,
    sizes: &Sizes,
    modes: Vec<ModeWords>,
    chapters: &Chapters,
) -> Vec<(String, String)> {
    let homes = homes(&parts.services, chapters);
    let mut sheets: IndexMap<&str, Sheet> = IndexMap::new();
    sheets.insert(MAIN, Sheet::default());
    for name in homes.values() {
        sheets.entry(name).or_default();
    }
    let main = main(&parts, sizes, &modes);
    for (name, variable) in declared {
        let home = home_of(variable.owners.iter().map(String::as_str), &homes);
        let entry = Entry::made(name, variable_words(variable));
        sheets.entry(home).or_default().put("variables", entry);
    }
    for (section, map) in parts.declared {
        for entry in map.0 {
            let users = sizes.users.get(&(section, entry.key.clone()));
            let users = users.into_iter().flatten().map(String::as_str);
            let home = home_of(users, &homes);
            sheets.entry(home).or_default().put(section, entry);
        }
    }
    let fragments = parts.shared.fragments.clone();
    for entry in parts.shared.fragments.0 {
        let users = extending(&entry.key, &parts.services, &fragments);
        let home = home_of(users.into_iter(), &homes);
        sheets.entry(home).or_default().fragments.push(entry);
    }
    for entry in parts.services.0 {
        let home = homes.get(&entry.key).copied().unwrap_or(MAIN);
        sheets.entry(home).or_default().services.push(entry);
    }
    for (section, remarks) in parts.remarks {
        around(&mut sheets, section, remarks);
    }
    for (name, sheet) in &mut sheets {
        sheet.tail = match (*name, chapters.get(name)) {
            (MAIN, _) => apart(&parts.tails),
            (_, chapter) => chapter.map_or(Vec::new(), |chapter| chapter.tail.clone()),
        };
    }
    let texts = sheets.into_iter().map(|(name, sheet)| {
        let head = if name == MAIN {
            main.clone()
        } else {
            format!("{SCHEMA}{}", chapters.head_of(name))
        };
        (format!("{name}.yaml"), sheet.text(head))
    });
    texts.collect()
}

/// Puts the comments around a section where its first entry stands, and where its last one does.
fn around(sheets: &mut IndexMap<&str, Sheet>, section: &'static str, remarks: Remarks) {
    let has = |sheet: &Sheet| match section {
        "services" => !sheet.services.is_empty(),
        section => sheet.sections.contains_key(section),
    };
    let first = sheets.values().position(has).unwrap_or(0);
    let last = sheets.values().rposition(has).unwrap_or(0);
    let said = |lines: Vec<Line>| {
        let lines = lines.into_iter();
        lines
            .skip_while(|line| *line == Line::Blank)
            .collect::<Vec<_>>()
    };
    let mut put = |at: usize, part: fn(&mut Remarks) -> &mut Vec<Line>, lines: Vec<Line>| {
        if let Some((_, sheet)) = sheets.get_index_mut(at) {
            *part(sheet.remarks.entry(section).or_default()) = lines;
        }
    };
    put(
        first,
        |remarks| &mut remarks.above,
        said(remarks.lines_above()),
    );
    put(last, |remarks| &mut remarks.below, remarks.below);
}

/// The services that extend a fragment, also by way of another one.
fn extending<'m>(name: &str, services: &'m Map, fragments: &Map) -> Vec<&'m str> {
    let extends = |entry: &&Entry| {
        let value = entry.value.map().and_then(|map| map.get("extends"));
        let is_it = |value: &Value| value.text() == Some(name);
        value.is_some_and(|value| {
            is_it(value) || value.items().iter().any(|item| is_it(&item.value))
        })
    };
    let users = services.0.iter().filter(extends);
    let mut names: Vec<&str> = users.map(|entry| entry.key.as_str()).collect();
    for other in fragments.0.iter().filter(extends) {
        names.extend(extending(&other.key, services, fragments));
    }
    names
}

/// What the services ask for, before what they share is taken out of them.
pub struct Sizes {
    all_limited: bool,
    machine: host::Choice,
    /// Who uses what is declared, by section and name.
    users: IndexMap<(&'static str, String), Vec<String>>,
}

impl Sizes {
    /// Of these services, on a machine.
    pub(super) fn of(parts: &Parts, machine: host::Choice) -> Self {
        let services = &parts.services;
        let names = parts.declared.iter().flat_map(|(section, map)| {
            map.0.iter().map(move |entry| (*section, entry.key.clone()))
        });
        let used = |key: (&'static str, String)| {
            let users = users(key.0, &key.1, services);
            let users = users.into_iter().map(str::to_owned).collect();
            (key, users)
        };
        Sizes {
            all_limited: all_limited(services),
            machine,
            users: names.map(used).collect(),
        }
    }

    /// What is told of the machine.
    pub(super) fn told(&self) -> What {
        What::Host(self.machine.told.clone())
    }
}

/// The main file, without its ending.
const MAIN: &str = "catalog";

/// One file under way.
#[derive(Default)]
struct Sheet {
    sections: IndexMap<&'static str, Map>,
    fragments: Vec<Entry>,
    services: Vec<Entry>,
    /// The comments around its sections.
    remarks: IndexMap<&'static str, Remarks>,
    /// The comments at its end.
    tail: Vec<Line>,
}

impl Sheet {
    fn put(&mut self, section: &'static str, entry: Entry) {
        self.sections.entry(section).or_default().put(entry);
    }

    fn text(self, head: String) -> String {
        let mut out = head;
        self.entries("fragments", &self.fragments, &mut out);
        for section in ["variables", "networks", "volumes", "secrets", "configs"] {
            if let Some(map) = self.sections.get(section) {
                let remarks = self.remarks.get(section).cloned().unwrap_or_default();
                out.push('\n');
                let entry = Entry {
                    remarks,
                    ..Entry::made(section, Value::Map(map.clone()))
                };
                out.push_str(&text(&Map(vec![entry])));
            }
        }
        self.entries("services", &self.services, &mut out);
        if !self.tail.is_empty() {
            out.push('\n');
            lines(&self.tail, 0, &mut out);
        }
        out
    }

    /// Entries of many lines, with an empty line between them.
    fn entries(&self, section: &'static str, entries: &[Entry], out: &mut String) {
        if entries.is_empty() {
            return;
        }
        let remarks = self.remarks.get(section).cloned().unwrap_or_default();
        out.push('\n');
        lines(&remarks.above, 0, out);
        out.push_str(&format!("{section}:\n"));
        for (at, entry) in entries.iter().enumerate() {
            out.push_str(if at > 0 { "\n" } else { "" });
            block_entry(entry, 2, out);
        }
        if !remarks.below.is_empty() {
            out.push('\n');
            lines(&remarks.below, 2, out);
        }
    }
}

fn one(key: &str, value: Value) -> Map {
    Map(vec![Entry::made(key, value)])
}

const SCHEMA: &str = "# yaml-language-server: $schema=../generated/catalog.schema.json\n";

/// The file of each service.
fn homes<'c>(services: &Map, chapters: &'c Chapters) -> IndexMap<String, &'c str> {
    let home = |entry: &Entry| {
        let map = entry.value.map().cloned().unwrap_or_default();
        let role = map.get("role").and_then(Value::text).unwrap_or("core");
        let area = || roles::area(role, &entry.key, &map);
        match services.0.len() > FEW {
            true => chapters.home(&entry.key).unwrap_or_else(area),
            false => MAIN,
        }
    };
    let services = services.0.iter();
    let mut homes: IndexMap<String, &str> = services
        .map(|entry| (entry.key.clone(), home(entry)))
        .collect();
    // For one service alone nobody makes a file, unless its role asks for it.
    let count = |area: &str| homes.values().filter(|home| **home == area).count();
    let few = ["data", "monitoring", "edge"].map(|area| (area, count(area) == 1));
    let has_app = count("app") > 0;
    for home in homes.values_mut() {
        let is_alone = few.contains(&(*home, true)) && chapters.get(home).is_none();
        if is_alone && has_app {
            *home = "app";
        }
    }
    homes
}

/// The one file of all users, or the main one.
fn home_of<'a, 'c>(
    users: impl Iterator<Item = &'a str>,
    homes: &IndexMap<String, &'c str>,
) -> &'c str {
    let mut all: Vec<&str> = users
        .map(|user| homes.get(user).copied().unwrap_or(MAIN))
        .collect();
    all.sort_unstable();
    all.dedup();
    match all.as_slice() {
        [one] => one,
        _ => MAIN,
    }
}

/// The services that use what is declared.
pub(super) fn users<'m>(section: &str, name: &str, services: &'m Map) -> Vec<&'m str> {
    let uses = |service: &Map| match service.get(section) {
        Some(Value::Map(map)) => map.get(name).is_some(),
        Some(Value::List(items)) => items.iter().any(|item| match &item.value {
            Value::Map(map) => map.get("source").and_then(Value::text) == Some(name),
            value => value
                .text()
                .is_some_and(|text| text.split(':').next() == Some(name)),
        }),
        _ => false,
    };
    let users = services
        .0
        .iter()
        .filter(|entry| entry.value.map().is_some_and(uses));
    users.map(|entry| entry.key.as_str()).collect()
}

/// A variable's words, as a person would write them.
fn variable_words(declared: &Declared) -> Value {
    let Declared {
        default,
        optional,
        since_set: _,
        secret,
        description,
        value: _,
        made_up: _,
        owners: _,
        modes,
    } = declared;
    let mut words = Map::default();
    let mut truth = |key: &str, is: bool| {
        if is {
            words.put(Entry::made(key, Value::Plain("true".to_owned())));
        }
    };
    truth("secret", *secret);
    truth("optional", *optional);
    if let Some(default) = default {
        words.put(Entry::made("default", Value::of(default)));
    }
    if !modes.is_empty() {
        let items = modes
            .iter()
            .map(|mode| super::value::Item::made(Value::of(mode)));
        words.put(Entry::made("modes", Value::List(items.collect())));
    }
    if let Some(description) = description {
        words.put(Entry::made("description", Value::of(description)));
    }
    match words.0.is_empty() {
        true => Value::Nothing,
        false => Value::Map(words),
    }
}

fn main(parts: &Parts, sizes: &Sizes, modes: &[ModeWords]) -> String {
    let modes = Map(modes.iter().map(mode_words).collect());
    let mut map = Map::default();
    let mut project = Entry::made("project", Value::of(&parts.project));
    project.remarks.above = apart(&parts.heads);
    map.put(project);
    if !sizes.all_limited {
        let limits = Entry::made("limits", Value::of("optional"));
        map.put(limits.beside("a service without limits is a warning, not an error"));
    }
    map.put(Entry::made("mode_variable", Value::of("none")));
    let mut out = format!("{SCHEMA}{}", text(&map));
    out.push('\n');
    out.push_str(&text(&one("hosts", Value::Map(Map(vec![machine(sizes)])))));
    out.push('\n');
    out.push_str(&text(&one("modes", Value::Map(modes))));
    if !parts.shared.defaults.0.is_empty() {
        out.push('\n');
        out.push_str(&text(&one(
            "defaults",
            Value::Map(parts.shared.defaults.clone()),
        )));
    }
    if !parts.compose.0.is_empty() {
        out.push('\n');
        out.push_str(&text(&one("compose", Value::Map(parts.compose.clone()))));
    }
    out
}

/// The comments of several files, with an empty line between them.
fn apart(files: &IndexMap<u16, Vec<Line>>) -> Vec<Line> {
    let mut all = Vec::new();
    for lines in files.values().filter(|lines| !lines.is_empty()) {
        all.extend((!all.is_empty()).then_some(Line::Blank));
        all.extend(lines.iter().cloned());
    }
    all
}

fn machine(sizes: &Sizes) -> Entry {
    let host::Choice {
        machine,
        known,
        told: _,
    } = &sizes.machine;
    let words = [
        Entry::made("memory", Value::of(machine.memory.spelled())),
        Entry::made("cpus", Value::Plain(machine.cpus.to_string())),
    ];
    let machine = Entry::made("machine", Value::Map(Map(words.into_iter().collect())));
    machine.beside(match known {
        Some(what) => format!("{what}, for the budget"),
        None => "a guess: what the machine has, for the budget".to_owned(),
    })
}

fn mode_words(words: &ModeWords) -> Entry {
    let ModeWords {
        mode: Mode { name, class, alias },
        project,
        profiles,
    } = words;
    let mut words = Map(vec![Entry::made("class", Value::of(class.as_str()))]);
    if let Some(alias) = alias {
        let items = vec![super::value::Item::made(Value::of(*alias))];
        words.put(Entry::made("aliases", Value::List(items)));
    }
    words.put(Entry::made("project", Value::of(project)));
    if let Some(profiles) = profiles {
        let items = profiles
            .iter()
            .map(|name| super::value::Item::made(Value::of(name)));
        words.put(Entry::made("profiles", Value::List(items.collect())));
    }
    Entry::made(name, Value::Map(words))
}

fn all_limited(services: &Map) -> bool {
    let has_limit = |service: &Map, key: &str| match service.get(key) {
        Some(Value::Map(map)) => map.get("limit").is_some(),
        other => other.is_some(),
    };
    let mut maps = services.0.iter().filter_map(|entry| entry.value.map());
    maps.all(|service| has_limit(service, "memory") && has_limit(service, "cpus"))
}

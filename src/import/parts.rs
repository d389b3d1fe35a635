//! The parts of a project under way: what stands at the top of its files, apart.

use bumpalo::Bump;
use indexmap::IndexMap;

use super::comments::{Comments, trimmed};
use super::report::{Notes, Subject, What};
use super::shared::Shared;
use super::shared::authored::{Authored, authored};
use super::value::{Entry, Line, Map, Remarks, Value};
use super::{Asked, service};
use crate::place::Place;
use crate::project::{Written, seen_from};
use crate::values::interpolation::expand;
use crate::values::name::ProjectName;
use crate::yaml::node::Node;

/// What is declared at the top of a project, by section.
pub const SECTIONS: [&str; 4] = ["networks", "volumes", "secrets", "configs"];

/// The parts of a project under way.
#[derive(Clone, Default)]
pub struct Parts {
    pub project: String,
    /// The comments at the heads of its files, by the files' numbers, and at the ends of them.
    pub heads: IndexMap<u16, Vec<Line>>,
    pub tails: IndexMap<u16, Vec<Line>>,
    pub services: Map,
    /// Where each service stands in the first file that has it.
    pub origins: IndexMap<String, Place>,
    pub declared: IndexMap<&'static str, Map>,
    /// The comments around the services and around each section of what is declared.
    pub remarks: IndexMap<&'static str, Remarks>,
    pub compose: Map,
    /// The services that only the profile of a mode starts, with the profile.
    pub started_by: IndexMap<String, String>,
    /// The profiles that are on.
    pub profiles: Vec<String>,
    /// The blocks that the files share, by the names that they have there.
    pub authored: Vec<Authored>,
    /// The keys of the top that hold nothing but such blocks.
    pub apart: Vec<Apart>,
    /// What several services say alike.
    pub shared: Shared,
}

/// A key of the top that shared blocks stand in.
#[derive(Clone, Debug)]
pub struct Apart {
    /// The key.
    pub key: String,
    /// The comments above it and behind it.
    pub remarks: Remarks,
    /// Where it stands.
    pub place: Place,
}

impl Parts {
    /// The parts of a project, paths seen from the folder that gets the catalog.
    pub fn of<'s>(
        written: &Written<'s>,
        asked: &Asked<'_, 's>,
        comments: &Comments,
        arena: &'s Bump,
        notes: &mut Notes,
    ) -> Self {
        let known = &written.variables;
        let seen = seen_from(written.root, asked.way, known, arena);
        let mut parts = Parts::default();
        parts.take_ends(&seen, comments);
        let mut root = Map::read_root(&seen, comments);
        parts.authored = authored(&root, &asked.texts);
        parts.services = parts.section(&mut root, "services");
        let services = parts.services.0.iter_mut();
        services
            .filter_map(|entry| entry.value.map_mut())
            .for_each(|service| service::settle_items(service, &asked.texts, known, notes));
        for name in SECTIONS {
            let mut section = parts.section(&mut root, name);
            let maps = section
                .0
                .iter_mut()
                .filter_map(|entry| entry.value.map_mut());
            maps.for_each(|map| service::settle_declared(map, known, notes));
            parts.declared.insert(name, section);
        }
        parts.project =
            project_name(&mut root, written).unwrap_or_else(|| asked.project.to_owned());
        let on = known.reveal("COMPOSE_PROFILES").unwrap_or_default();
        let on = on.split(',').map(str::trim).filter(|name| !name.is_empty());
        parts.profiles = on.map(str::to_owned).collect();
        for key in ["version", "include"] {
            root.take(key);
        }
        parts.rest(root, &asked.texts, notes);
        parts
    }

    /// Takes the comments that belong to whole files, and notes where the services come from.
    fn take_ends(&mut self, root: &Node, comments: &Comments) {
        let top = || root.as_map().unwrap_or_default().iter();
        let services = || {
            let services = top().filter(|entry| entry.key == "services");
            services.flat_map(|entry| entry.value.as_map().unwrap_or_default())
        };
        for entry in services() {
            let origin = comments.first(entry.key_place);
            self.origins.insert(entry.key.to_owned(), origin);
        }
        let places = top().chain(services());
        let places = places.flat_map(|entry| comments.places(entry.key_place));
        let mut files: Vec<u16> = places.map(|place| place.file).collect();
        files.sort_unstable();
        files.dedup();
        for file in files {
            let head = comments.head(file);
            if !head.is_empty() && !self.heads.values().any(|other| *other == head) {
                self.heads.insert(file, head);
            }
            let tail = comments.end(file);
            if !tail.is_empty() {
                self.tails.insert(file, tail);
            }
        }
    }

    fn section(&mut self, root: &mut Map, name: &'static str) -> Map {
        let Some(entry) = root.take(name) else {
            return Map::default();
        };
        self.remarks.insert(name, entry.remarks);
        match entry.value {
            Value::Map(map) => map,
            Value::Nothing | Value::Plain(_) | Value::Text(_) | Value::List(_) => Map::default(),
        }
    }

    /// What is left at the top: keys of its own that anchors stand in are taken apart, all others go through.
    fn rest(&mut self, root: Map, texts: &[&str], notes: &mut Notes) {
        for entry in root.0 {
            if entry.key.starts_with("x-") && has_anchor(&entry, texts) {
                self.apart.push(Apart {
                    key: entry.key,
                    remarks: entry.remarks,
                    place: entry.place,
                });
                continue;
            }
            let what = What::Passed(entry.key.clone());
            notes.add(Subject::Passed, entry.place, what);
            self.compose.put(entry);
        }
    }

    /// Takes in what another mode has of such keys.
    pub fn take_apart(&mut self, others: Vec<Apart>) {
        for other in others {
            match self.apart.iter_mut().find(|known| known.key == other.key) {
                Some(known) if known.remarks.is_silent() => known.remarks = other.remarks,
                Some(_) => {}
                None => self.apart.push(other),
            }
        }
    }

    /// The comments at blocks that no fragment has belong to their files now: often they are the file's head.
    pub fn keep_heads_of_blocks(&mut self) {
        let fragments = &self.shared.fragments.0;
        for block in &self.apart {
            let said = block.remarks.lines_above();
            let has_it = |lines: &[Line]| said.iter().all(|line| lines.contains(line));
            let is_there = fragments.iter().any(|entry| has_it(&entry.remarks.above))
                || self.heads.values().any(|head| has_it(head));
            if !is_there {
                let head = self.heads.entry(block.place.file).or_default();
                head.extend((!head.is_empty()).then_some(Line::Blank));
                head.extend(trimmed(block.remarks.above.clone()));
                let beside = block.remarks.beside.iter();
                head.extend(beside.map(|text| Line::Said(format!("`{}`: {text}", block.key))));
            }
        }
    }

    /// Says of the head of each file but the first which one it headed: `# Production only` is not about all.
    pub fn name_heads(&mut self, paths: &[String]) {
        let files = self.origins.values().map(|place| place.file);
        let first = files.chain(self.heads.keys().copied()).min();
        for (file, lines) in &mut self.heads {
            let path = paths.get(usize::from(*file));
            if let Some(path) = path.filter(|_| Some(*file) != first && !lines.is_empty()) {
                lines.insert(0, Line::Said(format!("{path}:")));
            }
        }
    }

    /// Every entry that may hold variables.
    pub fn each_entry(&mut self) -> impl Iterator<Item = &mut Entry> {
        let declared = self
            .declared
            .values_mut()
            .flat_map(|section| &mut section.0);
        let services = self.services.0.iter_mut();
        services.chain(declared).chain(&mut self.compose.0)
    }

    /// Every line of comment, to be changed.
    pub fn each_comment(&mut self, change: &mut impl FnMut(&mut String)) {
        self.services.each_comment(change);
        self.compose.each_comment(change);
        self.declared
            .values_mut()
            .for_each(|map| map.each_comment(change));
        self.remarks
            .values_mut()
            .for_each(|remarks| remarks.each(change));
        let apart = self.apart.iter_mut();
        apart.for_each(|block| block.remarks.each(change));
        let blocks = self.authored.iter_mut().flat_map(|block| &mut block.above);
        let ends = self.heads.values_mut().chain(self.tails.values_mut());
        let lines = ends.flatten().chain(blocks);
        lines.filter_map(Line::said_mut).for_each(change);
    }
}

/// The name of a project, where it says one.
fn project_name(root: &mut Map, written: &Written) -> Option<String> {
    let known = &written.variables;
    let lookup = |name: &str| known.reveal(name).map(str::to_owned);
    let name = root
        .take("name")
        .and_then(|entry| entry.value.text().map(str::to_owned));
    let name = name.and_then(|text| Some(expand(&text, &lookup).ok()?.into_owned()));
    let given = lookup("COMPOSE_PROJECT_NAME");
    given.or(name.as_deref().map(ProjectName::normalized))
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

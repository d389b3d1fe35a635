//! Blocks that people named to share them: what an anchor names, and services that others extend. A block is known by
//! the places of what it holds, which stay the same wherever an alias, `<<` or `extends` brings it.

use rustc_hash::FxHashSet;

use super::lay::{is_named, name_of};
use crate::import::value::{Entry, Item, Line, Map, Remarks, Value};
use crate::place::Place;

/// A place without its length.
type Spot = (u16, u32);

/// A block, with the name that people gave it.
#[derive(Clone, Debug)]
pub struct Authored {
    /// The name, fit for a fragment.
    pub name: String,
    /// The key of the top in which it stands, where that is no Compose key.
    pub top: Option<String>,
    /// The service that it is, as a whole.
    pub service: Option<String>,
    /// The comments above it.
    pub above: Vec<Line>,
    /// Where that stands which it holds.
    places: FxHashSet<Spot>,
}

impl Authored {
    /// Whether all that it holds stands in another one too.
    pub fn is_within(&self, other: &Authored) -> bool {
        self.places.len() < other.places.len() && self.places.is_subset(&other.places)
    }

    /// Whether it is no service.
    pub fn is_fragment(&self) -> bool {
        self.service.is_none()
    }

    /// Takes in a block that says the same.
    pub fn take_in(&mut self, other: &Authored) {
        self.places.extend(&other.places);
        self.top = self.top.take().or(other.top.clone());
        if self.above.is_empty() {
            self.above.clone_from(&other.above);
        }
    }

    /// What of some words comes from it.
    pub fn part_of(&self, words: &Map) -> Map {
        let mut part = Map::default();
        for entry in &words.0 {
            part.0.extend(self.part_of_entry(entry));
        }
        part
    }

    fn holds(&self, place: Place) -> bool {
        self.places.contains(&(place.file, place.start))
    }

    fn part_of_entry(&self, entry: &Entry) -> Option<Entry> {
        let is_own = self.holds(entry.place);
        let value = match &entry.value {
            Value::Map(map) if !map.0.is_empty() => {
                let part = self.part_of(map);
                (!part.0.is_empty()).then_some(Value::Map(part))
            }
            Value::List(items) if !items.is_empty() => {
                let own = items.iter().filter(|item| self.holds(item.place));
                let own: Vec<Item> = own.cloned().collect();
                let is_whole = own.len() == items.len() || is_named(&entry.key);
                (is_whole && !own.is_empty()).then_some(Value::List(own))
            }
            value => is_own.then(|| value.clone()),
        }?;
        // What stands at the end of a block is in it, though its key is not.
        let is_whole = value == entry.value;
        let remarks = match is_own {
            true => entry.remarks.clone(),
            false => Remarks {
                below: match is_whole {
                    true => entry.remarks.below.clone(),
                    false => Vec::new(),
                },
                ..Remarks::default()
            },
        };
        Some(Entry {
            value,
            remarks,
            ..entry.clone()
        })
    }
}

/// Adds what some words have more than others; a comment is taken where there was none.
pub fn unite(all: &mut Map, more: &Map) {
    for entry in &more.0 {
        let Some(known) = all.0.iter_mut().find(|known| known.key == entry.key) else {
            all.0.push(entry.clone());
            continue;
        };
        if known.remarks.is_silent() {
            known.remarks = entry.remarks.clone();
        }
        match (&mut known.value, &entry.value) {
            (Value::Map(all), Value::Map(more)) => unite(all, more),
            (Value::List(all), Value::List(more)) if *all == *more => remark(all, more),
            (Value::List(all), Value::List(more)) if is_named(&entry.key) => {
                let name = |item: &Item| name_of(&entry.key, &item.value);
                let is_new = |item: &&Item| all.iter().all(|known| name(known) != name(item));
                let new: Vec<Item> = more.iter().filter(is_new).cloned().collect();
                all.extend(new);
            }
            _ => {}
        }
    }
}

fn remark(all: &mut [Item], more: &[Item]) {
    for (known, item) in all.iter_mut().zip(more) {
        if known.remarks.is_silent() {
            known.remarks = item.remarks.clone();
        }
    }
}

/// The blocks of a project: `root` is all of it, and `texts` are its files.
pub fn authored(root: &Map, texts: &[&str]) -> Vec<Authored> {
    let mut finder = Finder {
        texts,
        seen: FxHashSet::default(),
        found: Vec::new(),
    };
    for entry in &root.0 {
        let top = entry.key.starts_with("x-").then_some(entry.key.as_str());
        match (&entry.value, entry.key.as_str()) {
            (Value::Map(services), "services") => {
                for service in &services.0 {
                    finder.entry(service, None, Some(&service.key));
                }
            }
            _ => finder.entry(entry, top, None),
        }
    }
    let mut found = finder.found;
    if let Some(Value::Map(services)) = root.get("services") {
        found.extend(bases(services, texts));
    }
    found
}

struct Finder<'a> {
    texts: &'a [&'a str],
    /// The anchors that were found: an alias repeats what they stand at.
    seen: FxHashSet<Spot>,
    found: Vec<Authored>,
}

impl Finder<'_> {
    /// Finds the anchors at an entry and below it. `service` is the service that the entry is.
    fn entry(&mut self, entry: &Entry, top: Option<&str>, service: Option<&str>) {
        let mut is_new = || self.seen.insert((entry.place.file, entry.place.start));
        if let Some(anchor) = anchor(entry, self.texts).filter(|_| is_new()) {
            let mut places = FxHashSet::default();
            each_place(&entry.value, &mut |place| {
                places.insert((place.file, place.start));
            });
            let is_top = top == Some(entry.key.as_str());
            let key = entry.key.strip_prefix("x-").filter(|_| is_top);
            let longer = key.filter(|key| key.len() > anchor.len());
            self.found.push(Authored {
                name: kebab(longer.unwrap_or(&anchor)),
                top: top.map(str::to_owned),
                service: service.map(str::to_owned),
                above: match service {
                    None if is_top => entry.remarks.lines_above(),
                    _ => Vec::new(),
                },
                places,
            });
        }
        match &entry.value {
            Value::Map(map) => map.0.iter().for_each(|below| self.entry(below, top, None)),
            Value::List(_) | Value::Nothing | Value::Plain(_) | Value::Text(_) => {}
        }
    }
}

/// The name of the anchor between a key and the map or list behind it.
fn anchor(entry: &Entry, texts: &[&str]) -> Option<String> {
    if !matches!(entry.value, Value::Map(_) | Value::List(_)) {
        return None;
    }
    let text = texts.get(usize::from(entry.place.file))?;
    let end = entry.place.start as usize + usize::from(entry.place.len);
    let behind = text.get(end..)?.trim_start().strip_prefix(':')?;
    let name = behind.trim_start().strip_prefix('&')?;
    let end = name.find(|c: char| c.is_whitespace() || matches!(c, '{' | '[' | ','));
    Some(name[..end.unwrap_or(name.len())].to_owned())
}

/// Every place of what a value holds.
fn each_place(value: &Value, found: &mut impl FnMut(Place)) {
    match value {
        Value::Nothing | Value::Plain(_) | Value::Text(_) => {}
        Value::List(items) => {
            for item in items {
                found(item.place);
                each_place(&item.value, found);
            }
        }
        Value::Map(map) => {
            for entry in &map.0 {
                found(entry.place);
                each_place(&entry.value, found);
            }
        }
    }
}

/// A service as it stands in a file: from where to where it reaches, and its name.
struct Home {
    file: u16,
    reach: std::ops::Range<u32>,
    name: String,
}

/// The services that others extend: their words stand in them, with their keys.
fn bases(services: &Map, texts: &[&str]) -> Vec<Authored> {
    let homes: Vec<Home> = (0..)
        .zip(texts)
        .flat_map(|(file, text)| homes(file, text))
        .collect();
    let mut found: Vec<Authored> = Vec::new();
    for service in &services.0 {
        let Some(map) = service.value.map() else {
            continue;
        };
        for home in homes.iter().filter(|home| !home.is_of(service.place)) {
            let mut places = FxHashSet::default();
            each_place(&service.value, &mut |place| {
                if home.is_of(place) {
                    places.insert((place.file, place.start));
                }
            });
            if places.is_empty() || !home.gives_keys(map, texts) {
                continue;
            }
            let of_project = services.0.iter().find(|other| home.is_of(other.place));
            let name = kebab(&home.name);
            let known = found.iter_mut().find(|one| {
                one.name == name && one.places.iter().any(|(file, at)| home.holds(*file, *at))
            });
            match known {
                Some(known) => known.places.extend(places),
                None => found.push(Authored {
                    name,
                    top: None,
                    service: of_project.map(|other| other.key.clone()),
                    above: Vec::new(),
                    places,
                }),
            }
        }
    }
    found
}

impl Home {
    fn holds(&self, file: u16, at: u32) -> bool {
        self.file == file && self.reach.contains(&at)
    }

    fn is_of(&self, place: Place) -> bool {
        self.holds(place.file, place.start)
    }

    /// Whether it gives keys of a service, and not what an alias behind a key stands for.
    fn gives_keys(&self, service: &Map, texts: &[&str]) -> bool {
        let mut whole = service.0.iter().filter(|entry| self.is_of(entry.place));
        whole.any(|entry| {
            let is_block = matches!(entry.value, Value::Map(_) | Value::List(_));
            is_block || !is_anchored(entry.place, texts)
        })
    }
}

/// Whether an anchor stands right before a value.
fn is_anchored(place: Place, texts: &[&str]) -> bool {
    let text = texts
        .get(usize::from(place.file))
        .copied()
        .unwrap_or_default();
    let before = text
        .get(..place.start as usize)
        .unwrap_or_default()
        .trim_end();
    let word = before
        .rsplit(char::is_whitespace)
        .next()
        .unwrap_or_default();
    word.starts_with('&')
}

/// The services of a text.
fn homes(file: u16, text: &str) -> Vec<Home> {
    let mut found: Vec<Home> = Vec::new();
    let (mut is_in, mut column, mut offset) = (false, None, 0);
    for line in text.split_inclusive('\n') {
        let rest = line.trim_start();
        let indent = line.len() - rest.len();
        let start = offset;
        offset += line.len();
        if rest.is_empty() || rest.starts_with('#') {
            continue;
        }
        if indent == 0 {
            is_in = rest.starts_with("services:");
        } else if is_in && indent == *column.get_or_insert(indent) {
            let name = rest.split(':').next().unwrap_or(rest);
            found.push(Home {
                file,
                reach: (start + indent) as u32..0,
                name: name.trim_matches(['"', '\'']).to_owned(),
            });
        }
        if let (true, Some(last)) = (is_in, found.last_mut()) {
            last.reach.end = offset as u32;
        }
    }
    found
}

/// A name as fragments have them.
pub fn kebab(name: &str) -> String {
    let letter = |c: char| match c.is_ascii_alphanumeric() {
        true => c.to_ascii_lowercase(),
        false => '-',
    };
    let name: String = name.chars().map(letter).collect();
    name.trim_matches('-').to_owned()
}

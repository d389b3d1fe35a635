//! What services say alike without having shared it: what all of them say, or nearly all, becomes `defaults`; what some
//! say, a fragment.

use indexmap::IndexMap;
use rustc_hash::FxHashSet;

use super::lay::{difference, over};
use super::{Layer, Sharing, lines, names};
use crate::import::value::{Entry, Map, Remarks, Value};

/// The most fragments that are found so, and those of one service: more are harder to read than what they save.
const MOST: usize = 6;
const MOST_OF_ONE: usize = 2;

/// So many lines a fragment has to save; more where two services share it that have nothing in common by name.
const WORTH: usize = 4;
const WORTH_OF_TWO: usize = 10;

/// The most groups that are tried one by one.
const TRIED: usize = 40;

/// Keys that say what one service is, and no other.
const OWN: &[&str] = &[
    "build",
    "ports",
    "expose",
    "profiles",
    "command",
    "entrypoint",
    "network_mode",
    "depends_on",
    "mac_address",
    "devices",
];

/// Maps of which services may share some entries.
const MAPS: [&str; 3] = ["environment", "labels", "healthcheck"];

/// Something that services say: a key, or an entry of a map.
#[derive(Clone)]
struct Atom {
    /// The key of the service.
    key: String,
    /// Whether it is an entry below that key.
    is_below: bool,
    entry: Entry,
    /// Who says it, by number.
    users: Vec<usize>,
}

/// What every service says, or all but a few: it becomes the catalog's defaults.
pub fn defaults(all: &mut Sharing) {
    if all.services.len() < 3 {
        return;
    }
    for atom in atoms(all) {
        let mut words = all.defaults.clone();
        put(&mut words, &atom);
        let before = std::mem::replace(&mut all.defaults, words);
        match is_default(all, &atom).then(|| lefts(all)).flatten() {
            Some(lefts) => {
                for (service, own) in all.services.iter_mut().zip(lefts) {
                    service.own = own;
                }
            }
            None => all.defaults = before,
        }
    }
}

/// Whether so many say it that the others may say something else.
fn is_default(all: &Sharing, atom: &Atom) -> bool {
    if atom.key == "image" {
        return false;
    }
    let many = all.services.len();
    let is_excused = |service: &&super::Saying| atom.key == "restart" && service.is_job;
    let excused = all.services.iter().filter(is_excused).count();
    let users = atom.users.len() + excused;
    let says = |service: &&super::Saying| service.words.get(&atom.key).is_some();
    let silent = many - excused - all.services.iter().filter(says).count();
    // Never to start again is what Docker does anyway.
    let is_usual = atom.key == "restart" && atom.entry.value.text() == Some("no");
    match (atom.is_below, silent) {
        _ if users == many => true,
        (true, _) => false,
        _ if is_usual => false,
        (false, 0) => users >= 3 && users * 3 >= many * 2,
        // Who says nothing of it has to take it away.
        (false, silent) => many >= 8 && silent * 8 <= many && users * 4 >= many * 3,
    }
}

/// What every service has left to say; `None` where one of them cannot.
fn lefts(all: &Sharing) -> Option<Vec<Map>> {
    let left = |service: &super::Saying| all.left(&service.words, &service.extends, service.is_job);
    all.services.iter().map(left).collect()
}

/// What some services say becomes fragments, what saves most first.
pub fn fragments(all: &mut Sharing) {
    let mut found = vec![0; all.services.len()];
    for _ in 0..MOST {
        let groups = groups(all, &found);
        let tried = groups.into_iter().filter_map(|(users, words)| {
            let (saved, lefts) = saved(all, &users, &words).filter(|_| is_block(&words))?;
            let is_pair =
                users.len() == 2 && !is_family(all, &users) && words.get("image").is_none();
            let least = if is_pair { WORTH_OF_TWO } else { WORTH };
            (saved >= least).then_some((saved, users, words, lefts))
        });
        // Of as many lines saved the group that was found first.
        let mut best: Option<(usize, Vec<usize>, Map, Vec<Map>)> = None;
        for one in tried {
            if best.as_ref().is_none_or(|best| one.0 > best.0) {
                best = Some(one);
            }
        }
        let Some((_, users, words, lefts)) = best else {
            return;
        };
        users.iter().for_each(|at| found[*at] += 1);
        add(all, &users, words, lefts);
    }
}

/// Whether words are more than one: for one alone nobody looks into another place, but for an image, which one place
/// keeps the same for all.
fn is_block(words: &Map) -> bool {
    let mut scalars = 0;
    Value::Map(words.clone()).any_scalar(&mut |_| {
        scalars += 1;
        scalars > 1
    }) || words.0.iter().any(|entry| entry.key == "image")
        || nothings(words) > 1
}

/// How many names of variables stand there without a value.
fn nothings(words: &Map) -> usize {
    let below = words.0.iter().filter_map(|entry| entry.value.map());
    let is_bare = |entry: &&Entry| entry.value == Value::Nothing;
    below.map(|map| map.0.iter().filter(is_bare).count()).sum()
}

/// Whether the names of some services have something in common that no other name has.
fn is_family(all: &Sharing, users: &[usize]) -> bool {
    let (own, others) = apart(all, users);
    names::of_users(&own, &others).is_some()
}

/// The names of some services, and those of all others.
fn apart<'a>(all: &'a Sharing, users: &[usize]) -> (Vec<&'a str>, Vec<&'a str>) {
    let services = all.services.iter().enumerate();
    let (own, others): (Vec<_>, Vec<_>) = services.partition(|(at, _)| users.contains(at));
    let names = |some: Vec<(usize, &'a super::Saying)>| {
        some.into_iter()
            .map(|(_, service)| service.name.as_str())
            .collect()
    };
    (names(own), names(others))
}

fn add(all: &mut Sharing, users: &[usize], words: Map, lefts: Vec<Map>) {
    let (own, others) = apart(all, users);
    let name = names::name(&words, &own, &others);
    let at = all.layers.len();
    all.layers.push(Layer {
        name,
        above: Vec::new(),
        own: words.clone(),
        words,
        extends: Vec::new(),
        service: None,
        top: None,
    });
    for (user, own) in users.iter().zip(lefts) {
        let service = &mut all.services[*user];
        service.extends.push(at);
        service.own = own;
    }
}

/// Services with all that they say alike.
fn groups(all: &Sharing, found: &[usize]) -> Vec<(Vec<usize>, Map)> {
    let mut atoms = atoms(all);
    for atom in &mut atoms {
        atom.users.retain(|at| found[*at] < MOST_OF_ONE);
    }
    atoms.retain(|atom| atom.users.len() >= 2);
    let mut groups: IndexMap<Vec<usize>, usize> = IndexMap::new();
    for atom in &atoms {
        *groups.entry(atom.users.clone()).or_default() += 1;
    }
    let mut groups: Vec<(Vec<usize>, usize)> = groups.into_iter().collect();
    groups.sort_by_key(|(users, atoms)| std::cmp::Reverse((users.len() - 1) * atoms));
    groups.truncate(TRIED);
    let with_words = |(users, _): (Vec<usize>, usize)| {
        let mut words = Map::default();
        let has_all = |atom: &&Atom| users.iter().all(|user| atom.users.contains(user));
        atoms
            .iter()
            .filter(has_all)
            .for_each(|atom| put(&mut words, atom));
        let first = users.first().and_then(|first| all.services.get(*first));
        // In the order of a service that says it, wherever others began.
        let at = |entry: &Entry| {
            let keys = first.map_or(&[][..], |first| first.words.0.as_slice());
            keys.iter().position(|one| one.key == entry.key)
        };
        words.0.sort_by_key(at);
        (users, words)
    };
    let groups = groups.into_iter().map(with_words);
    groups
        .flat_map(|(users, words)| {
            let parts = match is_family(all, &users) || words.get("image").is_some() {
                true => vec![words],
                false => apart_by_kind(words),
            };
            parts.into_iter().map(move |words| (users.clone(), words))
        })
        .collect()
}

/// Keys of maps that people fill, and that have a fragment of their own.
const FILLED: [&str; 2] = ["environment", "labels"];

/// Words of one kind each, of services that have nothing in common by name: nobody looks for a healthcheck in a fragment
/// of variables.
fn apart_by_kind(words: Map) -> Vec<Map> {
    let kind = |entry: &Entry| FILLED.iter().position(|map| *map == entry.key);
    let mut kinds: IndexMap<Option<usize>, Map> = IndexMap::new();
    for entry in words.0 {
        kinds.entry(kind(&entry)).or_default().put(entry);
    }
    kinds.into_values().collect()
}

/// How many lines a fragment saves, and what its users have left to say.
fn saved(all: &Sharing, users: &[usize], words: &Map) -> Option<(usize, Vec<Map>)> {
    let (mut before, mut after, mut lefts) = (0, lines(words) + 1, Vec::new());
    for user in users {
        let service = &all.services[*user];
        let below = over(words, &all.below(&service.extends, service.is_job)?)?;
        let left = difference(&below, &service.words, true)?;
        before += lines(&service.own);
        after += lines(&left) + usize::from(service.extends.is_empty());
        lefts.push(left);
    }
    Some((before.checked_sub(after)?, lefts))
}

/// Everything that two services or more say themselves.
fn atoms(all: &Sharing) -> Vec<Atom> {
    let mut found: IndexMap<String, Atom> = IndexMap::new();
    for (at, service) in all.services.iter().enumerate() {
        let mut seen = FxHashSet::default();
        for (key, is_below, entry) in said(&service.own) {
            let mut text = format!("{key}\n{is_below}\n{:?}\n", entry.key);
            canonical(&entry.value, &mut text);
            if !seen.insert(text.clone()) {
                continue;
            }
            let atom = found.entry(text).or_insert_with(|| Atom {
                key: key.to_owned(),
                is_below,
                entry: entry.clone(),
                users: Vec::new(),
            });
            // A comment of one service stays at it, with what it is about.
            if atom.entry.remarks != entry.remarks {
                atom.entry.remarks = Remarks::default();
            }
            atom.users.push(at);
        }
    }
    found.retain(|_, atom| atom.users.len() >= 2);
    found.into_values().collect()
}

/// What a service says: entries of its own, and those of some maps with the map's key.
fn said(words: &Map) -> Vec<(&str, bool, &Entry)> {
    let mut all = Vec::new();
    for entry in &words.0 {
        let key = entry.key.as_str();
        match &entry.value {
            _ if OWN.contains(&key) => {}
            Value::Map(map) if MAPS.contains(&key) => {
                all.extend(map.0.iter().map(|below| (key, true, below)));
            }
            _ => all.push((key, false, entry)),
        }
    }
    all
}

/// A text that is the same for the same value, whatever the order of keys and the comments.
fn canonical(value: &Value, out: &mut String) {
    match value {
        Value::Nothing => out.push('~'),
        Value::Plain(text) => out.push_str(&format!("p{text:?}")),
        Value::Text(text) => out.push_str(&format!("t{text:?}")),
        Value::List(items) => {
            out.push('[');
            for item in items {
                canonical(&item.value, out);
                out.push(',');
            }
            out.push(']');
        }
        Value::Map(map) => {
            let mut entries: Vec<&Entry> = map.0.iter().collect();
            entries.sort_by(|a, b| a.key.cmp(&b.key));
            out.push('{');
            for entry in entries {
                out.push_str(&format!("{:?}:", entry.key));
                canonical(&entry.value, out);
                out.push(',');
            }
            out.push('}');
        }
    }
}

fn put(map: &mut Map, atom: &Atom) {
    if !atom.is_below {
        return map.put(atom.entry.clone());
    }
    if map.get(&atom.key).is_none() {
        map.put(Entry::made(&atom.key, Value::Map(Map::default())));
    }
    if let Some(inner) = map.get_mut(&atom.key).and_then(Value::map_mut) {
        inner.put(atom.entry.clone());
    }
}

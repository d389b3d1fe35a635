//! What several services say alike: what all of them say becomes the catalog's `defaults`, what three or more say becomes a
//! fragment. Only what a service says word for word is taken out of it, so every service stays what it was.

use indexmap::IndexMap;
use rustc_hash::FxHashSet;

use super::service::Facts;
use super::value::{Entry, Item, Map, Remarks, Value};

/// So many services make it worth a name.
const LEAST: usize = 3;

/// The most fragments of a catalog, and of one service: more of them are harder to read than what they save.
const MOST: usize = 6;
const MOST_OF_ONE: usize = 2;

/// Keys that say what one service is, and no other.
const OWN: &[&str] = &[
    "role",
    "job",
    "image",
    "build",
    "container_name",
    "hostname",
    "ports",
    "expose",
    "profiles",
    "command",
    "entrypoint",
    "modes",
    "overrides",
    "extends",
    "network_mode",
    "depends_on",
    "waive",
    "mac_address",
    "devices",
];

/// Maps of which services may share some entries.
const MAPS: [&str; 2] = ["environment", "labels"];

/// What is shared.
#[derive(Clone, Debug, Default)]
pub struct Shared {
    /// What every service says.
    pub defaults: Map,
    /// What some say, by the fragment's name.
    pub fragments: Map,
}

/// Something that services say: a key, or an entry of a map.
struct Atom {
    /// The key of the service.
    key: String,
    /// The entry's name below it.
    below: Option<String>,
    value: Value,
    /// Its comments, where it stood first.
    remarks: Remarks,
    /// The name that the files had for it.
    name: Option<String>,
    /// Who says it, by number.
    users: Vec<usize>,
}

/// Takes what is shared out of the services. `names` gives the name that the files had for what stands at a place.
pub fn share(
    services: &mut Map,
    facts: &IndexMap<String, Facts>,
    names: &dyn Fn(&Entry) -> Option<String>,
) -> Shared {
    let mut shared = Shared::default();
    if services.0.len() < LEAST {
        return shared;
    }
    let all = atoms(services, names);
    let jobs = (0..services.0.len())
        .filter(|at| is_job(services, facts, *at))
        .count();
    // A job is written `restart: "no"`, whatever the layers below say.
    let everyone = |atom: &Atom| {
        let others = if atom.key == "restart" { jobs } else { 0 };
        atom.users.len() + others == services.0.len()
    };
    let (common, some): (Vec<_>, Vec<_>) = all.into_iter().partition(everyone);
    for atom in &common {
        put(&mut shared.defaults, atom);
        atom.users.iter().for_each(|at| remove(services, *at, atom));
    }
    fragments(services, some, &mut shared);
    shared
}

fn is_job(services: &Map, facts: &IndexMap<String, Facts>, at: usize) -> bool {
    let name = services.0.get(at).map(|entry| &entry.key);
    name.and_then(|name| facts.get(name))
        .is_some_and(|facts| facts.job)
}

/// Everything that three or more services say.
fn atoms(services: &Map, names: &dyn Fn(&Entry) -> Option<String>) -> Vec<Atom> {
    let mut found: IndexMap<String, Atom> = IndexMap::new();
    for (at, service) in services.0.iter().enumerate() {
        for (key, entry) in said(service) {
            let below = key.map(|_| entry.key.clone());
            let key = key.unwrap_or(&entry.key).to_owned();
            let mut text = format!("{key}\n{below:?}\n");
            canonical(&entry.value, &mut text);
            let atom = found.entry(text).or_insert_with(|| Atom {
                key,
                below,
                value: entry.value.clone(),
                remarks: entry.remarks.clone(),
                name: None,
                users: Vec::new(),
            });
            atom.users.push(at);
            atom.name = atom.name.take().or_else(|| names(entry));
        }
    }
    found.retain(|_, atom| atom.users.len() >= LEAST);
    found.into_values().collect()
}

/// What a service says: entries of its own, and those of some maps with the map's key.
fn said(service: &Entry) -> Vec<(Option<&str>, &Entry)> {
    let mut all = Vec::new();
    for entry in service.value.map().map_or(&[][..], |map| &map.0) {
        let key = entry.key.as_str();
        match &entry.value {
            _ if OWN.contains(&key) => {}
            Value::Map(map) if MAPS.contains(&key) => {
                all.extend(map.0.iter().map(|below| (Some(key), below)));
            }
            _ => all.push((None, entry)),
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

/// Groups what the same services say, the groups first that save most.
fn fragments(services: &mut Map, some: Vec<Atom>, shared: &mut Shared) {
    let mut groups: IndexMap<Vec<usize>, Vec<Atom>> = IndexMap::new();
    for atom in some {
        groups.entry(atom.users.clone()).or_default().push(atom);
    }
    groups.retain(|_, atoms| lines(atoms) >= 2);
    groups.sort_by(|a, of_a, b, of_b| saved(b, of_b).cmp(&saved(a, of_a)));
    let mut taken: FxHashSet<String> = services.0.iter().map(|entry| entry.key.clone()).collect();
    let mut extended: IndexMap<usize, usize> = IndexMap::new();
    for (users, atoms) in groups {
        let is_full = |at: &usize| extended.get(at).is_some_and(|count| *count >= MOST_OF_ONE);
        if shared.fragments.0.len() >= MOST || users.iter().any(is_full) {
            continue;
        }
        let name = super::variables::free(&name_of(&atoms), &taken).replace('_', "-");
        taken.insert(name.clone());
        let mut fragment = Map::default();
        for atom in &atoms {
            put(&mut fragment, atom);
        }
        for at in users {
            *extended.entry(at).or_default() += 1;
            atoms.iter().for_each(|atom| remove(services, at, atom));
            extend(services, at, &name);
        }
        shared
            .fragments
            .put(Entry::made(name, Value::Map(fragment)));
    }
}

fn saved(users: &[usize], atoms: &[Atom]) -> usize {
    (users.len() - 1) * lines(atoms)
}

/// About how many lines it takes.
fn lines(atoms: &[Atom]) -> usize {
    let of = |atom: &Atom| match &atom.value {
        Value::Map(map) => 1 + map.0.len(),
        Value::List(items) => 1 + items.len(),
        Value::Nothing | Value::Plain(_) | Value::Text(_) => 1,
    };
    atoms.iter().map(of).sum()
}

/// The name that the files had for most of it; else what it is about.
fn name_of(atoms: &[Atom]) -> String {
    let named = atoms.iter().filter_map(|atom| atom.name.as_ref());
    let mut counts: IndexMap<&String, usize> = IndexMap::new();
    for name in named {
        *counts.entry(name).or_default() += 1;
    }
    if let Some((name, _)) = counts.iter().max_by_key(|(_, count)| **count) {
        return (*name).clone();
    }
    let mut keys: Vec<&str> = atoms.iter().map(|atom| atom.key.as_str()).collect();
    keys.dedup();
    match keys.as_slice() {
        ["environment"] => prefix(atoms).unwrap_or_else(|| "shared-environment".to_owned()),
        [one] => format!("shared-{}", one.replace('_', "-")),
        _ => "shared".to_owned(),
    }
}

/// What all names of variables begin with: `DB_HOST`, `DB_NAME` are `db-env`.
fn prefix(atoms: &[Atom]) -> Option<String> {
    let mut names = atoms.iter().filter_map(|atom| atom.below.as_deref());
    let first = names.next()?.split('_').next()?;
    let same = names.all(|name| name.split('_').next() == Some(first));
    let name = first.to_ascii_lowercase();
    let is_name = name.len() > 1 && name.bytes().all(|byte| byte.is_ascii_alphanumeric());
    (same && is_name).then(|| format!("{name}-env"))
}

fn put(map: &mut Map, atom: &Atom) {
    let entry = |key: &str| Entry {
        remarks: atom.remarks.clone(),
        ..Entry::made(key, atom.value.clone())
    };
    match &atom.below {
        None => map.put(entry(&atom.key)),
        Some(below) => {
            if map.get(&atom.key).is_none() {
                map.put(Entry::made(&atom.key, Value::Map(Map::default())));
            }
            if let Some(inner) = map.get_mut(&atom.key).and_then(Value::map_mut) {
                inner.put(entry(below));
            }
        }
    }
}

fn remove(services: &mut Map, at: usize, atom: &Atom) {
    let Some(service) = services
        .0
        .get_mut(at)
        .and_then(|entry| entry.value.map_mut())
    else {
        return;
    };
    let Some(below) = &atom.below else {
        service.take(&atom.key);
        return;
    };
    if let Some(map) = service.get_mut(&atom.key).and_then(Value::map_mut) {
        map.take(below);
    }
    if service.get(&atom.key).is_some_and(Value::says_nothing) {
        service.take(&atom.key);
    }
}

/// Adds a name to what a service extends, right behind its role.
fn extend(services: &mut Map, at: usize, name: &str) {
    let Some(service) = services
        .0
        .get_mut(at)
        .and_then(|entry| entry.value.map_mut())
    else {
        return;
    };
    match service.get_mut("extends") {
        None => {
            let behind = |entry: &Entry| matches!(entry.key.as_str(), "role" | "job");
            let place = service.0.iter().take_while(|entry| behind(entry)).count();
            service
                .0
                .insert(place, Entry::made("extends", Value::of(name)));
        }
        Some(Value::List(items)) => items.push(Item::made(Value::of(name))),
        Some(value) => {
            let first = std::mem::replace(value, Value::Nothing);
            *value = Value::List(vec![Item::made(first), Item::made(Value::of(name))]);
        }
    }
}

//! Into which groups people had put their services: under headings of a file, or in files of their own. Where that covers
//! enough of them, the catalog's files are these groups.

use indexmap::IndexMap;

use super::comments::trimmed;
use super::headings::{Heading, heading};
use super::layout::lines;
use super::parts::Parts;
use super::shared::authored::kebab;
use super::value::{Line, Remarks};
use crate::values::shown::shown;

/// A group.
#[derive(Clone, Debug, Default)]
pub struct Chapter {
    /// What stands at its head, and at its end.
    pub head: Vec<Line>,
    pub tail: Vec<Line>,
    /// The file in which it was one, where it was all of that file.
    pub file: Option<String>,
}

/// The groups of a project, none where it has no such groups.
#[derive(Clone, Debug, Default)]
pub struct Chapters {
    /// By name.
    all: IndexMap<String, Chapter>,
    /// The name of each service's group.
    homes: IndexMap<String, String>,
}

/// Words that say nothing of what a service is for.
const EMPTY: &[&str] = &[
    "service",
    "services",
    "container",
    "containers",
    "section",
    "stack",
    "the",
];

/// Words in the name of a file by which it is a variant of another one, and no group.
const VARIANTS: &[&str] = &[
    "override",
    "prod",
    "production",
    "test",
    "tests",
    "testing",
    "ci",
    "dev",
    "development",
    "local",
    "staging",
    "example",
    "sample",
    "base",
    "common",
    "main",
    "default",
    "dist",
];

impl Chapters {
    /// The groups of a project of several services; their headings are taken out of the services' comments, and the heads
    /// of their files out of the project's.
    pub fn of(parts: &mut Parts, paths: &[String]) -> Self {
        let mut chapters = Chapters::default();
        let mut files: IndexMap<u16, Vec<String>> = IndexMap::new();
        let mut origins: Vec<_> = parts.origins.iter().collect();
        origins.sort_by_key(|(_, place)| (place.file, place.start));
        for (name, place) in origins {
            let is_there = parts.services.entry(name).is_some();
            let names = files.entry(place.file).or_default();
            names.extend(is_there.then(|| name.clone()));
        }
        files.retain(|_, names| !names.is_empty());
        let (is_one, all) = (files.len() == 1, parts.services.0.len());
        // Files with a service each would be many for few.
        let least = if files.len() * 2 <= all { 1 } else { 2 };
        for (file, names) in &files {
            if !chapters.by_headings(parts, names) && !is_one && names.len() >= least {
                let path = paths.get(usize::from(*file)).map(String::as_str);
                chapters.by_file(parts, *file, path.unwrap_or_default(), names);
            }
        }
        chapters
    }

    /// The group of a service.
    pub fn home(&self, service: &str) -> Option<&str> {
        self.homes.get(service).map(String::as_str)
    }

    /// The head of a file beside the main one: what people said of the group of its services, else what that is.
    pub fn head_of(&self, name: &str) -> String {
        let mut out = String::new();
        match self.get(name) {
            Some(chapter) if !chapter.head.is_empty() => lines(&chapter.head, 0, &mut out),
            Some(chapter) => {
                let file = chapter.file.iter();
                file.for_each(|file| out.push_str(&format!("# What stood in {}.\n", shown(file))));
            }
            None => out.push_str(&format!(
                "# {} Which service stands in which file is a guess, and means nothing to composegen.\n",
                of_area(name)
            )),
        }
        out
    }

    /// A group.
    pub fn get(&self, name: &str) -> Option<&Chapter> {
        self.all.get(name)
    }

    /// The groups of a file by the headings over its services; `false` where there are none, or too few or too many to be
    /// what its author parted it by.
    fn by_headings(&mut self, parts: &mut Parts, names: &[String]) -> bool {
        let found: Vec<Option<Heading>> = names
            .iter()
            .map(|name| heading(&parts.services.entry(name)?.remarks.above))
            .collect();
        let titled = |found: &Option<Heading>| found.as_ref().and_then(|one| slug(&one.title));
        let slugs: Vec<Option<String>> = found.iter().map(titled).collect();
        let first = slugs.iter().position(Option::is_some);
        let covered = names.len() - first.unwrap_or(names.len());
        let mut different: Vec<&String> = slugs.iter().flatten().collect();
        different.sort_unstable();
        different.dedup();
        let count = slugs.iter().flatten().count();
        if different.len() < 2 || covered * 4 < names.len() * 3 || count * 2 > covered {
            return false;
        }
        let mut current = None;
        for (at, name) in names.iter().enumerate() {
            if let (Some(heading), Some(slug)) = (&found[at], &slugs[at]) {
                let before = at.checked_sub(1).map(|at| names[at].as_str());
                let head = take(parts, name, heading, before);
                self.add(slug, head, None);
                current = Some(slug);
            }
            if let Some(slug) = current {
                self.homes.insert(name.clone(), slug.clone());
            }
        }
        true
    }

    /// The services of a file that says by its name what it holds.
    fn by_file(&mut self, parts: &mut Parts, file: u16, path: &str, names: &[String]) {
        let Some(slug) = of_path(path) else {
            return;
        };
        let head = parts.heads.shift_remove(&file).unwrap_or_default();
        self.add(&slug, head, Some(path.to_owned()));
        let tail = parts.tails.shift_remove(&file).unwrap_or_default();
        if let Some(chapter) = self.all.get_mut(&slug) {
            chapter.tail.extend(tail);
        }
        for name in names {
            self.homes.insert(name.clone(), slug.clone());
        }
    }

    fn add(&mut self, slug: &str, head: Vec<Line>, file: Option<String>) {
        let chapter = self.all.entry(slug.to_owned()).or_default();
        if chapter.head != head {
            let is_next = !chapter.head.is_empty();
            chapter.head.extend(is_next.then_some(Line::Blank));
            chapter.head.extend(head);
        }
        chapter.file = chapter.file.take().or(file);
    }
}

/// What stands in a file of which the name is a guess.
fn of_area(name: &str) -> &'static str {
    match name {
        "data" => "Stores and queues.",
        "monitoring" => "What watches the others.",
        "edge" => "What stands before the others.",
        "ai" => "Models and what runs them.",
        "external-api" => "What asks services outside.",
        "test" => "What only tests have.",
        "datagen" => "What makes data.",
        _ => "The application.",
    }
}

/// Takes a heading out of the comments above a service. What stands before it belongs to the service before.
fn take(parts: &mut Parts, name: &str, heading: &Heading, before: Option<&str>) -> Vec<Line> {
    let mut remarks = |name: &str| -> Option<Remarks> {
        let mut services = parts.services.0.iter_mut();
        let entry = services.find(|entry| entry.key == name)?;
        Some(std::mem::take(&mut entry.remarks))
    };
    let mut own = remarks(name).unwrap_or_default();
    let behind = own.above.split_off(heading.lines.end);
    let head = own.above.split_off(heading.lines.start);
    let rest = trimmed(std::mem::take(&mut own.above));
    own.above = trimmed(behind);
    let other = before.filter(|_| !rest.is_empty());
    let mut last = other.and_then(&mut remarks).unwrap_or_default();
    match other {
        Some(_) => {
            last.below.push(Line::Blank);
            last.below.extend(rest);
        }
        None => drop(own.above.splice(0..0, rest)),
    }
    let mut put = |name: &str, remarks: Remarks| {
        let mut services = parts.services.0.iter_mut();
        if let Some(entry) = services.find(|entry| entry.key == name) {
            entry.remarks = remarks;
        }
    };
    put(name, own);
    if let Some(other) = other {
        put(other, last);
    }
    head
}

/// A title as the name of a file.
fn slug(title: &str) -> Option<String> {
    let whole = kebab(title);
    let words = || whole.split('-').filter(|word| !word.is_empty());
    let telling: Vec<&str> = words().filter(|word| !EMPTY.contains(word)).collect();
    let words: Vec<&str> = match telling.is_empty() {
        true => words().collect(),
        false => telling,
    };
    Some(words.join("-"))
        .filter(|slug| (2..=32).contains(&slug.len()))
        .map(free_name)
}

/// No group has the main file's name.
fn free_name(slug: String) -> String {
    match slug.as_str() {
        "catalog" => "catalog-services".to_owned(),
        _ => slug,
    }
}

/// What the name of a file says that it holds, or that of its folder: `compose.observability.yaml`, `grafana.yml`,
/// `monitoring/compose.yaml`.
fn of_path(path: &str) -> Option<String> {
    let path = path.replace('\\', "/");
    let mut parts = path.rsplit('/');
    let name = parts.next()?;
    let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
    let stem = kebab(stem);
    let words = stem.split('-');
    let words: Vec<&str> = words
        .filter(|word| !word.is_empty() && !matches!(*word, "docker" | "compose"))
        .collect();
    if words.iter().any(|word| VARIANTS.contains(word)) {
        return None;
    }
    let name = match words.is_empty() {
        false => words.join("-"),
        true => kebab(parts.find(|part| !matches!(*part, "" | "." | ".."))?),
    };
    Some(name).filter(|name| name.len() > 1).map(free_name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_title_becomes_the_name_of_a_file() {
        for (title, expected) in [
            ("DATABASES", Some("databases")),
            ("Core Demo Services", Some("core-demo")),
            ("Databases & Caches", Some("databases-caches")),
            ("Services", Some("services")),
            ("Catalog", Some("catalog-services")),
            ("\u{6570}\u{636e}", None),
        ] {
            assert_eq!(slug(title).as_deref(), expected, "{title}");
        }
    }

    #[test]
    fn a_file_says_by_its_name_what_it_holds() {
        for (path, expected) in [
            ("compose.observability.yaml", Some("observability")),
            ("grafana.yml", Some("grafana")),
            ("monitoring/compose.yaml", Some("monitoring")),
            (
                "../stack/docker-compose.mail_server.yml",
                Some("mail-server"),
            ),
            ("docker-compose.yml", None),
            ("docker-compose.override.yml", None),
            ("compose.dev-redis.yaml", None),
        ] {
            assert_eq!(of_path(path).as_deref(), expected, "{path}");
        }
    }
}

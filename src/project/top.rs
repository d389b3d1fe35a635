//! What stands at the top of a file, or does not: nothing at all, services without `services`, more of them than can be
//! judged; and the top of a file that is included.

use super::load::Loader;
use super::parts::is_part;
use super::tree::{Branch, Tree, branch, branches, map};
use super::{shape, start_of};
use crate::compose::document::Document;
use crate::compose::value::{Value, collect};
use crate::finding::Finding;
use crate::place::Place;
use crate::rule::Rule;
use crate::values::shown::shown;

/// How many services are judged: each takes thousands of bytes.
const MOST_SERVICES: usize = 50_000;

impl<'s> Loader<'_, 's> {
    /// Compose passes over a file in which nothing stands, but not over a document in which nothing stands.
    pub(super) fn empty_document(&self, place: Place) {
        let message = "nothing stands behind a `---`, and Compose refuses an empty document";
        self.unread.set(true);
        let finding = Finding::new(Rule::WrongType, place, message);
        self.findings.add(finding.help("take the `---` away"));
    }

    /// Says so where all the files together hold nothing: of several one may be empty.
    pub(super) fn nothing_at_all(&self, paths: &[(String, Place)], root: Option<&Tree<'s>>) {
        let entries = root.map_or(&[][..], branches);
        let is_open = self.unread.get() || self.lacking.get();
        if is_open || entries.iter().any(|entry| entry.key != "version") {
            return;
        }
        let whole = match paths {
            [_] if self.included.get() > 0 => "the file and what it includes are empty",
            [_] => "the file is empty",
            _ => "the files are empty",
        };
        let message = match entries {
            [] => format!("{whole}; a Compose file holds `services`"),
            _ => "there is nothing but `version`; a Compose file holds `services`".to_owned(),
        };
        let first = paths
            .first()
            .and_then(|(path, _)| self.files.compose(path).ok());
        let place = entries.first().map(|entry| entry.key_place);
        let place = place.or(first.map(|file| start_of(file.number)));
        let place = place.unwrap_or(Place::NOWHERE);
        self.unread.set(true);
        self.findings
            .add(Finding::new(Rule::MissingField, place, message));
    }

    /// Judges the top of a file that is included: what of it becomes no part of the project is as good as the rest.
    pub(super) fn top_of_included(&self, root: &Tree<'s>) {
        if self.lacks_services(root) {
            return self.unread.set(true);
        }
        let is_taken = |entry: &&Branch<'s>| is_part(entry.key) && entry.value.as_map().is_some();
        let rest = branches(root).iter().filter(|entry| !is_taken(entry));
        let rest = map(root, collect(self.arena, rest.copied()));
        let reader = self.reader();
        let rest = shape::check(rest, &reader);
        let _ = Document::read(&rest, &reader);
    }

    /// Whether what looks like services stands at the top and there are no `services`, as in the files of the first
    /// versions of Compose.
    pub(super) fn lacks_services(&self, root: &Tree<'s>) -> bool {
        let looks = |entry: &&Branch<'s>| {
            let is_one = |key: &&str| branch(&entry.value, key).is_some();
            !Document::KEYS.contains(&entry.key)
                && !entry.key.starts_with("x-")
                && ["image", "build"].iter().any(is_one)
        };
        let Some(first) = branches(root).iter().find(looks) else {
            return false;
        };
        if branch(root, "services").is_some() {
            return false;
        }
        let message = format!(
            "{} stands at the top of the file, and there are no `services`",
            shown(first.key)
        );
        let finding = Finding::new(Rule::UnknownKey, first.key_place, message);
        self.findings
            .add(finding.help("write `services:` before it, and indent what belongs to that"));
        true
    }

    pub(super) fn has_too_many_services(&self, root: &Tree<'s>) -> bool {
        let Some(services) = branch(root, "services") else {
            return false;
        };
        let count = branches(&services.value).len();
        let has = count > MOST_SERVICES;
        if has {
            let message = format!("there are {count} services, and {MOST_SERVICES} can be judged");
            let finding = Finding::new(Rule::FileUnreadable, services.key_place, message);
            self.findings.add(finding);
        }
        has
    }
}

/// Where the first `---` of a text stands that holds nothing else but comments.
pub(super) fn document_mark(text: &str, file: u16) -> Option<Place> {
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        if line.starts_with("---") {
            let start = u32::try_from(start).ok()?;
            return Some(Place {
                file,
                len: 3,
                start,
            });
        }
        start += line.len();
    }
    None
}

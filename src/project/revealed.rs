//! Where values of env files came into the tree. They may be secrets, so no message repeats one of them.

use std::cell::RefCell;
use std::net::IpAddr;
use std::rc::Rc;

use rustc_hash::{FxHashMap, FxHashSet};

use crate::finding::Finding;
use crate::place::Place;
use crate::secrets::hints;
use crate::values::duration::Duration;
use crate::values::memory::Memory;
use crate::values::port::PortMapping;
use crate::values::shown::shown;

/// What stands for a value.
const MASK: &str = "***";

/// A value of so many bytes is hidden wherever it is said; a shorter one only where it came in.
const TELLING: usize = 8;

/// The values of env files that came into the tree, by the places of the texts that name them.
#[derive(Default)]
pub struct Revealed {
    here: RefCell<FxHashMap<Place, Vec<Rc<str>>>>,
    /// Where others came in that are no secret whoever sees them.
    open: RefCell<FxHashSet<Place>>,
    anywhere: RefCell<FxHashSet<Rc<str>>>,
}

impl Revealed {
    pub(super) fn add(&self, place: Place, name: &str, value: &Rc<str>) {
        if is_open(name, value) {
            self.open.borrow_mut().insert(place);
            return;
        }
        if value.len() >= TELLING {
            self.anywhere.borrow_mut().insert(value.clone());
        }
        self.here
            .borrow_mut()
            .entry(place)
            .or_default()
            .push(value.clone());
    }

    /// Whether a value came into the text at a place.
    pub fn is_at(&self, place: Place) -> bool {
        self.here.borrow().contains_key(&place) || self.open.borrow().contains(&place)
    }

    /// Takes the values out of what a finding says. A part of a value that stands in the `texts` of the files as a word of
    /// its own, as the name of a service in an address, is none of its secrets.
    pub fn hide(&self, finding: &mut Finding, texts: &[&str]) {
        let here = self.here.borrow();
        let second = finding.second.as_ref().map(|(place, _)| *place);
        let places = [Some(finding.place), second].into_iter().flatten();
        let mut values: Vec<&Rc<str>> = places
            .filter_map(|place| here.get(&place))
            .flatten()
            .collect();
        let anywhere = self.anywhere.borrow();
        values.extend(anywhere.iter());
        if values.is_empty() {
            return;
        }
        let forms: Vec<String> = values.iter().flat_map(|value| forms(value)).collect();
        let masked = |text: &str| masked(text, &forms, &|part| is_word_of(part, texts));
        finding.message = masked(&finding.message);
        finding.help = finding.help.as_deref().map(masked);
        if let Some((_, label)) = &mut finding.second {
            *label = masked(label);
        }
    }
}

/// So many digits a port has; a longer number may be a code that lets somebody in.
const DIGITS: usize = 5;

/// Whether a value is one that messages may repeat: true or false, a port, an address, a size, a time. Unless the name of
/// its variable says that it is a secret.
fn is_open(name: &str, value: &str) -> bool {
    let digits = value.bytes().filter(u8::is_ascii_digit).count();
    let is_word = ["true", "false", "yes", "no", "on", "off"]
        .iter()
        .any(|word| value.eq_ignore_ascii_case(word));
    let is_number = digits <= DIGITS
        && (value.parse::<f64>().is_ok()
            || Memory::loosely(value).is_ok()
            || Duration::loosely(value).is_ok());
    let is_place = value.parse::<IpAddr>().is_ok() || value.parse::<PortMapping>().is_ok();
    (is_word || is_number || is_place) && !hints(name)
}

/// The forms in which a message may show a value.
fn forms(value: &str) -> [String; 3] {
    let visible = shown(value).trim_matches('`').to_owned();
    [value.to_owned(), visible, value.replace('$', "$$")]
}

/// Whether some text has this as a word: nothing of a longer name stands before or behind it.
fn is_word_of(part: &str, texts: &[&str]) -> bool {
    let is_part = |letter: char| letter.is_alphanumeric() || letter == '_';
    let is_word = |text: &str, at: usize| {
        let (before, behind) = (&text[..at], &text[at + part.len()..]);
        !before.ends_with(is_part) && !behind.starts_with(is_part)
    };
    let is_in = |text: &&str| {
        let mut found = text.match_indices(part);
        found.any(|(at, _)| is_word(text, at))
    };
    texts.iter().any(is_in)
}

/// The text with every quoted part masked that holds a value, or that one holds, unless it is a word of the files.
fn masked(text: &str, forms: &[String], is_word: &dyn Fn(&str) -> bool) -> String {
    let mut parts = text.split('`');
    let mut result = parts.next().unwrap_or_default().to_owned();
    let mut quoted = true;
    for part in parts {
        result.push('`');
        let core = part.trim_end_matches('…');
        let hides = |form: &&String| {
            !form.is_empty()
                && !core.is_empty()
                && (core.contains(form.as_str()) || form.contains(core) && !is_word(core))
        };
        result.push_str(match quoted && forms.iter().any(|form| hides(&form)) {
            true => MASK,
            false => part,
        });
        quoted = !quoted;
    }
    result
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_told_neither_whole_nor_in_parts() {
        let forms: Vec<String> = forms("user:pa$s\n").into_iter().collect();
        for (text, expected) in [
            ("`user:pa$s\\u{a}` is no port", "`***` is no port"),
            (
                "`pa$s` is no port; write `80`",
                "`***` is no port; write `80`",
            ),
            ("`x-user:pa$$s\n` pa", "`***` pa"),
            ("plain", "plain"),
        ] {
            assert_eq!(masked(text, &forms, &|_| false), expected);
        }
    }

    #[test]
    fn what_no_name_makes_a_secret_of_is_shown() {
        for (name, value, expected) in [
            ("WEB_PORT", "8080", true),
            ("PUBLISH", "127.0.0.1:8080-8090:80/tcp", true),
            ("BIND", "0.0.0.0", true),
            ("LIMIT", "1.5g", true),
            ("INTERVAL", "1m30s", true),
            ("DEBUG", "True", true),
            ("DB_PASSWORD", "8080", false),
            ("API_TOKEN", "true", false),
            ("CHAT", "1234567", false),
            ("HOST", "db.example.org", false),
            ("EMPTY", "", false),
        ] {
            assert_eq!(is_open(name, value), expected, "{name}");
        }
    }

    #[test]
    fn a_word_of_the_files_is_shown_though_a_value_has_it() {
        let forms: Vec<String> = forms("postgres://u:hunter2@db:5432/api").into();
        let texts = ["services:\n  api:\n    image: postgres:17\n  db-1: {}\n  dbx: {}\n"];
        for (text, expected) in [
            (
                "`api` waits for `db`, `postgres`",
                "`api` waits for `db`, `postgres`",
            ),
            ("`hunter2` and `hunter`", "`***` and `***`"),
            ("`postgres://u:hunter2@db:5432/api`", "`***`"),
        ] {
            let is_word = |part: &str| is_word_of(part, &texts);
            assert_eq!(masked(text, &forms, &is_word), expected);
        }
    }
}

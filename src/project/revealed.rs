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

/// What is left of a help that says what to write, where all of that is hidden.
const NOTHING_TO_WRITE: &str = "write `***`";

/// A value of so many bytes is hidden wherever it is said; a shorter one only where it came in.
const TELLING: usize = 8;

/// From so many bytes on a part of a value tells something of it.
const SHORTEST: usize = 4;

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

    /// Takes the values out of what findings say. A part of a value that stands in the `texts` of the files as a word of
    /// its own, as the name of a service in an address, is none of its secrets.
    pub fn hide(&self, findings: &mut [Finding], texts: &[&str]) {
        let (here, anywhere) = (self.here.borrow(), self.anywhere.borrow());
        if findings.is_empty() || here.is_empty() {
            return;
        }
        let mut came: Vec<_> = here.iter().collect();
        came.sort_unstable_by_key(|(place, _)| (place.file, place.start));
        let hiding = Hiding {
            came,
            anywhere: anywhere.iter().map(|value| forms(value, TELLING)).collect(),
            texts,
        };
        findings
            .iter_mut()
            .for_each(|finding| hiding.finding(finding));
    }
}

/// What is hidden in the findings of a run.
struct Hiding<'h> {
    /// Values by the places at which they came in, in order.
    came: Vec<(&'h Place, &'h Vec<Rc<str>>)>,
    anywhere: Vec<Forms>,
    texts: &'h [&'h str],
}

impl Hiding<'_> {
    fn finding(&self, finding: &mut Finding) {
        let second = finding.second.as_ref().map(|(place, _)| *place);
        let places = [Some(finding.place), second].into_iter().flatten();
        let here: Vec<Forms> = places
            .flat_map(|place| self.at(place))
            .map(|value| forms(value, SHORTEST))
            .collect();
        if here.is_empty() && self.anywhere.is_empty() {
            return;
        }
        let forms: Vec<&Forms> = here.iter().chain(&self.anywhere).collect();
        let masked = |text: &str| masked(text, &forms, &|part| is_word_of(part, self.texts));
        finding.message = masked(&finding.message);
        let help = finding.help.as_deref().map(masked);
        finding.help = help.filter(|help| help != NOTHING_TO_WRITE);
        if let Some((_, label)) = &mut finding.second {
            *label = masked(label);
        }
    }

    /// The values that came in at a place: in the text around it, where it is a part of one, and in those within it.
    fn at(&self, place: Place) -> impl Iterator<Item = &Rc<str>> {
        let end = |place: &Place| place.start + u32::from(place.len);
        let before = |other: &Place| (other.file, end(other)) <= (place.file, place.start);
        let first = self.came.partition_point(|(other, _)| before(other));
        let within = self.came[first..].iter();
        let within = within
            .take_while(move |(other, _)| other.file == place.file && other.start < end(&place));
        within.flat_map(|(_, values)| values.iter())
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
struct Forms {
    /// The value as it is, as messages quote it, and as Compose writes it.
    whole: [String; 3],
    /// The same in small letters.
    small: [String; 3],
    /// What stands between its signs, in small letters, with the same as it is written.
    parts: Vec<(String, String)>,
}

impl Forms {
    /// Whether a quoted text shows the value, or some of it.
    fn is_in(&self, quoted: &str, is_word: &dyn Fn(&str) -> bool) -> bool {
        let core = quoted.trim_end_matches('…');
        if core.is_empty() {
            return false;
        }
        let has = |form: &String| !form.is_empty() && core.contains(form.as_str());
        if self.whole.iter().any(has) {
            return true;
        }
        let small = core.to_lowercase();
        let is_cut = core.len() < quoted.len();
        let in_other_letters = |form: &String| {
            let is_part = small.len() >= SHORTEST && form.contains(&small);
            !form.is_empty() && (is_part || small.contains(form.as_str()))
        };
        let is_whole = self.whole.iter().any(|form| form.contains(core))
            || self.small.iter().any(in_other_letters);
        let is_begun = || self.small.iter().any(|form| begins(form, &small));
        let is_part = |(part, written): &(String, String)| {
            (small.contains(part.as_str()) || is_cut && begins(part, &small)) && !is_word(written)
        };
        is_whole && !is_word(core) || is_cut && is_begun() || self.parts.iter().any(is_part)
    }
}

/// Whether a text that was cut ends in what another begins with.
fn begins(form: &str, cut: &str) -> bool {
    let ends = cut.char_indices().map(|(at, _)| &cut[at..]);
    let mut ends = ends.take_while(|end| end.len() >= SHORTEST);
    ends.any(|end| form.starts_with(end))
}

/// The forms of a value; of its parts those of so many bytes and more.
fn forms(value: &str, least: usize) -> Forms {
    let visible = shown(value).trim_matches('`').to_owned();
    let whole = [value.to_owned(), visible, value.replace('$', "$$")];
    let is_sign = |letter: char| ":/,=@?&;".contains(letter) || letter.is_whitespace();
    let parts = value.split(is_sign);
    let parts = parts.filter(|part| part.len() >= least && part.len() < value.len());
    Forms {
        small: whole.each_ref().map(|form| form.to_lowercase()),
        parts: parts
            .map(|part| (part.to_lowercase(), part.to_owned()))
            .collect(),
        whole,
    }
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
fn masked(text: &str, forms: &[&Forms], is_word: &dyn Fn(&str) -> bool) -> String {
    let mut parts = text.split('`');
    let mut result = parts.next().unwrap_or_default().to_owned();
    let mut quoted = true;
    for part in parts {
        result.push('`');
        result.push_str(
            match quoted && forms.iter().any(|forms| forms.is_in(part, is_word)) {
                true => MASK,
                false => part,
            },
        );
        quoted = !quoted;
    }
    result
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_told_neither_whole_nor_in_parts() {
        let forms = forms("user:pa$s\n", SHORTEST);
        for (text, expected) in [
            ("`user:pa$s\\u{a}` is no port", "`***` is no port"),
            (
                "`pa$s` is no port; write `80`",
                "`***` is no port; write `80`",
            ),
            ("`x-user:pa$$s\n` pa", "`***` pa"),
            ("plain", "plain"),
        ] {
            assert_eq!(masked(text, &[&forms], &|_| false), expected);
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
        let forms = forms("postgres://u:hunter2@db:5432/api", SHORTEST);
        let texts = ["services:\n  api:\n    image: postgres:17\n  db-1: {}\n  dbx: {}\n"];
        for (text, expected) in [
            (
                "`api` waits for `db`, `postgres`",
                "`api` waits for `db`, `postgres`",
            ),
            ("`hunter2` and `hunter`", "`***` and `***`"),
            ("`r.io/HUNTER2:1`, `/5432/`", "`***`, `***`"),
            ("`postgres:17`", "`postgres:17`"),
            ("`r.io/postgres://u:hun…`", "`***`"),
            ("`postgres://u:hunter2@db:5432/api`", "`***`"),
        ] {
            let is_word = |part: &str| is_word_of(part, &texts);
            assert_eq!(masked(text, &[&forms], &is_word), expected);
        }
    }
}

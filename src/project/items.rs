//! Items of a list that are meant as texts, and are maps since a blank stands behind a colon: `- 9000: 80`,
//! `- data: /data`.

use super::tree::Branch;
use crate::compose::mounts::LongMount;
use crate::values::Refusal;
use crate::values::mount::ShortMount;
use crate::values::port::PortMapping;
use crate::values::shown::shown;
use crate::values::suggest::nearest;
use crate::yaml::node::Kind;

/// What such an item was meant as.
pub(super) struct Item<'s> {
    what: What,
    key: &'s str,
    value: Option<&'s str>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum What {
    Port,
    Mount,
    Device,
}

/// Whether a map with this entry alone was meant as a text.
pub(super) fn is_text(entry: &Branch, path: &[&str]) -> bool {
    let is_list = matches!(entry.value.kind, Kind::Seq(_) | Kind::Map(_));
    let key = entry.key;
    let is_one = |what| match what {
        What::Port => key.starts_with(|first: char| first.is_ascii_digit()),
        What::Mount => is_mount(entry),
        What::Device => key.starts_with('/') && entry.value.as_text().is_some(),
    };
    !is_list && what(path).is_some_and(is_one)
}

/// Whether a path of the container stands behind what is a path or a name, and no slip of a key.
fn is_mount(entry: &Branch) -> bool {
    let is_slip = || nearest(entry.key, LongMount::KEYS.iter().copied()).is_some();
    let target = entry.value.as_text();
    target.is_some_and(|target| target.starts_with('/'))
        && (entry.key.starts_with(['/', '.', '~']) || !is_slip())
}

/// What stands in a list.
fn what(path: &[&str]) -> Option<What> {
    match path {
        ["services", _, "ports", "[]"] => Some(What::Port),
        ["services", _, "volumes", "[]"] => Some(What::Mount),
        ["services", _, "devices", "[]"] => Some(What::Device),
        _ => None,
    }
}

impl<'s> Item<'s> {
    pub fn of(entry: &Branch<'s>, path: &[&str]) -> Self {
        Item {
            what: what(path).unwrap_or(What::Port),
            key: entry.key,
            value: entry.value.as_text(),
        }
    }

    fn meant(&self) -> String {
        match self.value {
            Some(value) => format!("{}:{value}", self.key),
            None => self.key.to_owned(),
        }
    }

    pub fn refusal(&self) -> Refusal {
        let (word, help) = match self.what {
            What::Port => (
                "port",
                format!("write it in quotes: `\"{}\"`", self.meant()),
            ),
            What::Mount => ("mount", self.without_blank()),
            What::Device => ("device", self.without_blank()),
        };
        let message = "a colon with a blank or the end of the line behind it makes a map";
        Refusal::new(format!("{message}, and no {word}")).with_help(help)
    }

    fn without_blank(&self) -> String {
        format!("write it without the blank: {}", shown(&self.meant()))
    }

    /// What is read in its place: what was meant, or what is like it and right.
    pub fn read(&self) -> String {
        let meant = self.meant();
        let is_right = match self.what {
            What::Port => PortMapping::loosely(&meant).is_ok(),
            What::Mount => ShortMount::parse(&meant).is_ok(),
            What::Device => true,
        };
        match (is_right, self.what, self.value) {
            (true, _, _) | (false, What::Device, _) | (false, What::Mount, None) => meant,
            (false, What::Port, _) => "80".to_owned(),
            (false, What::Mount, Some(value)) => value.to_owned(),
        }
    }
}

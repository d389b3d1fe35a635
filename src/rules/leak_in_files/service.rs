//! The texts of a service: which of them are values, which are made of words, and what else they name.

use super::others::below_root;
use super::{Look, Written};
use crate::finding::Finding;
use crate::place::Place;
use crate::plan::switches::Switch;
use crate::rule::Rule;
use crate::values::shown::shown;
use crate::yaml::node::{Kind, Node};

/// Where a service holds values behind names, as a map or as a list of `NAME=value`.
const VALUES: &[&[&str]] = &[
    &["environment"],
    &["labels"],
    &["annotations"],
    &["build", "args"],
    &["build", "labels"],
    &["deploy", "labels"],
];

/// Where a name without a value stands for the variable of that name.
const INHERITED: &[&[&str]] = &[&["environment"], &["build", "args"]];

/// Where it holds texts of several words.
const WORDS: &[&[&str]] = &[
    &["command"],
    &["entrypoint"],
    &["extra_hosts"],
    &["healthcheck", "test"],
];

/// A service of the files.
pub(super) struct Service<'l, 'a, 's> {
    pub look: &'l Look<'a, 's>,
    pub name: &'s str,
    pub node: &'l Node<'s, 's>,
}

impl<'s> Service<'_, '_, 's> {
    /// Looks at what lies below a value of the service. The depth is that of the file, which the reader bounds.
    pub fn below(&self, node: &Node<'s, 's>, path: &mut Vec<&'s str>) {
        if VALUES.contains(&path.as_slice()) {
            return self.values(node, path);
        }
        if WORDS.contains(&path.as_slice()) {
            return self.words(node, path);
        }
        match node.kind {
            Kind::Map(entries) => {
                for entry in entries {
                    path.push(entry.key);
                    self.below(&entry.value, path);
                    path.pop();
                }
            }
            Kind::Seq(items) => items.iter().for_each(|item| self.below(item, path)),
            Kind::Tagged(tagged) => self.below(&tagged.node, path),
            Kind::Plain(text) | Kind::Quoted(text) => self.other(node, text, path),
        }
    }

    fn values(&self, node: &Node<'s, 's>, path: &[&'s str]) {
        match node.kind {
            Kind::Map(entries) => {
                for entry in entries {
                    let value = entry.value.as_text();
                    self.value(entry.key, value, &entry.value, entry.key_place, path);
                }
            }
            Kind::Seq(items) => {
                for item in items {
                    let text = item.as_text().unwrap_or_default();
                    let (name, value) = match text.split_once('=') {
                        Some((name, value)) => (name, Some(value)),
                        None => (text, None),
                    };
                    self.value(name, value, item, item.place, path);
                }
            }
            Kind::Plain(_) | Kind::Quoted(_) | Kind::Tagged(_) => {}
        }
    }

    /// A value behind a name; without one it is that of the variable.
    fn value(
        &self,
        name: &'s str,
        value: Option<&'s str>,
        node: &Node<'s, 's>,
        named: Place,
        path: &[&'s str],
    ) {
        let is_variable = INHERITED.contains(&path);
        let Some(text) = value else {
            if is_variable {
                self.look.foreign_variable(name, named, Some(self.name));
            }
            return;
        };
        let what = path.last().map_or("", |key| key.trim_end_matches('s'));
        let all = self.look.written(node, text);
        let behind = all.whole.strip_prefix(name);
        let is_item = behind.is_some_and(|rest| rest.starts_with('='));
        let written = Written {
            name: match is_variable {
                true => shown(name),
                false => format!("the {what} {}", shown(name)),
            },
            // An item of a list, which merging makes an entry of a map.
            from: match is_item && named == node.place {
                true => name.len() + 1,
                false => 0,
            },
            is_value: true,
            ..all
        };
        match self.switch(name, path) {
            Some(switch) => self.look.switch(&switch, &written, self.name),
            None => self.look.text(&written, Some(self.name)),
        }
    }

    /// The switch of the mode that a name of the environment is.
    fn switch(&self, name: &str, path: &[&str]) -> Option<Switch<'s>> {
        let mut switches = self.look.asked.plan.switches.iter();
        let switch = switches.find(|switch| switch.name == name)?;
        (path == ["environment"]).then_some(*switch)
    }

    fn words(&self, node: &Node<'s, 's>, path: &[&'s str]) {
        each_text(node, &mut |node, text| {
            let written = Written {
                name: shown(path.last().copied().unwrap_or_default()),
                ..self.look.written(node, text)
            };
            self.look.text(&written, Some(self.name));
        });
    }

    /// A text that is no value: it may have variables of other modes, or name their env file.
    fn other(&self, node: &Node<'s, 's>, text: &'s str, path: &[&'s str]) {
        let written = self.look.written(node, text);
        let is_told = self.look.foreign_variables(&written, Some(self.name));
        let is_env_file = matches!(path, ["env_file"] | ["env_file", "path"]);
        if is_env_file && !is_told {
            self.env_file(node.place, text);
        }
    }

    fn env_file(&self, place: Place, path: &str) {
        let look = self.look;
        let name = path.rsplit('/').next().unwrap_or(path);
        let by_path = look.env_files.get(below_root(path));
        let Some(mode) = by_path.or_else(|| look.env_names.get(name)) else {
            return;
        };
        let message = format!("the env file {} belongs to the mode `{mode}`", shown(path));
        let help = format!("name that of the mode `{}`", look.asked.plan.mode);
        let finding = Finding::new(Rule::ModeLeak, place, message).help(help);
        look.add(finding, Some(self.name));
    }
}

/// Shows every text below a value.
pub(super) fn each_text<'s>(node: &Node<'s, 's>, show: &mut dyn FnMut(&Node<'s, 's>, &'s str)) {
    match node.kind {
        Kind::Plain(text) | Kind::Quoted(text) => show(node, text),
        Kind::Seq(items) => items.iter().for_each(|item| each_text(item, show)),
        Kind::Map(entries) => {
            let values = entries.iter().map(|entry| &entry.value);
            values.for_each(|value| each_text(value, show));
        }
        Kind::Tagged(tagged) => each_text(&tagged.node, show),
    }
}

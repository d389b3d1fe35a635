//! Paths of a file in another folder, seen from the folder of the project: what a service extends and a project
//! includes means the same files from there.

use bumpalo::Bump;

use super::tree::{Tree, branches, map};
use crate::compose::value::collect;
use crate::yaml::node::{Entry, Kind, Node};

/// The path of a file that `path` names in a folder.
pub(super) fn joined(folder: &str, path: &str) -> String {
    let path = match (folder, path.starts_with('/')) {
        (_, true) | ("" | ".", _) => path.to_owned(),
        _ => format!("{folder}/{path}"),
    };
    normal(&path)
}

/// The folder of a file.
pub(super) fn folder_of(path: &str) -> &str {
    match path.rsplit_once('/') {
        Some(("", _)) => "/",
        Some((folder, _)) => folder,
        None => ".",
    }
}

/// The path without `.` and doubled slashes, and with each `..` taking away the name before it.
fn normal(path: &str) -> String {
    let mut names: Vec<&str> = Vec::new();
    for name in path.split('/').filter(|name| !matches!(*name, "" | ".")) {
        match (name, names.last()) {
            ("..", Some(last)) if *last != ".." => drop(names.pop()),
            ("..", None) if path.starts_with('/') => {}
            _ => names.push(name),
        }
    }
    let joined = names.join("/");
    match (path.starts_with('/'), joined.is_empty()) {
        (true, _) => format!("/{joined}"),
        (false, true) => ".".to_owned(),
        (false, false) => joined,
    }
}

/// The way from one folder to another; `None` where only the file system knows it.
pub(super) fn way(from: &str, to: &str) -> Option<String> {
    let names = |path: &str| -> Vec<String> {
        let normal = normal(path);
        let names = normal.split('/').filter(|name| *name != ".");
        names.map(str::to_owned).collect()
    };
    if to.starts_with('/') != from.starts_with('/') {
        return to.starts_with('/').then(|| normal(to));
    }
    let (from, to) = (names(from), names(to));
    let common = from.iter().zip(&to).take_while(|(a, b)| a == b).count();
    if from[common..].iter().any(|name| name == "..") {
        return None;
    }
    let up = from[common..].iter().map(|_| "..".to_owned());
    let way: Vec<String> = up.chain(to[common..].iter().cloned()).collect();
    Some(match way.is_empty() {
        true => ".".to_owned(),
        false => way.join("/"),
    })
}

/// The keys of a service behind which paths stand, and how.
const PATHS: &[(&[&str], Form)] = &[
    (&["build"], Form::Path),
    (&["build", "context"], Form::Path),
    (&["build", "additional_contexts"], Form::Values),
    (&["env_file"], Form::Path),
    (&["env_file", "path"], Form::Path),
    (&["label_file"], Form::Path),
    (&["volumes"], Form::Mount),
    (&["volumes", "source"], Form::Source),
    (&["develop", "watch", "path"], Form::Path),
    (&["extends", "file"], Form::Path),
];

/// How a path is written.
#[derive(Clone, Copy)]
enum Form {
    /// Alone.
    Path,
    /// As the first part of a mount.
    Mount,
    /// As the source of a mount, which may be a volume's name.
    Source,
    /// As the values of a map.
    Values,
}

/// What moves trees to another folder.
pub(super) struct Move<'a, 's> {
    pub arena: &'s Bump,
    /// The way to their folder from the one in which they are seen.
    pub way: &'a str,
}

impl<'s> Move<'_, 's> {
    /// A service.
    pub fn service(&self, service: &Tree<'s>) -> Tree<'s> {
        PATHS.iter().fold(*service, |service, (path, form)| {
            self.below(&service, path, *form)
        })
    }

    /// A whole file: its services, and the files of secrets and configs.
    pub fn file(&self, root: &Tree<'s>) -> Tree<'s> {
        self.entries(root, |entry| match entry.key {
            "services" => self.entries(&entry.value, |service| self.service(&service.value)),
            "secrets" | "configs" => self.entries(&entry.value, |one| {
                self.below(&one.value, &["file"], Form::Path)
            }),
            _ => entry.value,
        })
    }

    fn entries(&self, node: &Tree<'s>, value: impl Fn(&Entry<'s, 's>) -> Tree<'s>) -> Tree<'s> {
        let Kind::Map(entries) = node.kind else {
            return *node;
        };
        let moved = entries.iter().map(|entry| Entry {
            value: value(entry),
            ..*entry
        });
        map(node, collect(self.arena, moved))
    }

    /// The tree with what stands behind a path of keys moved, through lists.
    fn below(&self, node: &Tree<'s>, path: &[&str], form: Form) -> Tree<'s> {
        match (node.kind, path) {
            (Kind::Seq(items), _) if items.iter().any(|item| holds(item, path)) => {
                let items = items.iter().map(|item| self.below(item, path, form));
                Node {
                    kind: Kind::Seq(collect(self.arena, items)),
                    ..*node
                }
            }
            (Kind::Map(_), [key, rest @ ..]) if holds(node, path) => {
                self.entries(node, |entry| match entry.key == *key {
                    true => self.below(&entry.value, rest, form),
                    false => entry.value,
                })
            }
            (Kind::Map(_), []) if matches!(form, Form::Values) => {
                self.entries(node, |entry| self.below(&entry.value, &[], Form::Path))
            }
            (Kind::Plain(text) | Kind::Quoted(text), []) => match self.text(text, form) {
                Some(text) => Node {
                    kind: Kind::Quoted(self.arena.alloc_str(&text)),
                    ..*node
                },
                None => *node,
            },
            _ => *node,
        }
    }

    fn text(&self, text: &str, form: Form) -> Option<String> {
        let is_dotted = |text: &str| {
            text == "." || text == ".." || text.starts_with("./") || text.starts_with("../")
        };
        match form {
            Form::Path if is_relative(text) => Some(joined(self.way, text)),
            Form::Mount => {
                let (source, rest) = text
                    .split_once(':')
                    .filter(|(source, _)| is_dotted(source))?;
                Some(format!("{}:{rest}", dotted(&joined(self.way, source))))
            }
            Form::Source if is_dotted(text) => Some(dotted(&joined(self.way, text))),
            Form::Path | Form::Source | Form::Values => None,
        }
    }
}

/// Whether anything can stand behind a path of keys here.
fn holds(node: &Tree, path: &[&str]) -> bool {
    match path {
        [] => true,
        [key, ..] => match node.kind {
            Kind::Seq(_) => true,
            _ => branches(node).iter().any(|entry| entry.key == *key),
        },
    }
}

/// A relative path of the host as mounts write it.
fn dotted(path: &str) -> String {
    match path.starts_with(['/', '.']) {
        true => path.to_owned(),
        false => format!("./{path}"),
    }
}

/// Whether a path starts at the folder of its file: neither absolute, nor a home, a variable or an address.
fn is_relative(path: &str) -> bool {
    !path.is_empty()
        && !path.starts_with(['/', '~', '$'])
        && !path.contains("://")
        && !path.starts_with("git@")
        && !path.starts_with("github.com/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_joined_and_seen_from_elsewhere() {
        for (folder, path, expected) in [
            (".", "a.yaml", "a.yaml"),
            ("", "./a.yaml", "a.yaml"),
            ("a/b", "../c.yaml", "a/c.yaml"),
            ("a", "../../c.yaml", "../c.yaml"),
            ("/a", "../../c.yaml", "/c.yaml"),
            ("a", "/c.yaml", "/c.yaml"),
            ("..", "..", "../.."),
        ] {
            assert_eq!(joined(folder, path), expected, "{folder} {path}");
        }
        for (from, to, expected) in [
            (".", "a", Some("a")),
            ("a", ".", Some("..")),
            ("a/b", "a/c", Some("../c")),
            ("a", "a", Some(".")),
            ("a", "/x", Some("/x")),
            ("../a", "b", None),
            ("/a", "b", None),
        ] {
            assert_eq!(way(from, to).as_deref(), expected, "{from} {to}");
        }
        assert_eq!(folder_of("a.yaml"), ".");
        assert_eq!(folder_of("x/a.yaml"), "x");
        assert_eq!(folder_of("/a.yaml"), "/");
    }
}

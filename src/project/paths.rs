//! Paths of a file in another folder, seen from the folder of the project: what a service extends and a project
//! includes means the same files from there.

use bumpalo::Bump;

use super::Variables;
use super::tree::{Tree, branch, branches, map};
use crate::compose::value::collect;
use crate::values::interpolation::{expand_known, uses};
use crate::yaml::node::{Entry, Kind, Node};

/// The path of a file that `path` names in a folder.
pub fn joined(folder: &str, path: &str) -> String {
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
pub fn way(from: &str, to: &str) -> Option<String> {
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

/// The rest of the ways to paths that begin with a key of a service.
fn paths_behind(key: &str) -> impl Iterator<Item = (&'static [&'static str], Form)> {
    PATHS.iter().filter_map(move |(path, form)| match path {
        [first, rest @ ..] if *first == key => Some((rest, *form)),
        _ => None,
    })
}

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

/// A whole project seen from another folder: `way` leads from there to the project's. A path that begins with a
/// variable is told by what the variable is: where that is relative, the text gets the way before it.
pub fn seen_from<'s>(
    root: Tree<'s>,
    way: &str,
    variables: &Variables,
    arena: &'s Bump,
) -> Tree<'s> {
    let seen = Move {
        arena,
        way,
        variables: Some(variables),
    };
    seen.file(&root)
}

/// What moves trees to another folder.
pub(super) struct Move<'a, 's> {
    pub arena: &'s Bump,
    /// The way to their folder from the one in which they are seen.
    pub way: &'a str,
    /// What is known of variables, where paths may begin with one.
    pub variables: Option<&'a Variables>,
}

impl<'s> Move<'_, 's> {
    /// A service.
    pub fn service(&self, service: &Tree<'s>) -> Tree<'s> {
        let is_moved = |entry: &Entry<'s, 's>| paths_behind(entry.key).next().is_some();
        match branches(service).iter().any(is_moved) {
            true => self.entries(service, |entry| {
                paths_behind(entry.key).fold(entry.value, |value, (path, form)| {
                    self.below(&value, path, form)
                })
            }),
            false => *service,
        }
    }

    /// A whole file: its services, and the files of secrets and configs.
    pub fn file(&self, root: &Tree<'s>) -> Tree<'s> {
        self.entries(root, |entry| match entry.key {
            "services" => self.entries(&entry.value, |service| self.service(&service.value)),
            "secrets" | "configs" => self.entries(&entry.value, |one| {
                self.below(&one.value, &["file"], Form::Path)
            }),
            "volumes" => self.entries(&entry.value, |one| self.volume(&one.value)),
            _ => entry.value,
        })
    }

    /// A volume that is a folder of the host.
    fn volume(&self, volume: &Tree<'s>) -> Tree<'s> {
        let option = |key: &str| branch(volume, "driver_opts").and_then(|all| all.value.get(key));
        let is_local = volume.get("driver").and_then(Node::as_text) == Some("local");
        match is_local && option("o").and_then(Node::as_text) == Some("bind") {
            true => self.below(volume, &["driver_opts", "device"], Form::Path),
            false => *volume,
        }
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
        if let Some(variables) = self.variables {
            if text.starts_with('$') {
                return self.behind(text, form, variables);
            }
            if self.way == "." {
                return None;
            }
        }
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

    /// A path that begins with a variable, behind the way; `None` where it does not start at the folder of its file.
    fn behind(&self, text: &str, form: Form, variables: &Variables) -> Option<String> {
        let source = match form {
            Form::Mount => &text[..source_end(text)?],
            Form::Path | Form::Source | Form::Values => text,
        };
        let lookup = |name: &str| variables.reveal(name).map(str::to_owned);
        let full = expand_known(source, &lookup).ok()?;
        let starts_here = match form {
            Form::Path | Form::Values => is_relative(&full),
            Form::Mount | Form::Source => is_dotted(&full),
        };
        starts_here.then(|| format!("{}/{text}", dotted(self.way)))
    }
}

/// Where the source of a short mount ends; the colons of variables' operators do not end it.
fn source_end(text: &str) -> Option<usize> {
    let inside = uses(text).ok()?;
    let is_inside = |at: usize| inside.iter().any(|one| one.start < at && at < one.end);
    let mut colons = text.match_indices(':').map(|(at, _)| at);
    colons.find(|at| !is_inside(*at))
}

/// Whether the source of a mount is a path, and starts here: a volume's name begins with no dot.
fn is_dotted(text: &str) -> bool {
    text.starts_with('.')
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

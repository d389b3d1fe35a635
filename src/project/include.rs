//! `include`: other Compose files with their own folder and variables, whose parts become parts of this one. None of
//! them may be there already, unless both say the same.

use super::load::{Frame, Loader};
use super::parts::Parts;
use super::paths::{Move, folder_of, joined, way};
use super::tree::{Branch, Tree, branch, map, without};
use super::{NoFile, Variables, start_of};
use crate::compose::document::Include;
use crate::compose::list::{Either, List};
use crate::compose::scalar::Text;
use crate::compose::value::{Value, collect};
use crate::dotenv;
use crate::finding::Finding;
use crate::place::Place;
use crate::rule::Rule;
use crate::values::shown::shown;
use crate::yaml::node::{Kind, Node};

/// How many files may be included in all, one that is included twice counted twice. A limit of our own.
const MOST_INCLUDED: usize = 1000;

/// How many files may include each other one behind the other. A limit of our own.
const DEEPEST: usize = 64;

/// One entry of `include`.
struct Wanted<'s> {
    /// The files, the first of them the main one.
    paths: Vec<(&'s str, Place)>,
    folder: Option<&'s str>,
    env_files: Vec<(&'s str, Place)>,
    place: Place,
}

impl<'s> Loader<'_, 's> {
    /// The file with all that it includes; `include` itself is gone.
    pub(super) fn included(&self, root: Tree<'s>, file: u16, frame: &Frame) -> Tree<'s> {
        let Some(entry) = branch(&root, "include") else {
            return root;
        };
        let own = without(&root, "include", self.arena);
        if entry.value.is_null() {
            return own;
        }
        // What has no form that Compose knows is told here.
        let value = self.without_nothing(&entry.value);
        let _ = List::<Either<Text, Include>>::read(&value, &self.reader());
        let Kind::Seq(items) = value.kind else {
            // What it would bring is not known.
            self.unread.set(true);
            return own;
        };
        let mut open = frame.open.clone();
        open.push(file);
        let mut parts = Parts::of(own, self);
        for wanted in items.iter().filter_map(|item| wanted(item)) {
            if let Some(other) = self.include(&wanted, &open, frame) {
                parts.import(&other, wanted.place);
            }
        }
        parts.into_root()
    }

    /// The entries without the keys that say nothing.
    fn without_nothing(&self, list: &Tree<'s>) -> Tree<'s> {
        let Kind::Seq(items) = list.kind else {
            return *list;
        };
        let is_said = |entry: &&Branch<'s>| !entry.value.is_null();
        let items = items.iter().map(|item| match item.kind {
            Kind::Map(entries) => {
                let said = entries.iter().filter(is_said).copied();
                map(item, collect(self.arena, said))
            }
            _ => *item,
        });
        Node {
            kind: Kind::Seq(collect(self.arena, items)),
            ..*list
        }
    }

    fn include(&self, wanted: &Wanted<'s>, open: &[u16], frame: &Frame) -> Option<Tree<'s>> {
        if !wanted.paths.iter().all(|(path, _)| is_here(path)) {
            self.lacking.set(true);
            return None;
        }
        let paths: Vec<(String, Place)> = wanted
            .paths
            .iter()
            .map(|(path, place)| (joined(&frame.folder, path), *place))
            .collect();
        let Some((main, place)) = paths.first() else {
            // Nothing is included; all the same Compose looks for the env files.
            let folder = wanted.folder.unwrap_or(&frame.folder).to_owned();
            self.variables_of(wanted, &folder, frame);
            return None;
        };
        let read = self.read(main, *place)?;
        if open.contains(&read.number) {
            self.circle(*place, main, read.number);
            return None;
        }
        if self.included.get() > MOST_INCLUDED {
            return None;
        }
        self.included.set(self.included.get() + 1);
        if self.included.get() > MOST_INCLUDED {
            let message = format!("more than {MOST_INCLUDED} files are included");
            return self.too_many(*place, message);
        }
        if open.len() > DEEPEST {
            let message =
                format!("more than {DEEPEST} files include each other one behind the other");
            return self.too_many(*place, message);
        }
        let folder = match wanted.folder {
            Some(folder) => joined(&frame.folder, folder),
            None => folder_of(main).to_owned(),
        };
        let inner = Frame {
            variables: self.variables_of(wanted, &folder, frame),
            open: open.to_vec(),
            folder,
        };
        let model = self.model(&paths, &inner)?;
        // It is gone through and taken over once for every file that includes it.
        if !self.pays_for(&model) {
            return None;
        }
        self.top_of_included(&model);
        match way(&frame.folder, &inner.folder).as_deref() {
            None | Some(".") => Some(model),
            Some(way) => Some(
                Move {
                    arena: self.arena,
                    way,
                    variables: None,
                }
                .file(&model),
            ),
        }
    }

    /// The rest is not included: what others lack may stand there.
    fn too_many(&self, place: Place, message: String) -> Option<Tree<'s>> {
        self.unread.set(true);
        self.findings
            .add(Finding::new(Rule::IncludeCycle, place, message));
        None
    }

    fn circle(&self, place: Place, path: &str, file: u16) {
        let message = format!("{} includes itself in the end", shown(path));
        let finding = Finding::new(Rule::IncludeCycle, place, message)
            .second(start_of(file), "this file is being included already")
            .help("leave it out here");
        self.findings.add(finding);
    }

    /// What an included file may use: all that this one may, and its own env files or the `.env` in its folder.
    fn variables_of(&self, wanted: &Wanted<'s>, folder: &str, frame: &Frame) -> Variables {
        let is_known = |(path, _): &&(&str, Place)| !path.contains('$');
        let named = wanted.env_files.iter().filter(is_known);
        let paths: Vec<(String, Option<Text<'s>>)> = match wanted.env_files.is_empty() {
            true => vec![(joined(folder, ".env"), None)],
            false => named
                .map(|(text, place)| {
                    let (text, place) = (*text, *place);
                    (joined(&frame.folder, text), Some(Text { text, place }))
                })
                .collect(),
        };
        let key: Vec<&str> = paths.iter().map(|(path, _)| path.as_str()).collect();
        if let Some(known) = self.env_files.known(&key, &frame.variables) {
            return known;
        }
        let mut files = Vec::new();
        let mut all_read = true;
        for (path, named) in &paths {
            match (self.files.env(path), named) {
                (Ok(file), _) => files.push(dotenv::read(file.bytes)),
                // Nobody has to have one beside the file.
                (Err(_), None) => {}
                (Err(no_file), Some(named)) => {
                    all_read = false;
                    self.no_env_file(named, &no_file);
                }
            }
        }
        let variables = frame.variables.with(&files);
        if all_read {
            self.env_files.keep(&key, &frame.variables, &variables);
        }
        variables
    }

    /// Compose does without the env file of a service until it starts, but not without this one.
    fn no_env_file(&self, named: &Text, no_file: &NoFile) {
        let why = match no_file {
            NoFile::Missing => "is not there",
            NoFile::Refused(why) => why,
        };
        let message = match named.text {
            "" => "the path of the env file is an empty text".to_owned(),
            path => format!("the env file {} {why}", shown(path)),
        };
        self.findings
            .add(Finding::new(Rule::FileUnreadable, named.place, message));
    }
}

/// Whether a path names a file here: not one that is fetched from elsewhere, nor one that a variable names which nothing
/// sets.
pub(super) fn is_here(path: &str) -> bool {
    !path.contains('$') && !is_remote(path)
}

fn is_remote(path: &str) -> bool {
    path.contains("://") || path.starts_with("git@") || path.starts_with("github.com/")
}

/// An entry of `include`; `None` where it has no form that Compose knows, which is told when it is read.
fn wanted<'s>(item: &Tree<'s>) -> Option<Wanted<'s>> {
    let paths = match item.kind {
        Kind::Map(_) => texts(item, "path"),
        _ => vec![(item.as_text().filter(|_| item.is_string())?, item.place)],
    };
    let folder = branch(item, "project_directory").and_then(|entry| entry.value.as_text());
    Some(Wanted {
        paths,
        folder,
        env_files: texts(item, "env_file"),
        place: item.place,
    })
}

fn texts<'s>(item: &Tree<'s>, key: &str) -> Vec<(&'s str, Place)> {
    let Some(entry) = branch(item, key) else {
        return Vec::new();
    };
    let items = match entry.value.kind {
        Kind::Seq(items) => items,
        _ => std::slice::from_ref(&entry.value),
    };
    items
        .iter()
        .filter(|item| item.is_string())
        .filter_map(|item| Some((item.as_text()?, item.place)))
        .collect()
}

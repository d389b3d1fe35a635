//! The files of a repository in one of its states: listed once, read by path.

use super::child::Git;
use super::{At, Trouble};

/// What stands at a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A file.
    File,
    /// A folder with files in it.
    Folder,
    /// A symbolic link; where it leads is not asked.
    Link,
    /// A submodule: another repository's files.
    Submodule,
    /// A file in which a merge has left a conflict.
    Conflict,
}

impl Kind {
    /// What it is, in a sentence.
    pub fn words(self) -> &'static str {
        match self {
            Kind::File => "a file",
            Kind::Folder => "a folder",
            Kind::Link => "a symbolic link",
            Kind::Submodule => "a submodule",
            Kind::Conflict => "a file with a merge conflict",
        }
    }

    /// The next step where a file was expected.
    pub fn help(self) -> Option<&'static str> {
        match self {
            Kind::File | Kind::Folder => None,
            Kind::Link | Kind::Submodule => {
                Some("it is not followed: a plain file or folder has to stand there")
            }
            Kind::Conflict => Some("solve the conflict first; `git status` shows what is left"),
        }
    }
}

/// The files of one state.
#[derive(Clone, Debug)]
pub struct Tree {
    git: Git,
    /// How messages name the state: "the index", "`main`".
    name: String,
    /// The revision, where it is one, as it was typed.
    revision: Option<String>,
    /// Where the callers' paths start: empty, or names each with a `/` behind it.
    prefix: String,
    /// By path.
    entries: Vec<Entry>,
}

#[derive(Clone, Debug)]
struct Entry {
    /// From the top of the repository.
    path: Vec<u8>,
    kind: Kind,
    /// The name of its contents.
    object: String,
}

/// The object of an empty file, by its first digits (SHA-1 and SHA-256).
const EMPTY: [&str; 2] = ["e69de29bb2d1", "473a0f4c3be8"];

impl Tree {
    pub(super) fn read(git: Git, at: At, prefix: String) -> Result<Self, Trouble> {
        let (name, revision, mut entries) = match at {
            At::Index => ("the index".to_owned(), None, index(&git)?),
            At::Revision(revision) => {
                let object = object_of(&git, revision)?;
                let listed = git.ask(&["ls-tree", "-rz", "--full-tree", &object], &[])?;
                let entries = records(&listed).filter_map(of_revision).collect();
                let name = crate::values::shown::shown(revision);
                (name, Some(revision.to_owned()), entries)
            }
        };
        entries.sort_by(|a, b| a.path.cmp(&b.path));
        Ok(Tree {
            git,
            name,
            revision,
            prefix,
            entries,
        })
    }

    /// How messages name the state: "the index", "`main`".
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The revision as it was typed, where it is one.
    pub fn revision(&self) -> Option<&str> {
        self.revision.as_deref()
    }

    /// What stands at a path, `None` for nothing. Empty folders are in no tree.
    pub fn kind(&self, path: &str) -> Option<Kind> {
        self.entry(path)
            .map(|entry| entry.kind)
            .or_else(|| self.below(path).next().map(|_| Kind::Folder))
    }

    /// The first part of a path that is a link or a submodule, with which the path is in no tree at all.
    pub fn turn(&self, path: &str) -> Option<(String, Kind)> {
        let ends = path.match_indices('/').map(|(end, _)| end);
        ends.chain([path.len()]).find_map(|end| {
            let kind = self.entry(&path[..end])?.kind;
            matches!(kind, Kind::Link | Kind::Submodule).then(|| (path[..end].to_owned(), kind))
        })
    }

    /// The names of the files, links and submodules that lie directly in a folder, in their order.
    pub fn names_in<'t>(&'t self, folder: &str) -> impl Iterator<Item = &'t [u8]> + use<'t> {
        let start = self.prefix.len() + folder.len() + 1;
        self.below(folder)
            .map(move |entry| &entry.path[start..])
            .filter(|name| !name.contains(&b'/'))
    }

    /// The bytes of files, all asked for at once; `None` where a path is no file.
    ///
    /// # Errors
    /// Git refuses, or its store of objects lacks one.
    pub fn read_files(&self, paths: &[&str]) -> Result<Vec<Option<Vec<u8>>>, Trouble> {
        let file = |path: &&str| {
            self.entry(path)
                .filter(|entry| entry.kind == Kind::File)
                .map(|entry| entry.object.as_str())
        };
        let objects: Vec<Option<&str>> = paths.iter().map(file).collect();
        let asked: String = objects
            .iter()
            .flatten()
            .map(|it| format!("{it}\n"))
            .collect();
        if asked.is_empty() {
            return Ok(vec![None; paths.len()]);
        }
        let answer = self.git.ask(&["cat-file", "--batch"], asked.as_bytes())?;
        let mut rest = answer.as_slice();
        let mut next = |object: &Option<&str>| match object {
            Some(object) => contents(&mut rest, object).map(Some),
            None => Ok(None),
        };
        objects.iter().map(&mut next).collect()
    }

    fn entry(&self, path: &str) -> Option<&Entry> {
        let path = [self.prefix.as_bytes(), path.as_bytes()].concat();
        let found = self.entries.binary_search_by(|entry| entry.path.cmp(&path));
        found.ok().map(|at| &self.entries[at])
    }

    fn below<'t>(&'t self, folder: &str) -> impl Iterator<Item = &'t Entry> + use<'t> {
        let start = [self.prefix.as_bytes(), folder.as_bytes(), b"/"].concat();
        let from = self.entries.partition_point(|entry| entry.path < start);
        let rest = self.entries[from..].iter();
        rest.take_while(move |entry| entry.path.starts_with(&start))
    }
}

/// The object of a revision. None begins with `-`: what does would be an option of git's.
fn object_of(git: &Git, revision: &str) -> Result<String, Trouble> {
    let words = ["rev-parse", "--verify", "--quiet", "--end-of-options"];
    let found = match revision.starts_with('-') || revision.is_empty() {
        true => None,
        false => git.try_ask(&[&words[..], &[revision]].concat())?,
    };
    let text = found.map(|bytes| String::from_utf8_lossy(&bytes).trim().to_owned());
    text.filter(|object| !object.is_empty() && object.bytes().all(|byte| byte.is_ascii_hexdigit()))
        .ok_or_else(|| unknown(git, revision))
}

fn unknown(git: &Git, revision: &str) -> Trouble {
    if revision.is_empty() {
        return Trouble::new("an empty text names no revision that git knows");
    }
    let shallow = git.try_ask(&["rev-parse", "--is-shallow-repository"]);
    let shallow = matches!(shallow, Ok(Some(answer)) if answer.starts_with(b"true"));
    let shown = crate::values::shown::shown(revision);
    let trouble = Trouble::new(format!("git knows no revision {shown} here"));
    trouble.help(match shallow {
        true => {
            "the clone holds the newest commits alone; fetch the others: `git fetch --unshallow`"
        }
        false => {
            "name a commit, a branch or a tag: `git log --oneline`, `git branch --all`, `git tag`"
        }
    })
}

fn records(listed: &[u8]) -> impl Iterator<Item = &[u8]> {
    listed.split(|byte| *byte == 0).filter(|it| !it.is_empty())
}

/// `MODE TYPE OBJECT<tab>PATH`.
fn of_revision(record: &[u8]) -> Option<Entry> {
    let (words, path) = record_of(record)?;
    let [mode, _, object] = words[..] else {
        return None;
    };
    Some(Entry {
        path: path.to_vec(),
        kind: kind(mode),
        object: object.to_owned(),
    })
}

/// The files of the index. A file of which git was told only that it will come (`git add -N`) is not in the next
/// commit; it looks like an empty one.
fn index(git: &Git) -> Result<Vec<Entry>, Trouble> {
    let listed = git.ask(&["ls-files", "-sz", "--full-name", "--", ":/"], &[])?;
    let mut entries: Vec<Entry> = records(&listed).filter_map(of_index).collect();
    entries.dedup_by(|a, b| a.path == b.path);
    let is_empty = |entry: &Entry| EMPTY.iter().any(|it| entry.object.starts_with(it));
    if entries.iter().any(is_empty) {
        let added = git.ask(&["diff-files", "--name-only", "--diff-filter=A", "-z"], &[])?;
        let added: Vec<&[u8]> = records(&added).collect();
        entries.retain(|entry| !is_empty(entry) || !added.contains(&entry.path.as_slice()));
    }
    Ok(entries)
}

/// `MODE OBJECT STAGE<tab>PATH`.
fn of_index(record: &[u8]) -> Option<Entry> {
    let (words, path) = record_of(record)?;
    let [mode, object, stage] = words[..] else {
        return None;
    };
    Some(Entry {
        path: path.to_vec(),
        kind: if stage == "0" {
            kind(mode)
        } else {
            Kind::Conflict
        },
        object: object.to_owned(),
    })
}

fn record_of(record: &[u8]) -> Option<(Vec<&str>, &[u8])> {
    let tab = record.iter().position(|byte| *byte == b'\t')?;
    let words = std::str::from_utf8(&record[..tab]).ok()?;
    Some((
        words.split(' ').filter(|word| !word.is_empty()).collect(),
        &record[tab + 1..],
    ))
}

/// By its mode, as git writes it in trees and in the index.
fn kind(mode: &str) -> Kind {
    match mode {
        "120000" => Kind::Link,
        "160000" => Kind::Submodule,
        _ => Kind::File,
    }
}

/// The next answer of `cat-file --batch`: `OBJECT TYPE SIZE`, a line end, the bytes, a line end.
fn contents(rest: &mut &[u8], object: &str) -> Result<Vec<u8>, Trouble> {
    let lacking = || Trouble::new(format!("git's store lacks the object {object}"));
    let end = rest
        .iter()
        .position(|byte| *byte == b'\n')
        .ok_or_else(lacking)?;
    let head = String::from_utf8_lossy(&rest[..end]).into_owned();
    let size = head
        .strip_prefix(object)
        .and_then(|it| it.strip_prefix(" blob "));
    let size: usize = size
        .and_then(|size| size.parse().ok())
        .ok_or_else(lacking)?;
    let bytes = rest
        .get(end + 1..end + 1 + size)
        .ok_or_else(lacking)?
        .to_vec();
    *rest = rest.get(end + 2 + size..).unwrap_or_default();
    Ok(bytes)
}

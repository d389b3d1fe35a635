//! Reads a catalog's folder as git has it, in the index or at a revision.

use std::path::Path;

use bumpalo::Bump;

use super::{FileKind, SourceFile, Sources, Unreadable, catalog_of, is_yaml, no_text, shown_path};
use crate::git;
use crate::values::trouble::Trouble;

impl<'s> Sources<'s> {
    /// Reads the same files of a folder as git has them. Those of a revision are shown with its name before their paths,
    /// as git writes it: `main:catalog/core.yaml`.
    ///
    /// # Errors
    /// As [`Sources::read`]; and what git refuses.
    pub fn of_git(
        folder: &Path,
        repository: &git::Repository,
        tree: &git::Tree,
        arena: &'s Bump,
    ) -> Result<Self, Unreadable> {
        let names = names_in_git(folder, repository.name(), tree)?;
        let path = |name: &String| format!("{}/{name}", repository.name());
        let paths: Vec<String> = names.iter().map(path).collect();
        let paths: Vec<&str> = paths.iter().map(String::as_str).collect();
        let before = tree
            .revision()
            .map_or(String::new(), |name| format!("{name}:"));
        let mut files = Vec::with_capacity(names.len());
        for (name, bytes) in names.iter().zip(tree.read_files(&paths)?) {
            let path = format!("{before}{}", shown_path(&folder.join(name)));
            let Some(bytes) = bytes else {
                let kind = tree.kind(&format!("{}/{name}", repository.name()));
                return Err(other_kind(&path, kind.unwrap_or(git::Kind::Link), tree));
            };
            files.push(SourceFile {
                name: arena.alloc_str(name),
                path,
                bytes: arena.alloc_slice_copy(&bytes),
                kind: FileKind::Catalog,
            });
        }
        Ok(Sources {
            files,
            folder: folder.to_path_buf(),
            root: repository.parent().to_path_buf(),
        })
    }
}

fn names_in_git(folder: &Path, path: &str, tree: &git::Tree) -> Result<Vec<String>, Unreadable> {
    if tree.kind(path) != Some(git::Kind::Folder) {
        return Err(no_folder_in_git(folder, path, tree));
    }
    let mut names = Vec::new();
    for name in tree.names_in(path) {
        match std::str::from_utf8(name) {
            Ok(name) if is_yaml(name) => names.push(name.to_owned()),
            Ok(_) => {}
            Err(_) => {
                let name = String::from_utf8_lossy(name);
                if is_yaml(&name) {
                    return Err(no_text(folder, name.as_ref().as_ref()));
                }
            }
        }
    }
    catalog_of(folder, names).map_err(|error| Unreadable {
        message: format!("{} in {}", error.message, tree.name()),
        ..error
    })
}

fn no_folder_in_git(folder: &Path, path: &str, tree: &git::Tree) -> Unreadable {
    let shown = shown_path(folder);
    if let Some((_, kind)) = tree.turn(path) {
        return other_kind(&shown, kind, tree);
    }
    let help = match tree.revision() {
        None => "add it with `git add`, or name another with `--catalog DIR`",
        Some(_) => "name a revision that has it, or another folder with `--catalog DIR`",
    };
    Unreadable {
        message: format!("the catalog's folder `{shown}` is not in {}", tree.name()),
        help: Some(help.to_owned()),
    }
}

fn other_kind(shown: &str, kind: git::Kind, tree: &git::Tree) -> Unreadable {
    Unreadable {
        message: format!("`{shown}` is {} in {}", kind.words(), tree.name()),
        help: kind.help().map(str::to_owned),
    }
}

impl From<Trouble> for Unreadable {
    fn from(trouble: Trouble) -> Self {
        let Trouble { message, help } = trouble;
        Unreadable { message, help }
    }
}

//! Env files that services name and that are not there. Often git has them not: Compose starts nothing without them.

use std::path::{Component, Path, PathBuf};

use crate::commands::new::Site;
use crate::import::{EnvFileOf, Note, Subject, What};
use crate::values::path::normal;

/// A note for each, its path as the reader of the message would write it.
pub fn missing(needed: &[EnvFileOf], site: &Site) -> Vec<Note> {
    // The folder that gets the catalog may not be there yet, and no way leads through it then.
    let root = site.real_root().unwrap_or_else(|_| site.root.clone());
    let gone = needed
        .iter()
        .filter(|file| !settled(&root.join(&file.path)).exists());
    let note = |file: &EnvFileOf| Note {
        subject: Subject::Wrong,
        place: file.place,
        what: What::NoEnvFile {
            path: normal(&site.shown(&file.path)),
            services: file.services.clone(),
        },
    };
    gone.map(note).collect()
}

/// A path without `..`, each of which takes away the name before it.
fn settled(path: &Path) -> PathBuf {
    let mut settled = PathBuf::new();
    for part in path.components() {
        match part {
            Component::ParentDir => {
                settled.pop();
            }
            Component::CurDir => {}
            Component::Prefix(_) | Component::RootDir | Component::Normal(_) => settled.push(part),
        }
    }
    settled
}

//! Env files that services name and that are not there. Often git has them not: Compose starts nothing without them.

use crate::commands::new::Site;
use crate::import::{EnvFileOf, Note, Subject, What};
use crate::values::path::normal;

/// A note for each, its path as the reader of the message would write it.
pub fn missing(needed: &[EnvFileOf], site: &Site) -> Vec<Note> {
    let gone = needed
        .iter()
        .filter(|file| !site.root.join(&file.path).exists());
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

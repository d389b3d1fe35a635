//! Files that services name: env files, and files of labels.

use rustc_hash::FxHashMap;

use super::check::Whole;
use super::load::Loader;
use super::{NoFile, ReadFile, paths};
use crate::compose::list::Either;
use crate::compose::scalar::Text;
use crate::dotenv;
use crate::finding::Finding;
use crate::rule::Rule;
use crate::values::shown::shown;

/// Looks at all of them.
pub(super) fn check<'s>(whole: &Whole<'_, 's>, loader: &Loader<'_, 's>, folder: &str) {
    let look = Look {
        whole,
        loader,
        folder,
    };
    look.at_env_files();
    look.at_label_files();
}

struct Look<'l, 'd, 'a, 's> {
    whole: &'l Whole<'d, 's>,
    loader: &'l Loader<'a, 's>,
    folder: &'l str,
}

impl<'s> Look<'_, '_, '_, 's> {
    /// Looks at the env files of services that are there: whether they are files, and whether Compose can read them.
    /// Each is read once, however many services name it.
    fn at_env_files(&self) {
        let mut known: FxHashMap<&str, Option<String>> = FxHashMap::default();
        for (name, _, service) in &self.whole.services {
            for file in service.env_file.map_or(&[][..], |files| files.items) {
                let path = match file {
                    Either::Short(path) => Some(*path),
                    // As it is, nothing in it can be wrong.
                    Either::Long(long) if long.format.is_some() => None,
                    Either::Long(long) => long.path.copied(),
                };
                let Some(path) = path.filter(|path| !path.text.contains('$')) else {
                    continue;
                };
                let wrong = known
                    .entry(path.text)
                    .or_insert_with(|| self.wrong_with_env_file(path.text));
                if let Some(message) = wrong {
                    self.add(path, message, name);
                }
            }
        }
    }

    /// Looks for the files of labels of services: nobody makes them by hand where a project is started.
    fn at_label_files(&self) {
        for (name, _, service) in &self.whole.services {
            for path in service.label_file.map_or(&[][..], |files| files.items) {
                if path.text.contains('$') {
                    continue;
                }
                let message = match (path.text, self.file(path.text)) {
                    (_, Ok(_)) => continue,
                    ("", Err(_)) => "the path of the label file is an empty text".to_owned(),
                    (path, Err(NoFile::Missing)) => {
                        format!("the label file {} is not there", shown(path))
                    }
                    (path, Err(NoFile::Refused(why))) => {
                        format!("the label file {} {why}", shown(path))
                    }
                };
                self.add(*path, &message, name);
            }
        }
    }

    fn file(&self, path: &str) -> Result<ReadFile<'s>, NoFile> {
        self.loader.files.env(&paths::joined(self.folder, path))
    }

    fn add(&self, path: Text, message: &str, service: &str) {
        let finding = Finding::new(Rule::FileUnreadable, path.place, message);
        self.loader.findings.add(finding.service(service));
    }

    fn wrong_with_env_file(&self, path: &str) -> Option<String> {
        match self.file(path) {
            _ if path.is_empty() => Some("the path of the env file is an empty text".to_owned()),
            Ok(file) => unreadable_line(path, file.bytes),
            // It is often made by whoever starts the project.
            Err(NoFile::Missing) => None,
            Err(NoFile::Refused(why)) => Some(format!("the env file {} {why}", shown(path))),
        }
    }
}

/// What is wrong with the first line that Compose cannot read.
fn unreadable_line(path: &str, bytes: &[u8]) -> Option<String> {
    let read = dotenv::read(bytes);
    let problem = read.problems.iter().find(|problem| problem.refused)?;
    let before = &bytes[..problem.at.start.min(bytes.len())];
    let line = 1 + before.iter().filter(|byte| **byte == b'\n').count();
    let path = shown(path);
    Some(format!(
        "Compose cannot read line {line} of the env file {path}"
    ))
}

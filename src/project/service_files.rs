//! Files that services name: env files, and files of labels.

use rustc_hash::FxHashSet;

use super::check::Whole;
use super::load::Loader;
use super::{NoFile, paths};
use crate::compose::list::Either;
use crate::compose::scalar::Text;
use crate::dotenv;
use crate::finding::Finding;
use crate::rule::Rule;
use crate::values::shown::shown;

/// Looks at all of them.
pub(super) fn check<'s>(whole: &Whole<'_, 's>, loader: &Loader<'_, 's>, folder: &str) {
    env_files(whole, loader, folder);
    label_files(whole, loader, folder);
}

/// Looks at the env files of services that are there: whether they are files, and whether Compose can read them.
fn env_files<'s>(whole: &Whole<'_, 's>, loader: &Loader<'_, 's>, folder: &str) {
    let mut seen = FxHashSet::default();
    for (name, _, service) in &whole.services {
        for file in service.env_file.map_or(&[][..], |files| files.items) {
            let path = match file {
                Either::Short(path) => Some(*path),
                // As it is, nothing in it can be wrong.
                Either::Long(long) if long.format.is_some() => None,
                Either::Long(long) => long.path.copied(),
            };
            let Some(path) = path.filter(|path| !path.text.contains('$') && !path.text.is_empty())
            else {
                continue;
            };
            if seen.insert((path.text, path.place)) {
                env_file(path, name, loader, folder);
            }
        }
    }
}

/// Looks for the files of labels of services: nobody makes them by hand where a project is started.
fn label_files<'s>(whole: &Whole<'_, 's>, loader: &Loader<'_, 's>, folder: &str) {
    for (name, _, service) in &whole.services {
        for path in service.label_file.map_or(&[][..], |files| files.items) {
            if path.text.contains('$') {
                continue;
            }
            let why = match loader.files.env(&paths::joined(folder, path.text)) {
                Ok(_) => continue,
                Err(NoFile::Missing) => "is not there".to_owned(),
                Err(NoFile::Refused(why)) => why,
            };
            let message = format!("the label file {} {why}", shown(path.text));
            let finding = Finding::new(Rule::FileUnreadable, path.place, message);
            loader.findings.add(finding.service(name));
        }
    }
}

fn env_file<'s>(path: Text<'s>, service: &str, loader: &Loader<'_, 's>, folder: &str) {
    match loader.files.env(&paths::joined(folder, path.text)) {
        Ok(file) => {
            let read = dotenv::read(file.bytes);
            if let Some(problem) = read.problems.iter().find(|problem| problem.refused) {
                let line = file.bytes[..problem.at.start.min(file.bytes.len())].iter();
                let line = 1 + line.filter(|byte| **byte == b'\n').count();
                let message = format!(
                    "Compose cannot read line {line} of the env file {}",
                    shown(path.text)
                );
                let finding = Finding::new(Rule::FileUnreadable, path.place, message);
                loader.findings.add(finding.service(service));
            }
        }
        // It is often made by whoever starts the project.
        Err(NoFile::Missing) => {}
        Err(NoFile::Refused(why)) => {
            let message = format!("the env file {} {why}", shown(path.text));
            let finding = Finding::new(Rule::FileUnreadable, path.place, message);
            loader.findings.add(finding.service(service));
        }
    }
}

//! Files that services name: env files, and files of labels.

use rustc_hash::FxHashMap;

use super::check::Whole;
use super::load::Loader;
use super::{NoFile, ReadFile, Variables, paths};
use crate::compose::list::Either;
use crate::compose::scalar::Text;
use crate::compose::service::{EnvFile, Service};
use crate::dotenv;
use crate::finding::Finding;
use crate::rule::Rule;
use crate::values::interpolation::uses;
use crate::values::shown::shown;

/// Where a project stands.
#[derive(Clone, Copy)]
pub(super) struct Stand<'l> {
    /// The folder at which its paths start.
    pub folder: &'l str,
    /// The values of its variables.
    pub variables: &'l Variables,
}

/// Looks at all of them.
pub(super) fn check<'s>(whole: &Whole<'_, 's>, loader: &Loader<'_, 's>, stand: Stand) {
    let Stand { folder, variables } = stand;
    let look = Look {
        whole,
        loader,
        folder,
        variables,
    };
    look.at_env_files();
    look.at_label_files();
}

struct Look<'l, 'd, 'a, 's> {
    whole: &'l Whole<'d, 's>,
    loader: &'l Loader<'a, 's>,
    folder: &'l str,
    variables: &'l Variables,
}

impl<'s> Look<'_, '_, '_, 's> {
    /// Looks at the env files of services that are there: whether they are files, and whether Compose can read them.
    /// Each is read once, however many services name it.
    fn at_env_files(&self) {
        let mut known: FxHashMap<&str, Opened<'s>> = FxHashMap::default();
        for (name, _, service) in &self.whole.services {
            let mut before: Vec<&'s str> = Vec::new();
            for file in service.env_file.map_or(&[][..], |files| files.items) {
                let Some(path) = path_of(file).filter(|path| !path.text.contains('$')) else {
                    continue;
                };
                before.push(path.text);
                let opened = known
                    .entry(path.text)
                    .or_insert_with(|| self.open(path.text));
                if let Some(message) = self.format(file, opened) {
                    let finding = Finding::new(Rule::WrongType, message.0.place, message.1);
                    self.loader.findings.add(finding.service(name));
                }
                // As it is, nothing in it can be wrong.
                let is_raw = matches!(file, Either::Long(long) if long.format.is_some());
                if let Opened::Not(message) = opened {
                    self.add(path, message, name);
                } else if !is_raw && let Some(message) = self.wrong_in(&before, &known, service) {
                    self.add(path, &message, name);
                }
            }
        }
    }

    /// What is wrong in the last of the env files of a service, which sees those before it.
    fn wrong_in(
        &self,
        paths: &[&str],
        known: &FxHashMap<&str, Opened<'s>>,
        service: &Service<'s>,
    ) -> Option<String> {
        let (path, before) = paths.split_last()?;
        let Opened::Read(file) = known.get(path)? else {
            return None;
        };
        let is_before = |name: &str| {
            let mut files = before.iter().filter_map(|path| match known.get(path)? {
                Opened::Read(file) => Some(file),
                Opened::Missing | Opened::Not(_) => None,
            });
            files.any(|file| file.names.contains_key(name))
        };
        let is_own = |name: &str| {
            let map = service.environment.and_then(|all| all.get(name));
            map.is_some_and(|value| value.0.is_some())
        };
        let path = shown(path);
        let is_set = |need: &&Need| {
            let name = need.name.as_str();
            self.variables.reveal(name).is_some()
                || file.names.get(name).is_some_and(|at| *at < need.at)
                || is_before(name)
                || is_own(name)
        };
        let may_look = before.len() <= MOST_BEFORE;
        let mut needs = file.needs.iter().filter(|_| may_look);
        let needed = needs.find(|need| !is_set(need));
        match (file.unreadable, needed) {
            (Some(at), need) if need.is_none_or(|need| at <= need.at) => {
                let line = file.line(at);
                Some(format!(
                    "Compose cannot read line {line} of the env file {path}"
                ))
            }
            (_, Some(need)) => Some(format!(
                "line {} of the env file {path} needs the variable {}, which nothing sets",
                file.line(need.at),
                shown(&need.name)
            )),
            (_, None) => None,
        }
    }

    /// What is wrong with the way in which an env file shall be read. Compose looks at it where the file is there.
    fn format(&self, file: &EnvFileForm<'s>, opened: &Opened) -> Option<(Text<'s>, String)> {
        let Either::Long(long) = file else {
            return None;
        };
        let format = *long.format?;
        let is_known = matches!(format.text, "raw" | "") || format.text.contains('$');
        let may_be_left_out = long.required.is_some_and(|it| it.get() == Some(false));
        let is_left_out = matches!(opened, Opened::Missing) && may_be_left_out;
        let message = format!("expected `raw`, not {}", shown(format.text));
        (!is_known && !is_left_out).then_some((format, message))
    }

    /// Looks for the files of labels of services: nobody makes them by hand where a project is started.
    fn at_label_files(&self) {
        for (name, _, service) in &self.whole.services {
            for path in service.label_file().map_or(&[][..], |files| files.items) {
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

    fn open(&self, path: &str) -> Opened<'s> {
        match self.file(path) {
            _ if path.is_empty() => {
                Opened::Not("the path of the env file is an empty text".to_owned())
            }
            Ok(file) => Opened::Read(Taken::of(file.bytes)),
            // It is often made by whoever starts the project.
            Err(NoFile::Missing) => Opened::Missing,
            Err(NoFile::Refused(why)) => Opened::Not(format!("the env file {} {why}", shown(path))),
        }
    }
}

/// An env file of a service, in either form.
type EnvFileForm<'s> = Either<Text<'s>, EnvFile<'s>>;

fn path_of<'s>(file: &EnvFileForm<'s>) -> Option<Text<'s>> {
    match file {
        Either::Short(path) => Some(*path),
        Either::Long(long) => long.path.copied(),
    }
}

/// What became of an env file.
enum Opened<'s> {
    Missing,
    /// It cannot be read, as a message says.
    Not(String),
    Read(Taken<'s>),
}

/// What is asked of an env file for each service that names it.
struct Taken<'s> {
    bytes: &'s [u8],
    /// Where the first line begins that Compose cannot read, whatever is set.
    unreadable: Option<usize>,
    /// Where each name is first given a value.
    names: FxHashMap<&'s str, usize>,
    /// The variables that have to be set: `${NAME:?}`.
    needs: Vec<Need>,
}

/// A variable that has to be set, and where that is said.
struct Need {
    name: String,
    at: usize,
}

/// Before so many env files of one service is looked for a variable that has to be set.
const MOST_BEFORE: usize = 64;

/// So many variables that have to be set are looked at in one file: no file that a person writes has more.
const MOST_NEEDS: usize = 64;

impl<'s> Taken<'s> {
    fn of(bytes: &'s [u8]) -> Self {
        let read = dotenv::read(bytes);
        let refused = read.problems.iter().find(|problem| problem.refused);
        let mut taken = Taken {
            bytes,
            unreadable: refused.map(|problem| problem.at.start),
            names: FxHashMap::default(),
            needs: Vec::new(),
        };
        for entry in &read.entries {
            taken.take(entry);
        }
        taken
    }

    fn take(&mut self, entry: &dotenv::Entry<'s>) {
        let at = entry.name_at.start;
        let text = entry.value.reveal();
        if entry.form.is_interpolated() && text.contains('$') {
            match uses(text) {
                Err(_) => self.unreadable = Some(self.unreadable.map_or(at, |first| first.min(at))),
                Ok(all) => {
                    let needed = all
                        .iter()
                        .filter(|one| one.operator.is_some_and(|it| it.is_required()));
                    let room = MOST_NEEDS - self.needs.len();
                    self.needs.extend(needed.take(room).map(|one| Need {
                        name: one.name.to_owned(),
                        at,
                    }));
                }
            }
        }
        self.names.entry(entry.name).or_insert(at);
    }

    fn line(&self, at: usize) -> usize {
        let before = &self.bytes[..at.min(self.bytes.len())];
        1 + before.iter().filter(|byte| **byte == b'\n').count()
    }
}

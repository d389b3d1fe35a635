//! Files among those that were given that were made from the catalog: whether they are what it gives for the mode, and
//! what follows where they are not.

use std::path::Path;

use super::super::drift::{Change, Steps};
use super::super::{Run, env::Asked};
use crate::finding::Finding;
use crate::outputs::{compose_file, drift, env_file};
use crate::place::Place;
use crate::rule::Rule;
use crate::source::project::STANDARD_INPUT;
use crate::values::shown::shown;

/// A file that was given.
#[derive(Clone, Debug)]
pub struct Given<'s> {
    /// Its path, as it was given.
    pub path: String,
    /// Its number in places.
    pub number: u16,
    /// Its bytes.
    pub bytes: &'s [u8],
    /// Whether it is an env file.
    pub is_env: bool,
}

impl Given<'_> {
    /// How messages call it.
    fn name(&self) -> String {
        match self.path.as_str() {
            STANDARD_INPUT => "standard input".to_owned(),
            path => shown(path),
        }
    }

    /// Where it is told of as a whole: at its first line, or of an env file, whose lines nobody sees, in no line.
    fn whole(&self) -> Place {
        match self.is_env {
            false => self.first_line(),
            true => Place {
                len: 0,
                ..self.first_line()
            },
        }
    }

    /// Its first line.
    pub fn first_line(&self) -> Place {
        let line = self.bytes.split(|byte| *byte == b'\n').next();
        let len = line.unwrap_or_default().trim_ascii_end().len().max(1);
        Place {
            file: self.number,
            len: u16::try_from(len).unwrap_or(u16::MAX),
            start: 0,
        }
    }
}

/// What is wrong with a file that was made from the catalog.
pub struct Wrong {
    /// It.
    finding: Finding,
    /// The file.
    file: u16,
    /// The rules whose findings follow from it.
    follows: &'static [Rule],
}

/// What follows where a file was made for another mode: all of it is that mode's.
const OTHER_MODE: &[Rule] = &[
    Rule::ModeLeak,
    Rule::RoleForbidden,
    Rule::RoleRequired,
    Rule::UnknownService,
];

/// What follows where it was made for another host, or before the catalog changed: other services are in it. What nothing
/// lifts is told whatever its cause.
const OTHER_SERVICES: &[Rule] = &[Rule::RoleRequired, Rule::UnknownService];

impl Wrong {
    /// The finding, which is told in place of those that follow from it; these are taken out.
    pub fn lead(self, found: &mut Vec<Finding>) -> Finding {
        let Wrong {
            mut finding,
            file,
            follows,
        } = self;
        let before = found.len();
        found.retain(|one| {
            // What is missing stands in no file.
            let is_here = one.place.file == file || one.rule == Rule::RoleRequired;
            !(is_here && follows.contains(&one.rule))
        });
        finding.hides += before - found.len();
        finding
    }
}

/// What files are held against.
pub struct Maker<'a, 'r, 's> {
    /// The catalog.
    pub run: &'a Run<'r, 's>,
    /// The mode.
    pub asked: &'a Asked<'a, 's>,
}

/// What an env file is.
pub enum EnvFile {
    /// One that a person fills.
    Own,
    /// One that was made from the catalog, and what is wrong with it.
    Made(Option<Box<Wrong>>),
}

impl<'s> Maker<'_, '_, 's> {
    /// What is wrong with a Compose file that was made from the catalog; `None` where nothing is, or it was not.
    pub fn compose(&self, file: &Given<'s>) -> Option<Wrong> {
        let Asked { plan, setting, .. } = self.asked;
        let path = setting.path(plan);
        let wanted = || compose_file::text(plan, setting);
        let Some((mode, host)) = drift::made_for(file.bytes) else {
            // At its place it is held against the catalog without its head, too.
            return match self.is_at(file, &path) {
                true => self.judged(file, &path, wanted().as_bytes()),
                false => None,
            };
        };
        if mode != plan.mode {
            return Some(self.of_another(file, "mode", (mode, plan.mode), &path, OTHER_MODE));
        }
        if host != plan.host {
            return Some(self.of_another(file, "host", (host, plan.host), &path, OTHER_SERVICES));
        }
        self.judged(file, &path, wanted().as_bytes())
    }

    /// What an env file is. Of one of another mode the rules over env files say so.
    pub fn env(&self, file: &Given<'s>) -> EnvFile {
        let Asked { plan, setting, .. } = self.asked;
        let path = setting.env_path(plan);
        let wanted = env_file::text(plan, setting);
        let is_there = self.is_at(file, &path);
        match drift::made_for(file.bytes) {
            Some((mode, host)) if mode == plan.mode && host != plan.host => {
                let hosts = (host, plan.host);
                EnvFile::Made(Some(Box::new(self.of_another(
                    file,
                    "host",
                    hosts,
                    &path,
                    &[],
                ))))
            }
            // A copy in which somebody has written is a file that a person fills.
            _ if is_there || file.bytes == wanted.as_bytes() => {
                EnvFile::Made(self.judged(file, &path, wanted.as_bytes()).map(Box::new))
            }
            Some(_) | None => EnvFile::Own,
        }
    }

    fn of_another(
        &self,
        file: &Given,
        what: &str,
        (made, asked): (&str, &str),
        path: &str,
        follows: &'static [Rule],
    ) -> Wrong {
        let edited = match drift::judge(file.bytes) {
            Rule::GeneratedEdited => ", and edited by hand since",
            _ => "",
        };
        let message = format!(
            "{} was made for the {what} {}, not for {}{edited}",
            file.name(),
            shown(made),
            shown(asked)
        );
        let path = self.run.sources.shown_beside(path);
        Wrong {
            finding: Finding::new(Rule::GeneratedStale, file.whole(), message)
                .help(format!("say `--{what} {made}`, or give `{path}`")),
            file: file.number,
            follows,
        }
    }

    /// What is wrong with a file of the mode and the host.
    fn judged(&self, file: &Given, path: &str, wanted: &[u8]) -> Option<Wrong> {
        if wanted == file.bytes {
            return None;
        }
        let Asked { plan, setting, .. } = self.asked;
        let steps = Steps::of(self.run, setting, plan.host);
        let change = Change::of(file.bytes, wanted);
        let (rule, place, what, help) = match change {
            Change::LineEnds => (
                Rule::GeneratedEdited,
                file.whole(),
                "has CRLF line ends, and differs in nothing else from what the catalog gives",
                steps.line_ends(path, wanted),
            ),
            Change::Edited(place) => (
                Rule::GeneratedEdited,
                match place.len {
                    0 => file.whole(),
                    _ => Place {
                        file: file.number,
                        ..place
                    },
                },
                "was made from the catalog, and edited by hand since",
                steps.edited(path, wanted),
            ),
            Change::Stale => (
                Rule::GeneratedStale,
                file.whole(),
                "was made from the catalog, and is not what it gives now",
                steps.stale(path, Some(file.bytes), wanted),
            ),
        };
        let follows = match change {
            Change::Stale => OTHER_SERVICES,
            Change::LineEnds | Change::Edited(_) => &[],
        };
        let help = match self.is_at(file, path) {
            true => help,
            false => self.of_a_copy(change, path),
        };
        let message = format!("{} {what}", file.name());
        Some(Wrong {
            finding: Finding::new(rule, place, message).help(help),
            file: file.number,
            follows,
        })
    }

    /// What to do about a file that lies elsewhere: no build writes it.
    fn of_a_copy(&self, change: Change, path: &str) -> String {
        let Asked { plan, setting, .. } = self.asked;
        let again = setting.again(plan.host);
        let path = self.run.sources.shown_beside(path);
        let first = match change {
            Change::Edited(_) => "bring the change into the catalog, then take",
            Change::LineEnds | Change::Stale => "take",
        };
        format!("{first} `{path}`, which `composegen build{again}` writes")
    }

    /// Whether a file is the one at a path of the project.
    fn is_at(&self, file: &Given, path: &str) -> bool {
        let wanted = self.run.sources.root.join(path).canonicalize().ok();
        wanted.is_some() && Path::new(&file.path).canonicalize().ok() == wanted
    }
}

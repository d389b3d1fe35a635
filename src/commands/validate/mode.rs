//! Compose files as those of a mode: the catalog is read beside them, and says what belongs there.

use std::path::PathBuf;

use bumpalo::Bump;

use super::super::drift::{Steps, edited};
use super::super::env::{Asked, examine};
use super::super::{Exit, Failure, Run, choose, refuse, terminal::Terminal};
use crate::catalog::Catalog;
use crate::cli::{Common, EnvCheck, HostOnly, Validate};
use crate::finding::{Finding, Findings};
use crate::outputs::{compose_file, drift};
use crate::pipeline::{Loaded, load};
use crate::place::Place;
use crate::plan::project::ProjectPlan;
use crate::project::Files;
use crate::rule::Rule;
use crate::rules::of_mode::{self, OfMode};
use crate::source::Sources;
use crate::source::project::ProjectFiles;
use crate::values::shown::shown;

/// A catalog beside Compose files.
pub struct Beside<'s> {
    /// Its files.
    pub sources: Sources<'s>,
    /// What was read of them.
    pub loaded: Loaded<'s>,
}

impl<'s> Beside<'s> {
    /// Reads the catalog that a mode needs, or else a host.
    ///
    /// # Errors
    /// There is none, or what was chosen on the command line is none of its choices.
    pub fn read(
        words: &Validate,
        common: &Common,
        arena: &'s Bump,
    ) -> std::result::Result<Self, Failure> {
        let needs = match (&words.mode, &words.host) {
            (None, Some(host)) => format!("`--host {host}`"),
            (mode, _) => format!("`--mode {}`", mode.as_deref().unwrap_or_default()),
        };
        let help = match words.mode {
            Some(_) => "name its folder with `--catalog DIR`; without a catalog leave `--mode` out",
            None => {
                "write an amount, such as `--host 8GiB,4`, or name the catalog's folder with `--catalog DIR`"
            }
        };
        let sources = Sources::read(&common.catalog, arena).map_err(|error| Failure {
            message: format!("{needs} needs a catalog: {}", error.message),
            help: Some(help.to_owned()),
        })?;
        let mut loaded = load(&sources, arena);
        if loaded.parsed {
            choose(&mut loaded.catalog, &common.set)?;
        }
        Ok(Beside { sources, loaded })
    }

    /// The catalog.
    pub fn catalog(&self) -> &Catalog<'s> {
        &self.loaded.catalog
    }
}

/// A Compose file that was named.
#[derive(Clone, Copy)]
pub struct Given<'s> {
    /// Its number in places.
    number: u16,
    /// Its bytes.
    bytes: &'s [u8],
}

/// The Compose files that were named, to be looked at as a whole.
pub fn given<'s>(paths: &[String], files: &ProjectFiles<'s>) -> Vec<Given<'s>> {
    let read = paths.iter().filter_map(|path| files.compose(path).ok());
    read.map(|file| Given {
        number: file.number,
        bytes: file.bytes,
    })
    .collect()
}

/// What is to be judged.
pub struct Judging<'a, 's> {
    /// The catalog, with the project's files behind its own.
    pub run: &'a Run<'a, 's>,
    /// What was typed.
    pub words: &'a Validate,
    /// The host of the catalog; its default one where none was named.
    pub host: Option<&'a str>,
    /// What the files say, where they could be read.
    pub project: Option<&'a ProjectPlan<'s>>,
    /// The files that were named.
    pub files: &'a [Given<'s>],
}

/// How the mode judges the files.
pub enum Verdict<'s> {
    /// It cannot: something is wrong with the catalog, and that has been said.
    Refused(Exit),
    /// It has: these are the sources, where env files came to them.
    Judged(Option<Sources<'s>>),
}

impl<'s> Judging<'_, 's> {
    /// Judges the files.
    ///
    /// # Errors
    /// There is no such mode or host, or an env file cannot be read.
    pub fn judge(
        &self,
        findings: &Findings,
        terminal: &mut Terminal,
    ) -> std::result::Result<Verdict<'s>, Failure> {
        let run = self.run;
        if !run.loaded.parsed {
            return Ok(Verdict::Refused(refuse(run, terminal)));
        }
        let host = run.host(self.host)?;
        let Some(mode) = &self.words.mode else {
            return Ok(Verdict::Judged(None));
        };
        let modes = run.modes(std::slice::from_ref(mode))?;
        let (Some(host), [mode]) = (host, modes.as_slice()) else {
            return Ok(Verdict::Refused(refuse(run, terminal)));
        };
        let plans = run.plans(host);
        let judged = run.judge(&plans);
        let checked = judged.outcomes.first().and_then(Option::as_ref);
        let Some(checked) = checked else {
            run.tell(&judged.findings, Exit::Findings, true, terminal);
            terminal.talk("the files were not judged: mend the catalog first\n");
            return Ok(Verdict::Refused(Exit::Findings));
        };
        let plans = checked.plans();
        let Some(plan) = plans.iter().find(|plan| plan.mode == *mode) else {
            return Ok(Verdict::Judged(None));
        };
        let asked = Asked {
            plan,
            plans,
            setting: run.setting(host),
        };
        if let Some(project) = self.project {
            let of_mode = OfMode {
                catalog: run.catalog(),
                plans,
                plan,
                services: &project.whole.services,
                start: self.start(),
            };
            of_mode::check(&of_mode, findings);
        }
        for file in self.files {
            self.made(file, &asked)
                .into_iter()
                .for_each(|finding| findings.add(finding));
        }
        self.env_files(&asked, findings).map(Verdict::Judged)
    }

    /// The beginning of the first file.
    fn start(&self) -> Place {
        self.files
            .first()
            .map_or(Place::NOWHERE, |file| first_line(*file))
    }

    /// What is wrong with a file that was made from a catalog.
    fn made(&self, file: &Given<'s>, asked: &Asked<'_, 's>) -> Option<Finding> {
        let (plan, setting) = (asked.plan, &asked.setting);
        let (mode, host) = head(file.bytes)?;
        let path = setting.path(plan);
        if (mode, host) != (plan.mode, plan.host) {
            let (what, made, asked) = match mode == plan.mode {
                true => ("host", host, plan.host),
                false => ("mode", mode, plan.mode),
            };
            let message = format!(
                "this file was made for the {what} {}, not for {}",
                shown(made),
                shown(asked)
            );
            let finding = Finding::new(Rule::GeneratedStale, first_line(*file), message);
            let path = self.run.sources.shown_beside(&path);
            return Some(finding.help(format!("say `--{what} {made}`, or validate `{path}`")));
        }
        let wanted = compose_file::text(plan, setting, self.run.arena);
        let wanted = wanted.as_bytes();
        if wanted == file.bytes {
            return None;
        }
        let steps = Steps::of(self.run, setting, plan.host);
        Some(match drift::judge(file.bytes) {
            Rule::GeneratedEdited => {
                let place = match edited(file.bytes, wanted) {
                    whole if whole.len == 0 => first_line(*file),
                    place => Place {
                        file: file.number,
                        ..place
                    },
                };
                let message = "this file was made from the catalog, and edited by hand since";
                let finding = Finding::new(Rule::GeneratedEdited, place, message);
                finding.help(steps.edited(&path, wanted))
            }
            _ => {
                let message = "this file was made from the catalog, and is not what it gives now";
                let finding = Finding::new(Rule::GeneratedStale, first_line(*file), message);
                finding.help(steps.stale(&path, Some(file.bytes), wanted))
            }
        })
    }

    /// Judges the env files that a person fills; what was made from the catalog is none of them.
    fn env_files(
        &self,
        asked: &Asked<'_, 's>,
        findings: &Findings,
    ) -> std::result::Result<Option<Sources<'s>>, Failure> {
        let run = self.run;
        let made = run.sources.root.join(asked.setting.env_path(asked.plan));
        let made = made.canonicalize().ok();
        let is_own = |path: &&PathBuf| made.is_none() || path.canonicalize().ok() != made;
        let own: Vec<PathBuf> = self
            .words
            .env_files
            .iter()
            .filter(is_own)
            .cloned()
            .collect();
        if own.is_empty() {
            return Ok(None);
        }
        let words = EnvCheck {
            mode: asked.plan.mode.to_owned(),
            host: HostOnly { host: None },
            env_files: own,
        };
        let examined = examine(run, &words, asked, &|_| None)?;
        for finding in examined.findings {
            findings.add(finding);
        }
        Ok(examined.sources)
    }
}

fn first_line(file: Given) -> Place {
    let line = file.bytes.split(|byte| *byte == b'\n').next();
    let len = line.unwrap_or_default().trim_ascii_end().len().max(1);
    Place {
        file: file.number,
        len: u16::try_from(len).unwrap_or(u16::MAX),
        start: 0,
    }
}

/// The mode and the host for which a file was made from a catalog, as its head says.
fn head(bytes: &[u8]) -> Option<(&str, &str)> {
    let mut lines = bytes.split(|byte| *byte == b'\n');
    let mut line = || std::str::from_utf8(lines.next()?).ok();
    let (title, made) = (line()?, line()?);
    let (_, rest) = title.strip_prefix("# ")?.split_once(": the mode ")?;
    let (mode, rest) = rest.split_once(" (class ")?;
    let (_, host) = rest.split_once(") on the host ")?;
    let is_made = made.starts_with("# Made by composegen ");
    Some((mode, host.trim_end().strip_suffix('.')?)).filter(|_| is_made)
}

#[cfg(test)]
mod tests {
    use super::head;

    #[test]
    fn the_head_of_a_file_says_for_which_mode_and_host_it_was_made() {
        let text = "# demo: the mode prod (class production) on the host nuc.\n# Made by composegen from catalog/. Do\n";
        assert_eq!(head(text.as_bytes()), Some(("prod", "nuc")));
        for text in [
            "",
            "services: {}\n",
            "# demo: the mode prod (class production) on the host nuc.\n# by hand\n",
            "# the mode prod\n# Made by composegen from catalog/.\n",
        ] {
            assert_eq!(head(text.as_bytes()), None, "{text}");
        }
    }
}

//! Compose files as those of a mode: the catalog is read beside them, and says what belongs there.

use std::path::PathBuf;

use bumpalo::Bump;

use super::super::env::{Asked, examine, own_env_file};
use super::super::{Exit, Failure, Run, choose, refuse, terminal::Terminal};
use super::made::{EnvFile, Given, Maker};
use crate::catalog::Catalog;
use crate::cli::{Common, EnvCheck, HostOnly, Validate};
use crate::compose::list::Either;
use crate::dotenv;
use crate::finding::{Finding, Findings};
use crate::pipeline::{Loaded, load};
use crate::place::Place;
use crate::plan::PlannedService;
use crate::plan::project::ProjectPlan;
use crate::project::{Files, Project, ReadFile, joined};
use crate::rule::Rule;
use crate::rules::env::filled;
use crate::rules::leak_in_files::FROM_ENV_FILE;
use crate::rules::of_mode::{self, OfMode, ServiceEnvFile};
use crate::source::Sources;
use crate::values::interpolation::uses;

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

/// The Compose files and env files that were given, to be looked at as a whole.
pub fn given<'s>(
    paths: &[String],
    is_env: bool,
    read: &dyn Fn(&str) -> Option<ReadFile<'s>>,
) -> Vec<Given<'s>> {
    let read = paths.iter().filter_map(|path| {
        let ReadFile { number, bytes } = read(path)?;
        let path = path.clone();
        Some(Given {
            path,
            number,
            bytes,
            is_env,
        })
    });
    read.collect()
}

/// The env files of a project's services that are there and can be read.
pub fn service_env_files<'s>(
    plan: &ProjectPlan<'s>,
    folder: &str,
    files: &dyn Files<'s>,
) -> Vec<ServiceEnvFile<'s>> {
    let of_service = |service: &PlannedService<'s>| {
        let list = service.service.env_file.map_or(&[][..], |list| list.items);
        let paths = list.iter().filter_map(|file| match file {
            Either::Short(path) => Some(path.text),
            Either::Long(long) => long.path.map(|path| path.text),
        });
        let named = paths.filter(|path| !path.is_empty() && !path.contains('$'));
        let name = service.name;
        named.map(move |path| (name, path)).collect::<Vec<_>>()
    };
    let named = plan.whole.services.iter().flat_map(of_service);
    let read = named.filter_map(|(service, path)| {
        let ReadFile { number, bytes } = files.env(&joined(folder, path)).ok()?;
        Some(ServiceEnvFile {
            service,
            number,
            file: dotenv::read(bytes),
        })
    });
    read.collect()
}

/// What is to be judged.
pub struct Judging<'a, 's> {
    /// The catalog, with the project's files behind its own.
    pub run: &'a Run<'a, 's>,
    /// What was typed.
    pub words: &'a Validate,
    /// The host of the catalog; its default one where none was named.
    pub host: Option<&'a str>,
    /// What the files say.
    pub project: &'a Project<'s>,
    /// Their plan, where they could be read.
    pub plan: Option<&'a ProjectPlan<'s>>,
    /// The files that were given.
    pub files: &'a [Given<'s>],
    /// The env files that were given.
    pub env_files: &'a [Given<'s>],
    /// The env files of services.
    pub service_env_files: &'a [ServiceEnvFile<'s>],
}

/// How the mode judges the files.
pub enum Verdict<'s> {
    /// It cannot: something is wrong with the catalog, and that has been said.
    Refused(Exit),
    /// It has: these are the sources, where env files came to them.
    Judged(Option<Sources<'s>>),
}

/// The most findings that are looked through for what follows from another one.
const MOST_LOOKED_AT: usize = 10_000;

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
        self.judge_as(&asked, findings).map(Verdict::Judged)
    }

    /// Judges the files as those of the mode. A cause is told in place of what follows from it.
    fn judge_as(
        &self,
        asked: &Asked<'_, 's>,
        findings: &Findings,
    ) -> std::result::Result<Option<Sources<'s>>, Failure> {
        let mut found = self.of_mode(asked, findings);
        let maker = Maker {
            run: self.run,
            asked,
        };
        let wrong = self.files.iter().filter_map(|file| maker.compose(file));
        let mut causes: Vec<Finding> = wrong.map(|wrong| wrong.lead(&mut found)).collect();
        let mut own = Vec::new();
        for file in self.env_files {
            match maker.env(file) {
                EnvFile::Own => own.push(PathBuf::from(&file.path)),
                EnvFile::Made(None) => {}
                EnvFile::Made(Some(wrong)) => {
                    let mut cause = wrong.lead(&mut found);
                    take_brought(&mut cause, &mut found);
                    causes.push(cause);
                }
            }
        }
        let (of_env_files, sources) = self.of_env_files(own, asked)?;
        causes.extend(led(of_env_files, &mut found));
        let all = causes.into_iter().chain(found);
        all.for_each(|finding| findings.add(finding));
        Ok(sources)
    }

    /// What the catalog says of the services and their texts. What is too much is counted at once.
    fn of_mode(&self, asked: &Asked<'_, 's>, findings: &Findings) -> Vec<Finding> {
        let (Some(plan), Some(tree)) = (self.plan, &self.project.tree) else {
            return Vec::new();
        };
        let found = Findings::at_most(MOST_LOOKED_AT);
        let catalog = self.run.catalog();
        let plans = asked.plans.iter();
        let env_files: Vec<_> = plans
            .filter_map(|plan| Some((plan.mode, own_env_file(self.run, plan)?)))
            .collect();
        let is_secret = |name: &str| {
            let declared = catalog.variables.get(name);
            declared.is_some_and(|variable| variable.value.is_secret())
        };
        let filled = |mode: &str, text: &str| {
            let (_, file) = env_files.iter().find(|(name, _)| *name == mode)?;
            let uses = uses(text).ok()?;
            match uses.iter().any(|usage| is_secret(usage.name)) {
                true => None,
                false => filled(file, text),
            }
        };
        of_mode::check(
            &OfMode {
                catalog,
                plans: asked.plans,
                plan: asked.plan,
                services: &plan.whole.services,
                tree,
                written: &self.project.interpolated,
                env_files: self.service_env_files,
                came_in: &|place| self.project.revealed.is_at(place),
                filled: &filled,
                start: self.files.first().map_or(Place::NOWHERE, Given::first_line),
            },
            &found,
        );
        (0..found.untold()).for_each(|_| findings.add_untold());
        found.take_all()
    }

    /// What is wrong with the env files that a person fills.
    fn of_env_files(
        &self,
        own: Vec<PathBuf>,
        asked: &Asked<'_, 's>,
    ) -> std::result::Result<(Vec<Finding>, Option<Sources<'s>>), Failure> {
        if own.is_empty() {
            return Ok((Vec::new(), None));
        }
        let words = EnvCheck {
            mode: asked.plan.mode.to_owned(),
            host: HostOnly { host: None },
            env_files: own,
        };
        let examined = examine(self.run, &words, asked, &|_| None)?;
        Ok((examined.findings, examined.sources))
    }
}

/// The findings of env files, told in place of those in the texts into which their values came.
fn led(mut of_env_files: Vec<Finding>, found: &mut Vec<Finding>) -> Vec<Finding> {
    let is_cause = |finding: &&mut Finding| {
        matches!(
            finding.rule,
            Rule::EnvDerived | Rule::EnvModeLeak | Rule::EnvModeMismatch
        )
    };
    if let Some(cause) = of_env_files.iter_mut().find(is_cause) {
        take_brought(cause, found);
    }
    of_env_files
}

/// Takes out what only came from an env file, which is told.
fn take_brought(cause: &mut Finding, found: &mut Vec<Finding>) {
    let before = found.len();
    found.retain(|one| one.way.as_deref() != Some(FROM_ENV_FILE));
    cause.hides += before - found.len();
}

//! `composegen validate`: what is wrong with Compose files that somebody else wrote, without Docker and without a
//! catalog; with `--mode`, whether they are what the catalog wants of a mode.

mod asked;
mod found;
mod host;
mod made;
mod mode;
mod plain;
mod told;

use std::path::Path;

use bumpalo::Bump;

use super::{Failure, Result, Run, terminal::Terminal, tracked};
use crate::cli::{CATALOG, Common, Form, Validate};
use crate::files::Tree;
use crate::finding::{Finding, Findings, Scale, merged};
use crate::pipeline::hint_commas;
use crate::plan::project::{self, ProjectPlan};
use crate::project::{Files, Project, load};
use crate::rule;
use crate::rules::check_project;
use crate::source::project::ProjectFiles;
use crate::values::shown::shown;
pub(super) use asked::{Wanted, asked, taken_here};
pub(super) use found::{lone_override, of_compose};
use host::Machine;
use mode::{Beside, Judging, Verdict};
pub(super) use plain::{Plain, plain};
use told::Told;

/// The most findings that are told: what has more is no Compose file that a person writes.
const MOST_FINDINGS: usize = 250;

/// Validates.
pub fn run(words: &Validate, common: &Common, terminal: &mut Terminal) -> Result {
    if let (None, Some((option, choice))) = (&words.mode, common.set.first()) {
        return Err(chooses_nothing(option, choice));
    }
    let arena = Bump::new();
    let host = host::Asked::of(words, &arena)?;
    let is_asked = words.mode.is_some() || host.name().is_some();
    if !is_asked && common.catalog != Path::new(CATALOG) {
        return Err(reads_nothing(&common.catalog));
    }
    let catalog = match is_asked {
        true => Some(Beside::read(words, common, &arena)?),
        false => None,
    };
    let others = catalog.as_ref().map_or(&[][..], |it| &it.sources.files);
    let files = ProjectFiles::behind(others, &arena);
    let machine = host.machine(catalog.as_ref(), &arena)?;
    let wanted = asked(words, &files)?;
    let heard = Heard::new(said(words));
    for finding in &wanted.unreadable {
        heard.read.add(finding.clone());
    }
    let given = mode::given(&wanted.files, false, &|path| files.compose(path).ok());
    let given_env = match words.env_files.is_empty() {
        true => Vec::new(),
        false => mode::given(&wanted.env_files, true, &|path| files.env(path).ok()),
    };
    let project = load(wanted.project(), &files, &arena, &heard.read);
    if common.format != Form::Json {
        terminal.talk(&wanted.told(&files));
    }
    let plan = planned(&project, machine, &arena, &heard.judged);
    let service_env_files = match (&words.mode, &plan) {
        (Some(_), Some(plan)) => mode::service_env_files(plan, &wanted.folder, &files),
        _ => Vec::new(),
    };
    let mut found = match &plan {
        Some(plan) => check_project(plan, heard.read.take_all(), &heard.judged),
        None => heard.read.take_all(),
    };
    let sources = match catalog {
        None => files.into_sources(Path::new(&wanted.folder)),
        Some(Beside { sources, loaded }) => {
            let sources = files.into_sources_behind(sources);
            let run = Run {
                arena: &arena,
                sources: &sources,
                tree: &Tree::Disk(sources.root.clone()),
                loaded: &loaded,
                format: common.format.audience(),
                form: common.format,
                command: "validate",
                set: &common.set,
            };
            let judging = Judging {
                run: &run,
                words,
                host: host.name(),
                project: &project,
                plan: plan.as_ref(),
                files: &given,
                env_files: &given_env,
                service_env_files: &service_env_files,
            };
            match judging.judge(&heard.of_mode, terminal)? {
                Verdict::Refused(exit) => return Ok(exit),
                Verdict::Judged(more) => more.unwrap_or(sources),
            }
        }
    };
    for finding in tracked::findings(&sources) {
        heard.of_mode.add(finding);
    }
    found.extend(heard.of_mode.take_all());
    hint_commas(&mut found, &sources);
    let texts = sources.texts();
    project.revealed.hide(&mut found, &texts);
    let told = heard.told(found, words.policy);
    let is_unread = project.document.is_none();
    Ok(told.tell(&sources, common.format, is_unread, terminal))
}

/// What was chosen of a catalog that nobody asks.
fn chooses_nothing(option: &str, choice: &str) -> Failure {
    Failure {
        message: format!(
            "`--set {option}={choice}` chooses for a mode of the catalog, and no mode is named"
        ),
        help: Some("name it with `--mode MODE`, or leave `--set` out".to_owned()),
    }
}

/// A catalog that nobody asks.
fn reads_nothing(catalog: &Path) -> Failure {
    Failure {
        message: format!(
            "{} says what belongs into a mode or fits a host, and none is named",
            shown(&catalog.to_string_lossy())
        ),
        help: Some(
            "name one with `--mode MODE` or `--host HOST`, or leave `--catalog` out".to_owned(),
        ),
    }
}

/// What is found, by the step that finds it: each has room of its own.
struct Heard {
    /// When the files are read.
    read: Findings,
    /// By the rules over their plan.
    judged: Findings,
    /// By what the catalog says of the mode.
    of_mode: Findings,
}

impl Heard {
    fn new(beside: rule::Beside) -> Self {
        let weighed = |invalid_is_told| {
            let scale = Scale {
                beside,
                invalid_is_told,
            };
            Findings::weighed(scale, MOST_FINDINGS)
        };
        Heard {
            read: weighed(false),
            judged: weighed(true),
            of_mode: weighed(false),
        }
    }

    /// What is told of all that was found.
    fn told(&self, found: Vec<Finding>, policy: bool) -> Told {
        let mut told = Told::of(merged(found), policy);
        for findings in [&self.read, &self.judged, &self.of_mode] {
            told.untold += findings.untold();
            told.opinions += findings.untold_opinions();
        }
        told
    }
}

/// What is said beside the files.
fn said(words: &Validate) -> rule::Beside {
    rule::Beside {
        mode: words.mode.is_some(),
        host: words.host.is_some(),
        env_file: !words.env_files.is_empty(),
    }
}

/// The plan of a project, where it could be read.
fn planned<'s>(
    project: &Project<'s>,
    host: Machine<'s>,
    arena: &'s Bump,
    findings: &Findings,
) -> Option<ProjectPlan<'s>> {
    let asked = project::Asked {
        document: project.document.as_ref()?,
        defaults: &project.defaults,
        interpolated: &project.interpolated,
        profiles: &project.profiles,
        host,
    };
    Some(ProjectPlan::new(&asked, arena, findings))
}

//! `composegen validate`: what is wrong with Compose files that somebody else wrote, without Docker and without a
//! catalog; with `--mode`, whether they are what the catalog wants of a mode.

mod asked;
mod host;
mod mode;
mod plain;

use std::path::Path;

use bumpalo::Bump;

use super::{Exit, Result, Run, Said, exit_of, terminal::Terminal, tracked};
use crate::cli::{Common, Form, Validate};
use crate::files::Tree;
use crate::finding::{Finding, Findings, Scale, merged};
use crate::pipeline::hint_commas;
use crate::plan::project::{self, ProjectPlan};
use crate::project::{Project, load};
use crate::rule::{self, Weight};
use crate::rules::check_project;
use crate::source::Sources;
use crate::source::project::ProjectFiles;
use crate::values::prose::plural;
pub(super) use asked::{Wanted, asked, taken_here};
use host::Machine;
use mode::{Beside, Judging, Verdict};
pub(super) use plain::{Plain, plain};

/// The most findings that are told: what has more is no Compose file that a person writes.
const MOST_FINDINGS: usize = 250;

/// Validates.
pub fn run(words: &Validate, common: &Common, terminal: &mut Terminal) -> Result {
    let arena = Bump::new();
    let host = host::Asked::of(words, &arena)?;
    let catalog = match words.mode.is_some() || host.name().is_some() {
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
    let given = mode::given(&wanted.files, &files);
    let project = load(wanted.project(), &files, &arena, &heard.read);
    let plan = planned(&project, machine, &arena, &heard.judged);
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
                project: plan.as_ref(),
                files: &given,
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
    for finding in &mut found {
        project.revealed.hide(finding, &texts);
    }
    let told = heard.told(found, words.policy);
    let is_unread = project.document.is_none();
    Ok(told.tell(&sources, common.format, is_unread, terminal))
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

/// What is told.
struct Told {
    findings: Vec<Finding>,
    /// How many that are wrong are not told, since there are too many.
    untold: usize,
    /// How many matters of opinion are not told.
    opinions: usize,
    /// Whether these were asked for.
    policy: bool,
}

impl Told {
    /// Of all that was found; what is wrong comes before what is a matter of opinion where there is not room for all.
    fn of(found: Vec<Finding>, policy: bool) -> Self {
        let is_opinion = |finding: &Finding| finding.weight == Some(Weight::Policy);
        let (mut opinions, mut findings): (Vec<_>, Vec<_>) =
            found.into_iter().partition(is_opinion);
        let untold = findings.len().saturating_sub(MOST_FINDINGS);
        findings.truncate(MOST_FINDINGS);
        let room = if policy {
            MOST_FINDINGS - findings.len()
        } else {
            0
        };
        let hidden = opinions.len().saturating_sub(room);
        opinions.truncate(room);
        findings.extend(opinions);
        Told {
            findings: merged(findings),
            untold,
            opinions: hidden,
            policy,
        }
    }
}

impl Told {
    /// Says it, and what is not said; gives how the run ends.
    fn tell(
        &self,
        sources: &Sources,
        form: Form,
        is_unread: bool,
        terminal: &mut Terminal,
    ) -> Exit {
        let exit = match self.policy && !self.findings.is_empty() {
            true => Exit::Findings,
            false => exit_of(&self.findings),
        };
        let said = Said {
            findings: &self.findings,
            sources,
            command: "validate",
            exit,
        };
        said.tell(form, true, terminal);
        if matches!(form, Form::Human | Form::Github) {
            terminal.talk(&self.rest(is_unread));
        }
        exit
    }

    /// What is not told, a line each.
    fn rest(&self, is_unread: bool) -> String {
        let mut text = String::new();
        if self.untold > 0 {
            let more = plural(self.untold, "finding");
            text.push_str(&format!("{more} more not shown: mend these first\n"));
        } else if is_unread && !self.findings.is_empty() {
            text.push_str("nothing else was checked: mend these first\n");
        }
        match (self.opinions, self.policy) {
            (0, _) => {}
            (1, false) => text.push_str("1 matter of policy not shown: --policy shows it\n"),
            (count, false) => {
                text.push_str(&format!(
                    "{count} matters of policy not shown: --policy shows them\n"
                ));
            }
            (count, true) => text.push_str(&format!(
                "{} of policy more not shown\n",
                plural(count, "matter")
            )),
        }
        text
    }
}

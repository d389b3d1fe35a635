//! `composegen validate`: what is wrong with Compose files that somebody else wrote, without Docker and without a
//! catalog; with `--mode`, whether they are what the catalog wants of a mode.

mod asked;
mod host;

use std::path::Path;

use bumpalo::Bump;

use super::{Exit, Result, Said, exit_of, terminal::Terminal};
use crate::cli::{Common, Form, Validate};
use crate::finding::{Finding, Findings, Scale, merged};
use crate::plan::project::{self, ProjectPlan};
use crate::project::{Asked, Project, load};
use crate::rule::{Beside, Weight};
use crate::rules::check_project;
use crate::source::Sources;
use crate::source::project::ProjectFiles;
use crate::values::prose::plural;
use asked::asked;

/// The most findings that are told: what has more is no Compose file that a person writes.
const MOST_FINDINGS: usize = 250;

/// Validates.
pub fn run(words: &Validate, common: &Common, terminal: &mut Terminal) -> Result {
    let arena = Bump::new();
    let files = ProjectFiles::new(&arena);
    let wanted = asked(words, &files)?;
    let host = host::asked(words, &arena)?;
    let beside = Beside {
        mode: words.mode.is_some(),
        host: words.host.is_some(),
        env_file: !words.env_files.is_empty(),
    };
    let scale = Scale {
        beside,
        of_plan: false,
    };
    let findings = Findings::weighed(scale, MOST_FINDINGS);
    let asked = Asked {
        files: &wanted.files,
        folder: &wanted.folder,
        variables: wanted.variables,
    };
    let project = load(asked, &files, &arena, &findings);
    let judged = Findings::weighed(
        Scale {
            of_plan: true,
            ..scale
        },
        MOST_FINDINGS,
    );
    let mut found = judge(&project, host, &arena, findings.take_all(), &judged);
    for finding in &mut found {
        project.revealed.hide(finding);
    }
    let mut told = Told::of(merged(found), words.policy);
    told.untold += findings.untold() + judged.untold();
    told.opinions += findings.untold_opinions() + judged.untold_opinions();
    let sources = files.into_sources(Path::new(&wanted.folder));
    Ok(told.tell(
        &sources,
        common.format,
        project.document.is_none(),
        terminal,
    ))
}

/// What was told when a project was read, and what the rules find in its plan.
fn judge<'s>(
    project: &Project<'s>,
    host: host::Machine<'s>,
    arena: &'s Bump,
    told: Vec<Finding>,
    findings: &Findings,
) -> Vec<Finding> {
    let Some(document) = &project.document else {
        return told;
    };
    let asked = project::Asked {
        document,
        defaults: &project.defaults,
        interpolated: &project.interpolated,
        profiles: &project.profiles,
        host,
    };
    let plan = ProjectPlan::new(&asked, arena, findings);
    check_project(&plan, told, findings)
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

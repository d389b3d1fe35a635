//! What is told of all that was found, and how much there is besides.

use super::super::{Exit, Said, exit_of, terminal::Terminal};
use super::MOST_FINDINGS;
use crate::cli::Form;
use crate::finding::{Finding, merged};
use crate::report::json::NotShown;
use crate::rule::Weight;
use crate::source::Sources;
use crate::values::prose::plural;

/// What is told.
pub struct Told {
    pub findings: Vec<Finding>,
    /// How many that are wrong are not told, since there are too many.
    pub untold: usize,
    /// How many matters of opinion are not told.
    pub opinions: usize,
    /// Whether these were asked for.
    pub policy: bool,
}

impl Told {
    /// Of all that was found; what is wrong comes before what is a matter of opinion where there is not room for all.
    pub fn of(found: Vec<Finding>, policy: bool) -> Self {
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
    pub fn tell(
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
            not_shown: Some(self.not_shown()),
        };
        said.tell(form, true, terminal);
        if form != Form::Json {
            terminal.talk(&self.rest(is_unread));
        }
        exit
    }

    fn not_shown(&self) -> NotShown {
        NotShown {
            policy: self.opinions,
            following: self.findings.iter().map(|finding| finding.hides).sum(),
            beyond: self.untold,
        }
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

//! The steps of a deployment. Before each, a journal says which one comes, so that after an end at any moment the next
//! run knows what was under way; and what is to be done then.

use serde::{Deserialize, Serialize};

use super::moment::span;

/// A step that changes something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Step {
    /// Makes folders, networks and volumes that must be there before.
    Setup,
    /// Keeps what is needed to go back.
    Snapshot,
    /// Stops another mode.
    Stop,
    /// Starts containers.
    Up,
    /// Looks whether they are what was planned.
    Verify,
    /// Writes down that the release is good.
    Record,
    /// Starts the release before again.
    Rollback,
    /// Takes containers down.
    Down,
}

impl Step {
    /// What was under way, as a sentence goes on: "while containers started".
    pub fn during(self) -> &'static str {
        match self {
            Step::Setup => "before any container was touched",
            Step::Snapshot => "before any container was touched",
            Step::Stop => "while the other mode was stopped",
            Step::Up => "while containers started",
            Step::Verify => "while what had started was looked at",
            Step::Record => "when all was up, before that was written down",
            Step::Rollback => "while it went back",
            Step::Down => "while containers were taken down",
        }
    }
}

/// A process that a journal names. A number is given again; the moment of the start tells who it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Process {
    /// Its number.
    pub pid: u32,
    /// When it was started, as the system counts; 0 where that cannot be told.
    pub start: u64,
}

/// What somebody asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Work {
    /// A new release.
    Deploy,
    /// An earlier release.
    Rollback,
    /// An end of everything that runs.
    Down,
}

/// What is under way.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Journal {
    /// The form of the file.
    pub version: u32,
    /// What was asked for.
    pub work: Work,
    /// The release that is to run, or that is taken down; 0 where none is known.
    pub release: u32,
    /// The release that ran before, to go back to.
    pub previous: Option<u32>,
    /// The step that comes or is under way.
    pub step: Step,
    /// When it began, in seconds since 1970.
    pub since: u64,
    /// Docker, while it works for this.
    pub child: Option<Process>,
    /// Modes that were stopped for this, to be started again where it fails.
    pub stopped: Vec<String>,
}

/// What is to be done after an interruption.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Recovery {
    /// Nothing was touched: the journal is forgotten.
    Forget,
    /// The release is up and good: that is written down.
    Record(u32),
    /// What runs is not known: this release is started again, or nothing may run.
    Restore(Option<u32>),
}

impl Journal {
    /// What is to be done if this is found and nobody works on it any more.
    pub fn recovery(&self) -> Recovery {
        match self.step {
            Step::Setup | Step::Snapshot => Recovery::Forget,
            Step::Record => Recovery::Record(self.release),
            Step::Stop | Step::Up | Step::Verify | Step::Rollback => {
                Recovery::Restore(self.previous)
            }
            Step::Down => Recovery::Restore(None),
        }
    }

    /// Whether the call that was under way only ends containers: it does not take long, and is best left to its end.
    pub fn only_ends(&self) -> bool {
        match self.step {
            Step::Stop | Step::Down => true,
            Step::Setup | Step::Snapshot | Step::Up | Step::Verify | Step::Record => false,
            Step::Rollback => false,
        }
    }

    /// What was interrupted, as a sentence without its end.
    pub fn told(&self, now: u64) -> String {
        let number = self.release;
        let what = match self.work {
            Work::Deploy => format!("the deployment of release {number}"),
            Work::Rollback => format!("going back to release {number}"),
            Work::Down => "taking the mode down".to_owned(),
        };
        let ago = span(now.saturating_sub(self.since));
        format!("{what} was interrupted, {} ({ago} ago)", self.step.during())
    }

    /// What a person can do about it, as words that follow `told`.
    pub fn ways_out(&self, mode: &str) -> String {
        match (self.recovery(), self.work) {
            (Recovery::Forget, _) => "nothing has to be undone".to_owned(),
            (Recovery::Record(number), _) => {
                format!("release {number} runs and is good, which the next command writes down")
            }
            (Recovery::Restore(_), Work::Down) if self.previous.is_none() => {
                format!(
                    "`composegen down {mode}` finishes it, `composegen deploy {mode}` starts the mode anew"
                )
            }
            (Recovery::Restore(_), Work::Down) => {
                format!(
                    "`composegen down {mode}` finishes it, `composegen rollback {mode}` undoes it"
                )
            }
            (Recovery::Restore(_), Work::Deploy | Work::Rollback) => {
                format!(
                    "`composegen rollback {mode}` undoes it, `composegen deploy {mode}` deploys anew"
                )
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn journal(step: Step, release: u32, previous: Option<u32>) -> Journal {
        Journal {
            version: 1,
            work: Work::Deploy,
            release,
            previous,
            step,
            since: 1000,
            child: None,
            stopped: Vec::new(),
        }
    }

    #[test]
    fn every_step_says_what_comes_after_its_interruption() {
        for (step, previous, expected) in [
            (Step::Setup, Some(3), Recovery::Forget),
            (Step::Snapshot, Some(3), Recovery::Forget),
            (Step::Stop, Some(3), Recovery::Restore(Some(3))),
            (Step::Up, Some(3), Recovery::Restore(Some(3))),
            (Step::Up, None, Recovery::Restore(None)),
            (Step::Verify, Some(3), Recovery::Restore(Some(3))),
            (Step::Record, Some(3), Recovery::Record(4)),
            (Step::Rollback, Some(3), Recovery::Restore(Some(3))),
            (Step::Down, Some(3), Recovery::Restore(None)),
        ] {
            assert_eq!(journal(step, 4, previous).recovery(), expected, "{step:?}");
        }
    }

    #[test]
    fn says_what_was_interrupted() {
        let told = |work, step| {
            let journal = Journal {
                work,
                ..journal(step, 4, None)
            };
            journal.told(1120)
        };
        assert_eq!(
            told(Work::Deploy, Step::Up),
            "the deployment of release 4 was interrupted, while containers started (2 min ago)"
        );
        assert_eq!(
            told(Work::Rollback, Step::Verify),
            "going back to release 4 was interrupted, while what had started was looked at (2 min ago)"
        );
        assert_eq!(
            told(Work::Down, Step::Down),
            "taking the mode down was interrupted, while containers were taken down (2 min ago)"
        );
    }

    #[test]
    fn says_what_can_be_done_about_it() {
        let out = |work, step, previous| {
            let journal = Journal {
                work,
                ..journal(step, 4, previous)
            };
            journal.ways_out("test")
        };
        for (work, step, previous, expected) in [
            (
                Work::Deploy,
                Step::Setup,
                Some(3),
                "nothing has to be undone",
            ),
            (
                Work::Deploy,
                Step::Up,
                Some(3),
                "`composegen rollback test` undoes it, `composegen deploy test` deploys anew",
            ),
            (
                Work::Deploy,
                Step::Record,
                Some(3),
                "release 4 runs and is good, which the next command writes down",
            ),
            (
                Work::Down,
                Step::Down,
                Some(4),
                "`composegen down test` finishes it, `composegen rollback test` undoes it",
            ),
            (
                Work::Down,
                Step::Down,
                None,
                "`composegen down test` finishes it, `composegen deploy test` starts the mode anew",
            ),
        ] {
            assert_eq!(out(work, step, previous), expected, "{work:?} {step:?}");
        }
    }

    #[test]
    fn is_written_and_read_in_a_form_that_stays() {
        let text = serde_json::to_string(&journal(Step::Up, 4, Some(3))).unwrap();
        assert_eq!(
            text,
            r#"{"version":1,"work":"deploy","release":4,"previous":3,"step":"up","since":1000,"child":null,"stopped":[]}"#
        );
        assert_eq!(
            serde_json::from_str::<Journal>(&text).unwrap(),
            journal(Step::Up, 4, Some(3))
        );
    }
}

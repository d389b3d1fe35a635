//! A release is started, waited for and looked at.

use std::collections::BTreeMap;
use std::thread;
use std::time::{Duration, Instant};

use super::progress::Progress;
use super::session::Session;
use crate::deploy::changes::to_replace;
use crate::deploy::facts::Container;
use crate::deploy::journal::Journal;
use crate::deploy::moment::span;
use crate::deploy::release::Release;
use crate::deploy::standing::{Before, Standing, failed, standings, waiting};
use crate::deploy::verify::differences;
use crate::docker::compose::Project;
use crate::docker::process::Running;
use crate::docker::{Trouble, host, interrupt};
use crate::values::prose::{list_quoted, plural};
use crate::values::shown::shown;

/// How often containers are looked at.
const PULSE: Duration = Duration::from_millis(250);

/// Why a release is not up.
#[derive(Clone, Debug, Default)]
pub struct Fall {
    /// Sentences, the first of which says it.
    pub why: Vec<String>,
    /// The services that failed.
    pub services: Vec<String>,
}

impl Fall {
    /// For one reason.
    pub fn new(why: impl Into<String>) -> Self {
        Fall {
            why: vec![why.into()],
            services: Vec::new(),
        }
    }

    /// In one sentence.
    pub fn sentence(&self) -> String {
        let more = self.why.len().saturating_sub(1);
        let first = self.why.first().cloned().unwrap_or_default();
        match more {
            0 => first,
            _ => format!("{first}, and {more} more"),
        }
    }
}

impl From<Trouble> for Fall {
    fn from(trouble: Trouble) -> Self {
        Fall::new(trouble.message)
    }
}

/// What is waited for.
struct Watch<'a> {
    release: &'a Release,
    before: Before,
    deadline: Instant,
    progress: Progress,
}

impl Session<'_> {
    /// Starts a release with a resolved file, and waits until all of it is as it should be.
    ///
    /// # Errors
    /// It is not.
    pub fn lift(
        &self,
        release: &Release,
        file: &Project,
        journal: &mut Journal,
    ) -> Result<(), Fall> {
        let containers = self.containers()?;
        self.docker
            .remove_containers(&to_replace(&release.services, &containers))?;
        let mut watch = Watch {
            release,
            before: Before::of(&containers),
            deadline: Instant::now() + self.patience.timeout,
            progress: Progress::new(),
        };
        let running = self.docker.up(file)?;
        journal.child = host::process(running.pid());
        // Without this line the next run cannot end what this one left; the release itself does not suffer.
        let _ = self.store.write_journal(journal);
        let outcome = self.come_up(running, &mut watch);
        watch.progress.end(self.terminal);
        outcome
    }

    /// While Compose works, and until everything is ready.
    fn come_up(&self, running: Running, watch: &mut Watch) -> Result<(), Fall> {
        let mut running = Some(running);
        loop {
            let has_ended = running.as_mut().is_none_or(Running::has_ended);
            if has_ended && let Some(ended) = running.take() {
                let ended = ended.end();
                if !ended.success {
                    return Err(
                        self.refused(&self.docker.trouble("Compose stopped", &ended), watch)
                    );
                }
            }
            match self.look(watch, has_ended) {
                Ok(true) => return Ok(()),
                Ok(false) => thread::sleep(PULSE),
                Err(fall) => {
                    running.map(Running::stop);
                    return Err(fall);
                }
            }
        }
    }

    /// Whether all is ready.
    fn look(&self, watch: &mut Watch, all_started: bool) -> Result<bool, Fall> {
        if interrupt::asked() {
            return Err(Fall::new("it was interrupted"));
        }
        let containers = self.containers()?;
        let standings = standings(
            &watch.release.services,
            &containers,
            &watch.before,
            all_started,
        );
        watch.progress.show(&standings, self.terminal);
        let failed = failed(&standings);
        if !failed.is_empty() {
            return Err(fall(failed));
        }
        let waiting = waiting(&standings);
        if Instant::now() > watch.deadline {
            return Err(late(&waiting, self.patience.timeout));
        }
        Ok(all_started && waiting.is_empty())
    }

    /// What Compose could not do: said by the services that failed, where any did.
    fn refused(&self, trouble: &Trouble, watch: &mut Watch) -> Fall {
        let containers = self.containers().unwrap_or_default();
        let standings = standings(&watch.release.services, &containers, &watch.before, false);
        watch.progress.show(&standings, self.terminal);
        let failed = failed(&standings);
        match failed.is_empty() {
            false => fall(failed),
            true => Fall::new(trouble.message.clone()),
        }
    }

    /// Whether what runs is what was planned, and stays so for the settling time.
    ///
    /// # Errors
    /// It is not.
    pub fn verify(&self, release: &Release) -> Result<(), Fall> {
        let containers = self.containers()?;
        let differences = differences(release, &containers);
        if !differences.is_empty() {
            return Err(Fall {
                why: differences,
                services: Vec::new(),
            });
        }
        self.step("verify", &as_planned(self.patience.settle));
        let before = Before::of(&containers);
        let until = Instant::now() + self.patience.settle;
        while Instant::now() < until {
            thread::sleep(PULSE.min(until.saturating_duration_since(Instant::now())));
            if interrupt::asked() {
                return Err(Fall::new("it was interrupted"));
            }
            self.still_stands(release, &before, &containers)?;
        }
        Ok(())
    }

    fn still_stands(
        &self,
        release: &Release,
        before: &Before,
        first: &[Container],
    ) -> Result<(), Fall> {
        let containers = self.containers()?;
        let standings = standings(&release.services, &containers, before, true);
        let fallen = |(service, standing): &(String, Standing)| match standing {
            Standing::Ready(_) => restarted(service, first, &containers),
            Standing::Waiting(what) | Standing::Failed(what) => {
                Some((service.clone(), format!("{what}, after it had been up")))
            }
        };
        let fallen: Vec<(String, String)> = standings.iter().filter_map(fallen).collect();
        match fallen.is_empty() {
            true => Ok(()),
            false => Err(fall(fallen)),
        }
    }

    /// The last lines of what failed.
    pub fn show_logs(&self, fall: &Fall) {
        let containers = self.containers().unwrap_or_default();
        for service in fall.services.iter().take(3) {
            let Some(container) = containers
                .iter()
                .find(|it| it.service == *service && !it.one_off)
            else {
                continue;
            };
            let lines = self.docker.last_lines(&container.id, 10);
            let head = match lines.is_empty() {
                true => format!("    {service} wrote nothing to its log\n"),
                false => format!("    the last lines of {service}:\n"),
            };
            self.terminal.talk(&head);
            for line in lines {
                let line = crate::report::visible(&line);
                self.terminal.talk(&format!("      | {line}\n"));
            }
        }
    }
}

fn as_planned(settle: Duration) -> String {
    let text = "limits, mode and images are as planned";
    match settle.as_secs() {
        0 => text.to_owned(),
        seconds => format!("{text}; health is watched for {}", span(seconds)),
    }
}

/// A service that the engine started again within the settling time.
fn restarted(service: &str, before: &[Container], now: &[Container]) -> Option<(String, String)> {
    let restarts = |all: &[Container]| -> BTreeMap<String, u64> {
        let own = all.iter().filter(|it| it.service == service);
        own.map(|it| (it.id.clone(), it.restarts)).collect()
    };
    let (before, now) = (restarts(before), restarts(now));
    let again = now
        .iter()
        .any(|(id, count)| before.get(id).is_some_and(|old| old < count));
    again.then(|| {
        (
            service.to_owned(),
            "was started again, after it had been up".to_owned(),
        )
    })
}

fn fall(failed: Vec<(String, String)>) -> Fall {
    Fall {
        why: failed
            .iter()
            .map(|(service, why)| format!("{} {why}", shown(service)))
            .collect(),
        services: failed.into_iter().map(|(service, _)| service).collect(),
    }
}

fn late(waiting: &[(String, String)], timeout: Duration) -> Fall {
    let names: Vec<&str> = waiting
        .iter()
        .map(|(service, _)| service.as_str())
        .collect();
    let what = match names.as_slice() {
        [] => "Compose has not ended".to_owned(),
        [_, _, _, _, ..] => format!("{} are not ready", plural(names.len(), "service")),
        [_] => format!("{} is not ready", list_quoted(&names)),
        _ => format!("{} are not ready", list_quoted(&names)),
    };
    Fall {
        why: vec![format!("{what} after {}", span(timeout.as_secs()))],
        services: waiting.iter().map(|(service, _)| service.clone()).collect(),
    }
}

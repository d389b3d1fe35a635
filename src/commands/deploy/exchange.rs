//! The other mode, while a switch goes on: it is stopped first, and started again where the switch fails.

use super::asked::Order;
use super::back::Ends;
use super::lift::Fall;
use super::session::{Session, begun};
use crate::commands::Failure;
use crate::deploy::facts::Container;
use crate::deploy::journal::{Journal, Step, Work};
use crate::plan::Plan;
use crate::values::prose::plural;
use crate::values::shown::shown;

/// The modes that may not run beside this one.
pub fn rivals<'p, 's>(plans: &'p [Plan<'s>], mode: &'p str) -> impl Iterator<Item = &'p Plan<'s>> {
    let own = plans.iter().find(|plan| plan.mode == mode);
    let is_concurrent = own.is_some_and(|plan| plan.concurrent.is_some());
    let both = move |plan: &Plan| plan.concurrent.is_some() && is_concurrent;
    plans
        .iter()
        .filter(move |plan| plan.mode != mode && !both(plan))
}

impl<'s> Order<'_, 's> {
    /// The modes that may not run beside this one; none unless they are to be stopped.
    fn rivals(&self) -> impl Iterator<Item = &Plan<'s>> {
        rivals(self.plans(), self.plan().mode).filter(|_| self.switch)
    }

    /// Modes that will be stopped, with the number of their containers that run.
    pub fn stops(&self, session: &Session) -> Vec<(String, usize)> {
        let running = |plan: &Plan| {
            let containers = session
                .docker
                .containers(Some(plan.project))
                .unwrap_or_default();
            (
                plan.mode.to_owned(),
                containers.iter().filter(|it| it.is_up()).count(),
            )
        };
        self.rivals()
            .map(running)
            .filter(|(_, count)| *count > 0)
            .collect()
    }

    /// Stops them; the journal says who ran. Their containers stay, to be started again.
    ///
    /// # Errors
    /// The engine refuses, or the state cannot be written.
    pub fn stop_rivals(&self, session: &Session, journal: &mut Journal) -> Result<(), Fall> {
        for plan in self.rivals() {
            let containers = session.docker.containers(Some(plan.project))?;
            let ids: Vec<&str> = containers
                .iter()
                .filter(|it| it.is_up())
                .map(|it| it.id.as_str())
                .collect();
            if ids.is_empty() {
                continue;
            }
            journal.stopped.push(plan.mode.to_owned());
            session
                .enter(journal, Step::Stop)
                .map_err(|failure| Fall::new(failure.message))?;
            let running = session.docker.stop(&ids)?;
            session.noted(journal, "containers cannot be stopped", running)?;
            session.step(
                "stop",
                &format!(
                    "the mode {}: {} stopped",
                    plan.mode,
                    plural(ids.len(), "container")
                ),
            );
        }
        Ok(())
    }

    /// Keeps others away from them, before anything is touched.
    ///
    /// # Errors
    /// Somebody works on one of them, or the state cannot be written.
    pub fn lock_rivals(&self, session: &mut Session) -> Result<(), Failure> {
        for plan in self.rivals() {
            session.lock_beside(plan, "switch")?;
        }
        Ok(())
    }

    /// The stopped containers are no longer needed; volumes stay.
    pub fn clear_rivals(&self, session: &mut Session) {
        let names: Vec<String> = self.rivals().map(|plan| plan.mode.to_owned()).collect();
        clear(self.plans(), session, &names);
    }
}

/// Removes the containers of these modes, which a switch has stopped; volumes stay. So do containers that were not
/// started by this program.
pub fn clear(plans: &[Plan], session: &mut Session, names: &[String]) {
    for plan in plans
        .iter()
        .filter(|plan| names.iter().any(|mode| mode == plan.mode))
    {
        let other = session.beside(plan);
        let journal = other.store.journal().value;
        let begun = journal.map(|journal| journal.release);
        let Some(release) = begun.or(other.store.current()) else {
            continue;
        };
        // What is left behind does not run; `composegen down` takes it.
        if other.sweep(release, None).is_ok() {
            other.drop_pending(release);
            let _ = other.store.set_current(None);
            let _ = other.store.end_journal();
        }
    }
}

/// Starts the modes again that were stopped for something that failed; says of each what runs.
pub fn bring_back(plans: &[Plan], session: &mut Session, stopped: &[String]) -> Vec<String> {
    let mut told = Vec::new();
    for plan in plans
        .iter()
        .filter(|plan| stopped.iter().any(|mode| mode == plan.mode))
    {
        let mut other = session.beside(plan);
        let mode = shown(plan.mode);
        let text = match start_again(&mut other) {
            Ok(number) => format!("the mode {mode} runs again, {number}"),
            Err(why) => format!("the mode {mode} did not come back: {why}"),
        };
        session.step("back", &text);
        told.push(text);
    }
    told
}

/// Starts a mode again that was stopped: its release, or else the containers that it had.
fn start_again(other: &mut Session) -> Result<String, String> {
    let Some(release) = other.current() else {
        let containers = other.containers().map_err(|trouble| trouble.message)?;
        let ids: Vec<&str> = containers
            .iter()
            .map(|it: &Container| it.id.as_str())
            .collect();
        other
            .docker
            .start_containers(&ids)
            .map_err(|trouble| trouble.message)?;
        return Ok("as it was, which no release knows".to_owned());
    };
    other.hide(&release);
    let number = release.number;
    let mut journal = begun(Work::Rollback, number, Some(number), Step::Rollback);
    match other.go_back(&mut journal, Some(&release)) {
        Ends::Release(number) => Ok(format!("release {number}")),
        Ends::Nothing => Err("nothing of it runs".to_owned()),
        Ends::Unknown(why) => Err(why),
    }
}

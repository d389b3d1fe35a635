//! What a catalog wants to be run once, before the first start of a mode.

use std::time::Instant;

use super::asked::Order;
use super::lift::Fall;
use super::session::Session;
use crate::deploy::journal::Journal;
use crate::deploy::release::Release;
use crate::docker::process::Running;
use crate::docker::{host, interrupt};
use crate::values::shown::shown;

/// Runs it; says whether there was any. Nothing where the project has had a release, unless its volumes were removed
/// since.
///
/// # Errors
/// A job failed.
pub fn first_starts(
    order: &Order,
    session: &Session,
    release: &Release,
    journal: &mut Journal,
) -> Result<bool, Fall> {
    if session.store.has_data() {
        return Ok(false);
    }
    let mut any = false;
    for service in &order.plan().services {
        let starts = release.services.iter().any(|it| it.service == service.name);
        let Some(words) = service.first_start.filter(|_| starts) else {
            continue;
        };
        let words: Vec<&str> = words.iter().map(|word| word.text).collect();
        let name = service.name;
        let text = format!("{name} {}: once, before the first start", words.join(" "));
        session.step("first", &text);
        let running = session.docker.run_once(&order.project(), name, &words)?;
        once(session, name, running, journal)?;
        any = true;
    }
    Ok(any)
}

/// Waits for a job that runs once.
fn once(
    session: &Session,
    name: &str,
    running: Running,
    journal: &mut Journal,
) -> Result<(), Fall> {
    journal.child = host::process(running.pid());
    // Without this line the next run cannot end what this one left.
    let _ = session.store.write_journal(journal);
    let until = Instant::now() + session.patience.timeout;
    let is_given_up = || interrupt::asked() || Instant::now() > until;
    let name = shown(name);
    match running.wait_unless(is_given_up) {
        Some(ended) if ended.success => Ok(()),
        Some(ended) => {
            let what = format!("{name} failed");
            Err(session.docker.trouble(&what, &ended).into())
        }
        None if interrupt::asked() => Err(Fall::new("it was interrupted")),
        None => Err(Fall::new(format!("{name} has not ended in time"))),
    }
}

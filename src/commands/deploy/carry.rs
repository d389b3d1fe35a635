//! Carrying a deployment out: what is touched, and what is undone where it fails.

use super::first::first_starts;
use super::ready::{make_ready, private};
use super::session::begun;
use super::{Ends, Fall, Halt, Order, Ready, Report, Session, from_env_files, resolve, unchanged};
use crate::commands::{Exit, Failure};
use crate::deploy::journal::{Journal, Step, Work};
use crate::deploy::moment::span;
use crate::deploy::release::Release;
use crate::docker::interrupt;
use crate::values::prose::plural;
use crate::values::shown::shown;

/// What a deployment begins with.
pub struct Start {
    /// The release that runs, to go back to.
    pub previous: Option<Release>,
    /// A deployment that was interrupted, whose containers may be there still.
    pub after: Option<Journal>,
}

/// From here on things are touched.
pub fn carry_out(
    order: &Order,
    session: &mut Session,
    mut ready: Ready,
    start: Start,
    report: &mut Report,
) -> std::result::Result<Exit, Halt> {
    interrupt::keep();
    let Start { previous, after } = start;
    let number = session.store.give_number();
    let number = number.map_err(|trouble| unchanged(trouble.into()))?;
    let before = previous.as_ref().map(|release| release.number);
    let mut journal = begun(Work::Deploy, number, before, Step::Setup);
    journal.stopped = after
        .as_ref()
        .map_or_else(Vec::new, |after| after.stopped.clone());
    let is_first = after.is_none();
    let release = make_ready(order, session, &mut ready, &mut journal, is_first);
    let mut release = release.map_err(|failure| untouched(session, number, is_first, failure))?;
    let risen = order
        .stop_rivals(session, &mut journal)
        .and_then(|()| rise(order, session, &mut release, &mut journal));
    match risen {
        Ok(()) => Ok(done(order, session, &release, report)),
        Err(fall) => {
            show(session, &fall);
            if let Some(previous) = &previous {
                session.hide(previous);
            }
            let back = session.go_back_with(&mut journal, previous.as_ref(), order.plans());
            if !matches!(back.0, Ends::Unknown(_)) {
                // It is no release, even where that had been written down already.
                session.store.drop_release(number);
            }
            Ok(told(session, number, &fall, back, report))
        }
    }
}

/// Forgets a release for which nothing was touched. What an earlier run left is not forgotten with it.
fn untouched(session: &Session, number: u32, is_first: bool, failure: Failure) -> Halt {
    session.drop_pending(number);
    if is_first {
        // A journal that cannot be removed says "before any container was touched".
        let _ = session.store.end_journal();
    }
    Halt::Failure(Failure {
        message: format!("{}; no container was touched", failure.message),
        ..failure
    })
}

/// All is well: what is no longer needed goes.
fn done(order: &Order, session: &mut Session, release: &Release, report: &mut Report) -> Exit {
    order.clear_rivals(session);
    // Left behind, it says that the release is up and good.
    let _ = session.store.end_journal();
    session.prune();
    let count = plural(release.services.len(), "service");
    let number = release.number;
    session.step("done", &format!("release {number} runs: {count}"));
    report.outcome = "deployed";
    report.release = Some(number);
    Exit::Fine
}

/// Up, verify, record.
fn rise(
    order: &Order,
    session: &mut Session,
    release: &mut Release,
    journal: &mut Journal,
) -> std::result::Result<(), Fall> {
    let as_fall = |failure: Failure| Fall::new(failure.message);
    session.enter(journal, Step::Up).map_err(as_fall)?;
    if first_starts(order, session, release, journal)? {
        resolve_again(order, session, release).map_err(as_fall)?;
    }
    let count = plural(release.services.len(), "service");
    let most = span(session.patience.timeout.as_secs());
    session.step("up", &format!("{count} start, for at most {most}"));
    session.lift(release, &session.resolved(release.number), journal)?;
    session.step("up", "everything is there");
    session.enter(journal, Step::Verify).map_err(as_fall)?;
    session.verify(release)?;
    session.enter(journal, Step::Record).map_err(as_fall)?;
    session.record(release.number).map_err(as_fall)
}

/// A first start may have written files that services read: the release is what Compose makes of them now.
fn resolve_again(
    order: &Order,
    session: &mut Session,
    release: &mut Release,
) -> std::result::Result<(), Failure> {
    let (text, model) = resolve(&session.docker, &order.project())?;
    let values = from_env_files(order.plan(), &model);
    let values = values.into_iter().map(|(_, _, value)| value);
    session.docker.hidden.add(values);
    release.private = private(order.plan(), session, &model);
    session.store.write_release(release, &text)?;
    Ok(())
}

/// Says what fell, and what it wrote last.
fn show(session: &Session, fall: &Fall) {
    for (at, why) in fall.why.iter().enumerate() {
        session.step(if at == 0 { "failed" } else { "" }, why);
    }
    session.show_logs(fall);
}

/// Says what failed and what runs now.
fn told(
    session: &Session,
    number: u32,
    fall: &Fall,
    (ends, others): (Ends, Vec<String>),
    report: &mut Report,
) -> Exit {
    let what = format!(
        "release {number} of {} was not deployed: {}",
        shown(&session.mode),
        fall.sentence()
    );
    report.reasons.clone_from(&fall.why);
    let mode = shown(&session.mode);
    let (outcome, now) = match &ends {
        Ends::Release(old) => ("rolled-back", format!("release {old} runs again")),
        Ends::Nothing => (
            "taken-down",
            format!("nothing of {mode} runs now, and its volumes are kept"),
        ),
        Ends::Unknown(why) => ("broken", format!("and going back failed: {why}")),
    };
    report.outcome = outcome;
    let help = match ends {
        Ends::Release(old) => {
            report.release = Some(old);
            None
        }
        Ends::Nothing => None,
        Ends::Unknown(why) => {
            report.reasons.push(why);
            Some("`composegen status` shows what runs")
        }
    };
    let sentences: Vec<String> = [what, now].into_iter().chain(others).collect();
    session.terminal.failure(&sentences.join("; "), help);
    Exit::Findings
}

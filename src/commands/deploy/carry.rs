//! Carrying a deployment out: what is touched, and what is undone where it fails.

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

/// From here on things are touched.
pub fn carry_out(
    order: &Order,
    session: &mut Session,
    mut ready: Ready,
    previous: Option<Release>,
    stopped: Vec<String>,
    report: &mut Report,
) -> std::result::Result<Exit, Halt> {
    interrupt::keep();
    let number = session.store.give_number();
    let number = number.map_err(|trouble| unchanged(trouble.into()))?;
    let mut journal = begun(
        Work::Deploy,
        number,
        previous.as_ref().map(|release| release.number),
        Step::Setup,
    );
    journal.stopped = stopped;
    let untouched = |failure: Failure, session: &Session| {
        session.drop_pending(number);
        // A journal that cannot be removed says "before any container was touched".
        let _ = session.store.end_journal();
        Halt::Failure(Failure {
            message: format!("{}; no container was touched", failure.message),
            ..failure
        })
    };
    let mut release = match make_ready(order, session, &mut ready, &mut journal) {
        Ok(release) => release,
        Err(failure) => return Err(untouched(failure, session)),
    };
    if interrupt::asked() {
        return Err(untouched(
            Failure {
                message: "it was interrupted".to_owned(),
                help: None,
            },
            session,
        ));
    }
    session
        .enter(&mut journal, Step::Stop)
        .map_err(|failure| untouched(failure, session))?;
    let risen = order
        .stop_rivals(session, &mut journal)
        .and_then(|()| rise(order, session, &mut release, &mut journal));
    match risen {
        Ok(()) => {
            order.clear_rivals(session);
            // Left behind, it says that the release is up and good.
            let _ = session.store.end_journal();
            session.prune();
            session.step(
                "done",
                &format!(
                    "release {number} runs: {}",
                    plural(release.services.len(), "service")
                ),
            );
            report.outcome = "deployed";
            report.release = Some(number);
            Ok(Exit::Fine)
        }
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

/// Up, verify, record.
fn rise(
    order: &Order,
    session: &mut Session,
    release: &mut Release,
    journal: &mut Journal,
) -> std::result::Result<(), Fall> {
    let as_fall = |failure: Failure| Fall::new(failure.message);
    session.enter(journal, Step::Up).map_err(as_fall)?;
    if order.first_starts(session, release, journal)? {
        let (text, model) = resolve(&session.docker, &order.project()).map_err(as_fall)?;
        session.docker.hidden.add(
            from_env_files(order.plan(), &model)
                .into_iter()
                .map(|(_, _, value)| value),
        );
        release.private = private(order.plan(), session, &model);
        session
            .store
            .write_release(release, &text)
            .map_err(|trouble| Fall::new(trouble.message))?;
    }
    session.step(
        "up",
        &format!(
            "{} start, for at most {}",
            plural(release.services.len(), "service"),
            span(session.patience.timeout.as_secs())
        ),
    );
    session.lift(release, &session.resolved(release.number), journal)?;
    session.step("up", "everything is there");
    session.enter(journal, Step::Verify).map_err(as_fall)?;
    session.verify(release)?;
    session.enter(journal, Step::Record).map_err(as_fall)?;
    session.record(release.number).map_err(as_fall)
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
    let help = Some("`composegen status` shows what runs".to_owned());
    report.reasons.clone_from(&fall.why);
    let (message, help) = match ends {
        Ends::Release(old) => {
            report.outcome = "rolled-back";
            report.release = Some(old);
            (format!("{what}; release {old} runs again"), None)
        }
        Ends::Nothing => {
            report.outcome = "taken-down";
            (
                format!(
                    "{what}; nothing of {} runs now, and its volumes are kept",
                    shown(&session.mode)
                ),
                None,
            )
        }
        Ends::Unknown(why) => {
            report.outcome = "broken";
            report.reasons.push(why.clone());
            (format!("{what}; and going back failed: {why}"), help)
        }
    };
    let sentences: Vec<String> = std::iter::once(message).chain(others).collect();
    session
        .terminal
        .failure(&sentences.join("; "), help.as_deref());
    Exit::Findings
}

//! Ctrl-C and its like: asked for by whoever waits, so that what was begun is undone first.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};

static ASKED: OnceLock<Arc<AtomicBool>> = OnceLock::new();

/// From now on a signal that would end the program is kept for `asked`.
pub fn keep() {
    let flag = ASKED.get_or_init(|| Arc::new(AtomicBool::new(false)));
    listen(flag);
}

#[cfg(unix)]
fn listen(flag: &Arc<AtomicBool>) {
    use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
    for signal in [SIGINT, SIGTERM, SIGHUP] {
        // A signal that cannot be kept ends the program, and the journal tells the next run.
        let _ = signal_hook::flag::register(signal, Arc::clone(flag));
    }
}

#[cfg(not(unix))]
fn listen(_: &Arc<AtomicBool>) {}

/// Whether somebody wants the program to end.
pub fn asked() -> bool {
    ASKED.get().is_some_and(|flag| flag.load(Ordering::Relaxed))
}

/// What was asked for is being done: only a new signal asks again.
pub fn forget() {
    if let Some(flag) = ASKED.get() {
        flag.store(false, Ordering::Relaxed);
    }
}

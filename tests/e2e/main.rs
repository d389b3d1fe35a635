//! Deployments on a real Docker engine: one that is started here, in a temporary folder, and ended here. `make e2e` runs
//! all rows, `E2E=word make e2e` those whose name holds that word, or one of `one|other`. Without root or without Docker
//! it says in one line that it is skipped. `E2E_PROGRAM` names another build of the program, such as a release build.

mod bed;
mod commands;
mod faults;
mod homeiq;
mod images;
mod interruptions;
mod project;
#[path = "../pty/mod.rs"]
mod pty;
mod registry;
mod screen;
mod sources;
mod state;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::ExitCode;
use std::time::Instant;

use bed::Bed;

/// A row: its name, and what happens in it.
#[derive(Clone, Copy)]
struct Row {
    name: &'static str,
    work: fn(&mut Bed),
    /// Whether release 1 of the four services runs when it ends. The next row takes it over, where it needs that.
    stays: bool,
}

/// A row that leaves an engine to be cleared.
const fn row(name: &'static str, work: fn(&mut Bed)) -> Row {
    Row {
        name,
        work,
        stays: false,
    }
}

/// A row that leaves release 1 running, and nothing else.
const fn old(name: &'static str, work: fn(&mut Bed)) -> Row {
    Row {
        name,
        work,
        stays: true,
    }
}

const ROWS: &[&[Row]] = &[
    faults::ROWS,
    interruptions::ROWS,
    commands::ROWS,
    screen::ROWS,
    state::ROWS,
    sources::ROWS,
    homeiq::ROWS,
];

fn main() -> ExitCode {
    let asked = std::env::var("E2E").unwrap_or_default();
    let mut rows: Vec<Row> = ROWS.concat();
    rows.retain(|row| asked.split('|').any(|word| row.name.contains(word)));
    // Those that take over what the one before has left stand together.
    rows.sort_by_key(|row| !row.stays);
    let mut bed = match Bed::new() {
        Ok(bed) => bed,
        Err(why) => {
            eprintln!("skipped: end-to-end tests, because {why}");
            return ExitCode::SUCCESS;
        }
    };
    let start = Instant::now();
    let mut failed: Vec<&str> = Vec::new();
    for (at, row) in rows.iter().enumerate() {
        let is_taken_over = row.stays && rows.get(at + 1).is_some_and(|next| next.stays);
        if !stands(row, is_taken_over, &mut bed) {
            failed.push(row.name);
        }
    }
    println!(
        "{} rows, {} failed, {} s",
        rows.len(),
        failed.len(),
        start.elapsed().as_secs()
    );
    for name in &failed {
        println!("failed: {name}");
    }
    if failed.is_empty() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

/// Whether a row stands. The next one begins with an empty engine, or takes over what this one says that it leaves.
fn stands(row: &Row, is_taken_over: bool, bed: &mut Bed) -> bool {
    let start = Instant::now();
    let outcome = catch_unwind(AssertUnwindSafe(|| (row.work)(bed)));
    let word = if outcome.is_ok() { "ok" } else { "FAILED" };
    println!("{word:<7}{:>4} s  {}", start.elapsed().as_secs(), row.name);
    if outcome.is_err() || !is_taken_over {
        bed.clear();
    }
    outcome.is_ok()
}

//! Deployments on a real Docker engine: one that is started here, in a temporary folder, and ended here. `make e2e` runs
//! all rows, `E2E=word make e2e` those whose name holds that word, or one of `one|other`. Without root or without Docker
//! it says in one line that it is skipped. `E2E_PROGRAM` names another build of the program, such as a release build.

mod bed;
mod commands;
mod faults;
mod homeiq;
mod project;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::ExitCode;
use std::time::Instant;

use bed::Bed;

/// A row: its name, and what happens in it.
type Row = (&'static str, fn(&mut Bed));

fn main() -> ExitCode {
    let asked = std::env::var("E2E").unwrap_or_default();
    let rows: Vec<Row> = [faults::ROWS, commands::ROWS, homeiq::ROWS].concat();
    let rows: Vec<Row> = rows
        .into_iter()
        .filter(|(name, _)| asked.split('|').any(|word| name.contains(word)))
        .collect();
    let mut bed = match Bed::new() {
        Ok(bed) => bed,
        Err(why) => {
            eprintln!("skipped: end-to-end tests, because {why}");
            return ExitCode::SUCCESS;
        }
    };
    let start = Instant::now();
    let failed: Vec<&str> = rows
        .iter()
        .filter(|row| !stands(row, &mut bed))
        .map(|(name, _)| *name)
        .collect();
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

/// Whether a row stands. The next one begins with an empty engine.
fn stands((name, row): &Row, bed: &mut Bed) -> bool {
    let start = Instant::now();
    let outcome = catch_unwind(AssertUnwindSafe(|| row(bed)));
    let word = if outcome.is_ok() { "ok" } else { "FAILED" };
    println!("{word:<7}{:>4} s  {name}", start.elapsed().as_secs());
    bed.clear();
    outcome.is_ok()
}

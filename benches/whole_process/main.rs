//! The whole process against two others that do less: a bound that only tokenises the same bytes and writes as many,
//! and `minijinja-cli`, which renders the same Compose files from a plain template and checks nothing.
//!
//! `cargo bench --bench whole_process -- [--sizes 34,1000] [--runs N] [--smoke]`. Measured is the CPU time (user and
//! system) and the largest resident size of a child process. The three take turns, and each finds the machine as it would
//! behind itself: a small program the caches, since it runs once before it counts; a large one the memory, see
//! `memory.rs`. The helpers that need memory (generating, comparing) are children too: Linux counts a parent's size into a
//! child's peak.

mod bound;
mod compose_data;
mod generate;
mod machine;
mod measure;
mod memory;
mod programs;
mod rival;
mod settings;
mod stage;
mod subject;
mod table;

use std::env;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use measure::Usage;
use memory::Memory;
use programs::Programs;
use settings::Settings;
use stage::Stage;
use table::Row;

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    match dispatch(&arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("whole_process: {message}");
            ExitCode::from(2)
        }
    }
}

/// Runs the benchmark, or the one hidden task that a child of it was started for.
fn dispatch(arguments: &[String]) -> Result<(), String> {
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["--generate", services, folder] => generate::write(number(services)?, Path::new(folder)),
        ["--bound", catalog, folder, lengths @ ..] => {
            bound::run(Path::new(catalog), Path::new(folder), &numbers(lengths)?)
        }
        ["--compose-data", compose, data] => {
            compose_data::write(Path::new(compose), Path::new(data))
        }
        ["--fill", bytes] => memory::fill(number(bytes)?),
        ["--compare", ours, theirs] => compose_data::compare(Path::new(ours), Path::new(theirs)),
        _ => benchmark(&Settings::parse(&words)?),
    }
}

fn numbers(words: &[&str]) -> Result<Vec<usize>, String> {
    words.iter().map(|word| number(word)).collect()
}

fn number(word: &str) -> Result<usize, String> {
    word.parse()
        .map_err(|_| format!("`{word}` is not a number"))
}

/// Measures every size and the repository's own catalog, and prints the table.
fn benchmark(settings: &Settings) -> Result<(), String> {
    let root = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("whole_process");
    let programs = Programs::installed(&root)?;
    let mut rows = Vec::new();
    for &services in &settings.sizes {
        eprintln!("measuring {services} services ...");
        let stage = Stage::generated(&root, services)?;
        rows.push(measure_stage(
            &stage,
            services.to_string(),
            &programs,
            settings,
        )?);
    }
    if let Some(stage) = Stage::of_repository(&root)? {
        rows.push(measure_stage(
            &stage,
            "HomeIQ".to_owned(),
            &programs,
            settings,
        )?);
    }
    println!("{}\n\n{}", machine::describe(), table::render(&rows));
    Ok(())
}

/// The three processes take turns on one catalog; the medians make the row.
fn measure_stage(
    stage: &Stage,
    name: String,
    programs: &Programs,
    settings: &Settings,
) -> Result<Row, String> {
    let mut memory = Memory::default();
    memory.note(subject::run(&programs.composegen, stage)?);
    let outputs = stage.outputs()?;
    let rival = programs.rival.as_deref();
    let rival = rival
        .filter(|_| stage.services > 0)
        .map(|program| rival::Rival::prepare(program, stage))
        .transpose()?;
    let in_time = rival.as_ref().filter(|rival| rival.in_time());
    if let Some(rival) = in_time {
        memory.note(rival.first);
    }
    let mut row = Row::new(name, stage, &outputs, rival.as_ref());
    let ready = |run: &dyn Fn() -> Result<Usage, String>| -> Result<Usage, String> {
        match memory.is_much() {
            true => memory.fill(&programs.bound, &stage.log("fill"))?,
            false => _ = run()?,
        }
        run()
    };
    for _ in 0..settings.turns_for(stage.services) {
        let ours = || subject::run(&programs.composegen, stage);
        row.ours.push(ready(&ours)?);
        let bound = || bound::measure(&programs.bound, stage, &outputs);
        row.bound.push(ready(&bound)?);
        if let Some(rival) = in_time {
            row.rival.push(ready(&|| rival.run())?);
        }
    }
    Ok(row)
}

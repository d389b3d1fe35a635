//! The whole process against two others that do less: a bound that only tokenises the same bytes and writes as many,
//! and `minijinja-cli`, which renders the same Compose files from a plain template and checks nothing.
//!
//! `cargo bench --bench whole_process -- [--sizes 34,1000] [--runs N] [--smoke]`. Measured is the CPU time (user and
//! system) and the largest resident size of a child process. The three take turns and are compared turn by turn: a shared
//! machine is faster at one time than at another. Growth is measured in pairs of its own, composegen with this catalog and
//! then with the smaller one, and neither of the other programs between them: with ten seconds of minijinja-cli between,
//! the same program grew 11.0 to 11.4 times from 10,000 services, and 10.3 to 10.7 times without. Each run finds the
//! machine as it would behind itself: a small program the caches, since it runs once before it counts; a large one the
//! memory, see `memory.rs`. The helpers that need memory (copying, generating, comparing) are children too: Linux counts a
//! parent's size into a child's peak.

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
use rival::Rival;
use settings::Settings;
use stage::{Output, Stage};
use table::{Pair, Row, Turn};

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
        ["--copy", program, copy] => programs::copy(Path::new(program), Path::new(copy)),
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
    let mut smaller: Option<Trial> = None;
    for &services in &settings.sizes {
        eprintln!("measuring {services} services ...");
        let trial = Trial::new(&programs, Stage::generated(&root, services)?)?;
        let turns = settings.turns_for(services);
        rows.push(trial.measure(services.to_string(), smaller.as_ref(), turns)?);
        smaller = Some(trial);
    }
    if let Some(stage) = Stage::of_repository(&root)? {
        let trial = Trial::new(&programs, stage)?;
        rows.push(trial.measure("HomeIQ".to_owned(), None, settings.turns_for(0))?);
    }
    println!("{}\n\n{}", machine::describe(), table::render(&rows));
    Ok(())
}

/// A catalog to measure the programs on.
struct Trial<'p> {
    programs: &'p Programs,
    stage: Stage,
    outputs: Vec<Output>,
    rival: Option<Rival>,
    memory: Memory,
}

impl<'p> Trial<'p> {
    /// Runs composegen and the rival once: for the lengths that the bound writes, the rival's data, and the memory they need.
    ///
    /// # Errors
    /// One of them failed, or they wrote different documents.
    fn new(programs: &'p Programs, stage: Stage) -> Result<Self, String> {
        let mut memory = Memory::default();
        memory.note(subject::run(&programs.composegen, &stage)?);
        let outputs = stage.outputs()?;
        let rival = programs.rival.as_deref().filter(|_| stage.services > 0);
        let rival = rival.map(|program| Rival::prepare(program, &stage));
        let rival = rival.transpose()?;
        if let Some(rival) = rival.as_ref().filter(|rival| rival.in_time()) {
            memory.note(rival.first);
        }
        Ok(Self {
            programs,
            stage,
            outputs,
            rival,
            memory,
        })
    }

    /// The processes take turns, then composegen with this catalog and with a smaller one: what they used makes the row.
    fn measure(&self, name: String, smaller: Option<&Self>, turns: usize) -> Result<Row, String> {
        let in_time = self.rival.as_ref().filter(|rival| rival.in_time());
        let mut row = Row::new(name, &self.stage, &self.outputs, self.rival.as_ref());
        for _ in 0..turns {
            row.turns.push(Turn {
                ours: self.ours()?,
                bound: self
                    .ready(&|| bound::measure(&self.programs.bound, &self.stage, &self.outputs))?,
                rival: in_time
                    .map(|rival| self.ready(&|| rival.run()))
                    .transpose()?,
            });
        }
        let Some(smaller) = smaller else {
            return Ok(row);
        };
        row.smaller = Some(smaller.stage.services);
        for _ in 0..turns {
            row.pairs.push(Pair {
                ours: self.ours()?,
                smaller: smaller.ours()?,
            });
        }
        Ok(row)
    }

    /// One run of composegen.
    fn ours(&self) -> Result<Usage, String> {
        self.ready(&|| subject::run(&self.programs.composegen, &self.stage))
    }

    /// One run that finds the machine as it would behind itself.
    fn ready(&self, run: &dyn Fn() -> Result<Usage, String>) -> Result<Usage, String> {
        match self.memory.is_much() {
            true => {
                let log = self.stage.log("fill");
                self.memory.fill(&self.programs.bound, &log)?;
            }
            false => _ = run()?,
        }
        run()
    }
}

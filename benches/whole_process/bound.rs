//! The bound: no tool that reads the catalog with this parser and writes those files can use less.

use std::fs;
use std::path::Path;
use std::process::Command;

use granit_parser::{Options, Parser};

use crate::measure::{self, Usage};
use crate::stage::{Output, Stage};

/// Runs the bound as a process of its own. It is told how many bytes to write, and does not read them.
///
/// # Errors
/// It could not run.
pub fn measure(program: &Path, stage: &Stage, outputs: &[Output]) -> Result<Usage, String> {
    let folder = stage.empty_folder("bound")?;
    let mut command = Command::new(program);
    command.arg("--bound").arg(stage.catalog()).arg(folder);
    command.args(outputs.iter().map(|output| output.length.to_string()));
    measure::run(&mut command, &stage.log("bound"))
}

/// What the child does: every event of every file of the catalog, and one new file for each length.
///
/// # Errors
/// A file cannot be read, parsed or written.
pub fn run(catalog: &Path, folder: &Path, lengths: &[usize]) -> Result<(), String> {
    for entry in fs::read_dir(catalog).map_err(|error| error.to_string())? {
        let path = entry.map_err(|error| error.to_string())?.path();
        // A catalog's folder may hold what it mounts, too.
        if path.extension().is_none_or(|extension| extension != "yaml") {
            continue;
        }
        let text =
            fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))?;
        tokenise(&text).map_err(|error| format!("{}: {error}", path.display()))?;
    }
    for (index, &length) in lengths.iter().enumerate() {
        fs::write(folder.join(index.to_string()), vec![b'\n'; length])
            .map_err(|error| error.to_string())?;
    }
    Ok(())
}

fn tokenise(text: &str) -> Result<(), granit_parser::ScanError> {
    let mut options = Options::default();
    options.set_emit_comments(false);
    for event in Parser::new_from_str_with_options(text, options) {
        std::hint::black_box(event?);
    }
    Ok(())
}

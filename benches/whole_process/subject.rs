//! The process that is measured: `composegen build`.

use std::path::Path;
use std::process::Command;

use crate::measure::{self, Usage};
use crate::stage::Stage;

/// Builds the stage's catalog, every output removed before, so that each run writes all of them.
///
/// # Errors
/// The build failed; the message quotes it.
pub fn run(program: &Path, stage: &Stage) -> Result<Usage, String> {
    stage.remove_outputs()?;
    let mut command = Command::new(program);
    command
        .arg("build")
        .arg("--catalog")
        .arg(stage.catalog())
        .current_dir(stage.project());
    measure::run(&mut command, &stage.log("composegen"))
}

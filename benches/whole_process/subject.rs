//! The process that is measured: `composegen build`.

use std::env;
use std::path::Path;
use std::process::Command;

use crate::measure::{self, Usage};
use crate::stage::Stage;

/// Builds the stage's catalog, every output removed before, so that each run writes all of them.
///
/// The benchmark itself goes to the project's folder: linked statically with glibc, the standard library starts a child in
/// another folder as a copy of its parent (fork in place of vfork), which was a tenth of the time of 34 services.
///
/// # Errors
/// The build failed; the message quotes it.
pub fn run(program: &Path, stage: &Stage) -> Result<Usage, String> {
    stage.remove_outputs()?;
    let project = stage.project();
    env::set_current_dir(&project).map_err(|error| format!("{}: {error}", project.display()))?;
    let mut command = Command::new(program);
    command.arg("build").arg("--catalog").arg(stage.catalog());
    measure::run(&mut command, &stage.log("composegen"))
}

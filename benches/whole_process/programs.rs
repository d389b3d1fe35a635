//! The programs that are measured: copies, each written in one piece.
//!
//! A file that a linker wrote stands in memory as single small pages, one that was written in one piece as large ones, and a
//! program starts and runs from these faster: the same composegen took 13 % less for 30 services. How an installer leaves
//! it depends on the machine, so all programs are copied alike.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::measure;
use crate::rival;
use crate::stage::{empty, this_program};

/// Where the copies are.
pub struct Programs {
    /// The program that this benchmark is for.
    pub composegen: PathBuf,
    /// The bound, which is this benchmark.
    pub bound: PathBuf,
    /// `minijinja-cli`, where it is installed.
    pub rival: Option<PathBuf>,
}

impl Programs {
    /// Copies them into a folder below this one.
    ///
    /// # Errors
    /// One of them cannot be read or written.
    pub fn installed(root: &Path) -> Result<Self, String> {
        let folder = root.join("programs");
        fs::create_dir_all(root).map_err(|error| format!("{}: {error}", root.display()))?;
        empty(&folder)?;
        let bound = env::current_exe().map_err(|error| error.to_string())?;
        let rival = rival::find();
        Ok(Self {
            composegen: install(
                Path::new(env!("CARGO_BIN_EXE_composegen")),
                &folder,
                "composegen",
            )?,
            bound: install(&bound, &folder, "bound")?,
            rival: rival
                .map(|rival| install(&rival, &folder, "rival"))
                .transpose()?,
        })
    }
}

/// A copy under this name, written by a child.
fn install(program: &Path, folder: &Path, name: &str) -> Result<PathBuf, String> {
    let copy = folder.join(name);
    let mut command = Command::new(this_program()?);
    command.arg("--copy").arg(program).arg(&copy);
    measure::run(&mut command, &folder.with_extension("log"))?;
    Ok(copy)
}

/// What the child does: copies a program, written in one piece.
///
/// # Errors
/// It cannot be read or written.
pub fn copy(program: &Path, copy: &Path) -> Result<(), String> {
    let permissions = fs::metadata(program).map(|metadata| metadata.permissions());
    fs::read(program)
        .and_then(|bytes| fs::write(copy, bytes))
        .and_then(|()| fs::set_permissions(copy, permissions?))
        .map_err(|error| format!("copying {}: {error}", program.display()))
}

//! A file that may be run, such as a hook of git's.

use std::fs;
use std::io::{self, Write};
use std::path::Path;

use tempfile::Builder;

use super::Trouble;

/// Writes a new program, whole or not at all; never over something that is there. `shown` is its path in messages. A
/// missing folder is made.
///
/// # Errors
/// Something is there, or the file system refuses.
pub fn write_program(file: &Path, shown: &str, text: &str) -> Result<(), Trouble> {
    written(file, text).map_err(|error| {
        let what = format!("`{shown}` cannot be written");
        Trouble::refused(&what, shown, &error)
    })
}

fn written(file: &Path, text: &str) -> io::Result<()> {
    let folder = file.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(folder)?;
    let mut temporary = Builder::new()
        .prefix(".composegen-")
        .suffix(".tmp")
        .tempfile_in(folder)?;
    let program = temporary.as_file_mut();
    program.write_all(text.as_bytes())?;
    make_program(temporary.path())?;
    temporary.as_file().sync_all()?;
    temporary.persist_noclobber(file)?;
    Ok(())
}

/// Lets everybody run a file that is there.
///
/// # Errors
/// The file system refuses.
pub fn allow_to_run(file: &Path, shown: &str) -> Result<(), Trouble> {
    make_program(file).map_err(|error| {
        let what = format!("`{shown}` cannot be made a program");
        Trouble::refused(&what, shown, &error)
    })
}

#[cfg(unix)]
fn make_program(file: &Path) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(file, fs::Permissions::from_mode(0o755))
}

#[cfg(not(unix))]
fn make_program(_: &Path) -> io::Result<()> {
    Ok(())
}

/// Whether a file may be run by its owner; true where the system does not tell.
#[cfg(unix)]
pub fn is_program(metadata: &fs::Metadata) -> bool {
    use std::os::unix::fs::PermissionsExt;
    metadata.permissions().mode() & 0o100 != 0
}

/// Whether a file may be run by its owner; true where the system does not tell.
#[cfg(not(unix))]
pub fn is_program(_: &fs::Metadata) -> bool {
    true
}

//! Writes a folder that is not there yet, whole or not at all: the files into a temporary folder beside it, then one
//! rename.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::Path;

use tempfile::Builder;

use super::Trouble;

/// Writes a folder with some files, by their names. Nothing that is there is overwritten.
///
/// # Errors
/// Something is there already, or the file system refuses; then nothing is written.
pub fn write_folder(folder: &Path, files: &[(String, String)]) -> Result<(), Trouble> {
    let shown = folder.display().to_string();
    let refused = |error: io::Error| {
        Trouble::refused(&format!("`{shown}` cannot be written"), &shown, &error).nothing_written()
    };
    if fs::symlink_metadata(folder).is_ok() {
        let message = format!("`{shown}` is there already; nothing was written");
        return Err(Trouble::new(message));
    }
    let parent = match folder.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    staged(parent, folder, files).map_err(refused)
}

fn staged(parent: &Path, folder: &Path, files: &[(String, String)]) -> io::Result<()> {
    let temporary = Builder::new()
        .prefix(".composegen-")
        .suffix(".tmp")
        .tempdir_in(parent)?;
    for (name, text) in files {
        let mut file = File::create_new(temporary.path().join(name))?;
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
    }
    allow_to_read(temporary.path())?;
    // An empty folder that has come there meanwhile holds nothing to lose.
    fs::rename(temporary.path(), folder)?;
    let _ = temporary.keep();
    Ok(())
}

/// A temporary folder is for its owner alone.
#[cfg(unix)]
fn allow_to_read(folder: &Path) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(folder, fs::Permissions::from_mode(0o755))
}

#[cfg(not(unix))]
fn allow_to_read(_: &Path) -> io::Result<()> {
    Ok(())
}

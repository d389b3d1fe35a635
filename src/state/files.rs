//! Files and folders of the state: for their owner alone, whole or not at all.

use std::fs::{self, DirBuilder, OpenOptions};
use std::io;
use std::path::Path;

use tempfile::Builder;

use super::Trouble;

/// Renames a file that cannot be understood; says so.
pub(super) fn set_aside(path: &Path) -> String {
    let aside = path.with_extension("json.aside");
    let what = format!("`{}` is damaged or of another version", path.display());
    match fs::rename(path, &aside) {
        Ok(()) => format!("{what}; it was set aside as `{}`", aside.display()),
        Err(_) => format!("{what}, and counts for nothing"),
    }
}

pub(super) fn make_folder(path: &Path) -> Result<(), Trouble> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder
        .create(path)
        .map_err(|error| refused(path, "cannot be made", &error))
}

/// Only its owner may read a new file.
pub(super) fn private(options: &mut OpenOptions) -> &mut OpenOptions {
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(options, 0o600);
    options
}

/// The whole file or none, and on the disk before anything that relies on it.
pub(super) fn write_whole(path: &Path, bytes: &[u8]) -> Result<(), Trouble> {
    let write = || -> io::Result<()> {
        let folder = path.parent().unwrap_or(Path::new("."));
        let mut file = Builder::new()
            .prefix(".")
            .suffix(".tmp")
            .tempfile_in(folder)?;
        io::Write::write_all(&mut file, bytes)?;
        file.as_file().sync_all()?;
        file.persist(path).map_err(|error| error.error)?;
        fs::File::open(folder)?.sync_all()
    };
    write().map_err(|error| refused(path, "cannot be written", &error))
}

/// What could not be done with a file, and why.
pub(super) fn refused(path: &Path, what: &str, error: &io::Error) -> Trouble {
    Trouble {
        message: format!("`{}` {what}: {}", path.display(), crate::files::why(error)),
        help: Some(
            "the state of deployments lies there; XDG_STATE_HOME names another place".to_owned(),
        ),
    }
}

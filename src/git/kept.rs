//! Whether git keeps a file out of the repository.

use std::path::Path;

use super::child::Git;
use super::root_above;

/// How git keeps a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kept {
    /// It tracks the file: it is in the index.
    Tracked,
    /// It does not, and nothing says that it shall not: the next `git add` takes the file.
    Open,
}

/// How git keeps a file, which may be missing; `None` where it keeps it out, and where there is no repository or no git
/// to be asked.
pub fn kept(path: &Path) -> Option<Kept> {
    let path = std::path::absolute(path).ok()?;
    let folder = path.parent()?;
    let real = folder.canonicalize().ok()?;
    root_above(&real)?;
    let path = real.join(path.file_name()?);
    let spec = format!(":(literal){}", path.to_str()?);
    let words = [
        "ls-files",
        "-t",
        "-z",
        "--cached",
        "--others",
        "--exclude-standard",
        "--",
        &spec,
    ];
    let answer = Git::near(&real).try_ask(&words).ok()??;
    match answer.first()? {
        b'?' => Some(Kept::Open),
        _ => Some(Kept::Tracked),
    }
}

//! Where git looks for a repository's hooks.

use std::path::PathBuf;

use super::{Repository, Trouble, real};

/// The folder of the hooks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hooks {
    /// The folder, without links as far as it is there.
    pub folder: PathBuf,
    /// Whether a hook there is for this repository: the folder is a part of it, or the repository's own settings name
    /// it. Settings of the person or the machine name one for all repositories.
    pub own: bool,
}

impl Repository {
    /// Where git looks for hooks here: `core.hooksPath` where that is set, else beside what all work trees share.
    ///
    /// # Errors
    /// Git refuses.
    pub fn hooks(&self) -> Result<Hooks, Trouble> {
        // From the top: git counts a relative setting from there, where it runs the hooks.
        let git = self.git.from(&self.top);
        let folder = git.path(git.ask(&["rev-parse", "--git-path", "hooks"], &[])?);
        let shared = git.path(git.ask(&["rev-parse", "--git-common-dir"], &[])?);
        let (folder, shared) = (real(&folder)?, real(&shared)?);
        let inside = folder.starts_with(&self.top) || folder.starts_with(&shared);
        let own = inside || self.names_its_hooks()?;
        Ok(Hooks { folder, own })
    }

    /// Whether the setting that counts is the repository's own, for all of its work trees or for one.
    fn names_its_hooks(&self) -> Result<bool, Trouble> {
        let words = ["config", "--show-scope", "--get", "core.hooksPath"];
        let answer = self.git.try_ask(&words)?.unwrap_or_default();
        Ok(answer.starts_with(b"local\t") || answer.starts_with(b"worktree\t"))
    }
}

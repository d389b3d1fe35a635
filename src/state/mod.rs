//! What is remembered of deployments, in `$XDG_STATE_HOME/composegen/ENGINE/PROJECT/`: one place for all checkouts that
//! deploy a project to an engine. Folders have the mode 0700, files 0600, since resolved Compose files hold secrets.
//!
//! ```text
//! lock                 held while somebody works; its text says who
//! journal.json         the step that comes or is under way; gone when nothing is
//! current.json         the release that runs
//! last.json            the last number that a release was given; none is given twice
//! empty                there while the volumes are removed, so that the next start is a first one
//! releases/4/          release.json, and compose.json: the resolved file
//! ```
//!
//! | file | what stands there |
//! |---|---|
//! | `store.rs` | the folder: journal, releases, and what is set aside when it cannot be read |
//! | `current.rs` | which release runs, which number was given last |
//! | `files.rs` | files for their owner alone, whole or not at all |
//! | `lock.rs` | one at a time |

mod current;
mod files;
pub mod lock;
pub mod store;

pub use store::Store;

/// Why the state cannot be kept: a sentence, and the next step where there is one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trouble {
    /// The sentence.
    pub message: String,
    /// The next step.
    pub help: Option<String>,
}

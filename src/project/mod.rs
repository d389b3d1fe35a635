//! A Compose file that somebody else wrote, with all that it includes and extends, as one typed document.
//!
//! | file | what stands there |
//! |---|---|
//! | `load.rs`, `top.rs` | from files to one tree: the order of the steps; what stands at the top of a file |
//! | `variables.rs`, `env_files.rs` | which variables have which values |
//! | `revealed.rs` | which values came in where, so that no message repeats one |
//! | `defaults.rs` | the defaults of variables, where they are used |
//! | `interpolate.rs` | `${NAME}` in a tree, as far as the values are known |
//! | `extends.rs`, `include.rs`, `parts.rs` | what other services and files bring |
//! | `merge.rs`, `forms.rs` | a later tree over an earlier one, as Compose merges them |
//! | `paths.rs` | paths of a file in another folder, seen from the project's |
//! | `shape.rs`, `items.rs`, `scalar.rs`, `asked.rs` | what Compose asks of a tree beside the types of the model; the tables of it |
//! | `check.rs`, `conflicts.rs`, `platforms.rs`, `limits.rs`, `cycles.rs` | what Compose asks of the whole: references, what excludes each other, platforms, amounts given twice, circles |
//! | `unknown.rs` | names that nothing has |
//! | `service_files.rs` | the env files and label files of services |
//!
//! Every value keeps the place where it was written. Nothing here opens a file: [`Files`] does.

mod asked;
mod check;
mod conflicts;
mod cycles;
mod defaults;
mod env_files;
mod extends;
mod forms;
mod include;
mod interpolate;
mod items;
mod limits;
pub mod load;
mod merge;
mod parts;
mod paths;
mod platforms;
mod revealed;
mod scalar;
mod service_files;
mod shape;
mod top;
mod tree;
mod unknown;
mod variables;

use rustc_hash::FxHashMap;

use crate::compose::document::Document;
use crate::place::Place;
use crate::yaml::node::Node;

pub use defaults::VariableDefault;
pub use load::{Asked, Written, load, load_as_written};
pub use merge::{Earlier, Replaced};
pub use paths::{joined, seen_from, way};
pub use revealed::Revealed;
pub use variables::Variables;

/// A project as far as it could be read.
pub struct Project<'s> {
    /// All of it in one document; `None` where a file could not be read or parsed.
    pub document: Option<Document<'s>>,
    /// Which values of env files came into it, and where.
    pub revealed: Revealed,
    /// The defaults that its variables have where they are used.
    pub defaults: Vec<VariableDefault<'s>>,
    /// The same as one tree.
    pub tree: Option<Node<'s, 's>>,
    /// The texts in which variables stood, as they are written.
    pub interpolated: FxHashMap<Place, &'s str>,
    /// The profiles that are on.
    pub profiles: Vec<String>,
}

/// A file of a project.
#[derive(Clone, Copy, Debug)]
pub struct ReadFile<'s> {
    /// Its number in places.
    pub number: u16,
    /// Its bytes.
    pub bytes: &'s [u8],
}

/// Why a file is not read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NoFile {
    /// There is none.
    Missing,
    /// Another reason, as the end of a sentence that begins with the file: "is not a regular file".
    Refused(String),
}

/// Where files come from. Paths start at the folder in which the program runs.
pub trait Files<'s> {
    /// Reads a Compose file; the same file has the same number again, by whatever path.
    ///
    /// # Errors
    /// There is none, it is no regular file, too large, or cannot be read.
    fn compose(&self, path: &str) -> Result<ReadFile<'s>, NoFile>;

    /// Reads an env file.
    ///
    /// # Errors
    /// As for a Compose file.
    fn env(&self, path: &str) -> Result<ReadFile<'s>, NoFile>;
}

/// The first byte of a file.
fn start_of(file: u16) -> Place {
    Place {
        file,
        len: 1,
        start: 0,
    }
}

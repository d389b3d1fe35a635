//! YAML in and out: a tree with places for every key and value, and an emitter.
//!
//! [`read`](read::read) turns a catalog's text into [`Node`]s that live in an arena of their own;
//! [`Writer`] writes a Compose file that YAML 1.1 and YAML 1.2 readers understand alike.
//! The tokeniser behind `read` is named in this folder only.

pub mod ambiguous;
mod anchors;
pub mod error;
mod faults;
mod hints;
pub mod node;
pub mod number;
pub mod read;
mod scalar;
mod text;
pub mod write;

pub use error::{ErrorKind, YamlError};
pub use hints::comma_hint;
pub use node::{Entry, Kind, Node, Tagged};
pub use read::{Documents, Reading, TWICE, read, read_documents, read_on};
pub use text::{NotUtf8, decode};
pub use write::Writer;

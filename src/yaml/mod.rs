//! YAML in and out: a tree with places for every key and value, and an emitter.
//!
//! [`read`](read::read) turns a catalog's text into [`Node`]s that live in an arena of their own;
//! [`Writer`] writes a Compose file that YAML 1.1 and YAML 1.2 readers understand alike.
//! The tokeniser behind `read` is named in this folder only.

pub mod ambiguous;
mod anchors;
pub mod node;
pub mod number;
pub mod read;
pub mod write;

pub use node::{Entry, Kind, Node, Tagged};
pub use read::{
    Documents, ErrorKind, NotUtf8, Reading, TWICE, YamlError, comma_hint, decode, read,
    read_documents, read_on,
};
pub use write::Writer;

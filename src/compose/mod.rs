//! The typed model of the Compose Specification (<https://github.com/compose-spec/compose-spec>): every key of a
//! service, network, volume, secret and config, in all its forms, read and written. It knows nothing of a catalog:
//! catalog, plan, rules and outputs stand on it, and so will the reading of strangers' files.
//!
//! | file | what stands there |
//! |---|---|
//! | `value.rs` | what every value can do: be read, layered, evaluated, written, described |
//! | `model.rs` | the macro that makes a typed map of named keys |
//! | `rare.rs` | the keys of such a map that few files use |
//! | `beside.rs` | what such a map holds beside its keys: `x-` keys, what it removes |
//! | `scalar.rs` | texts, numbers, sizes, durations; `Val`, which may still hold a `{{ }}` or a `${ }` |
//! | `list.rs`, `keyed.rs` | lists, maps by name, lists whose items have a name |
//! | `service.rs` | the service, and the parts that have no file of their own |
//! | `document.rs` | the whole file |

pub mod ambiguous;
pub mod beside;
pub mod build;
pub mod command;
pub mod deploy;
pub mod develop;
pub mod document;
pub mod habits;
pub mod health;
pub mod keyed;
pub mod list;
pub mod model;
pub mod mounts;
pub mod network;
pub mod ports;
pub mod rare;
pub mod raw;
pub mod scalar;
pub mod service;
pub mod storage;
pub mod value;

pub use keyed::{Entry, Keyed, Slot};
pub use list::{List, OneOrMany};
pub use network::Network;
pub use scalar::{Is, Loose, Text, Val};
pub use service::Service;
pub use storage::{Config, Secret, Volume};
pub use value::{Evaluator, Reader, Sink, Value};

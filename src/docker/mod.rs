//! Docker, spoken to through its own command line: what it says is read as JSON, and each call is one function. Its
//! child processes have an environment of their own: nothing that the caller's shell says about Compose reaches them.
//! Nothing is decided here.
//!
//! | file | what stands there |
//! |---|---|
//! | `process.rs` | one child process: its output, its end, how it is ended early |
//! | `interrupt.rs` | Ctrl-C and its like |
//! | `client.rs` | one call of `docker`, and what its failure means in words |
//! | `engine.rs` | the engine: what it is, and where |
//! | `containers.rs` | containers |
//! | `images.rs` | images, and whether a registry has them |
//! | `named.rs` | volumes and networks |
//! | `inspect.rs` | what `docker inspect` writes, as containers |
//! | `compose.rs` | `docker compose` on one project |
//! | `host.rs` | the machine that the engine runs on: ports, disk, processes |

pub mod client;
pub mod compose;
mod containers;
mod engine;
pub mod host;
mod images;
mod inspect;
pub mod interrupt;
mod named;
pub mod process;

pub use client::{Docker, Trouble};

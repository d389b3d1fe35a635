//! What a deployment decides, from facts that others gathered: what is in its way, what it will change, whether what
//! came up is what was planned, what to do after one that was interrupted. No engine, no clock and no file is touched
//! here, so every decision and every message is tried with plain values.
//!
//! | file | what stands there |
//! |---|---|
//! | `facts.rs` | containers and the engine, as the engine tells of them |
//! | `model.rs` | a Compose file as Compose resolved it |
//! | `hidden.rs` | the values that no message may show |
//! | `release.rs` | a release: what was started, to be started again |
//! | `preflight.rs` | what is in the way before anything starts |
//! | `room.rs` | whether the sums fit the engine's machine |
//! | `supply.rs` | where images come from |
//! | `registries.rs` | how the engine speaks to registries |
//! | `changes.rs` | what will be created, recreated and removed |
//! | `standing.rs` | how far the services are, and what failed |
//! | `verify.rs` | whether what runs is what was planned |
//! | `journal.rs` | the steps, what is written before each, and what to do after an interruption |
//! | `live.rs` | what runs against the plan |
//! | `moment.rs` | points in time as text |

pub mod changes;
pub mod facts;
pub mod hidden;
pub mod journal;
pub mod live;
pub mod model;
pub mod moment;
pub mod preflight;
pub mod registries;
pub mod release;
pub mod room;
pub mod standing;
pub mod supply;
pub mod verify;

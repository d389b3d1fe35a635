//! composegen: a compiler from a service catalog to Docker Compose files that fit the machine.
//!
//! Data goes one way: source -> catalog -> plan -> rules -> outputs -> files. See CONTRIBUTING.md.

pub mod catalog;
pub mod compose;
pub mod finding;
pub mod pipeline;
pub mod place;
pub mod plan;
pub mod rule;
pub mod rules;
pub mod source;
pub mod values;
pub mod yaml;

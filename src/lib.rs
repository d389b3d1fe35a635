//! composegen: a compiler from a service catalog to Docker Compose files that fit the machine.
//!
//! Data goes one way: source -> catalog -> plan -> rules -> outputs -> files. See CONTRIBUTING.md.

pub mod catalog;
pub mod cli;
pub mod commands;
pub mod compose;
pub mod deploy;
pub mod difference;
pub mod docker;
pub mod dotenv;
pub mod files;
pub mod finding;
pub mod git;
pub mod guard;
pub mod hook;
pub mod import;
pub mod outputs;
pub mod pipeline;
pub mod place;
pub mod plan;
pub mod project;
pub mod report;
pub mod rule;
pub mod rules;
pub mod secrets;
pub mod source;
pub mod state;
pub mod values;
pub mod yaml;

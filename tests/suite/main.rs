//! Every test that sees the program as its users do, in one binary: a kind is a module.

mod bad_input;
mod cli;
mod compose_config;
mod direction;
mod golden;
mod in_memory;
#[cfg(target_os = "linux")]
mod mounts;
mod project;
mod properties;
mod readme;

//! Every test that sees the program as its users do, in one binary: a kind is a module.

mod acceptance;
mod as_compose;
mod bad_input;
mod cli;
mod compose_config;
mod deploy;
mod difference;
mod direction;
mod dotenv;
mod editor;
mod env_init;
mod formats;
mod fuzz;
#[path = "../../fuzz/bodies/mod.rs"]
mod fuzz_bodies;
mod git;
mod golden;
mod graph;
mod guard;
#[cfg(unix)]
mod hook;
mod import_modes;
mod in_memory;
#[cfg(unix)]
mod influxdb_init;
#[cfg(target_os = "linux")]
mod init;
mod manual;
mod masks;
#[cfg(target_os = "linux")]
mod mounts;
#[cfg(unix)]
mod pre_commit;
mod project;
mod properties;
#[cfg(target_os = "linux")]
#[path = "../pty/mod.rs"]
mod pty;
mod readme;
mod rules_page;
mod schema;
mod secrets;
mod spellings;
mod validate;
#[cfg(target_os = "linux")]
mod workflows;

/// Says what could not be seen here, past the harness, which keeps what passing tests print.
fn skipped(what: &str) {
    use std::io::Write;
    let _ = writeln!(std::io::stderr(), "skipped: {what}");
}

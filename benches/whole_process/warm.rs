//! Memory that a virtual machine has at hand. The host of one takes back what its guests freed, and gives it again page by
//! page when it is first written: there, the same 128 MiB took 6 ms to fill or 260, by what ran a moment before. That says
//! nothing of the programs measured, so before each measured run a child writes as much memory as the largest of them needs.

use std::process::Command;

use crate::measure;
use crate::stage::{Stage, this_program};

/// Writes so many bytes of memory in a process of its own, and gives them back to the kernel.
///
/// # Errors
/// It could not run.
pub fn before(stage: &Stage, bytes: u64) -> Result<(), String> {
    let mut command = Command::new(this_program()?);
    command.arg("--warm").arg(bytes.to_string());
    measure::run(&mut command, &stage.log("warm")).map(drop)
}

/// What the child does.
pub fn run(bytes: usize) {
    let mut memory: Vec<u8> = Vec::with_capacity(bytes);
    memory.resize(bytes, 1);
    std::hint::black_box(&memory);
}

//! Memory that a virtual machine has at hand. The host of one takes back what its guests freed, and gives it again when it is
//! first written: there, the same 128 MiB took 6 ms to fill or 260, by what ran a moment before. That says nothing of the
//! programs measured, so before each measured run a child writes as much memory as the largest of them needs: once in small
//! pages and once in large ones, since freed pages of one kind do not serve the other (composegen with 10,000 services spent
//! 20 ms in the kernel behind both, 180 ms behind small ones alone).

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
    for in_large_pages in [false, true] {
        let mut memory: Vec<u8> = Vec::with_capacity(bytes + LARGE_PAGE);
        if in_large_pages {
            advise(&mut memory);
        }
        memory.resize(memory.capacity(), 1);
        std::hint::black_box(&memory);
    }
}

/// The size of a large page on the machines in use.
const LARGE_PAGE: usize = 2 << 20;

/// Asks for large pages; where there are none, nothing happens.
#[cfg(target_os = "linux")]
fn advise(memory: &mut Vec<u8>) {
    let offset = memory.as_ptr().align_offset(LARGE_PAGE);
    let length = memory.capacity().saturating_sub(offset);
    // SAFETY: it is the vector's own memory, and this advice changes no contents.
    unsafe {
        libc::madvise(
            memory.as_mut_ptr().wrapping_add(offset).cast(),
            length,
            libc::MADV_HUGEPAGE,
        )
    };
}

#[cfg(not(target_os = "linux"))]
fn advise(_: &mut Vec<u8>) {}

//! The machine's memory at hand: what a virtual machine has of it depends on what ran before, and not on who asks.
//!
//! The host of a virtual machine takes back memory that was free for some seconds, and gives it again, page by page, to
//! whoever first writes it: composegen with 100,000 services took 0.1 s of kernel time for its memory where the machine
//! had it still, and between 0.5 and 1.5 s where it had not. So a process fills more memory than any of the programs
//! needs and ends, and the program behind it finds that memory. Where nobody takes memory back it changes nothing.

use std::path::Path;
use std::process::Command;

use crate::measure::{self, Usage};

/// So many times what the programs need is filled: one that runs for seconds takes the last of its memory after the host
/// began to take back what was left.
const TIMES: u64 = 2;

/// So much is filled at least: which pages of all that are free a program gets is the kernel's choice (with 300 MB filled,
/// 10,000 services took 256 to 323 ms).
const LEAST: u64 = 2 << 30;

/// From so many bytes on it is the memory that counts, and below it what the caches hold. Well below the 62 to 66 MiB that
/// composegen needs for 10,000 services: memory is filled before each of those runs, or before none.
const MUCH: u64 = 48 << 20;

/// Bytes in a small page; where pages are larger, each is written more than once.
const PAGE: usize = 4096;

/// What the programs need on one catalog, as far as it was seen.
#[derive(Default)]
pub struct Memory {
    most: u64,
}

impl Memory {
    /// A program used so much.
    pub fn note(&mut self, usage: Usage) {
        self.most = self.most.max(usage.peak);
    }

    /// Whether a program needs so much that it matters whether the machine has it.
    pub fn is_much(&self) -> bool {
        self.most >= MUCH
    }

    /// Fills memory in a process of its own.
    ///
    /// # Errors
    /// It could not run.
    pub fn fill(&self, program: &Path, log: &Path) -> Result<(), String> {
        let bytes = (self.most * TIMES).max(LEAST);
        let mut command = Command::new(program);
        command.arg("--fill").arg(bytes.to_string());
        measure::run(&mut command, log).map(|_| ())
    }
}

/// What the child does: writes a byte into every page of so much memory, in large pages where the kernel has them.
///
/// # Errors
/// The machine has not so much.
pub fn fill(bytes: usize) -> Result<(), String> {
    let mut memory: Vec<u8> = Vec::new();
    memory
        .try_reserve_exact(bytes)
        .map_err(|error| error.to_string())?;
    advise(&mut memory);
    for page in memory.spare_capacity_mut().chunks_mut(PAGE) {
        page[0].write(1);
    }
    std::hint::black_box(&memory);
    Ok(())
}

/// Asks for large pages, as composegen does.
#[cfg(target_os = "linux")]
fn advise(memory: &mut Vec<u8>) {
    let start = memory.as_mut_ptr();
    let skipped = start.align_offset(PAGE);
    let length = memory.capacity().saturating_sub(skipped);
    // SAFETY: the stretch is this vector's, and the advice changes no contents.
    unsafe {
        libc::madvise(
            start.wrapping_add(skipped).cast(),
            length,
            libc::MADV_HUGEPAGE,
        );
    }
}

#[cfg(not(target_os = "linux"))]
fn advise(_: &mut Vec<u8>) {}

//! The machine that the numbers come from, named in one line above the table.

use std::env::consts::{ARCH, OS};
use std::fs;
use std::thread;

/// Processor, cores, kernel, and how composegen and the bound are linked.
pub fn describe() -> String {
    let cores = thread::available_parallelism().map_or(1, usize::from);
    let kernel = fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
    let processor = processor().unwrap_or_else(|| ARCH.to_owned());
    format!(
        "{processor}, {cores} cores, {OS} {}; medians of CPU time (user and system), ratios turn by turn, growth in pairs, release build, {}",
        kernel.trim(),
        match cfg!(target_feature = "crt-static") {
            true => "static",
            false => "with shared libraries",
        }
    )
}

fn processor() -> Option<String> {
    let text = fs::read_to_string("/proc/cpuinfo").ok()?;
    let line = text.lines().find(|line| line.starts_with("model name"))?;
    Some(line.split_once(':')?.1.trim().to_owned())
}

//! The machine of a new catalog: what was said, or what this one has.

use crate::cli::{Init, LEAST_MEMORY};
use crate::docker::host;
use crate::import::{Known, Machine, Named};
use crate::values::memory::Memory;

/// What a machine is taken to have where that cannot be seen.
const USUAL: Machine = Machine {
    memory: Memory::from_mib(8 << 10),
    cpus: 4,
};

/// Up to so much, memory is built in by steps of less than a GiB.
const SMALL: u64 = 2 << 30;

/// This machine.
pub fn this() -> Machine {
    Machine {
        memory: host::memory().map_or(USUAL.memory, built_in),
        cpus: host::cpus().unwrap_or(USUAL.cpus),
    }
}

/// The kernel keeps some of the memory that is built in to itself: the next usual amount is meant.
fn built_in(bytes: u64) -> Memory {
    let step = if bytes > SMALL { 1 << 30 } else { 256 << 20 };
    Memory::from_bytes(bytes.div_ceil(step) * step).max(LEAST_MEMORY)
}

/// The machine for Compose files: what was said, this one for what was not.
pub fn known(words: &Init) -> Known {
    let this = this();
    Known {
        machine: Machine {
            memory: words.memory.unwrap_or(this.memory),
            cpus: words.cpus.unwrap_or(this.cpus),
        },
        named: Named {
            memory: words.memory.is_some(),
            cpus: words.cpus.is_some(),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_memory_that_is_built_in_is_meant() {
        for (kibibytes, expected) in [
            (24_637_432, "24GiB"),
            (8_048_512, "8GiB"),
            (3_900_000, "4GiB"),
            (1_000_000, "1GiB"),
            (480_000, "512MiB"),
            (100_000, "512MiB"),
        ] {
            assert_eq!(built_in(kibibytes * 1024).spelled(), expected);
        }
    }
}

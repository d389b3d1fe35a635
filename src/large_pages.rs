//! The program's memory: the system's allocator, with large pages behind large blocks. A catalog fills its memory once,
//! from front to end; with pages of 4 KiB the kernel would be asked thousands of times for the next one (measured: 2 MiB
//! in one page cost as much as 28 small pages; small ones were a tenth of the time for 1,000 services). The only unsafe
//! code of the program.

use std::alloc::{GlobalAlloc, Layout, System};

/// A block of this many bytes or more stands in large pages, where the kernel has them.
const LARGE: usize = 512 << 10;

/// The size of a large page on the machines in use.
const PAGE: usize = 2 << 20;

/// The system's allocator, with large pages behind large blocks.
pub struct LargePages;

/// How a block is asked for: a large one fills whole large pages.
fn paged(layout: Layout) -> Layout {
    if layout.size() < LARGE {
        return layout;
    }
    let paged = layout.align_to(PAGE);
    paged.map_or(layout, |layout| layout.pad_to_align())
}

// SAFETY: every call is the system allocator's; a block's alignment follows from its size alone, so that it is given
// back with the layout with which it was asked for. The advice changes no contents.
unsafe impl GlobalAlloc for LargePages {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let block = unsafe { System.alloc(paged(layout)) };
        if layout.size() >= LARGE {
            advise(block, paged(layout).size());
        }
        block
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        unsafe { System.dealloc(block, paged(layout)) }
    }

    unsafe fn realloc(&self, block: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        if layout.size() < LARGE && size < LARGE {
            return unsafe { System.realloc(block, layout, size) };
        }
        let Ok(next) = Layout::from_size_align(size, layout.align()) else {
            return std::ptr::null_mut();
        };
        // A block that grows has its last page to itself.
        if paged(next) == paged(layout) {
            return block;
        }
        let moved = unsafe { self.alloc(next) };
        if !moved.is_null() {
            unsafe {
                std::ptr::copy_nonoverlapping(block, moved, layout.size().min(size));
                self.dealloc(block, layout);
            }
        }
        moved
    }
}

/// Asks for large pages; a kernel without them says no, and nothing is lost.
#[cfg(target_os = "linux")]
fn advise(block: *mut u8, size: usize) {
    use rustix::mm::{Advice, madvise};
    if !block.is_null() {
        // SAFETY: the block is ours, and this advice changes no contents.
        let _ = unsafe { madvise(block.cast(), size, Advice::LinuxHugepage) };
    }
}

#[cfg(not(target_os = "linux"))]
fn advise(_: *mut u8, _: usize) {}

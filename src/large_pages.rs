//! The program's memory: the system's allocator, with large pages where most of the memory is used.
//!
//! A build lasts a few milliseconds, and most of what it takes it keeps. So the main thread cuts its blocks from one
//! large page, one behind the other, until that is full: nothing is searched and nothing given back, and in place of
//! hundreds of small pages the kernel is asked for one (measured: a tenth of the time of a catalog of 34 services). What
//! comes later, and what other threads take, is the system's; blocks of half a megabyte and more stand in large pages
//! of their own (measured: small ones were a tenth of the time for 1,000 services, and 2 MiB in one page cost as much as
//! 28 small pages). Some of those that are given back the main thread keeps and uses again. The only unsafe code of the
//! program.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::sync::atomic::{AtomicUsize, Ordering};

/// A block of this many bytes or more stands in large pages, where the kernel has them.
const LARGE: usize = 512 << 10;

/// The size of a large page on the machines in use.
const PAGE: usize = 2 << 20;

/// The system's allocator, with large pages.
pub struct LargePages;

/// The address of the first page; 0 before it is taken.
static FIRST: AtomicUsize = AtomicUsize::new(0);

/// So many blocks in large pages are kept when they are given back.
const KEPT: usize = 8;

thread_local! {
    /// What of the first page is free: from here, to there. Nothing of it for any thread but the main one.
    static FREE: Cell<(usize, usize)> = const { Cell::new((0, 0)) };
    /// Blocks in large pages that were given back, each by its address and size. The main thread uses them again.
    static SPARE: Cell<[(usize, usize); KEPT]> = const { Cell::new([(0, 0); KEPT]) };
}

/// Takes the first page, from which the thread that calls this takes its blocks from now on. To be called once.
pub fn begin() {
    let Ok(page) = Layout::from_size_align(PAGE, PAGE) else {
        return;
    };
    // SAFETY: the size is not 0.
    let block = unsafe { System.alloc(page) };
    if block.is_null() {
        return;
    }
    advise(block, PAGE);
    let start = block.expose_provenance();
    FIRST.store(start, Ordering::Relaxed);
    FREE.set((start, start + PAGE));
}

/// Whether a block stands in the first page.
fn is_first(block: *mut u8) -> bool {
    let first = FIRST.load(Ordering::Relaxed);
    first != 0 && (first..first + PAGE).contains(&block.addr())
}

/// A block of the first page, where there is room.
fn cut(layout: Layout) -> Option<*mut u8> {
    let (free, end) = FREE.get();
    let start = free.checked_next_multiple_of(layout.align())?;
    let next = start.checked_add(layout.size())?;
    (next <= end).then(|| {
        FREE.set((next, end));
        std::ptr::with_exposed_provenance_mut(start)
    })
}

/// Whether a block of the first page could be made this long where it is: the last one can, and any can be shorter.
fn stretch(block: *mut u8, layout: Layout, size: usize) -> bool {
    let (free, end) = FREE.get();
    let is_last = block.addr() + layout.size() == free;
    let next = block.addr().saturating_add(size);
    if is_last && next <= end {
        FREE.set((next, end));
        return true;
    }
    size <= layout.size()
}

/// How a block is asked of the system: a large one fills whole large pages.
fn paged(layout: Layout) -> Layout {
    if layout.size() < LARGE {
        return layout;
    }
    let paged = layout.align_to(PAGE);
    paged.map_or(layout, |layout| layout.pad_to_align())
}

/// A block of the system.
#[cold]
fn of_system(layout: Layout) -> *mut u8 {
    if let Some(block) = spare(paged(layout)) {
        return block;
    }
    // SAFETY: the size is not 0, since that of the block that was asked for is not.
    let block = unsafe { System.alloc(paged(layout)) };
    if layout.size() >= LARGE {
        advise(block, paged(layout).size());
    }
    block
}

/// Whether the thread is the main one, which has the first page.
fn is_main() -> bool {
    FREE.get().1 > 0
}

/// A block in large pages of this size that was given back.
fn spare(layout: Layout) -> Option<*mut u8> {
    if layout.align() != PAGE {
        return None;
    }
    let mut spare = SPARE.get();
    let (block, size) = spare.iter_mut().find(|(_, size)| *size == layout.size())?;
    *size = 0;
    let block = std::ptr::with_exposed_provenance_mut(*block);
    SPARE.set(spare);
    Some(block)
}

/// Keeps a block in large pages that is given back: a page that the kernel has to empty once more takes longer than
/// most of what is done in it (measured: a twelfth of the time for 10,000 services was emptying pages). `false` where
/// there is no room for it.
fn keep(block: *mut u8, layout: Layout) -> bool {
    if layout.align() != PAGE || !is_main() {
        return false;
    }
    let mut spare = SPARE.get();
    let Some(free) = spare.iter_mut().find(|(_, size)| *size == 0) else {
        return false;
    };
    *free = (block.expose_provenance(), layout.size());
    SPARE.set(spare);
    true
}

// SAFETY: a block is cut from memory that is ours and free, and never cut again unless it was given back last; or it is
// the system's. Which of them is seen from its address; the system's is given back with the layout with which it was
// asked for, since that follows from the block's size and alignment alone; or it is kept, belongs to nobody, and is handed
// out again for a layout that comes to the same. The advice changes no contents.
unsafe impl GlobalAlloc for LargePages {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        cut(layout).unwrap_or_else(|| of_system(layout))
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        if is_first(block) {
            stretch(block, layout, 0);
        } else if !keep(block, paged(layout)) {
            unsafe { System.dealloc(block, paged(layout)) }
        }
    }

    unsafe fn realloc(&self, block: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        let Ok(next) = Layout::from_size_align(size, layout.align()) else {
            return std::ptr::null_mut();
        };
        let is_first = is_first(block);
        if is_first && stretch(block, layout, size) {
            return block;
        }
        if !is_first && layout.size() < LARGE && size < LARGE {
            return unsafe { System.realloc(block, layout, size) };
        }
        // A block that grows has its last page to itself.
        if !is_first && paged(next) == paged(layout) {
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

#[cfg(test)]
mod tests {
    use super::*;

    /// A block that is filled with one byte, and holds it until it is given back.
    struct Block {
        start: *mut u8,
        layout: Layout,
        byte: u8,
    }

    // SAFETY: a block belongs to whoever has it.
    unsafe impl Send for Block {}

    impl Block {
        fn new(size: usize, align: usize, byte: u8) -> Self {
            let layout = Layout::from_size_align(size, align).unwrap();
            let start = unsafe { LargePages.alloc(layout) };
            assert!(!start.is_null() && start.addr().is_multiple_of(align));
            unsafe { start.write_bytes(byte, size) };
            Block {
                start,
                layout,
                byte,
            }
        }

        fn bytes(&self) -> &[u8] {
            unsafe { std::slice::from_raw_parts(self.start, self.layout.size()) }
        }

        fn is_whole(&self) -> bool {
            self.bytes().iter().all(|byte| *byte == self.byte)
        }

        fn resize(self, size: usize) -> Self {
            let start = unsafe { LargePages.realloc(self.start, self.layout, size) };
            assert!(!start.is_null());
            let kept = size.min(self.layout.size());
            let layout = Layout::from_size_align(size, self.layout.align()).unwrap();
            let block = Block {
                start,
                layout,
                byte: self.byte,
            };
            assert!(block.bytes()[..kept].iter().all(|byte| *byte == block.byte));
            unsafe { start.write_bytes(block.byte, size) };
            block
        }

        fn give_back(self) {
            assert!(self.is_whole());
            unsafe { LargePages.dealloc(self.start, self.layout) };
        }
    }

    /// One test, since the first page is taken once.
    #[test]
    fn blocks_keep_what_is_in_them() {
        begin();
        let (one, two) = (Block::new(100, 1, 1), Block::new(24, 8, 2));
        assert!(is_first(one.start) && is_first(two.start));
        // The last one grows where it is, another moves, and a shorter one stays.
        let (was, two) = (two.start, two.resize(4000));
        assert_eq!(was, two.start);
        let (was, one) = (one.start, one.resize(200));
        assert_ne!(was, one.start);
        let (was, two) = (two.start, two.resize(10));
        assert_eq!(was, two.start);
        // The last one makes room for the next.
        let was = one.start;
        one.give_back();
        let one = Block::new(300, 1, 3);
        assert_eq!(was, one.start);
        // What is too large for the page, and what comes when it is full, is the system's.
        let large = Block::new(PAGE, 64, 4);
        let more: Vec<Block> = (0..40).map(|_| Block::new(60 << 10, 16, 5)).collect();
        assert!(!is_first(large.start) && !is_first(more[39].start) && is_first(more[0].start));
        let grown = one.resize(PAGE * 3);
        assert!(!is_first(grown.start) && two.is_whole() && more.iter().all(Block::is_whole));
        // Another thread has none of it, and may give it back or let it grow.
        let two = std::thread::spawn(move || {
            let own = Block::new(10, 1, 6);
            assert!(!is_first(own.start));
            own.give_back();
            two.resize(5000)
        })
        .join()
        .unwrap();
        assert!(!is_first(two.start));
        for block in more.into_iter().chain([large, grown.resize(70), two]) {
            block.give_back();
        }
        // Large pages are used again, for as many of them.
        let (one, two) = (Block::new(LARGE, 1, 7), Block::new(PAGE * 2, 1, 8));
        let was = [one.start, two.start];
        one.give_back();
        two.give_back();
        let [two, one] = [PAGE + 1, PAGE].map(|size| Block::new(size, 16, 9));
        assert_eq!([one.start, two.start], was);
        // Whoever asks for zeros gets zeros.
        two.give_back();
        let layout = Layout::from_size_align(PAGE * 2, 1).unwrap();
        let zeroed = Block {
            start: unsafe { LargePages.alloc_zeroed(layout) },
            layout,
            byte: 0,
        };
        assert_eq!(zeroed.start, was[1]);
        assert!(zeroed.is_whole());
        // A kept block that grows moves, and keeps what is in it.
        let two = zeroed.resize(PAGE * 2 + 1);
        assert_ne!(two.start, was[1]);
        // As many are kept as there is room for; and what another thread gives back is the system's.
        let many: Vec<Block> = (0..=KEPT).map(|_| Block::new(PAGE, 1, 10)).collect();
        many.into_iter().for_each(Block::give_back);
        assert!(SPARE.get().iter().all(|(_, size)| *size >= PAGE));
        std::thread::spawn(move || {
            [one, two].into_iter().for_each(Block::give_back);
            assert_eq!(SPARE.get(), [(0, 0); KEPT]);
        })
        .join()
        .unwrap();
    }
}

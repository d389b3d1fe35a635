//! The program's memory: the system's allocator, with large pages where most of the memory is used.
//!
//! A build lasts a few milliseconds, and most of what it takes it keeps. So the main thread cuts its blocks from one
//! large page, one behind the other, until that is full: nothing is searched and nothing given back, and in place of
//! hundreds of small pages the kernel is asked for one (measured: a tenth of the time of a catalog of 34 services). What
//! comes later, and what other threads take, is the system's; blocks of half a megabyte and more stand in large pages
//! (measured: small ones were a tenth of the time for 1,000 services, and 2 MiB in one page cost as much as 28 small
//! pages). The main thread cuts these one behind the other, too, but for the largest, from regions of whole large pages:
//! in pages of their own they left a thirteenth of the memory for 100,000 services unused, which the kernel had to empty all
//! the same. What is given back it uses again. The only unsafe code of the program.

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
const KEPT: usize = 32;

/// The size of a region. What of it is never used takes no memory, only addresses.
const REGION: usize = 32 << 20;

/// So many regions there are at most; what comes when they are full stands in large pages of its own.
const REGIONS: usize = 8;

/// The blocks of regions have whole multiples of this size.
const GRAIN: usize = 64 << 10;

/// The addresses of the regions; 0 before one is taken.
static REGIONS_AT: [AtomicUsize; REGIONS] = [const { AtomicUsize::new(0) }; REGIONS];

/// A block by its address and size, a stretch by where it begins and ends; zeros for none.
type Pair = Cell<(usize, usize)>;

thread_local! {
    /// What of the first page is free: from here, to there. Nothing of it for any thread but the main one.
    static FREE: Pair = const { Cell::new((0, 0)) };
    /// What of the last region is free.
    static ROOM: Pair = const { Cell::new((0, 0)) };
    /// Blocks in large pages that were given back. The main thread uses them again.
    static SPARE: [Pair; KEPT] = const { [const { Cell::new((0, 0)) }; KEPT] };
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

/// A block of the system, or of a region.
#[cold]
fn of_system(layout: Layout) -> *mut u8 {
    if let Some(block) = of_region(layout).or_else(|| spare(paged(layout))) {
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

/// The size of a block in a region; `None` for what stands in none.
fn grains(layout: Layout) -> Option<usize> {
    let fits = (LARGE..=REGION / 2).contains(&layout.size()) && layout.align() <= GRAIN;
    fits.then(|| layout.size().next_multiple_of(GRAIN))
}

/// Whether a block stands in a region.
fn is_of_region(block: *mut u8) -> bool {
    let regions = REGIONS_AT.iter().map(|at| at.load(Ordering::Relaxed));
    let mut regions = regions.take_while(|at| *at != 0);
    regions.any(|at| (at..at + REGION).contains(&block.addr()))
}

/// A block of a region: one that was given back, or what comes behind the last one.
fn of_region(layout: Layout) -> Option<*mut u8> {
    let size = grains(layout).filter(|_| is_main())?;
    let kept = || SPARE.with(|spare| first_of(spare, size));
    let cut = || {
        let (free, end) = ROOM.get();
        let next = free.checked_add(size).filter(|next| *next <= end)?;
        ROOM.set((next, end));
        Some(free)
    };
    let start = kept().or_else(cut).or_else(|| {
        begin_region()?;
        cut()
    })?;
    Some(std::ptr::with_exposed_provenance_mut(start))
}

/// The beginning of the first kept block of a region that has so many bytes, or as many more as are a block themselves:
/// these stay.
fn first_of(spare: &[Pair], size: usize) -> Option<usize> {
    let has_room = |kept: &&Pair| {
        let (block, kept) = kept.get();
        (kept == size || kept >= size + LARGE)
            && is_of_region(std::ptr::with_exposed_provenance_mut(block))
    };
    let kept = spare.iter().find(has_room)?;
    let (block, length) = kept.get();
    kept.set(match length - size {
        0 => (0, 0),
        left => (block + size, left),
    });
    Some(block)
}

/// Takes a new region. What was left of the last one is kept like a block that is given back, where it is as large as one.
fn begin_region() -> Option<()> {
    let at = REGIONS_AT
        .iter()
        .find(|at| at.load(Ordering::Relaxed) == 0)?;
    let region = Layout::from_size_align(REGION, PAGE).ok()?;
    // SAFETY: the size is not 0.
    let block = unsafe { System.alloc(region) };
    if block.is_null() {
        return None;
    }
    advise(block, REGION);
    let (free, end) = ROOM.get();
    if end - free >= LARGE {
        put_by(free, end - free);
    }
    let start = block.expose_provenance();
    at.store(start, Ordering::Relaxed);
    ROOM.set((start, start + REGION));
    Some(())
}

/// A block in large pages of its own that was given back, of this size.
fn spare(layout: Layout) -> Option<*mut u8> {
    if layout.align() != PAGE {
        return None;
    }
    let is_it = |kept: &&Pair| {
        let (block, size) = kept.get();
        size == layout.size() && !is_of_region(std::ptr::with_exposed_provenance_mut(block))
    };
    let kept = SPARE.with(|spare| Some(spare.iter().find(is_it)?.replace((0, 0))));
    kept.map(|(block, _)| std::ptr::with_exposed_provenance_mut(block))
}

/// Keeps a block that is given back; `false` where there is no room for it.
fn put_by(block: usize, size: usize) -> bool {
    SPARE.with(|spare| {
        let free = spare.iter().find(|kept| kept.get().1 == 0);
        free.map(|free| free.set((block, size))).is_some()
    })
}

/// Keeps a block in large pages that is given back: a page that the kernel has to empty once more takes longer than
/// most of what is done in it (measured: a twelfth of the time for 10,000 services was emptying pages). `false` where
/// it has to be given back to the system. One of a region that cannot be kept is lost: regions are few.
fn keep(block: *mut u8, layout: Layout) -> bool {
    if is_of_region_of(block, layout) {
        if let Some(size) = grains(layout).filter(|_| is_main()) {
            let start = block.expose_provenance();
            match is_last(start, size) {
                true => ROOM.set((start, ROOM.get().1)),
                false => _ = put_by(start, size),
            }
        }
        return true;
    }
    let paged = paged(layout);
    paged.align() == PAGE && is_main() && put_by(block.expose_provenance(), paged.size())
}

/// Whether a block of a region is the last one of the last region.
fn is_last(start: usize, size: usize) -> bool {
    let (free, end) = ROOM.get();
    start + size == free && start + REGION >= end
}

/// Whether a block of this layout stands in a region.
fn is_of_region_of(block: *mut u8, layout: Layout) -> bool {
    layout.size() >= LARGE && is_of_region(block)
}

/// Whether a block of a region could be made this long where it is: within its last grain, or where it is the last one.
fn stretch_in_region(block: *mut u8, layout: Layout, next: Layout) -> bool {
    let (Some(size), Some(wanted)) = (grains(layout), grains(next)) else {
        return false;
    };
    let end = ROOM.get().1;
    let start = block.addr();
    if is_main() && is_last(start, size) && start + wanted <= end {
        ROOM.set((start + wanted, end));
        return true;
    }
    size == wanted
}

// SAFETY: a block is cut from memory that is ours and free, and never cut again unless it was given back last; or it is
// the system's. Which of them is seen from its address, and of a region from its size as well: no block below `LARGE`
// stands in one; the system's is given back with the layout with which it was asked for, since that follows from the block's size and
// alignment alone; or it is kept, belongs to nobody, and is handed out again for a layout that comes to the same, or, of a
// region, for one that needs no more. The advice changes no contents.
unsafe impl GlobalAlloc for LargePages {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        cut(layout).unwrap_or_else(|| of_system(layout))
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        if is_first(block) {
            stretch(block, layout, 0);
        } else if !keep(block, layout) {
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
        let stays = match is_of_region_of(block, layout) {
            true => stretch_in_region(block, layout, next),
            // A block in pages of its own has the last of them to itself.
            false => !is_first && paged(next) == paged(layout),
        };
        if stays {
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
        // Half a megabyte and more stands in a region, one block behind the other; the last grows where it is, and what is
        // given back is used again, in pieces too.
        SPARE.with(|spare| spare.iter().for_each(|kept| kept.set((0, 0))));
        let blocks = [LARGE, LARGE + 1, PAGE].map(|size| Block::new(size, 16, 7));
        let was = blocks.each_ref().map(|block| block.start);
        assert!(was.iter().all(|start| is_of_region(*start)));
        let [one, two, three] = blocks;
        let three = three.resize(PAGE * 3);
        assert_eq!(three.start, was[2]);
        // Within its last grain any block grows.
        let two = two.resize(LARGE + GRAIN);
        assert_eq!(two.start, was[1]);
        let one = one.resize(LARGE + 1);
        assert_ne!(one.start, was[0]);
        let again = Block::new(LARGE, 1, 8);
        assert_eq!(again.start, was[0]);
        three.give_back();
        let [front, back] = [PAGE, LARGE].map(|size| Block::new(size, 1, 9));
        assert!(two.is_whole() && again.is_whole() && one.is_whole());
        // Whoever asks for zeros gets zeros, and one that becomes small moves.
        again.give_back();
        let layout = Layout::from_size_align(LARGE, 1).unwrap();
        let zeroed = Block {
            start: unsafe { LargePages.alloc_zeroed(layout) },
            layout,
            byte: 0,
        };
        assert!(zeroed.is_whole() && is_of_region(zeroed.start));
        let small = zeroed.resize(LARGE - 1);
        assert!(!is_of_region(small.start));
        // Another thread takes none of a region, and what it gives back of one is lost.
        let one = std::thread::spawn(move || {
            let own = Block::new(LARGE, 1, 10);
            assert!(!is_of_region(own.start));
            own.give_back();
            front.give_back();
            one.resize(LARGE + 2)
        })
        .join()
        .unwrap();
        assert!(is_of_region(one.start));
        // More regions than one, and as many as there are; then pages of their own, which are used again.
        let many: Vec<Block> = (0..=REGIONS * 2)
            .map(|_| Block::new(REGION / 2, 1, 11))
            .collect();
        assert!(is_of_region(many[1].start) && !is_of_region(many[REGIONS * 2].start));
        assert!(many.iter().all(Block::is_whole) && back.is_whole());
        many.into_iter().for_each(Block::give_back);
        let largest = [REGION / 2 + 1, REGION].map(|size| Block::new(size, 1, 12));
        let was = largest.each_ref().map(|block| block.start);
        largest.into_iter().for_each(Block::give_back);
        let largest = [REGION, REGION / 2 + 1].map(|size| Block::new(size, 1, 13));
        assert_eq!(
            largest.each_ref().map(|block| block.start),
            [was[1], was[0]]
        );
        let [last, _] = largest;
        std::thread::spawn(move || {
            [one, two, back, small, last]
                .into_iter()
                .for_each(Block::give_back);
        })
        .join()
        .unwrap();
    }
}

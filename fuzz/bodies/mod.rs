//! What the fuzz targets do with their bytes. The targets are built by `cargo fuzz` alone; the test suite uses the same
//! bodies on the seeds, so that they hold without it.

pub mod catalog;
pub mod compose;
pub mod doc;
pub mod emitter;
pub mod lines;
mod reads_back;
mod told;

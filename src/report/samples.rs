//! What the tests of this folder share: sources from texts, and places by what stands there.

use std::path::PathBuf;

use crate::place::Place;
use crate::source::{FileKind, SourceFile, Sources};

/// The files `catalog/0.yaml`, `catalog/1.yaml` and so on with these texts.
pub fn sources<'s, T: AsRef<[u8]> + ?Sized>(texts: &[&'s T]) -> Sources<'s> {
    let mut files = Vec::new();
    for (number, text) in texts.iter().copied().enumerate() {
        files.push(SourceFile {
            name: "sample.yaml",
            path: format!("catalog/{number}.yaml"),
            bytes: text.as_ref(),
            kind: FileKind::Catalog,
        });
    }
    Sources {
        files,
        folder: PathBuf::from("catalog"),
        root: PathBuf::from("."),
    }
}

/// The place of the first `part` in a file.
#[track_caller]
pub fn place_of(sources: &Sources<'_>, file: u16, part: &str) -> Place {
    let bytes = sources.files[usize::from(file)].bytes;
    let found = bytes
        .windows(part.len())
        .position(|window| window == part.as_bytes());
    Place {
        file,
        len: u16::try_from(part.len()).unwrap_or(u16::MAX),
        start: u32::try_from(found.expect("the part is in the file")).expect("a small file"),
    }
}

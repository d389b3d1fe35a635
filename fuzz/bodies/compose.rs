//! The Compose reader: any bytes as a Compose file.

use std::path::PathBuf;

use bumpalo::Bump;
use composegen::compose::document::Document;
use composegen::compose::value::{Language, Reader, Value as _};
use composegen::finding::Findings;
use composegen::source::{FileKind, SourceFile, Sources};
use composegen::yaml::{decode, read_on};

use super::doc::check_places;
use super::reads_back::{reads_back, written};
use super::told::tell;

/// Reads, tells what was found, and where that is nothing, writes and reads again.
pub fn run(bytes: &[u8]) {
    let text = match decode(bytes) {
        Ok(text) => text,
        Err(error) => return assert!(error.offset <= bytes.len()),
    };
    let arena = Bump::new();
    let findings = Findings::new();
    let reader = Reader {
        arena: &arena,
        findings: &findings,
        language: Language::Generated,
    };
    let reading = read_on(text, 0, &arena, &arena);
    let Some(root) = reading.root.filter(|_| reading.errors.is_empty()) else {
        return;
    };
    check_places(&root, text);
    let document = Document::read(&root, &reader);
    let found = findings.take();
    tell(&found, &alone(bytes));
    if let Some(document) = document.filter(|_| found.is_empty()) {
        reads_back(&written(&document));
    }
}

fn alone(bytes: &[u8]) -> Sources<'_> {
    Sources {
        files: vec![SourceFile {
            name: "compose.yaml",
            path: "compose.yaml".to_owned(),
            bytes,
            kind: FileKind::Catalog,
        }],
        folder: PathBuf::from("."),
        root: PathBuf::from("."),
    }
}

//! A Compose file that was written reads back: as the same document by our reader, and by another one, too.

use bumpalo::Bump;
use composegen::compose::document::Document;
use composegen::compose::value::{Language, Reader, Sink, Value as _};
use composegen::finding::{Finding, Findings};
use composegen::rule::Rule;
use composegen::yaml::{Writer, read};
use serde_yaml::Value;

/// A document as it is written.
pub fn written(document: &Document) -> String {
    let mut sink = Sink::new(Writer::new());
    document.write(&mut sink);
    sink.finish().0
}

/// Reads a file that was written, with nothing to find in it but keys that composegen does not know yet, which go through
/// it under `compose:`. Written once more it is the same, as another reader sees it; what that one sees is given back.
pub fn reads_back(text: &str) -> Value {
    let arena = Bump::new();
    let findings = Findings::new();
    let reader = Reader {
        arena: &arena,
        findings: &findings,
        language: Language::Generated,
    };
    let root = read(text, 0, &arena, &arena).unwrap_or_else(|errors| panic!("{errors:?}\n{text}"));
    let document = root.and_then(|root| Document::read(&root, &reader));
    let found = findings.take();
    let is_known = |finding: &Finding| finding.rule != Rule::UnknownKey;
    assert!(!found.iter().any(is_known), "{found:?}\n{text}");
    let once = by_another(text);
    if found.is_empty() {
        let again = document.as_ref().map(written).unwrap_or_default();
        assert_eq!(once, by_another(&again), "{text}\n{again}");
    }
    once
}

/// The text as another reader sees it; nothing where it has an integer that needs more than 64 bits, which that one refuses
/// and YAML does not.
fn by_another(text: &str) -> Value {
    match serde_yaml::from_str(text) {
        Err(error) if error.to_string().contains("as u128") => Value::Null,
        Err(error) if error.to_string().contains("as i128") => Value::Null,
        read => read.unwrap_or_else(|error| panic!("{error}\n{text}")),
    }
}

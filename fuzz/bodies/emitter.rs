//! The emitter's round trip: what is written, both readers read as it was meant.

use bumpalo::Bump;
use composegen::yaml::{Writer, read};
use serde_yaml::Value;

use super::doc::{Doc, is_equal, is_same, write};

/// Makes a document of the bytes, writes it, and reads it twice.
pub fn run(bytes: &[u8]) {
    let doc = Doc::of_bytes(bytes);
    let mut writer = Writer::new();
    write(&doc, &mut writer);
    let lines = writer.line_number();
    let yaml = writer.finish();
    assert_eq!(lines, yaml.lines().count() + 1, "{yaml}");
    let value: Value =
        serde_yaml::from_str(&yaml).unwrap_or_else(|error| panic!("{error}\n{yaml}"));
    assert!(
        is_equal(&doc, &value),
        "another reader: {doc:?}\n{value:?}\n{yaml}"
    );
    let arena = Bump::new();
    let root = read(&yaml, 0, &arena, &arena).unwrap_or_else(|errors| panic!("{errors:?}\n{yaml}"));
    assert!(
        root.is_some_and(|root| is_same(&doc, &root)),
        "our reader: {doc:?}\n{root:?}\n{yaml}"
    );
}

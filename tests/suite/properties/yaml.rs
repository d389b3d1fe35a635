//! Properties of the YAML layer: what is written reads back, and no input breaks the reader.

use bumpalo::Bump;
use composegen::yaml::{Writer, decode, read};
use proptest::prelude::*;
use serde_yaml::Value;

use crate::fuzz_bodies::doc::{Doc, check_places, is_equal, is_same, write};

/// Texts that lean towards YAML's own marks.
fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        "[-?:,\\[\\]{}#&*!|>'\"%@` \n\ta0-9._~<=ynot+e]{0,12}",
        "[a-z:/ .-]{0,30}",
        "[ \na#:|-]{0,20}",
        ".{0,10}",
        any::<String>(),
    ]
}

fn doc() -> impl Strategy<Value = Doc> {
    let leaf = prop_oneof![
        4 => text().prop_map(Doc::Text),
        1 => any::<i64>().prop_map(Doc::Number),
        1 => any::<bool>().prop_map(Doc::Bool),
        1 => Just(Doc::Null),
        1 => prop::collection::vec(text(), 0..4).prop_map(Doc::Flow),
    ];
    leaf.prop_recursive(5, 40, 5, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Doc::Seq),
            prop::collection::btree_map(text(), inner, 0..5).prop_map(|map| Doc::Map(
                map.into_iter().filter(|(key, _)| !key.is_empty()).collect()
            )),
        ]
    })
}

/// Reads any bytes; nothing but an answer counts.
fn survives(bytes: &[u8]) {
    let source = match decode(bytes) {
        Ok(source) => source,
        Err(error) => return assert!(error.offset <= bytes.len()),
    };
    let arena = Bump::new();
    match read(source, 0, &arena, &arena) {
        Ok(root) => root.iter().for_each(|root| check_places(root, source)),
        Err(errors) => errors.iter().for_each(|error| {
            assert!(!error.message.is_empty() && error.place.start as usize <= source.len());
        }),
    }
}

const CATALOG: &str = "defaults: &d\n  restart: always\n  env: { A: 'x', B: \"y\\n\", C: }\nservices:\n  web: \
    # note\n    <<: *d\n    image: nginx:1.27\n    ports: [8080:80, \"53:53\"]\n    command: |\n      a\n\n      b\n    \
    labels:\n      - k=v\n      - ? q\n        : !reset null\n  'käse': { description: foo, bar baz, n: 1 }\n...\n";

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1024))]

    #[test]
    fn written_documents_read_back(entries in prop::collection::btree_map("[a-z]{1,8}", doc(), 1..6)) {
        let doc = Doc::Map(entries.into_iter().map(|(key, value)| (format!("k-{key}"), value)).collect());
        let mut writer = Writer::new();
        write(&doc, &mut writer);
        let lines = writer.line_number();
        let yaml = writer.finish();
        prop_assert_eq!(lines, yaml.lines().count() + 1);
        let value: Value = serde_yaml::from_str(&yaml).map_err(|e| TestCaseError::fail(format!("{e}: {yaml}")))?;
        prop_assert!(is_equal(&doc, &value), "{}", yaml);
        let arena = Bump::new();
        let root = read(&yaml, 0, &arena, &arena).map_err(|e| TestCaseError::fail(format!("{e:?}: {yaml}")))?;
        prop_assert!(root.is_some_and(|root| is_same(&doc, &root)), "{}", yaml);
    }

    #[test]
    fn root_texts_read_back(text in text()) {
        let mut writer = Writer::new();
        writer.text(&text);
        let yaml = writer.finish();
        let value: Value = serde_yaml::from_str(&yaml).map_err(|e| TestCaseError::fail(format!("{e}: {yaml}")))?;
        prop_assert_eq!(value.as_str(), Some(text.as_str()), "{}", yaml);
    }

    #[test]
    fn any_bytes_get_an_answer(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        survives(&bytes);
    }

    #[test]
    fn any_text_gets_an_answer(source in text(), more in "[-?:,\\[\\]{}#&*!|>'\"%@` \n\ta<~é\r\u{feff}\u{85}]{0,60}") {
        survives(source.as_bytes());
        survives(more.as_bytes());
    }

    #[test]
    fn mutated_catalogs_get_an_answer(
        cuts in prop::collection::vec((any::<prop::sample::Index>(), 0_usize..6, "[-?:,\\[\\]{}#&*!|>'\"%@` \n\ta<~é\r\u{feff}]{0,4}"), 1..6)
    ) {
        let mut bytes = CATALOG.as_bytes().to_vec();
        for (index, len, insert) in cuts {
            let at = index.index(bytes.len() + 1);
            let end = (at + len).min(bytes.len());
            bytes.splice(at..end, insert.bytes());
        }
        survives(&bytes);
    }
}

#[test]
fn the_catalog_itself_is_valid() {
    let arena = Bump::new();
    let root = read(CATALOG, 0, &arena, &arena).map(|root| root.is_some());
    assert_eq!(
        root.map_err(|errors| errors.into_iter().map(|e| e.message).collect::<Vec<_>>()),
        Ok(true)
    );
}

//! Properties of the YAML layer: what is written reads back, and no input breaks the reader.

use bumpalo::Bump;
use composegen::place::Place;
use composegen::yaml::{Kind, Node, Writer, comma_hint, decode, read};
use proptest::prelude::*;
use serde_yaml::Value;

/// A document of texts, numbers, nothing, lists and maps.
#[derive(Clone, Debug)]
enum Doc {
    Text(String),
    Number(i64),
    Bool(bool),
    Null,
    Flow(Vec<String>),
    Seq(Vec<Doc>),
    Map(Vec<(String, Doc)>),
}

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

fn write(doc: &Doc, out: &mut Writer) {
    match doc {
        Doc::Text(text) => out.text(text),
        Doc::Number(number) => out.raw(&number.to_string()),
        Doc::Bool(value) => out.raw(if *value { "true" } else { "false" }),
        Doc::Null => out.null(),
        Doc::Flow(texts) => out.flow_seq(&texts.iter().map(String::as_str).collect::<Vec<_>>()),
        Doc::Seq(items) => {
            out.begin_seq();
            for item in items {
                out.item();
                write(item, out);
            }
            out.end_seq();
        }
        Doc::Map(entries) => {
            out.begin_map();
            for (index, (key, value)) in entries.iter().enumerate() {
                match index {
                    1 => out.blank_line(),
                    2 => out.comment(key),
                    _ => {}
                }
                out.key(key);
                write(value, out);
            }
            out.end_map();
        }
    }
}

fn is_equal(doc: &Doc, value: &Value) -> bool {
    match doc {
        Doc::Text(text) => value.as_str() == Some(text),
        Doc::Number(number) => value.as_i64() == Some(*number),
        Doc::Bool(expected) => value.as_bool() == Some(*expected),
        Doc::Null => value.is_null(),
        Doc::Flow(texts) => value.as_sequence().is_some_and(|items| {
            items.len() == texts.len()
                && items
                    .iter()
                    .zip(texts)
                    .all(|(item, text)| item.as_str() == Some(text))
        }),
        Doc::Seq(docs) => value.as_sequence().is_some_and(|items| {
            items.len() == docs.len()
                && items
                    .iter()
                    .zip(docs)
                    .all(|(item, doc)| is_equal(doc, item))
        }),
        Doc::Map(entries) => value.as_mapping().is_some_and(|map| {
            map.len() == entries.len()
                && entries.iter().all(|(key, doc)| {
                    map.get(key.as_str())
                        .is_some_and(|value| is_equal(doc, value))
                })
        }),
    }
}

fn is_text(node: &Node, text: &str) -> bool {
    node.as_text() == Some(text) && node.kind_word() == "a text"
}

fn is_same(doc: &Doc, node: &Node) -> bool {
    match doc {
        Doc::Text(text) => is_text(node, text),
        Doc::Number(number) => matches!(node.kind, Kind::Plain(text) if text == number.to_string()),
        Doc::Bool(value) => matches!(node.kind, Kind::Plain(text) if text == value.to_string()),
        Doc::Null => node.is_null(),
        Doc::Flow(texts) => node.as_seq().is_some_and(|items| {
            items.len() == texts.len()
                && items
                    .iter()
                    .zip(texts)
                    .all(|(item, text)| is_text(item, text))
        }),
        Doc::Seq(docs) => node.as_seq().is_some_and(|items| {
            items.len() == docs.len()
                && items.iter().zip(docs).all(|(item, doc)| is_same(doc, item))
        }),
        Doc::Map(docs) => node.as_map().is_some_and(|entries| {
            entries.len() == docs.len()
                && entries
                    .iter()
                    .zip(docs)
                    .all(|(entry, (key, doc))| entry.key == key && is_same(doc, &entry.value))
        }),
    }
}

/// Every place of the tree lies within the text, at character boundaries.
fn check_places(node: &Node, source: &str) {
    check_place(node.place, source);
    match node.kind {
        Kind::Seq(items) => items.iter().for_each(|item| check_places(item, source)),
        Kind::Map(entries) => entries.iter().for_each(|entry| {
            check_place(entry.key_place, source);
            let _ = comma_hint(source, entry.key_place);
            check_places(&entry.value, source);
        }),
        Kind::Tagged(tagged) => check_places(&tagged.node, source),
        Kind::Plain(_) | Kind::Quoted(_) => {}
    }
}

fn check_place(place: Place, source: &str) {
    let start = place.start as usize;
    assert!(source.is_char_boundary(start), "{place:?} in {source:?}");
    assert!(
        start + usize::from(place.len) <= source.len(),
        "{place:?} in {source:?}"
    );
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

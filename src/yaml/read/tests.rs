//! What is to hold of `read.rs`.

use super::super::error::ErrorKind;
use super::super::hints::{COMMA_HINT, comma_hint};
use super::super::text::{NotUtf8, decode};
use super::*;
use std::time::{Duration, Instant};

fn tree(text: &str) -> String {
    let arena = Bump::new();
    match read(text, 0, &arena, &arena) {
        Ok(None) => "none".to_owned(),
        Ok(Some(node)) => show(&node),
        Err(errors) => panic!("{text:?}: {errors:?}"),
    }
}

fn show(node: &Node) -> String {
    match node.kind {
        Kind::Plain(text) => text.to_owned(),
        Kind::Quoted(text) => format!("{text:?}"),
        Kind::Seq(items) => {
            format!("[{}]", items.iter().map(show).collect::<Vec<_>>().join(","))
        }
        Kind::Map(entries) => {
            let entry = |e: &Entry| format!("{}:{}", e.key, show(&e.value));
            format!(
                "{{{}}}",
                entries.iter().map(entry).collect::<Vec<_>>().join(",")
            )
        }
        Kind::Tagged(tagged) => format!("<{} {}>", tagged.tag, show(&tagged.node)),
    }
}

fn errors(text: &str) -> Vec<YamlError> {
    let started = Instant::now();
    let result = read(text, 0, &Bump::new(), &Bump::new()).map(|_| ());
    assert!(
        started.elapsed() < Duration::from_secs(60),
        "slow: {:.40}",
        text
    );
    result.expect_err(&format!("{text:.60} has an error"))
}

fn message(text: &str) -> String {
    errors(text)[0].message.clone()
}

fn at(text: &str, place: Place) -> &str {
    &text[place.start as usize..place.start as usize + usize::from(place.len)]
}

#[test]
fn trees_hold_what_the_text_says() {
    assert_eq!(tree(""), "none");
    assert_eq!(tree("# only this\n"), "none");
    assert_eq!(tree("---\n"), "none");
    assert_eq!(tree("~"), "~");
    assert_eq!(
        tree("a: 1\nb: [x, 'y', {z: }]\nc:\n  - d\n  -\n"),
        "{a:1,b:[x,\"y\",{z:}],c:[d,]}"
    );
    assert_eq!(tree("a: ~\nb:\n"), "{a:~,b:}");
    assert_eq!(
        tree("a: |\n  x\n  y\nb: >-\n  x\n  y\nc: p\n  q\n"),
        "{a:\"x\\ny\\n\",b:\"x y\",c:p q}"
    );
    assert_eq!(tree("%YAML 1.2\n---\na: 1\n...\n"), "{a:1}");
    assert_eq!(tree("{ LOG_LEVEL: , TZ: }"), "{LOG_LEVEL:,TZ:}");
    assert_eq!(
        tree("{ description: foo, bar baz }"),
        "{description:foo,bar baz:}"
    );
    assert_eq!(tree("\"a\\tb\": 1"), "{a\tb:1}");
    assert_eq!(tree("? a\n: b\n"), "{a:b}");
    assert_eq!(tree("a: 1\n---\n# nothing\n"), "{a:1}");
}

#[test]
fn line_ends_and_byte_order_marks_are_read() {
    assert_eq!(tree("a: 1\r\nb:\r\n  - c\r\n"), "{a:1,b:[c]}");
    let text = "\u{feff}a: 1\nb: x\n";
    let arena = Bump::new();
    let root = read(text, 3, &arena, &arena)
        .expect("valid")
        .expect("content");
    let entry = root.as_map().expect("a map")[1];
    assert_eq!(at(text, entry.key_place), "b");
    assert_eq!(at(text, entry.value.place), "x");
    assert_eq!(entry.key_place.file, 3);
    assert_eq!(tree("\u{feff}"), "none");
}

#[test]
fn places_cover_the_text() {
    let text = "ä: 'é x'\nb: \"ü\"\nc:\n  - d\n  - e # f\n\n# g\nh: { i: j } # k\nl: [m, n]\no: |\n  p\nq:\n";
    let arena = Bump::new();
    let root = read(text, 0, &arena, &arena)
        .expect("valid")
        .expect("content");
    let entries = root.as_map().expect("a map");
    let values: Vec<&str> = entries.iter().map(|e| at(text, e.value.place)).collect();
    assert_eq!(
        values[..5],
        ["'é x'", "\"ü\"", "- d\n  - e", "{ i: j }", "[m, n]"]
    );
    assert_eq!(values[5], "p\n");
    assert_eq!(values[6], "");
    assert!(entries.iter().all(|e| at(text, e.key_place) == e.key));
    assert_eq!(root.place.start, 0);
}

#[test]
fn tags_of_the_core_schema_disappear() {
    assert_eq!(
        tree(
            "[!!str 1, !!int '1', !!map {a: 1}, !!seq [], !!null '', !!bool true, ! 5, !!float 1]"
        ),
        "[\"1\",1,{a:1},[],,true,\"5\",1]"
    );
    assert_eq!(
        tree("a: !reset null\nb: !override [x]\nc: !reset\nd: !!str\n"),
        "{a:<!reset null>,b:<!override [x]>,c:<!reset >,d:\"\"}"
    );
}

#[test]
fn keys_given_twice_are_all_reported() {
    let text = "a: 1\nb: {c: 1, c: 2}\na: 3\na: 4\n";
    let found = errors(text);
    assert_eq!(found.len(), 3);
    assert!(found.iter().all(|e| e.kind == ErrorKind::DuplicateKey));
    assert_eq!(found[0].message, "`c` is given twice in this map");
    assert_eq!(found[1].place.start, 21);
    assert_eq!(
        found[1].second,
        Some((
            Place {
                file: 0,
                len: 1,
                start: 0
            },
            "first given here".to_owned()
        ))
    );
    let large: String = (0..1000).map(|i| format!("key{}: 1\n", i % 998)).collect();
    assert_eq!(errors(&large).len(), 2);
    for (text, kept) in [
        ("a: 1\nb: 2\na: 3\n", vec!["a", "b"]),
        ("a: 1\na: 2\n<<: {c: 3}\n", vec!["a", "c"]),
        ("<<: {c: 3}\n<<: {d: 4}\n", vec!["c"]),
        ("'<<': 1\n<<: {d: 4}\n", vec!["<<"]),
    ] {
        let arena = Bump::new();
        let reading = read_on(text, 0, &arena, &arena);
        assert_eq!(reading.errors.len(), 1, "{text}");
        let root = reading.root.unwrap();
        let Kind::Map(entries) = root.kind else {
            panic!("{text}")
        };
        let keys: Vec<&str> = entries.iter().map(|entry| entry.key).collect();
        assert_eq!(keys, kept, "{text}");
    }
    let unique: String = (0..1000).map(|i| format!("key{i}: 1\n")).collect();
    assert!(tree(&unique).len() > 1000);
}

#[test]
fn aliases_and_merges_are_expanded() {
    assert_eq!(tree("a: &x [1, 2]\nb: *x\n"), "{a:[1,2],b:[1,2]}");
    assert_eq!(tree("a: &x k\n*x : v\n"), "{a:k,k:v}");
    assert_eq!(
        tree("a: &x {p: 1, q: 2}\nb:\n  <<: *x\n  q: 3\n"),
        "{a:{p:1,q:2},b:{p:1,q:3}}"
    );
    assert_eq!(
        tree("[&x {p: 1}, &y {p: 2, r: 3}, {<<: [*x, *y], s: 4}]"),
        "[{p:1},{p:2,r:3},{p:1,r:3,s:4}]"
    );
    assert_eq!(tree("a: {'<<': 1}\n"), "{a:{<<:1}}");
    assert_eq!(tree("a: &x\nb: *x\n"), "{a:,b:}");
    assert_eq!(
        message("a: {<<: , b: 1}\n"),
        "`<<` takes a map or a list of maps, not nothing"
    );
    assert_eq!(
        message("a: {<<: 1}"),
        "`<<` takes a map or a list of maps, not a number"
    );
    assert_eq!(
        message("a: {<<: [{}, x]}"),
        "`<<` takes a map or a list of maps, not a text"
    );
    assert_eq!(
        message("a: &x [*x]"),
        "`*x` stands inside the value that it repeats"
    );
    assert_eq!(
        message("a: *x"),
        "the alias `*x` names no anchor that stands before it"
    );
}

#[test]
fn bombs_end_at_once() {
    let mut text = "a0: &a0 [x, x]\n".to_owned();
    for i in 1..40 {
        text += &format!("a{i}: &a{i} [*a{0}, *a{0}]\n", i - 1);
    }
    assert!(message(&text).contains("makes the file too large"));
    let scalar = format!(
        "a: &a {}\nb:\n{}",
        "x".repeat(100_000),
        "  - *a\n".repeat(20_000)
    );
    assert!(message(&scalar).contains("makes the file too large"));
    let mut merge = "a0: &a0 {k: v, l: w}\n".to_owned();
    for i in 1..60 {
        merge += &format!(
            "a{i}: &a{i} {{<<: [{}]}}\n",
            vec![format!("*a{}", i - 1); 9].join(",")
        );
    }
    assert!(
        errors(&merge)[0]
            .message
            .contains("makes the file too large")
    );
}

#[test]
fn depth_is_limited() {
    for text in [
        "[".repeat(10_000),
        "{a: ".repeat(10_000),
        "- ".repeat(10_000),
    ] {
        assert_eq!(message(&text), "nested deeper than 64 levels");
    }
    assert_eq!(message(&"? ".repeat(10_000)), "a key must be a text");
    let block: String = (0..10_000)
        .map(|i| format!("{}a:\n", " ".repeat(i)))
        .collect();
    assert_eq!(message(&block), "nested deeper than 64 levels");
    assert!(tree(&format!("{}{}", "[".repeat(64), "]".repeat(64))).starts_with('['));
    assert_eq!(
        message(&format!("{}{}", "[".repeat(65), "]".repeat(65))),
        "nested deeper than 64 levels"
    );
    let mut chain = "a0: &a0 []\n".to_owned();
    for i in 1..100 {
        chain += &format!("a{i}: &a{i} [*a{}]\n", i - 1);
    }
    assert_eq!(message(&chain), "nested deeper than 64 levels");
}

#[test]
fn other_documents_and_characters_are_refused() {
    assert_eq!(
        message("a: 1\n---\nb: 2\n"),
        "a second document starts on line 2; a file holds one"
    );
    assert_eq!(
        message("a: 1\n...\n---\nb\n"),
        "a second document starts on line 3; a file holds one"
    );
    for text in [
        "\0",
        "a: \0",
        "a: 'x\0'",
        "# \0",
        "a: |\n  x\0\n",
        "a\u{1}: b",
        "a: \"\u{7f}\"",
        "\u{b}",
    ] {
        assert!(message(text).contains("control character"), "{text:?}");
    }
    let far = "a: b\n\u{2}";
    assert_eq!(
        errors(far)[0].place,
        Place {
            file: 0,
            len: 1,
            start: 5
        }
    );
    assert_eq!(message("? [a]\n: b\n"), "a key must be a text");
    assert_eq!(message("a: {{ b }}\n"), "a key must be a text");
    assert_eq!(message(": b\n"), "a key is missing before the `:`");
}

#[test]
fn tabs_as_indentation_are_named() {
    for text in [
        "a:\n\tb: 1\n",
        "a:\n  b: 1\n\tc: 2\n",
        "a:\n\t- b\n",
        "a:\n \tb: 1\n  c: 2\n",
    ] {
        let found = &errors(text)[0];
        assert!(
            found.message.starts_with("a tab indents this line"),
            "{text:?}: {found:?}"
        );
        assert_eq!(at(text, found.place), "\t");
    }
}

#[test]
fn bytes_that_are_no_text_are_refused() {
    assert_eq!(
        decode(b"ab\xffc"),
        Err(NotUtf8 {
            offset: 2,
            utf16: false
        })
    );
    assert_eq!(
        decode(b"\xff\xfea\0").map_err(|e| e.in_file(1).message),
        Err("the file is in UTF-16".to_owned())
    );
    assert_eq!(decode("ä".as_bytes()), Ok("ä"));
}

#[test]
fn commas_that_end_a_text_are_hinted_at() {
    let hint = |text: &str, key: &str| {
        let start = text.find(key).expect("the key is in the text") as u32;
        comma_hint(
            text,
            Place {
                file: 0,
                len: key.len() as u16,
                start,
            },
        )
        .is_some()
    };
    assert!(hint("a: { description: foo, bar baz }", "bar baz"));
    assert!(hint("a: { description: foo, bar, image: x }", "bar"));
    assert!(hint("a: { description: foo, and bar: x }", "and bar"));
    assert!(hint("a: { description: foo,\n  bar }", "bar"));
    assert!(!hint("a: { LOG_LEVEL: , TZ: }", "TZ"));
    assert!(!hint("a: { port: 80, imgae: x }", "imgae"));
    assert!(!hint("a: { port: 'x', bar }", "bar"));
    assert!(!hint("a: [x, bar: 1]", "bar"));
    assert!(!hint("a: x,\nbar baz: 1\n", "bar baz"));
    let twice = errors("a: { x: foo, x }");
    assert_eq!(twice[0].help.as_deref(), Some(COMMA_HINT));
}

#[test]
fn syntax_errors_have_words_and_places() {
    for (text, part, start) in [
        ("a: 'b\n", "is not closed", 3),
        ("a: [b\n", "`[` is not closed", 3),
        ("a: {b: c\n", "`{` is not closed", 3),
        ("a: [b}\n", "this `[` is closed by a `}`", 3),
        ("a: b: c\n", "a `:` is not allowed here", 4),
        ("a: 1\n b: 2\n", "a `:` is not allowed here", 7),
        ("a: \"\\q\"\n", "escape is not known", 3),
        ("a: @b\n", "cannot start with '@'", 3),
        ("a: 'b' c\n", "follows the closing quote", 7),
        ("a:\n  - b\n c: d\n", "", 0),
        ("a: b\n]", "", 0),
    ] {
        let found = &errors(text)[0];
        assert!(found.message.contains(part), "{text:?}: {found:?}");
        println!(
            "{text:?}: {} at {} {:?}",
            found.message, found.place.start, found.help
        );
        assert!(
            start == 0 || found.place.start == start,
            "{text:?}: {found:?}"
        );
    }
}

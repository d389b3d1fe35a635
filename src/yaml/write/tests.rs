//! What is to hold of `write.rs`.

use super::*;
use crate::yaml::{Kind, Node, read};
use bumpalo::Bump;

/// Texts that some reader takes for something else, or that break a line.
const QUOTED: &[&str] = &[
    "",
    "~",
    "null",
    "Null",
    "NULL",
    "nUll",
    "y",
    "Y",
    "n",
    "N",
    "yes",
    "Yes",
    "YES",
    "no",
    "No",
    "NO",
    "on",
    "On",
    "ON",
    "off",
    "Off",
    "OFF",
    "true",
    "True",
    "TRUE",
    "tRue",
    "false",
    "False",
    "FALSE",
    "0",
    "1",
    "-1",
    "+1",
    "12",
    "012",
    "089",
    "0o17",
    "0O17",
    "0x1F",
    "0X1f",
    "-0x1F",
    "0b101",
    "0B1",
    "1_000",
    "1__0",
    "0x_F",
    "0b1_0",
    "22:22",
    "1:30:00",
    "-1:30",
    "01:30",
    "1:30.5",
    "53:53",
    "1:2:3:4",
    "1.0",
    ".5",
    "-.5",
    "+.5",
    "5.",
    "1e3",
    "1E3",
    "1e+3",
    "1.5e-3",
    "12e03",
    "1_0.5",
    "._5",
    "685_230.15",
    ".inf",
    ".Inf",
    ".INF",
    "-.inf",
    "+.inf",
    ".nan",
    ".NaN",
    ".NAN",
    "0.",
    "00",
    "123456789012345678901234567890",
    "2025-01-01",
    "2025-1-1",
    "2001-12-14t21:59:43.10-05:00",
    "2001-12-14T21:59:43Z",
    "2001-12-14 21:59:43",
    "2001-12-14  21:59:43",
    "<<",
    "=",
    "-",
    "- a",
    "---",
    "--- a",
    "...",
    "... a",
    "-\ta",
    "?",
    "? a",
    ":",
    ": a",
    ":a",
    "?a",
    ",",
    ",a",
    "[",
    "[a]",
    "]",
    "{",
    "{a}",
    "}",
    "#",
    "#a",
    "&",
    "&a",
    "*",
    "*a",
    "!",
    "!a",
    "!!str a",
    "|",
    "|a",
    ">",
    ">a",
    "'",
    "'a'",
    "\"",
    "\"a\"",
    "%",
    "%a",
    "@",
    "@a",
    "`",
    "`a`",
    "a: b",
    "a:",
    "a :",
    "a: ",
    "a #b",
    "a # b",
    " a",
    "a ",
    " ",
    "  ",
    "\t",
    "\ta",
    "a\t",
    "a\tb",
    "a\r",
    "a\r\nb",
    "\0",
    "a\u{1}b",
    "\u{7}",
    "\u{8}",
    "\u{b}",
    "\u{c}",
    "\u{1b}[0m",
    "\u{7f}",
    "\u{80}",
    "\u{85}",
    "a\u{85}b",
    "\u{9f}",
    "\u{2028}",
    "a\u{2029}b",
    "\u{feff}",
    "a\u{feff}",
    "\u{fffe}",
    "\u{ffff}",
    "\n",
    "\n\n",
    "a\n\n",
    "\na",
    " a\nb",
    "a \nb",
    "a\nb ",
    "a\tb\nc",
    "\\: ",
    "\" : \"",
    "{{ x }}",
    "a\u{1f}",
    "key: [1, 2]",
    "http://x: ",
    "::",
    "a::",
];

/// Texts that every reader takes for themselves.
const PLAIN: &[&str] = &[
    "a",
    "abc",
    "nulls",
    "yesterday",
    "none",
    "None",
    "nan",
    "inf",
    "tru",
    "truer",
    "offset",
    "only",
    "ye",
    "t",
    "f",
    "${VAR:-x}",
    "$VAR",
    "a:b",
    "8080:80",
    "./x:/y:ro",
    "127.0.0.1:80:80",
    "53:53/udp",
    "1.2.3",
    "1.2.3.4",
    "v1.0",
    "3.12-slim",
    "1e",
    "e3",
    "0xg",
    "0x",
    "0o8a",
    "0b",
    "1a",
    "1-2",
    "2025-01",
    "2025-01-01-rc1",
    "2025-01-011",
    "+",
    "+a",
    "-a",
    "-f",
    "--flag",
    "-:a",
    ".",
    "..",
    "./a",
    ".a",
    "_1",
    "1:60:a",
    "1:99",
    "a#b",
    "a'b",
    "a\"b",
    "a\\b",
    "a,b",
    "a, b",
    "a[0]",
    "a{b}",
    "a?",
    "a & b",
    "a * b",
    "a!",
    "a | b",
    "a > b",
    "100%",
    "a@b.c",
    "a`b`",
    "<",
    "<<<",
    "<a",
    "==",
    "=a",
    "~/x",
    "~a",
    "a b c",
    "http://x:80/y?z=1&b=2#c",
    "CMD-SHELL",
    "wget -q -O- http://x || exit 1",
    "äöü",
    "日本語",
    "\u{a0}",
    "🎉",
    "é: x".split_at(2).0,
    "a=b",
    "ghcr.io/x/y:1.0@sha256:ab",
    "256M",
    "0.5G",
    "10s",
    "1h30m",
    "12:ab",
    "2001-12-14 later",
    "service_healthy",
];

fn written(build: impl FnOnce(&mut Writer)) -> String {
    let mut writer = Writer::new();
    build(&mut writer);
    writer.finish()
}

/// The text as value, as key and in a flow list.
fn document(text: &str) -> String {
    written(|w| {
        w.begin_map();
        w.key("value");
        w.text(text);
        w.key("flow");
        w.flow_seq([text, "end", text].into_iter());
        w.key("list");
        w.begin_seq();
        w.item();
        w.text(text);
        w.item();
        w.begin_map();
        w.key(text);
        w.text(text);
        w.key("end-key");
        w.text("end");
        w.end_map();
        w.end_seq();
        w.end_map();
    })
}

fn is_text(node: &Node, text: &str) -> bool {
    match node.kind {
        Kind::Quoted(t) => t == text,
        Kind::Plain(t) => t == text && node.kind_word() == "a text",
        _ => false,
    }
}

fn reads_back(text: &str) {
    let yaml = document(text);
    let value: serde_yaml::Value = serde_yaml::from_str(&yaml).expect(&yaml);
    assert_eq!(value["value"].as_str(), Some(text), "{yaml}");
    assert_eq!(value["flow"][0].as_str(), Some(text), "{yaml}");
    assert_eq!(value["flow"][2].as_str(), Some(text), "{yaml}");
    assert_eq!(value["list"][0].as_str(), Some(text), "{yaml}");
    assert_eq!(value["list"][1][text].as_str(), Some(text), "{yaml}");
    assert_eq!(value["list"][1]["end-key"].as_str(), Some("end"), "{yaml}");
    let arena = Bump::new();
    let root = read(&yaml, 0, &arena, &arena).expect(&yaml).expect(&yaml);
    assert!(is_text(root.get("value").expect("value"), text), "{yaml}");
    let list = root.get("list").expect("list").as_seq().expect("a list");
    assert!(is_text(&list[0], text), "{yaml}");
    assert!(is_text(list[1].get(text).expect("key"), text), "{yaml}");
    let flow = root.get("flow").expect("flow").as_seq().expect("a list");
    assert!(
        flow.len() == 3 && is_text(&flow[0], text) && is_text(&flow[2], text),
        "{yaml}"
    );
}

#[test]
fn tricky_texts_are_quoted_and_read_back() {
    assert!(QUOTED.len() + PLAIN.len() >= 200);
    for text in QUOTED {
        assert!(!is_plain(text, false), "{text:?} needs quotes");
        reads_back(text);
    }
}

#[test]
fn harmless_texts_stay_plain_and_read_back() {
    for text in PLAIN {
        assert!(is_plain(text, false), "{text:?} needs no quotes");
        reads_back(text);
    }
}

#[test]
fn flow_lists_quote_their_own_marks() {
    let yaml = written(|w| {
        w.flow_seq(
            [
                "CMD",
                "curl",
                "-f",
                "http://localhost:80/health",
                "${A}",
                "a,b",
                "x?",
            ]
            .into_iter(),
        )
    });
    assert_eq!(
        yaml,
        "[CMD, curl, -f, http://localhost:80/health, \"${A}\", \"a,b\", \"x?\"]\n"
    );
}

#[test]
fn layout_is_as_people_write_it() {
    let yaml = written(|w| {
        w.comment("Generated.\n\nDo not edit.");
        w.begin_map();
        w.blank_line();
        w.key("services");
        w.begin_map();
        w.key("web");
        w.begin_map();
        w.key("ports");
        w.begin_seq();
        w.item();
        w.text("80:80");
        w.item();
        w.begin_map();
        w.key("target");
        w.raw("80");
        w.key("labels");
        w.begin_map();
        w.end_map();
        w.end_map();
        w.item();
        w.begin_seq();
        w.item();
        w.null();
        w.end_seq();
        w.end_seq();
        w.key("run");
        w.text("a\n\n  b: #c\n");
        w.comment("next");
        w.key("empty");
        w.begin_seq();
        w.end_seq();
        w.end_map();
        w.end_map();
        w.blank_line();
        assert_eq!(w.line_number(), 19);
        w.key("strip");
        w.text("a\nb");
        w.end_map();
    });
    let expected = "# Generated.\n#\n# Do not edit.\n\nservices:\n  web:\n    ports:\n      - 80:80\n      - target: 80\n        labels: {}\n      - - null\n    run: |\n      a\n\n        b: #c\n    # next\n    empty: []\n\nstrip: |-\n  a\n  b\n";
    assert_eq!(yaml, expected.to_owned());
}

#[test]
fn comments_stand_anywhere() {
    let yaml = written(|w| {
        w.begin_map();
        w.key("a");
        w.comment("one");
        w.text("x");
        w.key("b");
        w.begin_map();
        w.comment("two");
        w.end_map();
        w.key("c");
        w.begin_seq();
        w.item();
        w.begin_map();
        w.comment("three\u{0}");
        w.key("d");
        w.text("y");
        w.end_map();
        w.end_seq();
        w.end_map();
    });
    let value: serde_yaml::Value = serde_yaml::from_str(&yaml).expect(&yaml);
    let expected: serde_yaml::Value =
        serde_yaml::from_str("{a: x, b: {}, c: [{d: y}]}").expect("valid");
    assert_eq!(value, expected, "{yaml}");
}

#[test]
fn long_keys_read_back() {
    reads_back(&"k".repeat(2000));
    reads_back(&"k: ".repeat(700));
    reads_back(&"\u{1}".repeat(400));
}

#[test]
fn an_empty_document_is_empty() {
    assert_eq!(Writer::with_capacity(10).finish(), "");
}

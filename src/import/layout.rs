//! A document as the text of a catalog file: blocks of two blanks, what is short on one line, comments where they were.

use super::folded;
use super::value::{Entry, Item, Line, Map, Remarks, Value};
use crate::yaml::write::{fits_block, push_scalar};

/// How wide a line may be that holds a whole map or list.
pub const WIDTH: usize = 110;

/// A map as a whole text.
pub fn text(map: &Map) -> String {
    let mut out = String::new();
    block_map(map, 0, &mut out);
    out
}

/// The entries of a map as lines, indented by so many blanks.
pub fn block_map(map: &Map, indent: usize, out: &mut String) {
    for (at, entry) in map.0.iter().enumerate() {
        above(&entry.remarks, at == 0, indent, out);
        blanks(indent, out);
        push_scalar(out, &entry.key, false);
        out.push(':');
        behind_key(entry, indent, out);
        lines(&entry.remarks.below, indent + 2, out);
    }
}

/// An entry whose map never stands on one line.
pub fn block_entry(entry: &Entry, indent: usize, out: &mut String) {
    let Value::Map(map) = &entry.value else {
        return block_map(&Map(vec![entry.clone()]), indent, out);
    };
    above(&entry.remarks, true, indent, out);
    blanks(indent, out);
    push_scalar(out, &entry.key, false);
    out.push(':');
    end_line(&entry.remarks, out);
    block_map(map, indent + 2, out);
    lines(&entry.remarks.below, indent + 2, out);
}

/// The comments above an entry; before the first of its block no line is empty.
fn above(remarks: &Remarks, is_first: bool, indent: usize, out: &mut String) {
    let all = remarks.above.as_slice();
    lines(
        match all {
            [Line::Blank, rest @ ..] if is_first => rest,
            all => all,
        },
        indent,
        out,
    );
}

/// Lines of comment.
pub fn lines(lines: &[Line], indent: usize, out: &mut String) {
    for line in lines {
        if let Line::Said(line) = line {
            blanks(indent, out);
            comment(line, out);
        }
        out.push('\n');
    }
}

fn comment(line: &str, out: &mut String) {
    out.push('#');
    if !line.is_empty() {
        // A row of marks stays one.
        out.push_str(if line.starts_with('#') { "" } else { " " });
        let is_text = |letter: char| !letter.is_control() && letter != '\u{feff}';
        out.extend(line.chars().map(|c| if is_text(c) { c } else { ' ' }));
    }
}

fn end_line(remarks: &Remarks, out: &mut String) {
    if let Some(beside) = &remarks.beside {
        out.push_str("  ");
        comment(beside, out);
    }
    out.push('\n');
}

fn behind_key(entry: &Entry, indent: usize, out: &mut String) {
    let Entry {
        key,
        value,
        remarks,
        place: _,
    } = entry;
    match value {
        Value::Map(map) if has_own_block(key) && !map.0.is_empty() => {
            end_line(remarks, out);
            block_map(map, indent + 2, out);
        }
        _ => {
            let column = indent + key.chars().count() + 2;
            behind(value, remarks, column, indent, key_style(key), out);
        }
    }
}

/// Keys whose maps never stand on one line.
fn has_own_block(key: &str) -> bool {
    matches!(
        key,
        "services"
            | "defaults"
            | "fragments"
            | "variables"
            | "modes"
            | "hosts"
            | "overrides"
            | "networks"
            | "volumes"
            | "secrets"
            | "configs"
    )
}

/// How many entries or items may stand on one line, and whether the items always stand in quotes.
#[derive(Clone, Copy)]
struct Style {
    entries: usize,
    items: usize,
    quoted: bool,
}

impl Style {
    const FEW: Style = Style {
        entries: 8,
        items: 30,
        quoted: false,
    };

    const fn of(entries: usize, items: usize) -> Self {
        Style {
            entries,
            items,
            quoted: false,
        }
    }
}

fn key_style(key: &str) -> Style {
    match key {
        "environment" | "labels" => Style::of(2, 2),
        "volumes" | "tmpfs" | "env_file" | "devices" => Style::of(1, 1),
        "build" => Style::of(3, 1),
        // Some ports would be numbers to base 60 without quotes; all of them look alike.
        "ports" => Style {
            quoted: true,
            ..Style::FEW
        },
        _ => Style::FEW,
    }
}

fn behind(
    value: &Value,
    remarks: &Remarks,
    column: usize,
    indent: usize,
    style: Style,
    out: &mut String,
) {
    if let Value::Text(text) = value
        && let Some(folded) = folded::lines(text, &remarks.folded)
    {
        out.push_str(folded::mark(text));
        end_line(remarks, out);
        return text_lines(folded.iter().map(String::as_str), indent + 2, out);
    }
    // What ends with a comment of its own stands on lines of its own.
    let is_open = !remarks.below.is_empty() && !value.says_nothing();
    if let Some(line) = on_one_line(value, column, style).filter(|_| !is_open) {
        if !line.is_empty() {
            out.push(' ');
            out.push_str(&line);
        }
        return end_line(remarks, out);
    }
    match value {
        Value::Text(text) => block_text(text, remarks, indent, out),
        Value::List(items) => {
            end_line(remarks, out);
            block_list(items, indent + 2, style, out);
        }
        Value::Map(map) => {
            end_line(remarks, out);
            block_map(map, indent + 2, out);
        }
        Value::Nothing | Value::Plain(_) => end_line(remarks, out),
    }
}

fn block_list(items: &[Item], indent: usize, style: Style, out: &mut String) {
    let style = Style {
        quoted: style.quoted,
        ..Style::FEW
    };
    for (at, item) in items.iter().enumerate() {
        above(&item.remarks, at == 0, indent, out);
        blanks(indent, out);
        out.push('-');
        let line = on_one_line(&item.value, indent + 2, style);
        match (&item.value, line.filter(|_| item.remarks.below.is_empty())) {
            (Value::Map(map), None) => {
                // The first entry stands behind the dash.
                let mut block = String::new();
                block_map(map, indent + 2, &mut block);
                let first = map.0.first();
                match first.is_some_and(|first| first.remarks.above.is_empty()) {
                    true => out.push_str(block.get(indent + 1..).unwrap_or_default()),
                    false => {
                        out.push('\n');
                        out.push_str(&block);
                    }
                }
            }
            (value, _) => behind(value, &item.remarks, indent + 2, indent, style, out),
        }
        lines(&item.remarks.below, indent + 2, out);
    }
}

fn block_text(text: &str, remarks: &Remarks, indent: usize, out: &mut String) {
    let body = text.strip_suffix('\n');
    out.push_str(if body.is_some() { " |" } else { " |-" });
    end_line(remarks, out);
    text_lines(body.unwrap_or(text).split('\n'), indent + 2, out);
}

/// Lines of a block of text.
pub fn text_lines<'t>(lines: impl Iterator<Item = &'t str>, indent: usize, out: &mut String) {
    for line in lines {
        if !line.is_empty() {
            blanks(indent, out);
            out.push_str(line);
        }
        out.push('\n');
    }
}

fn blanks(count: usize, out: &mut String) {
    out.extend(std::iter::repeat_n(' ', count));
}

/// The value on one line; `None` where it does not fit, or holds a comment.
fn on_one_line(value: &Value, column: usize, style: Style) -> Option<String> {
    let mut line = String::new();
    match value {
        Value::Nothing => {}
        Value::Plain(text) => line.push_str(text),
        Value::Text(text) if fits_block(text) => return None,
        Value::Text(text) => scalar(&mut line, text, false, style),
        Value::List(items) if items.len() > style.items => return None,
        Value::Map(map) if map.0.len() > style.entries => return None,
        Value::List(_) | Value::Map(_) => {
            flow(value, 0, style, &mut line)?;
            return (column + line.chars().count() <= WIDTH).then_some(line);
        }
    }
    Some(line)
}

fn scalar(out: &mut String, text: &str, in_flow: bool, style: Style) {
    let is_bare = text
        .bytes()
        .all(|byte| byte.is_ascii_graphic() && !matches!(byte, b'"' | b'\\'));
    match style.quoted && is_bare {
        true => out.push_str(&format!("\"{text}\"")),
        false => push_scalar(out, text, in_flow),
    }
}

fn flow(value: &Value, depth: usize, style: Style, out: &mut String) -> Option<()> {
    let inner = Style::FEW;
    match value {
        Value::Nothing => {}
        Value::Plain(text) => out.push_str(text),
        Value::Text(text) if text.contains('\n') => return None,
        Value::Text(text) => scalar(out, text, true, style),
        Value::List(_) | Value::Map(_) if depth > 2 => return None,
        Value::List(items) => {
            out.push('[');
            for (at, item) in items.iter().enumerate() {
                out.push_str(if at > 0 { ", " } else { "" });
                if !fits_flow(&item.remarks) || item.value == Value::Nothing {
                    return None;
                }
                flow(&item.value, depth + 1, style, out)?;
            }
            out.push(']');
        }
        Value::Map(map) if map.0.is_empty() => out.push_str("{}"),
        Value::Map(map) => {
            out.push_str("{ ");
            for (at, entry) in map.0.iter().enumerate() {
                out.push_str(if at > 0 { ", " } else { "" });
                // `{ A: , B: }` is hard to read.
                let is_bare = entry.value == Value::Nothing && map.0.len() > 1;
                if !fits_flow(&entry.remarks) || is_bare {
                    return None;
                }
                push_scalar(out, &entry.key, true);
                out.push_str(": ");
                flow(&entry.value, depth + 1, inner, out)?;
            }
            out.push_str(if out.ends_with(' ') { "}" } else { " }" });
        }
    }
    Some(())
}

fn fits_flow(remarks: &Remarks) -> bool {
    remarks.is_silent() && remarks.folded.is_empty()
}

#[cfg(test)]
pub(super) mod tests {
    use bumpalo::Bump;
    use proptest::prelude::*;

    use super::*;
    use crate::import::comments::Comments;

    /// A text as a map, for the tests of this room.
    pub fn read(text: &str) -> Map {
        let arena = Bump::new();
        let root = crate::yaml::read(text, 0, &arena, &arena);
        let root = root.unwrap_or_else(|errors| panic!("{errors:?}\n{text}"));
        let comments = Comments::new(vec![text]);
        root.map(|root| Map::read(&root, &comments))
            .unwrap_or_default()
    }

    fn value() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Nothing),
            (0..99_999_i64).prop_map(|number| Value::Plain(number.to_string())),
            Just(Value::Plain("true".to_owned())),
            "[ -~\n\té“]{0,24}".prop_map(Value::Text),
            "[a-z0-9.:/{}$-]{0,60}".prop_map(Value::Text),
        ];
        leaf.prop_recursive(3, 24, 5, |inner| {
            let item = inner.clone().prop_map(Item::made);
            let key = "[a-z.#: -]{1,8}|services|volumes|environment";
            prop_oneof![
                prop::collection::vec(item, 0..5).prop_map(Value::List),
                prop::collection::btree_map(key, inner, 0..5).prop_map(|map| {
                    let entries = map.into_iter().map(|(key, value)| Entry::made(key, value));
                    Value::Map(Map(entries.collect()))
                }),
            ]
        })
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_as_it_was(value in value()) {
            let map = Map(vec![Entry::made("a", value)]);
            let text = text(&map);
            prop_assert_eq!(read(&text), map, "{}", text);
        }
    }

    #[test]
    fn comments_stay_where_they_were() {
        let lines = "# about a\na: 1  # one\nb:\n  # the first\n  - c: 2  # two\n    d: 3\n  - x  # three\n  # last\n\n  # of b\n";
        let lines = &format!("{lines}# far\n\n# near\nc:\n  d: 4\n  # e: 5\n\n# apart\n\nf: 6\n");
        assert_eq!(&text(&read(lines)), lines);
    }

    #[test]
    fn long_texts_stay_folded_as_they_were() {
        let lines = "a: >\n  run --one 1\n  --two 2\nb:\n  - >-\n    x y\n    z\n  - c\nc: |\n  one\n  two\n";
        assert_eq!(text(&read(lines)), lines);
        let plain = "a: one two\n  three\nb: 'x\n  y'\n";
        assert_eq!(
            text(&read(plain)),
            "a: >-\n  one two\n  three\nb: >-\n  x\n  y\n"
        );
        let script = "a: >\n  if true;\n    then one;\n\n    two;\n  fi; x\n  y\n";
        assert_eq!(text(&read(script)), script);
    }
}

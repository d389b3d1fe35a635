//! A document as the text of a catalog file: blocks of two blanks, what is short on one line, comments where they were.

use super::value::{Entry, Item, Map, Remarks, Value};
use crate::yaml::write::{fits_block, push_scalar};

/// How wide a line may be that holds a whole map or list.
const WIDTH: usize = 110;

/// A map as a whole text.
pub fn text(map: &Map) -> String {
    let mut out = String::new();
    block_map(map, 0, &mut out);
    out
}

/// The entries of a map as lines, indented by so many blanks.
pub fn block_map(map: &Map, indent: usize, out: &mut String) {
    for entry in &map.0 {
        above(&entry.remarks, indent, out);
        blanks(indent, out);
        push_scalar(out, &entry.key, false);
        out.push(':');
        behind_key(entry, indent, out);
    }
}

/// An entry whose map never stands on one line.
pub fn block_entry(entry: &Entry, indent: usize, out: &mut String) {
    let Value::Map(map) = &entry.value else {
        return block_map(&Map(vec![entry.clone()]), indent, out);
    };
    above(&entry.remarks, indent, out);
    blanks(indent, out);
    push_scalar(out, &entry.key, false);
    out.push(':');
    end_line(&entry.remarks, out);
    block_map(map, indent + 2, out);
}

fn above(remarks: &Remarks, indent: usize, out: &mut String) {
    for line in &remarks.above {
        blanks(indent, out);
        comment(line, out);
        out.push('\n');
    }
}

fn comment(line: &str, out: &mut String) {
    out.push('#');
    if !line.is_empty() {
        out.push(' ');
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
    let column = indent + entry.key.chars().count() + 2;
    if !has_own_block(&entry.key) {
        behind(
            &entry.value,
            &entry.remarks,
            column,
            indent,
            key_style(&entry.key),
            out,
        );
    } else if let (Value::Map(map), false) = (&entry.value, entry.value.says_nothing()) {
        end_line(&entry.remarks, out);
        block_map(map, indent + 2, out);
    } else {
        behind(
            &entry.value,
            &entry.remarks,
            column,
            indent,
            Style::FEW,
            out,
        );
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

/// How many entries or items may stand on one line.
#[derive(Clone, Copy)]
struct Style {
    entries: usize,
    items: usize,
}

impl Style {
    const FEW: Style = Style {
        entries: 8,
        items: 30,
    };
}

fn key_style(key: &str) -> Style {
    match key {
        "environment" | "labels" => Style {
            entries: 2,
            items: 2,
        },
        "volumes" | "tmpfs" | "env_file" | "devices" => Style {
            entries: 1,
            items: 1,
        },
        "build" => Style {
            entries: 3,
            items: 1,
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
    if let Some(line) = on_one_line(value, column, style) {
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
            block_list(items, indent + 2, out);
        }
        Value::Map(map) => {
            end_line(remarks, out);
            block_map(map, indent + 2, out);
        }
        Value::Nothing | Value::Plain(_) => end_line(remarks, out),
    }
}

fn block_list(items: &[Item], indent: usize, out: &mut String) {
    for item in items {
        above(&item.remarks, indent, out);
        blanks(indent, out);
        out.push('-');
        match (
            &item.value,
            on_one_line(&item.value, indent + 2, Style::FEW),
        ) {
            (Value::Map(map), None) => {
                // The first entry stands behind the dash.
                let mut block = String::new();
                block_map(map, indent + 2, &mut block);
                match map
                    .0
                    .first()
                    .is_some_and(|first| first.remarks.above.is_empty())
                {
                    true => out.push_str(block.get(indent + 1..).unwrap_or_default()),
                    false => {
                        out.push('\n');
                        out.push_str(&block);
                    }
                }
            }
            (value, _) => behind(value, &item.remarks, indent + 2, indent, Style::FEW, out),
        }
    }
}

fn block_text(text: &str, remarks: &Remarks, indent: usize, out: &mut String) {
    let body = text.strip_suffix('\n');
    out.push_str(if body.is_some() { " |" } else { " |-" });
    end_line(remarks, out);
    for line in body.unwrap_or(text).split('\n') {
        if !line.is_empty() {
            blanks(indent + 2, out);
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
        Value::Text(text) => push_scalar(&mut line, text, false),
        Value::List(items) if items.len() > style.items => return None,
        Value::Map(map) if map.0.len() > style.entries => return None,
        Value::List(_) | Value::Map(_) => {
            flow(value, 0, &mut line)?;
            return (column + line.chars().count() <= WIDTH).then_some(line);
        }
    }
    Some(line)
}

fn flow(value: &Value, depth: usize, out: &mut String) -> Option<()> {
    match value {
        Value::Nothing => {}
        Value::Plain(text) => out.push_str(text),
        Value::Text(text) if text.contains('\n') => return None,
        Value::Text(text) => push_scalar(out, text, true),
        Value::List(_) | Value::Map(_) if depth > 2 => return None,
        Value::List(items) => {
            out.push('[');
            for (at, item) in items.iter().enumerate() {
                out.push_str(if at > 0 { ", " } else { "" });
                if !is_silent(&item.remarks) || item.value == Value::Nothing {
                    return None;
                }
                flow(&item.value, depth + 1, out)?;
            }
            out.push(']');
        }
        Value::Map(map) if map.0.is_empty() => out.push_str("{}"),
        Value::Map(map) => {
            out.push_str("{ ");
            for (at, entry) in map.0.iter().enumerate() {
                out.push_str(if at > 0 { ", " } else { "" });
                if !is_silent(&entry.remarks) {
                    return None;
                }
                push_scalar(out, &entry.key, true);
                out.push_str(": ");
                flow(&entry.value, depth + 1, out)?;
            }
            out.push_str(if out.ends_with(' ') { "}" } else { " }" });
        }
    }
    Some(())
}

fn is_silent(remarks: &Remarks) -> bool {
    remarks.above.is_empty() && remarks.beside.is_none()
}

#[cfg(test)]
mod tests {
    use bumpalo::Bump;
    use proptest::prelude::*;

    use super::*;
    use crate::import::comments::Comments;

    fn read(text: &str) -> Map {
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
        let lines = "# about a\na: 1  # one\nb:\n  # the first\n  - c: 2  # two\n    d: 3\n  - x  # three\n";
        assert_eq!(text(&read(lines)), lines);
    }
}

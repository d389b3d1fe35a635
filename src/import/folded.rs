//! Texts of which line breaks are blanks, in the lines that people gave them.

use super::layout::{WIDTH, text_lines};
use super::value::Row;

/// What stands behind the key of such a text.
pub fn mark(text: &str) -> &'static str {
    if text.ends_with('\n') { " >" } else { " >-" }
}

/// The lines of a text of which line breaks are blanks; `None` where it was not so, or where these lines would be read
/// otherwise.
pub fn lines(text: &str, rows: &[Row]) -> Option<Vec<String>> {
    if rows.is_empty() {
        return None;
    }
    let words: Vec<&str> = text.split_whitespace().collect();
    let lines = match rows.iter().map(|row| row.words).sum::<usize>() == words.len() {
        true => as_written(&words, rows),
        false => wrapped(&words),
    };
    let is_kept = lines.len() > 1 && read_back(text, &lines);
    is_kept.then_some(lines)
}

fn as_written(words: &[&str], rows: &[Row]) -> Vec<String> {
    let mut rest = words;
    let line = |row: &Row| {
        let (line, after) = rest.split_at(row.words.min(rest.len()));
        rest = after;
        match line.is_empty() {
            true => String::new(),
            false => " ".repeat(row.indent) + &line.join(" "),
        }
    };
    rows.iter().map(line).collect()
}

/// Whether a block of text of these lines is the text.
fn read_back(text: &str, lines: &[String]) -> bool {
    let arena = bumpalo::Bump::new();
    let mut block = format!("a:{}\n", mark(text));
    text_lines(lines.iter().map(String::as_str), 2, &mut block);
    let read = crate::yaml::read(&block, 0, &arena, &arena);
    let root = read.ok().flatten();
    root.and_then(|root| root.get("a")?.as_text()) == Some(text)
}

/// Words in lines that are not too wide.
fn wrapped(words: &[&str]) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in words {
        match lines.last_mut() {
            Some(line) if line.chars().count() + word.chars().count() < WIDTH - 20 => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push((*word).to_owned()),
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_kept_where_they_are_read_as_the_same_text() {
        let rows = |counts: &[usize]| -> Vec<Row> {
            let row = |words: &usize| Row {
                indent: 0,
                words: *words,
            };
            counts.iter().map(row).collect()
        };
        assert_eq!(lines("a  b c", &rows(&[2, 1])), None);
        let changed = "word ".repeat(30);
        let lines = lines(changed.trim(), &rows(&[1, 2]));
        assert_eq!(lines.map(|lines| lines.len()), Some(2));
    }
}

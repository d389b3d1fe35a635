//! One source line as a terminal shows it, and the columns of what is underlined.
//!
//! Tabs become four blanks, characters that cannot be seen are written out, bytes that are no text too, secrets
//! become `***`; a line over the width is cut around what is underlined. Columns count what a terminal shows:
//! two for a wide character, none for a combining mark.

use std::ops::Range;

use unicode_width::UnicodeWidthStr;

use super::push_visibly;
use crate::place::Place;

/// What stands for a secret, whatever its length.
const MASK: &str = "***";

/// What a tab becomes, wherever it stands.
const TAB: &str = "    ";

/// How many bytes of a line around the place are looked at; lines of a catalog are shorter by far.
pub(super) const REACH: usize = 4096;

/// A source line ready to print.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Excerpt {
    /// The line, or what is shown of it.
    pub text: String,
    /// How many columns stand before the underlined ones.
    pub before: usize,
    /// How many columns are underlined, at least one.
    pub len: usize,
}

/// What is shown for a character, or for a whole secret.
struct Cell {
    bytes: Range<usize>,
    text: String,
    width: usize,
}

/// The first line of a place, in at most `room` columns. `masks` are the stretches that are not shown.
pub(super) fn excerpt(bytes: &[u8], place: Place, masks: &[Range<usize>], room: usize) -> Excerpt {
    let at = (place.start as usize).min(bytes.len());
    let line = line_around(bytes, at);
    let near = near(bytes, &line, at);
    let cells = cells(bytes, &near, masks);
    let cut = Cut {
        left: near.start > line.start,
        right: near.end < line.end,
    };
    let underlined = underlined(&cells, at..at.saturating_add(usize::from(place.len)));
    compose(&cells, underlined, cut, room)
}

/// The line that holds a byte, without line end and byte-order mark.
fn line_around(bytes: &[u8], at: usize) -> Range<usize> {
    let before = bytes[..at].iter().rposition(|byte| *byte == b'\n');
    let mut start = before.map_or(0, |end| end + 1);
    let end = bytes[at..]
        .iter()
        .position(|byte| *byte == b'\n')
        .map_or(bytes.len(), |len| at + len);
    if start == 0 && bytes.starts_with("\u{feff}".as_bytes()) {
        start = "\u{feff}".len();
    }
    match bytes[..end].strip_suffix(b"\r") {
        Some(without) if without.len() >= start => start..without.len(),
        _ => start..end.max(start),
    }
}

/// The part of a line within reach of a byte, characters kept whole.
fn near(bytes: &[u8], line: &Range<usize>, at: usize) -> Range<usize> {
    let mut start = at.saturating_sub(REACH).max(line.start);
    let mut end = at.saturating_add(REACH).min(line.end).max(start);
    while start > line.start && is_inside_character(bytes[start]) {
        start -= 1;
    }
    while end < line.end && is_inside_character(bytes[end]) {
        end += 1;
    }
    start.min(end)..end
}

/// Whether a byte continues a character of UTF-8 (RFC 3629, section 3).
fn is_inside_character(byte: u8) -> bool {
    byte & 0b1100_0000 == 0b1000_0000
}

fn cells(bytes: &[u8], line: &Range<usize>, masks: &[Range<usize>]) -> Vec<Cell> {
    let masks: Vec<_> = masks
        .iter()
        .filter(|mask| meet(mask, line))
        .cloned()
        .collect();
    let mut cells = Vec::with_capacity(line.len());
    let mut at = line.start;
    for chunk in bytes[line.clone()].utf8_chunks() {
        for character in chunk.valid().chars() {
            push(&mut cells, &masks, at..at + character.len_utf8(), || {
                shown(character)
            });
            at += character.len_utf8();
        }
        for byte in chunk.invalid() {
            push(&mut cells, &masks, at..at + 1, || format!("\\x{byte:02x}"));
            at += 1;
        }
    }
    cells
}

fn shown(character: char) -> String {
    let mut text = String::new();
    match character {
        '\t' => text.push_str(TAB),
        _ => push_visibly(&mut text, character),
    }
    text
}

/// Adds a character, or lets the mask before it cover it too.
fn push(
    cells: &mut Vec<Cell>,
    masks: &[Range<usize>],
    bytes: Range<usize>,
    text: impl Fn() -> String,
) {
    let hidden = masks.iter().any(|mask| meet(mask, &bytes));
    match cells.last_mut() {
        Some(last) if hidden && last.text == MASK && last.bytes.end == bytes.start => {
            last.bytes.end = bytes.end
        }
        _ => {
            let text = if hidden { MASK.to_owned() } else { text() };
            let width = text.width();
            cells.push(Cell { bytes, text, width });
        }
    }
}

/// Whether two stretches have a byte in common.
fn meet(one: &Range<usize>, other: &Range<usize>) -> bool {
    one.start < other.end && other.start < one.end
}

/// The cells that a stretch covers: one at least, or none at the line's end.
fn underlined(cells: &[Cell], stretch: Range<usize>) -> Range<usize> {
    let start = cells.partition_point(|cell| cell.bytes.end <= stretch.start);
    let end = cells.partition_point(|cell| cell.bytes.start < stretch.end);
    start..end.max(start)
}

/// On which sides something is left out.
#[derive(Clone, Copy)]
struct Cut {
    left: bool,
    right: bool,
}

fn compose(cells: &[Cell], underlined: Range<usize>, cut: Cut, room: usize) -> Excerpt {
    let columns = columns(cells);
    let from = columns[underlined.start];
    let to = columns[underlined.end].max(from + 1);
    let (shown, cut) = window(&columns, from..to, cut, room);
    let mut text = String::new();
    if cut.left {
        text.push('…');
    }
    text.extend(cells[shown.clone()].iter().map(|cell| cell.text.as_str()));
    if cut.right {
        text.push('…');
    }
    Excerpt {
        text,
        before: usize::from(cut.left) + from - columns[shown.start],
        len: to.min(columns[shown.end]).saturating_sub(from).max(1),
    }
}

/// The column at which each cell begins, and the one behind the last.
fn columns(cells: &[Cell]) -> Vec<usize> {
    let mut columns = Vec::with_capacity(cells.len() + 1);
    let mut column = 0;
    columns.push(0);
    for cell in cells {
        column += cell.width;
        columns.push(column);
    }
    columns
}

/// The cells to show, so that the stretch is seen: all, or as many as there is room for.
fn window(columns: &[usize], stretch: Range<usize>, cut: Cut, room: usize) -> (Range<usize>, Cut) {
    let last = columns.len() - 1;
    let whole = columns[last].max(stretch.end);
    if whole + usize::from(cut.left) + usize::from(cut.right) <= room {
        return (0..last, cut);
    }
    let first_column = first_column(&stretch, whole, cut, room);
    let start = columns.partition_point(|column| *column < first_column);
    let left = cut.left || start > 0;
    let limit = columns[start] + room - usize::from(left);
    if whole + usize::from(cut.right) <= limit {
        return (start..last, Cut { left, ..cut });
    }
    let end = columns
        .partition_point(|column| *column < limit)
        .max(start + 1)
        - 1;
    (start..end, Cut { left, right: true })
}

/// The column at which the shown part begins: the line's own start if the stretch fits behind it, else so that
/// the stretch is in the middle, and no column stays empty at the end.
fn first_column(stretch: &Range<usize>, whole: usize, cut: Cut, room: usize) -> usize {
    if stretch.end + usize::from(cut.left) < room {
        return 0;
    }
    let len = stretch.len().min(room / 2);
    let centred = stretch.start.saturating_sub((room - len) / 2);
    let latest = (whole + 1 + usize::from(cut.right)).saturating_sub(room);
    centred.min(latest)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn every_excerpt_fits_and_has_its_marks_below_it(
            bytes in prop_oneof![
                "[a\t\r\n日e\u{301}\u{202e}\u{feff}-]{0,80}".prop_map(String::into_bytes),
                any::<Vec<u8>>(),
            ],
            start in 0..300_u32,
            len in any::<u16>(),
            masks in prop::collection::vec((0..100_usize, 0..20_usize), 0..3),
            room in 20..60_usize,
        ) {
            let masks: Vec<_> = masks.into_iter().map(|(start, len)| start..start + len).collect();
            let place = Place { file: 0, len, start };
            let excerpt = excerpt(&bytes, place, &masks, room);
            let width = excerpt.text.width();
            prop_assert!(width <= room, "{:?}", excerpt);
            prop_assert!(excerpt.len >= 1 && excerpt.before <= width, "{:?}", excerpt);
            prop_assert!(excerpt.before + excerpt.len <= width.max(excerpt.before + 1), "{:?}", excerpt);
            prop_assert!(!excerpt.text.chars().any(char::is_control), "{:?}", excerpt);
        }
    }
}

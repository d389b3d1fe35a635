//! Lines and columns of many places: where the lines of a file begin is looked up once.

use std::cell::RefCell;
use std::collections::HashMap;

use crate::place::Place;
use crate::source::Sources;

/// The lines of the sources, each file's looked up when first asked for.
pub(super) struct Lines<'a> {
    sources: &'a Sources<'a>,
    starts: RefCell<HashMap<u16, Vec<usize>>>,
}

impl<'a> Lines<'a> {
    pub fn new(sources: &'a Sources<'a>) -> Self {
        Lines {
            sources,
            starts: RefCell::default(),
        }
    }

    /// Line and column of a place, both from 1; the column counts characters. As [`Sources::line_column`].
    pub fn line_column(&self, place: Place) -> (usize, usize) {
        let Some(file) = self.sources.file(place) else {
            return (0, 0);
        };
        let at = (place.start as usize).min(file.bytes.len());
        let mut all = self.starts.borrow_mut();
        let starts = all.entry(place.file).or_insert_with(|| starts(file.bytes));
        let line = starts.partition_point(|start| *start <= at);
        let start = line.checked_sub(1).map_or(0, |line| starts[line]);
        let text = String::from_utf8_lossy(&file.bytes[start..at]);
        let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
        (line, text.chars().count() + 1)
    }
}

/// Where each line begins.
fn starts(bytes: &[u8]) -> Vec<usize> {
    let ends = bytes.iter().enumerate().filter(|(_, byte)| **byte == b'\n');
    let behind = ends.map(|(at, _)| at + 1);
    std::iter::once(0).chain(behind).collect()
}

#[cfg(test)]
mod tests {
    use super::super::samples::sources;
    use super::*;

    #[test]
    fn every_byte_has_the_line_and_column_that_the_sources_give_it() {
        let sources = sources(&["\u{feff}a: ä\r\n\n  b: 日\n", ""]);
        let lines = Lines::new(&sources);
        for (file, start) in (0..30)
            .map(|start| (0, start))
            .chain([(1, 0), (1, 5), (7, 0)])
        {
            let place = Place {
                file,
                len: 1,
                start,
            };
            assert_eq!(
                lines.line_column(place),
                sources.line_column(place),
                "{place:?}"
            );
        }
    }
}

//! The comments of Compose files: those on lines of their own above a key or an item, those behind one, and those behind
//! the last line of a block. Each is found once, however often an anchor is used.

use std::cell::RefCell;

use rustc_hash::{FxHashMap, FxHashSet};

use super::comment_lines::{Around, around};
use super::value::{Line, Row};
use crate::place::Place;
use crate::yaml::node::{Entry, Kind, Node};

/// The texts in which comments are looked for, by the numbers of their files.
pub struct Comments<'t> {
    texts: Vec<&'t str>,
    /// The comments on lines of their own, by file and the offset of the key or item to which they belong.
    lines: RefCell<FxHashMap<(u16, usize), Around>>,
    /// Where those behind something stand that were found.
    found: RefCell<FxHashSet<(u16, usize)>>,
}

impl<'t> Comments<'t> {
    /// The comments of these files.
    pub fn new(texts: Vec<&'t str>) -> Self {
        let mut lines = FxHashMap::default();
        for (file, text) in (0_u16..).zip(&texts) {
            let all = around(text).into_iter();
            lines.extend(all.map(|(offset, around)| ((file, offset), around)));
        }
        Comments {
            texts,
            lines: RefCell::new(lines),
            found: RefCell::default(),
        }
    }

    fn text(&self, place: Place) -> Option<&'t str> {
        self.texts.get(usize::from(place.file)).copied()
    }

    /// Whether a comment at an offset was not found before.
    fn is_new(&self, place: Place, at: usize) -> bool {
        self.found.borrow_mut().insert((place.file, at))
    }

    fn take(&self, place: Place, part: impl Fn(&mut Around) -> &mut Vec<Line>) -> Vec<Line> {
        let mut lines = self.lines.borrow_mut();
        let around = lines.get_mut(&(place.file, place.start as usize));
        around.map_or(Vec::new(), |around| std::mem::take(part(around)))
    }

    /// The lines of comment above what begins a line.
    pub fn above(&self, place: Place) -> Vec<Line> {
        self.take(place, |around| &mut around.above)
    }

    /// The lines of comment behind the last line of what a key or an item holds.
    pub fn below(&self, place: Place) -> Vec<Line> {
        self.take(place, |around| &mut around.below)
    }

    /// The lines of comment at the end of a file that belong to nothing in it.
    pub fn end(&self, file: u16) -> Vec<Line> {
        self.take(
            Place {
                file,
                len: 0,
                start: u32::MAX,
            },
            |around| &mut around.below,
        )
    }

    /// The comment behind an entry: behind its value where that stands on the key's line, else behind its key.
    pub fn beside(&self, entry: &Entry) -> Option<String> {
        let own = self.behind(&entry.value);
        own.or_else(|| {
            let text = self.text(entry.key_place)?;
            let end = entry.key_place.start as usize + usize::from(entry.key_place.len);
            let rest = text.get(end..)?.lines().next()?;
            let rest = without_marks(rest.trim_start().strip_prefix(':')?);
            self.in_rest(rest, entry.key_place, end)
        })
    }

    /// The comment behind a scalar, on its line.
    pub fn behind(&self, node: &Node) -> Option<String> {
        if !is_scalar(node) || node.place.len == u16::MAX {
            return None;
        }
        let text = self.text(node.place)?;
        let end = node.place.start as usize + usize::from(node.place.len);
        if text.get(node.place.start as usize..end)?.contains('\n') {
            return None;
        }
        self.in_rest(text.get(end..)?.lines().next()?, node.place, end)
    }

    /// The comment in the rest of a line that holds nothing else.
    fn in_rest(&self, rest: &str, place: Place, at: usize) -> Option<String> {
        let comment = rest.trim().strip_prefix('#')?;
        let is_apart = rest.starts_with([' ', '\t']);
        (is_apart && self.is_new(place, at)).then(|| said(comment))
    }

    /// The lines of a scalar of which line breaks are blanks: a block `>`, or a text on several lines without a mark.
    pub fn folded(&self, node: &Node) -> Vec<Row> {
        let rows = self.rows(node).unwrap_or_default();
        match rows.len() > 1 {
            true => rows,
            false => Vec::new(),
        }
    }

    fn rows(&self, node: &Node) -> Option<Vec<Row>> {
        let value = node.as_text().filter(|_| is_scalar(node))?;
        let start = node.place.start as usize;
        let text = self
            .text(node.place)
            .filter(|_| node.place.len < u16::MAX)?;
        let (before, rest) = text.split_at_checked(start)?;
        let written = rest.get(..usize::from(node.place.len))?;
        if value.trim_end_matches('\n').contains('\n') && !is_folded(before) {
            return None;
        }
        let column = before.len() - before.rfind('\n').map_or(0, |at| at + 1);
        let lines = written.trim_end().lines().enumerate();
        let row = |(at, line): (usize, &str)| Row {
            indent: match at {
                0 => 0,
                _ => (line.len() - line.trim_start().len()).saturating_sub(column),
            },
            words: line.split_whitespace().count(),
        };
        Some(lines.map(row).collect())
    }
}

/// Whether a text ends with the mark of a block of text of which line breaks are blanks.
fn is_folded(before: &str) -> bool {
    let line = before.trim_end().lines().next_back().unwrap_or_default();
    let line = line.split(" #").next().unwrap_or(line).trim_end();
    let mark = line.rsplit(' ').next().unwrap_or(line);
    mark.starts_with('>') && mark.len() <= 3
}

fn is_scalar(node: &Node) -> bool {
    matches!(node.kind, Kind::Plain(_) | Kind::Quoted(_)) && !node.is_null()
}

/// What stands behind a key without an anchor, a tag and the mark of a block of text.
fn without_marks(rest: &str) -> &str {
    let mut rest = rest;
    loop {
        let word = rest.trim_start();
        let end = word.find([' ', '\t']).unwrap_or(word.len());
        match word.starts_with(['&', '!', '|', '>']) {
            true => rest = &word[end..],
            false => return rest,
        }
    }
}

/// The words of a comment, without the blank before them and those at the end.
pub fn said(comment: &str) -> String {
    let comment = comment.strip_prefix(' ').unwrap_or(comment);
    comment.trim_end().to_owned()
}

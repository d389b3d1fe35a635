//! The comments of Compose files: those on lines of their own above a key or an item, those behind one, and those behind
//! the last line of a block. Each is found once, however often an anchor is used. What a later file says in the place of
//! an earlier one has the comments of both.

use std::cell::RefCell;

use rustc_hash::{FxHashMap, FxHashSet};

use super::comment_lines::{Around, around};
use super::value::{Line, Remarks, Row};
use crate::place::Place;
use crate::project::{Earlier, Replaced};
use crate::yaml::node::{Entry, Kind, Node};

/// The texts in which comments are looked for, by the numbers of their files.
pub struct Comments<'t> {
    texts: Vec<&'t str>,
    /// The comments on lines of their own, by file and the offset of the key or item to which they belong.
    lines: RefCell<FxHashMap<(u16, usize), Around>>,
    /// Where those behind something stand that were found.
    found: RefCell<FxHashSet<(u16, usize)>>,
    /// What earlier files have in the place of what begins at an offset.
    earlier: FxHashMap<(u16, usize), Earlier<'t>>,
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
            earlier: FxHashMap::default(),
        }
    }

    /// The same, where later files replace something.
    pub fn with_replaced<'r>(mut self, replaced: impl Iterator<Item = &'r Replaced<'t>>) -> Self
    where
        't: 'r,
    {
        let pairs = replaced.map(|Replaced { by, earlier }| (spot(*by), *earlier));
        // What stands in one place is what it came from.
        let is_other = |(by, earlier): &((u16, usize), Earlier)| *by != spot(place_of(earlier));
        self.earlier.extend(pairs.filter(is_other));
        self
    }

    /// Where that stands which the first of all files has in the place of what begins here.
    pub fn first(&self, place: Place) -> Place {
        self.places(place).last().copied().unwrap_or(place)
    }

    /// A place, and those in earlier files that it took, the last file first.
    pub fn places(&self, place: Place) -> Vec<Place> {
        let mut all = vec![place];
        while let Some(earlier) = all.last().and_then(|last| self.earlier.get(&spot(*last))) {
            let place = place_of(earlier);
            if all.contains(&place) {
                break;
            }
            all.push(place);
        }
        all
    }

    /// The comments around an entry.
    pub fn of_entry(&self, entry: &Entry) -> Remarks {
        let own = Remarks {
            above: self.above(entry.key_place),
            beside: self.beside(entry),
            below: self.below(entry.key_place),
            folded: self.folded(&entry.value),
        };
        self.with_earlier(own, entry.key_place)
    }

    /// The comments around an item.
    pub fn of_item(&self, item: &Node) -> Remarks {
        let start = self.start_of_item(item.place);
        let own = Remarks {
            above: self.above(start),
            beside: self.behind(item),
            below: self.below(start),
            folded: self.folded(item),
        };
        self.with_earlier(own, item.place)
    }

    /// Comments together with those that earlier files have in the same place.
    fn with_earlier(&self, own: Remarks, place: Place) -> Remarks {
        let places = self.places(place).into_iter();
        let before = places.filter_map(|place| self.earlier.get(&spot(place)));
        let before = before.map(|earlier| Remarks {
            above: self.above(place_of(earlier)),
            beside: match earlier {
                Earlier::Entry(entry) => self.beside(entry),
                Earlier::Item(item) => self.behind(item),
            },
            below: self.below(place_of(earlier)),
            folded: Vec::new(),
        });
        before.fold(own, joined)
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
    fn above(&self, place: Place) -> Vec<Line> {
        self.take(place, |around| &mut around.above)
    }

    /// The lines of comment behind the last line of what a key or an item holds.
    fn below(&self, place: Place) -> Vec<Line> {
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

    /// The comments at the head of a file, also behind its `version` and `name`. What stands right above a block that is
    /// shared is about the block.
    pub fn head(&self, file: u16) -> Vec<Line> {
        let text = self.texts.get(usize::from(file)).copied();
        let mut all = Vec::new();
        for (start, key) in keys(text.unwrap_or_default()) {
            let is_block = key.starts_with("x-");
            let is_first = ["version:", "name:"]
                .iter()
                .any(|word| key.starts_with(word));
            if is_first || is_block || all.is_empty() {
                all.extend(self.head_at((file, start), is_block));
            }
            if !is_first {
                break;
            }
        }
        trimmed(all)
    }

    fn head_at(&self, at: (u16, usize), is_block: bool) -> Vec<Line> {
        let mut lines = self.lines.borrow_mut();
        let Some(around) = lines.get_mut(&at) else {
            return Vec::new();
        };
        let mut head = std::mem::take(&mut around.above);
        if is_block {
            let own = head.iter().rposition(|line| *line == Line::Blank);
            around.above = head.split_off(own.map_or(0, |at| at + 1));
        }
        head
    }

    /// Where an item begins on the line of its dash: before the anchor, the tag and the mark of its block of text.
    fn start_of_item(&self, place: Place) -> Place {
        let text = self.text(place).unwrap_or_default();
        let mut start = place.start;
        loop {
            let before = text.get(..start as usize).unwrap_or_default().trim_end();
            let word = before
                .rsplit(char::is_whitespace)
                .next()
                .unwrap_or_default();
            match word.starts_with(['&', '!', '|', '>']) {
                true => start = (before.len() - word.len()) as u32,
                false => return Place { start, ..place },
            }
        }
    }

    /// The comment behind an entry: behind its value where that stands on the key's line, else behind its key.
    fn beside(&self, entry: &Entry) -> Option<String> {
        let own = self.behind(&entry.value);
        own.or_else(|| {
            let text = self.text(entry.key_place)?;
            let end = entry.key_place.start as usize + usize::from(entry.key_place.len);
            let rest = text.get(end..)?.lines().next()?;
            let rest = without_marks(rest.trim_start().strip_prefix(':')?);
            self.in_rest(rest, entry.key_place, end)
        })
    }

    /// The comment behind a scalar, on its line, or behind the bracket that ends a list or map.
    fn behind(&self, node: &Node) -> Option<String> {
        if node.place.len == u16::MAX {
            return None;
        }
        let text = self.text(node.place)?;
        let end = node.place.start as usize + usize::from(node.place.len);
        let written = text.get(node.place.start as usize..end)?;
        let ends_there = match node.kind {
            Kind::Plain(_) | Kind::Quoted(_) => is_scalar(node) && !written.contains('\n'),
            Kind::Seq(_) => written.starts_with('[') && written.ends_with(']'),
            Kind::Map(_) => written.starts_with('{') && written.ends_with('}'),
            Kind::Tagged(_) => false,
        };
        let rest = text.get(end..).filter(|_| ends_there)?.lines().next()?;
        // Within brackets, a comma ends an item.
        self.in_rest(rest.strip_prefix(',').unwrap_or(rest), node.place, end)
    }

    /// The comment in the rest of a line that holds nothing else.
    fn in_rest(&self, rest: &str, place: Place, at: usize) -> Option<String> {
        let comment = rest.trim().strip_prefix('#')?;
        let is_apart = rest.starts_with([' ', '\t']);
        (is_apart && self.is_new(place, at)).then(|| said(comment))
    }

    /// The lines of a scalar of which line breaks are blanks: a block `>`, or a text on several lines without a mark.
    fn folded(&self, node: &Node) -> Vec<Row> {
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

/// Comments, and those that an earlier file has in the same place: where both stand behind it, the earlier one goes above.
fn joined(later: Remarks, earlier: Remarks) -> Remarks {
    let Remarks {
        above,
        beside,
        below,
        folded,
    } = later;
    let mut first = earlier.above;
    let beside = match (beside, earlier.beside) {
        (Some(later), Some(earlier)) if later != earlier => {
            first.push(Line::Said(earlier));
            Some(later)
        }
        (later, earlier) => later.or(earlier),
    };
    Remarks {
        above: both(first, above),
        beside,
        below: both(earlier.below, below),
        folded,
    }
}

/// Lines one behind the other; what both say is said once.
fn both(first: Vec<Line>, mut second: Vec<Line>) -> Vec<Line> {
    let says = |line: &Line| *line != Line::Blank && first.contains(line);
    if second.iter().all(|line| *line == Line::Blank || says(line)) && !first.is_empty() {
        return first;
    }
    let mut all = first;
    all.append(&mut second);
    all
}

/// Lines without the empty ones before and behind them.
pub fn trimmed(mut lines: Vec<Line>) -> Vec<Line> {
    while lines.last() == Some(&Line::Blank) {
        lines.pop();
    }
    let first = lines.iter().position(|line| *line != Line::Blank);
    lines.split_off(first.unwrap_or(0))
}

fn spot(place: Place) -> (u16, usize) {
    (place.file, place.start as usize)
}

fn place_of(earlier: &Earlier) -> Place {
    match earlier {
        Earlier::Entry(entry) => entry.key_place,
        Earlier::Item(item) => item.place,
    }
}

/// Where the lines of a text begin that are no comment and not indented, and what begins there.
fn keys(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut offset = 0;
    let lines = text.split_inclusive('\n').map(move |line| {
        let start = offset + line.len() - line.trim_start_matches('\u{feff}').len();
        offset += line.len();
        (start, text.get(start..).unwrap_or_default())
    });
    let is_key = |rest: &str| {
        !rest.starts_with(['#', '%', ' ', '\t', '\n', '\r']) && !rest.starts_with("---")
    };
    lines.filter(move |(_, rest)| is_key(rest))
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

/// What stands behind a key without an anchor, an alias, a tag and the mark of a block of text.
fn without_marks(rest: &str) -> &str {
    let mut rest = rest;
    loop {
        let word = rest.trim_start();
        let end = word.find([' ', '\t']).unwrap_or(word.len());
        match word.starts_with(['&', '*', '!', '|', '>']) {
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

//! To what each comment on a line of its own belongs: it stands above the next key or item, unless it is indented like
//! what ends there. Then it is the last thing in the block that ends: `#ports:` behind the last key of a service.

use rustc_hash::FxHashMap;

use super::comments::said;
use super::value::Line;

/// The comments above a key or an item, and those behind the last line of what it holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Around {
    /// Those above it.
    pub above: Vec<Line>,
    /// Those in it, at its end.
    pub below: Vec<Line>,
}

/// The offset under which the comments are found that belong to nothing in the file.
const NOTHING: usize = u32::MAX as usize;

/// The comments of a text, by the offset of the key or item to which they belong.
pub fn around(text: &str) -> FxHashMap<usize, Around> {
    let mut scan = Scan::default();
    let mut offset = 0;
    for line in text.split_inclusive('\n') {
        let mark = line.len() - line.trim_start_matches('\u{feff}').len();
        scan.line(line[mark..].trim_end(), offset + mark);
        offset += line.len();
    }
    scan.settle(None);
    scan.found
}

/// A key or an item that is not over yet.
struct Open {
    column: usize,
    offset: usize,
    is_item: bool,
}

/// Lines of comment without another line between them, all in one column.
struct Group {
    column: usize,
    lines: Vec<Line>,
    /// Whether an empty line stands before them.
    is_apart: bool,
}

/// Where comments stand, seen from the key or item at an offset.
enum Side {
    Above(usize),
    Below(usize),
}

#[derive(Default)]
struct Scan {
    open: Vec<Open>,
    /// Comments since the last line with something else.
    groups: Vec<Group>,
    /// Whether the last line was empty.
    gap: bool,
    /// The column of what holds the block of text in which the scan is.
    block: Option<usize>,
    found: FxHashMap<usize, Around>,
}

impl Scan {
    fn line(&mut self, line: &str, offset: usize) {
        let rest = line.trim_start();
        let column = line.len() - rest.len();
        if rest.is_empty() {
            self.gap = true;
            return;
        }
        if self.block.is_some_and(|block| column > block) {
            return;
        }
        self.block = None;
        match rest.strip_prefix('#') {
            Some(comment) => self.comment(comment, column),
            None if column == 0 && (rest.starts_with("---") || rest.starts_with('%')) => {
                // What stands before the document is apart from what stands in it.
                self.gap = true;
                return;
            }
            None => self.content(rest, column, offset + column),
        }
        self.gap = false;
    }

    fn comment(&mut self, comment: &str, column: usize) {
        let line = Line::Said(said(comment));
        match self.groups.last_mut() {
            Some(group) if group.column == column && !self.gap => group.lines.push(line),
            _ => self.groups.push(Group {
                column,
                lines: vec![line],
                is_apart: self.gap,
            }),
        }
    }

    /// A line with a key, an item, or a part of a text.
    fn content(&mut self, rest: &str, column: usize, offset: usize) {
        let is_item = rest == "-" || rest.starts_with("- ");
        let named = offset + (rest.len() - without_dashes(rest).len());
        match rest.strip_prefix("<<:") {
            // What stands at it stands above the next key: it is none of its own, and the keys that it brings are no line.
            Some(blocks) => self.merged(blocks, column),
            None => self.settle(Some((column, named))),
        }
        // A list may stand in the column of its key.
        let is_over = |open: &Open| match is_item && !open.is_item {
            true => open.column > column,
            false => open.column >= column,
        };
        while self.open.last().is_some_and(is_over) {
            self.open.pop();
        }
        let mut open = |column, offset, is_item| {
            self.open.push(Open {
                column,
                offset,
                is_item,
            });
        };
        open(column, named, is_item);
        let inner = &rest[named - offset..];
        if is_item && (inner.contains(": ") || inner.ends_with(':')) {
            open(column + (named - offset), named, false);
        }
        if opens_block(inner) {
            self.block = self.open.last().map(|open| open.column);
        }
    }

    /// Keeps the comment behind blocks that are merged.
    fn merged(&mut self, blocks: &str, column: usize) {
        self.gap = false;
        if let Some((_, comment)) = blocks.split_once(" #") {
            self.comment(comment, column);
        }
    }

    /// Gives the comments since the last line to what they belong to. `next` is the column and the offset of the next key
    /// or item, and nothing at the end.
    fn settle(&mut self, next: Option<(usize, usize)>) {
        for group in std::mem::take(&mut self.groups) {
            let ends = |open: &Open| next.is_none_or(|(column, _)| open.column > column);
            let is_in = |open: &Open| ends(open) && open.column <= group.column;
            let side = match (self.open.iter().rposition(is_in), next) {
                (Some(last), _) => {
                    let holder = last.checked_sub(1).and_then(|at| self.open.get(at));
                    Side::Below(holder.map_or(NOTHING, |open| open.offset))
                }
                (None, Some((_, offset))) => Side::Above(offset),
                (None, None) => Side::Below(NOTHING),
            };
            let is_above = matches!(side, Side::Above(_));
            let lines = match side {
                Side::Above(offset) => &mut self.found.entry(offset).or_default().above,
                Side::Below(offset) => &mut self.found.entry(offset).or_default().below,
            };
            if group.is_apart && (is_above || !lines.is_empty()) {
                lines.push(Line::Blank);
            }
            lines.extend(group.lines);
        }
        if let (true, Some((_, offset))) = (self.gap, next)
            && let Some(around) = self.found.get_mut(&offset)
            && !around.above.is_empty()
        {
            around.above.push(Line::Blank);
        }
    }
}

/// What stands behind the dashes of items: `--log` in `- --log`.
fn without_dashes(rest: &str) -> &str {
    let mut rest = rest;
    while let Some(behind) = rest
        .strip_prefix('-')
        .filter(|behind| behind.is_empty() || behind.starts_with(' '))
    {
        rest = behind.trim_start();
    }
    rest
}

/// Whether a block of text begins behind a key or a dash: `|`, `>-`, `|2`.
fn opens_block(line: &str) -> bool {
    let line = line.split(" #").next().unwrap_or(line).trim_end();
    let word = line.rsplit(' ').next().unwrap_or(line);
    let is_apart = word.len() == line.len() || line.contains(": ") || line.contains("- ");
    let marks = word.strip_prefix(['|', '>']);
    is_apart
        && marks.is_some_and(|marks| {
            marks.len() <= 2 && !marks.contains(|c: char| !matches!(c, '+' | '-' | '1'..='9'))
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Comments by the word that stands where they belong: `^` for those above it, `$` for those at its end.
    fn found(text: &str) -> Vec<String> {
        let mut all: Vec<(usize, String)> = Vec::new();
        for (offset, Around { above, below }) in around(text) {
            let rest = text.get(offset..).unwrap_or_default();
            let word = rest.split([':', '\n']).next().unwrap_or_default();
            for (mark, lines) in [('^', above), ('$', below)] {
                let lines = lines.iter().map(|line| match line {
                    Line::Blank => "",
                    Line::Said(text) => text,
                });
                let lines = lines.collect::<Vec<_>>();
                if !lines.is_empty() {
                    all.push((offset, format!("{word}{mark}{}", lines.join("|"))));
                }
            }
        }
        all.sort();
        all.into_iter().map(|(_, text)| text).collect()
    }

    #[test]
    fn a_comment_belongs_to_the_next_key_or_to_the_block_that_ends() {
        for (text, expected) in [
            ("# head\n\n# more\na: 1\n", &["a^head||more"][..]),
            (
                "s:\n  # --- stores ---\n\n  # the db\n  db:\n",
                &["db^--- stores ---||the db"],
            ),
            ("s:\n  # far\n\n  db:\n", &["db^far|"]),
            (
                "s:\n  a:\n    x: 1\n    #y: 2\n\n  # about b\n  b: 1\n",
                &["a$y: 2", "b^|about b"],
            ),
            (
                "s:\n  a:\n    l:\n      - 1\n      # - 2\n    m: 1\n",
                &["l$- 2"],
            ),
            (
                "s:\n  a:\n    l:\n    - 1\n    # - 2\n    m: 1\n",
                &["m^- 2"],
            ),
            ("s:\n  a: 1\n  #b:\n  #  c: 1\nv:\n", &["s$b:| c: 1"]),
            ("s:\n  a: 1\n#b:\n#  c: 1\n", &["$b:| c: 1"]),
            ("s:\n    # wide\n  a: 1\n", &["a^wide"]),
            ("c: |\n  # none\n  x\n# one\nd: 1\n", &["d^one"]),
            ("l:\n  - >-\n    # none\n  # one\n  - b\n", &["b^one"]),
            (
                "l:\n  # one\n  - --a\n  # two\n  - -b\n",
                &["--a^one", "-b^two"],
            ),
            (
                "s:\n  # one\n  <<: *x  # two\n  # three\n  a: 1\nt:\n  b: 1\n  # four\n  <<: *y\n",
                &["a^one|two|three", "t$four"],
            ),
            (
                "l:\n  # one\n  - a: 1\n    # two\n    b: 1\n    # three\n",
                &["a$three", "a^one", "b^two"],
            ),
        ] {
            assert_eq!(found(text), expected, "{text}");
        }
    }
}

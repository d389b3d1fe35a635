//! Text out: YAML that readers of YAML 1.1 and 1.2 understand alike.
//!
//! The emitter writes straight to one string. What becomes of a text stands in `scalar.rs`.

#[cfg(test)]
mod tests;

use super::scalar::{is_plain, is_printable, push_quoted};

pub use super::scalar::{fits_block, push_scalar};

/// Blanks per level.
const INDENT: usize = 2;

/// From this length on a key gets the `? ` form: readers look for the `:` of a key within
/// 1,024 characters only (YAML 1.2.2, section 7.4.2). Quoting may lengthen a key sixfold.
const LONG_KEY: usize = 160;

/// Writes one YAML document in block style, indented by two blanks.
///
/// Calls follow the document: in a map [`key`](Self::key) and then a value, in a list
/// [`item`](Self::item) and then a value. A value is one of [`text`](Self::text),
/// [`raw`](Self::raw), [`null`](Self::null), [`flow_seq`](Self::flow_seq), or a map or list
/// between its `begin_` and `end_`. An empty map or list comes out as `{}` or `[]`.
#[derive(Debug, Default)]
pub struct Writer {
    out: String,
    /// Open maps and lists.
    depth: usize,
    /// Complete lines in `out`.
    lines: usize,
    /// What the last thing on the line is.
    at: Cursor,
    /// Whether the innermost map or list has no content yet.
    is_fresh: bool,
}

/// Where the next token goes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Cursor {
    /// On a new line.
    #[default]
    Line,
    /// On this line, behind the `:` of a key.
    Key,
    /// On this line, behind the `-` of an item.
    Dash,
}

impl Writer {
    /// A writer of an empty document.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// A writer with room for `bytes` bytes of output.
    #[must_use]
    pub fn with_capacity(bytes: usize) -> Self {
        Self {
            out: String::with_capacity(bytes),
            ..Self::default()
        }
    }

    /// A writer that goes on behind what is written already, lines of comments.
    #[must_use]
    pub fn behind(mut text: String) -> Self {
        if text.ends_with('\n') {
            text.pop();
        }
        Self {
            lines: text.matches('\n').count(),
            out: text,
            ..Self::default()
        }
    }

    /// Starts a key of the program's own, which is known to need no quotes: `key:`, with its colon.
    pub fn known_key(&mut self, key: &'static str) {
        self.start_entry();
        self.out.push_str(key);
        self.at = Cursor::Key;
    }

    /// Starts `key:`; its value comes next.
    pub fn key(&mut self, key: &str) {
        self.start_entry();
        if key.len() >= LONG_KEY {
            return self.long_key(key);
        }
        self.scalar(key, false);
        self.out.push(':');
        self.at = Cursor::Key;
    }

    /// A key too long for readers to find its `:`, in the explicit form.
    #[cold]
    fn long_key(&mut self, key: &str) {
        self.out.push_str("? ");
        self.scalar(key, false);
        self.new_line();
        self.out.push(':');
        self.at = Cursor::Key;
    }

    /// Starts an item of a list; its value comes next.
    pub fn item(&mut self) {
        self.start_entry();
        self.out.push('-');
        self.at = Cursor::Dash;
    }

    /// A text: plain where every reader takes it for that text, else in double quotes;
    /// several lines as a block (`|`) where that keeps them exactly.
    pub fn text(&mut self, text: &str) {
        self.start_value();
        if is_plain(text, false) {
            self.out.push_str(text);
        } else if self.depth > 0 && fits_block(text) {
            self.block(text);
        } else {
            self.quoted(text);
        }
    }

    /// A number or boolean, written as it is. The caller answers for its form.
    pub fn raw(&mut self, value: &str) {
        self.start_value();
        self.out.push_str(value);
    }

    /// What `write` puts behind the text so far, as it is. The caller answers for its form.
    pub fn raw_with(&mut self, write: impl FnOnce(&mut String)) {
        self.start_value();
        write(&mut self.out);
    }

    /// A text of one line that `write` puts behind the text so far, quoted where it must be.
    pub fn text_with(&mut self, write: impl FnOnce(&mut String)) {
        self.start_value();
        let start = self.out.len();
        write(&mut self.out);
        if !is_plain(&self.out[start..], false) {
            let text = self.out.split_off(start);
            self.quoted(&text);
        }
    }

    /// Nothing, as `null`.
    pub fn null(&mut self) {
        self.raw("null");
    }

    /// Short texts as one line: `[CMD, curl, -f]`.
    pub fn flow_seq<'t>(&mut self, texts: impl Iterator<Item = &'t str>) {
        self.start_value();
        self.out.push('[');
        for (index, text) in texts.enumerate() {
            if index > 0 {
                self.out.push_str(", ");
            }
            self.scalar(text, true);
        }
        self.out.push(']');
    }

    /// Starts a map.
    pub fn begin_map(&mut self) {
        self.begin();
    }

    /// Ends the innermost map.
    pub fn end_map(&mut self) {
        self.end("{}");
    }

    /// Starts a list.
    pub fn begin_seq(&mut self) {
        self.begin();
    }

    /// Ends the innermost list.
    pub fn end_seq(&mut self) {
        self.end("[]");
    }

    fn begin(&mut self) {
        self.depth += 1;
        self.is_fresh = true;
    }

    fn end(&mut self, empty: &str) {
        if self.is_fresh {
            self.start_value();
            self.out.push_str(empty);
        }
        self.depth = self.depth.saturating_sub(1);
    }

    /// A comment on lines of its own, at the current indent.
    pub fn comment(&mut self, text: &str) {
        for line in text.split(['\n', '\r', '\u{85}', '\u{2028}', '\u{2029}']) {
            self.new_line();
            self.out.push('#');
            if !line.is_empty() {
                self.out.push(' ');
                match line.chars().all(is_printable) {
                    true => self.out.push_str(line),
                    false => self.out.push_str(&line.replace(|c| !is_printable(c), " ")),
                }
            }
        }
        self.at = Cursor::Line;
    }

    /// An empty line before what comes next; none at the start.
    pub fn blank_line(&mut self) {
        if !self.out.is_empty() {
            self.out.push('\n');
            self.lines += 1;
            self.at = Cursor::Line;
        }
    }

    /// The number of the line that the next key, item or comment starts, counted from 1.
    #[must_use]
    pub fn line_number(&self) -> usize {
        self.lines + if self.out.is_empty() { 1 } else { 2 }
    }

    /// Hands over what was written since the last time, where that is `least` bytes or more. The last character stays:
    /// whether the text is empty, and ends a line, decides what comes next.
    pub fn hand_over(&mut self, least: usize, take: impl FnOnce(&str)) {
        let last = self.out.char_indices().next_back();
        if let Some((end, _)) = last.filter(|(end, _)| *end >= least) {
            take(&self.out[..end]);
            self.out.drain(..end);
        }
    }

    /// The document, with a line end behind its last line.
    #[must_use]
    pub fn finish(mut self) -> String {
        if !self.out.is_empty() && !self.out.ends_with('\n') {
            self.out.push('\n');
        }
        self.out
    }

    /// A new line at the indent of the innermost map or list.
    #[inline]
    fn new_line(&mut self) {
        const LINE: &str = "\n                ";
        let blanks = self.depth.saturating_sub(1) * INDENT;
        if self.out.is_empty() {
            return self.indent(self.depth.saturating_sub(1));
        }
        self.lines += 1;
        match blanks < LINE.len() {
            true => {
                // A length that the compiler knows is copied in place.
                let end = self.out.len() + 1 + blanks;
                self.out.push_str(LINE);
                self.out.truncate(end);
            }
            false => {
                self.out.push('\n');
                self.indent(self.depth.saturating_sub(1));
            }
        }
    }

    #[inline]
    fn indent(&mut self, levels: usize) {
        const BLANKS: &str = "                                ";
        let mut count = levels * INDENT;
        while count > BLANKS.len() {
            self.out.push_str(BLANKS);
            count -= BLANKS.len();
        }
        self.out.push_str(&BLANKS[..count]);
    }

    /// A key or a dash: behind the dash of the item around it, or on a line of its own.
    #[inline]
    fn start_entry(&mut self) {
        if self.at == Cursor::Dash && self.is_fresh {
            self.out.push(' ');
        } else {
            self.new_line();
        }
        self.is_fresh = false;
    }

    /// A value: behind its key or dash, or on a line of its own after a comment.
    #[inline]
    fn start_value(&mut self) {
        match self.at {
            Cursor::Key | Cursor::Dash => self.out.push(' '),
            Cursor::Line if self.out.is_empty() => {}
            Cursor::Line => {
                self.new_line();
                self.indent(1);
            }
        }
        self.at = Cursor::Line;
        self.is_fresh = false;
    }

    #[inline]
    fn scalar(&mut self, text: &str, in_flow: bool) {
        push_scalar(&mut self.out, text, in_flow);
    }

    fn quoted(&mut self, text: &str) {
        push_quoted(&mut self.out, text);
    }

    /// Lines as they are, indented; `|-` says that the last line has no end.
    fn block(&mut self, text: &str) {
        let body = text.strip_suffix('\n');
        self.out.push_str(if body.is_some() { "|" } else { "|-" });
        for line in body.unwrap_or(text).split('\n') {
            self.out.push('\n');
            self.lines += 1;
            if !line.is_empty() {
                self.indent(self.depth);
                self.out.push_str(line);
            }
        }
    }
}

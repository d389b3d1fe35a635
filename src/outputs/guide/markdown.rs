//! Markdown tables.

/// A table that grows cell by cell, behind a text.
pub struct Table<'o> {
    out: &'o mut String,
    columns: usize,
}

impl<'o> Table<'o> {
    /// A table with its heads.
    pub fn new(out: &'o mut String, heads: &[&str]) -> Self {
        let columns = heads.len();
        let mut table = Table { out, columns };
        table.row(heads);
        for _ in heads {
            table.out.push_str("|---");
        }
        table.end_row();
        table
    }

    /// Adds a row.
    pub fn row(&mut self, cells: &[&str]) {
        for cell in cells.iter().take(self.columns) {
            self.text(cell);
        }
        self.end_row();
    }

    /// Adds a cell with a text.
    pub fn text(&mut self, text: &str) {
        self.cell(|out| out.push_str(text));
    }

    /// Adds a cell, with what is written behind the text; what would end a cell or a line is written so that it does not.
    pub fn cell(&mut self, write: impl FnOnce(&mut String)) {
        let start = self.begin_cell();
        write(self.out);
        self.end_cell(start);
    }

    /// Adds a cell with a number or a word of our own, which stays as it is.
    pub fn plain(&mut self, write: impl FnOnce(&mut String)) {
        self.begin_cell();
        write(self.out);
        self.out.push(' ');
    }

    fn begin_cell(&mut self) -> usize {
        self.out.push_str("| ");
        self.out.len()
    }

    #[inline(never)]
    fn end_cell(&mut self, start: usize) {
        if !is_cell_text(&self.out[start..]) {
            let cell = cell_text(&self.out[start..]);
            self.out.truncate(start);
            self.out.push_str(&cell);
        }
        self.out.push(' ');
    }

    /// Ends a row of cells.
    pub fn end_row(&mut self) {
        self.out.push_str("|\n");
    }

    /// Lets `take` have what is complete, but for the last line end.
    pub fn pause(&mut self, take: &mut dyn FnMut(&mut String)) {
        take(self.out);
    }

    /// Ends the table, without its last line end.
    pub fn finish(self) {
        self.out.pop();
    }
}

/// The bytes that may mean more than a letter in a cell; control characters begin with one of them.
static SPECIAL: [bool; 256] = special();

const fn special() -> [bool; 256] {
    let mut table = [false; 256];
    let mut byte = 0;
    while byte < table.len() {
        table[byte] = matches!(byte as u8, b'|' | b'<' | 0..=0x1f | 0x7f | 0xc2);
        byte += 1;
    }
    table
}

/// Whether a text is surely the same in a cell, as most are.
fn is_cell_text(text: &str) -> bool {
    !text.bytes().any(|byte| SPECIAL[usize::from(byte)])
}

/// A text for a cell: nothing in it ends the cell or the line, and what looks like HTML is shown.
pub fn cell_text(text: &str) -> String {
    let mut out = String::new();
    for letter in plain(text).chars() {
        match letter {
            '|' => out.push_str("\\|"),
            letter if letter.is_control() => out.push(' '),
            letter => out.push(letter),
        }
    }
    out
}

/// A text for a page: outside of code `<name>` would be HTML, which a page does not show.
pub fn plain(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(at) = rest.find('`') {
        let ticks = rest[at..].len() - rest[at..].trim_start_matches('`').len();
        let inner = &rest[at + ticks..];
        let end = closing(inner, ticks).map_or(at + ticks, |end| at + ticks + end);
        out.push_str(&rest[..at].replace('<', "&lt;"));
        out.push_str(&rest[at..end]);
        rest = &rest[end..];
    }
    out.push_str(&rest.replace('<', "&lt;"));
    out
}

/// Where a piece of code ends that began with so many backticks: behind as many.
fn closing(text: &str, ticks: usize) -> Option<usize> {
    let mut from = 0;
    while let Some(at) = text[from..].find('`').map(|at| from + at) {
        let run = text[at..].len() - text[at..].trim_start_matches('`').len();
        from = at + run;
        if run == ticks {
            return Some(from);
        }
    }
    None
}

/// The anchor that GitHub gives a heading: small letters, blanks as dashes, nothing else but letters, digits, `-`, `_`.
pub fn anchor(title: &str) -> String {
    let kept = title
        .chars()
        .filter(|letter| letter.is_alphanumeric() || matches!(letter, ' ' | '-' | '_'));
    let text: String = kept
        .map(|letter| if letter == ' ' { '-' } else { letter })
        .collect();
    text.to_lowercase()
}

/// A text as code; what holds backticks itself stands between more of them than it has in a row.
pub fn code(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    push_code(&mut out, text);
    out
}

/// Writes a text as code behind another one.
pub fn push_code(out: &mut String, text: &str) {
    push_code_of(out, |out| out.push_str(text));
}

/// Writes as code, behind a text, what is written; nothing where nothing is.
pub fn push_code_of(out: &mut String, write: impl FnOnce(&mut String)) {
    let start = out.len();
    out.push('`');
    write(out);
    end_code(out, start);
}

/// Ends the code that begins with a backtick at `start`.
#[inline(never)]
fn end_code(out: &mut String, start: usize) {
    let text = &out[start + 1..];
    match text.contains('`') {
        _ if text.is_empty() => out.truncate(start),
        false => out.push('`'),
        true => {
            let runs = text.split(|letter| letter != '`').map(str::len);
            let ticks = "`".repeat(runs.max().unwrap_or(0) + 1);
            let code = format!("{ticks} {text} {ticks}");
            out.replace_range(start.., &code);
        }
    }
}

/// Texts as code, with commas between them.
pub fn codes<T: AsRef<str>>(texts: impl IntoIterator<Item = T>) -> String {
    let mut out = String::new();
    push_codes(&mut out, texts);
    out
}

/// Writes texts as code behind another one, with commas between them.
pub fn push_codes<T: AsRef<str>>(out: &mut String, texts: impl IntoIterator<Item = T>) {
    for (at, text) in texts.into_iter().enumerate() {
        if at > 0 {
            out.push_str(", ");
        }
        push_code(out, text.as_ref());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_ends_a_cell_too_early() {
        let mut text = String::new();
        let mut table = Table::new(&mut text, &["a", "b"]);
        table.row(&["x|y", "two\nlines"]);
        table.finish();
        assert_eq!(text, "| a | b |\n|---|---|\n| x\\|y | two lines |");
    }

    #[test]
    fn what_looks_like_html_is_shown() {
        let mut text = String::new();
        let mut table = Table::new(&mut text, &["a"]);
        table.row(&["your <name>, `<b>`"]);
        table.finish();
        assert_eq!(text, "| a |\n|---|\n| your &lt;name>, `<b>` |");
        assert_eq!(
            plain("`` a`<b> `` <c> ` <d>"),
            "`` a`<b> `` &lt;c> ` &lt;d>"
        );
    }

    #[test]
    fn an_anchor_is_githubs() {
        assert_eq!(
            anchor("The first start: InfluxDB's token"),
            "the-first-start-influxdbs-token"
        );
    }

    #[test]
    fn code_may_hold_a_backtick() {
        assert_eq!(code("a"), "`a`");
        assert_eq!(code("a`b"), "`` a`b ``");
        assert_eq!(code("a``b"), "``` a``b ```");
        assert_eq!(codes(["a", "b"]), "`a`, `b`");
    }
}

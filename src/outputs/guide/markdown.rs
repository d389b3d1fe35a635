//! Markdown tables.

/// A table that grows row by row.
pub struct Table {
    text: String,
    columns: usize,
}

impl Table {
    /// A table with its heads.
    pub fn new(heads: &[&str]) -> Self {
        let mut table = Table {
            text: String::new(),
            columns: heads.len(),
        };
        table.row(heads);
        table.text.push_str(&"|---".repeat(heads.len()));
        table.text.push_str("|\n");
        table
    }

    /// Adds a row; what would end a cell or a line is written so that it does not.
    pub fn row<T: AsRef<str>>(&mut self, cells: &[T]) {
        for cell in cells.iter().take(self.columns) {
            self.text.push_str("| ");
            self.text.push_str(&cell_text(cell.as_ref()));
            self.text.push(' ');
        }
        self.text.push_str("|\n");
    }

    /// The table, without its last line end.
    pub fn finish(mut self) -> String {
        self.text.pop();
        self.text
    }
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
    let runs = text.split(|letter| letter != '`').map(str::len);
    match runs.max().unwrap_or(0) {
        _ if text.is_empty() => String::new(),
        0 => format!("`{text}`"),
        most => {
            let ticks = "`".repeat(most + 1);
            format!("{ticks} {text} {ticks}")
        }
    }
}

/// Texts as code, with commas between them.
pub fn codes<T: AsRef<str>>(texts: impl IntoIterator<Item = T>) -> String {
    let all: Vec<String> = texts.into_iter().map(|text| code(text.as_ref())).collect();
    all.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_ends_a_cell_too_early() {
        let mut table = Table::new(&["a", "b"]);
        table.row(&["x|y", "two\nlines"]);
        assert_eq!(
            table.finish(),
            "| a | b |\n|---|---|\n| x\\|y | two lines |"
        );
    }

    #[test]
    fn what_looks_like_html_is_shown() {
        let mut table = Table::new(&["a"]);
        table.row(&["your <name>, `<b>`"]);
        assert_eq!(table.finish(), "| a |\n|---|\n| your &lt;name>, `<b>` |");
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

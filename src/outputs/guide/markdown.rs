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
            for letter in cell.as_ref().chars() {
                match letter {
                    '|' => self.text.push_str("\\|"),
                    letter if letter.is_control() => self.text.push(' '),
                    letter => self.text.push(letter),
                }
            }
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

/// A text as code; what holds a backtick itself gets two.
pub fn code(text: &str) -> String {
    match (text.is_empty(), text.contains('`')) {
        (true, _) => String::new(),
        (_, true) => format!("`` {text} ``"),
        (_, false) => format!("`{text}`"),
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
        assert_eq!(codes(["a", "b"]), "`a`, `b`");
    }
}

//! The lines of one finding while they are put together: the gutter, the arrows, the carets, the colours.

use super::super::excerpt::Excerpt;
use super::Spot;
use crate::finding::Finding;
use crate::report::{Style, visible};
use crate::rule::Level;

pub(super) const RED: &str = "1;31";
pub(super) const YELLOW: &str = "1;33";
pub(super) const BLUE: &str = "34";
pub(super) const GREEN: &str = "32";
pub(super) const BOLD: &str = "1";

pub(super) fn color_of(finding: &Finding) -> &'static str {
    match finding.level {
        Level::Error => RED,
        Level::Warning => YELLOW,
    }
}

/// The lines of one finding while they are put together.
pub(super) struct Lines {
    pub text: String,
    /// The digits of the largest line number.
    pub indent: usize,
    color: bool,
}

impl Lines {
    pub fn new<'a>(style: Style, spots: impl Iterator<Item = &'a Spot<'a>>) -> Self {
        let largest = spots.map(|spot| spot.line).max().unwrap_or(0);
        Lines {
            text: String::new(),
            indent: largest.to_string().len(),
            color: style.color,
        }
    }

    /// In a colour, by its number in ECMA-48 (section 8.3.117, SGR).
    pub fn painted(&self, color: &str, text: &str) -> String {
        if self.color && !text.is_empty() {
            format!("\u{1b}[{color}m{text}\u{1b}[0m")
        } else {
            text.to_owned()
        }
    }

    pub fn push(&mut self, line: &str) {
        self.text.push_str(line.trim_end());
        self.text.push('\n');
    }

    /// `error[port-conflict]: ...`
    pub fn header(&mut self, finding: &Finding, message: &str) {
        let name = format!("{}[{}]", finding.word(), finding.rule.name());
        let name = self.painted(color_of(finding), &name);
        let message = hanging(message, "  ");
        self.push(&format!("{name}: {}", self.painted(BOLD, &message)));
    }

    /// `  --> catalog/ai.yaml:41:9  services.ner-service`
    pub fn place(&mut self, arrow: &str, spot: &Spot<'_>, path: &str) {
        let arrow = self.painted(BLUE, arrow);
        let file = visible(&spot.file.path).replace('\n', "\\u{a}");
        let indent = " ".repeat(self.indent);
        self.push(&format!(
            "{indent}{arrow} {file}:{}:{}{path}",
            spot.line, spot.column
        ));
    }

    /// A line without a number.
    pub fn bar(&mut self, text: &str) {
        let bar = self.painted(BLUE, "|");
        self.push(&format!("{} {bar} {text}", " ".repeat(self.indent)));
    }

    pub fn excerpt(
        &mut self,
        line: usize,
        excerpt: &Excerpt,
        mark: char,
        color: &str,
        label: &str,
    ) {
        self.bar("");
        let gutter = self.painted(BLUE, &format!("{line:>width$} |", width = self.indent));
        self.push(&format!("{gutter} {}", excerpt.text));
        let marks: String = std::iter::repeat_n(mark, excerpt.len).collect();
        let marks = format!("{marks} {}", hanging(label, ""));
        self.bar(&format!(
            "{}{}",
            " ".repeat(excerpt.before),
            self.painted(color, marks.trim_end())
        ));
    }

    /// `   = help: ...`
    pub fn note(&mut self, word: &str, color: &str, text: &str) {
        let hang = " ".repeat(self.hang(word));
        let word = self.painted(color, word);
        self.plain_note(&format!("{word}: {}", hanging(text, &hang)));
    }

    /// How many columns stand before the text of a note.
    pub fn hang(&self, word: &str) -> usize {
        self.indent + " = : ".len() + word.len()
    }

    /// `   = in the mode ...`
    pub fn plain_note(&mut self, text: &str) {
        let sign = self.painted(BLUE, "=");
        self.push(&format!("{} {sign} {text}", " ".repeat(self.indent)));
    }
}

/// A text with everything in it visible, its further lines indented.
fn hanging(text: &str, indent: &str) -> String {
    visible(text.trim_end()).replace('\n', &format!("\n{indent}"))
}

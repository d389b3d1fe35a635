//! Stretches of a text that are not shown, and the text without them: every line stays a line.

use std::ops::Range;

/// What stands for a secret, whatever its length.
pub const MASK: &str = "***";

/// Stretches of a text, in bytes, in any order; they may overlap.
#[derive(Debug, Default)]
pub struct Stretches(Vec<Range<usize>>);

impl Stretches {
    pub fn add(&mut self, stretch: Range<usize>) {
        if !stretch.is_empty() {
            self.0.push(stretch);
        }
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The same behind so many bytes of another text.
    pub fn moved(&self, by: usize) -> impl Iterator<Item = Range<usize>> {
        self.0
            .iter()
            .map(move |stretch| by + stretch.start..by + stretch.end)
    }

    /// Whether all of a value is hidden, but for quotation marks around it.
    pub fn holds(&self, text: &str, value: &Range<usize>) -> bool {
        let written = text.get(value.clone()).unwrap_or_default();
        let bare = written.trim_matches(['"', '\'']);
        let start = value.start + written.find(bare).unwrap_or_default();
        let whole = start..start + bare.len();
        let merged = self.merged();
        !bare.is_empty()
            && merged
                .iter()
                .any(|it| it.start <= whole.start && whole.end <= it.end)
    }

    /// In the order of the text, each apart from the next.
    fn merged(&self) -> Vec<Range<usize>> {
        let mut sorted = self.0.clone();
        sorted.sort_by_key(|stretch| (stretch.start, stretch.end));
        let mut merged: Vec<Range<usize>> = Vec::with_capacity(sorted.len());
        for stretch in sorted {
            match merged.last_mut() {
                Some(last) if stretch.start <= last.end => last.end = last.end.max(stretch.end),
                _ => merged.push(stretch),
            }
        }
        merged
    }

    /// The text with what is hidden in the place of each hidden part of a line.
    pub fn masked(&self, text: &str) -> String {
        self.replaced(text, |_| MASK.to_owned())
    }

    /// The text with an `x` for each letter and digit that is hidden: as long as it was, and of the same form.
    pub fn blurred(&self, text: &str) -> String {
        self.replaced(text, |part| {
            let blur = |letter: char| match letter.is_alphanumeric() {
                true => "x".repeat(letter.len_utf8()),
                false => letter.to_string(),
            };
            part.chars().map(blur).collect()
        })
    }

    fn replaced(&self, text: &str, by: impl Fn(&str) -> String) -> String {
        let mut shown = String::with_capacity(text.len());
        let mut from = 0;
        for stretch in self.merged() {
            shown.push_str(&text[from..stretch.start]);
            for line in text[stretch.clone()].split_inclusive('\n') {
                let body = line.trim();
                let start = line.len() - line.trim_start().len();
                shown.push_str(&line[..start]);
                if !body.is_empty() {
                    shown.push_str(&by(body));
                    shown.push_str(&line[start + body.len()..]);
                }
            }
            from = stretch.end;
        }
        shown.push_str(&text[from..]);
        shown
    }

    /// What is hidden, line by line, without blanks around it.
    pub fn hidden<'t>(&self, text: &'t str) -> Vec<&'t str> {
        let parts = self.merged().into_iter();
        let lines = parts.flat_map(|stretch| text[stretch].lines());
        lines
            .map(str::trim)
            .filter(|line| !line.is_empty())
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_stays_a_line() {
        let text = "a: |\n  one\n\n  two\nb: c\n";
        let mut stretches = Stretches::default();
        stretches.add(5..17);
        stretches.add(3..4);
        assert_eq!(stretches.masked(text), "a: ***\n  ***\n\n  ***\nb: c\n");
        assert_eq!(stretches.blurred(text), "a: |\n  xxx\n\n  xxx\nb: c\n");
        assert_eq!(stretches.hidden(text), ["|", "one", "two"]);
    }
}

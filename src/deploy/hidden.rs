//! The values that no message may show, whoever's text it is: a log line of a container, an error of Compose.

/// The shortest value that is looked for: shorter ones are words of any text, and hiding them would hide the text.
const SHORTEST: usize = 4;

/// Values to hide.
#[derive(Clone, Default)]
pub struct Hidden(Vec<String>);

impl Hidden {
    /// Of some values.
    pub fn new(values: impl IntoIterator<Item = String>) -> Self {
        let mut hidden = Hidden::default();
        hidden.add(values);
        hidden
    }

    /// Hides these too. One over several lines is looked for by its lines as well, since a log shows them one by one.
    pub fn add(&mut self, values: impl IntoIterator<Item = String>) {
        for value in values {
            self.0
                .extend(value.lines().map(|line| line.trim().to_owned()));
            self.0.push(value);
        }
        self.0.retain(|value| value.len() >= SHORTEST);
        // A value that holds another one comes first, or its rest would show.
        self.0
            .sort_by(|a, b| b.len().cmp(&a.len()).then_with(|| a.cmp(b)));
        self.0.dedup();
    }

    /// Whether a text holds one of them.
    pub fn is_in(&self, text: &str) -> bool {
        self.0.iter().any(|value| text.contains(value.as_str()))
    }

    /// The text with `***` for each of them.
    pub fn in_text(&self, text: &str) -> String {
        let mut text = text.to_owned();
        for value in &self.0 {
            if text.contains(value.as_str()) {
                text = text.replace(value.as_str(), "***");
            }
        }
        text
    }
}

impl std::fmt::Debug for Hidden {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "Hidden({})", self.0.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_hidden_the_longest_first() {
        let hidden = Hidden::new(["pass".to_owned(), "password".to_owned(), "on".to_owned()]);
        assert_eq!(hidden.in_text("password=pass on"), "***=*** on");
    }

    #[test]
    fn the_lines_of_a_value_are_hidden_one_by_one() {
        let hidden = Hidden::new(["first line\nsecond line".to_owned()]);
        assert_eq!(hidden.in_text("a second line b"), "a *** b");
        assert_eq!(format!("{hidden:?}"), "Hidden(3)");
    }
}

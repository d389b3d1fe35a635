//! Values that are known to be secrets: they are not shown anywhere else either.

use super::stretches::{MASK, Stretches};

/// A value of so many bytes is looked for wherever it may stand; a shorter one is a part of too many words.
const LONG: usize = 8;

/// A single word of letters alone is looked for from this length on.
const LONG_WORD: usize = 16;

/// The most values that are looked for.
const MOST: usize = 2000;

/// Values that are secrets.
#[derive(Clone, Debug, Default)]
pub struct Known {
    values: Vec<String>,
}

impl Known {
    /// Adds a value, with all its lines and words.
    pub fn add(&mut self, value: &str) {
        for line in value.lines() {
            self.add_one(line.trim());
            line.split([' ', '\t', '"', '\'', ','])
                .for_each(|word| self.add_one(word));
        }
    }

    fn add_one(&mut self, value: &str) {
        let value = value.trim_matches(['"', '\'', '`', ',', '[', ']', '{', '}', ' ']);
        if is_telling(value) {
            self.values.push(value.to_owned());
            if value.contains('$') {
                self.values.push(value.replace('$', "$$"));
                self.values.push(value.replace("$$", "$"));
            }
        }
    }

    /// Leaves out what stands in a text that may be shown: composegen writes it anyway. The longest come first, or the
    /// rest of one that holds another would show.
    pub fn without(mut self, shown: &[&str]) -> Self {
        self.values
            .sort_by(|a, b| b.len().cmp(&a.len()).then_with(|| a.cmp(b)));
        self.values.dedup();
        self.values.truncate(MOST);
        self.values
            .retain(|value| !shown.iter().any(|text| text.contains(value.as_str())));
        self
    }

    /// Only those that are like no word that people write in other places, the longest first.
    #[must_use]
    pub fn telling(self) -> Self {
        let mut known = self.without(&[]);
        let is_odd = |value: &str| {
            let is_long = value.len() >= LONG_WORD;
            !is_name(value) && (is_long || value.bytes().any(|byte| byte.is_ascii_digit()))
        };
        known.values.retain(|value| is_odd(value));
        known
    }

    /// Adds where these values stand in a text.
    pub fn find(&self, text: &str, found: &mut Stretches) {
        for value in &self.values {
            for (at, _) in text.match_indices(value.as_str()) {
                found.add(at..at + value.len());
            }
        }
    }

    /// A text without these values.
    pub fn masked(&self, text: &str) -> String {
        let mut text = text.to_owned();
        for value in &self.values {
            if text.contains(value.as_str()) {
                text = text.replace(value.as_str(), MASK);
            }
        }
        text
    }
}

/// Whether a text is like the name of a variable, `DB_PASSWORD`: such a text names a secret more often than it is one.
fn is_name(text: &str) -> bool {
    let is_part =
        |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_uppercase());
    text.contains('_') && text.split('_').all(is_part)
}

/// Whether a value is one of its kind: long, and no word that stands in many texts.
fn is_telling(value: &str) -> bool {
    let is_letter = |letter: char| letter.is_alphabetic();
    let is_word = value.chars().all(is_letter) && !value.chars().skip(1).any(char::is_uppercase);
    let is_mask = value.trim_matches('*').is_empty();
    value.len() >= if is_word { LONG_WORD } else { LONG } && !is_mask && !value.starts_with("${")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_found_wherever_it_stands_unless_it_is_shown_anyway() {
        let mut known = Known::default();
        known.add("hunter2hunter2 administrator\nhunter2hunter2more");
        let known = known.without(&["a text"]);
        assert_eq!(
            known.masked("x=hunter2hunter2more, hunter2hunter2, administrator"),
            "x=***, ***, administrator"
        );
        let mut named = Known::default();
        named.add("INFLUXDB_ADMIN_TOKEN");
        named.add("INFLUXDB_ADMIN_T0KEN");
        let text = "INFLUXDB_ADMIN_TOKEN INFLUXDB_ADMIN_T0KEN";
        assert_eq!(named.telling().masked(text), "INFLUXDB_ADMIN_TOKEN ***");
        let known = known.without(&["hunter2hunter2"]);
        assert_eq!(known.masked("hunter2hunter2"), "hunter2hunter2");
    }
}

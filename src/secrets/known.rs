//! Values that are known to be secrets: they are not shown anywhere else either.

use rustc_hash::FxHashSet;

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
        let is_long = |value: &&String| value.len() > SOUGHT;
        let (long, short): (Vec<_>, Vec<_>) = self.values.iter().partition(is_long);
        let passes = (MOST_BYTES / text.len().max(1)).max(1);
        for value in long.into_iter().take(passes) {
            let places = text.match_indices(value.as_str()).map(|(at, _)| at);
            places.for_each(|at| found.add(at..at + value.len()));
        }
        Sought::of(&short).find(text.as_bytes(), found);
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

/// Values of up to so many bytes are sought all at once, longer ones one by one.
const SOUGHT: usize = 64;

/// So many bytes are gone through for the longer ones.
const MOST_BYTES: usize = 128 << 20;

/// No value is shorter: half of the shortest is left where `$$` stands for `$`.
const START: usize = LONG / 2;

/// Values that are sought in a text, all of them at once.
struct Sought<'v> {
    /// In order; a value that begins with another one comes after it.
    values: Vec<&'v [u8]>,
    /// Of each the longest other one that it begins with.
    shorter: Vec<Option<usize>>,
    starts: FxHashSet<&'v [u8]>,
}

impl<'v> Sought<'v> {
    fn of(values: &[&'v String]) -> Self {
        let mut values: Vec<&[u8]> = values.iter().map(|value| value.as_bytes()).collect();
        values.retain(|value| value.len() >= START);
        values.sort_unstable();
        Sought {
            starts: values.iter().map(|value| &value[..START]).collect(),
            shorter: shorter(&values),
            values,
        }
    }

    /// Adds where a text has one of them.
    fn find(&self, text: &[u8], found: &mut Stretches) {
        let mut end = 0;
        for at in 0..text.len() {
            if let Some(len) = self.at(&text[at..])
                && at + len > end
            {
                end = at + len;
                found.add(at..end);
            }
        }
    }

    /// The length of the longest value that a text begins with.
    fn at(&self, text: &[u8]) -> Option<usize> {
        if !self.starts.contains(text.get(..START)?) {
            return None;
        }
        // Whatever the text begins with, the last value before it begins with it, too.
        let before = self.values.partition_point(|value| *value <= text);
        let mut last = before.checked_sub(1);
        while let Some(at) = last {
            if text.starts_with(self.values[at]) {
                return Some(self.values[at].len());
            }
            last = self.shorter[at];
        }
        None
    }
}

/// Of each value, in order, the longest other one that it begins with.
fn shorter(values: &[&[u8]]) -> Vec<Option<usize>> {
    let mut shorter: Vec<Option<usize>> = Vec::with_capacity(values.len());
    for (number, value) in values.iter().enumerate() {
        let mut other = number.checked_sub(1);
        while let Some(at) = other.filter(|at| !value.starts_with(values[*at])) {
            other = shorter[at];
        }
        shorter.push(other);
    }
    shorter
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
    fn the_longest_of_many_values_is_found() {
        let values = [
            "abcdefgh",
            "abcdefghij",
            "abcdefghijkl",
            "abcdxxxx",
            "zzzzzzzz",
        ];
        let known = Known {
            values: values.map(str::to_owned).into(),
        };
        for (text, expected) in [
            ("", &[][..]),
            ("abc", &[]),
            ("abcdefg", &[]),
            (" abcdefgh ", &[(1, 9)]),
            ("abcdefghijk", &[(0, 10)]),
            ("abcdefghijz", &[(0, 10)]),
            ("abcdefghijklm abcdxxxx", &[(0, 12), (14, 22)]),
            ("zzzzzzzzzé", &[(0, 8), (1, 9)]),
        ] {
            let mut found = Stretches::default();
            known.find(text, &mut found);
            let found: Vec<_> = found.moved(0).map(|at| (at.start, at.end)).collect();
            assert_eq!(found, expected, "{text}");
        }
    }

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

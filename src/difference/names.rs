//! Names that differ between two modes on purpose: the mode's own, its class's and the project's, in whatever they are a
//! part of.
//! Of texts that differ in nothing else, nothing is told.

/// What stands for the project's name, and for the mode's: nothing that a file holds.
const PROJECT: &str = "\u{1}";
const MODE: &str = "\u{2}";

/// The names of both sides.
pub(super) struct Names<'a> {
    before: Option<[&'a str; 3]>,
    after: Option<[&'a str; 3]>,
}

impl<'a> Names<'a> {
    /// One mode at two times: every name counts.
    pub fn of_times() -> Self {
        Names {
            before: None,
            after: None,
        }
    }

    /// Two modes: each its project, class and name.
    pub fn of_modes(before: [&'a str; 3], after: [&'a str; 3]) -> Self {
        Names {
            before: Some(before),
            after: Some(after),
        }
    }

    /// Whether names differ on purpose.
    pub fn differ(&self) -> bool {
        self.before.is_some()
    }

    /// Whether a text of the earlier side and one of the later side say the same.
    pub fn same(&self, before: &str, after: &str) -> bool {
        before == after || self.differ() && self.of_before(before) == self.of_after(after)
    }

    /// A text of the earlier side, as both sides have it.
    pub fn of_before(&self, text: &str) -> String {
        shared(text, self.before)
    }

    /// A text of the later side, as both sides have it.
    pub fn of_after(&self, text: &str) -> String {
        shared(text, self.after)
    }
}

fn shared(text: &str, names: Option<[&str; 3]>) -> String {
    match names {
        None => text.to_owned(),
        Some([project, class, mode]) => {
            let text = words(text, project, PROJECT);
            words(&words(&text, class, MODE), mode, MODE)
        }
    }
}

/// The text with every occurrence of a word replaced, where nothing belongs to the same word around it.
fn words(text: &str, word: &str, by: &str) -> String {
    let is_part = |letter: Option<char>| letter.is_some_and(char::is_alphanumeric);
    let mut out = String::new();
    let mut rest = text;
    while let Some(at) = rest.find(word).filter(|_| !word.is_empty()) {
        let (head, tail) = (&rest[..at], &rest[at + word.len()..]);
        let before = head.chars().next_back().or_else(|| out.chars().next_back());
        out.push_str(head);
        match is_part(before) || is_part(tail.chars().next()) {
            true => out.push_str(word),
            false => out.push_str(by),
        }
        rest = tail;
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_modes_are_no_difference_and_all_else_is() {
        let names = Names::of_modes(
            ["home-test", "test", "test"],
            ["home-prod", "production", "prod"],
        );
        for (before, after, expected) in [
            ("a", "a", true),
            ("home-test_data", "home-prod_data", true),
            ("../.env.test", "../.env.prod", true),
            ("latest", "laprod", false),
            ("test", "test", true),
            ("home-test", "home-test", true),
            ("a", "b", false),
            ("test", "production", true),
            ("npm test", "npm prod", true),
            ("npm test", "npm run", false),
        ] {
            assert_eq!(names.same(before, after), expected, "{before} {after}");
        }
        assert!(!Names::of_times().same("test", "prod"));
    }
}

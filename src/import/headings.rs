//! Headings in comments, by which people part a long file: `# --- Databases ---`, `########## DATABASES`, or a title
//! between two lines that hold no letter. Whatever else stands in a comment is no heading.

use super::value::Line;

/// A heading within some lines of comment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Heading {
    /// Its words.
    pub title: String,
    /// Where its lines begin, and where they end.
    pub lines: std::ops::Range<usize>,
}

/// The most words of a title, and letters: what is longer is a sentence.
const WORDS: usize = 5;
const LETTERS: usize = 40;

/// The last heading of some lines.
pub fn heading(lines: &[Line]) -> Option<Heading> {
    let starts = (0..lines.len()).rev();
    starts.into_iter().find_map(|at| heading_at(lines, at))
}

fn heading_at(lines: &[Line], at: usize) -> Option<Heading> {
    let said = |at: usize| match lines.get(at) {
        Some(Line::Said(text)) => Some(text.as_str()),
        Some(Line::Blank) | None => None,
    };
    let text = said(at)?;
    let is_rule_at = |at: usize| said(at).is_some_and(is_rule);
    let found = |title: Option<String>, start: usize, end: usize| {
        title.map(|title| Heading {
            title,
            lines: start..end,
        })
    };
    match at.checked_sub(1).is_some_and(is_rule_at) {
        _ if is_rule(text) => None,
        true => {
            let end = (at + 1..lines.len()).take_while(|at| said(*at).is_some());
            let closing = end.into_iter().find(|at| is_rule_at(*at));
            // The rule above is not the lower one of another heading.
            let is_lower = at
                .checked_sub(2)
                .and_then(said)
                .is_some_and(|text| !is_rule(text));
            let title = title(trimmed(text).0).filter(|_| closing.is_some() || !is_lower);
            found(title, at - 1, closing.map_or(at + 1, |at| at + 1))
        }
        false => found(marked(text), at, at + 1),
    }
}

/// Whether a line parts others: some marks, and nothing else.
fn is_rule(text: &str) -> bool {
    let marks = text.chars().filter(|letter| !letter.is_whitespace());
    text.chars().all(|letter| !letter.is_alphanumeric()) && marks.count() >= 3
}

/// What a line says between marks, and whether these are marks of a heading.
fn trimmed(text: &str) -> (&str, bool) {
    let inner = text.trim_matches(|letter: char| is_mark(letter) || letter.is_whitespace());
    let start = inner.as_ptr() as usize - text.as_ptr() as usize;
    let count = |part: &str| part.chars().filter(|letter| is_mark(*letter)).count();
    let (before, behind) = (count(&text[..start]), count(&text[start + inner.len()..]));
    let is_heading = before >= 3 || before >= 2 && behind >= 2 || text.starts_with("# ");
    (inner, is_heading)
}

fn is_mark(letter: char) -> bool {
    matches!(
        letter,
        '#' | '-' | '=' | '*' | '~' | '+' | '_' | '|' | '/' | '>' | '<' | '\u{2014}' | '\u{2013}'
    ) || ('\u{2500}'..='\u{259f}').contains(&letter)
}

/// The title of a line that has marks beside it.
fn marked(text: &str) -> Option<String> {
    let (inner, is_heading) = trimmed(text);
    title(inner).filter(|_| is_heading)
}

/// A few words that are no sentence and no YAML, without what stands in brackets and the number of the heading.
fn title(text: &str) -> Option<String> {
    let text = text.split(['(', '[']).next().unwrap_or(text).trim();
    let is_number = |c: char| c.is_ascii_digit() || matches!(c, '.' | ')' | ' ');
    let text = text
        .trim_start_matches(is_number)
        .trim_end_matches([':', ' ']);
    let words = text.split_whitespace().count();
    let is_code = text.contains([
        '=', '{', '}', '$', '`', '"', '\'', ':', '@', '<', '>', '/', '\\', ';',
    ]);
    let is_sentence = text.ends_with(['.', '!', '?']) || text.contains(", ");
    let fits = (1..=WORDS).contains(&words) && text.chars().count() <= LETTERS;
    let is_title = fits && !is_code && !is_sentence && text.chars().any(char::is_alphabetic);
    is_title.then(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::super::comments::said;
    use super::*;

    /// The title of a comment, and the lines that it takes.
    fn found(text: &str) -> Option<(String, std::ops::Range<usize>)> {
        let lines = text
            .lines()
            .map(|line| match line.trim().strip_prefix('#') {
                Some(comment) => Line::Said(said(comment)),
                None => Line::Blank,
            });
        let lines: Vec<Line> = lines.collect();
        heading(&lines).map(|heading| (heading.title, heading.lines))
    }

    #[test]
    fn headings_are_told_from_other_comments() {
        for (text, title, lines) in [
            ("# --- Databases ---", "Databases", 0..1),
            ("########## DATABASES", "DATABASES", 0..1),
            ("## Web & Proxy", "Web & Proxy", 0..1),
            ("#### 2. Queues (Redis) ####", "Queues", 0..1),
            (
                "# ===== Monitoring =====\n\n# scrapes all",
                "Monitoring",
                0..1,
            ),
            (
                "# ******\n# Core Demo Services\n# ******\n\n# Ads",
                "Core Demo Services",
                0..3,
            ),
            ("#####\n# Storage #\n#####", "Storage", 0..3),
            ("# \u{2500}\u{2500} Cache \u{2500}\u{2500}", "Cache", 0..1),
            (
                "# the old one\n#   x: 1\n\n# ----\n# Workers\n# ----",
                "Workers",
                3..6,
            ),
            (
                "# ----\n# Workers\n# one for each queue\n# ----",
                "Workers",
                0..4,
            ),
        ] {
            assert_eq!(found(text), Some((title.to_owned(), lines)), "{text}");
        }
        for text in [
            "# Databases",
            "# -----",
            "# - ./data:/data",
            "# -- see https://example.org --",
            "# --- image: redis:7 ---",
            "# --- runs once, then ends. ---",
            "# - one two",
            "# networks:",
            "",
        ] {
            assert_eq!(found(text), None, "{text}");
        }
    }
}

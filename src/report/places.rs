//! Where the others of a group stand, in as few lines as that takes: the file once, then lines and names.

use unicode_width::UnicodeWidthStr;

use super::facts::is_whole;
use super::groups::Group;
use super::locate::Trees;
use super::visible;
use crate::finding::Finding;
use crate::place::Place;
use crate::source::Sources;
use crate::values::shown::shown;

/// The least room for them, however narrow the terminal.
const LEAST_ROOM: usize = 30;

/// How far a line that goes on is indented.
const HANGING: &str = "  ";

/// The others of a group, in lines of at most so many columns where the names leave room for that.
pub(super) fn places(
    group: &Group<'_>,
    sources: &Sources<'_>,
    trees: &Trees<'_>,
    room: usize,
) -> String {
    let others = group.others.iter();
    let all: Vec<Other> = others
        .map(|other| Other::of(group, other, sources, trees))
        .collect();
    match all.iter().any(Other::is_long) {
        true => listed(&all),
        false => packed(&all, room.max(LEAST_ROOM)),
    }
}

/// One of the others.
struct Other {
    /// Its file and its line; `None` where it is about a file as a whole, which its words name.
    at: Option<(String, usize)>,
    /// What tells it from the first.
    words: Vec<String>,
    /// The second place, and what stands there.
    second: Option<String>,
}

impl Other {
    fn of(group: &Group<'_>, finding: &Finding, sources: &Sources<'_>, trees: &Trees<'_>) -> Self {
        let at = spot(finding.place, sources, trees);
        let mut words = group.words(finding);
        // Words that do not name the service say little of where it is.
        let service = finding.service.as_deref().map(shown);
        let service = service.filter(|service| !finding.message.contains(service.as_str()));
        match (words.is_empty(), service) {
            (true, _) => words.extend(trees.path_of(finding)),
            (false, Some(service)) => words.insert(0, service),
            (false, None) => {}
        }
        let second = finding.second.as_ref();
        let second = second.and_then(|(place, label)| {
            let (file, line) = spot(*place, sources, trees)?;
            Some(format!("{label}: {file}:{line}"))
        });
        Other { at, words, second }
    }

    /// Whether it takes a line of its own.
    fn is_long(&self) -> bool {
        self.words.len() > 1 || self.second.is_some()
    }

    fn text(&self) -> String {
        let words = self.words.join(", ");
        let words = self
            .second
            .iter()
            .fold(words, |words, second| format!("{words}; {second}"));
        visible(&words).replace('\n', " ")
    }
}

/// A file and a line; `None` for a file as a whole.
fn spot(place: Place, sources: &Sources<'_>, trees: &Trees<'_>) -> Option<(String, usize)> {
    let file = sources.file(place)?;
    let path = visible(&file.path).replace('\n', "\\u{a}");
    (!is_whole(place, file.kind)).then(|| (path, trees.line_column(place).0))
}

/// A line for each, what is said of them in a column.
fn listed(all: &[Other]) -> String {
    let places = all.iter().map(|other| match &other.at {
        Some((file, line)) => format!("{file}:{line}"),
        None => String::new(),
    });
    let places: Vec<String> = places.collect();
    let width = places.iter().map(|place| place.width()).max().unwrap_or(0);
    let lines = places.iter().zip(all).map(|(place, other)| {
        let gap = " ".repeat(width - place.width());
        format!("{place}{gap}  {}", other.text())
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// As many in a line as fit; each file begins a line of its own.
fn packed(all: &[Other], room: usize) -> String {
    let mut lines: Vec<String> = Vec::new();
    let mut before: Option<&str> = None;
    for (number, other) in all.iter().enumerate() {
        let file = other.at.as_ref().map_or("", |(file, _)| file.as_str());
        let goes_on = before == Some(file);
        before = Some(file);
        let item = item(other, if goes_on { "" } else { file });
        let next = all.get(number + 1);
        let next = next.map(|next| next.at.as_ref().map_or("", |(file, _)| file.as_str()));
        let item = if next == Some(file) {
            format!("{item},")
        } else {
            item
        };
        match lines.last_mut() {
            Some(line) if goes_on && line.width() + 1 + item.width() <= room => {
                line.push(' ');
                line.push_str(&item);
            }
            Some(_) if goes_on => lines.push(format!("{HANGING}{item}")),
            Some(_) | None => lines.push(item),
        }
    }
    lines.join("\n")
}

/// `catalog/app.yaml:43 `sonarr``; where the file was named before, `:43 `sonarr``.
fn item(other: &Other, file: &str) -> String {
    let place = match &other.at {
        Some((_, line)) => format!("{file}:{line} "),
        None => String::new(),
    };
    format!("{place}{}", other.text()).trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use bumpalo::Bump;

    use super::super::groups::groups;
    use super::super::samples::{place_of, sources};
    use super::*;
    use crate::rule::Rule;

    fn missing(place: Place, name: &str) -> Finding {
        let message = format!("`{name}` has no memory limit");
        Finding::new(Rule::MemoryLimitMissing, place, message).service(name)
    }

    #[track_caller]
    fn assert_places(findings: &[Finding], sources: &Sources<'_>, room: usize, expected: &str) {
        let arena = Bump::new();
        let trees = Trees::new(sources, &arena);
        let groups = groups(findings, sources);
        assert_eq!(groups.len(), 1);
        assert_eq!(places(&groups[0], sources, &trees, room), expected);
    }

    #[test]
    fn the_file_stands_once_and_lines_are_filled() {
        let sources = sources(&["a: 1\nb: 2\nc: 3\nd: 4\n", "e: 5\n"]);
        let at = |file, key: &str| missing(place_of(&sources, file, key), key);
        let all = [at(0, "a"), at(0, "b"), at(0, "c"), at(0, "d"), at(1, "e")];
        let wide = "catalog/0.yaml:2 `b`, :3 `c`, :4 `d`\ncatalog/1.yaml:1 `e`";
        assert_places(&all, &sources, 80, wide);
        let narrow = "catalog/0.yaml:2 `b`, :3 `c`,\n  :4 `d`\ncatalog/1.yaml:1 `e`";
        assert_places(&all, &sources, 0, narrow);
    }

    #[test]
    fn what_differs_in_several_words_or_has_two_places_takes_a_line() {
        let sources = sources(&["a: 1\nb: 2\nc: 3\n"]);
        let at = |key: &str, image: &str| {
            let message = format!("`{key}` runs `{image}`");
            let finding = Finding::new(Rule::ImageUnpinned, place_of(&sources, 0, key), message);
            finding.second(place_of(&sources, 0, "1"), "made here")
        };
        assert_places(
            &[at("a", "x"), at("b", "x"), at("c", "longer")],
            &sources,
            80,
            "catalog/0.yaml:2  `b`; made here: catalog/0.yaml:1\n\
             catalog/0.yaml:3  `c`, `longer`; made here: catalog/0.yaml:1",
        );
    }

    #[test]
    fn the_same_words_are_told_by_their_paths() {
        let sources = sources(&["web: [1, 2, 3]\n"]);
        let at = |text: &str| {
            Finding::new(
                Rule::PortRandom,
                place_of(&sources, 0, text),
                "a port has no host port",
            )
        };
        assert_places(
            &[at("1"), at("2"), at("3")],
            &sources,
            80,
            "catalog/0.yaml:1 web[1], :1 web[2]",
        );
    }
}

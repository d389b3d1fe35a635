//! "Did you mean": the known word that is nearest to an unknown one.

/// Longer words get no suggestion by distance: nobody mistypes them, and comparing them takes long.
const LONGEST: usize = 100;
/// What a word begins or ends with has at least so many characters, or it says nothing.
const SHORTEST_CONTAINED: usize = 3;

/// The candidate that was probably meant by `word`, if there is one.
///
/// Upper and lower case are the same here, and so are `_`, `-` and a blank. First the nearest within a few slips of
/// the keyboard (an omitted, added, wrong or swapped character: 1 in words up to 4 characters, 2 up to 8, above that
/// a third of the length), and of equally near ones the first in the alphabet. Else the only candidate that begins or ends with the
/// word (`weather`, `weather-api`), or that the word begins or ends with at a separator.
pub fn nearest<'a>(word: &str, candidates: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let mut search = Search::for_word(word)?;
    for candidate in candidates {
        search.consider(candidate);
    }
    search.result()
}

/// The state of one search over the candidates.
struct Search<'a> {
    word: Vec<char>,
    /// The most slips that a candidate may still have.
    limit: usize,
    nearest: Option<&'a str>,
    container: Container<'a>,
    /// Kept between candidates, so that a large catalog costs no allocation for each.
    candidate: Vec<char>,
    rows: Rows,
}

/// The candidate that contains the word or is contained in it, as long as it is the only one.
enum Container<'a> {
    None,
    One(&'a str),
    Several,
}

impl<'a> Search<'a> {
    fn for_word(word: &str) -> Option<Self> {
        let word: Vec<char> = word.chars().take(LONGEST + 1).map(folded).collect();
        let is_reasonable = (1..=LONGEST).contains(&word.len());
        is_reasonable.then(|| Self {
            limit: slips_allowed(word.len()),
            word,
            nearest: None,
            container: Container::None,
            candidate: Vec::new(),
            rows: Rows::default(),
        })
    }

    fn consider(&mut self, candidate: &'a str) {
        // Four bytes make at most one character: what is longer than this is too far, and contains nothing useful.
        if candidate.len() > 4 * 2 * LONGEST {
            return;
        }
        self.candidate.clear();
        self.candidate.extend(candidate.chars().map(folded));
        self.consider_container(candidate);
        if let Some(distance) = self.rows.distance(&self.word, &self.candidate, self.limit) {
            self.keep(candidate, distance);
        }
    }

    fn keep(&mut self, candidate: &'a str, distance: usize) {
        let is_better = match self.nearest {
            Some(kept) => distance < self.limit || candidate < kept,
            None => true,
        };
        if is_better {
            self.nearest = Some(candidate);
            self.limit = distance;
        }
    }

    fn consider_container(&mut self, candidate: &'a str) {
        if self.nearest.is_some() || !self.is_contained() {
            return;
        }
        self.container = match self.container {
            Container::None => Container::One(candidate),
            Container::One(kept) if kept == candidate => Container::One(kept),
            _ => Container::Several,
        };
    }

    fn is_contained(&self) -> bool {
        let (word, candidate) = (&self.word[..], &self.candidate[..]);
        if word.len().min(candidate.len()) < SHORTEST_CONTAINED {
            return false;
        }
        candidate.starts_with(word)
            || candidate.ends_with(word)
            || word.strip_prefix(candidate).and_then(<[char]>::first) == Some(&'-')
            || word.strip_suffix(candidate).and_then(<[char]>::last) == Some(&'-')
    }

    fn result(self) -> Option<&'a str> {
        self.nearest.or(match self.container {
            Container::One(candidate) => Some(candidate),
            Container::None | Container::Several => None,
        })
    }
}

/// What people do not tell apart is the same: the case, and the separators.
fn folded(character: char) -> char {
    match character {
        '_' | ' ' => '-',
        other => other.to_ascii_lowercase(),
    }
}

/// Never all characters of the word: then any other would be as near.
fn slips_allowed(length: usize) -> usize {
    let slips = match length {
        0..=4 => 1,
        5..=8 => 2,
        _ => length / 3,
    };
    slips.min(length.saturating_sub(1))
}

/// The last three rows of the table of distances.
#[derive(Default)]
struct Rows {
    before: Vec<usize>,
    above: Vec<usize>,
    current: Vec<usize>,
}

impl Rows {
    /// The optimal string alignment distance of two words: how many characters are added, dropped, changed or swapped
    /// with their neighbour, no place being touched twice. `None` where it is over the limit.
    fn distance(&mut self, left: &[char], right: &[char], limit: usize) -> Option<usize> {
        if left.len().abs_diff(right.len()) > limit {
            return None;
        }
        let (left, right) = without_common_ends(left, right);
        self.start(right.len());
        let mut least_above = 0;
        for row in 1..=left.len() {
            let least = self.fill(left, right, row, limit);
            // Two rows are asked, since a swap comes from the row before the last.
            if least.min(least_above) > limit {
                return None;
            }
            least_above = least;
            self.turn();
        }
        self.above
            .last()
            .copied()
            .filter(|&distance| distance <= limit)
    }

    fn start(&mut self, width: usize) {
        self.above.clear();
        self.above.extend(0..=width);
        self.before.clone_from(&self.above);
        self.current.clone_from(&self.above);
    }

    /// Forgets the oldest row; the newest becomes the one above.
    fn turn(&mut self) {
        std::mem::swap(&mut self.before, &mut self.above);
        std::mem::swap(&mut self.above, &mut self.current);
    }

    /// Fills a row, and says its least number. Only columns within the limit of the diagonal can stay
    /// within it; their neighbours on both sides are set to what is over it.
    fn fill(&mut self, left: &[char], right: &[char], row: usize, limit: usize) -> usize {
        let first = row.saturating_sub(limit).max(1);
        let last = right.len().min(row + limit);
        self.current[first - 1] = if first == 1 { row } else { limit + 1 };
        let mut least = self.current[first - 1];
        for column in first..=last {
            self.current[column] = self.cell(left, right, row, column);
            least = least.min(self.current[column]);
        }
        if let Some(outside) = self.current.get_mut(last + 1) {
            *outside = limit + 1;
        }
        least
    }

    fn cell(&self, left: &[char], right: &[char], row: usize, column: usize) -> usize {
        let is_other = usize::from(left[row - 1] != right[column - 1]);
        let changed = self.above[column - 1] + is_other;
        let added_or_dropped = 1 + self.above[column].min(self.current[column - 1]);
        let least = changed.min(added_or_dropped);
        match is_swap(left, right, row, column) {
            true => least.min(self.before[column - 2] + 1),
            false => least,
        }
    }
}

/// What differs between two words: equal beginnings and ends cost nothing.
fn without_common_ends<'w>(left: &'w [char], right: &'w [char]) -> (&'w [char], &'w [char]) {
    let equal = |(one, other): &(&char, &char)| one == other;
    let start = left.iter().zip(right).take_while(equal).count();
    let (left, right) = (&left[start..], &right[start..]);
    let pairs = left.iter().rev().zip(right.iter().rev());
    let end = pairs.take_while(equal).count();
    (&left[..left.len() - end], &right[..right.len() - end])
}

fn is_swap(left: &[char], right: &[char], row: usize, column: usize) -> bool {
    row > 1
        && column > 1
        && left[row - 1] == right[column - 2]
        && left[row - 2] == right[column - 1]
}

#[cfg(test)]
mod tests {
    use super::{Rows, nearest};
    use proptest::prelude::*;

    const SERVICES: [&str; 6] = [
        "influxdb",
        "data-api",
        "weather-api",
        "admin-api",
        "ner-service",
        "mqtt",
    ];

    #[test]
    fn the_nearest_word_is_found() {
        for (word, expected) in [
            ("influxbd", Some("influxdb")),
            ("influx", Some("influxdb")),
            ("Data_API", Some("data-api")),
            ("data api", Some("data-api")),
            ("weather", Some("weather-api")),
            ("wether-api", Some("weather-api")),
            ("weather-api-service", Some("weather-api")),
            ("ner", Some("ner-service")),
            ("mqt", Some("mqtt")),
            ("mqqtt", Some("mqtt")),
            ("-api", None),
            ("api", None),
            ("postgres", None),
            ("", None),
            ("x", None),
        ] {
            assert_eq!(nearest(word, SERVICES.into_iter()), expected, "{word}");
        }
    }

    #[test]
    fn the_order_of_candidates_does_not_matter() {
        let candidates = ["port-c", "port-a", "port-b"];
        assert_eq!(nearest("port-x", candidates.into_iter()), Some("port-a"));
        assert_eq!(
            nearest("port-x", candidates.into_iter().rev()),
            Some("port-a")
        );
        assert_eq!(nearest("web", ["web-a", "web-b"].into_iter()), None);
    }

    #[test]
    fn slips_are_counted() {
        for (left, right, expected) in [
            ("abcd", "abdc", Some(1)),
            ("ca", "abc", None),
            ("kitten", "sitting", None),
            ("kitten", "sittin", Some(2)),
            ("", "ab", Some(2)),
            ("same", "same", Some(0)),
        ] {
            let [left, right] = [left, right].map(|word| word.chars().collect::<Vec<_>>());
            assert_eq!(Rows::default().distance(&left, &right, 2), expected);
        }
    }

    #[test]
    fn a_huge_word_is_not_compared() {
        assert_eq!(nearest(&"a".repeat(1 << 20), ["a"].into_iter()), None);
        let huge = "a".repeat(1 << 20);
        assert_eq!(nearest("aaa", [huge.as_str()].into_iter()), None);
    }

    /// The same distance by its definition, slowly and without a limit.
    fn plain_distance(left: &[char], right: &[char]) -> usize {
        let ([left_start @ .., left_end], [right_start @ .., right_end]) = (left, right) else {
            return left.len().max(right.len());
        };
        let changed = plain_distance(left_start, right_start) + usize::from(left_end != right_end);
        let one_side = plain_distance(left_start, right).min(plain_distance(left, right_start));
        let least = changed.min(one_side + 1);
        match (left_start, right_start) {
            ([left_rest @ .., a], [right_rest @ .., b]) if a == right_end && b == left_end => {
                least.min(plain_distance(left_rest, right_rest) + 1)
            }
            _ => least,
        }
    }

    proptest! {
        #[test]
        fn the_distance_is_that_of_its_definition(
            left in "[abc]{0,6}", right in "[abc]{0,6}", limit in 0..5_usize
        ) {
            let [left, right] = [left, right].map(|word| word.chars().collect::<Vec<_>>());
            let expected = Some(plain_distance(&left, &right)).filter(|&slips| slips <= limit);
            prop_assert_eq!(Rows::default().distance(&left, &right, limit), expected);
        }

        #[test]
        fn a_known_word_is_its_own_nearest(words in proptest::collection::vec("[a-z]{2,12}", 1..20)) {
            for word in &words {
                prop_assert_eq!(nearest(word, words.iter().map(String::as_str)), Some(word.as_str()));
            }
        }

        #[test]
        fn the_answer_does_not_depend_on_the_order(
            word in "[ab-]{1,8}", words in proptest::collection::vec("[ab_-]{1,8}", 0..12)
        ) {
            let forward = nearest(&word, words.iter().map(String::as_str));
            prop_assert_eq!(forward, nearest(&word, words.iter().rev().map(String::as_str)));
        }
    }
}

//! Circles among things that point at each other, each told once; and how one is written in a message.

use super::shown::shown;

/// Above so many names a message shows the first and the last ones.
const SHOWN: usize = 40;

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    New,
    /// On the path, so far along.
    Open(usize),
    Done,
}

/// A thing on the path: its number, the number of its next arrow, and what is known of the one that was taken.
type Step<L> = (usize, usize, L);

/// Goes through numbered things depth first, without recursion: a chain may be as long as a file.
pub struct Search<L> {
    states: Vec<State>,
    path: Vec<Step<L>>,
}

impl<L: Copy + Default> Search<L> {
    /// A search through so many things.
    pub fn new(count: usize) -> Self {
        Search {
            states: vec![State::New; count],
            path: Vec::new(),
        }
    }

    /// Goes on from one of them. `arrow` gives its arrows by number, `None` behind the last: where one leads, if that
    /// is one of the things, and what is known of it. Each circle is told.
    pub fn from(
        &mut self,
        start: usize,
        arrow: impl Fn(usize, usize) -> Option<(Option<usize>, L)>,
        mut told: impl FnMut(Circle<L>),
    ) {
        self.enter(start);
        while let Some((from, next, label)) = self.path.last_mut() {
            let Some((target, known)) = arrow(*from, *next) else {
                self.states[*from] = State::Done;
                self.path.pop();
                continue;
            };
            *next += 1;
            *label = known;
            match target.map(|target| (target, self.states[target])) {
                Some((target, State::New)) => self.enter(target),
                Some((_, State::Open(since))) => told(Circle(&self.path[since..])),
                Some((_, State::Done)) | None => {}
            }
        }
    }

    fn enter(&mut self, number: usize) {
        if self.states[number] == State::New {
            self.states[number] = State::Open(self.path.len());
            self.path.push((number, 0, L::default()));
        }
    }
}

/// A circle that was found. There may be many long ones: who does not look at it pays nothing for it.
pub struct Circle<'p, L>(&'p [Step<L>]);

impl<L: Copy> Circle<'_, L> {
    /// Its things, each with the arrow to the next.
    pub fn things(&self) -> Vec<(usize, L)> {
        let steps = self.0.iter();
        steps.map(|(one, _, label)| (*one, *label)).collect()
    }
}

/// `a` -> `b` -> `a`.
pub fn arrows(names: &[&str]) -> String {
    let quoted = |name: &&str| shown(name);
    let mut list: Vec<String> = match names.len() {
        0..=SHOWN => names.iter().map(quoted).collect(),
        all => {
            let (begin, end) = (&names[..SHOWN / 2], &names[all - SHOWN / 2..]);
            let between = format!("({} more)", all - SHOWN);
            let begin = begin.iter().map(quoted).chain([between]);
            begin.chain(end.iter().map(quoted)).collect()
        }
    };
    list.extend(names.first().map(quoted));
    list.join(" -> ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn circles(arrows: &[&[usize]]) -> Vec<Vec<usize>> {
        let mut search = Search::new(arrows.len());
        let mut found = Vec::new();
        for start in 0..arrows.len() {
            let arrow =
                |from: usize, next: usize| arrows[from].get(next).map(|to| (Some(*to), *to));
            search.from(start, arrow, |circle| {
                let circle = circle.things();
                assert!(
                    circle
                        .iter()
                        .zip(circle.iter().skip(1))
                        .all(|((_, to), (next, _))| to == next)
                );
                found.push(circle.into_iter().map(|(one, _)| one).collect());
            });
        }
        found
    }

    #[test]
    fn each_circle_is_told_once() {
        assert_eq!(circles(&[&[1], &[2], &[]]), [[0; 0]; 0]);
        assert_eq!(circles(&[&[0]]), [[0]]);
        assert_eq!(circles(&[&[1], &[2, 0], &[0]]), [vec![0, 1, 2], vec![0, 1]]);
    }

    #[test]
    fn a_circle_ends_where_it_begins() {
        assert_eq!(arrows(&["a", "b", "c"]), "`a` -> `b` -> `c` -> `a`");
    }

    #[test]
    fn a_long_circle_shows_its_ends_and_counts_the_rest() {
        let names: Vec<String> = (0..100).map(|number| format!("s{number}")).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let text = arrows(&names);
        assert!(text.contains("`s19` -> (60 more) -> `s80`"), "{text}");
        assert!(text.ends_with("`s99` -> `s0`"), "{text}");
    }
}

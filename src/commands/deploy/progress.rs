//! How far the services are, while they come up: on a terminal a few lines that are drawn again and again, elsewhere a
//! line for every change.

use std::collections::BTreeMap;
use std::io::stderr;
use std::time::Instant;

use crate::commands::terminal::{Screen, Terminal, screen};
use crate::deploy::standing::Standing;

/// So many services are drawn at most, or they would not fit a small terminal.
const MOST: usize = 12;

/// What was shown.
pub struct Progress {
    start: Instant,
    /// How far each service was, and since which second.
    seen: BTreeMap<String, (Standing, u64)>,
    /// How many lines are drawn now; `None` where nothing can be drawn.
    drawn: Option<usize>,
}

impl Progress {
    /// Nothing yet.
    pub fn new() -> Self {
        Progress {
            start: Instant::now(),
            seen: BTreeMap::new(),
            drawn: screen(&stderr()).map(|_| 0),
        }
    }

    /// Shows what changed.
    pub fn show(&mut self, standings: &[(String, Standing)], terminal: &Terminal) {
        let seconds = self.start.elapsed().as_secs();
        let before = std::mem::take(&mut self.seen);
        self.seen = aged(&before, standings, seconds);
        match self.drawn {
            Some(drawn) => {
                // It may have another size by now.
                let size = screen(&stderr()).unwrap_or(Screen::SMALL);
                let text = picture(&self.seen, seconds, size);
                terminal.talk(&format!("{}{text}", back(drawn)));
                self.drawn = Some(text.lines().count());
            }
            None => {
                let events = events(&before, standings, seconds);
                events.iter().for_each(|line| terminal.talk(line));
            }
        }
    }

    /// Takes away what was drawn.
    pub fn end(&mut self, terminal: &Terminal) {
        if let Some(drawn) = self.drawn.replace(0).filter(|drawn| *drawn > 0) {
            terminal.talk(&back(drawn));
        }
    }
}

/// Back to the first of the drawn lines, and nothing behind it.
fn back(drawn: usize) -> String {
    match drawn {
        0 => String::new(),
        lines => format!("\x1b[{lines}A\x1b[J"),
    }
}

/// How far each service is, and since when.
fn aged(
    before: &BTreeMap<String, (Standing, u64)>,
    now: &[(String, Standing)],
    seconds: u64,
) -> BTreeMap<String, (Standing, u64)> {
    let since = |(service, standing): &(String, Standing)| match before.get(service) {
        Some((same, since)) if same == standing => *since,
        _ => seconds,
    };
    now.iter()
        .map(|it| (it.0.clone(), (it.1.clone(), since(it))))
        .collect()
}

fn words(standing: &Standing) -> &str {
    match standing {
        Standing::Waiting(words) | Standing::Failed(words) => words,
        Standing::Ready(words) => words,
    }
}

/// What a change of a service is called; nothing where it is not worth a line: what is ready when the first look is taken
/// was so before.
fn events(
    seen: &BTreeMap<String, (Standing, u64)>,
    now: &[(String, Standing)],
    seconds: u64,
) -> Vec<String> {
    let is_news = |(service, standing): &&(String, Standing)| {
        let quiet = ["is old", "is not made yet", "waits for others"].contains(&words(standing));
        let was_ready = seen.is_empty() && matches!(standing, Standing::Ready(_));
        !quiet && !was_ready && seen.get(service).map(|(seen, _)| seen) != Some(standing)
    };
    let line = |(service, standing): &(String, Standing)| {
        format!("    {seconds:>3} s  {service} {}\n", words(standing))
    };
    now.iter().filter(is_news).map(line).collect()
}

/// No line is wider than the screen, and all fit it: what wraps or rolls away could not be taken away again.
fn picture(seen: &BTreeMap<String, (Standing, u64)>, seconds: u64, size: Screen) -> String {
    let is_ready = |standing: &Standing| matches!(standing, Standing::Ready(_));
    let open: Vec<_> = seen.iter().filter(|(_, (it, _))| !is_ready(it)).collect();
    // Room for the first line, the last, and the line of the cursor.
    let most = MOST.min(size.rows.saturating_sub(3));
    let names = open.iter().map(|(service, _)| service.chars().count());
    let width = names.max().unwrap_or(0).min(32);
    let ready = seen.len() - open.len();
    let mut lines = vec![format!("    {ready} of {} ready, {seconds} s", seen.len())];
    for (service, (standing, since)) in open.iter().take(most) {
        let (words, age) = (words(standing), seconds.saturating_sub(*since));
        lines.push(format!("    {service:<width$.width$}  {words}, {age} s"));
    }
    if open.len() > most {
        lines.push(format!("    and {} more", open.len() - most));
    }
    lines.iter().map(|line| size.line(line)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn standings() -> Vec<(String, Standing)> {
        vec![
            ("db".to_owned(), Standing::Ready("healthy")),
            (
                "web".to_owned(),
                Standing::Waiting("is starting".to_owned()),
            ),
            (
                "ui".to_owned(),
                Standing::Waiting("is not made yet".to_owned()),
            ),
        ]
    }

    #[test]
    fn every_change_is_a_line() {
        let first = events(&BTreeMap::new(), &standings(), 3);
        assert_eq!(first, ["      3 s  web is starting\n"]);
        let seen = aged(&BTreeMap::new(), &standings()[1..], 1);
        assert_eq!(events(&seen, &standings(), 3), ["      3 s  db healthy\n"]);
        let seen = aged(&BTreeMap::new(), &standings(), 3);
        assert_eq!(events(&seen, &standings(), 4), [""; 0]);
    }

    #[test]
    fn a_picture_shows_what_is_not_ready() {
        let size = Screen {
            columns: 80,
            rows: 24,
        };
        let first = aged(&BTreeMap::new(), &standings()[..2], 1);
        let seen = aged(&first, &standings(), 3);
        assert_eq!(
            picture(&seen, 3, size),
            "    1 of 3 ready, 3 s\n    ui   is not made yet, 0 s\n    web  is starting, 2 s\n"
        );
        let many: Vec<_> = (0..20)
            .map(|at| (format!("s{at}"), Standing::Waiting("runs".to_owned())))
            .collect();
        let many = aged(&BTreeMap::new(), &many, 3);
        assert!(picture(&many, 3, size).ends_with("    and 8 more\n"));
        let small = Screen {
            columns: 14,
            rows: 5,
        };
        assert_eq!(
            picture(&many, 3, small),
            "    0 of 20 r\n    s0   runs\n    s1   runs\n    and 18 mo\n"
        );
        assert_eq!(back(2), "\x1b[2A\x1b[J");
    }
}

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
    seen: BTreeMap<String, Standing>,
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
        match self.drawn {
            Some(drawn) => {
                // It may have another size by now.
                let size = screen(&stderr()).unwrap_or(Screen::SMALL);
                let text = picture(standings, seconds, size);
                terminal.talk(&format!("{}{text}", back(drawn)));
                self.drawn = Some(text.lines().count());
            }
            None => {
                let events = events(&self.seen, standings, seconds);
                events.iter().for_each(|line| terminal.talk(line));
            }
        }
        self.seen = standings.iter().cloned().collect();
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

fn words(standing: &Standing) -> &str {
    match standing {
        Standing::Waiting(words) | Standing::Failed(words) => words,
        Standing::Ready(words) => words,
    }
}

/// What a change of a service is called; nothing where it is not worth a line.
fn events(
    seen: &BTreeMap<String, Standing>,
    now: &[(String, Standing)],
    seconds: u64,
) -> Vec<String> {
    let is_news = |(service, standing): &&(String, Standing)| {
        let quiet = ["is old", "is not made yet", "waits for others"].contains(&words(standing));
        !quiet && seen.get(service) != Some(standing)
    };
    let line = |(service, standing): &(String, Standing)| {
        format!("    {seconds:>3} s  {service} {}\n", words(standing))
    };
    now.iter().filter(is_news).map(line).collect()
}

/// No line is wider than the screen, and all fit it: what wraps or rolls away could not be taken away again.
fn picture(standings: &[(String, Standing)], seconds: u64, size: Screen) -> String {
    let is_ready = |standing: &Standing| matches!(standing, Standing::Ready(_));
    let ready = standings
        .iter()
        .filter(|(_, standing)| is_ready(standing))
        .count();
    let open: Vec<_> = standings
        .iter()
        .filter(|(_, standing)| !is_ready(standing))
        .collect();
    // Room for the first line, the last, and the line of the cursor.
    let most = MOST.min(size.rows.saturating_sub(3));
    let names = open.iter().map(|(service, _)| service.chars().count());
    let width = names.max().unwrap_or(0).min(32);
    let mut lines = vec![format!(
        "    {ready} of {} ready, {seconds} s",
        standings.len()
    )];
    for (service, standing) in open.iter().take(most) {
        lines.push(format!("    {service:<width$.width$}  {}", words(standing)));
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
        assert_eq!(
            first,
            ["      3 s  db healthy\n", "      3 s  web is starting\n"]
        );
        let seen: BTreeMap<String, Standing> = standings().into_iter().collect();
        assert_eq!(events(&seen, &standings(), 4), [""; 0]);
    }

    #[test]
    fn a_picture_shows_what_is_not_ready() {
        let size = Screen {
            columns: 80,
            rows: 24,
        };
        let text = picture(&standings(), 3, size);
        assert_eq!(
            text,
            "    1 of 3 ready, 3 s\n    web  is starting\n    ui   is not made yet\n"
        );
        let many: Vec<_> = (0..20)
            .map(|at| (format!("s{at}"), Standing::Waiting("runs".to_owned())))
            .collect();
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

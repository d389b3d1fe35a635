//! How far the services are, while they come up: on a terminal a few lines that are drawn again and again, elsewhere a
//! line for every change.

use std::collections::BTreeMap;
use std::io::{IsTerminal, stderr};
use std::time::Instant;

use crate::commands::terminal::Terminal;
use crate::deploy::standing::Standing;

/// So many services are drawn at most, or they would not fit a small terminal.
const MOST: usize = 12;

/// What was shown.
pub struct Progress {
    start: Instant,
    seen: BTreeMap<String, Standing>,
    /// How many lines are drawn now; `None` where there is no terminal.
    drawn: Option<usize>,
}

impl Progress {
    /// Nothing yet.
    pub fn new() -> Self {
        Progress {
            start: Instant::now(),
            seen: BTreeMap::new(),
            drawn: stderr().is_terminal().then_some(0),
        }
    }

    /// Shows what changed.
    pub fn show(&mut self, standings: &[(String, Standing)], terminal: &Terminal) {
        let seconds = self.start.elapsed().as_secs();
        match self.drawn {
            Some(drawn) => {
                let text = picture(standings, seconds);
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
        let quiet = ["is old", "is not made yet", "is made"].contains(&words(standing));
        !quiet && seen.get(service) != Some(standing)
    };
    let line = |(service, standing): &(String, Standing)| {
        format!("    {seconds:>3} s  {service} {}\n", words(standing))
    };
    now.iter().filter(is_news).map(line).collect()
}

fn picture(standings: &[(String, Standing)], seconds: u64) -> String {
    let is_ready = |standing: &Standing| matches!(standing, Standing::Ready(_));
    let ready = standings
        .iter()
        .filter(|(_, standing)| is_ready(standing))
        .count();
    let mut text = format!("    {ready} of {} ready, {seconds} s\n", standings.len());
    let open: Vec<_> = standings
        .iter()
        .filter(|(_, standing)| !is_ready(standing))
        .collect();
    for (service, standing) in open.iter().take(MOST) {
        text.push_str(&format!("    {service:<32.32} {:.40}\n", words(standing)));
    }
    if open.len() > MOST {
        text.push_str(&format!("    and {} more\n", open.len() - MOST));
    }
    text
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
        let text = picture(&standings(), 3);
        assert!(
            text.starts_with("    1 of 3 ready, 3 s\n    web "),
            "{text}"
        );
        let many: Vec<_> = (0..20)
            .map(|at| (format!("s{at}"), Standing::Waiting("runs".to_owned())))
            .collect();
        assert!(picture(&many, 3).ends_with("    and 8 more\n"));
        assert_eq!(back(2), "\x1b[2A\x1b[J");
    }
}

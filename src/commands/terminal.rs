//! The two streams: data on standard output, talk on standard error. A reader that went away is no error.

use std::io::{self, IsTerminal, Write};

use crate::cli::When;
use crate::report::{Style, visible};

/// The streams of a run.
pub struct Terminal {
    color_out: bool,
    color_err: bool,
    /// How wide lines are, where somebody says so.
    columns: Option<usize>,
    /// Whether data could not be written for another reason than a reader that went away.
    broken: bool,
    /// Whether any data has been written.
    written: bool,
}

/// How wide lines are where nobody says.
const WIDTH: usize = 110;

/// Between these every width is taken as it is.
const LEAST: usize = 20;
const MOST: usize = 400;

/// What drawings need at least.
const LEAST_DRAWN: usize = 40;

/// How wide the terminal is behind one of the streams.
fn terminal_columns() -> Option<usize> {
    let size = terminal_size::terminal_size_of(io::stdout());
    let size = size.or_else(|| terminal_size::terminal_size_of(io::stderr()));
    size.map(|(width, _)| usize::from(width.0))
        .filter(|width| *width > 0)
}

/// The screen behind a stream, on which lines can be drawn again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Screen {
    /// Its width in characters.
    pub columns: usize,
    /// Its height in lines.
    pub rows: usize,
}

impl Screen {
    /// One that nobody has smaller.
    pub const SMALL: Screen = Screen {
        columns: LEAST,
        rows: 6,
    };

    /// A line that does not wrap, with its end.
    pub fn line(&self, text: &str) -> String {
        let cut: String = text.chars().take(self.columns.saturating_sub(1)).collect();
        format!("{}\n", cut.trim_end())
    }
}

/// The screen behind a stream; `None` where there is none, or nothing can be drawn on it.
#[cfg(unix)]
pub fn screen(stream: &(impl IsTerminal + std::os::fd::AsFd)) -> Option<Screen> {
    let is_dumb = std::env::var_os("TERM").is_some_and(|term| term == "dumb");
    if is_dumb || !stream.is_terminal() {
        return None;
    }
    let size = terminal_size::terminal_size_of(stream);
    // Some terminals do not say how large they are.
    let size = size.filter(|(width, height)| width.0 > 0 && height.0 > 0);
    Some(size.map_or(
        Screen {
            columns: 80,
            rows: 24,
        },
        |(width, height)| Screen {
            columns: usize::from(width.0),
            rows: usize::from(height.0),
        },
    ))
}

/// The screen behind a stream: it is not looked for here.
#[cfg(not(unix))]
pub fn screen(_: &impl IsTerminal) -> Option<Screen> {
    None
}

impl Terminal {
    /// The streams as the environment and `--color` want them.
    pub fn new(when: When) -> Self {
        let no_color = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        let color = |terminal: bool| match when {
            When::Always => true,
            When::Never => false,
            When::Auto => terminal && !no_color,
        };
        let columns = std::env::var("COLUMNS")
            .ok()
            .and_then(|text| text.parse::<usize>().ok());
        // Shells keep COLUMNS to themselves, and 0 stands for a width that nobody knows.
        let columns = columns.filter(|columns| *columns > 0);
        let columns = columns.or_else(terminal_columns);
        Terminal {
            color_out: color(io::stdout().is_terminal()),
            color_err: color(io::stderr().is_terminal()),
            columns: columns.map(|columns| columns.clamp(LEAST, MOST)),
            broken: false,
            written: false,
        }
    }

    /// How text may look: on standard output where `data`, else on standard error.
    pub fn style(&self, data: bool) -> Style {
        Style {
            color: if data { self.color_out } else { self.color_err },
            width: self.columns.unwrap_or(WIDTH),
        }
    }

    /// How wide drawings are: as the terminal, or so wide where nobody says.
    pub fn width_or(&self, width: usize) -> usize {
        self.columns.unwrap_or(width).max(LEAST_DRAWN)
    }

    /// Writes data; nothing more once that has failed.
    pub fn data(&mut self, text: &str) {
        if self.broken {
            return;
        }
        self.written |= !text.is_empty();
        let mut out = io::stdout().lock();
        let written = out.write_all(text.as_bytes()).and_then(|()| out.flush());
        if let Err(error) = written
            && error.kind() != io::ErrorKind::BrokenPipe
        {
            self.broken = true;
            let why = crate::files::why(&error);
            self.failure(&format!("standard output cannot be written: {why}"), None);
        }
    }

    /// Writes data for programs.
    pub fn json(&mut self, value: &impl serde::Serialize) {
        // Our own reports hold nothing that JSON cannot.
        let mut text = serde_json::to_string_pretty(value).unwrap_or_default();
        text.push('\n');
        self.data(&text);
    }

    /// Says something beside the data.
    pub fn talk(&self, text: &str) {
        // Where nobody listens there is nobody to tell.
        let _ = io::stderr().write_all(text.as_bytes());
    }

    /// Says why the work could not be done.
    pub fn failure(&self, message: &str, help: Option<&str>) {
        let (red, green, off) = match self.color_err {
            true => ("\x1b[1;31m", "\x1b[32m", "\x1b[0m"),
            false => ("", "", ""),
        };
        let mut text = format!("{red}error{off}: {}\n", visible(message));
        if let Some(help) = help {
            text.push_str(&format!("  {green}help{off}: {}\n", visible(help)));
        }
        self.talk(&text);
    }

    /// Whether any data has been written.
    pub fn has_written(&self) -> bool {
        self.written
    }

    /// Whether data could not be written.
    pub fn is_broken(&self) -> bool {
        self.broken
    }
}

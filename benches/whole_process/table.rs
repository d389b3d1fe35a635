//! The table: what was measured, and beside each ratio what it should be. Times are medians, peaks the largest. A ratio of
//! times is the median of the ratios turn by turn, for growth pair by pair; growth of memory is the ratio of the pairs'
//! largest peaks.

use std::fmt::Write as _;

use crate::measure::Usage;
use crate::rival::Rival;
use crate::stage::{Output, Stage};

/// At most this many times the CPU time of the bound.
const BOUND_TARGET: f64 = 2.0;
/// At most this part of minijinja-cli's CPU time, below 1,000 services and from there on.
const RIVAL_TARGETS: (f64, f64) = (1.0 / 2.0, 1.0 / 3.0);
/// Ten times the services may cost eleven times the time and memory.
const GROWTH_TARGET: f64 = 1.1;
/// The peak at every size, in bytes.
const PEAK_TARGET: u64 = 2 << 30;
/// "About 3 ms" of CPU for the repository's own catalog: what rounds to 3, in milliseconds.
const OWN_TARGET: f64 = 3.5;
/// Growth is judged between sizes of which the smaller has this many services: below, starting a process dominates.
const GROWTH_FROM: usize = 1_000;

const HEAD: [&str; 10] = [
    "services",
    "read",
    "written",
    "composegen",
    "peak",
    "bound",
    "composegen / bound",
    "minijinja-cli",
    "composegen / minijinja-cli",
    "growth of time, memory",
];

/// What the processes used in one turn.
pub struct Turn {
    /// composegen.
    pub ours: Usage,
    /// The bound.
    pub bound: Usage,
    /// minijinja-cli, where it is measured.
    pub rival: Option<Usage>,
}

/// What composegen used with one catalog, and right behind it with that of the size before.
pub struct Pair {
    /// With this one.
    pub ours: Usage,
    /// With that of the size before.
    pub smaller: Usage,
}

/// Everything measured on one catalog.
pub struct Row {
    name: String,
    services: usize,
    read: u64,
    written: u64,
    /// Bytes that the rival renders and bytes of the same files from composegen; none without the tool.
    rendered: Option<(u64, u64)>,
    /// How many services the size before has.
    pub smaller: Option<usize>,
    /// What was measured, turn by turn.
    pub turns: Vec<Turn>,
    /// What was measured for the growth.
    pub pairs: Vec<Pair>,
}

impl Row {
    /// A row without measurements.
    pub fn new(name: String, stage: &Stage, outputs: &[Output], rival: Option<&Rival>) -> Self {
        let compose = outputs
            .iter()
            .filter(|output| output.is_compose())
            .map(|output| output.length)
            .sum();
        Self {
            name,
            services: stage.services,
            read: stage.catalog_length().unwrap_or_default(),
            written: outputs.iter().map(|output| output.length).sum(),
            rendered: rival.and_then(|rival| Some((rival.rendered_length().ok()?, compose))),
            smaller: None,
            turns: Vec::new(),
            pairs: Vec::new(),
        }
    }

    fn cells(&self) -> [String; HEAD.len()] {
        [
            self.name.clone(),
            bytes(self.read),
            bytes(self.written),
            self.own_time(),
            self.peak_cell(),
            format!("{:.2} ms", self.median(|turn| Some(time(turn.bound)))),
            ratio(self.times(|turn| Some(turn.bound)), BOUND_TARGET),
            self.rival_time(),
            self.rival_ratio(),
            self.growth(),
        ]
    }

    /// The time; the repository's own catalog, whose services nobody counted, has a target for it.
    fn own_time(&self) -> String {
        let time = self.median(|turn| Some(time(turn.ours)));
        match self.services {
            0 => format!("{time:.2} ms (about 3: {})", verdict(time, OWN_TARGET)),
            _ => format!("{time:.2} ms"),
        }
    }

    fn peak_cell(&self) -> String {
        let peak = largest(self.turns.iter().map(|turn| turn.ours));
        let verdict = if peak < PEAK_TARGET {
            ""
        } else {
            " (2 GiB: over)"
        };
        format!("{}{verdict}", bytes(peak))
    }

    fn has_rival(&self) -> bool {
        self.turns.iter().any(|turn| turn.rival.is_some())
    }

    fn rival_time(&self) -> String {
        match (self.has_rival(), self.rendered) {
            (true, _) => format!("{:.2} ms", self.median(|turn| turn.rival.map(time))),
            (false, Some(_)) => "over a minute".to_owned(),
            (false, None) => "-".to_owned(),
        }
    }

    fn rival_ratio(&self) -> String {
        if !self.has_rival() {
            return "-".to_owned();
        }
        let target = if self.services < 1_000 {
            RIVAL_TARGETS.0
        } else {
            RIVAL_TARGETS.1
        };
        ratio(self.times(|turn| turn.rival), target)
    }

    /// How much more time and memory than at the size before.
    fn growth(&self) -> String {
        let Some(smaller) = self.smaller else {
            return "-".to_owned();
        };
        let pairs = self.pairs.iter();
        let time = median(
            pairs
                .clone()
                .map(|pair| time(pair.ours) / time(pair.smaller)),
        );
        let memory = as_float(largest(pairs.clone().map(|pair| pair.ours)))
            / as_float(largest(pairs.map(|pair| pair.smaller)));
        if smaller < GROWTH_FROM {
            return format!("{time:.1}x, {memory:.1}x");
        }
        let target = GROWTH_TARGET * as_float(self.services as u64) / as_float(smaller as u64);
        let verdict = verdict(time.max(memory), target);
        format!("{time:.1}x, {memory:.1}x (at most {target:.0}x: {verdict})")
    }

    /// The median, over the turns, of how many times the other's time composegen took in the same turn.
    fn times(&self, other: impl Fn(&Turn) -> Option<Usage>) -> f64 {
        self.median(|turn| Some(time(turn.ours) / time(other(turn)?)))
    }

    /// The median of a figure of the turns.
    fn median(&self, figure: impl Fn(&Turn) -> Option<f64>) -> f64 {
        median(self.turns.iter().filter_map(figure))
    }
}

/// The median; of none, no number.
fn median(figures: impl Iterator<Item = f64>) -> f64 {
    let mut figures: Vec<f64> = figures.collect();
    figures.sort_by(f64::total_cmp);
    figures.get(figures.len() / 2).copied().unwrap_or(f64::NAN)
}

/// The largest peak, in bytes.
fn largest(usages: impl Iterator<Item = Usage>) -> u64 {
    usages.map(|usage| usage.peak).max().unwrap_or_default()
}

/// The table in Markdown, its columns aligned, and below it what minijinja-cli rendered.
pub fn render(rows: &[Row]) -> String {
    let mut lines = vec![HEAD.map(str::to_owned)];
    lines.extend(rows.iter().map(Row::cells));
    let widths: Vec<usize> = (0..HEAD.len())
        .map(|column| width(&lines, column))
        .collect();
    let mut text = String::new();
    for (index, cells) in lines.iter().enumerate() {
        text.push_str(&line(cells, &widths));
        if index == 0 {
            text.push_str(&line(
                &widths
                    .iter()
                    .map(|&width| "-".repeat(width))
                    .collect::<Vec<_>>(),
                &widths,
            ));
        }
    }
    text + &rendered(rows)
}

fn width(lines: &[[String; HEAD.len()]], column: usize) -> usize {
    lines
        .iter()
        .map(|cells| cells[column].len())
        .max()
        .unwrap_or_default()
}

fn line(cells: &[String], widths: &[usize]) -> String {
    let cells: Vec<String> = cells
        .iter()
        .zip(widths)
        .map(|(cell, width)| format!("{cell:<width$}"))
        .collect();
    format!("| {} |\n", cells.join(" | "))
}

/// That both tools write files of one size is part of the comparison, so the table says it.
fn rendered(rows: &[Row]) -> String {
    let mut text = String::new();
    for row in rows {
        let Some((theirs, ours)) = row.rendered else {
            continue;
        };
        // Writing to a String does not fail.
        let _ = write!(
            text,
            "\n{} services: minijinja-cli renders {}, ",
            row.name,
            bytes(theirs)
        );
        let _ = write!(
            text,
            "composegen's Compose files are {}; the same documents",
            bytes(ours)
        );
    }
    text
}

fn ratio(value: f64, target: f64) -> String {
    format!(
        "{value:.2} (at most {target:.2}: {})",
        verdict(value, target)
    )
}

fn verdict(value: f64, target: f64) -> &'static str {
    if value <= target { "ok" } else { "over" }
}

/// The CPU time, in milliseconds.
fn time(usage: Usage) -> f64 {
    usage.cpu.as_secs_f64() * 1e3
}

fn bytes(count: u64) -> String {
    match count {
        0..1_048_576 => format!("{:.0} KiB", as_float(count) / 1024.0),
        _ => format!("{:.1} MiB", as_float(count) / 1_048_576.0),
    }
}

/// Exact for what is counted here: below 2^53.
#[expect(
    clippy::cast_precision_loss,
    reason = "sizes in bytes are far below 2^53"
)]
fn as_float(count: u64) -> f64 {
    count as f64
}

//! The graph as an SVG picture that needs nothing else: no script, no font, no style sheet. It has its own white ground,
//! so that it reads the same on a light page and on a dark one.

use std::fmt::Write;

use super::layout::{Layout, Point, Rect, height_for, place};
use super::{Edge, Graph, INK};
use crate::catalog::words::Job;
use crate::compose::deploy::Condition;
use crate::values::prose::plural;

/// The most services that a picture shows: above it nobody sees anything, and placing them takes long.
pub const MOST_SERVICES: usize = 300;
/// The most arrows.
pub const MOST_ARROWS: usize = 600;

/// How wide a letter is at most, in hundredths of the font's size. The monospaced fonts of today's systems have 50 to 62.
const ADVANCE: i64 = 65;
/// Around everything.
const MARGIN: i64 = 24;
/// Beside the text of a box.
const PADDING: i64 = 12;
/// Between the base lines of a box or of the legend.
const LINE: i64 = 18;
/// From the top of a line to its base.
const ASCENT: i64 = 13;
/// The height of the picture's title.
const HEAD: i64 = 36;
/// The height of a row of the legend.
const ROW: i64 = 24;
/// How wide the samples of the legend are.
const SAMPLE: i64 = 44;

/// The sizes of the fonts.
const TITLE_FONT: i64 = 16;
const NAME_FONT: i64 = 13;
const NOTE_FONT: i64 = 11;

/// Why there is no picture.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Undrawn {
    /// There is too much to be seen; how much, in words.
    TooLarge(String),
    /// No way was found to place the boxes apart from each other.
    Crowded,
}

/// The picture, a whole file.
pub fn text(graph: &Graph) -> Result<String, Undrawn> {
    if graph.nodes.len() > MOST_SERVICES || graph.edges.len() > MOST_ARROWS {
        let services = plural(graph.nodes.len(), "service");
        let arrows = plural(graph.edges.len(), "arrow");
        return Err(Undrawn::TooLarge(format!("{services} and {arrows}")));
    }
    let boxes = boxes(graph, true);
    if let Some(layout) = place(graph, &sizes(&boxes), true) {
        return Ok(Picture::new(graph, boxes, layout).draw());
    }
    let boxes = self::boxes(graph, false);
    let layout = place(graph, &sizes(&boxes), false).ok_or(Undrawn::Crowded)?;
    Ok(Picture::new(graph, boxes, layout).draw())
}

/// What stands in a box, and how large that makes it.
struct Words {
    name: String,
    notes: Vec<String>,
    width: i64,
    height: i64,
}

/// The words of all boxes. Without frames each box says its role itself.
fn boxes(graph: &Graph, framed: bool) -> Vec<Words> {
    let mut met = vec![(0, 0); graph.nodes.len()];
    for edge in &graph.edges {
        met[edge.from].0 += 1;
        met[edge.to].1 += 1;
    }
    let numbered = graph.nodes.iter().enumerate();
    numbered
        .map(|(at, node)| {
            let role = graph.group_of(at).map_or("", |group| group.role);
            let own = (!framed).then(|| role.to_owned());
            let notes: Vec<String> = own.into_iter().chain(node.note()).collect();
            let widest = notes.iter().map(|note| width(note, NOTE_FONT)).max();
            let title = if framed { width(role, NAME_FONT) } else { 0 };
            let text = width(node.name, NAME_FONT).max(widest.unwrap_or(0));
            let lines = notes.len() as i64 + 1;
            Words {
                name: node.name.to_owned(),
                notes,
                width: even(text.max(title) + 2 * PADDING),
                height: even(height_for(met[at].0.max(met[at].1)).max(lines * LINE + 10)),
            }
        })
        .collect()
}

fn sizes(boxes: &[Words]) -> Vec<(i64, i64)> {
    boxes
        .iter()
        .map(|words| (words.width, words.height))
        .collect()
}

/// The next even number, so that middles are whole.
fn even(number: i64) -> i64 {
    number + number % 2
}

/// How wide a text is at most.
fn width(text: &str, font: i64) -> i64 {
    let letters = i64::try_from(text.chars().count()).unwrap_or(i64::MAX / 8192);
    (letters * font * ADVANCE + 99) / 100
}

/// An entry of the legend.
enum Row {
    Arrow(Condition, bool),
    Job(Job),
    Role(usize),
}

struct Picture<'g, 's> {
    graph: &'g Graph<'s>,
    words: Vec<Words>,
    layout: Layout,
    legend: Vec<(Row, String)>,
    out: String,
}

impl<'g, 's> Picture<'g, 's> {
    fn new(graph: &'g Graph<'s>, words: Vec<Words>, layout: Layout) -> Self {
        let legend = legend(graph, layout.frames.is_empty());
        Picture {
            graph,
            words,
            layout,
            legend,
            out: String::new(),
        }
    }

    fn draw(mut self) -> String {
        self.head();
        self.line(&format!(
            "<g transform=\"translate({MARGIN} {})\">",
            MARGIN + HEAD
        ));
        self.frames();
        for number in 0..self.graph.edges.len() {
            self.arrow(number);
        }
        self.titles();
        for number in 0..self.graph.nodes.len() {
            self.service(number);
        }
        self.line("</g>");
        self.rows();
        self.line("</svg>");
        self.out
    }

    fn line(&mut self, line: &str) {
        self.out.push_str(line);
        self.out.push('\n');
    }

    /// How wide and how high the file is.
    fn size(&self) -> (i64, i64) {
        let (wide, high) = self.layout.size();
        let rows = self.legend.iter();
        let rows = rows.map(|(_, text)| SAMPLE + PADDING + width(text, NOTE_FONT));
        let title = width(&self.graph.title(), TITLE_FONT);
        let wide = rows.max().unwrap_or(0).max(title).max(wide);
        let legend = ROW * self.legend.len() as i64;
        (wide + 2 * MARGIN, HEAD + high + legend + 3 * MARGIN)
    }

    fn head(&mut self) {
        let (wide, high) = self.size();
        let title = escaped(&self.graph.title());
        let described = escaped(&description(self.graph));
        self.line(&format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{wide}\" height=\"{high}\" viewBox=\"0 0 {wide} {high}\" \
             role=\"img\" aria-label=\"{title}\" font-family=\"monospace\" fill=\"{INK}\">"
        ));
        self.line(&format!("<title>{title}</title>"));
        self.line(&format!("<desc>{described}</desc>"));
        self.line("<defs>");
        self.line(&marker("full", INK));
        self.line(&marker("hollow", "#ffffff"));
        self.line("</defs>");
        self.line(&format!(
            "<rect class=\"ground\" width=\"{wide}\" height=\"{high}\" fill=\"#ffffff\"/>"
        ));
        self.line(&format!(
            "<text class=\"title\" x=\"{MARGIN}\" y=\"{}\" font-size=\"{TITLE_FONT}\" font-weight=\"bold\">{title}</text>",
            MARGIN + ASCENT
        ));
    }

    fn frames(&mut self) {
        for (group, rect) in self.graph.groups.iter().zip(self.layout.frames.clone()) {
            let stroke = group.paint.stroke;
            self.line(&format!(
                "<rect class=\"role\" {} rx=\"8\" fill=\"none\" stroke=\"{stroke}\"/>",
                sides(&rect)
            ));
        }
    }

    /// The frames' titles, with a white edge: an arrow may pass behind them.
    fn titles(&mut self) {
        for (group, rect) in self.graph.groups.iter().zip(self.layout.frames.clone()) {
            let (x, y) = (rect.x + PADDING, rect.y + ASCENT + 4);
            self.line(&format!(
                "<text class=\"role\" x=\"{x}\" y=\"{y}\" font-size=\"{NAME_FONT}\" font-weight=\"bold\" fill=\"{}\" \
                 stroke=\"#ffffff\" stroke-width=\"4\" paint-order=\"stroke\">{}</text>",
                group.paint.stroke,
                escaped(group.role)
            ));
        }
    }

    fn arrow(&mut self, number: usize) {
        let edge = self.graph.edges[number];
        let told = escaped(&sentence(self.graph, &edge));
        let path = path(&self.layout.arrows[number]);
        let style = style(edge.condition, edge.optional);
        self.line(&format!(
            "<path class=\"arrow\" d=\"{path}\" {style}><title>{told}</title></path>"
        ));
    }

    fn service(&mut self, number: usize) {
        let (rect, job) = (self.layout.boxes[number], self.graph.nodes[number].job);
        let paint = self.graph.group_of(number).map(|group| group.paint);
        let (fill, stroke) = paint.map_or(("#ffffff", INK), |paint| (paint.fill, paint.stroke));
        self.line("<g class=\"service\">");
        self.line(&format!(
            "<rect {} {} fill=\"{fill}\" stroke=\"{stroke}\"/>",
            sides(&rect),
            corners(job)
        ));
        let words = &self.words[number];
        let lines = words.notes.len() as i64 + 1;
        let (x, mut y) = (
            rect.x + PADDING,
            rect.y + (rect.height - lines * LINE) / 2 + ASCENT,
        );
        let mut texts = format!(
            "<text x=\"{x}\" y=\"{y}\" font-size=\"{NAME_FONT}\">{}</text>\n",
            escaped(&words.name)
        );
        for note in &words.notes {
            y += LINE;
            // Writing into a String cannot fail.
            let _ = writeln!(
                texts,
                "<text x=\"{x}\" y=\"{y}\" font-size=\"{NOTE_FONT}\">{}</text>",
                escaped(note)
            );
        }
        self.out.push_str(&texts);
        self.line("</g>");
    }

    fn rows(&mut self) {
        let top = HEAD + self.layout.size().1 + 2 * MARGIN;
        for (at, (row, text)) in std::mem::take(&mut self.legend).into_iter().enumerate() {
            let y = top + ROW * at as i64;
            let sample = self.sample(&row, y);
            let (x, base) = (MARGIN + SAMPLE + PADDING, y + ASCENT);
            self.line(&sample);
            self.line(&format!(
                "<text class=\"legend\" x=\"{x}\" y=\"{base}\" font-size=\"{NOTE_FONT}\">{}</text>",
                escaped(&text)
            ));
        }
    }

    fn sample(&self, row: &Row, y: i64) -> String {
        let rect = Rect {
            x: MARGIN,
            y,
            width: SAMPLE,
            height: ROW - 6,
        };
        let (fill, stroke, job) = match row {
            Row::Arrow(condition, optional) => {
                let (style, y) = (style(*condition, *optional), y + ROW / 2 - 3);
                return format!(
                    "<path class=\"sample\" d=\"M{MARGIN} {y}L{} {y}\" {style}/>",
                    MARGIN + SAMPLE
                );
            }
            Row::Job(job) => ("#ffffff", INK, *job),
            Row::Role(at) => {
                let paint = self.graph.groups[*at].paint;
                (paint.fill, paint.stroke, Job::No)
            }
        };
        format!(
            "<rect class=\"sample\" {} {} fill=\"{fill}\" stroke=\"{stroke}\"/>",
            sides(&rect),
            corners(job)
        )
    }
}

fn sides(rect: &Rect) -> String {
    let (x, y, width, height) = (rect.x, rect.y, rect.width, rect.height);
    format!("x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\"")
}

/// A job has round ends, those of one that a person starts are dashed.
fn corners(job: Job) -> &'static str {
    match job {
        Job::No => "rx=\"3\"",
        Job::Awaited => "rx=\"13\"",
        Job::Manual => "rx=\"13\" stroke-dasharray=\"5 3\"",
    }
}

fn style(condition: Condition, optional: bool) -> String {
    let dashes = match condition {
        Condition::Healthy => "",
        Condition::Completed => " stroke-dasharray=\"9 4\"",
        Condition::Started => " stroke-dasharray=\"2 4\"",
    };
    let head = if optional { "hollow" } else { "full" };
    format!(
        "fill=\"none\" stroke=\"{INK}\" stroke-width=\"1.3\"{dashes} marker-end=\"url(#composegen-{head})\""
    )
}

/// An arrow's head, its tip at the end of the line.
fn marker(name: &str, fill: &str) -> String {
    format!(
        "<marker id=\"composegen-{name}\" viewBox=\"0 0 10 10\" refX=\"9\" refY=\"5\" markerWidth=\"9\" markerHeight=\"9\" \
         markerUnits=\"userSpaceOnUse\" orient=\"auto\"><path d=\"M1 1L9 5L1 9z\" fill=\"{fill}\" stroke=\"{INK}\"/></marker>"
    )
}

/// A line between the points of a pair; a curve between two pairs that is level at both of its ends.
fn path(points: &[Point]) -> String {
    let mut path = String::new();
    for (at, point) in points.iter().enumerate() {
        let Point { x, y } = *point;
        let before = at.checked_sub(1).map(|before| points[before]);
        // Writing into a String cannot fail.
        let _ = match before {
            None => write!(path, "M{x} {y}"),
            Some(before) if before == *point => Ok(()),
            Some(before) if at % 2 == 1 || before.y == y => write!(path, "L{x} {y}"),
            Some(before) => {
                let half = (before.x + x) / 2;
                write!(path, "C{half} {} {half} {y} {x} {y}", before.y)
            }
        };
    }
    path
}

fn legend(graph: &Graph, roles: bool) -> Vec<(Row, String)> {
    let mut rows = Vec::new();
    for optional in [false, true] {
        for condition in [Condition::Healthy, Condition::Completed, Condition::Started] {
            let is = |edge: &Edge| edge.condition == condition && edge.optional == optional;
            if graph.edges.iter().any(is) {
                let text = format!("waits until it {}{}", state(condition), unless(optional));
                rows.push((Row::Arrow(condition, optional), text));
            }
        }
    }
    for (job, text) in [
        (Job::Awaited, "job: runs once"),
        (Job::Manual, "job: runs when a person starts it"),
    ] {
        if graph.nodes.iter().any(|node| node.job == job) {
            rows.push((Row::Job(job), text.to_owned()));
        }
    }
    if roles {
        let groups = graph.groups.iter().enumerate();
        rows.extend(groups.map(|(at, group)| (Row::Role(at), group.role.to_owned())));
    }
    rows
}

fn state(condition: Condition) -> &'static str {
    match condition {
        Condition::Healthy => "is healthy",
        Condition::Completed => "has run",
        Condition::Started => "has started",
    }
}

fn unless(optional: bool) -> &'static str {
    if optional { ", if it is there" } else { "" }
}

fn sentence(graph: &Graph, edge: &Edge) -> String {
    let [from, to] = [edge.from, edge.to].map(|at| graph.nodes[at].name);
    let (state, unless) = (state(edge.condition), unless(edge.optional));
    format!("{from} waits until {to} {state}{unless}")
}

/// What the picture shows, for those who do not see it.
fn description(graph: &Graph) -> String {
    let roles = graph.groups.iter().map(|group| {
        let names = graph.nodes[group.nodes.clone()].iter();
        let names: Vec<&str> = names.map(|node| node.name).collect();
        format!("{}: {}.", group.role, names.join(", "))
    });
    let waits = graph.edges.iter();
    let waits = waits.map(|edge| format!("{}.", sentence(graph, edge)));
    let count = plural(graph.nodes.len(), "service");
    let sentences: Vec<String> = roles.chain(waits).collect();
    format!("{count}, by role. {}", sentences.join(" "))
}

/// A text as XML takes it, between tags and in quotes.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            // XML has no way to write these.
            c if c.is_control() => out.push('\u{fffd}'),
            c => out.push(c),
        }
    }
    out
}

//! Where the boxes, the roles' frames and the arrows of a picture go, in whole pixels. dagre places them from left to
//! right; what it says is looked over before anybody draws it: where frames interleave it may lose boxes.

use std::collections::BTreeMap;

use dagre::graph::{Graph as Placed, GraphOptions};
use dagre::{EdgeLabel, LayoutOptions, NodeLabel, RankDir, layout};

use super::Graph;

/// Between two boxes above each other.
const BOX_GAP: f64 = 24.0;
/// Between an arrow and what it passes.
const EDGE_GAP: f64 = 16.0;
/// Between two columns of boxes.
const COLUMN_GAP: f64 = 64.0;
/// What a frame gets on top, for its title.
const TITLE: i64 = 8;
/// What lies at least between the top of a frame and its first box: a line of text.
pub const TITLE_ROOM: i64 = 24;
/// How far from its corners an arrow meets a box at least.
const CORNER: i64 = 14;
/// Between two arrows that meet a box at one side.
const ARROW_GAP: i64 = 7;

/// A rectangle.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Rect {
    /// Its left side.
    pub x: i64,
    /// Its upper side.
    pub y: i64,
    /// How wide.
    pub width: i64,
    /// How high.
    pub height: i64,
}

/// A point.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Point {
    /// From the left.
    pub x: i64,
    /// From above.
    pub y: i64,
}

/// Where everything goes.
#[derive(Clone, Debug)]
pub struct Layout {
    /// The boxes, as the graph's nodes.
    pub boxes: Vec<Rect>,
    /// The frames, as the graph's groups; none where the roles cannot be kept apart.
    pub frames: Vec<Rect>,
    /// The arrows, as the graph's edges: pairs of points. An arrow is level between the two of a pair, where it passes
    /// a column of boxes, and bends between two pairs, where there is no box.
    pub arrows: Vec<Vec<Point>>,
}

/// The height of a box where so many arrows meet a side of it.
pub fn height_for(arrows: usize) -> i64 {
    let gaps = i64::try_from(arrows.saturating_sub(1)).unwrap_or(i64::MAX / 16);
    2 * CORNER + gaps * ARROW_GAP
}

/// Places boxes of these sizes, width and height; with a frame around each role where `framed`. `None` where what comes
/// out is no picture: boxes that overlap, or a frame around a stranger.
pub fn place(graph: &Graph, sizes: &[(i64, i64)], framed: bool) -> Option<Layout> {
    let mut placed = input(graph, sizes, framed);
    layout(&mut placed, Some(options()));
    let boxes: Option<Vec<Rect>> = (0..sizes.len())
        .map(|at| rect(&placed, &node_id(at)))
        .collect();
    let frames: Option<Vec<Rect>> = match framed {
        true => (0..graph.groups.len())
            .map(|at| rect(&placed, &frame_id(at)).map(with_title))
            .collect(),
        false => Some(Vec::new()),
    };
    let (boxes, frames) = (boxes?, frames?);
    let arrows = arrows(graph, &placed, &boxes);
    let layout = Layout {
        boxes,
        frames,
        arrows,
    };
    layout.is_sound(graph).then(|| layout.moved_to_zero())
}

fn options() -> LayoutOptions {
    LayoutOptions {
        rankdir: RankDir::LR,
        nodesep: BOX_GAP,
        edgesep: EDGE_GAP,
        ranksep: COLUMN_GAP,
        ..LayoutOptions::default()
    }
}

fn node_id(at: usize) -> String {
    format!("n{at}")
}

fn frame_id(at: usize) -> String {
    format!("g{at}")
}

fn input(graph: &Graph, sizes: &[(i64, i64)], framed: bool) -> Placed<NodeLabel, EdgeLabel> {
    let mut input = Placed::with_options(GraphOptions {
        directed: true,
        multigraph: false,
        compound: framed,
    });
    for (number, group) in graph.groups.iter().enumerate() {
        if framed {
            input.set_node(frame_id(number), Some(NodeLabel::default()));
        }
        for at in group.nodes.clone() {
            let (width, height) = sizes.get(at).copied().unwrap_or_default();
            let label = NodeLabel {
                width: width as f64,
                height: height as f64,
                ..NodeLabel::default()
            };
            input.set_node(node_id(at), Some(label));
            if framed {
                input.set_parent(&node_id(at), Some(&frame_id(number)));
            }
        }
    }
    for edge in &graph.edges {
        let label = EdgeLabel {
            labelpos: Default::default(),
            ..EdgeLabel::default()
        };
        input.set_edge(node_id(edge.from), node_id(edge.to), Some(label), None);
    }
    input
}

fn rect(placed: &Placed<NodeLabel, EdgeLabel>, id: &str) -> Option<Rect> {
    let label = placed.node(id)?;
    let (x, y) = (label.x?, label.y?);
    let side = |centre: f64, size: f64| whole(centre - size / 2.0);
    let (left, right) = (side(x, label.width)?, side(x, -label.width)?);
    let (top, bottom) = (side(y, label.height)?, side(y, -label.height)?);
    Some(Rect {
        x: left,
        y: top,
        width: right - left,
        height: bottom - top,
    })
}

fn whole(number: f64) -> Option<i64> {
    number.is_finite().then(|| number.round() as i64)
}

fn with_title(frame: Rect) -> Rect {
    Rect {
        y: frame.y - TITLE,
        height: frame.height + TITLE,
        ..frame
    }
}

/// The columns of boxes by their middles, each with its left and its right side.
type Columns = BTreeMap<i64, (i64, i64)>;

fn columns(placed: &Placed<NodeLabel, EdgeLabel>, boxes: &[Rect]) -> Columns {
    let mut columns = Columns::new();
    for (at, rect) in boxes.iter().enumerate() {
        let middle = placed.node(&node_id(at)).and_then(|label| whole(label.x?));
        let column = columns
            .entry(middle.unwrap_or_default())
            .or_insert((rect.x, rect.right()));
        *column = (column.0.min(rect.x), column.1.max(rect.right()));
    }
    columns
}

/// The points of every arrow: where it passes a column, at the height that dagre keeps free for it.
fn arrows(graph: &Graph, placed: &Placed<NodeLabel, EdgeLabel>, boxes: &[Rect]) -> Vec<Vec<Point>> {
    let columns = columns(placed, boxes);
    let column = |at: usize| {
        let middle = placed.node(&node_id(at)).and_then(|label| whole(label.x?));
        middle.and_then(|middle| columns.get(&middle).copied())
    };
    let passed = graph.edges.iter().map(|edge| {
        let label = placed.edge(&node_id(edge.from), &node_id(edge.to), None);
        let points = label.map_or(&[][..], |label| label.points.as_slice());
        let inner = points.get(1..points.len().saturating_sub(1));
        let levels = inner.unwrap_or_default().iter().filter_map(|point| {
            let (left, right) = columns.get(&whole(point.x)?)?;
            let y = whole(point.y)?;
            Some([Point { x: *left, y }, Point { x: *right, y }])
        });
        levels.flatten().collect()
    });
    let mut arrows: Vec<Vec<Point>> = passed.collect();
    let starts = ends(graph, boxes, &arrows, true);
    let targets = ends(graph, boxes, &arrows, false);
    for (number, (arrow, edge)) in arrows.iter_mut().zip(&graph.edges).enumerate() {
        let (start, target) = (starts[number], targets[number]);
        let right = column(edge.from).map_or(start.x, |(_, right)| right);
        let left = column(edge.to).map_or(target.x, |(left, _)| left);
        arrow.splice(0..0, [start, Point { x: right, ..start }]);
        arrow.extend([Point { x: left, ..target }, target]);
    }
    arrows
}

/// Where each arrow leaves its box, or meets it: beside each other, in the order of where they come from.
fn ends(graph: &Graph, boxes: &[Rect], arrows: &[Vec<Point>], leaving: bool) -> Vec<Point> {
    let mut ends = vec![Point { x: 0, y: 0 }; arrows.len()];
    let mut sides: BTreeMap<usize, Vec<(i64, usize)>> = BTreeMap::new();
    for (number, (edge, arrow)) in graph.edges.iter().zip(arrows).enumerate() {
        let (own, other, next) = match leaving {
            true => (edge.from, edge.to, arrow.first()),
            false => (edge.to, edge.from, arrow.last()),
        };
        let y = next.map_or(boxes[other].middle(), |point| point.y);
        sides.entry(own).or_default().push((y, number));
    }
    for (own, mut side) in sides {
        side.sort_unstable();
        let rect = boxes[own];
        let x = if leaving { rect.right() } else { rect.x };
        let last = side.len() as i64 - 1;
        for (place, (_, number)) in side.into_iter().enumerate() {
            let offset = (2 * place as i64 - last) * ARROW_GAP / 2;
            let y = rect.middle() + offset;
            ends[number] = Point { x, y };
        }
    }
    ends
}

impl Rect {
    /// Its right side.
    pub fn right(&self) -> i64 {
        self.x + self.width
    }

    /// Its lower side.
    pub fn bottom(&self) -> i64 {
        self.y + self.height
    }

    fn middle(&self) -> i64 {
        self.y + self.height / 2
    }

    fn overlaps(&self, other: &Rect) -> bool {
        self.x < other.right()
            && other.x < self.right()
            && self.y < other.bottom()
            && other.y < self.bottom()
    }

    fn frames(&self, inner: &Rect) -> bool {
        self.x <= inner.x
            && inner.right() <= self.right()
            && self.y + TITLE_ROOM <= inner.y
            && inner.bottom() <= self.bottom()
    }
}

impl Layout {
    /// Whether no box overlaps another one and every frame holds its own boxes alone.
    fn is_sound(&self, graph: &Graph) -> bool {
        let apart = |list: &[Rect]| {
            let overlaps = |(at, one): (usize, &Rect)| list[..at].iter().any(|o| o.overlaps(one));
            !list.iter().enumerate().any(overlaps)
        };
        let groups = graph.groups.iter().zip(&self.frames);
        let mut framed = groups.flat_map(|(group, frame)| {
            let boxes = self.boxes.iter().enumerate();
            boxes.map(move |(at, rect)| match group.nodes.contains(&at) {
                true => frame.frames(rect),
                false => !frame.overlaps(rect),
            })
        });
        apart(&self.boxes) && apart(&self.frames) && framed.all(|fine| fine)
    }

    /// The same with its upper left corner at 0, 0.
    fn moved_to_zero(mut self) -> Layout {
        let rects = || self.boxes.iter().chain(&self.frames);
        let points = || self.arrows.iter().flatten();
        let left = rects().map(|r| r.x).chain(points().map(|p| p.x)).min();
        let top = rects().map(|r| r.y).chain(points().map(|p| p.y)).min();
        let (left, top) = (left.unwrap_or(0), top.unwrap_or(0));
        for rect in self.boxes.iter_mut().chain(&mut self.frames) {
            (rect.x, rect.y) = (rect.x - left, rect.y - top);
        }
        for point in self.arrows.iter_mut().flatten() {
            (point.x, point.y) = (point.x - left, point.y - top);
        }
        self
    }

    /// How wide and how high all of it is.
    pub fn size(&self) -> (i64, i64) {
        let rects = || self.boxes.iter().chain(&self.frames);
        let points = || self.arrows.iter().flatten();
        let right = rects().map(Rect::right).chain(points().map(|p| p.x)).max();
        let bottom = rects().map(Rect::bottom).chain(points().map(|p| p.y)).max();
        (right.unwrap_or(0), bottom.unwrap_or(0))
    }
}

//! `composegen graph`: the pictures of HomeIQ, and what must hold for every picture.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command;

use composegen::catalog::words::Job;
use composegen::compose::deploy::Condition;
use composegen::outputs::graph::svg::{MOST_ARROWS, MOST_SERVICES};
use composegen::outputs::graph::{Edge, Graph, Group, Node, Paint, dot, mermaid, svg};
use proptest::prelude::*;
use roxmltree::Document;

use crate::golden::snapshot;

/// How wide a letter is, in hundredths of its font's size; no monospaced font in use is wider.
const ADVANCE: i64 = 65;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// A picture of HomeIQ.
fn homeiq(mode: &str, host: &str, format: &str) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_composegen"))
        .args(["graph", "--mode", mode, "--host", host, "--format", format])
        .current_dir(root())
        .output()
        .unwrap();
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
    assert_eq!(output.status.code(), Some(0));
    String::from_utf8(output.stdout).unwrap()
}

/// Every mode on the hosts whose services differ.
const STACKS: [(&str, &str); 6] = [
    ("test", "nuc-8gb"),
    ("prod", "nuc-8gb"),
    ("test", "nuc-16gb"),
    ("prod", "nuc-16gb"),
    ("test", "nuc-16gb-both"),
    ("prod", "nuc-16gb-both"),
];

#[derive(Clone, Copy, Debug)]
struct Rect {
    left: i64,
    top: i64,
    right: i64,
    bottom: i64,
}

impl Rect {
    fn overlaps(&self, other: &Rect) -> bool {
        self.left < other.right
            && other.left < self.right
            && self.top < other.bottom
            && other.top < self.bottom
    }

    fn holds(&self, inner: &Rect) -> bool {
        self.left <= inner.left
            && inner.right <= self.right
            && self.top <= inner.top
            && inner.bottom <= self.bottom
    }
}

type Xml<'a, 'i> = roxmltree::Node<'a, 'i>;

/// A whole number: another one could come out differently elsewhere.
fn number(node: &Xml, name: &str) -> i64 {
    let text = node.attribute(name).unwrap_or("0");
    text.parse().unwrap_or_else(|_| panic!("{name}=\"{text}\""))
}

/// How far the groups around a node move it.
fn moved(node: &Xml) -> (i64, i64) {
    let moves = node
        .ancestors()
        .filter_map(|group| group.attribute("transform"));
    let moves: Vec<Vec<i64>> = moves.map(numbers).collect();
    moves
        .iter()
        .fold((0, 0), |(x, y), by| (x + by[0], y + by[1]))
}

/// The whole numbers of a text.
fn numbers(text: &str) -> Vec<i64> {
    assert!(!text.contains(['.', 'N']), "{text}");
    let parts = text.split(|c: char| !c.is_ascii_digit() && c != '-');
    parts
        .filter(|part| !part.is_empty())
        .map(|part| part.parse().unwrap())
        .collect()
}

fn rect(node: &Xml) -> Rect {
    let (x, y) = moved(node);
    let (left, top) = (number(node, "x") + x, number(node, "y") + y);
    Rect {
        left,
        top,
        right: left + number(node, "width"),
        bottom: top + number(node, "height"),
    }
}

/// Where a text may be seen, in the widest font.
fn text_rect(node: &Xml) -> Rect {
    let (x, y) = moved(node);
    let (left, base) = (number(node, "x") + x, number(node, "y") + y);
    let font = number(node, "font-size");
    let letters = node.text().unwrap_or_default().chars().count() as i64;
    Rect {
        left,
        top: base - font,
        right: left + (letters * font * ADVANCE + 99) / 100,
        bottom: base + font / 3,
    }
}

fn with_class<'a, 'i>(document: &'a Document<'i>, tag: &str, class: &str) -> Vec<Xml<'a, 'i>> {
    let is = |node: &Xml| node.has_tag_name(tag) || node.tag_name().name() == tag;
    let nodes = document.descendants().filter(is);
    nodes
        .filter(|node| node.attribute("class") == Some(class))
        .collect()
}

/// Everything that must hold for a picture; gives whether it has frames.
fn look_at(picture: &str) -> bool {
    let document = Document::parse(picture).unwrap_or_else(|error| panic!("{error}\n{picture}"));
    let view = numbers(document.root_element().attribute("viewBox").unwrap());
    let view = Rect {
        left: view[0],
        top: view[1],
        right: view[2],
        bottom: view[3],
    };
    needs_nothing_else(&document);
    let boxes = boxes(&document);
    let all: Vec<Rect> = boxes.values().copied().collect();
    apart(&all);
    let frames: Vec<Rect> = with_class(&document, "rect", "role")
        .iter()
        .map(rect)
        .collect();
    apart(&frames);
    for text in document
        .descendants()
        .filter(|node| node.tag_name().name() == "text")
    {
        assert!(view.holds(&text_rect(&text)), "{:?}", text.text());
    }
    for inner in all.iter().chain(&frames) {
        assert!(view.holds(inner), "{inner:?} in {view:?}");
    }
    for (frame, title) in frames.iter().zip(with_class(&document, "text", "role")) {
        let title = text_rect(&title);
        assert!(frame.holds(&title), "{title:?} in {frame:?}");
        assert!(!all.iter().any(|one| one.overlaps(&title)), "{title:?}");
    }
    for one in all.iter().filter(|_| !frames.is_empty()) {
        let around = frames.iter().filter(|frame| frame.overlaps(one));
        assert!(around.clone().count() == 1 && around.clone().all(|frame| frame.holds(one)));
    }
    arrows(&document, &boxes);
    legend(&document, &all, &frames);
    !frames.is_empty()
}

/// No script, no font, no address: only what is drawn.
fn needs_nothing_else(document: &Document) {
    let known = [
        "svg", "title", "desc", "defs", "marker", "rect", "text", "g", "path",
    ];
    for node in document.descendants().filter(Xml::is_element) {
        assert!(known.contains(&node.tag_name().name()), "{node:?}");
        for attribute in node.attributes() {
            let (name, value) = (attribute.name(), attribute.value());
            assert!(!name.starts_with("on") && name != "href", "{name}");
            assert!(!value.contains("url(") || value.contains("url(#composegen-"));
        }
    }
}

/// The boxes by the names of their services, each with its texts inside.
fn boxes(document: &Document) -> BTreeMap<String, Rect> {
    let services = with_class(document, "g", "service");
    let named = services.iter().map(|service| {
        let children: Vec<Xml> = service.children().filter(Xml::is_element).collect();
        let around = rect(&children[0]);
        for text in &children[1..] {
            let inner = text_rect(text);
            assert!(around.holds(&inner), "{:?} in {around:?}", text.text());
        }
        let name = children[1].text().unwrap_or_default().to_owned();
        (name, around)
    });
    let boxes: BTreeMap<String, Rect> = named.collect();
    assert_eq!(boxes.len(), services.len(), "two boxes of one name");
    boxes
}

fn apart(list: &[Rect]) {
    for (at, one) in list.iter().enumerate() {
        for other in &list[..at] {
            assert!(!one.overlaps(other), "{one:?} and {other:?}");
        }
    }
}

/// Every arrow begins at the right side of the box that waits, ends at the left side of the other, and passes none.
fn arrows(document: &Document, boxes: &BTreeMap<String, Rect>) {
    for arrow in with_class(document, "path", "arrow") {
        let told = arrow.children().find_map(|child| child.text()).unwrap();
        let words: Vec<&str> = told.split(' ').collect();
        let (from, to) = (boxes[words[0]], boxes[words[3]]);
        let line = line(arrow.attribute("d").unwrap(), moved(&arrow));
        let (start, end) = (line[0], line[line.len() - 1]);
        assert!(
            start.0 == from.right && (from.top..=from.bottom).contains(&start.1),
            "{told}"
        );
        assert!(
            end.0 == to.left && (to.top..=to.bottom).contains(&end.1),
            "{told}"
        );
        for (x, y) in line {
            let inside =
                |rect: &Rect| rect.left < x && x < rect.right && rect.top < y && y < rect.bottom;
            let passed = boxes.iter().find(|(_, rect)| inside(rect));
            assert!(passed.is_none(), "{told}: over {passed:?} at {x}, {y}");
        }
    }
}

/// Points along a path of M, L and C, close to each other.
fn line(path: &str, (dx, dy): (i64, i64)) -> Vec<(i64, i64)> {
    let mut points: Vec<(i64, i64)> = Vec::new();
    let mut rest = path;
    while !rest.is_empty() {
        let end = rest[1..]
            .find(['M', 'L', 'C'])
            .map_or(rest.len(), |at| at + 1);
        let mut corners: Vec<(i64, i64)> = points.last().copied().into_iter().collect();
        corners.extend(
            numbers(&rest[1..end])
                .chunks(2)
                .map(|at| (at[0] + dx, at[1] + dy)),
        );
        for step in 0..=64 {
            points.push(between(&corners, f64::from(step) / 64.0));
        }
        rest = &rest[end..];
    }
    points
}

/// A point of the curve that these corners pull.
fn between(corners: &[(i64, i64)], part: f64) -> (i64, i64) {
    let mut list: Vec<(f64, f64)> = corners
        .iter()
        .map(|at| (at.0 as f64, at.1 as f64))
        .collect();
    while list.len() > 1 {
        let mix = |a: f64, b: f64| a + (b - a) * part;
        let pairs = list.windows(2);
        list = pairs
            .map(|pair| (mix(pair[0].0, pair[1].0), mix(pair[0].1, pair[1].1)))
            .collect();
    }
    (list[0].0.round() as i64, list[0].1.round() as i64)
}

/// The legend stands below everything else, its rows apart.
fn legend(document: &Document, boxes: &[Rect], frames: &[Rect]) {
    let lowest = boxes.iter().chain(frames).map(|rect| rect.bottom).max();
    let texts: Vec<Rect> = with_class(document, "text", "legend")
        .iter()
        .map(text_rect)
        .collect();
    apart(&texts);
    let samples: Vec<Rect> = with_class(document, "rect", "sample")
        .iter()
        .map(rect)
        .collect();
    apart(&samples);
    for row in texts.iter().chain(&samples) {
        assert!(Some(row.top) >= lowest, "{row:?}");
    }
}

#[test]
fn the_pictures_of_homeiq_are_whole() {
    for (mode, host) in STACKS {
        let picture = homeiq(mode, host, "svg");
        assert!(look_at(&picture), "{mode} on {host} has no frames");
        assert_eq!(picture, homeiq(mode, host, "svg"), "two runs differ");
    }
    assert_eq!(
        homeiq("prod", "nuc-8gb", "svg"),
        homeiq("production", "nuc-8gb", "svg")
    );
}

#[test]
fn the_graphs_of_homeiq_are_as_kept() {
    for (mode, host) in STACKS {
        for (format, ending) in [("mermaid", "mmd"), ("dot", "dot"), ("svg", "svg")] {
            let picture = homeiq(mode, host, format);
            snapshot(&format!("graph/homeiq/{mode}-{host}.{ending}"), &picture);
        }
    }
}

const ROLES: [&str; 6] = [
    "core",
    "ai",
    "a-role-with-quite-a-long-name",
    "ui",
    "datagen",
    "test",
];
const PAINT: Paint = Paint {
    fill: "#dbeafe",
    stroke: "#1d4ed8",
};

/// What a graph is drawn from: the services' roles, names and jobs, and who waits for whom.
type Seed = (Vec<(usize, String, u8, Vec<u16>)>, Vec<(u16, u16, u8)>);

/// A graph without circles. Its texts live as long as the tests do.
fn graph((mut services, edges): Seed) -> Graph<'static> {
    services.sort_by_key(|service| service.0);
    let nodes: Vec<Node> = services
        .iter()
        .enumerate()
        .map(|(at, service)| node(at, service))
        .collect();
    let mut groups: Vec<Group> = Vec::new();
    for (at, service) in services.iter().enumerate() {
        match groups
            .last_mut()
            .filter(|group| group.role == ROLES[service.0])
        {
            Some(group) => group.nodes.end = at + 1,
            None => groups.push(Group {
                role: ROLES[service.0],
                nodes: at..at + 1,
                paint: PAINT,
            }),
        }
    }
    let mut arrows: Vec<Edge> = Vec::new();
    for (a, b, kind) in edges {
        let (a, b) = (usize::from(a) % nodes.len(), usize::from(b) % nodes.len());
        // Any order without circles: that of a number that has nothing to do with the roles.
        let place = |at: usize| (at * 7919 % 1009, at);
        let (from, to) = if place(a) < place(b) { (a, b) } else { (b, a) };
        if from != to && !arrows.iter().any(|edge| (edge.from, edge.to) == (from, to)) {
            arrows.push(Edge {
                from,
                to,
                condition: [Condition::Healthy, Condition::Completed, Condition::Started]
                    [usize::from(kind % 3)],
                optional: kind > 127,
            });
        }
    }
    Graph {
        project: "demo",
        mode: "test",
        host: "nuc",
        groups,
        nodes,
        edges: arrows,
    }
}

fn node(at: usize, (_, name, job, ports): &(usize, String, u8, Vec<u16>)) -> Node<'static> {
    Node {
        name: Box::leak(format!("{name}{at}").into_boxed_str()),
        job: [Job::No, Job::No, Job::Awaited, Job::Manual][usize::from(job % 4)],
        ports: ports
            .iter()
            .map(|port| format!("[2001:db8::1]:{port}:80/udp"))
            .collect(),
    }
}

fn seeds(services: usize, roles: usize, edges: usize) -> impl Strategy<Value = Seed> {
    let service = (
        0..roles,
        "[a-zA-Z0-9._-]{0,40}",
        any::<u8>(),
        prop::collection::vec(1u16.., 0..4),
    );
    (
        prop::collection::vec(service, 1..=services),
        prop::collection::vec(any::<(u16, u16, u8)>(), 0..=edges),
    )
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(40) })]
    #[test]
    fn no_picture_has_boxes_that_overlap_or_a_text_that_is_cut(seed in seeds(40, 6, 60)) {
        let graph = graph(seed);
        let picture = svg::text(&graph).unwrap();
        look_at(&picture);
        prop_assert_eq!(&picture, &svg::text(&graph).unwrap());
        read_dot(&dot::text(&graph));
    }
}

/// Where dagre cannot keep the roles apart, the boxes say their roles themselves.
#[test]
fn a_picture_without_frames_is_whole_as_well() {
    let mut state = 88_172_645_463_325_252_u64;
    let mut next = |below: u64| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state % below
    };
    let unframed = (0..40).find(|_| {
        let services = (0..60).map(|_| (next(6) as usize, "service-".to_owned(), 0, Vec::new()));
        let services = services.collect();
        let edges = (0..70).map(|_| (next(60) as u16, next(60) as u16, next(256) as u8));
        let graph = graph((services, edges.collect()));
        let picture = svg::text(&graph).unwrap();
        let framed = look_at(&picture);
        assert!(framed || picture.matches(">datagen</text>").count() > 1);
        !framed
    });
    assert!(unframed.is_some(), "every graph got its frames");
}

#[test]
fn a_mode_that_nobody_could_see_in_a_picture_is_refused() {
    let many = |services: usize, arrows: usize| {
        let all = (0..services)
            .map(|_| (0, "s".to_owned(), 0, Vec::new()))
            .collect();
        let pairs = (0..services as u16).flat_map(|a| (0..a).map(move |b| (a, b, 0)));
        svg::text(&graph((all, pairs.take(arrows).collect())))
    };
    let told = |services, arrows| {
        Err(svg::Undrawn::TooLarge(format!(
            "{services} services and {arrows} arrows"
        )))
    };
    assert_eq!(many(MOST_SERVICES + 1, 0), told(MOST_SERVICES + 1, 0));
    assert_eq!(many(50, MOST_ARROWS + 1), told(50, MOST_ARROWS + 1));
}

/// Reads what we write of Graphviz' language: statements, attributes, quoted texts. Anything else is a mistake.
fn read_dot(text: &str) {
    let mut depth = 0;
    for line in text.lines().map(str::trim) {
        if let Some(head) = line.strip_suffix(" {") {
            let words: Vec<&str> = head.split(' ').collect();
            assert!(
                matches!(words[..], ["digraph" | "subgraph", name] if name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')),
                "{line}"
            );
            depth += 1;
        } else if line == "}" {
            depth -= 1;
        } else {
            statement(line);
        }
        assert!(depth >= 0);
    }
    assert_eq!(depth, 0);
    assert!(text.ends_with("\n}\n"));
}

/// `ID`, or `ID -> ID`, then `[key=ID, key=ID]`.
fn statement(line: &str) {
    let (subject, attributes) = line.split_once(" [").unwrap_or_else(|| panic!("{line}"));
    for part in subject.split(" -> ") {
        assert!(is_id(part), "{line}");
    }
    let mut rest = attributes;
    loop {
        let (key, value) = rest.split_once('=').unwrap_or_else(|| panic!("{line}"));
        assert!(is_id(key), "{line}");
        let end = match value.strip_prefix('"') {
            Some(quoted) => quoted.find('"').unwrap() + 2,
            None => value.find([',', ']']).unwrap(),
        };
        assert!(is_id(&value[..end]), "{line}");
        match &value[end..] {
            "]" => return,
            more => rest = more.strip_prefix(", ").unwrap_or_else(|| panic!("{line}")),
        }
    }
}

fn is_id(text: &str) -> bool {
    let quoted = text
        .strip_prefix('"')
        .and_then(|text| text.strip_suffix('"'));
    match quoted {
        Some(inner) => !inner.contains('"'),
        None => !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric()),
    }
}

/// The texts of all cases and of HomeIQ in one format, in a folder of their own.
fn kept(folder: &Path, ending: &str) -> Vec<std::path::PathBuf> {
    let homeiq = root().join("tests/golden/graph/homeiq");
    let mut files: Vec<_> = fs::read_dir(homeiq)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|is| is == ending))
        .collect();
    let names = [
        "end", "__x__", "1.", "-", "...", "o", "x-", "a--b", "graph", "default", "style", "click",
    ];
    let services = names.iter().enumerate();
    let services =
        services.map(|(at, name)| (at % 6, (*name).to_owned(), at as u8, vec![80; at % 4]));
    let edges = (1..12).map(|a| (a, a - 1, (a * 20) as u8));
    let mut graph = graph((services.collect(), edges.collect()));
    for (node, name) in graph.nodes.iter_mut().zip(names) {
        node.name = name;
    }
    let text = match ending {
        "mmd" => mermaid::text(&graph),
        _ => dot::text(&graph),
    };
    files.push(folder.join(format!("hard.{ending}")));
    fs::write(files.last().unwrap(), text).unwrap();
    files
}

#[test]
fn mermaid_reads_every_flowchart() {
    let tools = root().join("tests/diagrams");
    let node = Command::new("node").arg("--version").output();
    let installed = tools.join("node_modules/mermaid/package.json").is_file();
    if !installed || !node.is_ok_and(|output| output.status.success()) {
        return crate::skipped(
            "no Mermaid parser: `make diagram-tools` installs it, and it needs Node.js",
        );
    }
    let folder = tempfile::tempdir().unwrap();
    let output = Command::new("node")
        .arg(tools.join("parse.mjs"))
        .args(kept(folder.path(), "mmd"))
        .output()
        .unwrap();
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
    assert_eq!(output.status.code(), Some(0));
}

#[test]
fn graphviz_reads_every_graph() {
    let folder = tempfile::tempdir().unwrap();
    let files = kept(folder.path(), "dot");
    for file in &files {
        read_dot(&fs::read_to_string(file).unwrap());
    }
    let Ok(version) = Command::new("dot").arg("-V").output() else {
        return crate::skipped("no Graphviz: `dot` is not in the path");
    };
    assert!(version.status.success());
    for file in files {
        let output = Command::new("dot")
            .arg("-Tsvg")
            .arg(&file)
            .output()
            .unwrap();
        assert_eq!(String::from_utf8_lossy(&output.stderr), "", "{file:?}");
        assert!(output.status.success(), "{file:?}");
    }
}

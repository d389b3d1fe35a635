//! From a place back to the value: the path that a person would follow from the file's root.
//!
//! Values carry no path, only eight bytes of place. When a finding is told, its file is read once more and the
//! tree is walked down by offsets. What an alias or `<<` repeats has its place elsewhere, outside the map or list
//! around it, and is left out of the walk.

use std::cell::RefCell;
use std::collections::HashMap;

use bumpalo::Bump;

use super::lines::Lines;
use super::path::{Step, written};
use super::walk::{are_apart, end, entry_end, into_map, into_seq, is_meant};
use crate::finding::Finding;
use crate::place::Place;
use crate::secrets::{Hand, Names, lines};
use crate::source::{FileKind, Sources};
use crate::yaml::{self, Kind};

/// A tree and its texts live equally long here.
pub(super) type Node<'a> = yaml::Node<'a, 'a>;
pub(super) type Entry<'a> = yaml::Entry<'a, 'a>;

/// The path from the root of its file to the innermost key or value at a place: `services.ner-service.ports[0]`.
/// A key with anything but letters, digits, `_` and `-` stands in double quotes.
///
/// `None` where there is no path: nowhere, the root itself, or a file that is no YAML.
pub fn path(sources: &Sources<'_>, place: Place) -> Option<String> {
    Trees::new(sources, &Bump::new()).path(place)
}

/// The trees of the sources, each read when first asked for.
pub(super) struct Trees<'a> {
    sources: &'a Sources<'a>,
    arena: &'a Bump,
    read: RefCell<HashMap<u16, Vec<Node<'a>>>>,
    lines: Lines<'a>,
    /// What is known of long maps and lists, by where they begin in memory.
    long: RefCell<HashMap<usize, Long>>,
}

/// A map or a list with many values, which many places may lie in.
#[derive(Clone, Copy)]
struct Long {
    /// The offset behind it.
    end: u32,
    /// Whether each of its values begins in it and behind the one before: no `<<` or alias brought one from elsewhere.
    is_apart: bool,
}

/// From so many values on a map or a list is long.
const LONG: usize = 32;

/// What stands at a place, and the way to it.
pub(super) struct Hit<'a> {
    steps: Vec<Step<'a>>,
    pub target: Target<'a>,
}

/// A key with its value, or a value.
#[derive(Clone, Copy)]
pub(super) enum Target<'a> {
    Key(Entry<'a>),
    Value(Node<'a>),
}

impl<'a> Trees<'a> {
    pub fn new(sources: &'a Sources<'a>, arena: &'a Bump) -> Self {
        Trees {
            sources,
            arena,
            read: RefCell::default(),
            lines: Lines::new(sources),
            long: RefCell::default(),
        }
    }

    /// Line and column of a place, both from 1; the column counts characters.
    pub fn line_column(&self, place: Place) -> (usize, usize) {
        self.lines.line_column(place)
    }

    /// See [`path`].
    pub fn path(&self, place: Place) -> Option<String> {
        let hit = self.hit(place)?;
        // A key may hold a value: `{API_TOKEN=x}`.
        let shown = |path: String| lines::masked(&path, &Names::default(), Hand::Ours);
        (!hit.steps.is_empty()).then(|| shown(written(&hit.steps)))
    }

    /// The path to what a finding is about. A key that stands twice in its map is in the tree once, at its first place.
    pub fn path_of(&self, finding: &Finding) -> Option<String> {
        match &finding.second {
            Some((first, _)) if finding.message.ends_with(yaml::TWICE) => self.path(*first),
            _ => self.path(finding.place),
        }
    }

    /// The innermost key or value at a place.
    pub fn hit(&self, place: Place) -> Option<Hit<'a>> {
        let root = self.root(place)?;
        Some(self.walk(root, place))
    }

    fn root(&self, place: Place) -> Option<Node<'a>> {
        let file = self.sources.file(place)?;
        let is_read = match file.kind {
            FileKind::Catalog | FileKind::Compose => true,
            FileKind::Env => false,
            FileKind::Generated => place.len > 0,
        };
        if !is_read {
            return None;
        }
        let read = || {
            let Ok(text) = yaml::decode(file.bytes) else {
                return Vec::new();
            };
            match file.kind {
                FileKind::Compose => {
                    yaml::read_documents(text, place.file, self.arena, self.arena, usize::MAX).roots
                }
                FileKind::Catalog | FileKind::Env | FileKind::Generated => {
                    let root = yaml::read_on(text, place.file, self.arena, self.arena).root;
                    root.into_iter().collect()
                }
            }
        };
        let mut all = self.read.borrow_mut();
        let roots = all.entry(place.file).or_insert_with(read);
        let mut before = roots.iter().rev();
        let root = before.find(|root| root.place.start <= place.start);
        root.or(roots.first()).copied()
    }
}

impl<'a> Trees<'a> {
    /// Goes down as long as there is something that holds the place.
    fn walk(&self, root: Node<'a>, place: Place) -> Hit<'a> {
        let mut hit = Hit {
            steps: Vec::new(),
            target: Target::Value(root),
        };
        while let Target::Value(node) = hit.target
            && let Some((step, target)) = self.down(node, place)
        {
            hit.steps.push(step);
            hit.target = target;
        }
        hit
    }

    /// One step down, unless the value is elsewhere, is the one that is meant, or holds no others.
    fn down(&self, node: Node<'a>, place: Place) -> Option<(Step<'a>, Target<'a>)> {
        let long = self.long(node);
        let end = long.map_or_else(|| end(node), |long| long.end);
        let holds = node.place.start <= place.start && place.start <= end;
        if !holds || is_meant(node, place) {
            return None;
        }
        let is_apart = long.is_some_and(|long| long.is_apart);
        match node.kind {
            Kind::Map(entries) => into_map(entries, node.place, place.start, is_apart),
            Kind::Seq(items) => into_seq(items, node.place, place.start, is_apart),
            Kind::Tagged(tagged) => self.down(tagged.node, place),
            Kind::Plain(_) | Kind::Quoted(_) => None,
        }
    }

    fn long(&self, node: Node<'a>) -> Option<Long> {
        // What ends where no place can say has to be walked to its end.
        let is_long = |len: usize| len >= LONG || node.place.len == u16::MAX;
        let start = node.place.start;
        let (at, stretches): (usize, Box<dyn Fn() -> bool>) = match node.kind {
            Kind::Map(entries) if is_long(entries.len()) => {
                let apart = move || {
                    are_apart(
                        start,
                        entries.iter().map(|it| (it.key_place.start, entry_end(it))),
                    )
                };
                (entries.as_ptr().addr(), Box::new(apart))
            }
            Kind::Seq(items) if is_long(items.len()) => {
                let apart =
                    move || are_apart(start, items.iter().map(|it| (it.place.start, end(*it))));
                (items.as_ptr().addr(), Box::new(apart))
            }
            Kind::Map(_) | Kind::Seq(_) | Kind::Plain(_) | Kind::Quoted(_) | Kind::Tagged(_) => {
                return None;
            }
        };
        let look = || Long {
            end: end(node),
            is_apart: stretches(),
        };
        Some(*self.long.borrow_mut().entry(at).or_insert_with(look))
    }
}

#[cfg(test)]
mod tests {
    use super::super::samples::{place_of, sources};
    use super::*;

    /// The path at the first `part` of a text.
    fn at(text: &str, part: &str) -> Option<String> {
        let sources = sources(&[text]);
        path(&sources, place_of(&sources, 0, part))
    }

    #[track_caller]
    fn assert_paths(text: &str, cases: &[(&str, &str)]) {
        for (part, expected) in cases {
            assert_eq!(
                at(text, part).as_deref().unwrap_or("none"),
                *expected,
                "{part:?}"
            );
        }
    }

    #[test]
    fn paths_lead_to_keys_values_and_items() {
        let text = "services:\n  ner-service:\n    ports: [\"8018:8018\", 9]\n    build: { context: dir }\n  b:\n    - x\n    - [y, z]\n    - k: v\n      l:\n    -\n  c: 1 # note\n";
        assert_paths(
            text,
            &[
                ("services", "services"),
                ("ner-service", "services.ner-service"),
                ("ports", "services.ner-service.ports"),
                ("[\"8018:8018\", 9]", "services.ner-service.ports"),
                ("\"8018:8018\"", "services.ner-service.ports[0]"),
                ("018:8", "services.ner-service.ports[0]"),
                ("9", "services.ner-service.ports[1]"),
                ("{ context: dir }", "services.ner-service.build"),
                ("context", "services.ner-service.build.context"),
                ("dir", "services.ner-service.build.context"),
                ("b:", "services.b"),
                ("[y, z]", "services.b[1]"),
                ("z]", "services.b[1][1]"),
                ("k: v\n      l:", "services.b[2]"),
                ("k", "services.b[2].k"),
                ("v\n", "services.b[2].k"),
                ("l:", "services.b[2].l"),
                ("1 #", "services.c"),
            ],
        );
    }

    #[test]
    fn a_block_map_and_its_first_key_are_told_apart_by_length() {
        let text = "a:\n  b: 1\n  c: 2\n";
        assert_paths(text, &[("b", "a.b"), ("b: 1\n  c: 2", "a"), ("b: 1", "a")]);
        assert_eq!(at("b:\n", "b").as_deref(), Some("b"));
    }

    #[test]
    fn keys_that_are_no_plain_words_are_quoted() {
        let text = "a b: {\"x\\\"y\\\\\\u202e\": {ä.b: 1, '': 2}}\n";
        assert_eq!(
            at(text, "1").as_deref(),
            Some(r#""a b"."x\"y\\\u{202e}"."ä.b""#)
        );
        assert_eq!(
            at(text, "2}").as_deref(),
            Some(r#""a b"."x\"y\\\u{202e}"."""#)
        );
        let long = format!("{}: 1", "k".repeat(81));
        assert_eq!(at(&long, "1"), Some(format!("\"{}…\"", "k".repeat(80))));
    }

    #[test]
    fn what_aliases_repeat_is_found_where_it_was_written() {
        let text = "a: &x {p: one, q: two}\nb:\n  <<: *x\n  r: three\nc: [*x, four]\nd: *x\ne: {f: &y {g: five}, <<: *y, h: six}\n";
        assert_paths(
            text,
            &[
                ("p:", "a.p"),
                ("one", "a.p"),
                ("two", "a.q"),
                ("r:", "b.r"),
                ("three", "b.r"),
                ("four", "c[1]"),
                ("d:", "d"),
                ("*x\ne", "d"),
                ("g:", "e.f.g"),
                ("five", "e.f.g"),
                ("six", "e.h"),
            ],
        );
    }

    #[test]
    fn what_a_long_map_took_from_elsewhere_is_passed_over() {
        let many: String = (0..LONG)
            .map(|number| format!("k{number}: v{number}, "))
            .collect();
        let text = format!("a: &x {{{many}}}\nb:\n  <<: *x\n  r: three\nc: {{ d: *x, e: last }}\n");
        assert_paths(
            &text,
            &[
                ("k9", "a.k9"),
                ("v9", "a.k9"),
                ("r:", "b.r"),
                ("three", "b.r"),
                ("last", "c.e"),
            ],
        );
    }

    #[test]
    fn maps_longer_than_a_place_can_say_are_walked_by_their_starts() {
        let many: String = (0..9000)
            .map(|number| format!("  k{number}: v{number}\n"))
            .collect();
        let text = format!("a:\n{many}b:\n{many}  last: end\nc: [p, q]\n");
        assert_paths(
            &text,
            &[
                ("v8999", "a.k8999"),
                ("last", "b.last"),
                ("end", "b.last"),
                ("q]", "c[1]"),
            ],
        );
    }

    #[test]
    fn tags_are_looked_through() {
        assert_paths(
            "a: !override\n  - x\n  - {k: y}\n",
            &[("x", "a[0]"), ("k", "a[1].k"), ("y}", "a[1].k")],
        );
    }

    #[test]
    fn there_is_not_always_a_path() {
        assert_paths("# note\na: 1\n", &[("note", "none")]);
        assert_paths("a: 'open\n", &[("a", "none")]);
        assert_paths("just a text\n", &[("text", "none")]);
        let sources = sources(&[b"a: \xff\n"]);
        assert_eq!(path(&sources, place_of(&sources, 0, "a")), None);
        assert_eq!(path(&sources, Place::NOWHERE), None);
        let beyond = Place {
            file: 0,
            len: 1,
            start: 99,
        };
        assert_eq!(path(&sources, beyond), None);
    }
}

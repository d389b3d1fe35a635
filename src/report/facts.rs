//! What is told of a finding, whatever the format: where it begins and ends, the path to the value, the second place.
//! There is no source line in it, and so no secret.

use std::collections::BTreeSet;

use super::locate::Trees;
use crate::finding::Finding;
use crate::place::Place;
use crate::rule::{Level, Rule, Weight};
use crate::source::{FileKind, Sources};

/// A finding with its places in lines and columns; both count from 1, columns in characters.
pub(super) struct Facts<'a> {
    pub rule: Rule,
    pub level: Level,
    /// Of a Compose file that was not made from a catalog.
    pub weight: Option<Weight>,
    pub message: &'a str,
    pub spot: Option<Spot<'a>>,
    /// The path from the file's root to the value, `services.web.ports[0]`.
    pub path: Option<String>,
    pub service: Option<&'a str>,
    pub also: &'a BTreeSet<String>,
    pub modes: &'a [String],
    pub second: Option<(Spot<'a>, &'a str)>,
    pub way: Option<&'a str>,
    pub help: Option<&'a str>,
    /// How many findings follow from it and are not told.
    pub hides: usize,
}

/// A stretch of a file, or the file as a whole.
#[derive(Clone, Copy)]
pub(super) struct Spot<'a> {
    /// The path as it is told.
    pub file: &'a str,
    /// Where in the file; `None` for the file as a whole.
    pub stretch: Option<Stretch>,
}

/// From a line and column to another, which is the one behind the last character.
#[derive(Clone, Copy)]
pub(super) struct Stretch {
    pub line: usize,
    pub column: usize,
    pub end_line: usize,
    pub end_column: usize,
    /// The column behind the last character on the first line.
    pub first_end: usize,
}

impl Facts<'_> {
    /// The word that says how much it weighs.
    pub fn word(&self) -> &'static str {
        self.weight.map_or(self.level.word(), Weight::word)
    }
}

/// The facts of every finding, in their order.
pub(super) fn facts<'a>(
    findings: &'a [Finding],
    sources: &'a Sources<'a>,
    trees: &Trees<'_>,
) -> Vec<Facts<'a>> {
    let of = |finding| fact(finding, sources, trees);
    findings.iter().map(of).collect()
}

/// The facts of one.
pub(super) fn fact<'a>(
    finding: &'a Finding,
    sources: &'a Sources<'a>,
    trees: &Trees<'_>,
) -> Facts<'a> {
    let Finding {
        rule,
        level,
        weight,
        place,
        message,
        second,
        way,
        help,
        service,
        also,
        modes,
        firm: _,
        hides,
    } = finding;
    let other =
        |(place, label): &'a (Place, String)| Some((spot(*place, sources, trees)?, label.as_str()));
    Facts {
        rule: *rule,
        level: *level,
        weight: *weight,
        message,
        spot: spot(*place, sources, trees),
        path: trees.path_of(finding),
        service: service.as_deref(),
        also,
        modes,
        second: second.as_ref().and_then(other),
        way: way.as_deref(),
        help: help.as_deref(),
        hides: *hides,
    }
}

fn spot<'a>(place: Place, sources: &'a Sources<'a>, trees: &Trees<'_>) -> Option<Spot<'a>> {
    let file = sources.file(place)?;
    Some(Spot {
        file: &file.path,
        stretch: (!is_whole(place, file.kind)).then(|| stretch(place, sources, trees)),
    })
}

/// Whether a place stands for a file as a whole, of which no line is shown.
pub(super) fn is_whole(place: Place, kind: FileKind) -> bool {
    place.len == 0
        && match kind {
            FileKind::Generated => true,
            FileKind::Env => place.start == 0,
            FileKind::Compose | FileKind::Catalog => false,
        }
}

fn stretch(place: Place, sources: &Sources<'_>, trees: &Trees<'_>) -> Stretch {
    let (line, column) = trees.line_column(place);
    let first_end = column + first_line_len(place, sources);
    // A place holds no greater length than this one, which stands for any: the first line is what is known.
    let (end_line, end_column) = match place.len {
        u16::MAX => (line, first_end),
        len => trees.line_column(Place {
            start: place.start.saturating_add(u32::from(len)),
            ..place
        }),
    };
    Stretch {
        line,
        column,
        end_line,
        // A line end belongs to no column: what ends on the first line ends where its characters do.
        end_column: if end_line == line {
            first_end
        } else {
            end_column
        },
        first_end,
    }
}

/// The characters of a place on its first line, the line end not counted.
fn first_line_len(place: Place, sources: &Sources<'_>) -> usize {
    let bytes = sources.file(place).map_or(&[][..], |file| file.bytes);
    let start = (place.start as usize).min(bytes.len());
    let end = start
        .saturating_add(usize::from(place.len))
        .min(bytes.len());
    let stretch = String::from_utf8_lossy(&bytes[start..end]);
    let stretch = stretch.strip_prefix('\u{feff}').unwrap_or(&stretch);
    let line = stretch.split('\n').next().unwrap_or_default();
    line.strip_suffix('\r').unwrap_or(line).chars().count()
}

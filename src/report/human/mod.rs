//! Findings as text for people, one after the other, and their sum in the last line.
//!
//! A finding names the rule and says what is wrong; then comes the path, the source line with what to change
//! underlined, the second place where there are two, and notes. Colour adds nothing that the text does not say.
//!
//! | file | what for |
//! |---|---|
//! | `lines.rs` | the lines of one finding while they are put together, and its colours |
//! | `notes.rs` | what stands below the excerpts |

mod lines;
mod notes;
#[cfg(test)]
mod tests;

use std::io::{self, Write};

use bumpalo::Bump;

use super::excerpt::{Excerpt, REACH, excerpt};
use super::facts::is_whole;
use super::groups::{Group, groups};
use super::locate::Trees;
use super::places::places;
use super::secrets::Secrets;
use super::{Style, counts, list, plural};
use crate::finding::Finding;
use crate::place::Place;
use crate::rule::Weight;
use crate::source::{FileKind, SourceFile, Sources};
use lines::{BLUE, Lines, color_of};
use notes::notes;
pub(super) use notes::{also, hides, modes};

/// The least number of columns for a source line, however narrow the terminal.
const LEAST_ROOM: usize = 20;

/// What stands before the other places of a group.
const ALSO: &str = "also";

/// Writes the findings as they stand, those that say the same of several things as one, a blank line after each, and the
/// summary as the last line.
///
/// # Errors
/// What `out` refuses.
pub fn write(
    out: &mut dyn Write,
    findings: &[Finding],
    sources: &Sources<'_>,
    style: Style,
) -> io::Result<()> {
    let arena = Bump::new();
    let page = Page::new(findings, sources, &arena, style);
    for group in groups(findings, sources) {
        writeln!(out, "{}", page.group(&group))?;
    }
    writeln!(out, "{}", summary(findings))
}

/// How many findings there are, by weight: "2 errors and 1 warning", "1 error", "no findings".
pub fn summary(findings: &[Finding]) -> String {
    if findings.iter().any(|finding| finding.weight.is_some()) {
        return weights(findings);
    }
    let (errors, warnings) = counts(findings);
    let mut parts = Vec::new();
    for (count, noun) in [(errors, "error"), (warnings, "warning")] {
        if count > 0 {
            parts.push(plural(count, noun));
        }
    }
    if parts.is_empty() {
        return "no findings".to_owned();
    }
    list(&parts)
}

/// The same of a Compose file that was not made from a catalog: "2 invalid and 1 broken".
fn weights(findings: &[Finding]) -> String {
    let count = |weight: Weight| {
        let all = findings.iter();
        let number = all.filter(|finding| finding.weight == Some(weight)).count();
        (number > 0).then(|| format!("{number} {}", weight.word()))
    };
    let all = [Weight::Invalid, Weight::Broken, Weight::Policy];
    let parts: Vec<String> = all.into_iter().filter_map(count).collect();
    list(&parts)
}

/// What the text of one finding needs to know of the run.
struct Page<'a> {
    sources: &'a Sources<'a>,
    trees: Trees<'a>,
    secrets: Secrets,
    style: Style,
}

/// A place as it is shown: its file, line and column.
struct Spot<'a> {
    place: Place,
    file: &'a SourceFile<'a>,
    line: usize,
    column: usize,
}

impl<'a> Page<'a> {
    fn new(findings: &[Finding], sources: &'a Sources<'a>, arena: &'a Bump, style: Style) -> Self {
        let trees = Trees::new(sources, arena);
        let secrets = Secrets::of(findings, sources, &trees);
        Page {
            sources,
            trees,
            secrets,
            style,
        }
    }

    fn group(&self, group: &Group<'_>) -> String {
        let finding = group.first;
        let first = self.spot(finding.place);
        let first = first.filter(|spot| !is_whole(spot.place, spot.file.kind));
        let second = finding.second.as_ref();
        let second = second.and_then(|(place, label)| Some((self.spot(*place)?, label.as_str())));
        let mut lines = Lines::new(
            self.style,
            first.iter().chain(second.iter().map(|(spot, _)| spot)),
        );
        lines.header(finding, &group.message());
        if let Some(spot) = &first {
            self.first(&mut lines, spot, finding);
        }
        if let Some((spot, label)) = &second {
            if first.is_some() {
                lines.bar("");
            }
            self.second(&mut lines, spot, label);
        }
        notes(&mut lines, finding);
        if !group.others.is_empty() {
            self.others(&mut lines, group);
        }
        lines.text
    }

    fn spot(&self, place: Place) -> Option<Spot<'a>> {
        let file = self.sources.file(place)?;
        let (line, column) = self.trees.line_column(place);
        Some(Spot {
            place,
            file,
            line,
            column,
        })
    }

    fn first(&self, lines: &mut Lines, spot: &Spot<'_>, finding: &Finding) {
        let generated = spot.file.kind == FileKind::Generated;
        let path = self.trees.path_of(finding);
        let path = path.map(|path| format!("  {path}"));
        lines.place("-->", spot, &path.unwrap_or_default());
        // What somebody wrote into a generated file may be a secret.
        if generated {
            return;
        }
        lines.excerpt(
            spot.line,
            &self.excerpt(lines, spot),
            '^',
            color_of(finding),
            "",
        );
    }

    fn second(&self, lines: &mut Lines, spot: &Spot<'_>, label: &str) {
        lines.place(":::", spot, "");
        lines.excerpt(spot.line, &self.excerpt(lines, spot), '-', BLUE, label);
    }

    fn others(&self, lines: &mut Lines, group: &Group<'_>) {
        let room = self.style.width.saturating_sub(lines.hang(ALSO));
        let places = places(group, self.sources, &self.trees, room);
        lines.note(ALSO, BLUE, &places);
    }

    fn excerpt(&self, lines: &Lines, spot: &Spot<'_>) -> Excerpt {
        let gutter = lines.indent + " | ".len();
        let room = self.style.width.saturating_sub(gutter).max(LEAST_ROOM);
        // The line may be shown up to the end of a character.
        let masks = self.secrets.near(spot.place, REACH + 4);
        excerpt(spot.file.bytes, spot.place, masks, room)
    }
}

//! Which stretches of the sources hold a secret: what a finding about a secret underlines, and the rest of the
//! value around it. No excerpt shows them, whatever finding it belongs to.

use std::ops::Range;

use super::locate::{Target, Trees, end};
use crate::finding::Finding;
use crate::place::Place;
use crate::rule::Rule;
use crate::source::Sources;
use crate::yaml::{Kind, Node};

/// The stretches by file, in bytes.
pub(super) struct Secrets {
    stretches: Vec<(u16, Range<usize>)>,
}

impl Secrets {
    /// Collects them from all findings of a run.
    pub fn of(findings: &[Finding], sources: &Sources<'_>, trees: &Trees<'_>) -> Self {
        let mut secrets = Secrets {
            stretches: Vec::new(),
        };
        for finding in findings
            .iter()
            .filter(|finding| is_about_secret(finding.rule))
        {
            let second = finding.second.as_ref().map(|(place, _)| *place);
            for place in second.into_iter().chain([finding.place]) {
                secrets.hide(place, sources, trees);
            }
        }
        secrets
    }

    /// The stretches of a file.
    pub fn in_file(&self, file: u16) -> Vec<Range<usize>> {
        let here = self.stretches.iter().filter(|(of, _)| *of == file);
        here.map(|(_, stretch)| stretch.clone()).collect()
    }

    fn hide(&mut self, place: Place, sources: &Sources<'_>, trees: &Trees<'_>) {
        let Some(file) = sources.file(place) else {
            return;
        };
        let whole = file.bytes.len();
        match trees.hit(place).map(|hit| hit.target) {
            // A key is a name, and messages say it; unless more than the key is underlined.
            Some(Target::Key(entry)) => {
                if place.len > entry.key_place.len {
                    self.push(place.file, stretch(place, whole));
                }
                self.push(place.file, extent(entry.value, whole));
            }
            Some(Target::Value(node)) => {
                self.push(place.file, stretch(place, whole));
                self.push(place.file, extent(node, whole));
            }
            None => self.push(place.file, line_around(file.bytes, place)),
        }
    }

    fn push(&mut self, file: u16, stretch: Range<usize>) {
        if !stretch.is_empty() {
            self.stretches.push((file, stretch));
        }
    }
}

/// The rules whose findings point at a value that nobody may see.
fn is_about_secret(rule: Rule) -> bool {
    matches!(
        rule,
        Rule::SecretLiteral | Rule::SecretDefault | Rule::SecretBuildArg | Rule::SecretInUrl
    )
}

/// The bytes of a place; up to the end of the file where its length is not known.
fn stretch(place: Place, whole: usize) -> Range<usize> {
    let start = place.start as usize;
    match place.len {
        u16::MAX => start..whole,
        len => start..start + usize::from(len),
    }
}

fn extent(node: Node, whole: usize) -> Range<usize> {
    match node.kind {
        Kind::Plain(_) | Kind::Quoted(_) => stretch(node.place, whole),
        Kind::Map(_) | Kind::Seq(_) | Kind::Tagged(_) => {
            node.place.start as usize..end(node) as usize
        }
    }
}

/// All that is written on a line: the file cannot be parsed, so where the value ends is not known.
fn line_around(bytes: &[u8], place: Place) -> Range<usize> {
    let at = (place.start as usize).min(bytes.len());
    let start = bytes[..at]
        .iter()
        .rposition(|byte| *byte == b'\n')
        .map_or(0, |end| end + 1);
    let end = bytes[at..]
        .iter()
        .position(|byte| *byte == b'\n')
        .map_or(bytes.len(), |len| at + len);
    let indent = bytes[start..end]
        .iter()
        .take_while(|byte| **byte == b' ')
        .count();
    start + indent..end
}

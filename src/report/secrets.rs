//! Which stretches of the sources hold a secret: what looks like one, whether a rule tells it or not; what a finding about
//! a secret underlines, and the rest of the value around it; and of an env file all but the names. No excerpt shows them,
//! whatever finding it belongs to.

use std::collections::HashMap;
use std::ops::Range;

use super::hidden::{Hidden, is_about_secret, merged};
use super::locate::{Target, Trees};
use super::walk::end;
use crate::dotenv::{read, tellable_stretches};
use crate::finding::Finding;
use crate::place::Place;
use crate::rule::Rule;
use crate::source::{FileKind, Sources};
use crate::values::image::ImageRef;
use crate::yaml::{Kind, Node};

/// The stretches by file, in bytes: in order, each apart from the next.
pub(super) struct Secrets {
    stretches: HashMap<u16, Vec<Range<usize>>>,
}

impl Secrets {
    /// Collects them from all findings of a run.
    pub fn of(findings: &[Finding], sources: &Sources<'_>, trees: &Trees<'_>) -> Self {
        let mut secrets = Secrets {
            stretches: HashMap::new(),
        };
        secrets.stretches = Hidden::of(findings, sources).into_stretches();
        secrets.hide_env_files(sources);
        for finding in findings
            .iter()
            .filter(|finding| is_about_secret(finding.rule) || is_login(finding, sources))
        {
            let second = finding.second.as_ref().map(|(place, _)| *place);
            for place in second.into_iter().chain([finding.place]) {
                secrets.hide(place, sources, trees);
            }
        }
        for stretches in secrets.stretches.values_mut() {
            *stretches = merged(std::mem::take(stretches));
        }
        secrets
    }

    /// The stretches of a file that may be within so many bytes of where a place begins.
    pub fn near(&self, place: Place, reach: usize) -> &[Range<usize>] {
        let all = self
            .stretches
            .get(&place.file)
            .map_or(&[][..], Vec::as_slice);
        let at = place.start as usize;
        let first = all.partition_point(|it| it.end < at.saturating_sub(reach));
        let last = all.partition_point(|it| it.start <= at.saturating_add(reach));
        &all[first..last.max(first)]
    }

    /// Of an env file only names are shown: a comment may hold a secret as well as a value.
    fn hide_env_files(&mut self, sources: &Sources<'_>) {
        for (number, file) in sources.files.iter().enumerate() {
            if file.kind != FileKind::Env {
                continue;
            }
            let number = u16::try_from(number).unwrap_or(u16::MAX);
            let mut from = 0;
            for shown in tellable_stretches(&read(file.bytes)) {
                self.push(number, from..shown.start);
                from = shown.end;
            }
            self.push(number, from..file.bytes.len());
        }
    }

    fn hide(&mut self, place: Place, sources: &Sources<'_>, trees: &Trees<'_>) {
        let Some(file) = sources.file(place) else {
            return;
        };
        if file.kind == FileKind::Env {
            return;
        }
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
            self.stretches.entry(file).or_default().push(stretch);
        }
    }
}

/// Whether a finding points at an image with a user and a password in it.
fn is_login(finding: &Finding, sources: &Sources<'_>) -> bool {
    let file = sources.file(finding.place);
    let text = file.and_then(|file| file.bytes.get(stretch(finding.place, file.bytes.len())));
    let text = text.and_then(|bytes| std::str::from_utf8(bytes).ok());
    finding.rule == Rule::BadImage && text.is_some_and(ImageRef::shows_credential)
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

#[cfg(test)]
mod tests {
    use bumpalo::Bump;
    use proptest::prelude::*;

    use super::*;

    /// Looks like no variable, so it is a part of a value wherever it stands.
    const HIDDEN: &str = "hIdden7";

    proptest! {
        #[test]
        fn nothing_but_names_is_shown_of_an_env_file(
            pieces in prop::collection::vec(
                prop::sample::select(&["A_B", HIDDEN, "=", ":", "'", "\"", "\\", "\n", "\r\n", " ", " #", "$", "\u{feff}"]),
                0..20,
            ),
        ) {
            let text = pieces.concat();
            let sources = super::super::samples::sources::<str>(&[]);
            let (sources, number) = sources.with_env_file(".env".to_owned(), text.as_bytes());
            let arena = Bump::new();
            let secrets = Secrets::of(&[], &sources, &Trees::new(&sources, &arena));
            let masks = secrets.near(Place { file: number, len: 0, start: 0 }, text.len());
            for (at, _) in text.match_indices(HIDDEN) {
                let hidden = |mask: &Range<usize>| mask.start <= at && at + HIDDEN.len() <= mask.end;
                prop_assert!(masks.iter().any(hidden), "{:?} shows what begins at {}", text, at);
            }
        }
    }
}

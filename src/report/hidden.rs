//! What looks like a secret in the sources of a run, whether a rule tells it or not; and findings whose words hold none of
//! it. Looked for only where there is something to tell.

use std::borrow::Cow;
use std::collections::{BTreeSet, HashMap};
use std::ops::Range;

use crate::finding::Finding;
use crate::place::Place;
use crate::rule::Rule;
use crate::secrets::tree::{Nobody, Seen};
use crate::secrets::{Hand, Known, MASK, Names, Stretches, in_text, lines, tree};
use crate::source::{FileKind, SourceFile, Sources};

/// So many bytes are looked at as a whole; what is larger only around the lines that are told.
const MOST: usize = 1 << 20;

/// So many values a text has at most that is looked at along its tree: what aliases make of it is none that people read.
const MOST_VALUES: usize = 200_000;

/// From so many places on only the lines next to them are looked at.
const MANY: usize = 1000;

/// So many lines these are.
const NEXT: usize = 3;

/// From so many letters on a part of a secret is one.
const SHORTEST: usize = 4;

/// So many lines around a place belong to what may name it.
const AROUND: usize = 100;

/// The secrets of a run's sources.
#[derive(Default)]
pub struct Hidden {
    names: Names,
    known: Known,
    stretches: HashMap<u16, Vec<Range<usize>>>,
}

impl Hidden {
    /// Looks for them, in the files that are told of first.
    pub fn of(findings: &[Finding], sources: &Sources<'_>) -> Self {
        if findings.is_empty() {
            return Hidden::default();
        }
        let places: Vec<Place> = findings.iter().flat_map(places).collect();
        let told: BTreeSet<u16> = places.iter().map(|place| place.file).collect();
        let others = (0..sources.files.len()).filter_map(|number| u16::try_from(number).ok());
        let others = others.filter(|number| !told.contains(number));
        let mut hidden = Hidden {
            names: declared(sources),
            ..Hidden::default()
        };
        let mut texts = Vec::new();
        let mut left = MOST;
        for number in told.iter().copied().chain(others) {
            let Some(file) = sources
                .files
                .get(usize::from(number))
                .filter(|file| is_yaml(file))
            else {
                continue;
            };
            let text = text_of(file);
            let parts = match left.checked_sub(text.len()) {
                Some(rest) => {
                    left = rest;
                    std::iter::once(0..text.len()).collect()
                }
                None => around(&text, places.iter().filter(|place| place.file == number)),
            };
            for part in parts {
                let found = Found::of(&text[part.clone()], &hidden.names);
                let whole = found.values.iter().map(String::as_str);
                let parts = found.stretches.hidden(&text[part.clone()]);
                whole.chain(parts).for_each(|value| hidden.known.add(value));
                let moved = found.stretches.moved(part.start);
                hidden.stretches.entry(number).or_default().extend(moved);
            }
            texts.push((number, text));
        }
        hidden.known = std::mem::take(&mut hidden.known).telling();
        for (number, text) in texts {
            let mut again = Stretches::default();
            hidden.known.find(&text, &mut again);
            hidden
                .stretches
                .entry(number)
                .or_default()
                .extend(again.moved(0));
        }
        for stretches in hidden.stretches.values_mut() {
            *stretches = merged(std::mem::take(stretches));
        }
        hidden
    }

    /// Where they stand, by file, in bytes: in order, each apart from the next.
    pub fn into_stretches(self) -> HashMap<u16, Vec<Range<usize>>> {
        self.stretches
    }

    /// A text without them, wherever it was said.
    pub fn text(&self, text: &str) -> String {
        self.known.masked(&without_certain(text))
    }

    /// What is hidden where a finding points.
    fn at<'t>(&self, place: Place, sources: &'t Sources<'_>) -> Vec<Cow<'t, str>> {
        let Some(file) = sources.file(place) else {
            return Vec::new();
        };
        let (start, end) = (
            place.start as usize,
            place.start as usize + usize::from(place.len.max(1)),
        );
        let all = self
            .stretches
            .get(&place.file)
            .map_or(&[][..], Vec::as_slice);
        let first = all.partition_point(|stretch| stretch.end <= start);
        let own = all[first..]
            .iter()
            .take_while(|stretch| stretch.start < end);
        let texts = own.filter_map(|stretch| file.bytes.get(stretch.clone()));
        texts.map(String::from_utf8_lossy).collect()
    }

    fn finding(&self, finding: &Finding, sources: &Sources<'_>) -> Finding {
        let own: Vec<Cow<str>> = places(finding)
            .flat_map(|place| self.at(place, sources))
            .collect();
        let own: Vec<&str> = own
            .iter()
            .map(|text| text.trim_matches(['"', '\'', ' ']))
            .collect();
        let masked = |text: &str| match is_about_secret(finding.rule) {
            // It names what is secret, and no value.
            true => quoted(text, without_certain),
            false => quoted(text, |part| self.words(part, &own)),
        };
        Finding {
            message: masked(&finding.message),
            help: finding.help.as_deref().map(masked),
            second: finding
                .second
                .as_ref()
                .map(|(place, label)| (*place, masked(label))),
            ..finding.clone()
        }
    }

    /// Words that came from the sources; `own` is what is hidden where the finding points.
    fn words(&self, part: &str, own: &[&str]) -> String {
        let core = part.trim_end_matches('…');
        let is_own = |hidden: &&str| {
            let is_part = core.len() >= SHORTEST && hidden.contains(core);
            let is_variable = || hidden.contains(&format!("${{{core}"));
            !hidden.is_empty() && (core.contains(hidden) || is_part && !is_variable())
        };
        match !core.is_empty() && own.iter().any(is_own) {
            true => MASK.to_owned(),
            false => self.text(part),
        }
    }
}

/// A text without what certainly is a secret.
fn without_certain(text: &str) -> String {
    let mut found = Stretches::default();
    for secret in in_text(text) {
        found.add(secret.at);
    }
    match found.is_empty() {
        true => text.to_owned(),
        false => found.masked(text),
    }
}

/// A message with every quoted part changed.
fn quoted(text: &str, change: impl Fn(&str) -> String) -> String {
    let parts = text.split('`').enumerate();
    let parts = parts.map(|(number, part)| match number % 2 == 1 {
        true => change(part),
        false => part.to_owned(),
    });
    parts.collect::<Vec<_>>().join("`")
}

/// The rules whose findings point at a value that nobody may see.
pub(super) fn is_about_secret(rule: Rule) -> bool {
    matches!(
        rule,
        Rule::SecretLiteral | Rule::SecretDefault | Rule::SecretBuildArg | Rule::SecretInUrl
    )
}

/// Findings whose words hold nothing that looks like a secret in the sources.
pub fn without_secrets(findings: &[Finding], sources: &Sources<'_>) -> Vec<Finding> {
    let hidden = Hidden::of(findings, sources);
    let of = |finding| hidden.finding(finding, sources);
    findings.iter().map(of).collect()
}

fn places(finding: &Finding) -> impl Iterator<Item = Place> {
    let second = finding.second.as_ref().map(|(place, _)| *place);
    std::iter::once(finding.place).chain(second)
}

fn is_yaml(file: &SourceFile) -> bool {
    match file.kind {
        FileKind::Catalog | FileKind::Compose => true,
        FileKind::Env | FileKind::Generated => false,
    }
}

/// The text of a file, each byte of it where it was: what is no text is `?`.
fn text_of<'s>(file: &SourceFile<'s>) -> Cow<'s, str> {
    if let Ok(text) = std::str::from_utf8(file.bytes) {
        return Cow::Borrowed(text);
    }
    let mut text = String::with_capacity(file.bytes.len());
    for chunk in file.bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        text.extend(chunk.invalid().iter().map(|_| '?'));
    }
    Cow::Owned(text)
}

/// The lines around places, each once.
fn around<'p>(text: &str, places: impl Iterator<Item = &'p Place>) -> Vec<Range<usize>> {
    let mut starts: Vec<usize> = places
        .map(|place| (place.start as usize).min(text.len()))
        .collect();
    starts.sort_unstable();
    let lines = if starts.len() > MANY { NEXT } else { AROUND };
    let mut parts: Vec<Range<usize>> = Vec::new();
    for at in starts {
        let known = parts.last().map_or(0, |last| last.end);
        if at < known && has_lines(&text.as_bytes()[at..known], lines) {
            continue;
        }
        let part = lines_before(text, at, lines)..lines_after(text, at, lines);
        match parts.last_mut() {
            Some(last) if part.start <= last.end => last.end = last.end.max(part.end),
            _ => parts.push(part),
        }
    }
    parts
}

/// Whether a text has so many lines and more.
fn has_lines(text: &[u8], lines: usize) -> bool {
    text.iter().filter(|byte| **byte == b'\n').count() > lines
}

/// Where the line begins that stands so many lines before another.
fn lines_before(text: &str, at: usize, lines: usize) -> usize {
    let ends = text.as_bytes()[..at].iter().enumerate().rev();
    let mut ends = ends
        .filter(|(_, byte)| **byte == b'\n')
        .map(|(end, _)| end + 1);
    ends.nth(lines).unwrap_or(0)
}

/// Where the line ends that stands so many lines after another.
fn lines_after(text: &str, at: usize, lines: usize) -> usize {
    let ends = text.as_bytes()[at..].iter().enumerate();
    let mut ends = ends
        .filter(|(_, byte)| **byte == b'\n')
        .map(|(len, _)| at + len + 1);
    ends.nth(lines).unwrap_or(text.len())
}

/// Stretches in order, each apart from the next.
pub(super) fn merged(mut all: Vec<Range<usize>>) -> Vec<Range<usize>> {
    all.sort_by_key(|stretch| (stretch.start, stretch.end));
    let mut merged: Vec<Range<usize>> = Vec::with_capacity(all.len());
    for stretch in all {
        match merged.last_mut() {
            Some(last) if stretch.start <= last.end => last.end = last.end.max(stretch.end),
            _ => merged.push(stretch),
        }
    }
    merged
}

/// What a text hides.
struct Found {
    stretches: Stretches,
    values: Vec<String>,
}

impl Found {
    fn of(text: &str, names: &Names) -> Self {
        let mut stretches = Stretches::default();
        let Seen {
            whole,
            mut texts,
            edited: _,
            values,
        } = tree::add_at_most(MOST_VALUES, text, names, &Nobody, &mut stretches);
        texts.sort_by_key(|text| text.start);
        let rest = match whole {
            true => Cow::Owned(lines::comments(text, &texts)),
            false => Cow::Borrowed(text),
        };
        lines::add(&rest, names, |_| Hand::Ours, &mut stretches);
        Found { stretches, values }
    }
}

/// The names that the catalog declares to be secrets, as far as one can tell from lines: `NAME: { secret: true }`, or
/// `secret: true` below `NAME:`. A file that cannot be read as YAML has them too.
fn declared(sources: &Sources<'_>) -> Names {
    let mut names = Names::default();
    let catalogs = sources
        .files
        .iter()
        .filter(|file| file.kind == FileKind::Catalog);
    for text in catalogs.map(text_of) {
        if !text.contains("secret:") {
            continue;
        }
        let mut above: Vec<(usize, &str)> = Vec::new();
        for line in text.lines() {
            let body = line.trim_start();
            let indent = line.len() - body.len();
            let Some((key, rest)) = body.split_once(':') else {
                continue;
            };
            let key = key.trim_matches(['"', '\'', ' ']);
            above.retain(|(column, _)| *column < indent);
            let is_own = key == "secret" && rest.trim().starts_with("true");
            if is_own && let Some((_, name)) = above.last() {
                names.declared.insert((*name).to_owned());
            }
            names.declared.extend(beside(body).map(str::to_owned));
            above.push((indent, key));
        }
    }
    names
}

/// The names before each `{ ... secret: true`, on one line.
fn beside(line: &str) -> impl Iterator<Item = &str> {
    let parts = line.split('}').filter(|part| part.contains("secret: true"));
    parts.filter_map(|part| {
        let before = part.rsplit_once('{')?.0.trim_end().strip_suffix(':')?;
        before
            .rsplit(['{', ',', ' ', '"', '\''])
            .find(|word| !word.is_empty())
    })
}

#[cfg(test)]
mod tests {
    use super::super::samples::{place_of, sources};
    use super::*;

    #[test]
    fn declared_names_are_read_off_lines() {
        let text = "variables:\n  A: { secret: true, description: x }\n  B:\n    description: y\n    secret: true\n  C: { default: z }\n  D: { E: { secret: true }, F: {} }\n";
        let names = declared(&sources(&[text]));
        let mut all: Vec<&str> = names.declared.iter().map(String::as_str).collect();
        all.sort_unstable();
        assert_eq!(all, ["A", "B", "E"]);
    }

    #[test]
    fn words_of_findings_hold_no_secret() {
        let text = "A: { API_TOKEN: hunter2x, port: 80 }\nurl: http://me:hunter3xyz@db\nother: hunter3xyz\n";
        let sources = sources(&[text]);
        let told = |part: &str, message: &str| {
            let finding =
                Finding::new(Rule::WrongType, place_of(&sources, 0, part), message).help(message);
            let found = without_secrets(&[finding], &sources).remove(0);
            assert_eq!(found.help.as_deref(), Some(found.message.as_str()));
            found.message
        };
        assert_eq!(
            told("hunter2x", "a number, not `hunter2x`"),
            "a number, not `***`"
        );
        assert_eq!(
            told("hunter2x", "a number, not `hunter2…`"),
            "a number, not `***`"
        );
        assert_eq!(
            told("other", "`hunter3xyz` is no key, `80` is"),
            "`***` is no key, `80` is"
        );
        assert_eq!(
            told("port", "`API_TOKEN=hunter9` is no name"),
            "`API_TOKEN=***` is no name"
        );
    }
}

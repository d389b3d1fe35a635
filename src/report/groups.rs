//! Findings that say the same of several things, for people: told once, with every place. Programs get each by itself.
//!
//! Warnings are alike where their texts differ in nothing but what stands in backticks. An error is to be read by itself,
//! so it takes more: it begins with a service, a file or a variable of an env file, and differs in nothing but that name.

use std::borrow::Cow;

use rustc_hash::FxHashMap;

use super::facts::is_whole;
use super::list;
use crate::finding::Finding;
use crate::rule::{Level, Rule, Weight};
use crate::source::{FileKind, Sources};
use crate::values::shown::shown;

/// So many that are alike are told as one.
const MANY: usize = 3;

/// So many of the others are named where there is little room.
const MOST_NAMED: usize = 6;

/// A finding, and those that say the same of other things.
pub(super) struct Group<'f> {
    pub first: &'f Finding,
    pub others: Vec<&'f Finding>,
}

impl<'f> Group<'f> {
    /// What is said of the first, and how many there are.
    pub fn message(&self) -> Cow<'f, str> {
        match self.count() {
            1 => Cow::Borrowed(&self.first.message),
            count => Cow::Owned(format!("{} (first of {count})", self.first.message)),
        }
    }

    /// How many findings it has.
    pub fn count(&self) -> usize {
        1 + self.others.len()
    }

    /// Which others go with it, in words, where there are any.
    pub fn named(&self) -> Option<String> {
        let others = self.others.iter();
        let mut named: Vec<String> = others
            .map(|other| self.words(other).join(" "))
            .filter(|words| !words.is_empty())
            .collect();
        if named.len() > MOST_NAMED {
            let rest = named.split_off(MOST_NAMED - 1).len();
            named.push(format!("{rest} more"));
        }
        (!named.is_empty()).then(|| format!("also {}", list(&named)))
    }

    /// The words of another one that are not those of the first, in backticks.
    pub fn words(&self, other: &Finding) -> Vec<String> {
        let first = quoted(&self.first.message);
        let words = quoted(&other.message).enumerate();
        let mut first = first.map(Some).chain(std::iter::repeat(None));
        let differs = words.filter(|(_, word)| first.next().flatten() != Some(*word));
        differs.map(|(_, word)| format!("`{word}`")).collect()
    }
}

/// The findings in their order, those that are alike where the first of them stands.
pub(super) fn groups<'f>(findings: &'f [Finding], sources: &Sources<'_>) -> Vec<Group<'f>> {
    let mut known: FxHashMap<Key, Vec<usize>> = FxHashMap::default();
    for (at, finding) in findings.iter().enumerate() {
        if let Some(key) = Key::of(finding, sources) {
            known.entry(key).or_default().push(at);
        }
    }
    let mut others: Vec<Option<Vec<usize>>> = vec![Some(Vec::new()); findings.len()];
    for all in known.into_values().filter(|all| all.len() >= MANY) {
        all.iter().for_each(|at| others[*at] = None);
        others[all[0]] = Some(all[1..].to_vec());
    }
    let told = findings.iter().zip(others);
    let group = |(first, others): (&'f Finding, Option<Vec<usize>>)| {
        Some(Group {
            first,
            others: others?.into_iter().map(|at| &findings[at]).collect(),
        })
    };
    told.filter_map(group).collect()
}

/// What those that are alike have in common: all that is shown of them but the places and some words.
#[derive(PartialEq, Eq, Hash)]
struct Key<'f> {
    rule: Rule,
    level: Level,
    weight: Option<Weight>,
    message: String,
    label: Option<&'f str>,
    way: Option<&'f str>,
    help: Option<&'f str>,
    modes: &'f [String],
}

impl<'f> Key<'f> {
    /// `None` for what is told by itself.
    fn of(finding: &'f Finding, sources: &Sources<'_>) -> Option<Self> {
        let Finding {
            rule,
            level,
            weight,
            place: _,
            message,
            second,
            way,
            help,
            service: _,
            also,
            modes,
            firm: _,
            hides,
        } = finding;
        if !also.is_empty() || *hides > 0 || message.contains('\n') {
            return None;
        }
        let message = match level {
            Level::Warning => without_words(message),
            Level::Error => without_subject(finding, sources)?,
        };
        Some(Key {
            rule: *rule,
            level: *level,
            weight: *weight,
            message,
            label: second.as_ref().map(|(_, label)| label.as_str()),
            way: way.as_deref(),
            help: help.as_deref(),
            modes,
        })
    }
}

/// What stands in backticks.
fn quoted(text: &str) -> impl Iterator<Item = &str> {
    text.split('`').skip(1).step_by(2)
}

/// A text without what stands in its backticks.
fn without_words(text: &str) -> String {
    text.split('`').step_by(2).collect::<Vec<_>>().join("`")
}

/// An error without the service, the file or the variable that it begins with; `None` where it begins otherwise.
fn without_subject(finding: &Finding, sources: &Sources<'_>) -> Option<String> {
    let file = sources.file(finding.place);
    let is_named =
        file.is_some_and(|file| file.kind == FileKind::Env || is_whole(finding.place, file.kind));
    let message = &finding.message;
    let rest = match &finding.service {
        Some(service) => message.strip_prefix(&shown(service))?,
        None if is_named => message.strip_prefix('`')?.split_once('`')?.1,
        None => return None,
    };
    Some(format!("`{rest}"))
}

#[cfg(test)]
mod tests {
    use super::super::samples::sources;
    use super::*;
    use crate::place::Place;

    fn at(start: u32) -> Place {
        Place {
            file: 0,
            len: 1,
            start,
        }
    }

    fn missing(service: &str, start: u32) -> Finding {
        let message = format!("`{service}` has no memory limit");
        let finding = Finding::new(Rule::MemoryLimitMissing, at(start), message);
        finding.service(service).help("write one")
    }

    /// What is told, each with the words of those that go with it.
    fn told(findings: &[Finding]) -> Vec<(String, Vec<String>)> {
        let sources = sources(&["a: 1\nb: 2\nc: 3\nd: 4\n"]);
        let told = groups(findings, &sources);
        let words = |group: &Group| {
            let others = group.others.iter();
            others.map(|other| group.words(other).join(" ")).collect()
        };
        told.iter()
            .map(|group| (group.message().into_owned(), words(group)))
            .collect()
    }

    fn alone(texts: &[&str]) -> Vec<(String, Vec<String>)> {
        texts
            .iter()
            .map(|text| ((*text).to_owned(), Vec::new()))
            .collect()
    }

    #[test]
    fn three_that_are_alike_are_one_and_two_are_two() {
        let all = [missing("a", 0), missing("b", 5), missing("c", 10)];
        assert_eq!(
            told(&all),
            [(
                "`a` has no memory limit (first of 3)".to_owned(),
                vec!["`b`".to_owned(), "`c`".to_owned()]
            )]
        );
        assert_eq!(
            told(&all[..2]),
            alone(&["`a` has no memory limit", "`b` has no memory limit"])
        );
    }

    #[test]
    fn what_differs_in_more_than_names_stays_apart() {
        let change: [fn(&mut Finding); 7] = [
            |it| it.level = Level::Warning,
            |it| it.help = None,
            |it| it.help = Some("write another".to_owned()),
            |it| it.way = Some("from `app`".to_owned()),
            |it| it.modes = vec!["test".to_owned()],
            |it| it.hides = 1,
            |it| it.message.push_str(" of 1 GiB"),
        ];
        for change in change {
            let mut all = [missing("a", 0), missing("b", 5), missing("c", 10)];
            change(&mut all[1]);
            assert_eq!(told(&all).len(), 3);
        }
        let mut all = [missing("a", 0), missing("b", 5), missing("c", 10)];
        all[1].also.insert("d".to_owned());
        assert_eq!(told(&all).len(), 3);
    }

    #[test]
    fn warnings_may_differ_in_every_name_and_errors_in_the_first_alone() {
        let tag = |service: &str, image: &str, tag: &str| {
            let message = format!("`{service}` runs `{image}` with the tag `{tag}`");
            Finding::new(Rule::ImageUnpinned, at(0), message).service(service)
        };
        let all = [
            tag("a", "x", "latest"),
            tag("b", "y", "latest"),
            tag("c", "x", "main"),
        ];
        assert_eq!(
            told(&all),
            [(
                "`a` runs `x` with the tag `latest` (first of 3)".to_owned(),
                vec!["`b` `y`".to_owned(), "`c` `main`".to_owned()]
            )]
        );
        let errors = all.map(|mut finding| {
            finding.level = Level::Error;
            finding
        });
        assert_eq!(told(&errors).len(), 3);
    }

    #[test]
    fn an_error_about_a_value_is_read_by_itself() {
        let size = |text: &str| {
            Finding::new(Rule::BadSize, at(0), format!("`{text}` is not a size")).service("web")
        };
        assert_eq!(told(&[size("a"), size("b"), size("c")]).len(), 3);
    }

    #[test]
    fn each_group_stands_where_its_first_one_stands() {
        let other = Finding::new(Rule::PortRandom, at(2), "a port").service("z");
        let all = [missing("a", 0), other, missing("b", 5), missing("c", 10)];
        let texts: Vec<String> = told(&all).into_iter().map(|(text, _)| text).collect();
        assert_eq!(texts, ["`a` has no memory limit (first of 3)", "a port"]);
    }
}

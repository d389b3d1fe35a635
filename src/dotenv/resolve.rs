//! Several env files and an environment become values, as Compose does it: a later file wins, an entry sees those
//! before it, and the environment wins over all of them.

use std::collections::BTreeMap;
use std::fmt;

use super::{Entry, EnvFile, Form, Problem, ProblemKind};
use crate::values::interpolation::{expand, uses};

/// How many bytes variables may make of the values of some env files: each line can double what the one before it holds.
const MOST_BYTES: usize = 16 << 20;

/// The values of some env files, by name. `Debug` shows the names alone.
#[derive(Default)]
pub struct Resolved<'s> {
    values: BTreeMap<&'s str, String>,
    /// Of each file, in their order: the variables in its values that are not set, and what is no variable.
    pub problems: Vec<Vec<Problem>>,
    /// Of each file, in their order, and of each entry: the value that it has behind interpolation.
    entries: Vec<Vec<Option<String>>>,
    /// How many bytes variables have made so far.
    grown: usize,
}

impl fmt::Debug for Resolved<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_set().entries(self.values.keys()).finish()
    }
}

impl<'s> Resolved<'s> {
    /// The value of a name, the environment not asked. It may be a secret: it belongs into no message.
    pub fn reveal(&self, name: &str) -> Option<&str> {
        self.values.get(name).map(String::as_str)
    }

    /// The value of an entry, by the numbers of its file and of itself; `None` for a name alone that nothing sets, and
    /// where a variable in it is refused. It may be a secret.
    pub fn reveal_entry(&self, file: usize, entry: usize) -> Option<&str> {
        self.entries.get(file)?.get(entry)?.as_deref()
    }

    /// Every name that has a value, in the order of the alphabet.
    pub fn names(&self) -> impl Iterator<Item = &'s str> {
        self.values.keys().copied()
    }
}

/// The values of files in the order in which Compose is given them. `environment` gives what the shell has set.
pub fn resolve<'s>(
    files: &[&EnvFile<'s>],
    environment: &dyn Fn(&str) -> Option<String>,
) -> Resolved<'s> {
    let mut resolved = Resolved::default();
    for file in files {
        let mut problems = Vec::new();
        let mut entries = Vec::with_capacity(file.entries.len());
        for (number, entry) in file.entries.iter().enumerate() {
            let value = resolved.value(entry, number, environment, &mut problems);
            let text = entry.value.reveal().len();
            resolved.grown += value.as_ref().map_or(0, String::len).saturating_sub(text);
            if let Some(value) = &value {
                resolved.values.insert(entry.name, value.clone());
            }
            entries.push(value);
        }
        resolved.problems.push(problems);
        resolved.entries.push(entries);
    }
    resolved
}

impl<'s> Resolved<'s> {
    fn value(
        &self,
        entry: &Entry<'s>,
        number: usize,
        environment: &dyn Fn(&str) -> Option<String>,
        problems: &mut Vec<Problem>,
    ) -> Option<String> {
        let lookup = |name: &str| {
            let own = || self.values.get(name).cloned();
            environment(name).or_else(own)
        };
        let text = entry.value.reveal();
        match entry.form {
            Form::Inherited => lookup(entry.name),
            Form::Single => Some(text.to_owned()),
            Form::Broken => None,
            Form::Plain | Form::Double if self.grown + growth(text, &lookup) > MOST_BYTES => {
                let start = text.find('$').unwrap_or_default();
                problems.push(at(entry, number, ProblemKind::TooLarge, start));
                None
            }
            Form::Plain | Form::Double => {
                let (value, problem) = interpolated(text, &lookup);
                problems.extend(problem.map(|(kind, start)| at(entry, number, kind, start)));
                value
            }
        }
    }
}

/// How many bytes the variables of a text come to, at most.
fn growth(text: &str, lookup: &dyn Fn(&str) -> Option<String>) -> usize {
    let all = uses(text).unwrap_or_default();
    let lengths = all.iter().filter_map(|one| lookup(one.name));
    lengths.map(|value| value.len()).sum()
}

/// The value, and the first thing that is wrong with a variable in it, with the offset of its `$`.
fn interpolated(
    text: &str,
    lookup: &dyn Fn(&str) -> Option<String>,
) -> (Option<String>, Option<(ProblemKind, usize)>) {
    let dollar = text.find('$').unwrap_or_default();
    let Ok(uses) = uses(text) else {
        return (None, Some((ProblemKind::BadVariable, dollar)));
    };
    let unset = uses
        .iter()
        .find(|usage| usage.operator.is_none() && lookup(usage.name).is_none());
    match expand(text, lookup) {
        Ok(value) => (
            Some(value.into_owned()),
            unset.map(|usage| (ProblemKind::UnsetVariable, usage.start)),
        ),
        Err(_) => {
            let required = uses
                .iter()
                .find(|usage| usage.operator.is_some_and(|it| it.is_required()));
            let start = required.map_or(dollar, |usage| usage.start);
            (None, Some((ProblemKind::MissingVariable, start)))
        }
    }
}

/// A problem at the `$` of a plain value. Between double quotes an escape may stand before it, so there it is the value.
fn at(entry: &Entry, number: usize, kind: ProblemKind, start: usize) -> Problem {
    let value = entry.value_at.clone();
    let at = match entry.form {
        Form::Plain => value.start + start..value.start + start + 1,
        Form::Single | Form::Double | Form::Inherited | Form::Broken => value,
    };
    Problem::new(kind, at, Some(number))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::dotenv::read;

    fn values(files: &[&str], shell: &[(&str, &str)]) -> Vec<(String, String)> {
        let files: Vec<EnvFile> = files.iter().map(|text| read(text.as_bytes())).collect();
        let files: Vec<&EnvFile> = files.iter().collect();
        let lookup = |name: &str| {
            let set = shell.iter().find(|(known, _)| *known == name);
            set.map(|(_, value)| (*value).to_owned())
        };
        let resolved = resolve(&files, &lookup);
        let value = |name: &str| resolved.reveal(name).unwrap_or_default().to_owned();
        resolved
            .names()
            .map(|name| (name.to_owned(), value(name)))
            .collect()
    }

    fn pairs(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
        let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        pairs.iter().map(owned).collect()
    }

    #[test]
    fn a_later_entry_sees_the_earlier_ones_and_wins() {
        let files = ["A=1\nA=${A}2\n", "A=${A}3\nB='$A'\nC=\"$A\"\nD\nE\n"];
        let expected = pairs(&[("A", "123"), ("B", "$A"), ("C", "123"), ("E", "shell")]);
        assert_eq!(values(&files, &[("E", "shell")]), expected);
    }

    #[test]
    fn the_environment_wins_inside_of_values() {
        let expected = pairs(&[("A", "file"), ("B", "shell")]);
        assert_eq!(values(&["A=file\nB=$A"], &[("A", "shell")]), expected);
    }

    #[test]
    fn what_is_wrong_with_a_variable_has_its_place() {
        use ProblemKind::*;
        for (text, kind, part) in [
            ("A=x$B", UnsetVariable, "$"),
            ("A=\"x$B\"", UnsetVariable, "\"x$B\""),
            ("A=x${B", BadVariable, "$"),
            ("A=x${B:?y}", MissingVariable, "$"),
        ] {
            let file = read(text.as_bytes());
            let resolved = resolve(&[&file], &|_| None);
            let problem = &resolved.problems[0][0];
            assert_eq!((problem.kind, &text[problem.at.clone()]), (kind, part));
        }
    }

    #[test]
    fn values_that_double_with_each_line_end_at_a_bound() {
        let mut text = "A0=xxxxxxxxxx\n".to_owned();
        for line in 1..40 {
            let before = line - 1;
            text.push_str(&format!("A{line}=${{A{before}}}${{A{before}}}\n"));
        }
        let file = read(text.as_bytes());
        let resolved = resolve(&[&file], &|_| None);
        let kinds: Vec<ProblemKind> = resolved.problems[0].iter().map(|it| it.kind).collect();
        assert_eq!(kinds[0], ProblemKind::TooLarge);
        let size: usize = resolved
            .names()
            .filter_map(|name| resolved.reveal(name))
            .map(str::len)
            .sum();
        assert!(size <= MOST_BYTES + text.len(), "{size}");
    }

    #[test]
    fn no_value_shows_when_it_is_printed() {
        let file = read(b"A=hidden");
        let text = format!("{:?}", resolve(&[&file], &|_| None));
        assert_eq!(text, "{\"A\"}");
    }

    proptest! {
        #[test]
        fn resolves_whatever_it_is_given(text in "[AB=:'\"\\\\ #\n${}?+-]{0,40}") {
            let file = read(text.as_bytes());
            let resolved = resolve(&[&file], &|_| None);
            prop_assert_eq!(resolved.problems.len(), 1);
            for problem in &resolved.problems[0] {
                prop_assert!(text.get(problem.at.clone()).is_some());
            }
        }
    }
}

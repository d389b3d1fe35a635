//! The env file that a person fills: made with placeholders, and later given the names that it lacks. What stands in
//! it is never changed.

use std::collections::BTreeSet;

use super::Setting;
use super::env_file::own_lines;
use crate::dotenv::{Form, is_name, read};
use crate::plan::Plan;

/// A file with what was added to it.
pub struct Extended {
    /// All of its bytes: the old ones, and what was added behind them.
    pub bytes: Vec<u8>,
    /// The names that were added, in their order.
    pub added: Vec<String>,
}

/// Why nothing can be added: behind these bytes it would not be read.
#[derive(Debug, PartialEq, Eq)]
pub enum Stuck {
    /// They are no UTF-8.
    NoText,
    /// A quote on this line, from 1, is never closed.
    OpenQuote(usize),
}

/// The file with every variable of the mode in it: a new one where there is none yet.
///
/// # Errors
/// What is added behind the old bytes would not be read.
pub fn extended(
    old: Option<&[u8]>,
    plan: &Plan,
    setting: &Setting,
) -> std::result::Result<Extended, Stuck> {
    let text = old.map(std::str::from_utf8).transpose();
    let text = text.map_err(|_| Stuck::NoText)?;
    if let Some(line) = text.and_then(open_quote) {
        return Err(Stuck::OpenQuote(line));
    }
    let present = text.map(names).unwrap_or_default();
    let variables = plan.contract.variables.iter();
    let mut missing: Vec<_> = variables.filter(|it| !present.contains(it.name)).collect();
    // What has to be filled in stands at the top.
    missing.sort_by_key(|variable| !variable.is_required());
    let blocks: Vec<Vec<String>> = missing.iter().map(|it| own_lines(it)).collect();
    let mut lines = match text {
        None => vec![head(plan, setting)],
        Some(_) => Vec::new(),
    };
    lines.extend(blocks);
    Ok(Extended {
        bytes: joined(text.unwrap_or_default(), &lines).into_bytes(),
        added: missing.iter().map(|it| it.name.to_owned()).collect(),
    })
}

fn head(plan: &Plan, setting: &Setting) -> Vec<String> {
    let host = setting.again(plan.host);
    vec![
        format!(
            "# Secrets and own choices of the mode {}. This file is yours: it stays out of git, and nothing overwrites it.",
            plan.mode
        ),
        format!(
            "# Fill in what says {}, take the # away where you want another value than the default, then run",
            super::env_file::PLACEHOLDER
        ),
        format!("#   composegen env check {}{host}", plan.mode),
    ]
}

/// Blocks of lines behind a text, a blank line before each. The line ends are those of the text.
fn joined(text: &str, blocks: &[Vec<String>]) -> String {
    let end = if text.contains("\r\n") { "\r\n" } else { "\n" };
    let mut out = text.to_owned();
    // One byte-order mark is stepped over by whoever reads the file; a second one belongs to a name.
    let is_empty = |text: &str| text.strip_prefix('\u{feff}').unwrap_or(text).is_empty();
    for lines in blocks {
        if !is_empty(&out) && !out.ends_with('\n') {
            out.push_str(end);
        }
        if !is_empty(&out) {
            out.push_str(end);
        }
        for line in lines {
            out.push_str(line);
            out.push_str(end);
        }
    }
    out
}

/// The line of a quote that is never closed: what follows could become a part of its value.
fn open_quote(text: &str) -> Option<usize> {
    let file = read(text.as_bytes());
    // Of the entries, not of the problems: a line tells one problem only, and may have another one before its quote.
    let open = file
        .entries
        .iter()
        .find(|entry| entry.form == Form::Broken)?;
    Some(text[..open.value_at.start].matches('\n').count() + 1)
}

/// The names that a file has, also those that are commented out.
fn names(text: &str) -> BTreeSet<&str> {
    let file = read(text.as_bytes());
    let mut names: BTreeSet<&str> = file.entries.iter().map(|entry| entry.name).collect();
    let commented = text.lines().filter_map(|line| {
        let line = line.trim().strip_prefix('#')?;
        let (name, _) = line.trim_start_matches(['#', ' ', '\t']).split_once('=')?;
        let name = name.strip_prefix("export ").unwrap_or(name).trim();
        is_name(name).then_some(name)
    });
    names.extend(commented);
    names
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn finds_names_that_are_commented_out() {
        let text = "A=1\n#B=2\n## C = 3\n# see D: x\n#export E=5\nF='\n#G=6\n'\n";
        let found: Vec<&str> = names(text).into_iter().collect();
        assert_eq!(found, ["A", "B", "C", "E", "F", "G"]);
    }

    #[test]
    fn keeps_old_bytes_and_their_line_ends() {
        let block = [vec!["B=1".to_owned()]];
        for (old, expected) in [
            ("", "B=1\n"),
            ("\u{feff}", "\u{feff}B=1\n"),
            ("\u{feff}\u{feff}", "\u{feff}\u{feff}\n\nB=1\n"),
            ("A=1", "A=1\n\nB=1\n"),
            ("A=1\n", "A=1\n\nB=1\n"),
            ("A=1\r\nC=2", "A=1\r\nC=2\r\n\r\nB=1\r\n"),
        ] {
            assert_eq!(joined(old, &block), expected, "{old:?}");
        }
    }

    #[test]
    fn finds_the_line_of_an_open_quote() {
        assert_eq!(open_quote("A=1\nB='\nC=2\n"), Some(2));
        assert_eq!(open_quote("A=1\nB='\n'\n"), None);
        assert_eq!(open_quote("A=1\n='\n"), Some(2));
    }

    proptest! {
        #[test]
        fn what_is_added_is_read_and_what_was_there_is_read_as_before(
            old in "[A-C=:'\"\\\\ #\n\r$\u{feff};{}-]{0,40}|export ?",
        ) {
            prop_assume!(open_quote(&old).is_none());
            let new = joined(&old, &[vec!["NEW=1".to_owned()]]);
            prop_assert!(new.starts_with(&old));
            let (before, after) = (read(old.as_bytes()), read(new.as_bytes()));
            prop_assert_eq!(&after.entries[..before.entries.len()], &before.entries[..]);
            prop_assert_eq!(after.entries.last().map(|entry| entry.name), Some("NEW"));
        }
    }
}

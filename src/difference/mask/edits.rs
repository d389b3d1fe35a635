//! Which lines of a file somebody wrote by hand: those that are not what composegen writes. And which words are no
//! secret, since composegen writes them.

use std::ops::Range;

use rustc_hash::FxHashSet;

use crate::outputs::seal::DIGEST;
use crate::secrets::{Hand, Hands, words};

/// The lines of a file that somebody may have written.
pub(super) struct Edits<'a> {
    /// Where each line begins.
    starts: Vec<usize>,
    /// By line, whether somebody may have written it.
    edited: Vec<bool>,
    /// Whether there is such a line at all.
    any: bool,
    /// By line, whether something beside it hints at a secret in it.
    near: Vec<bool>,
    /// Words that composegen writes.
    known: FxHashSet<&'a str>,
}

impl<'a> Edits<'a> {
    /// The lines of a text that do not stand in what composegen writes; none where nobody wrote by hand.
    pub fn of(text: &str, wanted: &'a str, by_hand: bool) -> Self {
        let (mut starts, mut edited) = (Vec::new(), Vec::new());
        let lines: FxHashSet<&str> = match by_hand {
            true => wanted.lines().map(str::trim).collect(),
            false => FxHashSet::default(),
        };
        // The digest of the file is one of its own, whoever wrote below.
        let is_known = |line: &str| lines.contains(line.trim()) || line.starts_with(DIGEST);
        let mut start = 0;
        for line in text.split_inclusive('\n') {
            starts.push(start);
            edited.push(by_hand && !line.trim().is_empty() && !is_known(line));
            start += line.len();
        }
        let known = match by_hand {
            true => words(wanted).map(|word| &wanted[word]).collect(),
            false => FxHashSet::default(),
        };
        Edits {
            any: edited.contains(&true),
            near: vec![false; starts.len()],
            starts,
            edited,
            known,
        }
    }

    /// Whether nobody wrote by hand.
    pub fn is_empty(&self) -> bool {
        !self.any
    }

    /// Whether somebody may have written the line of a number, from 0.
    pub fn is_edited(&self, line: usize) -> bool {
        self.edited.get(line) == Some(&true)
    }

    /// Who wrote the line of a number.
    pub fn hand(&self, line: usize) -> Hand {
        match self.is_edited(line) {
            true => Hand::Theirs,
            false => Hand::Ours,
        }
    }

    /// Whether something hints at a secret in any line of a stretch that somebody may have written.
    pub fn is_near(&self, text: &str, at: &Range<usize>) -> bool {
        let is_near = |line: usize| self.near.get(line) == Some(&true) && self.is_edited(line);
        self.any && self.lines(text, at).any(is_near)
    }

    /// Something hints at a secret in a line.
    pub fn hint(&mut self, line: usize) {
        if let Some(near) = self.near.get_mut(line) {
            *near = true;
        }
    }

    fn lines(&self, text: &str, at: &Range<usize>) -> Range<usize> {
        let end = at.start + text.get(at.clone()).unwrap_or_default().trim_end().len();
        let line = |at: usize| {
            self.starts
                .partition_point(|start| *start <= at)
                .saturating_sub(1)
        };
        line(at.start)..line(end.saturating_sub(1).max(at.start)) + 1
    }
}

impl Hands for Edits<'_> {
    fn is_in(&self, text: &str, at: &Range<usize>) -> bool {
        self.any && self.lines(text, at).any(|line| self.is_edited(line))
    }

    fn is_known(&self, text: &str) -> bool {
        words(text).all(|word| self.known.contains(&text[word]))
    }
}

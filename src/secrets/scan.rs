//! A look along the words of a text or a list: an option names the word behind it, and a program says what its options
//! mean.

use std::ops::Range;

use super::find::{Secret, Sign, keys, moved};
use super::names::tells;
use super::options::{Program, Reads, is_program, reads};
use super::parts::{
    connection, given, headers, heading, inner_pairs, own_defaults, pair, passwords, quoted_pairs,
};
use super::random::is_key;
use super::signs::Signs;
use super::split::{shell_words, unquoted};
use super::tokens::tokens;
use crate::values::interpolation::Outermost;
use crate::values::url::has_mark;

/// How deep a text may stand in another: `sh -c "sh -c '...'"`.
const DEEPEST: u8 = 3;

/// A look along the words of a text or of a list.
#[derive(Default)]
pub(super) struct Scan<'t> {
    /// What was found, each with the number of its word.
    pub found: Vec<(usize, Secret<'t>)>,
    /// The number of the word in its list.
    pub number: usize,
    /// The option before, which may name the value that follows.
    named: Option<&'t str>,
    /// The program that runs, where its options are known.
    program: Option<&'t str>,
    /// The option of a program whose value follows.
    option: Option<&'static Program>,
}

impl<'t> Scan<'t> {
    fn add(&mut self, at: Range<usize>, sign: Sign<'t>) {
        self.found.push((self.number, Secret { at, sign }));
    }

    fn add_all(&mut self, all: impl IntoIterator<Item = Secret<'t>>, by: usize) {
        for secret in all {
            self.found.push((self.number, moved(secret, by)));
        }
    }

    /// What was found in a long word; it names nothing, and is no program.
    pub fn long(&mut self, found: Vec<Secret<'t>>) {
        self.forget();
        self.add_all(found, 0);
    }

    fn forget(&mut self) {
        (self.named, self.program, self.option) = (None, None, None);
    }

    /// What the words of a text say. Its signs, and those of each part of it, are among these.
    pub fn text(&mut self, text: &'t str, signs: Signs, by: usize, depth: u8) {
        if depth > DEEPEST {
            return;
        }
        let heading = signs.may_hold_heading().then(|| heading(text)).flatten();
        if let Some(found) = heading.or_else(|| connection(text)) {
            return self.add_all(found, by);
        }
        let mut end = 0;
        for at in shell_words(text) {
            let is_end = |byte: u8| matches!(byte, b';' | b'|' | b'&' | b'`' | b'\n');
            if text.as_bytes()[end..at.start].iter().copied().any(is_end) {
                self.forget();
            }
            end = at.end;
            self.word(&text[at.clone()], signs, by + at.start, depth);
        }
    }

    /// What a text of these signs holds wherever it stands in it.
    pub fn whole(&mut self, text: &'t str, signs: Signs, by: usize) {
        if signs.may_hold_address() && has_mark(text) {
            self.add_all(passwords(text), by);
        }
        if signs.may_hold_header() {
            self.add_all(headers(text), by);
        }
        if signs.may_hold_quoted_pair() {
            self.add_all(quoted_pairs(text), by);
        }
        if signs.may_hold_key() {
            self.add_all(keys(text, 0), by);
        }
        if signs.may_hold_default() {
            self.add_all(own_defaults(text), by);
        }
        if signs.may_hold_shape() {
            self.shapes(text, signs, by);
        }
    }

    /// The tokens in a text. What stands in `${NAME:-...}` is looked at with the variable.
    fn shapes(&mut self, text: &'t str, signs: Signs, by: usize) {
        let found = tokens(text, signs);
        if found.is_empty() {
            return;
        }
        let variables = Outermost::of(text);
        for (at, what) in found {
            if !variables.holds(at.start) {
                self.add(by + at.start..by + at.end, Sign::Shape(what));
            }
        }
    }

    /// An item of a list of words: one word, or a text for a shell.
    pub fn item(&mut self, item: &'t str) {
        let signs = Signs::of(item);
        self.whole(item, signs, 0);
        let is_text = signs.may_hold_blank() && item.contains(char::is_whitespace);
        match is_text && !item.starts_with('-') && !self.takes_value() {
            true => self.text(item, signs, 0, 1),
            false => self.bare(item, signs, 0, 0),
        }
    }

    /// Whether the word before says what this one is.
    fn takes_value(&self) -> bool {
        self.option.is_some() || self.named.is_some_and(tells)
    }

    /// A word as a shell has it, quotation marks around it perhaps.
    fn word(&mut self, word: &'t str, signs: Signs, at: usize, depth: u8) {
        let (inner, quotes) = unquoted(word);
        match quotes > 0 && inner.contains(char::is_whitespace) && !self.takes_value() {
            true => self.text(inner, signs, at + quotes, depth + 1),
            false => self.bare(inner, signs, at + quotes, depth),
        }
    }

    /// A word without quotation marks around it.
    fn bare(&mut self, word: &'t str, signs: Signs, at: usize, depth: u8) {
        let (named, option) = (self.named.take(), self.option.take());
        let is_value = !word.starts_with('-');
        if let Some(program) = option.filter(|_| is_value) {
            if let Some(from) = program.password(word) {
                self.add(at + from..at + word.len(), Sign::Option(program.name));
            }
        } else if let Some(name) = named.filter(|name| is_value && tells(name)) {
            self.value(name, word, at);
        } else if let Some(name) = named.filter(|name| is_value && is_key(name, word)) {
            self.add(at..at + word.len(), Sign::Named(name));
        } else if !self.of_program(word, signs, at) {
            match signs.may_hold_pair() {
                true => self.pair(word, signs, at, depth),
                false => self.name(word),
            }
        }
    }

    /// A word as the program reads it that runs; whether there is nothing else in it.
    fn of_program(&mut self, word: &'t str, signs: Signs, at: usize) -> bool {
        if is_program(word, signs) {
            self.program = Some(word);
            return false;
        }
        // Its options begin with a dash, all of them.
        let program = self.program.filter(|_| word.starts_with('-'));
        match program.map_or(Reads::Nothing, |program| reads(program, word)) {
            Reads::From(program, from) => {
                let (password, quotes) = unquoted(&word[from..]);
                let start = at + from + quotes;
                self.add(start..start + password.len(), Sign::Option(program.name));
                true
            }
            Reads::Next(program) => {
                self.option = Some(program);
                false
            }
            Reads::Nothing => false,
        }
    }

    /// A name for the next word.
    fn name(&mut self, word: &'t str) {
        let name = word.strip_prefix('-');
        self.named = name.map(|name| name.trim_start_matches('-'));
    }

    /// A name with its value, or a name for the next word.
    fn pair(&mut self, word: &'t str, signs: Signs, at: usize, depth: u8) {
        let Some((name, from)) = pair(word) else {
            self.add_all(inner_pairs(word), at);
            return self.name(word);
        };
        if tells(name) {
            return self.value(name, &word[from..], at + from);
        }
        if word.starts_with('-') && is_key(name, &word[from..]) {
            return self.add(at + from..at + word.len(), Sign::Named(name));
        }
        let (inner, quotes) = unquoted(&word[from..]);
        if quotes > 0 && inner.contains(char::is_whitespace) {
            self.text(inner, signs, at + from + quotes, depth + 1);
        }
        self.add_all(inner_pairs(word), at);
    }

    /// The value that a name within the text is given.
    fn value(&mut self, name: &'t str, value: &'t str, at: usize) {
        let (inner, quotes) = unquoted(value);
        self.add_all(given(name, inner), at + quotes);
    }
}

//! Compose's interpolation language: `$NAME`, `${NAME}` and the operators inside the braces.
//!
//! The Compose Specification names the forms (chapter "Interpolation"); where it is silent, this follows
//! Docker Compose 2.40: a `$` before anything but a name, a brace or another `$` is plain text, the word of
//! an operator ends on its own line, and a word is evaluated even where its value is not needed, so that a
//! missing required variable inside it is always noticed.
//!
//! `{{ }}` has no meaning here: what a Go template holds is plain text, except that Compose replaces a `$NAME` in
//! it as it does everywhere.

mod pieces;
#[cfg(test)]
mod tests;
mod words;

use std::borrow::Cow;

use crate::values::Refusal;
use crate::values::bytes::holds;
use pieces::{Piece, Pieces, is_name_start, name_end};
use words::{check_depth, missing};

pub(crate) use pieces::Nesting;

/// How many variables may stand inside each other. A limit of our own: it bounds the work on hostile input.
pub const NESTING_LIMIT: usize = 64;

/// What stands between a variable's name and the word in `${NAME:-word}`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Operator {
    /// `:-`: the word where the variable is unset or empty.
    DefaultIfUnsetOrEmpty,
    /// `-`: the word where the variable is unset.
    DefaultIfUnset,
    /// `:?`: an error where the variable is unset or empty.
    ErrorIfUnsetOrEmpty,
    /// `?`: an error where the variable is unset.
    ErrorIfUnset,
    /// `:+`: the word where the variable is set and not empty.
    AlternateIfSetAndNotEmpty,
    /// `+`: the word where the variable is set.
    AlternateIfSet,
}

/// Every operator, the longer spelling first.
const OPERATORS: [Operator; 6] = [
    Operator::DefaultIfUnsetOrEmpty,
    Operator::ErrorIfUnsetOrEmpty,
    Operator::AlternateIfSetAndNotEmpty,
    Operator::DefaultIfUnset,
    Operator::ErrorIfUnset,
    Operator::AlternateIfSet,
];

impl Operator {
    /// The operator as it is written.
    pub fn as_str(self) -> &'static str {
        match self {
            Operator::DefaultIfUnsetOrEmpty => ":-",
            Operator::DefaultIfUnset => "-",
            Operator::ErrorIfUnsetOrEmpty => ":?",
            Operator::ErrorIfUnset => "?",
            Operator::AlternateIfSetAndNotEmpty => ":+",
            Operator::AlternateIfSet => "+",
        }
    }

    /// Whether the word is the variable's default.
    pub fn is_default(self) -> bool {
        matches!(
            self,
            Operator::DefaultIfUnsetOrEmpty | Operator::DefaultIfUnset
        )
    }

    /// Whether the variable must have a value.
    pub fn is_required(self) -> bool {
        matches!(self, Operator::ErrorIfUnsetOrEmpty | Operator::ErrorIfUnset)
    }

    /// Whether the operator treats an empty value like no value.
    fn minds_empty(self) -> bool {
        self.as_str().starts_with(':')
    }

    /// The operator that `rest` begins with.
    fn at_start(rest: &str) -> Option<Operator> {
        OPERATORS
            .into_iter()
            .find(|operator| rest.starts_with(operator.as_str()))
    }
}

impl std::fmt::Display for Operator {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str(self.as_str())
    }
}

/// One variable where it stands in a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Use<'s> {
    /// The variable's name.
    pub name: &'s str,
    /// The operator, only in the braced form.
    pub operator: Option<Operator>,
    /// What follows the operator, as written; empty without an operator.
    pub word: &'s str,
    /// Byte offset of the `$`.
    pub start: usize,
    /// Byte offset after the last character of the use.
    pub end: usize,
    /// `${NAME}` rather than `$NAME`.
    pub braced: bool,
    /// How many other uses this one stands inside; 0 outside of all words.
    pub depth: u8,
}

/// All variables of a text, those inside words too, in the order of their `$`.
///
/// # Errors
/// A `${` that is not closed, that has no valid name or no valid operator, or that is nested deeper than
/// [`NESTING_LIMIT`].
pub fn uses(text: &str) -> Result<Vec<Use<'_>>, Refusal> {
    let mut found = Vec::new();
    if holds(text, b'$') {
        collect(text, 0, 0, &mut found)?;
    }
    Ok(found)
}

/// Where the variables of a text stand that are inside no other one; nowhere in a text that is not valid.
pub struct Outermost(Vec<std::ops::Range<usize>>);

impl Outermost {
    /// Of a text.
    pub fn of(text: &str) -> Self {
        let all = uses(text).unwrap_or_default().into_iter();
        let outer = all.filter(|usage| usage.depth == 0);
        Outermost(outer.map(|usage| usage.start..usage.end).collect())
    }

    /// Whether a byte of the text is inside one.
    pub fn holds(&self, at: usize) -> bool {
        let before = self.0.partition_point(|usage| usage.start <= at);
        let last = before.checked_sub(1).and_then(|last| self.0.get(last));
        last.is_some_and(|usage| at < usage.end)
    }
}

/// Whether a variable stands in the text, or a `${` that is no valid one. `$$` and a lone `$` are none.
pub fn has_variable(text: &str) -> bool {
    holds(text, b'$') && begins_variable(text.as_bytes())
}

fn begins_variable(mut rest: &[u8]) -> bool {
    while let Some(at) = rest.iter().position(|byte| *byte == b'$') {
        match rest.get(at + 1) {
            Some(b'{') => return true,
            Some(&byte) if is_name_start(byte) => return true,
            Some(b'$') => rest = &rest[at + 2..],
            _ => rest = &rest[at + 1..],
        }
    }
    false
}

/// The text with `${NAME}` in place of every variable, whatever operator and word stand in it: how people speak of it.
/// A text that is not valid stays as it is.
pub fn without_operators(text: &str) -> Cow<'_, str> {
    let Ok(list) = uses(text) else {
        return Cow::Borrowed(text);
    };
    let mut result = String::new();
    let mut end = 0;
    for usage in list.iter().filter(|usage| usage.depth == 0) {
        result.push_str(&text[end..usage.start]);
        result.push_str(&format!("${{{}}}", usage.name));
        end = usage.end;
    }
    match end {
        0 => Cow::Borrowed(text),
        _ => Cow::Owned(result + &text[end..]),
    }
}

/// The text with every variable replaced by its value and `$$` by `$`. A variable without a value and without
/// a default is replaced by nothing, as Compose does (with a warning).
///
/// # Errors
/// What [`uses`] refuses, and a required variable without a value.
pub fn expand<'a>(
    text: &'a str,
    lookup: &dyn Fn(&str) -> Option<String>,
) -> Result<Cow<'a, str>, Refusal> {
    replace(text, &|usage, word| apply(usage, word, lookup(usage.name)))
}

/// The text with every variable replaced whose value is known, still in Compose's language: `$$` stays, and a `$` that
/// comes from a value is doubled. What nothing sets becomes its default; without one it stays as it is written, since
/// only whoever starts the project can say what it will be. A variable that must not be empty and is counts as one
/// that nothing sets.
///
/// # Errors
/// What [`uses`] refuses.
pub fn expand_known<'a>(
    text: &'a str,
    lookup: &dyn Fn(&str) -> Option<String>,
) -> Result<Cow<'a, str>, Refusal> {
    match has_variable(text) {
        true => known(text, 0, lookup).map(Cow::Owned),
        false => Ok(Cow::Borrowed(text)),
    }
}

/// The recursion is bounded by [`NESTING_LIMIT`].
fn known(
    text: &str,
    depth: usize,
    lookup: &dyn Fn(&str) -> Option<String>,
) -> Result<String, Refusal> {
    let mut out = String::with_capacity(text.len());
    for piece in (Pieces { text, at: 0 }) {
        match piece? {
            Piece::Plain(plain) => out.push_str(plain),
            Piece::Dollar => out.push_str("$$"),
            Piece::Variable(usage) => {
                check_depth(usage.name, depth)?;
                let word = known(usage.word, depth + 1, lookup)?;
                let value = lookup(usage.name).map(|value| value.replace('$', "$$"));
                match known_value(&usage, word, value) {
                    Some(Ok(value)) => out.push_str(&value),
                    // Inside a word it counts only where the word is needed.
                    Some(Err(refusal)) if depth == 0 => return Err(refusal),
                    Some(Err(_)) | None => out.push_str(&text[usage.start..usage.end]),
                }
            }
        }
    }
    Ok(out)
}

/// The value of a use, where it is known; what is wrong where a required variable is known to be empty.
fn known_value(
    usage: &Use<'_>,
    word: String,
    value: Option<String>,
) -> Option<Result<String, Refusal>> {
    let is_unset = value.is_none();
    let can_be_unset = usage
        .operator
        .is_some_and(|operator| !operator.is_required());
    match is_unset && !can_be_unset {
        true => None,
        false => Some(apply(usage, word, value)),
    }
}

/// The text as it is when no variable is set. `None` where a variable without a default (or one that is required)
/// stands in it, even inside a word that is not needed, and where the text is not valid.
pub fn with_defaults(text: &str) -> Option<Cow<'_, str>> {
    if let Some(known) = lone_default(text) {
        return known.map(Cow::Borrowed);
    }
    replace(text, &|usage, word| match usage.operator {
        Some(operator) if operator.is_default() => Ok(word),
        Some(operator) if !operator.is_required() => Ok(String::new()),
        _ => Err(missing(usage.name, usage.operator, &word)),
    })
    .ok()
}

/// The same for what most texts with a variable are, one plain use and nothing else, `${NAME:-word}`, and for what begins
/// with one that has no default, `${NAME:?word}` or `${NAME}`. The outer `None` is for all others.
fn lone_default(text: &str) -> Option<Option<&str>> {
    let Some(inner) = text.strip_prefix("${") else {
        return (!holds(text, b'$')).then_some(Some(text));
    };
    if !inner.bytes().next().is_some_and(is_name_start) {
        return None;
    }
    let rest = &inner[name_end(inner.as_bytes(), 0)..];
    // Without a value for the first one nothing else counts.
    if rest.starts_with('}') || rest.starts_with(":?") {
        return Some(None);
    }
    let word = rest.strip_prefix(":-")?.strip_suffix('}')?;
    let is_nested = b"${}\n".iter().any(|sign| holds(word, *sign));
    (!is_nested).then_some(Some(word))
}

/// Whether anything of the text is neither `$NAME`, `${...}` nor `{{ ... }}`.
pub fn has_literal(text: &str) -> bool {
    let bytes = text.as_bytes();
    let mut nesting = Nesting::default();
    let mut at = 0;
    while at < bytes.len() {
        if nesting.step(bytes, at) {
            at += 1;
        } else if bytes[at] == b'$' && bytes.get(at + 1).copied().is_some_and(is_name_start) {
            at = name_end(bytes, at + 1);
        } else if bytes[at] == b'$' && bytes.get(at + 1) == Some(&b'{') {
            at += 1;
        } else {
            return true;
        }
    }
    false
}

/// Adds the uses of `text`, which begins at byte `offset` of the whole, and those inside their words.
fn collect<'s>(
    text: &'s str,
    offset: usize,
    depth: u8,
    found: &mut Vec<Use<'s>>,
) -> Result<(), Refusal> {
    for piece in (Pieces { text, at: 0 }) {
        let Piece::Variable(usage) = piece? else {
            continue;
        };
        check_depth(usage.name, usize::from(depth))?;
        found.push(Use {
            start: usage.start + offset,
            end: usage.end + offset,
            depth,
            ..usage
        });
        let word_offset = offset + usage.end - 1 - usage.word.len();
        if usage.word.contains('$') {
            collect(usage.word, word_offset, depth + 1, found)?;
        }
    }
    Ok(())
}

/// What a use becomes, given its word with everything in it already replaced.
type Replace<'f> = dyn Fn(&Use<'_>, String) -> Result<String, Refusal> + 'f;

/// The text with every use replaced; borrowed where nothing was to be done.
fn replace<'a>(text: &'a str, with: &Replace<'_>) -> Result<Cow<'a, str>, Refusal> {
    if !holds(text, b'$') {
        return Ok(Cow::Borrowed(text));
    }
    replaced(text, 0, with).map(Cow::Owned)
}

/// The text with every use replaced. The recursion is bounded by [`NESTING_LIMIT`].
fn replaced(text: &str, depth: usize, with: &Replace<'_>) -> Result<String, Refusal> {
    let mut out = String::with_capacity(text.len());
    for piece in (Pieces { text, at: 0 }) {
        match piece? {
            Piece::Plain(plain) => out.push_str(plain),
            Piece::Dollar => out.push('$'),
            Piece::Variable(usage) => {
                check_depth(usage.name, depth)?;
                let word = replaced(usage.word, depth + 1, with)?;
                out.push_str(&with(&usage, word)?);
            }
        }
    }
    Ok(out)
}

/// The value of a use by its operator, given the variable's value.
fn apply(usage: &Use<'_>, word: String, value: Option<String>) -> Result<String, Refusal> {
    let Some(operator) = usage.operator else {
        return Ok(value.unwrap_or_default());
    };
    let has_value = value
        .as_deref()
        .is_some_and(|value| !(operator.minds_empty() && value.is_empty()));
    match operator {
        Operator::AlternateIfSetAndNotEmpty | Operator::AlternateIfSet if has_value => Ok(word),
        _ if has_value => Ok(value.unwrap_or_default()),
        Operator::DefaultIfUnsetOrEmpty | Operator::DefaultIfUnset => Ok(word),
        Operator::ErrorIfUnsetOrEmpty | Operator::ErrorIfUnset => {
            Err(missing(usage.name, usage.operator, &word))
        }
        Operator::AlternateIfSetAndNotEmpty | Operator::AlternateIfSet => Ok(String::new()),
    }
}

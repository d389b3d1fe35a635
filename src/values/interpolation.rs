//! Compose's interpolation language: `$NAME`, `${NAME}` and the operators inside the braces.
//!
//! The Compose Specification names the forms (chapter "Interpolation"); where it is silent, this follows
//! Docker Compose 2.40: a `$` before anything but a name, a brace or another `$` is plain text, the word of
//! an operator ends on its own line, and a word is evaluated even where its value is not needed, so that a
//! missing required variable inside it is always noticed.
//!
//! `{{ }}` has no meaning here: what a Go template holds is plain text, except that Compose replaces a `$NAME` in
//! it as it does everywhere.

use std::borrow::Cow;

use crate::values::Refusal;
use crate::values::shown::shown;

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
    if text.contains('$') {
        collect(text, 0, 0, &mut found)?;
    }
    Ok(found)
}

/// Whether a variable stands in the text, or a `${` that is no valid one. `$$` and a lone `$` are none.
pub fn has_variable(text: &str) -> bool {
    let mut rest = text.as_bytes();
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
                    Some(value) => out.push_str(&value),
                    None => out.push_str(&text[usage.start..usage.end]),
                }
            }
        }
    }
    Ok(out)
}

/// The value of a use, where it is known.
fn known_value(usage: &Use<'_>, word: String, value: Option<String>) -> Option<String> {
    let is_unset = value.is_none();
    let can_be_unset = usage
        .operator
        .is_some_and(|operator| !operator.is_required());
    match is_unset && !can_be_unset {
        true => None,
        // The only error is that of a required variable that is empty.
        false => apply(usage, word, value).ok(),
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

/// The same for what most texts with a variable are, one plain use and nothing else: `${NAME:-word}`, `${NAME:?word}`,
/// `${NAME}`. The outer `None` is for all others.
fn lone_default(text: &str) -> Option<Option<&str>> {
    let Some(inner) = text.strip_prefix("${") else {
        return (!text.contains('$')).then_some(Some(text));
    };
    let inner = inner.strip_suffix('}')?;
    if inner.contains(['$', '{', '}', '\n'])
        || !inner.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
    {
        return None;
    }
    let end = inner.find(|c: char| !c.is_ascii_alphanumeric() && c != '_');
    match end.map_or("", |end| &inner[end..]) {
        "" => Some(None),
        rest => match rest.strip_prefix(":-") {
            Some(word) => Some(Some(word)),
            None => rest.starts_with(":?").then_some(None),
        },
    }
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

/// Tells, byte by byte, what stands inside `${...}` or `{{ ... }}`, where separators do not separate. What is never
/// closed reaches to the end of the text.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Nesting {
    depth: usize,
}

impl Nesting {
    /// Takes the byte at `at`, and says whether it belongs to a braced part (its braces included, the `$` before
    /// them not). Every byte of the text must be given once, in order.
    pub(crate) fn step(&mut self, bytes: &[u8], at: usize) -> bool {
        match bytes[at] {
            b'{' if self.depth > 0 || opens(bytes, at) => {
                self.depth += 1;
                true
            }
            b'}' if self.depth > 0 => {
                self.depth -= 1;
                true
            }
            _ => self.depth > 0,
        }
    }
}

/// Whether the `{` at `at`, outside of all braces, belongs to a `${` or a `{{`.
fn opens(bytes: &[u8], at: usize) -> bool {
    bytes.get(at + 1) == Some(&b'{') || at > 0 && bytes[at - 1] == b'$'
}

/// A stretch of a text.
enum Piece<'s> {
    /// Text to be kept.
    Plain(&'s str),
    /// `$$`.
    Dollar,
    /// A variable.
    Variable(Use<'s>),
}

/// The pieces of a text, from its beginning to its end. The uses inside a word are not looked at.
struct Pieces<'s> {
    text: &'s str,
    at: usize,
}

impl<'s> Iterator for Pieces<'s> {
    type Item = Result<Piece<'s>, Refusal>;

    fn next(&mut self) -> Option<Self::Item> {
        let rest = &self.text[self.at..];
        if rest.is_empty() {
            return None;
        }
        Some(match rest.bytes().position(|byte| byte == b'$') {
            Some(0) => self.dollar(),
            Some(plain) => Ok(self.plain(plain)),
            None => Ok(self.plain(rest.len())),
        })
    }
}

impl<'s> Pieces<'s> {
    /// The next `len` bytes as plain text.
    fn plain(&mut self, len: usize) -> Piece<'s> {
        let start = self.at;
        self.at += len;
        Piece::Plain(&self.text[start..self.at])
    }

    /// What begins with the `$` at the current offset.
    fn dollar(&mut self) -> Result<Piece<'s>, Refusal> {
        match self.text.as_bytes().get(self.at + 1) {
            Some(b'$') => {
                self.at += 2;
                Ok(Piece::Dollar)
            }
            Some(b'{') => self.variable(braced(self.text, self.at)?),
            Some(&byte) if is_name_start(byte) => self.variable(bare(self.text, self.at)),
            _ => Ok(self.plain(1)),
        }
    }

    /// Steps over a use.
    fn variable(&mut self, usage: Use<'s>) -> Result<Piece<'s>, Refusal> {
        self.at = usage.end;
        Ok(Piece::Variable(usage))
    }
}

/// The use `$NAME` at `start`.
fn bare(text: &str, start: usize) -> Use<'_> {
    let end = name_end(text.as_bytes(), start + 1);
    Use {
        name: &text[start + 1..end],
        operator: None,
        word: "",
        start,
        end,
        braced: false,
        depth: 0,
    }
}

/// The use `${...}` at `start`.
fn braced(text: &str, start: usize) -> Result<Use<'_>, Refusal> {
    let after_name = name_end(text.as_bytes(), start + 2);
    let name = &text[start + 2..after_name];
    if !name.bytes().next().is_some_and(is_name_start) {
        return Err(no_name(&text[start + 2..]));
    }
    let rest = &text[after_name..];
    let operator = Operator::at_start(rest);
    let word_start = after_name + operator.map_or(0, |operator| operator.as_str().len());
    let close = match operator {
        Some(_) => closing_brace(text, start).ok_or_else(|| unclosed(name))?,
        None if rest.starts_with('}') => after_name,
        None => return Err(no_operator(name, rest)),
    };
    Ok(Use {
        name,
        operator,
        word: &text[word_start..close],
        start,
        end: close + 1,
        braced: true,
        depth: 0,
    })
}

/// Where the `${` at `start` closes. Compose counts every brace after it, but does not look at the character after an
/// opening one (so `{{` counts once and `}}` twice), and takes the line's last `}` where the count never ends.
fn closing_brace(text: &str, start: usize) -> Option<usize> {
    let bytes = text.as_bytes();
    let (mut at, mut depth, mut last) = (start + 1, 0_usize, None);
    while at < bytes.len() && bytes[at] != b'\n' {
        match bytes[at] {
            b'{' => {
                depth += 1;
                at += 1;
                // The skipped character still ends a line, and may still be the last brace.
                last = last_brace(bytes, at, last);
                at -= usize::from(bytes.get(at) == Some(&b'\n'));
            }
            b'}' if depth == 1 => return Some(at),
            b'}' => {
                depth -= 1;
                last = Some(at);
            }
            _ => {}
        }
        at += 1;
    }
    last
}

/// `at` where a closing brace stands there, else `last`.
fn last_brace(bytes: &[u8], at: usize, last: Option<usize>) -> Option<usize> {
    match bytes.get(at) {
        Some(b'}') => Some(at),
        _ => last,
    }
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
    if !text.contains('$') {
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

/// Whether a byte may begin a name: `[_a-zA-Z]`.
fn is_name_start(byte: u8) -> bool {
    byte == b'_' || byte.is_ascii_alphabetic()
}

/// Where the run of name characters that begins at `at` ends.
fn name_end(bytes: &[u8], at: usize) -> usize {
    let is_name = |byte: &u8| *byte == b'_' || byte.is_ascii_alphanumeric();
    at + bytes[at..].iter().take_while(|byte| is_name(byte)).count()
}

fn check_depth(name: &str, depth: usize) -> Result<(), Refusal> {
    if depth < NESTING_LIMIT {
        return Ok(());
    }
    Err(Refusal {
        message: format!(
            "variables may stand {NESTING_LIMIT} deep inside each other, and {} is deeper",
            shown(name)
        ),
        help: None,
    })
}

fn missing(name: &str, operator: Option<Operator>, word: &str) -> Refusal {
    let state = match operator {
        Some(Operator::ErrorIfUnset) => "not set",
        _ => "not set or empty",
    };
    let reason = if word.is_empty() {
        String::new()
    } else {
        format!(": {}", shown(word))
    };
    Refusal {
        message: format!("{} is required and {state}{reason}", shown(name)),
        help: Some(format!(
            "set {} in the environment or in an env file",
            shown(name)
        )),
    }
}

/// Help for whoever meant no variable at all.
fn dollar_help() -> Option<String> {
    Some("write `$$` for a plain dollar sign".to_owned())
}

/// Refuses what follows a `${`. Only its first characters are shown: the rest may hold a secret default.
fn no_name(rest: &str) -> Refusal {
    let end = rest
        .char_indices()
        .take(24)
        .find(|(_, letter)| matches!(letter, '}' | '\n' | ':' | '{'));
    let limit = rest.char_indices().nth(24).map_or(rest.len(), |(at, _)| at);
    let name = &rest[..end.map_or(limit, |(at, _)| at)];
    let message = if name.is_empty() {
        "`${` names no variable; write a name, such as `${NAME}`".to_owned()
    } else {
        format!(
            "{} is not a variable's name; write letters, digits and `_`, and no digit first",
            shown(name)
        )
    };
    Refusal {
        message,
        help: dollar_help(),
    }
}

fn unclosed(name: &str) -> Refusal {
    Refusal {
        message: format!(
            "{} has no `}}` on its line; close it",
            shown(&format!("${{{name}"))
        ),
        help: dollar_help(),
    }
}

fn no_operator(name: &str, rest: &str) -> Refusal {
    let Some(next) = rest.chars().next() else {
        return unclosed(name);
    };
    Refusal {
        message: format!(
            "{} is followed by {}; write `}}` or one of `:-`, `-`, `:?`, `?`, `:+`, `+`",
            shown(&format!("${{{name}")),
            shown(next.encode_utf8(&mut [0; 4])),
        ),
        help: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn replaces_what_is_known_and_keeps_what_is_not() {
        let lookup = |name: &str| match name {
            "A" => Some("a$1".to_owned()),
            "E" => Some(String::new()),
            _ => None,
        };
        for (text, expected) in [
            ("plain $ $$ 100$", "plain $ $$ 100$"),
            ("${A}/$X/$$A", "a$$1/$X/$$A"),
            ("${X:-d}${X-d}${E:-d}${E-d}", "ddd"),
            ("${X:+a}${A:+b}${E:+c}${E+c}", "bc"),
            (
                "${X:?why} ${E:?why} ${E?why} ${A:?}",
                "${X:?why} ${E:?why}  a$$1",
            ),
            ("${X:-${Y:-${A}}} ${X:-${Y}}", "a$$1 ${Y}"),
        ] {
            assert_eq!(expand_known(text, &lookup).unwrap(), expected, "{text}");
        }
        assert!(expand_known("${", &lookup).is_err());
        let deep = "${X:-".repeat(10_000) + &"}".repeat(10_000);
        assert!(expand_known(&deep, &lookup).is_err());
    }

    #[test]
    fn speaks_of_variables_by_their_names() {
        for (text, expected) in [
            ("a", "a"),
            ("${A:?set it: ${B}} b", "${A} b"),
            ("$A-${B:-c}", "${A}-${B}"),
            ("$$A ${", "$$A ${"),
        ] {
            assert_eq!(without_operators(text), expected, "{text}");
        }
    }
    use proptest::prelude::*;

    fn lookup(name: &str) -> Option<String> {
        match name {
            "S" => Some("set".to_owned()),
            "E" => Some(String::new()),
            _ => None,
        }
    }

    fn expanded(text: &str) -> String {
        match expand(text, &lookup) {
            Ok(value) => value.into_owned(),
            Err(refusal) => format!("refused: {}", refusal.message),
        }
    }

    /// The right column is what `docker compose config` (2.40.3) says, with S=set, E empty, A and B unset.
    #[test]
    fn expands_as_compose_does() {
        for (text, expected) in [
            ("", ""),
            ("plain", "plain"),
            ("$S-bar", "set-bar"),
            ("$S_x", ""),
            ("${S}", "set"),
            ("${A}", ""),
            ("${A:-b}", "b"),
            ("${E:-b}", "b"),
            ("${E-b}", ""),
            ("${A-b}", "b"),
            ("${S:-b}", "set"),
            ("${S:?no}", "set"),
            ("${E?no}", ""),
            ("${S:+x}", "x"),
            ("${E:+x}", ""),
            ("${E+x}", "x"),
            ("${A+x}", ""),
            ("${A:+}", ""),
            ("$$S", "$S"),
            ("$${S}", "${S}"),
            ("$$$S", "$set"),
            ("$$${S}", "$set"),
            ("a $ b", "a $ b"),
            ("^x$", "^x$"),
            ("$}", "$}"),
            ("$1", "$1"),
            ("$é", "$é"),
            ("${A-$}", "$"),
            ("${A:-$ }", "$ "),
            ("${A:-x$}", "x$"),
            ("${A:-$S}", "set"),
            ("${A:-${B:-${C:-d}}}", "d"),
            ("${A:-a}-${B:-b}", "a-b"),
            ("${S}:${A+x}", "set:"),
            ("${A:-/non:-alphanumeric}", "/non:-alphanumeric"),
            ("${A-myerror?msg}", "myerror?msg"),
            ("${A:-{{.Name}}}", "{{.Name}}"),
            ("${S:-{{.Name}}}", "set}"),
            ("${A:-{\"a\":1}}", "{\"a\":1}"),
            ("${S:+{x}}", "{x}"),
            ("${S:-a{b}c}d", "setd"),
            ("{${S}}", "{set}"),
            ("a{${A:-x}b}c", "a{xb}c"),
            ("x}${S:-y}", "x}set"),
            ("${A:-{}", "{"),
            ("${A:-}}", "}"),
            ("${A:-x}}", "x}"),
            ("${A:-$${x}}z", "${x}z"),
            ("${A:-a\\}b}", "a\\b}"),
            ("{{.Name}}", "{{.Name}}"),
            ("{{ $x }}y", "{{  }}y"),
            ("${A:-b}\n${S}", "b\nset"),
        ] {
            assert_eq!(expanded(text), expected, "{text}");
        }
    }

    #[test]
    fn refuses_what_compose_refuses() {
        let digit = "is not a variable's name; write letters, digits and `_`, and no digit first";
        let next = "write `}` or one of `:-`, `-`, `:?`, `?`, `:+`, `+`";
        for (text, expected) in [
            (
                "${",
                "`${` names no variable; write a name, such as `${NAME}`".to_owned(),
            ),
            (
                "${}",
                "`${` names no variable; write a name, such as `${NAME}`".to_owned(),
            ),
            ("${1X}", format!("`1X` {digit}")),
            ("${ foo}", format!("` foo` {digit}")),
            ("${é}", format!("`é` {digit}")),
            ("${foo }", format!("`${{foo` is followed by ` `; {next}")),
            ("${foo!}", format!("`${{foo` is followed by `!`; {next}")),
            ("${A:}", format!("`${{A` is followed by `:`; {next}")),
            ("${A:=x}", format!("`${{A` is followed by `:`; {next}")),
            ("${A/x/y}", format!("`${{A` is followed by `/`; {next}")),
            ("${A[0]}", format!("`${{A` is followed by `[`; {next}")),
            ("${A", "`${A` has no `}` on its line; close it".to_owned()),
            (
                "${A:-b",
                "`${A` has no `}` on its line; close it".to_owned(),
            ),
            (
                "${A:-${B}",
                "`${B` has no `}` on its line; close it".to_owned(),
            ),
            (
                "${A:-l1\nl2}",
                "`${A` has no `}` on its line; close it".to_owned(),
            ),
            (
                "${A:-{\n}",
                "`${A` has no `}` on its line; close it".to_owned(),
            ),
            (
                "${S:-${}}",
                "`${` names no variable; write a name, such as `${NAME}`".to_owned(),
            ),
            ("${A:?}", "`A` is required and not set or empty".to_owned()),
            (
                "${E:?why}",
                "`E` is required and not set or empty: `why`".to_owned(),
            ),
            (
                "${A?why $S}",
                "`A` is required and not set: `why set`".to_owned(),
            ),
            (
                "${S:-${A:?bad}}",
                "`A` is required and not set or empty: `bad`".to_owned(),
            ),
            (
                "${S+${A:?bad}}",
                "`A` is required and not set or empty: `bad`".to_owned(),
            ),
        ] {
            assert_eq!(expanded(text), format!("refused: {expected}"), "{text:?}");
        }
    }

    #[test]
    fn an_unclosed_variable_does_not_show_its_default() {
        let refusal = uses("${PASSWORD:-hunter2").unwrap_err();
        assert!(!format!("{refusal:?}").contains("hunter2"));
    }

    #[test]
    fn lists_uses_with_their_places() {
        let text = "a $B ${C:-x${D?e}} $$F";
        let all = uses(text).unwrap();
        let seen: Vec<_> = all
            .iter()
            .map(|usage| {
                (
                    &text[usage.start..usage.end],
                    usage.name,
                    usage.word,
                    usage.depth,
                )
            })
            .collect();
        assert_eq!(
            seen,
            [
                ("$B", "B", "", 0),
                ("${C:-x${D?e}}", "C", "x${D?e}", 0),
                ("${D?e}", "D", "e", 1),
            ]
        );
        assert_eq!(all[1].operator, Some(Operator::DefaultIfUnsetOrEmpty));
        assert_eq!(all[2].operator, Some(Operator::ErrorIfUnset));
        assert!(!all[0].braced && all[1].braced);
    }

    #[test]
    fn tells_whether_there_is_a_variable() {
        for text in ["$A", "x${A}", "$$$A", "${"] {
            assert!(has_variable(text), "{text}");
        }
        for text in ["", "a", "$", "$$", "$$A", "$1", "a$ b", "$$$$A"] {
            assert!(!has_variable(text), "{text}");
        }
    }

    #[test]
    fn knows_the_text_without_variables() {
        for (text, expected) in [
            ("8080", Some("8080")),
            ("${P:-8080}:80", Some("8080:80")),
            ("${P-}:80", Some(":80")),
            ("${P:-${Q:-1}}", Some("1")),
            ("${P:+x}y", Some("y")),
            ("$$P", Some("$P")),
            ("${P}", None),
            ("$P", None),
            ("${P:?why}", None),
            ("${P:-${Q}}", None),
            ("${P", None),
        ] {
            assert_eq!(with_defaults(text).as_deref(), expected, "{text}");
        }
    }

    #[test]
    fn tells_literals_from_interpolation() {
        for text in ["a", "a${B}", "${B}c", "$", "$$", "{", "${A}-${B}"] {
            assert!(has_literal(text), "{text}");
        }
        for text in [
            "",
            "$A",
            "${A}",
            "${A:-b}",
            "${A}$B",
            "{{ a.b }}",
            "${A:-{{ b }}}",
        ] {
            assert!(!has_literal(text), "{text}");
        }
    }

    #[test]
    fn borrows_what_it_need_not_change() {
        assert!(matches!(expand("abc", &lookup), Ok(Cow::Borrowed("abc"))));
    }

    #[test]
    fn bounds_the_nesting() {
        let nested = |depth: usize| format!("{}{}", "${A:-".repeat(depth), "}".repeat(depth));
        assert_eq!(expanded(&nested(NESTING_LIMIT)), "");
        assert_eq!(uses(&nested(NESTING_LIMIT)).unwrap().len(), NESTING_LIMIT);
        let message = "variables may stand 64 deep inside each other, and `A` is deeper";
        assert_eq!(uses(&nested(65)).unwrap_err().message, message);
        assert_eq!(expanded(&nested(100_000)), format!("refused: {message}"));
    }

    #[test]
    fn is_fast_on_hostile_text() {
        let start = std::time::Instant::now();
        for unit in [
            "${A:-", "${", "$", "${A:-}", "{", "}", "${A:-{", "${A:-\n", "$A", "${A}",
        ] {
            for tail in ["", "}", "}}}"] {
                let text = unit.repeat(100_000) + tail;
                let _ = (uses(&text), expanded(&text), with_defaults(&text));
                let _ = (has_variable(&text), has_literal(&text));
            }
        }
        assert!(start.elapsed().as_secs() < 10, "{:?}", start.elapsed());
    }

    proptest! {
        #[test]
        fn never_panics_and_places_are_true(text in "[$${}:?+\\-A1é \n]{0,40}") {
            let _ = (expanded(&text), with_defaults(&text), has_literal(&text));
            for usage in uses(&text).unwrap_or_default() {
                let whole = &text[usage.start..usage.end];
                prop_assert!(whole.starts_with('$') && whole.contains(usage.name));
                prop_assert!(has_variable(&text));
                if let (true, Some(operator)) = (usage.braced, usage.operator) {
                    prop_assert_eq!(whole, format!("${{{}{operator}{}}}", usage.name, usage.word));
                }
            }
        }

        #[test]
        fn escaped_text_comes_back(text in "\\PC{0,30}") {
            let escaped = text.replace('$', "$$");
            prop_assert_eq!(expanded(&escaped), text);
        }
    }
}

//! What one line holds of secrets, whatever file it is of: `NAME=value`, `name: value`, `--name value`,
//! `${NAME:-value}`, `Bearer value`, `http://user:value@host`.

use std::ops::Range;

use super::behind::{is_item, with_rest};
use super::below::{Below, announced, indent, key_column};
use super::find::{in_text, in_words};
use super::names::Names;
use super::options;
use super::random::{is_token, words};
use super::required::is_value;
use super::values::is_taken;
use crate::values::url::addresses;

/// Who wrote a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hand {
    /// Composegen, from a catalog.
    Ours,
    /// Perhaps a person, into a file that nobody writes.
    Theirs,
}

/// The stretches of a line that are not shown, and what lines below may hold.
pub(super) struct Line {
    pub stretches: Vec<Range<usize>>,
    pub below: Below,
    /// How many bytes may still be gone through for the ends of variables.
    left: usize,
}

/// What parts a name and its value.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Sign {
    /// `name: value`
    Colon,
    /// `NAME=value`
    Equals,
    /// `--name value`, also as two items of a list.
    Option,
}

/// Where the value of a secret stands, and what of it stands on the lines below.
struct Value {
    at: Range<usize>,
    below: Below,
}

/// Looks at one line, its end not counted.
pub(super) fn line(text: &str, names: &Names, hand: Hand) -> Line {
    let mut found = Line {
        stretches: in_text(text).into_iter().map(|secret| secret.at).collect(),
        below: Below::Nothing,
        left: MOST,
    };
    found.stretches.extend(passwords(text));
    found.stretches.extend(options::by(hand, text));
    found.stretches.extend(listed(text));
    found.stretches.extend(schemes(text, hand));
    found.stretches.extend(logins(text));
    found.stretches.extend(pair(text, names));
    let tokens = words(text).filter(|word| is_token(&text[word.clone()], hand));
    found.stretches.extend(tokens);
    named(text, names, hand, &mut found);
    if matches!(found.below, Below::Nothing) {
        found.below = announced(text, names, hand);
    }
    found
}

/// The secrets among the words of a list, `["mysql", "-px"]`, in a text of which nobody knows whether it is one.
fn listed(text: &str) -> Vec<Range<usize>> {
    if !text.contains('-') {
        return Vec::new();
    }
    let all: Vec<Range<usize>> = words(text).collect();
    let words: Vec<&str> = all.iter().map(|word| &text[word.clone()]).collect();
    let found = in_words(&mut words.iter().copied()).into_iter();
    found
        .map(|(at, secret)| all[at].start + secret.at.start..all[at].start + secret.at.end)
        .collect()
}

/// The passwords of addresses; of a variable in its place only the default.
fn passwords(text: &str) -> Vec<Range<usize>> {
    if !text.contains('@') {
        return Vec::new();
    }
    let password = |address: crate::values::url::Address| {
        let user_info = address.user_info?;
        let end = user_info.as_ptr() as usize - text.as_ptr() as usize + user_info.len();
        if let Some(password) = address.literal_password() {
            return Some(end - password.len()..end);
        }
        let user = user_info
            .split_once(':')
            .filter(|(user, _)| !user.contains("${"));
        let password = user.map_or(user_info, |(_, password)| password);
        (password.contains("${") && !is_taken(password)).then(|| end - password.len()..end)
    };
    let mut found: Vec<_> = addresses(text).into_iter().filter_map(password).collect();
    found.extend(words(text).filter_map(|word| unescaped_password(text, word)));
    found
}

/// A password with a slash or a question mark in it, where no address may have one.
fn unescaped_password(text: &str, word: Range<usize>) -> Option<Range<usize>> {
    let (before, rest) = text[word.clone()].split_once("://")?;
    let (login, _) = rest.rsplit_once('@')?;
    let (user, password) = login.split_once(':')?;
    let start = word.start + before.len() + "://".len() + user.len() + 1;
    let is_password = !begins_with_port(password) && !user.contains("${") && !is_taken(password);
    is_password.then(|| start..start + password.len())
}

fn begins_with_port(text: &str) -> bool {
    let rest = text.trim_start_matches(|letter: char| letter.is_ascii_digit());
    rest.len() < text.len() && rest.starts_with(['/', '?'])
}

/// `user:value@host` without a scheme, as before the name of an image. What follows the name of an image as `@` is the
/// algorithm of a digest.
fn logins(text: &str) -> Vec<Range<usize>> {
    if !text.contains('@') {
        return Vec::new();
    }
    let password = |word: Range<usize>| {
        let it = &text[word.clone()];
        let (login, host) = it.rsplit_once('@')?;
        let (user, password) = login.split_once(':')?;
        let is_login = !host.starts_with("sha") && host.starts_with(char::is_alphanumeric);
        let is_password =
            !password.starts_with("//") && !begins_with_port(password) && !is_taken(password);
        let start = word.start + user.len() + 1;
        (is_login && is_password && !user.is_empty()).then(|| start..start + password.len())
    };
    words(text).filter_map(password).collect()
}

/// `requirepass value` as all of a line, as some programs' settings are written.
fn pair(text: &str, names: &Names) -> Option<Range<usize>> {
    let mut all = words(text);
    let (name, value) = (all.next()?, all.next()?);
    let is_all = all.next().is_none() && text[name.clone()].chars().all(char::is_alphanumeric);
    (is_all && names.hide(&text[name], &text[value.clone()])).then_some(value)
}

/// `Bearer value` and `Basic value`, as headers have them.
fn schemes(text: &str, hand: Hand) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut before = None;
    for word in words(text) {
        let it = &text[word.clone()];
        if let Some(true) = before.replace(
            ["bearer", "basic"]
                .iter()
                .any(|scheme| it.eq_ignore_ascii_case(scheme)),
        ) && is_credential(it, hand)
        {
            found.push(word);
        }
    }
    found
}

/// The shortest credential behind the word `Bearer` in what composegen wrote, where it may be prose.
const CREDENTIAL: usize = 8;

fn is_credential(word: &str, hand: Hand) -> bool {
    match hand {
        Hand::Theirs => !is_taken(word),
        Hand::Ours => {
            word.len() >= CREDENTIAL
                && word.bytes().any(|byte| byte.is_ascii_digit())
                && !is_taken(word)
        }
    }
}

/// The values behind names; the first of which the end is not certain reaches up to the end of the line.
fn named(text: &str, names: &Names, hand: Hand, found: &mut Line) {
    let is_comment = text.trim_start().starts_with('#');
    let mut at = 0;
    while let Some((start, end)) = word(text, at) {
        at = end;
        let name = text[start..end].trim_matches(['-', '.']);
        if text[..start].ends_with("${") {
            at = variable(text, (name, end), names, hand, found);
            continue;
        }
        let Some((sign, from)) = given(text, start, end) else {
            continue;
        };
        // A sentence may have a colon, and a map or a list may begin here.
        let is_prose = is_comment || !is_key_position(&text[..start]);
        let is_sentence = sign == Sign::Colon && is_prose && text[from..].trim().contains(' ');
        if hand == Hand::Ours && (is_sentence || matches!(text[from..].trim(), "{" | "[")) {
            continue;
        }
        if let Some(value) = value(text, (start, from), sign, |value| {
            hides(names, hand, name, value)
        }) {
            at = value.at.end;
            found.stretches.push(value.at);
            found.below = value.below;
        } else if let Some(at) = sibling(text, name, from, names, hand) {
            found.stretches.push(at);
        }
    }
}

/// Whether a name may be a key, by what stands before it: nothing, a sign, or a quotation mark.
fn is_key_position(before: &str) -> bool {
    let before = before.trim_end_matches([' ', '-']);
    !before.ends_with(char::is_alphanumeric)
}

pub(super) fn hides(names: &Names, hand: Hand, name: &str, value: &str) -> bool {
    match hand {
        Hand::Ours => names.hide(name, value),
        Hand::Theirs => names.may_hide(name, value),
    }
}

/// `${NAME:-default}`: hides the default of a secret; where to go on.
fn variable(
    text: &str,
    (name, end): (&str, usize),
    names: &Names,
    hand: Hand,
    found: &mut Line,
) -> usize {
    let rest = &text[end..];
    let sign = rest.len() - rest.trim_start_matches(':').len();
    let close = closing(text, end, &mut found.left).unwrap_or(text.len());
    let start = name.as_ptr() as usize - text.as_ptr() as usize;
    match rest[sign..].chars().next() {
        Some('-' | '+') => {
            let from = end + sign + 1;
            if hides(names, hand, name, &text[from..close]) {
                found.stretches.push(from..close);
                return close;
            }
            end
        }
        Some('?')
            if {
                let why = &text[end + sign + 1..close];
                is_value(why, name, names) || is_value(why, named_before(&text[..start]), names)
            } =>
        {
            found.stretches.push(end + sign + 1..close);
            close
        }
        // What is said where it is missing: a sentence.
        Some('?') if hand == Hand::Ours => close,
        _ => end,
    }
}

/// The name that is given what begins behind it: `NAME=${`, `NAME: "${`.
fn named_before(before: &str) -> &str {
    let around = ['"', '\'', ' '];
    let before = before.trim_end_matches(['$', '{']).trim_end_matches(around);
    let Some(before) = before.strip_suffix([':', '=']) else {
        return "";
    };
    let before = before.trim_end_matches(around);
    &before[before.trim_end_matches(is_of_name).len()..]
}

/// So many bytes behind its `${` a variable ends.
const FARTHEST: usize = 1024;

/// So many bytes of a line are gone through for the ends of its variables.
const MOST: usize = 1 << 16;

/// Where the `}` stands that closes a `${` before `from`.
fn closing(text: &str, from: usize, left: &mut usize) -> Option<usize> {
    let mut depth = 1;
    let bytes = text.bytes().enumerate().skip(from);
    for (at, byte) in bytes.take(FARTHEST.min(*left)) {
        *left -= 1;
        match byte {
            b'{' => depth += 1,
            b'}' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return Some(at);
        }
    }
    None
}

/// Names of keys that hold the name of another value, and of those that hold the value.
pub(super) const OF_NAMES: &[&str] = &[
    "env",
    "field",
    "header",
    "key",
    "name",
    "option",
    "param",
    "parameter",
    "setting",
    "var",
    "variable",
];
pub(super) const OF_VALUES: &[&str] = &["content", "data", "default", "text", "val", "value"];

/// `name: NAME, value: value` on one line, in any order: where the value stands.
fn sibling(text: &str, key: &str, from: usize, names: &Names, hand: Hand) -> Option<Range<usize>> {
    let is = |keys: &[&str]| keys.iter().any(|other| key.eq_ignore_ascii_case(other));
    if !is(OF_VALUES) || text.trim_start().starts_with('#') && hand == Hand::Ours {
        return None;
    }
    let tells = word_pairs(text).any(|(other, named)| {
        OF_NAMES.iter().any(|it| other.eq_ignore_ascii_case(it)) && names.tell(named)
    });
    let value = value(text, (from, from), Sign::Colon, |value| !is_taken(value))?;
    tells.then_some(value.at)
}

/// Words and the first word of what they are given.
fn word_pairs(text: &str) -> impl Iterator<Item = (&str, &str)> {
    let mut at = 0;
    std::iter::from_fn(move || {
        loop {
            let (start, end) = word(text, at)?;
            at = end;
            if let Some((_, from)) = given(text, start, end)
                && let Some((first, last)) = word(text, from)
            {
                return Some((&text[start..end], &text[first..last]));
            }
        }
    })
}

/// The value from `from` on where `hides` says so: up to its closing quotation mark, or to the end of the line.
fn value(
    text: &str,
    (name, from): (usize, usize),
    sign: Sign,
    hides: impl Fn(&str) -> bool,
) -> Option<Value> {
    let quotes = ['"', '\''];
    let rest = text[from..].trim_end();
    let own = rest.chars().next().filter(|first| quotes.contains(first));
    // The whole entry may be quoted: `- "NAME=value"`.
    let around = text[..name].trim_end_matches('-').chars().next_back();
    let quote = own.or(around.filter(|letter| quotes.contains(letter) && sign != Sign::Option));
    let content = from + usize::from(own.is_some());
    let end = quote.and_then(|quote| unquoted(text, content, quote));
    if let Some(end) = end {
        let end_of_value = end + usize::from(own.is_some());
        let at = from..match (own, sign) {
            (Some(_), Sign::Colon) => with_rest(text, end_of_value, true),
            (None, Sign::Colon | Sign::Equals) if is_item(&text[..name]) => {
                // The closing quotation mark is one of the item's.
                let behind = end + 1;
                let rest = with_rest(text, behind, false);
                if rest > behind { rest } else { end }
            }
            _ => end_of_value,
        };
        return hides(&text[content..end]).then_some(Value {
            at,
            below: Below::Nothing,
        });
    }
    let bare = match sign {
        Sign::Option => rest
            .split([' ', ',', '"', '\'', ']'])
            .find(|part| !part.is_empty())
            .unwrap_or(rest),
        Sign::Colon | Sign::Equals => without_ends(rest),
    };
    let is_hidden =
        hides(bare) || sign != Sign::Option && rest.starts_with(['|', '>']) && hides(rest);
    let column = match sign {
        Sign::Colon => key_column(text, name),
        Sign::Equals | Sign::Option => indent(text),
    };
    is_hidden.then(|| Value {
        at: from..from + rest.len(),
        below: quote.map_or(Below::Deeper(column), Below::UpTo),
    })
}

/// A value without the quotation marks and brackets of what is around it.
fn without_ends(rest: &str) -> &str {
    let mut bare = rest.trim_matches(['"', '\'', '`', ' ', ',', ']', '\r', '|']);
    // What is so long is no value of one name.
    if !bare.ends_with('}') || bare.len() > FARTHEST {
        return bare;
    }
    // Counted once: a long line may end with thousands of them.
    let count = |brace: u8| bare.bytes().filter(|byte| *byte == brace).count();
    let mut more = count(b'}').saturating_sub(count(b'{'));
    while let Some(shorter) = bare.strip_suffix('}').filter(|_| more > 0) {
        bare = shorter.trim_end_matches(['"', '\'', ' ', ',', ']']);
        more -= 1;
    }
    bare
}

/// Where a quoted text ends, if nothing follows that would go on with it.
fn unquoted(text: &str, from: usize, quote: char) -> Option<usize> {
    let mut letters = text[from..].char_indices();
    while let Some((at, letter)) = letters.next() {
        if letter == '\\' && quote == '"' {
            letters.next();
        } else if letter == quote {
            let behind = &text[from + at + 1..];
            let ends = behind.is_empty()
                || behind.starts_with([' ', ',', ']', '}', ')', ';', '|', ':', '\r', '<']);
            return ends.then_some(from + at);
        }
    }
    None
}

pub fn is_of_name(letter: char) -> bool {
    letter.is_alphanumeric() || matches!(letter, '_' | '-' | '.')
}

/// The next word from here on that may be a name.
pub fn word(line: &str, at: usize) -> Option<(usize, usize)> {
    let start = at + line[at..].find(is_of_name)?;
    let end = line[start..].find(|letter| !is_of_name(letter));
    Some((start, end.map_or(line.len(), |offset| start + offset)))
}

/// Where the value begins that the rest of a line gives to a word, and how.
fn given(line: &str, start: usize, end: usize) -> Option<(Sign, usize)> {
    let behind = line[end..].trim_start_matches(['"', '\'', '`', '*', ']', ')']);
    let value = behind.trim_start();
    let at = |rest: &str| line.len() - rest.trim_start().len();
    if let Some(value) = value.strip_prefix(':') {
        return match value.strip_prefix('=') {
            Some(value) => Some((Sign::Equals, at(value))),
            // `scheme://` gives nothing.
            None => (!value.starts_with("//")).then(|| (Sign::Colon, at(value))),
        };
    }
    if let Some(value) = value.strip_prefix('=') {
        return Some((Sign::Equals, at(value.strip_prefix('>').unwrap_or(value))));
    }
    if let Some(value) = behind
        .strip_prefix('>')
        .filter(|_| line[..start].ends_with('<'))
    {
        return Some((Sign::Equals, at(value)));
    }
    let is_apart = line[start..].starts_with('-') && behind.starts_with([' ', ',']);
    let value = behind.trim_start_matches([' ', ',']);
    let is_value = !value.trim_start_matches(['"', '\'']).starts_with('-');
    (is_apart && is_value).then(|| (Sign::Option, line.len() - value.len()))
}

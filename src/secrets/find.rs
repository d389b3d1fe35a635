//! Which stretches of a value are a secret: all of it under the name of one, or a part of it that says so itself.
//! Nothing is guessed: what is found here is told, and moved.

use std::ops::Range;

use super::names::{is_header, makes_secret, tells};
use super::options::{Program, Reads, is_program, reads};
use super::tokens::{private_keys, tokens};
use super::values::{SCHEMES, is_elsewhere, is_harmless, is_run, is_taken, without_scheme};
use crate::values::interpolation::{has_variable, uses};
use crate::values::url::{addresses, has_mark};

/// A secret that stands in a text. It belongs into no message; what tells that it is one does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Secret<'t> {
    /// Where it stands, in bytes of the text.
    pub at: Range<usize>,
    /// What tells that it is one.
    pub sign: Sign<'t>,
}

/// What tells that something is a secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sign<'t> {
    /// The name under which the text stands.
    Own,
    /// A name before it within the text: `--password x`, `Password=x;`.
    Named(&'t str),
    /// A program's option: `mysql -px`.
    Option(&'static str),
    /// It is the password of an address, or a token in its place.
    Address,
    /// What it looks like: "a GitHub token".
    Shape(&'static str),
    /// It is the default of this variable, which stands in the place of a secret: `${PW:-x}`.
    Default(&'t str),
}

/// Says which names a catalog declares to be those of secrets.
pub type Declares<'d> = &'d dyn Fn(&str) -> bool;

/// Declares nothing: names tell by themselves.
pub const BY_NAME: Declares = &|_| false;

/// The secrets of a value under a name.
pub fn under<'t>(name: &str, text: &'t str, declares: Declares) -> Vec<Secret<'t>> {
    if text.is_empty() {
        return Vec::new();
    }
    let is_declared = declares(name);
    if !is_declared && !tells(name) {
        return in_text(text);
    }
    let is_one = |value: &str| match is_declared {
        true => !value.is_empty() && !is_harmless(value),
        false => makes_secret(name, value),
    };
    if !has_variable(text) {
        return match is_one(text) {
            true => vec![Secret {
                at: 0..text.len(),
                sign: Sign::Own,
            }],
            // An address under such a name may hold a password.
            false => in_text(text),
        };
    }
    let mut all = defaults(text, 0..text.len(), is_one);
    all.extend(in_text(text));
    apart(all)
}

/// The secrets of a text that says itself that they are some: a value, a command, a line.
pub fn in_text(text: &str) -> Vec<Secret<'_>> {
    if !may_hold(text) {
        return Vec::new();
    }
    let mut scan = Scan::default();
    scan.text(text, 0, 0);
    apart(scan.found.into_iter().map(|(_, secret)| secret).collect())
}

/// The secrets among the words of a command, each with the number of its word.
pub fn in_words<'t>(words: &[&'t str]) -> Vec<(usize, Secret<'t>)> {
    let mut scan = Scan::default();
    for (number, word) in words.iter().enumerate() {
        scan.number = number;
        scan.whole(word, 0);
        scan.item(word);
    }
    let mut found = Vec::new();
    for number in 0..words.len() {
        let own = scan.found.iter().filter(|(at, _)| *at == number);
        let own = apart(own.map(|(_, secret)| secret.clone()).collect());
        found.extend(own.into_iter().map(|secret| (number, secret)));
    }
    found
}

/// The secrets of what a file holds, line by line: `NAME=value`, `name: value`, `requirepass value`.
pub fn in_lines(text: &str) -> Vec<Secret<'_>> {
    let mut all: Vec<Secret> = keys(text, 0).collect();
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        let body = line.trim_end_matches(['\n', '\r']);
        match setting(body) {
            Some(found) => all.extend(found.into_iter().map(|secret| moved(secret, start))),
            None => all.extend(in_text(body).into_iter().map(|secret| moved(secret, start))),
        }
        start += line.len();
    }
    apart(all)
}

/// Whether a text may hold one at all: most are single words, and looking closer costs.
fn may_hold(text: &str) -> bool {
    const LONG: usize = 18;
    text.len() >= LONG
        || text
            .bytes()
            .any(|byte| matches!(byte, b'=' | b':' | b' ' | b'\n'))
}

fn moved(secret: Secret, by: usize) -> Secret {
    Secret {
        at: by + secret.at.start..by + secret.at.end,
        ..secret
    }
}

/// In the order of the text; of two that overlap the one that begins first, or is longer, or was found first.
fn apart(mut all: Vec<Secret>) -> Vec<Secret> {
    all.sort_by_key(|secret| (secret.at.start, std::cmp::Reverse(secret.at.end)));
    let mut end = 0;
    all.retain(|secret| {
        let is_apart = secret.at.start >= end && !secret.at.is_empty();
        if is_apart {
            end = secret.at.end;
        }
        is_apart
    });
    all
}

/// The defaults in a part of a text that stand in the place of a secret.
fn defaults<'t>(
    text: &'t str,
    part: Range<usize>,
    is_one: impl Fn(&str) -> bool,
) -> Vec<Secret<'t>> {
    let all = uses(&text[part.clone()]).unwrap_or_default().into_iter();
    let literal = all.filter(|one| {
        let is_default = one.operator.is_some_and(|operator| operator.is_default());
        is_default && !one.word.is_empty() && !has_variable(one.word) && is_one(one.word)
    });
    let found = literal.map(|one| {
        let start = one.word.as_ptr() as usize - text.as_ptr() as usize;
        Secret {
            at: start..start + one.word.len(),
            sign: Sign::Default(one.name),
        }
    });
    found.collect()
}

fn keys(text: &str, by: usize) -> impl Iterator<Item = Secret<'_>> {
    let keys = match text.contains("-----BEGIN ") {
        true => private_keys(text),
        false => Vec::new(),
    };
    keys.into_iter().map(move |at| Secret {
        at: by + at.start..by + at.end,
        sign: Sign::Shape("a private key"),
    })
}

/// How deep a text may stand in another: `sh -c "sh -c '...'"`.
const DEEPEST: u8 = 3;

/// A look along the words of a text or of a list.
#[derive(Default)]
struct Scan<'t> {
    found: Vec<(usize, Secret<'t>)>,
    /// The number of the word in its list.
    number: usize,
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

    /// What a text holds wherever it stands in it, and what its words say.
    fn text(&mut self, text: &'t str, by: usize, depth: u8) {
        if depth == 0 {
            self.whole(text, by);
        }
        if depth > DEEPEST {
            return;
        }
        if let Some(found) = heading(text).or_else(|| connection(text)) {
            return self.add_all(found, by);
        }
        let mut end = 0;
        for at in shell_words(text) {
            if text[end..at.start].contains([';', '|', '&', '`', '\n']) {
                (self.named, self.program, self.option) = (None, None, None);
            }
            end = at.end;
            self.word(&text[at.clone()], by + at.start, depth);
        }
    }

    /// What a text holds wherever it stands in it.
    fn whole(&mut self, text: &'t str, by: usize) {
        if text.contains('@') && has_mark(text) {
            self.add_all(passwords(text), by);
        }
        self.add_all(headers(text), by);
        self.add_all(quoted_pairs(text), by);
        self.add_all(keys(text, 0), by);
        if text.contains("${") {
            self.add_all(own_defaults(text), by);
        }
        let variables = uses(text).unwrap_or_default();
        for (at, what) in tokens(text) {
            // What stands in `${NAME:-...}` is looked at with the variable.
            let is_in = variables
                .iter()
                .any(|one| one.start <= at.start && at.start < one.end);
            if !is_in {
                self.add(by + at.start..by + at.end, Sign::Shape(what));
            }
        }
    }

    /// An item of a list of words: one word, or a text for a shell.
    fn item(&mut self, item: &'t str) {
        let is_option = item.starts_with('-');
        match item.contains(char::is_whitespace) && !is_option && !self.takes_value() {
            true => self.text(item, 0, 1),
            false => self.bare(item, 0, 0),
        }
    }

    /// Whether the word before says what this one is.
    fn takes_value(&self) -> bool {
        self.option.is_some() || self.named.is_some_and(tells)
    }

    /// A word as a shell has it, quotation marks around it perhaps.
    fn word(&mut self, word: &'t str, at: usize, depth: u8) {
        let (inner, quotes) = unquoted(word);
        match quotes > 0 && inner.contains(char::is_whitespace) && !self.takes_value() {
            true => self.text(inner, at + quotes, depth + 1),
            false => self.bare(inner, at + quotes, depth),
        }
    }

    fn bare(&mut self, word: &'t str, at: usize, depth: u8) {
        let (named, option) = (self.named.take(), self.option.take());
        let is_value = !word.starts_with('-');
        if let Some(program) = option.filter(|_| is_value) {
            if let Some(from) = program.password(word) {
                self.add(at + from..at + word.len(), Sign::Option(program.name));
            }
            return;
        }
        if let Some(name) = named.filter(|name| is_value && tells(name)) {
            return self.value(name, word, at);
        }
        if is_program(word) {
            self.program = Some(word);
        } else if let Some(program) = self.program {
            match reads(program, word) {
                Reads::From(from) => {
                    let (password, quotes) = unquoted(&word[from..]);
                    let start = at + from + quotes;
                    let name = program.rsplit('/').next().unwrap_or(program);
                    let name = super::options::of_program(name)
                        .next()
                        .map_or("", |it| it.name);
                    return self.add(start..start + password.len(), Sign::Option(name));
                }
                Reads::Next(program) => self.option = Some(program),
                Reads::Nothing => {}
            }
        }
        match pair(word) {
            Some((name, from)) if tells(name) => self.value(name, &word[from..], at + from),
            Some((_, from)) => {
                let (inner, quotes) = unquoted(&word[from..]);
                if quotes > 0 && inner.contains(char::is_whitespace) && depth < DEEPEST {
                    self.text(inner, at + from + quotes, depth + 1);
                }
                self.add_all(inner_pairs(word), at);
            }
            None => {
                self.add_all(inner_pairs(word), at);
                self.named = word
                    .strip_prefix('-')
                    .map(|name| name.trim_start_matches('-'));
            }
        }
    }

    /// The value that a name within the text is given.
    fn value(&mut self, name: &'t str, value: &'t str, at: usize) {
        let (inner, quotes) = unquoted(value);
        self.add_all(given(name, inner), at + quotes);
    }
}

/// What a name is given: the value, or the defaults in it.
fn given<'t>(name: &'t str, value: &'t str) -> Vec<Secret<'t>> {
    if has_variable(value) {
        return defaults(value, 0..value.len(), |word| makes_secret(name, word));
    }
    // `$` before a value is a shell's variable.
    let is_one = makes_secret(name, value) && !is_run(value) && !value.starts_with('$');
    is_one
        .then_some(Secret {
            at: 0..value.len(),
            sign: Sign::Named(name),
        })
        .into_iter()
        .collect()
}

/// The passwords of addresses. What stands inside of `${NAME:-...}` is the default of a variable, and looked at with it.
fn passwords(text: &str) -> Vec<Secret<'_>> {
    let variables = uses(text).unwrap_or_default();
    let mut found = Vec::new();
    for address in addresses(text) {
        let Some(user_info) = address.user_info else {
            continue;
        };
        let end = user_info.as_ptr() as usize - text.as_ptr() as usize + user_info.len();
        if variables
            .iter()
            .any(|one| one.start < address.start && address.start < one.end)
        {
            continue;
        }
        if let Some(password) = address.literal_password() {
            let at = end - password.len()..end;
            if !is_run(password) {
                found.push(Secret {
                    at,
                    sign: Sign::Address,
                });
            }
        } else if let Some((_, password)) = user_info
            .split_once(':')
            .filter(|(user, _)| !user.contains("${"))
        {
            found.extend(defaults(text, end - password.len()..end, |word| {
                !is_harmless(word)
            }));
        }
    }
    found
}

/// The defaults of variables whose names tell, and the tokens in the others.
fn own_defaults(text: &str) -> Vec<Secret<'_>> {
    let all = uses(text).unwrap_or_default().into_iter();
    let told = all.filter(|one| {
        let is_default = one.operator.is_some_and(|operator| operator.is_default());
        is_default && !has_variable(one.word)
    });
    let found = told.flat_map(|one| {
        let start = one.word.as_ptr() as usize - text.as_ptr() as usize;
        let parts = match makes_secret(one.name, one.word) {
            true => std::iter::once(0..one.word.len()).collect::<Vec<_>>(),
            false => tokens(one.word).into_iter().map(|(at, _)| at).collect(),
        };
        parts.into_iter().map(move |at| Secret {
            at: start + at.start..start + at.end,
            sign: Sign::Default(one.name),
        })
    });
    found.collect()
}

/// `Authorization: Basic x` and its like, wherever they stand in a text.
fn headers(text: &str) -> Vec<Secret<'_>> {
    const NAME: &str = "authorization";
    let mut found = Vec::new();
    if text.len() <= NAME.len() {
        return found;
    }
    let bytes = text.as_bytes();
    let is_name = |at: usize| {
        let begins = at == 0 || !(bytes[at - 1].is_ascii_alphanumeric() || bytes[at - 1] == b'_');
        begins && bytes[at..at + NAME.len()].eq_ignore_ascii_case(NAME.as_bytes())
    };
    for at in
        (0..=text.len() - NAME.len()).filter(|at| matches!(bytes[*at], b'a' | b'A') && is_name(*at))
    {
        let end = at + NAME.len();
        let behind = text[end..].trim_start_matches(['"', '\'', ' ']);
        let Some(value) = behind.strip_prefix([':', '=']) else {
            continue;
        };
        let value = value.trim_start_matches([' ', '"', '\'']);
        found.extend(login(value).map(|login| {
            let start = login.as_ptr() as usize - text.as_ptr() as usize;
            Secret {
                at: start..start + login.len(),
                sign: Sign::Named(&text[at..end]),
            }
        }));
    }
    found
}

/// What lets somebody in, in the value of such a header; up to what cannot belong to it.
fn login(value: &str) -> Option<&str> {
    let rest = without_scheme(value);
    let end = rest.find(|letter: char| {
        letter.is_whitespace() || matches!(letter, '"' | '\'' | ',' | ';' | '\\')
    });
    let login = &rest[..end.unwrap_or(rest.len())];
    let is_scheme = SCHEMES
        .iter()
        .any(|scheme| login.eq_ignore_ascii_case(scheme));
    let is_one = match rest.len() == value.len() {
        true => makes_secret("authorization", login),
        false => !login.is_empty() && !is_harmless(login) && !is_elsewhere(login),
    };
    let is_open = login.starts_with(['$', '<', '{', '%']) || is_taken(login) || is_run(login);
    (is_one && !is_open && !is_scheme).then_some(login)
}

/// `"password": "x"` in a text of JSON.
fn quoted_pairs(text: &str) -> Vec<Secret<'_>> {
    let mut found = Vec::new();
    let mut from = 0;
    while let Some(colon) = text[from..].find("\":").map(|at| from + at) {
        from = colon + 2;
        let name = text[..colon].rsplit('"').next().unwrap_or_default();
        let rest = text[from..].trim_start();
        let start = text.len() - rest.len() + 1;
        let Some(value) = rest
            .strip_prefix('"')
            .and_then(|rest| rest.split('"').next())
        else {
            continue;
        };
        if is_word(name) && tells(name) {
            found.extend(
                given(name, value)
                    .into_iter()
                    .map(|secret| moved(secret, start)),
            );
        }
    }
    found
}

/// `X-Api-Key: x` as all of a text, as the argument of an option is.
fn heading(text: &str) -> Option<Vec<Secret<'_>>> {
    let (name, value) = text.split_once(':')?;
    let value = value.strip_prefix([' ', '\t'])?;
    let start = text.len() - value.trim_start().len();
    let value = value.trim();
    let is_one =
        is_word(name) && tells(name) && !is_header(name) && !value.contains(char::is_whitespace);
    is_one.then(|| {
        given(name, value)
            .into_iter()
            .map(|secret| moved(secret, start))
            .collect()
    })
}

/// `Server=db;User Id=me;Password=x;`: the value of each key reaches to the next `;`.
fn connection(text: &str) -> Option<Vec<Secret<'_>>> {
    if !text.contains(';') {
        return None;
    }
    let mut found = Vec::new();
    let (mut start, mut pairs) = (0, 0);
    for part in text.split(';') {
        let at = start;
        start += part.len() + 1;
        if part.trim().is_empty() {
            continue;
        }
        let (name, value) = part.split_once('=')?;
        let is_key =
            |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, ' ' | '_' | '-');
        if !name
            .trim()
            .starts_with(|letter: char| letter.is_ascii_alphabetic())
            || !name.chars().all(is_key)
        {
            return None;
        }
        pairs += 1;
        let (inner, quotes) = unquoted(value.trim());
        let from = at + part.len() - value.trim_start().len() + quotes;
        if tells(name.trim()) {
            found.extend(
                given(name.trim(), inner)
                    .into_iter()
                    .map(|secret| moved(secret, from)),
            );
        }
    }
    (pairs > 1).then_some(found)
}

/// `name = value`, `name: value` or `requirepass value` as all of a line; `None` where its name tells nothing.
fn setting(line: &str) -> Option<Vec<Secret<'_>>> {
    let body = line.trim_start();
    let body = body.strip_prefix("export ").unwrap_or(body);
    let is_key = |name: &&str| is_word(name) && tells(name);
    let (name, value) = match body.split_once(['=', ':']) {
        Some((name, value)) => (name.trim_matches([' ', '\t', '"', '\'']), value),
        None => body
            .split_once([' ', '\t'])
            .filter(|(name, _)| name.chars().all(char::is_alphanumeric))?,
    };
    let name = Some(name).filter(is_key)?;
    let end = value.trim_end_matches([' ', '\t', ',', ';']);
    let (inner, quotes) = unquoted(end.trim_start());
    let from = line.len() - value.len() + end.len() - end.trim_start().len() + quotes;
    Some(
        given(name, inner)
            .into_iter()
            .map(|secret| moved(secret, from))
            .collect(),
    )
}

/// The name that a word gives a value, and where that begins: `--password=x`, `PASSWORD=x`.
fn pair(word: &str) -> Option<(&str, usize)> {
    let (name, _) = word.split_once('=')?;
    let from = name.len() + 1;
    // A property of Java: `-Ddb.password=x`.
    let name = name.strip_prefix("-D").unwrap_or(name);
    let name = name.trim_start_matches('-').trim_end_matches(':');
    (!name.is_empty() && is_word(name)).then_some((name, from))
}

/// `name=value` within a word, behind a sign: `?token=x&a=b`, `-Dpassword=x`.
fn inner_pairs(word: &str) -> Vec<Secret<'_>> {
    let mut found = Vec::new();
    for (sign, _) in word.match_indices('=') {
        let name = &word[word[..sign].trim_end_matches(is_of_word).len()..sign];
        let starts = word[..sign - name.len()].ends_with(['?', '&', ';', ',', '=', '{', ' ']);
        let rest = &word[sign + 1..];
        let end = rest.find(['&', ';', ',', '"', '\'', '}', '#', ')']);
        if starts && tells(name) {
            let value = &rest[..end.unwrap_or(rest.len())];
            found.extend(
                given(name, value)
                    .into_iter()
                    .map(|secret| moved(secret, sign + 1)),
            );
        }
    }
    found
}

fn is_of_word(letter: char) -> bool {
    letter.is_ascii_alphanumeric() || matches!(letter, '_' | '-' | '.')
}

fn is_word(name: &str) -> bool {
    !name.is_empty() && name.chars().all(is_of_word)
}

/// A word without the quotation marks around it, and how many bytes they have at its head.
fn unquoted(word: &str) -> (&str, usize) {
    for quote in ['"', '\''] {
        let inner = word
            .strip_prefix(quote)
            .and_then(|rest| rest.strip_suffix(quote));
        if let Some(inner) = inner {
            return (inner, 1);
        }
    }
    (word, 0)
}

/// The words of a text as a shell parts them: blanks in quotation marks part nothing. A mark that nothing closes is a
/// letter.
fn shell_words(text: &str) -> Vec<Range<usize>> {
    let bytes = text.as_bytes();
    let is_end = |at: usize| match bytes[at] {
        b';' | b'|' | b'`' => true,
        b'&' => bytes
            .get(at + 1)
            .is_none_or(|next| matches!(next, b'&' | b' ' | b'\n')),
        byte => byte.is_ascii_whitespace(),
    };
    let mut found = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        let start = at;
        while at < bytes.len() && !is_end(at) {
            at = match bytes[at] {
                b'\\' => at + 2,
                quote @ (b'"' | b'\'') => closing(bytes, at, quote).map_or(at, |end| end) + 1,
                b'$' if bytes.get(at + 1) == Some(&b'{') => braced(bytes, at) + 1,
                _ => at + 1,
            };
        }
        at = at.min(bytes.len());
        if at > start && text.is_char_boundary(at) {
            found.push(start..at);
        }
        at += 1;
    }
    found
}

/// Where the quotation mark stands that closes the one at `at`.
fn closing(bytes: &[u8], at: usize, quote: u8) -> Option<usize> {
    let mut next = at + 1;
    while next < bytes.len() {
        match bytes[next] {
            b'\\' if quote == b'"' => next += 1,
            byte if byte == quote => return Some(next),
            _ => {}
        }
        next += 1;
    }
    None
}

/// Where the brace stands that closes the `${` at `at`, or the `$` where nothing does.
fn braced(bytes: &[u8], at: usize) -> usize {
    let mut depth = 0;
    for (next, byte) in bytes.iter().enumerate().skip(at) {
        match byte {
            b'{' => depth += 1,
            b'}' if depth == 1 => return next,
            b'}' => depth -= 1,
            _ => {}
        }
    }
    at
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn found(text: &str) -> Vec<&str> {
        in_text(text)
            .into_iter()
            .map(|secret| &text[secret.at])
            .collect()
    }

    #[test]
    fn finds_what_a_text_says_itself() {
        for (text, expected) in [
            ("redis-cli -a hunter2 ping", "hunter2"),
            ("redis-server --requirepass hunter2 --port 1", "hunter2"),
            ("mysql -u root -phunter2 db", "hunter2"),
            ("mysqladmin ping -p'hunter2'", "hunter2"),
            ("/usr/bin/curl -fs -u me:hunter2 http://a", "hunter2"),
            ("curl --user \"me:hun ter2\" http://a", "hun ter2"),
            ("curl -H 'Authorization: Basic aGVsbG86' x", "aGVsbG86"),
            ("curl -H \"authorization: Bearer a.b\" x", "a.b"),
            ("curl -H 'X-Api-Key: hunter2' x", "hunter2"),
            ("a,Authorization=Basic aGVsbG86", "aGVsbG86"),
            ("Server=db,1;User Id=sa;Password=hun ter,2;", "hun ter,2"),
            ("AccountName=a;AccountKey=aB3/+==;X=y", "aB3/+=="),
            ("host=db user=me password=hunter2", "hunter2"),
            ("sh -c \"PGPASSWORD='hunter2' psql\"", "hunter2"),
            ("docker run -e API_TOKEN=hunter2 x", "hunter2"),
            ("--opts=user=me,password=hunter2,a=b", "hunter2"),
            ("http://a/x?token=hunter2&b=c", "hunter2"),
            ("java -Dspring.password=hunter2 -jar x", "hunter2"),
            ("{\"user\": \"me\", \"password\": \"hunter2\"}", "hunter2"),
            ("postgres://me:hunter2@db:5432/x", "hunter2"),
            ("postgres://me:hunter2@${DB:-db}/x", "hunter2"),
            ("redis://:hunter2@cache:6379", "hunter2"),
            ("${API_TOKEN:-hunter2}/x", "hunter2"),
            ("${A:-sk_live_Ab3dEf6hIj9k}", "sk_live_Ab3dEf6hIj9k"),
            ("${A-sk_live_Ab3dEf6hIj9k}/x", "sk_live_Ab3dEf6hIj9k"),
            ("serve --api-token ${A:-hunter2} x", "hunter2"),
            ("http://me:${P:-hunter2}@db/x", "hunter2"),
            (
                "sqlcmd -S localhost -U sa -P hunter2 -Q 'SELECT 1'",
                "hunter2",
            ),
            ("export API_TOKEN=hunter2; serve", "hunter2"),
        ] {
            assert_eq!(found(text), [expected], "{text}");
        }
    }

    #[test]
    fn finds_nothing_in_what_is_harmless() {
        for text in [
            "",
            "a",
            "mkdir -p data",
            "mysql -p mydb",
            "mysqladmin -p${P} ping",
            "mysqladmin ping -p\"$$MYSQL_ROOT_PASSWORD\"",
            "redis-cli -a $$REDIS_PASSWORD ping",
            "redis-server --requirepass ${REDIS_PASSWORD}",
            "redis-server --requirepass \"$${REDIS_PASSWORD:-x}\"",
            "curl -u me:${P} http://a",
            "curl -u me http://a",
            "curl -H 'Authorization: Bearer ${TOKEN}' x",
            "curl -H \"Authorization: Bearer $$(cat /run/secrets/x)\" x",
            "Authorization: Basic",
            "Authorization: Basic ${API_AUTHORIZATION:?is not set}",
            "serve --token-limit 100 --password-file /run/secrets/x",
            "docker login --password-stdin ghcr.io",
            "Server=db;Password=${PW};",
            "postgres://me@db/x",
            "http://a/x?page=2&token=",
            "nginx:1.27@sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
            "550e8400-e29b-41d4-a716-446655440000",
            "the password: see the wiki page",
            "{\"password\": \"${PW}\", \"tokens\": \"5\"}",
            "AUTH_ENABLED=true SALT_MASTER=host",
        ] {
            assert_eq!(found(text), [""; 0], "{text}");
        }
    }

    #[test]
    fn a_name_makes_all_of_a_value_a_secret() {
        for (name, text, expected) in [
            ("DB_PASSWORD", "hunter2 and more", &["hunter2 and more"][..]),
            ("DB_PASSWORD", "${PW:-hunter2}", &["hunter2"]),
            ("DB_PASSWORD", "${PW}", &[]),
            ("DB_PASSWORD", "${PW:-}", &[]),
            ("DB_PASSWORD", "", &[]),
            ("PLAIN", "hunter2", &["hunter2"]),
            ("PLAIN", "true", &[]),
            ("OTHER", "hunter2", &[]),
            ("TOKEN_URL", "http://a:hunter2@b", &["hunter2"]),
            ("API_KEY", "http://a:hunter2@b", &["hunter2"]),
        ] {
            let secrets = under(name, text, &|name| name == "PLAIN");
            let found: Vec<&str> = secrets.into_iter().map(|secret| &text[secret.at]).collect();
            assert_eq!(found, expected, "{name}={text}");
        }
    }

    #[test]
    fn words_of_a_list_say_what_the_next_one_is() {
        let words = [
            "redis-cli",
            "-a",
            "hunter2",
            "--token",
            "a b",
            "--x=1",
            "sh",
            "-c",
            "mysql -phunter3",
        ];
        let found: Vec<(usize, &str)> = in_words(&words)
            .into_iter()
            .map(|(number, secret)| (number, &words[number][secret.at]))
            .collect();
        assert_eq!(found, [(2, "hunter2"), (4, "a b"), (8, "hunter3")]);
    }

    #[test]
    fn reads_the_lines_of_a_file() {
        for (text, expected) in [
            ("user = a\npassword = not-real\n", &["not-real"][..]),
            ("  \"apiToken\": \"x\"", &["x"]),
            ("export DB_PASSWORD='not real'", &["not real"]),
            ("api_token: \"not-real\",", &["not-real"]),
            ("requirepass not-real", &["not-real"]),
            ("url = http://a:hunter2@b\n", &["hunter2"]),
            ("password = ${DB_PASSWORD}", &[]),
            ("password_file /mosquitto/passwd", &[]),
            ("password: /run/secrets/db", &[]),
            ("token:", &[]),
            ("allow_anonymous true", &[]),
        ] {
            let found: Vec<&str> = in_lines(text)
                .into_iter()
                .map(|secret| &text[secret.at])
                .collect();
            assert_eq!(found, expected, "{text}");
        }
    }

    proptest! {
        #[test]
        fn whatever_a_text_is_secrets_are_stretches_of_it(
            pieces in prop::collection::vec(
                prop::sample::select(&[
                    "-p", "mysql", "curl -u ", "PASSWORD", "=", ":", "://", "@", "'", "\"", "\\", " ", "\n", ";", "${",
                    "}", "$$", "é", "Authorization", "Basic ", "{\"", "\":", ",", "-----BEGIN PRIVATE KEY-----", "-----END ",
                ]),
                0..24,
            ),
        ) {
            let text = pieces.concat();
            for secrets in [in_text(&text), in_lines(&text), under("TOKEN", &text, BY_NAME)] {
                let mut end = 0;
                for secret in secrets {
                    prop_assert!(text.get(secret.at.clone()).is_some_and(|it| !it.is_empty()), "{:?} of {:?}", secret, text);
                    prop_assert!(secret.at.start >= end, "{:?} of {:?}", secret, text);
                    end = secret.at.end;
                }
            }
            let words: Vec<&str> = text.split('\n').collect();
            for (number, secret) in in_words(&words) {
                prop_assert!(words[number].get(secret.at).is_some());
            }
        }
    }
}

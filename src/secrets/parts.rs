//! What stands beside a secret and says that it is one: a name with `=` or `:`, a header, an address.

use super::find::{Secret, Sign, defaults, moved};
use super::names::{is_header, makes_secret, tells};
use super::signs::Signs;
use super::split::unquoted;
use super::tokens::tokens;
use super::values::{SCHEMES, is_elsewhere, is_harmless, is_run, is_taken, without_scheme};
use crate::values::interpolation::{Outermost, has_variable, uses};
use crate::values::url::addresses;

/// What a name is given: the value, or the defaults in it.
pub(super) fn given<'t>(name: &'t str, value: &'t str) -> Vec<Secret<'t>> {
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
pub(super) fn passwords(text: &str) -> Vec<Secret<'_>> {
    let variables = Outermost::of(text);
    let mut found = Vec::new();
    for address in addresses(text) {
        let Some(user_info) = address.user_info else {
            continue;
        };
        let end = user_info.as_ptr() as usize - text.as_ptr() as usize + user_info.len();
        if variables.holds(address.start) {
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
pub(super) fn own_defaults(text: &str) -> Vec<Secret<'_>> {
    let all = uses(text).unwrap_or_default().into_iter();
    let told = all.filter(|one| {
        let is_default = one.operator.is_some_and(|operator| operator.is_default());
        is_default && !has_variable(one.word)
    });
    let found = told.flat_map(|one| {
        let start = one.word.as_ptr() as usize - text.as_ptr() as usize;
        let parts = match makes_secret(one.name, one.word) {
            true => std::iter::once(0..one.word.len()).collect::<Vec<_>>(),
            false => tokens(one.word, Signs::of(one.word))
                .into_iter()
                .map(|(at, _)| at)
                .collect(),
        };
        parts.into_iter().map(move |at| Secret {
            at: start + at.start..start + at.end,
            sign: Sign::Default(one.name),
        })
    });
    found.collect()
}

/// `Authorization: Basic x` and its like, wherever they stand in a text.
pub(super) fn headers(text: &str) -> Vec<Secret<'_>> {
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
pub(super) fn quoted_pairs(text: &str) -> Vec<Secret<'_>> {
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
pub(super) fn heading(text: &str) -> Option<Vec<Secret<'_>>> {
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
pub(super) fn connection(text: &str) -> Option<Vec<Secret<'_>>> {
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
pub(super) fn setting(line: &str) -> Option<Vec<Secret<'_>>> {
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
pub(super) fn pair(word: &str) -> Option<(&str, usize)> {
    let (name, _) = word.split_once('=')?;
    let from = name.len() + 1;
    // A property of Java: `-Ddb.password=x`.
    let name = name.strip_prefix("-D").unwrap_or(name);
    let name = name.trim_start_matches('-').trim_end_matches(':');
    (!name.is_empty() && is_word(name)).then_some((name, from))
}

/// `name=value` within a word, behind a sign: `?token=x&a=b`, `-Dpassword=x`.
pub(super) fn inner_pairs(word: &str) -> Vec<Secret<'_>> {
    let mut found = Vec::new();
    for (sign, _) in word.match_indices('=') {
        let name = &word[word[..sign].trim_end_matches(is_of_word).len()..sign];
        let starts = word[..sign - name.len()].ends_with(['?', '&', ';', ',', '=', '{', ' ']);
        if starts && tells(name) {
            let rest = &word[sign + 1..];
            let end = rest.find(['&', ';', ',', '"', '\'', '}', '#', ')']);
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

//! Secrets in comments: people note down there what stood below, and what they took out of the file.

use super::hide_told::{hide_told, speaks};
use super::parts::Parts;
use super::same::whole_word;
use super::variables::Declarations;
use crate::secrets::values::is_harmless;
use crate::secrets::{in_text, tells};
use crate::values::interpolation::has_variable;
use crate::values::url::addresses;

/// A value of so many bytes is hidden in comments; a shorter one may be any word.
const TELLING: usize = 6;

/// So long is no word.
const LONG: usize = 16;

/// What stands in place of a secret.
pub const HIDDEN: &str = "***";

/// Takes the values of secrets out of comments: of those that the env file gets, and of those in what is commented out.
pub fn hide_in_comments(parts: &mut Parts, declared: &Declarations) {
    let secrets = declared.values().filter(|one| one.secret);
    let values = secrets.filter_map(|one| one.value.as_deref());
    let values: Vec<&str> = values.filter(|value| value.len() >= TELLING).collect();
    parts.each_comment(&mut |line| {
        values.iter().for_each(|value| hide_value(line, value));
        hide_certain(line);
        hide_named(line);
        hide_passwords(line);
        hide_told(line);
    });
}

/// The value of a secret, wherever it stands; one that is a word like others only where the sentence speaks of a secret
/// before it.
fn hide_value(line: &mut String, value: &str) {
    let is_word = value.bytes().all(|byte| byte.is_ascii_lowercase()) && value.len() < LONG;
    if !is_word {
        *line = line.replace(value, HIDDEN);
        return;
    }
    let mut from = 0;
    while let Some(at) = whole_word(&line[from..], value).map(|at| from + at) {
        let sentence = line[..at].rsplit(['.', ';']).next().unwrap_or_default();
        from = match speaks(sentence) {
            true => {
                line.replace_range(at..at + value.len(), HIDDEN);
                at + HIDDEN.len()
            }
            false => at + value.len(),
        };
    }
}

/// What says itself that it is a secret.
fn hide_certain(line: &mut String) {
    let all: Vec<_> = in_text(line).into_iter().map(|secret| secret.at).collect();
    for at in all.into_iter().rev() {
        line.replace_range(at, HIDDEN);
    }
}

/// `DB_PASSWORD: x`, `DB_PASSWORD=x`, `--requirepass x`, wherever it stands in the line.
fn hide_named(line: &mut String) {
    let mut result = String::new();
    let mut is_next = false;
    for piece in line.split_inclusive(' ') {
        let word = piece.trim_end();
        let blank = &piece[word.len()..];
        let (shown, hides) = match is_next && !word.is_empty() {
            true => (after_name(word), false),
            false => named(word),
        };
        is_next = hides || is_next && word.is_empty();
        result.push_str(&shown);
        result.push_str(blank);
    }
    *line = result;
}

/// What stands behind the name of a secret.
fn after_name(value: &str) -> String {
    let value_of = value.trim_matches(['"', '\'', ',', ';']);
    match is_secret(value_of) {
        true => HIDDEN.to_owned(),
        false => value.to_owned(),
    }
}

/// A word, without the value that it gives a secret; and whether its next one is such a value.
fn named(word: &str) -> (String, bool) {
    let bare = word.trim_matches(['"', '\'', '`', ',']);
    if let Some(name) = bare.strip_suffix(':').filter(|name| tells(name)) {
        return (word.to_owned(), !name.contains('/'));
    }
    if bare.starts_with("--") && !bare.contains('=') && tells(bare.trim_start_matches('-')) {
        return (word.to_owned(), true);
    }
    let Some((name, value)) = word.split_once(['=', ':']) else {
        return (word.to_owned(), false);
    };
    let own = name.rsplit(['"', '\'', '`', '(']).next().unwrap_or(name);
    match tells(own.trim_start_matches('-')) && is_secret(value) {
        true => (format!("{}{HIDDEN}", &word[..=name.len()]), false),
        false => (word.to_owned(), false),
    }
}

/// Whether a value may be a secret: one that a variable gives is told by nobody, but for its default.
fn is_secret(value: &str) -> bool {
    let value = value.trim_matches(['"', '\'', '`', ',', ';', ')']);
    let is_given = has_variable(value) && !value.contains(":-") && !value.contains('-');
    !value.is_empty() && !is_harmless(value) && !is_given && !value.starts_with("//")
}

/// `postgres://user:x@host`.
fn hide_passwords(line: &mut String) {
    let found = addresses(line);
    let passwords = found
        .iter()
        .filter_map(|address| address.literal_password());
    let passwords: Vec<String> = passwords.map(str::to_owned).collect();
    for password in passwords.iter().filter(|password| *password != HIDDEN) {
        *line = line.replace(&format!(":{password}@"), &format!(":{HIDDEN}@"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_that_is_a_word_is_hidden_where_a_secret_is_spoken_of() {
        for (line, value, expected) in [
            (
                "see https://airflow.apache.org",
                "airflow",
                "see https://airflow.apache.org",
            ),
            (
                "user and password: airflow",
                "airflow",
                "user and password: ***",
            ),
            ("log in with hunter2", "hunter2", "log in with ***"),
        ] {
            let mut line = line.to_owned();
            hide_value(&mut line, value);
            assert_eq!(line, expected);
        }
    }

    #[test]
    fn what_is_commented_out_tells_no_secret() {
        for (line, expected) in [
            (
                "- DB_PASSWORD=hunter2 # the old one",
                "- DB_PASSWORD=*** # the old one",
            ),
            ("before: DB_PASSWORD='hunter2'", "before: DB_PASSWORD=***"),
            (
                "command: redis --requirepass hunter2 --port 1",
                "command: redis --requirepass *** --port 1",
            ),
            ("DB_PASSWORD:  hunter2", "DB_PASSWORD:  ***"),
            ("DB_PASSWORD: ${DB_PASSWORD:-hunter2}", "DB_PASSWORD: ***"),
            (
                "DB_PASSWORD_FILE: /run/secrets/db",
                "DB_PASSWORD_FILE: /run/secrets/db",
            ),
            ("DB_PASSWORD: hunter2", "DB_PASSWORD: ***"),
            ("DB_PASSWORD: ${DB_PASSWORD}", "DB_PASSWORD: ${DB_PASSWORD}"),
            (
                "- URL=postgres://shop:hunter2@db/shop",
                "- URL=postgres://shop:***@db/shop",
            ),
            (
                "the password is told by nobody",
                "the password is told by nobody",
            ),
            ("ports: [80]", "ports: [80]"),
        ] {
            let mut line = line.to_owned();
            hide_named(&mut line);
            hide_passwords(&mut line);
            assert_eq!(line, expected);
        }
    }
}

//! Which stretches of a value are a secret: all of it under the name of one, or a part of it that says so itself.
//! Nothing is guessed: what is found here is told, and moved.

use std::ops::Range;

use super::long::{LONG, MANY, parts};
use super::names::{makes_secret, tells};
use super::parts::setting;
use super::scan::Scan;
use super::signs::Signs;
use super::tokens::{private_keys, tokens};
use super::values::is_harmless;
use crate::values::interpolation::{has_variable, uses};

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
    match text.len() > LONG {
        true => in_long(text),
        false => in_short(text),
    }
}

/// The secrets of the parts of a long text, up to the part in which they become many.
fn in_long(text: &str) -> Vec<Secret<'_>> {
    let mut found = Vec::new();
    for part in parts(text) {
        let secrets = in_short(&text[part.clone()]).into_iter();
        found.extend(secrets.map(|secret| moved(secret, part.start)));
        if found.len() >= MANY {
            break;
        }
    }
    apart(found)
}

fn in_short(text: &str) -> Vec<Secret<'_>> {
    let signs = Signs::of(text);
    if signs.is_plain_word() {
        return match signs.may_hold_shape() {
            true => shapes(text, signs),
            false => Vec::new(),
        };
    }
    if signs.is_word_of_variables() && has_nothing_else(text, signs) {
        return Vec::new();
    }
    let mut scan = Scan::default();
    scan.whole(text, signs, 0);
    scan.text(text, signs, 0, 0);
    if scan.found.is_empty() {
        return Vec::new();
    }
    apart(scan.found.into_iter().map(|(_, secret)| secret).collect())
}

/// The tokens of one word.
fn shapes(text: &str, signs: Signs) -> Vec<Secret<'_>> {
    let shapes = tokens(text, signs).into_iter();
    let secrets = shapes.map(|(at, what)| Secret {
        at,
        sign: Sign::Shape(what),
    });
    secrets.collect()
}

/// Whether one word is known to hold no secret beside its variables, each of them without a default.
fn has_nothing_else(text: &str, signs: Signs) -> bool {
    !signs.may_hold_default() && !signs.may_hold_header() && tokens(text, signs).is_empty()
}

/// The secrets among the words of a command, each with the number of its word.
pub fn in_words<'t>(words: &mut dyn Iterator<Item = &'t str>) -> Vec<(usize, Secret<'t>)> {
    let mut scan = Scan::default();
    for (number, word) in words.enumerate() {
        scan.number = number;
        match word.len() > LONG {
            true => scan.long(in_long(word)),
            false => scan.item(word),
        }
    }
    match scan.found.is_empty() {
        true => Vec::new(),
        false => by_word(scan),
    }
}

/// What was found of each word, one after the other.
fn by_word(mut scan: Scan<'_>) -> Vec<(usize, Secret<'_>)> {
    let mut found: Vec<(usize, Secret)> = Vec::new();
    scan.found.sort_by_key(|(number, _)| *number);
    for own in scan.found.chunk_by(|(one, _), (other, _)| one == other) {
        let all = own.iter().map(|(_, secret)| secret.clone()).collect();
        found.extend(apart(all).into_iter().map(|secret| (own[0].0, secret)));
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

pub(super) fn moved(secret: Secret, by: usize) -> Secret {
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
pub(super) fn defaults<'t>(
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

pub(super) fn keys(text: &str, by: usize) -> impl Iterator<Item = Secret<'_>> {
    let keys = match text.contains("-----BEGIN ") {
        true => private_keys(text),
        false => Vec::new(),
    };
    keys.into_iter().map(move |at| Secret {
        at: by + at.start..by + at.end,
        sign: Sign::Shape("a private key"),
    })
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
        let found: Vec<(usize, &str)> = in_words(&mut words.into_iter())
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
            for (number, secret) in in_words(&mut words.iter().copied()) {
                prop_assert!(words[number].get(secret.at).is_some());
            }
        }
    }
}

//! Which names say that their value is a secret. A guess with exceptions: it must not hold up a catalog that has none.

use rustc_hash::FxHashSet;

use super::values::{is_elsewhere, is_harmless, is_method, is_plain, is_taken, without_scheme};

/// Words that end a part of a name: `DB_PASSWORD`, `PGPASSWORD`, `INFLUXDB_TOKEN`, `AccountKey`.
const ENDINGS: &[&str] = &[
    "PASSWORD",
    "PASSWD",
    "PASSPHRASE",
    "SECRET",
    "TOKEN",
    "APIKEY",
    "AUTHKEY",
    "ACCESSKEY",
    "ACCOUNTKEY",
    "PRIVATEKEY",
    "SECRETKEY",
    "REQUIREPASS",
    "MASTERAUTH",
    "CREDENTIAL",
    "CREDENTIALS",
];

/// Words that are one as a whole part of a name.
const PARTS: &[&str] = &["PW", "PWD"];

/// What makes a secret of the part `KEY` behind it.
const KEYS: &[&str] = &[
    "ACCESS",
    "ACCOUNT",
    "API",
    "APP",
    "AUTH",
    "ENCRYPT",
    "ENCRYPTION",
    "HMAC",
    "JWT",
    "MASTER",
    "PRIVATE",
    "SECRET",
    "SESSION",
    "SIGNING",
];

/// Words that are one as the last part of a name: `SMTP_PASS`, `DBPASS`.
const PASS: &str = "PASS";

/// What stands before `PASS` where a proxy passes something on.
const PASSING: &[&str] = &["FASTCGI", "PROXY", "SCGI", "UWSGI"];

/// Last parts of names whose value is a secret, or says how somebody gets in: `REDIS_AUTH`. The value tells.
const OPEN: &[&str] = &["AUTH", "AUTHORIZATION", "JWT"];

/// The same where the value may be an amount instead.
const SALT: &str = "SALT";

/// Parts with which a name speaks about a secret and is none, wherever they stand: `ALLOW_EMPTY_PASSWORD`, `MAX_TOKEN`.
const ABOUT: &[&str] = &[
    "ALLOW", "CHECK", "COUNT", "DISABLE", "DISABLED", "ENABLE", "ENABLED", "LIMIT", "MAX", "MIN",
    "NUM", "PUBLIC", "RANDOM", "REQUIRE", "REQUIRED", "SKIP", "USE", "VERIFY",
];

/// The same behind the word that names the secret: `TOKEN_URL`, `PASSWORD_FILE`.
const ABOUT_BEHIND: &[&str] = &[
    "AGE",
    "ALG",
    "ALGORITHM",
    "AUDIENCE",
    "BACKEND",
    "BUDGET",
    "COOKIE",
    "DAYS",
    "DIR",
    "DIRECTORY",
    "ENDPOINT",
    "ENV",
    "EXPIRATION",
    "EXPIRE",
    "EXPIRES",
    "EXPIRY",
    "FIELD",
    "FILE",
    "FORMAT",
    "HEADER",
    "HOST",
    "HOSTNAME",
    "HOURS",
    "ID",
    "INTERVAL",
    "ISSUER",
    "LANGUAGE",
    "LENGTH",
    "LIFETIME",
    "METHOD",
    "MINUTES",
    "MODE",
    "MODEL",
    "MS",
    "NAME",
    "ORG",
    "PATH",
    "PATTERN",
    "POLICY",
    "PORT",
    "PREFIX",
    "PROMPT",
    "PROVIDER",
    "RATE",
    "REF",
    "REGEX",
    "ROTATION",
    "SCOPE",
    "SECONDS",
    "SIZE",
    "SOURCE",
    "STDIN",
    "STORE",
    "SUFFIX",
    "TIMEOUT",
    "TTL",
    "TYPE",
    "URI",
    "URL",
    "USER",
    "USERNAME",
    "VERSION",
];

/// How a name says that its value is a secret.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Sort {
    /// Whatever the value is.
    Sure,
    /// Unless the value is a method: `REDIS_AUTH`.
    Open,
    /// Unless the value is an amount: `SALT`.
    Salt,
}

/// Whether a name says that its value is a secret, or may be one. The case does not matter; `_`, `-` and `.` part the
/// name.
pub fn tells(name: &str) -> bool {
    sort(name).is_some()
}

/// Whether a name makes a secret of this value, which holds no variable.
pub fn makes_secret(name: &str, value: &str) -> bool {
    let is_one = match sort(name) {
        Some(Sort::Sure) => true,
        Some(Sort::Open) => !is_method(value),
        Some(Sort::Salt) => !is_plain(value),
        None => false,
    };
    is_one && !value.is_empty() && !is_harmless(value) && !is_elsewhere(value)
}

/// Whether a name says so whatever its value is.
pub fn is_sure(name: &str) -> bool {
    sort(name) == Some(Sort::Sure)
}

/// The letters of the words that make a secret of a name, a bit for each: a name that lacks some of each word's is
/// none, as most names are, and told so in one pass.
const LETTERS: &[u32] = &[
    letters("PAS"),
    letters("PW"),
    letters("SECRET"),
    letters("TOKEN"),
    letters("KEY"),
    letters("AUTH"),
    letters("CREDENTIAL"),
    letters("JWT"),
    letters("SALT"),
];

const fn letters(word: &str) -> u32 {
    let bytes = word.as_bytes();
    let (mut all, mut at) = (0, 0);
    while at < bytes.len() {
        all |= letter(bytes[at]);
        at += 1;
    }
    all
}

/// The bit of a letter; of any other byte one that no word asks for.
const fn letter(byte: u8) -> u32 {
    let upper = byte.to_ascii_uppercase();
    1 << if upper.is_ascii_uppercase() {
        upper - b'A'
    } else {
        31
    }
}

fn may_tell(name: &str) -> bool {
    let own = letters(name);
    LETTERS.iter().any(|word| own & word == *word)
}

fn sort(name: &str) -> Option<Sort> {
    if !may_tell(name) {
        return None;
    }
    // The folder in which a shell stands.
    if matches!(name, "PWD" | "OLDPWD") {
        return None;
    }
    let is_between = |sign: char| matches!(sign, '_' | '-' | '.' | ' ');
    let parts: Vec<&str> = name.split(is_between).collect();
    let last = parts.last().copied().unwrap_or_default();
    let before = |at: usize| at.checked_sub(1).map(|before| parts[before]);
    let secret = (0..parts.len()).rfind(|at| is_secret(parts[*at], before(*at)));
    let (at, sort) = match secret {
        Some(at) => (at, Sort::Sure),
        None if is_pass(name, last) => (usize::MAX, Sort::Sure),
        None if is(last, OPEN) => (usize::MAX, Sort::Open),
        None if is(last, &[SALT]) => (usize::MAX, Sort::Salt),
        None => return None,
    };
    let is_about =
        |(there, part): (usize, &&str)| is(part, ABOUT) || there > at && is(part, ABOUT_BEHIND);
    (!parts.iter().enumerate().any(is_about)).then_some(sort)
}

fn is(part: &str, words: &[&str]) -> bool {
    words.iter().any(|word| part.eq_ignore_ascii_case(word))
}

fn is_secret(part: &str, before: Option<&str>) -> bool {
    let is_key =
        || part.eq_ignore_ascii_case("KEY") && before.is_some_and(|before| is(before, KEYS));
    ENDINGS.iter().any(|word| ends_with(part, word)) || is(part, PARTS) || is_key()
}

/// Whether the last part of a name is `PASS`, or ends so and is no word of its own.
fn is_pass(name: &str, last: &str) -> bool {
    let before = name[..name.len() - last.len()].trim_end_matches(['_', '-', '.', ' ']);
    let is_passing = PASSING.iter().any(|word| ends_with(before, word));
    let is_word = NO_HINTS.iter().any(|word| ends_with(last, word));
    ends_with(last, PASS) && !is_passing && !is_word
}

/// Words that hint at a secret wherever they stand in a name, and those that do as a part of it or at the part's end.
const HINTS: &[&str] = &[
    "PASSWO",
    "PASSWD",
    "PASSPHRASE",
    "KENNWORT",
    "SECRET",
    "TOKEN",
    "CREDENTIAL",
    "BEARER",
    "AUTHORIZATION",
];
const HINTING_ENDS: &[&str] = &["PASS", "KEY"];
const HINTING_PARTS: &[&str] = &[
    "AUTH", "COOKIE", "CRED", "CREDS", "DSN", "JWT", "KEYS", "LOGIN", "OTP", "PIN", "PSK", "PW",
    "PWD", "SALT", "WEBHOOK",
];

/// Words that only end like one.
const NO_HINTS: &[&str] = &[
    "BYPASS",
    "COMPASS",
    "DONKEY",
    "HOTKEY",
    "MONKEY",
    "OVERPASS",
    "SURPASS",
    "TRESPASS",
    "TURKEY",
    "UNDERPASS",
];

/// Whether a name may be that of a secret: a guess that is wrong often, for what somebody wrote by hand where nobody
/// writes. What only speaks of a secret hints at one too.
pub fn hints(name: &str) -> bool {
    let upper = name.to_ascii_uppercase();
    let part_hints = |part: &str| {
        let ends = HINTING_ENDS.iter().any(|end| part.ends_with(end)) && !NO_HINTS.contains(&part);
        ends || HINTING_PARTS.contains(&part)
    };
    HINTS.iter().any(|word| upper.contains(word)) || upper.split(['_', '-', '.']).any(part_hints)
}

fn ends_with(part: &str, word: &str) -> bool {
    let start = part.len().checked_sub(word.len());
    start.is_some_and(|start| part.as_bytes()[start..].eq_ignore_ascii_case(word.as_bytes()))
}

/// Headers of HTTP whose value lets somebody in (RFC 9110, section 11; RFC 6265).
pub fn is_header(name: &str) -> bool {
    is(
        name,
        &[
            "authorization",
            "proxy-authorization",
            "cookie",
            "set-cookie",
        ],
    )
}

/// Which names are those of secrets: those that say so, and some that a catalog declares to be one.
#[derive(Clone, Debug, Default)]
pub struct Names {
    /// Those that a catalog declares.
    pub declared: FxHashSet<String>,
}

impl Names {
    /// Whether the name says that its value is a secret, or a catalog does.
    pub fn tell(&self, name: &str) -> bool {
        self.declared.contains(name) || tells(name) || is_header(name)
    }

    /// Whether the name makes a secret of this value.
    pub fn hide(&self, name: &str, value: &str) -> bool {
        // Most names tell nothing, and a value may be long.
        if !self.tell(name) || is_harmless(value) || is_taken(without_scheme(value)) {
            return false;
        }
        let is_header = || is_header(name) && !is_elsewhere(value);
        self.declared.contains(name) || makes_secret(name, value) || is_header()
    }

    /// The same where somebody wrote both by hand, and where showing too little is better than showing too much.
    pub fn may_hide(&self, name: &str, value: &str) -> bool {
        self.hide(name, value) || hints(name) && !is_plain(value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_that_makes_a_secret_has_its_letters_among_those_asked_for() {
        let all = [ENDINGS, PARTS, OPEN, &[PASS, SALT, "ACCESS_KEY"]].concat();
        for word in all {
            assert!(
                may_tell(word) && may_tell(&format!("db_{}", word.to_lowercase())),
                "{word}"
            );
        }
        assert!(!may_tell("LOG_LEVEL") && !may_tell("") && !may_tell("f"));
    }

    #[test]
    fn knows_the_names_of_secrets() {
        for name in [
            "INFLUXDB_TOKEN",
            "token",
            "PGPASSWORD",
            "MYSQL_ROOT_PASSWORD",
            "WEATHER_API_KEY",
            "OPENAI_APIKEY",
            "AWS_SECRET_ACCESS_KEY",
            "SECRET_KEY_BASE",
            "TOKEN_GITHUB",
            "splunk-token",
            "JWT_PRIVATE_KEY",
            "GOOGLE_CREDENTIALS",
            "SMTP_PASS",
            "DBPASS",
            "MYSQL_PWD",
            "REDIS_AUTH",
            "PASSWORD_SALT",
            "JWT",
            "APP_KEY",
            "RAILS_MASTER_KEY",
            "AccountKey",
            "REDIS_HOST_PASSWORD",
            "COOKIE_SECRET",
        ] {
            assert!(tells(name), "{name}");
        }
    }

    #[test]
    fn knows_names_that_only_speak_of_secrets() {
        for name in [
            "",
            "KEY",
            "PASSWORD_FILE",
            "TOKEN_URL",
            "ACCESS_TOKEN_EXPIRE_MINUTES",
            "TOKEN_LIMIT",
            "MAX_TOKENS",
            "TOKENIZERS_PARALLELISM",
            "ALLOW_EMPTY_PASSWORD",
            "API_KEY_HEADER",
            "AWS_ACCESS_KEY_ID",
            "SECRETARY",
            "SALT_MASTER",
            "AUTH_ENABLED",
            "AUTH_TYPE",
            "NGINX_PROXY_PASS",
            "BYPASS",
            "JWT_EXPIRY_TIME",
            "SECRET_PORT",
            "NEXT_PUBLIC_API_KEY",
            "KEY_API",
        ] {
            assert!(!tells(name), "{name}");
        }
    }

    #[test]
    fn the_value_tells_where_a_name_may_mean_a_method() {
        for (name, value) in [
            ("REDIS_AUTH", "hunter2"),
            ("REDIS_AUTH", "myredissecret"),
            ("NEO4J_AUTH", "neo4j/hunter2"),
            ("SALT", "mysalt"),
            ("PASSWORD", "on-call"),
        ] {
            assert!(makes_secret(name, value), "{name}={value}");
        }
        for (name, value) in [
            ("SMTP_AUTH", "login"),
            ("AUTH", "oauth2"),
            ("KAFKA_AUTH", "scram-sha-256"),
            ("AUTH", "true"),
            ("BCRYPT_SALT", "12"),
            ("PROXY_AUTH", "auth:8080"),
            ("PASSWORD", "/run/secrets/db"),
            ("PASSWORD", ""),
        ] {
            assert!(!makes_secret(name, value), "{name}={value}");
        }
    }

    #[test]
    fn the_scheme_of_a_header_is_no_secret() {
        let names = Names::default();
        assert!(!names.hide("Authorization", "Bearer ${A}"));
        assert!(names.hide("Authorization", "Bearer a"));
    }

    #[test]
    fn a_hint_is_less_than_a_name() {
        for name in [
            "DB_PASS",
            "pw",
            "requirepass",
            "apiKey",
            "PASSWORD_FILE",
            "TOKEN_URL",
            "Authorization",
            "x-auth",
        ] {
            assert!(hints(name), "{name}");
        }
        for name in [
            "image",
            "BYPASS",
            "monkey",
            "author",
            "keyboard",
            "pinned",
            "LOG_LEVEL",
            "",
        ] {
            assert!(!hints(name), "{name}");
        }
    }
}

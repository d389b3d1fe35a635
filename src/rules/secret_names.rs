//! Which names say that their value is a secret. A guess with exceptions: it must not hold up a catalog that has none.

use crate::values::interpolation::has_variable;

/// Words that end a part of a name: `DB_PASSWORD`, `PGPASSWORD`, `INFLUXDB_TOKEN`.
const ENDINGS: &[&str] = &[
    "PASSWORD",
    "PASSWD",
    "PASSPHRASE",
    "SECRET",
    "TOKEN",
    "APIKEY",
    "REQUIREPASS",
    "MASTERAUTH",
    "CREDENTIAL",
    "CREDENTIALS",
];

/// What makes a secret of the part `KEY` behind it.
const KEYS: &[&str] = &[
    "API",
    "PRIVATE",
    "ACCESS",
    "SECRET",
    "ENCRYPTION",
    "SIGNING",
];

/// Parts with which a name speaks about a secret and is none: `TOKEN_LIMIT`, `PASSWORD_FILE`, `ALLOW_EMPTY_PASSWORD`.
const ABOUT: &[&str] = &[
    "AGE",
    "ALG",
    "ALGORITHM",
    "ALLOW",
    "AUDIENCE",
    "BACKEND",
    "BUDGET",
    "CHECK",
    "COOKIE",
    "COUNT",
    "DAYS",
    "DIR",
    "DIRECTORY",
    "DISABLE",
    "ENABLE",
    "ENABLED",
    "ENDPOINT",
    "EXPIRATION",
    "EXPIRE",
    "EXPIRES",
    "EXPIRY",
    "FIELD",
    "FILE",
    "FORMAT",
    "HEADER",
    "HOST",
    "HOURS",
    "ID",
    "INTERVAL",
    "ISSUER",
    "LENGTH",
    "LIFETIME",
    "LIMIT",
    "MAX",
    "MIN",
    "MINUTES",
    "MODE",
    "MODEL",
    "MS",
    "NAME",
    "NUM",
    "ORG",
    "PATH",
    "PATTERN",
    "POLICY",
    "PREFIX",
    "PROVIDER",
    "PUBLIC",
    "RANDOM",
    "RATE",
    "REGEX",
    "REQUIRE",
    "REQUIRED",
    "ROTATION",
    "SCOPE",
    "SECONDS",
    "SIZE",
    "SKIP",
    "SOURCE",
    "STORE",
    "SUFFIX",
    "TIMEOUT",
    "TTL",
    "TYPE",
    "URI",
    "URL",
    "USE",
    "VERIFY",
    "VERSION",
];

/// Values that are no secret, whatever their name: switches, and where a secret's file is mounted.
pub fn is_harmless(text: &str) -> bool {
    const SWITCHES: &[&str] = &[
        "true", "false", "yes", "no", "on", "off", "none", "null", "0", "1",
    ];
    let switch = SWITCHES.iter().any(|word| text.eq_ignore_ascii_case(word));
    switch || text.starts_with("/run/secrets/")
}

/// Values that are no secret where only the name says so: an address (a password in it is another rule's) and a path.
pub fn is_elsewhere(text: &str) -> bool {
    let in_path =
        |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'/' | b'.' | b'_' | b'-');
    let path = text
        .strip_prefix('/')
        .is_some_and(|rest| rest.contains(['/', '.']) && rest.bytes().all(in_path));
    path || text.contains("://")
}

/// Whether a name says that its value is a secret. The case does not matter; `_`, `-` and `.` part the name.
pub fn tells(name: &str) -> bool {
    let parts = || name.split(['_', '-', '.']);
    let is = |part: &str, words: &[&str]| words.iter().any(|word| part.eq_ignore_ascii_case(word));
    let ends = |part: &str| ENDINGS.iter().any(|word| ends_with(part, word));
    let pairs = parts().zip(parts().skip(1));
    let keys = |(first, second): (&str, &str)| is(first, KEYS) && is(second, &["KEY"]);
    (parts().any(ends) || pairs.into_iter().any(keys)) && !parts().any(|part| is(part, ABOUT))
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
const NO_HINTS: &[&str] = &["BYPASS", "COMPASS", "DONKEY", "HOTKEY", "MONKEY", "TURKEY"];

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

/// Whether a line of a file (`NAME=value`, `name: value`, `export NAME="value"`) gives the value of a secret.
pub fn tells_in_lines(text: &str) -> bool {
    text.lines().any(|line| {
        let line = line.trim_start().trim_start_matches("export ");
        let Some((name, value)) = line.split_once(['=', ':']) else {
            return false;
        };
        let value = value.trim_matches([' ', '\t', '"', '\'', ',', ';']);
        let name = name.trim_matches([' ', '\t', '"', '\'']);
        !value.is_empty()
            && is_word(name)
            && tells(name)
            && !has_variable(value)
            && !is_harmless(value)
            && !is_elsewhere(value)
    })
}

fn is_word(name: &str) -> bool {
    let is_part = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.');
    name.bytes().all(is_part)
}

#[cfg(test)]
mod tests {
    use super::*;

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
            "KEY_API",
        ] {
            assert!(!tells(name), "{name}");
        }
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

    #[test]
    fn knows_values_that_only_say_where_a_secret_is() {
        for text in ["/app/key.json", "/etc/ssl/key", "http://auth:8080"] {
            assert!(is_elsewhere(text), "{text}");
        }
        for text in ["/", "/Zm9v", "/a/b+c==", "not-real", "a/b"] {
            assert!(!is_elsewhere(text), "{text}");
        }
    }

    #[test]
    fn reads_the_lines_of_a_file() {
        for (text, expected) in [
            ("user = a\npassword = not-real\n", true),
            ("  \"apiToken\": \"x\"", true),
            ("export DB_PASSWORD='not-real'", true),
            ("api_token: \"not-real\",", true),
            ("password = ${DB_PASSWORD}", false),
            ("password_file /mosquitto/passwd", false),
            ("password: /run/secrets/db", false),
            ("token:", false),
            ("# the token: none", false),
            ("allow_anonymous true", false),
        ] {
            assert_eq!(tells_in_lines(text), expected, "{text}");
        }
    }
}

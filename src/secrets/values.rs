//! Which values are no secret, whatever their name says: switches, paths, variables, what keeps the place of a value.

use crate::values::interpolation::{has_literal, has_variable, uses};
use crate::values::url::{addresses, host_port};

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
    let is_way = |rest: &str| rest.contains(['/', '.']) && rest.bytes().all(in_path);
    let path = text.strip_prefix('/').is_some_and(is_way);
    let starts = ["./", "../", "~/"];
    let from_here = starts.iter().any(|start| {
        text.strip_prefix(start)
            .is_some_and(|rest| rest.bytes().all(in_path))
    });
    path || from_here || text.contains("://")
}

/// Whether a value says how somebody gets in, or is a number or an address, where it may be a secret as well:
/// `REDIS_AUTH`.
pub fn is_method(value: &str) -> bool {
    const METHODS: &[&str] = &[
        "anonymous",
        "disabled",
        "enabled",
        "external",
        "internal",
        "kerberos",
        "optional",
        "password",
        "publickey",
        "required",
        "userpass",
    ];
    let is_lower = |byte: u8| byte.is_ascii_lowercase() || matches!(byte, b'-' | b'_');
    let lower = value.to_ascii_lowercase();
    let is_short_word = lower.len() < 8 && lower.bytes().all(is_lower);
    let is_known = [
        "oauth", "oidc", "scram", "sha", "md5", "ntlm", "x509", "saml", "http",
    ]
    .iter()
    .any(|start| lower.starts_with(start));
    is_short_word
        || METHODS.contains(&lower.as_str())
        || is_known
        || is_plain(value)
        || host_port(value).is_some()
}

/// Whether a text only keeps the place of a value that somebody has to fill in.
pub fn is_placeholder(text: &str) -> bool {
    let lower = text.trim().to_ascii_lowercase();
    let bare: String = lower.chars().filter(|it| it.is_alphanumeric()).collect();
    let in_brackets = lower.len() > 2 && lower.starts_with('<') && lower.ends_with('>');
    let yours = ["your-", "your_", "<your"]
        .iter()
        .any(|start| lower.starts_with(start));
    const WORDS: &[&str] = &[
        "changeit",
        "changeme",
        "changethis",
        "fillin",
        "fillme",
        "placeholder",
        "replaceme",
        "replacethis",
        "setme",
        "todo",
    ];
    in_brackets || yours || WORDS.contains(&bare.as_str())
}

/// The same of a secret's value, where a text that is crossed out or an example is none.
pub fn is_sample(text: &str) -> bool {
    let lower = text.trim().to_ascii_lowercase();
    let is_crossed = lower.len() > 2
        && ["x", "*", "."]
            .iter()
            .any(|sign| lower.replace(sign, "").is_empty());
    is_placeholder(text) || is_crossed || lower == "example"
}

/// Whether a shell makes the value where it runs: `$$(cat /run/secrets/db)`, `$$PASSWORD`.
pub fn is_run(value: &str) -> bool {
    value.contains("$(") || value.contains('`') || value.starts_with("$$")
}

/// What stands behind the scheme in the value of a header: `Bearer ${TOKEN}` holds nothing of its own.
pub fn without_scheme(value: &str) -> &str {
    let behind = |scheme: &str| {
        let head = value.get(..scheme.len())?;
        let rest = value.get(scheme.len()..)?;
        head.eq_ignore_ascii_case(scheme)
            .then(|| rest.strip_prefix([' ', '\t']))?
    };
    let rest = SCHEMES.iter().find_map(|scheme| behind(scheme));
    rest.map_or(value, str::trim_start)
}

/// Schemes of `Authorization` with a secret behind them (RFC 9110, section 11.1; the registry of IANA).
pub const SCHEMES: &[&str] = &["apikey", "basic", "bearer", "token"];

/// Whether a value holds nothing of its own: it is empty, or takes variables without a default that could be one.
pub fn is_taken(value: &str) -> bool {
    if value.is_empty() {
        return true;
    }
    let Ok(uses) = uses(value) else {
        return false;
    };
    let is_variable = |name: &str| {
        let is_part = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_';
        name.bytes().all(is_part)
    };
    has_variable(value)
        && !has_literal(value)
        && uses.iter().all(|one| {
            let is_default = one.operator.is_some_and(|operator| !operator.is_required());
            let gives = is_default && !is_taken(one.word) && !is_harmless(one.word);
            // `$ecret` is a variable to Compose, and was meant otherwise.
            !gives && (one.braced || is_variable(one.name))
        })
}

/// Values that are no secret, whoever wrote them: switches, amounts, paths, addresses without a password, variables.
pub fn is_plain(value: &str) -> bool {
    let value = value.trim_matches(['"', '\'', ' ', ',']);
    let has_password = |text: &str| addresses(text).iter().any(|one| one.user_info.is_some());
    is_taken(value)
        || is_harmless(value)
        || is_amount(value)
        || is_elsewhere(value) && !has_password(value) && !value.contains('?')
}

/// The most digits of a number that is certainly none: a PIN has four and more, but so has a port.
const MOST_DIGITS: usize = 5;

/// A number, perhaps with a unit: `8080`, `0.5`, `128M`, `30s`, `8080:80`.
fn is_amount(value: &str) -> bool {
    value.split([':', '/', '-']).all(|part| {
        let number =
            part.trim_end_matches(|letter: char| letter.is_ascii_alphabetic() || letter == '%');
        let is_digit = |byte: u8| byte.is_ascii_digit() || byte == b'.';
        !number.is_empty()
            && part.len() - number.len() <= 3
            && number.bytes().all(is_digit)
            && number.bytes().filter(u8::is_ascii_digit).count() <= MOST_DIGITS
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_that_holds_nothing_of_its_own_is_taken() {
        for text in [
            "",
            "${A}",
            "$A",
            "${A:?a message}",
            "${A:-}",
            "${A:-${B}}",
            "${A:-none}",
            "${A}${B}",
        ] {
            assert!(is_taken(text), "{text}");
        }
        for text in [
            "a",
            "${A:-b}",
            "${A:+b}",
            "${A:-${B:-c}}",
            "${A}b",
            "$ecret",
            "pa$$word",
            "${A",
        ] {
            assert!(!is_taken(text), "{text}");
        }
    }

    #[test]
    fn knows_values_that_only_say_where_a_secret_is() {
        for text in [
            "/app/key.json",
            "/etc/ssl/key",
            "http://auth:8080",
            "./config/password.pass",
        ] {
            assert!(is_elsewhere(text), "{text}");
        }
        for text in ["/", "/Zm9v", "/a/b+c==", "not-real", "a/b"] {
            assert!(!is_elsewhere(text), "{text}");
        }
    }

    #[test]
    fn knows_what_only_keeps_a_place() {
        for text in [
            "change-me",
            "CHANGE_ME",
            "changeme",
            "<token>",
            "your-token-here",
            "TODO",
        ] {
            assert!(is_placeholder(text), "{text}");
        }
        for text in ["xxx", "XXXXXXXX", "...", "example", "changeme"] {
            assert!(is_sample(text), "{text}");
        }
        for text in [
            "",
            "x",
            "<>",
            "change-me-not",
            "yours",
            "http://your-host",
            "examples",
            "x1x",
        ] {
            assert!(!is_sample(text), "{text}");
        }
    }

    #[test]
    fn a_scheme_is_no_part_of_a_credential() {
        for (text, expected) in [
            ("Bearer a", "a"),
            ("basic  b", "b"),
            ("Basically", "Basically"),
            ("a b", "a b"),
            ("Basic", "Basic"),
        ] {
            assert_eq!(without_scheme(text), expected);
        }
    }

    #[test]
    fn amounts_paths_and_addresses_are_plain() {
        for text in [
            "8080",
            "0.5",
            "128M",
            "30s",
            "8080:80",
            "/etc/x.conf",
            "http://a:80/b",
            "\"true\"",
            "10.0.0.1",
        ] {
            assert!(is_plain(text), "{text}");
        }
        for text in [
            "hunter2",
            "123456",
            "http://a:b@c",
            "http://a/?key=b",
            "a/b",
            "${A:-b}",
        ] {
            assert!(!is_plain(text), "{text}");
        }
    }
}

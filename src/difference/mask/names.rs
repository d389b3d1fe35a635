//! Whether a name makes a secret of a value.

use rustc_hash::FxHashSet;

use crate::rules::secret_names::{hints, is_elsewhere, is_harmless, tells};
use crate::values::interpolation::{has_literal, has_variable, uses};
use crate::values::url::addresses;

/// Which names are those of secrets.
#[derive(Debug, Default)]
pub(super) struct Names {
    /// Those that a catalog declares to be one.
    pub declared: FxHashSet<String>,
}

impl Names {
    /// Whether the name says that its value is a secret, or a catalog does.
    pub fn tell(&self, name: &str) -> bool {
        self.declared.contains(name) || tells(name) || is_header(name)
    }

    /// Whether the name makes a secret of this value.
    pub fn hide(&self, name: &str, value: &str) -> bool {
        self.tell(name)
            && !is_taken(without_scheme(value))
            && !is_harmless(value)
            && (self.declared.contains(name) || !is_elsewhere(value))
    }

    /// The same where somebody wrote both by hand, and where showing too little is better than showing too much.
    pub fn may_hide(&self, name: &str, value: &str) -> bool {
        self.hide(name, value) || hints(name) && !is_plain(value)
    }
}

/// What stands behind the scheme in the value of such a header: `Bearer ${TOKEN}` holds nothing of its own.
fn without_scheme(value: &str) -> &str {
    let schemes = ["Bearer ", "Basic ", "Token "];
    let rest = schemes.iter().find_map(|scheme| value.strip_prefix(scheme));
    rest.unwrap_or(value)
}

/// Headers of HTTP whose value lets somebody in (RFC 9110, section 11; RFC 6265).
fn is_header(name: &str) -> bool {
    [
        "authorization",
        "proxy-authorization",
        "cookie",
        "set-cookie",
    ]
    .iter()
    .any(|header| name.eq_ignore_ascii_case(header))
}

/// Whether a value holds nothing of its own: it is empty, or takes variables without a default that could be one.
pub(super) fn is_taken(value: &str) -> bool {
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
pub(super) fn is_plain(value: &str) -> bool {
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
    fn the_scheme_of_a_header_is_no_secret() {
        let names = Names::default();
        assert!(!names.hide("Authorization", "Bearer ${A}"));
        assert!(names.hide("Authorization", "Bearer a"));
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

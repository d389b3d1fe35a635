//! Whether a value that stands in two places is one secret, and which variable has it.

use indexmap::IndexMap;

use super::variables::Forced;
use crate::secrets::tells;
use crate::values::interpolation::uses;

/// From so many bytes on a value is looked for wherever it may stand; a shorter one may be any word.
const TELLING: usize = 8;

/// A value of letters alone is looked for from this length on.
const LONG_WORD: usize = 16;

/// A value of fewer bytes is no value of another place.
const SHORTEST: usize = 4;

/// What is known of the place that a variable is wanted for.
#[derive(Clone, Copy)]
pub struct Wanted<'a> {
    /// The services that it is about, the nearest first.
    pub services: [&'a str; 2],
    /// What the secret is called there.
    pub name: Option<&'a str>,
}

/// The variable that has a value already, whatever its name: that of one of the services, in their order, or the first.
/// Many secrets are `admin`: a short value is the same secret only where the names agree, or the services.
pub fn known<'f>(
    forced: &'f IndexMap<String, Forced>,
    value: &str,
    wanted: Wanted,
) -> Option<&'f str> {
    let value = value.replace("$$", "$");
    let is_long = value.len() >= TELLING;
    let fits = |name: &str, one: &Forced| is_long || agrees(name, one, wanted);
    let all = || {
        let same = forced
            .iter()
            .filter(|(name, one)| one.value == value && fits(name, one));
        same.filter(|_| value.len() >= SHORTEST)
    };
    let of = |service: &str| all().find(|(_, one)| one.owners.iter().any(|owner| owner == service));
    let own = wanted.services.iter().find_map(|service| of(service));
    own.or_else(|| all().next()).map(|(name, _)| name.as_str())
}

/// Whether a variable may be meant: by what its name says besides that it is a secret, or by who uses it.
fn agrees(variable: &str, forced: &Forced, wanted: Wanted) -> bool {
    let mut said = wanted.name.into_iter().flat_map(whose).peekable();
    match said.peek().is_some() {
        true => said.any(|part| whose(variable).any(|own| own.eq_ignore_ascii_case(part))),
        false => {
            let mut owners = forced.owners.iter();
            owners.any(|owner| wanted.services.contains(&owner.as_str()))
        }
    }
}

/// The parts of a name that say whose secret it is: `DB` and `ROOT` of `--db-root-password`.
fn whose(name: &str) -> impl Iterator<Item = &str> {
    name.split(['_', '-', '.', ' '])
        .filter(|part| !part.is_empty() && !tells(part))
}

/// Whether a value is like no word that stands in other places for a reason of its own.
pub fn is_telling(value: &str) -> bool {
    value.len() >= LONG_WORD
        || value.len() >= TELLING && value.bytes().any(|byte| byte.is_ascii_digit())
}

/// The host behind the password of an address.
pub fn host_behind(text: &str, end: usize) -> &str {
    let rest = text[end..].strip_prefix('@').unwrap_or_default();
    let host = rest.find([':', '/', '?', ' ']);
    &rest[..host.unwrap_or(rest.len())]
}

/// Where a value stands in a text with nothing around it that would make it a part of another, and in no variable.
pub fn whole_word(text: &str, value: &str) -> Option<usize> {
    let is_part =
        |letter: char| letter.is_alphanumeric() || matches!(letter, '_' | '-' | '+' | '=');
    let variables = uses(text).unwrap_or_default();
    let mut all = text.match_indices(value).map(|(at, _)| at);
    all.find(|at| {
        let (before, behind) = (&text[..*at], &text[at + value.len()..]);
        // A sign parts a name and its value.
        let begins = !before.ends_with(is_part) || before.ends_with('=');
        let is_in = variables.iter().any(|one| one.start < *at && *at < one.end);
        begins && !behind.starts_with(is_part) && !is_in
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_short_value_is_one_secret_where_names_or_services_agree() {
        let of = |value: &str| Forced {
            value: value.to_owned(),
            description: String::new(),
            owners: vec!["db".to_owned()],
        };
        let forced: IndexMap<String, Forced> = [
            ("MYSQL_ROOT_PASSWORD".to_owned(), of("admin")),
            ("API_TOKEN".to_owned(), of("hunter2hunter2")),
        ]
        .into_iter()
        .collect();
        for (value, service, name, expected) in [
            ("admin", "site", Some("admin-password"), None),
            ("admin", "db", Some("admin-password"), None),
            (
                "admin",
                "site",
                Some("db-root-password"),
                Some("MYSQL_ROOT_PASSWORD"),
            ),
            ("admin", "site", Some("password"), None),
            ("admin", "db", Some("password"), Some("MYSQL_ROOT_PASSWORD")),
            ("admin", "db", None, Some("MYSQL_ROOT_PASSWORD")),
            ("admin", "site", None, None),
            (
                "hunter2hunter2",
                "site",
                Some("other-token"),
                Some("API_TOKEN"),
            ),
        ] {
            let wanted = Wanted {
                services: ["", service],
                name,
            };
            assert_eq!(
                known(&forced, value, wanted),
                expected,
                "{value} {service} {name:?}"
            );
        }
    }
}

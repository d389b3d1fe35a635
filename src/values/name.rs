//! Names, one type for each namespace, so that a name of one kind never stands where another is meant.

use std::fmt;

use super::Refusal;
use super::shown::shown;

/// What a kind of name is made of. All of them are ASCII.
struct Grammar {
    /// The kind with its article: `a service name`.
    what: &'static str,
    is_first: fn(u8) -> bool,
    is_rest: fn(u8) -> bool,
    shortest: usize,
    /// The same in words, after "write".
    rule: &'static str,
}

/// Declares one type for each line of the table of names.
macro_rules! names {
    ($($(#[$meta:meta])* $name:ident = $grammar:expr;)*) => {$(
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name<'s>(&'s str);

        impl<'s> $name<'s> {
            /// Reads a whole text; refused where a character or the length does not fit.
            pub fn parse(text: &'s str) -> Result<Self, Refusal> {
                const GRAMMAR: Grammar = $grammar;
                GRAMMAR.check(text).map(|()| Self(text))
            }

            /// The name as it is written.
            pub const fn as_str(self) -> &'s str {
                self.0
            }
        }

        impl fmt::Display for $name<'_> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(self.0)
            }
        }
    )*};
}

const KEY_RULE: &str = "letters, digits, `-`, `_` and `.`";
const ENGINE_RULE: &str =
    "two or more letters, digits, `-`, `_` and `.`, the first a letter or digit";

names! {
    /// The name of a service: a key of Compose's `services`.
    ServiceName = Grammar { what: "a service name", is_first: is_key, is_rest: is_key, shortest: 1, rule: KEY_RULE };
    /// The name of a Compose project, which its containers, networks and volumes begin with.
    ProjectName = Grammar {
        what: "a project name", is_first: is_lowercase_or_digit, is_rest: is_project, shortest: 1,
        rule: "lowercase letters, digits, `-` and `_`, the first a letter or digit",
    };
    /// The key of a volume. One letter alone is refused: before a colon Compose reads it as a Windows drive.
    VolumeName = Grammar { what: VOLUME, is_first: is_key, is_rest: is_key, shortest: 1, rule: KEY_RULE };
    /// The key of a network.
    NetworkName = Grammar { what: "a network name", is_first: is_key, is_rest: is_key, shortest: 1, rule: KEY_RULE };
    /// What the engine calls a volume or a network: the `name` of a declaration.
    EngineName = Grammar {
        what: "a name for the engine", is_first: is_alphanumeric, is_rest: is_key, shortest: 2, rule: ENGINE_RULE,
    };
    /// Compose's `container_name`.
    ContainerName = Grammar {
        what: "a container name", is_first: is_alphanumeric, is_rest: is_key, shortest: 2, rule: ENGINE_RULE,
    };
    /// The name of an environment variable.
    EnvName = Grammar {
        what: "a variable name", is_first: is_letter_or_underscore, is_rest: is_variable, shortest: 1,
        rule: "letters, digits and `_`, the first no digit",
    };
    /// The name of a Compose profile.
    ProfileName = Grammar {
        what: "a profile name", is_first: is_alphanumeric, is_rest: is_key, shortest: 2, rule: ENGINE_RULE,
    };
    /// A name of the catalog's own things: modes, roles, hosts, options, choices, fragments.
    Identifier = Grammar {
        what: "a name", is_first: is_alphanumeric, is_rest: is_key, shortest: 1,
        rule: "letters, digits, `-`, `_` and `.`, the first a letter or digit",
    };
}

const VOLUME: &str = "a volume name";

impl ProjectName<'_> {
    /// The name that Compose makes of a folder's name or of a `name` in a file: lowercase, without what no project name has.
    pub fn normalized(text: &str) -> String {
        let lower = text.to_lowercase();
        let kept: String = lower
            .chars()
            .filter(|letter| u8::try_from(*letter).is_ok_and(is_project))
            .collect();
        match kept.trim_start_matches(['_', '-']) {
            "" => "project".to_owned(),
            name => name.to_owned(),
        }
    }
}

fn is_key(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-')
}

fn is_alphanumeric(byte: u8) -> bool {
    byte.is_ascii_alphanumeric()
}

fn is_lowercase_or_digit(byte: u8) -> bool {
    byte.is_ascii_lowercase() || byte.is_ascii_digit()
}

fn is_project(byte: u8) -> bool {
    is_lowercase_or_digit(byte) || matches!(byte, b'_' | b'-')
}

fn is_letter_or_underscore(byte: u8) -> bool {
    byte.is_ascii_alphabetic() || byte == b'_'
}

fn is_variable(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

impl Grammar {
    fn check(&self, text: &str) -> Result<(), Refusal> {
        if self.what == VOLUME && is_drive(text) {
            return Err(drive(text));
        }
        if self.fits(text) {
            return Ok(());
        }
        let instead = format!("write {}", self.rule);
        Err(Refusal::of(text, self.what, &instead, self.help_for(text)))
    }

    fn fits(&self, text: &str) -> bool {
        let first_fits = text.bytes().next().is_some_and(self.is_first);
        first_fits && text.len() >= self.shortest && text.bytes().all(self.is_rest)
    }

    /// The nearest name that fits, for the usual slips: blanks, capitals, the wrong separator.
    fn help_for(&self, text: &str) -> Option<String> {
        let is_slip = |c: char| c.is_ascii_alphanumeric() || " ._-".contains(c);
        if !text.chars().all(is_slip) {
            return None;
        }
        let near: String = text.trim().bytes().map(|byte| self.nearest(byte)).collect();
        self.fits(&near)
            .then(|| format!("was {} meant?", shown(&near)))
    }

    fn nearest(&self, byte: u8) -> char {
        [byte, byte.to_ascii_lowercase(), b'-']
            .into_iter()
            .find(|&byte| (self.is_rest)(byte))
            .map_or('_', char::from)
    }
}

fn is_drive(text: &str) -> bool {
    text.len() == 1 && text.bytes().all(|byte| byte.is_ascii_alphabetic())
}

fn drive(text: &str) -> Refusal {
    let message = "is too short for a volume name; Compose reads one letter as a Windows drive";
    Refusal::new(format!("{} {message}", shown(text))).with_help("write two letters or more")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::values::refusal::told;

    #[test]
    fn names_are_accepted_and_written_back() {
        for text in ["weather-api", "a", "_x", "7", "My.App", "-x"] {
            assert_eq!(
                ServiceName::parse(text).map(|name| name.to_string()),
                Ok(text.to_owned())
            );
            assert_eq!(NetworkName::parse(text).map(NetworkName::as_str), Ok(text));
        }
        for text in ["homeiq", "7-a_b", "a"] {
            assert_eq!(ProjectName::parse(text).map(ProjectName::as_str), Ok(text));
        }
        for text in ["data", "1", "_x", "ab"] {
            assert_eq!(VolumeName::parse(text).map(VolumeName::as_str), Ok(text));
        }
        for text in ["homeiq_data", "a1", "X.y-z"] {
            assert_eq!(EngineName::parse(text).map(EngineName::as_str), Ok(text));
            assert_eq!(
                ContainerName::parse(text).map(ContainerName::as_str),
                Ok(text)
            );
            assert_eq!(ProfileName::parse(text).map(ProfileName::as_str), Ok(text));
        }
        for text in ["HOME", "_x1", "x"] {
            assert_eq!(EnvName::parse(text).map(EnvName::as_str), Ok(text));
        }
        for text in ["nuc-8gb", "a", "Prod.1"] {
            assert_eq!(Identifier::parse(text).map(Identifier::as_str), Ok(text));
        }
    }

    #[test]
    fn other_texts_are_refused() {
        let key = "write letters, digits, `-`, `_` and `.`";
        let engine =
            "write two or more letters, digits, `-`, `_` and `.`, the first a letter or digit";
        let project = "write lowercase letters, digits, `-` and `_`, the first a letter or digit";
        let variable = "write letters, digits and `_`, the first no digit";
        for (result, expected) in [
            (told(ServiceName::parse("")), format!("an empty text is not a service name; {key}")),
            (told(ServiceName::parse("a/b")), format!("`a/b` is not a service name; {key}")),
            (told(ServiceName::parse("größe")), format!("`größe` is not a service name; {key}")),
            (told(ServiceName::parse("a b")), format!("`a b` is not a service name; {key} | was `a-b` meant?")),
            (told(ServiceName::parse("a\u{200b}")), format!("`a\\u{{200b}}` is not a service name; {key}")),
            (told(ProjectName::parse("HomeIQ")), format!("`HomeIQ` is not a project name; {project} | was `homeiq` meant?")),
            (told(ProjectName::parse("-a")), format!("`-a` is not a project name; {project}")),
            (told(NetworkName::parse("a:b")), format!("`a:b` is not a network name; {key}")),
            (told(VolumeName::parse("a:b")), format!("`a:b` is not a volume name; {key}")),
            (told(EngineName::parse("_a")), format!("`_a` is not a name for the engine; {engine}")),
            (told(ContainerName::parse("a")), format!("`a` is not a container name; {engine}")),
            (told(ProfileName::parse(".a")), format!("`.a` is not a profile name; {engine}")),
            (told(EnvName::parse("LOG-LEVEL")), format!("`LOG-LEVEL` is not a variable name; {variable} | was `LOG_LEVEL` meant?")),
            (told(EnvName::parse("1X")), format!("`1X` is not a variable name; {variable}")),
            (
                told(Identifier::parse("-a")),
                "`-a` is not a name; write letters, digits, `-`, `_` and `.`, the first a letter or digit".to_owned(),
            ),
        ] {
            assert_eq!(result, expected);
        }
    }

    #[test]
    fn a_volume_of_one_letter_is_a_drive() {
        assert_eq!(
            told(VolumeName::parse("c")),
            "`c` is too short for a volume name; Compose reads one letter as a Windows drive | write two letters or more"
        );
    }
}

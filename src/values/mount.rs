//! Mounts, in the short syntax of a Compose service's `volumes`.
//!
//! The syntax is that of the Compose Specification; how a text is taken apart was compared with Docker Compose 2.40,
//! which also takes a single letter before a colon for a Windows drive.

use std::fmt;

use crate::values::Refusal;
use crate::values::bytes::holds;
use crate::values::interpolation::{Nesting, with_defaults};
use crate::values::shown::shown;

/// One entry of `volumes`, its parts as they are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ShortMount<'s> {
    /// A volume's name or a path of the host; an anonymous volume without one.
    pub source: Option<&'s str>,
    /// The absolute path in the container, or one that begins with a variable.
    pub target: &'s str,
    /// What follows the second colon, such as `ro` or `rw,z`; empty without one.
    pub options: &'s str,
}

impl<'s> ShortMount<'s> {
    /// Reads `[SOURCE:]TARGET[:OPTIONS]`. A colon inside `${}` or `{{ }}`, and that of a Windows drive, does not separate.
    ///
    /// # Errors
    /// An empty part, too many parts, a target that is not absolute, a volume's name of one letter.
    pub fn parse(text: &'s str) -> Result<ShortMount<'s>, Refusal> {
        let (parts, count) = parts(text);
        if count > parts.len() {
            return Err(refusal(
                format!("{} has too many colons for a mount", shown(text)),
                "write `SOURCE:TARGET`, or `SOURCE:TARGET:OPTIONS`",
            ));
        }
        if parts[..count].contains(&"") {
            return Err(refusal(
                match text {
                    "" => "an empty text is not a mount".to_owned(),
                    _ => format!("{} has an empty part", shown(text)),
                },
                "write `SOURCE:TARGET`, or `TARGET` alone for an anonymous volume",
            ));
        }
        let mount = ShortMount {
            source: (count > 1).then_some(parts[0]),
            target: parts[usize::from(count > 1)],
            options: parts[2],
        };
        mount.check(text)?;
        Ok(mount)
    }

    /// Whether Compose refuses a text: an empty part, or too many. All else that is no mount it hands on.
    pub fn is_refused(text: &str) -> bool {
        let (parts, count) = parts(text);
        count > parts.len() || parts[..count].contains(&"") || text.split(':').any(str::is_empty)
    }

    /// Whether the source is a path of the host: one that begins with `.`, `/`, `~`, a Windows drive or `\\`, or with a
    /// variable whose value nobody knows. A variable with a default is judged by the default.
    pub fn is_bind(&self) -> bool {
        let Some(source) = self.source else {
            return false;
        };
        match with_defaults(source) {
            Some(known) if !known.is_empty() => is_host_path(&known),
            _ => source.starts_with('$') || is_host_path(source),
        }
    }

    /// Whether the container may not write: the last of `ro` and `rw` decides, as in Compose.
    pub fn read_only(&self) -> bool {
        if self.options.is_empty() {
            return false;
        }
        let last = self
            .options
            .rsplit(',')
            .find(|option| matches!(*option, "ro" | "rw"));
        last == Some("ro")
    }

    fn check(&self, text: &str) -> Result<(), Refusal> {
        let source = self.source.unwrap_or(self.target);
        let is_relative = !is_absolute(self.target);
        if is_one_letter(source) && (self.source.is_none() || is_relative) {
            return Err(refusal(
                format!(
                    "{} begins with one letter, which Docker Compose reads as a Windows drive",
                    shown(text)
                ),
                "give the volume a name of two letters or more",
            ));
        }
        if is_relative {
            return Err(refusal(
                format!(
                    "{} is not an absolute path in the container",
                    shown(self.target)
                ),
                self.relative_help(),
            ));
        }
        Ok(())
    }

    fn relative_help(&self) -> String {
        match self.source {
            Some(source) => format!("write `{source}:/{}`", self.target.trim_start_matches("./")),
            None => format!("write `{}:/PATH/IN/THE/CONTAINER`", self.target),
        }
    }
}

impl fmt::Display for ShortMount<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(source) = self.source {
            write!(out, "{source}:")?;
        }
        out.write_str(self.target)?;
        match self.options {
            "" => Ok(()),
            options => write!(out, ":{options}"),
        }
    }
}

/// The first three parts of the text, and how many there are, at most four.
fn parts(text: &str) -> ([&str; 3], usize) {
    let bytes = text.as_bytes();
    let mut nesting = holds(text, b'{').then(Nesting::default);
    let (mut parts, mut count) = ([""; 3], 0);
    let (mut start, mut from) = (0, 0);
    while count <= parts.len() {
        let colon = colon(bytes, from, nesting.as_mut());
        let end = colon.unwrap_or(bytes.len());
        from = end + 1;
        if colon.is_some() && is_of_drive(bytes, start, end) {
            continue;
        }
        if let Some(part) = parts.get_mut(count) {
            *part = &text[start..end];
        }
        count += 1;
        start = from;
        if colon.is_none() {
            break;
        }
    }
    (parts, count)
}

/// Where the next colon stands outside of braces, where there are any.
fn colon(bytes: &[u8], from: usize, nesting: Option<&mut Nesting>) -> Option<usize> {
    let is_colon = |byte: &u8| *byte == b':';
    match nesting {
        Some(nesting) => {
            (from..bytes.len()).find(|at| !nesting.step(bytes, *at) && is_colon(&bytes[*at]))
        }
        None => Some(from + bytes[from..].iter().position(is_colon)?),
    }
}

/// Whether a colon is that of the drive with which a part begins, and separates nothing.
fn is_of_drive(bytes: &[u8], start: usize, colon: usize) -> bool {
    colon == start + 1 && bytes[start].is_ascii_alphabetic()
}

/// Whether a text begins with one letter and a colon.
fn has_drive(text: &str) -> bool {
    matches!(text.as_bytes(), [letter, b':', ..] if letter.is_ascii_alphabetic())
}

/// Whether a text may be a volume's name of one letter with its target: `a:/x`, but not `C:\x`.
fn is_one_letter(text: &str) -> bool {
    has_drive(text) && !text[2..].starts_with('\\')
}

fn is_host_path(text: &str) -> bool {
    text.starts_with(['.', '/', '~']) || text.starts_with("\\\\") || has_drive(text)
}

/// Whether a target is absolute, in a Linux or a Windows container, or begins with what is not known yet.
fn is_absolute(target: &str) -> bool {
    target.starts_with(['/', '$'])
        || target.starts_with("{{")
        || target.starts_with("\\\\")
        || has_drive(target) && target[2..].starts_with(['\\', '/'])
}

fn refusal(message: String, help: impl Into<String>) -> Refusal {
    Refusal {
        message,
        help: Some(help.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn reads_and_writes_back() {
        for (text, source, target, options) in [
            ("vol:/x", Some("vol"), "/x", ""),
            ("/x", None, "/x", ""),
            ("./a:/b:ro", Some("./a"), "/b", "ro"),
            ("~/a:/b", Some("~/a"), "/b", ""),
            ("../x:/y:rw,z", Some("../x"), "/y", "rw,z"),
            ("C:\\a:/b", Some("C:\\a"), "/b", ""),
            ("C:/a:/b:ro", Some("C:/a"), "/b", "ro"),
            ("C:\\a:D:\\b", Some("C:\\a"), "D:\\b", ""),
            ("C:\\a", None, "C:\\a", ""),
            ("${DATA:-./d}:/x", Some("${DATA:-./d}"), "/x", ""),
            ("vol:${A:-/x:y}:ro", Some("vol"), "${A:-/x:y}", "ro"),
            ("{{ a ? b : c }}:/x", Some("{{ a ? b : c }}"), "/x", ""),
            ("$A:/x", Some("$A"), "/x", ""),
        ] {
            let expected = ShortMount {
                source,
                target,
                options,
            };
            assert_eq!(ShortMount::parse(text), Ok(expected), "{text}");
            assert_eq!(expected.to_string(), text);
        }
    }

    #[test]
    fn refuses_with_a_message() {
        let letter = "begins with one letter, which Docker Compose reads as a Windows drive";
        let relative = "is not an absolute path in the container";
        for (text, expected) in [
            ("", "an empty text is not a mount".to_owned()),
            (":/x", "`:/x` has an empty part".to_owned()),
            ("vol:", "`vol:` has an empty part".to_owned()),
            ("vol::/x", "`vol::/x` has an empty part".to_owned()),
            ("vol:/x:", "`vol:/x:` has an empty part".to_owned()),
            (
                "vol:/x:ro:z",
                "`vol:/x:ro:z` has too many colons for a mount".to_owned(),
            ),
            ("vol:x", format!("`x` {relative}")),
            ("vol: /x", format!("` /x` {relative}")),
            ("./a", format!("`./a` {relative}")),
            ("vol", format!("`vol` {relative}")),
            ("a:/x", format!("`a:/x` {letter}")),
            ("a:/x:ro", format!("`a:/x:ro` {letter}")),
            ("a:b", format!("`a:b` {letter}")),
        ] {
            assert_eq!(
                ShortMount::parse(text).unwrap_err().message,
                expected,
                "{text}"
            );
        }
    }

    #[test]
    fn helps_on() {
        for (text, expected) in [
            ("vol:x", "write `vol:/x`"),
            ("./a", "write `./a:/PATH/IN/THE/CONTAINER`"),
            ("a:/x", "give the volume a name of two letters or more"),
        ] {
            let help = ShortMount::parse(text).unwrap_err().help;
            assert_eq!(help.as_deref(), Some(expected), "{text}");
        }
    }

    #[test]
    fn knows_binds() {
        for text in [
            "./a:/b",
            "/a:/b",
            "~/a:/b",
            "C:\\a:/b",
            "\\\\.\\pipe\\a:/b",
            "$A:/b",
            "${A:-./d}:/b",
            "${A:-}:/b",
        ] {
            assert!(ShortMount::parse(text).unwrap().is_bind(), "{text}");
        }
        for text in ["vol:/b", "/b", "${A:-vol}:/b", "vol_${A}:/b"] {
            assert!(!ShortMount::parse(text).unwrap().is_bind(), "{text}");
        }
    }

    #[test]
    fn knows_what_is_read_only() {
        for (text, expected) in [
            ("v1:/x", false),
            ("v1:/x:ro", true),
            ("v1:/x:z,ro", true),
            ("v1:/x:ro,rw", false),
            ("v1:/x:nocopy", false),
        ] {
            assert_eq!(
                ShortMount::parse(text).unwrap().read_only(),
                expected,
                "{text}"
            );
        }
    }

    proptest! {
        #[test]
        fn round_trips(text in "[a-c:/.~${}\\\\é]{0,20}") {
            if let Ok(mount) = ShortMount::parse(&text) {
                prop_assert_eq!(mount.to_string(), text.as_str());
                let _ = (mount.is_bind(), mount.read_only());
            }
        }
    }
}

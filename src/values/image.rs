//! References to images.

use std::fmt;

use super::Refusal;
use super::shown::shown;

const NOT_AN_IMAGE: &str = "an image reference";
const INSTEAD: &str = "write a repository with a tag or digest, such as `influxdb:2.7`";

/// The longest repository path, and the longest tag, that registries take.
const LONGEST_PATH: usize = 255;
const LONGEST_TAG: usize = 128;
const SHORTEST_DIGEST: usize = 32;

/// A reference to an image: a repository, perhaps on a registry, perhaps with a tag and a digest.
///
/// The grammar is that of github.com/distribution/reference. It is stricter in one place: `MyOrg/app`, which the
/// engine reads as `app` on a registry `MyOrg`, is refused, because nobody means that.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ImageRef<'s> {
    text: &'s str,
    /// Where the repository ends.
    repository: u32,
    /// Where the `@` before the digest stands; without one, the end.
    at: u32,
}

impl<'s> ImageRef<'s> {
    /// Reads a whole text; refused where the engine would refuse it or read something else.
    pub fn parse(text: &'s str) -> Result<Self, Refusal> {
        let image = Self::split(text);
        image.fits().then_some(image).ok_or_else(|| image.refusal())
    }

    /// The parts by their separators, whatever stands in them.
    fn split(text: &'s str) -> Self {
        let at = text.find('@').unwrap_or(text.len());
        let named = &text[..at];
        let after_path = named.rfind('/').map_or(0, |slash| slash + 1);
        let colon = named[after_path..].find(':');
        // No text of a catalog is longer than its file, and no file than 4 GiB.
        let offset = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
        Self {
            text,
            repository: offset(colon.map_or(at, |colon| after_path + colon)),
            at: offset(at),
        }
    }

    fn fits(self) -> bool {
        is_repository(self.repository())
            && self.tag().is_none_or(is_tag)
            && self.digest().is_none_or(is_digest)
    }

    /// The repository as written, with the registry before it: `ghcr.io/home/app`.
    pub fn repository(self) -> &'s str {
        let end = self.repository as usize;
        self.text.get(..end).unwrap_or(self.text)
    }

    /// The tag without its colon: `2.7`. Without a tag and a digest the engine takes `latest`.
    pub fn tag(self) -> Option<&'s str> {
        self.text
            .get(self.repository as usize + 1..self.at as usize)
    }

    /// The digest without its `@`: `sha256:...`.
    pub fn digest(self) -> Option<&'s str> {
        self.text.get(self.at as usize + 1..)
    }

    /// The reference as it is written.
    pub const fn as_str(self) -> &'s str {
        self.text
    }

    /// Whether a text is a reference but for a user and a password before its registry.
    pub fn shows_credential(text: &str) -> bool {
        ImageRef::split(text).holds_credential()
    }

    /// Whether something like `user:password@` stands before the registry: no message repeats that.
    fn holds_credential(self) -> bool {
        let before = self.text.split_once('@').map_or("", |(before, _)| before);
        before.contains(':') && self.digest().is_some_and(|digest| digest.contains('/'))
    }

    fn refusal(self) -> Refusal {
        if self.holds_credential() {
            return Refusal::new("an image reference has neither user nor password")
                .with_help("take them out; `docker login` on the machine is where they belong");
        }
        Refusal::of(self.text, NOT_AN_IMAGE, INSTEAD, self.help())
    }

    fn help(self) -> Option<String> {
        if self.text.contains("://") {
            return Some(url_help(self.text));
        }
        if self.text.contains(char::is_whitespace) {
            return Some("an image reference has no blanks".to_owned());
        }
        if self.repository().contains(|c: char| c.is_ascii_uppercase()) {
            return Some(lowercase_help(self.repository()));
        }
        self.part_help()
    }

    fn part_help(self) -> Option<String> {
        if self.tag() == Some("") {
            return Some("write a tag after the colon, or leave the colon out".to_owned());
        }
        if self.tag().is_some_and(|tag| !is_tag(tag)) {
            return Some("a tag is up to 128 letters, digits, `_`, `.` and `-`".to_owned());
        }
        if self.digest().is_some_and(|digest| !is_digest(digest)) {
            return Some("a digest is `sha256:` and 64 hexadecimal digits".to_owned());
        }
        is_image_id(self.repository())
            .then(|| "64 hexadecimal digits are the id of an image, not its name".to_owned())
    }
}

impl fmt::Display for ImageRef<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.text)
    }
}

fn url_help(text: &str) -> String {
    let after = text.split_once("://").map_or(text, |(_, after)| after);
    match ImageRef::split(after).fits() {
        true => format!("an image reference has no scheme; write {}", shown(after)),
        false => "an image reference has no scheme".to_owned(),
    }
}

fn lowercase_help(repository: &str) -> String {
    let lowercase = repository.to_ascii_lowercase();
    format!("repository names are lowercase: {}", shown(&lowercase))
}

fn is_repository(repository: &str) -> bool {
    let path = match repository.split_once('/') {
        Some((registry, path)) if is_registry_like(registry) => {
            is_registry(registry).then_some(path)
        }
        _ => Some(repository),
    };
    !is_image_id(repository) && path.is_some_and(is_path)
}

/// What the engine takes for a registry, before it looks closer.
fn is_registry_like(component: &str) -> bool {
    component.contains(['.', ':']) || component == "localhost"
}

/// A host name or an address, and perhaps a port.
fn is_registry(registry: &str) -> bool {
    if let Some((address, port)) = registry
        .strip_prefix('[')
        .and_then(|rest| rest.split_once(']'))
    {
        let is_address = |byte: u8| byte.is_ascii_hexdigit() || byte == b':';
        return !address.is_empty() && address.bytes().all(is_address) && is_port_suffix(port);
    }
    let (host, port) = registry.split_at(registry.find(':').unwrap_or(registry.len()));
    host.split('.').all(is_host_label) && is_port_suffix(port)
}

fn is_port_suffix(text: &str) -> bool {
    let is_number =
        |digits: &str| !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    text.is_empty() || text.strip_prefix(':').is_some_and(is_number)
}

fn is_host_label(label: &str) -> bool {
    let is_inner = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
    !label.is_empty()
        && label.bytes().all(is_inner)
        && !label.starts_with('-')
        && !label.ends_with('-')
}

fn is_path(path: &str) -> bool {
    path.len() <= LONGEST_PATH && path.split('/').all(is_path_component)
}

/// Lowercase letters and digits, with `.`, `_`, `__` or any number of `-` between them.
fn is_path_component(component: &str) -> bool {
    let is_word = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let ends_with_words = component.bytes().next().is_some_and(is_word)
        && component.bytes().next_back().is_some_and(is_word);
    ends_with_words
        && component
            .split(|c: char| c.is_ascii_lowercase() || c.is_ascii_digit())
            .all(is_separator)
}

fn is_separator(text: &str) -> bool {
    matches!(text, "." | "_" | "__") || text.bytes().all(|byte| byte == b'-')
}

fn is_tag(tag: &str) -> bool {
    let is_inner = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'-');
    let length_fits = (1..=LONGEST_TAG).contains(&tag.len());
    length_fits && tag.bytes().all(is_inner) && !tag.starts_with(['.', '-'])
}

/// An algorithm and hexadecimal digits; of `sha256`, the usual one, exactly 64 in lowercase.
fn is_digest(digest: &str) -> bool {
    let Some((algorithm, hash)) = digest.split_once(':') else {
        return false;
    };
    let is_hexadecimal = hash.bytes().all(|byte| byte.is_ascii_hexdigit());
    match algorithm {
        "sha256" => is_image_id(hash),
        _ => is_algorithm(algorithm) && is_hexadecimal && hash.len() >= SHORTEST_DIGEST,
    }
}

fn is_algorithm(algorithm: &str) -> bool {
    algorithm.split(['-', '_', '+', '.']).all(|part| {
        part.starts_with(|c: char| c.is_ascii_alphabetic())
            && part.bytes().all(|byte| byte.is_ascii_alphanumeric())
    })
}

fn is_image_id(text: &str) -> bool {
    text.len() == 64
        && text
            .bytes()
            .all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

#[cfg(test)]
mod tests {
    use super::ImageRef;
    use crate::values::refusal::told;
    use proptest::prelude::*;

    const HASH: &str = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

    #[test]
    fn what_looks_like_a_password_is_not_repeated() {
        assert_eq!(
            told(ImageRef::parse("someone:hunter2@ghcr.io/home/app:1")),
            "an image reference has neither user nor password | take them out; `docker login` on the machine is where \
             they belong"
        );
    }

    #[test]
    fn references_are_taken_apart_and_written_back() {
        let digest = format!("sha256:{HASH}");
        let pinned = format!("ghcr.io/a/b:1.0@{digest}");
        let untagged = format!("redis@{digest}");
        for (text, repository, tag, expected_digest) in [
            ("influxdb:2.7", "influxdb", Some("2.7"), None),
            ("influxdb", "influxdb", None, None),
            (
                "library/redis:7-alpine",
                "library/redis",
                Some("7-alpine"),
                None,
            ),
            ("localhost:5000/a/b", "localhost:5000/a/b", None, None),
            ("localhost:5000/a:1", "localhost:5000/a", Some("1"), None),
            ("localhost/a", "localhost/a", None, None),
            ("MYHOST:5000/app", "MYHOST:5000/app", None, None),
            ("[::1]:5000/a:1", "[::1]:5000/a", Some("1"), None),
            ("a__b/c---d/e.f_g", "a__b/c---d/e.f_g", None, None),
            ("app:Latest_1", "app", Some("Latest_1"), None),
            (&pinned, "ghcr.io/a/b", Some("1.0"), Some(digest.as_str())),
            (&untagged, "redis", None, Some(digest.as_str())),
        ] {
            let image = ImageRef::parse(text).expect(text);
            assert_eq!(image.repository(), repository);
            assert_eq!(image.tag(), tag);
            assert_eq!(image.digest(), expected_digest);
            assert_eq!(image.to_string(), text);
        }
    }

    #[test]
    fn other_texts_are_refused() {
        let instead = "write a repository with a tag or digest, such as `influxdb:2.7`";
        for (text, help) in [
            (
                "influxdb:",
                " | write a tag after the colon, or leave the colon out",
            ),
            (
                "HomeIQ/App:1",
                " | repository names are lowercase: `homeiq/app`",
            ),
            ("Redis", " | repository names are lowercase: `redis`"),
            (
                "http://ghcr.io/a/b:1",
                " | an image reference has no scheme; write `ghcr.io/a/b:1`",
            ),
            ("https://", " | an image reference has no scheme"),
            ("redis 7", " | an image reference has no blanks"),
            (
                "redis:-7",
                " | a tag is up to 128 letters, digits, `_`, `.` and `-`",
            ),
            (
                "redis:7:8",
                " | a tag is up to 128 letters, digits, `_`, `.` and `-`",
            ),
            (
                "redis@sha256:12",
                " | a digest is `sha256:` and 64 hexadecimal digits",
            ),
            (
                "redis@",
                " | a digest is `sha256:` and 64 hexadecimal digits",
            ),
            (
                HASH,
                " | 64 hexadecimal digits are the id of an image, not its name",
            ),
            (":7", ""),
            ("a//b", ""),
            ("a..b", ""),
            ("a___b", ""),
            ("-a", ""),
            ("a/", ""),
            ("größe", ""),
            ("-x.io/a", ""),
        ] {
            let expected = format!("`{text}` is not an image reference; {instead}{help}");
            assert_eq!(told(ImageRef::parse(text)), expected);
        }
        assert_eq!(
            told(ImageRef::parse("")),
            format!("an empty text is not an image reference; {instead}")
        );
    }

    proptest! {
        #[test]
        fn no_text_breaks_it(text in any::<String>()) {
            let _ = ImageRef::parse(&text);
        }

        #[test]
        fn what_is_accepted_is_made_of_its_parts(text in "[a-c./:@_-]{1,12}") {
            if let Ok(image) = ImageRef::parse(&text) {
                let tag = image.tag().map_or(String::new(), |tag| format!(":{tag}"));
                let digest = image.digest().map_or(String::new(), |digest| format!("@{digest}"));
                prop_assert_eq!(format!("{}{tag}{digest}", image.repository()), text);
            }
        }
    }
}

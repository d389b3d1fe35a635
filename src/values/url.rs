//! Addresses inside the values of environment variables and build arguments: what a service will try to reach.
//!
//! The parts are those of RFC 3986, section 3. Text is not decoded, and variables stay as they are written.

use std::net::Ipv4Addr;

use crate::values::bytes::holds;
use crate::values::interpolation::{Nesting, has_literal};

/// The shortest user without a password that is taken for a token.
const TOKEN_LENGTH: usize = 20;

/// One address in a text.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Address<'s> {
    /// What stands before `://`, as written; `None` where it is a variable.
    pub scheme: Option<&'s str>,
    /// What stands before the `@`, without it.
    pub user_info: Option<&'s str>,
    /// A name, an IPv4 address, an IPv6 address without its brackets, or text with variables; may be empty.
    pub host: &'s str,
    /// Digits, or text with a variable.
    pub port: Option<&'s str>,
    /// From the first `/` after the host, without query and fragment; may be empty.
    pub path: &'s str,
    /// Byte offset of the scheme, or of what follows `://` where the scheme is a variable.
    pub start: usize,
    /// Byte offset after the path.
    pub end: usize,
}

impl<'s> Address<'s> {
    /// The credential that stands in the address: a password of which any part is not a variable, or a user without
    /// a password that looks like a token. Never to be printed.
    pub fn literal_password(&self) -> Option<&'s str> {
        let user_info = self.user_info?;
        match separator(user_info) {
            Some(colon) => Some(&user_info[colon + 1..]).filter(|password| has_literal(password)),
            None => Some(user_info).filter(|user| is_token(user)),
        }
    }
}

/// Shows everything but the user information, which may be a secret.
impl std::fmt::Debug for Address<'_> {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Address")
            .field("scheme", &self.scheme)
            .field("has_user_info", &self.user_info.is_some())
            .field("host", &self.host)
            .field("port", &self.port)
            .field("path", &self.path)
            .field("span", &(self.start..self.end))
            .finish()
    }
}

/// Every `scheme://...` of the text, in order, also inside lists, quotes and the default of a variable. An address in
/// the query of another is found, one in the path of another is not.
pub fn addresses(text: &str) -> Vec<Address<'_>> {
    each(text).collect()
}

/// The same, one after the other.
pub fn each(text: &str) -> impl Iterator<Item = Address<'_>> {
    let mut from = 0;
    std::iter::from_fn(move || {
        while let Some(mark) = mark(text, from) {
            if let Some((scheme, start)) = scheme(text, from, mark) {
                let address = address(text, scheme, start, mark + 3);
                from = address.end;
                return Some(address);
            }
            from = mark + 3;
        }
        None
    })
}

/// Where the first `://` from `from` on stands. Most texts are short: a plain loop beats a searcher that is set up.
fn mark(text: &str, from: usize) -> Option<usize> {
    let mut rest = from;
    loop {
        rest += text.as_bytes()[rest..]
            .iter()
            .position(|byte| *byte == b':')?;
        if text.as_bytes()[rest + 1..].starts_with(b"//") {
            return Some(rest);
        }
        rest += 1;
    }
}

/// Whether an address may stand in the text: `://` does.
pub fn has_mark(text: &str) -> bool {
    holds(text, b':') && mark(text, 0).is_some()
}

/// Host and port where the text is nothing but `host:port`. The host is a name or an IPv4 address, the port a number
/// from 1 to 65535 or a variable. An image with a numeric tag looks the same.
pub fn host_port(text: &str) -> Option<(&str, &str)> {
    let (host, port) = text.split_once(':')?;
    let is_port = match port.parse::<u16>() {
        Ok(number) => number > 0 && is_digits(port),
        Err(_) => !port.is_empty() && !has_literal(port),
    };
    (is_port && is_host(host)).then_some((host, port))
}

/// The scheme that ends at `mark`, and where the address starts.
fn scheme(text: &str, from: usize, mark: usize) -> Option<(Option<&str>, usize)> {
    let before = &text[from..mark];
    if before.ends_with('}') {
        return Some((None, mark + 3));
    }
    let is_scheme = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.');
    let (outside, run) = before.split_at(end_of(before, |byte| is_scheme(byte) || byte == b'_'));
    if outside.ends_with('$') {
        return Some((None, mark + 3));
    }
    // In `${NAME-http://...}` the name and the operator are no part of the scheme.
    let run = match outside.ends_with("${").then(|| run.find(['-', '+'])) {
        Some(operator) => &run[operator? + 1..],
        None => run,
    };
    let run = &run[end_of(run, is_scheme)..];
    let first = run.bytes().position(|byte| byte.is_ascii_alphabetic());
    let scheme = &run[first.unwrap_or(run.len())..];
    (!scheme.is_empty()).then_some((Some(scheme), mark - scheme.len()))
}

/// Where the bytes at the end of a text begin that are all of a kind, which holds ASCII alone.
fn end_of(text: &str, is_of: impl Fn(u8) -> bool) -> usize {
    let other = text.as_bytes().iter().rposition(|byte| !is_of(*byte));
    other.map_or(0, |at| at + 1)
}

/// The address whose authority begins at `at`.
fn address<'s>(text: &'s str, scheme: Option<&'s str>, start: usize, at: usize) -> Address<'s> {
    if let Some((host, port, path)) = plain(&text[at..]) {
        let (start, end) = (if scheme.is_some() { start } else { at }, text.len());
        return Address {
            scheme,
            user_info: None,
            host,
            port,
            path,
            start,
            end,
        };
    }
    let authority_end = stretch(text, at, |byte| {
        matches!(byte, b'/' | b'?' | b'#') || ends(byte)
    });
    let end = match text.as_bytes().get(authority_end) {
        Some(b'/') => stretch(text, authority_end, |byte| {
            matches!(byte, b'?' | b'#') || ends(byte)
        }),
        _ => authority_end,
    };
    let authority = &text[at..authority_end];
    let (user_info, server) = match last_outside(authority, b'@') {
        Some(sign) => (Some(&authority[..sign]), &authority[sign + 1..]),
        None => (None, authority),
    };
    let (host, port) = server_parts(server);
    Address {
        scheme,
        user_info,
        host,
        port,
        path: &text[authority_end..end],
        start: if scheme.is_some() { start } else { at },
        end,
    }
}

/// Host, port and path of a rest that is nothing but `host[:port][/path]` in plain letters, as most are.
fn plain(rest: &str) -> Option<(&str, Option<&str>, &str)> {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_');
    let host_end = rest.bytes().position(|byte| !is_plain(byte));
    let host_end = host_end.unwrap_or(rest.len());
    let (host, mut behind) = rest.split_at(host_end);
    let mut port = None;
    if let Some(digits) = behind.strip_prefix(':') {
        let end = digits.bytes().position(|byte| !byte.is_ascii_digit());
        let (digits, path) = digits.split_at(end.unwrap_or(digits.len()));
        (port, behind) = (Some(digits).filter(|digits| !digits.is_empty()), path);
    }
    let is_path = |byte: u8| is_plain(byte) || byte == b'/';
    let has_path = behind.is_empty() || behind.starts_with('/');
    (has_path && behind.bytes().all(is_path)).then_some((host, port, behind))
}

/// Host and port of an authority without its user information.
fn server_parts(server: &str) -> (&str, Option<&str>) {
    let (host, rest) = match server
        .strip_prefix('[')
        .and_then(|inside| inside.split_once(']'))
    {
        Some((ip, rest)) => (ip, rest),
        None => match last_outside(server, b':') {
            Some(colon) => server.split_at(colon),
            None => (server, ""),
        },
    };
    let port = rest
        .strip_prefix(':')
        .filter(|port| is_digits(port) || port.contains('$') || port.contains("{{"));
    (host, port)
}

/// Whether a byte ends an address wherever it stands.
fn ends(byte: u8) -> bool {
    byte.is_ascii_whitespace() || b",;\"'`<>()|\\}".contains(&byte)
}

/// The offset of the first byte from `from` on that `is_end` says yes to, outside of `${}` and `{{ }}`.
fn stretch(text: &str, from: usize, is_end: impl Fn(u8) -> bool) -> usize {
    let bytes = &text.as_bytes()[from..];
    let mut nesting = Nesting::default();
    (0..bytes.len())
        .find(|&at| !nesting.step(bytes, at) && is_end(bytes[at]))
        .map_or(text.len(), |at| from + at)
}

/// The last `wanted` outside of `${}` and `{{ }}`.
fn last_outside(text: &str, wanted: u8) -> Option<usize> {
    outside(text, wanted).last()
}

/// The colon between user and password.
fn separator(user_info: &str) -> Option<usize> {
    outside(user_info, b':').next()
}

/// Every `wanted` outside of `${}` and `{{ }}`.
fn outside(text: &str, wanted: u8) -> impl Iterator<Item = usize> + '_ {
    let bytes = text.as_bytes();
    let mut nesting = Nesting::default();
    (0..bytes.len()).filter(move |&at| !nesting.step(bytes, at) && bytes[at] == wanted)
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// Whether a user alone looks like a token: long, letters and digits mixed, nothing that an address of mail has.
fn is_token(user: &str) -> bool {
    let is_part = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
    user.len() >= TOKEN_LENGTH
        && user.bytes().all(is_part)
        && user.bytes().any(|byte| byte.is_ascii_digit())
        && user.bytes().any(|byte| byte.is_ascii_alphabetic())
}

/// Whether a text may be a host: an IPv4 address, or a name with a letter in it.
fn is_host(text: &str) -> bool {
    let is_part = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.');
    let edges = [text.bytes().next(), text.bytes().last()];
    let has_edges = edges
        .iter()
        .all(|edge| edge.is_some_and(|byte| byte.is_ascii_alphanumeric()));
    let is_name = text.len() <= 253
        && has_edges
        && text.bytes().all(is_part)
        && text.bytes().any(|byte| byte.is_ascii_alphabetic());
    is_name || text.parse::<Ipv4Addr>().is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    type Row<'s> = (
        Option<&'s str>,
        Option<&'s str>,
        &'s str,
        Option<&'s str>,
        &'s str,
    );

    fn rows(text: &str) -> Vec<Row<'_>> {
        for one in addresses(text) {
            let written = &text[one.start..one.end];
            assert!(
                written.starts_with(one.scheme.unwrap_or_default()) && written.ends_with(one.path)
            );
        }
        addresses(text)
            .into_iter()
            .map(|one| (one.scheme, one.user_info, one.host, one.port, one.path))
            .collect()
    }

    #[test]
    fn finds_addresses() {
        let http = Some("http");
        let cases: &[(&str, &[Row<'_>])] = &[
            ("", &[]),
            ("a://", &[(Some("a"), None, "", None, "")]),
            ("://a", &[]),
            (
                "http://influxdb:8086",
                &[(http, None, "influxdb", Some("8086"), "")],
            ),
            ("http://a/b?c=d#e", &[(http, None, "a", None, "/b")]),
            (
                "http://[::1]:80/x",
                &[(http, None, "::1", Some("80"), "/x")],
            ),
            ("http://[::1]", &[(http, None, "::1", None, "")]),
            ("http://a:b", &[(http, None, "a", None, "")]),
            (
                "postgresql+asyncpg://u:p@db:5432/x",
                &[(
                    Some("postgresql+asyncpg"),
                    Some("u:p"),
                    "db",
                    Some("5432"),
                    "/x",
                )],
            ),
            (
                "sqlite+aiosqlite:///./data/x.db",
                &[(Some("sqlite+aiosqlite"), None, "", None, "/./data/x.db")],
            ),
            (
                "http://a:1,http://b:2 \"http://c:3\"",
                &[
                    (http, None, "a", Some("1"), ""),
                    (http, None, "b", Some("2"), ""),
                    (http, None, "c", Some("3"), ""),
                ],
            ),
            (
                "PLAINTEXT://a:9092,b:9093",
                &[(Some("PLAINTEXT"), None, "a", Some("9092"), "")],
            ),
            (
                "${HA_URL:-${X:-http://192.168.1.86:8123}}",
                &[(http, None, "192.168.1.86", Some("8123"), "")],
            ),
            ("${X-http://a}", &[(http, None, "a", None, "")]),
            (
                "${X:+git+ssh://a}",
                &[(Some("git+ssh"), None, "a", None, "")],
            ),
            (
                "http://${U:-a:b}:${P}@${H:-c:d}:${Q:-80}/x",
                &[(
                    http,
                    Some("${U:-a:b}:${P}"),
                    "${H:-c:d}",
                    Some("${Q:-80}"),
                    "/x",
                )],
            ),
            (
                "${PROTO:-http}://a:80",
                &[(None, None, "a", Some("80"), "")],
            ),
            ("$PROTO_X://a:80", &[(None, None, "a", Some("80"), "")]),
            (
                "http://{{ host('a') }}:80/",
                &[(http, None, "{{ host('a') }}", Some("80"), "/")],
            ),
            (
                "jdbc:postgresql://h:5432/d",
                &[(Some("postgresql"), None, "h", Some("5432"), "/d")],
            ),
            (
                "http://a?next=http://b:1",
                &[
                    (http, None, "a", None, ""),
                    (http, None, "b", Some("1"), ""),
                ],
            ),
            (
                "unix:///var/run/docker.sock",
                &[(Some("unix"), None, "", None, "/var/run/docker.sock")],
            ),
            ("http://u@p@h", &[(http, Some("u@p"), "h", None, "")]),
        ];
        for (text, expected) in cases {
            assert_eq!(rows(text), *expected, "{text}");
        }
    }

    #[test]
    fn a_plain_address_is_read_like_any_other() {
        for text in [
            "http://a",
            "http://a:80",
            "http://a-b_c.d:80/x.y/z",
            "http://a:80x",
            "http://a:",
            "http://a:/x",
            "http:///x",
            "http://",
            "http://a:1:2",
            "http://a//b",
            "http://a/b:c",
            "${X}://a/b",
        ] {
            // The blank behind it keeps the short way out.
            assert_eq!(rows(text), rows(&format!("{text} ")), "{text}");
        }
    }

    #[test]
    fn finds_credentials() {
        for (text, expected) in [
            ("http://u:p@h", Some("p")),
            ("redis://:p@h", Some("p")),
            ("http://${U}:x${P}@h", Some("x${P}")),
            (
                "https://ghp_0123456789abcdefghij@h",
                Some("ghp_0123456789abcdefghij"),
            ),
            ("http://${U}:${P}@h", None),
            ("http://${U:-a:b}:$P@h", None),
            ("http://{{ u }}:{{ p }}@h", None),
            ("http://u:@h", None),
            ("http://u@h", None),
            ("http://h", None),
            ("http://${TOKEN_OF_SOME_LENGTH_1}@h", None),
        ] {
            assert_eq!(addresses(text)[0].literal_password(), expected, "{text}");
        }
    }

    #[test]
    fn does_not_show_credentials() {
        let shown = format!("{:?}", addresses("http://u:hunter2@h"));
        assert!(!shown.contains("hunter2"), "{shown}");
    }

    #[test]
    fn reads_host_and_port() {
        for (text, expected) in [
            ("influxdb:8086", Some(("influxdb", "8086"))),
            ("a.b-c_d:1", Some(("a.b-c_d", "1"))),
            ("127.0.0.1:80", Some(("127.0.0.1", "80"))),
            ("a:${P:-80}", Some(("a", "${P:-80}"))),
            ("a", None),
            ("a:", None),
            (":80", None),
            ("a:0", None),
            ("a:+1", None),
            ("a:65536", None),
            ("12:30", None),
            ("1000:1000", None),
            ("a:80/x", None),
            ("a:80:90", None),
            ("a b:80", None),
            ("-a:80", None),
            ("http://a:80", None),
        ] {
            assert_eq!(host_port(text), expected, "{text}");
        }
    }

    #[test]
    fn is_fast_on_hostile_text() {
        let start = std::time::Instant::now();
        for unit in [
            "a://", "://", "a", "}://", "${a://", "a://${", "a://@:", "a://[", "a://b/c?",
            "{{a://}}",
        ] {
            let text = unit.repeat(100_000);
            for address in addresses(&text) {
                let _ = address.literal_password();
            }
            let _ = host_port(&text);
        }
        assert!(start.elapsed().as_secs() < 5, "{:?}", start.elapsed());
    }

    proptest! {
        #[test]
        fn never_panics(text in "[ab1:/@\\[\\]${}?,é_+ -]{0,40}") {
            let _ = (rows(&text), host_port(&text));
            for address in addresses(&text) {
                let _ = address.literal_password();
            }
        }
    }
}

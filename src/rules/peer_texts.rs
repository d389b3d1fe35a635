//! What of a text may be an address of a service, told quickly: most texts hold none.

use crate::values::bytes::holds;
use crate::values::url::host_port;

/// Whether a colon of the text is followed by what makes an address: `/`, a digit, a variable.
pub fn may_hold_address(text: &str) -> bool {
    if !holds(text, b':') {
        return false;
    }
    let bytes = text.as_bytes();
    let mut from = 0;
    while let Some(colon) = bytes[from..].iter().position(|byte| *byte == b':') {
        from += colon + 1;
        if matches!(bytes.get(from), Some(b'/' | b'$' | b'0'..=b'9')) {
            return true;
        }
    }
    false
}

/// Every `host:port` without a scheme: alone, or in a list with commas, semicolons or blanks.
pub fn bare(text: &str) -> impl Iterator<Item = (&str, u16)> {
    let is_mark = |letter: char| matches!(letter, ',' | ';') || letter.is_whitespace();
    text.split(is_mark).filter_map(|piece| {
        let (host, port) = host_port(piece.trim_matches(['"', '\'']))?;
        Some((host, port.parse().ok()?))
    })
}

/// Whether a host is surely no service: nothing, an address, the container itself, what only a variable knows.
pub fn is_elsewhere(host: &str) -> bool {
    let is_mark = |byte: u8| matches!(byte, b':' | b'$' | b'{' | b'*' | b'+');
    host.is_empty()
        || host == "localhost"
        || host.bytes().any(is_mark)
        || host
            .bytes()
            .all(|byte| byte.is_ascii_digit() || byte == b'.')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_without_an_address_are_passed_over() {
        for text in ["", "INFO", "${LOG_LEVEL:-INFO}", "a: b", "${X:?is not set}"] {
            assert!(!may_hold_address(text), "{text}");
        }
        for text in ["http://a", "a:80", "${H:-a}:${P:-80}", "x: http://b"] {
            assert!(may_hold_address(text), "{text}");
        }
    }

    #[test]
    fn bare_addresses_stand_alone_or_in_lists() {
        for (text, expected) in [
            ("a:80", &[("a", 80)][..]),
            ("a:80,b:81; 'c:82'", &[("a", 80), ("b", 81), ("c", 82)]),
            ("http://a:80", &[]),
            ("nc -z a:80", &[("a", 80)]),
            ("${X}:80 a:x a:80/y", &[]),
        ] {
            assert_eq!(bare(text).collect::<Vec<_>>(), expected, "{text}");
        }
    }

    #[test]
    fn some_hosts_are_surely_no_service() {
        for host in ["", "localhost", "127.0.0.1", "::1", "${H}", "{{ h }}", "*"] {
            assert!(is_elsewhere(host), "{host}");
        }
        for host in ["influxdb", "api.example.org", "db1"] {
            assert!(!is_elsewhere(host), "{host}");
        }
    }
}

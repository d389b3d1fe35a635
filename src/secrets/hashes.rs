//! Hashes of passwords, as a server's list of users has them: `me:$apr1$salt$hash` (crypt(5), htpasswd of Apache).

use std::ops::Range;

/// What they are called.
pub const HASH: &str = "a password's hash";

/// What stands between the first two signs, for the ways of hashing that lists of users have.
const WAYS: &[&str] = &[
    "1", "2a", "2b", "2x", "2y", "5", "6", "7", "apr1", "argon2i", "argon2id", "gy", "y",
];

/// So many bytes at least follow: a salt and a hash.
const LEAST: usize = 20;

/// The hashes in a text. A `$` is doubled where Compose reads it.
pub(super) fn hashes(text: &str) -> Vec<(Range<usize>, &'static str)> {
    let mut found = Vec::new();
    let mut from = 0;
    while let Some(at) = text[from..].find('$').map(|at| from + at) {
        from = match hash(&text[at..]) {
            Some(len) => {
                found.push((at..at + len, HASH));
                at + len
            }
            None => at + 1,
        };
    }
    found
}

/// The length of the hash that a text begins with.
fn hash(text: &str) -> Option<usize> {
    // A variable, as most of them are.
    if text.starts_with("${") {
        return None;
    }
    let sign = if text.starts_with("$$") { "$$" } else { "$" };
    let (way, _) = text[sign.len()..].split_once(sign)?;
    let body = WAYS
        .contains(&way)
        .then(|| &text[2 * sign.len() + way.len()..])?;
    let is_part =
        |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'/' | b'$' | b'+' | b'=');
    // Parameters of Argon2: `v=19$m=65536,t=3,p=4$`.
    let is_more = |byte: u8| byte == b',' && way.starts_with("argon2");
    let end = body
        .bytes()
        .position(|byte| !is_part(byte) && !is_more(byte));
    let len = end.unwrap_or(body.len());
    (len >= LEAST).then_some(text.len() - body.len() + len)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knows_the_hashes_of_lists_of_users() {
        for (text, expected) in [
            (
                "me:$$apr1$$saltsalt$$abcdefghijklmnopqrstu/",
                &["$$apr1$$saltsalt$$abcdefghijklmnopqrstu/"][..],
            ),
            (
                "a:$2y$05$abcdefghijklmnopqrstuv,b:$2y$05$zyxwvutsrqponmlkjihgfe",
                &[
                    "$2y$05$abcdefghijklmnopqrstuv",
                    "$2y$05$zyxwvutsrqponmlkjihgfe",
                ],
            ),
            (
                "$argon2id$v=19$m=65536,t=3,p=4$c2FsdHNhbHQ$aGFzaGhhc2g",
                &["$argon2id$v=19$m=65536,t=3,p=4$c2FsdHNhbHQ$aGFzaGhhc2g"],
            ),
            ("costs $5$ and $$6$$ more", &[]),
            ("$$apr1$$short", &[]),
            ("$$1 $$2 a-long-argument-behind-it", &[]),
            ("${A}$$PATH$$HOME$", &[]),
            ("$", &[]),
        ] {
            let found: Vec<&str> = hashes(text).into_iter().map(|(at, _)| &text[at]).collect();
            assert_eq!(found, expected, "{text}");
        }
    }
}

//! Whether what is checked in is what the catalog gives: edited by hand, or stale.

use super::seal::{DIGEST, digest};
use crate::rule::Rule;

/// The mode and the host for which a file was made from a catalog, as two lines of its head say: the first ones, unless
/// somebody wrote above them.
pub fn made_for(file: &[u8]) -> Option<(&str, &str)> {
    let lines = file.split(|byte| *byte == b'\n');
    let is_head = |line: &&[u8]| {
        let line = line.trim_ascii();
        line.is_empty() || line == b"---" || line.starts_with(b"#")
    };
    let mut head = lines.take_while(is_head).map(std::str::from_utf8);
    let mut title = head.next()?.ok()?;
    for line in head {
        let line = line.ok()?;
        if let Some(found) = titled(title).filter(|_| line.starts_with("# Made by composegen ")) {
            return Some(found);
        }
        title = line;
    }
    None
}

/// The mode and the host that a title names.
fn titled(title: &str) -> Option<(&str, &str)> {
    let (_, rest) = title.strip_prefix("# ")?.split_once(": ")?;
    let rest = rest
        .strip_prefix("what the catalog derives for ")
        .unwrap_or(rest);
    let (mode, rest) = rest.strip_prefix("the mode ")?.split_once(" (class ")?;
    let (_, host) = rest.split_once(") on the host ")?;
    let host = host.trim_end();
    let host = host
        .strip_suffix(", for Compose to read.")
        .or_else(|| host.strip_suffix('.'))?;
    Some((mode, host))
}

/// A file with the line ends that composegen writes; `None` where it has no others.
pub fn with_own_line_ends(file: &[u8]) -> Option<Vec<u8>> {
    let has_others = file.windows(2).any(|pair| pair == b"\r\n");
    has_others.then(|| {
        let lines = file.split_inclusive(|byte| *byte == b'\n');
        let own = |line: &[u8]| match line.strip_suffix(b"\r\n") {
            Some(text) => [text, b"\n"].concat(),
            None => line.to_vec(),
        };
        lines.flat_map(own).collect()
    })
}

/// Whether a file differs in nothing but its line ends, as one that git has checked out for Windows.
pub fn differs_in_line_ends(there: &[u8], wanted: &[u8]) -> bool {
    with_own_line_ends(there).is_some_and(|there| there == wanted)
}

/// What is wrong with a checked-in file that differs from what the catalog gives.
pub fn judge(there: &[u8]) -> Rule {
    match is_untouched(there) {
        false => Rule::GeneratedEdited,
        true => Rule::GeneratedStale,
    }
}

/// Where a file begins below its head: behind the line of the digest; at 0 where it has none.
pub fn below_head(file: &[u8]) -> usize {
    let digest = DIGEST.as_bytes();
    let mut start = 0;
    for line in file.split_inclusive(|byte| *byte == b'\n') {
        start += line.len();
        if line.starts_with(digest) {
            return start;
        }
    }
    0
}

/// Whether composegen made a file, and nobody touched it: by its digest, or it is the schema, which has none.
pub fn is_made(there: &[u8]) -> bool {
    let has_digest = || String::from_utf8_lossy(there).contains(DIGEST);
    is_untouched(there) && (there.starts_with(b"{") || has_digest())
}

/// Whether a file is as it was made: the digest in its banner is that of the text below. A file without a banner,
/// such as the schema, cannot tell, and counts as made by an earlier version.
fn is_untouched(there: &[u8]) -> bool {
    let own = with_own_line_ends(there);
    let text = String::from_utf8_lossy(own.as_deref().unwrap_or(there));
    let Some(at) = text.find(DIGEST) else {
        return !text.starts_with(['#', '<']);
    };
    let rest = &text[at + DIGEST.len()..];
    match rest.split_once('\n') {
        Some((written, below)) => written.trim_end() == digest(below.as_bytes()),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_head_of_a_file_says_for_which_mode_and_host_it_was_made() {
        const MADE: &str = "\n# Made by composegen from catalog/. Do\n";
        for title in [
            "# demo: the mode prod (class production) on the host nuc.",
            "# demo: the mode prod (class production) on the host nuc.\r",
            "# mine\n\n---\n# demo: the mode prod (class production) on the host nuc.",
            "# demo: what the catalog derives for the mode prod (class production) on the host nuc, for Compose to read.",
        ] {
            let text = format!("{title}{MADE}");
            assert_eq!(made_for(text.as_bytes()), Some(("prod", "nuc")), "{title}");
        }
        for text in [
            "",
            "services: {}\n",
            "# demo: the mode prod (class production) on the host nuc.\n# by hand\n",
            "x:\n# demo: the mode prod (class production) on the host nuc.\n# Made by composegen from catalog/.\n",
            "# the mode prod\n# Made by composegen from catalog/.\n",
        ] {
            assert_eq!(made_for(text.as_bytes()), None, "{text}");
        }
    }

    #[test]
    fn line_ends_alone_are_told_from_other_changes() {
        for (there, expected) in [
            ("a\r\nb\r\n", true),
            ("a\r\nb\n", true),
            ("a\nb\n", false),
            ("a\r\nc\r\n", false),
            ("a\rb\r\n", false),
        ] {
            assert_eq!(
                differs_in_line_ends(there.as_bytes(), b"a\nb\n"),
                expected,
                "{there:?}"
            );
        }
    }

    #[test]
    fn a_file_without_its_digest_was_edited_unless_it_never_has_one() {
        for (text, expected) in [
            (
                "# a banner without its last line\nname: x\n",
                Rule::GeneratedEdited,
            ),
            ("<!--\nMade by hand\n-->\n", Rule::GeneratedEdited),
            ("{ \"type\": \"object\" }\n", Rule::GeneratedStale),
        ] {
            assert_eq!(judge(text.as_bytes()), expected, "{text}");
        }
    }
}

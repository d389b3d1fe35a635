//! Lines for git in a folder that gets a catalog: what stays out of it, and what composegen makes. They are added behind
//! what is there, where nothing says so yet. Git is not asked: there may be none.

use crate::outputs::FOLDER;

/// The file that says what stays out of git.
pub const IGNORE: &str = ".gitignore";

/// The file that says how git treats what is in it.
pub const ATTRIBUTES: &str = ".gitattributes";

const WHY_IGNORED: &str =
    "# Secrets and own choices of each mode; `composegen env init MODE` makes such a file.";

const WHY_GENERATED: &str =
    "# What composegen makes: the same bytes on every machine, and folded in reviews.";

/// `.gitignore` with a line for each of these files that is not kept out yet; `None` where all are.
pub fn ignored(old: &[u8], names: &[&str]) -> Option<Vec<u8>> {
    let text = String::from_utf8_lossy(old);
    let open = names.iter().filter(|name| !is_ignored(&text, name));
    let lines: Vec<String> = open.map(|name| format!("/{name}")).collect();
    added(old, WHY_IGNORED, &lines)
}

/// `.gitattributes` with a line for the generated files; `None` where one is there.
pub fn attributed(old: &[u8]) -> Option<Vec<u8>> {
    let text = String::from_utf8_lossy(old);
    let own = format!("{FOLDER}/");
    let is_said = |line: &str| line.trim_start_matches('/').starts_with(&own);
    match text.lines().any(is_said) {
        true => None,
        false => added(
            old,
            WHY_GENERATED,
            &[format!("{FOLDER}/** text eol=lf linguist-generated")],
        ),
    }
}

/// Lines behind a text, with its line ends; `None` without lines.
fn added(old: &[u8], why: &str, lines: &[String]) -> Option<Vec<u8>> {
    if lines.is_empty() {
        return None;
    }
    let end = match old.windows(2).any(|two| two == b"\r\n") {
        true => "\r\n",
        false => "\n",
    };
    let mut text = old.to_vec();
    if !text.is_empty() && !text.ends_with(b"\n") {
        text.extend_from_slice(end.as_bytes());
    }
    if !text.is_empty() {
        text.extend_from_slice(end.as_bytes());
    }
    for line in std::iter::once(why).chain(lines.iter().map(String::as_str)) {
        text.extend_from_slice(line.as_bytes());
        text.extend_from_slice(end.as_bytes());
    }
    Some(text)
}

/// Whether the last line that is about a file keeps it out. A pattern with a class, `[a-z]`, counts as about none.
fn is_ignored(text: &str, name: &str) -> bool {
    let text = text.trim_start_matches('\u{feff}');
    text.lines().fold(false, |is_out, line| {
        let line = line.trim_end();
        let (is_kept, pattern) = match line.strip_prefix('!') {
            Some(pattern) => (true, pattern),
            None => (false, line),
        };
        let pattern = pattern.strip_prefix("**/").unwrap_or(pattern);
        let pattern = pattern.strip_prefix('/').unwrap_or(pattern);
        match !line.starts_with('#') && fits(pattern.as_bytes(), name.as_bytes()) {
            true => !is_kept,
            false => is_out,
        }
    })
}

/// Whether a name is as a pattern with `*` and `?` says.
fn fits(pattern: &[u8], name: &[u8]) -> bool {
    match (pattern, name) {
        ([], []) => true,
        ([b'*', rest @ ..], _) => (0..=name.len()).any(|at| fits(rest, &name[at..])),
        ([b'?', rest @ ..], [_, others @ ..]) => fits(rest, others),
        ([one, rest @ ..], [other, others @ ..]) => one == other && fits(rest, others),
        ([], [_, ..]) | ([_, ..], []) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(old: &str) -> Option<String> {
        let new = ignored(old.as_bytes(), &[".env.test", ".env.production"]);
        new.map(|text| String::from_utf8(text).unwrap())
    }

    #[test]
    fn what_keeps_the_files_out_is_seen() {
        for old in [
            "/.env.test\n/.env.production\n",
            ".env*\n",
            ".env.*",
            "*.env.*\r\n",
            "**/.env.*\n",
            "*\n",
            "/.env.????\n.env.p*n\n",
            ".env.*\n!.env.example\n",
            "!.env.test\n.env.*  \n",
        ] {
            assert_eq!(with(old), None, "{old}");
        }
    }

    #[test]
    fn only_what_is_missing_is_added_behind_what_is_there() {
        let why = WHY_IGNORED;
        for (old, expected) in [
            ("", format!("{why}\n/.env.test\n/.env.production\n")),
            (
                "target",
                format!("target\n\n{why}\n/.env.test\n/.env.production\n"),
            ),
            (
                ".env\n",
                format!(".env\n\n{why}\n/.env.test\n/.env.production\n"),
            ),
            (
                "#.env.*\r\n",
                format!("#.env.*\r\n\r\n{why}\r\n/.env.test\r\n/.env.production\r\n"),
            ),
            (
                ".env.*\n!.env.test\n",
                format!(".env.*\n!.env.test\n\n{why}\n/.env.test\n"),
            ),
            (
                "/.env.test\n",
                format!("/.env.test\n\n{why}\n/.env.production\n"),
            ),
            (
                ".env.*/\n",
                format!(".env.*/\n\n{why}\n/.env.test\n/.env.production\n"),
            ),
        ] {
            let new = with(old).unwrap_or_default();
            assert_eq!(new, expected);
            assert_eq!(with(&new), None, "{new}");
        }
    }

    #[test]
    fn the_generated_files_are_named_once() {
        let new = attributed(b"* text=auto").unwrap_or_default();
        let expected = format!(
            "* text=auto\n\n{WHY_GENERATED}\ngenerated/** text eol=lf linguist-generated\n"
        );
        assert_eq!(String::from_utf8_lossy(&new), expected);
        assert_eq!(attributed(&new), None);
        assert_eq!(attributed(b"/generated/* -text\n"), None);
    }
}

//! Values that nobody may see. A generated file holds none, but somebody may have written one into it by hand; and it
//! would be shown where the change is.

use rustc_hash::FxHashSet;

use crate::catalog::Catalog;
use crate::rules::secret_names::{is_elsewhere, is_harmless, tells};
use crate::values::interpolation::{has_literal, has_variable};
use crate::values::url::addresses;

/// What stands for a secret.
const MASK: &str = "***";

/// Which names are those of secrets.
#[derive(Debug, Default)]
pub struct Secrets {
    declared: FxHashSet<String>,
}

impl Secrets {
    /// The secrets of catalogs: what they declare, and what says so by its name.
    pub fn of<'c, 's: 'c>(catalogs: impl IntoIterator<Item = &'c Catalog<'s>>) -> Self {
        let declared = catalogs.into_iter().flat_map(|catalog| {
            let secret = catalog
                .variables
                .iter()
                .filter(|(_, it)| it.value.is_secret());
            secret.map(|(name, _)| (*name).to_owned())
        });
        Secrets {
            declared: declared.collect(),
        }
    }

    /// A value that may be shown; `None` for that of a secret.
    pub fn value(&self, name: Option<&str>, value: &str) -> Option<String> {
        let hidden = name.is_some_and(|name| self.hides(name, value));
        (!hidden).then(|| self.line(value))
    }

    /// Whether the name makes a secret of this value.
    fn hides(&self, name: &str, value: &str) -> bool {
        let declared = self.declared.contains(name);
        let is_taken = has_variable(value) && !has_literal(value);
        (declared || tells(name))
            && !value.is_empty()
            && !is_taken
            && !is_harmless(value)
            && (declared || !is_elsewhere(value))
    }

    /// A line without the values of secrets: `TOKEN=***`, `http://user:***@host`.
    pub fn line(&self, line: &str) -> String {
        let mut shown = match self.hidden(line) {
            Some((from, to)) => format!("{}{MASK}{}", &line[..from], &line[to..]),
            None => line.to_owned(),
        };
        let passwords: Vec<String> = addresses(&shown)
            .iter()
            .filter_map(|address| address.literal_password().map(str::to_owned))
            .filter(|password| password != MASK)
            .collect();
        for password in passwords {
            shown = shown.replace(&password, MASK);
        }
        shown
    }

    /// Where the value stands of the first name in a line that makes a secret of it; up to the end of the line, which
    /// may hold more of it.
    fn hidden(&self, line: &str) -> Option<(usize, usize)> {
        let is_part = |letter: char| letter.is_alphanumeric() || matches!(letter, '_' | '-' | '.');
        let mut at = 0;
        while let Some(start) = line[at..].find(is_part).map(|offset| at + offset) {
            let end = line[start..]
                .find(|letter| !is_part(letter))
                .map_or(line.len(), |offset| start + offset);
            at = end;
            let name = line[start..end].trim_start_matches('-');
            if line[..start].ends_with("${") {
                if let Some(default) = self.hidden_default(name, &line[end..]) {
                    let from = line.len() - default.len();
                    return Some((from, line.trim_end().len()));
                }
                continue;
            }
            let rest = line[end..].trim_start_matches(['"', '\'']).trim_start();
            let Some(value) = rest.strip_prefix([':', '=']) else {
                continue;
            };
            let value = value.trim_start();
            let bare = value.trim_matches(['"', '\'', ' ', ',', ']', '}', '\r', '\n']);
            if self.hides(name, bare) {
                let to = line.trim_end().len();
                return Some((line.len() - value.len(), to));
            }
        }
        None
    }

    /// The default in `${NAME:-default}`, from where it begins, where the name makes a secret of it.
    fn hidden_default<'l>(&self, name: &str, rest: &'l str) -> Option<&'l str> {
        let rest = rest.strip_prefix(':').unwrap_or(rest);
        let default = rest.strip_prefix(['-', '+'])?;
        let value = default.split_once('}').map_or(default, |(value, _)| value);
        self.hides(name, value).then_some(default)
    }

    /// A file without the values of secrets, line by line as it is; also those in blocks below their name.
    pub fn text(&self, text: &[u8]) -> Vec<u8> {
        let mut shown = String::with_capacity(text.len());
        let mut block = None;
        for line in String::from_utf8_lossy(text).split_inclusive('\n') {
            let indent = line.len() - line.trim_start_matches(' ').len();
            if block.is_some_and(|outer| indent > outer || line.trim().is_empty()) {
                let end = if line.ends_with('\n') { "\n" } else { "" };
                shown.push_str(&format!("{}{MASK}{end}", " ".repeat(indent)));
                continue;
            }
            block = self.opens_block(line).then_some(indent);
            match block {
                Some(_) => shown.push_str(line),
                None => shown.push_str(&self.line(line)),
            }
        }
        shown.into_bytes()
    }

    /// Whether the value of a secret follows on the next lines: `token: |`.
    fn opens_block(&self, line: &str) -> bool {
        let Some((name, value)) = line.split_once(':') else {
            return false;
        };
        let name = name
            .trim()
            .trim_start_matches("- ")
            .trim_matches(['"', '\'']);
        let is_block = value.trim().starts_with(['|', '>']);
        is_block && self.hides(name, "a value that follows")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secrets() -> Secrets {
        Secrets {
            declared: ["PLAIN".to_owned()].into_iter().collect(),
        }
    }

    #[test]
    fn values_of_secrets_are_masked_wherever_they_stand_in_a_line() {
        for (line, expected) in [
            ("      - API_TOKEN=hidden\n", "      - API_TOKEN=***\n"),
            ("  API_TOKEN: \"hid den\"", "  API_TOKEN: ***"),
            (
                "environment: {PLAIN: hidden, B: c}",
                "environment: {PLAIN: ***",
            ),
            (
                "command: x --api-token=hidden y",
                "command: x --api-token=***",
            ),
            ("\"DB_PASSWORD\": 'hidden'", "\"DB_PASSWORD\": ***"),
            ("url: http://me:hidden@db:1/x", "url: http://me:***@db:1/x"),
            ("API_TOKEN=${API_TOKEN}", "API_TOKEN=${API_TOKEN}"),
            ("A=${API_TOKEN:?the token}", "A=${API_TOKEN:?the token}"),
            ("A=${API_TOKEN:-hidden}", "A=${API_TOKEN:-***"),
            ("A=${API_TOKEN:-}", "A=${API_TOKEN:-}"),
            ("API_TOKEN=", "API_TOKEN="),
            ("TOKEN_URL: /x", "TOKEN_URL: /x"),
            ("image: nginx:1.27", "image: nginx:1.27"),
            ("password: /run/secrets/db", "password: /run/secrets/db"),
        ] {
            assert_eq!(secrets().line(line), expected);
        }
    }

    #[test]
    fn a_block_below_the_name_of_a_secret_is_masked() {
        let text = "a:\n  API_TOKEN: |-\n    hidden\n\n    hidden\n  b: c\n";
        let expected = "a:\n  API_TOKEN: |-\n    ***\n***\n    ***\n  b: c\n";
        let shown = secrets().text(text.as_bytes());
        assert_eq!(String::from_utf8_lossy(&shown), expected);
    }

    #[test]
    fn a_value_is_shown_or_not() {
        assert_eq!(secrets().value(Some("PLAIN"), "hidden"), None);
        assert_eq!(secrets().value(Some("A"), "b"), Some("b".to_owned()));
        assert_eq!(
            secrets().value(None, "http://a:hidden@b"),
            Some("http://a:***@b".to_owned())
        );
    }
}

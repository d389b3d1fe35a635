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

    /// A line without the values of secrets: `TOKEN=***`, `--token ***`, `http://user:***@host`.
    pub fn line(&self, line: &str) -> String {
        self.masked(line, self.hidden(line).as_ref())
    }

    fn masked(&self, line: &str, hidden: Option<&Hidden>) -> String {
        let mut shown = match hidden {
            Some(Hidden { from, .. }) => {
                format!("{}{MASK}{}", &line[..*from], &line[line.trim_end().len()..])
            }
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
    fn hidden(&self, line: &str) -> Option<Hidden> {
        let mut at = 0;
        while let Some((start, end)) = word(line, at) {
            at = end;
            let name = line[start..end].trim_start_matches('-');
            if line[..start].ends_with("${") {
                if let Some(default) = self.hidden_default(name, &line[end..]) {
                    let from = line.len() - default.len();
                    return Some(Hidden::new(line, from, start, Sign::Default));
                }
                continue;
            }
            let Some((sign, value)) = given(&line[start..end], &line[end..]) else {
                continue;
            };
            let bare = match sign {
                Sign::Option => value
                    .split([' ', ',', '"', '\'', ']'])
                    .next()
                    .unwrap_or(value),
                Sign::Colon | Sign::Equals | Sign::Default => {
                    value.trim_matches(['"', '\'', ' ', ',', ']', '}', '\r', '\n'])
                }
            };
            if self.hides(name, bare) {
                return Some(Hidden::new(line, line.len() - value.len(), start, sign));
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

    /// A file without the values of secrets, line by line as it is; also what of them stands below their name.
    pub fn text(&self, text: &[u8]) -> Vec<u8> {
        let mut shown = String::with_capacity(text.len());
        let mut below = Below::Nothing;
        for line in String::from_utf8_lossy(text).split_inclusive('\n') {
            if line.trim().is_empty() {
                shown.push_str(line);
                continue;
            }
            match below.holds(line, self) {
                Some(next) => {
                    shown.push_str(&masked_whole(line));
                    below = next;
                }
                None => {
                    let hidden = self.hidden(line);
                    shown.push_str(&self.masked(line, hidden.as_ref()));
                    below = hidden.map_or_else(|| self.announced(line), |hidden| hidden.below);
                }
            }
        }
        shown.into_bytes()
    }

    /// What follows a line at whose end a secret is named, and nothing of its value stands there yet.
    fn announced(&self, line: &str) -> Below {
        let text = line.trim_end().trim_end_matches([',', '"', '\'']);
        let is_key = text.ends_with(':');
        let text = text.trim_end_matches([':', ' ', '"', '\'']);
        let start = text
            .char_indices()
            .rev()
            .take_while(|(_, letter)| is_of_name(*letter))
            .last();
        let Some((start, _)) = start else {
            return Below::Nothing;
        };
        let word = &text[start..];
        let name = word.trim_start_matches('-');
        match self.hides(name, "a value that follows") {
            true if is_key => Below::Text(key_column(line, start)),
            true if word.starts_with('-') => Below::Next(name.to_owned()),
            _ => Below::Nothing,
        }
    }
}

/// Where in a line the value of a secret stands.
struct Hidden {
    /// Where it begins.
    from: usize,
    /// What of it stands on the lines below.
    below: Below,
}

impl Hidden {
    fn new(line: &str, from: usize, name: usize, sign: Sign) -> Self {
        let quotes = ['"', '\''];
        let value = &line[from..];
        let before = line[..name].chars().next_back();
        let (quote, rest) = match value.chars().next().filter(|first| quotes.contains(first)) {
            Some(quote) => (Some(quote), &value[1..]),
            // The whole entry may be quoted: `- "NAME=value`.
            None => (before.filter(|letter| quotes.contains(letter)), value),
        };
        let open = quote.filter(|quote| !rest.contains(*quote));
        let column = match sign {
            Sign::Colon => key_column(line, name),
            Sign::Equals | Sign::Option | Sign::Default => indent(line),
        };
        Hidden {
            from,
            below: open.map_or(Below::Deeper(column), Below::UpTo),
        }
    }
}

/// What parts a name and its value.
#[derive(Clone, Copy)]
enum Sign {
    /// `name: value`
    Colon,
    /// `NAME=value`
    Equals,
    /// `--name value`, also as two items of a list.
    Option,
    /// `${NAME:-value}`
    Default,
}

/// What lines below may hold of a secret.
enum Below {
    /// Nothing.
    Nothing,
    /// All that is indented further.
    Deeper(usize),
    /// The same, if the first of it is a text and no map or list.
    Text(usize),
    /// All up to a line with this quotation mark.
    UpTo(char),
    /// The next line, which is the value of the option of this name.
    Next(String),
}

impl Below {
    /// Whether a line belongs to it, and what lines below that one may hold then.
    fn holds(&self, line: &str, secrets: &Secrets) -> Option<Below> {
        match self {
            Below::Nothing => None,
            Below::Deeper(column) => (indent(line) > *column).then_some(Below::Deeper(*column)),
            Below::Text(column) => {
                let is_text = indent(line) > *column && !is_structure(line.trim());
                is_text.then_some(Below::Deeper(*column))
            }
            Below::UpTo(quote) => Some(match line.contains(*quote) {
                true => Below::Nothing,
                false => Below::UpTo(*quote),
            }),
            Below::Next(name) => {
                let item = line.trim().trim_start_matches("- ");
                let item = item.trim_matches(['"', '\'', ',', ']', ' ']);
                let is_value = !item.starts_with('-') && secrets.hides(name, item);
                is_value.then(|| Below::Deeper(indent(line)))
            }
        }
    }
}

fn is_of_name(letter: char) -> bool {
    letter.is_alphanumeric() || matches!(letter, '_' | '-' | '.')
}

/// The next word from here on that may be a name.
fn word(line: &str, at: usize) -> Option<(usize, usize)> {
    let start = at + line[at..].find(is_of_name)?;
    let end = line[start..].find(|letter| !is_of_name(letter));
    Some((start, end.map_or(line.len(), |offset| start + offset)))
}

/// The value that the rest of a line gives to a word, and how.
fn given<'l>(word: &str, rest: &'l str) -> Option<(Sign, &'l str)> {
    let behind = rest.trim_start_matches(['"', '\'']);
    let value = behind.trim_start();
    for (letter, sign) in [(':', Sign::Colon), ('=', Sign::Equals)] {
        if let Some(value) = value.strip_prefix(letter) {
            return Some((sign, value.trim_start()));
        }
    }
    let is_apart = word.starts_with('-') && behind.starts_with([' ', ',']);
    let value = behind.trim_start_matches([' ', ',', '"', '\'']);
    (is_apart && !value.starts_with('-')).then_some((Sign::Option, value))
}

fn indent(line: &str) -> usize {
    line.len() - line.trim_start_matches(' ').len()
}

/// Where a key begins that nothing but an item's dash stands before: what is indented further belongs to it. Its
/// quotation mark is a part of it. Other keys stand in `{ }`, for which the line counts.
fn key_column(line: &str, name: usize) -> usize {
    let before = line[..name].trim_end_matches(['"', '\'']);
    match before.trim_matches(['-', ' ']).is_empty() {
        true => before.len(),
        false => indent(line),
    }
}

/// Whether a line begins a map or a list.
fn is_structure(text: &str) -> bool {
    let is_map = match text.starts_with(['"', '\'']) {
        true => text.contains("\":") || text.contains("':"),
        false => text.contains(": ") || text.ends_with(':'),
    };
    is_map || text == "-" || text.starts_with("- ")
}

fn masked_whole(line: &str) -> String {
    let end = if line.ends_with('\n') { "\n" } else { "" };
    format!("{}{MASK}{end}", " ".repeat(indent(line)))
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
            ("x --api-token hidden y", "x --api-token ***"),
            (
                "[x, \"--api-token\", \"hidden\"]",
                "[x, \"--api-token\", \"***",
            ),
            (
                "x --api-token ${T} --password hidden",
                "x --api-token ${T} --password ***",
            ),
            ("x --api-token --quiet", "x --api-token --quiet"),
        ] {
            assert_eq!(secrets().line(line), expected);
        }
    }

    #[test]
    fn what_stands_of_a_secret_on_further_lines_is_masked() {
        for (text, expected) in [
            (
                "a:\n  API_TOKEN: |-\n    hidden\n\n    hidden\n  b: c\n",
                "a:\n  API_TOKEN: ***\n    ***\n\n    ***\n  b: c\n",
            ),
            (
                "API_TOKEN: !!str |\n  hidden\nb: c\n",
                "API_TOKEN: ***\n  ***\nb: c\n",
            ),
            (
                "API_TOKEN: hid\n  den\nb: c\n",
                "API_TOKEN: ***\n  ***\nb: c\n",
            ),
            ("API_TOKEN:\n  hidden\nb: c\n", "API_TOKEN:\n  ***\nb: c\n"),
            (
                "a: { API_TOKEN:\n  hidden }\nb: c",
                "a: { API_TOKEN:\n  ***\nb: c",
            ),
            (
                "- API_TOKEN=hid\n  den\n- B=c\n",
                "- API_TOKEN=***\n  ***\n- B=c\n",
            ),
            (
                "- API_TOKEN: hidden\n  b: c\n",
                "- API_TOKEN: ***\n  b: c\n",
            ),
            (
                "- \"API_TOKEN=hid\n  den\"\n- B=c\n",
                "- \"API_TOKEN=***\n  ***\n- B=c\n",
            ),
            (
                "API_TOKEN=\"hid\n\nden\"\nB=c\n",
                "API_TOKEN=***\n\n***\nB=c\n",
            ),
            (
                "- --api-token\n- hidden\n- b\n",
                "- --api-token\n***\n- b\n",
            ),
            (
                "- --api-token\n- ${T}\n- b\n",
                "- --api-token\n- ${T}\n- b\n",
            ),
            (
                "auth-token:\n  image: a\n  ports: [1]\n",
                "auth-token:\n  image: a\n  ports: [1]\n",
            ),
            ("db-password:\n  - a\n", "db-password:\n  - a\n"),
        ] {
            let shown = secrets().text(text.as_bytes());
            assert_eq!(String::from_utf8_lossy(&shown), expected);
        }
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

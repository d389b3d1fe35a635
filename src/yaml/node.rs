//! The tree of a YAML document: texts, lists and maps, each with its place.

use crate::place::Place;

/// A value and where it stands. The tree lives for `'t`, its texts for `'s`.
///
/// The place of a scalar is its text, quotes included; the place of a list or map
/// reaches from its first byte to its end. A value that came through an alias keeps
/// the place of the anchored value.
#[derive(Clone, Copy, Debug)]
pub struct Node<'t, 's> {
    /// What the value is.
    pub kind: Kind<'t, 's>,
    /// Where it stands.
    pub place: Place,
}

/// What a value is, before anyone asks for a type.
#[derive(Clone, Copy, Debug)]
pub enum Kind<'t, 's> {
    /// A scalar without quotes: a text, a number, true or false, or nothing.
    Plain(&'s str),
    /// A scalar in quotes, in a block (`|`, `>`) or tagged `!!str`: always a text.
    Quoted(&'s str),
    /// A list.
    Seq(&'t [Node<'t, 's>]),
    /// A map, in the order of the file.
    Map(&'t [Entry<'t, 's>]),
    /// A value with a tag outside YAML's core schema, such as `!reset`.
    Tagged(&'t Tagged<'t, 's>),
}

/// A key of a map and its value.
#[derive(Clone, Copy, Debug)]
pub struct Entry<'t, 's> {
    /// The key's text, quotes and escapes resolved.
    pub key: &'s str,
    /// Where the key stands.
    pub key_place: Place,
    /// The key's value.
    pub value: Node<'t, 's>,
}

/// A tag and the value that it stands before.
#[derive(Clone, Copy, Debug)]
pub struct Tagged<'t, 's> {
    /// The tag as written, such as `!reset`.
    pub tag: &'s str,
    /// The value behind the tag.
    pub node: Node<'t, 's>,
}

impl<'t, 's> Node<'t, 's> {
    /// Whether the value is nothing: empty, `~`, `null`, `Null` or `NULL` without quotes
    /// (YAML 1.2.2, section 10.3.2).
    #[must_use]
    pub fn is_null(&self) -> bool {
        matches!(self.kind, Kind::Plain("" | "~" | "null" | "Null" | "NULL"))
    }

    /// The scalar's text, whatever it would resolve to; `None` for nothing, lists, maps
    /// and tagged values.
    #[must_use]
    pub fn as_text(&self) -> Option<&'s str> {
        match self.kind {
            Kind::Plain(text) if !self.is_null() => Some(text),
            Kind::Quoted(text) => Some(text),
            _ => None,
        }
    }

    /// Whether a scalar is a text: quoted, or plain and neither a number, true or false, nor nothing.
    #[must_use]
    pub fn is_string(&self) -> bool {
        match self.kind {
            Kind::Quoted(_) => true,
            Kind::Plain(_) => self.kind_word() == "a text",
            Kind::Seq(_) | Kind::Map(_) | Kind::Tagged(_) => false,
        }
    }

    /// The entries, if the value is a map.
    #[must_use]
    pub fn as_map(&self) -> Option<&'t [Entry<'t, 's>]> {
        match self.kind {
            Kind::Map(entries) => Some(entries),
            _ => None,
        }
    }

    /// The items, if the value is a list.
    #[must_use]
    pub fn as_seq(&self) -> Option<&'t [Node<'t, 's>]> {
        match self.kind {
            Kind::Seq(items) => Some(items),
            _ => None,
        }
    }

    /// The value under `key`, if this is a map that has it. Searches from the front.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&'t Node<'t, 's>> {
        let entries = self.as_map()?;
        entries.iter().find(|e| e.key == key).map(|e| &e.value)
    }

    /// What the value is, in words for a message: "a map", "a list", "a text",
    /// "a number", "true or false" or "nothing". A tag does not count.
    #[must_use]
    pub fn kind_word(&self) -> &'static str {
        match self.kind {
            Kind::Seq(_) => "a list",
            Kind::Map(_) => "a map",
            Kind::Quoted(_) => "a text",
            Kind::Tagged(tagged) => tagged.node.kind_word(),
            Kind::Plain(_) if self.is_null() => "nothing",
            Kind::Plain("true" | "True" | "TRUE" | "false" | "False" | "FALSE") => "true or false",
            Kind::Plain(text) if is_number(text) => "a number",
            Kind::Plain(_) => "a text",
        }
    }
}

/// Whether YAML 1.2 takes the text for an integer or a float (section 10.3.2).
fn is_number(text: &str) -> bool {
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    if let Some(octal) = text.strip_prefix("0o") {
        return !octal.is_empty() && octal.bytes().all(|b| matches!(b, b'0'..=b'7'));
    }
    if let Some(hex) = text.strip_prefix("0x") {
        return !hex.is_empty() && hex.bytes().all(|b| b.is_ascii_hexdigit());
    }
    match unsigned.as_bytes() {
        [b'.', b'0'..=b'9', ..] | [b'0'..=b'9', ..] => unsigned.parse::<f64>().is_ok(),
        _ => {
            matches!(unsigned, ".inf" | ".Inf" | ".INF") || matches!(text, ".nan" | ".NaN" | ".NAN")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain(text: &str) -> Node<'_, '_> {
        Node {
            kind: Kind::Plain(text),
            place: Place::NOWHERE,
        }
    }

    #[test]
    fn a_node_is_32_bytes() {
        assert_eq!(size_of::<Node>(), 32);
    }

    #[test]
    fn kinds_have_words() {
        for (text, word) in [
            ("", "nothing"),
            ("~", "nothing"),
            ("null", "nothing"),
            ("nul", "a text"),
            ("true", "true or false"),
            ("yes", "a text"),
            ("12", "a number"),
            ("-1.5e3", "a number"),
            ("0x1F", "a number"),
            ("0o17", "a number"),
            (".inf", "a number"),
            ("-.INF", "a number"),
            (".nan", "a number"),
            ("-", "a text"),
            ("0x", "a text"),
            ("1.2.3", "a text"),
            ("inf", "a text"),
        ] {
            assert_eq!(plain(text).kind_word(), word, "{text:?}");
        }
        assert_eq!(
            Node {
                kind: Kind::Quoted("12"),
                place: Place::NOWHERE
            }
            .kind_word(),
            "a text"
        );
    }

    #[test]
    fn nothing_is_no_text() {
        assert_eq!(plain("null").as_text(), None);
        assert_eq!(plain("x").as_text(), Some("x"));
        assert_eq!(
            Node {
                kind: Kind::Quoted("null"),
                place: Place::NOWHERE
            }
            .as_text(),
            Some("null")
        );
    }
}

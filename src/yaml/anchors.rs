//! The words for an alias without an anchor. Looked for in the text, since the tokeniser keeps no names: a hint for
//! people, and only where something is wrong already.

use crate::values::shown::shown;
use crate::values::suggest::nearest;

/// Of more anchors nobody is helped by one.
const MOST: usize = 1_000;

/// What is wrong with the alias at an offset, how long it is, and what to do about it.
pub(super) fn unknown(text: &str, at: usize) -> (String, usize, String) {
    let alias = text.get(at..).unwrap_or_default();
    let name = alias.strip_prefix('*').map_or("", name_of);
    let message = format!(
        "the alias {} names no anchor that stands before it",
        shown(&format!("*{name}"))
    );
    (message, name.len() + 1, help(text, at, name))
}

fn help(text: &str, at: usize, name: &str) -> String {
    let (before, behind) = text.split_at(at);
    if let Some(place) = anchors(behind).find(|(_, anchor)| *anchor == name) {
        let line = 1 + text[..at + place.0]
            .bytes()
            .filter(|byte| *byte == b'\n')
            .count();
        return format!("its anchor comes later, on line {line}: move that before the alias");
    }
    match nearest(name, anchors(before).map(|(_, anchor)| anchor).take(MOST)) {
        Some(near) => format!("did you mean `*{near}`?"),
        None => "a text that starts with `*` needs quotes".to_owned(),
    }
}

/// The anchors of a text, with their offsets: what stands behind a `&` that begins a value, in no comment.
fn anchors(text: &str) -> impl Iterator<Item = (usize, &str)> {
    text.match_indices('&').filter_map(|(at, _)| {
        let line = text[..at].rfind('\n').map_or(0, |end| end + 1);
        let before = &text[line..at];
        let begins = before.is_empty() || before.ends_with([' ', '\t', '[', '{', ',']);
        let is_value = matches!(
            before.trim_end().bytes().last(),
            None | Some(b':' | b'-' | b'?' | b'[' | b'{' | b',')
        );
        let is_comment = before.starts_with('#') || before.contains(" #");
        let name = name_of(&text[at + 1..]);
        (begins && is_value && !is_comment && !name.is_empty()).then_some((at, name))
    })
}

/// The name at the start of a text.
fn name_of(text: &str) -> &str {
    let is_end = |c: char| c.is_whitespace() || matches!(c, ',' | '[' | ']' | '{' | '}');
    text.split(is_end).next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::unknown;

    #[test]
    fn an_unknown_alias_is_named_with_the_anchor_that_was_meant() {
        for (text, message, len, help) in [
            (
                "a: &base {}\nb: *bsae\n",
                "the alias `*bsae` names no anchor that stands before it",
                5,
                "did you mean `*base`?",
            ),
            (
                "a: [*later]\nb: &later x\n",
                "the alias `*later` names no anchor that stands before it",
                6,
                "its anchor comes later, on line 2: move that before the alias",
            ),
            (
                "# a: &start\nb: 'x &start'\nc: *star\n",
                "the alias `*star` names no anchor that stands before it",
                5,
                "a text that starts with `*` needs quotes",
            ),
        ] {
            let at = text.find('*').unwrap();
            assert_eq!(unknown(text, at), (message.into(), len, help.into()));
        }
    }
}

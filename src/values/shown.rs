//! How a text of the catalog appears in a message: nothing in it can hide, move the cursor or fill the screen.

/// The most characters of a text that a message repeats.
const LONGEST: usize = 80;

/// A text as it is quoted in messages: in backticks, with every invisible character as `\u{..}`,
/// and cut after 80 characters with `…`. No text at all is called so: `an empty text`.
pub fn shown(text: &str) -> String {
    if text.is_empty() {
        return "an empty text".to_owned();
    }
    let is_plain = |byte: u8| byte.is_ascii_graphic() || byte == b' ';
    if text.len() <= LONGEST && text.bytes().all(is_plain) {
        return ["`", text, "`"].concat();
    }
    let mut quoted = String::from("`");
    let mut characters = text.chars();
    for character in characters.by_ref().take(LONGEST) {
        push_visibly(&mut quoted, character);
    }
    if characters.next().is_some() {
        quoted.push('…');
    }
    quoted.push('`');
    quoted
}

fn push_visibly(quoted: &mut String, character: char) {
    if is_invisible(character) {
        quoted.extend(character.escape_unicode());
    } else {
        quoted.push(character);
    }
}

/// Controls, blanks that are no plain space, and what has no width or turns the writing direction.
pub fn is_invisible(character: char) -> bool {
    character.is_control()
        || (character.is_whitespace() && character != ' ')
        || has_no_width(character)
}

/// Unicode's default-ignorable code points and interlinear marks: the bidirectional controls, joiners,
/// fillers, variation selectors and tags are all among them.
fn has_no_width(character: char) -> bool {
    matches!(u32::from(character),
        0xAD | 0x34F | 0x61C | 0x115F..=0x1160 | 0x17B4..=0x17B5 | 0x180B..=0x180F
        | 0x200B..=0x200F | 0x202A..=0x202E | 0x2060..=0x206F | 0x3164 | 0xFE00..=0xFE0F
        | 0xFEFF | 0xFFA0 | 0xFFF0..=0xFFFB | 0x1BCA0..=0x1BCA3 | 0x1D173..=0x1D17A
        | 0xE0000..=0xE0FFF)
}

#[cfg(test)]
mod tests {
    use super::shown;
    use proptest::prelude::*;

    #[test]
    fn plain_text_stands_in_backticks() {
        assert_eq!(shown("weather-api"), "`weather-api`");
        assert_eq!(shown("größe 1"), "`größe 1`");
    }

    #[test]
    fn no_text_is_called_so() {
        assert_eq!(shown(""), "an empty text");
    }

    #[test]
    fn what_cannot_be_seen_is_written_out() {
        for (text, expected) in [
            ("a\nb", "`a\\u{a}b`"),
            ("\u{1b}[31m", "`\\u{1b}[31m`"),
            ("a\u{202e}b", "`a\\u{202e}b`"),
            ("a\u{200b}b", "`a\\u{200b}b`"),
            ("\u{feff}a", "`\\u{feff}a`"),
            ("a\u{a0}b", "`a\\u{a0}b`"),
            ("a\u{9b}b", "`a\\u{9b}b`"),
            ("a\u{e0041}b", "`a\\u{e0041}b`"),
        ] {
            assert_eq!(shown(text), expected);
        }
    }

    #[test]
    fn a_long_text_is_cut() {
        assert_eq!(shown(&"a".repeat(80)), format!("`{}`", "a".repeat(80)));
        assert_eq!(shown(&"ü".repeat(81)), format!("`{}…`", "ü".repeat(80)));
    }

    proptest! {
        #[test]
        fn it_is_one_short_line_without_controls(text in any::<String>()) {
            let quoted = shown(&text);
            prop_assert!(!quoted.chars().any(char::is_control));
            prop_assert!(quoted.chars().count() <= 80 * 10 + 3);
        }
    }
}

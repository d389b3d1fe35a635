//! Single bytes of texts. Most texts are so short that a searcher is set up longer than it searches.

/// Whether an ASCII byte stands in a text. Eight bytes are asked at once.
pub fn holds(text: &str, byte: u8) -> bool {
    let bytes = text.as_bytes();
    in_eights(bytes, |eight| is_among(byte, eight)).unwrap_or_else(|| bytes.contains(&byte))
}

/// Whether one of two ASCII bytes stands in a text.
pub fn holds_either(text: &str, one: u8, other: u8) -> bool {
    let bytes = text.as_bytes();
    in_eights(bytes, |eight| is_among(one, eight) | is_among(other, eight))
        .unwrap_or_else(|| bytes.iter().any(|byte| *byte == one || *byte == other))
}

/// Whether a text is one of some words. Few words begin like it, and the others are not read.
pub fn is_one_of<'w>(text: &str, mut words: impl Iterator<Item = &'w str>) -> bool {
    let first = text.as_bytes().first();
    words.any(|word| word.as_bytes().first() == first && word == text)
}

/// Asks all bytes by eights, the last of which may be asked twice; `None` where there are fewer.
fn in_eights(bytes: &[u8], is_in: impl Fn([u8; 8]) -> bool) -> Option<bool> {
    let last = bytes.last_chunk()?;
    let (eights, _) = bytes.as_chunks();
    Some(eights.iter().any(|eight| is_in(*eight)) || is_in(*last))
}

/// The lowest bit of each byte.
const LOWEST: u64 = u64::from_ne_bytes([1; 8]);

/// Whether a byte is among eight: what is equal becomes zero, and a zero alone borrows from its highest bit.
fn is_among(byte: u8, eight: [u8; 8]) -> bool {
    let differing = u64::from_ne_bytes(eight) ^ (LOWEST * u64::from(byte));
    differing.wrapping_sub(LOWEST) & !differing & (LOWEST << 7) != 0
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_byte_is_found_wherever_it_stands(text in "[:;9é\u{1}${]{0,24}") {
            for byte in [b':', b'$', b';', b'x', 0, 1] {
                prop_assert_eq!(holds(&text, byte), text.as_bytes().contains(&byte), "{} in {:?}", byte, text);
                let either = text.as_bytes().iter().any(|other| [byte, b'{'].contains(other));
                prop_assert_eq!(holds_either(&text, byte, b'{'), either, "{} or {{ in {:?}", byte, text);
            }
        }
    }
}

//! Single bytes of texts. Most texts are so short that a searcher is set up longer than it searches.

/// Whether a byte stands in a text, which is ASCII: eight bytes are asked at once.
pub fn holds(text: &str, byte: u8) -> bool {
    let bytes = text.as_bytes();
    match bytes.last_chunk() {
        Some(last) => {
            let (eights, _) = bytes.as_chunks();
            eights.iter().any(|eight| is_among(byte, *eight)) || is_among(byte, *last)
        }
        None => bytes.contains(&byte),
    }
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
        fn a_byte_is_found_wherever_it_stands(text in "[:;9é\u{1}$]{0,24}") {
            for byte in [b':', b'$', b';', b'x', 0, 1] {
                prop_assert_eq!(holds(&text, byte), text.as_bytes().contains(&byte), "{} in {:?}", byte, text);
            }
        }
    }
}

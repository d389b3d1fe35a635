//! What a text is made of, seen in one pass. Each way in which a text holds a secret needs signs that most texts have
//! none of, and every text of every service of every mode is asked.

use super::tokens::SHORTEST;

/// The kinds of bytes that a text has, and its longest run of letters that a token may be made of.
#[derive(Clone, Copy)]
pub(super) struct Signs {
    kinds: u16,
    longest: usize,
}

/// Blanks of ASCII.
const BLANK: u16 = 1;
const EQUALS: u16 = 1 << 1;
const AT: u16 = 1 << 2;
/// The double quotation mark.
const QUOTE: u16 = 1 << 3;
const SEMICOLON: u16 = 1 << 4;
const DOLLAR: u16 = 1 << 5;
const COLON: u16 = 1 << 6;
const SLASH: u16 = 1 << 7;
const DASH: u16 = 1 << 8;
/// The rarest letter of `authorization`.
const ZED: u16 = 1 << 9;
/// The rarest letter of `hooks`.
const KAY: u16 = 1 << 10;
/// A letter of tokens: `[A-Za-z0-9_.-]`.
const PART: u16 = 1 << 11;
/// What may be, or be a part of, a blank that is none of ASCII.
const ODD: u16 = 1 << 12;

static KINDS: [u16; 256] = kinds();

const fn kinds() -> [u16; 256] {
    let mut all = [0; 256];
    let mut byte = 0_u8;
    loop {
        all[byte as usize] = kind(byte);
        if byte == u8::MAX {
            return all;
        }
        byte += 1;
    }
}

const fn kind(byte: u8) -> u16 {
    match byte {
        b'=' => EQUALS,
        b'@' => AT,
        b'"' => QUOTE,
        b';' => SEMICOLON,
        b'$' => DOLLAR,
        b':' => COLON,
        b'/' => SLASH,
        b'-' => DASH | PART,
        b'z' | b'Z' => ZED | PART,
        b'k' => KAY | PART,
        b'_' | b'.' => PART,
        _ if byte.is_ascii_alphanumeric() => PART,
        _ if byte.is_ascii_whitespace() => BLANK,
        // A vertical tab is a blank of Unicode alone.
        b'\x0b' | 0x80.. => ODD,
        _ => 0,
    }
}

/// Whether a byte is a letter of tokens.
pub(super) fn is_part(byte: u8) -> bool {
    KINDS[usize::from(byte)] & PART != 0
}

impl Signs {
    pub fn of(text: &str) -> Self {
        let (mut seen, mut run, mut longest) = (0, 0, 0);
        if text.len() < SHORTEST {
            // It holds no token, whatever its runs are.
            let kinds = text
                .bytes()
                .fold(0, |seen, byte| seen | KINDS[usize::from(byte)]);
            return Signs { kinds, longest };
        }
        for byte in text.bytes() {
            let kind = KINDS[usize::from(byte)];
            seen |= kind;
            run = if kind & PART == 0 { 0 } else { run + 1 };
            longest = longest.max(run);
        }
        Signs {
            kinds: seen,
            longest,
        }
    }

    fn any(self, kinds: u16) -> bool {
        self.kinds & kinds != 0
    }

    fn all(self, kinds: u16) -> bool {
        self.kinds & kinds == kinds
    }

    /// One word, without a sign that parts a name and a value.
    pub fn is_plain_word(self) -> bool {
        !self.any(BLANK | EQUALS | AT | QUOTE | SEMICOLON | DOLLAR)
    }

    /// One word like that, but for variables that may stand in it.
    pub fn is_word_of_variables(self) -> bool {
        !self.any(BLANK | EQUALS | AT | QUOTE | SEMICOLON)
    }

    /// A name with its value: `=` between them.
    pub fn may_hold_pair(self) -> bool {
        self.any(EQUALS)
    }

    /// A header as all of it.
    pub fn may_hold_heading(self) -> bool {
        self.all(COLON | BLANK)
    }

    /// A folder before a name.
    pub fn may_hold_path(self) -> bool {
        self.any(SLASH)
    }

    /// Blanks, those of ASCII or others.
    pub fn may_hold_blank(self) -> bool {
        self.any(BLANK | ODD)
    }

    /// Anything that is told by its looks.
    pub fn may_hold_shape(self) -> bool {
        self.may_hold_token() || self.may_hold_hook() || self.may_hold_hash()
    }

    /// A token: a run of its letters.
    pub fn may_hold_token(self) -> bool {
        self.longest >= SHORTEST
    }

    /// The address of a webhook.
    pub fn may_hold_hook(self) -> bool {
        self.all(SLASH | KAY)
    }

    /// The hash of a password.
    pub fn may_hold_hash(self) -> bool {
        self.any(DOLLAR)
    }

    /// A password in front of an address's `@`.
    pub fn may_hold_address(self) -> bool {
        self.all(AT | COLON | SLASH)
    }

    /// A header `Authorization` with its value.
    pub fn may_hold_header(self) -> bool {
        self.any(ZED) && self.any(COLON | EQUALS)
    }

    /// A quoted name with its value.
    pub fn may_hold_quoted_pair(self) -> bool {
        self.all(QUOTE | COLON)
    }

    /// The first line of a private key.
    pub fn may_hold_key(self) -> bool {
        self.all(BLANK | DASH)
    }

    /// A default of a variable.
    pub fn may_hold_default(self) -> bool {
        self.all(DOLLAR | DASH)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_has_the_signs_of_its_bytes() {
        let plain = Signs::of("influxdb:2.7.5/é");
        assert!(plain.is_plain_word() && plain.is_word_of_variables() && !plain.may_hold_header());
        assert!(!Signs::of("a b").is_word_of_variables());
        assert!(Signs::of("${A}/b").is_word_of_variables() && !Signs::of("${A}").is_plain_word());
        assert!(Signs::of("x://a@b").may_hold_address() && !Signs::of("a@b").may_hold_address());
        assert!(Signs::of("authoriZation:").may_hold_header());
        assert!(
            Signs::of("\"a\":").may_hold_quoted_pair() && Signs::of("${A-b}").may_hold_default()
        );
        assert!(Signs::of("-- BEGIN").may_hold_key() && !Signs::of("--BEGIN").may_hold_key());
    }

    #[test]
    fn a_hook_is_an_address_and_a_hash_has_its_sign() {
        assert!(Signs::of("hooks/a").may_hold_hook() && !Signs::of("hooks").may_hold_hook());
        assert!(Signs::of("$1$").may_hold_hash() && !Signs::of("1").may_hold_hash());
    }

    #[test]
    fn a_token_needs_a_run_as_long_as_the_shortest() {
        assert!(Signs::of(&"a".repeat(SHORTEST)).may_hold_token());
        assert!(!Signs::of(&format!("{0}:{0}", "a".repeat(SHORTEST - 1))).may_hold_token());
    }
}

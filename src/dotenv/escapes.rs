//! What a backslash means between double quotes: the escapes of compose-go, and no others.

/// The text with its escapes replaced. `\$` becomes `$$`, which interpolation reads as a plain `$`; what is no escape
/// stays as it is written.
pub(super) fn expanded(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('\\') {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let len = one(rest, &mut out);
        rest = &rest[len..];
    }
    out.push_str(rest);
    out
}

/// Adds what the escape at the head of `rest` stands for, and gives its length in bytes.
fn one(rest: &str, out: &mut String) -> usize {
    let simple = match rest.as_bytes().get(1) {
        Some(b'0') => return octal(rest, out),
        Some(b'$') => "$$",
        Some(b'a') => "\u{7}",
        Some(b'b') => "\u{8}",
        Some(b'f') => "\u{c}",
        Some(b'n') => "\n",
        Some(b'r') => "\r",
        Some(b't') => "\t",
        Some(b'v') => "\u{b}",
        Some(b'"') => "\"",
        Some(b'\\') => "\\",
        _ => {
            out.push('\\');
            return 1;
        }
    };
    out.push_str(simple);
    2
}

/// `\0` and up to three digits. Three octal ones up to 377 are a character; with fewer, or others, compose-go drops
/// the `0` and keeps the rest as text.
fn octal(rest: &str, out: &mut String) -> usize {
    let digits = rest.as_bytes()[2..].iter().take(3);
    let len = digits.take_while(|byte| byte.is_ascii_digit()).count();
    let digits = &rest[2..2 + len];
    let code = u8::from_str_radix(digits, 8).ok().filter(|_| len == 3);
    match code {
        Some(code) => out.push(char::from(code)),
        None => {
            out.push('\\');
            out.push_str(digits);
        }
    }
    2 + len
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn replaces_the_escapes_of_compose() {
        for (written, expected) in [
            (r"a\nb\tc", "a\nb\tc"),
            (r"\a\b\f\r\v", "\u{7}\u{8}\u{c}\r\u{b}"),
            (r#"\\ \""#, "\\ \""),
            (r"\$A", "$$A"),
            (r"\0101", "A"),
            (r"\01011", "A1"),
            (r"\01 \0 \0189 \0777", r"\1 \ \189 \777"),
            (r"\0200", "\u{80}"),
            (r"\c \x41 \u0041 \ü", r"\c \x41 \u0041 \ü"),
            (r"a\", r"a\"),
        ] {
            assert_eq!(expanded(written), expected, "{written}");
        }
    }
}

//! Shares of a whole.

use std::fmt;
use std::str::FromStr;

use super::Refusal;

const NOT_A_PERCENTAGE: &str = "a percentage";
const INSTEAD: &str = "write a whole number from 1 to 100 and `%`, such as `50%`";

/// A share of something, from 1 to 100 percent, written `50%`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Percent(u8);

impl Percent {
    /// The number before `%`.
    pub const fn value(self) -> u8 {
        self.0
    }
}

impl fmt::Display for Percent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&format!("{}%", self.0))
    }
}

impl FromStr for Percent {
    type Err = Refusal;

    fn from_str(text: &str) -> Result<Self, Refusal> {
        text.strip_suffix('%')
            .filter(|digits| digits.bytes().all(|byte| byte.is_ascii_digit()))
            .and_then(|digits| digits.parse().ok())
            .filter(|value| (1..=100).contains(value))
            .map(Percent)
            .ok_or_else(|| Refusal::of(text, NOT_A_PERCENTAGE, INSTEAD, help_for(text)))
    }
}

fn help_for(text: &str) -> Option<String> {
    let number = text.strip_suffix('%').unwrap_or(text);
    if number.contains(['.', ',']) {
        return Some("a percentage has no fraction".to_owned());
    }
    let closed: String = number.trim().chars().chain(['%']).collect();
    (closed != text && closed.parse::<Percent>().is_ok()).then(|| format!("write `{closed}`"))
}

#[cfg(test)]
mod tests {
    use super::Percent;
    use crate::values::refusal::told;

    #[test]
    fn what_is_written_is_read_back() {
        for value in 1..=100 {
            assert_eq!(
                format!("{value}%").parse::<Percent>().map(Percent::value),
                Ok(value)
            );
            assert_eq!(Percent(value).to_string().parse(), Ok(Percent(value)));
        }
    }

    #[test]
    fn other_texts_are_refused() {
        let instead = "write a whole number from 1 to 100 and `%`, such as `50%`";
        for (text, help) in [
            ("0%", ""),
            ("101%", ""),
            ("300%", ""),
            ("-5%", ""),
            ("+5%", ""),
            ("%", ""),
            ("half", ""),
            ("12.5%", " | a percentage has no fraction"),
            ("0.5", " | a percentage has no fraction"),
            ("50", " | write `50%`"),
            ("50 %", " | write `50%`"),
        ] {
            let expected = format!("`{text}` is not a percentage; {instead}{help}");
            assert_eq!(told(text.parse::<Percent>()), expected);
        }
        assert_eq!(
            told("".parse::<Percent>()),
            format!("an empty text is not a percentage; {instead}")
        );
    }
}

//! The safety class of a mode.

use std::fmt;
use std::str::FromStr;

use super::Refusal;
use super::suggest::nearest;

/// What a mode is for, which decides what may enter it: made-up data and test services never enter production.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ModeClass {
    /// `test`: a mode whose data may be lost.
    Test,
    /// `production`: a mode whose data is real.
    Production,
}

impl ModeClass {
    /// Both classes, in the order of their declaration.
    pub const ALL: [ModeClass; 2] = [ModeClass::Test, ModeClass::Production];

    /// The word for the class, in the catalog and in `DEPLOYMENT_MODE`.
    pub const fn as_str(self) -> &'static str {
        match self {
            ModeClass::Test => "test",
            ModeClass::Production => "production",
        }
    }
}

impl fmt::Display for ModeClass {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for ModeClass {
    type Err = Refusal;

    fn from_str(text: &str) -> Result<Self, Refusal> {
        match text {
            "test" => Ok(ModeClass::Test),
            "production" => Ok(ModeClass::Production),
            _ => Err(refused(text)),
        }
    }
}

fn refused(text: &str) -> Refusal {
    let instead = "write `test` or `production`";
    Refusal::of(text, "a class of modes", instead, help_for(text))
}

fn help_for(text: &str) -> Option<String> {
    let class = match text.trim().to_ascii_lowercase().as_str() {
        "prod" | "production" => ModeClass::Production,
        "test" | "tests" | "testing" => ModeClass::Test,
        typed => {
            let classes = ModeClass::ALL.map(ModeClass::as_str);
            let meant = nearest(typed, classes.into_iter())?;
            return Some(format!("did you mean `{meant}`?"));
        }
    };
    Some(format!("a mode may have any name; its class is `{class}`"))
}

#[cfg(test)]
mod tests {
    use super::ModeClass;
    use crate::values::refusal::told;

    #[test]
    fn what_is_written_is_read_back() {
        for class in ModeClass::ALL {
            assert_eq!(class.to_string().parse(), Ok(class));
        }
    }

    #[test]
    fn other_texts_are_refused() {
        for (text, expected) in [
            (
                "prod",
                "`prod` is not a class of modes; write `test` or `production` | a mode may have any name; its class is `production`",
            ),
            (
                "Test",
                "`Test` is not a class of modes; write `test` or `production` | a mode may have any name; its class is `test`",
            ),
            (
                "produktion",
                "`produktion` is not a class of modes; write `test` or `production` | did you mean `production`?",
            ),
            (
                "blue",
                "`blue` is not a class of modes; write `test` or `production`",
            ),
            (
                "",
                "an empty text is not a class of modes; write `test` or `production`",
            ),
        ] {
            assert_eq!(told(text.parse::<ModeClass>()), expected);
        }
    }
}

//! Why something of the world around the program could not be done.

use std::fmt;

/// A sentence for people, and the next step where there is one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trouble {
    /// The sentence.
    pub message: String,
    /// The next step.
    pub help: Option<String>,
}

impl Trouble {
    /// A sentence alone.
    pub fn new(message: impl Into<String>) -> Self {
        Trouble {
            message: message.into(),
            help: None,
        }
    }

    /// The same with a next step.
    #[must_use]
    pub fn help(self, help: impl Into<String>) -> Self {
        Trouble {
            help: Some(help.into()),
            ..self
        }
    }
}

impl fmt::Display for Trouble {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.message)
    }
}

impl std::error::Error for Trouble {}

//! What is wrong with a YAML file, and how a step of reading ends with it.

use crate::place::Place;

/// What is wrong with a YAML file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErrorKind {
    /// The file is no YAML document that can be read. Reading ends there.
    Syntax,
    /// A key stands twice in a map. Reading goes on.
    DuplicateKey,
}

/// One thing that is wrong with a YAML file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct YamlError {
    /// The sort of the error.
    pub kind: ErrorKind,
    /// Where it is; a syntax error points at one byte or at the wrong value.
    pub place: Place,
    /// A clause for people, without file and line.
    pub message: String,
    /// A second place that explains the first, and what is there.
    pub second: Option<(Place, String)>,
    /// What to do about it, where that is known.
    pub help: Option<String>,
}

impl YamlError {
    pub(super) fn syntax(place: Place, message: impl Into<String>) -> Self {
        Self {
            kind: ErrorKind::Syntax,
            place,
            message: message.into(),
            second: None,
            help: None,
        }
    }

    pub(super) fn with_help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}

/// A step of reading; the error is boxed to keep the common case small.
pub(super) type Step = Result<(), Box<YamlError>>;

#[cold]
pub(super) fn fail<T>(error: YamlError) -> Result<T, Box<YamlError>> {
    Err(Box::new(error))
}

/// A byte offset as places hold it; larger files are refused.
#[inline]
pub(super) fn offset(at: usize) -> u32 {
    at as u32
}

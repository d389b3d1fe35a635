//! The wording that the refusals of all value types share.

use super::Refusal;
use super::shown::shown;

impl Refusal {
    /// The refusal of a text that is `no_such_thing`, with what is written instead:
    /// "`80Q` is not a size; write a number and a unit, such as `512M` or `2G`".
    pub(crate) fn of(text: &str, no_such_thing: &str, instead: &str, help: Option<String>) -> Self {
        let message = format!("{} is not {no_such_thing}; {instead}", shown(text));
        Self { message, help }
    }
}

/// A refusal in one line, `message | help`, for the tables of the tests.
#[cfg(test)]
pub(crate) fn told<T: std::fmt::Debug>(result: Result<T, Refusal>) -> String {
    match result {
        Ok(value) => format!("accepted as {value:?}"),
        Err(Refusal {
            message,
            help: None,
        }) => message,
        Err(Refusal {
            message,
            help: Some(help),
        }) => format!("{message} | {help}"),
    }
}

#[cfg(test)]
mod tests {
    use super::{Refusal, told};

    #[test]
    fn a_refusal_has_a_message_and_perhaps_a_help() {
        let refused = |help| told::<()>(Err(Refusal::of("x", "a size", "write `1G`", help)));
        assert_eq!(refused(None), "`x` is not a size; write `1G`");
        assert_eq!(
            refused(Some("was `y` meant?".to_owned())),
            "`x` is not a size; write `1G` | was `y` meant?"
        );
    }
}

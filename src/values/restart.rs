//! When the engine starts a container again.

use std::fmt;
use std::str::FromStr;

use super::Refusal;
use super::suggest::nearest;

const NOT_A_POLICY: &str = "a restart policy";
const INSTEAD: &str =
    "write `no`, `always`, `unless-stopped`, `on-failure`, or `on-failure:3` with the most tries";

/// Compose's `restart`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Restart {
    /// `no`: never.
    No,
    /// `always`: whenever it ends, and when the engine starts.
    Always,
    /// `unless-stopped`: as `always`, but not after somebody stopped it.
    UnlessStopped,
    /// `on-failure`, `on-failure:3`: when it ends with an error, at most so many times.
    OnFailure(Option<u32>),
}

impl fmt::Display for Restart {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Restart::No => f.pad("no"),
            Restart::Always => f.pad("always"),
            Restart::UnlessStopped => f.pad("unless-stopped"),
            Restart::OnFailure(None) => f.pad("on-failure"),
            Restart::OnFailure(Some(tries)) => f.pad(&format!("on-failure:{tries}")),
        }
    }
}

impl FromStr for Restart {
    type Err = Refusal;

    fn from_str(text: &str) -> Result<Self, Refusal> {
        match text {
            "no" => Ok(Restart::No),
            "always" => Ok(Restart::Always),
            "unless-stopped" => Ok(Restart::UnlessStopped),
            "on-failure" => Ok(Restart::OnFailure(None)),
            _ => tries(text)
                .map(|tries| Restart::OnFailure(Some(tries)))
                .ok_or_else(|| Refusal::of(text, NOT_A_POLICY, INSTEAD, help_for(text))),
        }
    }
}

fn tries(text: &str) -> Option<u32> {
    let digits = text.strip_prefix("on-failure:")?;
    let plain = digits.bytes().all(|byte| byte.is_ascii_digit());
    plain.then(|| digits.parse().ok())?
}

fn help_for(text: &str) -> Option<String> {
    let (policy, tries) = text.split_once(':').unwrap_or((text, ""));
    let meant = match policy
        .to_ascii_lowercase()
        .replace(['_', ' '], "-")
        .as_str()
    {
        "false" | "never" | "none" | "no" => "no",
        "true" | "yes" | "always" => "always",
        "unless-stopped" | "unlessstopped" => "unless-stopped",
        "on-failure" | "onfailure" => "on-failure",
        other => nearest(
            other,
            ["always", "unless-stopped", "on-failure"].into_iter(),
        )?,
    };
    match (meant, tries) {
        ("on-failure", _) | (_, "") => Some(format!("was {} meant?", quoted(meant))),
        _ => Some("only `on-failure` takes a number of tries".to_owned()),
    }
}

/// `no` needs quotes: without them YAML 1.1 reads it as false.
fn quoted(policy: &str) -> String {
    match policy {
        "no" => "`\"no\"`, with quotes,".to_owned(),
        _ => format!("`{policy}`"),
    }
}

#[cfg(test)]
mod tests {
    use super::{INSTEAD, Restart};
    use crate::values::refusal::told;

    #[test]
    fn what_is_written_is_read_back() {
        for (text, restart) in [
            ("no", Restart::No),
            ("always", Restart::Always),
            ("unless-stopped", Restart::UnlessStopped),
            ("on-failure", Restart::OnFailure(None)),
            ("on-failure:3", Restart::OnFailure(Some(3))),
        ] {
            assert_eq!(text.parse(), Ok(restart));
            assert_eq!(restart.to_string(), text);
        }
    }

    #[test]
    fn other_texts_are_refused() {
        for (text, help) in [
            ("false", " | was `\"no\"`, with quotes, meant?"),
            ("never", " | was `\"no\"`, with quotes, meant?"),
            ("Always", " | was `always` meant?"),
            ("unless_stopped", " | was `unless-stopped` meant?"),
            ("on-failure:", " | was `on-failure` meant?"),
            ("on-failure:-1", " | was `on-failure` meant?"),
            ("on-failure:+1", " | was `on-failure` meant?"),
            ("always:3", " | only `on-failure` takes a number of tries"),
            ("sometimes", ""),
        ] {
            let expected = format!("`{text}` is not a restart policy; {INSTEAD}{help}");
            assert_eq!(told(text.parse::<Restart>()), expected);
        }
        assert_eq!(
            told("".parse::<Restart>()),
            format!("an empty text is not a restart policy; {INSTEAD}")
        );
    }
}

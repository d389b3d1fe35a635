//! One call of `docker`, and what its failure means in words.

use std::ffi::OsString;
use std::io;
use std::process::Command;
use std::time::Duration;

use super::process::{Ended, Running};
use crate::deploy::hidden::Hidden;

/// How long a call may take that only asks or makes something small.
const SHORT: Duration = Duration::from_secs(60);

/// What of the caller's environment reaches Docker: where it is, whom it speaks to, through which proxy. Everything else
/// stays away, so that neither a `COMPOSE_*` nor a variable of the stack comes from a shell.
const PASSED_ON: &[&str] = &[
    "PATH",
    "HOME",
    "USER",
    "LOGNAME",
    "LANG",
    "LC_ALL",
    "TMPDIR",
    "XDG_RUNTIME_DIR",
    "SSH_AUTH_SOCK",
    "HTTP_PROXY",
    "HTTPS_PROXY",
    "NO_PROXY",
    "ALL_PROXY",
    "http_proxy",
    "https_proxy",
    "no_proxy",
    "all_proxy",
    "SystemRoot",
    "USERPROFILE",
    "APPDATA",
    "LOCALAPPDATA",
    "ProgramData",
    "ProgramFiles",
    "TEMP",
    "TMP",
    "PATHEXT",
];

/// Why Docker did not do what it was asked to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trouble {
    /// What kind of trouble.
    pub kind: Kind,
    /// The sentence.
    pub message: String,
    /// The next step.
    pub help: Option<String>,
}

/// What kind of trouble.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Docker is not there.
    NoDocker,
    /// The engine does not answer.
    NoEngine,
    /// It said no.
    Refused,
}

/// Docker's command line.
#[derive(Clone, Debug, Default)]
pub struct Docker {
    /// What no message may show.
    pub hidden: Hidden,
}

impl Docker {
    /// A command of it, about to be started.
    pub fn command<S: AsRef<str>>(&self, words: &[S]) -> Command {
        let mut command = Command::new("docker");
        command.args(words.iter().map(AsRef::as_ref));
        command.env_clear().envs(environment(std::env::vars_os()));
        command
    }

    /// Starts a call that may take its time.
    ///
    /// # Errors
    /// Docker is not there.
    pub fn start<S: AsRef<str>>(&self, words: &[S]) -> Result<Running, Trouble> {
        Running::start(&mut self.command(words), None).map_err(|error| not_started(&error))
    }

    /// The same, with something to read.
    ///
    /// # Errors
    /// Docker is not there.
    pub fn start_with<S: AsRef<str>>(
        &self,
        words: &[S],
        input: String,
    ) -> Result<Running, Trouble> {
        let command = &mut self.command(words);
        Running::start(command, Some(input)).map_err(|error| not_started(&error))
    }

    /// Does a call to its end; `what` could not be done is said where it fails.
    ///
    /// # Errors
    /// Docker is not there, the engine does not answer, or it said no.
    pub fn call<S: AsRef<str>>(&self, what: &str, words: &[S]) -> Result<String, Trouble> {
        let ended = self.ended(what, words)?;
        match ended.success {
            true => Ok(ended.out),
            false => Err(self.trouble(what, &ended)),
        }
    }

    /// Does a call to its end, whatever it says.
    ///
    /// # Errors
    /// Docker is not there, or the engine does not answer.
    pub fn ended<S: AsRef<str>>(&self, what: &str, words: &[S]) -> Result<Ended, Trouble> {
        self.ended_within(SHORT, what, words)
    }

    /// The same, for what may take longer.
    ///
    /// # Errors
    /// As `ended`.
    pub fn ended_within<S: AsRef<str>>(
        &self,
        most: Duration,
        what: &str,
        words: &[S],
    ) -> Result<Ended, Trouble> {
        let ended = self.start(words)?.wait(most).ok_or_else(|| Trouble {
            kind: Kind::NoEngine,
            message: format!("{what}: the engine did not answer for {} s", most.as_secs()),
            help: Some("`docker info` shows whether it works".to_owned()),
        })?;
        match !ended.success && is_unreachable(&ended.err) {
            true => Err(self.trouble(what, &ended)),
            false => Ok(ended),
        }
    }

    /// Why a call failed, from what it said.
    pub fn trouble(&self, what: &str, ended: &Ended) -> Trouble {
        if is_unreachable(&ended.err) {
            return Trouble {
                kind: Kind::NoEngine,
                message: format!("{what}: the Docker engine does not answer"),
                help: Some("start it, or name another one with DOCKER_HOST; `docker info` shows what is wrong".to_owned()),
            };
        }
        Trouble {
            kind: Kind::Refused,
            message: format!("{what}: {}", self.said(&ended.err)),
            help: None,
        }
    }

    /// The words of a call that matter, without values: its last line, since what goes before is progress.
    fn said(&self, text: &str) -> String {
        let text = self.hidden.in_text(text);
        let mut lines = text.lines().map(str::trim);
        let last = lines.rfind(|line| !line.is_empty() && !line.starts_with("time="));
        let last = last.unwrap_or("Docker said nothing");
        let daemon = "Error response from daemon: ";
        let last = last.strip_prefix("Error: ").unwrap_or(last);
        last.strip_prefix(daemon).unwrap_or(last).to_owned()
    }
}

/// What Docker says is no JSON, or not that of this version.
pub fn not_understood(what: &str) -> Trouble {
    Trouble {
        kind: Kind::Refused,
        message: format!("what `{what}` says is not understood"),
        help: None,
    }
}

fn environment(all: impl Iterator<Item = (OsString, OsString)>) -> Vec<(OsString, OsString)> {
    let is_passed = |name: &str| {
        PASSED_ON.contains(&name) || name.starts_with("DOCKER_") || name.starts_with("BUILDKIT_")
    };
    all.filter(|(name, _)| name.to_str().is_some_and(is_passed))
        .collect()
}

fn not_started(error: &io::Error) -> Trouble {
    let (message, help) = match error.kind() {
        io::ErrorKind::NotFound => (
            "Docker is not installed: there is no `docker` in PATH".to_owned(),
            Some("https://docs.docker.com/engine/install/ says how".to_owned()),
        ),
        _ => (format!("`docker` cannot be started: {error}"), None),
    };
    Trouble {
        kind: Kind::NoDocker,
        message,
        help,
    }
}

/// What Docker's command line says where nobody answers, or stops answering in the middle.
const UNREACHABLE: &[&str] = &[
    "Cannot connect to the Docker daemon",
    "cannot connect to the Docker daemon",
    "error during connect",
    "connection refused",
    "connect: no such file or directory",
    "connect: permission denied",
    "connection reset by peer",
    "unexpected EOF",
    ": EOF",
];

fn is_unreachable(text: &str) -> bool {
    // The same words stand where the engine answers, and a registry does not.
    !text.contains("/v2/") && UNREACHABLE.iter().any(|words| text.contains(words))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn trouble(err: &str) -> Trouble {
        let docker = Docker {
            hidden: Hidden::new(["secret-value".to_owned()]),
        };
        let ended = Ended {
            success: false,
            out: String::new(),
            err: err.to_owned(),
        };
        docker.trouble("containers cannot be listed", &ended)
    }

    #[test]
    fn the_last_words_are_told_without_values() {
        let said = trouble(
            "time=\"x\" level=warning\n Container a  Starting\nError response from daemon: no secret-value here\n",
        );
        assert_eq!(said.message, "containers cannot be listed: no *** here");
        assert_eq!(said.kind, Kind::Refused);
        assert_eq!(
            trouble("").message,
            "containers cannot be listed: Docker said nothing"
        );
    }

    #[test]
    fn an_engine_that_does_not_answer_is_told_as_such() {
        let said = trouble(
            "Cannot connect to the Docker daemon at unix:///x. Is the docker daemon running?",
        );
        let registry = trouble("Get \"https://r.example/v2/\": dial tcp: connection refused");
        assert_eq!(registry.kind, Kind::Refused);
        assert_eq!(said.kind, Kind::NoEngine);
        assert_eq!(
            said.message,
            "containers cannot be listed: the Docker engine does not answer"
        );
    }

    #[test]
    fn nothing_of_compose_and_of_the_stack_is_passed_on() {
        let all = [
            "PATH",
            "COMPOSE_FILE",
            "COMPOSE_PROFILES",
            "DB_PASSWORD",
            "DOCKER_HOST",
        ];
        let all = all
            .iter()
            .map(|name| (OsString::from(name), OsString::from("x")));
        let passed: Vec<OsString> = environment(all).into_iter().map(|(name, _)| name).collect();
        assert_eq!(passed, ["PATH", "DOCKER_HOST"]);
    }
}

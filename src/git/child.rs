//! Runs git as a child process: in plain English, without a pager, a prompt or a lock.

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use super::Trouble;

/// How git is called.
#[derive(Clone, Debug)]
pub(super) struct Git {
    /// Where it runs; in the current folder where none is named.
    folder: Option<PathBuf>,
}

impl Git {
    /// As it looks from a folder, which may be missing: then from the one above that is there. Where the environment
    /// names a repository that one is meant, by a path from the current folder perhaps.
    pub fn near(folder: &Path) -> Self {
        let named = std::env::var_os("GIT_DIR").is_some_and(|value| !value.is_empty());
        let there = folder.ancestors().find(|folder| folder.is_dir());
        Git {
            folder: there.filter(|_| !named).map(Path::to_path_buf),
        }
    }

    /// The same from another folder, unless the environment names the repository.
    pub fn from(&self, folder: &Path) -> Self {
        Git {
            folder: self.folder.is_some().then(|| folder.to_path_buf()),
        }
    }

    /// A path that git has answered; it counts from where git runs.
    pub fn path(&self, mut answer: Vec<u8>) -> PathBuf {
        answer.pop_if(|last| *last == b'\n');
        let path = path_of(answer);
        match &self.folder {
            Some(folder) => folder.join(path),
            None => path,
        }
    }

    /// The top folder of the repository, without links; `shown` is the folder that was asked for.
    pub fn top(&self, shown: &Path) -> Result<PathBuf, Trouble> {
        let output = self.output(&["rev-parse", "--show-toplevel"], &[])?;
        let mut path = match output.status.success() {
            true => output.stdout,
            false => return Err(no_repository(shown, &output.stderr)),
        };
        path.pop_if(|last| *last == b'\n');
        let path = path_of(path);
        path.canonicalize()
            .map_err(|error| Trouble::new(format!("`{}` cannot be found: {error}", path.display())))
    }

    /// What git answers, fed with `input`.
    ///
    /// # Errors
    /// Git is not there, or it refuses.
    pub fn ask(&self, words: &[&str], input: &[u8]) -> Result<Vec<u8>, Trouble> {
        let output = self.output(words, input)?;
        match output.status.success() {
            true => Ok(output.stdout),
            false => Err(Trouble::new(format!(
                "git refuses: {}",
                reason(&output.stderr)
            ))),
        }
    }

    /// What git answers; `None` where it refuses.
    pub fn try_ask(&self, words: &[&str]) -> Result<Option<Vec<u8>>, Trouble> {
        let output = self.output(words, &[])?;
        Ok(output.status.success().then_some(output.stdout))
    }

    fn output(&self, words: &[&str], input: &[u8]) -> Result<Output, Trouble> {
        let mut command = Command::new("git");
        if let Some(folder) = &self.folder {
            command.current_dir(folder);
        }
        command
            .arg("--no-pager")
            .args(words)
            .envs([("LC_ALL", "C"), ("GIT_OPTIONAL_LOCKS", "0")])
            .env("GIT_TERMINAL_PROMPT", "0")
            .env_remove("GIT_LITERAL_PATHSPECS")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        feed(&mut command, input).map_err(|error| not_started(&error))
    }
}

/// Writes and reads at once: git answers while it is still asked, and either pipe may be full.
fn feed(command: &mut Command, input: &[u8]) -> io::Result<Output> {
    let mut child = command.spawn()?;
    let pipe = child.stdin.take();
    std::thread::scope(|scope| {
        scope.spawn(move || {
            // Git may end before it has read all: then it says why.
            pipe.map(|mut pipe| pipe.write_all(input))
        });
        child.wait_with_output()
    })
}

fn not_started(error: &io::Error) -> Trouble {
    match error.kind() {
        io::ErrorKind::NotFound => {
            Trouble::new("git is not installed").help("install it: the files are asked of it")
        }
        _ => Trouble::new(format!("git cannot be started: {error}")),
    }
}

fn no_repository(shown: &Path, stderr: &[u8]) -> Trouble {
    let (shown, reason) = (shown.display(), reason(stderr));
    if reason.contains("not a git repository") {
        return Trouble::new(format!("`{shown}` is in no git repository"));
    }
    if reason.contains("must be run in a work tree") {
        return Trouble::new(format!("the git repository of `{shown}` has no work tree"));
    }
    let trouble = Trouble::new(format!(
        "git does not open the repository of `{shown}`: {reason}"
    ));
    match reason.contains("dubious ownership") {
        true => trouble.help(
            "it belongs to another user; `git config --global --add safe.directory PATH` trusts it",
        ),
        false => trouble,
    }
}

/// What git said last about why it stopped.
fn reason(stderr: &[u8]) -> String {
    let text = String::from_utf8_lossy(stderr);
    let lines = || text.lines().map(str::trim).filter(|line| !line.is_empty());
    let fatal = lines().find_map(|line| {
        line.strip_prefix("fatal: ")
            .or_else(|| line.strip_prefix("error: "))
    });
    let reason = fatal.or_else(|| lines().next_back());
    reason.unwrap_or("it does not say why").to_owned()
}

#[cfg(unix)]
fn path_of(bytes: Vec<u8>) -> PathBuf {
    use std::os::unix::ffi::OsStringExt;
    std::ffi::OsString::from_vec(bytes).into()
}

#[cfg(not(unix))]
fn path_of(bytes: Vec<u8>) -> PathBuf {
    String::from_utf8_lossy(&bytes).into_owned().into()
}

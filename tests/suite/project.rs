//! A folder with a catalog, and the program run in it as a person would.

use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use tempfile::TempDir;

/// A run that takes longer hangs; what is tested here takes milliseconds.
const HANGS_AFTER: Duration = Duration::from_secs(60);

/// A catalog that is right, with something in it to build, to leave out and to replace.
pub const CATALOG: &str = "\
project: demo
hosts:
  nuc: { memory: 4GiB, cpus: 4 }
  big: { memory: 8GiB, cpus: 8 }
modes:
  test: { class: test }
  prod: { class: production, aliases: [production] }
services:
  web:
    role: core
    image: nginx:1.27
    memory: { limit: 128M, reservation: 64M }
    cpus: 0.5
    ports: [\"8080:80\"]
    healthcheck: { http: /, with: curl, interval: 30s }
  homes:
    role: datagen
    image: nginx:1.27
    memory: 64M
    cpus: 0.1
    healthcheck: image
";

/// What a run said, and how it ended.
#[derive(Debug, PartialEq, Eq)]
pub struct Said {
    /// Standard output.
    pub out: String,
    /// Standard error.
    pub err: String,
    /// The exit status; `None` where a signal ended it.
    pub code: Option<i32>,
}

impl Said {
    /// Both streams and the exit status, in the form of a golden transcript.
    pub fn transcript(&self) -> String {
        let err: String = self.err.lines().map(|line| format!("! {line}\n")).collect();
        let code = self
            .code
            .map_or("by a signal".to_owned(), |code| code.to_string());
        format!("{}{err}exit {code}\n", self.out)
    }
}

/// A folder of its own, gone when dropped.
pub struct Project {
    folder: TempDir,
}

impl Project {
    /// An empty folder.
    pub fn empty() -> Self {
        Project {
            folder: tempfile::tempdir().unwrap(),
        }
    }

    /// A folder with `CATALOG`.
    pub fn new() -> Self {
        Project::with(CATALOG)
    }

    /// A folder with a `catalog/catalog.yaml`.
    pub fn with(catalog: impl AsRef<[u8]>) -> Self {
        let project = Project::empty();
        project.write("catalog/catalog.yaml", catalog);
        project
    }

    /// The folder.
    pub fn root(&self) -> &Path {
        self.folder.path()
    }

    /// A path in it.
    pub fn path(&self, path: &str) -> PathBuf {
        self.root().join(path)
    }

    /// Writes a file, and the folders that it lies in.
    pub fn write(&self, path: &str, bytes: impl AsRef<[u8]>) {
        let path = self.path(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }

    /// The text of a file.
    pub fn text(&self, path: &str) -> String {
        fs::read_to_string(self.path(path)).unwrap()
    }

    /// Every path below the folder with its bytes; links are not followed.
    pub fn files(&self) -> Vec<(String, Vec<u8>)> {
        let mut found = Vec::new();
        list(self.root(), "", &mut found);
        found.sort();
        found
    }

    /// The program with its arguments, about to be run here.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_composegen"));
        command
            .args(arguments)
            .current_dir(self.root())
            .stdin(Stdio::null());
        command
            .env_remove("NO_COLOR")
            .env_remove("COLUMNS")
            .env_remove("CLICOLOR_FORCE");
        alone(&mut command);
        command
    }

    /// Runs git here; it has to work.
    pub fn git(&self, arguments: &[&str]) -> String {
        let mut command = Command::new("git");
        command.args(arguments).current_dir(self.root());
        alone(&mut command);
        let said = finish(command);
        assert_eq!(said.code, Some(0), "git {arguments:?}: {}", said.err);
        said.out
    }

    /// Runs the program here.
    pub fn run(&self, arguments: &[&str]) -> Said {
        finish(self.command(arguments))
    }
}

/// With a git that knows nothing of the person, the machine and the repository around the test.
pub fn alone(command: &mut Command) -> &mut Command {
    for name in ["GIT_DIR", "GIT_INDEX_FILE", "GIT_WORK_TREE", "GIT_PREFIX"] {
        command.env_remove(name);
    }
    command.env("GIT_CONFIG_NOSYSTEM", "1");
    command.env("GIT_CONFIG_GLOBAL", "/dev/null");
    for who in ["AUTHOR", "COMMITTER"] {
        command.env(format!("GIT_{who}_NAME"), "somebody");
        command.env(format!("GIT_{who}_EMAIL"), "somebody@example.org");
        command.env(format!("GIT_{who}_DATE"), "2020-01-01T00:00:00Z");
    }
    command
}

/// Runs a command to its end.
pub fn finish(mut command: Command) -> Said {
    let mut child = command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let out = reader(child.stdout.take().unwrap());
    let err = reader(child.stderr.take().unwrap());
    let code = wait(&mut child);
    Said {
        out: out.join().unwrap(),
        err: err.join().unwrap(),
        code,
    }
}

/// Waits for a child that must not hang.
pub fn wait(child: &mut Child) -> Option<i32> {
    let start = Instant::now();
    loop {
        if let Some(status) = child.try_wait().unwrap() {
            return status.code();
        }
        if start.elapsed() > HANGS_AFTER {
            child.kill().unwrap();
            panic!("the program hangs");
        }
        thread::sleep(Duration::from_millis(2));
    }
}

/// Reads a stream to its end beside the run; what the program says is always text.
fn reader(mut stream: impl Read + Send + 'static) -> thread::JoinHandle<String> {
    thread::spawn(move || {
        let mut bytes = Vec::new();
        stream.read_to_end(&mut bytes).unwrap();
        String::from_utf8(bytes).unwrap()
    })
}

fn list(folder: &Path, prefix: &str, found: &mut Vec<(String, Vec<u8>)>) {
    for entry in fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        let path = format!("{prefix}{}", entry.file_name().to_string_lossy());
        let kind = entry.file_type().unwrap();
        if kind.is_dir() {
            list(&entry.path(), &format!("{path}/"), found);
        } else if kind.is_file() {
            found.push((path, fs::read(entry.path()).unwrap()));
        } else {
            found.push((path, b"(no regular file)".to_vec()));
        }
    }
}

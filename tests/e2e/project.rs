//! A project in a folder of its own, and the program run in it as a person would.

use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::rc::Rc;

use tempfile::TempDir;

use crate::bed::{Bed, Seen};

/// Four services: a database, a job, and two that wait for them.
const CATALOG: &str = include_str!("catalog.yaml");

/// A value that may never be shown.
pub const SECRET: &str = "a-value-that-nobody-may-see";

/// A project.
pub struct Project {
    folder: TempDir,
    pub host: String,
}

/// What a run said, and how it ended.
#[derive(Debug)]
pub struct Said {
    pub out: String,
    pub err: String,
    pub code: Option<i32>,
}

impl Project {
    /// An empty folder.
    pub fn empty(bed: &Bed) -> Self {
        Project {
            folder: tempfile::tempdir().unwrap(),
            host: bed.host.clone(),
        }
    }

    /// With the catalog of four services, built, its env files filled in.
    pub fn new(bed: &Bed) -> Self {
        let project = Project::empty(bed);
        project.fill();
        project
    }

    fn fill(&self) {
        self.write("catalog/catalog.yaml", CATALOG);
        for name in ["test", "production"] {
            self.write(&format!(".env.{name}"), &format!("API_KEY={SECRET}\n"));
            let private = std::os::unix::fs::PermissionsExt::from_mode(0o600);
            fs::set_permissions(self.path(&format!(".env.{name}")), private).unwrap();
        }
        assert_eq!(self.run(&["build"]).code, Some(0));
    }

    /// The same, deployed as release 1: the one of the row before, where its release 1 runs. Its folder and its state
    /// are then made anew, as they were when that had been deployed.
    pub fn deployed(bed: &Bed) -> Rc<Self> {
        let standing = bed.standing.borrow().clone();
        if let Some(project) = standing {
            project.copy("state.kept", "state");
            project.fill();
            project.expect(bed, "demo-test", "1");
            return project;
        }
        let project = Rc::new(Project::new(bed));
        project.deploy(&[]).expect(0, &["release 1 runs"]);
        project.expect(bed, "demo-test", "1");
        project.copy("state", "state.kept");
        bed.standing.replace(Some(project.clone()));
        project
    }

    /// A folder as another one is.
    fn copy(&self, from: &str, to: &str) {
        let _ = fs::remove_dir_all(self.path(to));
        let copied = Command::new("cp")
            .arg("-a")
            .args([self.path(from), self.path(to)])
            .status();
        assert!(copied.unwrap().success());
    }

    pub fn path(&self, path: &str) -> PathBuf {
        self.folder.path().join(path)
    }

    /// A file of the state, by its path below the engine's folder, where it is there.
    pub fn state(&self, path: &str) -> Option<PathBuf> {
        let engines = fs::read_dir(self.path("state/composegen")).ok()?;
        let mut paths = engines.flatten().map(|engine| engine.path().join(path));
        paths.find(|path| path.exists())
    }

    pub fn write(&self, path: &str, text: &str) {
        let path = self.path(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    /// Changes the catalog, and builds.
    pub fn change(&self, from: &str, to: &str) {
        let text = fs::read_to_string(self.path("catalog/catalog.yaml")).unwrap();
        assert!(text.contains(from), "{from}");
        self.write("catalog/catalog.yaml", &text.replace(from, to));
        let said = self.run(&["build"]);
        assert_eq!(said.code, Some(0), "{said:?}");
    }

    /// The program, about to be run here.
    pub fn command(&self, words: &[&str]) -> Command {
        let program =
            std::env::var_os("E2E_PROGRAM").unwrap_or(env!("CARGO_BIN_EXE_composegen").into());
        let mut command = Command::new(program);
        command
            .args(words)
            .current_dir(self.folder.path())
            .stdin(Stdio::null());
        command
            .env("DOCKER_HOST", &self.host)
            .env("XDG_STATE_HOME", self.path("state"));
        // What a shell says about Compose counts for nothing.
        command
            .env("COMPOSE_PROJECT_NAME", "nonsense")
            .env("COMPOSE_FILE", "/nonsense")
            .env("API_KEY", "nonsense");
        command
    }

    /// Runs the program here. Whatever it says, the secret is not in it.
    pub fn run(&self, words: &[&str]) -> Said {
        let output = self.command(words).output().unwrap();
        said(&output.stdout, &output.stderr, output.status.code())
    }

    /// `deploy test`, without questions and with little patience.
    pub fn deploy(&self, more: &[&str]) -> Said {
        self.run(&deploy(more))
    }

    /// Starts `deploy test`, and reads what it says up to a line that holds a word.
    pub fn deploy_until(&self, word: &str) -> Under {
        self.until(&deploy(&[]), word)
    }

    /// The same, with more words.
    pub fn deploy_with_until(&self, more: &[&str], word: &str) -> Under {
        self.until(&deploy(more), word)
    }

    /// Starts the program, and reads what it says up to a line that holds a word.
    pub fn until(&self, words: &[&str], word: &str) -> Under {
        let mut child = self
            .command(words)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut err = BufReader::new(child.stderr.take().unwrap());
        let mut read = String::new();
        while !read.lines().last().is_some_and(|line| line.contains(word)) {
            let count = err.read_line(&mut read).unwrap();
            assert!(count > 0, "it ended before `{word}`: {read}");
        }
        Under { child, err, read }
    }

    /// The healthy release whose `web` has this tag runs in a project, and its data is there.
    pub fn expect(&self, bed: &Bed, project: &str, tag: &str) -> BTreeMap<String, Seen> {
        let seen = bed.containers(project);
        let states: Vec<(&str, &str)> = seen
            .iter()
            .map(|(service, it)| (service.as_str(), it.state.as_str()))
            .collect();
        assert_eq!(
            states,
            [
                ("api", "healthy"),
                ("db", "healthy"),
                ("seed", "exited 0"),
                ("web", "healthy")
            ]
        );
        let wanted = bed.ask(&[
            "image",
            "inspect",
            "--format",
            "{{.Id}}",
            &format!("standin/web:{tag}"),
        ]);
        assert_eq!(seen["web"].image_id, wanted, "web:{tag}");
        assert!(
            bed.volumes().contains(&format!("{project}_db_data")),
            "{:?}",
            bed.volumes()
        );
        seen
    }

    /// Nothing of a project runs.
    pub fn expect_nothing(&self, bed: &Bed, project: &str) {
        assert_eq!(bed.containers(project), BTreeMap::new());
    }
}

/// `deploy test`, without questions and with little patience, unless the words say otherwise.
fn deploy<'w>(more: &[&'w str]) -> Vec<&'w str> {
    let mut words = vec!["deploy", "test", "--yes", "--timeout", "90s"];
    if !more.contains(&"--settle") {
        words.extend(["--settle", "1s"]);
    }
    words.extend(more);
    words
}

/// A run that goes on.
pub struct Under {
    pub child: Child,
    err: BufReader<std::process::ChildStderr>,
    read: String,
}

impl Under {
    /// Sends it a signal.
    pub fn signal(&self, signal: &str) {
        let status = Command::new("kill")
            .args([signal, &self.child.id().to_string()])
            .status()
            .unwrap();
        assert!(status.success());
    }

    /// Waits for its end.
    pub fn end(mut self) -> Said {
        self.err.read_to_string(&mut self.read).unwrap();
        let mut out = Vec::new();
        self.child
            .stdout
            .take()
            .unwrap()
            .read_to_end(&mut out)
            .unwrap();
        let code = self.child.wait().unwrap().code();
        said(&out, self.read.as_bytes(), code)
    }
}

fn said(out: &[u8], err: &[u8], code: Option<i32>) -> Said {
    let said = Said {
        out: String::from_utf8_lossy(out).into_owned(),
        err: String::from_utf8_lossy(err).into_owned(),
        code,
    };
    assert!(
        !said.out.contains(SECRET) && !said.err.contains(SECRET),
        "a secret is shown: {said:?}"
    );
    said
}

impl Said {
    /// It ended with this status, and said this.
    pub fn expect(&self, code: i32, words: &[&str]) {
        assert_eq!(self.code, Some(code), "{self:#?}");
        for word in words {
            assert!(
                self.err.contains(word) || self.out.contains(word),
                "`{word}` is not in {self:#?}"
            );
        }
    }
}

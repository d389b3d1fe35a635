//! An engine of our own, with stand-ins for images. Nothing else on the machine is touched.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::rc::Rc;
use std::thread::sleep;
use std::time::Duration;

use serde_json::Value;
use tempfile::TempDir;

use crate::images;
use crate::project::Project;

/// The engine.
pub struct Bed {
    pub folder: TempDir,
    engine: Child,
    /// Where it is spoken to.
    pub host: String,
    /// The port of this machine at which it is spoken to as if it were on another one.
    pub port: u16,
    /// A project whose release 1 runs, left by the row before.
    pub standing: RefCell<Option<Rc<Project>>>,
}

/// A container as the engine tells of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    pub id: String,
    pub image: String,
    pub image_id: String,
    /// `healthy`, `running`, `exited 0`.
    pub state: String,
}

impl Bed {
    /// Starts the engine and makes the stand-in.
    pub fn new() -> Result<Bed, String> {
        if run("id", &["-u"]).is_none_or(|uid| uid.trim() != "0") {
            return Err("only root can start an engine".to_owned());
        }
        for (program, words) in [
            ("dockerd", ["--version"].as_slice()),
            ("docker", &["compose", "version"]),
            ("rustc", &["--version"]),
        ] {
            run(program, words)
                .ok_or_else(|| format!("`{program} {}` does not work here", words.join(" ")))?;
        }
        let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
        images::stand_in(folder.path())?;
        let host = format!("unix://{}/docker.sock", folder.path().display());
        let port = free_port().map_err(|error| error.to_string())?;
        let bed = Bed {
            engine: engine(folder.path(), port)?,
            folder,
            host,
            port,
            standing: RefCell::new(None),
        };
        bed.wait()?;
        for (name, behaviour) in [
            ("db:1", ""),
            ("seed:1", "job:0"),
            ("seed:failing", "job:4"),
            ("api:1", ""),
            ("web:1", ""),
            ("web:2", ""),
            ("web:unhealthy", "unhealthy"),
            ("web:exits", "exit:3"),
            ("web:sick", "sick:4"),
            ("web:slow", "slow:4"),
        ] {
            bed.image(&format!("standin/{name}"), "8000", behaviour, &[]);
        }
        bed.image(
            "standin/web:talks",
            "8000",
            "exit:3",
            &["STANDIN_SAY=API_KEY"],
        );
        Ok(bed)
    }

    fn wait(&self) -> Result<(), String> {
        for _ in 0..240 {
            if self.docker(&["info"]).status.success() {
                return Ok(());
            }
            sleep(Duration::from_millis(250));
        }
        let log = fs::read_to_string(self.folder.path().join("log")).unwrap_or_default();
        Err(format!(
            "no engine could be started; its last words: {}",
            log.lines().last().unwrap_or_default()
        ))
    }

    /// Ends the engine the way a machine does that restarts it, and starts it again.
    pub fn restart(&mut self) {
        terminate(&mut self.engine);
        self.engine = engine(self.folder.path(), self.port).unwrap();
        self.wait().unwrap();
    }

    /// Docker, asked.
    pub fn docker(&self, words: &[&str]) -> Output {
        Command::new("docker")
            .args(words)
            .env("DOCKER_HOST", &self.host)
            .stdin(Stdio::null())
            .output()
            .unwrap()
    }

    /// Docker, asked for something that works.
    pub fn ask(&self, words: &[&str]) -> String {
        let output = self.docker(words);
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(
            output.status.success(),
            "docker {words:?}: {}",
            String::from_utf8_lossy(&output.stderr)
        );
        said.trim().to_owned()
    }

    /// The containers of a project, by service.
    pub fn containers(&self, project: &str) -> BTreeMap<String, Seen> {
        let filter = format!("label=com.docker.compose.project={project}");
        let ids = self.ask(&["ps", "--all", "--quiet", "--no-trunc", "--filter", &filter]);
        let ids: Vec<&str> = ids.lines().collect();
        if ids.is_empty() {
            return BTreeMap::new();
        }
        // One that is gone by now is left out.
        let all = self.docker(&[["inspect"].as_slice(), &ids].concat());
        let all: Vec<Value> = serde_json::from_slice(&all.stdout).unwrap();
        all.iter().map(seen).collect()
    }

    /// The names of all volumes.
    pub fn volumes(&self) -> Vec<String> {
        self.ask(&["volume", "ls", "--quiet"])
            .lines()
            .map(str::to_owned)
            .collect()
    }

    /// An empty engine, but for the stand-ins.
    pub fn clear(&self) {
        self.standing.take();
        for (list, remove) in [
            (
                ["ps", "--all", "--quiet"].as_slice(),
                ["rm", "--force", "--volumes"].as_slice(),
            ),
            (
                &["network", "ls", "--quiet", "--filter", "type=custom"],
                &["network", "rm"],
            ),
            (&["volume", "ls", "--quiet"], &["volume", "rm", "--force"]),
            (
                &[
                    "image",
                    "ls",
                    "composegen-kept",
                    "--format",
                    "{{.Repository}}:{{.Tag}}",
                ],
                &["image", "rm", "--no-prune"],
            ),
        ] {
            let found = self.ask(list);
            let found: Vec<&str> = found.lines().collect();
            if !found.is_empty() {
                let _ = self.docker(&[remove, &found].concat());
            }
        }
    }
}

impl Drop for Bed {
    fn drop(&mut self) {
        if std::env::var_os("E2E_KEEP").is_none() {
            self.clear();
        }
        terminate(&mut self.engine);
    }
}

fn terminate(child: &mut Child) {
    let _ = Command::new("kill").arg(child.id().to_string()).status();
    let _ = child.wait();
}

/// What a program said, where it works.
fn run(program: &str, words: &[&str]) -> Option<String> {
    let output = Command::new(program)
        .args(words)
        .stdin(Stdio::null())
        .output()
        .ok()?;
    output
        .status
        .success()
        .then(|| String::from_utf8_lossy(&output.stdout).into_owned())
}

fn free_port() -> std::io::Result<u16> {
    let socket = std::net::TcpListener::bind("127.0.0.1:0")?;
    Ok(socket.local_addr()?.port())
}

fn engine(folder: &Path, port: u16) -> Result<Child, String> {
    let path = |name: &str| folder.join(name).display().to_string();
    let log = fs::OpenOptions::new()
        .create(true)
        .append(true)
        .open(folder.join("log"))
        .map_err(|error| error.to_string())?;
    let errors = log.try_clone().map_err(|error| error.to_string())?;
    // It ends with the tests, however these end.
    let mut command = match run("setpriv", &["--version"]) {
        Some(_) => Command::new("setpriv"),
        None => Command::new("env"),
    };
    if command.get_program() == "setpriv" {
        command.args(["--pdeathsig", "TERM"]);
    }
    command
        .arg("dockerd")
        .args([
            "--host",
            &format!("unix://{}", path("docker.sock")),
            "--host",
            &format!("tcp://127.0.0.1:{port}"),
            "--tls=false",
            "--bridge=none",
        ])
        .args([
            "--data-root",
            &path("data"),
            "--exec-root",
            &path("exec"),
            "--pidfile",
            &path("pid"),
        ])
        .stdin(Stdio::null())
        .stdout(log)
        .stderr(errors)
        .spawn()
        .map_err(|error| error.to_string())
}

fn seen(it: &Value) -> (String, Seen) {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let status = text(&it["State"]["Status"]);
    let state = match (status.as_str(), &it["State"]["Health"]["Status"]) {
        ("running", Value::String(health)) => health.clone(),
        ("exited", _) => format!("exited {}", it["State"]["ExitCode"]),
        _ => status,
    };
    let service = text(&it["Config"]["Labels"]["com.docker.compose.service"]);
    let seen = Seen {
        id: text(&it["Id"]),
        image: text(&it["Config"]["Image"]),
        image_id: text(&it["Image"]),
        state,
    };
    (service, seen)
}

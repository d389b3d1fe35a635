//! Images of the stand-in: one static program, compiled here, under the names that probes call.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::bed::Bed;

impl Bed {
    /// An image of the stand-in that listens on ports and behaves in a way.
    pub fn image(&self, name: &str, ports: &str, behaviour: &str, more: &[&str]) {
        let mut words = vec!["import".to_owned()];
        let own = [
            format!("STANDIN_PORTS=\"{ports}\""),
            format!("STANDIN={behaviour}"),
            format!("STANDIN_NAME={name}"),
            "PATH=/".to_owned(),
        ];
        for variable in own.iter().map(String::as_str).chain(more.iter().copied()) {
            words.extend(["--change".to_owned(), format!("ENV {variable}")]);
        }
        words.extend(["--change", "CMD [\"/standin\"]", "-", name].map(str::to_owned));
        let mut tar = Command::new("tar")
            .args(["c", "-C"])
            .arg(self.root())
            .arg(".")
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let imported = Command::new("docker")
            .args(&words)
            .env("DOCKER_HOST", &self.host)
            .stdin(tar.stdout.take().unwrap())
            .output()
            .unwrap();
        tar.wait().unwrap();
        assert!(
            imported.status.success(),
            "{name}: {}",
            String::from_utf8_lossy(&imported.stderr)
        );
    }

    /// The root file system of every image.
    pub fn root(&self) -> PathBuf {
        self.folder.path().join("image")
    }
}

/// Makes the root file system of every image in a folder.
pub fn stand_in(folder: &Path) -> Result<(), String> {
    let root = folder.join("image");
    let made = ["tmp", "data", "secrets"]
        .iter()
        .try_for_each(|name| fs::create_dir_all(root.join(name)));
    made.map_err(|error| error.to_string())?;
    compile(&root.join("standin"))?;
    let links = ["curl", "wget", "python", "python3"]
        .iter()
        .try_for_each(|name| symlink("standin", root.join(name)));
    links.map_err(|error| error.to_string())
}

fn compile(to: &Path) -> Result<(), String> {
    let source: PathBuf = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/e2e/standin.rs");
    let output = Command::new("rustc")
        .args(["--edition", "2021", "-C", "opt-level=1"])
        .args(["-C", "strip=symbols", "-C", "panic=abort"])
        .args(["-C", "target-feature=+crt-static", "-o"])
        .args([to, &source])
        .output()
        .map_err(|error| error.to_string())?;
    match output.status.success() {
        true => Ok(()),
        false => Err(format!(
            "the stand-in cannot be compiled: {}",
            String::from_utf8_lossy(&output.stderr)
        )),
    }
}

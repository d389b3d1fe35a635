//! The folder that one catalog is measured in: the catalog, what is made from it, and what the others need.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::measure;

/// One catalog and the room around it, below the target folder.
pub struct Stage {
    root: PathBuf,
    /// How many services the catalog has; 0 where nobody counted.
    pub services: usize,
}

/// A file that `composegen build` wrote.
pub struct Output {
    /// Where it is.
    pub path: PathBuf,
    /// Its length in bytes.
    pub length: u64,
}

impl Stage {
    /// A generated catalog of so many services.
    ///
    /// # Errors
    /// The folder cannot be written.
    pub fn generated(root: &Path, services: usize) -> Result<Self, String> {
        let stage = Self::new(root.join(services.to_string()), services)?;
        let mut command = Command::new(this_program()?);
        command
            .arg("--generate")
            .arg(services.to_string())
            .arg(stage.catalog());
        measure::run(&mut command, &stage.log("generate"))?;
        Ok(stage)
    }

    /// A copy of the repository's own catalog, with nothing generated beside it; none where it has no catalog yet.
    ///
    /// # Errors
    /// The copy cannot be made.
    pub fn of_repository(root: &Path) -> Result<Option<Self>, String> {
        let catalog = Path::new(env!("CARGO_MANIFEST_DIR")).join("catalog");
        if !catalog.join("catalog.yaml").is_file() {
            return Ok(None);
        }
        let stage = Self::new(root.join("repository"), 0)?;
        for path in files_below(&catalog)? {
            let name = path.file_name().ok_or("a file without a name")?;
            fs::copy(&path, stage.catalog().join(name))
                .map_err(|error| format!("{}: {error}", path.display()))?;
        }
        Ok(Some(stage))
    }

    fn new(root: PathBuf, services: usize) -> Result<Self, String> {
        let stage = Self { root, services };
        if stage.root.exists() {
            fs::remove_dir_all(&stage.root)
                .map_err(|error| format!("{}: {error}", stage.root.display()))?;
        }
        fs::create_dir_all(stage.catalog())
            .map_err(|error| format!("{}: {error}", stage.root.display()))?;
        Ok(stage)
    }

    /// The folder that holds the catalog's folder, and into which composegen writes.
    pub fn project(&self) -> PathBuf {
        self.root.join("project")
    }

    /// The catalog's folder.
    pub fn catalog(&self) -> PathBuf {
        self.project().join("catalog")
    }

    /// The file that keeps the messages of that process.
    pub fn log(&self, process: &str) -> PathBuf {
        self.root.join(format!("{process}.log"))
    }

    /// A folder of that name beside the project, with nothing in it.
    ///
    /// # Errors
    /// It cannot be made.
    pub fn empty_folder(&self, name: &str) -> Result<PathBuf, String> {
        let folder = self.root.join(name);
        empty(&folder)?;
        Ok(folder)
    }

    /// The catalog's size in bytes.
    ///
    /// # Errors
    /// The folder cannot be read.
    pub fn catalog_length(&self) -> Result<u64, String> {
        Ok(measured(files_below(&self.catalog())?)?
            .iter()
            .map(|output| output.length)
            .sum())
    }

    /// Everything that composegen wrote, in the order of the paths.
    ///
    /// # Errors
    /// The folder cannot be read, or there is no Compose file in it.
    pub fn outputs(&self) -> Result<Vec<Output>, String> {
        let catalog = self.catalog();
        let mut paths = files_below(&self.project())?;
        paths.retain(|path| !path.starts_with(&catalog));
        paths.sort();
        let outputs = measured(paths)?;
        if outputs.iter().any(Output::is_compose) {
            return Ok(outputs);
        }
        Err(format!(
            "no Compose file below {}",
            self.project().display()
        ))
    }

    /// Removes everything that composegen wrote. Its folder stays, empty, as that of the others is.
    ///
    /// # Errors
    /// Something cannot be removed.
    pub fn remove_outputs(&self) -> Result<(), String> {
        for entry in fs::read_dir(self.project()).map_err(|error| error.to_string())? {
            let path = entry.map_err(|error| error.to_string())?.path();
            if path != self.catalog() {
                remove(&path)?;
            }
        }
        Ok(())
    }
}

impl Output {
    /// Whether it is a Compose file, by its name.
    pub fn is_compose(&self) -> bool {
        let name = self
            .path
            .file_name()
            .and_then(|name| name.to_str())
            .unwrap_or_default();
        name.starts_with("docker-compose.") && name.ends_with(".yml")
    }
}

/// This program, to be started again for one of its hidden tasks.
///
/// # Errors
/// The system does not say where it is.
pub fn this_program() -> Result<PathBuf, String> {
    env::current_exe().map_err(|error| format!("this program's own path: {error}"))
}

/// Makes this folder, with nothing in it.
///
/// # Errors
/// It cannot be made, or what was there cannot be removed.
pub fn empty(folder: &Path) -> Result<(), String> {
    let removed = match folder.exists() {
        true => fs::remove_dir_all(folder),
        false => Ok(()),
    };
    let made = removed.and_then(|()| fs::create_dir(folder));
    made.map_err(|error| format!("{}: {error}", folder.display()))
}

fn remove(path: &Path) -> Result<(), String> {
    match path.is_dir() {
        true => empty(path),
        false => fs::remove_file(path).map_err(|error| format!("{}: {error}", path.display())),
    }
}

fn measured(paths: Vec<PathBuf>) -> Result<Vec<Output>, String> {
    paths.into_iter().map(output).collect()
}

fn output(path: PathBuf) -> Result<Output, String> {
    let length = fs::metadata(&path)
        .map_err(|error| format!("{}: {error}", path.display()))?
        .len();
    Ok(Output { path, length })
}

fn files_below(folder: &Path) -> Result<Vec<PathBuf>, String> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).map_err(|error| format!("{}: {error}", folder.display()))? {
        let path = entry.map_err(|error| error.to_string())?.path();
        if path.is_dir() {
            files.extend(files_below(&path)?);
        } else {
            files.push(path);
        }
    }
    Ok(files)
}

//! Where a new catalog goes.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};

use super::super::Failure;
use crate::outputs::FOLDER;

/// The catalog's folder, which is not there yet, and the folder that holds it.
#[derive(Clone, Debug)]
pub struct Site {
    /// The folder that gets the catalog, env files and what is generated; it may be missing.
    pub root: PathBuf,
    /// The name of the catalog's folder.
    pub name: String,
}

impl Site {
    /// Of the folder of a catalog. `elsewhere` says how the catalog goes to another folder.
    ///
    /// # Errors
    /// Something is there already, or no catalog can be there.
    pub fn of(catalog: &Path, elsewhere: &str) -> Result<Self, Failure> {
        let catalog = catalog.strip_prefix(".").unwrap_or(catalog);
        let shown = catalog.display();
        let Some(name) = catalog.file_name() else {
            return Err(failure(
                format!("`{shown}` cannot become a catalog: it needs a folder of its own"),
                "name one that is not there yet, as `--catalog catalog`",
            ));
        };
        let Some(name) = name.to_str().filter(|name| *name != FOLDER) else {
            return Err(failure(
                format!("no catalog can be in a folder called `{}`", name.display()),
                "give it another name, such as `catalog`",
            ));
        };
        if fs::symlink_metadata(catalog).is_ok() {
            return Err(failure(
                format!("`{shown}` is there already; nothing was written"),
                elsewhere,
            ));
        }
        let root = match catalog.parent() {
            Some(parent) if !parent.as_os_str().is_empty() => parent,
            _ => Path::new("."),
        };
        Ok(Site {
            root: root.to_path_buf(),
            name: name.to_owned(),
        })
    }

    /// A path below the root as messages show it.
    pub fn shown(&self, path: &str) -> String {
        match self.root.as_os_str() == "." {
            true => path.to_owned(),
            false => self.root.join(path).display().to_string(),
        }
    }

    /// A file of the catalog as messages show it.
    pub fn shown_in_catalog(&self, file: &str) -> String {
        self.shown(&format!("{}/{file}", self.name))
    }

    /// What stands behind a command to mean this catalog; nothing for the usual one.
    pub fn words(&self) -> String {
        let path = self.shown(&self.name);
        match path == "catalog" {
            true => String::new(),
            false => format!(" --catalog {}", crate::values::shell::quoted(&path)),
        }
    }

    /// The root without links, from the first name on that is missing as it is written.
    pub fn real_root(&self) -> Result<PathBuf, Failure> {
        let why = |error: std::io::Error| Failure {
            message: format!(
                "`{}` cannot be used as a folder: {}",
                self.root.display(),
                crate::files::why(&error)
            ),
            help: None,
        };
        let absolute = std::path::absolute(&self.root).map_err(why)?;
        let mut missing: Vec<&OsStr> = Vec::new();
        for folder in absolute.ancestors() {
            match folder.canonicalize() {
                Ok(real) => {
                    return Ok(missing
                        .iter()
                        .rev()
                        .fold(real, |real, name| real.join(name)));
                }
                Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                    return Err(why(error));
                }
                Err(_) => missing.extend(folder.file_name()),
            }
        }
        Ok(absolute)
    }
}

fn failure(message: String, help: &str) -> Failure {
    Failure {
        message,
        help: Some(help.to_owned()),
    }
}

//! Where a generated file would lie, and whether it may be written there. Looks without following links and
//! without opening anything: a pipe would block, a device would never end.

use std::fs::{self, File, FileType, Metadata, Permissions};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use super::Trouble;

/// Bytes of one name in a path (`NAME_MAX` of Linux). Checked here because a name in a folder that is missing still
/// would be found too long only at its rename, with other files replaced already.
const LONGEST_NAME: usize = 255;

/// The place of one file, found safe.
#[derive(Debug)]
pub(super) struct Target {
    /// The path relative to the project, as people know it.
    pub path: String,
    /// The folder without links in it; it may be missing still.
    pub folder: PathBuf,
    /// The file in this folder.
    pub file: PathBuf,
    /// The permissions of the file that is there.
    pub permissions: Option<Permissions>,
}

impl Target {
    /// The bytes that are there.
    pub fn read(&self) -> Result<Option<Vec<u8>>, Trouble> {
        let Some(mut file) = self.open()? else {
            return Ok(None);
        };
        let mut bytes = Vec::new();
        let read = file.read_to_end(&mut bytes);
        read.map_err(|error| self.unread(&error))?;
        Ok(Some(bytes))
    }

    /// What is there, to be read.
    pub fn open(&self) -> Result<Option<File>, Trouble> {
        if self.permissions.is_none() {
            return Ok(None);
        }
        let opened = open_regular(&self.file).map(Some);
        opened.map_err(|error| self.unread(&error))
    }

    /// It cannot be read.
    pub fn unread(&self, error: &io::Error) -> Trouble {
        Trouble::refused(
            &format!("`{}` cannot be read", self.path),
            &self.path,
            error,
        )
    }
}

/// Looked at once more after opening: it may have been exchanged since.
fn open_regular(path: &Path) -> io::Result<File> {
    let file = File::open(path)?;
    match file.metadata()?.is_file() {
        true => Ok(file),
        false => Err(io::Error::other("it is not a regular file any more")),
    }
}

/// The targets of some files, in their order; nothing is touched.
pub(super) fn all(root: &Path, paths: &[&str]) -> Result<Vec<Target>, Trouble> {
    let root = real_root(root)?;
    let mut targets = Vec::with_capacity(paths.len());
    // Files that stand side by side have their folder looked at once.
    let mut last: Option<(&str, Folder)> = None;
    for path in paths {
        plain(path)?;
        no_file_is_a_folder(path, paths)?;
        let parent = path.rsplit_once('/').map_or("", |(parent, _)| parent);
        let folder = match last.take().filter(|(known, _)| *known == parent) {
            Some((_, folder)) => folder,
            None => real_folder(&root, path)?,
        };
        targets.push(target(&folder, path)?);
        last = Some((parent, folder));
    }
    Ok(targets)
}

/// A folder of the project.
struct Folder {
    /// Its path, without links in it.
    path: PathBuf,
    is_there: bool,
}

fn real_root(root: &Path) -> Result<PathBuf, Trouble> {
    let given = if root.as_os_str().is_empty() {
        Path::new(".")
    } else {
        root
    };
    // The kernel names the working folder without links in it, as most roots are named already.
    if let Ok(here) = std::env::current_dir()
        && here == given
    {
        return Ok(here);
    }
    let shown = given.display();
    let real = given.canonicalize().map_err(|error| {
        let what = format!("the project's folder `{shown}` cannot be opened");
        Trouble::refused(&what, &format!("{shown}/"), &error)
    })?;
    if !real.is_dir() {
        return Err(Trouble::new(format!(
            "the project's folder `{shown}` is not a folder"
        )));
    }
    Ok(real)
}

/// Names between single slashes: no `/etc/passwd`, no `../x`, no `a//b`, nothing that the system reads otherwise.
fn plain(path: &str) -> Result<(), Trouble> {
    let name = |part: &str| !matches!(part, "" | "." | "..") && !part.contains('\0');
    if path.starts_with('/') || path.split('/').any(|part| part == "..") {
        return Err(Trouble::new(format!(
            "`{path}` would be written outside of the project"
        )));
    }
    if !path.split('/').all(name) {
        return Err(Trouble::new(format!(
            "`{}` is not a path of a file; names are separated by one `/`",
            path.escape_debug()
        )));
    }
    if path.split('/').any(|part| part.len() > LONGEST_NAME) {
        return Err(Trouble::new(format!(
            "`{path}` has a name of more than {LONGEST_NAME} bytes"
        )));
    }
    Ok(())
}

fn no_file_is_a_folder(path: &str, paths: &[&str]) -> Result<(), Trouble> {
    let mut folders = path.match_indices('/').map(|(end, _)| &path[..end]);
    match folders.find(|folder| paths.contains(folder)) {
        Some(folder) => Err(Trouble::new(format!(
            "`{folder}` cannot be a file and the folder of `{path}`"
        ))),
        None => Ok(()),
    }
}

fn target(folder: &Folder, path: &str) -> Result<Target, Trouble> {
    let name = path.rsplit('/').next().unwrap_or(path);
    let file = folder.path.join(name);
    let there = match folder.is_there {
        true => look(&file, path)?,
        false => None,
    };
    let permissions = match there {
        None => None,
        Some(metadata) => Some(regular(path, &metadata)?.permissions()),
    };
    Ok(Target {
        path: path.to_owned(),
        folder: folder.path.clone(),
        file,
        permissions,
    })
}

/// What stands at a path, the link itself if it is one; `None` where nothing is.
fn look(at: &Path, path: &str) -> Result<Option<Metadata>, Trouble> {
    match fs::symlink_metadata(at) {
        Ok(metadata) => Ok(Some(metadata)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(Trouble::refused(
            &format!("`{path}` cannot be read"),
            path,
            &error,
        )),
    }
}

fn regular<'m>(path: &str, metadata: &'m Metadata) -> Result<&'m Metadata, Trouble> {
    if metadata.is_file() {
        return Ok(metadata);
    }
    let what = kind(metadata.file_type());
    Err(Trouble::new(format!("`{path}` is {what}")).help("move it away and try again"))
}

fn kind(file_type: FileType) -> &'static str {
    if file_type.is_symlink() {
        "a symbolic link; it is not followed"
    } else if file_type.is_dir() {
        "a folder where a file is to be"
    } else {
        "a pipe, a socket or a device where a file is to be"
    }
}

/// Walks down the folders of a path, link by link, and stays inside of the root. From the first folder that is
/// missing, the rest is missing too.
fn real_folder(root: &Path, path: &str) -> Result<Folder, Trouble> {
    let mut folder = root.to_path_buf();
    let mut is_there = true;
    for (end, _) in path.match_indices('/') {
        let shown = &path[..end];
        let next = folder.join(shown.rsplit('/').next().unwrap_or(shown));
        if !is_there {
            folder = next;
            continue;
        }
        folder = match look(&next, path)? {
            None => {
                is_there = false;
                next
            }
            Some(metadata) if metadata.is_symlink() => follow(root, &next, shown, path)?,
            Some(metadata) if metadata.is_dir() => next,
            Some(_) => return Err(no_folder(shown, path)),
        };
    }
    Ok(Folder {
        path: folder,
        is_there,
    })
}

fn follow(root: &Path, link: &Path, shown: &str, path: &str) -> Result<PathBuf, Trouble> {
    let real = link.canonicalize().map_err(|error| {
        let why = super::system_words(&error);
        Trouble::new(format!(
            "`{path}` has no place: `{shown}` is a link that leads nowhere: {why}"
        ))
    })?;
    if !real.starts_with(root) {
        return Err(Trouble::new(format!(
            "`{path}` would be written outside of the project: `{shown}` is a link to `{}`",
            real.display()
        )));
    }
    if !real.is_dir() {
        return Err(no_folder(shown, path));
    }
    Ok(real)
}

fn no_folder(shown: &str, path: &str) -> Trouble {
    Trouble::new(format!("`{path}` has no place: `{shown}` is not a folder"))
}

//! Reads a catalog's folder, on the disk or in git, and keeps every text. The only place that reads sources; it parses
//! nothing.

mod in_git;

pub mod project;

use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use bumpalo::Bump;

use crate::catalog::MAIN_FILE;
use crate::place::Place;

/// One file.
#[derive(Debug)]
pub struct SourceFile<'s> {
    /// Its name within the folder.
    pub name: &'s str,
    /// Its path as messages show it: the folder as it was given, and the name.
    pub path: String,
    /// Its bytes.
    pub bytes: &'s [u8],
    /// What it is.
    pub kind: FileKind,
}

/// What a file of a run is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileKind {
    /// A file of the catalog.
    Catalog,
    /// A Compose file that somebody else wrote. It may hold several documents.
    Compose,
    /// An env file: what is told of it shows names, and no values.
    Env,
    /// A file that was made from the catalog: what is told of it shows no line. A place of no length is the whole file.
    Generated,
}

impl<'s> SourceFile<'s> {
    /// Its text; empty where it is none. That it is none is a finding of the reader's.
    pub fn text(&self) -> &'s str {
        std::str::from_utf8(self.bytes).unwrap_or_default()
    }
}

/// The files of a catalog, by name, and where its project lies.
#[derive(Debug)]
pub struct Sources<'s> {
    /// The files.
    pub files: Vec<SourceFile<'s>>,
    /// The catalog's folder as it was given.
    pub folder: PathBuf,
    /// The folder that holds the catalog's folder: where relative paths start.
    pub root: PathBuf,
}

/// Why the sources cannot be read: a sentence, and the next step where there is one.
#[derive(Debug)]
pub struct Unreadable {
    /// The sentence.
    pub message: String,
    /// The next step.
    pub help: Option<String>,
}

/// An env file that could be read.
#[derive(Debug)]
pub struct EnvSource<'s> {
    /// Its bytes.
    pub bytes: &'s [u8],
    /// Its permission bits, where the system has such.
    pub mode: Option<u32>,
}

/// The largest env file that is read, in bytes: what is larger is something else.
const MOST_ENV_BYTES: u64 = 1 << 20;

/// Reads an env file; `shown` is its path in messages. `None` where there is none.
///
/// # Errors
/// It is no regular file, larger than 1 MiB, or cannot be read.
pub fn read_env_file<'s>(
    path: &Path,
    shown: &str,
    arena: &'s Bump,
) -> Result<Option<EnvSource<'s>>, Unreadable> {
    let failed = |what: &str| Unreadable {
        message: format!("`{shown}` {what}"),
        help: None,
    };
    let refused = |error: io::Error| failed(&format!("cannot be read: {error}"));
    let metadata = match fs::metadata(path) {
        Ok(metadata) => metadata,
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            let link = path.is_symlink();
            return match link {
                true => Err(failed("is a link that leads nowhere")),
                false => Ok(None),
            };
        }
        Err(error) => return Err(refused(error)),
    };
    if !metadata.is_file() {
        return Err(failed("is not a regular file"));
    }
    if metadata.len() > MOST_ENV_BYTES {
        return Err(failed("is larger than 1 MiB, which no env file is"));
    }
    let bytes = read_whole(path, metadata.len() as usize, arena).map_err(refused)?;
    let mode = permission_bits(&metadata);
    Ok(Some(EnvSource { bytes, mode }))
}

#[cfg(unix)]
fn permission_bits(metadata: &fs::Metadata) -> Option<u32> {
    use std::os::unix::fs::PermissionsExt;
    Some(metadata.permissions().mode() & 0o7777)
}

#[cfg(not(unix))]
fn permission_bits(_: &fs::Metadata) -> Option<u32> {
    None
}

/// More files than a place can number, or more bytes than it can point into.
const MOST_FILES: usize = u16::MAX as usize;
const MOST_BYTES: u64 = u32::MAX as u64;

impl<'s> Sources<'s> {
    /// Reads every `.yaml` and `.yml` file of a folder, by name.
    ///
    /// # Errors
    /// The folder or a file cannot be read, there is no `catalog.yaml`, or more than can be numbered.
    pub fn read(folder: &Path, arena: &'s Bump) -> Result<Self, Unreadable> {
        let names = names(folder)?;
        let mut files = Vec::with_capacity(names.len());
        for name in names {
            let path = folder.join(&name);
            files.push(SourceFile {
                name: arena.alloc_str(&name),
                path: shown_path(&path),
                bytes: read_file(&path, arena)?,
                kind: FileKind::Catalog,
            });
        }
        let root = folder
            .canonicalize()
            .ok()
            .and_then(|folder| folder.parent().map(Path::to_path_buf))
            .unwrap_or_else(|| PathBuf::from("."));
        Ok(Sources {
            files,
            folder: folder.to_path_buf(),
            root,
        })
    }

    /// A catalog of texts instead of a folder: names and contents, for callers that hold them already.
    ///
    /// The files are sorted by name as a folder's are; paths are shown below `catalog/`, and relative paths start at `.`.
    pub fn of_texts(texts: &[(&str, &str)], arena: &'s Bump) -> Self {
        let mut texts: Vec<&(&str, &str)> = texts.iter().collect();
        texts.sort_unstable_by_key(|(name, _)| *name);
        let file = |(name, text): &(&str, &str)| SourceFile {
            name: arena.alloc_str(name),
            path: format!("catalog/{name}"),
            bytes: arena.alloc_slice_copy(text.as_bytes()),
            kind: FileKind::Catalog,
        };
        Sources {
            files: texts.into_iter().map(file).collect(),
            folder: PathBuf::from("catalog"),
            root: PathBuf::from("."),
        }
    }

    /// The same with an env file behind the others; gives the number that places in it have.
    pub fn with_env_file(&self, path: String, bytes: &'s [u8]) -> (Self, u16) {
        self.with_files(FileKind::Env, vec![(path, bytes)])
    }

    /// The same with more files behind the others, by their paths; gives the number that places in the first have.
    pub fn with_files(&self, kind: FileKind, more: Vec<(String, &'s [u8])>) -> (Self, u16) {
        let file = |file: &SourceFile<'s>| SourceFile {
            path: file.path.clone(),
            ..*file
        };
        let mut files: Vec<SourceFile<'s>> = self.files.iter().map(file).collect();
        let number = u16::try_from(files.len()).unwrap_or(u16::MAX);
        files.extend(more.into_iter().map(|(path, bytes)| SourceFile {
            name: "",
            path,
            bytes,
            kind,
        }));
        let sources = Sources {
            files,
            folder: self.folder.clone(),
            root: self.root.clone(),
        };
        (sources, number)
    }

    /// The file in which a place lies.
    pub fn file(&self, place: Place) -> Option<&SourceFile<'s>> {
        self.files.get(usize::from(place.file))
    }

    /// The texts of the files, by number; that of an env file is empty, since nobody looks into it.
    pub fn texts(&self) -> Vec<&'s str> {
        project::texts_of(&self.files)
    }

    /// A path in the project's folder as messages show it: from the current folder, as the catalog's was given.
    pub fn shown_beside(&self, name: &str) -> String {
        // The parent of `.` is not written in it.
        let parent = self
            .folder
            .parent()
            .filter(|_| self.folder.file_name().is_some());
        shown_path(&parent.unwrap_or(&self.root).join(name))
    }

    /// The path of the catalog's main file: where things are told that stand in no file.
    pub fn main_path(&self) -> &str {
        let main = self.files.iter().find(|file| file.name == MAIN_FILE);
        main.or(self.files.first())
            .map_or(MAIN_FILE, |file| &file.path)
    }

    /// Line and column of a place, both from 1; the column counts characters.
    pub fn line_column(&self, place: Place) -> (usize, usize) {
        let Some(file) = self.file(place) else {
            return (0, 0);
        };
        let before = &file.bytes[..(place.start as usize).min(file.bytes.len())];
        let line = before.iter().filter(|byte| **byte == b'\n').count() + 1;
        let start = before
            .iter()
            .rposition(|byte| *byte == b'\n')
            .map_or(0, |at| at + 1);
        let text = String::from_utf8_lossy(&before[start..]);
        let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
        (line, text.chars().count() + 1)
    }

    /// `catalog/core.yaml:31`, for saying where something was written.
    pub fn file_line(&self, place: Place) -> String {
        match self.file(place) {
            Some(file) => format!("{}:{}", file.path, self.line_column(place).0),
            None => "built in".to_owned(),
        }
    }
}

fn shown_path(path: &Path) -> String {
    let text = path.to_string_lossy();
    text.strip_prefix("./").unwrap_or(&text).to_owned()
}

fn names(folder: &Path) -> Result<Vec<String>, Unreadable> {
    let listing = fs::read_dir(folder).map_err(|error| no_folder(folder, &error))?;
    let mut names = Vec::new();
    for entry in listing {
        let entry = entry.map_err(|error| no_folder(folder, &error))?;
        let name = match entry.file_name().into_string() {
            Ok(name) => name,
            Err(name) if is_yaml(&name.to_string_lossy()) => return Err(no_text(folder, &name)),
            Err(_) => continue,
        };
        if is_yaml(&name) {
            names.push(name);
        }
    }
    names.sort_unstable();
    catalog_of(folder, names)
}

/// The names of a catalog's files, where they are one.
fn catalog_of(folder: &Path, names: Vec<String>) -> Result<Vec<String>, Unreadable> {
    if !names.iter().any(|name| name == MAIN_FILE) {
        let help = match names.iter().any(|name| name == "catalog.yml") {
            true => "rename `catalog.yml` to `catalog.yaml`",
            false => {
                "the folder of a catalog holds `catalog.yaml`; name another with `--catalog DIR`"
            }
        };
        return Err(Unreadable {
            message: format!("`{}` is not there", shown_path(&folder.join(MAIN_FILE))),
            help: Some(help.to_owned()),
        });
    }
    if names.len() > MOST_FILES {
        return Err(Unreadable {
            message: format!(
                "`{}` holds {} files; a catalog may have {MOST_FILES}",
                shown_path(folder),
                names.len()
            ),
            help: None,
        });
    }
    Ok(names)
}

/// Whether a file of this name is one of the catalog's: hidden ones are not.
fn is_yaml(name: &str) -> bool {
    (name.ends_with(".yaml") || name.ends_with(".yml")) && !name.starts_with('.')
}

fn no_text(folder: &Path, name: &std::ffi::OsStr) -> Unreadable {
    let shown = shown_path(&folder.join(name));
    Unreadable {
        message: format!("the name of `{shown}` is not UTF-8"),
        help: Some("rename the file".to_owned()),
    }
}

fn no_folder(folder: &Path, error: &io::Error) -> Unreadable {
    let shown = shown_path(folder);
    let (message, help) = match error.kind() {
        io::ErrorKind::NotFound => (
            format!("the catalog's folder `{shown}` is not there"),
            Some(
                "run this in the folder that holds `catalog/`, or name it with `--catalog DIR`"
                    .to_owned(),
            ),
        ),
        io::ErrorKind::NotADirectory => (format!("`{shown}` is not a folder"), None),
        _ => (
            format!("the folder `{shown}` cannot be read: {error}"),
            None,
        ),
    };
    Unreadable { message, help }
}

fn read_file<'s>(path: &Path, arena: &'s Bump) -> Result<&'s [u8], Unreadable> {
    let shown = shown_path(path);
    let failed = |message: String| Unreadable {
        message,
        help: None,
    };
    let metadata = fs::metadata(path).map_err(|error| match path.is_symlink() {
        true => failed(format!("`{shown}` is a link that leads nowhere")),
        false => failed(format!("`{shown}` cannot be read: {error}")),
    })?;
    if !metadata.is_file() {
        return Err(failed(format!("`{shown}` is not a regular file")));
    }
    if metadata.len() > MOST_BYTES {
        return Err(failed(format!("`{shown}` is larger than 4 GiB")));
    }
    read_whole(path, metadata.len() as usize, arena)
        .map_err(|error| failed(format!("`{shown}` cannot be read: {error}")))
}

/// Opens a file that does not keep the reader waiting: what the kernel shows as a file may be a pipe behind it.
#[cfg(unix)]
fn opened(path: &Path) -> io::Result<fs::File> {
    use std::os::unix::fs::OpenOptionsExt;
    let flags = rustix::fs::OFlags::NONBLOCK.bits();
    let flags = i32::try_from(flags).unwrap_or_default();
    fs::OpenOptions::new()
        .read(true)
        .custom_flags(flags)
        .open(path)
}

#[cfg(not(unix))]
fn opened(path: &Path) -> io::Result<fs::File> {
    fs::File::open(path)
}

/// A file of a known size, without a copy; one that changed its size meanwhile is read anew.
fn read_whole<'s>(path: &Path, size: usize, arena: &'s Bump) -> io::Result<&'s [u8]> {
    let mut file = opened(path)?;
    let bytes = arena.alloc_slice_fill_copy(size, 0);
    let mut read = 0;
    while read < size {
        match file.read(&mut bytes[read..])? {
            0 => return Ok(&bytes[..read]),
            more => read += more,
        }
    }
    match file.read(&mut [0])? {
        0 => Ok(bytes),
        _ => {
            let mut bytes = Vec::new();
            opened(path)?.take(MOST_BYTES).read_to_end(&mut bytes)?;
            Ok(arena.alloc_slice_copy(&bytes))
        }
    }
}

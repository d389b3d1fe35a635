//! Reads the files of a project that somebody else wrote. Nothing is opened that is no regular file: a pipe or a
//! device would keep the reader waiting, or never end.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use bumpalo::Bump;

use super::{FileKind, MOST_FILES, SourceFile, Sources, read_whole, shown_path};
use crate::project::{Files, NoFile, ReadFile};

/// The largest Compose file that is read, in bytes.
const MOST_COMPOSE_BYTES: u64 = 4 << 20;

/// The largest env file that is read, in bytes.
const MOST_ENV_BYTES: u64 = 1 << 20;

/// What is typed for standard input, as for `docker compose -f`.
pub const STANDARD_INPUT: &str = "-";

/// How many bytes the files of a project may have in all.
const MOST_BYTES: u64 = 16 << 20;

/// The files of a project, each read when it is first asked for.
pub struct ProjectFiles<'s> {
    arena: &'s Bump,
    /// The number of the first: behind those of a catalog that is read beside them.
    first: usize,
    files: RefCell<Vec<SourceFile<'s>>>,
    /// Their numbers, by their real paths.
    numbers: RefCell<HashMap<PathBuf, u16>>,
    /// Standard input, once it was asked for.
    input: Cell<Option<ReadFile<'s>>>,
    /// How many bytes may still be read.
    left: Cell<u64>,
    /// How many bytes of env files may still be asked for again: each time they are taken apart anew.
    again: Cell<u64>,
}

impl<'s> ProjectFiles<'s> {
    /// None yet.
    pub fn new(arena: &'s Bump) -> Self {
        ProjectFiles::behind(&[], arena)
    }

    /// None yet, to be numbered behind other files.
    pub fn behind(others: &[SourceFile<'s>], arena: &'s Bump) -> Self {
        ProjectFiles {
            arena,
            first: others.len(),
            files: RefCell::default(),
            numbers: RefCell::default(),
            input: Cell::new(None),
            left: Cell::new(MOST_BYTES),
            again: Cell::new(MOST_BYTES),
        }
    }

    /// What was read, for showing where something stands.
    pub fn into_sources(self, folder: &Path) -> Sources<'s> {
        Sources {
            files: self.files.into_inner(),
            folder: folder.to_path_buf(),
            root: folder.to_path_buf(),
        }
    }

    /// The same behind the files of the catalog that was read beside them.
    pub fn into_sources_behind(self, mut catalog: Sources<'s>) -> Sources<'s> {
        catalog.files.extend(self.files.into_inner());
        catalog
    }

    /// The texts of what was read, by number; that of an env file is empty, since nobody looks into it.
    pub fn texts(&self) -> Vec<&'s str> {
        texts_of(&self.files.borrow())
    }

    /// The paths of what was read, by number.
    pub fn paths(&self) -> Vec<String> {
        let files = self.files.borrow();
        let before = std::iter::repeat_n(String::new(), self.first);
        before
            .chain(files.iter().map(|file| file.path.clone()))
            .collect()
    }

    /// The paths of the Compose files that were read, in their order.
    pub fn compose_paths(&self) -> Vec<String> {
        let files = self.files.borrow();
        let compose = files.iter().filter(|file| file.kind == FileKind::Compose);
        compose.map(|file| file.path.clone()).collect()
    }

    /// Reads standard input to its end as a Compose file; from then on [`STANDARD_INPUT`] is its path.
    ///
    /// # Errors
    /// It is larger than a Compose file may be, or cannot be read.
    pub fn standard_input(&self) -> Result<ReadFile<'s>, NoFile> {
        if let Some(read) = self.input.get() {
            return Ok(read);
        }
        let mut bytes = Vec::new();
        let mut input = io::stdin().lock().take(MOST_COMPOSE_BYTES + 1);
        let read = input.read_to_end(&mut bytes);
        read.map_err(|error| NoFile::Refused(format!("cannot be read: {error}")))?;
        if bytes.len() as u64 > MOST_COMPOSE_BYTES {
            return Err(too_large(MOST_COMPOSE_BYTES));
        }
        let bytes = self.arena.alloc_slice_copy(&bytes);
        let number = self.add("<stdin>".to_owned(), bytes, FileKind::Compose)?;
        let read = ReadFile { number, bytes };
        self.input.set(Some(read));
        Ok(read)
    }

    fn add(&self, path: String, bytes: &'s [u8], kind: FileKind) -> Result<u16, NoFile> {
        let mut files = self.files.borrow_mut();
        let number = u16::try_from(self.first + files.len())
            .ok()
            .filter(|number| usize::from(*number) < MOST_FILES)
            .ok_or_else(|| NoFile::Refused("is one file more than can be read".to_owned()))?;
        files.push(SourceFile {
            name: "",
            path,
            bytes,
            kind,
        });
        Ok(number)
    }

    fn read(&self, path: &str, kind: FileKind, most: u64) -> Result<ReadFile<'s>, NoFile> {
        let path = Path::new(path);
        let metadata = fs::metadata(path).map_err(|error| no_file(path, &error))?;
        if !metadata.is_file() {
            let what = if metadata.is_dir() {
                "a folder"
            } else {
                "no regular file"
            };
            return Err(NoFile::Refused(format!("is {what}")));
        }
        let real = path.canonicalize().map_err(|error| no_file(path, &error))?;
        if let Some(number) = self.numbers.borrow().get(&real) {
            let files = self.files.borrow();
            let at = usize::from(*number).saturating_sub(self.first);
            let bytes = files.get(at).map_or(&[][..], |file| file.bytes);
            if kind == FileKind::Env {
                let left = self.again.get().checked_sub(bytes.len() as u64);
                self.again.set(left.ok_or_else(|| {
                    let most = MOST_BYTES >> 20;
                    NoFile::Refused(format!(
                        "is named so often that it comes to more than {most} MiB"
                    ))
                })?);
            }
            return Ok(ReadFile {
                number: *number,
                bytes,
            });
        }
        let bytes = self.bytes(path, metadata.len(), most)?;
        let number = self.add(shown_path(path), bytes, kind)?;
        self.numbers.borrow_mut().insert(real, number);
        Ok(ReadFile { number, bytes })
    }

    fn bytes(&self, path: &Path, size: u64, most: u64) -> Result<&'s [u8], NoFile> {
        if size > most {
            return Err(too_large(most));
        }
        let Some(left) = self.left.get().checked_sub(size) else {
            let message = format!(
                "comes to more than {} MiB with all other files",
                MOST_BYTES >> 20
            );
            return Err(NoFile::Refused(message));
        };
        self.left.set(left);
        read_whole(path, size as usize, self.arena).map_err(|error| no_file(path, &error))
    }
}

impl<'s> Files<'s> for ProjectFiles<'s> {
    fn compose(&self, path: &str) -> Result<ReadFile<'s>, NoFile> {
        match self.input.get().filter(|_| path == STANDARD_INPUT) {
            Some(input) => Ok(input),
            None => self.read(path, FileKind::Compose, MOST_COMPOSE_BYTES),
        }
    }

    fn env(&self, path: &str) -> Result<ReadFile<'s>, NoFile> {
        // It is no file, and the usual way to say that there is none.
        if path == "/dev/null" {
            return Ok(ReadFile {
                number: 0,
                bytes: &[],
            });
        }
        self.read(path, FileKind::Env, MOST_ENV_BYTES)
    }
}

/// The texts of files; that of an env file is empty.
pub(super) fn texts_of<'s>(files: &[SourceFile<'s>]) -> Vec<&'s str> {
    let texts = files.iter().map(|file| match file.kind {
        FileKind::Env => "",
        FileKind::Compose | FileKind::Catalog | FileKind::Generated => file.text(),
    });
    texts.collect()
}

fn too_large(most: u64) -> NoFile {
    NoFile::Refused(format!("is larger than {} MiB", most >> 20))
}

fn no_file(path: &Path, error: &io::Error) -> NoFile {
    let is_missing = matches!(
        error.kind(),
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory
    );
    match is_missing && !path.is_symlink() {
        true => NoFile::Missing,
        false if path.is_symlink() && is_missing => {
            NoFile::Refused("is a link that leads nowhere".to_owned())
        }
        false => NoFile::Refused(format!("cannot be read: {error}")),
    }
}

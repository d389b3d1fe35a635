//! What the outputs make: files in memory. `files` compares them with the disk and writes them.

use std::borrow::Cow;
use std::collections::BTreeMap;

/// Generated files in memory: relative path -> bytes, sorted by path.
///
/// A path is relative to the project's folder and separated by `/`, such as `generated/docker-compose.test.yml`.
/// That it stays inside of the project is checked when the set meets a disk, by `files`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FileSet {
    files: BTreeMap<String, Cow<'static, [u8]>>,
}

impl FileSet {
    /// An empty set.
    pub fn new() -> Self {
        FileSet::default()
    }

    /// Adds a file, in place of one that this path had before.
    pub fn insert(&mut self, path: impl Into<String>, bytes: impl Into<Vec<u8>>) {
        self.files.insert(path.into(), Cow::Owned(bytes.into()));
    }

    /// Adds a file that is always the same.
    pub fn insert_fixed(&mut self, path: impl Into<String>, bytes: &'static [u8]) {
        self.files.insert(path.into(), Cow::Borrowed(bytes));
    }

    /// The bytes of a file.
    pub fn get(&self, path: &str) -> Option<&[u8]> {
        self.files.get(path).map(AsRef::as_ref)
    }

    /// All files, by path.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &[u8])> {
        self.files
            .iter()
            .map(|(path, bytes)| (path.as_str(), bytes.as_ref()))
    }

    /// How many files.
    pub fn len(&self) -> usize {
        self.files.len()
    }

    /// Whether there is no file.
    pub fn is_empty(&self) -> bool {
        self.files.is_empty()
    }
}

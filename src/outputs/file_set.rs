//! What the outputs make: files in memory. `files` compares them with the disk and writes them.

use std::borrow::Cow;
use std::collections::BTreeMap;

use super::page::Page;

/// Files that are made one after the other, each when its turn comes.
pub trait Files {
    /// Their paths, sorted; see [`FileSet`].
    fn paths(&self) -> Vec<&str>;

    /// Puts the text of one of them onto a page.
    fn make(&self, path: &str, page: &mut dyn Page);
}

/// Generated files in memory: relative path -> bytes, sorted by path.
///
/// A path is relative to the project's folder and separated by `/`, such as `generated/docker-compose.test.yml`.
/// That it stays inside of the project is checked when the set meets a disk, by `files`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FileSet {
    files: BTreeMap<String, Cow<'static, str>>,
}

impl FileSet {
    /// An empty set.
    pub fn new() -> Self {
        FileSet::default()
    }

    /// Adds a file, in place of one that this path had before.
    pub fn insert(&mut self, path: impl Into<String>, text: impl Into<String>) {
        self.files.insert(path.into(), Cow::Owned(text.into()));
    }

    /// Adds a file that is always the same.
    pub fn insert_fixed(&mut self, path: impl Into<String>, text: &'static str) {
        self.files.insert(path.into(), Cow::Borrowed(text));
    }

    /// The bytes of a file.
    pub fn get(&self, path: &str) -> Option<&[u8]> {
        self.files.get(path).map(|text| text.as_bytes())
    }

    /// All files, by path.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &[u8])> {
        self.files
            .iter()
            .map(|(path, text)| (path.as_str(), text.as_bytes()))
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

impl Files for FileSet {
    fn paths(&self) -> Vec<&str> {
        self.files.keys().map(String::as_str).collect()
    }

    fn make(&self, path: &str, page: &mut dyn Page) {
        if let Some(text) = self.files.get(path) {
            page.put(text);
        }
    }
}

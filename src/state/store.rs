//! The folder of a project's state.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::Trouble;
use super::files::{make_folder, refused, set_aside, write_whole};
use crate::deploy::journal::Journal;
use crate::deploy::release::{Release, VERSION};

/// The folder of a project's state. It need not be there yet.
#[derive(Clone, Debug)]
pub struct Store {
    pub(super) folder: PathBuf,
}

/// What was read, and what had to be set aside for it: sentences.
#[derive(Debug, Default)]
pub struct Read<T> {
    /// What was read.
    pub value: T,
    /// What was set aside.
    pub told: Vec<String>,
}

/// The folder of all state, as the environment names it.
///
/// # Errors
/// Neither `XDG_STATE_HOME` nor `HOME` names one.
pub fn home(variable: &dyn Fn(&str) -> Option<String>) -> Result<PathBuf, Trouble> {
    let absolute = |path: String| Some(PathBuf::from(path)).filter(|path| path.is_absolute());
    let own = variable("XDG_STATE_HOME").and_then(absolute);
    let home = || {
        variable("HOME")
            .and_then(absolute)
            .map(|home| home.join(".local/state"))
    };
    let found = own.or_else(home).map(|folder| folder.join("composegen"));
    found.ok_or_else(|| Trouble {
        message: "there is no place for the state of deployments: neither XDG_STATE_HOME nor HOME names a folder".to_owned(),
        help: Some("set XDG_STATE_HOME to an absolute path".to_owned()),
    })
}

impl Store {
    /// The folder of a project on an engine.
    pub fn new(home: &Path, engine: &str, project: &str) -> Self {
        let plain = |text: &str| -> String {
            let keep = |c: char| {
                if c.is_ascii_alphanumeric() || "-_".contains(c) {
                    c
                } else {
                    '-'
                }
            };
            text.chars().map(keep).collect()
        };
        Store {
            folder: home.join(plain(engine)).join(plain(project)),
        }
    }

    /// The folder.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Makes the folder.
    ///
    /// # Errors
    /// The system refuses.
    pub fn prepare(&self) -> Result<(), Trouble> {
        make_folder(&self.folder.join("releases"))
    }

    /// The journal, where something was under way.
    pub fn journal(&self) -> Read<Option<Journal>> {
        self.read("journal.json", |journal: &Journal| journal.version)
    }

    /// Writes which step comes.
    ///
    /// # Errors
    /// The system refuses.
    pub fn write_journal(&self, journal: &Journal) -> Result<(), Trouble> {
        self.write("journal.json", journal)
    }

    /// Nothing is under way any more.
    ///
    /// # Errors
    /// The system refuses.
    pub fn end_journal(&self) -> Result<(), Trouble> {
        let path = self.folder.join("journal.json");
        match fs::remove_file(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                Err(refused(&path, "cannot be removed", &error))
            }
            _ => Ok(()),
        }
    }

    /// The releases, the oldest first.
    pub fn releases(&self) -> Read<Vec<Release>> {
        let mut all: Read<Vec<Release>> = Read::default();
        for number in self.numbers() {
            let one = self.read(
                &format!("releases/{number}/release.json"),
                |release: &Release| release.version,
            );
            all.told.extend(one.told);
            all.value.extend(one.value);
        }
        all
    }

    /// The numbers of the releases that have a folder, sorted.
    pub(super) fn numbers(&self) -> Vec<u32> {
        let entries = fs::read_dir(self.folder.join("releases"));
        let entries = entries.into_iter().flatten().flatten();
        let names = entries.map(|entry| entry.file_name().to_string_lossy().into_owned());
        let mut numbers: Vec<u32> = names.filter_map(|name| name.parse().ok()).collect();
        numbers.sort_unstable();
        numbers
    }

    /// Writes a release with its resolved Compose file.
    ///
    /// # Errors
    /// The system refuses.
    pub fn write_release(&self, release: &Release, compose: &str) -> Result<(), Trouble> {
        make_folder(&self.folder.join(format!("releases/{}", release.number)))?;
        write_whole(&self.compose_file(release.number), compose.as_bytes())?;
        self.update_release(release)
    }

    /// Writes a release again, whose Compose file is there.
    ///
    /// # Errors
    /// The system refuses.
    pub fn update_release(&self, release: &Release) -> Result<(), Trouble> {
        self.write(
            &format!("releases/{}/release.json", release.number),
            release,
        )
    }

    /// The path of a release's resolved Compose file.
    pub fn compose_file(&self, number: u32) -> PathBuf {
        self.folder.join(format!("releases/{number}/compose.json"))
    }

    /// The text of a release's resolved Compose file.
    ///
    /// # Errors
    /// It cannot be read.
    pub fn compose_text(&self, number: u32) -> Result<String, Trouble> {
        let path = self.compose_file(number);
        fs::read_to_string(&path).map_err(|error| refused(&path, "cannot be read", &error))
    }

    /// Writes the file with which a release is started again; gives its path.
    ///
    /// # Errors
    /// The system refuses.
    pub fn write_again(&self, text: &str) -> Result<PathBuf, Trouble> {
        let path = self.folder.join("again.json");
        write_whole(&path, text.as_bytes()).map(|()| path)
    }

    /// Forgets a release.
    pub fn drop_release(&self, number: u32) {
        // What stays behind is dropped next time.
        let _ = fs::remove_dir_all(self.folder.join(format!("releases/{number}")));
    }

    pub(super) fn write(&self, name: &str, value: &impl Serialize) -> Result<(), Trouble> {
        // Our own types hold nothing that JSON cannot.
        let mut text = serde_json::to_string_pretty(value).unwrap_or_default();
        text.push('\n');
        write_whole(&self.folder.join(name), text.as_bytes())
    }

    /// Reads a file. One that cannot be understood is set aside, for a person to look at.
    pub(super) fn read<T: DeserializeOwned>(
        &self,
        name: &str,
        version: impl Fn(&T) -> u32,
    ) -> Read<Option<T>> {
        let path = self.folder.join(name);
        let text = match fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::InvalidData => String::new(),
            Err(_) => return Read::default(),
        };
        match serde_json::from_str::<T>(&text)
            .ok()
            .filter(|value| version(value) == VERSION)
        {
            Some(value) => Read {
                value: Some(value),
                told: Vec::new(),
            },
            None => Read {
                value: None,
                told: vec![set_aside(&path)],
            },
        }
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::deploy::journal::{Step, Work};
    use crate::deploy::release::samples::release;

    pub(in crate::state) fn store(folder: &Path) -> Store {
        let store = Store::new(folder, "AB:CD", "demo-test");
        store.prepare().unwrap();
        store
    }

    fn journal() -> Journal {
        Journal {
            version: VERSION,
            work: Work::Deploy,
            release: 1,
            previous: None,
            step: Step::Up,
            since: 5,
            child: None,
            stopped: Vec::new(),
        }
    }

    #[test]
    fn what_was_written_is_read() {
        let folder = tempfile::tempdir().unwrap();
        let store = store(folder.path());
        assert!(store.folder().ends_with("AB-CD/demo-test"));
        assert_eq!(store.journal().value, None);
        store.write_journal(&journal()).unwrap();
        assert_eq!(store.journal().value, Some(journal()));
        store.end_journal().unwrap();
        store.end_journal().unwrap();
        assert_eq!(store.journal().value, None);
        assert_eq!((store.current(), store.give_number().unwrap()), (None, 1));
        store.write_release(&release(1, &["web"]), "{}").unwrap();
        assert!(store.has_data());
        store.set_empty().unwrap();
        assert!(!store.has_data());
        store.set_current(Some(1)).unwrap();
        assert!(store.has_data());
        assert_eq!(store.releases().value, [release(1, &["web"])]);
        assert_eq!(store.current(), Some(1));
        assert_eq!(store.compose_text(1).unwrap(), "{}");
        store.drop_release(1);
        assert_eq!(store.releases().value, []);
    }

    #[cfg(unix)]
    #[test]
    fn only_the_owner_may_look() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let store = store(folder.path());
        store.write_release(&release(1, &["web"]), "{}").unwrap();
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        for folder in [
            store.folder(),
            store.folder().parent().unwrap(),
            &store.folder().join("releases/1"),
        ] {
            assert_eq!(mode(folder), 0o700, "{}", folder.display());
        }
        assert_eq!(mode(&store.compose_file(1)), 0o600);
    }

    #[test]
    fn what_cannot_be_read_is_set_aside_and_told() {
        let folder = tempfile::tempdir().unwrap();
        let store = store(folder.path());
        for text in ["{", "{\"version\":99}", "\u{0}"] {
            fs::write(store.folder().join("journal.json"), text).unwrap();
            let read = store.journal();
            assert_eq!(read.value, None);
            assert!(
                read.told[0].contains("is damaged or of another version; it was set aside as"),
                "{:?}",
                read.told
            );
            assert!(!store.folder().join("journal.json").exists());
        }
    }

    #[test]
    fn the_place_is_what_the_environment_says() {
        let place = |values: &[(&str, &str)]| {
            let values = values.to_vec();
            let lookup = move |name: &str| {
                values
                    .iter()
                    .find(|(known, _)| *known == name)
                    .map(|(_, it)| (*it).to_owned())
            };
            home(&lookup).map(|path| path.display().to_string())
        };
        assert_eq!(
            place(&[("XDG_STATE_HOME", "/s"), ("HOME", "/h")]).unwrap(),
            "/s/composegen"
        );
        assert_eq!(
            place(&[("XDG_STATE_HOME", "s"), ("HOME", "/h")]).unwrap(),
            "/h/.local/state/composegen"
        );
        assert!(place(&[]).unwrap_err().message.contains("no place"));
    }
}

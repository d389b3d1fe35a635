//! Which release runs, which number was given last, whether there is data.

use std::fs;

use serde::{Deserialize, Serialize};

use super::Trouble;
use super::files::write_whole;
use super::store::Store;
use crate::deploy::release::VERSION;

/// The number of a release: of the one that runs, or the last that was given.
#[derive(Serialize, Deserialize)]
struct Number {
    version: u32,
    release: u32,
}

/// Names the release that runs.
const CURRENT: &str = "current.json";

/// Is there while the project's volumes are removed.
const EMPTY: &str = "empty";

/// Names the last number that was given to a release.
const LAST: &str = "last.json";

impl Store {
    /// The number of the release that runs, as far as is known. Where the file that says so cannot be understood, it is
    /// the newest good one.
    pub fn current(&self) -> Option<u32> {
        let read = self.read(CURRENT, |number: &Number| number.version);
        match read.told.is_empty() {
            true => read.value.map(|number| number.release),
            false => self.newest(),
        }
    }

    fn newest(&self) -> Option<u32> {
        let releases = self.releases().value;
        releases
            .iter()
            .filter(|it| it.good)
            .map(|it| it.number)
            .max()
    }

    /// Looks at every file, and sets aside what cannot be understood: says what that was, and what counts in its place.
    pub fn heal(&self) -> Vec<String> {
        let mut told = self.journal().told;
        told.extend(self.releases().told);
        told.extend(self.read(LAST, |number: &Number| number.version).told);
        let current = self.read(CURRENT, |number: &Number| number.version).told;
        if current.is_empty() {
            return told;
        }
        told.extend(current);
        if let Some(newest) = self.newest() {
            // Where it cannot be written, `current` says the same.
            let _ = self.write_number(CURRENT, newest);
            told.push(format!(
                "release {newest}, the newest, counts as the one that runs"
            ));
        }
        told
    }

    /// Writes which release runs; `None` for none.
    ///
    /// # Errors
    /// The system refuses.
    pub fn set_current(&self, release: Option<u32>) -> Result<(), Trouble> {
        match release {
            Some(release) => {
                // It need not be there.
                let _ = fs::remove_file(self.folder.join(EMPTY));
                self.write_number(CURRENT, release)
            }
            None => {
                // It need not be there.
                let _ = fs::remove_file(self.folder.join(CURRENT));
                Ok(())
            }
        }
    }

    fn number(&self, name: &str) -> Option<u32> {
        let read = self.read(name, |number: &Number| number.version);
        read.value.map(|number| number.release)
    }

    fn write_number(&self, name: &str, release: u32) -> Result<(), Trouble> {
        let version = VERSION;
        self.write(name, &Number { version, release })
    }

    /// A number that no release has had, not even one that failed: written down before anything bears it.
    ///
    /// # Errors
    /// The system refuses.
    pub fn give_number(&self) -> Result<u32, Trouble> {
        let known = self.numbers().into_iter().chain(self.current());
        let last = known.chain(self.number(LAST)).max().unwrap_or(0);
        let number = last.saturating_add(1);
        self.write_number(LAST, number).map(|()| number)
    }

    /// Whether the project has had a good release, and its volumes were not removed since.
    pub fn has_data(&self) -> bool {
        let is_empty = self.folder.join(EMPTY).exists();
        !is_empty && self.releases().value.iter().any(|release| release.good)
    }

    /// Writes down that the volumes are removed, until a release runs again.
    ///
    /// # Errors
    /// The system refuses.
    pub fn set_empty(&self) -> Result<(), Trouble> {
        write_whole(&self.folder.join(EMPTY), b"")
    }
}

#[cfg(test)]
mod tests {
    use super::super::store::tests::store;
    use super::*;
    use crate::deploy::release::samples::release;

    #[test]
    fn no_number_is_given_twice() {
        let folder = tempfile::tempdir().unwrap();
        let store = store(folder.path());
        assert_eq!(store.give_number().unwrap(), 1);
        assert_eq!(store.give_number().unwrap(), 2, "the first one failed");
        store.write_release(&release(7, &["web"]), "{}").unwrap();
        assert_eq!(store.give_number().unwrap(), 8, "of an earlier version");
        store.drop_release(7);
        fs::write(store.folder().join(LAST), "{").unwrap();
        store.set_current(Some(8)).unwrap();
        assert_eq!(store.give_number().unwrap(), 9, "as far as can be told");
    }

    #[test]
    fn the_newest_release_runs_where_the_file_that_says_so_is_damaged() {
        let folder = tempfile::tempdir().unwrap();
        let store = store(folder.path());
        for number in [1, 2] {
            store
                .write_release(&release(number, &["web"]), "{}")
                .unwrap();
        }
        store.set_current(Some(1)).unwrap();
        assert_eq!(store.heal(), [""; 0]);
        fs::write(store.folder().join(CURRENT), "{").unwrap();
        let told = store.heal();
        assert!(told[0].contains("current.json"), "{told:?}");
        assert_eq!(
            told[1],
            "release 2, the newest, counts as the one that runs"
        );
        assert_eq!((store.heal(), store.current()), (Vec::new(), Some(2)));
    }
}

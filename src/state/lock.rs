//! One at a time: a file that the system locks for as long as its holder lives, with a text that says who that is. The
//! lock of a holder that died is free by itself, so there is nothing to take over but the text.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Seek, Write};
use std::path::Path;

use super::Trouble;
use super::files::{private, refused};

/// The lock, held until it is dropped.
#[derive(Debug)]
pub struct Lock(#[expect(dead_code, reason = "the open file is the lock")] File);

/// Why there is no lock.
#[derive(Debug)]
pub enum NoLock {
    /// Somebody holds it, as its text says.
    Held(String),
    /// It cannot be had.
    Trouble(Trouble),
}

/// Takes the lock of a folder; `owner` is the text for others who want it.
///
/// # Errors
/// Somebody holds it, or the file cannot be written.
pub fn take(folder: &Path, owner: &str) -> Result<Lock, NoLock> {
    let path = folder.join("lock");
    let trouble =
        |error: &std::io::Error| NoLock::Trouble(refused(&path, "cannot be locked", error));
    let mut options = OpenOptions::new();
    private(options.read(true).write(true).create(true).truncate(false));
    let mut file = options.open(&path).map_err(|error| trouble(&error))?;
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => return Err(NoLock::Held(text(&mut file))),
        Err(TryLockError::Error(error)) => return Err(trouble(&error)),
    }
    let written = file
        .set_len(0)
        .and_then(|()| file.rewind())
        .and_then(|()| file.write_all(owner.as_bytes()));
    written.map_err(|error| trouble(&error))?;
    Ok(Lock(file))
}

/// Who holds the lock of a folder; `None` where nobody does.
pub fn holder(folder: &Path) -> Option<String> {
    let mut file = File::open(folder.join("lock")).ok()?;
    match file.try_lock_shared() {
        Err(TryLockError::WouldBlock) => Some(text(&mut file)),
        Ok(()) | Err(TryLockError::Error(_)) => None,
    }
}

fn text(file: &mut File) -> String {
    let mut text = String::new();
    // Without its text it is still held.
    let _ = file.read_to_string(&mut text);
    match text.trim() {
        "" => "another run".to_owned(),
        text => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_one_holds_it_and_the_others_are_told_who() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(holder(folder.path()), None);
        let lock = take(folder.path(), "the first").unwrap();
        assert!(matches!(take(folder.path(), "x"), Err(NoLock::Held(who)) if who == "the first"));
        assert_eq!(holder(folder.path()).as_deref(), Some("the first"));
        drop(lock);
        assert_eq!(holder(folder.path()), None);
        let _second = take(folder.path(), "2nd").unwrap();
        assert_eq!(holder(folder.path()).as_deref(), Some("2nd"));
    }
}

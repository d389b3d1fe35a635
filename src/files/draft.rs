//! A file under way. What comes is compared with what is there, piece by piece; from the first difference on it goes
//! into a temporary file beside it. So neither the old text nor the new one is ever in memory as a whole, and a file
//! that stays the same is only read.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};

use tempfile::NamedTempFile;

use super::target::Target;
use super::write::{NewFolders, PUBLIC, begun, completed, refused};
use super::{State, Trouble};
use crate::outputs::page::Page;

/// So much of what is there is read at once.
const PIECE: usize = 64 << 10;

/// A file under way.
pub(super) struct Draft<'t> {
    target: &'t Target,
    folders: &'t mut NewFolders,
    /// What is there, as far as it was read; nothing where nothing is, and from the first difference on.
    there: Option<File>,
    /// The new file, from the first difference on.
    new: Option<NamedTempFile>,
    /// How many bytes came.
    len: u64,
    room: Room,
    /// What went wrong first; nothing more is done then.
    trouble: Option<Trouble>,
}

/// The room that was left for what is known in the end.
#[derive(Default)]
struct Room {
    start: u64,
    /// What stands there in the old file, where all before it is the same.
    there: Vec<u8>,
}

impl<'t> Draft<'t> {
    /// A draft of a file, against what is there.
    pub fn new(target: &'t Target, folders: &'t mut NewFolders) -> Result<Self, Trouble> {
        Ok(Draft {
            target,
            folders,
            there: target.open()?,
            new: None,
            len: 0,
            room: Room::default(),
            trouble: None,
        })
    }

    /// How it stands to what is there, and the complete new file where that differs.
    pub fn finish(mut self) -> Result<(State, Option<NamedTempFile>), Trouble> {
        if let Some(trouble) = self.trouble {
            return Err(trouble);
        }
        if self.new.is_none() && !self.is_all()? {
            self.begin()?;
        }
        let Some(new) = self.new else {
            return Ok((State::Same, None));
        };
        let state = match self.target.permissions {
            Some(_) => State::Different,
            None => State::Missing,
        };
        let new = completed(new, self.target, PUBLIC).map_err(not_written(self.target))?;
        Ok((state, Some(new)))
    }

    /// Whether what is there ends where the new text does.
    fn is_all(&mut self) -> Result<bool, Trouble> {
        match &self.there {
            Some(_) => Ok(self.next(1)?.is_empty()),
            None => Ok(false),
        }
    }

    /// The next bytes of what is there: as many as are asked for, or all that are left.
    fn next(&self, len: usize) -> Result<Vec<u8>, Trouble> {
        let mut bytes = Vec::with_capacity(len);
        if let Some(there) = &self.there {
            let read = there.take(len as u64).read_to_end(&mut bytes);
            read.map_err(|error| self.target.unread(&error))?;
        }
        Ok(bytes)
    }

    /// The piece behind the others, compared as long as all is the same.
    fn add(&mut self, piece: &[u8]) -> Result<(), Trouble> {
        let mut rest = piece;
        while self.there.is_some() && !rest.is_empty() {
            let (next, behind) = rest.split_at(rest.len().min(PIECE));
            if self.next(next.len())? != next {
                break;
            }
            self.len += next.len() as u64;
            rest = behind;
        }
        if !rest.is_empty() {
            self.append(rest)?;
        }
        self.len += rest.len() as u64;
        Ok(())
    }

    /// The piece in the new file, behind all that came.
    fn append(&mut self, piece: &[u8]) -> Result<(), Trouble> {
        let target = self.target;
        let new = self.begin()?.as_file_mut();
        new.write_all(piece).map_err(not_written(target))
    }

    /// The new file, with all that came in it.
    fn begin(&mut self) -> Result<&mut NamedTempFile, Trouble> {
        let there = self.there.take();
        let new = match self.new.take() {
            Some(new) => new,
            None => {
                self.folders.create(self.target)?;
                same_start(self.target, there, self.len).map_err(not_written(self.target))?
            }
        };
        Ok(self.new.insert(new))
    }

    fn add_room(&mut self, len: usize) -> Result<(), Trouble> {
        self.room.start = self.len;
        if self.there.is_some() {
            self.room.there = self.next(len)?;
        }
        if self.room.there.len() < len {
            self.append(&vec![b'0'; len])?;
        }
        self.len += len as u64;
        Ok(())
    }

    fn fill_room(&mut self, text: &[u8]) -> Result<(), Trouble> {
        if self.there.is_some() && self.room.there == text {
            return Ok(());
        }
        let (target, start) = (self.target, self.room.start);
        let new = self.begin()?.as_file_mut();
        let filled = new
            .seek(SeekFrom::Start(start))
            .and_then(|_| new.write_all(text))
            .and_then(|()| new.seek(SeekFrom::End(0)));
        filled.map(drop).map_err(not_written(target))
    }

    /// Does the next step, unless one went wrong before.
    fn step(&mut self, step: impl FnOnce(&mut Self) -> Result<(), Trouble>) {
        if self.trouble.is_none() {
            self.trouble = step(self).err();
        }
    }
}

/// A temporary file that begins with the first bytes of what is there.
fn same_start(target: &Target, there: Option<File>, len: u64) -> io::Result<NamedTempFile> {
    let mut new = begun(target)?;
    if let Some(mut there) = there {
        there.rewind()?;
        let copied = io::copy(&mut there.take(len), new.as_file_mut())?;
        if copied < len {
            return Err(io::Error::other(
                "somebody else changed it at the same time",
            ));
        }
    }
    Ok(new)
}

fn not_written(target: &Target) -> impl Fn(io::Error) -> Trouble {
    |error| refused(target, "cannot be written", &error)
}

impl Page for Draft<'_> {
    fn put(&mut self, piece: &str) {
        self.step(|draft| draft.add(piece.as_bytes()));
    }

    fn leave(&mut self, len: usize) {
        self.step(|draft| draft.add_room(len));
    }

    fn fill(&mut self, text: &str) {
        self.step(|draft| draft.fill_room(text.as_bytes()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::files::target;
    use std::fs;

    /// What becomes of a file with `there` in it where `head`, a room filled with `digest`, and `body` are put.
    fn drafted(there: Option<&str>, [head, digest, body]: [&str; 3]) -> (State, Option<String>) {
        let root = tempfile::tempdir().unwrap();
        if let Some(there) = there {
            fs::write(root.path().join("x"), there).unwrap();
        }
        let targets = target::all(root.path(), &["x"]).unwrap();
        let mut folders = NewFolders::default();
        let mut draft = Draft::new(&targets[0], &mut folders).unwrap();
        draft.put(head);
        draft.leave(digest.len());
        draft.put(body);
        draft.fill(digest);
        let (state, new) = draft.finish().unwrap();
        (
            state,
            new.map(|new| fs::read_to_string(new.path()).unwrap()),
        )
    }

    #[test]
    fn the_first_difference_begins_a_new_file_wherever_it_is() {
        let new = ["head ", "1234", " body"];
        assert_eq!(drafted(Some("head 1234 body"), new), (State::Same, None));
        let whole = Some("head 1234 body".to_owned());
        assert_eq!(drafted(None, new), (State::Missing, whole.clone()));
        for there in [
            "",
            "h",
            "Head 1234 body",
            "head ",
            "head 12",
            "head 1234",
            "head 9999 body",
            "head 1234 bodY",
            "head 1234 body and more",
            "head 9999 other",
        ] {
            let expected = (State::Different, whole.clone());
            assert_eq!(drafted(Some(there), new), expected, "{there:?}");
        }
    }

    #[test]
    fn a_file_that_became_shorter_meanwhile_is_not_written_in_part() {
        let root = tempfile::tempdir().unwrap();
        let path = root.path().join("x");
        fs::write(&path, "0123456789").unwrap();
        let targets = target::all(root.path(), &["x"]).unwrap();
        let mut folders = NewFolders::default();
        let mut draft = Draft::new(&targets[0], &mut folders).unwrap();
        draft.put("01234");
        fs::write(&path, "012").unwrap();
        draft.put("other");
        let trouble = draft.finish().unwrap_err();
        assert_eq!(
            trouble.message,
            "`x` cannot be written: somebody else changed it at the same time"
        );
        assert_eq!(fs::read_to_string(&path).unwrap(), "012");
        assert_eq!(fs::read_dir(root.path()).unwrap().count(), 1);
    }

    #[test]
    fn an_empty_file_and_a_long_one_are_files_too() {
        assert_eq!(
            drafted(None, ["", "", ""]),
            (State::Missing, Some(String::new()))
        );
        assert_eq!(drafted(Some(""), ["", "", ""]), (State::Same, None));
        let long = "0123456789".repeat(PIECE);
        let there = format!("{long}1{long}");
        assert_eq!(
            drafted(Some(&there), [&long, "1", &long]),
            (State::Same, None)
        );
        let (state, new) = drafted(Some(&there), [&long, "2", &long]);
        assert_eq!(
            (state, new),
            (State::Different, Some(format!("{long}2{long}")))
        );
    }
}

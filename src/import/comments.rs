//! The comments of Compose files: those on lines of their own above a key or an item, and those behind one. Each is
//! found once, however often an anchor is used.

use std::cell::RefCell;

use rustc_hash::FxHashSet;

use crate::place::Place;
use crate::yaml::node::{Entry, Kind, Node};

/// The texts in which comments are looked for, by the numbers of their files.
pub struct Comments<'t> {
    texts: Vec<&'t str>,
    /// Where those stand that were found.
    found: RefCell<FxHashSet<(u16, usize)>>,
}

impl<'t> Comments<'t> {
    /// The comments of these files.
    pub fn new(texts: Vec<&'t str>) -> Self {
        Comments {
            texts,
            found: RefCell::default(),
        }
    }

    fn text(&self, place: Place) -> Option<&'t str> {
        self.texts.get(usize::from(place.file)).copied()
    }

    /// Whether a comment at an offset was not found before.
    fn is_new(&self, place: Place, at: usize) -> bool {
        self.found.borrow_mut().insert((place.file, at))
    }

    /// The lines of comment above what begins a line.
    pub fn above(&self, place: Place) -> Vec<String> {
        let Some(text) = self.text(place) else {
            return Vec::new();
        };
        let Some(before) = text.get(..place.start as usize) else {
            return Vec::new();
        };
        let line = before.rfind('\n').map_or(0, |at| at + 1);
        let begins = before[line..]
            .chars()
            .all(|c| matches!(c, ' ' | '-' | '"' | '\''));
        if !begins {
            return Vec::new();
        }
        self.lines_up(text, line, place)
    }

    fn lines_up(&self, text: &str, mut line: usize, place: Place) -> Vec<String> {
        let mut lines = Vec::new();
        while line > 0 {
            let start = text[..line - 1].rfind('\n').map_or(0, |at| at + 1);
            let Some(comment) = text[start..line - 1].trim().strip_prefix('#') else {
                break;
            };
            if !self.is_new(place, start) {
                break;
            }
            lines.push(said(comment));
            line = start;
        }
        lines.reverse();
        lines
    }

    /// The comment behind an entry: behind its value where that stands on the key's line, else behind its key.
    pub fn beside(&self, entry: &Entry) -> Option<String> {
        let own = self.behind(&entry.value);
        own.or_else(|| {
            let text = self.text(entry.key_place)?;
            let end = entry.key_place.start as usize + usize::from(entry.key_place.len);
            let rest = text.get(end..)?.lines().next()?;
            let rest = rest.trim_start().strip_prefix(':')?;
            self.in_rest(rest, entry.key_place, end)
        })
    }

    /// The comment behind a scalar, on its line.
    pub fn behind(&self, node: &Node) -> Option<String> {
        let is_scalar = matches!(node.kind, Kind::Plain(_) | Kind::Quoted(_)) && !node.is_null();
        if !is_scalar || node.place.len == u16::MAX {
            return None;
        }
        let text = self.text(node.place)?;
        let end = node.place.start as usize + usize::from(node.place.len);
        if text.get(node.place.start as usize..end)?.contains('\n') {
            return None;
        }
        self.in_rest(text.get(end..)?.lines().next()?, node.place, end)
    }

    /// The comment in the rest of a line that holds nothing else.
    fn in_rest(&self, rest: &str, place: Place, at: usize) -> Option<String> {
        let comment = rest.trim().strip_prefix('#')?;
        let is_apart = rest.starts_with([' ', '\t']);
        (is_apart && self.is_new(place, at)).then(|| said(comment))
    }
}

/// The words of a comment, without the blank before them and those at the end.
fn said(comment: &str) -> String {
    let comment = comment.strip_prefix(' ').unwrap_or(comment);
    comment.trim_end().to_owned()
}

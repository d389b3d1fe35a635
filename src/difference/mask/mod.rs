//! Values that nobody may see. A generated file holds none, but somebody may have written one into it by hand, in any
//! form; and it would be shown where the change is.
//!
//! A file is looked at line by line, and as YAML along its tree, as `src/secrets/` has it. Where somebody wrote by hand
//! (`edits.rs`), hints are enough: what stands behind a word that may be the name of a secret is hidden, also in comments
//! and in text that is no YAML (`prose.rs`). What composegen itself wrote is hidden only where it certainly is a secret. A
//! value that is hidden in one place is hidden in all others.
//!
//! | file | what stands there |
//! |---|---|
//! | `edits.rs` | what of a file somebody wrote by hand |
//! | `prose.rs` | comments, tables, and what is no YAML |

mod edits;
mod prose;

use std::borrow::Cow;
use std::ops::Range;

use crate::catalog::Catalog;
use crate::dotenv;
use crate::secrets::{Hand, Hands, Known, MASK, Names, Stretches, is_plain, lines, tree};
use edits::Edits;
use prose::Reach;

/// Which names are those of secrets, and which values are known to be one.
#[derive(Debug, Default)]
pub struct Secrets {
    names: Names,
    known: Known,
}

/// A file that is there, and what composegen would write in its place.
#[derive(Clone, Copy, Debug)]
pub struct Sheet<'a> {
    /// Its path, which says what kind of file it is.
    pub path: &'a str,
    /// What is there; nothing where there is no file.
    pub there: &'a [u8],
    /// What composegen writes.
    pub wanted: &'a [u8],
    /// Whether somebody may have written in it by hand.
    pub by_hand: bool,
}

/// Some sheets as they may be shown, each with what composegen writes.
pub struct Shown {
    /// What is there, line by line as it is.
    pub there: Vec<u8>,
    /// What composegen writes.
    pub wanted: Vec<u8>,
}

impl Secrets {
    /// The secrets of catalogs: what they declare, and what says so by its name.
    pub fn of<'c, 's: 'c>(catalogs: impl IntoIterator<Item = &'c Catalog<'s>>) -> Self {
        let declared = catalogs.into_iter().flat_map(|catalog| {
            let variables = catalog.variables.iter();
            let secrets = variables.filter(|(_, it)| it.value.is_secret());
            secrets.map(|(name, _)| (*name).to_owned())
        });
        Secrets {
            names: Names {
                declared: declared.collect(),
            },
            known: Known::default(),
        }
    }

    /// The values of secrets in an env file are known from now on.
    pub fn learn(&mut self, env: &[u8]) {
        for entry in dotenv::read(env).entries {
            let value = entry.value.reveal();
            if self.names.hide(entry.name, value) {
                self.known.add(value);
            }
        }
    }

    /// Files as they may be shown; a value that one of them reveals is hidden in all of them.
    pub fn shown(&self, sheets: &[Sheet]) -> Vec<Shown> {
        let texts: Vec<_> = sheets
            .iter()
            .map(|sheet| Text::of(sheet, &self.names))
            .collect();
        let mut known = self.known.clone();
        texts.iter().for_each(|text| text.teach(&mut known));
        let wanted: Vec<Cow<str>> = sheets
            .iter()
            .map(|sheet| String::from_utf8_lossy(sheet.wanted))
            .collect();
        let public: Vec<&str> = wanted.iter().map(Cow::as_ref).collect();
        let known = known.without(&public);
        let shown = |(mut text, sheet): (Text, &Sheet)| {
            known.find(&text.text, &mut text.hidden);
            let ours = Sheet {
                there: sheet.wanted,
                by_hand: false,
                ..*sheet
            };
            let wanted = Text::of(&ours, &self.names);
            Shown {
                there: text.hidden.masked(&text.text).into_bytes(),
                wanted: wanted.hidden.masked(&wanted.text).into_bytes(),
            }
        };
        texts.into_iter().zip(sheets).map(shown).collect()
    }

    /// A file with an `x` for each letter of a secret, as long as it is.
    pub fn blurred(&self, sheet: &Sheet) -> Vec<u8> {
        // In a file that is no text nothing can be told but lines.
        if std::str::from_utf8(sheet.there).is_err() {
            let blur = |byte: &u8| if *byte == b'\n' { *byte } else { b'x' };
            return sheet.there.iter().map(blur).collect();
        }
        let text = Text::of(sheet, &self.names);
        text.hidden.blurred(&text.text).into_bytes()
    }

    /// What may be told of some sheets, value by value.
    pub(super) fn told(&self, sheets: &[Sheet]) -> Told<'_> {
        let mut known = self.known.clone();
        let mut values = Vec::new();
        for sheet in sheets {
            let text = Text::of(sheet, &self.names);
            text.teach(&mut known);
            values.extend(text.values);
        }
        let wanted: Vec<Cow<str>> = sheets
            .iter()
            .map(|sheet| String::from_utf8_lossy(sheet.wanted))
            .collect();
        let public: Vec<&str> = wanted.iter().map(Cow::as_ref).collect();
        Told {
            names: &self.names,
            known: known.without(&public),
            values,
            hand: match sheets.iter().any(|sheet| sheet.by_hand) {
                true => Hand::Theirs,
                false => Hand::Ours,
            },
        }
    }
}

/// What may be told of files, value by value.
pub(super) struct Told<'a> {
    names: &'a Names,
    known: Known,
    /// Values that are hidden where they stand.
    values: Vec<String>,
    hand: Hand,
}

/// A hidden value from this length on is hidden as a part of another, too.
const SHORTEST: usize = 4;

impl Told<'_> {
    /// A value that may be shown; `None` for that of a secret.
    pub fn value(&self, name: Option<&str>, value: &str) -> Option<String> {
        let hides = |name: &str| match self.hand {
            Hand::Ours => self.names.hide(name, value),
            Hand::Theirs => self.names.may_hide(name, value),
        };
        let hidden = name.is_some_and(hides) || self.values.iter().any(|other| other == value);
        (!hidden).then(|| self.text(value))
    }

    /// A text without the values of secrets: `TOKEN=***`, `--token ***`, `http://user:***@host`.
    pub fn text(&self, text: &str) -> String {
        let mut shown = lines::masked(text, self.names, self.hand);
        for value in self.values.iter().filter(|value| value.len() >= SHORTEST) {
            if shown.contains(value.as_str()) {
                shown = shown.replace(value.as_str(), MASK);
            }
        }
        self.known.masked(&shown)
    }

    /// A message about a file: what it quotes of a line that holds a secret is left out.
    pub fn message(&self, message: &str, file: &str) -> String {
        let is_word = |part: &str| part.contains(char::is_alphanumeric);
        let quoted = |(number, part): (usize, &str)| match number % 2 == 1
            && is_word(part)
            && !file.contains(part)
        {
            true => MASK.to_owned(),
            false => part.to_owned(),
        };
        let parts: Vec<String> = message.split('`').enumerate().map(quoted).collect();
        parts.join("`")
    }
}

/// A text with what is hidden in it.
struct Text<'a> {
    text: Cow<'a, str>,
    hidden: Stretches,
    /// Values of it that are hidden, as YAML reads them.
    values: Vec<String>,
}

impl<'a> Text<'a> {
    fn of(sheet: &Sheet<'a>, names: &Names) -> Self {
        let text = String::from_utf8_lossy(sheet.there);
        let wanted = String::from_utf8_lossy(sheet.wanted);
        let mut edits = Edits::of(&text, &wanted, sheet.by_hand);
        let mut hidden = Stretches::default();
        lines::add(&text, names, |line| edits.hand(line), &mut hidden);
        let seen = match is_yaml(sheet.path) {
            true => tree::add(&text, names, &edits, &mut hidden),
            false => tree::Seen::default(),
        };
        let mut values = seen.values;
        if !edits.is_empty() {
            let mut texts = seen.texts;
            texts.sort_by_key(|text| text.start);
            let part = |_, line: Range<usize>| match seen.whole {
                true => lines::comment(&text[line.clone()], line.start, &texts),
                false => Some(0),
            };
            let reach = match is_yaml(sheet.path) && !seen.whole {
                true => Reach::Block,
                false => Reach::Lines,
            };
            prose::add(&text, &mut edits, reach, part, &mut hidden);
            for (at, value) in seen.edited {
                if edits.is_near(&text, &at) && !is_plain(&value) && !edits.is_known(&value) {
                    hidden.add(at);
                    values.push(value);
                }
            }
        }
        if is_env(sheet.path) && !hidden.is_empty() {
            let entries = dotenv::read(text.as_bytes()).entries.into_iter();
            let shut = entries.filter(|entry| hidden.holds(&text, &entry.value_at));
            values.extend(shut.map(|entry| entry.value.reveal().to_owned()));
        }
        Text {
            text,
            hidden,
            values,
        }
    }

    /// Makes known what is hidden here.
    fn teach(&self, known: &mut Known) {
        let hidden = self.hidden.hidden(&self.text).into_iter();
        hidden
            .chain(self.values.iter().map(String::as_str))
            .for_each(|value| known.add(value));
    }
}

fn is_yaml(path: &str) -> bool {
    path.ends_with(".yml") || path.ends_with(".yaml")
}

fn is_env(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    name.starts_with("env") || name.starts_with(".env")
}

#[cfg(test)]
mod tests;

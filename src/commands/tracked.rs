//! Secrets in env files that git does not keep out of the repository. Git is asked only about files that hold some.

use std::path::Path;

use crate::dotenv::{self, tellable};
use crate::finding::Finding;
use crate::git::{Kept, kept};
use crate::place::Place;
use crate::rule::Rule;
use crate::secrets::{BY_NAME, Sign, is_sample, under};
use crate::source::{FileKind, SourceFile, Sources};
use crate::values::shown::shown;

/// A secret of an env file.
pub struct Held<'s> {
    /// Its name.
    pub name: &'s str,
    /// What it looks like, where that tells.
    shape: Option<&'static str>,
    /// Where its name stands.
    pub place: Place,
}

/// The secrets of an env file; what only keeps the place of one is none. A name that may be a part of a value is not told.
fn held<'s>(file: &SourceFile<'s>, number: u16) -> Vec<Held<'s>> {
    let entries = dotenv::read(file.bytes).entries.into_iter();
    let found = entries.filter_map(|entry| {
        let value = entry.value.reveal();
        let sign = under(entry.name, value, BY_NAME).first()?.sign;
        let shape = match sign {
            Sign::Shape(what) => Some(what),
            Sign::Own | Sign::Named(_) | Sign::Option(_) | Sign::Address | Sign::Default(_) => None,
        };
        let place = Place {
            file: number,
            len: u16::try_from(entry.name_at.len()).unwrap_or(u16::MAX),
            start: u32::try_from(entry.name_at.start).unwrap_or(u32::MAX),
        };
        let is_told = !is_sample(value) && tellable(&entry);
        is_told.then_some(Held {
            name: entry.name,
            shape,
            place,
        })
    });
    found.collect()
}

/// The env files of a run that hold secrets and are not kept out of git.
pub fn open<'a, 's>(
    sources: &'a Sources<'s>,
) -> impl Iterator<Item = (&'a SourceFile<'s>, Vec<Held<'s>>, Kept)> {
    let files = sources.files.iter().enumerate();
    let files = files.filter(|(_, file)| file.kind == FileKind::Env);
    files.filter_map(|(number, file)| {
        let held = held(file, u16::try_from(number).ok()?);
        let kept = (!held.is_empty()).then(|| kept(Path::new(&file.path)))??;
        Some((file, held, kept))
    })
}

/// A finding for each of them.
pub fn findings(sources: &Sources) -> Vec<Finding> {
    let of = |(file, held, kept): (&SourceFile, Vec<Held>, Kept)| {
        let path = shown(&file.path);
        let (what, help) = match kept {
            Kept::Tracked => (
                format!("git tracks {path}"),
                format!(
                    "`git rm --cached {}` and a line for it in `.gitignore`; what was committed is known, so change it",
                    file.path
                ),
            ),
            Kept::Open => (
                format!("git does not ignore {path}"),
                "write a line for the file into `.gitignore`".to_owned(),
            ),
        };
        let finding = |held: Held| {
            let is = held
                .shape
                .map_or("is a secret".to_owned(), |shape| format!("holds {shape}"));
            let message = format!("{} {is}, and {what}", shown(held.name));
            Finding::new(Rule::SecretLiteral, held.place, message).help(help.clone())
        };
        held.into_iter().map(finding).collect::<Vec<_>>()
    };
    open(sources).flat_map(of).collect()
}

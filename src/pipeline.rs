//! The pipeline up to the rules: sources -> catalog -> plans -> rules. Every command starts here.

use bumpalo::Bump;

use crate::catalog::read::{File, catalog};
use crate::catalog::{Catalog, references};
use crate::compose::value::Reader;
use crate::finding::{Finding, Findings};
use crate::place::Place;
use crate::rule::Rule;
use crate::source::Sources;
use crate::yaml;
use crate::yaml::read::ErrorKind;

/// A catalog as far as it could be read.
pub struct Loaded<'s> {
    /// The catalog.
    pub catalog: Catalog<'s>,
    /// What was found so far.
    pub findings: Findings,
    /// Whether every file could be parsed: only then do plans make sense.
    pub parsed: bool,
}

/// Parses and types the files of a catalog.
pub fn load<'s>(sources: &Sources<'s>, arena: &'s Bump) -> Loaded<'s> {
    let findings = Findings::new();
    let mut files = Vec::with_capacity(sources.files.len());
    for (number, source) in sources.files.iter().enumerate() {
        let start = Place {
            file: number as u16,
            len: 1,
            start: 0,
        };
        let root = parse(source.bytes, start, arena, &findings);
        files.push(File {
            name: source.name,
            root,
            start,
        });
    }
    let parsed = findings.errors() == 0;
    let reader = Reader {
        arena,
        findings: &findings,
        expressions: true,
    };
    let catalog = match parsed {
        true => catalog(&files, &reader),
        false => Catalog::default(),
    };
    if parsed {
        references::check(&catalog, &findings);
    }
    Loaded {
        catalog,
        findings,
        parsed,
    }
}

fn parse<'s>(
    bytes: &'s [u8],
    start: Place,
    arena: &'s Bump,
    findings: &Findings,
) -> Option<yaml::Node<'s>> {
    let text = match yaml::decode(bytes) {
        Ok(text) => text,
        Err(error) => {
            add(error.in_file(start.file), findings);
            return None;
        }
    };
    match yaml::read(text, start.file, arena) {
        Ok(root) => root,
        Err(errors) => {
            errors.into_iter().for_each(|error| add(error, findings));
            None
        }
    }
}

fn add(error: yaml::YamlError, findings: &Findings) {
    let rule = match error.kind {
        ErrorKind::Syntax => Rule::YamlSyntax,
        ErrorKind::DuplicateKey => Rule::DuplicateKey,
    };
    findings.add(Finding {
        second: error.second,
        help: error.help,
        ..Finding::new(rule, error.place, error.message)
    });
}

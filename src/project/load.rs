//! From files to one document. The order of the steps is Docker Compose's: each document of each file is
//! interpolated, gets what its services extend, then what it includes, and is laid over those before it; the whole is
//! judged by its shape, typed, and judged as a whole.

use std::cell::{Cell, RefCell};

use bumpalo::Bump;
use rustc_hash::FxHashMap;

use super::defaults::{self, Defaults};
use super::env_files::EnvFiles;
use super::extends::Extends;
use super::interpolate::Interpolation;
use super::merge::{Merge, Replaced};
use super::service_files::Stand;
use super::top::document_mark;
use super::tree::{Tree, fits, settled};
use super::{Files, NoFile, Project, ReadFile, Revealed, Variables, check, shape};
use crate::compose::document::Document;
use crate::compose::value::{Language, Reader, Value};
use crate::finding::{Finding, Findings};
use crate::place::Place;
use crate::rule::Rule;
use crate::values::shown::shown;
use crate::yaml::ErrorKind;
use crate::yaml::{self, Kind, YamlError};

/// How many values the files of a project may hold, those that aliases repeat not counted.
const MOST_VALUES: usize = 500_000;

/// How many values the whole may come to, whatever repeats them.
const MOST_IN_ALL: usize = 1_000_000;

/// How many entries merging may make.
const MOST_MERGED: usize = 1_000_000;

/// How many bytes the values of variables may add.
const MOST_BYTES: usize = 16 << 20;

/// What is to be loaded.
#[derive(Debug)]
pub struct Asked<'a> {
    /// The files, each laid over those before it.
    pub files: &'a [String],
    /// The project's folder, where paths start.
    pub folder: &'a str,
    /// What the variables are.
    pub variables: Variables,
}

/// Loads a project. What is wrong with it goes to the findings.
pub fn load<'s>(
    asked: Asked<'_>,
    files: &dyn Files<'s>,
    arena: &'s Bump,
    findings: &Findings,
) -> Project<'s> {
    let loader = Loader::new(Texts::Interpolated, files, arena, findings);
    let profiles = profiles(&asked.variables);
    let (paths, frame) = start(&asked);
    let tree = loader.model(&paths, &frame);
    let tree = tree.filter(|root| !loader.is_too_much(root));
    loader.nothing_at_all(&paths, tree.as_ref());
    let stand = Stand {
        folder: asked.folder,
        variables: &asked.variables,
    };
    let document = tree.and_then(|root| loader.document(root, stand, profiles.clone()));
    let (defaults, interpolated) = loader.defaults.into_parts();
    if document.is_some() {
        let is_set = |name: &str| asked.variables.reveal(name).is_some();
        defaults::check(&defaults, &is_set, findings);
    }
    Project {
        tree: tree.filter(|_| document.is_some()),
        document,
        revealed: loader.revealed,
        defaults,
        interpolated,
        profiles,
    }
}

/// A project with its variables as they are written.
#[derive(Debug)]
pub struct Written<'s> {
    /// All of it, merged, extended and included, nothing interpolated.
    pub root: Tree<'s>,
    /// The values of its variables, those of included files' own env files among them.
    pub variables: Variables,
    /// What later files took the place of.
    pub replaced: Vec<Replaced<'s>>,
}

/// Loads a project as [`load`] does, and leaves `${NAME}` as it is written wherever nothing has to be read by it. What
/// is wrong with the project is the other's to say; `None` where nothing could be read.
pub fn load_as_written<'s>(
    asked: Asked<'_>,
    files: &dyn Files<'s>,
    arena: &'s Bump,
) -> Option<Written<'s>> {
    let findings = Findings::at_most(1);
    let loader = Loader::new(Texts::AsWritten, files, arena, &findings);
    let (paths, frame) = start(&asked);
    let root = loader.model(&paths, &frame)?;
    let variables = loader.env_files.all(&asked.variables);
    let replaced = loader.replaced.into_inner();
    Some(Written {
        root,
        variables,
        replaced,
    })
}

/// Where loading starts: the files, which nothing names, and the project's own frame.
fn start(asked: &Asked<'_>) -> (Vec<(String, Place)>, Frame) {
    let paths = asked.files.iter();
    let paths = paths.map(|path| (path.clone(), Place::NOWHERE)).collect();
    let frame = Frame {
        folder: asked.folder.to_owned(),
        variables: asked.variables.clone(),
        open: Vec::new(),
    };
    (paths, frame)
}

/// Whether variables are replaced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Texts {
    /// As far as their values are known.
    Interpolated,
    /// Only where other files are named by them.
    AsWritten,
}

/// The profiles that are on.
fn profiles(variables: &Variables) -> Vec<String> {
    let list = variables.reveal("COMPOSE_PROFILES").unwrap_or_default();
    let names = list
        .split(',')
        .map(str::trim)
        .filter(|name| !name.is_empty());
    names.map(str::to_owned).collect()
}

/// Where a file stands: what starts at its folder, and what is known in it.
#[derive(Clone)]
pub(super) struct Frame {
    /// The folder at which its paths start.
    pub folder: String,
    /// The values of its variables.
    pub variables: Variables,
    /// The files that are being included, the outermost first.
    pub open: Vec<u16>,
}

/// The documents of a file.
type Roots<'s> = &'s [Tree<'s>];

/// What the steps share.
pub(super) struct Loader<'a, 's> {
    pub files: &'a dyn Files<'s>,
    pub arena: &'s Bump,
    pub findings: &'a Findings,
    /// The documents of the files that were parsed.
    parsed: RefCell<FxHashMap<u16, Roots<'s>>>,
    values: Cell<usize>,
    merged: Cell<usize>,
    bytes: Cell<usize>,
    /// How many files were included.
    pub included: Cell<usize>,
    /// Whether a file could not be read or parsed: what others lack may stand there.
    pub unread: Cell<bool>,
    /// Whether something is included that is not looked up: what others lack may stand there, too.
    pub lacking: Cell<bool>,
    revealed: Revealed,
    defaults: Defaults<'s>,
    texts: Texts,
    replaced: RefCell<Vec<Replaced<'s>>>,
    /// The env files of what is included.
    pub env_files: EnvFiles,
}

impl<'a, 's> Loader<'a, 's> {
    fn new(
        texts: Texts,
        files: &'a dyn Files<'s>,
        arena: &'s Bump,
        findings: &'a Findings,
    ) -> Self {
        Loader {
            files,
            arena,
            findings,
            parsed: RefCell::default(),
            values: Cell::new(MOST_VALUES),
            merged: Cell::new(MOST_MERGED),
            bytes: Cell::new(MOST_BYTES),
            included: Cell::new(0),
            unread: Cell::new(false),
            lacking: Cell::new(false),
            revealed: Revealed::default(),
            defaults: Defaults::default(),
            texts,
            replaced: RefCell::default(),
            env_files: EnvFiles::default(),
        }
    }
}

impl<'s> Loader<'_, 's> {
    /// The whole of some files, each laid over those before it, with all that they extend and include.
    pub fn model(&self, paths: &[(String, Place)], frame: &Frame) -> Option<Tree<'s>> {
        let extends = Extends::new(self, frame);
        let mut model = None;
        for (path, place) in paths {
            let Some(file) = self.read(path, *place) else {
                continue;
            };
            for root in self.documents(file, frame) {
                let root = extends.file(root);
                let root = self.included(root, file.number, frame);
                model = Some(match model {
                    Some(earlier) => self.merge().files(earlier, root),
                    None => root,
                });
            }
        }
        let model = model.map(|model| settled(model, self.arena))?;
        Some(self.merge().ports_once(model))
    }

    /// A file that is named at a place; `None` with a finding where it cannot be read.
    pub fn read(&self, path: &str, place: Place) -> Option<ReadFile<'s>> {
        match self.files.compose(path) {
            Ok(file) => Some(file),
            Err(NoFile::Missing) => {
                self.refused(path, place, "is not there");
                None
            }
            Err(NoFile::Refused(why)) => {
                self.refused(path, place, &why);
                None
            }
        }
    }

    pub fn refused(&self, path: &str, place: Place, why: &str) {
        self.unread.set(true);
        let message = format!("{} {why}", shown(path));
        self.findings
            .add(Finding::new(Rule::FileUnreadable, place, message));
    }

    /// The documents of a file, interpolated. What is no map is a finding.
    pub fn documents(&self, file: ReadFile<'s>, frame: &Frame) -> Vec<Tree<'s>> {
        let interpolation = Interpolation {
            arena: self.arena,
            variables: &frame.variables,
            findings: self.findings,
            left: &self.bytes,
            revealed: &self.revealed,
            defaults: &self.defaults,
        };
        let is_map = |root: &&Tree<'s>| match root.kind {
            Kind::Map(_) => true,
            Kind::Plain("") => {
                self.empty_document(root.place);
                false
            }
            _ => {
                let message = format!(
                    "a Compose file is a map with `services`, not {}",
                    root.kind_word()
                );
                self.unread.set(true);
                self.findings
                    .add(Finding::new(Rule::WrongType, root.place, message));
                false
            }
        };
        let roots = self.roots(file).iter().filter(is_map);
        let interpolated = |root: &Tree<'s>| match self.texts {
            Texts::Interpolated => interpolation.tree(*root),
            Texts::AsWritten => interpolation.names_of_files(*root),
        };
        roots.map(interpolated).collect()
    }

    fn roots(&self, file: ReadFile<'s>) -> Roots<'s> {
        let known = self.parsed.borrow().get(&file.number).copied();
        match known {
            // What is read again counts again: its variables make another copy of it.
            Some(known) if known.iter().all(|root| self.pays_for(root)) => known,
            Some(_) => &[],
            None => {
                let roots = self.parse(file);
                self.parsed.borrow_mut().insert(file.number, roots);
                roots
            }
        }
    }

    fn parse(&self, file: ReadFile<'s>) -> Roots<'s> {
        let text = match yaml::decode(file.bytes) {
            Ok(text) => text,
            Err(error) => {
                self.wrong(error.in_file(file.number));
                return &[];
            }
        };
        let most = self.values.get();
        let read = yaml::read_documents(text, file.number, self.arena, self.arena, most);
        let mut left = most;
        let fit = read.roots.iter().all(|root| fits(root, &mut left));
        self.values.set(if fit { left } else { 0 });
        let is_empty = read.roots.is_empty() && read.errors.is_empty();
        if let Some(mark) = document_mark(text, file.number).filter(|_| is_empty) {
            self.empty_document(mark);
        }
        read.errors.into_iter().for_each(|error| self.wrong(error));
        self.arena.alloc_slice_copy(&read.roots)
    }

    /// Whether all files could be read so far, and none of them was too much.
    pub fn is_read(&self) -> bool {
        !self.unread.get() && self.merged.get() > 0
    }

    fn wrong(&self, error: YamlError) {
        let rule = match error.kind {
            ErrorKind::Syntax => {
                self.unread.set(true);
                Rule::YamlSyntax
            }
            ErrorKind::DuplicateKey => Rule::DuplicateKey,
        };
        self.findings.add(Finding {
            second: error.second,
            help: error.help,
            ..Finding::new(rule, error.place, error.message)
        });
    }

    /// Takes the weight of a tree from what merging may still make; `false` where that is not enough.
    pub fn pays_for(&self, node: &Tree<'s>) -> bool {
        let mut left = self.merged.get();
        let fits = fits(node, &mut left);
        self.merged.set(if fits { left } else { 0 });
        fits
    }

    /// What reads typed values.
    pub fn reader(&self) -> Reader<'_, 's> {
        Reader {
            arena: self.arena,
            findings: self.findings,
            language: Language::Compose,
        }
    }

    pub fn merge(&self) -> Merge<'_, 's> {
        Merge {
            arena: self.arena,
            findings: self.findings,
            left: &self.merged,
            replaced: (self.texts == Texts::AsWritten).then_some(&self.replaced),
        }
    }

    /// Whether the whole is more than can be judged; a finding says so.
    fn is_too_much(&self, root: &Tree<'s>) -> bool {
        let mut left = MOST_IN_ALL;
        let is_spent = self.merged.get() == 0 || self.bytes.get() == 0;
        if self.unread.get() || !is_spent && fits(root, &mut left) {
            return false;
        }
        self.unread.set(true);
        let message = "with all that it repeats, extends and includes the project comes to more than a million values";
        self.findings
            .add(Finding::new(Rule::FileUnreadable, root.place, message));
        true
    }

    /// The whole as a typed document; `None` where not all of it could be read.
    fn document(
        &self,
        root: Tree<'s>,
        stand: Stand,
        profiles: Vec<String>,
    ) -> Option<Document<'s>> {
        if self.unread.get() {
            return None;
        }
        if self.lacks_services(&root) || self.has_too_many_services(&root) {
            return None;
        }
        self.defaults.keep(&root);
        let reader = self.reader();
        let root = shape::check(root, &reader);
        let document = Document::read(&root, &reader)?;
        let whole = check::Whole::new(&document, &root, profiles);
        check::check(&whole, self, stand);
        Some(document)
    }
}

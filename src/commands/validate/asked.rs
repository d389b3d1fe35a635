//! Which files are to be validated, and what their variables are.

use std::path::Path;

use super::super::Failure;
use crate::cli::Validate;
use crate::dotenv::{self, EnvFile, Problem, ProblemKind};
use crate::finding::Finding;
use crate::place::Place;
use crate::project::{Asked, Files, NoFile, Variables};
use crate::rule::Rule;
use crate::source::project::ProjectFiles;
use crate::values::shown::shown;

/// The names under which Compose looks for a file, the first that is there.
const NAMES: [&str; 4] = [
    "compose.yaml",
    "compose.yml",
    "docker-compose.yml",
    "docker-compose.yaml",
];

/// The names of the file that it lays over that one.
const OVERRIDES: [&str; 4] = [
    "compose.override.yml",
    "compose.override.yaml",
    "docker-compose.override.yml",
    "docker-compose.override.yaml",
];

/// What is to be validated.
pub struct Wanted {
    /// The Compose files.
    pub files: Vec<String>,
    /// The project's folder.
    pub folder: String,
    /// The values of variables.
    pub variables: Variables,
    /// What Compose cannot read of the env files that they come from.
    pub unreadable: Vec<Finding>,
}

impl Wanted {
    /// The project, to be loaded.
    pub fn project(&self) -> Asked<'_> {
        Asked {
            files: &self.files,
            folder: &self.folder,
            variables: self.variables.clone(),
        }
    }
}

/// What the words ask for.
///
/// # Errors
/// A file that was named is not there or cannot be read, or none was named and none is found.
pub fn asked(words: &Validate, files: &ProjectFiles) -> std::result::Result<Wanted, Failure> {
    let mut paths = Vec::new();
    for path in &words.files {
        paths.push(text(path)?);
    }
    let first = paths.first().map(|path| folder_of(path));
    let here = first.clone().unwrap_or_else(|| ".".to_owned());
    let (variables, unreadable) = variables(words, files, &here)?;
    if paths.is_empty() {
        let named = variables
            .reveal("COMPOSE_FILE")
            .map(|list| named(list, &variables));
        paths = match named {
            Some(named) if !named.is_empty() => named,
            _ => found()?,
        };
    }
    for path in &paths {
        match files.compose(path) {
            Ok(_) => {}
            Err(NoFile::Missing) => return Err(failure(path, "is not there")),
            Err(NoFile::Refused(why)) => return Err(failure(path, &why)),
        }
    }
    let folder = paths.first().map_or(here, |path| folder_of(path));
    Ok(Wanted {
        files: paths,
        folder,
        variables,
        unreadable,
    })
}

fn failure(path: &str, why: &str) -> Failure {
    Failure {
        message: format!("{} {why}", shown(path)),
        help: None,
    }
}

fn text(path: &Path) -> std::result::Result<String, Failure> {
    path.to_str().map(str::to_owned).ok_or_else(|| Failure {
        message: format!("the name of `{}` is not UTF-8", path.display()),
        help: Some("rename the file".to_owned()),
    })
}

fn folder_of(path: &str) -> String {
    match Path::new(path).parent().and_then(Path::to_str) {
        Some("") | None => ".".to_owned(),
        Some(folder) => folder.to_owned(),
    }
}

/// What the env files say that were named, or the `.env` in the project's folder; and what Compose cannot read of them.
fn variables(
    words: &Validate,
    files: &ProjectFiles,
    folder: &str,
) -> std::result::Result<(Variables, Vec<Finding>), Failure> {
    let mut there = Vec::new();
    for path in &words.env_files {
        let path = text(path)?;
        match files.env(&path) {
            Ok(file) => there.push((path, file)),
            Err(NoFile::Missing) => return Err(failure(&path, "is not there")),
            Err(NoFile::Refused(why)) => return Err(failure(&path, &why)),
        }
    }
    if there.is_empty() {
        let path = format!("{folder}/.env");
        match files.env(&path) {
            Ok(file) => there.push((path, file)),
            Err(NoFile::Missing) => {}
            Err(NoFile::Refused(why)) => return Err(failure(&path, &why)),
        }
    }
    let read: Vec<EnvFile> = there
        .iter()
        .map(|(_, file)| dotenv::read(file.bytes))
        .collect();
    let (variables, grown) = Variables::default().with_problems(&read);
    let mut unreadable = Vec::new();
    for (number, (path, file)) in there.iter().enumerate() {
        let grown = grown.get(number).into_iter().flatten();
        let mut problems = read[number].problems.iter().chain(grown);
        let refused = problems.find(|problem| problem.refused);
        // With a mode, the rules over its env files look at those that were named.
        if let Some(problem) = refused.filter(|_| words.mode.is_none()) {
            unreadable.push(unreadable_line(path, file.number, problem));
        }
    }
    Ok((variables, unreadable))
}

fn unreadable_line(path: &str, file: u16, problem: &Problem) -> Finding {
    let place = Place {
        file,
        start: u32::try_from(problem.at.start).unwrap_or(u32::MAX),
        len: u16::try_from(problem.at.len().max(1)).unwrap_or(u16::MAX),
    };
    let path = shown(path.strip_prefix("./").unwrap_or(path));
    let message = match problem.kind {
        ProblemKind::TooLarge => {
            format!("the values of the env file {path} grow too large by the variables in them")
        }
        _ => format!("Compose cannot read this line of the env file {path}"),
    };
    Finding::new(Rule::FileUnreadable, place, message)
}

/// The files of `COMPOSE_FILE`.
fn named(list: &str, variables: &Variables) -> Vec<String> {
    let separator = variables
        .reveal("COMPOSE_PATH_SEPARATOR")
        .filter(|separator| !separator.is_empty())
        .unwrap_or(":");
    let names = list.split(separator).filter(|name| !name.is_empty());
    names.map(str::to_owned).collect()
}

/// What Compose takes here by itself; `None` where that is nothing.
///
/// # Errors
/// What it takes is not there or cannot be read.
pub fn taken_here(files: &ProjectFiles) -> std::result::Result<Option<Wanted>, Failure> {
    let words = Validate {
        files: Vec::new(),
        env_files: Vec::new(),
        mode: None,
        host: None,
        policy: false,
    };
    let (variables, _) = variables(&words, files, ".")?;
    let list = variables.reveal("COMPOSE_FILE");
    let is_named = list.is_some_and(|list| !named(list, &variables).is_empty());
    match is_named || !in_folders()?.is_empty() {
        true => asked(&words, files).map(Some),
        false => Ok(None),
    }
}

/// The files that Compose finds by itself.
fn found() -> std::result::Result<Vec<String>, Failure> {
    match in_folders()? {
        files if files.is_empty() => Err(Failure {
            message: "there is no Compose file here or in a folder above".to_owned(),
            help: Some("name it: `composegen validate FILE`".to_owned()),
        }),
        files => Ok(files),
    }
}

/// The first file with one of the names, here or in a folder above, and what is laid over it.
fn in_folders() -> std::result::Result<Vec<String>, Failure> {
    let Ok(here) = std::env::current_dir() else {
        return Err(Failure {
            message: "the current folder is not there".to_owned(),
            help: None,
        });
    };
    let mut up = String::new();
    for folder in here.ancestors() {
        let there = |name: &&&str| folder.join(name).is_file();
        if let Some(name) = NAMES.iter().find(there) {
            let names = [Some(name), OVERRIDES.iter().find(there)];
            let paths = names.into_iter().flatten();
            return Ok(paths.map(|name| format!("{up}{name}")).collect());
        }
        up.push_str("../");
    }
    Ok(Vec::new())
}

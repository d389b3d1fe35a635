//! Which files are to be validated, and what their variables are.

use std::path::Path;

use super::super::Failure;
use super::found::{Found, nothing_found};
use crate::cli::Validate;
use crate::dotenv::{self, EnvFile, Problem, ProblemKind};
use crate::finding::Finding;
use crate::place::Place;
use crate::project::{Asked, Files, NoFile, Variables};
use crate::rule::Rule;
use crate::source::project::{ProjectFiles, STANDARD_INPUT};
use crate::values::shown::shown;

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
    /// The env files that the variables come from.
    pub env_files: Vec<String>,
    /// How many Compose files these are; those that are read later are what they bring.
    read: usize,
    /// How the files were found, where none was named.
    found: Option<Found>,
}

impl Wanted {
    /// What is said of files that nobody named, once all of them are read; nothing where somebody did.
    pub fn told(&self, files: &ProjectFiles) -> String {
        let Some(found) = &self.found else {
            return String::new();
        };
        let all = files.compose_paths();
        let brought = all.get(self.read..).unwrap_or_default();
        found.told(&self.files, brought, &self.env_files)
    }

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
    let mut known = variables(words, files, &here)?;
    let mut found = None;
    if paths.is_empty() {
        let Some((there, how)) = Found::look(&known.variables)? else {
            return Err(nothing_found());
        };
        paths = there;
        found = Some(how);
    }
    let folder = paths.first().map_or(here.clone(), |path| folder_of(path));
    // Compose takes the one here before that of the folder in which it found the files.
    if known.paths.is_empty() && folder != here {
        known = variables(words, files, &folder)?;
    }
    for path in &paths {
        let read = match found.is_none() && path == STANDARD_INPUT {
            true => files.standard_input(),
            false => files.compose(path),
        };
        match read {
            Ok(_) => {}
            Err(NoFile::Missing) => return Err(failure(path, "is not there")),
            Err(NoFile::Refused(why)) => return Err(failure(path, &why)),
        }
    }
    let Known {
        paths: env_files,
        variables,
        unreadable,
    } = known;
    Ok(Wanted {
        read: files.compose_paths().len(),
        files: paths,
        folder,
        variables,
        env_files,
        unreadable,
        found,
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

/// What is known of the variables.
struct Known {
    /// The env files.
    paths: Vec<String>,
    variables: Variables,
    /// What Compose cannot read of them.
    unreadable: Vec<Finding>,
}

/// What the env files say that were named, or the `.env` in the project's folder.
fn variables(
    words: &Validate,
    files: &ProjectFiles,
    folder: &str,
) -> std::result::Result<Known, Failure> {
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
            Err(NoFile::Refused(_)) if is_passed_over(&path) => {}
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
    let paths = there.iter().map(|(path, _)| path);
    let paths = paths.map(|path| path.strip_prefix("./").unwrap_or(path).to_owned());
    Ok(Known {
        paths: paths.collect(),
        variables,
        unreadable,
    })
}

/// Whether Compose passes over what stands where it looks for a `.env` that nobody named: a folder, as tools of Python
/// make one, or a link that leads nowhere.
fn is_passed_over(path: &str) -> bool {
    let path = Path::new(path);
    path.is_dir() || !path.exists()
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
    let known = variables(&words, files, ".")?;
    match Found::look(&known.variables)? {
        Some(_) => asked(&words, files).map(Some),
        None => Ok(None),
    }
}

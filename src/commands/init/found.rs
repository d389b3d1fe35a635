//! Compose files that are there already: whether the catalog is to be made of them, and how that ends.

use std::fs;
use std::path::Path;

use bumpalo::Bump;

use super::dialogue::{Ask, agree};
use super::{machine, no_answer, say, write_all};
use crate::cli::{Form, Import, Init};
use crate::commands::import::{self, EDIT, Told, env_files, makings};
use crate::commands::new::{Next, Site, judge};
use crate::commands::terminal::Terminal;
use crate::commands::validate::{lone_override, taken_here};
use crate::commands::{Exit, Failure, Result};
use crate::report::list_quoted;
use crate::source::project::ProjectFiles;

/// Of what a catalog is to be made.
pub enum Source {
    /// Of nothing: the example.
    Example,
    /// Of the Compose files that Docker Compose takes here.
    Found(Vec<String>),
}

/// Of what, as the words or a person say; of Compose files in this very folder where nobody says anything.
///
/// # Errors
/// Nobody says anything, and what Docker Compose takes stands in a folder above; or somebody says no.
pub fn source(words: &Init, whom: Option<&mut impl Ask>) -> std::result::Result<Source, Failure> {
    if words.example {
        return Ok(Source::Example);
    }
    let arena = Bump::new();
    let taken = taken_here(&ProjectFiles::new(&arena))?;
    let Some(files) = taken.map(|wanted| wanted.files) else {
        return match (lone_override(), words.import) {
            (Some(name), _) => Err(lone(name)),
            (None, true) => Err(failure(
                "there is no Compose file here or in a folder above",
                NAME_IT,
            )),
            (None, false) => Ok(Source::Example),
        };
    };
    if words.project.is_some() {
        return Err(failure(
            &format!(
                "`--project` is for the example, and Docker Compose takes {} here",
                list_quoted(&files)
            ),
            "leave `--project` out: a project keeps its name; or say `--example`",
        ));
    }
    let is_above = files.iter().any(|file| file.starts_with("../"));
    match whom {
        _ if words.import => {}
        None if is_above => {
            return Err(failure(
                &format!(
                    "Docker Compose takes {} here, from a folder above",
                    list_quoted(&files)
                ),
                "`--import` makes a catalog of it, `--example` a new one",
            ));
        }
        None => {}
        Some(whom) => asked(&files, whom)?,
    }
    Ok(Source::Found(files))
}

const NAME_IT: &str = "`composegen import FILE` names one; without `--import` an example is made";

/// What is laid over a file that is not there: a person may have forgotten that, and wants no example beside it.
fn lone(name: &str) -> Failure {
    failure(
        &format!("only `{name}` is here, which Docker Compose lays over a file that is not"),
        "put that beside it, such as `compose.yaml`; or say `--example` for a new catalog",
    )
}

fn failure(message: &str, help: &str) -> Failure {
    Failure {
        message: format!("{message}; nothing was written"),
        help: Some(help.to_owned()),
    }
}

fn asked(files: &[String], whom: &mut impl Ask) -> std::result::Result<(), Failure> {
    let question = format!(
        "Docker Compose takes {} here. Make the catalog of it?",
        list_quoted(files)
    );
    match agree(whom, &question) {
        Some(true) => Ok(()),
        Some(false) => Err(failure(
            "you said no",
            "`--example` makes a small example; `composegen import FILE` takes other files",
        )),
        None => Err(no_answer()),
    }
}

/// Imports, and builds what comes of it.
pub fn run(words: &Init, site: &Site, files: &[String], terminal: &mut Terminal) -> Result {
    let arena = Bump::new();
    let to_import = Import {
        files: Vec::new(),
        modes: Vec::new(),
        into: None,
        env_files: Vec::new(),
    };
    let read = import::read(&to_import, site, Some(machine::known(words)), &arena)?;
    let Some(made) = &read.made else {
        import::refused(&read, Form::Human, terminal);
        return Ok(Exit::Findings);
    };
    let verdict = judge(&made.files, site, &read.found, terminal.style(true));
    let written = write_all(site, makings(site, made, &verdict.modes)?, &verdict)?;
    let told = Told {
        site,
        made,
        read: &read,
        verdict: &verdict,
        written: &written,
    };
    told.tell_people(terminal);
    say(site, &written, verdict.built.as_ref(), terminal);
    say_others(files, terminal);
    let next = Next {
        site,
        errors: verdict.errors,
        warnings: verdict.warnings,
        built: verdict.built.is_some(),
        edit: ("catalog.yaml", EDIT),
        modes: &verdict.modes,
        env: Some(&env_files(made, &verdict.modes)),
        old: &read.old_files(),
    };
    next.say(terminal);
    Ok(match verdict.errors {
        0 => Exit::Fine,
        _ => Exit::Findings,
    })
}

/// Says which Compose files beside those that were taken were not.
fn say_others(files: &[String], terminal: &Terminal) {
    let others = others(files);
    if !others.is_empty() {
        terminal.talk(&format!(
            "not taken: {}; `composegen import` with --mode makes modes of such files\n",
            list_quoted(&others)
        ));
    }
}

/// Compose files beside the first of those that were taken, as people name them: `compose.test.yaml`.
fn others(files: &[String]) -> Vec<String> {
    let Some(first) = files.first().map(Path::new) else {
        return Vec::new();
    };
    let folder = first.parent().unwrap_or(Path::new(""));
    let names = fs::read_dir(Path::new(".").join(folder))
        .into_iter()
        .flatten()
        .flatten();
    let names = names.filter_map(|entry| entry.file_name().into_string().ok());
    let is_other = |name: &String| {
        let is_compose = name.starts_with("compose.") || name.starts_with("docker-compose.");
        let is_yaml = name.ends_with(".yml") || name.ends_with(".yaml");
        is_compose && is_yaml && !files.iter().any(|file| file.ends_with(name.as_str()))
    };
    let names = names.filter(is_other);
    let mut others: Vec<String> = names
        .map(|name| folder.join(name).display().to_string())
        .collect();
    others.sort();
    others
}

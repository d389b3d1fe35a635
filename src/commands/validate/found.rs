//! The files that Compose finds by itself, and saying which ones these were.

use std::path::Path;

use super::super::Failure;
use crate::project::Variables;
use crate::report::list_quoted;
use crate::values::shown::shown;

/// The names under which Compose looks for a file, the first that is there.
const NAMES: [&str; 4] = [
    "compose.yaml",
    "compose.yml",
    "docker-compose.yml",
    "docker-compose.yaml",
];

/// The file of a folder that Compose takes by itself.
pub fn of_compose(folder: &Path) -> Option<&'static str> {
    NAMES.into_iter().find(|name| folder.join(name).is_file())
}

/// The names of the file that it lays over that one.
const OVERRIDES: [&str; 4] = [
    "compose.override.yml",
    "compose.override.yaml",
    "docker-compose.override.yml",
    "docker-compose.override.yaml",
];

/// How many included and extended files are named.
const MOST_NAMED: usize = 5;

/// How files were found that nobody named.
pub struct Found {
    /// Whether `COMPOSE_FILE` names them.
    by_variable: bool,
    /// What lies beside them under another of Compose's names, and which one it takes.
    passed_over: Vec<(String, String)>,
}

impl Found {
    /// The files that `COMPOSE_FILE` names; else those that lie here or in a folder above under Compose's names; `None`
    /// where there is none.
    ///
    /// # Errors
    /// The current folder is not there.
    pub fn look(
        variables: &Variables,
    ) -> std::result::Result<Option<(Vec<String>, Self)>, Failure> {
        let list = variables.reveal("COMPOSE_FILE");
        let named = list.map_or(Vec::new(), |list| named(list, variables));
        if !named.is_empty() {
            let found = Found {
                by_variable: true,
                passed_over: Vec::new(),
            };
            return Ok(Some((named, found)));
        }
        let Ok(here) = std::env::current_dir() else {
            return Err(Failure {
                message: "the current folder is not there".to_owned(),
                help: None,
            });
        };
        let mut up = String::new();
        for folder in here.ancestors() {
            let mut found = Found {
                by_variable: false,
                passed_over: Vec::new(),
            };
            if let Some(first) = found.first_of(&NAMES, folder, &up) {
                let over = found.first_of(&OVERRIDES, folder, &up);
                return Ok(Some(([first].into_iter().chain(over).collect(), found)));
            }
            up.push_str("../");
        }
        Ok(None)
    }

    /// The first of some names that is there.
    fn first_of(&mut self, names: &[&str], folder: &Path, up: &str) -> Option<String> {
        let there = names.iter().filter(|name| folder.join(name).is_file());
        let mut paths = there.map(|name| format!("{up}{name}"));
        let first = paths.next()?;
        self.passed_over
            .extend(paths.map(|other| (other, first.clone())));
        Some(first)
    }

    /// Says what was read: the files themselves, what they brought, and the env file that gave the variables. A line, and
    /// one before it for each file that Compose passes over.
    pub fn told(&self, files: &[String], brought: &[String], env_files: &[String]) -> String {
        let Found {
            by_variable,
            passed_over,
        } = self;
        let mut text = String::new();
        for (other, taken) in passed_over {
            let (other, taken) = (shown(other), shown(taken));
            text.push_str(&format!(
                "warning: {other} is not read: where both are there, Compose takes {taken}\n"
            ));
        }
        text.push_str(&format!("read {}", list_quoted(files)));
        if *by_variable {
            text.push_str(", which `COMPOSE_FILE` names");
        }
        if !brought.is_empty() {
            text.push_str(&format!("; included or extended: {}", some_of(brought)));
        }
        if !env_files.is_empty() {
            text.push_str(&format!("; variables of {}", list_quoted(env_files)));
        }
        text.push('\n');
        text
    }
}

/// What is said where Compose finds no file.
pub fn nothing_found() -> Failure {
    const NOTHING: &str = "there is no Compose file here or in a folder above";
    match lone_override() {
        Some(name) => Failure {
            message: format!("{NOTHING}, only `{name}`, which is laid over one"),
            help: Some(format!(
                "put the file that it belongs to beside it, such as `compose.yaml`; or name it: `composegen validate {name}`"
            )),
        },
        None => Failure {
            message: NOTHING.to_owned(),
            help: Some("name it: `composegen validate FILE`".to_owned()),
        },
    }
}

/// A file here that Compose lays over another one, where that is not there.
pub fn lone_override() -> Option<&'static str> {
    let there = |name: &&str| Path::new(name).is_file();
    match NAMES.iter().any(there) {
        true => None,
        false => OVERRIDES.into_iter().find(there),
    }
}

/// The first names, and how many more there are.
fn some_of(names: &[String]) -> String {
    match names.len().saturating_sub(MOST_NAMED) {
        0 => list_quoted(names),
        more => {
            let first: Vec<String> = names[..MOST_NAMED].iter().map(|name| shown(name)).collect();
            format!("{} and {more} more", first.join(", "))
        }
    }
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

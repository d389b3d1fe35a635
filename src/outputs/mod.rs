//! What is made of checked plans: files, in memory. An output takes `Checked` and nothing that was not checked; it
//! never reads the catalog. One file each, one line in `files`.

pub mod banner;
pub mod compose_file;
pub mod drift;
pub mod env_file;
pub mod file_set;
pub mod graph;
pub mod guide;
pub mod limits;
pub mod own_env;
pub mod page;
mod prose;
pub mod rebase;
pub mod seal;

use std::collections::BTreeMap;

use crate::plan::Plan;
use crate::plan::surroundings::Surroundings;
use crate::rules::Checked;
pub use file_set::{FileSet, Files};
use page::Page;

/// The folder of what is made.
pub const FOLDER: &str = "generated";

/// What outputs need to know besides the plans.
#[derive(Clone, Copy, Debug)]
pub struct Setting<'a> {
    /// The project's name.
    pub project: &'a str,
    /// The name of the catalog's folder, for banners.
    pub catalog: &'a str,
    /// Whether the plans are of the catalog's default host.
    pub default_host: bool,
    /// What was chosen on the command line: options with their choices.
    pub set: &'a [(String, String)],
    /// What lies around the plans, for the guide.
    pub around: &'a Surroundings<'a>,
}

impl Setting<'_> {
    /// The folder of a host's files, from the project's root.
    pub fn folder(&self, host: &str) -> String {
        match self.default_host {
            true => FOLDER.to_owned(),
            false => format!("{FOLDER}/{host}"),
        }
    }

    /// The path of a plan's Compose file, from the project's root.
    pub fn path(&self, plan: &Plan) -> String {
        format!("{}/{}", self.folder(plan.host), plan.file_name())
    }

    /// What stands behind a command's name to mean the same host and choices again: ` --host nuc-16gb`.
    pub fn again(&self, host: &str) -> String {
        let mut words = match self.default_host {
            true => String::new(),
            false => format!(" --host {host}"),
        };
        for (option, choice) in self.set {
            words.push_str(&format!(" --set {option}={choice}"));
        }
        words
    }

    /// The path of a plan's generated env file, from the project's root.
    pub fn env_path(&self, plan: &Plan) -> String {
        format!("{}/{}", self.folder(plan.host), plan.env_name())
    }

    /// The words with which a mode's commands begin: both env files, the generated one first, and the Compose file.
    pub fn compose(&self, plan: &Plan) -> String {
        format!(
            "docker compose --env-file {} --env-file {} -f {}",
            self.env_path(plan),
            plan.own_env_name(),
            self.path(plan)
        )
    }

    /// From the folder of a host's files back to the project's root.
    pub fn up(&self) -> &'static str {
        match self.default_host {
            true => "..",
            false => "../..",
        }
    }
}

/// The files of the plans of one host, each made when its turn comes.
pub struct Outputs<'a> {
    checked: &'a Checked<'a, 'a>,
    setting: &'a Setting<'a>,
    files: BTreeMap<String, Output<'a>>,
}

/// One of them.
#[derive(Clone, Copy)]
enum Output<'a> {
    Compose(&'a Plan<'a>),
    Env(&'a Plan<'a>),
    Guide,
    Schema,
}

impl<'a> Outputs<'a> {
    /// Every file of the plans of one host; of some modes alone where `modes` names any.
    pub fn of(checked: &'a Checked<'a, 'a>, modes: &[&str], setting: &'a Setting<'a>) -> Self {
        let mut files = BTreeMap::new();
        let chosen = |plan: &&Plan| modes.is_empty() || modes.contains(&plan.mode);
        for plan in checked.plans().iter().filter(chosen) {
            files.insert(setting.path(plan), Output::Compose(plan));
            files.insert(setting.env_path(plan), Output::Env(plan));
        }
        if let Some(plan) = checked.plans().first() {
            let folder = setting.folder(plan.host);
            files.insert(format!("{folder}/{}", guide::FILE), Output::Guide);
        }
        // The schema belongs to the catalog, not to a host.
        if setting.default_host && !checked.plans().is_empty() {
            files.insert(format!("{FOLDER}/catalog.schema.json"), Output::Schema);
        }
        Outputs {
            checked,
            setting,
            files,
        }
    }

    /// All of them in memory.
    pub fn set(&self) -> FileSet {
        let mut set = FileSet::new();
        for (path, output) in &self.files {
            match output {
                Output::Compose(plan) => set.insert(path, compose_file::text(plan, self.setting)),
                Output::Env(plan) => set.insert(path, env_file::text(plan, self.setting)),
                Output::Guide => set.insert(path, guide::text(self.checked, self.setting)),
                Output::Schema => set.insert_fixed(path, crate::catalog::SCHEMA),
            }
        }
        set
    }
}

impl Files for Outputs<'_> {
    fn paths(&self) -> Vec<&str> {
        self.files.keys().map(String::as_str).collect()
    }

    fn make(&self, path: &str, page: &mut dyn Page) {
        match self.files.get(path) {
            Some(Output::Compose(plan)) => compose_file::write(plan, self.setting, page),
            Some(Output::Env(plan)) => page.put(&env_file::text(plan, self.setting)),
            Some(Output::Guide) => guide::write(self.checked, self.setting, page),
            Some(Output::Schema) => page.put(crate::catalog::SCHEMA),
            None => {}
        }
    }
}

/// Every file of the plans of one host, in memory; of some modes alone where `modes` names any.
pub fn files(checked: &Checked, modes: &[&str], setting: &Setting) -> FileSet {
    Outputs::of(checked, modes, setting).set()
}

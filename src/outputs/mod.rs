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
pub mod rebase;

use crate::plan::Plan;
use crate::plan::surroundings::Surroundings;
use crate::rules::Checked;
pub use file_set::FileSet;

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

/// Every file of the plans of one host; of some modes alone where `modes` names any.
pub fn files(checked: &Checked, modes: &[&str], setting: &Setting) -> FileSet {
    let mut files = FileSet::new();
    let Some(host) = checked.plans().first().map(|plan| plan.host) else {
        return files;
    };
    for plan in checked.plans() {
        if modes.is_empty() || modes.contains(&plan.mode) {
            let text = compose_file::text(plan, setting);
            files.insert(setting.path(plan), text.into_bytes());
            files.insert(setting.env_path(plan), env_file::text(plan, setting));
        }
    }
    let guide = guide::text(checked, setting);
    files.insert(format!("{}/{}", setting.folder(host), guide::FILE), guide);
    // The schema belongs to the catalog, not to a host.
    if setting.default_host {
        let schema = crate::catalog::SCHEMA;
        files.insert_fixed(format!("{FOLDER}/catalog.schema.json"), schema.as_bytes());
    }
    files
}

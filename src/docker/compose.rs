//! `docker compose` on one project. Every call names project, file, env files and profiles itself.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::{Duration, Instant};

use super::client::{Docker, Kind, Trouble};
use super::interrupt;
use super::process::Running;

/// How long a build or a pull may take.
const LONG: Duration = Duration::from_secs(3600);

/// The files with which Compose is called.
#[derive(Clone, Debug)]
pub struct Project {
    /// The project's name.
    pub name: String,
    /// Where relative paths start that Compose still finds, and what its labels name.
    pub folder: String,
    /// The Compose file.
    pub file: String,
    /// The env files.
    pub env_files: Vec<String>,
    /// The profiles.
    pub profiles: Vec<String>,
}

impl Project {
    /// A file that is resolved already: it holds the services of its profiles alone, and no variable.
    pub fn resolved(name: &str, folder: &Path, file: &Path) -> Self {
        Project {
            name: name.to_owned(),
            folder: folder.display().to_string(),
            file: file.display().to_string(),
            env_files: Vec::new(),
            profiles: vec!["*".to_owned()],
        }
    }

    fn words(&self, rest: &[&str]) -> Vec<String> {
        let Project {
            name,
            folder,
            file,
            env_files,
            profiles,
        } = self;
        let mut words = vec!["compose", "--ansi", "never", "--progress", "plain"];
        words.extend([
            "--project-name",
            name,
            "--project-directory",
            folder,
            "--file",
            file,
        ]);
        words.extend(env_files.iter().flat_map(|file| ["--env-file", file]));
        words.extend(profiles.iter().flat_map(|profile| ["--profile", profile]));
        words.extend(rest);
        words.into_iter().map(str::to_owned).collect()
    }
}

impl Docker {
    /// The file with every variable replaced, as JSON.
    ///
    /// # Errors
    /// Compose refuses it.
    pub fn resolve(&self, project: &Project) -> Result<String, Trouble> {
        self.call(
            "Compose does not take the files",
            &project.words(&["config", "--format", "json"]),
        )
    }

    /// Compose's digest of each service of a resolved file, which is given as its text. It is the one that containers
    /// have which were made from it: that of the file before it was resolved is another one where there is an `env_file`.
    ///
    /// # Errors
    /// Compose refuses the file.
    pub fn hashes(
        &self,
        project: &Project,
        text: &str,
    ) -> Result<BTreeMap<String, String>, Trouble> {
        let what = "Compose does not take the file";
        let folder = Path::new(&project.folder);
        let resolved = Project::resolved(&project.name, folder, Path::new("-"));
        let words = resolved.words(&["config", "--hash", "*"]);
        let running = self.start_with(&words, text.to_owned())?;
        let text = match running.wait_unless(interrupt::asked) {
            Some(ended) if ended.success => ended.out,
            Some(ended) => return Err(self.trouble(what, &ended)),
            None => String::new(),
        };
        let pair = |line: &str| {
            let (service, hash) = line.split_once(' ')?;
            Some((service.to_owned(), hash.trim().to_owned()))
        };
        Ok(text.lines().filter_map(pair).collect())
    }

    /// Starts everything, with the images that are there; what the file no longer holds is removed.
    ///
    /// # Errors
    /// Docker is not there.
    pub fn up(&self, project: &Project) -> Result<Running, Trouble> {
        self.start(&project.words(&[
            "up",
            "--detach",
            "--no-build",
            "--pull",
            "never",
            "--remove-orphans",
        ]))
    }

    /// Builds the images of some services.
    ///
    /// # Errors
    /// A build fails.
    pub fn build(&self, project: &Project, services: &[&str]) -> Result<(), Trouble> {
        self.long(
            "the images cannot be built",
            &project.words(&[&["build"], services].concat()),
        )
    }

    /// Pulls the images of some services.
    ///
    /// # Errors
    /// A registry does not have one of them.
    pub fn pull(&self, project: &Project, services: &[&str]) -> Result<(), Trouble> {
        self.long(
            "the images cannot be pulled",
            &project.words(&[&["pull"], services].concat()),
        )
    }

    /// Starts a job once, with these words.
    ///
    /// # Errors
    /// Docker is not there.
    pub fn run_once(
        &self,
        project: &Project,
        job: &str,
        words: &[&str],
    ) -> Result<Running, Trouble> {
        self.start(&project.words(&[&["run", "--rm", "-T", job], words].concat()))
    }

    /// Begins to take the containers and networks of the project down; its volumes stay.
    ///
    /// # Errors
    /// Docker is not there.
    pub fn down(&self, project: &Project) -> Result<Running, Trouble> {
        self.start(&project.words(&["down", "--remove-orphans"]))
    }

    /// A call that may take long, and that Ctrl-C ends.
    fn long(&self, what: &str, words: &[String]) -> Result<(), Trouble> {
        let start = Instant::now();
        let is_given_up = || interrupt::asked() || start.elapsed() > LONG;
        let refused = |why: &str| Trouble {
            kind: Kind::Refused,
            message: format!("{what}: {why}"),
            help: None,
        };
        match self.start(words)?.wait_unless(is_given_up) {
            Some(ended) if ended.success => Ok(()),
            Some(ended) => Err(self.trouble(what, &ended)),
            None if interrupt::asked() => Err(refused("it was interrupted")),
            None => Err(refused("it took more than an hour")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_call_names_everything() {
        let project = Project {
            env_files: vec!["a".to_owned(), "b".to_owned()],
            ..Project::resolved("demo-test", Path::new("/p"), Path::new("/s/compose.json"))
        };
        assert_eq!(
            project.words(&["down"]).join(" "),
            "compose --ansi never --progress plain --project-name demo-test --project-directory /p --file /s/compose.json \
             --env-file a --env-file b --profile * down"
        );
    }
}

//! Volumes and networks, by their names.

use super::client::{Docker, Trouble};
use super::engine::PROJECT;

impl Docker {
    /// Makes a volume or a network where there is none of that name, with these words before the name; says whether it
    /// made one.
    ///
    /// # Errors
    /// The engine refuses.
    pub fn provide(&self, kind: &str, name: &str, words: &[&str]) -> Result<bool, Trouble> {
        if self.has(kind, name)? {
            return Ok(false);
        }
        let what = format!("the {kind} `{name}` cannot be made");
        let all: Vec<&str> = [kind, "create"]
            .into_iter()
            .chain(words.iter().copied())
            .chain([name])
            .collect();
        self.call(&what, &all).map(|_| true)
    }

    /// Whether there is a volume or a network of that name.
    ///
    /// # Errors
    /// The engine cannot be asked.
    pub fn has(&self, kind: &str, name: &str) -> Result<bool, Trouble> {
        let ended = self.ended(
            &format!("the {kind} `{name}` cannot be looked for"),
            &[kind, "inspect", name],
        )?;
        Ok(ended.success)
    }

    /// The volumes or networks that Compose made for a project.
    ///
    /// # Errors
    /// The engine cannot be asked.
    pub fn of_project(&self, kind: &str, project: &str) -> Result<Vec<String>, Trouble> {
        let filter = format!("label={PROJECT}={project}");
        let what = format!("{kind}s cannot be listed");
        let names = self.call(
            &what,
            &[kind, "ls", "--filter", &filter, "--format", "{{.Name}}"],
        )?;
        Ok(names.lines().map(str::to_owned).collect())
    }

    /// Removes a volume or a network.
    ///
    /// # Errors
    /// The engine refuses: something uses it.
    pub fn remove(&self, kind: &str, name: &str) -> Result<(), Trouble> {
        self.call(
            &format!("the {kind} `{name}` cannot be removed"),
            &[kind, "rm", name],
        )
        .map(drop)
    }
}

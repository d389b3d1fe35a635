//! Containers: what they are, stopping, starting, removing them, what they wrote and what they use.

use std::collections::BTreeMap;
use std::time::Duration;

use super::client::{Docker, Trouble, not_understood};
use super::engine::PROJECT;
use super::inspect;
use super::process::Running;
use crate::deploy::facts::Container;

/// How long containers may take to stop, the time that each is given to end by itself included.
const STOPS: Duration = Duration::from_secs(600);

impl Docker {
    /// The containers of a project, whether they run or not; of every project for none.
    ///
    /// # Errors
    /// The engine cannot be asked.
    pub fn containers(&self, project: Option<&str>) -> Result<Vec<Container>, Trouble> {
        let what = "containers cannot be listed";
        let filter = project.map(|project| format!("label={PROJECT}={project}"));
        let mut words = vec!["ps", "--all", "--quiet", "--no-trunc"];
        words.extend(filter.iter().flat_map(|filter| ["--filter", filter]));
        let ids = self.call(what, &words)?;
        let ids: Vec<&str> = ids.lines().collect();
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        // One that is gone by now is left out of the answer.
        let ended = self.ended(
            what,
            &[&["inspect", "--type", "container"], ids.as_slice()].concat(),
        )?;
        let mut all =
            inspect::containers(&ended.out).ok_or_else(|| not_understood("docker inspect"))?;
        all.sort_by(|a, b| (&a.service, &a.name).cmp(&(&b.service, &b.name)));
        Ok(all)
    }

    /// Begins to stop containers, the way they want to be stopped.
    ///
    /// # Errors
    /// Docker is not there.
    pub fn stop(&self, ids: &[&str]) -> Result<Running, Trouble> {
        self.start(&[&["stop"], ids].concat())
    }

    /// Starts containers that were stopped.
    ///
    /// # Errors
    /// The engine refuses.
    pub fn start_containers(&self, ids: &[&str]) -> Result<(), Trouble> {
        match ids.is_empty() {
            true => Ok(()),
            false => self
                .call("containers cannot be started", &[&["start"], ids].concat())
                .map(drop),
        }
    }

    /// Stops containers, the way they want to be stopped, and removes them; their volumes stay.
    ///
    /// # Errors
    /// The engine refuses.
    pub fn remove_containers(&self, ids: &[&str]) -> Result<(), Trouble> {
        if ids.is_empty() {
            return Ok(());
        }
        let what = "containers cannot be removed";
        // One that is paused cannot be stopped; `rm` ends it.
        let _ = self.ended_within(STOPS, what, &[&["stop"], ids].concat())?;
        let ended = self.ended_within(STOPS, what, &[&["rm", "--force"], ids].concat())?;
        // One that is gone by now is as it should be.
        match ended.success || ended.err.contains("No such container") {
            true => Ok(()),
            false => Err(self.trouble(what, &ended)),
        }
    }

    /// The last lines that a container wrote, without values.
    pub fn last_lines(&self, id: &str, count: usize) -> Vec<String> {
        let count = count.to_string();
        let ended = self.ended("", &["logs", "--tail", &count, id]);
        let text = ended
            .map(|ended| format!("{}{}", ended.out, ended.err))
            .unwrap_or_default();
        let text = self.hidden.in_text(&text);
        text.lines().map(str::to_owned).collect()
    }

    /// The memory that running containers use, in bytes, by their ids.
    ///
    /// # Errors
    /// The engine cannot be asked.
    pub fn memory_used(&self, ids: &[&str]) -> Result<BTreeMap<String, u64>, Trouble> {
        if ids.is_empty() {
            return Ok(BTreeMap::new());
        }
        let format = "{{.ID}} {{.MemUsage}}";
        let words = [
            &["stats", "--no-stream", "--no-trunc", "--format", format],
            ids,
        ]
        .concat();
        let text = self.call("what containers use cannot be asked", &words)?;
        let line = |line: &str| {
            let (id, usage) = line.split_once(' ')?;
            Some((id.to_owned(), size(usage.split(" / ").next()?.trim())?))
        };
        Ok(text.lines().filter_map(line).collect())
    }
}

/// The bytes of a size as `docker stats` writes it: `12.5MiB`.
fn size(text: &str) -> Option<u64> {
    let digits = text.find(|c: char| c.is_ascii_alphabetic())?;
    let number: f64 = text[..digits].trim().parse().ok()?;
    let unit: u64 = match &text[digits..] {
        "B" => 1,
        "KiB" => 1 << 10,
        "MiB" => 1 << 20,
        "GiB" => 1 << 30,
        "TiB" => 1 << 40,
        _ => return None,
    };
    Some((number * unit as f64) as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_read_as_docker_writes_them() {
        assert_eq!(size("12.5MiB"), Some(13_107_200));
        assert_eq!(size("0B"), Some(0));
        assert_eq!(size("1GiB"), Some(1 << 30));
        assert_eq!(size("--"), None);
    }
}

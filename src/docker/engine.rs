//! The engine, its containers, images, volumes and networks.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::client::{Docker, Kind, Trouble};
use super::inspect;
use crate::deploy::facts::{Container, Engine, Environment};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Info {
    #[serde(rename = "ID")]
    id: String,
    #[serde(default)]
    server_version: String,
    #[serde(rename = "NCPU", default)]
    cpus: u32,
    #[serde(default)]
    mem_total: u64,
    #[serde(default)]
    docker_root_dir: String,
}

/// How long containers may take to stop, the time that each is given to end by itself included.
const STOPS: std::time::Duration = std::time::Duration::from_secs(600);

/// The label with which Compose marks what belongs to a project.
const PROJECT: &str = "com.docker.compose.project";

impl Docker {
    /// The engine and Compose.
    ///
    /// # Errors
    /// Docker or Compose is not there, or the engine does not answer.
    pub fn engine(&self) -> Result<Engine, Trouble> {
        let text = self.call(
            "the engine cannot be asked",
            &["info", "--format", "{{json .}}"],
        )?;
        let info: Info = serde_json::from_str(&text).map_err(|_| not_understood("docker info"))?;
        let compose = self.ended(
            "Compose cannot be asked",
            &["compose", "version", "--short"],
        )?;
        if !compose.success {
            return Err(Trouble {
                kind: Kind::NoDocker,
                message: "Docker has no Compose plugin: `docker compose` is not known to it"
                    .to_owned(),
                help: Some(
                    "https://docs.docker.com/compose/install/ says how to install it".to_owned(),
                ),
            });
        }
        Ok(Engine {
            id: info.id,
            version: info.server_version,
            compose: compose.out.trim().to_owned(),
            cpus: info.cpus,
            memory: info.mem_total,
            root: info.docker_root_dir,
        })
    }

    /// Whether the engine is on this machine: it is spoken to through a socket.
    pub fn is_local(&self) -> bool {
        let host = std::env::var("DOCKER_HOST").unwrap_or_default();
        if !host.is_empty() {
            return host.starts_with("unix://");
        }
        let words = [
            "context",
            "inspect",
            "--format",
            "{{.Endpoints.docker.Host}}",
        ];
        let context = self.call("the context cannot be asked", &words);
        context.is_ok_and(|host| host.starts_with("unix://"))
    }

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

    /// The ids of images by their names; without those that are not there.
    ///
    /// # Errors
    /// The engine cannot be asked.
    pub fn image_ids(&self, names: &[&str]) -> Result<BTreeMap<String, String>, Trouble> {
        let mut found = BTreeMap::new();
        if names.is_empty() {
            return Ok(found);
        }
        let format = "{{.Id}} {{range .RepoTags}}{{.}} {{end}}";
        let words = [&["image", "inspect", "--format", format], names].concat();
        let ended = self.ended("images cannot be listed", &words)?;
        for line in ended.out.lines() {
            let mut words = line.split(' ');
            let id = words.next().unwrap_or_default();
            found.extend(
                words
                    .filter(|tag| names.contains(tag))
                    .map(|tag| (tag.to_owned(), id.to_owned())),
            );
        }
        // A name may be written otherwise than as a tag: with a registry, by a digest, without a tag.
        for name in names.iter().filter(|name| !name.is_empty()) {
            if !found.contains_key(*name)
                && let Some(id) = self.image_id(name)?
            {
                found.insert((*name).to_owned(), id);
            }
        }
        Ok(found)
    }

    /// The id of an image; `None` where it is not there.
    ///
    /// # Errors
    /// The engine cannot be asked.
    pub fn image_id(&self, name: &str) -> Result<Option<String>, Trouble> {
        let words = ["image", "inspect", "--format", "{{.Id}}", name];
        let ended = self.ended("an image cannot be looked for", &words)?;
        Ok(ended.success.then(|| ended.out.trim().to_owned()))
    }

    /// What images bring into an environment, by their ids.
    ///
    /// # Errors
    /// The engine cannot be asked.
    pub fn image_environments(
        &self,
        ids: &[&str],
    ) -> Result<BTreeMap<String, Environment>, Trouble> {
        if ids.is_empty() {
            return Ok(BTreeMap::new());
        }
        let words = [
            &[
                "image",
                "inspect",
                "--format",
                "{{.Id}} {{json .Config.Env}}",
            ],
            ids,
        ]
        .concat();
        let ended = self.ended("images cannot be looked at", &words)?;
        let line = |line: &str| {
            let (id, env) = line.split_once(' ')?;
            let env: Option<Vec<String>> = serde_json::from_str(env).ok()?;
            let pairs = env.unwrap_or_default().into_iter();
            let pairs = pairs.filter_map(|it| {
                it.split_once('=')
                    .map(|(name, value)| (name.to_owned(), value.to_owned()))
            });
            Some((id.to_owned(), Environment::new(pairs)))
        };
        Ok(ended.out.lines().filter_map(line).collect())
    }

    /// Gives an image another name.
    ///
    /// # Errors
    /// It is not there, or the engine refuses.
    pub fn tag(&self, image: &str, name: &str) -> Result<(), Trouble> {
        let what = format!("the image `{image}` cannot be kept");
        self.call(&what, &["image", "tag", image, name]).map(drop)
    }

    /// The names that begin with `composegen-kept:` and a project's name.
    ///
    /// # Errors
    /// The engine cannot be asked.
    pub fn kept(&self, project: &str) -> Result<Vec<String>, Trouble> {
        let filter = format!("reference=composegen-kept:{project}.*");
        let words = [
            "image",
            "ls",
            "--filter",
            &filter,
            "--format",
            "{{.Repository}}:{{.Tag}}",
        ];
        let names = self.call("kept images cannot be listed", &words)?;
        Ok(names.lines().map(str::to_owned).collect())
    }

    /// Takes a name from an image, and the image where it has no other. One that a container uses stays.
    pub fn untag(&self, name: &str) {
        // What cannot be let go of costs disk and nothing else.
        let _ = self.call(
            "a kept image cannot be let go of",
            &["image", "rm", "--no-prune", name],
        );
    }

    /// Why an image cannot be pulled; `None` where its registry has it.
    ///
    /// # Errors
    /// Docker cannot be asked.
    pub fn not_pullable(&self, name: &str) -> Result<Option<String>, Trouble> {
        let ended = self
            .start(&["manifest", "inspect", name])?
            .wait(std::time::Duration::from_secs(30));
        let Some(ended) = ended else {
            return Ok(Some("its registry does not answer".to_owned()));
        };
        Ok((!ended.success).then(|| {
            self.trouble("", &ended)
                .message
                .trim_start_matches(": ")
                .to_owned()
        }))
    }

    /// Makes a volume or a network where there is none of that name; says whether it made one.
    ///
    /// # Errors
    /// The engine refuses.
    pub fn provide(&self, kind: &str, name: &str) -> Result<bool, Trouble> {
        if self.has(kind, name)? {
            return Ok(false);
        }
        let what = format!("the {kind} `{name}` cannot be made");
        self.call(&what, &[kind, "create", name]).map(|_| true)
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

    /// Stops containers, the way they want to be stopped.
    ///
    /// # Errors
    /// The engine refuses.
    pub fn stop(&self, ids: &[&str]) -> Result<(), Trouble> {
        let what = "containers cannot be stopped";
        let ended = self.ended_within(STOPS, what, &[&["stop"], ids].concat())?;
        match ended.success {
            true => Ok(()),
            false => Err(self.trouble(what, &ended)),
        }
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

fn not_understood(what: &str) -> Trouble {
    Trouble {
        kind: Kind::Refused,
        message: format!("what `{what}` says is not understood"),
        help: None,
    }
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

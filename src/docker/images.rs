//! Images: which are there, what they bring, the names under which they are kept, whether a registry has them.

use std::collections::BTreeMap;
use std::net::{IpAddr, ToSocketAddrs};
use std::time::Duration;

use super::client::{Docker, Trouble};
use super::process::Running;
use crate::deploy::facts::{Engine, Environment};
use crate::deploy::supply::registry_said;

/// So many calls run at once.
const AT_ONCE: usize = 8;

/// How long a registry may take to answer.
const REGISTRY: Duration = Duration::from_secs(30);

impl Docker {
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

    /// Gives images other names: pairs of an image and the name. All calls run at once.
    ///
    /// # Errors
    /// One of them is not there, or the engine refuses.
    pub fn tag(&self, pairs: &[(String, String)]) -> Result<(), Trouble> {
        for some in pairs.chunks(AT_ONCE) {
            let start = |(image, name): &(String, String)| {
                self.start(&["image", "tag", image.as_str(), name.as_str()])
            };
            let running: Vec<Running> = some.iter().map(start).collect::<Result<_, _>>()?;
            for ((image, _), running) in some.iter().zip(running) {
                let ended = running.wait_unless(|| false);
                if let Some(ended) = ended.filter(|ended| !ended.success) {
                    let what = format!("the image `{image}` cannot be kept");
                    return Err(self.trouble(&what, &ended));
                }
            }
        }
        Ok(())
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

    /// Images that an engine cannot pull, by their names, each with why. All registries are asked at once.
    ///
    /// # Errors
    /// Docker cannot be asked.
    pub fn not_pullable(
        &self,
        engine: &Engine,
        names: &[&str],
    ) -> Result<BTreeMap<String, String>, Trouble> {
        let mut found = BTreeMap::new();
        for some in names.chunks(AT_ONCE) {
            let start = |name: &&str| match engine.registries.need_no_proof(name, addresses) {
                true => self.start(&["manifest", "inspect", "--insecure", *name]),
                false => self.start(&["manifest", "inspect", *name]),
            };
            let running: Vec<Running> = some.iter().map(start).collect::<Result<_, _>>()?;
            for (name, running) in some.iter().zip(running) {
                let is_near =
                    engine.elsewhere.is_none() && !engine.registries.are_reached_otherwise(name);
                let why = match running.wait(REGISTRY) {
                    Some(ended) if ended.success => None,
                    Some(ended) => registry_said(&self.hidden.in_text(&ended.err), is_near),
                    None => is_near.then(|| "its registry does not answer".to_owned()),
                };
                found.extend(why.map(|why| ((*name).to_owned(), why)));
            }
        }
        Ok(found)
    }
}

/// The addresses of a host, as far as they can be found.
fn addresses(host: &str) -> Vec<IpAddr> {
    let found = (host, 0).to_socket_addrs();
    found.map_or_else(|_| Vec::new(), |all| all.map(|it| it.ip()).collect())
}

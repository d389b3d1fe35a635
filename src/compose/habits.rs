//! Keys that people write by habit, of `docker run`, of other tools or of another place of the file, and what Compose
//! has for them: the nearest spelling is none of them.

use super::value::Language;
use crate::values::suggest::nearest;

/// Which map it is, told by a key that no other one has.
const MAPS: &[(&str, &[Habit])] = &[
    ("entrypoint", SERVICE),
    ("rollback_config", DEPLOY),
    ("reservations", RESOURCES),
    ("start_interval", HEALTHCHECK),
    ("dockerfile_inline", BUILD),
    ("ipam", NETWORK),
    ("app_protocol", PORT),
];

/// Some keys, and what to do about them.
type Habit = (&'static [&'static str], Meant);

/// What was meant by a key.
#[derive(Clone, Copy)]
enum Meant {
    /// Another key of the same map.
    Key(&'static str),
    /// What to write in its place.
    Write(&'static str),
    /// Something else.
    Say(&'static str),
}

use Meant::{Key, Say, Write};

const SERVICE: &[Habit] = &[
    (&["cmd"], Key("command")),
    (&["env", "envs", "env_vars", "vars"], Key("environment")),
    (&["vol", "vols", "mount", "mounts"], Key("volumes")),
    (&["publish"], Key("ports")),
    (&["workdir", "work_dir", "cwd"], Key("working_dir")),
    (&["name"], Key("container_name")),
    (&["hosts", "add_host"], Key("extra_hosts")),
    (&["healthcheck_test", "probe"], Key("healthcheck")),
    (&["capabilities", "caps"], Key("cap_add")),
    (&["wait_for", "needs", "requires"], Key("depends_on")),
    (
        &["memory", "mem", "ram"],
        Write("`mem_limit: 512M`, or `deploy: { resources: { limits: { memory: 512M } } }`"),
    ),
    (&["cpus_limit", "cpu_limit"], Key("cpus")),
    (
        &["limits"],
        Write("them under `deploy`: `deploy: { resources: { limits: { memory: 512M } } }`"),
    ),
    (
        &["resources"],
        Write("it under `deploy`: `deploy: { resources: { limits: { memory: 512M } } }`"),
    ),
    (
        &["replicas", "instances"],
        Write("`scale: 2`, or `deploy: { replicas: 2 }`"),
    ),
    (
        &["net"],
        Write("`networks: [NAME]`, or `network_mode: host` for the host's own"),
    ),
    (
        &["log_driver", "log_opt", "log_opts"],
        Write("`logging: { driver: json-file, options: { max-size: 10m } }`"),
    ),
    (
        &["args"],
        Write(
            "the words of a command under `command`, the arguments of a build under `build: { args: ... }`",
        ),
    ),
    (
        &["context", "dockerfile", "target"],
        Write("it under `build`: `build: { context: ., dockerfile: Dockerfile }`"),
    ),
    (
        &["test", "interval", "timeout", "retries", "start_period"],
        Write("it under `healthcheck`"),
    ),
    (
        &["pre_start", "post_stop"],
        Say(
            "Compose runs `post_start` when a container has started, and `pre_stop` before it is stopped",
        ),
    ),
    (
        &["rm", "detach"],
        Say("leave it out: it is an option of `docker run`, not of a service"),
    ),
];

const DEPLOY: &[Habit] = &[
    (
        &["limits", "reservations"],
        Write("it under `resources`: `resources: { limits: { memory: 512M } }`"),
    ),
    (
        &["memory", "mem", "cpus", "cpu"],
        Write("it under `resources`: `resources: { limits: { memory: 512M, cpus: 0.5 } }`"),
    ),
    (&["restart"], Key("restart_policy")),
    (&["scale", "instances"], Key("replicas")),
];

const RESOURCES: &[Habit] = &[(
    &["memory", "mem", "cpus", "cpu", "pids"],
    Write("it under `limits`: `limits: { memory: 512M, cpus: 0.5 }`"),
)];

const HEALTHCHECK: &[Habit] = &[
    (&["command", "cmd", "exec"], Key("test")),
    (&["period"], Key("interval")),
    (
        &["start_delay", "initial_delay", "grace_period"],
        Key("start_period"),
    ),
    (&["attempts", "tries"], Key("retries")),
];

const BUILD: &[Habit] = &[
    (&["path", "dir", "folder"], Key("context")),
    (&["file"], Key("dockerfile")),
    (&["env", "environment", "build_args"], Key("args")),
];

const NETWORK: &[Habit] = &[
    (
        &["subnet", "gateway"],
        Write("it under `ipam`: `ipam: { config: [{ subnet: 172.28.0.0/16 }] }`"),
    ),
    (&["type"], Key("driver")),
];

const PORT: &[Habit] = &[
    (&["container", "container_port", "port"], Key("target")),
    (&["host", "host_port"], Key("published")),
    (&["ip", "address"], Key("host_ip")),
];

/// What to do about a key that a map with these keys does not know, where people write it by habit.
pub fn help(key: &str, known: &[&[&'static str]], language: Language) -> Option<String> {
    let key = key.to_ascii_lowercase().replace('-', "_");
    let has = |word: &str| known.iter().any(|keys| keys.contains(&word));
    let (_, habits) = MAPS.iter().find(|(word, _)| has(word))?;
    let (_, meant) = habits
        .iter()
        .find(|(keys, _)| keys.contains(&key.as_str()))?;
    match (meant, language) {
        (Key(key), _) => Some(format!("did you mean `{key}`?")),
        (Write(what), Language::Compose) => Some(format!("write {what}")),
        (Say(what), Language::Compose) => Some((*what).to_owned()),
        // A catalog has words of its own for much of it.
        (Write(_) | Say(_), Language::Catalog | Language::Generated) => None,
    }
}

/// Whether a key may have been meant as another one: it is then not missing.
pub fn may_mean(written: &str, key: &str) -> bool {
    let word = written.to_ascii_lowercase().replace('-', "_");
    let mut all = MAPS.iter().flat_map(|(_, habits)| habits.iter());
    nearest(written, std::iter::once(key)).is_some()
        || all.any(|(words, meant)| {
            words.contains(&word.as_str()) && matches!(meant, Key(other) if *other == key)
        })
}

/// What to do about a key that was meant as one of the file's own.
pub fn own(key: &str) -> Option<String> {
    let rest = key.strip_prefix(['x', 'X'])?.trim_start_matches('_');
    let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    let is_name = !rest.is_empty() && rest.chars().all(is_plain);
    is_name.then(|| format!("a key of your own begins with `x-`: `x-{rest}`"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compose::build::Build;
    use crate::compose::deploy::{Deploy, Resources};
    use crate::compose::health::Healthcheck;
    use crate::compose::network::Network;
    use crate::compose::ports::LongPort;
    use crate::compose::service::Service;

    #[test]
    fn every_map_is_told_by_its_key_and_knows_what_is_proposed() {
        let maps = [
            Service::KEYS,
            Deploy::KEYS,
            Resources::KEYS,
            Healthcheck::KEYS,
            Build::KEYS,
            Network::KEYS,
            LongPort::KEYS,
        ];
        for ((word, habits), keys) in MAPS.iter().zip(maps) {
            assert!(keys.contains(word), "{word}");
            let told = maps.iter().filter(|keys| keys.contains(word));
            assert_eq!(told.count(), 1, "{word}");
            for (words, meant) in *habits {
                assert!(!words.iter().any(|word| keys.contains(word)), "{words:?}");
                if let Key(key) = meant {
                    assert!(keys.contains(key), "{key}");
                }
            }
        }
    }
}

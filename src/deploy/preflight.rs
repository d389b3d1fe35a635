//! What is in the way of a deployment, judged from facts before anything starts. All of it is told at once.

use super::facts::{Binding, Engine};
use super::room::{self, Sum};
use super::supply::{self, Image};
use crate::values::cpus::Cpus;
use crate::values::factor::Factor;
use crate::values::memory::Memory;
use crate::values::prose::plural;
use crate::values::shown::shown;

/// The oldest Compose that this was tried with keeps `--pull never`, `config --format json` and `config --hash`.
const OLDEST_COMPOSE: (u32, u32) = (2, 20);

/// What was found out.
#[derive(Clone, Debug)]
pub struct Facts<'a> {
    /// The engine.
    pub engine: &'a Engine,
    /// The mode.
    pub mode: &'a str,
    /// What the services that start ask for.
    pub asked: Sum,
    /// The largest CPU limits of one container, by service.
    pub cpus: Vec<(String, Cpus)>,
    /// What the other modes ask for that run at the same time, as they are allowed to.
    pub beside: Vec<(String, Sum)>,
    /// How many times over memory and CPUs may be promised.
    pub overcommit: (Factor, Factor),
    /// Modes that run and may not run at the same time, with the number of their containers.
    pub others: Vec<(String, usize)>,
    /// Ports that something else holds: who wants it, the port, who holds it.
    pub taken: Vec<(String, Binding, Option<String>)>,
    /// Images that have to be got: whose, the name, and from where.
    pub images: Vec<(String, String, Image)>,
    /// Files of the host that are mounted and are not there.
    pub missing: Vec<(String, String)>,
    /// Networks and volumes that are made elsewhere, and are not there: kind and name.
    pub absent: Vec<(&'static str, String)>,
    /// The folder of the engine's data and the bytes that are free there, where that can be seen.
    pub disk: Option<(String, u64)>,
}

/// Something in the way: a sentence, and the next step where there is one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The sentence.
    pub message: String,
    /// The next step.
    pub help: Option<String>,
}

pub(super) fn problem(message: String, help: Option<String>) -> Problem {
    Problem { message, help }
}

/// Everything that is in the way, in a fixed order.
pub fn judge(facts: &Facts) -> Vec<Problem> {
    let mut all = Vec::new();
    all.extend(compose(facts));
    all.extend(others(facts));
    all.extend(room::memory(facts));
    all.extend(room::cpus(facts));
    all.extend(room::single_cpus(facts));
    all.extend(facts.taken.iter().map(port));
    all.extend(facts.images.iter().filter_map(supply::missing));
    all.extend(facts.missing.iter().map(missing));
    all.extend(facts.absent.iter().map(absent));
    all.extend(room::disk(facts));
    all
}

fn compose(facts: &Facts) -> Option<Problem> {
    let version = &facts.engine.compose;
    let mut parts = version.trim_start_matches('v').split(['.', '-', '+']);
    let mut number = || parts.next().and_then(|part| part.parse::<u32>().ok());
    let (major, minor) = (number()?, number().unwrap_or(0));
    let (oldest, least) = OLDEST_COMPOSE;
    ((major, minor) < OLDEST_COMPOSE).then(|| {
        problem(
            format!("Docker Compose is {version}, and this needs {oldest}.{least} or newer"),
            Some(
                "install a newer Compose plugin: https://docs.docker.com/compose/install/"
                    .to_owned(),
            ),
        )
    })
}

fn others(facts: &Facts) -> Option<Problem> {
    let (other, count) = facts.others.first()?;
    Some(problem(
        format!(
            "the mode {} runs, {}, and this host is not for both at once",
            shown(other),
            plural(*count, "container")
        ),
        Some(format!(
            "`composegen switch {}` stops it first and brings it back if this fails",
            facts.mode
        )),
    ))
}

fn port((service, binding, holder): &(String, Binding, Option<String>)) -> Problem {
    let Binding {
        address,
        host,
        protocol,
        container: _,
    } = binding;
    let at = match address.is_empty() {
        true => format!("port {host}"),
        false => format!("port {host} of {address}"),
    };
    let kind = if protocol == "tcp" { "" } else { " (UDP)" };
    let who = holder.as_deref().unwrap_or("another process");
    problem(
        format!(
            "{at}{kind} is taken by {who}, and {} publishes it",
            shown(service)
        ),
        None,
    )
}

fn missing((service, path): &(String, String)) -> Problem {
    problem(
        format!(
            "{} is not there, and {} mounts it",
            shown(path),
            shown(service)
        ),
        None,
    )
}

fn absent((kind, name): &(&'static str, String)) -> Problem {
    problem(
        format!(
            "the {kind} {} is not there, and the catalog says that it is made elsewhere",
            shown(name)
        ),
        Some(format!("`docker {kind} create {name}` makes it")),
    )
}

/// What was found, in one line, where nothing is in the way.
pub fn summary(facts: &Facts, ports: usize) -> String {
    let Facts {
        engine,
        asked,
        overcommit,
        ..
    } = facts;
    let memory = Memory::from_bytes(engine.memory);
    let cpus = Cpus::from_thousandths(engine.cpus.saturating_mul(1000));
    let mut text = format!(
        "engine {}, Compose {}; {} of {} memory, {} of {} CPUs, {} free",
        plain(&engine.version),
        plain(&engine.compose),
        asked.memory.human(),
        promised(&memory.human(), &overcommit.0.of_memory(memory).human()),
        asked.cpus,
        promised(&cpus.to_string(), &overcommit.1.of_cpus(cpus).to_string()),
        plural(ports, "port")
    );
    let to_get = |is: fn(&Image) -> bool| facts.images.iter().filter(|(_, _, it)| is(it)).count();
    for (count, word) in [
        (to_get(|it| *it == Image::Builds), "to build"),
        (to_get(|it| *it == Image::Pulls), "to pull"),
    ] {
        if count > 0 {
            text.push_str(&format!(", {} {word}", plural(count, "image")));
        }
    }
    text
}

/// A version without what a packager has added.
fn plain(version: &str) -> &str {
    version.split(['+', '-']).next().unwrap_or(version)
}

/// What may be promised, and what there is where that is another amount.
fn promised(has: &str, may: &str) -> String {
    match has == may {
        true => has.to_owned(),
        false => format!("{may} ({has} times the host's overcommit)"),
    }
}

#[cfg(test)]
pub(super) mod samples {
    use super::super::facts::samples::engine;
    use super::*;

    pub fn facts(engine: &Engine) -> Facts<'_> {
        Facts {
            engine,
            mode: "test",
            asked: Sum {
                memory: Memory::from_mib(512),
                cpus: Cpus::from_thousandths(1500),
            },
            cpus: vec![("web".to_owned(), Cpus::from_thousandths(500))],
            beside: Vec::new(),
            overcommit: (Factor::ONE, Factor::ONE),
            others: Vec::new(),
            taken: Vec::new(),
            images: Vec::new(),
            missing: Vec::new(),
            absent: Vec::new(),
            disk: Some(("/var/lib/docker".to_owned(), 9 << 30)),
        }
    }

    pub fn said(change: impl FnOnce(&mut Facts)) -> Vec<String> {
        let engine = engine();
        let mut facts = facts(&engine);
        change(&mut facts);
        let told = |problem: Problem| match problem.help {
            Some(help) => format!("{} | {help}", problem.message),
            None => problem.message,
        };
        judge(&facts).into_iter().map(told).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::super::facts::samples::engine;
    use super::samples::{facts, said};
    use super::*;

    #[test]
    fn nothing_is_in_the_way() {
        assert_eq!(said(|_| {}), [""; 0]);
        let engine = engine();
        let mut facts = facts(&engine);
        facts.images = vec![("web".to_owned(), "web:1".to_owned(), Image::Builds)];
        assert_eq!(judge(&facts), []);
        assert_eq!(
            summary(&facts, 2),
            "engine 20.10.24, Compose 2.40.3; 512 MiB of 4 GiB memory, 1.5 of 2 CPUs, 2 ports free, 1 image to build"
        );
        facts.overcommit.1 = "2".parse().unwrap();
        let text = summary(&facts, 2);
        assert!(
            text.contains("1.5 of 4 (2 times the host's overcommit) CPUs"),
            "{text}"
        );
    }

    #[test]
    fn an_old_compose_is_told() {
        let mut old = engine();
        for (version, is_old) in [
            ("2.19.1", true),
            ("1.29.2", true),
            ("v2.20.0", false),
            ("2.40.3-3", false),
            ("dev", false),
        ] {
            old.compose = version.to_owned();
            assert_eq!(judge(&facts(&old)).len(), usize::from(is_old), "{version}");
        }
        old.compose = "2.19.1".to_owned();
        assert_eq!(
            judge(&facts(&old))[0].message,
            "Docker Compose is 2.19.1, and this needs 2.20 or newer"
        );
    }

    #[test]
    fn everything_else_is_told_at_once() {
        let binding = |address: &str, protocol: &str| Binding {
            address: address.to_owned(),
            host: 8080,
            container: 80,
            protocol: protocol.to_owned(),
        };
        let all = said(|it| {
            it.others.push(("prod".to_owned(), 2));
            it.taken.push((
                "web".to_owned(),
                binding("", "tcp"),
                Some("the container `x`".to_owned()),
            ));
            it.taken
                .push(("web".to_owned(), binding("127.0.0.1", "udp"), None));
            it.images.push((
                "web".to_owned(),
                "web:1".to_owned(),
                Image::NoSource("/src/Dockerfile".to_owned()),
            ));
            it.images.push((
                "db".to_owned(),
                "db:1".to_owned(),
                Image::Nowhere("manifest unknown".to_owned()),
            ));
            it.missing
                .push(("web".to_owned(), "/srv/init.py".to_owned()));
            it.absent.push(("volume", "shared".to_owned()));
            it.disk = Some(("/var/lib/docker".to_owned(), 1 << 20));
        });
        assert_eq!(
            all,
            [
                "the mode `prod` runs, 2 containers, and this host is not for both at once | `composegen switch test` stops it first and brings it back if this fails",
                "port 8080 is taken by the container `x`, and `web` publishes it",
                "port 8080 of 127.0.0.1 (UDP) is taken by another process, and `web` publishes it",
                "the image `web:1` of `web` cannot be built: `/src/Dockerfile` is not there | build it where its sources are, or pull it",
                "the image `db:1` of `db` cannot be had: manifest unknown",
                "`/srv/init.py` is not there, and `web` mounts it",
                "the volume `shared` is not there, and the catalog says that it is made elsewhere | `docker volume create shared` makes it",
                "1 MiB of disk are free at `/var/lib/docker`, and 1 GiB is the least | `docker system df` shows what takes the space",
            ]
        );
    }
}

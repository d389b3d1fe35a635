//! What of the host a container mounts: `docker-socket`, `sensitive-mount`. A mount is told by one of them: who holds
//! the engine's socket has everything else already.

use std::borrow::Cow;

use rustc_hash::FxHashMap;

use super::binds::may_be_bind;
use super::privileges::is_on;
use crate::finding::Finding;
use crate::place::Place;
use crate::plan::{Plan, PlannedService};
use crate::rule::Rule;
use crate::values::interpolation::with_defaults;
use crate::values::path::{below, normal};
use crate::values::shown::shown;

/// The volumes of a plan that are folders of the host (`driver_opts` with `o: bind`), with where that was written.
pub struct Volumes<'s>(FxHashMap<&'s str, (&'s str, Place)>);

impl<'s> Volumes<'s> {
    /// Of a plan.
    pub fn of(plan: &Plan<'s>) -> Self {
        let folder = |volume: &crate::plan::Planned<'s, crate::compose::storage::Volume<'s>>| {
            let options = volume.value.driver_opts?;
            let is_bind = options
                .get("o")?
                .0
                .text
                .split(',')
                .any(|word| word == "bind");
            let device = options.get("device").filter(|_| is_bind)?.0;
            Some((volume.key, (device.text, device.place)))
        };
        Volumes(plan.volumes.iter().filter_map(folder).collect())
    }
}

/// Something of the host in a container.
struct HostMount<'s> {
    /// The path as it was written.
    source: &'s str,
    target: &'s str,
    read_only: bool,
    place: Place,
}

/// Judges a service.
pub fn judge(planned: &PlannedService, volumes: &Volumes, tell: &mut dyn FnMut(Finding)) {
    let service = &planned.service;
    if let Some(on) = service.use_api_socket.filter(|value| is_on(value)) {
        let message = format!("`{}` gets the engine's socket: {ROOT}", planned.name);
        tell(Finding::new(Rule::DockerSocket, on.place, message).help(INSTEAD));
    }
    let Some(mounts) = service.volumes else {
        return;
    };
    let engine = engine_address(planned);
    for mount in mounts.items.iter().filter(|mount| volumes.may_hold(mount)) {
        let Some(mount) = volumes.host_mount(mount) else {
            continue;
        };
        let path = path(mount.source);
        let socket = socket(planned, &mount, path.as_deref(), engine.as_deref());
        let sensitive = || sensitive(planned, &mount, path.as_deref()?);
        if let Some(finding) = socket.or_else(sensitive) {
            tell(finding);
        }
    }
}

impl Volumes<'_> {
    /// Whether a mount is worth reading: few are of the host.
    fn may_hold(&self, mount: &crate::compose::mounts::Mount) -> bool {
        may_be_bind(mount) || !self.0.is_empty()
    }

    fn host_mount<'m>(&self, mount: &crate::compose::mounts::Mount<'m>) -> Option<HostMount<'m>>
    where
        Self: 'm,
    {
        let facts = mount.facts()?;
        let source = facts.source?;
        let bound = match facts.bind {
            true => Some((source, facts.place)),
            false => self.0.get(source).copied(),
        };
        let (source, place) = bound?;
        Some(HostMount {
            source,
            target: facts.target,
            read_only: facts.read_only,
            place,
        })
    }
}

/// A path of the host by one name: without variables that have a default, `~` for `$HOME`, `/run` for `/var/run`.
/// `None` where a variable decides.
fn path(source: &str) -> Option<String> {
    let home = ["${HOME}", "$HOME"]
        .iter()
        .find_map(|home| source.strip_prefix(home))
        .filter(|rest| rest.is_empty() || rest.starts_with('/'));
    let known = match home {
        Some(rest) => Cow::Owned(format!("~{rest}")),
        None => with_defaults(source)?,
    };
    let path = normal(&known);
    match path.strip_prefix("/var/run") {
        Some(rest) if rest.is_empty() || rest.starts_with('/') => Some(format!("/run{rest}")),
        _ => Some(path),
    }
}

const ROOT: &str = "who can speak to the engine is root on the host";
const INSTEAD: &str =
    "do without it, or put a proxy before it that lets through only what is asked for";

/// The names of the sockets of engines.
const SOCKETS: [&str; 5] = [
    "docker.sock",
    "docker.raw.sock",
    "podman.sock",
    "containerd.sock",
    "crio.sock",
];

/// Where they lie, for folders that hold them.
const LIES_AT: [&str; 4] = [
    "/run/docker.sock",
    "/run/podman/podman.sock",
    "/run/containerd/containerd.sock",
    "/run/crio/crio.sock",
];

/// The path in the container at which a service looks for the engine.
fn engine_address<'s>(planned: &PlannedService<'s>) -> Option<Cow<'s, str>> {
    let address = planned.service.environment?.get("DOCKER_HOST")?.0?;
    let address = with_defaults(address.text)?;
    let path = address.strip_prefix("unix://")?;
    Some(Cow::Owned(normal(path)))
}

fn socket(
    planned: &PlannedService,
    mount: &HostMount,
    path: Option<&str>,
    engine: Option<&str>,
) -> Option<Finding> {
    let last = path
        .and_then(|path| path.rsplit('/').next())
        .unwrap_or_default();
    let is_pipe = mount
        .source
        .replace('\\', "/")
        .ends_with("/pipe/docker_engine");
    let is_used = engine.is_some_and(|engine| engine == normal(mount.target));
    let source = name(mount.source, path);
    let what = if SOCKETS.contains(&last) || is_pipe || is_used {
        format!("mounts the engine's socket, {source}")
    } else if path.is_some_and(|path| LIES_AT.iter().any(|socket| below(path, socket))) {
        format!("mounts {source}, which holds the engine's socket")
    } else {
        return None;
    };
    let only = match mount.read_only {
        true => "; a read-only mount does not change that",
        false => "",
    };
    let message = format!("`{}` {what}: {ROOT}{only}", planned.name);
    Some(Finding::new(Rule::DockerSocket, mount.place, message).help(INSTEAD))
}

/// The path as it was written, unless a variable's default makes it.
fn name(source: &str, path: Option<&str>) -> String {
    match path.filter(|_| source.contains('$')) {
        Some(path) => shown(path),
        None => shown(source),
    }
}

/// What of a place matters.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Reach {
    /// Itself and all below it, read or written.
    All,
    /// Itself as a whole, read or written; below it what can be written.
    Whole,
    /// Itself alone, read or written.
    Itself,
    /// Itself and all below it, where it can be written.
    Written,
}

/// The places of a host that a container had better not see; the more special ones first.
const SENSITIVE: [(&str, Reach, &str); 25] = [
    ("/etc/shadow", Reach::All, PASSWORDS),
    ("/etc/gshadow", Reach::All, PASSWORDS),
    ("/etc/sudoers", Reach::All, "who may become root"),
    ("/etc/sudoers.d", Reach::All, "who may become root"),
    ("/etc/ssh", Reach::All, "the keys of the host"),
    ("/etc/ssl/private", Reach::All, "the keys of the host"),
    (
        "/etc/docker",
        Reach::All,
        "the settings and keys of the engine",
    ),
    (
        "/etc/kubernetes",
        Reach::All,
        "the settings and keys of the cluster",
    ),
    ("/etc", Reach::Whole, "its settings, users and passwords"),
    ("/root", Reach::Itself, HOME),
    ("/home", Reach::Itself, HOME),
    ("~", Reach::Itself, HOME),
    (
        "/proc",
        Reach::Whole,
        "its processes, with the environment of each",
    ),
    (
        "/sys",
        Reach::Written,
        "the switches of its kernel and devices",
    ),
    ("/dev", Reach::Itself, "its disks and other devices"),
    ("/boot", Reach::Written, "the kernel that it starts"),
    ("/var/lib/docker", Reach::All, CONTAINERS),
    ("/var/lib/containerd", Reach::All, CONTAINERS),
    ("/var/lib/containers", Reach::All, CONTAINERS),
    ("/var/lib/kubelet", Reach::All, CONTAINERS),
    ("/var/spool/cron", Reach::Written, "the jobs that it runs"),
    ("/usr", Reach::Written, PROGRAMS),
    ("/bin", Reach::Written, PROGRAMS),
    ("/sbin", Reach::Written, PROGRAMS),
    ("/lib", Reach::Written, PROGRAMS),
];

const PASSWORDS: &str = "the passwords of its users";
const HOME: &str = "the home of a person, with keys and passwords";
const CONTAINERS: &str = "the data, settings and secrets of all containers";
const PROGRAMS: &str = "the programs that it runs";

/// What lies in a home and is nobody else's business.
const OF_A_PERSON: [&str; 8] = [
    ".ssh",
    ".gnupg",
    ".aws",
    ".azure",
    ".kube",
    ".docker",
    ".netrc",
    ".password-store",
];

/// What a path shows of the host.
#[derive(Debug, PartialEq, Eq)]
struct Seen {
    /// The place below the path, where that is above it.
    place: Option<&'static str>,
    what: &'static str,
    /// Whether it would be well if it were read-only.
    only_written: bool,
}

fn seen(path: &str, read_only: bool) -> Option<Seen> {
    let found = |what| Seen {
        place: None,
        what,
        only_written: false,
    };
    if let Some(rest) = in_home(path) {
        let first = rest.split('/').next().unwrap_or_default();
        let is_personal = rest.is_empty() || OF_A_PERSON.contains(&first);
        return is_personal.then(|| found(HOME));
    }
    let told = |&(place, reach, what): &(&'static str, Reach, &'static str)| {
        let (is_above, is_below) = (below(path, place), below(place, path));
        let always = is_above && reach != Reach::Written || is_below && reach == Reach::All;
        let written = !read_only && (is_above || is_below) && reach != Reach::Itself;
        (always || written).then(|| Seen {
            place: Some(place).filter(|_| !is_below),
            only_written: !always,
            ..found(what)
        })
    };
    // A place that holds the path says more of it than one that the path holds.
    let mut all = SENSITIVE.iter().filter_map(told);
    let held = all.clone().find(|seen| seen.place.is_none());
    held.or_else(|| all.next())
}

/// What of a path stands below the home of a person; empty for the home itself.
fn in_home(path: &str) -> Option<&str> {
    let below_user =
        |rest: &'_ str| -> Option<usize> { Some(rest.find('/').unwrap_or(rest.len())) };
    let rest = match path.strip_prefix("/home/") {
        Some(rest) => &rest[below_user(rest)?..],
        None => path.strip_prefix("/root").or(path.strip_prefix('~'))?,
    };
    match rest.is_empty() {
        true => Some(rest),
        false => rest.strip_prefix('/'),
    }
}

fn sensitive(planned: &PlannedService, mount: &HostMount, path: &str) -> Option<Finding> {
    let seen = seen(path, mount.read_only)?;
    let (verb, preposition) = match mount.read_only {
        true => ("read", ""),
        false => ("write to", "to "),
    };
    let through = match seen.place {
        Some(place) => format!(", and so {preposition}`{place}`"),
        None => String::new(),
    };
    let message = format!(
        "`{}` can {verb} {} of the host{through}: {}",
        planned.name,
        name(mount.source, Some(path)),
        seen.what
    );
    let help = match seen.only_written {
        true => "mount it read-only, `:ro`, or only the file that it needs",
        false => "mount only the file or folder that it needs",
    };
    Some(Finding::new(Rule::SensitiveMount, mount.place, message).help(help))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn what(path: &str, read_only: bool) -> Option<&'static str> {
        seen(&super::path(path).unwrap(), read_only).map(|seen| seen.what)
    }

    #[test]
    fn some_places_may_not_be_read_and_others_not_be_written() {
        for path in [
            "/etc",
            "/etc/",
            "/etc/shadow",
            "/etc/ssh/ssh_host_rsa_key",
            "/root",
            "/home",
            "/home/pi",
            "~",
            "$HOME",
            "${HOME}/.ssh",
            "~/.aws/credentials",
            "/root/.docker/config.json",
            "/home/pi/.netrc",
            "/proc",
            "/dev",
            "/var/lib/docker",
            "/var/lib/docker/volumes/a",
            "/var",
            "/var/lib",
            "/x/../etc",
        ] {
            assert!(
                what(path, true).is_some() && what(path, false).is_some(),
                "{path}"
            );
        }
        for path in [
            "/sys",
            "/sys/fs/cgroup",
            "/boot",
            "/usr/bin",
            "/etc/localtime",
            "/etc/app/app.conf",
            "/proc/sys/net",
            "/lib/modules",
            "/var/spool/cron/crontabs",
        ] {
            assert!(
                what(path, true).is_none() && what(path, false).is_some(),
                "{path}"
            );
        }
        for path in [
            "/srv/data",
            "./data",
            "/home/pi/homeassistant",
            "~/data",
            "/root/data",
            "/rootfs",
            "/etcetera",
            "/dev/ttyUSB0",
            "/dev/shm",
            "/var/log",
            "/var/lib/app",
            "/opt",
            "..",
            "/homes",
            "~user",
        ] {
            assert_eq!(
                (what(path, true), what(path, false)),
                (None, None),
                "{path}"
            );
        }
    }

    #[test]
    fn a_variable_without_a_default_decides_for_itself() {
        assert_eq!(path("${DATA}/etc"), None);
        assert_eq!(path("${DATA:-/etc}").as_deref(), Some("/etc"));
        assert_eq!(
            path("/var/run/docker.sock").as_deref(),
            Some("/run/docker.sock")
        );
        assert_eq!(path("/var/running").as_deref(), Some("/var/running"));
    }
}

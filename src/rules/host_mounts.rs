//! What of the host a container mounts: `docker-socket`, `sensitive-mount`. A mount is told by one of them: who holds
//! the engine's socket has everything else already.

use std::borrow::Cow;

use rustc_hash::FxHashMap;

use super::binds::may_be_bind;
use super::privileges::is_on;
use super::sensitive_mount::sensitive;
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
pub struct HostMount<'s> {
    /// The path as it was written.
    pub source: &'s str,
    /// The path in the container.
    pub target: &'s str,
    /// Whether the container may only read.
    pub read_only: bool,
    /// Where it was written.
    pub place: Place,
}

/// Judges a service.
pub fn judge(planned: &PlannedService, volumes: &Volumes, tell: &mut dyn FnMut(Finding)) {
    let service = &planned.service;
    if let Some(on) = service.use_api_socket().filter(|value| is_on(value)) {
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
pub fn path(source: &str) -> Option<String> {
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
    let is_used = engine.is_some_and(|engine| engine == normal(mount.target));
    let source = || name(mount.source, path);
    let what = if SOCKETS.contains(&last) || is_pipe(mount.source) || is_used {
        format!("mounts the engine's socket, {}", source())
    } else if path.is_some_and(holds_socket) {
        format!("mounts {}, which holds the engine's socket", source())
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

fn is_pipe(source: &str) -> bool {
    // Few paths end so, however it goes on before that.
    source.ends_with("docker_engine") && source.replace('\\', "/").ends_with("/pipe/docker_engine")
}

/// Whether a folder by its one name holds a socket, which then begins with that name.
fn holds_socket(folder: &str) -> bool {
    let is_in = |socket: &&str| socket.starts_with(folder) && below(folder, socket);
    LIES_AT.iter().any(is_in)
}

/// The path as it was written, unless a variable's default makes it.
pub fn name(source: &str, path: Option<&str>) -> String {
    match path.filter(|_| source.contains('$')) {
        Some(path) => shown(path),
        None => shown(source),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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

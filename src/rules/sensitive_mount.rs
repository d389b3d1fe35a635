//! `sensitive-mount`: the places of a host that a container had better not see, or not change.

use super::host_mounts::{HostMount, name};
use crate::finding::Finding;
use crate::plan::PlannedService;
use crate::rule::Rule;
use crate::values::path::below;

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
    // Most mounts are of the project, and none of these places is below it or above it by name.
    if !path.starts_with(['/', '~']) {
        return None;
    }
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
    if is_elsewhere(path) {
        return None;
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

/// Whether the first name of a path, which is written plainly, is that of none of the places: most are.
fn is_elsewhere(path: &str) -> bool {
    let first = |path: &'_ str| path.split('/').nth(1).map(str::len);
    let is_plain = !path.contains("/.") && !path.contains("//") && !path.contains(['$', '{']);
    let Some(len) = first(path).filter(|len| is_plain && *len > 0) else {
        return false;
    };
    let is_there = |place: &str| first(place) == Some(len) && place[..=len] == path[..=len];
    path.starts_with('/') && !SENSITIVE.iter().any(|(place, ..)| is_there(place))
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

/// The finding about a mount, by the path that it leads to.
pub fn sensitive(planned: &PlannedService, mount: &HostMount, path: &str) -> Option<Finding> {
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

    /// Whether a path may not be mounted to be read, and not to be written.
    fn refused(path: &str) -> (bool, bool) {
        let path = super::super::host_mounts::path(path).unwrap();
        let is_refused = |read_only| seen(&path, read_only).is_some();
        (is_refused(true), is_refused(false))
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
            assert_eq!(refused(path), (true, true), "{path}");
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
            assert_eq!(refused(path), (false, true), "{path}");
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
            assert_eq!(refused(path), (false, false), "{path}");
        }
    }
}

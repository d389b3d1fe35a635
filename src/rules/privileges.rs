//! What a container may do on its host: `privileged`, `host-namespace`, `capability-added`.

use crate::compose::develop::Hook;
use crate::compose::list::{Either, List};
use crate::compose::scalar::{Is, Scalar, Text, Val};
use crate::finding::Finding;
use crate::place::Place;
use crate::plan::PlannedService;
use crate::rule::Rule;
use crate::values::interpolation::with_defaults;
use crate::values::shown::shown;

/// Judges a service.
pub fn judge(planned: &PlannedService, tell: &mut dyn FnMut(Finding)) {
    let service = &planned.service;
    let on = service.privileged().filter(|value| is_on(value));
    match on {
        // Privileged, it has every capability already.
        Some(value) => tell(privileged(planned, value.place)),
        None => capabilities(planned, tell),
    }
    build(planned, tell);
    hooks(planned, "post_start", service.post_start(), tell);
    hooks(planned, "pre_stop", service.pre_stop(), tell);
    namespaces(planned, tell);
}

/// Whether a switch is on; the default of a variable counts.
pub fn is_on(value: &Val<bool>) -> bool {
    match value.is {
        Is::Known(on) => on,
        Is::Open(text) => {
            let known = with_defaults(text);
            known.is_some_and(|text| <bool as Scalar>::parse(&text) == Ok(true))
        }
        Is::Bad => false,
    }
}

fn privileged(planned: &PlannedService, place: Place) -> Finding {
    let message = format!(
        "`{}` is privileged: it can do on the host whatever root can",
        planned.name
    );
    Finding::new(Rule::Privileged, place, message).help(
        "give it what it needs and no more: a device under `devices`, a capability under `cap_add`",
    )
}

fn build(planned: &PlannedService, tell: &mut dyn FnMut(Finding)) {
    let Some(Either::Long(build)) = planned.service.build else {
        return;
    };
    let on = build.privileged().filter(|value| is_on(value));
    let entitlements = build.entitlements().map_or(&[][..], |list| list.items);
    let insecure = entitlements.iter().find(|it| is(it, "security.insecure"));
    let place = on
        .map(|value| value.place)
        .or(insecure.map(|text| text.place));
    if let Some(place) = place {
        let message = format!(
            "`{}` is built privileged: its Dockerfile can do on the host whatever root can",
            planned.name
        );
        tell(Finding::new(Rule::Privileged, place, message).help("build it without"));
    }
}

fn hooks(
    planned: &PlannedService,
    word: &str,
    hooks: Option<&List<Hook>>,
    tell: &mut dyn FnMut(Finding),
) {
    for hook in hooks.map_or(&[][..], |hooks| hooks.items) {
        if let Some(value) = hook.privileged.filter(|value| is_on(value)) {
            let message = format!(
                "`{}` runs a command of `{word}` privileged: it can do on the host whatever root can",
                planned.name
            );
            tell(Finding::new(Rule::Privileged, value.place, message));
        }
    }
}

/// Whether a text is a word, once the defaults of its variables stand in it.
fn is(text: &Text, word: &str) -> bool {
    text.text == word || with_defaults(text.text).is_some_and(|known| known == word)
}

/// What Docker gives to every container by itself (<https://docs.docker.com/engine/containers/run/>): asking for it
/// changes nothing, or takes back a part of `cap_drop: [ALL]`.
const BY_DEFAULT: [&str; 14] = [
    "AUDIT_WRITE",
    "CHOWN",
    "DAC_OVERRIDE",
    "FOWNER",
    "FSETID",
    "KILL",
    "MKNOD",
    "NET_BIND_SERVICE",
    "NET_RAW",
    "SETFCAP",
    "SETGID",
    "SETPCAP",
    "SETUID",
    "SYS_CHROOT",
];

/// What others let a program do, where a few words say it (capabilities(7)).
const LETS: [(&str, &str); 18] = [
    ("ALL", "do everything, as if it were privileged"),
    ("BPF", "run programs in the host's kernel"),
    ("DAC_READ_SEARCH", "read every file, whoever may"),
    ("IPC_LOCK", "keep memory from being swapped out"),
    (
        "LINUX_IMMUTABLE",
        "change files that are marked as unchangeable",
    ),
    ("MAC_ADMIN", "change the rules of AppArmor or SELinux"),
    ("MAC_OVERRIDE", "pass over the rules of AppArmor or SELinux"),
    ("NET_ADMIN", "change interfaces, routes and firewall rules"),
    ("PERFMON", "watch the host's kernel at work"),
    ("SYSLOG", "read and clear the kernel's messages"),
    (
        "SYS_ADMIN",
        "mount, enter namespaces and do most of what root may",
    ),
    ("SYS_BOOT", "restart the host"),
    ("SYS_MODULE", "load modules into the host's kernel"),
    ("SYS_NICE", "go before everything else on the host"),
    (
        "SYS_PTRACE",
        "read and change the memory of other processes",
    ),
    ("SYS_RAWIO", "reach the host's memory and disks directly"),
    ("SYS_RESOURCE", "go beyond limits and quotas"),
    ("SYS_TIME", "set the host's clock"),
];

fn capabilities(planned: &PlannedService, tell: &mut dyn FnMut(Finding)) {
    for text in planned.service.cap_add().map_or(&[][..], |list| list.items) {
        let Some(written) = with_defaults(text.text) else {
            continue;
        };
        let upper = written.to_ascii_uppercase();
        let name = upper.strip_prefix("CAP_").unwrap_or(&upper);
        if !name.is_empty() && !BY_DEFAULT.contains(&name) {
            tell(capability(planned, name, text.place));
        }
    }
}

fn capability(planned: &PlannedService, name: &str, place: Place) -> Finding {
    let allowed = LETS.iter().find(|(known, _)| *known == name);
    let what = match allowed {
        Some((_, what)) => format!(", which lets it {what}"),
        None => ", which Docker gives no container by itself".to_owned(),
    };
    let name = shown(name);
    let message = format!("`{}` gets the capability {name}{what}", planned.name);
    let finding = Finding::new(Rule::CapabilityAdded, place, message);
    match allowed {
        Some(("ALL", _)) => finding.help("name the ones that it needs"),
        _ => finding,
    }
}

fn namespaces(planned: &PlannedService, tell: &mut dyn FnMut(Finding)) {
    let service = &planned.service;
    let all = [
        (
            "network_mode",
            service.network_mode(),
            "network: it reaches what listens on the host's own 127.0.0.1",
        ),
        (
            "pid",
            service.pid(),
            "processes: it sees all of them, reads their environment and can end them",
        ),
        (
            "ipc",
            service.ipc(),
            "shared memory: it can read and change what the host's processes exchange",
        ),
        ("uts", service.uts(), "name, as if it were the host itself"),
        (
            "userns_mode",
            service.userns_mode(),
            "users: root in it is root on the host",
        ),
        (
            "cgroup",
            service.cgroup(),
            "control groups: it sees those of all containers",
        ),
    ];
    for (word, text, what) in all {
        if let Some(text) = text.filter(|text| is(text, "host")) {
            let message = format!(
                "`{}` has `{word}: host`, so it shares the host's {what}",
                planned.name
            );
            let finding = Finding::new(Rule::HostNamespace, text.place, message);
            tell(match word {
                "network_mode" => finding.help("publish the ports that it needs under `ports`"),
                _ => finding.help(format!("leave `{word}` out")),
            });
        }
    }
}

//! Words that the engine knows, and others that it refuses.

use super::{Look, known};
use crate::compose::list::Either;
use crate::compose::scalar::Text;
use crate::compose::service::Ulimit;
use crate::place::Place;
use crate::values::bytes::is_one_of;
use crate::values::shown::shown;

/// What the kernel can grant a process, without `CAP_` (capabilities(7)).
const CAPABILITIES: [&str; 42] = [
    "ALL",
    "AUDIT_CONTROL",
    "AUDIT_READ",
    "AUDIT_WRITE",
    "BLOCK_SUSPEND",
    "BPF",
    "CHECKPOINT_RESTORE",
    "CHOWN",
    "DAC_OVERRIDE",
    "DAC_READ_SEARCH",
    "FOWNER",
    "FSETID",
    "IPC_LOCK",
    "IPC_OWNER",
    "KILL",
    "LEASE",
    "LINUX_IMMUTABLE",
    "MAC_ADMIN",
    "MAC_OVERRIDE",
    "MKNOD",
    "NET_ADMIN",
    "NET_BIND_SERVICE",
    "NET_BROADCAST",
    "NET_RAW",
    "PERFMON",
    "SETFCAP",
    "SETGID",
    "SETPCAP",
    "SETUID",
    "SYSLOG",
    "SYS_ADMIN",
    "SYS_BOOT",
    "SYS_CHROOT",
    "SYS_MODULE",
    "SYS_NICE",
    "SYS_PACCT",
    "SYS_PTRACE",
    "SYS_RAWIO",
    "SYS_RESOURCE",
    "SYS_TIME",
    "SYS_TTY_CONFIG",
    "WAKE_ALARM",
];

/// The signals of Linux (signal(7)), those of real time without their numbers.
const SIGNALS: [&str; 37] = [
    "SIGABRT",
    "SIGALRM",
    "SIGBUS",
    "SIGCHLD",
    "SIGCLD",
    "SIGCONT",
    "SIGFPE",
    "SIGHUP",
    "SIGILL",
    "SIGINT",
    "SIGIO",
    "SIGIOT",
    "SIGKILL",
    "SIGPIPE",
    "SIGPOLL",
    "SIGPROF",
    "SIGPWR",
    "SIGQUIT",
    "SIGRTMAX",
    "SIGRTMIN",
    "SIGSEGV",
    "SIGSTKFLT",
    "SIGSTOP",
    "SIGSYS",
    "SIGTERM",
    "SIGTRAP",
    "SIGTSTP",
    "SIGTTIN",
    "SIGTTOU",
    "SIGUNUSED",
    "SIGURG",
    "SIGUSR1",
    "SIGUSR2",
    "SIGVTALRM",
    "SIGWINCH",
    "SIGXCPU",
    "SIGXFSZ",
];

/// The limits of processes that the engine can set.
const ULIMITS: [&str; 15] = [
    "core",
    "cpu",
    "data",
    "fsize",
    "locks",
    "memlock",
    "msgqueue",
    "nice",
    "nofile",
    "nproc",
    "rss",
    "rtprio",
    "rttime",
    "sigpending",
    "stack",
];

/// What stands before the `:` or `=` of a security option.
const SECURITY: [&str; 6] = [
    "apparmor",
    "label",
    "no-new-privileges",
    "seccomp",
    "systempaths",
    "writable-cgroups",
];

/// The parameters of the kernel that each container has for itself, beside those below `net.` and `fs.mqueue.`.
const SYSCTLS: [&str; 10] = [
    "kernel.domainname",
    "kernel.hostname",
    "kernel.msgmax",
    "kernel.msgmnb",
    "kernel.msgmni",
    "kernel.sem",
    "kernel.shm_rmid_forced",
    "kernel.shmall",
    "kernel.shmmax",
    "kernel.shmmni",
];

pub(super) fn check(look: &Look) {
    let service = look.service;
    for list in [service.cap_add(), service.cap_drop()]
        .into_iter()
        .flatten()
    {
        list.items.iter().for_each(|text| capability(look, text));
    }
    if let Some(text) = service.stop_signal() {
        signal(look, text);
    }
    for (name, place, limit) in service.ulimits().into_iter().flat_map(|all| all.iter()) {
        ulimit(look, name, place, limit);
    }
    kernel(look);
}

/// What a service sets of the kernel, and of its guards.
fn kernel(look: &Look) {
    let sysctls = look.service.sysctls().into_iter();
    for (name, place, _) in sysctls.flat_map(|all| all.iter()) {
        sysctl(look, name, place);
    }
    let options = look.service.security_opt();
    for text in options.map_or(&[][..], |list| list.items) {
        security(look, text);
    }
}

fn capability(look: &Look, text: &Text) {
    let Some(word) = known(text) else { return };
    let upper = word.to_ascii_uppercase();
    let name = upper.strip_prefix("CAP_").unwrap_or(&upper);
    if !is_one_of(name, CAPABILITIES.into_iter()) {
        let message = format!("{} is no capability of the kernel", shown(&word));
        look.refuse(text.place, message, look.meant(name, &CAPABILITIES));
    }
}

fn signal(look: &Look, text: &Text) {
    let Some(word) = known(text) else { return };
    let upper = word.to_ascii_uppercase();
    let name = upper.strip_prefix("SIG").unwrap_or(&upper);
    if !is_signal(&word, name) {
        let message = format!("{} is no signal", shown(&word));
        let help = look.meant(&format!("SIG{name}"), &SIGNALS);
        look.refuse(text.place, message, help);
    }
}

/// Whether a word is a signal's number, or its name without `SIG`.
fn is_signal(word: &str, name: &str) -> bool {
    let of_real_time = ["RTMIN+", "RTMAX-"]
        .iter()
        .find_map(|first| name.strip_prefix(first));
    match (word.parse::<u32>(), of_real_time) {
        (Ok(number), _) => number > 0,
        (_, Some(number)) => number.parse::<u32>().is_ok(),
        (Err(_), None) => is_one_of(name, SIGNALS.iter().map(|signal| &signal[3..])),
    }
}

fn ulimit(look: &Look, name: &str, place: Place, limit: &Ulimit) {
    if !is_one_of(name, ULIMITS.into_iter()) {
        let message = format!("{} is no limit of processes", shown(name));
        look.refuse(place, message, look.meant(name, &ULIMITS));
    }
    if is_upside_down(limit) {
        let message = format!("the soft limit of {} is over the hard one", shown(name));
        let help = "lower `soft`, or raise `hard`".to_owned();
        look.refuse(place, message, Some(help));
    }
}

fn is_upside_down(limit: &Ulimit) -> bool {
    let Either::Long(both) = limit else {
        return false;
    };
    let pair = both.soft.zip(both.hard);
    let pair = pair.and_then(|(soft, hard)| soft.get().zip(hard.get()));
    pair.is_some_and(|(soft, hard)| hard >= 0 && (soft > hard || soft < 0))
}

fn sysctl(look: &Look, name: &str, place: Place) {
    let dotted = name.replace('/', ".");
    let is_own = dotted.starts_with("net.")
        || dotted.starts_with("fs.mqueue.")
        || SYSCTLS.contains(&dotted.as_str());
    if !is_own && !name.contains('$') {
        let message = format!(
            "{} is the host's: no container has one of its own",
            shown(name)
        );
        let help = match look.meant(name, &SYSCTLS) {
            Some(help) if dotted.starts_with("kernel.") => help,
            _ => format!("set it on the host: `sysctl -w {name}=VALUE`"),
        };
        look.refuse(place, message, Some(help));
    }
}

/// The engine refuses every other option; here only what was meant as one of them, since other engines know more.
fn security(look: &Look, text: &Text) {
    let Some(option) = known(text) else { return };
    let name = option.split([':', '=']).next().unwrap_or_default();
    if SECURITY.contains(&name) {
        return;
    }
    if let Some(help) = look.meant(name, &SECURITY) {
        let message = format!("{} is no security option", shown(name));
        look.refuse(text.place, message, Some(help));
    }
}

//! The options of a folder in memory in the short form: `/run:size=64m,mode=1777`. Compose and the engine hand them on to
//! the kernel, which refuses them when the container starts.

use super::Look;
use crate::compose::scalar::Text;
use crate::values::shown::shown;

/// Options with a value, as the engine knows them.
const WITH_VALUE: [&str; 7] = [
    "gid",
    "mode",
    "mpol",
    "nr_blocks",
    "nr_inodes",
    "size",
    "uid",
];

/// Options without one.
const ALONE: [&str; 33] = [
    "async",
    "atime",
    "bind",
    "defaults",
    "dev",
    "diratime",
    "dirsync",
    "exec",
    "mand",
    "noatime",
    "nodev",
    "nodiratime",
    "noexec",
    "nomand",
    "norelatime",
    "nostrictatime",
    "nosuid",
    "private",
    "rbind",
    "relatime",
    "remount",
    "ro",
    "rprivate",
    "rshared",
    "rslave",
    "runbindable",
    "rw",
    "shared",
    "slave",
    "strictatime",
    "suid",
    "sync",
    "unbindable",
];

pub(super) fn check(look: &Look, text: &Text, options: &str) {
    for option in options.split(',').filter(|option| !option.is_empty()) {
        match option.split_once('=') {
            Some((name, value)) if WITH_VALUE.contains(&name) => {
                valued(look, text, name, value);
            }
            None if ALONE.contains(&option) => {}
            Some((name, _)) => unknown(look, text, name),
            None => unknown(look, text, option),
        }
    }
}

fn unknown(look: &Look, text: &Text, name: &str) {
    let message = match WITH_VALUE.contains(&name) {
        true => format!("{} of a tmpfs needs a value", shown(name)),
        false => format!("{} is no option of a tmpfs", shown(name)),
    };
    let known: Vec<&str> = WITH_VALUE.into_iter().chain(ALONE).collect();
    let help = match name {
        _ if WITH_VALUE.contains(&name) => Some(example(name)),
        "tmpcopyup" | "notmpcopyup" => None,
        _ => look.meant(name, &known),
    };
    look.refuse(text.place, message, help);
}

fn example(name: &str) -> String {
    let value = match name {
        "mode" => "1777",
        "uid" | "gid" => "1000",
        "mpol" => "default",
        _ => "64m",
    };
    format!("write, for example, `{name}={value}`")
}

fn valued(look: &Look, text: &Text, name: &str, value: &str) {
    let is_right = match name {
        "size" => is_size(value.strip_suffix('%').unwrap_or(value)),
        "nr_blocks" | "nr_inodes" => is_size(value),
        "mode" => is_number(value, 8),
        "uid" | "gid" => is_number(value, 10),
        _ => true,
    };
    if is_right {
        return;
    }
    let option = shown(&format!("{name}={value}"));
    let message = format!("the kernel does not take {option} for a tmpfs");
    look.refuse(text.place, message, Some(better(name, value)));
}

/// What to write instead.
fn better(name: &str, value: &str) -> String {
    let lower = value.to_ascii_lowercase();
    let number = lower.trim_end_matches(|letter: char| letter.is_ascii_alphabetic());
    let unit = lower[number.len()..].chars().next();
    let is_meant = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
    match (name, unit) {
        ("size", Some(unit @ ('k' | 'm' | 'g' | 't'))) if is_meant => {
            format!("write `size={number}{unit}`")
        }
        _ => example(name),
    }
}

/// Digits, and one letter behind them.
fn is_size(value: &str) -> bool {
    let units = ['k', 'K', 'm', 'M', 'g', 'G', 't', 'T', 'p', 'P', 'e', 'E'];
    let number = value.strip_suffix(units).unwrap_or(value);
    is_number(number, 10) || value.starts_with("0x")
}

fn is_number(value: &str, base: u32) -> bool {
    !value.is_empty() && value.chars().all(|digit| digit.is_digit(base))
}

//! The machine that the engine runs on, where that is this one: who listens on its ports, what is free on its disk,
//! which processes live. What cannot be seen is no fact.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::path::Path;

use crate::deploy::facts::Binding;
use crate::deploy::journal::Process;

/// A socket that somebody listens on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listener {
    address: IpAddr,
    port: u16,
    protocol: &'static str,
    inode: u64,
}

/// Everything that is listened on, as `/proc/net` tells it; nothing where there is no such file.
pub fn listeners() -> Vec<Listener> {
    let files = [
        ("tcp", "tcp"),
        ("tcp6", "tcp"),
        ("udp", "udp"),
        ("udp6", "udp"),
    ];
    let of = |(file, protocol): &(&str, &'static str)| {
        let text = fs::read_to_string(format!("/proc/net/{file}")).unwrap_or_default();
        read(&text, protocol)
    };
    files.iter().flat_map(of).collect()
}

/// The state of a TCP socket that listens, and of a UDP socket that is not connected.
const LISTENS: [(&str, &str); 2] = [("tcp", "0A"), ("udp", "07")];

fn read(text: &str, protocol: &'static str) -> Vec<Listener> {
    let line = |line: &str| {
        let words: Vec<&str> = line.split_whitespace().collect();
        let (address, port) = words.get(1)?.split_once(':')?;
        let state = *words.get(3)?;
        LISTENS.contains(&(protocol, state)).then_some(())?;
        Some(Listener {
            address: address_of(address)?,
            port: u16::from_str_radix(port, 16).ok()?,
            protocol,
            inode: words.get(9)?.parse().ok()?,
        })
    };
    text.lines().skip(1).filter_map(line).collect()
}

/// An address as the kernel writes it: words of four bytes, each in the machine's own order.
fn address_of(text: &str) -> Option<IpAddr> {
    let word = |at: usize| {
        u32::from_str_radix(text.get(at * 8..at * 8 + 8)?, 16)
            .ok()
            .map(u32::to_ne_bytes)
    };
    match text.len() {
        8 => Some(IpAddr::V4(Ipv4Addr::from(word(0)?))),
        32 => {
            let words = [word(0)?, word(1)?, word(2)?, word(3)?];
            let mut bytes = [0; 16];
            bytes
                .iter_mut()
                .zip(words.concat())
                .for_each(|(to, from)| *to = from);
            let address = Ipv6Addr::from(bytes);
            Some(
                address
                    .to_ipv4_mapped()
                    .map_or(IpAddr::V6(address), IpAddr::V4),
            )
        }
        _ => None,
    }
}

/// Who listens where this port is to be published.
pub fn holder<'l>(listeners: &'l [Listener], binding: &Binding) -> Option<&'l Listener> {
    let wanted: Option<IpAddr> = binding.address.parse().ok();
    listeners.iter().find(|listener| {
        let meets = |wanted: IpAddr| {
            wanted == listener.address
                || listener.address.is_unspecified()
                || wanted.is_unspecified()
        };
        listener.port == binding.host
            && listener.protocol == binding.protocol
            && wanted.is_none_or(meets)
    })
}

/// The process behind a socket: "`nginx` (process 4711)". Only root sees those of others.
pub fn owner(listener: &Listener) -> Option<String> {
    let socket = format!("socket:[{}]", listener.inode);
    let processes = fs::read_dir("/proc").ok()?;
    for process in processes.flatten() {
        let pid = process.file_name().to_string_lossy().into_owned();
        if pid.parse::<u32>().is_err() {
            continue;
        }
        let files = fs::read_dir(process.path().join("fd"))
            .into_iter()
            .flatten()
            .flatten();
        let mut targets = files.filter_map(|file| fs::read_link(file.path()).ok());
        if targets.any(|target| target.to_string_lossy() == socket) {
            let name = fs::read_to_string(process.path().join("comm")).unwrap_or_default();
            return Some(format!("`{}` (process {pid})", name.trim()));
        }
    }
    None
}

/// The bytes that are free where a path lies; `None` where it cannot be seen.
#[cfg(unix)]
pub fn free(path: &str) -> Option<u64> {
    let found = rustix::fs::statvfs(Path::new(path)).ok()?;
    Some(found.f_bavail.saturating_mul(found.f_frsize))
}

/// The bytes that are free where a path lies; `None` where it cannot be seen.
#[cfg(not(unix))]
pub fn free(_: &str) -> Option<u64> {
    None
}

/// The memory of this machine in bytes, as the kernel counts it: somewhat less than what is built in. `None` where that
/// cannot be seen.
pub fn memory() -> Option<u64> {
    let text = fs::read_to_string("/proc/meminfo").ok()?;
    let line = text
        .lines()
        .find_map(|line| line.strip_prefix("MemTotal:"))?;
    let kibibytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    kibibytes.checked_mul(1024)
}

/// How many CPUs this process may use; `None` where that cannot be seen.
pub fn cpus() -> Option<u64> {
    let count = std::thread::available_parallelism().ok()?;
    u64::try_from(count.get()).ok()
}

/// A process by its number, with the moment of its start; `None` where there is none.
pub fn process(pid: u32) -> Option<Process> {
    if !Path::new("/proc/self").exists() {
        return Some(Process { pid, start: 0 });
    }
    let text = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // The name in parentheses may hold anything; the start is the 20th word behind it.
    let (_, rest) = text.rsplit_once(')')?;
    let mut words = rest.split_whitespace();
    let is_gone = words
        .clone()
        .next()
        .is_some_and(|state| ["Z", "X"].contains(&state));
    let start = words.nth(19)?.parse().ok()?;
    (!is_gone).then_some(Process { pid, start })
}

/// Whether this very process still lives.
pub fn lives(known: Process) -> bool {
    known.start != 0 && process(known.pid) == Some(known)
}

/// The ports that containers publish, by the containers' names.
pub fn published<'c>(
    containers: impl Iterator<Item = &'c crate::deploy::facts::Container>,
) -> BTreeMap<(u16, String), BTreeSet<&'c str>> {
    let mut all: BTreeMap<(u16, String), BTreeSet<&str>> = BTreeMap::new();
    for container in containers.filter(|it| it.is_up()) {
        for port in &container.ports {
            all.entry((port.host, port.protocol.clone()))
                .or_default()
                .insert(&container.name);
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    const TCP: &str = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 4711 1 0 100 0 0 10 0
   1: 00000000:0050 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 4712 1 0 100 0 0 10 0
   2: 0100007F:1F91 0100007F:0050 01 00000000:00000000 00:00000000 00000000     0        0 4713 1 0 100 0 0 10 0";

    fn binding(address: &str, host: u16) -> Binding {
        Binding {
            address: address.to_owned(),
            host,
            container: 80,
            protocol: "tcp".to_owned(),
        }
    }

    #[cfg(target_endian = "little")]
    #[test]
    fn listeners_are_read_and_found() {
        let listeners = read(TCP, "tcp");
        assert_eq!(listeners.len(), 2);
        let inode = |address, port| holder(&listeners, &binding(address, port)).map(|it| it.inode);
        assert_eq!(inode("", 8080), Some(4711));
        assert_eq!(inode("127.0.0.1", 8080), Some(4711));
        assert_eq!(inode("192.168.0.1", 8080), None);
        assert_eq!(inode("192.168.0.1", 80), Some(4712));
        assert_eq!(inode("", 8081), None);
    }

    #[test]
    fn addresses_of_both_kinds_are_read() {
        assert_eq!(
            address_of("00000000000000000000000000000000"),
            Some(IpAddr::V6(Ipv6Addr::UNSPECIFIED))
        );
        assert_eq!(address_of("0"), None);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn this_process_lives_and_another_start_does_not() {
        let own = process(std::process::id()).unwrap();
        assert!(lives(own));
        assert!(!lives(Process {
            start: own.start + 1,
            ..own
        }));
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn the_process_behind_a_port_is_named() {
        let socket = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let port = socket.local_addr().unwrap().port();
        let listeners = listeners();
        let listener = holder(&listeners, &binding("", port)).unwrap();
        let owner = owner(listener).unwrap();
        assert!(owner.contains(&std::process::id().to_string()), "{owner}");
    }
}

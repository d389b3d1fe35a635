//! The ports of the container itself that a healthcheck asks: `localhost:80` and its like, `nc -z localhost 80`,
//! `pg_isready -p 5433`.

use crate::compose::command::Command;
use crate::plan::{At, PlannedService};
use crate::values::interpolation::with_defaults;

/// The addresses by which every container reaches itself.
const ITSELF: [&str; 4] = ["localhost", "127.0.0.1", "[::1]", "::1"];

/// A program that asks a server, with the options that say at which port and of which host.
struct Client {
    names: &'static [&'static str],
    port: &'static [&'static str],
    host: &'static [&'static str],
}

const CLIENTS: &[Client] = &[
    Client {
        names: &["pg_isready", "psql"],
        port: &["-p", "--port"],
        host: &["-h", "--host"],
    },
    Client {
        names: &["redis-cli", "valkey-cli", "keydb-cli"],
        port: &["-p"],
        host: &["-h"],
    },
    Client {
        names: &["mysqladmin", "mysql", "mariadb-admin", "mariadb"],
        port: &["-P", "--port"],
        host: &["-h", "--host"],
    },
    Client {
        names: &["mongosh", "mongo"],
        port: &["--port"],
        host: &["--host"],
    },
];

/// The ports that a test asks its own container for, each where it is written.
pub fn asked(service: &PlannedService, test: &Command) -> Vec<At<u16>> {
    let hosts = itself(service);
    let mut all = Vec::new();
    for word in test.words().filter(|word| word.text.contains(':')) {
        let full = with_defaults(word.text);
        let ports = own_ports(full.as_deref().unwrap_or(word.text), &hosts);
        let place = word.place;
        all.extend(ports.into_iter().map(|value| At { value, place }));
    }
    let words: Vec<At<&str>> = test.words().flat_map(parts).collect();
    all.extend(netcat(&words, &hosts));
    all.extend(client(&words, &hosts));
    all
}

/// The parts of a word that is a text for a shell.
fn parts<'s>(word: crate::compose::scalar::Text<'s>) -> impl Iterator<Item = At<&'s str>> {
    let place = word.place;
    let parts = word.text.split_whitespace();
    parts.map(move |part| At { value: part, place })
}

/// The names and addresses by which a container reaches itself.
fn itself<'s>(service: &PlannedService<'s>) -> Vec<&'s str> {
    let names = [service.service.container_name, service.service.hostname()];
    let names = names.into_iter().flatten().map(|name| name.text);
    ITSELF
        .into_iter()
        .chain([service.name])
        .chain(names)
        .collect()
}

/// The ports behind these hosts and a colon, wherever they stand in a text.
fn own_ports(text: &str, hosts: &[&str]) -> Vec<u16> {
    let mut found = Vec::new();
    for host in hosts {
        let signs = text.bytes().enumerate().filter(|(_, sign)| *sign == b':');
        found.extend(signs.filter_map(|(colon, _)| {
            let before = text[..colon].strip_suffix(host)?;
            let is_whole = !before.ends_with(is_of_name);
            first_number(&text[colon + 1..]).filter(|_| is_whole)
        }));
    }
    found
}

/// The number with which a text begins.
fn first_number(text: &str) -> Option<u16> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    text[..digits].parse().ok()
}

fn is_of_name(letter: char) -> bool {
    letter.is_ascii_alphanumeric() || matches!(letter, '.' | '-' | '_' | ':')
}

/// The port that `nc -z localhost 80` asks: behind the name, and not behind a colon.
fn netcat(words: &[At<&str>], hosts: &[&str]) -> Option<At<u16>> {
    let mut words = words
        .iter()
        .skip_while(|word| !matches!(program(word.value), "nc" | "netcat" | "ncat"));
    words.find(|word| hosts.contains(&word.value))?;
    port(words.next()?)
}

/// The port that a server's own client is told.
fn client(words: &[At<&str>], hosts: &[&str]) -> Option<At<u16>> {
    let (at, client) = words.iter().enumerate().find_map(|(at, word)| {
        let name = program(word.value);
        let client = CLIENTS.iter().find(|client| client.names.contains(&name));
        Some((at, client?))
    })?;
    let ends = |word: &&At<&str>| !matches!(word.value, "||" | "&&" | "|" | ";");
    let options: Vec<At<&str>> = words[at + 1..].iter().take_while(ends).copied().collect();
    let host = option(&options, client.host);
    let asked = option(&options, client.port)?;
    match host.is_none_or(|host| is_itself(unquoted(host.value), hosts)) {
        true => port(&asked),
        false => None,
    }
}

/// Whether a host is the container; a folder is that of a socket, which has the port in its name.
fn is_itself(host: &str, hosts: &[&str]) -> bool {
    hosts.contains(&host) || host.starts_with('/')
}

/// What an option is given: `-p 1`, `-p1`, `--port 1`, `--port=1`.
fn option<'t>(words: &[At<&'t str>], names: &[&str]) -> Option<At<&'t str>> {
    words.iter().enumerate().find_map(|(at, word)| {
        let rest = names
            .iter()
            .find_map(|name| word.value.strip_prefix(name))?;
        let is_long = word.value.starts_with("--");
        match rest.strip_prefix('=') {
            _ if rest.is_empty() => words.get(at + 1).copied(),
            Some(value) => Some(At { value, ..*word }),
            None => (!is_long).then_some(At {
                value: rest,
                ..*word
            }),
        }
    })
}

/// The name of a program, without its folder.
fn program(word: &str) -> &str {
    let word = unquoted(word);
    let folder = word.as_bytes().iter().rposition(|byte| *byte == b'/');
    &word[folder.map_or(0, |slash| slash + 1)..]
}

fn port(word: &At<&str>) -> Option<At<u16>> {
    let value = unquoted(word.value).parse().ok()?;
    let place = word.place;
    Some(At { value, place })
}

fn unquoted(word: &str) -> &str {
    let is_own = |byte: &u8| !matches!(byte, b'"' | b'\'' | b';' | b'(' | b')');
    let bytes = word.as_bytes();
    let start = bytes.iter().position(is_own).unwrap_or(bytes.len());
    let end = bytes
        .iter()
        .rposition(is_own)
        .map_or(start, |last| last + 1);
    &word[start..end]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::place::Place;

    #[test]
    fn finds_the_ports_of_the_container_itself() {
        for (text, expected) in [
            ("curl -f http://localhost:8026/health", &[8026][..]),
            ("curl localhost:80||wget 127.0.0.1:81", &[80, 81]),
            ("urlopen('http://[::1]:82/')", &[82]),
            ("curl http://notlocalhost:80 a.localhost:80", &[]),
            ("curl http://localhost/ localhost:x localhost:99999", &[]),
            ("curl http://10.127.0.0.1:80", &[]),
            ("curl http://user:secret@localhost:80", &[80]),
            (
                "curl http://web:83 http://my-web:84 http://web.lan:85",
                &[83],
            ),
        ] {
            let hosts = ["localhost", "127.0.0.1", "[::1]", "web"];
            let found = own_ports(text, &hosts);
            assert_eq!(found, expected, "{text}");
        }
    }

    #[test]
    fn finds_the_port_that_a_client_is_told() {
        for (text, expected) in [
            ("pg_isready -U app -p 5433 -h localhost", Some(5433)),
            ("/usr/bin/pg_isready -p5433", Some(5433)),
            ("pg_isready --port=5433 || exit 1", Some(5433)),
            ("pg_isready -p 5433 -h other", None),
            ("pg_isready -h /run/postgresql -p 5433", Some(5433)),
            ("pg_isready", None),
            ("pg_isready || nothing -p 5433", None),
            ("redis-cli -p \"6380\" ping", Some(6380)),
            ("mysqladmin ping -P 3307 -h127.0.0.1", Some(3307)),
            ("mysqladmin ping -p3307", None),
            ("mysqladmin ping --password=x --port=3307", Some(3307)),
            ("mongosh --port 27018 --eval 1", Some(27018)),
            ("nothing -p 5433", None),
        ] {
            let words = text.split_whitespace().map(|value| At {
                value,
                place: Place::NOWHERE,
            });
            let words: Vec<At<&str>> = words.collect();
            let found = client(&words, &ITSELF).map(|port| port.value);
            assert_eq!(found, expected, "{text}");
        }
    }
}

//! Published ports, in the short syntax of a Compose service's `ports`.
//!
//! The syntax is that of the Compose Specification; which texts are taken was compared with Docker Compose 2.40.

use std::fmt;
use std::net::{IpAddr, Ipv6Addr};
use std::str::FromStr;

use crate::values::Refusal;
use crate::values::bytes::holds;
use crate::values::shown::shown;

/// One port or several that follow each other; `first` is never 0 and never over `last`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PortRange {
    /// The lowest port, from 1.
    pub first: u16,
    /// The highest port, part of the range.
    pub last: u16,
}

/// The transport protocol of a port. The engine knows no others.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Protocol {
    /// Where nothing is said.
    #[default]
    Tcp,
    /// `/udp`
    Udp,
    /// `/sctp`
    Sctp,
}

/// One entry of `ports`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PortMapping {
    /// The host's address that is listened on; all addresses of both families without one.
    pub host_ip: Option<IpAddr>,
    /// The host's ports; the engine picks free ones without them. As many as `target` has, or several for a single
    /// target: then the engine picks one of them.
    pub published: Option<PortRange>,
    /// The container's ports.
    pub target: PortRange,
    /// The protocol of both sides.
    pub protocol: Protocol,
}

impl PortRange {
    /// A range of one port; `None` for port 0.
    pub fn single(port: u16) -> Option<PortRange> {
        (port > 0).then_some(PortRange {
            first: port,
            last: port,
        })
    }

    /// Reads `80` or `3000-3005`.
    ///
    /// # Errors
    /// What is no number from 1 to 65535, and a range that runs backwards.
    pub fn parse(text: &str) -> Result<PortRange, Refusal> {
        let parts = holds(text, b'-').then(|| text.split_once('-')).flatten();
        let Some((first, last)) = parts else {
            let port = port(text)?;
            return Ok(PortRange {
                first: port,
                last: port,
            });
        };
        if first.is_empty() || last.is_empty() {
            return Err(no_port(text));
        }
        let range = PortRange {
            first: port(first)?,
            last: port(last)?,
        };
        if range.first > range.last {
            return Err(refusal(
                format!("the range {} runs backwards", shown(text)),
                format!("write `{}-{}`", range.last, range.first),
            ));
        }
        Ok(range)
    }

    /// How many ports it has, 1 to 65535.
    pub fn count(self) -> u32 {
        u32::from(self.last.saturating_sub(self.first)) + 1
    }

    /// Whether the port is one of them.
    pub fn contains(self, port: u16) -> bool {
        (self.first..=self.last).contains(&port)
    }

    /// The ports that both have.
    pub fn overlap(self, other: PortRange) -> Option<PortRange> {
        let first = self.first.max(other.first);
        let last = self.last.min(other.last);
        (first <= last).then_some(PortRange { first, last })
    }
}

impl Protocol {
    /// Reads `tcp`, `udp` or `sctp`, in any case, as Compose does.
    ///
    /// # Errors
    /// Every other text.
    pub fn parse(text: &str) -> Result<Protocol, Refusal> {
        [Protocol::Tcp, Protocol::Udp, Protocol::Sctp]
            .into_iter()
            .find(|protocol| protocol.as_str().eq_ignore_ascii_case(text))
            .ok_or_else(|| Refusal {
                message: format!(
                    "{} is not a protocol; write `tcp`, `udp` or `sctp`",
                    shown(text)
                ),
                help: None,
            })
    }

    /// Its name in small letters.
    pub fn as_str(self) -> &'static str {
        match self {
            Protocol::Tcp => "tcp",
            Protocol::Udp => "udp",
            Protocol::Sctp => "sctp",
        }
    }
}

impl PortMapping {
    /// Reads the short syntax, `[[HOST_IP:][PUBLISHED]:]TARGET[/PROTOCOL]`, without variables.
    ///
    /// # Errors
    /// What the engine would refuse or read as something else, and a published port 0.
    pub fn parse(text: &str) -> Result<PortMapping, Refusal> {
        PortMapping::of(text, |parts| parts)
    }

    /// The same as Compose takes it: to publish port 0 is to leave the choice to the engine.
    ///
    /// # Errors
    /// What Compose refuses.
    pub fn loosely(text: &str) -> Result<PortMapping, Refusal> {
        let is_zero = |ports: &&str| {
            let first = ports.split('-').next().unwrap_or_default();
            !first.is_empty() && first.bytes().all(|byte| byte == b'0')
        };
        PortMapping::of(text, |parts| Parts {
            published: parts.published.filter(|ports| !is_zero(ports)),
            ..parts
        })
    }

    fn of<'s>(
        text: &'s str,
        change: impl Fn(Parts<'s>) -> Parts<'s>,
    ) -> Result<PortMapping, Refusal> {
        let (ports, protocol) = text.split_once('/').unwrap_or((text, ""));
        let parts = change(Parts::of(ports)?);
        let mapping = PortMapping {
            host_ip: parts.host_ip.map(host_ip).transpose()?,
            published: parts.published.map(published).transpose()?,
            target: PortRange::parse(parts.target)?,
            protocol: match protocol {
                "" => Protocol::Tcp,
                name => Protocol::parse(name)?,
            },
        };
        mapping.check_sizes()?;
        Ok(mapping)
    }

    /// The host's ports that both want, where both cannot be had at once: the same protocol, addresses that meet, and
    /// published ports that overlap. No address meets every address, `0.0.0.0` and `::` every one of their family.
    ///
    /// Several published ports for one target leave the choice to the engine. Such a mapping conflicts only with one
    /// that surely takes every port of the choice, so one with as many published ports as targets.
    pub fn conflicts(&self, other: &Self) -> Option<PortRange> {
        if self.protocol != other.protocol || !addresses_meet(self.host_ip, other.host_ip) {
            return None;
        }
        let (mine, theirs) = (self.published?, other.published?);
        let overlap = mine.overlap(theirs)?;
        let unavoidable = match (self.is_choice(), other.is_choice()) {
            (false, false) => true,
            (true, false) => overlap == mine,
            (false, true) => overlap == theirs,
            (true, true) => false,
        };
        unavoidable.then_some(overlap)
    }

    /// Whether the engine picks one of several published ports.
    fn is_choice(&self) -> bool {
        self.published
            .is_some_and(|published| published.count() != self.target.count())
    }

    fn check_sizes(&self) -> Result<(), Refusal> {
        let Some(published) = self.published else {
            return Ok(());
        };
        if !self.is_choice() || self.target.count() == 1 {
            return Ok(());
        }
        Err(refusal(
            format!(
                "the container's `{}` has {} ports, and the host's `{published}` has {}",
                self.target,
                self.target.count(),
                published.count()
            ),
            "write as many ports on both sides of the `:`",
        ))
    }
}

/// The parts of a mapping as written.
struct Parts<'s> {
    host_ip: Option<&'s str>,
    published: Option<&'s str>,
    target: &'s str,
}

impl<'s> Parts<'s> {
    /// Splits at the colons outside of an IPv6 address's brackets.
    fn of(text: &'s str) -> Result<Parts<'s>, Refusal> {
        let (bracketed, rest) = bracketed(text)?;
        let mut fields = rest.rsplitn(4, ':');
        let target = fields.next().unwrap_or_default();
        let published = fields.next();
        let written_ip = fields.next();
        if fields.next().is_some() || bracketed.is_some() && written_ip != Some("") {
            return Err(too_many_colons(text));
        }
        Ok(Parts {
            host_ip: bracketed.or(written_ip.filter(|ip| !ip.is_empty())),
            published: published.filter(|ports| !ports.is_empty()),
            target,
        })
    }
}

/// The address in brackets at the start, and what follows the brackets.
fn bracketed(text: &str) -> Result<(Option<&str>, &str), Refusal> {
    let Some(inside) = text.strip_prefix('[') else {
        return Ok((None, text));
    };
    match inside.split_once(']') {
        Some((ip, rest)) if rest.starts_with(':') => Ok((Some(ip), rest)),
        _ => Err(refusal(
            format!("{} is not a port mapping", shown(text)),
            "write an IPv6 address as in `[::1]:8080:80`",
        )),
    }
}

fn host_ip(text: &str) -> Result<IpAddr, Refusal> {
    text.parse().map_err(|_| Refusal {
        message: format!(
            "{} is not an IP address; write one such as `127.0.0.1` or `[::1]`",
            shown(text)
        ),
        help: None,
    })
}

/// Reads the published ports; an address in their place gets the help that it needs.
fn published(text: &str) -> Result<PortRange, Refusal> {
    PortRange::parse(text).map_err(|refused| match text.parse::<IpAddr>() {
        Ok(ip) => refusal(
            format!("`{ip}` stands where the host's port belongs"),
            format!("write `{ip}:PORT:PORT`, or `{ip}::PORT` for a free port of the host"),
        ),
        Err(_) => refused,
    })
}

fn port(text: &str) -> Result<u16, Refusal> {
    let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    match text.parse() {
        Ok(port) if is_number && port > 0 => Ok(port),
        _ => Err(no_port(text)),
    }
}

fn no_port(text: &str) -> Refusal {
    Refusal {
        message: format!(
            "{} is not a port; write a number from 1 to 65535",
            shown(text)
        ),
        help: (text == "0")
            .then(|| "leave the host's port out to have a free one picked".to_owned()),
    }
}

fn too_many_colons(text: &str) -> Refusal {
    let message = format!("{} has too many colons for a port mapping", shown(text));
    let mut fields = text.rsplitn(3, ':');
    let (target, published) = (fields.next(), fields.next());
    let ip = fields.next().map(str::parse::<Ipv6Addr>);
    match (ip, published, target) {
        (Some(Ok(ip)), Some(published), Some(target)) => {
            refusal(message, format!("write `[{ip}]:{published}:{target}`"))
        }
        _ => refusal(message, "write `HOST_IP:PUBLISHED:TARGET`"),
    }
}

fn refusal(message: String, help: impl Into<String>) -> Refusal {
    Refusal {
        message,
        help: Some(help.into()),
    }
}

/// Whether a listener on the one address is in the way of one on the other.
fn addresses_meet(one: Option<IpAddr>, other: Option<IpAddr>) -> bool {
    let (Some(one), Some(other)) = (one, other) else {
        return true;
    };
    let (one, other) = (one.to_canonical(), other.to_canonical());
    let all = one.is_unspecified() || other.is_unspecified();
    one == other || all && one.is_ipv4() == other.is_ipv4()
}

impl fmt::Display for PortRange {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.first == self.last {
            write!(out, "{}", self.first)
        } else {
            write!(out, "{}-{}", self.first, self.last)
        }
    }
}

impl fmt::Display for Protocol {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.as_str())
    }
}

impl fmt::Display for PortMapping {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = String::new();
        self.push_to(&mut text);
        out.pad(&text)
    }
}

impl PortMapping {
    /// Writes it behind a text, as `Display` does.
    pub fn push_to(&self, out: &mut String) {
        match self.host_ip {
            Some(IpAddr::V4(ip)) => out.push_str(&format!("{ip}:")),
            Some(IpAddr::V6(ip)) => out.push_str(&format!("[{ip}]:")),
            None => {}
        }
        match self.published {
            Some(published) => {
                published.push_to(out);
                out.push(':');
            }
            None if self.host_ip.is_some() => out.push(':'),
            None => {}
        }
        self.target.push_to(out);
        if self.protocol != Protocol::Tcp {
            out.push('/');
            out.push_str(self.protocol.as_str());
        }
    }
}

impl PortRange {
    /// Writes it behind a text, as `Display` does.
    pub fn push_to(self, out: &mut String) {
        super::decimal::push_number(out, u64::from(self.first));
        if self.last != self.first {
            out.push('-');
            super::decimal::push_number(out, u64::from(self.last));
        }
    }
}

impl FromStr for PortRange {
    type Err = Refusal;

    fn from_str(text: &str) -> Result<Self, Refusal> {
        PortRange::parse(text)
    }
}

impl FromStr for Protocol {
    type Err = Refusal;

    fn from_str(text: &str) -> Result<Self, Refusal> {
        Protocol::parse(text)
    }
}

impl FromStr for PortMapping {
    type Err = Refusal;

    fn from_str(text: &str) -> Result<Self, Refusal> {
        PortMapping::parse(text)
    }
}

/// Whether a text names a port as its own: `5052`, `--port=5052`, `0.0.0.0:5052`; not the port of another host.
pub fn names_own(text: &str, port: u16) -> bool {
    words_of(text).any(|word| {
        let (host, number) = word.rsplit_once(':').unwrap_or(("", word));
        let is_own = is_everywhere(host) || matches!(host, "localhost" | "127.0.0.1");
        is_own && is_number(number, port)
    })
}

/// Whether a text names the address at which its program listens, with this port: `:9001`, `0.0.0.0:9001`,
/// `http://+:9001`.
pub fn listens_at(text: &str, port: u16) -> bool {
    words_of(text).any(|word| {
        let address = word.rsplit_once(':');
        address.is_some_and(|(host, number)| is_everywhere(host) && is_number(number, port))
    })
}

fn words_of(text: &str) -> impl Iterator<Item = &str> {
    let is_mark =
        |letter: char| letter.is_whitespace() || matches!(letter, '=' | ',' | ';' | '"' | '\'');
    text.split(is_mark)
}

/// Whether a host, with a scheme or without, stands for all addresses of the machine.
fn is_everywhere(host: &str) -> bool {
    let host = host.rsplit_once("://").map_or(host, |(_, host)| host);
    matches!(host, "" | "0.0.0.0" | "[::]" | "*" | "+")
}

fn is_number(text: &str, port: u16) -> bool {
    text.trim_end_matches('/').parse() == Ok(port)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn mapping(text: &str) -> PortMapping {
        text.parse()
            .unwrap_or_else(|refusal| panic!("{text}: {refusal:?}"))
    }

    #[test]
    fn a_port_is_named_by_a_number_alone() {
        for (text, expected) in [
            ("5052", true),
            ("serve --port=5052", true),
            ("0.0.0.0:5052", true),
            ("PORT 5052,", true),
            ("http://other:5052", false),
            ("other:5052", false),
            ("15052", false),
        ] {
            assert_eq!(names_own(text, 5052), expected, "{text}");
        }
    }

    #[test]
    fn a_program_listens_at_an_address_without_a_host() {
        for (text, expected) in [
            ("server --console-address \":9001\"", true),
            ("--listen=0.0.0.0:9001", true),
            ("[::]:9001", true),
            ("PLAINTEXT://:9092,CONTROLLER://0.0.0.0:9001", true),
            ("http://+:80;http://*:9001/", true),
            ("http://localhost:9001", false),
            ("http://other:9001", false),
            ("9001", false),
            ("--port 9001", false),
            ("other:9001", false),
            ("localhost:9001", false),
            (":19001", false),
        ] {
            assert_eq!(listens_at(text, 9001), expected, "{text}");
        }
    }

    #[test]
    fn writes_the_short_form_back() {
        for (text, expected) in [
            ("80", "80"),
            ("8080:80", "8080:80"),
            ("127.0.0.1:8080:80", "127.0.0.1:8080:80"),
            ("127.0.0.1::80", "127.0.0.1::80"),
            ("[::1]:8080:80", "[::1]:8080:80"),
            ("[::1]::80", "[::1]::80"),
            ("[127.0.0.1]:8080:80", "127.0.0.1:8080:80"),
            ("3000-3005:4000-4005", "3000-3005:4000-4005"),
            ("3000-3001", "3000-3001"),
            ("8000-9000:80", "8000-9000:80"),
            ("8080-8080:80", "8080:80"),
            ("53:53/udp", "53:53/udp"),
            ("53/UDP", "53/udp"),
            ("8080:80/TCP", "8080:80"),
            ("8080:80/", "8080:80"),
            ("9:9/sctp", "9:9/sctp"),
            (":80", "80"),
            (":8080:80", "8080:80"),
            ("::80", "80"),
            ("080:80", "80:80"),
        ] {
            assert_eq!(mapping(text).to_string(), expected, "{text}");
        }
    }

    #[test]
    fn compose_takes_a_published_0_for_any_port() {
        for (text, expected) in [("0:80", "80"), ("127.0.0.1:0:80", "127.0.0.1::80")] {
            assert_eq!(PortMapping::loosely(text).unwrap(), mapping(expected));
        }
        assert!(PortMapping::loosely("80:0").is_err());
    }

    #[test]
    fn refuses_with_a_message() {
        let number = "is not a port; write a number from 1 to 65535";
        let address = "is not an IP address; write one such as `127.0.0.1` or `[::1]`";
        let colons = "has too many colons for a port mapping";
        for (text, expected) in [
            ("", format!("an empty text {number}")),
            ("0", format!("`0` {number}")),
            ("0:80", format!("`0` {number}")),
            ("80:0", format!("`0` {number}")),
            ("65536:80", format!("`65536` {number}")),
            ("+80:80", format!("`+80` {number}")),
            (" 80:80", format!("` 80` {number}")),
            ("http", format!("`http` {number}")),
            ("80-", format!("`80-` {number}")),
            ("-1", format!("`-1` {number}")),
            ("80:-1", format!("`-1` {number}")),
            ("80:", format!("an empty text {number}")),
            ("90-80:90-80", "the range `90-80` runs backwards".to_owned()),
            (
                "3000-3001:80-82",
                "the container's `80-82` has 3 ports, and the host's `3000-3001` has 2".to_owned(),
            ),
            (
                "3000:80-82",
                "the container's `80-82` has 3 ports, and the host's `3000` has 1".to_owned(),
            ),
            (
                "127.0.0.1:80",
                "`127.0.0.1` stands where the host's port belongs".to_owned(),
            ),
            ("*:80:80", format!("`*` {address}")),
            ("[]:80:80", format!("an empty text {address}")),
            ("localhost:80:80", format!("`localhost` {address}")),
            ("[fe80::1%eth0]:80:80", format!("`fe80::1%eth0` {address}")),
            ("1:2:3:4", format!("`1:2:3:4` {colons}")),
            ("::1:8080:80", format!("`::1:8080:80` {colons}")),
            ("[::1]:1:2:3", format!("`[::1]:1:2:3` {colons}")),
            ("[::1]:80", format!("`[::1]:80` {colons}")),
            ("[::1", "`[::1` is not a port mapping".to_owned()),
            (
                "80/dccp",
                "`dccp` is not a protocol; write `tcp`, `udp` or `sctp`".to_owned(),
            ),
            (
                "80/udp/x",
                "`udp/x` is not a protocol; write `tcp`, `udp` or `sctp`".to_owned(),
            ),
        ] {
            assert_eq!(
                PortMapping::parse(text).unwrap_err().message,
                expected,
                "{text}"
            );
        }
    }

    #[test]
    fn helps_on() {
        for (text, expected) in [
            ("::1:8080:80", "write `[::1]:8080:80`"),
            ("90-80", "write `80-90`"),
            (
                "127.0.0.1:80",
                "write `127.0.0.1:PORT:PORT`, or `127.0.0.1::PORT` for a free port of the host",
            ),
            (
                "0:80",
                "leave the host's port out to have a free one picked",
            ),
        ] {
            let help = PortMapping::parse(text).unwrap_err().help;
            assert_eq!(help.as_deref(), Some(expected), "{text}");
        }
    }

    #[test]
    fn finds_conflicts() {
        for (one, other, expected) in [
            ("8080:80", "8080:90", Some("8080")),
            ("8080:80", "8081:80", None),
            ("80", "80", None),
            ("53:53", "53:53/udp", None),
            ("53:53/udp", "53:1/udp", Some("53")),
            ("8080:80", "127.0.0.1:8080:80", Some("8080")),
            ("8080:80", "[::1]:8080:80", Some("8080")),
            ("0.0.0.0:8080:80", "127.0.0.1:8080:80", Some("8080")),
            ("0.0.0.0:8080:80", "[::1]:8080:80", None),
            ("0.0.0.0:8080:80", "[::]:8080:80", None),
            ("[::]:8080:80", "[::1]:8080:80", Some("8080")),
            ("127.0.0.1:8080:80", "127.0.0.2:8080:80", None),
            ("127.0.0.1:8080:80", "127.0.0.1:8080:90", Some("8080")),
            (
                "[::ffff:127.0.0.1]:8080:80",
                "0.0.0.0:8080:90",
                Some("8080"),
            ),
            ("3000-3005:4000-4005", "3004-3009:1-6", Some("3004-3005")),
            ("8000-9000:80", "8500:80", None),
            ("8000-8001:80", "8000-8001:90-91", Some("8000-8001")),
            ("8000-8001:80", "8001-8002:90-91", None),
            ("8000-8001:80", "8000-8001:90", None),
        ] {
            let (one, other) = (mapping(one), mapping(other));
            let found = one.conflicts(&other).map(|range| range.to_string());
            assert_eq!(found.as_deref(), expected, "{one} {other}");
            assert_eq!(one.conflicts(&other), other.conflicts(&one));
        }
    }

    #[test]
    fn ranges_know_their_ports() {
        let all: PortRange = "1-65535".parse().unwrap();
        assert_eq!(all.count(), 65535);
        assert!(all.contains(1) && all.contains(65535) && !all.contains(0));
        assert_eq!(PortRange::single(0), None);
        assert_eq!(PortRange::single(7).unwrap().to_string(), "7");
    }

    proptest! {
        #[test]
        fn round_trips(first in 1..60000_u16, more in 0..5000_u16, target in 1..60000_u16, ip: Option<IpAddr>, mode in 0..3, udp: bool) {
            let range = |first, more| PortRange { first, last: first + more };
            let mapping = PortMapping {
                host_ip: ip,
                published: (mode > 0).then_some(range(first, more)),
                target: range(target, if mode == 2 { 0 } else { more }),
                protocol: if udp { Protocol::Udp } else { Protocol::Tcp },
            };
            prop_assert_eq!(mapping.to_string().parse::<PortMapping>(), Ok(mapping));
        }

        #[test]
        fn never_panics(text in "[0-9:/\\[\\].a-u-]{0,20}") {
            if let Ok(mapping) = text.parse::<PortMapping>() {
                prop_assert_eq!(mapping.to_string().parse(), Ok(mapping));
            }
        }
    }
}

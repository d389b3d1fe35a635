//! The ports of each service, one by one: `bad-port` where only the plan knows them (the long form, `expose`, the
//! defaults of variables), `missing-field`, `port-random`; and whether there can be a `port-conflict` at all.

use super::{Context, Look, Ready, port_conflict, stated};
use crate::compose::list::Either;
use crate::compose::ports::{LongPort, Port};
use crate::compose::scalar::{Is, Loose, Text, Val};
use crate::finding::Finding;
use crate::place::Place;
use crate::plan::service::exposed;
use crate::plan::together::Together;
use crate::plan::{Plan, PlannedService};
use crate::rule::Rule;
use crate::values::Refusal;
use crate::values::interpolation::with_defaults;
use crate::values::port::{PortMapping, PortRange, Protocol};

/// Checks every port of a service, and at the end those of the whole plan beside each other.
pub fn of_service<'c, 's>(context: &'c Context<'_, 's>, plan: &'c Plan<'s>) -> Ready<'c, 's> {
    Box::new(Ports {
        context,
        plan,
        taken: Taken::default(),
        suspicious: false,
    })
}

/// Checks the ports of plans that run at the same time.
pub fn at_once(context: &Context) {
    if let Some(together) = Together::all(context.plans) {
        port_conflict::at_once(&together, context);
    }
}

struct Ports<'c, 'x, 's> {
    context: &'c Context<'x, 's>,
    plan: &'c Plan<'s>,
    taken: Taken,
    /// Whether two so far may be in each other's way.
    suspicious: bool,
}

impl<'c, 's> Look<'c, 's> for Ports<'c, '_, 's> {
    fn service(&mut self, service: &'c PlannedService<'s>) {
        self.suspicious |= check_service(service, self.plan, &mut self.taken, self.context);
    }

    fn end(&mut self) {
        if self.suspicious {
            port_conflict::check(self.plan, self.context);
        }
    }
}

/// Checks the ports of a service; says whether two of the plan so far may be in each other's way.
fn check_service(
    service: &PlannedService,
    plan: &Plan,
    taken: &mut Taken,
    context: &Context,
) -> bool {
    for item in stated::expose(service) {
        if exposed(item.0.text).is_none() {
            add_all(exposed_badly(item), service, plan, context);
        }
    }
    let mut suspicious = false;
    for port in stated::ports(service) {
        let Some(mapping) = port.mapping() else {
            add_all(written_badly(port), service, plan, context);
            continue;
        };
        match mapping.published {
            _ if !service.publishes() => {}
            None => context.add(random(port, &mapping, service, plan)),
            Some(published) => {
                suspicious |= service.replicas > 1 || taken.take(&mapping, published);
            }
        }
    }
    suspicious
}

fn add_all(found: Vec<Finding>, service: &PlannedService, plan: &Plan, context: &Context) {
    for finding in found {
        context.add(finding.service(service.name).mode(plan.mode));
    }
}

fn random(port: &Port, mapping: &PortMapping, service: &PlannedService, plan: &Plan) -> Finding {
    let word = match mapping.target.count() {
        1 => "port",
        _ => "ports",
    };
    let message = format!(
        "`{}` publishes the container's {word} `{}` without saying on which {word} of the host",
        service.name, mapping.target
    );
    let named = PortMapping {
        published: Some(mapping.target),
        ..*mapping
    };
    let help = match port {
        Either::Short(_) => format!("write `\"{named}\"`"),
        Either::Long(_) => format!("write `published: {}` beside it", mapping.target),
    };
    Finding::new(Rule::PortRandom, port.place(), message)
        .help(format!(
            "{help}; or `expose` where only other services call it"
        ))
        .service(service.name)
        .mode(plan.mode)
}

/// The ports of the host that are taken so far, a bit for each of each protocol, up to the largest of them: 64 of one
/// protocol stand beside the same 64 of the others.
#[derive(Default)]
struct Taken(Vec<u64>);

/// So many protocols there are.
const PROTOCOLS: usize = 3;

impl Taken {
    /// Takes what a mapping publishes; says whether one of these was taken already, or cannot be told in bits.
    fn take(&mut self, mapping: &PortMapping, published: PortRange) -> bool {
        if published.count() != mapping.target.count() {
            return true;
        }
        (published.first..=published.last).any(|port| {
            let (word, bit) = (self.word(mapping.protocol, port), 1 << (port % 64));
            let was_taken = *word & bit != 0;
            *word |= bit;
            was_taken
        })
    }

    fn word(&mut self, protocol: Protocol, port: u16) -> &mut u64 {
        let word = usize::from(port / 64) * PROTOCOLS + protocol as usize;
        if word >= self.0.len() {
            self.0.resize(word + 1, 0);
        }
        &mut self.0[word]
    }
}

/// What is wrong with a port that has no mapping; nothing where a variable alone knows it, or where the reader has
/// said so already. No message names the service: what stands in a fragment is one mistake.
fn written_badly(port: &Port) -> Vec<Finding> {
    match port {
        Either::Short(Val {
            is: Is::Open(text),
            place,
        }) => wrong(
            Text {
                text,
                place: *place,
            },
            |text| text.parse::<PortMapping>().err(),
        )
        .into_iter()
        .collect(),
        Either::Short(_) => Vec::new(),
        Either::Long(long) => long_badly(long),
    }
}

fn long_badly(long: &LongPort) -> Vec<Finding> {
    let target = match long.target {
        Some(target) => wrong(target.0, |text| single(text).err()),
        None => Some(no_target(long.place)),
    };
    let published = long.published.map(|published| published.0);
    let rest = [
        optional(published, |text| PortRange::parse(text).err()),
        optional(long.host_ip.copied(), address),
        optional(long.protocol.copied(), |text| Protocol::parse(text).err()),
    ];
    target
        .into_iter()
        .chain(rest.into_iter().flatten())
        .collect()
}

fn no_target(place: Place) -> Finding {
    Finding::new(Rule::MissingField, place, "the port says no `target`")
        .help("write the container's port: `target: 80`")
}

fn optional(text: Option<Text>, refuses: impl Fn(&str) -> Option<Refusal>) -> Option<Finding> {
    // An optional variable that is empty is as good as nothing.
    wrong(text?, |text| refuses(text).filter(|_| !text.is_empty()))
}

fn wrong(text: Text, refuses: impl Fn(&str) -> Option<Refusal>) -> Option<Finding> {
    let full = with_defaults(text.text)?;
    let refusal = refuses(&full)?;
    let refusal = match full == text.text {
        true => refusal,
        false => Refusal {
            message: format!("with the defaults of its variables, {}", refusal.message),
            ..refusal
        },
    };
    Some(Finding::refused(Rule::BadPort, text.place, refusal))
}

/// One port of the container: the long form takes no range there.
fn single(text: &str) -> Result<(), Refusal> {
    let range = PortRange::parse(text)?;
    if range.count() == 1 {
        return Ok(());
    }
    let message = format!("`target` is one port, not the range `{range}`");
    Err(Refusal::new(message).with_help(format!("write the short form: `\"{range}:{range}\"`")))
}

fn address(text: &str) -> Option<Refusal> {
    let sample = format!("{}:1:1", bracketed(text));
    sample.parse::<PortMapping>().err()
}

fn bracketed(ip: &str) -> String {
    match ip.contains(':') {
        true => format!("[{ip}]"),
        false => ip.to_owned(),
    }
}

fn exposed_badly(item: &Loose) -> Vec<Finding> {
    let refuses = |text: &str| {
        let ports = text.split_once('/').map_or(text, |(ports, _)| ports);
        PortRange::parse(ports).err()
    };
    wrong(item.0, refuses).into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn take(taken: &mut Taken, text: &str) -> bool {
        let mapping: PortMapping = text.parse().unwrap();
        taken.take(&mapping, mapping.published.unwrap())
    }

    #[test]
    fn bits_tell_what_is_taken() {
        let mut taken = Taken::default();
        for (text, expected) in [
            ("1:1", false),
            ("65535:1", false),
            ("1:1/udp", false),
            ("63-65:63-65", false),
            ("65535:2/sctp", false),
            ("64:1", true),
            ("60-70:60-70", true),
            ("127.0.0.1:1:1", true),
            ("100-101:1", true),
        ] {
            assert_eq!(take(&mut taken, text), expected, "{text}");
        }
        let mut taken = Taken::default();
        assert!(!take(&mut taken, "1:1"));
    }

    #[test]
    fn a_target_is_one_port() {
        assert!(single("80").is_ok());
        for text in ["80-81", "x", "0", ""] {
            assert!(single(text).is_err(), "{text}");
        }
    }

    #[test]
    fn an_address_is_one_of_ip() {
        for text in ["127.0.0.1", "::1", "0.0.0.0"] {
            assert_eq!(address(text), None, "{text}");
        }
        for text in ["localhost", "::x", "127.0.0.1:80"] {
            assert!(address(text).is_some(), "{text}");
        }
    }
}

//! `port-conflict`: two containers of a plan on one port of the host. Only looked at where it is likely.

use std::net::IpAddr;

use rustc_hash::FxHashMap;

use super::{Context, stated};
use crate::finding::Finding;
use crate::place::Place;
use crate::plan::together::Together;
use crate::plan::{Plan, PlannedService};
use crate::rule::Rule;
use crate::values::port::{PortMapping, PortRange, Protocol};
use crate::values::shown::shown;

/// So many others are told of one claim at most, and one more that begins before them.
const MOST_OPEN: usize = 8;

/// A service that publishes ports of the host.
struct Claim<'p, 's> {
    plan: &'p Plan<'s>,
    service: &'p PlannedService<'s>,
    mapping: PortMapping,
    published: PortRange,
    place: Place,
}

impl Claim<'_, '_> {
    /// Whether the engine picks one of several ports.
    fn is_choice(&self) -> bool {
        self.published.count() != self.mapping.target.count()
    }

    /// Whether the ports of another and its address are the same: who is in the way of one is in the way of both.
    fn is_like(&self, other: &Claim) -> bool {
        let of = |claim: &Claim| (claim.published, claim.mapping.host_ip);
        of(self) == of(other)
    }

    /// How many containers can run side by side: one, or one for each port of a choice.
    fn room(&self) -> u32 {
        match self.is_choice() {
            true => self.published.count(),
            false => 1,
        }
    }
}

/// Checks a plan: replicas of one service, then services against each other.
pub fn check(plan: &Plan, context: &Context) {
    let mut claims = claims(plan);
    for claim in claims
        .iter()
        .filter(|claim| claim.service.replicas > u64::from(claim.room()))
    {
        context.add(with_itself(claim).mode(plan.mode));
    }
    find(&mut claims, &mut |later, earlier, ports| {
        context.add(conflict(later, earlier, ports).mode(plan.mode));
    });
}

/// Checks modes that run at the same time, each against the others.
pub fn at_once(together: &Together, context: &Context) {
    let plans = together.plans().iter().copied();
    let mut claims: Vec<Claim> = plans.flat_map(claims).collect();
    find(&mut claims, &mut |later, earlier, ports| {
        let moves = [later, earlier]
            .iter()
            .any(|claim| claim.plan.concurrent.is_some_and(|offset| offset > 0));
        // A port of both that an offset should have moved, and has not, has a finding of its own.
        let told = later.place == earlier.place && moves;
        if later.plan.mode != earlier.plan.mode && !told {
            context.add(between_modes(later, earlier, ports));
        }
    });
}

/// Tells of each claim the first other in its way.
fn find(claims: &mut [Claim], tell: &mut dyn FnMut(&Claim, &Claim, PortRange)) {
    // A choice comes behind what begins where it begins: who covers it whole is known by then.
    claims.sort_unstable_by_key(|claim| {
        let (first, choice) = (claim.published.first, claim.is_choice());
        (
            claim.mapping.protocol,
            first,
            choice,
            claim.place,
            claim.service.name,
        )
    });
    for group in claims.chunk_by(|a, b| a.mapping.protocol == b.mapping.protocol) {
        sweep(group, tell);
    }
}

fn claims<'p, 's>(plan: &'p Plan<'s>) -> Vec<Claim<'p, 's>> {
    let services = plan.services.iter().filter(|service| service.publishes());
    let of = |service: &'p PlannedService<'s>| {
        stated::ports(service).iter().filter_map(move |port| {
            let mapping = port.mapping()?;
            Some(Claim {
                plan,
                service,
                mapping,
                published: mapping.published?,
                place: port.place(),
            })
        })
    };
    services.flat_map(of).collect()
}

/// Goes through the claims of a protocol in the order of their ports, and tells of each who is in its way: the first of
/// those with the same ports and address, and the first of each other range around it.
fn sweep(claims: &[Claim], tell: &mut dyn FnMut(&Claim, &Claim, PortRange)) {
    let mut reach = Reach::default();
    let mut open: Vec<usize> = Vec::new();
    for (at, claim) in claims.iter().enumerate() {
        let needed = match claim.is_choice() {
            true => claim.published.last,
            false => claim.published.first,
        };
        let ip = claim.mapping.host_ip.map(|ip| ip.to_canonical());
        open.retain(|other| claims[*other].published.last >= claim.published.first);
        let first = reach.up_to(ip, needed);
        let others = open.iter().copied().filter(|other| Some(*other) != first);
        for other in first.into_iter().chain(others).map(|other| &claims[other]) {
            if let Some(ports) = claim.mapping.conflicts(&other.mapping) {
                match claim.place < other.place {
                    true => tell(other, claim, ports),
                    false => tell(claim, other, ports),
                }
            }
        }
        if claim.is_choice() {
            continue;
        }
        reach.add(ip, claim.published.last, at);
        let is_like = |other: &usize| claims[*other].is_like(claim);
        if open.len() < MOST_OPEN && !open.iter().any(is_like) {
            open.push(at);
        }
    }
}

/// The highest port that is taken so far, and by whom.
#[derive(Clone, Copy, Default)]
struct Highest(Option<(u16, usize)>);

impl Highest {
    fn add(&mut self, last: u16, at: usize) {
        if self.0.is_none_or(|(highest, _)| last > highest) {
            self.0 = Some((last, at));
        }
    }

    fn up_to(self, port: u16) -> Option<usize> {
        self.0.filter(|(last, _)| *last >= port).map(|(_, at)| at)
    }
}

/// What is taken of the addresses of a family.
#[derive(Clone, Copy, Default)]
struct Family {
    /// On any of them.
    any: Highest,
    /// On all of them: `0.0.0.0`, `::`.
    all: Highest,
}

/// How far the ports reach that are taken so far, by address: who is in the way is known without going through all.
#[derive(Default)]
struct Reach {
    anywhere: Highest,
    without_address: Highest,
    families: [Family; 2],
    single: FxHashMap<IpAddr, Highest>,
}

impl Reach {
    fn add(&mut self, ip: Option<IpAddr>, last: u16, at: usize) {
        self.anywhere.add(last, at);
        let Some(ip) = ip else {
            return self.without_address.add(last, at);
        };
        let family = &mut self.families[usize::from(ip.is_ipv4())];
        family.any.add(last, at);
        match ip.is_unspecified() {
            true => family.all.add(last, at),
            false => self.single.entry(ip).or_default().add(last, at),
        }
    }

    /// The first that meets the address and reaches up to the port.
    fn up_to(&self, ip: Option<IpAddr>, port: u16) -> Option<usize> {
        let Some(ip) = ip else {
            return self.anywhere.up_to(port);
        };
        let family = self.families[usize::from(ip.is_ipv4())];
        let near = match ip.is_unspecified() {
            true => [family.any, Highest(None)],
            false => [
                family.all,
                self.single.get(&ip).copied().unwrap_or_default(),
            ],
        };
        let all = [self.without_address, near[0], near[1]];
        all.into_iter()
            .filter_map(|highest| highest.up_to(port))
            .min()
    }
}

fn conflict(later: &Claim, earlier: &Claim, ports: PortRange) -> Finding {
    let (name, other) = (later.service.name, earlier.service.name);
    let ports = host_ports(ports, later.mapping.protocol);
    let message = match name == other {
        true => format!("`{name}` publishes {ports} twice"),
        false => format!("`{name}` publishes {ports}, and so does `{other}`"),
    };
    let finding = Finding::new(Rule::PortConflict, later.place, message).service(name);
    match (later.place == earlier.place, name == other) {
        (true, false) => finding
            .second(earlier.service.entry.place, format!("`{other}` has it too"))
            .help("write the `ports` at each service, with a port of the host of its own"),
        _ => finding
            .second(earlier.place, "first published here")
            .help("give one of them another port of the host: the number before the colon"),
    }
}

/// Two modes that run at once want one port.
fn between_modes(later: &Claim, earlier: &Claim, ports: PortRange) -> Finding {
    let label = |claim: &Claim| format!("`{}` of `{}`", claim.service.name, claim.plan.mode);
    let ports = host_ports(ports, later.mapping.protocol);
    let message = format!(
        "{} publishes {ports}, and so does {}, which runs at the same time on {}",
        label(later),
        label(earlier),
        shown(later.plan.host)
    );
    let finding = Finding::new(Rule::PortConflict, later.place, message);
    let finding = match later.place == earlier.place {
        true => finding,
        false => finding.second(earlier.place, "first published here"),
    };
    let finding = finding
        .help("give one mode a larger offset under the host's `concurrent`, or one service another port of the host")
        .service(later.service.name);
    Finding {
        modes: vec![earlier.plan.mode.to_owned(), later.plan.mode.to_owned()],
        ..finding
    }
}

fn with_itself(claim: &Claim) -> Finding {
    let (name, replicas) = (claim.service.name, claim.service.replicas);
    let ports = host_ports(claim.published, claim.mapping.protocol);
    let message = match claim.is_choice() {
        true => format!("`{name}` runs {replicas} replicas, and publishes each on one of {ports}"),
        false => format!("`{name}` runs {replicas} replicas, and each publishes {ports}"),
    };
    Finding::new(Rule::PortConflict, claim.place, message)
        .help(
            "publish a range with a port for each, such as `\"8080-8082:80\"`, or run one replica",
        )
        .service(name)
}

fn host_ports(ports: PortRange, protocol: Protocol) -> String {
    let word = match ports.count() {
        1 => "port",
        _ => "ports",
    };
    match protocol {
        Protocol::Tcp => format!("the host's {word} `{ports}`"),
        other => format!("the host's {word} `{ports}/{other}`"),
    }
}

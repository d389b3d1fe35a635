//! `peer-port`, `peer-unknown`: the addresses of other services in environments, build arguments and commands.

use std::borrow::Cow;
use std::cell::OnceCell;

use super::peer_texts::{bare, is_elsewhere, may_hold_address};
use super::{Context, Look, Ready, peer_names, stated};
use crate::catalog::recent::Recent;
use crate::compose::command::Command;
use crate::compose::keyed::{EnvValue, Keyed};
use crate::compose::list::Either;
use crate::compose::scalar::Text;
use crate::finding::Finding;
use crate::place::Place;
use crate::plan::{Basis, Plan, PlannedService};
use crate::rule::Rule;
use crate::values::interpolation::{uses, with_defaults};
use crate::values::url::{self, Address};

/// Below this, `name:number` without a scheme is as likely an image with its tag or a user with a group.
const LOWEST_BARE: u16 = 1024;

/// Checks every address of a plan.
pub fn check<'c, 's>(context: &'c Context<'_, 's>, plan: &'c Plan<'s>) -> Ready<'c, 's> {
    Box::new(Peers {
        context,
        plan,
        other_names: OnceCell::new(),
        unknown: Vec::new(),
        recent: Recent::default(),
    })
}

/// Where in a service a text stands.
#[derive(Clone, Copy)]
pub enum Origin<'s> {
    /// A variable of its environment.
    Variable(&'s str),
    /// A build argument.
    Argument(&'s str),
    /// Its command or entrypoint.
    Command,
}

impl std::fmt::Display for Origin<'_> {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Origin::Variable(name) => write!(out, "`{name}`"),
            Origin::Argument(name) => write!(out, "the build argument `{name}`"),
            Origin::Command => out.write_str("the command"),
        }
    }
}

/// A host that no service of the plan is called.
pub struct Unknown<'p, 's> {
    /// Who asks for it.
    pub caller: &'p PlannedService<'s>,
    /// Where its name stands.
    pub origin: Origin<'s>,
    /// Where to change it.
    pub place: Place,
    /// The host.
    pub host: String,
}

/// Host and port in a text.
#[derive(Clone, Copy)]
struct Asked<'t> {
    host: &'t str,
    port: Option<u16>,
    /// The scheme; `None` for a bare `host:port`.
    scheme: Option<&'t str>,
}

/// One text of a service.
struct Spot<'p, 's> {
    caller: &'p PlannedService<'s>,
    origin: Origin<'s>,
    text: Text<'s>,
}

struct Peers<'a, 'p, 's> {
    context: &'a Context<'p, 's>,
    plan: &'p Plan<'s>,
    /// Aliases, container names and host names, with the service's number; sorted.
    other_names: OnceCell<Vec<(&'s str, usize)>>,
    unknown: Vec<Unknown<'p, 's>>,
    recent: Recent<'s>,
}

impl<'p, 's> Look<'p, 's> for Peers<'_, 'p, 's> {
    fn service(&mut self, caller: &'p PlannedService<'s>) {
        self.recent.begin();
        self.values(caller, caller.service.environment, Origin::Variable);
        if let Some(Either::Long(build)) = caller.service.build {
            self.values(caller, build.args, Origin::Argument);
        }
        let commands = [caller.service.command, caller.service.entrypoint];
        for text in commands.into_iter().flatten().flat_map(Command::words) {
            let origin = Origin::Command;
            self.text(&Spot {
                caller,
                origin,
                text,
            });
        }
    }

    fn end(&mut self) {
        peer_names::check(&self.unknown, self.plan, self.context);
    }
}

impl<'p, 's> Peers<'_, 'p, 's> {
    fn values(
        &mut self,
        caller: &'p PlannedService<'s>,
        values: Option<&'s Keyed<'s, EnvValue<'s>>>,
        origin: fn(&'s str) -> Origin<'s>,
    ) {
        for entry in values.map_or(&[][..], |values| values.entries) {
            if let Some(EnvValue(Some(text))) = entry.slot.get() {
                let (origin, text) = (origin(entry.key), *text);
                self.text(&Spot {
                    caller,
                    origin,
                    text,
                });
            }
        }
    }

    fn text(&mut self, spot: &Spot<'p, 's>) {
        if !may_hold_address(spot.text.text) {
            return;
        }
        let full = with_defaults(spot.text.text).unwrap_or(Cow::Borrowed(spot.text.text));
        let mut is_lone = false;
        for address in url::each(&full) {
            is_lone = is_whole(&address, &full);
            let asked = Asked {
                host: address.host,
                port: address.port.and_then(|port| port.parse().ok()),
                scheme: Some(address.scheme.unwrap_or_default()),
            };
            self.asked(spot, asked);
        }
        if is_lone {
            return;
        }
        for (host, port) in bare(&full) {
            let asked = Asked {
                host,
                port: Some(port),
                scheme: None,
            };
            self.asked(spot, asked);
        }
    }

    fn asked(&mut self, spot: &Spot<'p, 's>, asked: Asked) {
        let service = self.plan.at(asked.host, &self.recent);
        let is_right = |at: usize| {
            let states = |port| self.plan.services[at].states_port(port);
            asked.port.is_none_or(states)
        };
        match service {
            Some(at) if is_right(at) => {}
            None if is_elsewhere(asked.host) => {}
            _ => self.suspicious(spot, asked),
        }
    }

    /// What is no service's name, or a port that the service does not state.
    fn suspicious(&mut self, spot: &Spot<'p, 's>, asked: Asked) {
        if has_own_address(spot.caller, asked.host) || !stated::has_own_network(spot.caller) {
            return;
        }
        let called: Vec<&PlannedService> = self.called(asked.host).collect();
        match (called.first(), asked.port) {
            (Some(peer), Some(port)) if called.iter().all(|peer| stated::lacks(peer, port)) => {
                self.wrong_port(spot, asked, peer, port);
            }
            (Some(_), _) => {}
            (None, _) => self.unknown_host(spot, asked),
        }
    }

    /// The services that answer to a host name.
    fn called(&self, host: &str) -> impl Iterator<Item = &'p PlannedService<'s>> + use<'p, 's> {
        let plan = self.plan;
        let own = plan.index.get(host).copied();
        let others = self.other_names.get_or_init(|| other_names(plan));
        let from = others.partition_point(|(name, _)| *name < host);
        let same = others[from..].iter().take_while(|(name, _)| *name == host);
        let others: Vec<usize> = same.map(|(_, at)| *at).collect();
        own.into_iter().chain(others).map(|at| &plan.services[at])
    }

    fn wrong_port(&self, spot: &Spot<'p, 's>, asked: Asked, peer: &PlannedService, port: u16) {
        let behind = stated::behind(peer, port);
        // A bare `name:number` may be an image with its tag, or a user with a group.
        if asked.scheme.is_none() && port < LOWEST_BARE && behind.is_none() {
            return;
        }
        // Only a catalog states every port; Compose files often state those alone that the host publishes. And what a
        // service says of itself there is often its address as others see it.
        let is_sure = behind.is_some() && peer.name != spot.caller.name;
        if self.context.basis == Basis::Compose && !is_sure {
            return;
        }
        let states = format!("{} states {}", called_so(peer, asked), stated::listed(peer));
        let message = format!("{states}, and {} asks it for `{port}`", spot.origin);
        let place = self.place(spot, asked.host);
        let finding = |message: String| Finding::new(Rule::PeerPort, place, message);
        let finding = match behind {
            Some((own, there)) => {
                let write = match self.context.basis {
                    Basis::Catalog => written(peer, asked),
                    Basis::Compose => format!("write `{}:{own}`", asked.host),
                };
                finding(format!("{message}: that is the host port"))
                    .second(there, "published here")
                    .help(format!("{write}: services call the container's port"))
            }
            None => finding(message)
                .second(stated::place(peer), "stated here")
                .help(format!(
                    "{}; or state the port at `{}`: `expose: [{port}]`",
                    written(peer, asked),
                    peer.name
                )),
        };
        let finding = finding.service(spot.caller.name).mode(self.plan.mode);
        self.context.add(finding);
    }

    fn unknown_host(&mut self, spot: &Spot<'p, 's>, asked: Asked) {
        let is_sure = asked.scheme.is_some() || asked.port.is_some_and(|port| port >= LOWEST_BARE);
        if is_sure && !asked.host.contains('.') && !joins_external(spot.caller, self.plan) {
            self.unknown.push(Unknown {
                caller: spot.caller,
                origin: spot.origin,
                place: self.place(spot, asked.host),
                host: asked.host.to_owned(),
            });
        }
    }

    /// Where an address is changed: at the default of the variable that holds it, or where the text stands.
    fn place(&self, spot: &Spot, host: &str) -> Place {
        let variables = &self.context.catalog.variables;
        // Nothing else declares any, and a long text may hold thousands of addresses.
        let list = match variables.is_empty() {
            true => Vec::new(),
            false => uses(spot.text.text).unwrap_or_default(),
        };
        let holder = list.iter().find(|usage| usage.word.contains(host));
        let default = holder
            .and_then(|usage| variables.get(usage.name))
            .and_then(|variable| variable.value.default);
        let place = default.map_or(spot.text.place, |default| default.0.place);
        match place.is_somewhere() {
            true => place,
            false => spot.caller.entry.place,
        }
    }
}

/// Whether an address is all of its text, in plain letters: no other stands beside it.
fn is_whole(address: &Address, text: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_graphic() && !matches!(byte, b'$' | b'{');
    address.start == 0 && address.end == text.len() && text.bytes().all(is_plain)
}

/// Whether the service says itself what the host means: under `extra_hosts`, `links` or `external_links`.
fn has_own_address(caller: &PlannedService, host: &str) -> bool {
    let service = &caller.service;
    let links = [service.links(), service.external_links()];
    let mut links = links.into_iter().flatten().flat_map(|list| list.items);
    let alias = |link: &Text| link.text.rsplit(':').next() == Some(host);
    service
        .extra_hosts()
        .is_some_and(|hosts| hosts.get(host).is_some())
        || links.any(alias)
}

/// Whether a service joins a network that others join too, whose names nobody here knows.
fn joins_external(caller: &PlannedService, plan: &Plan) -> bool {
    let is_external = |key: &str| {
        let network = plan.networks.iter().find(|network| network.key == key);
        network.is_some_and(|network| network.value.is_external())
    };
    match caller.networks() {
        Some(networks) => networks.iter().any(|(key, _, _)| is_external(key)),
        None => is_external("default"),
    }
}

/// The names beside its own by which each service is reached.
fn other_names<'s>(plan: &Plan<'s>) -> Vec<(&'s str, usize)> {
    let mut names = Vec::new();
    for (at, planned) in plan.services.iter().enumerate() {
        let service = &planned.service;
        let fixed = [service.container_name, service.hostname()];
        let networks = service
            .networks
            .map_or(&[][..], |networks| networks.entries);
        let aliases = networks
            .iter()
            .filter_map(|network| network.slot.get()?.aliases)
            .flat_map(|aliases| aliases.items);
        let all = fixed.into_iter().flatten().chain(aliases);
        let others = all.filter(|name| name.text != planned.name);
        names.extend(others.map(|name| (name.text, at)));
    }
    names.sort_unstable();
    names
}

/// The service, and how it is called where it is called otherwise.
fn called_so(peer: &PlannedService, asked: Asked) -> String {
    match asked.host == peer.name {
        true => format!("`{}`", peer.name),
        false => format!("`{}` (here `{}`)", peer.name, asked.host),
    }
}

/// What to write in place of an address.
fn written(peer: &PlannedService, asked: Asked) -> String {
    let name = peer.name;
    match asked.scheme {
        Some("http") => format!("write `{{{{ url('{name}') }}}}`"),
        _ => format!("write `{{{{ host('{name}') }}}}:{{{{ port('{name}') }}}}`"),
    }
}

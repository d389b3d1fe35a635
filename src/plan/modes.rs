//! Modes become plans side by side, service by service.

use std::cell::OnceCell;

use bumpalo::Bump;
use rustc_hash::FxHashMap;

use super::alike::{Alike, Before};
use super::build::budget;
use super::contract::Contract;
use super::evaluate::ModeEvaluator;
use super::layers::Said;
use super::members::{AlikeFacts, Members};
use super::offset::Offset;
use super::scope::{Membership, Scope};
use super::service::{Facts, Member, plan};
use super::shared::Uses;
use super::switches::{self, Switch};
use super::usage::Usage;
use super::values::Values;
use super::{Basis, Plan, Planned, PlannedService};
use crate::catalog::recent::Recents;
use crate::catalog::{Catalog, Named};
use crate::compose::network::Network;
use crate::compose::raw::Raw;
use crate::compose::scalar::Text;
use crate::compose::storage::{Config, Secret, Volume};
use crate::compose::value::{AT_ONCE, Evaluator, Value, fetch, is_large};
use crate::finding::{Finding, Findings};
use crate::rule::Rule;
use crate::values::name::ProjectName;

/// One mode before its services are planned.
pub(super) struct Setting<'a, 's> {
    scope: Scope<'a, 's>,
    membership: Membership<'a, 's>,
    offset: Offset<'s>,
}

impl<'a, 's> Setting<'a, 's> {
    /// The modes on a host.
    pub fn all(scopes: Vec<Scope<'a, 's>>) -> Vec<Self> {
        let members: Vec<Membership> = scopes.iter().map(Scope::members).collect();
        let offsets: Vec<Offset<'s>> = (0..scopes.len())
            .map(|at| Offset::of(at, &scopes, &members))
            .collect();
        let settings = scopes.into_iter().zip(members).zip(offsets);
        let setting = |((scope, membership), offset): ((_, Membership<'a, 's>), _)| Setting {
            scope,
            membership,
            offset,
        };
        settings.map(setting).collect()
    }

    fn members<'b>(
        &'b self,
        alike: &'b AlikeFacts<'s>,
        recents: &'b Recents<'s>,
        arena: &'s Bump,
    ) -> Members<'b, 's> {
        Members::new(
            self.scope,
            &self.membership.members,
            &self.offset,
            alike,
            recents,
            arena,
        )
    }

    fn switches(&self) -> Vec<Switch<'s>> {
        switches::switches(&self.scope, &self.membership)
    }
}

/// The plans of some modes with those of their services that are asked for; those that are built have no image yet. A
/// service is planned in all modes before the next one is: what it is made from is read once, and what of it is the same
/// in every mode is made once.
pub(super) fn mode_plans<'s>(
    settings: Vec<Setting<'_, 's>>,
    is_asked: &dyn Fn(&str) -> bool,
    arena: &'s Bump,
    findings: &Findings,
) -> Vec<Plan<'s>> {
    let Some(catalog) = settings.first().map(|setting| setting.scope.catalog) else {
        return Vec::new();
    };
    let alike = vec![OnceCell::new(); catalog.services.len()];
    let recents = Recents::default();
    let members = settings.iter();
    let members = members.map(|it| it.members(&alike, &recents, arena));
    let members: Vec<Members> = members.collect();
    let switches = settings.iter().map(Setting::switches);
    let switches: Vec<_> = switches.collect();
    let parts = settings.iter().zip(&members).zip(&switches);
    let evaluators = parts.map(|((setting, members), switches)| {
        let Setting {
            scope, membership, ..
        } = setting;
        let values = values(scope, arena);
        ModeEvaluator::new(
            *scope, membership, members, values, switches, arena, findings,
        )
    });
    let evaluators: Vec<ModeEvaluator> = evaluators.collect();
    let mut under_way: Vec<UnderWay> = evaluators.iter().map(UnderWay::new).collect();
    plan_services(catalog, &mut under_way, is_asked);
    let made: Vec<Made> = under_way.into_iter().map(UnderWay::end).collect();
    drop(evaluators);
    drop(members);
    let parts = settings.into_iter().zip(switches).zip(made);
    parts
        .map(|((setting, switches), made)| made.plan(setting, switches))
        .collect()
}

/// Plans every service that is asked for in every mode.
fn plan_services<'s>(
    catalog: &Catalog<'s>,
    modes: &mut [UnderWay<'_, '_, 's>],
    is_asked: &dyn Fn(&str) -> bool,
) {
    let all = catalog.services_by_name();
    let is_large = is_large(all.len());
    for services in all.chunks(AT_ONCE) {
        let asked = services.iter().filter(|service| is_asked(service.name));
        if is_large {
            fetch(asked.clone().map(|service| service.entry.words.touch()));
        }
        asked.for_each(|service| plan_service(service, modes));
    }
}

/// Plans a service in every mode of which it is a member.
fn plan_service<'s>(service: &Named<'s>, modes: &mut [UnderWay<'_, '_, 's>]) {
    let mut said: Option<(Said<'s>, Alike<'s>)> = None;
    let before = Before::default();
    for mode in modes.iter_mut().filter_map(|mode| mode.with(service)) {
        let known = said.take().filter(|(said, _)| said.is_alike);
        let (said, alike) = said.insert(known.unwrap_or_else(|| {
            let said = mode.cx.members.said(service.entry);
            let alike = Alike::new(said.is_alike);
            (said, alike)
        }));
        let member = Member {
            entry: service.entry,
            rank: service.rank,
            said,
            alike,
            before: &before,
        };
        mode.plan(&member, &mode.cx.members.facts(service));
    }
}

/// A mode whose services are being planned.
struct UnderWay<'a, 'e, 's> {
    cx: &'a ModeEvaluator<'e, 's>,
    /// The Compose project.
    project: &'s str,
    /// The services so far.
    services: Vec<PlannedService<'s>>,
    uses: Uses<'a, 'e, 's>,
    /// The members that come behind those that were met.
    rest: &'e [&'e Named<'s>],
}

impl<'a, 'e, 's> UnderWay<'a, 'e, 's> {
    fn new(cx: &'a ModeEvaluator<'e, 's>) -> Self {
        let members = cx.members.all();
        let project = project(cx);
        UnderWay {
            cx,
            project,
            services: Vec::with_capacity(members.len()),
            uses: Uses::new(cx, project),
            rest: members,
        }
    }

    /// The mode, where a service is a member of it. Services are asked for by name, one after the other.
    fn with(&mut self, service: &Named<'s>) -> Option<&mut Self> {
        let rest = self.rest.iter();
        let passed = rest.take_while(|member| member.rank < service.rank);
        self.rest = &self.rest[passed.count()..];
        let next = self.rest.first();
        next.is_some_and(|member| member.rank == service.rank)
            .then_some(self)
    }

    fn plan(&mut self, member: &Member<'_, 's>, facts: &Facts<'s>) {
        self.cx.members.recents.begin();
        self.services.push(plan(member, facts, self.cx));
        if let Some(service) = self.services.last() {
            self.uses.note(service);
        }
    }

    fn end(self) -> Made<'s> {
        let (cx, uses) = (self.cx, self.uses);
        cx.enter("");
        let (networks, volumes) = (uses.networks(), uses.volumes());
        let (secrets, configs) = (uses.secrets(), uses.configs());
        let (used_networks, used_volumes) = uses.marks();
        let compose = cx.scope.catalog.compose.map(|raw| raw.resolve(cx));
        let values = cx.all_values();
        let required = cx.required();
        Made {
            project: self.project,
            services: self.services,
            networks,
            volumes,
            secrets,
            configs,
            compose,
            values,
            required,
            usage: Usage {
                variables: cx.used(),
                volumes: used_volumes,
                networks: used_networks,
            },
        }
    }
}

/// What was made for a mode.
struct Made<'s> {
    project: &'s str,
    services: Vec<PlannedService<'s>>,
    networks: Vec<Planned<'s, Network<'s>>>,
    volumes: Vec<Planned<'s, Volume<'s>>>,
    secrets: Vec<Planned<'s, Secret<'s>>>,
    configs: Vec<Planned<'s, Config<'s>>>,
    compose: Option<Raw<'s>>,
    values: Vec<(&'s str, Text<'s>)>,
    required: Vec<&'s str>,
    usage: Usage,
}

impl<'s> Made<'s> {
    fn plan(self, setting: Setting<'_, 's>, switches: Vec<Switch<'s>>) -> Plan<'s> {
        let Setting {
            scope, membership, ..
        } = setting;
        let Membership { members, replaced } = membership;
        Plan {
            basis: Basis::Catalog,
            contract: Contract::new(
                scope.catalog,
                scope.mode_name,
                &scope.mode.value,
                &self.usage.variables,
            ),
            mode: scope.mode_name,
            mode_place: scope.mode.place,
            class: scope.class,
            project: self.project,
            host: scope.host_name,
            host_place: scope.host.place,
            budget: budget(&scope.host.value),
            choices: scope.choices.to_vec(),
            concurrent: scope.concurrent(),
            // The names of all stand side by side there.
            index: match self.services.len() == members.len() {
                true => index(members.iter().map(|member| member.name)),
                false => index(self.services.iter().map(|service| service.name)),
            },
            services: self.services,
            networks: self.networks,
            volumes: self.volumes,
            secrets: self.secrets,
            configs: self.configs,
            compose: self.compose,
            values: self.values,
            required: self.required,
            usage: self.usage,
            replaced,
            switches,
        }
    }
}

/// Where each name stands.
fn index<'s>(names: impl Iterator<Item = &'s str>) -> FxHashMap<&'s str, usize> {
    names.enumerate().map(|(at, name)| (name, at)).collect()
}

fn values<'s>(scope: &Scope<'_, 's>, arena: &'s Bump) -> Values<'s> {
    let mode = scope.mode.value.values.copied();
    let raw = match (mode, scope.catalog.values) {
        (Some(mode), Some(all)) => Some(mode.over(all, arena)),
        (mode, all) => mode.or(all),
    };
    Values::of(raw, arena)
}

fn project<'s>(cx: &ModeEvaluator<'_, 's>) -> &'s str {
    let scope = &cx.scope;
    match scope.mode.value.project {
        Some(project) => {
            let text = cx.text(project.text, project.place);
            if let Some(Err(refusal)) = text.map(ProjectName::parse) {
                let finding = Finding::refused(Rule::BadName, project.place, refusal);
                cx.findings().add(finding);
            }
            text.unwrap_or(project.text)
        }
        None => cx.arena().alloc_str(&format!(
            "{}-{}",
            scope.catalog.project_name(),
            scope.mode_name
        )),
    }
}

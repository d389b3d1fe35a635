//! The host ports of modes that run at once: what another of them has too moves by the mode's offset.

use rustc_hash::FxHashSet;

use super::evaluate::ModeEvaluator;
use super::scope::{Membership, Scope};
use crate::compose::list::{Either, List};
use crate::compose::ports::{LongPort, Port};
use crate::compose::scalar::{Is, Loose, Text, Val};
use crate::compose::value::{Evaluator, collect};
use crate::finding::Finding;
use crate::place::Place;
use crate::rule::Rule;
use crate::values::port::{PortMapping, PortRange};

/// How the host ports of a mode move.
#[derive(Debug, Default)]
pub struct Offset<'s> {
    /// What is added.
    pub by: u16,
    /// The services that another mode has too, at the same time.
    services: FxHashSet<&'s str>,
}

impl<'s> Offset<'s> {
    /// Of one mode among those of a host.
    pub fn of(at: usize, scopes: &[Scope<'_, 's>], members: &[Membership<'_, 's>]) -> Self {
        let by = scopes[at].concurrent().unwrap_or(0);
        if by == 0 {
            return Offset::default();
        }
        let others = scopes.iter().zip(members).enumerate();
        let others =
            others.filter(|(other, (scope, _))| *other != at && scope.concurrent().is_some());
        let services = others
            .flat_map(|(_, (_, membership))| membership.members.iter().map(|member| member.name))
            .collect();
        Offset { by, services }
    }

    /// What is added to the host ports of a service.
    pub fn for_service(&self, name: &str) -> u16 {
        match self.services.contains(name) {
            true => self.by,
            false => 0,
        }
    }
}

/// The ports of a service with the host's ones moved.
pub fn moved<'s>(
    ports: &'s List<'s, Port<'s>>,
    by: u16,
    cx: &ModeEvaluator<'_, 's>,
) -> &'s List<'s, Port<'s>> {
    let move_one = |port: &Port<'s>| match port {
        Either::Short(short) => Either::Short(short_moved(*short, by, cx)),
        Either::Long(long) => Either::Long(long_moved(*long, by, cx)),
    };
    cx.arena().alloc(List {
        items: collect(cx.arena(), ports.items.iter().map(move_one)),
        ..*ports
    })
}

fn short_moved<'s>(
    short: Val<'s, PortMapping>,
    by: u16,
    cx: &ModeEvaluator<'_, 's>,
) -> Val<'s, PortMapping> {
    match short.is {
        Is::Known(mapping) => match mapping.published {
            Some(published) => {
                let published = range_moved(published, by, short.place, cx);
                Val::known(
                    PortMapping {
                        published: Some(published),
                        ..mapping
                    },
                    short.place,
                )
            }
            None => short,
        },
        Is::Open(_) => {
            not_moved(short.place, by, cx);
            short
        }
        Is::Bad => short,
    }
}

fn long_moved<'s>(long: LongPort<'s>, by: u16, cx: &ModeEvaluator<'_, 's>) -> LongPort<'s> {
    let Some(Loose(text)) = long.published.copied() else {
        return long;
    };
    let Ok(range) = PortRange::parse(text.text) else {
        not_moved(text.place, by, cx);
        return long;
    };
    let range = range_moved(range, by, text.place, cx);
    let text = Text {
        text: cx.arena().alloc_str(&range.to_string()),
        ..text
    };
    LongPort {
        published: Some(cx.arena().alloc(Loose(text))),
        ..long
    }
}

/// The range moved; where it would end beyond the last port, as it is, and a finding says so.
fn range_moved(range: PortRange, by: u16, place: Place, cx: &ModeEvaluator) -> PortRange {
    let moved = |port: u16| port.checked_add(by);
    match (moved(range.first), moved(range.last)) {
        (Some(first), Some(last)) => PortRange { first, last },
        _ => {
            let message = format!(
                "the host's port `{range}` moved by {by} is over 65535 in the mode `{}` on `{}`",
                cx.scope.mode_name, cx.scope.host_name
            );
            let help = "write a smaller offset under the host's `concurrent`, or a lower port";
            add(Finding::new(Rule::BadPort, place, message).help(help), cx);
            range
        }
    }
}

/// What a variable sets nobody here can move.
fn not_moved(place: Place, by: u16, cx: &ModeEvaluator) {
    let message = format!(
        "a port that a variable sets cannot be moved by {by} for the mode `{}` on `{}`",
        cx.scope.mode_name, cx.scope.host_name
    );
    let help = "write the number, or an override of `ports` for the mode";
    add(Finding::new(Rule::BadPort, place, message).help(help), cx);
}

fn add(finding: Finding, cx: &ModeEvaluator) {
    let finding = finding.service(cx.service_name());
    cx.findings().add(finding.mode(cx.scope.mode_name));
}

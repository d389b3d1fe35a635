//! The dependencies of a mode as a graph: its services by role, and who waits for whom. Drawn as Mermaid, as Graphviz'
//! DOT or as SVG; the three draw the same model.
//!
//! An arrow leads from a service to what it waits for.

pub mod dot;
mod layout;
pub mod mermaid;
pub mod svg;

use std::ops::Range;

use super::compose_file::by_role;
use crate::catalog::entries::BUILT_IN_ROLES;
use crate::catalog::words::Job;
use crate::compose::deploy::Condition;
use crate::plan::{Plan, PlannedService};
use crate::rules::needs;

/// The most ports that a label shows.
const SHOWN_PORTS: usize = 2;

/// A mode's services and their dependencies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Graph<'s> {
    /// The Compose project.
    pub project: &'s str,
    /// The mode.
    pub mode: &'s str,
    /// The host.
    pub host: &'s str,
    /// The roles, in the order of the Compose file.
    pub groups: Vec<Group<'s>>,
    /// The services, those of a role side by side.
    pub nodes: Vec<Node<'s>>,
    /// Who waits for whom, by the numbers of the services; no pair twice.
    pub edges: Vec<Edge>,
}

/// The services of a role.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group<'s> {
    /// The role.
    pub role: &'s str,
    /// Which services are in it.
    pub nodes: Range<usize>,
    /// Its colours.
    pub paint: Paint,
}

/// A service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Node<'s> {
    /// Its name.
    pub name: &'s str,
    /// Whether it runs once.
    pub job: Job,
    /// The host's ports that it publishes, as in a Compose file; those that only a variable knows are left out.
    pub ports: Vec<String>,
}

/// A service that waits for another one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Edge {
    /// Who waits.
    pub from: usize,
    /// For whom.
    pub to: usize,
    /// Until when.
    pub condition: Condition,
    /// Whether it starts all the same where the other one is not there.
    pub optional: bool,
}

/// The colours of a role, as `#rrggbb`: dark text stands well on each fill.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Paint {
    /// Of the box.
    pub fill: &'static str,
    /// Of its border.
    pub stroke: &'static str,
}

/// The colour of all texts.
pub const INK: &str = "#1b1f24";

/// The colours of the built-in roles, in their order.
const BUILT_IN: [Paint; 5] = [
    paint("#dbeafe", "#1d4ed8"),
    paint("#ede9fe", "#6d28d9"),
    paint("#ffedd5", "#c2410c"),
    paint("#dcfce7", "#15803d"),
    paint("#fef9c3", "#a16207"),
];

/// The colours of the catalog's own roles, used again where there are more.
const OWN: [Paint; 4] = [
    paint("#ccfbf1", "#0f766e"),
    paint("#fce7f3", "#be185d"),
    paint("#e2e8f0", "#475569"),
    paint("#ecfccb", "#4d7c0f"),
];

const fn paint(fill: &'static str, stroke: &'static str) -> Paint {
    Paint { fill, stroke }
}

impl<'s> Graph<'s> {
    /// The graph of a plan.
    pub fn of(plan: &Plan<'s>) -> Graph<'s> {
        let mut graph = Graph {
            project: plan.project,
            mode: plan.mode,
            host: plan.host,
            groups: Vec::new(),
            nodes: Vec::new(),
            edges: Vec::new(),
        };
        let mut services: Vec<&PlannedService<'s>> = Vec::new();
        let mut own = 0;
        for (role, members) in by_role(plan) {
            let start = services.len();
            services.extend(members);
            graph.groups.push(Group {
                role,
                nodes: start..services.len(),
                paint: colours(role, &mut own),
            });
        }
        graph.nodes = services.iter().map(|service| node(service)).collect();
        graph.edges = edges(plan, &services);
        graph
    }

    /// The role of a service.
    pub fn group_of(&self, node: usize) -> Option<&Group<'s>> {
        self.groups.iter().find(|group| group.nodes.contains(&node))
    }

    /// What the picture is called.
    pub fn title(&self) -> String {
        format!("{}: mode {} on {}", self.project, self.mode, self.host)
    }
}

fn colours(role: &str, own: &mut usize) -> Paint {
    match BUILT_IN_ROLES.iter().position(|name| *name == role) {
        Some(at) => BUILT_IN[at],
        None => {
            *own += 1;
            OWN[(*own - 1) % OWN.len()]
        }
    }
}

fn node<'s>(service: &PlannedService<'s>) -> Node<'s> {
    let ports = service.service.ports.map_or(&[][..], |ports| ports.items);
    let published = ports.iter().filter_map(|port| port.mapping());
    let published = published.filter(|mapping| mapping.published.is_some());
    Node {
        name: service.name,
        job: service.job,
        ports: published.map(|mapping| mapping.to_string()).collect(),
    }
}

/// Who waits for whom: `depends_on`, and what Compose makes a dependency of besides.
fn edges<'s>(plan: &Plan<'s>, services: &[&PlannedService<'s>]) -> Vec<Edge> {
    // The services of a plan are in the order of their names.
    let mut number = vec![0; plan.services.len()];
    for (at, service) in services.iter().enumerate() {
        if let Some(place) = plan.index.get(service.name) {
            number[*place] = at;
        }
    }
    let find = |name: &str| {
        let name = plan.replaced.get(name).copied().unwrap_or(name);
        plan.index.get(name).map(|place| number[*place])
    };
    let mut edges = Vec::new();
    for (from, service) in services.iter().enumerate() {
        let own = edges.len();
        let mut add = |name: &str, condition, optional| {
            let Some(to) = find(name).filter(|to| *to != from) else {
                return;
            };
            let known = edges[own..].iter().any(|edge: &Edge| edge.to == to);
            if !known {
                edges.push(Edge {
                    from,
                    to,
                    condition,
                    optional,
                });
            }
        };
        for (name, _, wait) in service.service.depends_on.iter().flat_map(|all| all.iter()) {
            let condition = wait.condition.and_then(|condition| condition.get());
            let optional = wait.required.and_then(|required| required.get()) == Some(false);
            add(name, condition.unwrap_or(Condition::Started), optional);
        }
        needs::each(service, |need| {
            if need.at_start {
                add(need.target.text, Condition::Started, false);
            }
        });
    }
    edges
}

impl Edge {
    /// What is waited for, in a word or two: `healthy`, `completed, optional`.
    pub fn label(&self) -> &'static str {
        match (self.condition, self.optional) {
            (Condition::Healthy, false) => "healthy",
            (Condition::Completed, false) => "completed",
            (Condition::Started, false) => "started",
            (Condition::Healthy, true) => "healthy, optional",
            (Condition::Completed, true) => "completed, optional",
            (Condition::Started, true) => "started, optional",
        }
    }
}

impl Node<'_> {
    /// What stands below its name: that it is a job, its ports.
    pub fn note(&self) -> Option<String> {
        let mut note = String::new();
        self.push_note(&mut note);
        (!note.is_empty()).then_some(note)
    }

    /// Writes the same into an empty text.
    fn push_note(&self, note: &mut String) {
        note.push_str(match self.job {
            Job::No => "",
            Job::Awaited => "job",
            Job::Manual => "job, started by hand",
        });
        for port in self.ports.iter().take(SHOWN_PORTS) {
            note.push_str(if note.is_empty() { "" } else { ", " });
            note.push_str(port);
        }
        if let Some(more @ 1..) = self.ports.len().checked_sub(SHOWN_PORTS) {
            note.push_str(&format!(", {more} more"));
        }
    }
}

//! `composegen graph`: who waits for whom in a mode, as a picture.

use serde::Serialize;

use super::{Exit, Failure, Result, Run, terminal::Terminal};
use crate::catalog::words::Job;
use crate::cli::{self, Form, Format};
use crate::outputs::graph::svg::{MOST_ARROWS, MOST_SERVICES, Undrawn};
use crate::outputs::graph::{Edge, Graph, dot, mermaid, svg};
use crate::report::list_quoted;

/// Draws.
pub fn run(run: &Run, words: &cli::Graph, terminal: &mut Terminal) -> Result {
    let host = run.host(words.host.as_deref())?;
    let Some(host) = host.filter(|_| run.loaded.parsed) else {
        return Ok(super::refuse(run, terminal));
    };
    let Some(mode) = mode(run, words.mode.as_ref())? else {
        return Ok(super::refuse(run, terminal));
    };
    let plans = run.plans(host);
    let judged = run.judge(&plans);
    let [Some(checked)] = judged.outcomes.as_slice() else {
        run.tell(&judged.findings, Exit::Findings, false, terminal);
        if run.format == Format::Human {
            terminal.talk("nothing was drawn\n");
        }
        return Ok(Exit::Findings);
    };
    if !judged.findings.is_empty() && run.format == Format::Human {
        run.tell(&judged.findings, Exit::Findings, false, terminal);
    }
    for plan in super::chosen(checked.plans(), &[mode]) {
        print(&Graph::of(plan), words.format, terminal)?;
    }
    Ok(Exit::Fine)
}

/// The mode to draw. Where there are several, one has to be named: a picture that somebody takes for production's must
/// not be test's. `None` where the catalog has none.
fn mode<'s>(
    run: &Run<'_, 's>,
    asked: Option<&String>,
) -> std::result::Result<Option<&'s str>, Failure> {
    if let Some(asked) = asked {
        return Ok(run.modes(std::slice::from_ref(asked))?.first().copied());
    }
    let modes: Vec<&'s str> = run.catalog().modes.keys().copied().collect();
    match modes.as_slice() {
        [] => Ok(None),
        [only] => Ok(Some(only)),
        [first, ..] => Err(Failure {
            message: "a picture shows one mode, and `--mode` is missing".to_owned(),
            help: Some(format!(
                "there is {}: `composegen graph --mode {first}`",
                list_quoted(&modes)
            )),
        }),
    }
}

fn print(graph: &Graph, form: Form, terminal: &mut Terminal) -> std::result::Result<(), Failure> {
    match form {
        Form::Json => terminal.json(&Report::of(graph)),
        Form::Human | Form::Sarif | Form::Github | Form::Markdown | Form::Mermaid => {
            terminal.data(&mermaid::text(graph))
        }
        Form::Dot => terminal.data(&dot::text(graph)),
        Form::Svg => terminal.data(&svg::text(graph).map_err(|why| undrawn(graph, &why))?),
    }
    Ok(())
}

fn undrawn(graph: &Graph, why: &Undrawn) -> Failure {
    let mode = graph.mode;
    let message = match why {
        Undrawn::TooLarge(is) => format!(
            "mode `{mode}` is too large for `svg`: at most {MOST_SERVICES} services and {MOST_ARROWS} arrows are drawn, and it has {is}"
        ),
        Undrawn::Crowded => {
            format!("mode `{mode}` cannot be drawn as `svg`: its boxes would overlap")
        }
    };
    Failure {
        message,
        help: Some("`--format dot` writes it for Graphviz".to_owned()),
    }
}

#[derive(Serialize)]
struct Report<'g> {
    project: &'g str,
    mode: &'g str,
    host: &'g str,
    services: Vec<Service<'g>>,
    dependencies: Vec<Dependency<'g>>,
}

#[derive(Serialize)]
struct Service<'g> {
    name: &'g str,
    role: &'g str,
    /// `awaited` or `manual`.
    job: Option<&'static str>,
    ports: &'g [String],
}

#[derive(Serialize)]
struct Dependency<'g> {
    service: &'g str,
    waits_for: &'g str,
    condition: &'static str,
    required: bool,
}

impl<'g> Report<'g> {
    fn of(graph: &'g Graph) -> Self {
        let services = graph.groups.iter().flat_map(|group| {
            let nodes = graph.nodes[group.nodes.clone()].iter();
            nodes.map(|node| Service {
                name: node.name,
                role: group.role,
                job: job(node.job),
                ports: &node.ports,
            })
        });
        Report {
            project: graph.project,
            mode: graph.mode,
            host: graph.host,
            services: services.collect(),
            dependencies: graph
                .edges
                .iter()
                .map(|edge| dependency(graph, edge))
                .collect(),
        }
    }
}

fn dependency<'g>(graph: &'g Graph, edge: &Edge) -> Dependency<'g> {
    Dependency {
        service: graph.nodes[edge.from].name,
        waits_for: graph.nodes[edge.to].name,
        condition: edge.condition.word(),
        required: !edge.optional,
    }
}

fn job(job: Job) -> Option<&'static str> {
    match job {
        Job::No => None,
        Job::Awaited => Some("awaited"),
        Job::Manual => Some("manual"),
    }
}

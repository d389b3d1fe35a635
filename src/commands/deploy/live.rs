//! `composegen diff --live`: what runs against the plan. It looks and changes nothing.

use std::time::Duration;

use serde::Serialize;

use super::asked::with_order;
use super::session::{Patience, Session};
use super::{Halt, Order, resolve};
use crate::cli::{Deploy, Format, HostOnly};
use crate::commands::{Exit, Result, Run, terminal::Terminal};
use crate::deploy::live::{Difference, Live};
use crate::deploy::release::wanted;
use crate::values::prose::plural;

#[derive(Serialize)]
struct Report {
    mode: String,
    project: String,
    differences: Vec<Difference>,
}

/// Shows what differs; exit status 1 where anything does.
pub fn run(run: &Run, mode: &str, host: Option<&str>, terminal: &mut Terminal) -> Result {
    let words = Deploy {
        mode: mode.to_owned(),
        host: HostOnly {
            host: host.map(str::to_owned),
        },
        env_files: Vec::new(),
        yes: false,
        timeout: Duration::ZERO,
        settle: Duration::ZERO,
        dry_run: true,
        build: false,
        rebuild: false,
    };
    let ended = with_order(run, &words, "compare", terminal, |order, terminal| {
        compare(run, order, terminal)
    });
    match ended {
        Ok(exit) | Err(Halt::Exit(exit)) => Ok(exit),
        Err(Halt::Failure(failure)) => Err(failure),
    }
}

fn compare(run: &Run, order: &Order, terminal: &mut Terminal) -> std::result::Result<Exit, Halt> {
    let patience = Patience {
        timeout: Duration::ZERO,
        settle: Duration::ZERO,
    };
    let session = Session::open(run, order.plan(), order.hidden.clone(), patience, terminal)?;
    let (_, model) = resolve(&session.docker, &order.project())?;
    let mut wanted = wanted(order.plan(), &model);
    let names: Vec<&str> = wanted.iter().map(|it| it.image.as_str()).collect();
    let ids = session.docker.image_ids(&names)?;
    wanted
        .iter_mut()
        .for_each(|it| it.image_id = ids.get(&it.image).cloned());
    let containers = session.containers()?;
    let images: Vec<&str> = containers.iter().map(|it| it.image_id.as_str()).collect();
    let of_images = session.docker.image_environments(&images)?;
    let live = Live {
        model: &model,
        wanted: &wanted,
        containers: &containers,
        of_images: &of_images,
    };
    let report = Report {
        mode: session.mode.clone(),
        project: session.project.clone(),
        differences: live.differences(),
    };
    let exit = if report.differences.is_empty() {
        Exit::Fine
    } else {
        Exit::Findings
    };
    match run.format {
        Format::Json => session.terminal.json(&report),
        Format::Human => say(&report, wanted.len(), session.terminal),
    }
    Ok(exit)
}

fn say(report: &Report, services: usize, terminal: &mut Terminal) {
    for Difference { service, what } in &report.differences {
        terminal.data(&format!("{service}: {}\n", crate::report::visible(what)));
    }
    terminal.talk(&match report.differences.len() {
        0 => format!(
            "no difference: {} as planned\n",
            plural(services, "service")
        ),
        count => format!(
            "{} between what runs and the plan\n",
            plural(count, "difference")
        ),
    });
}

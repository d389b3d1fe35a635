//! The prose around generated files: banners, and the comment before each role. Text comes from `templates/`.

use std::borrow::Cow;

use minijinja::{Value, context};

use super::Setting;
use super::env_file::derived_lines;
use super::limits::push_of_sums;
use super::prose::{Template, written};
use crate::catalog::words::Job;
use crate::plan::totals::{Totals, totals};
use crate::plan::{Plan, Planned, PlannedService};
use crate::values::interpolation::has_variable;
use crate::values::prose::plural;
use crate::values::shell;

static BANNER: Template = Template::new(include_str!("../../templates/banner.j2"));
static ENV: Template = Template::new(include_str!("../../templates/env.j2"));
static ENV_VARIABLES: Template = Template::new(include_str!("../../templates/env_variables.j2"));

/// What the prose around the files of a mode is about.
pub struct Prose<'a> {
    plan: &'a Plan<'a>,
    setting: &'a Setting<'a>,
}

impl<'a> Prose<'a> {
    /// Around the files of a plan.
    pub fn of(plan: &'a Plan<'a>, setting: &'a Setting<'a>) -> Self {
        Prose { plan, setting }
    }

    /// What stands at the head of a Compose file, without comment signs.
    pub fn banner(&self) -> String {
        let plan = self.plan;
        let sums = totals(plan);
        BANNER.filled(context! {
            limits => written(|out| push_of_sums(out, &sums, plan)),
            reservations => sums.reservation.human(),
            reservation_budget => plan.budget.reservations.human(),
            choices => written(|out| push_choices(out, plan)),
            offset => plan.concurrent.unwrap_or(0),
            made_first => made_first(plan),
            shared => made(&plan.volumes),
            shared_networks => made(&plan.networks),
            first => first_runs(plan),
            jobs => manual_jobs(plan).into_iter().map(Value::from).collect::<Value>(),
            required => required(plan),
            ..self.head()
        })
    }

    /// What stands at the head of an env file, without comment signs.
    pub fn env(&self) -> String {
        ENV.filled(self.head())
    }

    /// What is derived for an env file, and what stands before its variables.
    pub fn env_variables(&self) -> String {
        let plan = self.plan;
        ENV_VARIABLES.filled(context! {
            own => plan.own_env_name(),
            derived => derived_lines(plan),
            variables => !plan.contract.variables.is_empty(),
        })
    }

    /// What the heads of all files of a mode say.
    fn head(&self) -> Value {
        let Prose { plan, setting } = self;
        let again = setting.again(plan.host);
        context! {
            project => plan.project.to_owned(),
            mode => plan.mode.to_owned(),
            class => plan.class.as_str(),
            host => plan.host.to_owned(),
            catalog => setting.catalog.to_owned(),
            compose => setting.compose(plan),
            own => plan.own_env_name(),
            rebuild => format!("composegen build{again}"),
            init => format!("composegen env init {}{again}", plan.mode),
            check => format!("composegen env check {}{again}", plan.mode),
        }
    }
}

/// What stands before the services of a role, without comment signs.
pub fn role(plan: &Plan, role: &str, services: &[&PlannedService], sums: &Totals) -> String {
    let mut text = [role, ": ", &plural(services.len(), "service"), "; "].concat();
    push_of_sums(&mut text, sums, plan);
    text
}

/// What is chosen, as `influxdb: shared-bucket`.
fn push_choices(out: &mut String, plan: &Plan) {
    for (at, (option, choice)) in plan.choices.iter().enumerate() {
        out.push_str(if at > 0 { ", " } else { "" });
        out.push_str(option);
        out.push_str(": ");
        out.push_str(choice);
    }
}

/// Writes every line of a text as a comment, behind another text.
pub fn push_commented(out: &mut String, text: &str) {
    for line in text.lines() {
        out.push_str(if line.is_empty() { "#" } else { "# " });
        out.push_str(line);
        out.push('\n');
    }
}

/// What the engine is told to make first: the words behind `docker network create`, as a shell takes them.
pub(super) fn made<T>(all: &[Planned<T>]) -> Vec<String> {
    let shared = all.iter().filter(|planned| planned.shared);
    let command = |planned: &Planned<T>| {
        let words = planned.create.iter().chain([&planned.engine_name]);
        let words: Vec<_> = words.map(|word| in_shell(word)).collect();
        words.join(" ")
    };
    shared.map(command).collect()
}

/// A word as a shell takes it; one with a variable is for the shell to fill.
fn in_shell(word: &str) -> Cow<'_, str> {
    match has_variable(word) && !word.contains(['"', '`', '\\']) {
        true => Cow::Owned(format!("\"{word}\"")),
        false => shell::quoted(word),
    }
}

pub(super) fn shared_volumes<'s>(plan: &Plan<'s>) -> Vec<&'s str> {
    plan.volumes
        .iter()
        .filter(|volume| volume.shared)
        .map(|volume| volume.engine_name)
        .collect()
}

pub(super) fn shared_networks<'s>(plan: &Plan<'s>) -> Vec<&'s str> {
    plan.networks
        .iter()
        .filter(|network| network.shared)
        .map(|network| network.engine_name)
        .collect()
}

/// What has to be made before a mode that shares it starts: "volumes", "networks", or both; nothing where nothing has.
pub(super) fn made_first(plan: &Plan) -> &'static str {
    let volumes = plan.volumes.iter().any(|volume| volume.shared);
    let networks = plan.networks.iter().any(|network| network.shared);
    match (volumes, networks) {
        (false, false) => "",
        (true, false) => "volumes",
        (false, true) => "networks",
        (true, true) => "volumes and networks",
    }
}

/// The jobs that a person runs once before the mode's first start, each with its words as a shell takes them.
pub(super) fn first_runs(plan: &Plan) -> Vec<String> {
    let jobs = plan.services.iter();
    let runs = jobs.filter_map(|job| {
        let words = job.first_start?.iter().map(|word| shell::quoted(word.text));
        let all: Vec<_> = std::iter::once(job.name.into()).chain(words).collect();
        Some(all.join(" "))
    });
    runs.collect()
}

/// The jobs that a person starts.
pub(super) fn manual_jobs<'s>(plan: &Plan<'s>) -> Vec<&'s str> {
    plan.services
        .iter()
        .filter(|service| service.job == Job::Manual)
        .map(|service| service.name)
        .collect()
}

/// The names of the variables that must be set, a few in a line.
fn required(plan: &Plan) -> Vec<String> {
    let mut names: Vec<&str> = plan.required.clone();
    names.sort_unstable();
    let mut lines: Vec<String> = Vec::new();
    for name in names {
        match lines.last_mut() {
            Some(line) if line.len() + name.len() < 90 => {
                line.push(' ');
                line.push_str(name);
            }
            _ => lines.push(name.to_owned()),
        }
    }
    lines
}

//! The prose around generated files: banners, and the comment before each role. Text comes from `templates/`.

use std::borrow::Cow;
use std::sync::LazyLock;

use minijinja::{Environment, context, filters};

use super::Setting;
use super::limits::{against_budget, of_sums};
use crate::catalog::words::Job;
use crate::plan::totals::{Totals, totals};
use crate::plan::{Plan, Planned, PlannedService};
use crate::values::interpolation::has_variable;
use crate::values::shell;

/// What templates are written in: no more of it than they use, since to take all in took as long as to compile them.
pub(super) fn language() -> Environment<'static> {
    let mut environment = Environment::empty();
    environment.add_filter("join", filters::join);
    environment.add_filter("length", filters::length);
    environment
}

/// The templates, compiled once.
pub struct Prose {
    environment: Environment<'static>,
}

static PROSE: LazyLock<Prose> = LazyLock::new(Prose::new);

impl Prose {
    /// The templates of `templates/`.
    pub fn get() -> &'static Self {
        &PROSE
    }

    fn new() -> Self {
        let mut environment = language();
        let templates = [
            ("banner", include_str!("../../templates/banner.j2")),
            ("role", include_str!("../../templates/role.j2")),
            ("env", include_str!("../../templates/env.j2")),
            (
                "env_variables",
                include_str!("../../templates/env_variables.j2"),
            ),
        ];
        for (name, source) in templates {
            // A template that does not compile is seen by every test; there is nothing to say to a user.
            let added = environment.add_template(name, source);
            debug_assert!(added.is_ok(), "{added:?}");
        }
        Prose { environment }
    }

    pub(super) fn render(&self, name: &str, values: minijinja::Value) -> String {
        let template = self.environment.get_template(name);
        let text = template.and_then(|template| template.render(values));
        debug_assert!(text.is_ok(), "{text:?}");
        text.unwrap_or_default()
    }

    /// What stands at the head of a file, without comment signs.
    pub fn banner(&self, plan: &Plan, setting: &Setting) -> String {
        let all = totals(plan);
        let again = setting.again(plan.host);
        self.render(
            "banner",
            context! {
                project => plan.project.to_owned(),
                mode => plan.mode.to_owned(),
                class => plan.class.as_str(),
                host => plan.host.to_owned(),
                catalog => setting.catalog.to_owned(),
                rebuild => format!("composegen build{again}"),
                choices => choices(plan),
                offset => plan.concurrent.unwrap_or(0),
                limits => against_budget(plan),
                reservations => all.reservation.human(),
                reservation_budget => plan.budget.reservations.human(),
                shared => made(&plan.volumes),
                shared_networks => made(&plan.networks),
                made_first => made_first(plan),
                compose => setting.compose(plan),
                own => plan.own_env_name(),
                init => format!("composegen env init {}{again}", plan.mode),
                check => format!("composegen env check {}{again}", plan.mode),
                first => first_runs(plan),
                jobs => owned(&manual_jobs(plan)),
                required => required(plan),
            },
        )
    }

    /// What stands before the services of a role, without comment signs.
    pub fn role(
        &self,
        plan: &Plan,
        role: &str,
        services: &[&PlannedService],
        sums: &Totals,
    ) -> String {
        self.render(
            "role",
            context! {
                role => role.to_owned(),
                count => crate::values::prose::plural(services.len(), "service"),
                limits => of_sums(sums, plan),
            },
        )
    }
}

/// What is chosen, as `influxdb: shared-bucket`.
fn choices(plan: &Plan) -> Vec<String> {
    let chosen = plan.choices.iter();
    chosen
        .map(|(option, choice)| format!("{option}: {choice}"))
        .collect()
}

/// Every line of a text as a comment.
pub fn commented(text: &str) -> String {
    let mut out = String::new();
    for line in text.lines() {
        out.push_str(if line.is_empty() { "#" } else { "# " });
        out.push_str(line);
        out.push('\n');
    }
    out
}

pub(super) fn owned(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
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
    match (
        shared_volumes(plan).is_empty(),
        shared_networks(plan).is_empty(),
    ) {
        (true, true) => "",
        (false, true) => "volumes",
        (true, false) => "networks",
        (false, false) => "volumes and networks",
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

fn manual_jobs<'s>(plan: &Plan<'s>) -> Vec<&'s str> {
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

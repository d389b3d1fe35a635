//! The prose around generated files: banners, and the comment before each role. Text comes from `templates/`.

use std::borrow::Cow;

use super::Setting;
use super::env_file::derived_lines;
use super::limits::push_of_sums;
use super::prose::{Facts, Names, Template, each_text, unknown};
use crate::catalog::words::Job;
use crate::plan::totals::{Totals, totals};
use crate::plan::{Plan, Planned, PlannedService};
use crate::values::decimal::push_number;
use crate::values::interpolation::has_variable;
use crate::values::prose::plural;
use crate::values::shell;

static BANNER: Template = Template::new(include_str!("../../templates/banner.j2"));
static ROLE: Template = Template::new(include_str!("../../templates/role.j2"));
static ENV: Template = Template::new(include_str!("../../templates/env.j2"));
static ENV_VARIABLES: Template = Template::new(include_str!("../../templates/env_variables.j2"));

/// What the prose around the files of a mode is about.
pub struct Prose<'a> {
    plan: &'a Plan<'a>,
    setting: &'a Setting<'a>,
    again: String,
    compose: String,
    sums: Totals,
}

impl<'a> Prose<'a> {
    /// Around the files of a plan.
    pub fn of(plan: &'a Plan<'a>, setting: &'a Setting<'a>) -> Self {
        Prose {
            plan,
            setting,
            again: setting.again(plan.host),
            compose: setting.compose(plan),
            sums: totals(plan),
        }
    }

    /// What stands at the head of a Compose file, without comment signs.
    pub fn banner(&self) -> String {
        BANNER.filled(self)
    }

    /// What stands at the head of an env file, without comment signs.
    pub fn env(&self) -> String {
        ENV.filled(self)
    }

    /// Writes what is derived for an env file, and what stands before its variables.
    pub fn push_env_variables(&self, out: &mut String) {
        out.push_str(&ENV_VARIABLES.filled(self));
    }

    /// A command of ours, with the words that lead to this host.
    fn push_command(&self, words: &[&str], out: &mut String) {
        out.push_str("composegen");
        for word in words {
            out.push(' ');
            out.push_str(word);
        }
        out.push_str(&self.again);
    }
}

impl Facts for Prose<'_> {
    fn names(&self) -> &'static Names {
        &Names {
            texts: &[
                "project",
                "mode",
                "class",
                "host",
                "catalog",
                "compose",
                "own",
                "rebuild",
                "init",
                "check",
                "limits",
                "reservations",
                "reservation_budget",
                "choices",
                "offset",
                "made_first",
            ],
            conditions: &["variables"],
            lists: &[
                "shared",
                "shared_networks",
                "first",
                "jobs",
                "required",
                "derived",
            ],
        }
    }

    fn put(&self, name: &str, out: &mut String) {
        let Prose { plan, sums, .. } = self;
        match name {
            "project" => out.push_str(plan.project),
            "mode" => out.push_str(plan.mode),
            "class" => out.push_str(plan.class.as_str()),
            "host" => out.push_str(plan.host),
            "catalog" => out.push_str(self.setting.catalog),
            "compose" => out.push_str(&self.compose),
            "own" => out.push_str(&plan.own_env_name()),
            "rebuild" => self.push_command(&["build"], out),
            "init" => self.push_command(&["env", "init", plan.mode], out),
            "check" => self.push_command(&["env", "check", plan.mode], out),
            "limits" => push_of_sums(out, sums, plan),
            "reservations" => sums.reservation.push_human(out),
            "reservation_budget" => plan.budget.reservations.push_human(out),
            "choices" => push_choices(out, plan),
            "offset" => {
                if let Some(offset @ 1..) = plan.concurrent {
                    push_number(out, u64::from(offset));
                }
            }
            "made_first" => out.push_str(made_first(plan)),
            name => unknown(name),
        }
    }

    fn holds(&self, name: &str) -> bool {
        let plan = self.plan;
        match name {
            "variables" => !plan.contract.variables.is_empty(),
            name => {
                unknown(name);
                false
            }
        }
    }

    fn each(&self, list: &str, take: &mut dyn FnMut(&dyn Facts)) {
        let plan = self.plan;
        match list {
            "shared" => each_text(&made(&plan.volumes), take),
            "shared_networks" => each_text(&made(&plan.networks), take),
            "first" => each_text(&first_runs(plan), take),
            "jobs" => each_text(&manual_jobs(plan), take),
            "required" => each_text(&required(plan), take),
            "derived" => each_text(&derived_lines(plan), take),
            list => unknown(list),
        }
    }
}

/// What stands before the services of a role.
struct RoleProse<'a> {
    plan: &'a Plan<'a>,
    role: &'a str,
    count: usize,
    sums: &'a Totals,
}

/// What stands before the services of a role, without comment signs.
pub fn role(plan: &Plan, role: &str, services: &[&PlannedService], sums: &Totals) -> String {
    let count = services.len();
    ROLE.filled(&RoleProse {
        plan,
        role,
        count,
        sums,
    })
}

impl Facts for RoleProse<'_> {
    fn names(&self) -> &'static Names {
        &Names {
            texts: &["role", "count", "limits"],
            conditions: &[],
            lists: &[],
        }
    }

    fn put(&self, name: &str, out: &mut String) {
        match name {
            "role" => out.push_str(self.role),
            "count" => out.push_str(&plural(self.count, "service")),
            "limits" => push_of_sums(out, self.sums, self.plan),
            name => unknown(name),
        }
    }
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

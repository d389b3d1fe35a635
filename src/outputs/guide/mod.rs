//! `DEPLOYMENT.md`: how to start, stop, change and repair the stack, for somebody at night. Prose comes from
//! `templates/guide.md.j2`; what is data comes from the plans, so that it cannot go stale.

mod differences;
pub mod markdown;
mod rows;
mod tables;
mod walls;

use super::Setting;
use super::compose_file::{DIGEST, ROOM, digest};
use super::graph::Graph;
use super::graph::mermaid;
use super::prose::{Facts, Names, Template, each_text, unknown};
use crate::outputs::banner;
use crate::plan::totals::{Totals, totals};
use crate::plan::{Plan, contract};
use crate::rules::Checked;
use crate::values::decimal::push_number;
use crate::values::mode_class::ModeClass;
use crate::values::prose::list_quoted;
use rows::{RoleRows, by_role};

/// The file's name, in the folder of its host.
pub const FILE: &str = "DEPLOYMENT.md";

/// A picture of more services than this is not worth drawing on a page.
const MOST_DRAWN: usize = 80;

static TEMPLATE: Template = Template::new(include_str!("../../../templates/guide.md.j2"));

/// The whole file, with its digest in the head.
pub fn text(checked: &Checked, setting: &Setting) -> String {
    let mut plans: Vec<&Plan> = checked.plans().iter().collect();
    // The order in which modes are written decides nothing: test comes first, as on the way to production.
    plans.sort_by_key(|plan| (is_production(plan), plan.mode));
    let Some(first) = plans.first().copied() else {
        return String::new();
    };
    let modes: Vec<Mode> = plans.iter().map(|plan| Mode::of(plan, setting)).collect();
    let guide = Guide {
        first,
        setting,
        roles: &by_role(&plans),
        again: setting.again(first.host),
        plans: &plans,
        modes: &modes,
    };
    let mut text = TEMPLATE.filled(&guide);
    text.push('\n');
    sealed(text)
}

/// The text with the digest of what follows it in its place.
fn sealed(mut text: String) -> String {
    let place = [DIGEST, ROOM].concat();
    let Some(at) = text.find(&place) else {
        return text;
    };
    let (start, end) = (at + DIGEST.len(), at + place.len());
    let below = digest(&text.as_bytes()[(end + 1).min(text.len())..]);
    text.replace_range(start..end, &below);
    text
}

/// Whether a mode is of class production.
fn is_production(plan: &Plan) -> bool {
    plan.class == ModeClass::Production
}

/// What the template is filled with.
struct Guide<'g, 's> {
    /// The modes, test first.
    plans: &'g [&'g Plan<'s>],
    first: &'g Plan<'s>,
    modes: &'g [Mode<'g>],
    roles: &'g [RoleRows<'g, 's>],
    setting: &'g Setting<'g>,
    again: String,
}

impl Facts for Guide<'_, '_> {
    fn names(&self) -> &'static Names {
        &Names {
            texts: &[
                "project",
                "again",
                "catalog",
                "host",
                "rebuild",
                "digest",
                "at_once",
                "overview",
                "services",
                "budget",
                "budget_line",
                "diagrams",
                "differences",
                "walls",
                "variables",
                "derived",
                "options",
                "hosts",
                "upgrades",
            ],
            conditions: &[
                "several",
                "two",
                "several_hosts",
                "production",
                "together",
                "shares_networks",
            ],
            lists: &["modes", "production_modes", "chapters"],
        }
    }

    fn put(&self, name: &str, out: &mut String) {
        let Guide {
            plans,
            first,
            modes,
            roles,
            setting,
            again,
        } = self;
        match name {
            "project" => out.push_str(setting.project),
            "again" => out.push_str(again),
            "catalog" => out.push_str(setting.catalog),
            "host" => out.push_str(first.host),
            "rebuild" => push(out, &["composegen build", again]),
            "digest" => push(out, &[DIGEST, ROOM]),
            "at_once" => self.push_at_once(out),
            "overview" => tables::overview(out, modes, setting),
            "services" => tables::services(out, plans, roles),
            "budget" => tables::budget(out, modes, roles),
            "budget_line" => tables::budget_line(out, first),
            "diagrams" => diagrams(out, plans, again),
            "differences" => differences::text(out, plans, setting.around),
            "walls" => walls::text(out, self),
            "variables" => tables::variables(out, plans),
            "derived" => push_derived(out, first),
            "options" => tables::options(out, setting.around, first),
            "hosts" => tables::hosts(out, setting.around, first),
            "upgrades" => tables::upgrades(out, plans),
            name => unknown(name),
        }
    }

    fn holds(&self, name: &str) -> bool {
        let around = self.setting.around;
        match name {
            "several" => self.plans.len() > 1,
            "two" => self.plans.len() == 2,
            "several_hosts" => around.hosts.len() > 1,
            "production" => self.plans.iter().any(|plan| is_production(plan)),
            "together" => tables::fit_together(self.modes),
            "shares_networks" => {
                let mut networks = self.plans.iter().flat_map(|plan| &plan.networks);
                networks.any(|network| network.shared)
            }
            name => {
                unknown(name);
                false
            }
        }
    }

    fn each(&self, list: &str, take: &mut dyn FnMut(&dyn Facts)) {
        match list {
            "modes" => self.modes.iter().for_each(|mode| take(mode)),
            "production_modes" => {
                let modes = self.modes.iter().filter(|mode| is_production(mode.plan));
                modes.for_each(|mode| take(mode));
            }
            "chapters" => {
                let chapters = self.setting.around.chapters.iter();
                chapters.for_each(|(title, text)| take(&Chapter { title, text }));
            }
            list => unknown(list),
        }
    }
}

impl<'g> Guide<'g, '_> {
    /// The modes that run at the same time.
    fn at_once(&self) -> impl Iterator<Item = &'g str> {
        let at_once = self.plans.iter().filter(|plan| plan.concurrent.is_some());
        at_once.map(|plan| plan.mode)
    }

    /// "the modes `prod` and `test`", where several run at the same time.
    fn push_at_once(&self, out: &mut String) {
        let names: Vec<&str> = self.at_once().collect();
        if names.len() > 1 {
            push(out, &["the modes ", &list_quoted(&names)]);
        }
    }
}

/// A mode, as the template asks for it.
struct Mode<'g> {
    plan: &'g Plan<'g>,
    compose: String,
    again: String,
    sums: Totals,
}

impl<'g> Mode<'g> {
    fn of(plan: &'g Plan<'g>, setting: &Setting) -> Self {
        Mode {
            plan,
            compose: setting.compose(plan),
            again: setting.again(plan.host),
            sums: totals(plan),
        }
    }
}

impl Facts for Mode<'_> {
    fn names(&self) -> &'static Names {
        &Names {
            texts: &[
                "name",
                "own_env",
                "compose",
                "env_init",
                "env_check",
                "made_first",
                "volumes",
                "ports",
            ],
            conditions: &[],
            lists: &["shared", "shared_networks", "first", "jobs"],
        }
    }

    fn put(&self, name: &str, out: &mut String) {
        let Mode {
            plan,
            compose,
            again,
            sums: _,
        } = self;
        match name {
            "name" => out.push_str(plan.mode),
            "own_env" => out.push_str(&plan.own_env_name()),
            "compose" => out.push_str(compose),
            "env_init" => push(out, &["composegen env init ", plan.mode, again]),
            "env_check" => push(out, &["composegen env check ", plan.mode, again]),
            "made_first" => out.push_str(banner::made_first(plan)),
            "volumes" => push_own_volumes(out, plan),
            "ports" => tables::host_ports(out, plan),
            name => unknown(name),
        }
    }

    fn each(&self, list: &str, take: &mut dyn FnMut(&dyn Facts)) {
        let plan = self.plan;
        match list {
            "shared" => each_text(&banner::made(&plan.volumes), take),
            "shared_networks" => each_text(&banner::made(&plan.networks), take),
            "first" => each_text(&banner::first_runs(plan), take),
            "jobs" => each_text(&banner::manual_jobs(plan), take),
            list => unknown(list),
        }
    }
}

/// A chapter of the catalog's own.
struct Chapter<'g> {
    title: &'g str,
    text: &'g str,
}

impl Facts for Chapter<'_> {
    fn names(&self) -> &'static Names {
        &Names {
            texts: &["title", "row", "link", "text"],
            conditions: &[],
            lists: &[],
        }
    }

    fn put(&self, name: &str, out: &mut String) {
        match name {
            "title" => out.push_str(&markdown::plain(self.title)),
            "row" => out.push_str(&markdown::cell_text(self.title)),
            "link" => out.push_str(&markdown::anchor(self.title)),
            "text" => out.push_str(self.text.trim_end()),
            name => unknown(name),
        }
    }
}

/// Writes texts one behind the other: one call for what else would be many.
#[inline(never)]
fn push(out: &mut String, parts: &[&str]) {
    parts.iter().for_each(|part| out.push_str(part));
}

/// The volumes that `down -v` removes.
fn push_own_volumes(out: &mut String, plan: &Plan) {
    let own = plan
        .volumes
        .iter()
        .filter(|volume| !volume.shared && !volume.value.is_external());
    let names: Vec<&str> = own.map(|volume| volume.engine_name).collect();
    match names.is_empty() {
        true => out.push_str("none"),
        false => out.push_str(&list_quoted(&names)),
    }
}

/// What nobody sets by hand.
fn push_derived(out: &mut String, plan: &Plan) {
    let own = plan.contract.mode_variable.into_iter();
    let switches = plan.switches.iter().map(|switch| switch.name);
    for (at, name) in own.chain([contract::PROFILES]).chain(switches).enumerate() {
        push(out, &[if at > 0 { "`, `" } else { "" }, name]);
    }
}

fn diagrams(out: &mut String, plans: &[&Plan], again: &str) {
    for plan in plans {
        push(out, &["### ", plan.mode, "\n\n"]);
        match plan.services.len() > MOST_DRAWN {
            true => {
                push_number(out, plan.services.len() as u64);
                push(
                    out,
                    &[
                        " services are too many for a picture on a page: `composegen graph --mode ",
                        plan.mode,
                        " --format svg",
                        again,
                        "`.\n\n",
                    ],
                );
            }
            false => {
                out.push_str("```mermaid\n");
                mermaid::push(out, &Graph::of(plan));
                out.push_str("```\n\n");
            }
        }
    }
    if plans.iter().all(|plan| plan.services.len() > MOST_DRAWN) {
        out.truncate(out.trim_end().len());
        return;
    }
    out.push_str(
        "An arrow points from a service to what it waits for: a thin one until that is healthy, a thick one until it \
         has run, a dotted one until it has started.",
    );
}

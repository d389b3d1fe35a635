//! `DEPLOYMENT.md`: how to start, stop, change and repair the stack, for somebody at night. Prose comes from
//! `templates/guide.md.j2`; what is data comes from the plans, so that it cannot go stale.

mod differences;
pub mod markdown;
mod rows;
mod tables;
mod walls;

use minijinja::{Value, context};

use super::Setting;
use super::graph::Graph;
use super::graph::mermaid;
use super::page::{Page, Whole};
use super::prose::{Piece, Template, written};
use super::seal::{Below, DIGEST};
use crate::outputs::banner;
use crate::plan::totals::{Totals, totals};
use crate::plan::{Plan, contract};
use crate::rules::Checked;
use crate::values::decimal::push_number;
use crate::values::mode_class::ModeClass;
use crate::values::prose::list_quoted;
use rows::{RoleRows, ServiceRows, by_name, by_role};

/// The file's name, in the folder of its host.
pub const FILE: &str = "DEPLOYMENT.md";

/// A picture of more services than this is not worth drawing on a page.
const MOST_DRAWN: usize = 80;

static TEMPLATE: Template = Template::cut(
    include_str!("../../../templates/guide.md.j2"),
    &[
        "digest",
        "services",
        "budget",
        "diagrams",
        "differences",
        "walls",
        "variables",
        "upgrades",
    ],
);

/// The whole file, with its digest in the head.
pub fn text(checked: &Checked, setting: &Setting) -> String {
    let mut whole = Whole::default();
    put(checked, setting, &mut whole);
    whole.text()
}

/// About so many bytes of the file are of one service.
const OF_SERVICE: usize = 200;

/// Puts the whole file onto a page: that of few services as one piece, which the system takes more cheaply than many.
pub fn write(checked: &Checked, setting: &Setting, page: &mut dyn Page) {
    let services = checked.plans().iter().map(|plan| plan.services.len());
    match services.max().unwrap_or(0) * OF_SERVICE < Below::PIECE {
        true => page.put(&text(checked, setting)),
        false => put(checked, setting, page),
    }
}

/// Puts the file onto a page piece by piece.
fn put(checked: &Checked, setting: &Setting, page: &mut dyn Page) {
    let mut plans: Vec<&Plan> = checked.plans().iter().collect();
    // The order in which modes are written decides nothing: test comes first, as on the way to production.
    plans.sort_by_key(|plan| (is_production(plan), plan.mode));
    let Some(first) = plans.first().copied() else {
        return;
    };
    let services = by_name(&plans);
    let modes: Vec<Mode> = plans.iter().map(|plan| Mode::of(plan, setting)).collect();
    let guide = Guide {
        first,
        setting,
        roles: &by_role(&services),
        services: &services,
        again: setting.again(first.host),
        plans: &plans,
        modes: &modes,
    };
    guide.put(page);
}

/// Hands over all but the last byte of a text that is long enough for a piece: a table takes back its last line end.
fn hand_over(text: &mut String, take: &mut dyn FnMut(&str)) {
    let last = text.char_indices().next_back();
    if let Some((end, _)) = last.filter(|(end, _)| *end >= Below::PIECE) {
        take(&text[..end]);
        text.drain(..end);
    }
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
    services: &'g ServiceRows<'g, 's>,
    roles: &'g [RoleRows<'g, 's>],
    setting: &'g Setting<'g>,
    again: String,
}

impl<'g> Guide<'g, '_> {
    /// Puts the text onto a page.
    fn put(&self, page: &mut dyn Page) {
        let mut head = String::new();
        let mut page = Some(page);
        let mut below = None;
        let mut text = String::new();
        TEMPLATE.each(&self.value(), &mut |piece| match (piece, &mut below) {
            (Piece::Text(piece), None) => head.push_str(piece),
            (Piece::Long(_), None) => {
                head.push_str(DIGEST);
                below = page.take().map(|page| Below::of(&head, page));
            }
            // The line of the digest ends before what it is of.
            (Piece::Text(piece), Some(below)) if text.is_empty() => {
                text.push_str(piece.strip_prefix('\n').unwrap_or(piece));
                hand_over(&mut text, &mut |piece| below.put(piece));
            }
            (Piece::Text(piece), Some(_)) => text.push_str(piece),
            (Piece::Long(name), Some(below)) => {
                self.push(name, &mut text, &mut |out| {
                    hand_over(out, &mut |piece| below.put(piece));
                });
            }
        });
        if let Some(mut below) = below {
            below.put(&text);
            below.end();
        }
    }

    /// Writes the long text of a name; `pause` may take away what is complete.
    fn push(&self, name: &str, out: &mut String, pause: &mut dyn FnMut(&mut String)) {
        let Guide {
            plans,
            modes,
            services,
            roles,
            setting,
            again,
            ..
        } = self;
        match name {
            "services" => tables::services(out, plans, roles, pause),
            "budget" => tables::budget(out, modes, roles),
            "diagrams" => diagrams(out, plans, again),
            "differences" => differences::text(out, plans, services, setting.around),
            "walls" => walls::text(out, self),
            "variables" => tables::variables(out, plans, pause),
            "upgrades" => tables::upgrades(out, plans, pause),
            other => debug_assert!(false, "{other}"),
        }
    }

    fn value(&self) -> Value {
        let Guide {
            plans,
            first,
            modes,
            setting,
            again,
            ..
        } = self;
        let around = setting.around;
        let is_live = |mode: &&Mode| is_production(mode.plan);
        let chapters = around.chapters.iter();
        context! {
            project => setting.project.to_owned(),
            again => again.to_owned(),
            catalog => setting.catalog.to_owned(),
            host => first.host.to_owned(),
            rebuild => format!("composegen build{again}"),
            at_once => written(|out| self.push_at_once(out)),
            several => plans.len() > 1,
            two => plans.len() == 2,
            several_hosts => around.hosts.len() > 1,
            production => modes.iter().any(|mode| is_live(&mode)),
            together => tables::fit_together(modes),
            shares_networks => plans.iter().any(|plan| plan.networks.iter().any(|network| network.shared)),
            modes => modes.iter().map(Mode::value).collect::<Value>(),
            production_modes => modes.iter().filter(is_live).map(Mode::value).collect::<Value>(),
            overview => written(|out| tables::overview(out, modes, setting)),
            budget_line => written(|out| tables::budget_line(out, first)),
            derived => written(|out| push_derived(out, first)),
            options => written(|out| tables::options(out, around, first)),
            hosts => written(|out| tables::hosts(out, around, first)),
            chapters => chapters.map(|(title, text)| chapter(title, text)).collect::<Value>(),
        }
    }

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

impl Mode<'_> {
    fn value(&self) -> Value {
        let Mode {
            plan,
            compose,
            again,
            sums: _,
        } = self;
        let jobs = banner::manual_jobs(plan).into_iter();
        context! {
            name => plan.mode.to_owned(),
            own_env => plan.own_env_name(),
            compose => compose.to_owned(),
            env_init => format!("composegen env init {}{again}", plan.mode),
            env_check => format!("composegen env check {}{again}", plan.mode),
            made_first => banner::made_first(plan),
            volumes => written(|out| push_own_volumes(out, plan)),
            ports => written(|out| tables::host_ports(out, plan)),
            shared => banner::made(&plan.volumes),
            shared_networks => banner::made(&plan.networks),
            first => banner::first_runs(plan),
            jobs => jobs.map(Value::from).collect::<Value>(),
        }
    }
}

/// A chapter of the catalog's own.
fn chapter(title: &str, text: &str) -> Value {
    context! {
        title => markdown::plain(title),
        row => markdown::cell_text(title),
        link => markdown::anchor(title),
        text => text.trim_end(),
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

//! `DEPLOYMENT.md`: how to start, stop, change and repair the stack, for somebody at night. Prose comes from
//! `templates/guide.md.j2`; what is data comes from the plans, so that it cannot go stale.

mod differences;
pub mod markdown;
mod rows;
mod tables;
mod walls;

use std::sync::LazyLock;

use minijinja::{Environment, Value, context};

use super::Setting;
use super::compose_file::{DIGEST, digest};
use super::graph::Graph;
use crate::catalog::words::Job;
use crate::outputs::banner::{self, language};
use crate::plan::Plan;
use crate::rules::Checked;
use crate::values::mode_class::ModeClass;
use crate::values::prose::list_quoted;

/// The file's name, in the folder of its host.
pub const FILE: &str = "DEPLOYMENT.md";

/// A picture of more services than this is not worth drawing on a page.
const MOST_DRAWN: usize = 80;

static TEMPLATE: LazyLock<Environment<'static>> = LazyLock::new(|| {
    let mut environment = language();
    let source = include_str!("../../../templates/guide.md.j2");
    let added = environment.add_template("guide", source);
    debug_assert!(added.is_ok(), "{added:?}");
    environment
});

/// The whole file, with its digest in the head.
pub fn text(checked: &Checked, setting: &Setting) -> String {
    let mut plans: Vec<&Plan> = checked.plans().iter().collect();
    // The order in which modes are written decides nothing: test comes first, as on the way to production.
    plans.sort_by_key(|plan| (plan.class == ModeClass::Production, plan.mode));
    let Some(first) = plans.first().copied() else {
        return String::new();
    };
    let place = format!("{DIGEST}{}", "0".repeat(64));
    let values = values(&plans, first, setting, &place);
    let template = TEMPLATE.get_template("guide");
    let text = template.and_then(|template| template.render(values));
    debug_assert!(text.is_ok(), "{text:?}");
    let mut text = text.unwrap_or_default();
    text.push('\n');
    sealed(text, &place)
}

/// The text with the digest of what follows it in its place.
fn sealed(mut text: String, place: &str) -> String {
    let Some(at) = text.find(place) else {
        return text;
    };
    let (start, end) = (at + DIGEST.len(), at + place.len());
    let below = digest(&text.as_bytes()[(end + 1).min(text.len())..]);
    text.replace_range(start..end, &below);
    text
}

fn values(plans: &[&Plan], first: &Plan, setting: &Setting, digest: &str) -> Value {
    let around = setting.around;
    let modes: Vec<Value> = plans.iter().map(|plan| mode(plan, setting)).collect();
    let again = setting.again(first.host);
    let roles = rows::by_role(plans);
    context! {
        project => setting.project.to_owned(),
        again => again.clone(),
        catalog => setting.catalog.to_owned(),
        host => first.host.to_owned(),
        rebuild => format!("composegen build{again}"),
        digest => digest.to_owned(),
        at_once => at_once(plans),
        together => tables::fit_together(plans),
        production => plans.iter().any(|plan| tables::is_production(plan)),
        several => plans.len() > 1,
        several_hosts => around.hosts.len() > 1,
        modes => modes,
        env_check => for_mode("check", again.clone()),
        env_init => for_mode("init", again.clone()),
        overview => tables::overview(plans, setting),
        services => tables::services(plans, &roles),
        budget => tables::budget(plans, &roles),
        budget_line => tables::budget_line(first),
        diagrams => diagrams(plans, &again),
        differences => differences::text(plans, around),
        walls => walls::text(plans, setting),
        variables => tables::variables(plans),
        derived => derived(first),
        options => tables::options(around, first),
        hosts => tables::hosts(around, first),
        upgrades => tables::upgrades(plans),
        chapters => around
            .chapters
            .iter()
            .map(|(title, text)| {
                context! {
                    title => markdown::plain(title),
                    row => markdown::cell_text(title),
                    link => markdown::anchor(title),
                    text => text.trim_end(),
                }
            })
            .collect::<Vec<_>>(),
    }
}

/// What to type about a mode's own env file: `env init` or `env check`, with the words that lead to this host.
fn for_mode(verb: &'static str, again: String) -> Value {
    Value::from_function(move |mode: Value| {
        let name = mode.get_attr("name").map(|name| name.to_string());
        format!("composegen env {verb} {}{again}", name.unwrap_or_default())
    })
}

/// What the template asks of a mode.
fn mode(plan: &Plan, setting: &Setting) -> Value {
    let class = match plan.class {
        ModeClass::Test => "test",
        ModeClass::Production => "production",
    };
    let jobs = plan.services.iter().filter(|it| it.job == Job::Manual);
    context! {
        name => plan.mode.to_owned(),
        class => class,
        own_env => plan.own_env_name(),
        compose => setting.compose(plan),
        shared => banner::made(&plan.volumes),
        shared_networks => banner::made(&plan.networks),
        made_first => banner::made_first(plan),
        volumes => own_volumes(plan),
        first => banner::first_runs(plan),
        jobs => jobs.map(|job| job.name.to_owned()).collect::<Vec<_>>(),
        ports => tables::host_ports(plan),
    }
}

/// The volumes that `down -v` removes.
fn own_volumes(plan: &Plan) -> String {
    let own = plan
        .volumes
        .iter()
        .filter(|volume| !volume.shared && !volume.value.is_external());
    let names: Vec<&str> = own.map(|volume| volume.engine_name).collect();
    match names.is_empty() {
        true => "none".to_owned(),
        false => list_quoted(&names),
    }
}

/// "the modes `prod` and `test`", where several run at the same time.
fn at_once(plans: &[&Plan]) -> Option<String> {
    let at_once = plans.iter().filter(|plan| plan.concurrent.is_some());
    let names: Vec<&str> = at_once.map(|plan| plan.mode).collect();
    (names.len() > 1).then(|| format!("the modes {}", list_quoted(&names)))
}

/// What nobody sets by hand.
fn derived(plan: &Plan) -> String {
    let own = plan.contract.mode_variable.into_iter();
    let switches = plan.switches.iter().map(|switch| switch.name);
    let names: Vec<&str> = own
        .chain([crate::plan::contract::PROFILES])
        .chain(switches)
        .collect();
    names.join("`, `")
}

fn diagrams(plans: &[&Plan], again: &str) -> String {
    let mut text = String::new();
    for plan in plans {
        text.push_str(&format!("### {}\n\n", plan.mode));
        match plan.services.len() > MOST_DRAWN {
            true => text.push_str(&format!(
                "{} services are too many for a picture on a page: `composegen graph --mode {} --format svg{again}`.\n\n",
                plan.services.len(),
                plan.mode
            )),
            false => {
                let graph = Graph::of(plan);
                text.push_str("```mermaid\n");
                text.push_str(&super::graph::mermaid::text(&graph));
                text.push_str("```\n\n");
            }
        }
    }
    if plans.iter().all(|plan| plan.services.len() > MOST_DRAWN) {
        return text.trim_end().to_owned();
    }
    text.push_str(
        "An arrow points from a service to what it waits for: a thin one until that is healthy, a thick one until it \
         has run, a dotted one until it has started.",
    );
    text
}

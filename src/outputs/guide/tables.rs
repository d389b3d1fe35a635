//! The tables of the guide: modes, services, budget, variables, options, hosts, upgrades.

use rustc_hash::FxHashMap;

use super::markdown::{Table, code, codes, push_code, push_code_of, push_codes};
use super::rows::{InModes, RoleRows, by_name};
use crate::catalog::words::Job;
use crate::compose::Is;
use crate::compose::command::Command;
use crate::outputs::Setting;
use crate::plan::contract::ContractVariable;
use crate::plan::surroundings::{HostFacts, OptionFacts, Surroundings};
use crate::plan::totals::{Totals, totals, totals_of};
use crate::plan::{Health, Plan, PlannedService};
use crate::values::cpus::Cpus;
use crate::values::memory::Memory;
use crate::values::mode_class::ModeClass;
use crate::values::prose::plural;

/// The modes, each with its file and sums.
pub fn overview(plans: &[&Plan], setting: &Setting) -> String {
    let mut table = Table::new(&[
        "mode",
        "class",
        "Compose project",
        "file",
        "services",
        "memory",
        "CPUs",
    ]);
    for plan in plans {
        let all = totals(plan);
        let path = setting.path(plan);
        let file = path.rsplit('/').next().unwrap_or(&path);
        table.row(&[
            plan.mode.to_owned(),
            plan.class.to_string(),
            code(plan.project),
            format!("[{file}]({file})"),
            plan.services.len().to_string(),
            of_memory(&all, plan),
            of_cpus(&all, plan),
        ]);
    }
    table.finish()
}

fn of_memory(all: &Totals, plan: &Plan) -> String {
    let (asked, given) = (all.memory.human(), plan.budget.memory.human());
    match all.knows_no_memory() {
        true => format!("none known, of {given}"),
        false => format!("{}{asked} of {given}", least(all)),
    }
}

fn of_cpus(all: &Totals, plan: &Plan) -> String {
    match all.knows_no_cpus() {
        true => format!("none known, of {}", plan.budget.cpus),
        false => format!("{}{} of {}", least(all), all.cpus, plan.budget.cpus),
    }
}

/// What stands before a sum to which not every service adds what it uses.
fn least(sums: &Totals) -> &'static str {
    match sums.complete {
        true => "",
        false => "at least ",
    }
}

/// Whether the limits of all modes together fit the machine.
pub fn fit_together(plans: &[&Plan]) -> bool {
    let all = totals_of(plans.iter().flat_map(|plan| plan.services.iter()));
    let fits = |plan: &Plan| all.memory <= plan.budget.memory && all.cpus <= plan.budget.cpus;
    plans.first().copied().is_some_and(fits)
}

/// "6 GiB of memory and 4 CPUs"
pub fn budget_line(plan: &Plan) -> String {
    let budget = &plan.budget;
    format!(
        "{} of memory and {} CPUs, of {} and {} that the machine has",
        budget.memory.human(),
        budget.cpus,
        budget.host_memory.human(),
        budget.host_cpus
    )
}

/// Services by role: where they are, ports, limits, health, what they wait for.
pub fn services(plans: &[&Plan], roles: &[RoleRows]) -> String {
    let mut text = Vec::new();
    for rows in roles {
        let mut heads = vec!["service"];
        heads.extend(plans.iter().map(|plan| plan.mode));
        heads.extend(["ports", "memory", "CPUs", "health", "waits for"]);
        let mut table = Table::new(&heads);
        for (name, there) in &rows.services {
            row(&mut table, name, there, plans);
        }
        text.push(format!("### {}\n\n{}", rows.role, table.finish()));
    }
    text.join("\n\n")
}

type Services<'p, 's> = InModes<'p, PlannedService<'s>>;

fn row(table: &mut Table, name: &str, there: &Services, plans: &[&Plan]) {
    table.cell(|out| push_code(out, name));
    for (plan, service) in plans.iter().zip(there) {
        table.cell(|out| match (service, plan.replaced.get(name)) {
            (Some(_), _) => out.push_str("yes"),
            (None, Some(by)) => push_code(out, by),
            (None, None) => out.push('-'),
        });
    }
    for push in [push_ports, push_memory, push_cpus, push_health, push_waits] {
        table.cell(|out| push_alike(out, there, plans, push));
    }
    table.end_row();
}

/// Writes a fact of a service.
type Push = fn(&mut String, &PlannedService);

/// What a service is in every mode, once where that is the same.
fn push_alike(out: &mut String, there: &Services, plans: &[&Plan], push: Push) {
    let mut each = there.iter().flatten();
    let Some(first) = each.next() else {
        return;
    };
    let start = out.len();
    push(out, first);
    let end = out.len();
    for service in each {
        push(out, service);
        let (one, other) = out[start..].split_at(end - start);
        let is_alike = one == other;
        out.truncate(end);
        if !is_alike {
            out.truncate(start);
            return push_each(out, there, plans, push);
        }
    }
}

/// What a service is in each mode: `test: 256 MiB; prod: 1 GiB`.
fn push_each(out: &mut String, there: &Services, plans: &[&Plan], push: Push) {
    let each = plans.iter().zip(there);
    let each = each.filter_map(|(plan, service)| Some((plan.mode, (*service)?)));
    for (at, (mode, service)) in each.enumerate() {
        out.push_str(if at > 0 { "; " } else { "" });
        out.push_str(mode);
        out.push_str(": ");
        let start = out.len();
        push(out, service);
        if out.len() == start {
            out.push_str("none");
        }
    }
}

fn push_ports(out: &mut String, service: &PlannedService) {
    let mappings = service.ports().iter().filter_map(|port| port.mapping());
    for (at, mapping) in mappings.enumerate() {
        out.push_str(if at > 0 { ", " } else { "" });
        push_code_of(out, |out| mapping.push_to(out));
    }
}

fn push_memory(out: &mut String, service: &PlannedService) {
    match service.limits.memory.limit {
        Some(limit) => limit.value.push_human(out),
        None => out.push_str("none"),
    }
}

fn push_cpus(out: &mut String, service: &PlannedService) {
    match service.limits.cpus.limit {
        Some(limit) => limit.value.push_to(out),
        None => out.push_str("none"),
    }
}

/// The host ports of a mode, for a checklist.
pub fn host_ports(plan: &Plan) -> String {
    let services = plan
        .services
        .iter()
        .filter(|service| service.job != Job::Manual);
    let lists = services.filter_map(|service| service.service.ports);
    let mappings = lists
        .flat_map(|ports| ports.items)
        .filter_map(|port| port.mapping());
    let mut published: Vec<(u16, String)> = mappings
        .filter_map(|mapping| mapping.published)
        .map(|range| (range.first, range.to_string()))
        .collect();
    published.sort();
    published.dedup();
    match published.is_empty() {
        true => "none is published".to_owned(),
        false => published
            .into_iter()
            .map(|(_, text)| text)
            .collect::<Vec<_>>()
            .join(" "),
    }
}

fn push_health(out: &mut String, service: &PlannedService) {
    let test = service.service.healthcheck.and_then(|check| check.test);
    match (service.job, service.health, test) {
        (Job::Manual, ..) => out.push_str("job, started by hand"),
        (Job::Awaited, ..) => out.push_str("job"),
        (Job::No, Health::Probe, Some(test)) => push_code_of(out, |out| push_probe(out, test)),
        (Job::No, Health::Image, _) => out.push_str("the image's own"),
        (Job::No, Health::Missing | Health::Off | Health::Probe, _) => out.push_str("none"),
    }
}

/// What a probe asks for, or the words that it runs.
fn push_probe(out: &mut String, test: &Command) {
    if let Some(address) = test.words().find_map(|word| address_in(word.text)) {
        out.push(':');
        out.push_str(address);
        return;
    }
    for (at, word) in test.words().skip(1).enumerate() {
        out.push_str(if at > 0 { " " } else { "" });
        out.push_str(word.text);
    }
}

/// Port and path of a word such as `http://127.0.0.1:8086/health`, or of a line of Python with such an address.
fn address_in(word: &str) -> Option<&str> {
    const START: &str = "http://127.0.0.1:";
    let rest = match word.strip_prefix(START) {
        Some(rest) => rest,
        // Only a whole line of a program is longer than the address in it.
        None if word.len() > START.len() => word.split_once(START)?.1,
        None => return None,
    };
    let end = rest.find(['\'', '"', ' ']).unwrap_or(rest.len());
    Some(&rest[..end])
}

fn push_waits(out: &mut String, service: &PlannedService) {
    let targets = service.service.depends_on.map_or(&[][..], |it| it.entries);
    push_codes(out, targets.iter().map(|target| target.key));
}

/// What each role and mode asks for.
pub fn budget(plans: &[&Plan], roles: &[RoleRows]) -> String {
    let mut heads = vec!["role".to_owned()];
    for plan in plans {
        heads.extend([
            format!("{}: services", plan.mode),
            "memory".to_owned(),
            "CPUs".to_owned(),
            "reserved".to_owned(),
        ]);
    }
    let heads: Vec<&str> = heads.iter().map(String::as_str).collect();
    let mut table = Table::new(&heads);
    for RoleRows { role, .. } in roles {
        let of_role = |plan: &Plan| {
            let services: Vec<&PlannedService> =
                plan.services.iter().filter(|it| it.role == *role).collect();
            sums(services.len(), &totals_of(services.into_iter()))
        };
        let mut cells = vec![(*role).to_owned()];
        cells.extend(plans.iter().copied().flat_map(of_role));
        table.row(&cells);
    }
    let mut all = vec!["**together**".to_owned()];
    all.extend(
        plans
            .iter()
            .flat_map(|plan| sums(plan.services.len(), &totals(plan))),
    );
    table.row(&all);
    let mut left = vec!["left".to_owned()];
    left.extend(plans.iter().copied().flat_map(headroom));
    table.row(&left);
    table.finish()
}

fn sums(count: usize, sums: &Totals) -> Vec<String> {
    if count == 0 {
        return vec!["-".to_owned(), String::new(), String::new(), String::new()];
    }
    let least = least(sums);
    let known = |is_unknown: bool, text: String| match is_unknown {
        true => "none known".to_owned(),
        false => format!("{least}{text}"),
    };
    vec![
        count.to_string(),
        known(sums.knows_no_memory(), sums.memory.human()),
        known(sums.knows_no_cpus(), sums.cpus.to_string()),
        sums.reservation.human(),
    ]
}

fn headroom(plan: &Plan) -> Vec<String> {
    let (all, budget) = (totals(plan), &plan.budget);
    vec![
        String::new(),
        budget.memory.saturating_sub(all.memory).human(),
        budget.cpus.saturating_sub(all.cpus).to_string(),
        budget.reservations.saturating_sub(all.reservation).human(),
    ]
}

/// Every variable that a mode uses: what it is for, where it comes from.
pub fn variables(plans: &[&Plan]) -> String {
    let lists = plans
        .iter()
        .map(|plan| plan.contract.variables.as_slice())
        .collect();
    let rows = by_name(lists, |variable| variable.name);
    if rows.is_empty() {
        return "This stack has no variables.".to_owned();
    }
    let mut table = Table::new(&[
        "variable",
        "modes",
        "without a value of yours",
        "what it is",
    ]);
    for (name, there) in rows {
        table.cell(|out| push_code(out, name));
        table.cell(|out| push_modes(out, &there, plans));
        // A declaration is the same in every mode.
        let variable = there.iter().flatten().next();
        table.cell(|out| variable.into_iter().for_each(|it| push_unset(out, it)));
        table.cell(|out| variable.into_iter().for_each(|it| it.push_description(out)));
        table.end_row();
    }
    table.finish()
}

/// The names of the modes that have something.
fn push_modes<T>(out: &mut String, there: &InModes<T>, plans: &[&Plan]) {
    let modes = plans.iter().zip(there).filter(|(_, there)| there.is_some());
    for (at, (plan, _)) in modes.enumerate() {
        out.push_str(if at > 0 { ", " } else { "" });
        out.push_str(plan.mode);
    }
}

/// What a variable is where nobody sets it. What is secret is not shown, not even a default.
fn push_unset(out: &mut String, variable: &ContractVariable) {
    let secret = variable.declared.is_secret();
    match (variable.default(), variable.is_required()) {
        (Some(default), _) if !secret => return push_code(out, default),
        (_, true) => out.push_str("must be set"),
        (_, false) => out.push_str("may be empty"),
    }
    out.push_str(if secret { " (secret)" } else { "" });
}

/// The options with their choices, and when to choose which.
pub fn options(around: &Surroundings, plan: &Plan) -> String {
    let each = around.options.iter().map(|option| one_option(option, plan));
    each.collect::<Vec<_>>().join("\n\n")
}

fn one_option(option: &OptionFacts, plan: &Plan) -> String {
    let mut text = format!("### {}\n\n", option.name);
    if !option.description.is_empty() {
        text.push_str(&format!("{}\n\n", option.description.trim()));
    }
    let chosen = plan.choices.iter().find(|(name, _)| *name == option.name);
    let mut table = Table::new(&["choice", "what it means, and when to take it", "hosts"]);
    for choice in &option.choices {
        let mut name = code(choice.name);
        if choice.name == option.default {
            name.push_str(" (default)");
        }
        if chosen.is_some_and(|(_, chosen)| *chosen == choice.name) {
            name.push_str(" (here)");
        }
        let hosts = match (choice.hosts.is_empty(), choice.reason) {
            (true, _) => "all".to_owned(),
            (false, "") => choice.hosts.join(", "),
            (false, reason) => format!("{}: {reason}", choice.hosts.join(", ")),
        };
        table.row(&[name, choice.description.to_owned(), hosts]);
    }
    text.push_str(&table.finish());
    let other = option
        .choices
        .iter()
        .find(|choice| choice.name != option.default);
    if let Some(other) = other {
        let host = match other.hosts.is_empty() || other.hosts.contains(&plan.host) {
            true => "",
            false => " that names such a `--host`",
        };
        text.push_str(&format!(
            "\n\nTo choose: `options: {{ {}: {} }}` at the host in the catalog, or `--set {}={}` with any command{host}.",
            option.name, other.name, option.name, other.name
        ));
    }
    text
}

/// The hosts: what each has, and what runs there.
pub fn hosts(around: &Surroundings, plan: &Plan) -> String {
    let here = around.hosts.iter().find(|host| host.name == plan.host);
    let mut table = Table::new(&[
        "host",
        "for",
        "machine",
        "budget",
        "modes",
        "chosen",
        "services beside those here",
    ]);
    for host in &around.hosts {
        let (memory, cpus): (Memory, Cpus) = host.machine;
        let mut name = code(host.name);
        if host.name == plan.host {
            name.push_str(" (here)");
        }
        table.row(&[
            name,
            host.description.to_owned(),
            format!("{}, {cpus} CPUs", memory.human()),
            format!("{}, {} CPUs", host.budget.memory.human(), host.budget.cpus),
            at_once(host),
            codes(
                host.choices
                    .iter()
                    .map(|(option, choice)| format!("{option}: {choice}")),
            ),
            here.map_or(String::new(), |here| beside(host, here)),
        ]);
    }
    table.finish()
}

fn at_once(host: &HostFacts) -> String {
    if host.concurrent.len() < 2 {
        return "one at a time".to_owned();
    }
    let modes = host.concurrent.iter().map(|(mode, offset)| match offset {
        0 => (*mode).to_owned(),
        offset => format!("{mode} (host ports +{offset})"),
    });
    format!("at once: {}", modes.collect::<Vec<_>>().join(", "))
}

/// The services that a host has more or fewer than another one.
fn beside(host: &HostFacts, here: &HostFacts) -> String {
    // Most hosts run what the others run.
    if host.services == here.services {
        return String::new();
    }
    let (theirs, ours) = (host.names(), here.names());
    let more: Vec<&&str> = theirs.difference(&ours).collect();
    let fewer: Vec<&&str> = ours.difference(&theirs).collect();
    let mut parts = Vec::new();
    for (list, word) in [(more, "also"), (fewer, "without")] {
        match list.len() {
            0 => {}
            1..=8 => parts.push(format!("{word} {}", codes(list))),
            many => parts.push(format!("{word} {}", plural(many, "other"))),
        }
    }
    parts.join("; ")
}

/// Whose version can change what is on disk, and how to go about it.
pub fn upgrades(plans: &[&Plan]) -> String {
    let mut table = Table::new(&["service", "mode", "image", "what it keeps"]);
    let mut any = false;
    for plan in plans {
        let volumes: FxHashMap<&str, &str> = plan
            .volumes
            .iter()
            .map(|volume| (volume.key, volume.engine_name))
            .collect();
        for service in &plan.services {
            let mut kept = kept(service, &volumes).peekable();
            if kept.peek().is_some() {
                any = true;
                table.cell(|out| push_code(out, service.name));
                table.cell(|out| out.push_str(plan.mode));
                table.cell(|out| push_code(out, image(service)));
                table.cell(|out| push_codes(out, kept));
                table.end_row();
            }
        }
    }
    if !any {
        return "No service of this stack keeps data in a volume: change the version in the catalog, build, and start again.".to_owned();
    }
    format!("{}\n\n{}", STEPS, table.finish())
}

const STEPS: &str = "\
A new version may change its files in a way that the old one cannot read: going back needs a copy from before. For a
service in the table below:

1. Stop whoever writes: the mode's `down`.
2. Copy each of its volumes, here for one called `VOLUME`:

   ```sh
   docker run --rm -v VOLUME:/from:ro -v \"$PWD\":/to busybox tar czf /to/VOLUME-$(date +%F).tar.gz -C /from .
   ```

3. Change the version in the catalog, in a mode of class test first: `overrides: { test: { image: ... } }` where that
   mode has data of its own. `composegen check`, `composegen build`, `up -d`, and see whether it is healthy and the
   data is there.
4. Then the same for production.
5. To go back: `down`, take the old version in the catalog and build, empty the volume and unpack the copy into it, `up -d`:

   ```sh
   docker run --rm -v VOLUME:/to -v \"$PWD\":/from:ro busybox sh -c 'rm -rf /to/* && tar xzf /from/VOLUME-DATE.tar.gz -C /to'
   ```

Whoever keeps nothing needs no copy: change the version, build, `up -d`.";

/// The engine's names of the volumes into which a service writes.
fn kept<'p>(
    service: &'p PlannedService,
    volumes: &'p FxHashMap<&str, &str>,
) -> impl Iterator<Item = &'p str> {
    let mounts = service.service.volumes.map_or(&[][..], |list| list.items);
    let facts = mounts.iter().filter_map(|mount| mount.facts());
    let sources = facts
        .filter(|facts| !facts.bind && !facts.read_only)
        .filter_map(|facts| facts.source);
    sources.filter_map(|source| volumes.get(source).copied())
}

fn image<'p>(service: &'p PlannedService) -> &'p str {
    match service.service.image.map(|image| &image.is) {
        Some(Is::Known(image)) => image.as_str(),
        Some(Is::Open(text)) => text,
        Some(Is::Bad) | None => "",
    }
}

/// Whether a mode is of class production.
pub fn is_production(plan: &Plan) -> bool {
    plan.class == ModeClass::Production
}

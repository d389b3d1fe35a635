//! The tables of the guide: modes, services, budget, variables, options, hosts, upgrades.

use rustc_hash::FxHashMap;

use super::markdown::{Table, push_code, push_code_of, push_codes};
use super::rows::{InModes, RoleRows, together};
use super::{Mode, push};
use crate::catalog::words::Job;
use crate::compose::Is;
use crate::compose::command::Command;
use crate::compose::value::{Ahead, Value};
use crate::outputs::Setting;
use crate::plan::contract::ContractVariable;
use crate::plan::surroundings::{HostFacts, OptionFacts, Surroundings};
use crate::plan::totals::{Totals, totals_of};
use crate::plan::{Health, Plan, PlannedService};
use crate::values::cpus::Cpus;
use crate::values::decimal::push_number;
use crate::values::memory::Memory;
use crate::values::port::PortRange;
use crate::values::prose::plural;

/// The modes, each with its file and sums.
pub fn overview(out: &mut String, modes: &[Mode], setting: &Setting) {
    let mut table = Table::new(
        out,
        &[
            "mode",
            "class",
            "Compose project",
            "file",
            "services",
            "memory",
            "CPUs",
        ],
    );
    for Mode { plan, sums, .. } in modes {
        let path = setting.path(plan);
        let file = path.rsplit('/').next().unwrap_or(&path);
        table.text(plan.mode);
        table.text(plan.class.as_str());
        table.cell(|out| push_code(out, plan.project));
        table.cell(|out| push(out, &["[", file, "](", file, ")"]));
        table.plain(|out| push_number(out, plan.services.len() as u64));
        table.plain(|out| push_of_memory(out, sums, plan));
        table.plain(|out| push_of_cpus(out, sums, plan));
        table.end_row();
    }
    table.finish();
}

fn push_of_memory(out: &mut String, all: &Totals, plan: &Plan) {
    push_sum(out, all, all.knows_no_memory(), ",", |out| {
        all.memory.push_human(out)
    });
    out.push_str(" of ");
    plan.budget.memory.push_human(out);
}

fn push_of_cpus(out: &mut String, all: &Totals, plan: &Plan) {
    push_sum(out, all, all.knows_no_cpus(), ",", |out| {
        all.cpus.push_to(out)
    });
    out.push_str(" of ");
    plan.budget.cpus.push_to(out);
}

/// Writes a sum: "none known" where nothing is, "at least" before one to which not every service adds what it uses.
fn push_sum(
    out: &mut String,
    sums: &Totals,
    is_unknown: bool,
    behind_none: &str,
    write: impl FnOnce(&mut String),
) {
    if is_unknown {
        return push(out, &["none known", behind_none]);
    }
    out.push_str(if sums.complete { "" } else { "at least " });
    write(out);
}

/// Whether the limits of all modes together fit the machine.
pub fn fit_together(modes: &[Mode]) -> bool {
    let mut all = (Memory::ZERO, Cpus::default());
    for Mode { sums, .. } in modes {
        all = (
            all.0.saturating_add(sums.memory),
            all.1.saturating_add(sums.cpus),
        );
    }
    let fits = |mode: &Mode| all.0 <= mode.plan.budget.memory && all.1 <= mode.plan.budget.cpus;
    modes.first().is_some_and(fits)
}

/// "6 GiB of memory and 4 CPUs"
pub fn budget_line(out: &mut String, plan: &Plan) {
    let budget = &plan.budget;
    budget.memory.push_human(out);
    out.push_str(" of memory and ");
    budget.cpus.push_to(out);
    out.push_str(" CPUs, of ");
    budget.host_memory.push_human(out);
    out.push_str(" and ");
    budget.host_cpus.push_to(out);
    out.push_str(" that the machine has");
}

/// Services by role: where they are, ports, limits, health, what they wait for.
pub fn services(
    out: &mut String,
    plans: &[&Plan],
    roles: &[RoleRows],
    pause: &mut dyn FnMut(&mut String),
) {
    let modes = plans.iter().map(|plan| plan.mode);
    let facts = ["ports", "memory", "CPUs", "health", "waits for"];
    let heads: Vec<&str> = ["service"].into_iter().chain(modes).chain(facts).collect();
    for (at, rows) in roles.iter().enumerate() {
        push(
            out,
            &[if at > 0 { "\n\n" } else { "" }, "### ", rows.role, "\n\n"],
        );
        let mut table = Table::new(out, &heads);
        let mut ahead = Ahead::of(rows.services.iter(), rows.services.count());
        for (name, there) in rows.services.iter() {
            ahead.next(|(_, there)| touch(there));
            row(&mut table, name, there, plans);
            table.pause(pause);
        }
        table.finish();
    }
}

/// Reads a byte of each part of a service of which a row tells.
fn touch(there: Services) -> u8 {
    let of_one = |service: &PlannedService| {
        let service = &service.service;
        let test = service.healthcheck.and_then(|check| check.test);
        service.ports.map_or(0, Value::touch)
            ^ test.map_or(0, Value::touch)
            ^ service.depends_on.map_or(0, Value::touch)
    };
    let services = there.iter().flatten();
    services.fold(0, |all, service| all ^ of_one(service))
}

type Services<'r, 'p, 's> = InModes<'r, 'p, PlannedService<'s>>;

fn row(table: &mut Table, name: &str, there: Services, plans: &[&Plan]) {
    table.cell(|out| push_code(out, name));
    for (plan, service) in plans.iter().zip(there) {
        table.cell(|out| match service {
            Some(_) => out.push_str("yes"),
            None => match plan.replaced.get(name) {
                Some(by) => push_code(out, by),
                None => out.push('-'),
            },
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
fn push_alike(out: &mut String, there: Services, plans: &[&Plan], push: Push) {
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
fn push_each(out: &mut String, there: Services, plans: &[&Plan], push: Push) {
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
pub fn host_ports(out: &mut String, plan: &Plan) {
    let mut ahead = Ahead::of(plan.services.iter(), plan.services.len());
    let services = plan.services.iter().inspect(|_| {
        ahead.next(|service| service.service.ports.map_or(0, Value::touch));
    });
    let services = services.filter(|service| service.job != Job::Manual);
    let lists = services.filter_map(|service| service.service.ports);
    let mappings = lists
        .flat_map(|ports| ports.items)
        .filter_map(|port| port.mapping());
    let mut published: Vec<PortRange> = mappings.filter_map(|it| it.published).collect();
    let texts = |one: &PortRange, other: &PortRange| one.to_string().cmp(&other.to_string());
    published.sort_by(|one, other| one.first.cmp(&other.first).then_with(|| texts(one, other)));
    published.dedup();
    if published.is_empty() {
        return out.push_str("none is published");
    }
    for (at, range) in published.iter().enumerate() {
        out.push_str(if at > 0 { " " } else { "" });
        range.push_to(out);
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
pub fn budget(out: &mut String, modes: &[Mode], roles: &[RoleRows]) {
    let counts = modes
        .iter()
        .map(|mode| [mode.plan.mode, ": services"].concat());
    let counts: Vec<String> = counts.collect();
    let mut heads = vec!["role"];
    for count in &counts {
        heads.extend([count, "memory", "CPUs", "reserved"]);
    }
    let mut table = Table::new(out, &heads);
    for RoleRows { role, services } in roles {
        table.text(role);
        for mode in 0..modes.len() {
            let services = services.iter().filter_map(|(_, there)| there[mode]);
            sums(&mut table, services.clone().count(), &totals_of(services));
        }
        table.end_row();
    }
    table.text("**together**");
    for mode in modes {
        sums(&mut table, mode.plan.services.len(), &mode.sums);
    }
    table.end_row();
    table.text("left");
    for Mode { plan, sums, .. } in modes {
        headroom(&mut table, plan, sums);
    }
    table.end_row();
    table.finish();
}

fn sums(table: &mut Table, count: usize, sums: &Totals) {
    if count == 0 {
        return ["-", "", "", ""].iter().for_each(|cell| table.text(cell));
    }
    let (no_memory, no_cpus) = (sums.knows_no_memory(), sums.knows_no_cpus());
    table.plain(|out| push_number(out, count as u64));
    table.plain(|out| push_sum(out, sums, no_memory, "", |out| sums.memory.push_human(out)));
    table.plain(|out| push_sum(out, sums, no_cpus, "", |out| sums.cpus.push_to(out)));
    table.plain(|out| sums.reservation.push_human(out));
}

fn headroom(table: &mut Table, plan: &Plan, all: &Totals) {
    let budget = &plan.budget;
    let kept = budget.reservations.saturating_sub(all.reservation);
    table.text("");
    table.cell(|out| budget.memory.saturating_sub(all.memory).push_human(out));
    table.cell(|out| budget.cpus.saturating_sub(all.cpus).push_to(out));
    table.plain(|out| kept.push_human(out));
}

/// Every variable that a mode uses: what it is for, where it comes from.
pub fn variables(out: &mut String, plans: &[&Plan], pause: &mut dyn FnMut(&mut String)) {
    let lists = plans
        .iter()
        .map(|plan| plan.contract.variables.as_slice())
        .collect();
    let rows = together(lists, |variable| variable.name);
    if rows.is_empty() {
        return out.push_str("This stack has no variables.");
    }
    let mut table = Table::new(
        out,
        &[
            "variable",
            "modes",
            "without a value of yours",
            "what it is",
        ],
    );
    for (name, there) in rows.iter() {
        table.cell(|out| push_code(out, name));
        table.cell(|out| push_modes(out, there, plans));
        // A declaration is the same in every mode.
        let variable = there.iter().flatten().next();
        table.cell(|out| variable.into_iter().for_each(|it| push_unset(out, it)));
        table.cell(|out| variable.into_iter().for_each(|it| it.push_description(out)));
        table.end_row();
        table.pause(pause);
    }
    table.finish();
}

/// The names of the modes that have something.
fn push_modes<T>(out: &mut String, there: InModes<T>, plans: &[&Plan]) {
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
pub fn options(out: &mut String, around: &Surroundings, plan: &Plan) {
    for (at, option) in around.options.iter().enumerate() {
        out.push_str(if at > 0 { "\n\n" } else { "" });
        one_option(out, option, plan);
    }
}

fn one_option(out: &mut String, option: &OptionFacts, plan: &Plan) {
    push(out, &["### ", option.name, "\n\n"]);
    if !option.description.is_empty() {
        push(out, &[option.description.trim(), "\n\n"]);
    }
    let chosen = plan.choices.iter().find(|(name, _)| *name == option.name);
    let heads = ["choice", "what it means, and when to take it", "hosts"];
    let mut table = Table::new(out, &heads);
    for choice in &option.choices {
        let is_chosen = chosen.is_some_and(|(_, chosen)| *chosen == choice.name);
        let is_default = choice.name == option.default;
        table.cell(|out| {
            push_code(out, choice.name);
            out.push_str(if is_default { " (default)" } else { "" });
            out.push_str(if is_chosen { " (here)" } else { "" });
        });
        table.text(choice.description);
        table.cell(|out| match (choice.hosts.is_empty(), choice.reason) {
            (true, _) => out.push_str("all"),
            (false, "") => out.push_str(&choice.hosts.join(", ")),
            (false, reason) => push(out, &[&choice.hosts.join(", "), ": ", reason]),
        });
        table.end_row();
    }
    table.finish();
    push_how_to_choose(out, option, plan);
}

fn push_how_to_choose(out: &mut String, option: &OptionFacts, plan: &Plan) {
    let mut choices = option.choices.iter();
    let Some(other) = choices.find(|choice| choice.name != option.default) else {
        return;
    };
    let host = match other.hosts.is_empty() || other.hosts.contains(&plan.host) {
        true => "",
        false => " that names such a `--host`",
    };
    let (name, other) = (option.name, other.name);
    out.push_str(&format!(
        "\n\nTo choose: `options: {{ {name}: {other} }}` at the host in the catalog, or `--set {name}={other}` with any command{host}."
    ));
}

/// The hosts: what each has, and what runs there.
pub fn hosts(out: &mut String, around: &Surroundings, plan: &Plan) {
    let here = around.hosts.iter().find(|host| host.name == plan.host);
    let mut table = Table::new(
        out,
        &[
            "host",
            "for",
            "machine",
            "budget",
            "modes",
            "chosen",
            "services beside those here",
        ],
    );
    for host in &around.hosts {
        let is_here = host.name == plan.host;
        table.cell(|out| {
            push_code(out, host.name);
            out.push_str(if is_here { " (here)" } else { "" });
        });
        table.text(host.description);
        table.cell(|out| push_amounts(out, host.machine));
        table.cell(|out| push_amounts(out, (host.budget.memory, host.budget.cpus)));
        table.text(&at_once(host));
        let choices = host.choices.iter();
        let choices = choices.map(|(option, choice)| [option, ": ", choice].concat());
        table.cell(|out| push_codes(out, choices));
        table.cell(|out| {
            here.into_iter()
                .for_each(|here| push_beside(out, &around.names, host, here))
        });
        table.end_row();
    }
    table.finish();
}

/// "8 GiB, 4 CPUs"
fn push_amounts(out: &mut String, (memory, cpus): (Memory, Cpus)) {
    memory.push_human(out);
    out.push_str(", ");
    cpus.push_to(out);
    out.push_str(" CPUs");
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

/// The services that a host has more or fewer than another one, of those with these names.
fn push_beside(out: &mut String, names: &[&str], host: &HostFacts, here: &HostFacts) {
    let start = out.len();
    for (one, other, word) in [(host, here, "also "), (here, host, "without ")] {
        let there = names.iter().zip(&one.has).zip(&other.has);
        let alone = there.filter(|((_, one), other)| **one && !**other);
        let list: Vec<&&str> = alone.map(|((name, _), _)| name).collect();
        if list.is_empty() {
            continue;
        }
        push(out, &[if out.len() > start { "; " } else { "" }, word]);
        match list.len() {
            ..=8 => push_codes(out, list),
            many => out.push_str(&plural(many, "other")),
        }
    }
}

/// Whose version can change what is on disk, and how to go about it.
pub fn upgrades(out: &mut String, plans: &[&Plan], pause: &mut dyn FnMut(&mut String)) {
    let start = out.len();
    push(out, &[STEPS, "\n\n"]);
    let mut table = Table::new(out, &["service", "mode", "image", "what it keeps"]);
    let mut any = false;
    for plan in plans {
        let volumes: FxHashMap<&str, &str> = plan
            .volumes
            .iter()
            .map(|volume| (volume.key, volume.engine_name))
            .collect();
        let mut ahead = Ahead::of(plan.services.iter(), plan.services.len());
        for service in &plan.services {
            ahead.next(|service| service.service.volumes.map_or(0, Value::touch));
            let mut kept = kept(service, &volumes).peekable();
            if kept.peek().is_some() {
                any = true;
                table.cell(|out| push_code(out, service.name));
                table.text(plan.mode);
                table.cell(|out| push_code(out, image(service)));
                table.cell(|out| push_codes(out, kept));
                table.end_row();
                table.pause(pause);
            }
        }
    }
    table.finish();
    if !any {
        out.truncate(start);
        out.push_str("No service of this stack keeps data in a volume: change the version in the catalog, build, and start again.");
    }
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

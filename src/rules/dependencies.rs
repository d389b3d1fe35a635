//! What services wait for: it is in the plan, it does not wait in turn, and it can tell when it is ready.

use super::cycles::Waits;
use super::presence::absence;
use super::{Context, Look, Ready, needs};
use crate::catalog::words::Job;
use crate::compose::deploy::{Condition, Dependency};
use crate::finding::Finding;
use crate::place::Place;
use crate::plan::scope::Absence;
use crate::plan::{AbsentDependency, Basis, Health, Plan, PlannedService};
use crate::rule::Rule;
use crate::values::mode_class::ModeClass;
use crate::values::shown::shown;
use crate::values::suggest::nearest;

/// Checks the dependencies of a service, and at the end what holds of those of the whole plan.
pub fn of_service<'c, 's>(context: &'c Context<'_, 's>, plan: &'c Plan<'s>) -> Ready<'c, 's> {
    Box::new(Dependencies {
        context,
        plan,
        absent: Vec::new(),
        waits: Waits::of(plan),
    })
}

struct Dependencies<'c, 'x, 's> {
    context: &'c Context<'x, 's>,
    plan: &'c Plan<'s>,
    absent: Vec<Absent<'c, 's>>,
    waits: Waits<'c, 's>,
}

impl<'c, 's> Look<'c, 's> for Dependencies<'c, '_, 's> {
    fn service(&mut self, service: &'c PlannedService<'s>) {
        let (context, plan) = (self.context, self.plan);
        let known = service.absent.iter();
        let known = known.filter(|one| one.why != Absence::Unknown);
        self.absent
            .extend(known.map(|one| Absent { service, one: *one }));
        needs::each(service, |need| needed(context, plan, service, &need));
        let depends_on = service.service.depends_on.into_iter();
        for (name, place, dependency) in depends_on.flat_map(|list| list.iter()) {
            let target = self.waits.add(name, place);
            healthy(context, plan, service, target, place, dependency);
        }
        // Behind those of `depends_on`, which are told first where there is a circle.
        needs::each(service, |need| self.waits.add_need(service, &need));
        self.waits.end_service();
    }

    fn end(&mut self) {
        absent(self.context, self.plan, &mut self.absent);
        self.waits.check(self.context);
    }
}

/// A required dependency without its target.
struct Absent<'p, 's> {
    service: &'p PlannedService<'s>,
    one: AbsentDependency<'s>,
}

/// One finding for each line, however many services have it from there.
fn absent(context: &Context, plan: &Plan, all: &mut [Absent]) {
    all.sort_by_key(|absent| absent.one.place);
    let is_same = |Absent { one: a, .. }: &Absent, Absent { one: b, .. }: &Absent| {
        a.place == b.place && a.target == b.target
    };
    for group in all.chunk_by(|a, b| is_same(a, b)) {
        if let [first, others @ ..] = group {
            context.add(absent_finding(context, plan, first, others.len()));
        }
    }
}

fn absent_finding(context: &Context, plan: &Plan, first: &Absent, others: usize) -> Finding {
    let (target, name) = (first.one.target, first.service.name);
    let who = match others {
        0 => format!("`{name}` depends"),
        1 => format!("`{name}` and one other service depend"),
        _ => format!("`{name}` and {others} other services depend"),
    };
    let reason = first.one.why.reason(plan.mode, plan.host);
    let message = format!("{who} on `{target}`, which is not in the mode: {reason}");
    let optional = format!(
        "write `depends_on: {{ {target}: {{ required: false }} }}` if `{name}` can do without it"
    );
    let help = match is_fence(&first.one.why) {
        true => format!("{optional}, or keep `{name}` out by `modes`"),
        false => format!(
            "{optional}; else keep `{name}` out by `modes`, or let `{target}` in, or a service that `replaces` it"
        ),
    };
    let finding = Finding::new(Rule::DependencyAbsent, first.one.place, message).help(help);
    declared(context, finding, target)
        .service(name)
        .mode(plan.mode)
}

/// Whether it is the fence that keeps a service out, which nothing lifts.
fn is_fence(why: &Absence) -> bool {
    matches!(why, Absence::Role { role, class: ModeClass::Production } if crate::catalog::entries::is_fenced(role))
}

fn declared(context: &Context, finding: Finding, name: &str) -> Finding {
    match context.catalog.services.get(name) {
        Some(entry) => finding.second(entry.place, format!("`{name}` is declared here")),
        None => finding,
    }
}

fn needed<'s>(
    context: &Context<'_, 's>,
    plan: &Plan<'s>,
    service: &PlannedService<'s>,
    need: &needs::Need<'s>,
) {
    let (name, word) = (need.target.text, need.word);
    let Some(why) = absence(context.catalog, plan, name) else {
        return;
    };
    if why == Absence::Unknown {
        let message = format!("there is no service {}", shown(name));
        let near = nearest(name, context.catalog.services.keys().copied());
        let help = near.map(|near| format!("did you mean `{near}`?"));
        let finding = Finding::new(Rule::UnknownService, need.target.place, message);
        return context.add(finding.maybe_help(help).service(service.name));
    }
    let message = format!(
        "`{word}` of `{}` names `{name}`, which is not in the mode: {}",
        service.name,
        why.reason(plan.mode, plan.host)
    );
    let help = match why {
        Absence::Replaced(by) => format!("write `{by}` in an override of `{word}` for the mode"),
        _ => format!(
            "change `{word}` in an override for the mode, or keep `{}` out by `modes`",
            service.name
        ),
    };
    let finding = Finding::new(Rule::DependencyAbsent, need.target.place, message).help(help);
    let finding = declared(context, finding, name);
    context.add(finding.service(service.name).mode(plan.mode));
}

fn healthy<'s>(
    context: &Context<'_, 's>,
    plan: &Plan<'s>,
    service: &PlannedService<'s>,
    target: Option<usize>,
    place: Place,
    dependency: &Dependency<'s>,
) {
    let Some(condition) = dependency
        .condition
        .filter(|condition| condition.get() == Some(Condition::Healthy))
    else {
        return;
    };
    let place = match condition.place.is_somewhere() {
        true => condition.place,
        false => place,
    };
    let optional = dependency.required.and_then(|required| required.get()) == Some(false);
    if context.basis == Basis::Compose && optional {
        return;
    }
    let why = |target: &PlannedService<'s>| match context.basis {
        Basis::Catalog => unhealthy(service, target, place),
        Basis::Compose => unprobed(service, target, place),
    };
    let target = target.and_then(|at| plan.services.get(at));
    if let Some(finding) = target.and_then(why) {
        context.add(finding.service(service.name).mode(plan.mode));
    }
}

/// Images without a healthcheck of their own: those of Docker's library bring none on purpose
/// (<https://github.com/docker-library/postgres/issues/282>).
const WITHOUT_PROBE: [&str; 30] = [
    "adminer",
    "alpine",
    "busybox",
    "caddy",
    "cassandra",
    "debian",
    "eclipse-mosquitto",
    "elasticsearch",
    "golang",
    "haproxy",
    "httpd",
    "influxdb",
    "mariadb",
    "memcached",
    "mongo",
    "mysql",
    "nats",
    "nginx",
    "node",
    "php",
    "postgres",
    "python",
    "rabbitmq",
    "redis",
    "ruby",
    "tomcat",
    "traefik",
    "ubuntu",
    "wordpress",
    "zookeeper",
];

/// The same in Compose files, which do not say whether an image brings a probe: sure only where it is switched off,
/// and of images that are known.
fn unprobed(service: &PlannedService, target: &PlannedService, place: Place) -> Option<Finding> {
    let image = target.service.image.and_then(|image| image.get());
    let known = image.filter(|image| {
        target.service.build.is_none() && WITHOUT_PROBE.contains(&image.repository())
    });
    let why = match (target.health, known) {
        (Health::Probe | Health::Image, _) => return None,
        // What it extends stands elsewhere, and may bring one.
        (Health::Missing, _) if target.service.extends().is_some() => return None,
        (Health::Off, _) => "which has it switched off".to_owned(),
        (Health::Missing, Some(image)) => format!(
            "which has none, and the image {} brings none",
            shown(image.repository())
        ),
        (Health::Missing, None) => "which states none".to_owned(),
    };
    let message = format!(
        "`{}` waits for the healthcheck of `{}`, {why}",
        service.name, target.name
    );
    let finding = Finding::new(Rule::DependencyWithoutHealthcheck, place, message).second(
        target.entry.place,
        format!("`{}` is declared here", target.name),
    );
    Some(match (target.health, known) {
        (Health::Missing, None) => finding.warning().help(format!(
            "give `{}` a healthcheck, unless its image brings one, or wait with `service_started`",
            target.name
        )),
        _ => finding.help(format!(
            "give `{}` a healthcheck, or wait with `service_started`",
            target.name
        )),
    })
}

/// Why nobody learns that a target is healthy; `None` where it has a probe, or the catalog says that its image has one.
fn unhealthy(service: &PlannedService, target: &PlannedService, place: Place) -> Option<Finding> {
    let why = match (target.job, target.health) {
        (Job::No, Health::Probe | Health::Image) => return None,
        (Job::Awaited | Job::Manual, _) => ": a job has none",
        (Job::No, Health::Off) => ", which has it switched off",
        (Job::No, Health::Missing) => ", which has none",
    };
    let message = format!(
        "`{}` waits for the healthcheck of `{}`{why}",
        service.name, target.name
    );
    let finding = Finding::new(Rule::DependencyWithoutHealthcheck, place, message).second(
        target.entry.place,
        format!("`{}` is declared here", target.name),
    );
    let foreign = target.service.build.is_none() && target.health == Health::Missing;
    Some(match target.job {
        Job::No if foreign => finding.warning().help(format!(
            "write `healthcheck: image` at `{}` if its image brings one, else a healthcheck, or wait with `service_started`",
            target.name
        )),
        Job::No => finding.help(format!(
            "give `{}` a healthcheck, or wait with `service_started`",
            target.name
        )),
        Job::Awaited | Job::Manual => {
            finding.help("wait with `service_completed_successfully`, or leave the condition out")
        }
    })
}

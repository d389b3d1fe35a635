//! A plan as a Compose file: the banner, then the services by role, then what they share.

use bumpalo::Bump;

use super::Setting;
use super::banner::{self, Prose, push_commented};
use super::page::Page;
use super::rebase::{self, rebased};
use super::seal::{Below, DIGEST, ROOM, seal};
use crate::catalog::entries::BUILT_IN_ROLES;
use crate::compose::keyed::Item;
use crate::compose::value::{AT_ONCE, Sink, Value, fetch, is_large};
use crate::plan::totals::totals_of;
use crate::plan::{Plan, Planned, PlannedService};
use crate::yaml::write::Writer;

/// The whole file, in memory: written behind its head, so that it is not copied.
pub fn text(plan: &Plan, setting: &Setting) -> String {
    let mut head = String::with_capacity(size(plan));
    push_head(&mut head, plan, setting);
    let room = head.len()..head.len() + ROOM.len();
    head.push_str(ROOM);
    head.push('\n');
    let mut out = Sink::new(Writer::behind(head));
    body(plan, setting, &mut out, &mut |_| {});
    let mut text = out.finish().0;
    seal(&mut text, room);
    text
}

/// Writes what stands before the digest.
fn push_head(out: &mut String, plan: &Plan, setting: &Setting) {
    push_commented(out, &Prose::of(plan, setting).banner());
    out.push_str(DIGEST);
}

/// About as large as the file becomes.
fn size(plan: &Plan) -> usize {
    plan.services.len() * 1600 + 4096
}

/// Puts the whole file onto a page: a small one as one piece, which the system takes more cheaply than many.
pub fn write(plan: &Plan, setting: &Setting, page: &mut dyn Page) {
    match size(plan) < Below::PIECE {
        true => page.put(&text(plan, setting)),
        false => put(plan, setting, page),
    }
}

/// Puts the file onto a page piece by piece.
fn put(plan: &Plan, setting: &Setting, page: &mut dyn Page) {
    let mut head = String::with_capacity(4096);
    push_head(&mut head, plan, setting);
    let mut below = Below::of(&head, page);
    let mut out = Sink::new(Writer::with_capacity(size(plan).min(Below::CAPACITY)));
    body(plan, setting, &mut out, &mut |out| {
        out.yaml.hand_over(Below::PIECE, |piece| below.put(piece));
    });
    below.put(&out.finish().0);
    below.end();
}

/// Writes what stands below the digest; `pause` may take away what is complete.
fn body(plan: &Plan, setting: &Setting, out: &mut Sink, pause: &mut dyn FnMut(&mut Sink)) {
    out.yaml.begin_map();
    out.yaml.key("name");
    out.yaml.text(plan.project);
    services(plan, setting, out, pause);
    let up = setting.up();
    let paths = &Bump::new();
    section("networks", &plan.networks, out);
    section(
        "volumes",
        &rebased_all(&plan.volumes, |volume| rebase::volume(volume, up, paths)),
        out,
    );
    section(
        "secrets",
        &rebased_all(&plan.secrets, |secret| crate::compose::Secret {
            file: secret.file.map(|file| rebase::file(file, up, paths)),
            ..*secret
        }),
        out,
    );
    section(
        "configs",
        &rebased_all(&plan.configs, |config| crate::compose::Config {
            file: config.file.map(|file| rebase::file(file, up, paths)),
            ..*config
        }),
        out,
    );
    for entry in plan.compose.map_or(&[][..], |raw| raw.entries()) {
        out.yaml.blank_line();
        out.yaml.key(entry.key);
        crate::compose::raw::Raw(entry.value).write(out);
    }
    out.yaml.end_map();
}

/// Where a role stands among others: `core`, `ai`, `external-api`, the catalog's own by name, `datagen`, `test`.
pub fn rank(role: &str) -> (usize, bool, &str) {
    let built_in = BUILT_IN_ROLES.iter().position(|name| *name == role);
    (built_in.unwrap_or(3), built_in.is_some(), role)
}

/// The roles of a plan with their services: `core`, `ai`, `external-api`, then the catalog's own by name, and `datagen`
/// and `test` last.
pub fn by_role<'p, 's>(plan: &'p Plan<'s>) -> Vec<(&'s str, Vec<&'p PlannedService<'s>>)> {
    let mut roles: Vec<(&'s str, Vec<&PlannedService<'s>>)> = Vec::new();
    for service in &plan.services {
        match roles.iter_mut().find(|(role, _)| *role == service.role) {
            Some((_, services)) => services.push(service),
            None => roles.push((service.role, vec![service])),
        }
    }
    roles.sort_by_key(|(role, _)| rank(role));
    roles
}

fn services(plan: &Plan, setting: &Setting, out: &mut Sink, pause: &mut dyn FnMut(&mut Sink)) {
    // A service's paths are needed until it is written.
    let is_large = is_large(plan.services.len());
    let mut paths = Bump::new();
    out.yaml.blank_line();
    out.yaml.key("services");
    out.yaml.begin_map();
    for (at, (role, services)) in by_role(plan).into_iter().enumerate() {
        if at > 0 {
            out.yaml.blank_line();
        }
        let sums = totals_of(services.iter().copied());
        out.yaml
            .comment(&banner::role(plan, role, &services, &sums));
        for services in services.chunks(AT_ONCE) {
            if is_large {
                fetch(services.iter().map(|service| service.service.touch()));
            }
            for service in services {
                out.yaml.blank_line();
                out.yaml.key(service.name);
                write_service(service, setting.up(), &paths, out);
                paths.reset();
                pause(out);
            }
        }
    }
    out.yaml.end_map();
}

/// Writes the service behind its key, with its paths from `up`, the way back to the project's root.
pub fn write_service<'s>(service: &PlannedService<'s>, up: &str, arena: &Bump, out: &mut Sink) {
    let compose = rebased(&service.service, up, arena);
    out.yaml.begin_map();
    compose.write_keys(out);
    for entry in service.compose.map_or(&[][..], |raw| raw.entries()) {
        out.yaml.key(entry.key);
        crate::compose::raw::Raw(entry.value).write(out);
    }
    out.yaml.end_map();
}

fn section<'s, T: Item<'s> + Keys>(key: &str, list: &[Planned<'s, T>], out: &mut Sink) {
    if list.is_empty() {
        return;
    }
    out.yaml.blank_line();
    out.yaml.key(key);
    out.yaml.begin_map();
    for planned in list {
        out.yaml.key(planned.key);
        out.at(planned.place);
        out.yaml.begin_map();
        if planned.shared && !planned.value.is_named() {
            out.yaml.key("name");
            out.yaml.text(planned.engine_name);
        }
        planned.value.keys(out);
        out.yaml.end_map();
    }
    out.yaml.end_map();
}

/// What the four kinds of the top level have in common.
trait Keys {
    fn keys(&self, out: &mut Sink);
    fn is_named(&self) -> bool;
}

macro_rules! keys {
    ($($type:ident),*) => { $(
        impl Keys for crate::compose::$type<'_> {
            fn keys(&self, out: &mut Sink) {
                self.write_keys(out);
            }

            fn is_named(&self) -> bool {
                self.name.is_some()
            }
        }
    )* };
}

keys!(Network, Volume, Secret, Config);

/// The named things of a section with their paths from the file's own folder.
fn rebased_all<'s, T: Copy>(
    list: &[Planned<'s, T>],
    rebase: impl Fn(&T) -> T,
) -> Vec<Planned<'s, T>> {
    let moved = |planned: &Planned<'s, T>| Planned {
        value: rebase(&planned.value),
        ..*planned
    };
    list.iter().map(moved).collect()
}

//! Where things appear in a container: `mount-duplicate`.

use crate::compose::list::Targeted;
use crate::compose::scalar::Text;
use crate::finding::Finding;
use crate::place::Place;
use crate::plan::PlannedService;
use crate::rule::Rule;
use crate::rules::Context;
use crate::values::path;
use crate::values::shown::shown;

/// Something that a service mounts: its target, and where it was written.
type Target<'s> = (&'s str, Place);

/// Adds a finding for every target at which a service mounts a second thing.
pub fn check(context: &Context) {
    let mut list = Vec::new();
    for plan in context.plans {
        for service in &plan.services {
            let judge = |list: &mut Vec<Target>| {
                duplicates(list, |first, second| {
                    context.add(twice(service, first, second).mode(plan.mode));
                });
                list.clear();
            };
            let compose = &service.service;
            list.extend(
                compose
                    .volumes
                    .into_iter()
                    .flat_map(|all| targets(all.items)),
            );
            list.extend(compose.tmpfs.into_iter().flat_map(|all| folders(all.items)));
            judge(&mut list);
            list.extend(
                compose
                    .secrets
                    .into_iter()
                    .flat_map(|all| targets(all.items)),
            );
            judge(&mut list);
            list.extend(
                compose
                    .configs
                    .into_iter()
                    .flat_map(|all| targets(all.items)),
            );
            judge(&mut list);
        }
    }
}

fn targets<'s, T: Targeted>(items: &'s [T]) -> impl Iterator<Item = Target<'s>> {
    items
        .iter()
        .filter_map(|item| Some((item.target()?, item.place())))
}

/// The folders of `tmpfs`; an item may have options behind a colon.
fn folders<'s>(items: &'s [Text<'s>]) -> impl Iterator<Item = Target<'s>> {
    let folder = |text: &'s str| text.split_once(':').map_or(text, |(folder, _)| folder);
    items
        .iter()
        .map(move |item| (folder(item.text), item.place))
}

fn duplicates<'s>(list: &mut [Target<'s>], report: impl Fn(Target, Target)) {
    if list.len() < 2 {
        return;
    }
    // A stable sort: of two equal targets the one that was written first stays first.
    list.sort_by(|a, b| trimmed(a.0).cmp(trimmed(b.0)));
    for pair in list.windows(2) {
        if trimmed(pair[0].0) == trimmed(pair[1].0) {
            report(pair[0], pair[1]);
        }
    }
}

/// The target without the slashes at its end; other spellings of one folder are rare enough to compare as written.
fn trimmed(target: &str) -> &str {
    match target.trim_end_matches('/') {
        "" => target,
        trimmed => trimmed,
    }
}

fn twice(service: &PlannedService, first: Target, second: Target) -> Finding {
    let target = shown(&path::normal(second.0));
    let message = format!("`{}` mounts two things at {target}", service.name);
    Finding::new(Rule::MountDuplicate, second.1, message)
        .second(first.1, "first mounted here")
        .help("give one of them another target, or remove it")
        .service(service.name)
}

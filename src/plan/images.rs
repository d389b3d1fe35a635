//! What an image is called that is built and has no name of its own.

use bumpalo::Bump;

use super::{Plan, PlannedService};
use crate::compose::build::BuildForm;
use crate::compose::scalar::Val;
use crate::compose::value::written;
use crate::place::Place;
use crate::values::image::ImageRef;

/// A service that is built and names no image gets `<project>/<service>:local`; where modes build it differently,
/// each has a tag of its own, so that no mode starts what was built for another. The plans hold their services by name:
/// one walk along all of them meets each name once.
pub(super) fn name_images<'s>(plans: &mut [Plan<'s>], project: &str, arena: &'s Bump) {
    let mut heads = vec![0; plans.len()];
    while let Some(rank) = first_rank(plans, &heads) {
        name_image(plans, &heads, rank, project, arena);
        for (plan, head) in plans.iter().zip(&mut heads) {
            *head += usize::from(is_at(plan, *head, rank));
        }
    }
}

/// The first among the services at which the plans are.
fn first_rank(plans: &[Plan], heads: &[usize]) -> Option<usize> {
    let heads = plans.iter().zip(heads);
    let services = heads.filter_map(|(plan, head)| plan.services.get(*head));
    services.map(|service| service.rank).min()
}

fn is_at(plan: &Plan, head: usize, rank: usize) -> bool {
    let service = plan.services.get(head);
    service.is_some_and(|service| service.rank == rank)
}

/// Names what is built of the service of a rank at which the plans are.
fn name_image<'s>(
    plans: &mut [Plan<'s>],
    heads: &[usize],
    rank: usize,
    project: &str,
    arena: &'s Bump,
) {
    let mut local = None;
    for (number, head) in heads.iter().enumerate() {
        if !is_at(&plans[number], *head, rank) || !is_nameless(&plans[number].services[*head]) {
            continue;
        }
        let name = plans[number].services[*head].name;
        let local = *local.get_or_insert_with(|| {
            let there = plans.iter().zip(heads);
            let there = there.filter(|(plan, head)| is_at(plan, **head, rank));
            let builds = there.filter_map(|(plan, head)| plan.services[*head].service.build);
            alike(builds).then(|| image(project, name, "local", arena))
        });
        let image = local.unwrap_or_else(|| image(project, name, plans[number].mode, arena));
        plans[number].services[*head].service.image = Some(image);
    }
}

/// Whether a service is built and does not say what its image is called.
fn is_nameless(service: &PlannedService) -> bool {
    service.service.image.is_none() && service.service.build.is_some()
}

/// The name is the program's own, so a service name that Docker refuses in an image shows as it is.
fn image<'s>(
    project: &str,
    service: &str,
    tag: &str,
    arena: &'s Bump,
) -> &'s Val<'s, ImageRef<'s>> {
    let text = arena.alloc_str(&[project, "/", service, ":", tag].concat());
    arena.alloc(match ImageRef::parse(text) {
        Ok(image) => Val::known(image, Place::NOWHERE),
        Err(_) => Val {
            place: Place::NOWHERE,
            is: crate::compose::Is::Open(arena.alloc(&*text)),
        },
    })
}

/// Whether every mode builds it in the same way.
fn alike<'s>(mut builds: impl Iterator<Item = &'s BuildForm<'s>>) -> bool {
    let Some(first) = builds.next() else {
        return true;
    };
    let mut text = None;
    builds.all(|build| {
        std::ptr::eq(build, first) || *text.get_or_insert_with(|| written(first)) == written(build)
    })
}

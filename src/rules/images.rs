//! What a service starts: `image-missing`, `image-shared`.

use rustc_hash::FxHashMap;

use crate::compose::build::BuildForm;
use crate::compose::scalar::{Is, Val};
use crate::compose::value::written;
use crate::finding::Finding;
use crate::plan::{Plan, PlannedService};
use crate::rule::Rule;
use crate::rules::isolation::in_modes;
use crate::rules::{Context, Ready, waivers};
use crate::values::image::ImageRef;
use crate::values::shown::shown;

/// Adds the services of a plan that have no image.
pub fn missing<'c, 's>(context: &'c Context<'_, 's>, plan: &'c Plan<'s>) -> Ready<'c, 's> {
    Box::new(|service: &'c PlannedService<'s>| {
        let compose = &service.service;
        // A provider starts something that is no container.
        if compose.image.is_none() && compose.build.is_none() && compose.provider().is_none() {
            context.add(missing_finding(service).mode(plan.mode));
        }
    })
}

fn missing_finding(service: &PlannedService) -> Finding {
    let message = format!("`{}` has neither `image` nor `build`", service.name);
    Finding::new(Rule::ImageMissing, service.entry.place, message)
        .help("write one of them, or extend a fragment that brings it")
        .service(service.name)
}

/// A build under a name that the catalog gives.
#[derive(Clone, Copy)]
struct Built<'a, 's> {
    plan: &'a Plan<'s>,
    service: &'a PlannedService<'s>,
    image: &'s Val<'s, ImageRef<'s>>,
    build: &'s BuildForm<'s>,
}

/// Adds the images that modes share and build differently.
pub fn shared(context: &Context) {
    if context.plans.len() < 2 {
        return;
    }
    let mut first: FxHashMap<Name, Built> = FxHashMap::default();
    for plan in context.plans {
        for service in plan
            .services
            .iter()
            .filter(|service| service.image_is_explicit)
        {
            let Some(built) = built(plan, service) else {
                continue;
            };
            let Some(name) = name(built.image) else {
                continue;
            };
            match first.get(&name) {
                Some(other) if other.plan.mode != plan.mode && differ(other.build, built.build) => {
                    context.add(shared_finding(other, &built));
                }
                Some(_) => {}
                None => {
                    first.insert(name, built);
                }
            }
        }
    }
}

fn built<'a, 's>(plan: &'a Plan<'s>, service: &'a PlannedService<'s>) -> Option<Built<'a, 's>> {
    Some(Built {
        plan,
        service,
        image: service.service.image?,
        build: service.service.build?,
    })
}

/// What two names are compared by: the reference, or the text of one that holds a variable.
type Name<'s> = (Option<ImageRef<'s>>, &'s str);

fn name<'s>(image: &Val<'s, ImageRef<'s>>) -> Option<Name<'s>> {
    match image.is {
        Is::Known(image) => Some((Some(image), "")),
        Is::Open(text) => Some((None, text)),
        Is::Bad => None,
    }
}

fn differ<'s>(one: &'s BuildForm<'s>, other: &'s BuildForm<'s>) -> bool {
    !std::ptr::eq(one, other) && written(one) != written(other)
}

fn shared_finding(one: &Built, other: &Built) -> Finding {
    let name = match other.image.is {
        Is::Known(image) => shown(&image.to_string()),
        Is::Open(text) => shown(text),
        Is::Bad => String::new(),
    };
    let message = format!("the image {name} is built differently in two modes");
    let waiving = waivers::is_waived_by(one.service, Rule::ImageShared);
    let service = if waiving { one.service } else { other.service };
    let mut finding = Finding::new(Rule::ImageShared, other.image.place, message)
        .help("remove `image`, or put the mode into it: `{{ mode.name }}`")
        .service(service.name);
    if one.image.place != other.image.place {
        finding = finding.second(one.image.place, "the same image here");
    }
    in_modes(finding, one.plan, other.plan)
}

//! `role-forbidden`, where no mode is named: what a production service takes over from one of the roles `datagen` and
//! `test` by `extends`, by an anchor or by the image that is built for it. And the last look: no plan of class
//! production holds a service of these roles.

use std::cell::OnceCell;

use rustc_hash::{FxHashMap, FxHashSet};

use super::extenders::{Extenders, Owner, each};
use super::presence::{Presence, is_production};
use super::{Context, Ready, anchors};
use crate::catalog::entries::is_fenced;
use crate::catalog::{Catalog, ServiceEntry};
use crate::compose::scalar::Text;
use crate::finding::Finding;
use crate::place::Place;
use crate::plan::{Plan, PlannedService};
use crate::rule::Rule;
use crate::values::mode_class::ModeClass;

/// Checks that nothing of the fenced roles reaches production under another name.
pub fn check(context: &Context) {
    fence_holds(context);
    let fenced = fenced(context.catalog);
    if !fenced.is_empty() {
        extended(context, &fenced);
        built(context);
    }
}

/// Checks where a production service has from what it runs.
pub fn of_service<'c, 's>(context: &'c Context<'_, 's>, plan: &'c Plan<'s>) -> Ready<'c, 's> {
    let is_production = production(context).any(|one| std::ptr::eq(one, plan));
    let fenced = match is_production {
        true => fenced(context.catalog),
        false => Vec::new(),
    };
    if fenced.is_empty() {
        return Box::new(|_: &PlannedService| {});
    }
    let links = context
        .extending
        .get_or_init(|| links(context.catalog, &fenced));
    let told = match links.is_empty() {
        true => FxHashSet::default(),
        false => {
            let reached = reached(context.catalog, links).into_iter();
            reached
                .flat_map(|(_, services)| services)
                .map(|entry| entry.name)
                .collect()
        }
    };
    anchors::of_service(context, plan, &fenced, told)
}

/// The services of the fenced roles, by name.
fn fenced<'s>(catalog: &Catalog<'s>) -> Vec<&'s ServiceEntry<'s>> {
    let services = catalog.services_by_name().iter();
    let fenced = services.filter(|service| is_fenced(service.role));
    fenced.map(|service| service.entry).collect()
}

fn is_inside(entry: &ServiceEntry) -> bool {
    is_fenced(entry.role())
}

/// The plans of the modes that say they are of class production.
pub fn production<'c, 's>(context: &Context<'c, 's>) -> impl Iterator<Item = &'c Plan<'s>> {
    let modes = &context.catalog.modes;
    let says_so = |plan: &&Plan| {
        let mode = modes.get(plan.mode);
        mode.is_some_and(|mode| is_production(&mode.value))
    };
    context.plans.iter().filter(says_so)
}

/// Whatever went before: a plan of class production without a fenced service, or nothing is written.
fn fence_holds(context: &Context) {
    // A class that nobody could read counts as production.
    let plans = context.plans.iter();
    for plan in plans.filter(|plan| plan.class == ModeClass::Production) {
        for service in plan.services.iter().filter(|one| is_fenced(one.role)) {
            let message = format!(
                "`{}` of the role `{}` is in the plan of a mode of class production",
                service.name, service.role
            );
            let finding = Finding::new(Rule::RoleForbidden, service.entry.place, message)
                .help("this is a defect of composegen, and nothing is written: please report it");
            context.add(finding.service(service.name).mode(plan.mode));
        }
    }
}

/// Who names a fenced service under `extends`, and where.
pub(super) type Link<'s> = (Owner<'s>, &'s Text<'s>);

/// Each `extends` outside of the fence that names a fenced service.
fn links<'s>(catalog: &Catalog<'s>, fenced: &[&ServiceEntry<'s>]) -> Vec<Link<'s>> {
    let names: FxHashSet<&str> = fenced.iter().map(|entry| entry.name).collect();
    let mut links = Vec::new();
    each(catalog, |owner, name| {
        let outside = match owner {
            Owner::Service(entry) => !is_inside(entry),
            Owner::Role(role) => !is_fenced(role),
            Owner::Fragment(_) | Owner::Defaults => true,
        };
        if outside && names.contains(name.text) {
            links.push((owner, name));
        }
    });
    links
}

/// The services outside of the fence that hold the words which each link names.
fn reached<'s>(
    catalog: &Catalog<'s>,
    links: &[Link<'s>],
) -> Vec<(Link<'s>, Vec<&'s ServiceEntry<'s>>)> {
    let extenders = Extenders::of(catalog);
    let services = |link: &Link<'s>| (*link, extenders.services(catalog, link.0, is_inside));
    links.iter().map(services).collect()
}

/// Tells each `extends` that brings a fenced service into production.
fn extended<'s>(context: &Context<'_, 's>, fenced: &[&ServiceEntry<'s>]) {
    let links = context
        .extending
        .get_or_init(|| links(context.catalog, fenced));
    if links.is_empty() {
        return;
    }
    let presence = Presence::of(context.catalog);
    for ((owner, name), reached) in reached(context.catalog, links) {
        let there = |entry: &&ServiceEntry<'s>| Some((entry.name, presence.in_production(entry)?));
        if let Some((service, mode)) = reached.iter().find_map(there) {
            context.add(extended_finding(context, &owner, name, service, mode));
        }
    }
}

fn extended_finding(
    context: &Context,
    owner: &Owner,
    name: &Text,
    service: &str,
    mode: &str,
) -> Finding {
    let target = context.catalog.services.get(name.text);
    let role = target.map_or("", |target| target.role());
    let how = match owner {
        Owner::Service(entry) if entry.name == service => "is".to_owned(),
        _ => format!("`{service}` takes it over"),
    };
    let message = format!(
        "{} extends `{}` of the role `{role}`, and {how} in the mode `{mode}` of class production",
        owner.title(),
        name.text
    );
    let place = target.map_or(Place::NOWHERE, |target| target.place);
    Finding::new(Rule::RoleForbidden, name.place, message)
        .second(place, format!("`{}` is declared here", name.text))
        .help("move what both need into a fragment, and let both extend it")
        .service(service)
}

/// An image that is built for fenced services alone, named by a production service that does not build it.
fn built(context: &Context) {
    let theirs = BuiltImages::of(context);
    if theirs.images.is_empty() {
        return;
    }
    for plan in production(context) {
        built_in(context, plan, &theirs);
    }
}

/// The same of the services of one plan, with the images of the context's other plans.
pub(super) fn built_by(context: &Context, plan: &Plan) {
    if plan.class == ModeClass::Production {
        built_in(context, plan, &BuiltImages::of(context));
    }
}

fn built_in(context: &Context, plan: &Plan, theirs: &BuiltImages) {
    for service in plan.services.iter().filter(|one| one.image_is_explicit) {
        if service.service.build.is_some() || is_fenced(service.role) {
            continue;
        }
        let Some((source, place)) = theirs.named_by(service) else {
            continue;
        };
        let message = format!(
            "`{}` runs in production with the image that is built for `{}` of the role `{}`",
            service.name, source.name, source.role
        );
        let finding = Finding::new(Rule::RoleForbidden, place, message)
            .second(
                source.entry.place,
                format!("`{}` is declared here", source.name),
            )
            .help("name an image that is made for production; nothing lifts this");
        context.add(finding.service(service.name).mode(plan.mode));
    }
}

/// Images by name; those that composegen names itself by their repository, whatever their tag.
struct BuiltImages<'c, 's> {
    plans: &'c [Plan<'s>],
    /// What is built of fenced services.
    images: FxHashMap<&'s str, &'c PlannedService<'s>>,
    /// What is built of others; asked for only where one of the images is named.
    others: OnceCell<FxHashSet<&'s str>>,
}

impl<'c, 's> BuiltImages<'c, 's> {
    fn of(context: &Context<'c, 's>) -> Self {
        let fenced = Self::builders(context.plans).filter(|service| is_fenced(service.role));
        let images = fenced.filter_map(|service| Some((Self::name(service)?, service)));
        BuiltImages {
            plans: context.plans,
            images: images.collect(),
            others: OnceCell::new(),
        }
    }

    fn builders(plans: &'c [Plan<'s>]) -> impl Iterator<Item = &'c PlannedService<'s>> {
        let all = plans.iter().flat_map(|plan| &plan.services);
        all.filter(|service| service.service.build.is_some())
    }

    /// The fenced service of which alone an image is built.
    fn get(&self, image: &str) -> Option<&'c PlannedService<'s>> {
        let found = *self.images.get(image)?;
        let others = self.others.get_or_init(|| {
            let others = Self::builders(self.plans).filter(|service| !is_fenced(service.role));
            others.filter_map(Self::name).collect()
        });
        (!others.contains(image)).then_some(found)
    }

    fn name(service: &PlannedService<'s>) -> Option<&'s str> {
        let image = service.service.image?.get()?;
        Some(match service.image_is_explicit {
            true => image.as_str(),
            false => image.repository(),
        })
    }

    fn named_by(&self, service: &PlannedService) -> Option<(&'c PlannedService<'s>, Place)> {
        let written = service.service.image?;
        let image = written.get()?;
        let found = self.get(image.as_str()).or_else(|| {
            let own = self.get(image.repository())?;
            (!own.image_is_explicit).then_some(own)
        })?;
        Some((found, written.place))
    }
}

#[cfg(test)]
mod tests {
    use bumpalo::Bump;

    use super::*;
    use crate::finding::Findings;
    use crate::pipeline::load;
    use crate::plan::build::plans;
    use crate::plan::builds::Builds;
    use crate::source::{SourceFile, Sources};

    const CATALOG: &str = "\
project: demo
hosts: { nuc: { memory: 4GiB, cpus: 4 } }
modes: { test: { class: test }, prod: { class: production } }
services:
  datagen-homes: { role: datagen, job: manual, image: 'demo/datagen:1', memory: 64M, cpus: 0.1 }
  web: { role: core, image: 'demo/web:1', memory: 64M, cpus: 0.1, healthcheck: image }
";

    fn sources() -> Sources<'static> {
        let file = SourceFile {
            name: "catalog.yaml",
            path: "catalog/catalog.yaml".to_owned(),
            bytes: CATALOG.as_bytes(),
            kind: crate::source::FileKind::Catalog,
        };
        Sources {
            files: vec![file],
            folder: "catalog".into(),
            root: ".".into(),
        }
    }

    #[test]
    fn a_fenced_service_that_slipped_into_a_production_plan_is_an_error_and_no_plan_is_checked() {
        let arena = Bump::new();
        let loaded = load(&sources(), &arena);
        let mut plans = plans(&loaded.catalog, "nuc", &arena, &loaded.findings);
        let outcome = crate::rules::check(
            &loaded.catalog,
            &plans,
            &Builds::default(),
            &loaded.findings,
        );
        assert!(outcome.checked.is_some(), "{:?}", outcome.findings);

        let slipped = plans[0].services[0];
        plans[1].services.push(slipped);
        let outcome = crate::rules::check(
            &loaded.catalog,
            &plans,
            &Builds::default(),
            &Findings::new(),
        );
        assert!(outcome.checked.is_none());
        let rules: Vec<Rule> = outcome.findings.iter().map(|one| one.rule).collect();
        assert_eq!(rules, [Rule::RoleForbidden]);
    }
}

//! `build-missing`: what an image is built from is not there.

use super::Context;
use crate::finding::Finding;
use crate::plan::PlannedService;
use crate::plan::builds::{Material, There, What, materials};
use crate::rule::Rule;
use crate::values::shown::shown;

/// Checks what is known of build contexts and Dockerfiles.
pub fn check(context: &Context) {
    if context.builds.is_empty() {
        return;
    }
    for plan in context.plans {
        for service in &plan.services {
            if let Some(finding) = missing(service, context) {
                context.add(finding.service(service.name).mode(plan.mode));
            }
        }
    }
}

/// The first thing that is missing: in a folder that is not there no Dockerfile can be.
fn missing(service: &PlannedService, context: &Context) -> Option<Finding> {
    let all = materials(service.service.build?);
    all.iter().find_map(|material| {
        let there = context.builds.at(&material.path)?;
        let or = material
            .or
            .as_deref()
            .and_then(|path| context.builds.at(path));
        let wanted = match material.what {
            What::Context | What::Named(_) => There::Folder,
            What::Dockerfile => There::File,
        };
        let is_there = there == wanted || or == Some(wanted);
        (!is_there).then(|| finding(service, material, there))
    })
}

fn finding(service: &PlannedService, material: &Material, there: There) -> Finding {
    let (path, name) = (shown(&material.path), service.name);
    let what = match material.what {
        What::Context => format!("the build context {path} of `{name}`"),
        What::Named(context) => {
            format!("the build context {} of `{name}`, {path},", shown(context))
        }
        What::Dockerfile => format!("the Dockerfile {path} of `{name}`"),
    };
    let is = match there {
        There::Nothing => "is not there",
        There::File => "is a file, and no folder",
        There::Folder => "is a folder, and no file",
    };
    let finding = Finding::new(Rule::BuildMissing, material.place, format!("{what} {is}"));
    match (there, material.what) {
        (There::Nothing, What::Context | What::Named(_)) => finding.help(
            "it is looked for from the folder that holds the catalog's; where sources are in another repository, \
             write `sources: elsewhere` in catalog.yaml",
        ),
        (There::Nothing, What::Dockerfile) => finding.help(
            "it is looked for from the build context; where sources are in another repository, write \
             `sources: elsewhere` in catalog.yaml",
        ),
        _ => finding,
    }
}

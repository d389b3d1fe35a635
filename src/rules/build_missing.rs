//! `build-missing`: what an image is built from is not there.

use std::collections::BTreeSet;

use rustc_hash::FxHashMap;

use super::Context;
use crate::finding::Finding;
use crate::place::Place;
use crate::plan::PlannedService;
use crate::plan::builds::{Material, There, What, materials};
use crate::rule::Rule;
use crate::values::prose::list;
use crate::values::shown::shown;

/// Checks what is known of build contexts and Dockerfiles.
pub fn check(context: &Context) {
    if context.builds.is_empty() {
        return;
    }
    let mut all = Vec::new();
    for plan in context.plans {
        let services = plan.services.iter();
        all.extend(services.filter_map(|service| Some((plan.mode, missing(service, context)?))));
    }
    let paths = paths(&all);
    for (mode, missing) in &all {
        let finding = match paths.get(&missing.key()) {
            Some(paths) if paths.len() > 1 => of_several(missing, paths),
            _ => of_one(missing),
        };
        context.add(finding.service(missing.service).mode(mode));
    }
}

/// Something that a service is built from, and is not there.
struct Missing<'a, 's> {
    service: &'s str,
    material: Material<'a>,
    there: There,
}

/// What is missing in the same way at the same line: a template of several services.
type Key = (Place, &'static str, &'static str);

/// The paths by what misses them.
fn paths<'m>(all: &'m [(&str, Missing)]) -> FxHashMap<Key, BTreeSet<&'m str>> {
    let mut paths: FxHashMap<Key, BTreeSet<&str>> = FxHashMap::default();
    for (_, missing) in all {
        let of = paths.entry(missing.key()).or_default();
        of.insert(missing.material.path.as_str());
    }
    paths
}

/// The first thing that is missing: in a folder that is not there no Dockerfile can be.
fn missing<'s>(service: &PlannedService<'s>, context: &Context) -> Option<Missing<'s, 's>> {
    let all = materials(service.service.build?);
    all.into_iter().find_map(|material| {
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
        (!is_there).then_some(Missing {
            service: service.name,
            material,
            there,
        })
    })
}

impl Missing<'_, '_> {
    fn key(&self) -> Key {
        (self.material.place, self.nouns(), self.are())
    }

    fn nouns(&self) -> &'static str {
        match self.material.what {
            What::Context | What::Named(_) => "build contexts",
            What::Dockerfile => "Dockerfiles",
        }
    }

    fn are(&self) -> &'static str {
        match self.there {
            There::Nothing => "are not there",
            There::File => "are files, and no folders",
            There::Folder => "are folders, and no files",
        }
    }
}

/// Above so many paths a message shows the first ones.
const MOST: usize = 10;

fn of_several(missing: &Missing, paths: &BTreeSet<&str>) -> Finding {
    let mut named: Vec<String> = paths.iter().take(MOST).map(|path| shown(path)).collect();
    if paths.len() > MOST {
        named.push(format!("{} more", paths.len() - MOST));
    }
    let message = format!("the {} {} {}", missing.nouns(), list(&named), missing.are());
    helped(
        missing,
        Finding::new(Rule::BuildMissing, missing.material.place, message),
        "they are",
    )
}

fn of_one(missing: &Missing) -> Finding {
    let Missing {
        service,
        material,
        there,
    } = missing;
    let path = shown(&material.path);
    let what = match material.what {
        What::Context => format!("the build context {path} of `{service}`"),
        What::Named(context) => {
            format!(
                "the build context {} of `{service}`, {path},",
                shown(context)
            )
        }
        What::Dockerfile => format!("the Dockerfile {path} of `{service}`"),
    };
    let is = match there {
        There::Nothing => "is not there",
        There::File => "is a file, and no folder",
        There::Folder => "is a folder, and no file",
    };
    let finding = Finding::new(Rule::BuildMissing, material.place, format!("{what} {is}"));
    helped(missing, finding, "it is")
}

fn helped(missing: &Missing, finding: Finding, it_is: &str) -> Finding {
    let from = match (missing.there, missing.material.what) {
        (There::Nothing, What::Context | What::Named(_)) => "the folder that holds the catalog's",
        (There::Nothing, What::Dockerfile) => "the build context",
        (There::File | There::Folder, _) => return finding,
    };
    finding.help(format!(
        "{it_is} looked for from {from}; where sources are in another repository, write `sources: elsewhere` in \
         catalog.yaml"
    ))
}

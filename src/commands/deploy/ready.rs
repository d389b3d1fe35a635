//! What must be there before containers start, and what is needed to go back.

use std::path::PathBuf;

use super::survey::{Made, shared};
use super::{Order, Ready, Session, from_env_files, now};
use crate::commands::Failure;
use crate::deploy::journal::{Journal, Step};
use crate::deploy::model::Model;
use crate::deploy::release::{Release, VERSION, kept_tag};
use crate::docker::interrupt;
use crate::plan::Plan;
use crate::values::prose::plural;

/// Setup and snapshot: what must be there before, and what is needed to go back. The journal tells of it, unless it has to
/// tell of an earlier run until containers are touched.
pub fn make_ready(
    order: &Order,
    session: &Session,
    ready: &mut Ready,
    journal: &mut Journal,
    is_first: bool,
) -> std::result::Result<Release, Failure> {
    let mut enter = |step: Step| match is_first {
        true => session.enter(journal, step),
        false => Ok(()),
    };
    enter(Step::Setup)?;
    let made = setup(order, session, ready)?;
    let made = if made.is_empty() {
        "nothing to make"
    } else {
        &made
    };
    session.step("setup", made);
    enter(Step::Snapshot)?;
    let release = release(order.plan(), session, ready, journal.release);
    session.store.write_release(&release, &ready.text)?;
    let kept = keep_images(session, ready, &release)?;
    let kept = plural(kept, "image");
    session.step(
        "snapshot",
        &format!("release {}; {kept} kept", release.number),
    );
    match interrupt::asked() {
        true => Err(Failure {
            message: "it was interrupted".to_owned(),
            help: None,
        }),
        false => session.enter(journal, Step::Stop).map(|()| release),
    }
}

fn setup(
    order: &Order,
    session: &Session,
    ready: &mut Ready,
) -> std::result::Result<String, Failure> {
    let mut made: Vec<String> = Vec::new();
    for Made { kind, name, words } in shared(order.plan()) {
        if session.docker.provide(kind, name, words)? {
            made.push(format!("the {kind} {name}"));
        }
    }
    // Where the engine is elsewhere, its folders are its own business.
    let here = session.engine.elsewhere.is_none();
    for folder in folders(&ready.model).into_iter().filter(|_| here) {
        make_folder(&folder)?;
        made.push(folder.display().to_string());
    }
    made.extend(get_images(order, session, ready)?);
    Ok(made.join(", "))
}

/// Builds and pulls; then the names of images may mean others. Says what was done.
fn get_images(
    order: &Order,
    session: &Session,
    ready: &mut Ready,
) -> std::result::Result<Vec<String>, Failure> {
    let project = order.project();
    let mut done = Vec::new();
    let names = |services: &[String]| services.to_vec();
    for (services, word) in [
        (names(&ready.to_build), "built"),
        (names(&ready.to_pull), "pulled"),
    ] {
        if services.is_empty() {
            continue;
        }
        let count = plural(services.len(), "image");
        session.step("setup", &format!("{count} to be {word}"));
        let services: Vec<&str> = services.iter().map(String::as_str).collect();
        match word {
            "built" => session.docker.build(&project, &services)?,
            _ => session.docker.pull(&project, &services)?,
        }
        done.push(format!("{count} {word}"));
    }
    if !done.is_empty() {
        let names: Vec<&str> = ready.wanted.iter().map(|it| it.image.as_str()).collect();
        let ids = session.docker.image_ids(&names)?;
        for wanted in &mut ready.wanted {
            wanted.image_id = ids.get(&wanted.image).cloned();
        }
    }
    Ok(done)
}

/// Folders that are mounted and are not there yet.
fn folders(model: &Model) -> Vec<PathBuf> {
    let mounts = model.services.values().flat_map(|service| &service.volumes);
    let binds = mounts
        .filter(|mount| mount.kind == "bind")
        .filter_map(|mount| mount.source.as_ref());
    let mut folders: Vec<PathBuf> = binds
        .map(PathBuf::from)
        .filter(|path| !path.exists())
        .collect();
    folders.sort();
    folders.dedup();
    folders
}

/// A folder whose path has a hidden part holds secrets by custom: it is its owner's alone.
fn make_folder(path: &std::path::Path) -> std::result::Result<(), Failure> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    if path
        .components()
        .any(|part| part.as_os_str().to_string_lossy().starts_with('.'))
    {
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    }
    builder.create(path).map_err(|error| Failure {
        message: format!(
            "`{}` cannot be made: {}",
            path.display(),
            crate::files::why(&error)
        ),
        help: None,
    })
}

fn release(plan: &Plan, session: &Session, ready: &Ready, number: u32) -> Release {
    Release {
        version: VERSION,
        number,
        mode: plan.mode.to_owned(),
        class: plan.class.as_str().to_owned(),
        mode_variable: plan.contract.mode_variable.map(str::to_owned),
        host: plan.host.to_owned(),
        project: plan.project.to_owned(),
        at: now(),
        program: env!("CARGO_PKG_VERSION").to_owned(),
        good: false,
        services: ready.wanted.clone(),
        private: private(plan, session, &ready.model),
    }
}

/// Which variables of which services hold values that no message may show.
pub fn private(plan: &Plan, session: &Session, model: &Model) -> Vec<(String, String)> {
    let from_files = from_env_files(plan, model)
        .into_iter()
        .map(|(service, name, _)| (service, name));
    let mut all: Vec<(String, String)> = from_files.collect();
    for (service, resolved) in &model.services {
        let environment = resolved.environment();
        let is_private = |name: &&str| {
            environment
                .reveal(name)
                .is_some_and(|value| session.docker.hidden.is_in(value))
        };
        all.extend(
            environment
                .names()
                .filter(is_private)
                .map(|name| (service.clone(), name.to_owned())),
        );
    }
    all.sort();
    all.dedup();
    all
}

/// Holds the images that run now and those that will, each by a tag of its own.
fn keep_images(
    session: &Session,
    ready: &Ready,
    release: &Release,
) -> std::result::Result<usize, Failure> {
    let run = ready.containers.iter().map(|it| it.image_id.clone());
    let will = release.services.iter().filter_map(|it| it.image_id.clone());
    let mut ids: Vec<String> = run.chain(will).collect();
    ids.sort();
    ids.dedup();
    let there = session.docker.kept(&session.project)?;
    let tag = |id: &String| (id.clone(), kept_tag(&session.project, id));
    let mut pairs: Vec<(String, String)> = ids.iter().map(tag).collect();
    pairs.retain(|(_, tag)| !there.contains(tag));
    session.docker.tag(&pairs)?;
    Ok(ids.len())
}

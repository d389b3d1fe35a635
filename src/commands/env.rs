//! `composegen env`: makes the env file that a person fills, and looks at it before anything starts.

use std::path::{Path, PathBuf};

use serde::Serialize;

use super::{Exit, Failure, Result, Run, exit_of, terminal::Terminal};
use crate::cli::{Env, EnvCheck, EnvInit, Format};
use crate::dotenv::{EnvFile, read};
use crate::files::{read_own, write_own};
use crate::finding::Finding;
use crate::outputs::own_env::{Stuck, extended};
use crate::outputs::{Setting, drift, env_file};
use crate::plan::Plan;
use crate::report::list_quoted;
use crate::rules::env::{EnvContext, OwnFile};
use crate::source::{EnvSource, Sources, read_env_file};

/// Does what was asked for a mode's env file.
pub fn run(run: &Run, words: &Env, terminal: &mut Terminal) -> Result {
    match words {
        Env::Init(words) => with_plan(
            run,
            &words.mode,
            words.host.host.as_deref(),
            terminal,
            |asked, terminal| init(run, words, asked, terminal),
        ),
        Env::Check(words) => with_plan(
            run,
            &words.mode,
            words.host.host.as_deref(),
            terminal,
            |asked, terminal| check(run, words, asked, terminal),
        ),
    }
}

/// The mode that is asked for, among the plans of its host.
pub(super) struct Asked<'a, 's> {
    pub(super) plan: &'a Plan<'s>,
    pub(super) plans: &'a [Plan<'s>],
    pub(super) setting: Setting<'a>,
}

/// Plans the mode. A catalog with errors has no env files: what is wrong with it is said in their place.
fn with_plan(
    run: &Run,
    mode: &str,
    host: Option<&str>,
    terminal: &mut Terminal,
    command: impl FnOnce(&Asked, &mut Terminal) -> Result,
) -> Result {
    let host = run.host(host)?;
    let modes = run.modes(&[mode.to_owned()])?;
    let (Some(host), [mode]) = (host, modes.as_slice()) else {
        return Ok(super::refuse(run, terminal));
    };
    let plans = run.plans(host);
    let judged = run.judge(&plans);
    let checked = judged.outcomes.first().and_then(Option::as_ref);
    let Some((plan, checked)) = checked.and_then(|checked| {
        let mut plans = checked.plans().iter();
        Some((plans.find(|plan| plan.mode == *mode)?, checked))
    }) else {
        run.tell(&judged.findings, Exit::Findings, false, terminal);
        if run.format == Format::Human {
            terminal
                .talk("nothing else was done: env files follow from a catalog without errors\n");
        }
        return Ok(Exit::Findings);
    };
    let asked = Asked {
        plan,
        plans: checked.plans(),
        setting: run.setting(host),
    };
    command(&asked, terminal)
}

/// What `env init` did, for programs.
#[derive(Serialize)]
struct Report<'a> {
    path: &'a str,
    state: &'static str,
    added: &'a [String],
    fill_in: Vec<&'a str>,
}

fn init(run: &Run, words: &EnvInit, asked: &Asked, terminal: &mut Terminal) -> Result {
    let name = asked.plan.own_env_name();
    let path = run.sources.shown_beside(&name);
    let old = read_own(&run.sources.root, &name)?;
    let new = extended(old.as_deref(), asked.plan, &asked.setting)
        .map_err(|stuck| cannot_extend(&path, &stuck))?;
    let state = match (&old, new.added.is_empty()) {
        (None, _) => "created",
        (Some(_), true) => "unchanged",
        (Some(_), false) => "extended",
    };
    if state != "unchanged" {
        write_own(&run.sources.root, &name, old.as_deref(), &new.bytes)?;
    }
    let variables = asked.plan.contract.variables.iter();
    let required =
        variables.filter(|it| it.is_required() && new.added.iter().any(|n| n == it.name));
    let report = Report {
        path: &path,
        state,
        added: &new.added,
        fill_in: required.map(|it| it.name).collect(),
    };
    match run.format {
        Format::Json => terminal.json(&report),
        Format::Human => say(&report, words, asked, terminal),
    }
    Ok(Exit::Fine)
}

fn say(report: &Report, words: &EnvInit, asked: &Asked, terminal: &Terminal) {
    let Report { path, added, .. } = report;
    let line = match report.state {
        "created" => format!("created {path}, for its owner alone to read\n"),
        "extended" => format!("added to the end of {path}: {}\n", list_quoted(added)),
        _ => format!("nothing changed: {path} has every variable of the mode\n"),
    };
    terminal.talk(&line);
    if !report.fill_in.is_empty() {
        let names = list_quoted(&report.fill_in);
        terminal.talk(&format!("to fill in: {names}\n"));
    }
    if report.state != "unchanged" {
        let host = asked.setting.again(asked.plan.host);
        terminal.talk(&format!(
            "then: composegen env check {}{host}\n",
            words.mode
        ));
    }
}

fn cannot_extend(path: &str, stuck: &Stuck) -> Failure {
    let (at, what) = match stuck {
        Stuck::NoText => (path.to_owned(), "is no UTF-8 text".to_owned()),
        Stuck::OpenQuote(line) => (
            format!("{path}:{line}"),
            "has a quote that is never closed: what is added behind it would become a part of the value"
                .to_owned(),
        ),
    };
    Failure {
        message: format!("`{at}` {what}; nothing was written"),
        help: Some("mend it first; `composegen env check` shows all that is wrong".to_owned()),
    }
}

fn check(run: &Run, words: &EnvCheck, asked: &Asked, terminal: &mut Terminal) -> Result {
    let environment = |name: &str| std::env::var(name).ok();
    let examined = examine(run, words, asked, &environment)?;
    let sources = examined.sources.as_ref().unwrap_or(run.sources);
    let exit = exit_of(&examined.findings);
    run.tell_of(&examined.findings, sources, exit, true, terminal);
    Ok(exit)
}

/// What was found in the env files of a mode.
pub(super) struct Examined<'s> {
    /// What was found.
    pub(super) findings: Vec<Finding>,
    /// The run's sources and the env files, for telling.
    pub(super) sources: Option<Sources<'s>>,
    /// The files, in the order in which Compose is given them.
    pub(super) given: Vec<Given<'s>>,
}

/// Looks at the env files of a mode. `environment` gives what the shell has set and counts.
pub(super) fn examine<'s>(
    run: &Run<'_, 's>,
    words: &EnvCheck,
    asked: &Asked<'_, 's>,
    environment: &dyn Fn(&str) -> Option<String>,
) -> std::result::Result<Examined<'s>, Failure> {
    let given = given(run, words, asked)?;
    let paths: Vec<&Path> = given.iter().map(|file| file.path.as_path()).collect();
    let others = others(run, asked, &paths);
    let mut sources = None;
    let mut own = Vec::with_capacity(given.len());
    for file in &given {
        let before = sources.as_ref().unwrap_or(run.sources);
        let (with, number) = before.with_env_file(file.shown.clone(), file.source.bytes);
        sources = Some(with);
        own.push(OwnFile {
            number,
            path: &file.shown,
            len: file.source.bytes.len(),
            file: read(file.source.bytes),
            made_for: drift::made_for(file.source.bytes).map(|(mode, _)| mode),
            open_to_others: file.source.mode.filter(|mode| mode & 0o077 != 0),
        });
    }
    let generated = env_file::text(asked.plan, &asked.setting);
    let findings = crate::rules::env::check(&EnvContext {
        catalog: run.catalog(),
        plan: asked.plan,
        plans: asked.plans,
        generated: &read(generated.as_bytes()),
        generated_path: &asked.setting.env_path(asked.plan),
        own: &own,
        others: &others,
        environment,
    });
    Ok(Examined {
        findings,
        sources,
        given,
    })
}

/// An env file that was read.
pub(super) struct Given<'s> {
    /// Its path.
    pub(super) path: PathBuf,
    /// Its path as messages show it.
    pub(super) shown: String,
    /// What stands in it.
    pub(super) source: EnvSource<'s>,
}

/// The files to look at: those that were named, or the mode's own.
fn given<'s>(
    run: &Run<'_, 's>,
    words: &EnvCheck,
    asked: &Asked,
) -> std::result::Result<Vec<Given<'s>>, Failure> {
    let own = asked.plan.own_env_name();
    let named = words.env_files.iter();
    let mut paths: Vec<(PathBuf, String)> = named
        .map(|path| (path.clone(), path.display().to_string()))
        .collect();
    let help = match paths.is_empty() {
        true => {
            let host = asked.setting.again(asked.plan.host);
            format!("make it with `composegen env init {}{host}`", words.mode)
        }
        false => "`--env-file` takes a path from the current folder".to_owned(),
    };
    if paths.is_empty() {
        paths.push((run.sources.root.join(&own), run.sources.shown_beside(&own)));
    }
    let mut given = Vec::with_capacity(paths.len());
    for (path, shown) in paths {
        let Some(source) = read_env_file(&path, &shown, run.arena)? else {
            return Err(Failure {
                message: format!("`{shown}` is not there"),
                help: Some(help),
            });
        };
        given.push(Given {
            path,
            shown,
            source,
        });
    }
    Ok(given)
}

/// The env files of the other modes, where they are there and can be read, and are none of those that are looked at.
fn others<'a, 's>(
    run: &Run<'_, 's>,
    asked: &Asked<'a, 's>,
    given: &[&Path],
) -> Vec<(&'a str, EnvFile<'s>)> {
    let real = |path: &Path| path.canonicalize().ok();
    let given: Vec<Option<PathBuf>> = given.iter().map(|path| real(path)).collect();
    let plans = asked.plans.iter();
    let others = plans.filter(|plan| plan.mode != asked.plan.mode);
    others
        .filter_map(|plan| {
            let path = run.sources.root.join(plan.own_env_name());
            if given.contains(&real(&path)) {
                return None;
            }
            Some((plan.mode, own_env_file(run, plan)?))
        })
        .collect()
}

/// The env file of a mode that a person fills, where it is there and can be read.
pub(super) fn own_env_file<'s>(run: &Run<'_, 's>, plan: &Plan) -> Option<EnvFile<'s>> {
    let name = plan.own_env_name();
    let path = run.sources.root.join(&name);
    let source = read_env_file(&path, &name, run.arena).ok().flatten()?;
    Some(read(source.bytes))
}

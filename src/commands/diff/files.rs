//! What lies in `generated/`, or is staged there, against what the catalog gives.

use super::super::drift::Drift;
use super::super::{Exit, Failure, Result, Run, selection, terminal::Terminal};
use super::tell::{Becomes, File, Told, tell};
use super::{checked, secrets, unreadable};
use crate::cli::{Diff, Form};
use crate::difference::{Between, Difference, Secrets, Sheet, Side, between};
use crate::files::{Compared, State, unified_line_ends, unified_shown};
use crate::outputs::drift::{differs_in_line_ends, is_made};
use crate::outputs::{FileSet, Setting};
use crate::plan::Plan;

/// Shows what build would change.
pub fn run(run: &Run, words: &Diff, terminal: &mut Terminal) -> Result {
    let Some((host, modes)) = selection(run, &words.selection)? else {
        return Ok(super::super::refuse(run, terminal));
    };
    let plans = run.plans(host);
    let judged = run.judge(&plans);
    let Some((checked, findings)) = checked(run, judged, terminal) else {
        return Ok(Exit::Findings);
    };
    let setting = run.setting(host);
    let set = crate::outputs::files(&checked, &modes, &setting);
    let mut drift = Drift::default();
    let compared = drift.add(run, &set, &setting, host)?;
    let secrets = secrets(run, &[run.catalog()], checked.plans());
    let chosen: Vec<&Plan> = super::super::chosen(checked.plans(), &modes).collect();
    let sides = Sides {
        run,
        setting: &setting,
        set: &set,
        compared: &compared,
        secrets: &secrets,
    };
    let differences = sides.differences(&chosen, words.summary)?;
    let color = run.form == Form::Human && terminal.style(true).color;
    let changed = changed(&compared, &set, &secrets, color);
    let (sources, findings) = drift.told(run.sources, findings);
    let told = Told {
        exit: if changed.is_empty() {
            Exit::Fine
        } else {
            Exit::Findings
        },
        lines: !words.summary,
        files: Some(changed),
        same: format!(
            "no difference: {} current",
            crate::report::plural(set.len(), "file")
        ),
        notes: sides.missing(&chosen, words.summary),
        differences,
        findings,
        sources,
    };
    Ok(tell(run, told, terminal))
}

/// The files that differ, each with its lines. What is told of them shows no value of a secret.
pub fn changed(compared: &[Compared], set: &FileSet, secrets: &Secrets, color: bool) -> Vec<File> {
    let differ = compared.iter().filter_map(|(path, state, there)| {
        let becomes = match state {
            State::Same => return None,
            State::Missing => Becomes::Created,
            State::Different => Becomes::Changed,
        };
        Some((
            becomes,
            there.as_deref(),
            sheet(path, there.as_deref(), set),
        ))
    });
    let differ: Vec<(Becomes, Option<&[u8]>, Sheet)> = differ.collect();
    let sheets: Vec<Sheet> = differ.iter().map(|(_, _, sheet)| *sheet).collect();
    let mut files = Vec::new();
    for ((state, there, sheet), shown) in differ.into_iter().zip(secrets.shown(&sheets)) {
        let there = there.map(|there| (there, shown.there.as_slice()));
        let is_line_ends = |(there, _)| differs_in_line_ends(there, sheet.wanted);
        let diff = match there.is_some_and(is_line_ends) {
            true => unified_line_ends(sheet.path, color),
            false => unified_shown(sheet.path, there, (sheet.wanted, &shown.wanted), color),
        };
        files.push(File {
            path: sheet.path.to_owned(),
            state,
            diff,
        });
    }
    files
}

/// What is there of a file, and what would be written in its place.
fn sheet<'a>(path: &'a str, there: Option<&'a [u8]>, set: &'a FileSet) -> Sheet<'a> {
    Sheet {
        path,
        there: there.unwrap_or_default(),
        wanted: set.get(path).unwrap_or_default(),
        by_hand: there.is_some_and(|there| !is_made(there)),
    }
}

/// What the sides of a mode are made of.
struct Sides<'a, 'r, 's> {
    run: &'a Run<'r, 's>,
    setting: &'a Setting<'a>,
    set: &'a FileSet,
    compared: &'a [Compared],
    secrets: &'a Secrets,
}

impl Sides<'_, '_, '_> {
    /// What differs, mode by mode, where that is wanted: in a comment always, as far as the files can be read.
    fn differences(
        &self,
        plans: &[&Plan],
        asked: bool,
    ) -> std::result::Result<Option<Vec<Difference>>, Failure> {
        let all = || plans.iter().map(|plan| self.difference(plan)).collect();
        match self.run.form {
            _ if asked => {
                let all: std::result::Result<Vec<Difference>, Failure> = all();
                all.map(Some)
            }
            Form::Markdown => {
                let all: std::result::Result<Vec<Difference>, Failure> = all();
                Ok(all.ok())
            }
            _ => Ok(None),
        }
    }

    fn difference(&self, plan: &Plan) -> std::result::Result<Difference, Failure> {
        let (path, env) = (self.setting.path(plan), self.setting.env_path(plan));
        let (before, before_env) = (self.there(&path), self.there(&env));
        let text = |path: &str| String::from_utf8_lossy(self.set.get(path).unwrap_or_default());
        let before = Side {
            mode: plan.mode,
            class: plan.class.as_str(),
            compose: &before,
            env: &before_env,
            budget: None,
            by_hand: [&before, &before_env]
                .iter()
                .any(|text| !text.is_empty() && !is_made(text.as_bytes())),
        };
        let after = Side {
            mode: plan.mode,
            class: plan.class.as_str(),
            compose: &text(&path),
            env: &text(&env),
            budget: Some(plan.budget),
            by_hand: false,
        };
        between(Between::Times, &before, &after, self.secrets)
            .map_err(|error| unreadable(self.run, &path, error))
    }

    /// The Compose files that are not there: all of them would be new, and that is no news of the catalog's.
    fn missing(&self, plans: &[&Plan], asked: bool) -> Vec<String> {
        let paths = plans.iter().map(|plan| self.setting.path(plan));
        let missing = paths.filter(|path| asked && self.there(path).is_empty());
        missing
            .map(|path| format!("`{path}` is not there: everything in it counts as new"))
            .collect()
    }

    fn there(&self, path: &str) -> String {
        let mut all = self.compared.iter();
        let there = all
            .find(|(other, _, _)| other == path)
            .and_then(|(_, _, there)| there.as_ref());
        there.map_or(String::new(), |bytes| {
            String::from_utf8_lossy(bytes).into_owned()
        })
    }
}

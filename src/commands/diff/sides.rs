//! Two modes of the catalog, or the catalog at a revision against now. Both sides are made in memory.

use super::super::{Exit, Failure, Result, Run, selection, terminal::Terminal};
use super::tell::{Told, tell};
use super::{checked, secrets};
use crate::catalog::choices::NotSet;
use crate::cli::Selection;
use crate::difference::{Between, Difference, Secrets, Side, Unreadable, between};
use crate::files::Tree;
use crate::finding::Finding;
use crate::git::{At, Repository};
use crate::outputs::{Setting, compose_file, env_file};
use crate::pipeline::{HostPlans, Loaded, load};
use crate::plan::Plan;
use crate::report::plural;
use crate::rule::Level;
use crate::source::Sources;

/// The files of a mode, made in memory; empty for a mode that is not there.
#[derive(Default)]
struct Texts {
    compose: String,
    env: String,
}

impl Texts {
    fn of(plan: Option<&Plan>, setting: &Setting) -> Self {
        plan.map_or_else(Texts::default, |plan| Texts {
            compose: compose_file::text(plan, setting),
            env: env_file::text(plan, setting),
        })
    }

    fn side<'a>(&'a self, mode: &'a str, plan: Option<&Plan>) -> Side<'a> {
        Side {
            mode,
            class: plan.map_or("", |plan| plan.class.as_str()),
            compose: &self.compose,
            env: &self.env,
            budget: plan.map(|plan| plan.budget),
            by_hand: false,
        }
    }
}

/// What composegen itself has written cannot but be read.
fn own_file(error: Unreadable) -> Failure {
    Failure {
        message: format!(
            "the Compose file of `{}` cannot be read back: {}",
            error.mode, error.message
        ),
        help: None,
    }
}

/// Two modes.
pub fn modes(
    run: &Run,
    words: &Selection,
    before: &str,
    after: &str,
    terminal: &mut Terminal,
) -> Result {
    let host = run.host(words.host.as_deref())?;
    let modes = run.modes(&[before.to_owned(), after.to_owned()])?;
    let (Some(host), [one, other]) = (host, modes.as_slice()) else {
        return Ok(super::super::refuse(run, terminal));
    };
    let plans = run.plans(host);
    let judged = run.judge(&plans);
    let Some((checked, findings)) = checked(run, judged, terminal) else {
        return Ok(Exit::Findings);
    };
    let setting = run.setting(host);
    let find = |mode: &str| checked.plans().iter().find(|plan| plan.mode == mode);
    let (before, after) = (find(one), find(other));
    let texts = [before, after].map(|plan| Texts::of(plan, &setting));
    let sides = (texts[0].side(one, before), texts[1].side(other, after));
    let secrets = secrets(run, &[run.catalog()], checked.plans());
    let difference = between(Between::Modes, &sides.0, &sides.1, &secrets).map_err(own_file)?;
    let same = format!("no difference between `{one}` and `{other}`");
    Ok(tell_all(run, vec![difference], same, findings, terminal))
}

/// A revision against now.
pub fn against(run: &Run, words: &Selection, revision: &str, terminal: &mut Terminal) -> Result {
    let Some((host, modes)) = selection(run, words)? else {
        return Ok(super::super::refuse(run, terminal));
    };
    let plans = run.plans(host);
    let judged = run.judge(&plans);
    let Some((checked, findings)) = checked(run, judged, terminal) else {
        return Ok(Exit::Findings);
    };
    let repository = Repository::of(&run.sources.folder)?;
    let tree = repository.tree(At::Revision(revision))?;
    let sources = Sources::of_git(&run.sources.folder, &repository, &tree, run.arena)?;
    let before = Run {
        sources: &sources,
        tree: &Tree::Git(tree),
        loaded: &chosen(load(&sources, run.arena), run, revision)?,
        ..*run
    };
    let earlier = plans_at(&before, host, revision)?;
    let pairs = pairs(&earlier, checked.plans(), &modes);
    let count = plural(pairs.len(), "mode");
    let secrets = secrets(run, &[before.catalog(), run.catalog()], checked.plans());
    let differences = differences(&before, run, host, (&pairs, &secrets))?;
    let same = format!("no difference to `{revision}` in {count}");
    Ok(tell_all(run, differences, same, findings, terminal))
}

/// With the same choices, as far as the catalog had them.
fn chosen<'s>(
    mut loaded: Loaded<'s>,
    run: &Run,
    revision: &str,
) -> std::result::Result<Loaded<'s>, Failure> {
    for (option, choice) in run.set.iter().filter(|_| loaded.parsed) {
        match loaded.catalog.set(option, choice) {
            Ok(()) | Err(NotSet::NoOption) => {}
            Err(NotSet::NoChoice(_)) => {
                return Err(Failure {
                    message: format!("`{option}` has no choice `{choice}` at `{revision}`"),
                    help: None,
                });
            }
        }
    }
    Ok(loaded)
}

/// The plans at a revision. Whether they are good ones is not asked any more; only that they are plans.
fn plans_at<'s>(
    run: &Run<'_, 's>,
    host: &str,
    revision: &str,
) -> std::result::Result<HostPlans<'s>, Failure> {
    if run.loaded.parsed && !run.catalog().hosts.contains_key(host) {
        return Err(Failure {
            message: format!("there is no host `{host}` at `{revision}`"),
            help: Some("`--host` names another".to_owned()),
        });
    }
    let plans = match run.loaded.parsed {
        true => run.loaded.plans(host, run.arena),
        false => Vec::new(),
    };
    let found = run.loaded.findings.take();
    let mut errors = found.iter().filter(|finding| finding.level == Level::Error);
    match errors.next() {
        None => Ok(plans),
        Some(first) => Err(Failure {
            message: format!(
                "the catalog at `{revision}` cannot be planned: {}: {}",
                run.sources.file_line(first.place),
                first.message
            ),
            help: Some("compare with a revision whose catalog is right".to_owned()),
        }),
    }
}

/// A mode on both sides; on one of them it may be missing.
type Pair<'p, 's> = (Option<&'p Plan<'s>>, Option<&'p Plan<'s>>);

fn pairs<'p, 's>(
    before: &'p [Plan<'s>],
    after: &'p [Plan<'s>],
    modes: &[&str],
) -> Vec<Pair<'p, 's>> {
    let find = |plans: &'p [Plan<'s>], mode: &str| plans.iter().find(|plan| plan.mode == mode);
    let mut pairs: Vec<Pair> = after
        .iter()
        .map(|plan| (find(before, plan.mode), Some(plan)))
        .collect();
    let gone = before
        .iter()
        .filter(|plan| find(after, plan.mode).is_none());
    pairs.extend(gone.map(|plan| (Some(plan), None)));
    pairs.retain(|(before, after)| {
        let mode = after.or(*before).map_or("", |plan| plan.mode);
        modes.is_empty() || modes.contains(&mode)
    });
    pairs
}

fn differences(
    before: &Run,
    after: &Run,
    host: &str,
    (pairs, secrets): (&[Pair], &Secrets),
) -> std::result::Result<Vec<Difference>, Failure> {
    let (old, new) = (before.setting(host), after.setting(host));
    let of = |(earlier, later): &Pair| {
        let mode = later.or(*earlier).map_or("", |plan| plan.mode);
        let texts = [Texts::of(*earlier, &old), Texts::of(*later, &new)];
        let sides = (texts[0].side(mode, *earlier), texts[1].side(mode, *later));
        between(Between::Times, &sides.0, &sides.1, secrets).map_err(own_file)
    };
    pairs.iter().map(of).collect()
}

/// Tells differences that are no files.
fn tell_all(
    run: &Run,
    differences: Vec<Difference>,
    same: String,
    findings: Vec<Finding>,
    terminal: &mut Terminal,
) -> Exit {
    let told = Told {
        exit: match differences.iter().all(Difference::is_empty) {
            true => Exit::Fine,
            false => Exit::Findings,
        },
        files: None,
        lines: false,
        same,
        notes: Vec::new(),
        differences: Some(differences),
        findings,
        sources: run
            .sources
            .with_files(crate::source::FileKind::Generated, Vec::new())
            .0,
    };
    tell(run, told, terminal)
}

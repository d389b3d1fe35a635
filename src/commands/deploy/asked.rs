//! The steps before an engine is needed: the plan, the files made from it, the env files.

use std::path::{Path, PathBuf};

use super::Halt;
use crate::cli::{Deploy, EnvCheck, Format, HostOnly};
use crate::commands::env::{Asked, Given, examine};
use crate::commands::terminal::Terminal;
use crate::commands::{Exit, Failure, Run, exit_of};
use crate::deploy::hidden::Hidden;
use crate::docker::compose::Project;
use crate::dotenv::{EnvFile, read, resolve};
use crate::files::{State, compare, write};
use crate::finding::Finding;
use crate::outputs::{FileSet, files};
use crate::plan::Plan;
use crate::report::list_quoted;
use crate::rules::Checked;
use crate::values::prose::plural;

/// What is to be deployed.
pub struct Order<'a, 's> {
    /// What was typed.
    pub words: &'a Deploy,
    /// Whether modes that may not run beside it are stopped first.
    pub switch: bool,
    /// The mode.
    pub asked: &'a Asked<'a, 's>,
    /// The folder of the generated files.
    pub folder: PathBuf,
    /// The env files, absolute, in the order in which Compose is given them.
    pub env_files: Vec<PathBuf>,
    /// The values of the env files.
    pub hidden: Hidden,
}

impl<'a, 's> Order<'a, 's> {
    /// The mode's plan.
    pub fn plan(&self) -> &'a Plan<'s> {
        self.asked.plan
    }

    /// The plans of every mode on the host.
    pub fn plans(&self) -> &'a [Plan<'s>] {
        self.asked.plans
    }

    /// The generated file with its env files, for Compose.
    pub fn project(&self) -> Project {
        let plan = self.plan();
        let text = |path: &Path| path.display().to_string();
        Project {
            name: plan.project.to_owned(),
            folder: text(&self.folder),
            file: text(&self.folder.join(plan.file_name())),
            env_files: self.env_files.iter().map(|path| text(path)).collect(),
            profiles: plan.profiles().into_iter().map(str::to_owned).collect(),
        }
    }
}

/// Plans the mode and looks at its files and env files; then hands over.
pub fn with_order<T>(
    run: &Run,
    words: &Deploy,
    verb: &str,
    terminal: &mut Terminal,
    go_on: impl FnOnce(&Order, &mut Terminal) -> Result<T, Halt>,
) -> Result<T, Halt> {
    let host = run.host(words.host.host.as_deref())?;
    let modes = run.modes(std::slice::from_ref(&words.mode))?;
    let (Some(host), [mode]) = (host, modes.as_slice()) else {
        return Err(Halt::Exit(super::super::refuse(run, terminal)));
    };
    let plans = run.plans(host);
    let judged = run.judge(&plans);
    let exit = exit_of(&judged.findings);
    if is_told(run, &judged.findings, exit) {
        run.tell(&judged.findings, exit, false, terminal);
    }
    let checked = judged.outcomes.first().and_then(Option::as_ref);
    let of = |checked: &'_ Checked| checked.plans().iter().position(|plan| plan.mode == *mode);
    let found = checked.and_then(|checked| Some((checked, &checked.plans()[of(checked)?])));
    let Some((checked, plan)) = found else {
        if run.format == Format::Human {
            terminal.talk("nothing was deployed: the catalog has errors\n");
        }
        return Err(Halt::Exit(Exit::Findings));
    };
    let asked = Asked {
        plan,
        plans: checked.plans(),
        setting: run.setting(host),
    };
    terminal.talk(&format!(
        "{verb} {}: class {}, project {}, host {}\n",
        plan.mode,
        plan.class.as_str(),
        plan.project,
        plan.host
    ));
    current(run, words, &asked, checked, terminal)?;
    let switch = verb == super::SWITCH;
    let order = order(run, words, switch, &asked, terminal)?;
    go_on(&order, terminal)
}

/// Whether findings are told: a program gets one document, so warnings are left out of it where there is more to come.
fn is_told(run: &Run, findings: &[Finding], exit: Exit) -> bool {
    !findings.is_empty() && (run.format == Format::Human || exit != Exit::Fine)
}

fn step(terminal: &Terminal, name: &str, text: &str) {
    terminal.talk(&format!("  {name:<10} {text}\n"));
}

/// Whether the files are what the catalog gives; they are made so where that is wanted.
fn current(
    run: &Run,
    words: &Deploy,
    asked: &Asked,
    checked: &Checked,
    terminal: &Terminal,
) -> Result<(), Halt> {
    let set = files(checked, &[asked.plan.mode], &asked.setting);
    let compared = compare(run.tree, &set)?;
    let stale: Vec<&str> = compared
        .iter()
        .filter(|(_, state, _)| *state != State::Same)
        .map(|(path, _, _)| path.as_str())
        .collect();
    if stale.is_empty() {
        step(
            terminal,
            "current",
            &format!("{} as the catalog gives them", plural(set.len(), "file")),
        );
        return Ok(());
    }
    if words.build {
        build(run, words, &set, &stale)?;
        step(terminal, "current", &format!("built {}", stale.join(", ")));
        return Ok(());
    }
    let again = asked.setting.again(asked.plan.host);
    let verb = if stale.len() == 1 { "is" } else { "are" };
    terminal.failure(
        &format!("{} {verb} not what the catalog gives; nothing was changed", list_quoted(&stale)),
        Some(&format!("`composegen diff{again}` shows the difference; `composegen build{again}` or `--build` makes them current")),
    );
    Err(Halt::Exit(Exit::Findings))
}

/// Writes the files that are not current.
fn build(run: &Run, words: &Deploy, set: &FileSet, stale: &[&str]) -> Result<(), Halt> {
    if words.dry_run {
        return Err(Halt::Failure(Failure {
            message: format!(
                "{} would be written first, and `--dry-run` writes nothing",
                list_quoted(stale)
            ),
            help: Some("give one of `--build` and `--dry-run`".to_owned()),
        }));
    }
    write(&run.sources.root, set)?;
    Ok(())
}

/// What is to be deployed, once the env files are as they should be.
fn order<'a, 's>(
    run: &Run<'_, 's>,
    words: &'a Deploy,
    switch: bool,
    asked: &'a Asked<'a, 's>,
    terminal: &mut Terminal,
) -> Result<Order<'a, 's>, Halt> {
    let given = env_files(run, words, asked, terminal)?;
    let root = &run.sources.root;
    let root = root.canonicalize().unwrap_or_else(|_| root.clone());
    let generated = root.join(asked.setting.env_path(asked.plan));
    let real = |path: &Path| path.canonicalize().unwrap_or_else(|_| path.to_path_buf());
    let own = given.iter().map(|file| real(&file.path));
    let files: Vec<EnvFile> = given.iter().map(|file| read(file.source.bytes)).collect();
    Ok(Order {
        words,
        switch,
        asked,
        folder: root.join(asked.setting.folder(asked.plan.host)),
        env_files: std::iter::once(generated).chain(own).collect(),
        hidden: Hidden::new(values(&files)),
    })
}

/// The env files, looked at.
fn env_files<'s>(
    run: &Run<'_, 's>,
    words: &Deploy,
    asked: &Asked<'_, 's>,
    terminal: &mut Terminal,
) -> Result<Vec<Given<'s>>, Halt> {
    let check = EnvCheck {
        mode: words.mode.clone(),
        host: HostOnly {
            host: words.host.host.clone(),
        },
        env_files: words.env_files.clone(),
    };
    // What a shell has set does not count: the next deployment may come from another one.
    let examined = examine(run, &check, asked, &|_| None).map_err(super::session::unchanged)?;
    let sources = examined.sources.as_ref().unwrap_or(run.sources);
    let exit = exit_of(&examined.findings);
    if is_told(run, &examined.findings, exit) {
        run.tell_of(&examined.findings, sources, exit, false, terminal);
    }
    if exit != Exit::Fine {
        terminal.talk("nothing was changed\n");
        return Err(Halt::Exit(exit));
    }
    let shown: Vec<&str> = examined.given.iter().map(|it| it.shown.as_str()).collect();
    let text = format!("{} has what the mode needs", shown.join(" and "));
    step(terminal, "env", &text);
    Ok(examined.given)
}

/// The values of env files, none of which may be shown.
fn values(files: &[EnvFile]) -> Vec<String> {
    let files: Vec<&EnvFile> = files.iter().collect();
    let resolved = resolve(&files, &|_| None);
    let values = resolved.names().filter_map(|name| resolved.reveal(name));
    values.map(str::to_owned).collect()
}

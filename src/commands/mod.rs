//! The commands: each is the one pipeline, stopped at its own point. They decide what is said and the exit status;
//! the work is done in the rooms before.

pub mod budget;
pub mod build;
pub mod check;
pub mod completions;
pub mod deploy;
pub mod diff;
pub mod down;
pub mod drift;
pub mod env;
pub mod explain;
pub mod graph;
pub mod hook;
pub mod import;
pub mod init;
pub mod list;
pub mod man;
pub mod new;
pub mod ports;
pub mod releases;
pub mod rollback;
pub mod schema;
pub mod show;
pub mod status;
pub mod terminal;
mod tracked;
pub mod validate;

use std::path::Path;

use bumpalo::Bump;

use crate::catalog::Catalog;
use crate::catalog::choices::NotSet;
use crate::catalog::references::not_for;
use crate::cli::{Arguments, Command, Form, Format, Hook};
use crate::files::Tree;
use crate::finding::Finding;
use crate::git::{At, Repository};
use crate::outputs::Setting;
use crate::pipeline::{HostPlans, Judged, Loaded, hint_commas, load};
use crate::plan::Plan;
use crate::plan::surroundings::Surroundings;
use crate::report::base::Base;
use crate::report::{Style, github, human, json, list_quoted, markdown, sarif, without_secrets};
use crate::rule::{Level, Rule};
use crate::source::{Sources, Unreadable};
use crate::values::suggest::nearest;
use crate::values::trouble::Trouble;
use terminal::Terminal;

/// How a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// All is well.
    Fine,
    /// There are findings, or a file is not current.
    Findings,
    /// The work could not be done.
    Failed,
}

impl Exit {
    /// The status that the process ends with.
    pub fn code(self) -> u8 {
        match self {
            Exit::Fine => 0,
            Exit::Findings => 1,
            Exit::Failed => 2,
        }
    }
}

/// Why the work could not be done: a sentence, and the next step where there is one.
#[derive(Debug)]
pub struct Failure {
    /// The sentence.
    pub message: String,
    /// The next step.
    pub help: Option<String>,
}

impl From<Unreadable> for Failure {
    fn from(error: Unreadable) -> Self {
        Failure {
            message: error.message,
            help: error.help,
        }
    }
}

impl From<Trouble> for Failure {
    fn from(error: Trouble) -> Self {
        let Trouble { message, help } = error;
        Failure { message, help }
    }
}

/// What a command gives: an exit, or why there is none.
pub type Result = std::result::Result<Exit, Failure>;

/// Does what was typed.
pub fn run(arguments: &Arguments, terminal: &mut Terminal) -> Exit {
    let result = match no_such_form(arguments) {
        Some(failure) => Err(failure),
        None => command(arguments, terminal),
    };
    result.unwrap_or_else(|failure| {
        not_done(&failure, arguments, terminal);
        Exit::Failed
    })
}

/// Says why the work could not be done: to people, and as data in the format that was asked for, so that whoever waits
/// for a document gets one. Where a document has been written already, a second one would spoil it.
fn not_done(failure: &Failure, arguments: &Arguments, terminal: &mut Terminal) {
    let Failure { message, help } = failure;
    let help = help.as_deref();
    terminal.failure(message, help);
    let (form, command) = (arguments.common.format, &arguments.command);
    if terminal.has_written() || !command.forms().contains(&form) {
        return;
    }
    let what = format!("composegen {}", command.word());
    match form {
        Form::Human | Form::Mermaid | Form::Dot | Form::Svg => {}
        Form::Json => {
            let error = json::Error { message, help };
            terminal.json(&json::NotDone { error });
        }
        Form::Sarif => terminal.data(&sarif::failure(message, help, Exit::Failed.code())),
        Form::Github => terminal.data(&github::failure(&what, message, help)),
        Form::Markdown => terminal.data(&markdown::failure(&what, message, help)),
    }
}

/// A format that others know and this command does not.
fn no_such_form(arguments: &Arguments) -> Option<Failure> {
    let (form, command) = (arguments.common.format, &arguments.command);
    let forms = command.forms();
    (!forms.contains(&form)).then(|| Failure {
        message: format!(
            "`composegen {}` has no format `{}`",
            command.word(),
            form.word()
        ),
        help: Some(format!(
            "it writes {}",
            list_quoted(&forms.iter().map(|form| form.word()).collect::<Vec<_>>())
        )),
    })
}

fn command(arguments: &Arguments, terminal: &mut Terminal) -> Result {
    match &arguments.command {
        Command::Explain { rule } => explain::run(
            rule.as_deref(),
            arguments.common.format.audience(),
            terminal,
        ),
        Command::Schema { of } => {
            terminal.data(&schema::text(*of));
            Ok(Exit::Fine)
        }
        Command::Build(words) => with_catalog(arguments, words.staged, |run| {
            build::run(run, words, terminal)
        }),
        Command::Diff(words) => with_catalog(arguments, words.state.staged, |run| {
            diff::run(run, words, terminal)
        }),
        Command::Check(words) => with_catalog(arguments, words.state.staged, |run| {
            check::run(run, words, terminal)
        }),
        Command::Show(words) => on_disk(arguments, |run| show::run(run, words, terminal)),
        Command::Graph(words) => on_disk(arguments, |run| graph::run(run, words, terminal)),
        Command::Env(words) => on_disk(arguments, |run| env::run(run, words, terminal)),
        Command::List(words) => on_disk(arguments, |run| list::run(run, words, terminal)),
        Command::Budget(words) => on_disk(arguments, |run| budget::run(run, words, terminal)),
        Command::Validate(words) => validate::run(words, &arguments.common, terminal),
        Command::Init(words) => init::run(words, &arguments.common, terminal),
        Command::Import(words) => import::run(words, &arguments.common, terminal),
        Command::Completions { shell } => completions::run(*shell, terminal),
        Command::Man => man::run(terminal),
        Command::Ports(words) => on_disk(arguments, |run| ports::run(run, words, terminal)),
        Command::Deploy(words) => {
            on_disk(arguments, |run| deploy::run(run, words, false, terminal))
        }
        Command::Switch(words) => on_disk(arguments, |run| deploy::run(run, words, true, terminal)),
        Command::Down(words) => on_disk(arguments, |run| down::run(run, words, terminal)),
        Command::Status(words) => on_disk(arguments, |run| status::run(run, words, terminal)),
        Command::Rollback(words) => on_disk(arguments, |run| rollback::run(run, words, terminal)),
        Command::Releases(words) => on_disk(arguments, |run| releases::run(run, words, terminal)),
        Command::Hook(Hook::Install) => on_disk(arguments, |run| hook::install(run, terminal)),
        Command::Hook(Hook::Uninstall) => hook::uninstall(&arguments.common.catalog, terminal),
    }
}

/// What the commands on a catalog share.
pub struct Run<'r, 's> {
    /// The arena of the run.
    pub arena: &'s Bump,
    /// The sources.
    pub sources: &'r Sources<'s>,
    /// Where the sources were read: what was made from them is looked for there too.
    pub tree: &'r Tree,
    /// The catalog as far as it could be read.
    pub loaded: &'r Loaded<'s>,
    /// For whom the output is.
    pub format: Format,
    /// In which form findings are told.
    pub form: Form,
    /// What was typed for the command.
    pub command: &'static str,
    /// What was chosen on the command line: options with their choices.
    pub set: &'r [(String, String)],
}

/// Chooses what the command line says.
fn choose(catalog: &mut Catalog, set: &[(String, String)]) -> std::result::Result<(), Failure> {
    for (option, choice) in set {
        match catalog.set(option, choice) {
            Ok(()) => {}
            Err(NotSet::NoOption) => {
                return Err(unknown("option", option, catalog.options.keys().copied()));
            }
            Err(NotSet::NoChoice(choices)) => {
                let what = format!("choice of `{option}` called");
                return Err(unknown(&what, choice, choices.iter().copied()));
            }
        }
    }
    Ok(())
}

/// What most catalogs need, in bytes, taken at once. Small enough for the program's first large page.
const ROOM: usize = 500 << 10;

fn on_disk(arguments: &Arguments, command: impl FnOnce(&Run) -> Result) -> Result {
    with_catalog(arguments, false, command)
}

/// Reads the sources where they are to be judged.
fn read_sources<'s>(
    folder: &Path,
    staged: bool,
    arena: &'s Bump,
) -> std::result::Result<(Sources<'s>, Tree), Failure> {
    if !staged {
        let sources = Sources::read(folder, arena)?;
        let tree = Tree::Disk(sources.root.clone());
        return Ok((sources, tree));
    }
    let repository = Repository::of(folder)?;
    let tree = repository.tree(At::Index)?;
    let sources = Sources::of_git(folder, &repository, &tree, arena)?;
    Ok((sources, Tree::Git(tree)))
}

fn with_catalog(
    arguments: &Arguments,
    staged: bool,
    command: impl FnOnce(&Run) -> Result,
) -> Result {
    let arena = Bump::with_capacity(ROOM);
    let (sources, tree) = read_sources(&arguments.common.catalog, staged, &arena)?;
    let mut loaded = load(&sources, &arena);
    if loaded.parsed {
        choose(&mut loaded.catalog, &arguments.common.set)?;
    }
    let run = Run {
        arena: &arena,
        sources: &sources,
        tree: &tree,
        loaded: &loaded,
        format: arguments.common.format.audience(),
        form: arguments.common.format,
        command: arguments.command.word(),
        set: &arguments.common.set,
    };
    let result = command(&run);
    // The process ends here: what the operating system takes back at once need not be freed piece by piece.
    std::mem::forget(loaded);
    std::mem::forget(sources);
    std::mem::forget(arena);
    result
}

impl<'s> Run<'_, 's> {
    /// The catalog.
    pub fn catalog(&self) -> &Catalog<'s> {
        &self.loaded.catalog
    }

    /// The host that was asked for, or the default one; `None` where the catalog declares no host.
    pub fn host(&self, asked: Option<&str>) -> std::result::Result<Option<&'s str>, Failure> {
        let catalog = self.catalog();
        let host = match asked.map(|asked| (asked, catalog.hosts.get_key_value(asked))) {
            None => self.default_host(),
            Some((_, Some((host, _)))) => Some(*host),
            Some(_) if !self.loaded.parsed => None,
            Some((asked, None)) => {
                return Err(unknown("host", asked, catalog.hosts.keys().copied()));
            }
        };
        match host.and_then(|host| self.refused_choice(host)) {
            Some(refused) => Err(refused),
            None => Ok(host),
        }
    }

    /// What was chosen on the command line and is not for the host.
    fn refused_choice(&self, host: &str) -> Option<Failure> {
        let catalog = self.catalog();
        self.set.iter().find_map(|(option, choice)| {
            let words = catalog.choice(option, choice)?;
            let hosts = words.hosts.filter(|_| !words.is_for(host))?;
            let names: Vec<&str> = hosts.items.iter().map(|name| name.text).collect();
            Some(Failure {
                message: not_for(option, choice, words, host),
                help: Some(format!("it is for {}: `--host`", list_quoted(&names))),
            })
        })
    }

    /// The catalog's default host, or its first.
    pub fn default_host(&self) -> Option<&'s str> {
        let catalog = self.catalog();
        let named = catalog.default_host.map(|host| host.text);
        let known = named.filter(|host| catalog.hosts.contains_key(host));
        known.or_else(|| catalog.hosts.keys().next().copied())
    }

    /// The modes that were asked for, by their names; empty for all.
    pub fn modes(&self, asked: &[String]) -> std::result::Result<Vec<&'s str>, Failure> {
        let catalog = self.catalog();
        if !self.loaded.parsed {
            return Ok(Vec::new());
        }
        let find = |name: &String| match catalog.mode(name) {
            Some((mode, _)) => Ok(mode),
            None => Err(unknown("mode", name, catalog.mode_names())),
        };
        asked.iter().map(find).collect()
    }

    /// Where files of a host go, and what their banners say.
    pub fn setting(&self, host: &str) -> Setting<'_> {
        let around = self
            .arena
            .alloc(Surroundings::of(&self.loaded.catalog, host));
        Setting {
            project: self.catalog().project_name(),
            around,
            catalog: self.folder(),
            default_host: self.default_host() == Some(host),
            set: self.set,
        }
    }

    /// The name of the catalog's folder.
    fn folder(&self) -> &str {
        let name = self
            .sources
            .folder
            .file_name()
            .and_then(|name| name.to_str());
        name.unwrap_or("catalog")
    }

    /// Says what was found in the catalog: as data where `data`, else beside it. `exit` is how the run will end.
    pub fn tell(&self, findings: &[Finding], exit: Exit, data: bool, terminal: &mut Terminal) {
        self.tell_of(findings, self.sources, exit, data, terminal);
    }

    /// The same of other sources. What is for programs is always data.
    pub fn tell_of(
        &self,
        findings: &[Finding],
        sources: &Sources,
        exit: Exit,
        data: bool,
        terminal: &mut Terminal,
    ) {
        let said = Said {
            findings,
            sources,
            command: self.command,
            exit,
            not_shown: None,
        };
        said.tell(self.form, data, terminal);
    }
}

/// What a command found, and how it ends.
struct Said<'a> {
    findings: &'a [Finding],
    sources: &'a Sources<'a>,
    command: &'a str,
    exit: Exit,
    /// How much there is besides, where that is counted.
    not_shown: Option<json::NotShown>,
}

impl Said<'_> {
    /// Says it: as data where `data`, else beside it. What is for programs is always data.
    fn tell(&self, form: Form, data: bool, terminal: &mut Terminal) {
        let sources = self.sources;
        let findings = &without_secrets(self.findings, sources)[..];
        let text = match form {
            Form::Human | Form::Mermaid | Form::Dot | Form::Svg => {
                let text = human_text(findings, sources, terminal.style(data));
                return match data {
                    true => terminal.data(&text),
                    false => terminal.talk(&text),
                };
            }
            Form::Json => json::findings(findings, sources, self.not_shown),
            Form::Sarif => sarif::findings(findings, sources, &base(), self.exit.code()),
            Form::Github => {
                terminal.talk(&format!("{}\n", human::summary(findings)));
                github::findings(findings, sources, &base())
            }
            Form::Markdown => {
                let what = format!("composegen {}", self.command);
                markdown::findings(&what, findings, sources, markdown::MOST)
            }
        };
        terminal.data(&text);
    }
}

fn human_text(findings: &[Finding], sources: &Sources, style: Style) -> String {
    let mut text = Vec::new();
    // Writing into memory cannot fail.
    let _ = human::write(&mut text, findings, sources, style);
    String::from_utf8_lossy(&text).into_owned()
}

impl Run<'_, '_> {
    /// Findings as a page of at most about so many bytes.
    pub fn page(&self, findings: &[Finding], sources: &Sources, most: usize) -> String {
        markdown::findings(
            &format!("composegen {}", self.command),
            &without_secrets(findings, sources),
            sources,
            most,
        )
    }
}

/// Where annotations count paths from: the root of the repository around the current folder, else that folder.
fn base() -> Base {
    let folder = std::env::current_dir().unwrap_or_default();
    let root = crate::git::root_above(&folder).unwrap_or(&folder);
    Base::new(folder.clone(), root.to_path_buf())
}

/// How a run ends that has told these findings.
pub fn exit_of(findings: &[Finding]) -> Exit {
    match findings.iter().any(|finding| finding.level == Level::Error) {
        true => Exit::Findings,
        false => Exit::Fine,
    }
}

/// The most names that a help lists.
const MOST_LISTED: usize = 20;

/// A name that the catalog does not know.
pub fn unknown<'n>(
    what: &str,
    name: &str,
    known: impl Iterator<Item = &'n str> + Clone,
) -> Failure {
    let help = match nearest(name, known.clone()) {
        Some(near) => Some(format!("did you mean `{near}`?")),
        None => {
            let names: Vec<&str> = known.take(MOST_LISTED + 1).collect();
            (1..=MOST_LISTED)
                .contains(&names.len())
                .then(|| format!("there is {}", crate::report::list_quoted(&names)))
        }
    };
    let message = format!("there is no {what} {}", crate::values::shown::shown(name));
    Failure { message, help }
}

/// The host and the modes that were asked for; `None` where the catalog cannot be planned at all.
pub fn selection<'s>(
    run: &Run<'_, 's>,
    words: &crate::cli::Selection,
) -> std::result::Result<Option<(&'s str, Vec<&'s str>)>, Failure> {
    let host = run.host(words.host.as_deref())?;
    let modes = run.modes(&words.modes)?;
    Ok(host.filter(|_| run.loaded.parsed).map(|host| (host, modes)))
}

/// Whether a rule is about how much is asked for: what it finds makes no plan wrong, only too large.
pub fn is_about_amounts(rule: Rule) -> bool {
    matches!(
        rule,
        Rule::MemoryBudget
            | Rule::CpuBudget
            | Rule::ReservationBudget
            | Rule::ServiceOverHost
            | Rule::ReservationOverLimit
    )
}

/// Whether a finding is an error about something else than how much is asked for.
pub fn is_in_the_way(finding: &Finding) -> bool {
    finding.level == Level::Error && !is_about_amounts(finding.rule)
}

/// The plans of the modes that were asked for.
pub fn chosen<'p, 's>(
    plans: &'p [Plan<'s>],
    modes: &'p [&'s str],
) -> impl Iterator<Item = &'p Plan<'s>> {
    plans
        .iter()
        .filter(move |plan| modes.is_empty() || modes.contains(&plan.mode))
}

/// Says what was found where nothing can be planned.
pub fn refuse(run: &Run, terminal: &mut Terminal) -> Exit {
    let mut findings = run.loaded.findings.take();
    hint_commas(&mut findings, run.sources);
    run.tell(&findings, Exit::Findings, false, terminal);
    if !run.loaded.parsed && run.format == Format::Human {
        terminal.talk("nothing else was checked: mend these first\n");
    }
    Exit::Findings
}

impl<'s> Run<'_, 's> {
    /// The plans of every mode on a host, alone in a list.
    pub fn plans(&self, host: &str) -> Vec<HostPlans<'s>> {
        vec![self.loaded.plans(host, self.arena)]
    }

    /// Every host, the default host first; without the hosts for which a choice of the command line is not.
    pub fn hosts(&self) -> impl Iterator<Item = &'s str> {
        let default = self.default_host();
        let others = self.catalog().hosts.keys().copied();
        let others = others.filter(move |host| Some(*host) != default);
        let hosts = default.into_iter().chain(others);
        hosts.filter(|host| self.refused_choice(host).is_none())
    }

    /// The name of a mode that was typed, and the plans of its host; `None` where nothing can be planned. The rules are
    /// not asked: what runs can be looked at and stopped whatever the catalog says by now.
    pub fn mode_and_plans(
        &self,
        mode: &str,
        host: Option<&str>,
    ) -> std::result::Result<Option<(&'s str, HostPlans<'s>)>, Failure> {
        let host = self.host(host)?;
        let modes = self.modes(&[mode.to_owned()])?;
        let (Some(host), [mode]) = (host, modes.as_slice()) else {
            return Ok(None);
        };
        Ok(Some((*mode, self.loaded.plans(host, self.arena))))
    }

    /// The plans of every mode on every host, as `hosts` names them.
    pub fn plans_of_all_hosts(&self) -> Vec<HostPlans<'s>> {
        self.hosts()
            .map(|host| self.loaded.plans(host, self.arena))
            .collect()
    }

    /// Applies the rules.
    pub fn judge<'a>(&'a self, hosts: &'a [HostPlans<'s>]) -> Judged<'a, 's> {
        let mut judged = self.loaded.judge(hosts, self.tree, self.arena);
        hint_commas(&mut judged.findings, self.sources);
        judged
    }
}

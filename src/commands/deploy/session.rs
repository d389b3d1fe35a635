//! What every command on a running project needs: the engine, the project's state, and a way to say things.

use std::path::PathBuf;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use super::exchange::clear;
use crate::commands::terminal::Terminal;
use crate::commands::{Failure, Run};
use crate::deploy::facts::{Container, Engine};
use crate::deploy::hidden::Hidden;
use crate::deploy::journal::{Journal, Recovery, Step, Work};
use crate::deploy::moment;
use crate::deploy::release::{Release, VERSION};
use crate::docker::compose::Project;
use crate::docker::process::{self, Running};
use crate::docker::{Docker, Trouble, host};
use crate::plan::Plan;
use crate::state::lock::{self, Lock, NoLock};
use crate::state::{self, Store};
use crate::values::shown::shown;

/// How long is waited.
#[derive(Clone, Copy, Debug)]
pub struct Patience {
    /// For everything to come up.
    pub timeout: Duration,
    /// For it to stay up.
    pub settle: Duration,
}

/// A project on an engine.
pub struct Session<'t> {
    /// Docker.
    pub docker: Docker,
    /// The engine.
    pub engine: Engine,
    /// The project's state.
    pub store: Store,
    /// The mode.
    pub mode: String,
    /// The Compose project.
    pub project: String,
    /// The folder that holds the catalog's folder.
    pub folder: PathBuf,
    /// How long is waited.
    pub patience: Patience,
    /// Where things are said.
    pub terminal: &'t mut Terminal,
    /// Held until the end.
    locks: Vec<Lock>,
}

impl From<Trouble> for Failure {
    fn from(trouble: Trouble) -> Self {
        Failure {
            message: trouble.message,
            help: trouble.help,
        }
    }
}

impl From<state::Trouble> for Failure {
    fn from(trouble: state::Trouble) -> Self {
        Failure {
            message: trouble.message,
            help: trouble.help,
        }
    }
}

/// The moment, in seconds since 1970.
pub fn now() -> u64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |since| since.as_secs())
}

impl<'t> Session<'t> {
    /// The project of a plan on the engine that the environment names.
    ///
    /// # Errors
    /// Docker is not there, the engine does not answer, or there is no place for the state.
    pub fn open(
        run: &Run,
        plan: &Plan,
        hidden: Hidden,
        patience: Patience,
        terminal: &'t mut Terminal,
    ) -> Result<Self, Failure> {
        let docker = Docker { hidden };
        let engine = docker.engine()?;
        let home = state::store::home(&|name| std::env::var(name).ok())?;
        let root = &run.sources.root;
        let session = Session {
            store: Store::new(&home, &engine.id, plan.project),
            docker,
            engine,
            mode: plan.mode.to_owned(),
            project: plan.project.to_owned(),
            folder: root.canonicalize().unwrap_or_else(|_| root.clone()),
            patience,
            terminal,
            locks: Vec::new(),
        };
        session.heal();
        Ok(session)
    }

    /// Says what of the state could not be understood.
    fn heal(&self) {
        for told in self.store.heal() {
            self.step("state", &told);
        }
    }

    /// The project of a mode that was typed, whatever the rules say about its catalog.
    ///
    /// # Errors
    /// As `open`; and where there is no such mode.
    pub fn of_mode(
        run: &Run,
        plans: &[Plan],
        mode: &str,
        patience: Patience,
        terminal: &'t mut Terminal,
    ) -> Result<Self, Failure> {
        let Some(plan) = plans.iter().find(|plan| plan.mode == mode) else {
            let names = plans.iter().map(|plan| plan.mode);
            return Err(crate::commands::unknown("mode", mode, names));
        };
        let mut session = Session::open(run, plan, Hidden::default(), patience, terminal)?;
        session.folder = session
            .folder
            .join(run.setting(plan.host).folder(plan.host));
        Ok(session)
    }

    /// The same for another mode of the catalog.
    pub fn beside<'o>(&'o mut self, plan: &Plan) -> Session<'o> {
        let engine_folder = self.store.folder().parent();
        let home = engine_folder
            .and_then(|folder| folder.parent())
            .map(PathBuf::from)
            .unwrap_or_default();
        let session = Session {
            docker: self.docker.clone(),
            store: Store::new(&home, &self.engine.id, plan.project),
            engine: self.engine.clone(),
            mode: plan.mode.to_owned(),
            project: plan.project.to_owned(),
            folder: self.folder.clone(),
            patience: self.patience,
            terminal: self.terminal,
            locks: Vec::new(),
        };
        session.heal();
        session
    }

    /// A line of progress.
    pub fn step(&self, name: &str, text: &str) {
        self.terminal.talk(&format!("  {name:<10} {text}\n"));
    }

    /// Keeps others away until the end. `what` is said to them.
    ///
    /// # Errors
    /// Somebody else works on the project, or the state cannot be written.
    pub fn lock(&mut self, what: &str) -> Result<(), Failure> {
        let lock = self.free(&format!("{what} {}", self.mode))?;
        self.locks.push(lock);
        Ok(())
    }

    /// Keeps others away from another mode as well, for a command on this one.
    ///
    /// # Errors
    /// As `lock`.
    pub fn lock_beside(&mut self, plan: &Plan, what: &str) -> Result<(), Failure> {
        let words = format!("{what} {}", self.mode);
        let lock = self.beside(plan).free(&words)?;
        self.locks.push(lock);
        Ok(())
    }

    /// The lock, which nobody else may hold.
    fn free(&self, words: &str) -> Result<Lock, Failure> {
        self.store
            .prepare()
            .map_err(|trouble| unchanged(trouble.into()))?;
        match lock::take(self.store.folder(), &owner(words)) {
            Ok(lock) => Ok(lock),
            Err(NoLock::Held(who)) => Err(Failure {
                message: format!(
                    "{} is being worked on: {who}; nothing was changed",
                    shown(&self.project)
                ),
                help: Some("wait until it has ended".to_owned()),
            }),
            Err(NoLock::Trouble(trouble)) => Err(unchanged(trouble.into())),
        }
    }

    /// The containers of the project.
    ///
    /// # Errors
    /// The engine cannot be asked.
    pub fn containers(&self) -> Result<Vec<Container>, Trouble> {
        self.docker.containers(Some(&self.project))
    }

    /// A release's resolved file, for Compose.
    pub fn resolved(&self, number: u32) -> Project {
        Project::resolved(
            &self.project,
            &self.folder,
            &self.store.compose_file(number),
        )
    }

    /// The good release that runs, as far as is known.
    pub fn current(&self) -> Option<Release> {
        let number = self.store.current()?;
        let releases = self.store.releases().value;
        releases
            .into_iter()
            .find(|release| release.number == number && release.good)
    }

    /// What was interrupted, told, and as far done as it can be without touching a container that runs: what is left to
    /// do is given back.
    ///
    /// # Errors
    /// The state cannot be written.
    pub fn interrupted(&mut self, plans: &[Plan]) -> Result<Option<Journal>, Failure> {
        let Some(journal) = self.store.journal().value else {
            return Ok(None);
        };
        self.step("before", &journal.told(now()));
        self.end_child(&journal);
        match journal.recovery() {
            Recovery::Forget => {
                self.drop_pending(journal.release);
                self.step("before", "nothing had been touched; that is forgotten");
            }
            Recovery::Record(number) => {
                self.record(number)?;
                clear(plans, self, &journal.stopped);
                let text = format!("release {number} was up and good; that is written down now");
                self.step("before", &text);
            }
            Recovery::Restore(_) => return Ok(Some(journal)),
        }
        self.store.end_journal()?;
        Ok(None)
    }

    /// Docker of a run that died works on by itself: what only ends containers is waited for, the rest is ended.
    fn end_child(&self, journal: &Journal) {
        let lives = || journal.child.filter(|child| host::lives(*child));
        if lives().is_some() && journal.only_ends() {
            self.step("before", "what it had begun works on; that is waited for");
            wait_while(&|| lives().is_some(), Duration::from_secs(60));
        }
        if let Some(child) = lives() {
            process::ask(child.pid);
            wait_while(&|| lives().is_some(), Duration::from_secs(20));
        }
    }

    /// Waits for a call that changes containers. The journal names it meanwhile, so that the next run finds it where
    /// this one is killed.
    ///
    /// # Errors
    /// The engine refuses.
    pub fn noted(
        &self,
        journal: &mut Journal,
        what: &str,
        running: Running,
    ) -> Result<(), Trouble> {
        journal.child = host::process(running.pid());
        // Without this line the next run cannot find what this one left; the call itself does not suffer.
        let _ = self.store.write_journal(journal);
        let ended = running.wait_unless(|| false);
        journal.child = None;
        match ended {
            Some(ended) if !ended.success => Err(self.docker.trouble(what, &ended)),
            _ => Ok(()),
        }
    }

    /// Writes down that a release is good and runs.
    ///
    /// # Errors
    /// The state cannot be written.
    pub fn record(&self, number: u32) -> Result<(), Failure> {
        let releases = self.store.releases().value;
        let found = releases.into_iter().find(|it| it.number == number);
        if let Some(mut release) = found {
            release.good = true;
            self.store.update_release(&release)?;
        }
        self.store.set_current(Some(number))?;
        Ok(())
    }

    /// Says in the journal which step comes.
    ///
    /// # Errors
    /// The state cannot be written.
    pub fn enter(&self, journal: &mut Journal, step: Step) -> Result<(), Failure> {
        journal.step = step;
        journal.child = None;
        self.store.write_journal(journal)?;
        Ok(())
    }
}

fn wait_while(goes_on: &dyn Fn() -> bool, most: Duration) {
    let start = Instant::now();
    while goes_on() && start.elapsed() < most {
        std::thread::sleep(Duration::from_millis(100));
    }
}

/// Who works: what others are told who come meanwhile.
fn owner(words: &str) -> String {
    let user = std::env::var("USER").or_else(|_| std::env::var("LOGNAME"));
    let user = user.map_or_else(|_| String::new(), |user| format!(" of {user}"));
    format!(
        "`composegen {words}`{user}, process {}, since {}",
        std::process::id(),
        moment::written(now())
    )
}

/// A journal of something that begins now.
pub fn begun(work: Work, release: u32, previous: Option<u32>, step: Step) -> Journal {
    Journal {
        version: VERSION,
        work,
        release,
        previous,
        step,
        since: now(),
        child: None,
        stopped: Vec::new(),
    }
}

/// The failure with what is true then.
pub fn unchanged(failure: Failure) -> Failure {
    Failure {
        message: format!("{}; nothing was changed", failure.message),
        ..failure
    }
}

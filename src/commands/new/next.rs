//! What comes next, when a catalog is there.

use super::Site;
use crate::commands::terminal::Terminal;
use crate::git::root_above;
use crate::values::prose::plural;

/// A command or an errand, and what it is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    what: String,
    why: String,
}

/// The steps after a catalog was made.
pub struct Next<'a> {
    /// Where it is.
    pub site: &'a Site,
    /// How many errors the rules find in it.
    pub errors: usize,
    /// How many warnings.
    pub warnings: usize,
    /// Whether what is built from it is there already.
    pub built: bool,
    /// Which file is to be edited first, and why.
    pub edit: (&'a str, &'a str),
    /// Its modes, those of class test first.
    pub modes: &'a [String],
    /// The env files of the modes, where these are made.
    pub env: Option<&'a [OwnEnv]>,
    /// The Compose files that the catalog takes the place of.
    pub old: &'a [String],
}

/// The env file of a mode, made for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnEnv {
    /// The mode.
    pub mode: String,
    /// Its path, from the folder that holds the catalog.
    pub path: String,
    /// How many values are still to be filled in.
    pub open: usize,
}

/// Up to so many characters of a command leave room beside it.
const WIDEST: usize = 44;

impl Next<'_> {
    /// Says them: what each is for beside it, or below where that would make long lines.
    pub fn say(&self, terminal: &Terminal) {
        let steps = self.steps();
        let width = steps.iter().map(|step| step.what.chars().count()).max();
        let width = width.unwrap_or(0);
        terminal.talk("\nnext:\n");
        for Step { what, why } in steps {
            terminal.talk(&match width <= WIDEST {
                true => format!("  {what:width$}  {why}\n"),
                false => format!("  {what}\n      {why}\n"),
            });
        }
    }

    fn steps(&self) -> Vec<Step> {
        let (file, why) = self.edit;
        let edit = Step {
            what: format!("edit {}", self.site.shown_in_catalog(file)),
            why: why.to_owned(),
        };
        // What was not built yet is out of date to `check`; with errors nothing can be built.
        let builds_first = !self.built && self.errors == 0;
        let build = |why| self.command("build", why);
        let mut steps = Vec::new();
        if builds_first {
            steps.push(build("writes generated/: now and after every change"));
        }
        steps.extend(self.check());
        steps.push(edit);
        if !builds_first {
            steps.push(build("writes generated/: after every change"));
        }
        steps.extend(self.env_files());
        steps.push(self.hook());
        if let Some(mode) = self.modes.first() {
            steps.push(self.command(
                &format!("deploy {mode}"),
                "starts it, and goes back where it does not come up",
            ));
        }
        steps.extend(self.old_files());
        steps
    }

    /// Where there is something to be seen.
    fn check(&self) -> Option<Step> {
        let why = match (self.errors, self.warnings) {
            (0, 0) => return None,
            (0, count) => format!("tells {}", plural(count, "warning")),
            (1, _) => "tells the line of the one error that is to be mended first".to_owned(),
            (count, _) => {
                format!("tells the lines of the {count} errors that are to be mended first")
            }
        };
        Some(self.command("check", &why))
    }

    /// Where there is no env file yet, the mode that is started first gets one; where there is, what is open in it.
    fn env_files(&self) -> Vec<Step> {
        let open = |file: &&OwnEnv| file.open > 0;
        let check = |file: &OwnEnv| {
            let values = match file.open {
                1 => "the one value that is".to_owned(),
                count => format!("the {count} values that are"),
            };
            let path = self.site.shown(&file.path);
            self.command(
                &format!("env check {}", file.mode),
                &format!("names {values} to be filled in, in {path}"),
            )
        };
        match (self.env, self.modes.first()) {
            (None, Some(mode)) => vec![self.command(
                &format!("env init {mode}"),
                "makes the file for secrets and own choices, which stays out of git",
            )],
            (None, None) => Vec::new(),
            (Some(files), _) => files.iter().filter(open).map(check).collect(),
        }
    }

    /// Compose takes them as long as they are there, and not what is generated.
    fn old_files(&self) -> Option<Step> {
        let (what, whose) = match self.old {
            [] => return None,
            [file] => (format!("remove {file}"), "its"),
            _ => ("remove the old Compose files".to_owned(), "their"),
        };
        Some(Step {
            what,
            why: format!("once that runs: the catalog stands in {whose} place"),
        })
    }

    fn hook(&self) -> Step {
        let why = "has git check what is staged before each commit";
        let step = self.command("hook install", why);
        let real = self.site.real_root().unwrap_or_default();
        match root_above(&real) {
            Some(_) => step,
            None => Step {
                what: format!("git init, {}", step.what),
                ..step
            },
        }
    }

    fn command(&self, words: &str, why: &str) -> Step {
        Step {
            what: format!("composegen {words}{}", self.site.words()),
            why: why.to_owned(),
        }
    }
}

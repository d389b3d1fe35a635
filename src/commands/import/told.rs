//! What an import tells: first how much of what, then each thing, then what comes next.

use schemars::JsonSchema;
use serde::Serialize;

use super::{Read, env_file};
use crate::cli::Form;
use crate::commands::new::{Next, OwnEnv, Site, Verdict, say_written};
use crate::commands::terminal::Terminal;
use crate::commands::{Said, exit_of};
use crate::dotenv::{Entry, read};
use crate::files::Written;
use crate::finding::Finding;
use crate::import::{Import, Line, Note, Subject, lines};
use crate::report::json;
use crate::report::short::short;
use crate::rule::Weight;
use crate::secrets::is_placeholder;
use crate::values::prose::{list, plural};

/// What is told of an import that was written.
pub struct Told<'a> {
    /// Where the catalog is.
    pub site: &'a Site,
    /// The catalog.
    pub made: &'a Import,
    /// The files of which it was made.
    pub read: &'a Read<'a>,
    /// What the rules say of it.
    pub verdict: &'a Verdict,
    /// What was written.
    pub written: &'a [Written],
}

/// What `import` writes for programs.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Import")]
pub struct Report<'a> {
    /// The files that were written, from the current folder on; none where Compose refuses the Compose files.
    written: Vec<String>,
    /// The catalog; `null` where Compose refuses the Compose files.
    catalog: Option<Made<'a>>,
    /// What has to be told of the catalog, by subject.
    notes: Vec<Row<'a>>,
    /// What is wrong with the Compose files, as `validate` tells it.
    #[serde(flatten)]
    found: json::Document<'a>,
}

/// A catalog that was made.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Catalog")]
struct Made<'a> {
    /// The project's name.
    project: &'a str,
    /// How many services it has.
    services: usize,
    /// How many errors `check` finds in it.
    errors: usize,
    /// How many of these were not found in the Compose files.
    new_errors: usize,
    /// How many warnings `check` gives.
    warnings: usize,
}

/// Something that has to be told.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Note")]
struct Row<'a> {
    /// What it is about.
    subject: Word,
    /// The Compose file, from the current folder on; `null` where it is about no line.
    file: Option<&'a str>,
    /// Its line, from 1.
    line: Option<usize>,
    /// One sentence.
    message: String,
    /// What can be done about it; `null` where that is nothing.
    help: Option<&'a str>,
}

/// What a note is about.
#[derive(Clone, Copy, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(rename = "Subject")]
enum Word {
    /// It is wrong, or may well be.
    Wrong,
    /// The files do not say it, and a catalog has to.
    Guessed,
    /// The catalog says it otherwise.
    Changed,
    /// Composegen does not look into it.
    PassedThrough,
    /// A catalog cannot say it.
    NotCarried,
}

fn word(subject: Subject) -> Word {
    match subject {
        Subject::Wrong => Word::Wrong,
        Subject::Guessed => Word::Guessed,
        Subject::Changed => Word::Changed,
        Subject::Passed => Word::PassedThrough,
        Subject::Lost => Word::NotCarried,
    }
}

/// The heading of a subject, and how many of it are counted.
fn words(subject: Subject) -> (&'static str, &'static str) {
    match subject {
        Subject::Wrong => ("wrong beside that, or so it seems", "found wrong"),
        Subject::Guessed => ("guessed", "guessed"),
        Subject::Changed => ("said otherwise in the catalog", "said otherwise"),
        Subject::Passed => ("passed through as it is", "passed through"),
        Subject::Lost => (
            "not carried over, since a catalog cannot say it",
            "not carried over",
        ),
    }
}

/// Says why nothing was imported.
pub fn refused(read: &Read, form: Form, terminal: &mut Terminal) {
    if form == Form::Json {
        return terminal.json(&Report {
            written: Vec::new(),
            catalog: None,
            notes: Vec::new(),
            found: json::document(&read.found, &read.sources),
        });
    }
    let said = Said {
        findings: &read.found,
        sources: &read.sources,
        command: "import",
        exit: exit_of(&read.found),
        not_shown: None,
    };
    said.tell(form, true, terminal);
    let is_invalid = |finding: &&Finding| finding.weight == Some(Weight::Invalid);
    let invalid = read.found.iter().filter(is_invalid).count();
    terminal.talk(&refusal(invalid, read.found.len() - invalid));
}

/// Why nothing was written, and what comes next.
fn refusal(invalid: usize, others: usize) -> String {
    let what = match invalid {
        0 => "mend that",
        _ => "mend what is invalid",
    };
    let rest = match (invalid, others) {
        (0, _) | (_, 0) => "",
        (_, _) => "; the rest would not keep them from being imported",
    };
    format!(
        "nothing was written, since Docker Compose refuses these files: {what}, then try again{rest}\n"
    )
}

impl Told<'_> {
    /// Tells it.
    pub fn tell(&self, form: Form, terminal: &mut Terminal) {
        if form == Form::Json {
            return terminal.json(&self.report());
        }
        self.tell_people(terminal);
        self.say(terminal);
    }

    fn report(&self) -> Report<'_> {
        let Import {
            files: _,
            env: _,
            needed: _,
            project,
            services,
            notes,
        } = self.made;
        let path = |file: &Written| self.site.shown(&file.path);
        let mut written: Vec<String> = self.written.iter().map(path).collect();
        written.sort();
        Report {
            written,
            catalog: Some(Made {
                project,
                services: *services,
                errors: self.verdict.errors,
                new_errors: self.verdict.new_count,
                warnings: self.verdict.warnings,
            }),
            notes: notes.iter().map(|note| self.row(note)).collect(),
            found: json::document(&self.read.found, &self.read.sources),
        }
    }

    fn row(&self, note: &Note) -> Row<'_> {
        let file = self.read.sources.file(note.place);
        Row {
            subject: word(note.subject),
            file: file.map(|file| file.path.as_str()),
            line: file.map(|_| self.read.sources.line_column(note.place).0),
            message: note.text(),
            help: note.help(),
        }
    }

    /// How much of what there is, and each of it.
    pub fn tell_people(&self, terminal: &mut Terminal) {
        let style = terminal.style(true);
        let mut text = self.summary();
        let found: &[Finding] = &self.read.found;
        if !found.is_empty() || !self.read.rest.is_empty() {
            text.push_str(match found.is_empty() {
                true => "\nfound wrong in the files, as `composegen validate` finds it: nothing\n",
                false => "\nfound wrong in the files, as `composegen validate` finds it:\n",
            });
            text.push_str(&short(found, &self.read.sources, style));
            text.push_str(&self.read.rest);
        }
        if self.verdict.new_count > 0 {
            text.push_str("\nwrong in the catalog, and not found in the files:\n");
            text.push_str(&self.verdict.new);
        }
        for subject in Subject::ALL {
            let notes = self.notes(subject);
            if !notes.is_empty() {
                text.push_str(&format!("\n{}:\n", words(subject).0));
                lines(&notes)
                    .iter()
                    .for_each(|line| self.push(line, &mut text));
            }
        }
        terminal.data(&text);
    }

    fn notes(&self, subject: Subject) -> Vec<&Note> {
        let notes = self.made.notes.iter();
        notes.filter(|note| note.subject == subject).collect()
    }

    fn push(&self, line: &Line, text: &mut String) {
        let Line {
            place,
            text: message,
            help,
        } = line;
        let place = match self.read.sources.file(*place) {
            Some(_) => format!("{}: ", self.read.sources.file_line(*place)),
            None => String::new(),
        };
        text.push_str(&format!("  {place}{message}\n"));
        if let Some(help) = help {
            text.push_str(&format!("    help: {help}\n"));
        }
    }

    /// One line: what there is now, and how much of what is told below.
    fn summary(&self) -> String {
        let services = plural(self.made.services, "service");
        let wrong = self.notes(Subject::Wrong).len();
        let wrong = self.read.found.len() + self.verdict.new_count + wrong;
        let counted = |(count, what): (usize, &str)| (count > 0).then(|| format!("{count} {what}"));
        let count = |subject: Subject| match subject {
            Subject::Wrong => wrong,
            Subject::Guessed | Subject::Changed | Subject::Passed | Subject::Lost => {
                self.notes(subject).len()
            }
        };
        let counts = Subject::ALL
            .map(|subject| (count(subject), words(subject).1))
            .into_iter();
        let counts: Vec<String> = counts.filter_map(counted).collect();
        format!(
            "{services} of `{}` in the catalog: {}\n",
            self.made.project,
            list(&counts)
        )
    }

    fn say(&self, terminal: &Terminal) {
        say_written(self.site, self.written, terminal);
        let next = Next {
            site: self.site,
            errors: self.verdict.errors,
            warnings: self.verdict.warnings,
            built: false,
            edit: ("catalog.yaml", EDIT),
            modes: &self.verdict.modes,
            env: Some(&env_files(self.made, &self.verdict.modes)),
            old: &self.read.old_files(),
        };
        next.say(terminal);
    }
}

/// What is to be done first with the catalog.
pub const EDIT: &str = "put what is true in the place of what was guessed";

/// The env files with their modes.
pub fn env_files(made: &Import, modes: &[String]) -> Vec<OwnEnv> {
    let of = |mode: &String| {
        let path = env_file(mode);
        let (_, text) = made.env.iter().find(|(other, _)| *other == path)?;
        Some(OwnEnv {
            mode: mode.clone(),
            open: open_values(text),
            path,
        })
    };
    modes.iter().filter_map(of).collect()
}

/// How many values of an env file nobody knows yet.
fn open_values(text: &str) -> usize {
    let file = read(text.as_bytes());
    let is_open = |entry: &&Entry| entry.made_up || is_placeholder(entry.value.reveal());
    file.entries.iter().filter(is_open).count()
}

//! `composegen import`: a catalog from Compose files that somebody else wrote.

use std::fs;
use std::path::{Path, PathBuf};

use bumpalo::Bump;
use serde::Serialize;

use super::validate::{Wanted, asked, plain};
use super::{Exit, Failure, Result, Said, exit_of, terminal::Terminal};
use crate::cli::{Form, Import as Words, Validate};
use crate::files::{read_own, write, write_folder, write_own};
use crate::finding::Finding;
use crate::import::{Asked as ToImport, Import, Note, Subject, import};
use crate::outputs::FileSet;
use crate::project::{load_as_written, way};
use crate::report::json;
use crate::rule::Weight;
use crate::source::Sources;
use crate::source::project::ProjectFiles;
use crate::values::prose::plural;

/// Imports.
pub fn run(words: &Words, form: Form, terminal: &mut Terminal) -> Result {
    let arena = Bump::new();
    let files = ProjectFiles::new(&arena);
    let target = target(words)?;
    let to_judge = Validate {
        files: words.files.clone(),
        env_files: words.env_files.clone(),
        mode: None,
        host: None,
        policy: false,
    };
    let wanted = asked(&to_judge, &files).map_err(as_import)?;
    let found = plain(&to_judge, &wanted, &files, &arena)?;
    let is_refused = found.iter().any(|one| one.weight == Some(Weight::Invalid));
    let way = way_to(&words.into, &wanted.folder)?;
    let made = match is_refused {
        true => None,
        false => made(&wanted, &files, &way, &arena),
    };
    let sources = files.into_sources(Path::new(&wanted.folder));
    let written = match &made {
        Some(made) => deed(words, &target, made)?,
        None => Vec::new(),
    };
    let told = Told {
        made: made.as_ref(),
        written: &written,
        found: &found,
        sources: &sources,
        words,
    };
    told.tell(form, terminal);
    Ok(match made {
        Some(_) => Exit::Fine,
        None => Exit::Findings,
    })
}

/// The folder of the catalog, which is not there yet.
fn target(words: &Words) -> std::result::Result<PathBuf, Failure> {
    let target = match words.into.as_os_str() == "." {
        true => PathBuf::from("catalog"),
        false => words.into.join("catalog"),
    };
    match fs::symlink_metadata(&target) {
        Err(_) => Ok(target),
        Ok(_) => Err(Failure {
            message: format!(
                "`{}` is there already; nothing was written",
                target.display()
            ),
            help: Some("`--into DIR` makes the catalog in another folder".to_owned()),
        }),
    }
}

/// The same failure, where the next step is to name a file.
fn as_import(failure: Failure) -> Failure {
    let renamed = |help: String| help.replace("composegen validate", "composegen import");
    Failure {
        help: failure.help.map(renamed),
        ..failure
    }
}

fn made<'s>(
    wanted: &Wanted,
    files: &ProjectFiles<'s>,
    way: &str,
    arena: &'s Bump,
) -> Option<Import> {
    let written = load_as_written(wanted.project(), files, arena)?;
    let asked = ToImport {
        written: &written,
        texts: files.texts(),
        way,
        project: &project_name(&wanted.folder),
    };
    Some(import(&asked, arena))
}

/// The name that Compose gives a project by its folder.
fn project_name(folder: &str) -> String {
    let folder = Path::new(folder).canonicalize().unwrap_or_default();
    let name = folder
        .file_name()
        .and_then(|name| name.to_str())
        .unwrap_or_default();
    let name = name.to_lowercase();
    let is_kept = |c: &char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '_' | '-');
    let name: String = name.chars().filter(is_kept).collect();
    match name.trim_start_matches(['_', '-']) {
        "" => "project".to_owned(),
        name => name.to_owned(),
    }
}

/// The way from the folder that gets the catalog to the project's.
fn way_to(into: &Path, folder: &str) -> std::result::Result<String, Failure> {
    let (from, to) = (real(into)?, real(Path::new(folder))?);
    Ok(way(&from, &to).unwrap_or(to))
}

fn real(path: &Path) -> std::result::Result<String, Failure> {
    let real = path.canonicalize().map_err(|error| Failure {
        message: format!(
            "`{}` cannot be used as a folder: {}",
            path.display(),
            crate::files::why(&error)
        ),
        help: None,
    })?;
    Ok(real.display().to_string())
}

/// Writes what was made: env file and `.gitignore` first, so that no catalog is there without them.
fn deed(words: &Words, target: &Path, made: &Import) -> std::result::Result<Vec<String>, Failure> {
    let mut written = Vec::new();
    if let Some((name, text)) = &made.env {
        if read_own(&words.into, name)?.is_some() {
            return Err(Failure {
                message: format!("`{name}` is there already; nothing was written"),
                help: Some(
                    "move it away, or make the catalog in another folder with `--into DIR`"
                        .to_owned(),
                ),
            });
        }
        written.extend(ignored(&words.into, name)?);
        write_own(&words.into, name, None, text.as_bytes())?;
        written.push(shown(&words.into, name));
    }
    write_folder(target, &made.files)?;
    let names = made
        .files
        .iter()
        .map(|(name, _)| target.join(name).display().to_string());
    Ok(names.chain(written).collect())
}

fn shown(into: &Path, name: &str) -> String {
    match into.as_os_str() == "." {
        true => name.to_owned(),
        false => into.join(name).display().to_string(),
    }
}

/// Keeps the env file out of git.
fn ignored(into: &Path, name: &str) -> std::result::Result<Option<String>, Failure> {
    const FILE: &str = ".gitignore";
    let old = read_own(into, FILE)?.unwrap_or_default();
    let mut text = String::from_utf8_lossy(&old).into_owned();
    let covers = |line: &str| {
        let line = line.trim().trim_start_matches('/');
        line == name || matches!(line, ".env*" | ".env.*" | "*.env*")
    };
    if text.lines().any(covers) {
        return Ok(None);
    }
    if !text.is_empty() && !text.ends_with('\n') {
        text.push('\n');
    }
    text.push_str(&format!("/{name}\n"));
    let mut set = FileSet::new();
    set.insert(FILE, text.into_bytes());
    write(into, &set)?;
    Ok(Some(shown(into, FILE)))
}

/// What is told.
struct Told<'a> {
    made: Option<&'a Import>,
    written: &'a [String],
    found: &'a [Finding],
    sources: &'a Sources<'a>,
    words: &'a Words,
}

/// A note, for programs.
#[derive(Serialize)]
struct Row<'a> {
    subject: &'static str,
    file: Option<&'a str>,
    line: Option<usize>,
    message: &'a str,
}

/// The whole, for programs.
#[derive(Serialize)]
struct Report<'a> {
    written: &'a [String],
    notes: Vec<Row<'a>>,
    #[serde(flatten)]
    found: json::Document<'a>,
}

impl Told<'_> {
    fn tell(&self, form: Form, terminal: &mut Terminal) {
        if form == Form::Json {
            return terminal.json(&Report {
                written: self.written,
                notes: self.notes().iter().map(|note| self.row(note)).collect(),
                found: json::document(self.found, self.sources),
            });
        }
        if !self.found.is_empty() || self.made.is_none() {
            let said = Said {
                findings: self.found,
                sources: self.sources,
                command: "import",
                exit: exit_of(self.found),
            };
            said.tell(form, true, terminal);
        }
        let Some(made) = self.made else {
            return terminal.talk("nothing was written: mend these first\n");
        };
        let text = self.text();
        if !self.found.is_empty() && !text.is_empty() {
            terminal.data("\n");
        }
        terminal.data(&text);
        self.say(made, terminal);
    }

    fn notes(&self) -> &[Note] {
        self.made.map_or(&[], |made| &made.notes)
    }

    fn row<'n>(&'n self, note: &'n Note) -> Row<'n> {
        let file = self.sources.file(note.place);
        Row {
            subject: word(note.subject),
            file: file.map(|file| file.path.as_str()),
            line: file.map(|_| self.sources.line_column(note.place).0),
            message: &note.text,
        }
    }

    /// The notes for people, by subject.
    fn text(&self) -> String {
        let mut out = String::new();
        for subject in Subject::ALL {
            let mut notes = self
                .notes()
                .iter()
                .filter(|note| note.subject == subject)
                .peekable();
            if notes.peek().is_none() {
                continue;
            }
            out.push_str(if out.is_empty() { "" } else { "\n" });
            out.push_str(title(subject));
            out.push_str(":\n");
            for note in notes {
                let row = self.row(note);
                let place = match (row.file, row.line) {
                    (Some(file), Some(line)) => format!("{file}:{line}: "),
                    _ => String::new(),
                };
                out.push_str(&format!("  {place}{}\n", note.text));
            }
        }
        out
    }

    fn say(&self, made: &Import, terminal: &Terminal) {
        for path in self.written {
            terminal.talk(&format!("wrote {path}\n"));
        }
        let into = match self.words.into.as_os_str() == "." {
            true => String::new(),
            false => format!(" --catalog {}", self.words.into.join("catalog").display()),
        };
        terminal.talk(&format!(
            "{} of `{}` are in the catalog now; next: composegen build{into}\n",
            plural(made.services, "service"),
            made.project
        ));
    }
}

fn word(subject: Subject) -> &'static str {
    match subject {
        Subject::Lost => "not carried",
        Subject::Changed => "changed",
        Subject::Guessed => "guessed",
        Subject::Passed => "passed through",
    }
}

fn title(subject: Subject) -> &'static str {
    match subject {
        Subject::Lost => "what a catalog cannot say",
        Subject::Changed => "what the catalog says otherwise",
        Subject::Guessed => "what was guessed",
        Subject::Passed => "what goes through as it is",
    }
}

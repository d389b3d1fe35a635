//! `composegen import`: a catalog from Compose files that somebody else wrote.

use std::fs;
use std::path::{Path, PathBuf};

use bumpalo::Bump;
use serde::Serialize;

use super::validate::{Wanted, asked, plain};
use super::{Exit, Failure, Result, Said, exit_of, terminal::Terminal};
use crate::cli::{Form, Import as Words, Validate};
use crate::files::{Tree, read_own, write, write_folder, write_own};
use crate::finding::{Finding, merged};
use crate::import::{Asked as ToImport, Import, Mode, Note, Subject, import};
use crate::outputs::FileSet;
use crate::project::{Written, load_as_written, way};
use crate::report::json;
use crate::rule::{Level, Weight};
use crate::source::Sources;
use crate::source::project::ProjectFiles;
use crate::values::mode_class::ModeClass;
use crate::values::name::ProjectName;
use crate::values::prose::plural;

/// Imports.
pub fn run(words: &Words, form: Form, terminal: &mut Terminal) -> Result {
    let arena = Bump::new();
    let files = ProjectFiles::new(&arena);
    let target = target(words)?;
    let wanted = wanted(words, &files)?;
    let mut found = Vec::new();
    for (_, judging, wanted) in &wanted {
        found.extend(plain(judging, wanted, &files, &arena)?);
    }
    let found = merged(found);
    let is_refused = found.iter().any(|one| one.weight == Some(Weight::Invalid));
    let folder = wanted
        .first()
        .map_or(".", |(_, _, wanted)| wanted.folder.as_str());
    let way = way_to(&words.into, folder)?;
    let made = match is_refused {
        true => None,
        false => made(&wanted, folder, &files, &way, &arena),
    };
    let sources = files.into_sources(Path::new(folder));
    let written = match &made {
        Some(made) => deed(words, &target, made)?,
        None => Vec::new(),
    };
    let errors = made.as_ref().map_or(0, |made| errors(made, &words.into));
    let told = Told {
        errors,
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

/// A mode, how its files are judged, and which they are.
type OfMode = (Mode, Validate, Wanted);

/// The files of every mode; of production alone where none is named.
fn wanted(words: &Words, files: &ProjectFiles) -> std::result::Result<Vec<OfMode>, Failure> {
    let mut names: Vec<&str> = words.modes.iter().map(|(name, _)| name.as_str()).collect();
    names.sort_unstable();
    names.dedup();
    // What production has is what the catalog says where nothing else is said.
    let mut modes: Vec<Mode> = names.iter().map(|name| Mode::named(name)).collect();
    modes.sort_by_key(|mode| mode.class == ModeClass::Production);
    if modes.is_empty() {
        modes.push(Mode::production());
    }
    let of_mode = |mode: Mode| {
        let own = words.modes.iter().filter(|(name, _)| *name == mode.name);
        let own = own.map(|(_, file)| file.clone());
        let judging = Validate {
            files: words.files.iter().cloned().chain(own).collect(),
            env_files: words.env_files.clone(),
            mode: None,
            host: None,
            policy: false,
        };
        let wanted = asked(&judging, files).map_err(as_import)?;
        Ok((mode, judging, wanted))
    };
    modes.into_iter().map(of_mode).collect()
}

fn made<'s>(
    wanted: &[OfMode],
    folder: &str,
    files: &ProjectFiles<'s>,
    way: &str,
    arena: &'s Bump,
) -> Option<Import> {
    let written = |(mode, _, wanted): &OfMode| {
        let written = load_as_written(wanted.project(), files, arena)?;
        Some((mode.clone(), written))
    };
    let written: Vec<(Mode, Written)> = wanted.iter().map(written).collect::<Option<_>>()?;
    let asked = ToImport {
        modes: written
            .iter()
            .map(|(mode, written)| (mode.clone(), written))
            .collect(),
        texts: files.texts(),
        way,
        project: &project_name(folder),
    };
    Some(import(&asked, arena))
}

/// How many errors the rules find in the catalog: mistakes of the files, which it has taken over.
fn errors(made: &Import, into: &Path) -> usize {
    let arena = Bump::new();
    let texts = made.files.iter();
    let texts: Vec<(&str, &str)> = texts
        .map(|(name, text)| (name.as_str(), text.as_str()))
        .collect();
    let sources = Sources::of_texts(&texts, &arena);
    let loaded = crate::pipeline::load(&sources, &arena);
    let Some(host) = loaded.catalog.hosts.keys().next() else {
        return loaded.findings.errors();
    };
    let hosts = [loaded.plans(host, &arena)];
    let judged = loaded.judge(&hosts, &Tree::Disk(into.to_path_buf()), &arena);
    let errors = judged
        .findings
        .iter()
        .filter(|one| one.level == Level::Error);
    errors.count()
}

/// The name that Compose gives a project by its folder.
fn project_name(folder: &str) -> String {
    let folder = Path::new(folder).canonicalize().unwrap_or_default();
    let name = folder
        .file_name()
        .and_then(|name| name.to_str())
        .unwrap_or_default();
    ProjectName::normalized(name)
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

/// Writes what was made: env file and `.gitignore` first, so that no catalog is there without them. Where one of them
/// cannot be written, all is as it was before.
fn deed(words: &Words, target: &Path, made: &Import) -> std::result::Result<Vec<String>, Failure> {
    for (name, _) in &made.env {
        if read_own(&words.into, name)?.is_some() {
            return Err(Failure {
                message: format!("`{name}` is there already; nothing was written"),
                help: Some(
                    "move it away, or make the catalog in another folder with `--into DIR`"
                        .to_owned(),
                ),
            });
        }
    }
    let before = read_own(&words.into, IGNORE)?;
    let mut env = Vec::new();
    let written = carry_out(words, target, made, &mut env);
    if written.is_err() {
        undo(&words.into, before, &env);
    }
    written
}

/// Writes all of it; the env files that are new are told on the way.
fn carry_out(
    words: &Words,
    target: &Path,
    made: &Import,
    env: &mut Vec<String>,
) -> std::result::Result<Vec<String>, Failure> {
    let names: Vec<&str> = made.env.iter().map(|(name, _)| name.as_str()).collect();
    let mut written: Vec<String> = ignored(&words.into, &names)?.into_iter().collect();
    for (name, text) in &made.env {
        write_own(&words.into, name, None, text.as_bytes())?;
        env.push(name.clone());
        written.push(shown(&words.into, name));
    }
    write_folder(target, &made.files)?;
    let names = made
        .files
        .iter()
        .map(|(name, _)| target.join(name).display().to_string());
    Ok(names.chain(written).collect())
}

/// Takes the env files away again, and gives `.gitignore` its old text. What the file system refuses now stays: the first
/// refusal is told.
fn undo(into: &Path, before: Option<Vec<u8>>, env: &[String]) {
    for name in env {
        let _ = fs::remove_file(into.join(name));
    }
    match before {
        None => {
            let _ = fs::remove_file(into.join(IGNORE));
        }
        Some(text) => {
            let mut set = FileSet::new();
            set.insert(IGNORE, text);
            let _ = write(into, &set);
        }
    }
}

/// The file that says what stays out of git.
const IGNORE: &str = ".gitignore";

fn shown(into: &Path, name: &str) -> String {
    match into.as_os_str() == "." {
        true => name.to_owned(),
        false => into.join(name).display().to_string(),
    }
}

/// Keeps env files out of git.
fn ignored(into: &Path, names: &[&str]) -> std::result::Result<Option<String>, Failure> {
    let old = read_own(into, IGNORE)?.unwrap_or_default();
    let old = String::from_utf8_lossy(&old).into_owned();
    let covers = |name: &str, line: &str| {
        let line = line.trim().trim_start_matches('/');
        line == name || matches!(line, ".env*" | ".env.*" | "*.env*")
    };
    let is_open = |name: &&&str| !old.lines().any(|line| covers(name, line));
    let lines: String = names
        .iter()
        .filter(is_open)
        .map(|name| format!("/{name}\n"))
        .collect();
    if lines.is_empty() {
        return Ok(None);
    }
    let end = if old.is_empty() || old.ends_with('\n') {
        ""
    } else {
        "\n"
    };
    let mut set = FileSet::new();
    set.insert(IGNORE, format!("{old}{end}{lines}").into_bytes());
    write(into, &set)?;
    Ok(Some(shown(into, IGNORE)))
}

/// What is told.
struct Told<'a> {
    /// How many errors of the files the catalog has taken over.
    errors: usize,
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
        let services = plural(made.services, "service");
        let said = format!("{services} of `{}` in the catalog", made.project);
        terminal.talk(&match self.errors {
            0 => format!("{said}; next: composegen build{into}\n"),
            errors => format!(
                "{said}, with {} of the files: composegen check{into} tells {}, build follows then\n",
                plural(errors, "error"),
                if errors == 1 { "it" } else { "them" },
            ),
        });
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
